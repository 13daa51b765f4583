"""XML to and from this client, by the standard library alone: it must not repeat the server's mistakes.

The documents come from the bench's own server over the loopback; a client of the open internet would take a
parser that is hardened against entities.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from instruments.simulated.csip.choice import Default, Setting

NS = "{urn:ieee:std:2030.5:ns}"
AUS = "{https://csipaus.org/ns}"
POWERS = {f"{AUS}opModExpLimW", f"{AUS}opModGenLimW", f"{AUS}opModImpLimW", f"{AUS}opModLoadLimW"}
SWITCHES = {f"{NS}opModEnergize", f"{NS}opModConnect"}
RAMP = f"{NS}rampTms"


@dataclass(frozen=True)
class SeenControl:
    """A control as the server states it."""

    mrid: str
    reply_to: str
    created_s: int
    status: int
    start_s: int
    duration_s: int
    randomize_start_s: int
    settings: Mapping[str, Setting]
    ramp_s: float | None


@dataclass(frozen=True)
class SeenProgram:
    """A program and where its parts are; empty for none."""

    primacy: int
    default_href: str
    controls_href: str


def root(document: bytes) -> Element:
    """Return the root of a document. Raises ElementTree.ParseError."""
    return ElementTree.fromstring(document)


def link(parent: Element, name: str) -> str:
    """Return where a link points to; empty when there is none."""
    found = parent.find(NS + name)
    return "" if found is None else found.get("href", "")


def number(parent: Element, name: str, default: int = 0) -> int:
    """Return a whole number."""
    text = parent.findtext(NS + name)
    return default if text is None else int(text)


def poll_rate_s(parent: Element, default: int) -> int:
    """Return how often a resource should be read."""
    return int(parent.get("pollRate", default))


def programs(document: Element) -> list[SeenProgram]:
    """Return the programs of a list."""
    return [
        SeenProgram(
            number(one, "primacy"),
            link(one, "DefaultDERControlLink"),
            link(one, "DERControlListLink"),
        )
        for one in document.findall(NS + "DERProgram")
    ]


def default(document: Element, primacy: int, *, heeds_multiplier: bool = True) -> Default:
    """Return the default a document states."""
    settings = _settings(document, heeds_multiplier=heeds_multiplier)
    gradient = document.findtext(NS + "setGradW")
    return Default(primacy, settings, None if gradient is None else int(gradient) / 100)


def controls(document: Element, *, heeds_multiplier: bool = True) -> list[SeenControl]:
    """Return the controls of a list."""
    return [_control(one, heeds_multiplier) for one in document.findall(NS + "DERControl")]


def response(mrid: str, lfdi: str, status: int, now_s: float) -> bytes:
    """Return what is answered to a control."""
    document = Element(NS + "DERControlResponse")
    _add(document, "createdDateTime", int(now_s))
    _add(document, "endDeviceLFDI", lfdi)
    _add(document, "status", status)
    _add(document, "subject", mrid)
    return _bytes(document)


def end_device(lfdi: str, sfdi: int, now_s: float) -> bytes:
    """Return with what a client registers itself."""
    document = Element(NS + "EndDevice")
    _add(document, "lFDI", lfdi)
    _add(document, "sFDI", sfdi)
    _add(document, "changedTime", int(now_s))
    return _bytes(document)


def capability(rated_w: float) -> bytes:
    """Return ratings: an array of panels with limits of export and generation."""
    document = Element(NS + "DERCapability")
    _add(document, "modesSupported", "0000000C")
    _add_power(document, "rtgMaxW", rated_w)
    _add(document, "type", 4)
    SubElement(document, AUS + "doeModesSupported").text = "05"
    return _bytes(document)


def settings(rated_w: float, gradient_pct_per_s: float, now_s: float) -> bytes:
    """Return settings."""
    document = Element(NS + "DERSettings")
    _add(document, "modesEnabled", "0000000C")
    _add(document, "setGradW", round(100 * gradient_pct_per_s))
    _add_power(document, "setMaxW", rated_w)
    _add(document, "updatedTime", int(now_s))
    SubElement(document, AUS + "doeModesEnabled").text = "05"
    return _bytes(document)


def status(*, connected: bool, operating: bool, now_s: float) -> bytes:
    """Return the state of the device."""
    document = Element(NS + "DERStatus")
    state = SubElement(document, NS + "genConnectStatus")
    _add(state, "dateTime", int(now_s))
    _add(state, "value", f"{connected * 3 + operating * 4:02X}")
    _add(document, "readingTime", int(now_s))
    return _bytes(document)


def usage_point(mrid: str, lfdi: str, meters: Mapping[str, int], *, site: bool) -> bytes:
    """Return a usage point with its meter readings, which have no values yet.

    Args:
        meters: identifier → unit of measure.
    """
    document = Element(NS + "MirrorUsagePoint")
    _add(document, "mRID", mrid)
    _add(document, "roleFlags", "0003" if site else "0049")
    _add(document, "serviceCategoryKind", 0)
    _add(document, "status", 1)
    _add(document, "deviceLFDI", lfdi)
    for meter, unit in meters.items():
        reading = SubElement(document, NS + "MirrorMeterReading")
        _add(reading, "mRID", meter)
        kind = SubElement(reading, NS + "ReadingType")
        _add(kind, "dataQualifier", 2)
        _add(kind, "powerOfTenMultiplier", 0)
        _add(kind, "uom", unit)
    return _bytes(document)


def meter_readings(values: Mapping[str, float], start_s: float, duration_s: float) -> bytes:
    """Return one value for each meter reading."""
    document = Element(NS + "MirrorMeterReadingList")
    for meter, value in values.items():
        reading = SubElement(document, NS + "MirrorMeterReading")
        _add(reading, "mRID", meter)
        one = SubElement(reading, NS + "Reading")
        period = SubElement(one, NS + "timePeriod")
        _add(period, "duration", int(duration_s))
        _add(period, "start", int(start_s))
        _add(one, "value", round(value))
    return _bytes(document)


def _control(control: Element, heeds_multiplier: bool) -> SeenControl:
    interval, state = control.find(NS + "interval"), control.find(NS + "EventStatus")
    base = control.find(NS + "DERControlBase")
    ramp = None if base is None else base.findtext(RAMP)
    return SeenControl(
        mrid=control.findtext(NS + "mRID") or "",
        reply_to=control.get("replyTo", ""),
        created_s=number(control, "creationTime"),
        status=0 if state is None else number(state, "currentStatus"),
        start_s=0 if interval is None else number(interval, "start"),
        duration_s=0 if interval is None else number(interval, "duration"),
        randomize_start_s=number(control, "randomizeStart"),
        settings=_settings(control, heeds_multiplier=heeds_multiplier),
        ramp_s=None if ramp is None else int(ramp) / 100,
    )


def _settings(parent: Element, *, heeds_multiplier: bool) -> dict[str, Setting]:
    """Return the settings this client supports, by the local name of their element."""
    found: dict[str, Setting] = {}
    for one in parent.findall(f"{NS}DERControlBase/*"):
        local = one.tag.rpartition("}")[2]
        if one.tag in POWERS:
            scale = 10.0 ** number(one, "multiplier") if heeds_multiplier else 1.0
            found[local] = number(one, "value") * scale
        elif one.tag in SWITCHES:
            found[local] = one.text == "true"
    return found


def _add(parent: Element, name: str, value: str | float) -> None:
    SubElement(parent, NS + name).text = str(value)


def _add_power(parent: Element, name: str, power_w: float) -> None:
    element = SubElement(parent, NS + name)
    _add(element, "multiplier", 1)
    _add(element, "value", round(power_w / 10))


def _bytes(document: Element) -> bytes:
    text: bytes = ElementTree.tostring(document, encoding="utf-8", xml_declaration=True)
    return text
