"""One run: a plan, a station, a journal; trials one after the other."""

from __future__ import annotations

import platform
import subprocess
from collections.abc import Collection, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from itertools import chain, count
from pathlib import Path
from typing import Any

from bench.applicability import inapplicable
from bench.decision_rule import decision_rule
from bench.distributor import find_distributor, with_distributor
from bench.equipment import missing_equipment
from bench.evidence import Journal, RunDirectory
from bench.foresight import Foresight, foresee
from bench.overlay import with_overlay
from bench.paths import ROOT
from bench.profile import GridCode, Requirement, find_grid_code, load_grid_code
from bench.simulation import parameter_paths, set_up_for, with_seed, with_simulated
from bench.station import Station
from bench.station_file import InverterFile, StationFile, load_inverter, load_station
from bench.trial import Trial
from bench.trial_evidence import TrialEvidence
from bench.troubles import parse_trouble
from instruments.clock import process_time_s, utc_now
from instruments.errors import ConfigurationError, UnsafeBench
from instruments.simulated.faults import inverter_with_faults
from instruments.simulated.transport.link_faults import Trouble

PACKAGES = ("inverter-compliance-bench", "numpy", "h5py", "pyvisa", "pyvisa-py", "pymodbus")


@dataclass(frozen=True)
class Inputs:
    """Everything a run is started from, loaded and checked; nothing is energised yet."""

    grid_code: GridCode
    station: StationFile
    inverter: InverterFile
    faults: tuple[str, ...]
    troubles: tuple[str, ...] = ()

    @classmethod
    def load(
        cls,
        grid_code: str,
        station: Path,
        inverter: Path,
        faults: Sequence[str],
        overlay: Path | None = None,
        distributor: str | None = None,
        rule: str | None = None,
        seed: int | None = None,
        changes: Sequence[str] = (),
        troubles: Sequence[str] = (),
    ) -> Inputs:
        """Load all files.

        Args:
            rule: decision rule agreed for this run, in the place of the grid code's.
            seed: of the simulated laboratory, in place of the station file's.
            changes: of the simulated inverter, as `path=value` with a TOML value.
            troubles: of the simulated laboratory (see `bench.troubles`).

        Raises:
            ConfigurationError: names what is wrong.
        """
        code = load_layers(grid_code, overlay, distributor)
        if rule is not None:
            code = replace(code, rule=decision_rule(rule))
        under_test = with_simulated(load_inverter(inverter), changes)
        _check_simulated_changes(under_test)
        bench = with_seed(load_station(station), seed)
        _check_simulated(bench, change=changes, trouble=troubles)
        under_test = set_up_for(under_test, code)
        loaded = cls(code, bench, under_test, tuple(faults), tuple(troubles))
        inverter_with_faults(loaded.faults, loaded.inverter.simulated_changes)
        loaded.parsed_troubles()
        return loaded

    def parsed_troubles(self) -> list[Trouble]:
        """Return what is to go wrong on links and with instruments. Raises ConfigurationError."""
        return [parse_trouble(text) for text in self.troubles]

    def foresee(self, planned: Mapping[str, int]) -> Foresight:
        """Return what the station will be able to judge of the requirements with planned trials."""
        rows = [row for row in self.grid_code.requirements if planned.get(row.id, 0)]
        return foresee(rows, self.grid_code, self.station, self.inverter, utc_now().date())


def load_layers(grid_code: str, overlay: Path | None, distributor: str | None) -> GridCode:
    """Load a grid code, then what a laboratory confirms, then what a distributor chooses.

    In this order, so that a distributor's set-points are checked against confirmed ranges.
    """
    code = load_grid_code(find_grid_code(grid_code))
    if overlay:
        code = with_overlay(code, overlay)
    return with_distributor(code, find_distributor(distributor)) if distributor else code


def _check_simulated(station: StationFile, **options: Sequence[str]) -> None:
    """Refuse options that only a simulated station knows what to do with."""
    for name, values in options.items():
        if values and station.simulation is None:
            raise ConfigurationError(f"--{name} {values[0]}: {station.file} is not simulated")


def _check_simulated_changes(inverter: InverterFile) -> None:
    try:
        inverter_with_faults((), parameter_paths(inverter.simulated_changes))
    except ConfigurationError as error:
        raise ConfigurationError(f"{inverter.file}: table [simulated]: {error}") from error


class Campaign:
    """A run in progress. Use as a context manager around all trials.

    Args:
        inputs: loaded files.
        directory: the run's own directory; must not exist yet.
        planned: requirement id → number of trials planned for it.
        testable_kinds: kinds of requirement for which there is a procedure.
        command: command line, for the record.

    Raises:
        BenchError: on entering; nothing was energised.
    """

    def __init__(
        self,
        inputs: Inputs,
        directory: Path,
        planned: Mapping[str, int],
        testable_kinds: Collection[str],
        command: str,
    ) -> None:
        self.inputs = inputs
        self.directory = RunDirectory.create(directory)
        self.interrupted: str | None = None
        self.unsafe: str | None = None
        self._planned = planned
        self._testable_kinds = testable_kinds
        self._command = command
        self._stack = ExitStack()
        self._started_s = process_time_s()

    def __enter__(self) -> Campaign:
        transcript = self.directory.path / "transcript.jsonl"
        inputs = self.inputs
        with ExitStack() as stack:
            self.station = Station(
                inputs.station,
                inputs.inverter,
                inputs.faults,
                transcript,
                inputs.parsed_troubles(),
            )
            self._leaving = stack.enter_context(ExitStack())
            self._leaving.enter_context(self.station)
            journal = Journal.create(self.directory.path / "journal.jsonl", self.station.clock)
            self.journal = stack.enter_context(journal)
            self._append_start()
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        with self._stack:
            self.make_safe()
            self._restore_settings()
            self._leave_station()
            self.journal.append(
                "run_ended",
                bench_duration_s=self.station.clock.now_s() - self._clock_started_s,
                wall_duration_s=process_time_s() - self._started_s,
                exchanges=self.station.exchanges,
                interrupted=self.interrupted,
            )

    def make_safe(self) -> None:
        """Bring the station to its safe state and record whether it is confirmed."""
        self.unsafe = None
        try:
            self.station.make_safe()
        except UnsafeBench as error:
            self.unsafe = str(error)
        self._record_safe_state()

    def _leave_station(self) -> None:
        """Leave the station, which confirms the safe state again; on record only when it no longer can."""
        try:
            self._leaving.close()
        except UnsafeBench as error:
            self.unsafe = str(error)
            self._record_safe_state()

    def _record_safe_state(self) -> None:
        problems = [self.unsafe] if self.unsafe else []
        self.journal.append("safe_state", confirmed=not problems, problems=problems)

    def _restore_settings(self) -> None:
        """Put the inverter's settings back after an interrupted trial; not a matter of safety, but reported."""
        problem = self.station.restore_settings()
        if problem:
            self.journal.append("note", trial=None, text=problem)

    def begin_trial(
        self,
        trial_id: str,
        procedure: str,
        requirements: Sequence[Requirement],
        conditions: dict[str, str],
    ) -> Trial:
        """Start a trial and record it."""
        evidence = TrialEvidence(trial_id, self.journal, self.directory)
        title = requirements[0].title
        evidence.started(procedure, [row.id for row in requirements], title, conditions)
        return Trial(
            self.station, self.inputs.grid_code.method, self.inputs.grid_code.rule, evidence
        )

    def _append_start(self) -> None:
        self._clock_started_s = self.station.clock.now_s()
        self.journal.append(
            "run_started",
            run=self._run(),
            requirements=[self._requirement(row) for row in self.inputs.grid_code.requirements],
        )
        for text in self.inputs.foresee(self._planned).announcements:
            self.journal.append("note", trial=None, text=f"known before the run: {text}")
        for found in self.station.identified:
            self.journal.append(
                "instrument_identified",
                role=found.role,
                **asdict(found.identity),
                driver=found.driver,
                resource=found.resource,
                simulated=self.station.simulated,
                calibration=self._calibration(found.role),
            )

    def _calibration(self, role: str) -> dict[str, str] | None:
        calibration = self.inputs.station.entries[role].calibration
        return calibration.to_json() if calibration else None

    def _run(self) -> dict[str, Any]:
        inputs, grid_code = self.inputs, self.inputs.grid_code
        simulation = inputs.station.simulation
        return {
            "id": self.directory.path.name,
            "simulated": self.station.simulated,
            "clock": self.station.clock.name,
            "seed": simulation.seed if simulation else None,
            "faults": list(inputs.faults),
            "troubles": list(inputs.troubles),
            "grid_code": {
                "id": grid_code.id,
                "title": grid_code.title,
                "edition": grid_code.edition,
                "region": grid_code.region,
                "file": grid_code.file.name,
                "sha256": grid_code.sha256,
                "layers": [layer.to_json() for layer in grid_code.layers],
                "method": {key: str(value) for key, value in asdict(grid_code.method).items()},
            },
            "station": {
                "name": inputs.station.name,
                "file": inputs.station.file.name,
                "sha256": inputs.station.sha256,
            },
            "inverter": {
                "name": f"{inputs.inverter.maker} {inputs.inverter.model}",
                "file": inputs.inverter.file.name,
                "sha256": inputs.inverter.sha256,
                "rated_apparent_power_va": inputs.inverter.rated_apparent_power_va,
                "phases": inputs.inverter.phases,
                "storage_power_w": inputs.inverter.storage_power_w,
            },
            "decision_rule": grid_code.rule.to_json(),
            "versions": versions(),
            "command": self._command,
        }

    def _requirement(self, row: Requirement) -> dict[str, Any]:
        planned = self._planned.get(row.id, 0)
        return {
            "id": row.id,
            "kind": row.kind,
            "title": row.title,
            "clause": row.clause,
            "limits": [
                {
                    "quantity": quantity.name.replace("_", " "),
                    "value": ", ".join(str(value) for value in quantity.values),
                    "unit": quantity.unit,
                    "clause": row.clause,
                    "source": quantity.source,
                    "status": quantity.status,
                }
                for quantity in row.quantities.values()
            ],
            "planned_trials": planned,
            "applicable": inapplicable(row, self.inputs.inverter) is None,
            "reason": None if planned else self._reason_unplanned(row),
        }

    def _reason_unplanned(self, row: Requirement) -> str:
        inputs = self.inputs
        lacking = inapplicable(row, inputs.inverter) or missing_equipment(row, inputs.station)
        if lacking:
            return lacking
        if row.kind in self._testable_kinds:
            return "not selected for this run"
        return f"this version has no procedure for {row.kind.replace('_', ' ')}"


def default_directory(parent: Path, inverter: InverterFile) -> Path:
    """Return a new run's directory below `parent`, named by date and inverter."""
    stamp = utc_now().strftime("%Y%m%dT%H%M%SZ")
    base = f"{stamp}_{inverter.maker}-{inverter.model}".replace(" ", "-")
    for name in chain([base], (f"{base}-{number}" for number in count(2))):
        if not (parent / name).exists():
            return parent / name
    raise AssertionError("count() does not end")


def versions() -> dict[str, str]:
    """Return what this run was made with."""
    found = {"python": platform.python_version(), "platform": platform.platform()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found | _git()


def _git() -> dict[str, str]:
    """Return commit and cleanliness of the clone; an installation without git says so."""
    try:
        commit = _git_output("rev-parse", "HEAD")
        dirty = _git_output("status", "--porcelain", "--untracked-files=no")
    except (OSError, subprocess.SubprocessError):
        return {"git_commit": "unknown", "git_dirty": "unknown"}
    return {"git_commit": commit, "git_dirty": "yes" if dirty else "no"}


def _git_output(*arguments: str) -> str:
    return subprocess.run(
        ["git", "-C", str(ROOT), *arguments],
        capture_output=True,
        text=True,
        check=True,
        timeout=5,
    ).stdout.strip()
