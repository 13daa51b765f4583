"""What clients post and put, from XML to plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from instruments.utility_server.schema import (
    ConnectionPointRequest,
    EndDeviceRequest,
    der,
    metering_mirror,
    parsed,
    response,
)

SITE_ROLE = 0x02
"""Bit of roleFlags: a premises aggregation point."""


@dataclass(frozen=True)
class Answered:
    """What a client answered to a control, as it stands in its message."""

    control_id: str
    lfdi: str
    status: int | None
    created_s: int | None


def read_response(body: bytes) -> Answered:
    """Return what a client answers to a control.

    Raises:
        Unreadable: it is no DERControlResponse.
    """
    found = parsed(response.DERControlResponse, body)
    status = None if found.status is None else int(found.status)
    return Answered(
        found.subject.upper(), found.endDeviceLFDI.upper(), status, found.createdDateTime
    )


def read_end_device(body: bytes) -> str:
    """Return the LFDI under which a client registers itself, empty when it states none."""
    return (parsed(EndDeviceRequest, body).lFDI or "").upper()


def check_connection_point(body: bytes) -> None:
    """Raise Unreadable unless it is a ConnectionPoint."""
    parsed(ConnectionPointRequest, body)


def check_capability(body: bytes) -> None:
    """Raise Unreadable unless it is a DERCapability."""
    parsed(der.DERCapability, body)


def check_settings(body: bytes) -> None:
    """Raise Unreadable unless it is DERSettings."""
    parsed(der.DERSettings, body)


def check_status(body: bytes) -> None:
    """Raise Unreadable unless it is a DERStatus."""
    parsed(der.DERStatus, body)


def check_availability(body: bytes) -> None:
    """Raise Unreadable unless it is a DERAvailability."""
    parsed(der.DERAvailability, body)


@dataclass(frozen=True)
class MirrorPoint:
    """A usage point a client registers.

    Attributes:
        location: "site" or "device".
    """

    mrid: str
    location: str


@dataclass(frozen=True)
class MirrorMeter:
    """A posted meter reading: what it measures, and what it measured.

    Attributes:
        meter: identifier of the meter reading; what kind it is is said once and known from then on.
        quantity: unit of measure; None when this message does not repeat it.
        multiplier: power of ten; None likewise.
    """

    meter: str
    quantity: int | None
    multiplier: int | None
    values: tuple[int, ...]


def read_mirror_point(body: bytes) -> tuple[MirrorPoint, list[MirrorMeter]]:
    """Return a usage point a client registers, and the readings it sends with it.

    Raises:
        Unreadable: it is no MirrorUsagePoint.
    """
    point = parsed(metering_mirror.MirrorUsagePointRequest, body)
    location = "site" if int(point.roleFlags, 16) & SITE_ROLE else "device"
    meters = [_meter(one) for one in point.mirrorMeterReadings or ()]
    return MirrorPoint(point.mRID.upper(), location), meters


def read_meter_readings(body: bytes) -> list[MirrorMeter]:
    """Return the readings a client posts, one meter reading or a list of them.

    Raises:
        Unreadable: it is neither.
    """
    if b"MirrorMeterReadingList" in body:
        found = parsed(metering_mirror.MirrorMeterReadingListRequest, body)
        meters = list(found.mirrorMeterReadings or ())
    else:
        meters = [parsed(metering_mirror.MirrorMeterReadingRequest, body)]
    return list(map(_meter, meters))


def _meter(meter: Any) -> MirrorMeter:
    kind = meter.readingType
    quantity = int(kind.uom) if kind and kind.uom is not None else None
    multiplier = kind.powerOfTenMultiplier if kind else None
    sets = [reading for one in meter.mirrorReadingSets or () for reading in one.readings or ()]
    values = tuple(one.value for one in (*sets, meter.reading) if one and one.value is not None)
    return MirrorMeter(meter.mRID.upper(), quantity, multiplier, values)
