"""An instant that is known only within a bracket."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Instant:
    """A time from the start of the record, in seconds, with the bracket that holds the true one."""

    best_s: float
    earliest_s: float
    latest_s: float

    @classmethod
    def between(cls, earliest_s: float, latest_s: float) -> Instant:
        """Return the instant in the middle of a bracket: nothing inside it is more likely."""
        return cls(0.5 * (earliest_s + latest_s), earliest_s, latest_s)

    @property
    def half_width_s(self) -> float:
        """Distance from the best value to the farther end of the bracket."""
        return max(self.latest_s - self.best_s, self.best_s - self.earliest_s)

    def shifted(self, by_s: float) -> Instant:
        """Return the same instant counted from another origin."""
        return Instant(self.best_s + by_s, self.earliest_s + by_s, self.latest_s + by_s)
