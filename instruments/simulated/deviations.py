"""Deviations that grow: parameters on their way from the limit to plainly wrong, from `deviations.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Deviation:
    """A parameter of the simulated inverter between compliant and wrong.

    Attributes:
        requirement: id of what it must fail when it is wrong.
        quantity: what is judged, in its own words.
        trials: which trials show it, as an expression on their names.
        path: of the parameter.
        compliant: value at which the judged quantity is at its limit.
        wrong: value that must be caught.
        per_unit: how much the judged quantity moves when the parameter moves by one.
        unit: of the judged quantity.
        given: other parameters it has at any size: what makes the value at the limit follow in closed form.
        inverter: stem of the reference inverter's file; empty for any.
    """

    id: str
    requirement: str
    quantity: str
    trials: str
    path: str
    compliant: float
    wrong: float
    unit: str
    per_unit: float = 1.0
    given: Mapping[str, Any] = field(default_factory=dict)
    inverter: str = ""

    def changes(self, share: float) -> dict[str, Any]:
        """Return the parameters of the inverter at a share of the way."""
        return {**self.given, self.path: self.at(share)}

    def at(self, share: float) -> float:
        """Return the parameter's value at a share of the way."""
        return self.compliant + share * (self.wrong - self.compliant)

    def size(self, share: float) -> float:
        """Return how far the judged quantity lies beyond its limit at a share of the way."""
        return abs(share * (self.wrong - self.compliant) * self.per_unit)


@cache
def deviations() -> tuple[Deviation, ...]:
    """Return all deviations in the order of the file."""
    text = Path(__file__).with_name("deviations.toml").read_text(encoding="utf-8")
    return tuple(Deviation(**row) for row in tomllib.loads(text)["deviation"])
