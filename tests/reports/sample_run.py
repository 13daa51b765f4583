"""Runs as the bench leaves them: a real journal, real raw files, verdicts of the real rule."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from math import pi, sqrt
from pathlib import Path
from typing import Any

import numpy as np

from bench.evidence.journal import Journal, RunDirectory, journal_head, read_journal
from bench.trials.trial_evidence import Level, Mark, Plot, TrialEvidence
from bench.verdicts.measurement import Limit, Measurement
from bench.verdicts.uncertainty import BudgetLine
from bench.verdicts.verdict import SIMPLE, DecisionRule, Outcome, judge, worst
from instruments.interfaces import GridStep, Reading, Recording, Stimulus
from reports.results import build_results

HASH = "0123456789abcdef" * 4
EVENT_S = 0.3
UNPLANNED = "this version has no procedure for it"


class StoppedClock:
    """A clock that moves only when told to."""

    name = "virtual"

    def __init__(self) -> None:
        self.time_s = 10.0

    def now_s(self) -> float:
        return self.time_s

    def sleep(self, duration_s: float) -> None:
        self.time_s += duration_s


class SampleRun:
    """Writes one run.

    Args:
        planned: requirement → number of trials planned for it.
        names: what to write instead of "inverter", "station", "title" and so on.
    """

    def __init__(
        self,
        path: Path,
        planned: Mapping[str, int],
        *,
        rule: DecisionRule = SIMPLE,
        simulated: bool = True,
        names: Mapping[str, str] | None = None,
    ) -> None:
        self.path = path
        self.clock = StoppedClock()
        self._rule = rule
        self._names = {"inverter": "Reference RI-10K", "status": "provisional", **(names or {})}
        self._directory = RunDirectory.create(path)
        self.journal = Journal.create(path / "journal.jsonl", self.clock)
        self.journal.append(
            "run_started",
            run=self._run(simulated),
            requirements=[self._requirement(name, count) for name, count in planned.items()],
        )
        self.journal.append(
            "instrument_identified",
            role="power_analyser",
            maker="ZES",
            model="LMG671",
            serial="1",
            firmware="2",
            driver="instruments.analysers.zes_lmg600:Lmg600",
            resource="simulated",
            simulated=simulated,
            calibration=None,
        )

    def begin(self, trial: str, *requirements: str, phases: str = "L2") -> TrialEvidence:
        """Start a trial and leave it open."""
        evidence = TrialEvidence(trial, self.journal, self._directory)
        conditions = {"repetition": "1", "phases": phases}
        title = self._names.get("title", "Overvoltage 1 (V>)")
        evidence.started(f"test_{trial}[x]", requirements, title, conditions)
        self.clock.sleep(60.0)
        return evidence

    def trial(self, trial: str, values: Mapping[str, str | None], **limits: Any) -> None:
        """Write a trial that judges each requirement's value; None leaves it unjudged."""
        evidence = self.begin(trial, *values)
        verdicts = []
        for requirement, value in values.items():
            if value is not None:
                verdicts.append(self.judge(evidence, requirement, value, **limits))
        outcome = worst(verdicts) if verdicts else Outcome.INVALID
        reason = "the inverter had to be stopped" if None in values.values() else None
        evidence.ended(outcome, reason)

    def judge(
        self,
        evidence: TrialEvidence,
        requirement: str,
        value: str,
        *,
        upper: str | None = "2.0",
        lower: str | None = None,
        uncertainty: str = "0.01",
        censored: Any = None,
        file: str | None = None,
    ) -> Outcome:
        """Measure and judge; return the outcome."""
        measurement = Measurement(
            measurand="time to disconnect",
            value=Decimal(value),
            unit="s",
            expanded_uncertainty=Decimal(uncertainty),
            coverage_factor=Decimal("2"),
            method="from the recorded step",
            recording=file,
            censored=censored,
            budget=(BudgetLine("end of the current", 0.004, "s"), BudgetLine("clock", 0.003, "s")),
        )
        limit = Limit(
            requirement=requirement,
            quantity="disconnection time",
            unit="s",
            lower=None if lower is None else Decimal(lower),
            upper=None if upper is None else Decimal(upper),
            clause="Table 4.1",
            source="TESLA",
            status=self._names["status"],
            max_uncertainty=Decimal("0.02"),
        )
        verdict = judge(measurement, limit, self._rule)
        evidence.measured(measurement, file or "")
        evidence.judged(verdict)
        return verdict.outcome

    def trial_with_files(self, trial: str, requirement: str) -> None:
        """Write a trial with stimulus, recording, readings, plots and a verdict."""
        evidence = self.begin(trial, requirement)
        nominal, fault = (230.0, 230.0, 230.0), (230.0, 267.8, 230.0)
        steps = (GridStep(nominal, 50.0, 0.1), GridStep(fault, 50.0, 3.0))
        evidence.stimulus(Stimulus("step L2 to 267.8 V", steps))
        file = evidence.recording(trip_recording())
        evidence.plotted(file, trip_plot(self._names.get("level", "OV1 265.0 V")))
        readings = evidence.readings(reconnection_readings())
        evidence.plotted(readings, reconnection_plot())
        outcome = self.judge(evidence, requirement, "1.5123", file=file)
        evidence.note(self._names.get("note", "a remark"))
        evidence.ended(outcome, None)

    def end(self, *, safe: bool = True, interrupted: str | None = None) -> None:
        """Close the run."""
        problems = [] if safe else ["the contactor did not open"]
        self.journal.append("safe_state", confirmed=safe, problems=problems)
        self.journal.append(
            "run_ended",
            bench_duration_s=self.clock.now_s() - 10.0,
            wall_duration_s=1.5,
            exchanges=42,
            interrupted=interrupted,
        )
        self.journal.close()

    def results(self) -> dict[str, Any]:
        """Close the journal and return the results document of what it holds."""
        self.journal.close()
        journal = self.path / "journal.jsonl"
        return build_results(read_journal(journal), journal_head(journal))

    def _run(self, simulated: bool) -> dict[str, Any]:
        file = {"file": "x.toml", "sha256": HASH}
        return {
            "id": self._names.get("run", "20260101T000000Z_RI-10K"),
            "simulated": simulated,
            "clock": "virtual" if simulated else "wall",
            "seed": 1 if simulated else None,
            "faults": [],
            "grid_code": {
                "id": "AS/NZS 4777.2:2020 A",
                "title": "Inverter requirements",
                "edition": "2020",
                "region": "Australia A",
                "method": {"nominal_voltage_v": "230.0"},
                **file,
            },
            "station": {"name": self._names.get("station", "Laboratory 2"), **file},
            "inverter": {
                "name": self._names["inverter"],
                "rated_apparent_power_va": 10000.0,
                "phases": 3,
                **file,
            },
            "decision_rule": self._rule.to_json(),
            "versions": {"python": "3.11", "git_dirty": "no"},
            "command": "bench run",
        }

    def _requirement(self, name: str, planned: int) -> dict[str, Any]:
        limit = {
            "quantity": "disconnection max",
            "value": "2.0",
            "unit": "s",
            "clause": "Table 4.1",
            "source": "TESLA",
            "status": "provisional",
        }
        return {
            "id": name,
            "kind": "voltage_trip",
            "title": self._names.get("title", "Overvoltage 1 (V>)"),
            "clause": "Table 4.1",
            "limits": [limit],
            "planned_trials": planned,
            "reason": None if planned else UNPLANNED,
        }


def full_run(path: Path, **options: Any) -> SampleRun:
    """Write a finished run: two requirements pass, one fails, one was never planned."""
    run = SampleRun(path, {"OV1": 1, "OV2": 1, "UV1": 1, "ST1": 0}, **options)
    run.trial_with_files("voltage_trip-OV1-L2-run1", "OV1")
    run.trial("voltage_trip-OV2-L2-run1", {"OV2": "1.2"})
    run.trial("voltage_trip-UV1-L2-run1", {"UV1": "2.5"})
    run.end()
    return run


def trip_recording(
    *, event_s: float = EVENT_S, end_s: float = 1.8, duration_s: float = 3.0
) -> Recording:
    """Return three phases of which L2 steps up at the event, and currents that end."""
    times = np.arange(round(duration_s * 10_000)) / 10_000
    channels = {}
    for phase in range(3):
        angle = 2 * pi * (50 * times - phase / 3)
        level = np.where((times >= event_s) & (phase == 1), 267.8, 230.0)
        channels[f"u{phase + 1}"] = sqrt(2) * level * np.sin(angle)
        channels[f"i{phase + 1}"] = np.where(times < end_s, sqrt(2) * 14.5 * np.sin(angle), 0.0)
    units = {name: "V" if name.startswith("u") else "A" for name in channels}
    return Recording(10_000.0, 0.0, channels, units, "power_analyser")


def trip_plot(level: str = "OV1 265.0 V", *, view_s: tuple[float, float] | None = None) -> Plot:
    """Return what to draw of `trip_recording`."""
    return Plot(
        title="Overvoltage 1 (V>)",
        marks=[Mark("event", EVENT_S), Mark("ceased", 1.8), Mark("disconnected", 1.8123)],
        limit_times=[Mark("not before", EVENT_S + 1), Mark("not after", EVENT_S + 2)],
        levels=[Level(level, 265.0, "V")],
        view_s=view_s or (0.2, 2.6),
    )


def reconnection_readings() -> list[Reading]:
    """Return a grid that comes back after 2 s and an inverter that connects after 63 s."""
    return [
        Reading(
            end_s=100.0 + 0.1 * number,
            window_s=0.1,
            voltages_v=(230.0, 230.0, 230.0) if number > 20 else (0.1, 0.1, 0.1),
            currents_a=(0.2, 0.2, 0.2) if number > 630 else (0.0, 0.0, 0.0),
            active_powers_w=(0.0, 0.0, 0.0),
            frequency_hz=50.0,
            requested_s=0.0,
            answered_s=0.0,
        )
        for number in range(650)
    ]


def reconnection_plot() -> Plot:
    """Return what to draw of `reconnection_readings`."""
    return Plot(
        title="Reconnection",
        marks=[Mark("grid back", 2.05), Mark("connected", 63.05)],
        limit_times=[Mark("not before", 62.05)],
        levels=[Level("window 205.0 V", 205.0, "V")],
    )
