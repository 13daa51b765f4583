"""The rolling mean of the voltage at the instant at which generation ceases.

It is that of the analyser's readings over the window, phase by phase; the inverter's is not asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from bench.budgets import QuantityBudget
from bench.metering.instant import Instant
from bench.verdicts.uncertainty import BudgetLine, combine, rectangular
from bench.verdicts.verdict import Measurement
from instruments.errors import RecordingError
from instruments.interfaces import Reading

LARGEST_GAP_SHARE = 0.01
METHOD = "mean of the analyser's readings over {:g} s, the highest phase, {}"


@dataclass(frozen=True)
class RollingMean:
    """Rolling means of the phase voltages.

    Attributes:
        ends_s: where readings end, and before them the beginning of the first; shape (readings + 1,).
        integrals: of the voltages up to there, in V s, shape (readings + 1, 3).
    """

    window_s: float
    ends_s: NDArray[np.float64]
    integrals: NDArray[np.float64]

    @classmethod
    def of(cls, readings: Sequence[Reading], window_s: float) -> RollingMean:
        """Return the means of a series; a short gap counts with the voltage after it.

        Raises:
            RecordingError: no reading, or gaps of more than 1 % of the window.
        """
        if not readings:
            raise RecordingError("no reading to take a mean of")
        gaps_s = sum(
            max(0.0, after.end_s - after.window_s - before.end_s)
            for before, after in pairwise(readings)
        )
        if gaps_s > LARGEST_GAP_SHARE * window_s:
            raise RecordingError(
                f"the readings leave out {gaps_s:.2f} s; for a mean over {window_s:g} s at most "
                f"{LARGEST_GAP_SHARE * window_s:.2f} s may be missing. Read more often"
            )
        ends_s = np.array(
            [readings[0].end_s - readings[0].window_s, *(reading.end_s for reading in readings)]
        )
        voltages_v = np.array([reading.voltages_v for reading in readings])
        steps = voltages_v * np.diff(ends_s)[:, np.newaxis]
        integrals = np.concatenate((np.zeros((1, 3)), np.cumsum(steps, axis=0)))
        return cls(window_s, ends_s, integrals)

    @property
    def first_s(self) -> float:
        """When the first whole window ends."""
        return float(self.ends_s[0]) + self.window_s

    def highest_v(self, time_s: float) -> float:
        """Return the mean over the window that ends at `time_s`, of the phase where it is highest.

        Raises:
            RecordingError: the window does not lie inside the readings.
        """
        if not self.first_s <= time_s <= self.ends_s[-1]:
            raise RecordingError(
                f"a mean over {self.window_s:g} s up to {time_s:.3f} s of the analyser's clock: the "
                f"readings permit {self.first_s:.3f} s to {self.ends_s[-1]:.3f} s"
            )
        end, start = self._integral(time_s), self._integral(time_s - self.window_s)
        return float(np.max(end - start)) / self.window_s

    def crossing_s(self, level_v: float) -> float | None:
        """Return when the highest mean first reaches a level; None when it does not."""
        times_s = self.ends_s[self.ends_s >= self.first_s]
        means_v = np.array([self.highest_v(float(time_s)) for time_s in times_s])
        above = np.flatnonzero(means_v >= level_v)
        if not above.size:
            return None
        place = int(above[0])
        near = slice(max(0, place - 1), place + 1)
        return float(np.interp(level_v, means_v[near], times_s[near]))

    def _integral(self, time_s: float) -> NDArray[np.float64]:
        return np.array(
            [np.interp(time_s, self.ends_s, self.integrals[:, phase]) for phase in range(3)]
        )


def find_power_end(readings: Sequence[Reading], power_floor_w: float) -> Instant | None:
    """Return when the power fell below the floor for good; None when it is above at the end.

    Raises:
        RecordingError: it was below from the start.
    """
    above = [k for k, reading in enumerate(readings) if reading.active_power_w >= power_floor_w]
    if not above:
        raise RecordingError(
            f"no power to cease: none of {len(readings)} readings is above {power_floor_w:.0f} W"
        )
    last = above[-1]
    if last + 1 == len(readings):
        return None
    return Instant.between(readings[last].end_s - readings[last].window_s, readings[last + 1].end_s)


@dataclass(frozen=True)
class SustainedCease:
    """The rolling mean when generation ceased.

    Attributes:
        cease: None when it went on.
        measurements: the mean at the end of generation, and `action_max_s` before it; "at least" when
            generation went on; empty when it ceased before the first whole window.
    """

    cease: Instant | None
    mean: RollingMean
    measurements: tuple[Measurement, ...]


def measure_sustained_cease(
    readings: Sequence[Reading],
    *,
    averaging_s: float,
    action_max_s: float,
    power_floor_w: float,
    voltage: QuantityBudget,
) -> SustainedCease:
    """Measure the rolling mean at the end of generation and the permitted time before.

    Args:
        voltage: uncertainty of the analyser's voltages.

    Raises:
        RecordingError: the readings carry no mean, or there was no generation.
    """
    mean = RollingMean.of(readings, averaging_s)
    cease = find_power_end(readings, power_floor_w)
    at = cease or Instant(readings[-1].end_s, readings[-1].end_s, readings[-1].end_s)
    if at.best_s - action_max_s < mean.first_s:
        return SustainedCease(cease, mean, ())

    def measured(instant: Instant, measurand: str, when: str) -> Measurement:
        value_v = mean.highest_v(instant.best_s)
        moved_v = mean.highest_v(max(mean.first_s, instant.best_s - instant.half_width_s)) - value_v
        budget = [
            *voltage.lines(value_v),
            BudgetLine("end of generation, bracket of readings", rectangular(abs(moved_v)), "V"),
        ]
        return Measurement.of(
            measurand,
            value_v,
            "V",
            combine(budget),
            method=METHOD.format(averaging_s, when),
            censored=None if cease else "at least",
        )

    measurements = (
        measured(at, "mean voltage when generation ceased", "at the end of generation"),
        measured(
            at.shifted(-action_max_s),
            "mean voltage the permitted time before",
            f"{action_max_s:g} s before the end of generation",
        ),
    )
    return SustainedCease(cease, mean, measurements)
