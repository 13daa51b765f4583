"""Means over a window of segments: what an ideal meter at the inverter and one at the connection point show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import sqrt
from typing import NamedTuple

from instruments.interfaces import PhaseValues
from instruments.simulated.physics.segments import LIVE_VOLTAGE_V, Segment


class Averages(NamedTuple):
    """Means over a window.

    Rms values with harmonics; powers per phase, positive out of the inverter and into the grid;
    reactive powers of the fundamental. `frequency_hz` is NaN when half the window had no voltage.
    """

    voltages_v: PhaseValues
    currents_a: PhaseValues
    active_powers_w: PhaseValues
    reactive_powers_var: PhaseValues
    frequency_hz: float
    grid_currents_a: PhaseValues
    grid_active_powers_w: PhaseValues
    grid_reactive_powers_var: PhaseValues
    load_powers_w: PhaseValues


def averages_of(overlaps: Iterable[tuple[Segment, float, float]], window_s: float) -> Averages:
    """Return means over segments with the start and end of each one's overlap with the window."""
    sums = _Sums()
    for segment, first_s, last_s in overlaps:
        sums.add(segment, first_s, last_s)
    return sums.averages(window_s)


class _Sums:
    """Running integrals, per phase where it is a list."""

    def __init__(self) -> None:
        self.square_v = [0.0] * 3
        self.square_i = [0.0] * 3
        self.square_grid = [0.0] * 3
        self.active_w = [0.0] * 3
        self.reactive_var = [0.0] * 3
        self.grid_w = [0.0] * 3
        self.grid_var = [0.0] * 3
        self.load_w = [0.0] * 3
        self.cycles = 0.0
        self.live_s = 0.0

    def add(self, segment: Segment, first_s: float, last_s: float) -> None:
        span_s, middle_s = last_s - first_s, 0.5 * (first_s + last_s)
        spectrum = segment.spectrum
        of_voltage, of_current = spectrum.voltage_square, spectrum.current_square
        of_power, direct_square = spectrum.power, spectrum.direct_current_a**2
        for k, (vv, va, vr, aa, rr) in enumerate(_products(segment, first_s, last_s)):
            square_v, power = span_s * vv * of_voltage, span_s * va * of_power
            square = span_s * (aa * of_current + rr + (direct_square if aa else 0.0))
            reactive = span_s * vr
            self.square_v[k] += square_v
            self.square_i[k] += square
            self.active_w[k] += power
            self.reactive_var[k] += reactive
            g, b = segment.load_conductance_s[k], segment.load_susceptance_s[k]
            if g or b:
                self.load_w[k] += g * square_v
                square += g * (g * square_v - 2 * power) + b * (2 * reactive + b * span_s * vv)
                power, reactive = power - g * square_v, reactive + b * span_s * vv
            if segment.fed:
                self.grid_w[k] += power
                self.grid_var[k] += reactive
                self.square_grid[k] += square
        if max(segment.voltages_at(middle_s)) > LIVE_VOLTAGE_V:
            self.cycles += span_s * segment.frequency_at(middle_s)
            self.live_s += span_s

    def averages(self, window_s: float) -> Averages:
        def mean(values: list[float]) -> PhaseValues:
            return (values[0] / window_s, values[1] / window_s, values[2] / window_s)

        def rms(values: list[float]) -> PhaseValues:
            a, b, c = mean(values)
            return (sqrt(max(0.0, a)), sqrt(max(0.0, b)), sqrt(max(0.0, c)))

        live = self.live_s > 0.5 * window_s
        return Averages(
            voltages_v=rms(self.square_v),
            currents_a=rms(self.square_i),
            active_powers_w=mean(self.active_w),
            reactive_powers_var=mean(self.reactive_var),
            frequency_hz=self.cycles / self.live_s if live else float("nan"),
            grid_currents_a=rms(self.square_grid),
            grid_active_powers_w=mean(self.grid_w),
            grid_reactive_powers_var=mean(self.grid_var),
            load_powers_w=mean(self.load_w),
        )


def _products(segment: Segment, first_s: float, last_s: float) -> Iterator[tuple[float, ...]]:
    """Yield for each phase the means of u², u·a, u·r, a² and r²: voltage, active and reactive current.

    The mean of a product of two linear courses is the product of their middles and a twelfth of that
    of their changes.
    """
    x = 0.5 * (first_s + last_s) - segment.start_s
    twelfth = (last_s - first_s) ** 2 / 12
    for v, dv, a, da, r, dr in zip(
        segment.voltage_v,
        segment.voltage_slope_v_per_s,
        segment.active_a,
        segment.active_slope_a_per_s,
        segment.reactive_a,
        segment.reactive_slope_a_per_s,
        strict=True,
    ):
        v, a, r = v + dv * x, a + da * x, r + dr * x
        yield (
            v * v + twelfth * dv * dv,
            v * a + twelfth * dv * da,
            v * r + twelfth * dv * dr,
            a * a + twelfth * da * da,
            r * r + twelfth * dr * dr,
        )
