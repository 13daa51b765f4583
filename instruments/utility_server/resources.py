"""Which path is which resource, and what a client may do with it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

from instruments.utility import ControlResponse, PostedReading
from instruments.utility_server import messages, posted
from instruments.utility_server.messages import Page
from instruments.utility_server.posted import MirrorMeter, MirrorPoint
from instruments.utility_server.programs import Programs
from instruments.utility_server.schema import EndDeviceResponse, Unreadable
from instruments.utility_server.server_time import ServerTime

RESPONSES = "/edev/1/rsps/1/rsp"
FILLED: dict[str, Callable[[bytes], None]] = {
    "/edev/1/cp": posted.check_connection_point,
    "/edev/1/der/1/dercap": posted.check_capability,
    "/edev/1/der/1/derg": posted.check_settings,
    "/edev/1/der/1/ders": posted.check_status,
    "/edev/1/der/1/dera": posted.check_availability,
}
"""Resources the client fills → what checks it."""


@dataclass(frozen=True)
class Answer:
    """Status, document and, for something new, where it is."""

    status: HTTPStatus
    body: bytes = b""
    location: str = ""


NOT_FOUND = Answer(HTTPStatus.NOT_FOUND)
NOT_ALLOWED = Answer(HTTPStatus.METHOD_NOT_ALLOWED)
CHANGED = Answer(HTTPStatus.NO_CONTENT)


@dataclass
class Heard:
    """What clients did, on the bench's clock.

    Attributes:
        delivered_s, cancelled_s: control → when it was first read, and first read as cancelled.
        defaults_s: primacy → when its present default was first read.
        kinds: of a client's meter readings: unit and power of ten, by identifier.
    """

    responses: list[ControlResponse] = field(default_factory=list)
    readings: list[PostedReading] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    delivered_s: dict[str, float] = field(default_factory=dict)
    cancelled_s: dict[str, float] = field(default_factory=dict)
    defaults_s: dict[int, float] = field(default_factory=dict)
    last_poll_s: float | None = None
    kinds: dict[str, tuple[int, int]] = field(default_factory=dict)


class Resources:
    """The tree of resources of one server. The caller holds a lock.

    Args:
        pin: of the registration.
        listed: whether a client finds itself registered; otherwise it registers itself.
    """

    def __init__(self, time: ServerTime, programs: Programs, pin: int, *, listed: bool) -> None:
        self.heard = Heard()
        self.poll_s, self.post_s = 60, 60
        self._time = time
        self._programs = programs
        self._pin = pin
        self._listed = listed
        self._registered: set[str] = set()
        self._since_s = int(time.now_s())
        self._filled: dict[tuple[str, str], bytes] = {}
        self._mirrors: list[tuple[MirrorPoint, bytes]] = []
        self._methods = {"GET": self._get, "HEAD": self._get, "PUT": self._put, "POST": self._post}

    def handle(self, method: str, target: str, body: bytes, lfdi: str) -> Answer:
        """Answer a request of the client with this LFDI."""
        parts = urlsplit(target)
        act = self._methods.get(method)
        if act is None:
            return NOT_ALLOWED
        try:
            return act(parts.path.rstrip("/"), _page(parts.query), body, lfdi)
        except Unreadable as error:
            self.heard.complaints.append(f"{method} {parts.path}: {error}")
            return Answer(HTTPStatus.BAD_REQUEST)

    def _get(self, path: str, page: Page, _: bytes, lfdi: str) -> Answer:
        now_s = self._time.now_s()
        whole: dict[str, Callable[[], bytes]] = {
            "/dcap": lambda: messages.device_capability(self.poll_s),
            "/tm": lambda: messages.time_of_day(int(now_s)),
            "/edev": lambda: self._devices(lfdi, page),
            "/mup": lambda: messages.mirror_list(
                [sent for _, sent in self._mirrors], page, self.post_s
            ),
        }
        if path in whole:
            return Answer(HTTPStatus.OK, whole[path]())
        if not self._knows(lfdi):
            return NOT_FOUND
        own: dict[str, Callable[[], bytes]] = {
            "/edev/1": lambda: messages.document(self._device(lfdi)),
            "/edev/1/rg": lambda: messages.registration(self._pin, self._since_s),
            "/edev/1/fsa": lambda: messages.assignments(
                page, len(list(self._programs)), self.poll_s
            ),
            "/edev/1/derp": lambda: self._program_list(page),
            "/edev/1/der": lambda: messages.device_list(page, self.post_s),
        }
        if path in own:
            return Answer(HTTPStatus.OK, own[path]())
        if (path, lfdi) in self._filled:
            return Answer(HTTPStatus.OK, self._filled[path, lfdi])
        return self._of_program(path, page, now_s)

    def _program_list(self, page: Page) -> bytes:
        self.heard.last_poll_s = self._time.bench_now_s()
        return messages.program_list(list(self._programs), page, self.poll_s)

    def _of_program(self, path: str, page: Page, now_s: float) -> Answer:
        found = re.fullmatch(r"/edev/1/derp/(\d+)/(dderc|derc)", path)
        program = self._programs.numbered(int(found[1])) if found else None
        if found is None or program is None:
            return NOT_FOUND
        if found[2] == "dderc":
            if program.default is None:
                return NOT_FOUND
            self.heard.defaults_s.setdefault(program.primacy, self._time.bench_now_s())
            return Answer(HTTPStatus.OK, messages.default_control(program))
        listed = program.listed(now_s)
        contested = {one.mrid: self._programs.outranked(program, one) for one in listed}
        for control in page.of(listed):
            self.heard.delivered_s.setdefault(control.mrid, self._time.bench_now_s())
            if control.cancelled_s is not None:
                self.heard.cancelled_s.setdefault(control.mrid, self._time.bench_now_s())
        return Answer(HTTPStatus.OK, messages.control_list(program, contested, page, now_s))

    def _put(self, path: str, _: Page, body: bytes, lfdi: str) -> Answer:
        check = FILLED.get(path)
        if check is None or not self._knows(lfdi):
            return NOT_FOUND
        check(body)
        self._filled[path, lfdi] = body
        return CHANGED

    def _post(self, path: str, _: Page, body: bytes, lfdi: str) -> Answer:
        if path == "/edev":
            return self._register(posted.read_end_device(body), lfdi)
        if path == RESPONSES:
            return self._respond(body, lfdi)
        if path == "/mup":
            point, meters = posted.read_mirror_point(body)
            self._mirrors = [one for one in self._mirrors if one[0].mrid != point.mrid]
            self._mirrors.append((point, body))
            self._note(meters, point.location)
            return Answer(HTTPStatus.CREATED, location=f"/mup/{len(self._mirrors)}")
        found = re.fullmatch(r"/mup/(\d+)", path)
        if found and 1 <= int(found[1]) <= len(self._mirrors):
            location = self._mirrors[int(found[1]) - 1][0].location
            self._note(posted.read_meter_readings(body), location)
            return Answer(HTTPStatus.CREATED, location=path)
        return NOT_ALLOWED if path in FILLED else NOT_FOUND

    def _register(self, stated: str, lfdi: str) -> Answer:
        if stated and stated != lfdi:
            self.heard.complaints.append(
                f"POST /edev: the client states the LFDI {stated}, its certificate has {lfdi}"
            )
            return Answer(HTTPStatus.FORBIDDEN)
        self._registered.add(lfdi)
        return Answer(HTTPStatus.CREATED, location="/edev/1")

    def _respond(self, body: bytes, lfdi: str) -> Answer:
        answered = posted.read_response(body)
        if answered.lfdi != lfdi:
            raise Unreadable(f"a response in the name of {answered.lfdi} by {lfdi}")
        if answered.status is None:
            raise Unreadable("a response without a status")
        created_s = None if answered.created_s is None else self._time.to_bench(answered.created_s)
        self.heard.responses.append(
            ControlResponse(
                answered.control_id, answered.status, self._time.bench_now_s(), created_s
            )
        )
        return Answer(HTTPStatus.CREATED, location=f"{RESPONSES}/{len(self.heard.responses)}")

    def _note(self, meters: list[MirrorMeter], location: str) -> None:
        at_s = self._time.bench_now_s()
        for one in meters:
            if one.quantity is not None:
                self.heard.kinds[one.meter] = (one.quantity, one.multiplier or 0)
            if one.meter not in self.heard.kinds:
                raise Unreadable(f"a reading of {one.meter}, whose unit was never stated")
            quantity, multiplier = self.heard.kinds[one.meter]
            values = [value * 10.0**multiplier for value in one.values]
            self.heard.readings += [
                PostedReading(at_s, quantity, location, value) for value in values
            ]

    def _knows(self, lfdi: str) -> bool:
        return self._listed or lfdi in self._registered

    def _device(self, lfdi: str) -> EndDeviceResponse:
        return messages.end_device(lfdi, self._since_s, self.post_s)

    def _devices(self, lfdi: str, page: Page) -> bytes:
        devices = [self._device(lfdi)] if self._knows(lfdi) else []
        return messages.end_device_list(devices, page, self.poll_s)


def _page(query: str) -> Page:
    """Return what part of a list is wanted; a list that is asked for without a limit gives one item."""
    wanted = parse_qs(query)
    try:
        start, limit = (
            int(wanted.get(name, [default])[0]) for name, default in (("s", "0"), ("l", "1"))
        )
    except ValueError as error:
        raise Unreadable(f"query {query!r}: expected s and l as numbers") from error
    return Page(max(0, start), max(0, limit))
