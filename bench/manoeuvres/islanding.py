"""Islands at a tuned load: power through the PV source, load in closed loop, opening, run-on time."""

from __future__ import annotations

from math import isclose

from bench.evidence.islanding_map import map_plot, map_text
from bench.grid_code.profile import Requirement
from bench.manoeuvres.grid_loss import stop_island
from bench.metering import find_island_start, phase_powers
from bench.metering.clearing import measure_from
from bench.plots.trips import clearing_plot
from bench.programs.islanding import (
    BALANCED,
    Island,
    Offset,
    corrected,
    first_load,
    next_offsets,
    off_balance,
    wanted_surplus_va,
)
from bench.programs.stimulus import PRE_TRIGGER_S
from bench.trials.trial import FETCH_SLACK_S, Trial
from instruments.clock import Deadline, wait_until
from instruments.errors import ConfigurationError, NotSettled
from instruments.interfaces import ALL_CHANNELS, GRID_CHANNELS, INVERTER_CHANNELS, Recording
from instruments.load_and_sun import IslandingLoad, ParallelRlc, PvSource

OPENING_S = 0.5
STEADY_PERIOD_S = 10.0
STEADY_PU = 0.005
POWER_ROUNDS = 5
TUNING_ROUNDS = 8
CAPTURE_TAIL_S = 0.02
VOLTAGE_CHANNELS = INVERTER_CHANNELS[:3]
CURRENT_CHANNELS = INVERTER_CHANNELS[3:]


def make_islands(trial: Trial, requirement: Requirement) -> list[Island]:
    """Make every island of a condition's matrix, and put the map of the run-on times on record.

    Raises:
        NotSettled: power, load or bus did not get where they must be.
    """
    load, plan = _instruments(trial)[0], trial.station.file.islanding_plan
    trial.evidence.note(
        f'{requirement.id}: plan "{plan}" of the matrix (station file, [islanding])'
    )
    _reach_power(trial, requirement)
    balanced = _balance(trial, load, requirement)
    done: dict[Offset, Island] = {}
    while offsets := next_offsets(requirement, plan, done):
        for offset in offsets:
            done[offset] = _island(trial, load, balanced, offset, requirement)
    islands = list(done.values())
    file = trial.evidence.table(map_text(islands, trial.phases))
    trial.evidence.plotted(file, map_plot(requirement))
    return islands


def fixed_load(trial: Trial, active_share: float, quality_factor: float) -> None:
    """Connect a load for a share of rated power that is not tuned; without a tunable load do nothing."""
    load, method = trial.station.islanding_load, trial.method
    if load is None:
        return
    per_phase_va = complex(active_share * trial.rated_power_w / trial.phases)
    wanted = first_load(
        [per_phase_va] * trial.phases,
        quality_factor,
        method.nominal_voltage_v,
        method.nominal_frequency_hz,
    )
    achieved = load.set_load(wanted)
    load.switch(True)
    trial.evidence.note(f"islanding load: {load_text(achieved, trial.phases)}")


def load_text(load: ParallelRlc, phases: int) -> str:
    """Return R, L, C and quality factor of each phase in words."""
    texts = []
    for phase in range(phases):
        ohm, henry = 1 / load.conductance_s(phase), 1 / load.inverse_inductance_per_h(phase)
        texts.append(
            f"L{phase + 1} {ohm:.3f} Ω, {1e3 * henry:.3f} mH, {1e6 * load.capacitance_f(phase):.2f} µF, "
            f"Qf {load.quality_factor(phase):.3f}"
        )
    return "; ".join(texts)


def _instruments(trial: Trial) -> tuple[IslandingLoad, PvSource]:
    load, pv_source = trial.station.islanding_load, trial.station.pv_source
    if load is None or pv_source is None:
        raise ConfigurationError(
            f"{trial.station.file.file}: an islanding test takes the tables [islanding_load] and [pv_source]"
        )
    return load, pv_source


def _reach_power(trial: Trial, requirement: Requirement) -> None:
    """Set the irradiance so that the inverter gives the power of the condition, and no more is there."""
    pv_source, rated_w = _instruments(trial)[1], trial.rated_power_w
    low_pu, high_pu = (requirement.number(f"power_{end}") / 100 for end in ("min", "max"))
    aim_pu = min(1.0, (low_pu + high_pu) / 2)
    irradiance = aim_pu
    trial.energise(irradiance)
    for _ in range(POWER_ROUNDS):
        power_pu = _steady_power_w(trial) / rated_w
        if low_pu <= power_pu <= high_pu:
            trial.evidence.note(
                f"irradiance {100 * irradiance:.2f} % of full sun: the inverter gives "
                f"{100 * power_pu:.2f} % of its rated power"
            )
            return
        irradiance = min(1.0, irradiance * aim_pu / power_pu)
        pv_source.set_irradiance(irradiance)
    raise NotSettled(
        f"{requirement.id}: after {POWER_ROUNDS} corrections of the irradiance the inverter gives "
        f"{100 * power_pu:.1f} % of its rated power; expected {100 * low_pu:g} … {100 * high_pu:g} %"
    )


def _steady_power_w(trial: Trial) -> float:
    """Return the inverter's power once it generates and no longer changes.

    Raises:
        NotSettled: it does not come to rest in time.
    """
    analyser, method = trial.station.analyser, trial.method
    seen = [0.0]

    def is_steady() -> bool:
        seen.append(analyser.read().active_power_w)
        generates = seen[-1] > trial.power_floor_w
        return generates and abs(seen[-1] - seen[-2]) < STEADY_PU * trial.rated_power_w

    deadline = Deadline.after(trial.station.clock, method.settle_timeout_s)
    if not wait_until(is_steady, deadline, STEADY_PERIOD_S):
        raise NotSettled(
            f"after {method.settle_timeout_s:g} s the inverter delivers {seen[-1]:.0f} W, "
            f"{STEADY_PERIOD_S:g} s before {seen[-2]:.0f} W; expected a steady power above "
            f"{trial.power_floor_w:.0f} W. The inverter says: {trial.station.inverter.status()}"
        )
    return seen[-1]


def _balance(trial: Trial, load: IslandingLoad, requirement: Requirement) -> ParallelRlc:
    """Return the load at which no more than the permitted residual flows through the contactor.

    Raises:
        NotSettled: the residual or the quality factor does not get there.
    """
    method, quality_factor = trial.method, requirement.number("quality_factor")
    given_va = _powers_va(trial, _capture(trial), CURRENT_CHANNELS)
    wanted = first_load(
        given_va, quality_factor, method.nominal_voltage_v, method.nominal_frequency_hz
    )
    achieved = _tuned(trial, load, wanted, [0j] * trial.phases, requirement)
    tolerance = requirement.number("quality_factor_tolerance")
    for phase in range(trial.phases):
        found = achieved.quality_factor(phase)
        if not isclose(found, quality_factor, abs_tol=tolerance):
            raise NotSettled(
                f"{requirement.id}: quality factor of phase {phase + 1} is {found:.3f} at balance; "
                f"expected {quality_factor:g} ± {tolerance:g}. The inverter gives "
                f"{given_va[phase].real:.0f} W and {given_va[phase].imag:.0f} var there"
            )
    trial.evidence.note(f"balanced load: {load_text(achieved, trial.phases)}")
    return achieved


def _tuned(
    trial: Trial,
    load: IslandingLoad,
    wanted: ParallelRlc,
    aim_va: list[complex],
    requirement: Requirement,
) -> ParallelRlc:
    """Correct a load until what flows through the contactor is what is aimed at; return what is in force."""
    most_pct = requirement.number("residual_max")
    for _ in range(TUNING_ROUNDS):
        achieved = load.set_load(wanted)
        if not load.is_connected():
            load.switch(True)
        flow_va = _powers_va(trial, _capture(trial), GRID_CHANNELS)
        surplus_va = [flow - aim for flow, aim in zip(flow_va, aim_va, strict=True)]
        residual_pct = _as_current_pct(trial, surplus_va)
        if residual_pct <= most_pct:
            return achieved
        wanted = corrected(achieved, surplus_va)
    raise NotSettled(
        f"{requirement.id}: after {TUNING_ROUNDS} corrections of the load the current through the contactor "
        f"is {residual_pct:.2f} % of rated current from what is wanted; expected at most {most_pct:g} %. "
        f"The load is {load_text(achieved, trial.phases)}"
    )


def _island(
    trial: Trial,
    load: IslandingLoad,
    balanced: ParallelRlc,
    offset: Offset,
    requirement: Requirement,
) -> Island:
    """Make one island and measure how long the inverter feeds it; the contactor stays open."""
    if not trial.station.contactor.is_closed():
        trial.station.contactor.switch(True)
        _steady_power_w(trial)
    aim_va = wanted_surplus_va(balanced, offset, trial.phases)
    achieved = _tuned(trial, load, off_balance(balanced, offset), aim_va, requirement)
    length_s = OPENING_S + requirement.number("run_on_max") + trial.method.hold_after_limit_s
    recording = trial.record(length_s, lambda: trial.station.contactor.switch(False), ALL_CHANNELS)
    flow_va = _powers_va(trial, recording, GRID_CHANNELS)
    residual_va = tuple(flow - aim for flow, aim in zip(flow_va, aim_va, strict=True))
    file = trial.file_of(recording)
    begin, began = find_island_start(
        recording,
        VOLTAGE_CHANNELS[: trial.phases],
        GRID_CHANNELS[: trial.phases],
        commanded_s=PRE_TRIGGER_S,
        nominal_frequency_hz=trial.method.nominal_frequency_hz,
    )
    clearing = measure_from(
        begin,
        began,
        recording,
        nominal_frequency_hz=trial.method.nominal_frequency_hz,
        rated_current_a=trial.rated_current_a,
        clock_ppm=trial.clock_ppm,
        current_channels=CURRENT_CHANNELS[: trial.phases],
    )
    if stop_island(trial, clearing):
        trial.evidence.note(f"{offset}: the inverter fed the island until it was commanded to stop")
    run_on = trial.measured(clearing.cease_time.named(f"run-on time at {offset}"), file)
    if offset == BALANCED:
        trial.evidence.plotted(file, clearing_plot(clearing, requirement))
    residual_pct = _as_current_pct(trial, residual_va)
    return Island(offset, achieved, residual_va, residual_pct, run_on, began)


def _capture(trial: Trial) -> Recording:
    """Return a short record that only serves the tuning; it is not evidence."""
    analyser = trial.station.analyser
    length_s = PRE_TRIGGER_S + CAPTURE_TAIL_S
    analyser.arm_recording(trial.method.sample_rate_hz, PRE_TRIGGER_S, length_s)
    analyser.trigger_recording()
    return analyser.fetch_recording(Deadline.after(trial.station.clock, FETCH_SLACK_S))


def _powers_va(
    trial: Trial, recording: Recording, current_channels: tuple[str, ...]
) -> tuple[complex, ...]:
    return phase_powers(
        recording,
        VOLTAGE_CHANNELS[: trial.phases],
        current_channels[: trial.phases],
        until_s=PRE_TRIGGER_S,
        nominal_frequency_hz=trial.method.nominal_frequency_hz,
    )


def _as_current_pct(trial: Trial, powers_va: list[complex] | tuple[complex, ...]) -> float:
    """Return the largest of some powers as a current, in % of rated current."""
    largest_a = max(abs(power) for power in powers_va) / trial.method.nominal_voltage_v
    return 100 * largest_a / trial.rated_current_a
