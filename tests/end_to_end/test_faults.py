"""Every wrong inverter of the catalogue fails its requirements and no other; every good one passes.

Each is run against the procedures it can show in, a few against the whole campaign. All against the whole
campaign takes half an hour: `pytest -m soak tests/end_to_end/test_faults.py`.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

from instruments.simulated.faults import Fault, catalogue
from tests.end_to_end.command import bench, outcomes, results, run

FAULTS = list(catalogue().values())
IDS = [fault.id for fault in FAULTS]
FIRST = ["ov1-late", "l2-not-monitored", "never-trips", "edge-frequency-20-mhz"]


@pytest.mark.parametrize("fault", FAULTS, ids=IDS)
def test_a_fault_shows_in_the_procedures_it_concerns(fault: Fault, tmp_path: Path) -> None:
    check(fault, tmp_path / "run", "-k", " or ".join(fault.concerns))


@pytest.mark.parametrize("fault_id", FIRST)
def test_a_fault_fails_nothing_else_in_the_whole_campaign(fault_id: str, tmp_path: Path) -> None:
    check(catalogue()[fault_id], tmp_path / "run")


@pytest.mark.soak
@pytest.mark.parametrize("fault", FAULTS, ids=IDS)
def test_no_fault_fails_anything_else_in_the_whole_campaign(fault: Fault, tmp_path: Path) -> None:
    check(fault, tmp_path / "run")


def check(fault: Fault, directory: Path, *options: str) -> None:
    if fault.inverter:
        options = (*options, "--inverter", f"profiles/inverters/{fault.inverter}.toml")
    outcome = bench("run", "--fault", fault.id, "--out", directory, *options)
    found = outcomes(directory)
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
