"""What a grid code sets in an inverter: numbers a communication interface can read and, unlocked, write.

The four regions are the defaults of AS/NZS 4777.2:2020 as public sources give them; a profile of the bench
carries source and status of each number, the simulated inverter only obeys.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise

Curve = tuple[tuple[float, float], ...]
"""Points (voltage in V, share), the voltages rising; flat beyond both ends."""


@dataclass(frozen=True)
class Trip:
    """One passive protection function.

    Attributes:
        threshold: volts rms (one-cycle) or Hz.
        delay_s: from the crossing of the threshold to the end of generation.
        enabled: False for an inverter that lacks the function.
    """

    threshold: float
    delay_s: float
    enabled: bool = True


@dataclass(frozen=True)
class VoltageResponse:
    """A share that follows the voltage, on or off."""

    curve: Curve
    enabled: bool = True

    def share(self, voltage_v: float) -> float:
        """Return the share at a voltage, linear between points."""
        return interpolate(self.curve, voltage_v)


@dataclass(frozen=True)
class FrequencyResponse:
    """Active power against frequency (sustained operation for frequency variations).

    Attributes:
        upper_hz, lower_hz: continuous operation between them.
        transition_hz: a store delivers nothing here and charges above.
        zero_power_hz: generation has fallen to nothing; a store charges at its maximum.
        stop_charging_hz, full_power_hz: a store has stopped charging; delivers its maximum.
        hysteresis_hz, dwell_s: back inside by this much for this long ends the response.
    """

    upper_hz: float = 50.25
    lower_hz: float = 49.75
    transition_hz: float = 50.75
    zero_power_hz: float = 52.0
    stop_charging_hz: float = 49.0
    full_power_hz: float = 48.0
    hysteresis_hz: float = 0.1
    dwell_s: float = 20.5
    enabled: bool = True


@dataclass(frozen=True)
class PowerLimit:
    """A ceiling in watts, at the inverter's terminals or at the connection point.

    Attributes:
        limit_w: None while there is none.
        hard: exceeding it disconnects; otherwise power is reduced to it.
    """

    limit_w: float | None = None
    hard: bool = False


def _trips(under_hz: float, under_delay_s: float, over_hz: float) -> dict[str, Trip]:
    return {
        "UV2": Trip(70.0, 1.5),
        "UV1": Trip(180.0, 10.5),
        "OV1": Trip(265.0, 1.5),
        "OV2": Trip(275.0, 0.08),
        "UF1": Trip(under_hz, under_delay_s),
        "OF1": Trip(over_hz, 0.1),
    }


@dataclass(frozen=True)
class GridSettings:
    """Every setting of one inverter. The defaults are region Australia A.

    Attributes:
        trips: passive protection by name; U under, O over, V voltage, F frequency.
        sustained_voltage_v: limit of the ten-minute mean.
        volt_watt: ceiling of generation as a share of the rated apparent power.
        volt_watt_charging: ceiling of charging as a share of the largest charging power.
        volt_var: reactive power as a share of the rated apparent power, positive supplies.
        power_factor: fixed displacement factor; None while the mode is off. Positive supplies reactive
            power, negative absorbs it.
        reactive_power_pu: fixed reactive power; None while the mode is off.
        connect_voltage_v, connect_frequency_hz, observation_s: the grid must stay inside this long.
        ramp_pu_per_s: rise of active power after connection and after changes.
        power_limit_pu: commanded ceiling of active power as a share of the rated apparent power; a negative
            one makes a store charge.
        set_point_pu: asked of an inverter with storage, which makes up what the sun lacks; None while nothing
            is. Beside it `power_limit_pu` keeps power from going beyond.
        generation_limit, export_limit: ceilings in watts.
        hard_export_limit, static_export_limit: further ceilings of export beside it; the lowest counts.
    """

    region: str = "A"
    trips: Mapping[str, Trip] = field(default_factory=lambda: _trips(47.0, 1.5, 52.0))
    sustained_voltage_v: float = 258.0
    volt_watt: VoltageResponse = VoltageResponse(((253.0, 1.0), (260.0, 0.2)))
    volt_watt_charging: VoltageResponse = VoltageResponse(((207.0, 0.2), (215.0, 1.0)))
    volt_var: VoltageResponse = VoltageResponse(
        ((207.0, 0.44), (220.0, 0.0), (240.0, 0.0), (258.0, -0.6))
    )
    frequency: FrequencyResponse = FrequencyResponse()
    power_factor: float | None = None
    reactive_power_pu: float | None = None
    connect_voltage_v: tuple[float, float] = (205.0, 253.0)
    connect_frequency_hz: tuple[float, float] = (47.5, 50.15)
    observation_s: float = 61.0
    ramp_pu_per_s: float = 0.1667 / 60
    power_limit_pu: float = 1.0
    set_point_pu: float | None = None
    generation_limit: PowerLimit = PowerLimit()
    export_limit: PowerLimit = PowerLimit()
    hard_export_limit: PowerLimit = PowerLimit()
    static_export_limit: PowerLimit = PowerLimit()


def interpolate(curve: Curve, voltage_v: float) -> float:
    """Return the share of a curve at a voltage, flat beyond its ends."""
    if voltage_v <= curve[0][0]:
        return curve[0][1]
    for (low_v, low), (high_v, high) in pairwise(curve):
        if voltage_v <= high_v:
            return low + (high - low) * (voltage_v - low_v) / (high_v - low_v)
    return curve[-1][1]


_A = GridSettings()
REGIONS: Mapping[str, GridSettings] = {
    "A": _A,
    "B": replace(
        _A,
        region="B",
        volt_watt=VoltageResponse(((250.0, 1.0), (260.0, 0.2))),
        volt_watt_charging=VoltageResponse(((195.0, 0.0), (215.0, 1.0))),
        volt_var=VoltageResponse(((205.0, 0.3), (220.0, 0.0), (235.0, 0.0), (255.0, -0.4))),
        frequency=replace(_A.frequency, upper_hz=50.15, lower_hz=49.85),
    ),
    "C": replace(
        _A,
        region="C",
        trips=_trips(45.0, 5.5, 55.0),
        volt_var=VoltageResponse(((215.0, 0.44), (230.0, 0.0), (240.0, 0.0), (255.0, -0.6))),
        frequency=FrequencyResponse(
            upper_hz=50.5,
            lower_hz=49.5,
            transition_hz=51.75,
            zero_power_hz=53.0,
            stop_charging_hz=48.25,
            full_power_hz=47.0,
            hysteresis_hz=0.05,
        ),
        connect_frequency_hz=(47.5, 50.5),
    ),
    "NZ": replace(
        _A,
        region="NZ",
        trips=_trips(45.0, 1.5, 55.0),
        sustained_voltage_v=249.0,
        volt_watt=VoltageResponse(((242.0, 1.0), (250.0, 0.2))),
        volt_watt_charging=VoltageResponse(((216.0, 0.2), (224.0, 1.0))),
        volt_var=VoltageResponse(((207.0, 0.6), (220.0, 0.0), (235.0, 0.0), (244.0, -0.6))),
        frequency=replace(_A.frequency, upper_hz=50.2, lower_hz=49.8, transition_hz=51.0),
    ),
}
"""Default settings by region: A, B and C of Australia, and NZ."""
