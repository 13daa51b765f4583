"""Trouble with links and instruments in a run: never a verdict, and an end that is safe or says it is not.

Here a sample; `bench prove` and the soak tests try the whole catalogue.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.command import bench, results


def endured(directory: Path, *options: str) -> list[dict[str, Any]]:
    """Return how the chosen benches of the catalogue ended."""
    outcome = bench(
        "prove", "--no-resolution", "--json", "--out", directory, *options, timeout_s=3600
    )
    assert outcome.code in (0, 1), outcome.err
    rows: list[dict[str, Any]] = json.loads(outcome.out)["bench_trouble"]
    assert bool(outcome.code) == any(row["flaws"] for row in rows)
    return rows


@pytest.mark.parametrize("chosen", ["record-block-stale", "protection-in-hold", "start-mute"])
def test_a_troubled_bench_ends_as_the_catalogue_says(chosen: str, tmp_path: Path) -> None:
    [row] = endured(tmp_path / "proof", "-k", chosen)
    assert row["flaws"] == []
    assert "invalid" in row["found"]["outcomes"]
    assert chosen in (tmp_path / "proof" / "prove.html").read_text(encoding="utf-8")


@pytest.mark.soak
def test_every_troubled_bench_ends_as_the_catalogue_says(tmp_path: Path) -> None:
    rows = endured(tmp_path / "proof", "--no-inverters")
    assert len(rows) >= 100
    assert {row["id"]: row["flaws"] for row in rows if row["flaws"]} == {}


def test_no_trouble_is_tried_when_none_is_wanted(tmp_path: Path) -> None:
    outcome = bench("prove", "--no-trouble", "--no-resolution", "-k", "record-stale")
    assert outcome.code == 2
    assert "record-stale" in outcome.err


def test_an_output_that_stays_on_leaves_results_and_exit_code_4(tmp_path: Path) -> None:
    trouble = "output_stays_on@ac_source,count=all"
    outcome = bench(
        "run",
        "-k",
        "voltage_ride_through and OV2 and L1",
        "--trouble",
        trouble,
        "--out",
        tmp_path / "on",
    )
    assert outcome.code == 4
    document = results(tmp_path / "on")
    assert document["exit_code"] == 4
    assert document["run"]["troubles"] == [trouble]
    assert "the source reads back ON" in document["safe_state"]["problems"][0]
    assert trouble in (tmp_path / "on" / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        ("gremlins@ac_source", "gremlins"),
        ("silence@wind_tunnel", "wind_tunnel"),
        ("truncated_block@contactor", "contactor"),
        ("silence@ac_source,colour=red", "colour"),
    ],
)
def test_a_trouble_nobody_knows_is_a_usage_error(trouble: str, words: str) -> None:
    outcome = bench("run", "-k", "ST1", "--trouble", trouble)
    assert outcome.code == 2
    assert words in outcome.err
