"""Views of an audit: its schema, its page, its table."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from bench.audit.audit import Audit, document
from bench.audit.judging import Auditor
from bench.audit.reading import Reading
from bench.audit.summary import exit_code, summary_csv, summary_rows
from bench.paths import DEFAULT_INVERTER
from bench.stations.station_file import load_inverter
from instruments.errors import EvidenceError
from instruments.interfaces import Identity, SettingValue
from reports.audit_page import check_audit, render_audit, render_fleet
from reports.audit_text import audit_lines, number, required_text
from tests.bench.grid_code_files import region

NASTY = "<script>alert(1)</script>"
WHEN = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def audited(
    settings: Mapping[str, SettingValue], trouble: str = "", maker: str = "Maker"
) -> dict[str, Any]:
    code, inverter = region("A"), load_inverter(DEFAULT_INVERTER)
    identity = None if trouble else Identity(maker, "X5000", "7", "1.2")
    reading = Reading(identity, settings, trouble, 12, 0.5)
    address = "tcp://192.0.2.7:502?unit=1"
    auditor = Auditor(code, inverter)
    return document(
        Audit("Mill Rd 7", address, False, code, inverter, reading, auditor, WHEN, False)
    )


SOME = {
    "overvoltage 1 threshold": SettingValue(265.0, "V", 0.1),
    "overvoltage 1 time": SettingValue(3.0, "s", 0.01),
    "night mode": SettingValue(1.0, "on", 1.0),
}


@pytest.mark.parametrize("found", [audited(SOME), audited({}), audited({}, "nobody answered")])
def test_a_document_keeps_to_its_schema_and_is_json(found: dict[str, Any]) -> None:
    check_audit(json.loads(json.dumps(found, allow_nan=False)))


def test_a_document_that_does_not_keep_to_it_is_refused() -> None:
    found = audited(SOME)
    found["settings"][0]["outcome"] = "perhaps"
    with pytest.raises(EvidenceError, match=r"settings\[0\].outcome"):
        check_audit(found)


def test_the_page_needs_nothing_from_outside_and_escapes_what_an_inverter_says() -> None:
    page = render_audit(audited(SOME, maker=NASTY))
    assert NASTY not in page
    assert "&lt;script&gt;" in page
    for word in ("http://", "https://", "<script", "src=", "@import"):
        assert word not in page


def test_the_fleet_page_escapes_too_and_says_why_nothing_is_known() -> None:
    rows = summary_rows([audited({}, f"no answer {NASTY}")], ["Mill Rd 7"])
    page = render_fleet(rows, "fleet", {"could not be read": 1})
    assert NASTY not in page
    assert "no answer" in page


def test_an_inverter_cannot_put_a_formula_into_the_table() -> None:
    rows = summary_rows([audited(SOME, maker="=cmd()")], ["Mill Rd 7"])
    assert ",'=cmd()," in summary_csv(rows)


def test_the_table_says_what_is_wrong_and_what_is_not_exposed() -> None:
    text = "\n".join(audit_lines(audited(SOME)))
    assert "Wrong: OV1 overvoltage 1 time." in text
    assert "this inverter does not expose it" in text


@pytest.mark.parametrize(("codes", "expected"), [([0, 0], 0), ([0, 3], 3), ([3, 1, 0], 1), ([], 3)])
def test_a_wrong_site_outweighs_an_unread_one(codes: list[int], expected: int) -> None:
    assert exit_code([{"exit_code": code} for code in codes]) == expected


@pytest.mark.parametrize(
    ("value", "text"), [(0.1 + 0.2, "0.3"), (1e-3, "0.001"), (20000.0, "20000"), (-60.0, "-60")]
)
def test_numbers_are_written_as_people_write_them(value: float, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize(
    ("lower", "upper", "text"),
    [("1.0", "2.0", "≥ 1.0 and ≤ 2.0 s"), ("60", None, "≥ 60 s"), (None, "0.2", "≤ 0.2 s")],
)
def test_a_requirement_shows_its_ends(lower: str | None, upper: str | None, text: str) -> None:
    assert required_text({"required": {"lower": lower, "upper": upper}, "unit": "s"}) == text
