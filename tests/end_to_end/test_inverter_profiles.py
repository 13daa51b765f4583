"""Every reference inverter complies in every region, in all that concerns it."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest

from tests.end_to_end.command import bench, outcomes, results

INVERTERS = (
    "reference_10kva",
    "reference_single_phase_5kva",
    "reference_hybrid_10kva",
    "reference_per_phase_10kva",
)
REGIONS = ("A", "B", "C", "NZ")
STORAGE = {"VW2", "FW2", "DR5", "DR6", "DR7"}
NEVER_APPLIES = {
    "reference_10kva": STORAGE,
    "reference_single_phase_5kva": STORAGE | {"PQ3"},
    "reference_hybrid_10kva": {"PR3"},
    "reference_per_phase_10kva": STORAGE,
}
IN_EVERY_RUN = {("reference_hybrid_10kva", "A")}
"""The reference inverter in region A and in B has tests of its own; the other combinations are a soak run."""


def combinations() -> list[object]:
    marks = [
        () if combination in IN_EVERY_RUN else (pytest.mark.soak,)
        for combination in product(INVERTERS, REGIONS)
    ]
    return [
        pytest.param(*combination, marks=mark, id="-".join(combination))
        for combination, mark in zip(product(INVERTERS, REGIONS), marks, strict=True)
    ]


@pytest.mark.parametrize(("inverter", "region"), combinations())
def test_it_complies_in_everything_that_concerns_it(
    inverter: str, region: str, tmp_path: Path
) -> None:
    file = f"profiles/inverters/{inverter}.toml"
    out = tmp_path / "run"
    outcome = bench("run", "--no-views", "--inverter", file, "--grid-code", region, "--out", out)
    found = outcomes(tmp_path / "run")
    assert outcome.code == 0, {name: value for name, value in found.items() if value != "pass"}
    # Which cases of the regime that New Zealand names apply is told by tests of their own.
    own = {name: value for name, value in found.items() if not name.startswith("EXL-")}
    not_applicable = {name for name, value in own.items() if value == "not applicable"}
    assert not_applicable == NEVER_APPLIES[inverter]
    assert set(found.values()) <= {"pass", "not applicable", "not tested"}
    rows = results(tmp_path / "run")["requirements"]
    assert all(row["reason"] for row in rows if row["outcome"] != "pass")
    assert not any(row["planned_trials"] for row in rows if row["outcome"] == "not tested")


def test_an_older_inverter_is_commanded_through_the_older_model(tmp_path: Path) -> None:
    file = "profiles/inverters/reference_legacy_10kva.toml"
    outcome = bench("run", "--inverter", file, "-k", "GL1 or PF1 or RP1", "--out", tmp_path / "run")
    assert outcome.code == 0, outcome.err
    found = outcomes(tmp_path / "run")
    assert {row: found[row] for row in ("GL1", "PR2", "PF1", "RP1")} == dict.fromkeys(
        ("GL1", "PR2", "PF1", "RP1"), "pass"
    )


def test_the_plan_says_what_does_not_apply_and_why() -> None:
    outcome = bench("plan", "-k", "OV2")
    _, _, text = outcome.out.partition("Not applicable:")
    assert "VW2" in text
    assert "the nameplate states no storage" in text


def test_selecting_only_what_does_not_apply_is_refused(tmp_path: Path) -> None:
    outcome = bench("run", "-k", "VW2", "--out", tmp_path / "run")
    assert outcome.code == 2
    assert not (tmp_path / "run").exists()
