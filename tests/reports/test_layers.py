"""Who changed limits of the grid code, in the results document and on the page."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from instruments.errors import EvidenceError
from reports.html import render_report
from reports.results import check_results
from reports.wording import layer_lines
from tests.reports.sample_run import HASH, full_run

CHANGE = {
    "requirement": "SV1",
    "quantity": "limit",
    "before": "258.0 V",
    "after": "251.0 V",
    "source": "distributor <Net>",
    "status": "published",
}
STUDY = {
    "title": "Hosting <b>",
    "date": "2026-10-30",
    "publisher": "Net & Sons",
    "url": "",
    "methodology": "joint",
}
BASE = {
    "kind": "grid code",
    "title": "Australia A",
    "file": "a.toml",
    "sha256": HASH,
    "study": None,
    "changes": [],
}
CHOSEN = {**BASE, "kind": "distributor", "title": "Net", "study": STUDY, "changes": [CHANGE]}


@pytest.fixture
def document(tmp_path: Path) -> dict[str, Any]:
    found: dict[str, Any] = full_run(tmp_path / "run").results()
    found["run"]["grid_code"]["layers"] = deepcopy([BASE, CHOSEN])
    return found


def test_a_distributor_with_its_study_is_accepted(document: dict[str, Any]) -> None:
    check_results(document)


@pytest.mark.parametrize(
    "spoil",
    [
        {"study": None},
        {"study": {**STUDY, "publisher": ""}},
        {"kind": "rumour"},
        {"kind": "overlay"},
        {"changes": [{**CHANGE, "status": "sure"}]},
    ],
)
def test_a_layer_is_refused_with(spoil: dict[str, Any], document: dict[str, Any]) -> None:
    document["run"]["grid_code"]["layers"][1].update(spoil)
    with pytest.raises(EvidenceError, match=r"layers\[1\]"):
        check_results(document)


def test_the_page_names_set_point_study_and_file(document: dict[str, Any]) -> None:
    page = render_report(document, {trial["id"]: "" for trial in document["trials"]})
    for text in (
        "251.0 V",
        "258.0 V",
        "Hosting &lt;b&gt;",
        "Net &amp; Sons",
        "2026-10-30",
        "joint",
    ):
        assert text in page
    assert "<b>Hosting <b>" not in page


def test_a_line_tells_value_before_and_study(document: dict[str, Any]) -> None:
    (line,) = layer_lines(document["run"]["grid_code"])
    assert line == (
        "distributor Net (network study “Hosting <b>”, Net & Sons, 2026-10-30): "
        "SV1 limit 251.0 V instead of 258.0 V"
    )


def test_an_unchanged_grid_code_needs_no_line() -> None:
    assert layer_lines({"layers": [BASE]}) == []
    assert layer_lines({}) == []
