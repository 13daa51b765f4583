"""The message schema of the package envoy-schema, and XML to and from it. The only module that imports it.

Message forms are those of IEEE 2030.5-2018 with the extensions of CSIP-AUS.
"""

from __future__ import annotations

from typing import TypeVar

from envoy_schema.server.schema.csip_aus.connection_point import (
    ConnectionPointLink,
    ConnectionPointRequest,
)
from envoy_schema.server.schema.sep2 import der, metering_mirror, response
from envoy_schema.server.schema.sep2.base import BaseXmlModelWithNS
from envoy_schema.server.schema.sep2.der_control_types import ActivePower as PowerElement
from envoy_schema.server.schema.sep2.device_capability import DeviceCapabilityResponse
from envoy_schema.server.schema.sep2.end_device import (
    EndDeviceListResponse,
    EndDeviceRequest,
    EndDeviceResponse,
    RegistrationResponse,
)
from envoy_schema.server.schema.sep2.event import EventStatus as StatusElement
from envoy_schema.server.schema.sep2.function_set_assignments import (
    FunctionSetAssignmentsListResponse,
    FunctionSetAssignmentsResponse,
)
from envoy_schema.server.schema.sep2.identification import Link, ListLink
from envoy_schema.server.schema.sep2.time import TimeResponse
from envoy_schema.server.schema.sep2.types import DateTimeIntervalType, TimeQualityType
from pydantic_xml import ParsingError

__all__ = [
    "ConnectionPointLink",
    "ConnectionPointRequest",
    "DateTimeIntervalType",
    "DeviceCapabilityResponse",
    "EndDeviceListResponse",
    "EndDeviceRequest",
    "EndDeviceResponse",
    "FunctionSetAssignmentsListResponse",
    "FunctionSetAssignmentsResponse",
    "Link",
    "ListLink",
    "PowerElement",
    "RegistrationResponse",
    "StatusElement",
    "TimeQualityType",
    "TimeResponse",
    "Unreadable",
    "der",
    "metering_mirror",
    "parsed",
    "response",
    "xml_of",
]

Model = TypeVar("Model", bound=BaseXmlModelWithNS)


class Unreadable(ValueError):
    """What a client sent is not the message it should be."""


def xml_of(model: BaseXmlModelWithNS) -> bytes:
    """Return a message as XML, without what it does not state."""
    text = model.to_xml(exclude_none=True)
    return text if isinstance(text, bytes) else text.encode("utf-8")


def parsed(kind: type[Model], body: bytes) -> Model:
    """Return a message of one kind from XML.

    Raises:
        Unreadable: it is not well-formed, not of this kind, or holds a value the schema has no place for.
    """
    try:
        return kind.from_xml(body)
    except (ValueError, ParsingError, SyntaxError) as error:
        raise Unreadable(f"expected a {kind.__name__}: {' '.join(str(error).split())}") from error
