"""The parts of a plot over time or over a level: what is shown, what is required of it, what happened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Required:
    """What is required at one place of an axis; between neighbours it goes in a straight line.

    Attributes:
        at: seconds from the start of the file, or the level.
        expected: interval; equal ends are one value.
        low, high: what is permitted, tolerance included; None on a side without limit. None on both sides
            ends a band, for where nothing is required yet.
    """

    at: float
    expected: tuple[float, float]
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Tick:
    """An instant of one level of a staircase.

    Attributes:
        kind: "commenced" or "completed".
        time_s: from the start of the file.
        label: what is told of it; empty for all but the slowest.
    """

    kind: str
    time_s: float
    label: str = ""


@dataclass(frozen=True)
class PlotPanel:
    """One pair of axes of a plot of readings.

    Attributes:
        quantity: "voltage", "current", "frequency", "active_power", "reactive_power", "site_power" or
            "load_power".
        rated: W or var that are 100 %; None where the quantity is shown in its own unit.
        view: from and to of the values where the traces alone would hide what matters.
    """

    quantity: str
    rated: float | None = None
    required: Sequence[Required] = ()
    ticks: Sequence[Tick] = ()
    view: tuple[float, float] | None = None
