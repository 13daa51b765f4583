"""What trying the catalogue of troubled benches showed. Pure.

Trouble with the bench must never become a verdict: a trial it spoils is invalid, one that passes all the same
has measured what it measures without the trouble, and the run ends safe or says that it does not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench.verdicts.verdict import Outcome
from instruments.simulated.troubles import TroubledBench

SCATTER = 0.05
"""By how much of its value a quantity of a simulated inverter differs from one trial to the next: it acts at
another angle of the voltage."""
JUDGED = (Outcome.PASS, Outcome.CONDITIONAL_PASS)


@dataclass(frozen=True)
class RunEnd:
    """How a run ended.

    Attributes:
        said: what was printed by a run that left no results.
        results: the results document; empty when the run did not begin.
    """

    exit_code: int
    said: str
    results: Mapping[str, Any]

    @property
    def trials(self) -> Sequence[Mapping[str, Any]]:
        """Its trials in order."""
        trials: Sequence[Mapping[str, Any]] = self.results.get("trials", ())
        return trials

    @property
    def outcomes(self) -> tuple[str, ...]:
        """Outcomes of its trials in order."""
        return tuple(trial["outcome"] for trial in self.trials)

    @property
    def reasons(self) -> str:
        """Everything the run says of what went wrong."""
        if not self.results:
            return self.said
        spoilt = [trial["reason"] or "" for trial in self.trials]
        return "\n".join([*spoilt, *self.results["safe_state"]["problems"]])


@dataclass(frozen=True)
class Endured:
    """One bench of the catalogue after its run.

    Attributes:
        untroubled: the same trials on a bench without trouble.
    """

    bench: TroubledBench
    run: RunEnd
    untroubled: RunEnd

    @property
    def flaws(self) -> list[str]:
        """What is not as the catalogue says; empty when trouble stayed trouble."""
        return [*self._end(), *self._reason(), *self._strayed()]

    def _end(self) -> Iterator[str]:
        if self.run.outcomes != self.bench.outcomes:
            yield f"trials: {_listed(self.run.outcomes)}; expected {_listed(self.bench.outcomes)}"
        if self.run.exit_code != self.bench.exit_code:
            yield f"exit code {self.run.exit_code}; expected {self.bench.exit_code}"

    def _reason(self) -> Iterator[str]:
        if self.bench.reason not in self.run.reasons:
            yield f"the reason does not say {self.bench.reason!r}: {self.run.reasons.strip()[-300:]}"

    def _strayed(self) -> Iterator[str]:
        """Yield what passed and measured something else than without the trouble."""
        undisturbed = {trial["id"]: _judged(trial) for trial in self.untroubled.trials}
        for trial in self.run.trials:
            if trial["outcome"] not in JUDGED:
                continue
            found, expected = _judged(trial), undisturbed.get(trial["id"], {})
            if found.keys() != expected.keys():
                yield f"{trial['id']}: judged {_listed(sorted(found))}; expected {_listed(sorted(expected))}"
            for quantity in found.keys() & expected.keys():
                yield from _difference(
                    f"{trial['id']}, {quantity}", found[quantity], expected[quantity]
                )


def _listed(words: Sequence[str]) -> str:
    return ", ".join(words) or "none"


def _judged(trial: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return the measurements of a trial by what they were judged for."""
    return {
        f"{verdict['requirement']} {verdict['limit']['quantity']}": verdict["measurement"]
        for verdict in trial["verdicts"]
    }


def _difference(what: str, found: Mapping[str, Any], expected: Mapping[str, Any]) -> Iterator[str]:
    """Yield how two measurements differ by more than both uncertainties and the scatter explain."""
    value, usual = float(found["value"]), float(expected["value"])
    room = float(found["expanded_uncertainty"]) + float(expected["expanded_uncertainty"])
    if found["censored"] != expected["censored"] or abs(value - usual) > room + SCATTER * abs(
        usual
    ):
        yield f"{what}: {value:g} {found['unit']}; {usual:g} {expected['unit']} without trouble"
