"""What the server serves, as XML: programs and rates in the forms of the schema."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from instruments.utility_server.active_power import ActivePower
from instruments.utility_server.identity import sfdi_of
from instruments.utility_server.programs import Control, EventStatus, Program, Values
from instruments.utility_server.schema import (
    ConnectionPointLink,
    DateTimeIntervalType,
    DeviceCapabilityResponse,
    EndDeviceListResponse,
    EndDeviceResponse,
    FunctionSetAssignmentsListResponse,
    FunctionSetAssignmentsResponse,
    Link,
    ListLink,
    PowerElement,
    RegistrationResponse,
    StatusElement,
    TimeQualityType,
    TimeResponse,
    der,
    metering_mirror,
    parsed,
    xml_of,
)

RESPONSES_WANTED = "03"
FSA_MRID = "A0000000000000000000000100047770"
ELEMENTS = {
    "export_w": "opModExpLimW",
    "import_w": "opModImpLimW",
    "generation_w": "opModGenLimW",
    "load_w": "opModLoadLimW",
    "target_w": "opModTargetW",
}
"""Field of `SiteLimits` → element of DERControlBase."""


@dataclass(frozen=True)
class Page:
    """The part of a list a client asks for."""

    start: int
    limit: int

    def of(self, items: Sequence[Any]) -> list[Any]:
        """Return the items of the page."""
        return list(items[self.start : self.start + self.limit])


def device_capability(poll_s: int) -> bytes:
    """Return where everything begins."""
    return xml_of(
        DeviceCapabilityResponse(
            href="/dcap",
            pollRate=poll_s,
            TimeLink=Link(href="/tm"),
            EndDeviceListLink=ListLink(href="/edev", all_=1),
            MirrorUsagePointListLink=ListLink(href="/mup", all_=0),
        )
    )


def time_of_day(now_s: int) -> bytes:
    """Return the server's time, without a time zone."""
    return xml_of(
        TimeResponse(
            href="/tm",
            currentTime=now_s,
            dstEndTime=0,
            dstOffset=0,
            dstStartTime=0,
            quality=TimeQualityType.level_3_source,
            tzOffset=0,
        )
    )


def end_device(lfdi: str, changed_s: int, post_s: int) -> EndDeviceResponse:
    """Return the one device a client sees, itself."""
    return EndDeviceResponse(
        href="/edev/1",
        lFDI=lfdi,
        sFDI=sfdi_of(lfdi),
        changedTime=changed_s,
        enabled=True,
        postRate=post_s,
        DERListLink=ListLink(href="/edev/1/der", all_=1),
        FunctionSetAssignmentsListLink=ListLink(href="/edev/1/fsa", all_=1),
        RegistrationLink=Link(href="/edev/1/rg"),
        ConnectionPointLink=ConnectionPointLink(href="/edev/1/cp"),
    )


def end_device_list(devices: Sequence[EndDeviceResponse], page: Page, poll_s: int) -> bytes:
    """Return the list of devices."""
    shown = page.of(devices)
    return xml_of(
        EndDeviceListResponse(
            href="/edev", all_=len(devices), results=len(shown), pollRate=poll_s, EndDevice=shown
        )
    )


def document(model: EndDeviceResponse) -> bytes:
    """Return a device on its own."""
    return xml_of(model)


def registration(pin: int, since_s: int) -> bytes:
    """Return the PIN that shows a client that it talks to the right server."""
    return xml_of(RegistrationResponse(href="/edev/1/rg", dateTimeRegistered=since_s, pIN=pin))


def assignments(page: Page, programs: int, poll_s: int) -> bytes:
    """Return the list of function set assignments: one."""
    one = FunctionSetAssignmentsResponse(
        href="/edev/1/fsa/1",
        mRID=FSA_MRID,
        DERProgramListLink=ListLink(href="/edev/1/derp", all_=programs),
        TimeLink=Link(href="/tm"),
    )
    shown = page.of([one])
    return xml_of(
        FunctionSetAssignmentsListResponse(
            href="/edev/1/fsa",
            all_=1,
            results=len(shown),
            pollRate=poll_s,
            FunctionSetAssignments=shown,
        )
    )


def program_list(programs: Sequence[Program], page: Page, poll_s: int) -> bytes:
    """Return the list of programs, the most important first."""
    shown = [_program(one) for one in page.of(programs)]
    return xml_of(
        der.DERProgramListResponse(
            href="/edev/1/derp",
            all_=len(programs),
            results=len(shown),
            pollRate=poll_s,
            DERProgram=shown,
        )
    )


def default_control(program: Program) -> bytes:
    """Return the default of a program, which has one."""
    assert program.default is not None
    return xml_of(
        der.DefaultDERControl(
            href=f"/edev/1/derp/{program.number}/dderc",
            mRID=program.default_mrid,
            setGradW=program.gradient_cpct_per_s,
            DERControlBase_=_base(program.default),
        )
    )


def control_list(
    program: Program, contested: Mapping[str, bool], page: Page, now_s: float
) -> bytes:
    """Return the controls of a program.

    Args:
        contested: identifier → whether another control may take its place.
    """
    listed = program.listed(now_s)
    shown = [_control(program, one, contested[one.mrid], now_s) for one in page.of(listed)]
    return xml_of(
        der.DERControlListResponse(
            href=f"/edev/1/derp/{program.number}/derc",
            all_=len(listed),
            results=len(shown),
            DERControl=shown,
        )
    )


def device_list(page: Page, poll_s: int) -> bytes:
    """Return the list of DERs: one, whose resources the client fills."""
    one = der.DER(
        href="/edev/1/der/1",
        DERAvailabilityLink=Link(href="/edev/1/der/1/dera"),
        DERCapabilityLink=Link(href="/edev/1/der/1/dercap"),
        DERSettingsLink=Link(href="/edev/1/der/1/derg"),
        DERStatusLink=Link(href="/edev/1/der/1/ders"),
    )
    shown = page.of([one])
    return xml_of(
        der.DERListResponse(
            href="/edev/1/der", all_=1, results=len(shown), pollRate=poll_s, DER_=shown
        )
    )


def mirror_list(points: Sequence[bytes], page: Page, poll_s: int) -> bytes:
    """Return the usage points a client registered, as it sent them and without its readings."""
    shown = [parsed(metering_mirror.MirrorUsagePointRequest, one) for one in page.of(points)]
    bare = [
        metering_mirror.MirrorUsagePoint.model_validate(
            point.model_dump(exclude={"mirrorMeterReadings"})
        )
        for point in shown
    ]
    return xml_of(
        metering_mirror.MirrorUsagePointListResponse(
            href="/mup",
            all_=len(points),
            results=len(shown),
            pollRate=poll_s,
            mirrorUsagePoints=bare,
        )
    )


def _program(program: Program) -> der.DERProgramResponse:
    href = f"/edev/1/derp/{program.number}"
    default = Link(href=f"{href}/dderc") if program.default is not None else None
    return der.DERProgramResponse(
        href=href,
        mRID=program.mrid,
        primacy=program.primacy,
        DefaultDERControlLink=default,
        DERControlListLink=ListLink(href=f"{href}/derc", all_=len(program.controls)),
    )


def _control(
    program: Program, control: Control, contested: bool, now_s: float
) -> der.DERControlResponse:
    status, since_s = program.status(control, now_s)
    return der.DERControlResponse(
        href=f"/edev/1/derp/{program.number}/derc/{control.number}",
        replyTo="/edev/1/rsps/1/rsp",
        responseRequired=RESPONSES_WANTED,
        mRID=control.mrid,
        creationTime=control.created_s,
        EventStatus_=StatusElement(
            currentStatus=int(status),
            dateTime=since_s,
            potentiallySuperseded=contested or status is EventStatus.SUPERSEDED,
        ),
        interval=DateTimeIntervalType(duration=control.duration_s, start=control.start_s),
        randomizeStart=control.randomize_start_s,
        DERControlBase_=_base(control.values),
    )


def _base(values: Values) -> der.DERControlBase:
    powers: dict[str, Any] = {
        ELEMENTS[name]: _power(power) for name, power in values.powers.items()
    }
    return der.DERControlBase(
        opModEnergize=values.energize,
        opModConnect=values.connect,
        rampTms=values.ramp_cs,
        **powers,
    )


def _power(power: ActivePower) -> PowerElement:
    return PowerElement(value=power.value, multiplier=power.multiplier)
