"""The smallest deviation that is still caught, found by halving. Pure.

A deviation grows from the limit itself to plainly wrong. Halving finds where the verdict turns; between the
largest size passed and the smallest caught lies what the procedure can tell.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from instruments.simulated.deviations import Deviation

FINE_ENOUGH = 1.5
"""Share of the stated uncertainty to which the turn of the verdict is looked for."""
MOST_STEPS = 9
LARGEST_RATIO = 3.0
"""The smallest deviation caught may be this many times the stated uncertainty."""
INSIDE_RATIO = 1.05
"""An inverter inside its limit by a little more than the stated uncertainty must not be failed."""


@dataclass(frozen=True)
class Seen:
    """What a trial said of one size.

    Attributes:
        failed: whether the judged quantity was failed.
        uncertainty: expanded uncertainty stated with it, in the deviation's unit.
    """

    failed: bool
    uncertainty: float


@dataclass(frozen=True)
class Search:
    """How far the halving has come.

    Attributes:
        passed: the largest share that was not caught.
        caught: the smallest share that was; None when none was yet.
        uncertainty: expanded uncertainty stated where it was caught, in the deviation's unit.
        inside_failed: whether an inverter inside the limit was failed; None when it was not tried yet.
        trouble: why a run of it told nothing, which ends it; empty otherwise.
    """

    deviation: Deviation
    passed: float = 0.0
    caught: float | None = None
    uncertainty: float | None = None
    inside_failed: bool | None = None
    steps: int = 0
    trouble: str = ""

    @property
    def next_share(self) -> float:
        """The share to try next: plainly wrong, what may just be missed, the middle, last inside the limit."""
        if self.caught is None:
            return 1.0
        if self.turn_found:
            return -INSIDE_RATIO * self._stated_share
        barely = LARGEST_RATIO * self._stated_share
        middle = (self.passed + self.caught) / 2
        return barely if self.passed < barely < middle else middle

    @property
    def smallest_caught(self) -> float | None:
        """Size of the smallest deviation that was caught; None when not even the largest was."""
        return None if self.caught is None else self.deviation.size(self.caught)

    @property
    def ratio(self) -> float | None:
        """The smallest deviation caught over the stated uncertainty."""
        if self.smallest_caught is None or not self.uncertainty:
            return None
        return self.smallest_caught / self.uncertainty

    @property
    def good_enough(self) -> bool:
        """Whether the procedure tells apart what its uncertainty promises, and fails nothing inside the limit.

        A deviation without uncertainty, such as a setting that is read, must be caught at any size.
        """
        if self.trouble or self.smallest_caught is None or self.inside_failed:
            return False
        return self.ratio is None or self.ratio <= LARGEST_RATIO

    @property
    def turn_found(self) -> bool:
        """Whether it is known well enough where the verdict turns."""
        if self.caught is None:
            return self.steps > 0
        gap = self.caught - self.passed
        return self.steps >= MOST_STEPS or gap <= FINE_ENOUGH * self._stated_share

    @property
    def done(self) -> bool:
        """Whether the turn and the inside are known, nothing is caught at all, or a run told nothing."""
        if self.trouble:
            return True
        return self.turn_found and (self.caught is None or self.inside_failed is not None)

    def after(self, seen: Seen) -> Search:
        """Return the search after trying `next_share`."""
        share, steps = self.next_share, self.steps + 1
        if share < 0:
            return replace(self, inside_failed=seen.failed, steps=steps)
        if not seen.failed:
            return replace(self, passed=share, steps=steps)
        return replace(self, caught=share, uncertainty=seen.uncertainty, steps=steps)

    def broken(self, trouble: str) -> Search:
        """Return the search after a run that told nothing of `next_share`."""
        return replace(self, trouble=trouble, steps=self.steps + 1)

    @property
    def _stated_share(self) -> float:
        """The stated uncertainty as a share of the way."""
        return (self.uncertainty or 0.0) / self.deviation.size(1.0)
