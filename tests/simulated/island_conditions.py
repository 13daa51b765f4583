"""Conditions like those of IEC 62116, and one rule for the end of an island, for both island models."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from instruments.simulated.physics.island import Island
from instruments.simulated.physics.island_control import IslandControl
from instruments.simulated.physics.island_state import IslandStart
from instruments.simulated.physics.parallel_load import ParallelLoad, resonant_load
from tests.simulated.waveform_island import WaveformIsland

NOMINAL_V = 230.0
NOMINAL_HZ = 50.0
RATED_W = 10_000.0
FREQUENCY_WINDOW_HZ = (47.0, 52.0)
VOLTAGE_WINDOW_V = (180.0, 265.0)
CONFIRMATION_S = 0.06
LOOK_S = 1e-3

# The shift of the sheet's reference inverter, without a ceiling in the way; the noise of a converter that
# samples 50,000 times a second.
REFERENCE = IslandControl(phases=1, shift_limit=1.0, sample_rate_hz=50_000.0)


class IslandModel(Protocol):
    """What both models offer."""

    def advance(
        self, duration_s: float, active_power_w: float, reactive_power_var: float
    ) -> None: ...

    @property
    def frequency_hz(self) -> float: ...

    @property
    def voltages_v(self) -> tuple[float, ...]: ...


@dataclass(frozen=True)
class Condition:
    """One load; power of the inverter and mismatches as shares of rating and of that power."""

    output: float
    active_mismatch: float
    reactive_mismatch: float
    quality_factor: float = 1.0

    def load(self, phases: int) -> ParallelLoad:
        return resonant_load(
            self.power_w(phases) / phases,
            NOMINAL_V,
            NOMINAL_HZ,
            self.quality_factor,
            self.active_mismatch,
            self.reactive_mismatch,
            phases,
        )

    def power_w(self, phases: int) -> float:
        return self.output * RATED_W * phases / 3


def conditions() -> list[Condition]:
    """Return 25 conditions at full power, 11 at 66 % and 11 at 33 %."""
    wide = [x / 100 for x in (-10, -5, 0, 5, 10)]
    full = [Condition(1.0, active, reactive) for active in wide for reactive in wide]
    narrow = [x / 100 for x in range(-5, 6)]
    return full + [Condition(output, 0.0, x) for output in (0.66, 0.33) for x in narrow]


def start(power_w: float, phases: int, theta_rad: float = 0.0) -> IslandStart:
    """Return nominal voltage with an inverter that delivers `power_w` at unity power factor."""
    current_a = power_w / (phases * NOMINAL_V)

    def on(value: float) -> tuple[float, float, float]:
        return (value, value, value) if phases == 3 else (value, 0.0, 0.0)

    none = (0.0, 0.0, 0.0)
    return IslandStart(on(NOMINAL_V), none, NOMINAL_HZ, theta_rad, on(current_a), none)


def phasor(
    condition: Condition, control: IslandControl, seed: int = 1, theta_rad: float = 0.0
) -> Island:
    load = condition.load(control.phases)
    opening = start(condition.power_w(control.phases), control.phases, theta_rad)
    return Island(load, control, opening, seed)


def waveform(
    condition: Condition, control: IslandControl, seed: int = 1, theta_rad: float = 0.0
) -> WaveformIsland:
    load = condition.load(control.phases)
    opening = start(condition.power_w(control.phases), control.phases, theta_rad)
    return WaveformIsland(load, control, opening, seed)


def run_on_s(model: IslandModel, power_w: float, longest_s: float = 2.5) -> float | None:
    """Return when voltage or frequency has been outside its window for the confirmation time.

    None is an island that outlasts `longest_s`.
    """
    outside_s, time_s = 0.0, 0.0
    while time_s < longest_s:
        model.advance(LOOK_S, power_w, 0.0)
        time_s += LOOK_S
        outside_s = 0.0 if _inside(model) else outside_s + LOOK_S
        if outside_s > CONFIRMATION_S:
            return time_s
    return None


def _inside(model: IslandModel) -> bool:
    low_hz, high_hz = FREQUENCY_WINDOW_HZ
    low_v, high_v = VOLTAGE_WINDOW_V
    return low_hz < model.frequency_hz < high_hz and low_v < model.voltages_v[0] < high_v
