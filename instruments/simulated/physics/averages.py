"""Means over a window of segments: what an ideal meter at the inverter and one at the connection point show."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt

from instruments.interfaces import PhaseValues
from instruments.simulated.physics.segments import LIVE_VOLTAGE_V, Segment, linear

SIMPSON = ((0.0, 1 / 6), (0.5, 4 / 6), (1.0, 1 / 6))
"""Where in an overlap to look and with which weight: exact for squares of linear amplitudes."""
MIDDLE = ((0.5, 1.0),)


@dataclass(frozen=True)
class Averages:
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
    for segment, first, last in overlaps:
        for share, weight in MIDDLE if segment.constant else SIMPSON:
            sums.add(segment, first + share * (last - first), weight * (last - first))
    return sums.averages(window_s)


class _Sums:
    """Running integrals."""

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

    def add(self, segment: Segment, time_s: float, weight_s: float) -> None:
        x = time_s - segment.start_s
        spectrum = segment.spectrum
        of_voltage, of_current = spectrum.voltage_square, spectrum.current_square
        of_power, direct_square = spectrum.power, spectrum.direct_current_a**2
        alive = False
        for k, (v, a, r, g, b) in enumerate(_phases(segment, x)):
            alive = alive or v > LIVE_VOLTAGE_V
            square = a * a * of_current + r * r + (direct_square if a else 0.0)
            self.square_v[k] += weight_s * v * v * of_voltage
            self.square_i[k] += weight_s * square
            self.active_w[k] += weight_s * v * a * of_power
            self.reactive_var[k] += weight_s * v * r
            if g or b:
                self.load_w[k] += weight_s * v * g * of_voltage
            if segment.fed:
                self.grid_w[k] += weight_s * v * (a * of_power - g * of_voltage)
                self.grid_var[k] += weight_s * v * (r + b)
                self.square_grid[k] += weight_s * (
                    square + g * (g * of_voltage - 2 * a * of_power) + b * (2 * r + b)
                )
        if alive:
            self.cycles += weight_s * segment.frequency_at(time_s)
            self.live_s += weight_s

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


def _phases(segment: Segment, x: float) -> Iterable[tuple[float, float, float, float, float]]:
    """Yield voltage, active and reactive current, and the active and reactive current of the load."""
    voltages = linear(segment.voltage_v, segment.voltage_slope_v_per_s, x)
    actives = linear(segment.active_a, segment.active_slope_a_per_s, x)
    reactives = linear(segment.reactive_a, segment.reactive_slope_a_per_s, x)
    loads = segment.load_conductance_s, segment.load_susceptance_s
    for v, a, r, conductance, susceptance in zip(voltages, actives, reactives, *loads, strict=True):
        yield v, a, r, conductance * v, susceptance * v
