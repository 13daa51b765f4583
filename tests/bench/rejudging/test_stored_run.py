"""A stored run is read only when everything in it is what was recorded."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bench.evidence.call_log import CallLog
from bench.evidence.journal import Journal, RunDirectory
from bench.evidence.run_document import requirement_document, run_document
from bench.evidence.run_inputs import keep_inputs
from bench.inputs import Inputs
from bench.paths import DEFAULT_GRID_CODE, DEFAULT_INVERTER, DEFAULT_STATION, GRID_CODES, INVERTERS
from bench.rejudging.stored_run import Choice, StoredRun
from bench.stations.station_file import load_inverter
from bench.trials.trial_evidence import TrialEvidence
from bench.verdicts.verdict import GUARDED, Outcome
from instruments.clock import WallClock
from instruments.errors import ConfigurationError, EvidenceError
from instruments.interfaces import Reading, Recording

RECORD = Recording(10.0, 0.0, {"u1": np.zeros(3)}, {"u1": "V"}, "analyser")
READING = Reading(1.0, 0.2, (230.0,) * 3, (10.0,) * 3, (2300.0,) * 3, 50.0, 0.9, 1.1)
KEPT = ("recordings", "readings", "captures", "calls", "inputs/grid_code", "inputs/station")


def loaded(grid_code: str | Path = DEFAULT_GRID_CODE) -> Inputs:
    return Inputs.load(str(grid_code), DEFAULT_STATION, DEFAULT_INVERTER, ())


def written(path: Path, inputs: Inputs) -> Path:
    """Write a run with one trial that holds a file of every kind."""
    directory, clock = RunDirectory.create(path), WallClock()
    with Journal.create(path / "journal.jsonl", clock) as journal:
        rows = inputs.grid_code.requirements
        journal.append(
            "run_started",
            run=run_document(inputs, "run", "wall", "bench run"),
            requirements=[requirement_document(row, inputs.inverter, 1, None) for row in rows],
        )
        keep_inputs(inputs, directory, journal)
        calls = CallLog()
        evidence = TrialEvidence("voltage_trip-OV1", journal, directory, calls)
        evidence.started("test_voltage_trip", ["OV1"], "V>", {})
        calls.made("analyser.fetch_recording", clock, lambda: RECORD)
        evidence.readings([READING])
        evidence.recording(replace(RECORD, source="another"))
        evidence.ended(Outcome.NOT_TESTED, "nothing was judged")
    return path


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return written(tmp_path / "run", loaded())


def test_an_untouched_run_opens_with_its_trials_and_calls(run: Path) -> None:
    stored = StoredRun.open(run)
    assert list(stored.trials) == ["voltage_trip-OV1"]
    assert stored.trials["voltage_trip-OV1"].ended
    assert [call.name for call in stored.calls("voltage_trip-OV1")] == ["analyser.fetch_recording"]


@pytest.mark.parametrize("folder", KEPT)
def test_one_changed_bit_in_any_file_is_refused(run: Path, folder: str) -> None:
    file = next((run / folder).iterdir())
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    with pytest.raises(EvidenceError, match="is not the file that was recorded"):
        StoredRun.open(run)


@pytest.mark.parametrize("folder", KEPT)
def test_a_missing_file_is_refused(run: Path, folder: str) -> None:
    next((run / folder).iterdir()).unlink()
    with pytest.raises(EvidenceError, match="cannot be read"):
        StoredRun.open(run)


def test_a_changed_journal_is_refused(run: Path) -> None:
    journal = run / "journal.jsonl"
    text = journal.read_text(encoding="utf-8")
    journal.write_text(text.replace('"title": "V>"', '"title": "V<"'), encoding="utf-8")
    with pytest.raises(EvidenceError, match="the chain is broken"):
        StoredRun.open(run)


def test_the_inputs_come_from_the_run_and_not_from_where_they_were(tmp_path: Path) -> None:
    shipped = GRID_CODES / f"{DEFAULT_GRID_CODE}.toml"
    mine = tmp_path / "mine.toml"
    mine.write_bytes(shipped.read_bytes())
    before = loaded(mine)
    run = written(tmp_path / "run", before)
    mine.unlink()
    after = StoredRun.open(run).load_inputs(Choice())
    assert after.grid_code.requirements == before.grid_code.requirements
    assert after.grid_code.file.parent == run / "inputs" / "grid_code"


@pytest.mark.parametrize("region", ["A", "B", "C", "NZ"])
def test_a_grid_code_that_extends_another_is_kept_with_it(tmp_path: Path, region: str) -> None:
    before = loaded(region)
    stored = StoredRun.open(written(tmp_path / "run", before))
    after = stored.load_inputs(Choice())
    assert after.grid_code.requirements == before.grid_code.requirements
    for layer in after.grid_code.layers:
        assert layer.file.is_relative_to(tmp_path)


def test_a_rule_or_a_grid_code_can_be_chosen(run: Path) -> None:
    stored = StoredRun.open(run)
    assert stored.load_inputs(Choice(rule="guarded")).grid_code.rule == GUARDED
    assert stored.load_inputs(Choice(grid_code="B")).grid_code.region_code == "B"
    assert not Choice(rule="guarded").of_profile
    assert Choice(grid_code="B").of_profile


def test_inputs_that_were_changed_since_they_were_loaded_are_not_kept(tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_bytes((GRID_CODES / f"{DEFAULT_GRID_CODE}.toml").read_bytes())
    inputs = loaded(mine)
    mine.write_bytes(mine.read_bytes() + b"\n")
    with pytest.raises(ConfigurationError, match=r"mine\.toml: changed since it was loaded"):
        written(tmp_path / "run", inputs)


def test_what_states_the_uncertainty_is_found_beside_the_kept_station_file(run: Path) -> None:
    station = StoredRun.open(run).load_inputs(Choice()).station
    shipped = loaded().station
    for role, entry in station.entries.items():
        before = shipped.entries[role].budgets
        assert (entry.budgets is None) is (before is None)
        if entry.budgets and before:
            assert entry.budgets.file.parent == run / "inputs" / "station"
            assert entry.budgets.sha256 == before.sha256


def test_a_register_map_is_found_beside_the_kept_inverter_file(tmp_path: Path) -> None:
    inverter = INVERTERS / "example_register_map.toml"
    inputs = replace(loaded(), inverter=load_inverter(inverter))
    run = written(tmp_path / "run", inputs)
    stored = StoredRun.open(run)
    assert stored.inputs["register map"].parent == run / "inputs" / "inverter"
    kept, before = stored.load_inputs(Choice()).inverter, inputs.inverter
    assert kept.region_codes == before.region_codes
    assert kept.register_map
    assert before.register_map
    assert list(kept.register_map.points) == list(before.register_map.points)


def test_the_day_of_a_trial_is_the_one_on_which_it_began(run: Path) -> None:
    stored = StoredRun.open(run)
    [started] = stored.of_type("trial_started")
    assert stored.trials["voltage_trip-OV1"].day.isoformat() == started["utc"][:10]
