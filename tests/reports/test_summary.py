"""The table a terminal shows."""

from __future__ import annotations

from pathlib import Path

from reports.summary import summary_text
from tests.reports.sample_run import SampleRun, full_run


def test_the_last_line_is_the_conclusion(tmp_path: Path) -> None:
    text = summary_text(full_run(tmp_path / "run").results())
    assert text.splitlines()[-1] == "✗ FAIL  3 of 4 requirements were tested; failed: UV1."


def test_a_row_tells_value_limit_and_margin(tmp_path: Path) -> None:
    lines = summary_text(full_run(tmp_path / "run").results()).splitlines()
    [row] = [line for line in lines if " UV1 " in line]
    for cell in ("✗", "fail", "2.500 ± 0.010 s", "≤ 2.0 s", "−0.500 s"):
        assert cell in row


def test_what_was_not_planned_is_listed(tmp_path: Path) -> None:
    assert "not tested: ST1" in summary_text(full_run(tmp_path / "run").results())


def test_simulation_is_told_first_and_only_when_it_was_one(tmp_path: Path) -> None:
    simulated = summary_text(full_run(tmp_path / "a").results())
    real = summary_text(full_run(tmp_path / "b", simulated=False).results())
    assert simulated.startswith("SIMULATED – NOT EVIDENCE")
    assert "SIMULATED" not in real


def test_a_requirement_that_could_not_be_judged_shows_its_reason(tmp_path: Path) -> None:
    run = SampleRun(tmp_path / "run", {"OV1": 1})
    run.begin("a", "OV1")
    assert "aborted: the trial was started" in summary_text(run.results())


def test_columns_line_up(tmp_path: Path) -> None:
    lines = summary_text(full_run(tmp_path / "run").results()).splitlines()
    rows = [line for line in lines if "Overvoltage 1" in line]
    assert len(rows) == 3
    assert len({row.index("Overvoltage 1") for row in rows}) == 1
