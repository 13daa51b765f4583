"""What a SunSpec inverter says of its present state, from whichever generation of models it has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from instruments.errors import InstrumentError
from instruments.interfaces import InverterStatus
from instruments.inverters.sunspec_device import SunSpecDevice
from instruments.inverters.sunspec_values import ModelValues

MEASURED = 701
LEGACY_MEASURED = (101, 102, 103, 111, 112, 113)
SERVICE, LEGACY_STATUS = 703, 122
STATES = {
    0: "off",
    1: "sleeping",
    2: "starting",
    3: "running",
    4: "throttled",
    5: "shutting down",
    6: "fault",
    7: "standby",
}
ALARMS = {
    4: "grid disconnect",
    6: "manual shutdown",
    8: "over-frequency",
    9: "under-frequency",
    10: "AC over-voltage",
    11: "AC under-voltage",
}
CONNECTED = 1


@dataclass(frozen=True)
class _Places:
    """Where a generation of models keeps state and alarms; `first_state` is the number of "off"."""

    state: str
    first_state: int
    alarms: str


NEWER, LEGACY = _Places("InvSt", 0, "Alrm"), _Places("St", 1, "Evt1")


def read_status(device: SunSpecDevice) -> InverterStatus:
    """Return the state; what no model of the inverter says is None.

    Raises:
        InstrumentError: the inverter has no model that measures.
    """
    values = device.read_first(MEASURED)
    if values is not None:
        service = device.read(SERVICE)
        remaining_s = service.number_of("ESDlyRemTms") if service else None
        return _status(values, NEWER, values.integer("ConnSt"), remaining_s)
    status = device.read(LEGACY_STATUS)
    connection = status.integer("ECPConn") if status else None
    return _status(_legacy_measured(device), LEGACY, connection, None)


def _legacy_measured(device: SunSpecDevice) -> ModelValues:
    for number in LEGACY_MEASURED:
        values = device.read(number)
        if values is not None:
            return values
    known = ", ".join(str(model.number) for model in device.models)
    raise InstrumentError(
        f"{device.link.name}: none of its SunSpec models measures; it has {known}"
    )


def _status(
    values: ModelValues, places: _Places, connection: int | None, remaining_s: float | None
) -> InverterStatus:
    state, alarms = values.integer(places.state), values.integer(places.alarms) or 0
    return InverterStatus(
        operating_state=_name(STATES, state, places.first_state),
        connected=None if connection is None else connection & CONNECTED == CONNECTED,
        active_power_w=values.number_of("W"),
        reconnect_delay_remaining_s=remaining_s,
        alarms=tuple(name for bit, name in ALARMS.items() if alarms >> bit & 1),
    )


def _name(names: Mapping[int, str], state: int | None, first: int) -> str:
    return "not reported" if state is None else names.get(state - first, f"code {state}")
