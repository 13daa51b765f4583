"""The grid side of the simulated world: source and contactor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from math import inf, pi

import numpy as np

from instruments.interfaces import PhaseValues
from instruments.simulated.physics.segments import (
    DEFAULT_HARMONICS,
    PHASE_ANGLES_RAD,
    ZERO,
    Harmonics,
)

STAGE_STREAM = 77
Schedule = Callable[[float, Callable[[], None]], None]


@dataclass(frozen=True)
class OutputStage:
    """What a source makes of the voltages it is programmed to.

    Attributes:
        gains: of each phase.
        resolution_v: steps of the output; 0 is none.
        rise_s: time in which a step settles.
    """

    gains: PhaseValues = (1.0, 1.0, 1.0)
    resolution_v: float = 0.0
    rise_s: float = 0.0

    @classmethod
    def drawn(cls, seed: int) -> OutputStage:
        """Return the output of a source of its own: 0.1 % gain, 20 mV resolution, 100 µs rise."""
        a, b, c = np.random.default_rng([seed, STAGE_STREAM]).uniform(-1, 1, 3)
        gains = (1 + 1e-3 * float(a), 1 + 1e-3 * float(b), 1 + 1e-3 * float(c))
        return cls(gains, resolution_v=0.02, rise_s=100e-6)

    @lru_cache(maxsize=64)  # noqa: B019 - a frozen value, of which there are as many as laboratories
    def realised(self, voltages_v: PhaseValues) -> PhaseValues:
        """Return the voltages at the output for programmed ones."""
        steps = [
            round(voltage_v / self.resolution_v) * self.resolution_v
            if self.resolution_v
            else voltage_v
            for voltage_v in voltages_v
        ]
        a, b, c = (gain * step for gain, step in zip(self.gains, steps, strict=True))
        return (a, b, c)


@dataclass
class _Ramp:
    start_s: float
    voltages_v: PhaseValues
    frequency_hz: float
    duration_s: float
    to_voltages_v: PhaseValues
    to_frequency_hz: float

    @property
    def end_s(self) -> float:
        """When it ends; infinity for a step that has been made."""
        return self.start_s + self.duration_s if self.duration_s > 0 else inf


class GridSource:
    """Three phase voltages that step and ramp, with their angles, behind an impedance; one frequency.

    `changed` is called after every change, with the world's time standing still.

    Args:
        impedance_ohm: of each phase at nominal frequency, between the source and the terminals.

    Attributes:
        angles_rad: angle of each phase relative to the common angle.
        harmonics: (order, share of the fundamental) pairs, alike in all phases.
        stage: from programmed voltages to those at the output; ideal unless set.
        ramp_end_s: when the running ramp ends; infinity when none runs.
    """

    def __init__(
        self,
        now: Callable[[], float],
        changed: Callable[[], None],
        impedance_ohm: complex = 0j,
    ) -> None:
        self.impedance_ohm = impedance_ohm
        self.angles_rad = PHASE_ANGLES_RAD
        self.harmonics: Harmonics = DEFAULT_HARMONICS
        self.stage = OutputStage()
        self._now = now
        self._changed = changed
        self.ramp_end_s = inf
        self._theta_rad = 0.0
        self._theta_at_s = 0.0
        self._theta_frequency_hz = 50.0
        self._ramp = _Ramp(0.0, ZERO, 50.0, 0.0, ZERO, 50.0)
        self.output_on = False

    @property
    def voltages_v(self) -> PhaseValues:
        """Voltages the source is set to now, whether or not its output is on."""
        return _between(self._ramp.voltages_v, self._ramp.to_voltages_v, self._ramp_share())

    def output_v(self, ahead_s: float = 0.0) -> PhaseValues:
        """Return the voltages at the output now, or where a running ramp takes them."""
        ramp, share = self._ramp, self._ramp_share(ahead_s)
        target_v = self.stage.realised(ramp.to_voltages_v)
        if share == 1.0:
            return target_v
        return _between(self.stage.realised(ramp.voltages_v), target_v, share)

    @property
    def frequency_hz(self) -> float:
        """Frequency the source is set to now."""
        ramp = self._ramp
        return ramp.frequency_hz + self._ramp_share() * (ramp.to_frequency_hz - ramp.frequency_hz)

    @property
    def voltage_slopes_v_per_s(self) -> PhaseValues:
        """Slopes of the running ramp; zero when none runs."""
        ramp = self._ramp
        if not self._ramping():
            return ZERO
        a, b, c = (
            (end - start) / ramp.duration_s
            for start, end in zip(ramp.voltages_v, ramp.to_voltages_v, strict=True)
        )
        return (a, b, c)

    @property
    def frequency_slope_hz_per_s(self) -> float:
        """Slope of the running frequency ramp."""
        ramp = self._ramp
        if not self._ramping():
            return 0.0
        return (ramp.to_frequency_hz - ramp.frequency_hz) / ramp.duration_s

    def switch_output(self, on: bool) -> None:
        """Connect or disconnect the output."""
        if on != self.output_on:
            self.output_on = on
            self._changed()

    def turn_to(self, angles_rad: PhaseValues) -> None:
        """Jump to new angles of the phases."""
        self.angles_rad = angles_rad
        self._changed()

    def distort(self, harmonics: Harmonics) -> None:
        """Put harmonics on all phase voltages."""
        self.harmonics = harmonics
        self._changed()

    def ramp_to(self, voltages_v: PhaseValues, frequency_hz: float, duration_s: float) -> None:
        """Go to new levels in `duration_s` seconds; 0 is a step, as fast as the output stage can."""
        duration_s = max(duration_s, self.stage.rise_s)
        self._advance_theta()
        self._ramp = _Ramp(
            self._now(), self.voltages_v, self.frequency_hz, duration_s, voltages_v, frequency_hz
        )
        self.ramp_end_s = self._ramp.end_s
        self._theta_frequency_hz = self.frequency_hz
        self._changed()

    def hold(self) -> None:
        """Stop a running ramp at the present levels."""
        self.ramp_to(self.voltages_v, self.frequency_hz, 0.0)

    def finish_ramp(self) -> None:
        """Settle exactly on the target of a ramp that has ended."""
        self._advance_theta()
        ramp = self._ramp
        self._ramp = _Ramp(
            self._now(),
            ramp.to_voltages_v,
            ramp.to_frequency_hz,
            0.0,
            ramp.to_voltages_v,
            ramp.to_frequency_hz,
        )
        self.ramp_end_s = inf
        self._changed()

    def theta_rad(self) -> float:
        """Return the common angle now."""
        self._advance_theta()
        return self._theta_rad

    def _advance_theta(self) -> None:
        """Carry the angle on; between two changes the frequency is linear, so its mean is exact."""
        x = self._now() - self._theta_at_s
        mean_hz = 0.5 * (self._theta_frequency_hz + self.frequency_hz)
        self._theta_rad = (self._theta_rad + 2 * pi * mean_hz * x) % (2 * pi)
        self._theta_at_s = self._now()
        self._theta_frequency_hz = self.frequency_hz

    def _ramping(self) -> bool:
        return self._now() < self.ramp_end_s < inf

    def _ramp_share(self, ahead_s: float = 0.0) -> float:
        ramp = self._ramp
        if ramp.duration_s <= 0:
            return 1.0
        return min(1.0, (self._now() + ahead_s - ramp.start_s) / ramp.duration_s)


def _between(first: PhaseValues, last: PhaseValues, share: float) -> PhaseValues:
    return (
        first[0] + share * (last[0] - first[0]),
        first[1] + share * (last[1] - first[1]),
        first[2] + share * (last[2] - first[2]),
    )


class GridContactor:
    """A contactor whose auxiliary contact moves before its main contacts."""

    def __init__(
        self,
        now: Callable[[], float],
        schedule: Schedule,
        changed: Callable[[], None],
        *,
        auxiliary_delay_s: float = 0.012,
        main_delay_s: float = 0.025,
    ) -> None:
        self._now = now
        self._schedule = schedule
        self._changed = changed
        self._auxiliary_delay_s = auxiliary_delay_s
        self._main_delay_s = main_delay_s
        self._commanded = False
        self.main_closed = False
        self.auxiliary_closed = False

    def command(self, closed: bool) -> None:
        """Energise or release the coil."""
        if closed == self._commanded:
            return
        self._commanded = closed
        self._schedule(self._now() + self._auxiliary_delay_s, lambda: self._move_auxiliary(closed))
        self._schedule(self._now() + self._main_delay_s, lambda: self._move_main(closed))

    def _move_auxiliary(self, closed: bool) -> None:
        if closed == self._commanded:
            self.auxiliary_closed = closed

    def _move_main(self, closed: bool) -> None:
        if closed == self._commanded:
            self.main_closed = closed
            self._changed()
