"""Every wrong inverter of the catalogue fails its requirements and no other; every good one passes."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

from instruments.simulated.faults import Fault, catalogue
from tests.end_to_end.command import bench, outcomes, results, run

FAULTS = list(catalogue().values())


@pytest.mark.parametrize("fault", FAULTS, ids=[fault.id for fault in FAULTS])
def test_a_fault_fails_its_requirements_and_no_other(fault: Fault, tmp_path: Path) -> None:
    outcome = bench("run", "--fault", fault.id, "--out", tmp_path / "run")
    found = outcomes(tmp_path / "run")
    failed = {name for name, value in found.items() if "fail" in value}
    assert failed == set(fault.fails)
    assert outcome.code == (1 if fault.fails else 0), outcome.err
    assert "invalid" not in found.values()


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
