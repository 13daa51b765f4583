"""What an axis spans, and where it has its ticks. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

MARGIN = 0.07
STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
LEAST_TICKS = 2
MOST_DECIMALS = 5


@dataclass(frozen=True)
class Range:
    """From and to of one axis, in its own unit."""

    low: float
    high: float

    @property
    def length(self) -> float:
        """How much it spans; 1 where both ends are the same, as for a single reading."""
        return self.high - self.low or 1.0

    @classmethod
    def around(cls, values: Sequence[float], smallest_span: float) -> Range:
        """Return a range that holds all values with some room, and spans no less than given."""
        low, high = min(values, default=0.0), max(values, default=0.0)
        span = max(high - low, smallest_span)
        room = MARGIN * span + (span - (high - low)) / 2
        lowest = -MARGIN * span if low >= 0 else low - room
        return cls(max(low - room, lowest), high + room)


def ticks(span: Range, most_intervals: int) -> list[float]:
    """Return round numbers inside a range, two or more, no more than so many intervals apart."""
    for step in _steps(span, most_intervals):
        # A tick on the very edge of a range is inside it, however its step was rounded.
        first, last = ceil(span.low / step - 1e-9), floor(span.high / step + 1e-9)
        if last - first + 1 >= LEAST_TICKS:
            break
    return [round(number * step, 12) for number in range(first, last + 1)]


def tick_texts(values: Sequence[float]) -> list[str]:
    """Return texts with the same number of decimals, as few as keep neighbours apart."""
    for decimals in range(MOST_DECIMALS + 1):
        texts = [f"{value:.{decimals}f}" for value in values]
        exact = all(
            abs(float(text) - value) < 1e-9 for text, value in zip(texts, values, strict=True)
        )
        if exact:
            break
    return [
        text.removeprefix("-") if float(text) == 0 else text.replace("-", "−") for text in texts
    ]


def _steps(span: Range, most_intervals: int) -> list[float]:
    """Return the smallest round step that gives no more intervals, and smaller ones after it."""
    least = span.length / most_intervals
    decade = 10.0 ** floor(log10(least))
    fitting = [factor * decade for factor in STEPS if factor * decade >= least * (1 - 1e-9)]
    smaller = [factor * decade for factor in reversed(STEPS) if factor * decade < fitting[0]]
    return [fitting[0], *smaller, decade / 2]
