"""What a simulated inverter is: ratings and behaviour as plain numbers.

The defaults are the reference inverter. A fault changes one of them (`faults.toml`).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from instruments.errors import ConfigurationError


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


def _reference_trips() -> dict[str, Trip]:
    return {
        "UV2": Trip(70.0, 1.5),
        "UV1": Trip(180.0, 10.5),
        "OV1": Trip(265.0, 1.5),
        "OV2": Trip(275.0, 0.08),
        "UF1": Trip(47.0, 1.5),
        "OF1": Trip(52.0, 0.1),
    }


@dataclass(frozen=True)
class InverterParameters:
    """A three-phase PV inverter.

    Attributes:
        trips: passive protection by name; U under, O over, V voltage, F frequency.
        monitored_phases: phases whose voltage the protection looks at.
        relay_open_s: from the end of generation to the opening of the relay's contacts.
        observation_s: time the grid must stay inside the connection window.
        ramp_pu_per_s: rise of active power after connection.
        island_drift_hz_per_s: drift of the active anti-islanding method once the grid is gone.
        filter_pu: capacitive current of the output filter at nominal voltage, while the relay is
            closed, as a share of rated current.
        current_limit_pu: ceiling of the active current.
    """

    rated_apparent_power_va: float = 10_000.0
    nominal_voltage_v: float = 230.0
    nominal_frequency_hz: float = 50.0
    pv_power_w: float = 10_000.0
    phases: int = 3
    trips: Mapping[str, Trip] = field(default_factory=_reference_trips)
    monitored_phases: tuple[bool, bool, bool] = (True, True, True)
    relay_open_s: float = 0.02
    observation_s: float = 61.0
    connect_voltage_v: tuple[float, float] = (205.0, 253.0)
    connect_frequency_hz: tuple[float, float] = (47.5, 50.15)
    ramp_pu_per_s: float = 0.1667 / 60
    island_drift_hz_per_s: float = 10.0
    filter_pu: float = 0.012
    current_limit_pu: float = 1.1

    @property
    def rated_current_a(self) -> float:
        """Rated current per phase."""
        return self.rated_apparent_power_va / (self.phases * self.nominal_voltage_v)


def with_changes(parameters: InverterParameters, changes: Mapping[str, Any]) -> InverterParameters:
    """Return parameters with some replaced; `trips.OV1.delay_s` reaches into a trip.

    Raises:
        ConfigurationError: a name does not exist; the message lists those that do.
    """
    for path, value in changes.items():
        parameters = _with_change(parameters, path.split("."), value)
    return parameters


def _with_change(parameters: InverterParameters, path: list[str], value: Any) -> InverterParameters:
    if path[0] == "trips" and len(path) == 3:
        name, key = path[1:]
        _require(name, parameters.trips, "trips")
        _require(key, Trip.__dataclass_fields__, f"trips.{name}")
        trip = dataclasses.replace(parameters.trips[name], **{key: value})
        return dataclasses.replace(parameters, trips={**parameters.trips, name: trip})
    _require(".".join(path), InverterParameters.__dataclass_fields__, "the simulated inverter")
    changes: dict[str, Any] = {path[0]: tuple(value) if isinstance(value, list) else value}
    return dataclasses.replace(parameters, **changes)


def _require(name: str, known: Mapping[str, Any], where: str) -> None:
    if name not in known:
        raise ConfigurationError(
            f"{where} has no parameter {name!r}; it has: {', '.join(sorted(known))}"
        )
