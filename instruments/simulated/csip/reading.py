"""What a client learns in one visit to the server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element, ParseError

from instruments.simulated.csip import documents
from instruments.simulated.csip.choice import Default
from instruments.simulated.csip.documents import SeenControl, link, number, root
from instruments.simulated.csip.wire import Unreachable, Wire

WHOLE_LIST = "?s=0&l=255"
DEFAULT_RATE_S = 900


@dataclass(frozen=True)
class Places:
    """Where things are on this server."""

    time: str
    programs: str
    devices: str
    mirrors: str


@dataclass(frozen=True)
class Visit:
    """What the server said.

    Attributes:
        controls: by the primacy of their program.
        exchanges: how many questions it took.
    """

    time_s: int
    poll_s: int
    defaults: tuple[Default, ...]
    controls: Mapping[int, list[SeenControl]] = field(default_factory=dict)
    exchanges: int = 0


def discover(wire: Wire, now_s: float) -> Places:
    """Go from the first resource to what matters; register where the server does not know this client.

    Raises:
        Unreachable: there is no way through.
    """
    try:
        first = root(wire.get(wire.start))
        devices = link(first, "EndDeviceListLink")
        own = _own_device(wire, devices)
        if own is None:
            wire.ask("POST", devices, documents.end_device(wire.lfdi, wire.sfdi, now_s))
            own = _own_device(wire, devices)
        if own is None:
            raise Unreachable(f"{devices}: this client is not registered")
        assigned = root(wire.get(link(own, "FunctionSetAssignmentsListLink") + WHOLE_LIST))
        found = [link(one, "DERProgramListLink") for one in assigned]
        if not found:
            raise Unreachable("no function set is assigned")
        return Places(
            link(first, "TimeLink"),
            found[0],
            link(own, "DERListLink"),
            link(first, "MirrorUsagePointListLink"),
        )
    except ParseError as error:
        raise Unreachable(f"what the server says is no XML: {error}") from error


def visit(wire: Wire, places: Places, *, heeds_multiplier: bool) -> Visit:
    """Read time, programs, defaults and controls.

    Raises:
        Unreachable: one of them could not be read.
    """
    try:
        time_s = number(root(wire.get(places.time)), "currentTime")
        listed = root(wire.get(places.programs + WHOLE_LIST))
        defaults: list[Default] = []
        controls: dict[int, list[SeenControl]] = {}
        programs = documents.programs(listed)
        for program in programs:
            if program.default_href:
                document = root(wire.get(program.default_href))
                defaults.append(
                    documents.default(document, program.primacy, heeds_multiplier=heeds_multiplier)
                )
            document = root(wire.get(program.controls_href + WHOLE_LIST))
            controls[program.primacy] = documents.controls(
                document, heeds_multiplier=heeds_multiplier
            )
    except ParseError as error:
        raise Unreachable(f"what the server says is no XML: {error}") from error
    exchanges = 2 + len(defaults) + len(programs)
    rate_s = documents.poll_rate_s(listed, DEFAULT_RATE_S)
    return Visit(time_s, rate_s, tuple(defaults), controls, exchanges)


def _own_device(wire: Wire, devices: str) -> Element | None:
    listed = root(wire.get(devices + WHOLE_LIST))
    own = [one for one in listed if one.findtext(documents.NS + "lFDI") == wire.lfdi]
    return own[0] if own else None
