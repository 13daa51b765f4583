"""Exceptions of Modbus: what they say, and which may be gone when the question is asked again."""

from __future__ import annotations

from instruments.errors import RegisterBusy, RegisterError

CODE_NAMES = {
    1: "illegal function",
    2: "illegal data address",
    3: "illegal data value",
    4: "device failure",
    5: "acknowledge: still working",
    6: "device busy",
    10: "gateway path unavailable",
    11: "gateway target does not respond",
}
BUSY = (5, 6)
PASSING_CODES = (4, *BUSY, 10, 11)
"""Starting, busy, or not reached by a gateway: none of them is a property of the register."""
DOUBTFUL_CODES = (5, 11)
"""After these a write may have been carried out all the same, or still is."""


def refusal(what: str, code: int) -> RegisterError:
    """Return the error for an exception code; `what` was asked, and where."""
    kind = RegisterBusy if code in BUSY else RegisterError
    return kind(f"{what}: exception {code} ({CODE_NAMES.get(code, 'not in the standard')})", code)
