"""What an inverter must withstand: dips and swells, phase-angle jumps, fast ramps of the frequency. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import accumulate

from bench.grid_code.profile import Requirement, TestMethod
from bench.programs.stimulus import LEAD_S, PHASE_SETS, nominal_step, with_phases
from instruments.interfaces import PHASE_ANGLES_DEG, GridStep, Stimulus

SETTLED_S = 3.0
JUMP_HOLD_S = 1.0
RAMP_HOLD_S = 1.0


@dataclass(frozen=True)
class Disturbance:
    """One dip or swell; times in seconds from the beginning of the first."""

    level_v: float
    begins_s: float
    ends_s: float
    watched_until_s: float

    @property
    def words(self) -> str:
        """What it is."""
        return f"{self.ends_s - self.begins_s:g} s at {self.level_v:g} V"


@dataclass(frozen=True)
class VoltageSequence:
    """Dips and swells one after the other, each followed by the same time at nominal."""

    stimulus: Stimulus
    disturbances: tuple[Disturbance, ...]

    @property
    def connected_s(self) -> float:
        """From the beginning of the first to the end of the time after the last."""
        return self.disturbances[-1].watched_until_s


@dataclass(frozen=True)
class PhaseJump:
    """A jump of the angle of one phase or of all, away and back.

    Attributes:
        angle_deg: of the jump.
    """

    stimulus: Stimulus
    angle_deg: float

    @property
    def connected_s(self) -> float:
        """From the first jump for as long as both angles are held."""
        return sum(step.hold_s for step in self.stimulus.steps[1:])


@dataclass(frozen=True)
class FrequencyRamps:
    """Ramps of the frequency, up and back, down and back.

    Attributes:
        ramps_s: begin and end of each, in seconds from the first.
    """

    stimulus: Stimulus
    rate_hz_per_s: float
    excursion_hz: float
    ramps_s: tuple[tuple[float, float], ...]

    @property
    def connected_s(self) -> float:
        """From the first ramp to the end of the time after the last."""
        return self.ramps_s[-1][1] + RAMP_HOLD_S


def voltage_sequence(requirement: Requirement, phases: str, method: TestMethod) -> VoltageSequence:
    """Return the dips and swells of a row, on one phase or on all."""
    levels_v = [float(value) for value in requirement.quantity("voltages").values]
    lasts_s = [float(value) for value in requirement.quantity("durations").values]
    spacing_s = requirement.number("spacing")
    nominal = nominal_step(method, spacing_s)
    steps, disturbances, now_s = [nominal_step(method, LEAD_S)], [], 0.0
    for level_v, duration_s in zip(levels_v, lasts_s, strict=True):
        voltages_v = with_phases(nominal.voltages_v, PHASE_SETS[phases], level_v)
        steps += [replace(nominal, voltages_v=voltages_v, hold_s=duration_s), nominal]
        ends_s = round(now_s + duration_s, 6)
        until_s = round(ends_s + spacing_s, 6)
        disturbances.append(Disturbance(level_v, now_s, ends_s, until_s))
        now_s = until_s
    steps[-1] = _settled(nominal)
    name = f"{phases}: {', '.join(disturbance.words for disturbance in disturbances)}"
    return VoltageSequence(Stimulus(name, tuple(steps)), tuple(disturbances))


def phase_jump(requirement: Requirement, phases: str, method: TestMethod) -> PhaseJump:
    """Return the jump of one phase; of all phases together, a jump of the positive sequence."""
    quantity = "sequence_jump" if phases == "all" else "phase_jump"
    angle_deg = requirement.number(quantity)
    a, b, c = (
        angle + angle_deg if phase in PHASE_SETS[phases] else angle
        for phase, angle in enumerate(PHASE_ANGLES_DEG)
    )
    nominal = nominal_step(method, JUMP_HOLD_S)
    steps = (nominal_step(method, LEAD_S), replace(nominal, angles_deg=(a, b, c)), nominal)
    return PhaseJump(Stimulus(f"{phases}: jump by {angle_deg:g} degrees", steps), angle_deg)


def frequency_ramps(requirement: Requirement, method: TestMethod) -> FrequencyRamps:
    """Return ramps at the rate of the row for the time of the row, up first."""
    rate_hz_per_s, ramp_s = requirement.number("rocof"), requirement.number("duration")
    excursion_hz = rate_hz_per_s * ramp_s
    nominal = nominal_step(method, RAMP_HOLD_S)
    nominal_hz = nominal.frequency_hz
    levels_hz = (nominal_hz + excursion_hz, nominal_hz, nominal_hz - excursion_hz, nominal_hz)
    ramps = [replace(nominal, frequency_hz=level_hz, ramp_s=ramp_s) for level_hz in levels_hz]
    starts_s = accumulate((step.duration_s for step in ramps[:-1]), initial=0.0)
    ramps[-1] = _settled(ramps[-1])
    steps = (nominal_step(method, LEAD_S), *ramps)
    name = f"ramps of {rate_hz_per_s:g} Hz/s to {excursion_hz:g} Hz either side"
    return FrequencyRamps(
        Stimulus(name, steps),
        rate_hz_per_s,
        excursion_hz,
        tuple((start_s, start_s + ramp_s) for start_s in starts_s),
    )


def _settled(step: GridStep) -> GridStep:
    """Return the last step held for longer, so that every record ends before its stimulus does."""
    return replace(step, hold_s=step.hold_s + SETTLED_S)
