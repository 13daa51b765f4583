"""The detection matrix: what counts as caught, missed and blamed."""

from __future__ import annotations

import json

import pytest

from bench.proofs.proving import Finding, Proof, Tried, by_requirement, finding, tally
from bench.proofs.resolution import Search
from instruments.simulated.deviations import Deviation
from reports.proof import proof_text, render_proof, summary_lines


def tried(fails: str, outcomes: dict[str, str], name: str = "x", trouble: str = "") -> Tried:
    return Tried(name, "an inverter", 1, frozenset(fails.split()), outcomes, trouble)


@pytest.mark.parametrize(
    ("outcome", "must_fail", "found"),
    [
        ("fail", True, Finding.CAUGHT),
        ("conditional fail", True, Finding.CAUGHT),
        ("fail", False, Finding.BLAMED),
        ("pass", True, Finding.MISSED),
        ("inconclusive", True, Finding.MISSED),
        ("invalid", True, Finding.MISSED),
        ("not tested", True, Finding.MISSED),
        ("", True, Finding.MISSED),
        ("pass", False, Finding.CLEARED),
        ("conditional pass", False, Finding.CLEARED),
        ("inconclusive", False, Finding.UNDECIDED),
        ("invalid", False, Finding.UNDECIDED),
        ("not tested", False, Finding.UNTRIED),
        ("not applicable", False, Finding.UNTRIED),
    ],
)
def test_each_outcome_has_one_meaning(outcome: str, must_fail: bool, found: Finding) -> None:
    assert finding(outcome, must_fail) is found


def test_a_perfect_proof_catches_everything_and_blames_nothing() -> None:
    counts = tally(
        [
            tried("OV1 ST2", {"OV1": "fail", "ST2": "fail", "OV2": "pass"}),
            tried("", {"OV1": "pass", "OV2": "not tested"}),
        ]
    )
    assert counts.perfect
    assert (counts.deviations, counts.caught, counts.good, counts.good_failed) == (2, 2, 1, 0)


@pytest.mark.parametrize(
    ("one", "flaw"),
    [
        (tried("OV1", {"OV1": "pass"}), "missed: OV1"),
        (tried("OV1", {"OV1": "fail", "OV2": "fail"}), "blamed: OV2"),
        (tried("", {"OV1": "fail"}), "blamed: OV1"),
        (tried("", {"OV1": "invalid"}), "undecided: OV1"),
        (tried("OV1", {}, trouble="exit code 4"), "the run broke: exit code 4"),
    ],
)
def test_any_flaw_spoils_it_and_is_said(one: Tried, flaw: str) -> None:
    assert not tally([one]).perfect
    assert not one.right
    assert any(flaw in line for line in summary_lines(Proof("A", (one,), ())))


def test_a_requirement_counts_only_where_it_was_tried() -> None:
    rows = by_requirement(
        [
            tried("OV1", {"OV1": "fail", "OV2": "not tested"}),
            tried("", {"OV1": "pass", "OV2": "not tested"}),
            tried("", {"OV1": "not tested", "OV2": "pass"}),
        ]
    )
    assert (rows["OV1"].deviations, rows["OV1"].caught, rows["OV1"].good) == (1, 1, 1)
    assert (rows["OV2"].deviations, rows["OV2"].good) == (0, 1)


def test_the_page_and_the_document_name_every_inverter() -> None:
    proof = Proof(
        "A", (tried("OV1", {"OV1": "fail"}, "late"), tried("", {"OV1": "pass"}, "good")), ()
    )
    document = json.loads(proof_text(proof))
    page = render_proof(proof)
    assert document["perfect"] is True
    assert [one["findings"] for one in document["inverters"]] == [
        {"OV1": "caught"},
        {"OV1": "cleared"},
    ]
    assert "late" in page
    assert "good" in page


def test_a_search_whose_run_broke_spoils_the_proof_and_is_told_everywhere() -> None:
    late = Deviation("ov1-late", "OV1", "time", "OV1", "path", compliant=2.0, wrong=2.4, unit="s")
    proof = Proof("A", (), (Search(late).broken("the run broke: exit code 4"),))
    [document] = json.loads(proof_text(proof))["resolutions"]
    assert not proof.perfect
    assert document["trouble"] == "the run broke: exit code 4"
    assert any(
        "ov1-late" in line and "the run broke: exit code 4" in line for line in summary_lines(proof)
    )
    assert "the run broke: exit code 4" in render_proof(proof)
