"""Powers in the words of a case: so many watts, a share of the rating, or the limit of the regime. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

LIMIT, OFF = "limit", "off"
FORM = "such as '1500 W', '20 %', 'limit', 'limit + 20 %' or 'off'"
_TERM = re.compile(r"(-?[0-9]+(?:\.[0-9]+)?) (W|%)")


@dataclass(frozen=True)
class Scale:
    """What the words of a case mean for one inverter under one regime.

    Attributes:
        rated_w: rated power.
        limit_w: limit of the regime, small enough to bind this inverter.
    """

    rated_w: float
    limit_w: float


@dataclass(frozen=True)
class Amount:
    """A power: the sum of watts, a share of the rating and a multiple of the limit.

    Attributes:
        lifted: no limit at all.
    """

    watts: float = 0.0
    share: float = 0.0
    limits: int = 0
    lifted: bool = False

    def watts_at(self, scale: Scale) -> float | None:
        """Return the power in W; None where a limit is lifted."""
        if self.lifted:
            return None
        return self.watts + self.share * scale.rated_w + self.limits * scale.limit_w


def parse_amount(text: str) -> Amount:
    """Return the power that a text states. Raises ValueError for anything else."""
    if text == OFF:
        return Amount(lifted=True)
    amount = Amount()
    for term in text.split(" + "):
        amount = _plus(amount, term, text)
    return amount


def _plus(amount: Amount, term: str, text: str) -> Amount:
    if term == LIMIT:
        return Amount(amount.watts, amount.share, amount.limits + 1)
    found = _TERM.fullmatch(term)
    if not found:
        raise ValueError(f"{text!r} is no power; expected one {FORM}")
    number, unit = float(found[1]), found[2]
    if unit == "W":
        return Amount(amount.watts + number, amount.share, amount.limits)
    return Amount(amount.watts, amount.share + number / 100, amount.limits)
