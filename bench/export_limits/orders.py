"""What a utility server says in a step of a case: default, controls, cancellation, loss of the link. Data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bench.export_limits.amounts import Amount, parse_amount
from bench.toml_file import Table
from instruments.utility import ResponseStatus

PAST, NO_DURATION, UNSUPPORTED = "past", "no duration", "unsupported"
ODDITIES: Mapping[str, int] = {
    PAST: ResponseStatus.LATE,
    NO_DURATION: ResponseStatus.INVALID,
    UNSUPPORTED: ResponseStatus.NOT_APPLICABLE,
}
"""What is wrong with a control on purpose → how a client answers it."""
ERROR, REFUSED, RESTORED = "error", "refused", "restored"
USUAL_ANSWERS = (
    int(ResponseStatus.RECEIVED),
    int(ResponseStatus.STARTED),
    int(ResponseStatus.COMPLETED),
)


@dataclass(frozen=True)
class Orders:
    """What the server says in one step.

    Attributes:
        default: limit of export of the default control from this step on; None leaves it.
        gradient_pct_per_s: of the default control; 0 is no limit.
        control: limit of export of a control that starts with the step; None for no control.
        lasts_s: of the control; None ends it with the step.
        primacy: of its program.
        randomize_s: its start is randomized within so long.
        multiplier: power of ten in which the control's power is stated; None takes the smallest that fits.
        late: published when its step begins and not before the case; it acts when the client reads it.
        cancel: every control that is active when the step begins is cancelled.
        link: "error" answers HTTP 500 from this step on, "refused" nothing, "restored" everything again.
        odd: what is wrong with the control; empty for nothing.
        answers: of the client to the control, all of them; None notes them without a verdict.
    """

    default: Amount | None = None
    gradient_pct_per_s: float | None = None
    control: Amount | None = None
    lasts_s: float | None = None
    primacy: int = 1
    randomize_s: int = 0
    multiplier: int | None = None
    late: bool = False
    cancel: bool = False
    link: str = ""
    odd: str = ""
    answers: tuple[int, ...] | None = None

    @property
    def any(self) -> bool:
        """Whether the server says anything new."""
        return self != Orders()

    @property
    def usual_answers(self) -> tuple[int, ...]:
        """How the control is answered when nothing comes in between."""
        return (int(ODDITIES[self.odd]),) if self.odd else USUAL_ANSWERS

    @property
    def acts(self) -> bool:
        """Whether a well-behaved client carries the control out."""
        return self.control is not None and not self.odd


def read_orders(table: Table) -> Orders:
    """Return what a step has the server say. Raises ConfigurationError."""
    read: dict[str, Any] = {
        field: reader(table, key)
        for key, (field, reader) in _READERS.items()
        if key in table.values
    }
    orders = Orders(**read)
    if orders.control is None and (orders.odd or orders.answers):
        raise table.error("odd and answers: expected a control beside them")
    return orders


def _amount(table: Table, key: str) -> Amount:
    try:
        amount = parse_amount(table.require(key, str))
    except ValueError as error:
        raise table.error(f"{key}: {error}") from error
    if amount.lifted:
        raise table.error(f"{key} = 'off': a limit that is not stated is left out")
    return amount


def _statuses(table: Table, key: str) -> tuple[int, ...]:
    text = table.require(key, str)
    try:
        return tuple(int(ResponseStatus(int(word))) for word in text.split())
    except ValueError as error:
        known = ", ".join(f"{status.value} {status.name.lower()}" for status in ResponseStatus)
        raise table.error(f"{key} = {text!r}: expected some of {known}") from error


def _number(table: Table, key: str) -> float:
    value: float = table.require(key, float)
    return value


def _whole(table: Table, key: str) -> int:
    value: int = table.require(key, int)
    return value


def _switch(table: Table, key: str) -> bool:
    value: bool = table.require(key, bool)
    return value


def _word(*known: str) -> Callable[[Table, str], str]:
    def read(table: Table, key: str) -> str:
        word: str = table.require(key, str, known)
        return word

    return read


_READERS: Mapping[str, tuple[str, Callable[[Table, str], Any]]] = {
    "default": ("default", _amount),
    "gradient_pct_per_s": ("gradient_pct_per_s", _number),
    "control": ("control", _amount),
    "lasts_s": ("lasts_s", _number),
    "primacy": ("primacy", _whole),
    "randomize_s": ("randomize_s", _whole),
    "multiplier": ("multiplier", _whole),
    "late": ("late", _switch),
    "cancel": ("cancel", _switch),
    "link": ("link", _word(ERROR, REFUSED, RESTORED)),
    "odd": ("odd", _word(*ODDITIES)),
    "answers": ("answers", _statuses),
}
"""Key of a step → field, and how it is read."""
ORDER_KEYS = tuple(_READERS)
