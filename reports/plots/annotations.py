"""The words of a plot: what is permitted when, and labels that do not run into each other. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf

from bench.trials.trial_evidence import Mark, Plot

LINE_PT = 10.0
NEAR_PT = 12.0
NOT_BEFORE, NOT_AFTER = "not before", "not after"


@dataclass(frozen=True)
class Stretch:
    """A stretch of time in which the awaited end is permitted, or is not.

    Attributes:
        words: what to write on it; the first that fits.
    """

    from_s: float
    to_s: float
    permitted: bool
    words: tuple[str, ...]


@dataclass(frozen=True)
class Label:
    """A text centred at `x`, `width` wide, both in points, on a row counted from the lowest."""

    x: float
    width: float
    text: str
    row: int = 0


def origin_s(plot: Plot) -> float:
    """Return the instant from which the times of a plot count: its first mark, or the start of the file."""
    return plot.marks[0].time_s if plot.marks else 0.0


def from_first_mark(marks: Sequence[Mark], start_s: float) -> list[Mark]:
    """Return marks with their times counted from an origin."""
    return [Mark(mark.label, mark.time_s - start_s) for mark in marks]


def stretches(limits: Sequence[Mark]) -> list[Stretch]:
    """Return what the limit times permit, from the event on; nothing without a limit time."""
    earliest_s = max((limit.time_s for limit in limits if limit.label == NOT_BEFORE), default=None)
    latest_s = min((limit.time_s for limit in limits if limit.label == NOT_AFTER), default=None)
    found = []
    if earliest_s is not None:
        found.append(Stretch(0.0, earliest_s, False, ("too early",)))
    if found or latest_s is not None:
        found.append(_permitted(earliest_s, latest_s))
    if latest_s is not None:
        found.append(Stretch(latest_s, inf, False, ("too late",)))
    return found


def mark_text(mark: Mark, decimals: int) -> str:
    """Return the label of a mark with its time, except at the origin."""
    if mark.time_s == 0:
        return mark.label
    return f"{mark.label} {mark.time_s:.{decimals}f} s"


def spread(labels: Sequence[Label], left: float, right: float, rows: int = 1) -> list[Label]:
    """Keep labels between the edges and apart: on rows one above the other, or joined to one.

    Those that stand close to each other are joined, and those for which no row has room.
    """
    placed: list[list[Label]] = [[] for _ in range(rows)]
    before: Label | None = None
    row = 0
    for label in sorted(labels, key=lambda label: label.x):
        if before is None or label.x - before.x > NEAR_PT:
            row = _free_row(placed, _between(label, left, right))
        _put(placed[row], replace(label, row=row), left, right)
        before = label
    return [label for labels_of_row in placed for label in labels_of_row]


def _free_row(placed: Sequence[Sequence[Label]], label: Label) -> int:
    """Return the lowest row with room, or the lowest of all."""
    free = (row for row, there in enumerate(placed) if not there or not _overlap(there[-1], label))
    return next(free, 0)


def _put(there: list[Label], label: Label, left: float, right: float) -> None:
    placed = _between(label, left, right)
    while there and _overlap(there[-1], placed):
        placed = _between(_join(there.pop(), placed), left, right)
    there.append(placed)


def spread_heights(heights: Sequence[float], gap: float = LINE_PT) -> list[float]:
    """Move heights apart that are closer than a line of text, the lowest staying where it is."""
    moved = list(heights)
    below = -inf
    for number in sorted(range(len(heights)), key=lambda number: heights[number]):
        moved[number] = below = max(heights[number], below + gap)
    return moved


def description(plot: Plot, decimals: int, shown: str) -> str:
    """Return in words what the plot shows, for readers who cannot see it.

    Args:
        shown: the quantities.
    """
    times = [*plot.marks[1:], *plot.limit_times]
    texts = [mark_text(mark, decimals) for mark in from_first_mark(times, origin_s(plot))]
    parts = [f"Times count from “{event_name(plot)}”"]
    parts += [f": {', '.join(texts)}"] if texts else []
    parts += [f"; {level.label}" for level in plot.levels]
    return f"{shown.capitalize()}. {''.join(parts)}."


def event_name(plot: Plot) -> str:
    """Return what the times of a plot count from."""
    return plot.marks[0].label if plot.marks else "start of the file"


def _permitted(earliest_s: float | None, latest_s: float | None) -> Stretch:
    sides = [
        f"{word} {time_s:g} s"
        for word, time_s in (("from", earliest_s), ("until", latest_s))
        if time_s is not None
    ]
    low = 0.0 if earliest_s is None else earliest_s
    high = inf if latest_s is None else latest_s
    return Stretch(low, high, True, (f"permitted {' '.join(sides)}", "permitted"))


def _between(label: Label, left: float, right: float) -> Label:
    half = label.width / 2
    x = min(max(label.x, left + half), max(right - half, left + half))
    return replace(label, x=x)


def _overlap(a: Label, b: Label) -> bool:
    return b.x - b.width / 2 < a.x + a.width / 2


def _join(a: Label, b: Label) -> Label:
    return Label((a.x + b.x) / 2, a.width + b.width, f"{a.text} · {b.text}", b.row)
