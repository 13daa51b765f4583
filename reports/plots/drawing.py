"""What every kind of plot comes to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Drawing:
    """A plot as an `<svg>` element, and what it shows in words."""

    svg: str
    description: str
