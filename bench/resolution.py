"""The smallest deviation that is still caught, found by halving. Pure.

A deviation grows from the limit itself to plainly wrong. Halving finds where the verdict turns; between the
largest size passed and the smallest caught lies what the procedure can tell.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from instruments.simulated.deviations import Deviation

FINE_ENOUGH = 0.5
"""Share of the stated uncertainty to which the turn of the verdict is looked for."""
MOST_STEPS = 8
LARGEST_RATIO = 3.0
"""The smallest deviation caught may be this many times the stated uncertainty."""


@dataclass(frozen=True)
class Search:
    """How far the halving has come.

    Attributes:
        passed: the largest share that was not caught.
        caught: the smallest share that was; None when none was yet.
        uncertainty: expanded uncertainty stated where it was caught, in the deviation's unit.
    """

    deviation: Deviation
    passed: float = 0.0
    caught: float | None = None
    uncertainty: float | None = None
    steps: int = 0

    @property
    def next_share(self) -> float:
        """The share to try next: the wrong end first, then the middle."""
        return 1.0 if self.caught is None else (self.passed + self.caught) / 2

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
        """Whether the procedure tells apart what its uncertainty promises.

        A deviation without uncertainty, such as a setting that is read, must be caught at any size.
        """
        if self.smallest_caught is None:
            return False
        return self.ratio is None or self.ratio <= LARGEST_RATIO

    def after(self, uncertainty: float | None) -> Search:
        """Return the search after trying `next_share`.

        Args:
            uncertainty: stated with the verdict that caught it; None when it was not caught.
        """
        share, steps = self.next_share, self.steps + 1
        if uncertainty is None:
            return replace(self, passed=share, steps=steps)
        return replace(self, caught=share, uncertainty=uncertainty, steps=steps)

    @property
    def done(self) -> bool:
        """Whether the turn is known well enough, or nothing is caught at all."""
        if self.caught is None:
            return self.steps > 0
        gap = self.deviation.size(self.caught - self.passed)
        return self.steps >= MOST_STEPS or gap <= FINE_ENOUGH * (self.uncertainty or 0.0)
