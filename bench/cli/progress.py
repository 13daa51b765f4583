"""Progress of a campaign on the terminal: one line a trial, on standard error."""

from __future__ import annotations

from collections import Counter

import click
import pytest

from bench.grid_code.profile import Requirement
from bench.inputs import Inputs
from bench.programs.courses import PlannedItem

MARKS = {
    "pass": "✓",
    "conditional pass": "✓",
    "fail": "✗",
    "conditional fail": "✗",
    "invalid": "!",
}
LONGEST_REASON = 300


class Progress:
    """A pytest plugin that prints what cannot be judged, then one line per finished trial.

    Args:
        quiet: print nothing.
        inputs: what the run is started from; None announces nothing.

    Attributes:
        reason: why the session was ended early, when it was.
    """

    def __init__(self, quiet: bool, inputs: Inputs | None) -> None:
        self.reason = ""
        self._inputs = inputs
        self._quiet = quiet
        self._total = 0
        self._done = 0

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Remember how many trials there will be, and announce what the station cannot judge."""
        self._total = len(session.items)
        planned = Counter(row.id for item in session.items for row in _requirements(item))
        if self._quiet or self._inputs is None:
            return
        for text in self._inputs.foresee(planned).announcements:
            click.echo(f"! {text}", err=True)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Print the trial's outcome and verdicts."""
        if report.when != "call" and not (report.when == "setup" and report.failed):
            return
        self._done += 1
        if self._quiet:
            return
        properties = dict(report.user_properties)
        outcome = str(properties.get("outcome", "invalid"))
        name = report.nodeid.rpartition("::")[2].removeprefix("test_")
        text = properties.get("summary") or str(report.longrepr or "")[:LONGEST_REASON]
        click.echo(
            f"[{self._done:3}/{self._total}] {MARKS.get(outcome, '?')} {outcome:<12} {name:<30} {text}",
            err=True,
        )

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Keep the reason of an early end (also of `pytest.exit`)."""
        self.reason = str(excinfo.value) or "interrupted"


def _requirements(item: pytest.Item) -> tuple[Requirement, ...]:
    if not isinstance(item, pytest.Function):
        return ()
    return PlannedItem.of(item.name, item.callspec.params).requirements
