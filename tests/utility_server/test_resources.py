"""What is served, read with the schema, and what clients may do with it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

import pytest
from envoy_schema.server.schema.sep2 import der
from envoy_schema.server.schema.sep2.device_capability import DeviceCapabilityResponse
from envoy_schema.server.schema.sep2.end_device import EndDeviceListResponse, RegistrationResponse
from envoy_schema.server.schema.sep2.function_set_assignments import (
    FunctionSetAssignmentsListResponse,
)
from envoy_schema.server.schema.sep2.time import TimeResponse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from instruments.simulated.csip import documents
from instruments.utility import ControlOrder, DefaultOrder, SiteLimits
from instruments.utility_server.certificates import make_certificates
from instruments.utility_server.resources import RESPONSES, Answer, Resources
from instruments.utility_server.stub import UtilityServerStub

LFDI = "3E4F45AB31EDFE5B67E343E5E4562E31984E23E5"
WHOLE = "?s=0&l=255"


class Still:
    """A virtual clock that somebody sets."""

    name = "virtual"
    time_s = 100.0

    def now_s(self) -> float:
        return self.time_s

    def sleep(self, duration_s: float) -> None:
        self.time_s += duration_s

    def prompt(self) -> None: ...


class Served:
    """A server and one client's way to its resources, without a connection."""

    def __init__(self, folder: Path, registration: str = "listed") -> None:
        self.clock = Still()
        self.stub = UtilityServerStub(
            "https://127.0.0.1:0", self.clock, certificates=folder, registration=registration
        )
        self.stub.open()

    def ask(self, method: str, target: str, body: bytes = b"", lfdi: str = LFDI) -> Answer:
        return self.resources.handle(method, target, body, lfdi)

    @property
    def resources(self) -> Resources:
        return self.stub._open_resources()

    def get(self, target: str) -> bytes:
        answer = self.ask("GET", target)
        assert answer.status == HTTPStatus.OK
        return answer.body


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("certificates") / "set"
    make_certificates(made, "127.0.0.1")
    return made


@pytest.fixture
def served(folder: Path) -> Iterator[Served]:
    made = Served(folder)
    made.stub.publish_default(DefaultOrder(SiteLimits(export_w=1500.0), 0.27), 1)
    made.stub.publish_control(ControlOrder(SiteLimits(export_w=10_000.0), 200.0, 300.0))
    made.stub.publish_control(ControlOrder(SiteLimits(generation_w=45_000.0), 500.4, 300.0))
    yield made
    made.stub.close()


@pytest.mark.parametrize(
    ("target", "kind"),
    [
        ("/dcap", DeviceCapabilityResponse),
        ("/tm", TimeResponse),
        ("/edev" + WHOLE, EndDeviceListResponse),
        ("/edev/1/rg", RegistrationResponse),
        ("/edev/1/fsa" + WHOLE, FunctionSetAssignmentsListResponse),
        ("/edev/1/derp" + WHOLE, der.DERProgramListResponse),
        ("/edev/1/derp/1/dderc", der.DefaultDERControl),
        ("/edev/1/derp/1/derc" + WHOLE, der.DERControlListResponse),
        ("/edev/1/der" + WHOLE, der.DERListResponse),
    ],
)
def test_every_document_is_of_the_schema(served: Served, target: str, kind: type) -> None:
    assert kind.from_xml(served.get(target))  # type: ignore[attr-defined]


def test_every_link_leads_somewhere_that_is_served_or_filled(served: Served) -> None:
    seen, ahead = set(), ["/dcap"]
    while ahead:
        path = ahead.pop()
        seen.add(path)
        answer = served.ask("GET", path + WHOLE)
        links = {found.decode() for found in re.findall(rb'href="([^"]+)"', answer.body)}
        assert answer.status == HTTPStatus.OK or path.startswith(("/edev/1/der/1/", "/edev/1/cp"))
        ahead += sorted(
            one for one in links - seen if not re.search(r"/(derc|derp|der|fsa)/\d+$", one)
        )
    assert "/edev/1/derp/1/dderc" in seen


def test_no_address_has_capital_letters(served: Served) -> None:
    targets = ["/dcap", "/edev" + WHOLE, "/edev/1/derp" + WHOLE, "/edev/1/derp/1/derc" + WHOLE]
    found = [
        link for target in targets for link in re.findall(rb'href="([^"]+)"', served.get(target))
    ]
    assert found
    assert all(link == link.lower() for link in found)


def test_a_default_is_served_as_distributors_do(served: Served) -> None:
    found = der.DefaultDERControl.from_xml(served.get("/edev/1/derp/1/dderc"))
    limit = found.DERControlBase_.opModExpLimW
    assert limit is not None
    assert (limit.value, limit.multiplier, found.setGradW) == (1500, 0, 27)


def test_a_power_beyond_16_bits_is_served_with_a_multiplier(served: Served) -> None:
    found = der.DERControlListResponse.from_xml(served.get("/edev/1/derp/1/derc" + WHOLE))
    assert found.DERControl is not None
    limit = found.DERControl[1].DERControlBase_.opModGenLimW
    assert limit is not None
    assert (limit.value, limit.multiplier) == (4500, 1)


def test_a_control_starts_with_the_next_whole_second(served: Served) -> None:
    found = der.DERControlListResponse.from_xml(served.get("/edev/1/derp/1/derc" + WHOLE))
    assert found.DERControl is not None
    first, second = (one.interval.start for one in found.DERControl)
    assert second - first == 301


def test_a_list_gives_one_item_unless_more_are_asked_for(served: Served) -> None:
    lists = [
        der.DERControlListResponse.from_xml(served.get("/edev/1/derp/1/derc" + query))
        for query in ("", "?l=2", "?s=1&l=255")
    ]
    assert [(one.all_, one.results) for one in lists] == [(2, 1), (2, 2), (2, 1)]


def test_what_was_read_first_is_on_the_benchs_clock(served: Served) -> None:
    control = served.stub.publish_control(ControlOrder(SiteLimits(export_w=0.0), 300.0, 60.0))
    before = served.stub.delivered_s(control.control_id)
    served.clock.sleep(7.5)
    served.get("/edev/1/derp/1/derc" + WHOLE)
    served.clock.sleep(7.5)
    served.get("/edev/1/derp/1/derc" + WHOLE)
    assert (before, served.stub.delivered_s(control.control_id)) == (None, 107.5)


def test_a_cancellation_and_a_new_default_are_delivered_when_they_are_read(served: Served) -> None:
    stub = served.stub
    control = stub.publish_control(ControlOrder(SiteLimits(export_w=0.0), 300.0, 60.0)).control_id
    for target in ("/edev/1/derp/1/derc" + WHOLE, "/edev/1/derp/1/dderc"):
        served.get(target)
    served.clock.sleep(5.0)
    stub.cancel(control)
    stub.publish_default(DefaultOrder(SiteLimits(export_w=0.0)), 1)
    assert (stub.cancellation_delivered_s(control), stub.default_delivered_s(1)) == (None, None)
    served.clock.sleep(5.0)
    for target in ("/edev/1/derp/1/derc" + WHOLE, "/edev/1/derp/1/dderc"):
        served.get(target)
    assert (stub.cancellation_delivered_s(control), stub.default_delivered_s(1)) == (110.0, 110.0)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/edev/1/der/1/dercap", documents.capability(10_000.0)),
        ("/edev/1/der/1/derg", documents.settings(10_000.0, 0.27, 1.0)),
        ("/edev/1/der/1/ders", documents.status(connected=True, operating=True, now_s=1.0)),
    ],
)
def test_what_a_client_puts_is_given_back(served: Served, path: str, body: bytes) -> None:
    assert served.ask("GET", path).status == HTTPStatus.NOT_FOUND
    assert served.ask("PUT", path, body).status == HTTPStatus.NO_CONTENT
    assert served.get(path) == body


def test_what_is_no_message_is_refused_and_on_record(served: Served) -> None:
    answer = served.ask("PUT", "/edev/1/der/1/ders", b"<DERStatus/>")
    assert answer.status == HTTPStatus.BAD_REQUEST
    assert "expected a DERStatus" in served.stub.complaints()[0]


def test_a_response_is_heard_with_both_times(served: Served) -> None:
    body = documents.response("C1", LFDI, 2, 1_767_225_600 + 98)
    assert served.ask("POST", RESPONSES, body).status == HTTPStatus.CREATED
    [heard] = served.stub.responses()
    assert (heard.control_id, heard.status, heard.received_s, heard.created_s) == (
        "C1",
        2,
        100.0,
        98.0,
    )


def test_a_response_in_anothers_name_is_refused(served: Served) -> None:
    body = documents.response("C1", "0" * 40, 2, 0.0)
    assert served.ask("POST", RESPONSES, body).status == HTTPStatus.BAD_REQUEST
    assert not served.stub.responses()


def test_a_client_that_must_register_finds_nothing_before(folder: Path) -> None:
    served = Served(folder, "in band")
    before = served.ask("GET", "/edev/1/derp").status
    body = documents.end_device(LFDI, 167_261_211_391, 0.0)
    made = served.ask("POST", "/edev", body)
    after = served.ask("GET", "/edev/1/derp").status
    served.stub.close()
    assert (before, made.location, after) == (HTTPStatus.NOT_FOUND, "/edev/1", HTTPStatus.OK)


def test_a_client_cannot_register_anothers_certificate(folder: Path) -> None:
    served = Served(folder, "in band")
    answer = served.ask("POST", "/edev", documents.end_device("0" * 40, 1, 0.0))
    served.stub.close()
    assert answer.status == HTTPStatus.FORBIDDEN


def test_readings_carry_unit_place_and_scale(served: Served) -> None:
    point = documents.usage_point("AA", LFDI, {"BB": 38}, site=True)
    location = served.ask("POST", "/mup", point).location
    served.ask("POST", location, documents.meter_readings({"BB": 4321.0}, 0.0, 60.0))
    [reading] = served.stub.readings()
    assert (reading.quantity, reading.location, reading.value) == (38, "site", 4321.0)


def test_a_reading_of_unknown_unit_is_refused(served: Served) -> None:
    point = documents.usage_point("AA", LFDI, {}, site=False)
    location = served.ask("POST", "/mup", point).location
    answer = served.ask("POST", location, documents.meter_readings({"BB": 1.0}, 0.0, 60.0))
    assert answer.status == HTTPStatus.BAD_REQUEST


DOCUMENTS = {
    "/edev": ("POST", documents.end_device(LFDI, 167_261_211_391, 0.0)),
    RESPONSES: ("POST", documents.response("C1", LFDI, 2, 0.0)),
    "/mup": ("POST", documents.usage_point("AA", LFDI, {"BB": 38}, site=True)),
    "/mup/1": ("POST", documents.meter_readings({"BB": 1.0}, 0.0, 60.0)),
    "/edev/1/der/1/derg": ("PUT", documents.settings(10_000.0, 0.27, 1.0)),
    "/edev/1/der/1/ders": ("PUT", documents.status(connected=True, operating=True, now_s=1.0)),
}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.sampled_from(sorted(DOCUMENTS)), st.integers(0, 1000), st.binary(max_size=6))
def test_a_damaged_message_is_answered_and_never_upsets_the_server(
    served: Served, path: str, place: int, damage: bytes
) -> None:
    served.ask("POST", "/mup", DOCUMENTS["/mup"][1])
    method, document = DOCUMENTS[path]
    place %= len(document)
    broken = document[:place] + damage + document[place + len(damage) :]
    answer = served.ask(method, path, broken)
    assert 200 <= answer.status < 500


@pytest.mark.parametrize("method", ["DELETE", "PATCH"])
def test_other_methods_are_not_allowed(served: Served, method: str) -> None:
    assert served.ask(method, "/dcap").status == HTTPStatus.METHOD_NOT_ALLOWED
