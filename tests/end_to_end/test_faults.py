"""Every wrong inverter of the catalogue fails its requirements and no other; every good one passes.

Here a wrong and a good one per requirement. The whole catalogue takes minutes, against every procedure half an
hour: `pytest -m soak tests/end_to_end/test_faults.py`, or `bench prove` and `bench prove --whole`.
"""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.command import bench, outcomes, results, run


def proof(directory: Path, *options: str) -> dict[str, Any]:
    """Run `bench prove` and return what it says."""
    outcome = bench(
        "prove",
        "--no-resolution",
        "--no-trouble",
        "--json",
        "--out",
        directory,
        *options,
        timeout_s=3600,
    )
    assert outcome.code in (0, 1), outcome.err
    document: dict[str, Any] = json.loads(outcome.out)
    assert document == json.loads((directory / "prove.json").read_text(encoding="utf-8"))
    return document


def flaws(document: dict[str, Any]) -> list[tuple[str, dict[str, str], str]]:
    """Return what was missed, wrongly blamed or left open."""
    wrong = {"missed", "blamed", "undecided"}
    return [
        (
            one["id"],
            {row: found for row, found in one["findings"].items() if found in wrong},
            one["trouble"],
        )
        for one in document["inverters"]
        if one["trouble"] or wrong & set(one["findings"].values())
    ]


def test_one_wrong_and_one_good_inverter_per_requirement(tmp_path: Path) -> None:
    document = proof(tmp_path / "proof", "--sample")
    assert flaws(document) == []
    assert document["tally"]["deviations"] == document["tally"]["caught"] > 60
    assert document["tally"]["good"] >= 20
    assert "never-trips" in (tmp_path / "proof/prove.html").read_text(encoding="utf-8")


def test_the_whole_campaign_blames_a_wrong_inverter_for_nothing_else(tmp_path: Path) -> None:
    document = proof(tmp_path / "proof", "--whole", "-k", "ov1-late")
    assert flaws(document) == []
    [inverter] = document["inverters"]
    assert sorted(row for row, found in inverter["findings"].items() if found == "caught") == [
        "OV1",
        "ST2",
    ]
    assert sum(found == "cleared" for found in inverter["findings"].values()) > 30


@pytest.mark.soak
@pytest.mark.parametrize("seed", ["1", "2", "3"])
def test_the_whole_catalogue_against_the_procedures_it_concerns(seed: str, tmp_path: Path) -> None:
    document = proof(tmp_path / "proof", "--seed", seed)
    assert flaws(document) == []


@pytest.mark.soak
def test_the_whole_catalogue_against_every_procedure(tmp_path: Path) -> None:
    assert flaws(proof(tmp_path / "proof", "--whole")) == []


def test_an_inverter_that_nobody_knows_is_a_usage_error() -> None:
    outcome = bench("prove", "-k", "no-such-inverter")
    assert outcome.code == 2
    assert "no-such-inverter" in outcome.err


def test_a_failing_inverter_turns_pytest_red(tmp_path: Path) -> None:
    arguments = ("-m", "pytest", "test_procedures", "-p", "no:cacheprovider", "-k", "OV1 and L1")
    red = run(*arguments, "--fault=ov1-late", f"--out={tmp_path / 'red'}")
    green = run(*arguments, f"--out={tmp_path / 'green'}")
    assert red.code == 1
    assert "disconnection time (latest)" in red.out
    assert green.code == 0
    assert results(tmp_path / "red")["exit_code"] == 1


def test_an_inverter_that_feeds_its_island_is_stopped_before_the_grid_returns(
    tmp_path: Path,
) -> None:
    bench("run", "--fault", "never-trips", "-k", "anti_islanding", "--out", tmp_path / "run")
    [trial] = results(tmp_path / "run")["trials"]
    [verdict] = trial["verdicts"]
    assert verdict["outcome"] == "fail"
    assert verdict["measurement"]["censored"] == "at least"
    assert outcomes(tmp_path / "run")["RC1"] == "not tested"
    assert "until it was commanded to stop" in trial["reason"]


@pytest.mark.skipif(find_spec("xdist") is None, reason="pytest-xdist is not installed")
def test_a_bench_refuses_to_be_shared_between_processes(tmp_path: Path) -> None:
    outcome = run("-m", "pytest", "test_procedures", "-n2", f"--out={tmp_path / 'run'}")
    assert outcome.code == 4
    assert "cannot be used with a bench" in outcome.err
