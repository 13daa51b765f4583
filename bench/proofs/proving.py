"""What trying the catalogue of inverters showed: the detection matrix. Pure.

An inverter of the catalogue names the requirements it must fail. Trying it gives an outcome per requirement
that was judged; together they say whether the procedures caught it, missed it, or blamed something else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from bench.proofs.enduring import Endured
from bench.proofs.resolution import Search

FAILED = ("fail", "conditional fail")
PASSED = ("pass", "conditional pass")
UNTRIED = ("not tested", "not applicable")


class Finding(StrEnum):
    """What became of one requirement of one inverter."""

    CAUGHT = "caught"
    MISSED = "missed"
    BLAMED = "blamed"
    CLEARED = "cleared"
    UNDECIDED = "undecided"
    UNTRIED = "untried"


@dataclass(frozen=True)
class Tried:
    """One inverter of the catalogue after a run.

    Attributes:
        fails: ids of the requirements it must fail; none of a compliant inverter.
        outcomes: requirement id → outcome of the run.
        trouble: why the run itself failed, if it did.
    """

    id: str
    title: str
    seed: int
    fails: frozenset[str]
    outcomes: Mapping[str, str]
    trouble: str = ""

    @property
    def findings(self) -> dict[str, Finding]:
        """Finding by requirement id."""
        ids = dict.fromkeys([*self.outcomes, *self.fails])
        return {row: finding(self.outcomes.get(row, ""), row in self.fails) for row in ids}

    @property
    def complies(self) -> bool:
        """Whether it is an inverter that must pass everything."""
        return not self.fails

    def having(self, wanted: Finding) -> list[str]:
        """Return the ids of the requirements with a finding."""
        return [row for row, found in self.findings.items() if found is wanted]

    @property
    def right(self) -> bool:
        """Whether everything it must fail was caught and nothing else blamed or left open."""
        wrong = {Finding.MISSED, Finding.BLAMED, Finding.UNDECIDED}
        return not self.trouble and not wrong & set(self.findings.values())


@dataclass(frozen=True)
class Proof:
    """Everything that was tried."""

    grid_code: str
    tried: tuple[Tried, ...]
    searches: tuple[Search, ...]
    endured: tuple[Endured, ...] = ()

    @property
    def perfect(self) -> bool:
        """Whether everything was caught, nothing else blamed, every resolution is good enough, and trouble with
        the bench never became a verdict."""
        sharp = all(search.good_enough for search in self.searches)
        return tally(self.tried).perfect and sharp and not any(one.flaws for one in self.endured)


def finding(outcome: str, must_fail: bool) -> Finding:
    """Return what an outcome means for a requirement that must, or must not, be failed.

    A requirement that must fail and was not tried is missed: the catalogue says that its procedure shows it.
    """
    if outcome in FAILED:
        return Finding.CAUGHT if must_fail else Finding.BLAMED
    if must_fail:
        return Finding.MISSED
    if outcome in PASSED:
        return Finding.CLEARED
    return Finding.UNTRIED if outcome in UNTRIED or not outcome else Finding.UNDECIDED


@dataclass(frozen=True)
class Tally:
    """The matrix in five numbers.

    Attributes:
        deviations, caught: requirements that had to fail, over all inverters, and how many did.
        blamed: requirements of wrong inverters that failed without having to.
        good, good_failed: compliant inverters tried, and how many of them failed anything.
        undecided: requirements that could not be judged.
        troubled: runs that broke.
    """

    deviations: int
    caught: int
    blamed: int
    good: int
    good_failed: int
    undecided: int
    troubled: int

    @property
    def perfect(self) -> bool:
        """Whether every deviation was caught and nothing else was found."""
        flaws = (self.blamed, self.good_failed, self.undecided, self.troubled)
        return self.caught == self.deviations and not any(flaws)


def tally(tried: Iterable[Tried]) -> Tally:
    """Count over all inverters that were tried."""
    every = list(tried)
    wrong, good = [t for t in every if t.fails], [t for t in every if t.complies]

    def count(found: Finding, among: Iterable[Tried]) -> int:
        return sum(len(one.having(found)) for one in among)

    return Tally(
        deviations=sum(len(one.fails) for one in wrong),
        caught=count(Finding.CAUGHT, wrong),
        blamed=count(Finding.BLAMED, wrong),
        good=len(good),
        good_failed=sum(bool(one.having(Finding.BLAMED)) for one in good),
        undecided=count(Finding.UNDECIDED, every),
        troubled=sum(bool(one.trouble) for one in every),
    )


def by_requirement(tried: Iterable[Tried]) -> dict[str, Tally]:
    """Return a tally for each requirement, of the inverters in which it was tried."""
    every = list(tried)
    found = [(one, one.findings) for one in every]
    ids = dict.fromkeys(row for _, findings in found for row in findings)
    tried_in = {
        row: [
            one
            for one, findings in found
            if findings.get(row, Finding.UNTRIED) is not Finding.UNTRIED
        ]
        for row in ids
    }
    return {
        row: tally(_only(one, row) for one in among) for row, among in tried_in.items() if among
    }


def _only(one: Tried, row: str) -> Tried:
    outcomes = {row: one.outcomes[row]} if row in one.outcomes else {}
    return Tried(one.id, one.title, one.seed, one.fails & {row}, outcomes, one.trouble)
