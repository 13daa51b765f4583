"""What happens at the inverter's terminals in a stretch of time in which all amplitudes change linearly.

Times are world seconds; voltages and currents are rms; currents are positive out of the inverter.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf, pi, sin

from instruments.interfaces import PhaseValues

ZERO: PhaseValues = (0.0, 0.0, 0.0)
PHASE_ANGLES_RAD: PhaseValues = (0.0, -2 * pi / 3, 2 * pi / 3)
LIVE_VOLTAGE_V = 5.0
Harmonics = tuple[tuple[int, float], ...]
"""(order, share of the fundamental) pairs, in phase with the fundamental's zero crossing."""
DEFAULT_HARMONICS: Harmonics = ((5, 0.004),)


@dataclass(frozen=True)
class Spectrum:
    """What rides on the fundamental.

    Attributes:
        voltage, current: the current's shares are of its active component.
        direct_current_a: DC component of the inverter's current.
    """

    voltage: Harmonics = DEFAULT_HARMONICS
    current: Harmonics = ()
    direct_current_a: float = 0.0

    def __post_init__(self) -> None:
        current = dict(self.current)
        shares = {
            "voltage_square": sum(share**2 for _, share in self.voltage),
            "current_square": sum(share**2 for share in current.values()),
            "power": sum(share * current.get(order, 0.0) for order, share in self.voltage),
        }
        for name, share in shares.items():
            object.__setattr__(self, name, 1.0 + share)

    voltage_square: float = field(init=False)
    current_square: float = field(init=False)
    power: float = field(init=False)
    """What the harmonics make of u², of the active i², and of u·i, relative to the fundamental."""


@dataclass(slots=True)
class Segment:
    """Linear behaviour of the inverter's terminals from `start_s` to `end_s`.

    Attributes:
        theta_rad: common angle at the start; `frequency_hz` and its slope carry it on.
        angle_rad: angle of each phase voltage relative to the common angle.
        active_a, reactive_a: components of the inverter's current in phase with the voltage and
            lagging it by 90 degrees (positive supplies reactive power).
        load_conductance_s, load_susceptance_s: loads per phase between inverter and contactor;
            a positive susceptance is capacitive.
        seen_frequency_hz: what the inverter measures in an island; None where that is the frequency.
        fed: whether the grid source is connected, so that grid current can flow.
    """

    start_s: float
    theta_rad: float
    frequency_hz: float
    frequency_slope_hz_per_s: float
    voltage_v: PhaseValues
    voltage_slope_v_per_s: PhaseValues
    angle_rad: PhaseValues
    active_a: PhaseValues
    active_slope_a_per_s: PhaseValues
    reactive_a: PhaseValues
    reactive_slope_a_per_s: PhaseValues
    load_conductance_s: PhaseValues
    load_susceptance_s: PhaseValues
    spectrum: Spectrum
    fed: bool
    seen_frequency_hz: float | None = None
    end_s: float = inf

    @property
    def steady(self) -> bool:
        """Whether voltages and frequency stand still."""
        return self.voltage_slope_v_per_s == ZERO and not self.frequency_slope_hz_per_s

    @property
    def constant(self) -> bool:
        """Whether nothing changes at all."""
        return self.steady and self.active_slope_a_per_s == self.reactive_slope_a_per_s == ZERO

    def looks_like(self, other: Segment) -> bool:
        """Tell whether voltages and frequency begin as they do in `other`."""
        return (
            self.voltage_v == other.voltage_v
            and self.frequency_hz == other.frequency_hz
            and self.seen_frequency_hz == other.seen_frequency_hz
        )

    def theta_at(self, time_s: float) -> float:
        """Return the common angle in radians."""
        x = time_s - self.start_s
        return self.theta_rad + 2 * pi * x * (
            self.frequency_hz + 0.5 * self.frequency_slope_hz_per_s * x
        )

    def frequency_at(self, time_s: float) -> float:
        """Return the frequency in Hz."""
        return self.frequency_hz + self.frequency_slope_hz_per_s * (time_s - self.start_s)

    def voltages_at(self, time_s: float) -> PhaseValues:
        """Return the rms voltages of the fundamental."""
        return linear(self.voltage_v, self.voltage_slope_v_per_s, time_s - self.start_s)

    def actives_at(self, time_s: float) -> PhaseValues:
        """Return the active components of the current."""
        return linear(self.active_a, self.active_slope_a_per_s, time_s - self.start_s)

    def reactives_at(self, time_s: float) -> PhaseValues:
        """Return the reactive components of the current."""
        return linear(self.reactive_a, self.reactive_slope_a_per_s, time_s - self.start_s)

    def square_integrals(self, end_s: float) -> PhaseValues:
        """Return the integrals of the fundamentals' u² from the start to `end_s` in V²s, less `ripples` there.

        Exact for a constant amplitude and frequency; while they ramp the ripple is taken from its values
        at both ends.
        """
        x = end_s - self.start_s
        frequency_hz, slope_hz = self.frequency_hz, self.frequency_slope_hz_per_s
        twice_theta = 2 * self.theta_rad + 4 * pi * x * (frequency_hz + 0.5 * slope_hz * x)
        rate = 4 * pi * (frequency_hz + slope_hz * x)
        (a, b, c), (da, db, dc) = self.voltage_v, self.voltage_slope_v_per_s
        i, j, k = self.angle_rad
        return (
            _square_integral(a, da, x, twice_theta + 2 * i, rate),
            _square_integral(b, db, x, twice_theta + 2 * j, rate),
            _square_integral(c, dc, x, twice_theta + 2 * k, rate),
        )

    def ripples(self) -> PhaseValues:
        """Return what the double frequency adds to every integral of u² that begins with the segment."""
        rate, twice_theta = 4 * pi * self.frequency_hz, 2 * self.theta_rad
        (a, b, c), (i, j, k) = self.voltage_v, self.angle_rad
        return (
            a * a * sin(twice_theta + 2 * i) / rate,
            b * b * sin(twice_theta + 2 * j) / rate,
            c * c * sin(twice_theta + 2 * k) / rate,
        )

    def voltage_integrals(self, end_s: float) -> PhaseValues:
        """Return the integrals of the rms voltages from the start to `end_s`, in V·s."""
        x = end_s - self.start_s
        a, b, c = linear(self.voltage_v, self.voltage_slope_v_per_s, 0.5 * x)
        return (a * x, b * x, c * x)


def _square_integral(
    level_v: float, slope: float, x: float, twice_angle: float, rate: float
) -> float:
    risen_v = slope * x
    amplitude_v = level_v + risen_v
    mean = x * (level_v * level_v + risen_v * (level_v + risen_v / 3))
    return mean - amplitude_v * amplitude_v * sin(twice_angle) / rate


def linear(values: PhaseValues, slopes: PhaseValues, x: float) -> PhaseValues:
    """Return the values after `x` seconds of their slopes."""
    return (
        values[0] + slopes[0] * x,
        values[1] + slopes[1] * x,
        values[2] + slopes[2] * x,
    )
