"""The kinds of trouble by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from math import inf

from instruments.simulated.transport.field_faults import (
    IdleClose,
    overwritten,
    stranger,
    ticking,
)
from instruments.simulated.transport.link_fault_acts import (
    EXECUTION_ERROR,
    HARDWARE_ERROR,
    Bystander,
    ProtectedService,
    Replay,
    Scene,
    Trip,
    answered,
    deaf,
    delayed,
    dropped,
    error_entry,
    exception,
    garbage,
    ignored,
    late,
    not_numbers,
    over_range,
    rejected,
    silent,
    spoiler,
    stays_on,
    truncated,
    truncated_block,
    well,
)
from instruments.simulated.transport.services import StatusService


@dataclass(frozen=True)
class Kind:
    """One kind of trouble.

    Attributes:
        says: what happens, in one sentence.
        make: makes it for a scene.
        protocols: those it exists with.
        needs: what the instrument must be.
        amount: what `Trouble.amount` is when nothing is said.
        most_clients: more than this many are turned away.
    """

    says: str
    make: Callable[[Scene], Bystander]
    protocols: tuple[str, ...] = ("scpi", "modbus")
    needs: type = object
    amount: float = 0.0
    most_clients: float = inf

    @property
    def amount_is_error(self) -> bool:
        """Whether `amount` is the number of an error; else it is a time in seconds."""
        return self.amount < 0

    @property
    def wants(self) -> str:
        """What an instrument must be to have it."""
        needed = "" if self.needs is object else f" and {self.needs.__name__}"
        return f"protocol {' or '.join(self.protocols)}{needed}"


_SCPI, _MODBUS = ("scpi",), ("modbus",)
EXCEPTIONS = {
    1: "illegal function",
    2: "illegal data address",
    3: "illegal data value",
    4: "server device failure",
    5: "acknowledge",
    6: "server device busy",
    10: "gateway path unavailable",
    11: "gateway target failed to respond",
}
KINDS: Mapping[str, Kind] = {
    "deafness": Kind("A message is neither executed nor answered.", spoiler(deaf)),
    "silence": Kind(
        "A message is executed, its answer never leaves.", spoiler(partial(answered, silent))
    ),
    "delay": Kind(
        "A message is executed `amount` seconds of the world later.", spoiler(delayed), amount=5.0
    ),
    "late_answer": Kind(
        "An answer comes only when the client speaks again or time moves.",
        spoiler(partial(answered, late)),
    ),
    "garbage": Kind("An answer is noise of the same length.", spoiler(partial(answered, garbage))),
    "truncated_answer": Kind(
        "The second half of an answer is missing.", spoiler(partial(answered, truncated))
    ),
    "truncated_block": Kind(
        "The second half of a block is missing.",
        spoiler(partial(answered, truncated_block)),
        _SCPI,
    ),
    "dropped_connection": Kind(
        "The connection ends in the middle of an answer.", spoiler(partial(answered, dropped))
    ),
    "replayed_answer": Kind(
        "The answer to the question before comes once more.",
        partial(Replay, same_question=False, own_transaction=False),
        _SCPI,
    ),
    "replayed_frame": Kind(
        "The response before comes once more, with its old transaction.",
        partial(Replay, same_question=False, own_transaction=False),
        _MODBUS,
    ),
    "stale_reading": Kind(
        "A question is answered as when it was asked before.",
        partial(Replay, same_question=True, own_transaction=False),
        _SCPI,
    ),
    "stale_registers": Kind(
        "A request is answered as when it was made before, with its own transaction.",
        partial(Replay, same_question=True, own_transaction=True),
        _MODBUS,
    ),
    "older_answer": Kind(
        "A request is answered as the one before, with its own transaction.",
        partial(Replay, same_question=False, own_transaction=True),
        _MODBUS,
    ),
    "wrong_transaction": Kind(
        "An answer carries a transaction nobody asked in; RTU has none.",
        spoiler(partial(answered, stranger)),
        _MODBUS,
    ),
    "gateway_tick": Kind(
        "A message is executed at the next tick of a gateway, every `amount` seconds of the world.",
        spoiler(ticking),
        _MODBUS,
        amount=0.5,
    ),
    "idle_close": Kind(
        "A message after `amount` seconds of silence is dropped, and the connection ends.",
        IdleClose,
        _MODBUS,
        amount=60.0,
    ),
    "overwritten": Kind(
        "A write is taken back by somebody else `amount` seconds later.",
        spoiler(overwritten),
        _MODBUS,
        amount=5.0,
    ),
    "error_entry": Kind(
        "An error of number `amount` enters the queue.",
        spoiler(error_entry),
        _SCPI,
        StatusService,
        HARDWARE_ERROR,
    ),
    "rejected_command": Kind(
        "The first setting of a message is refused with error `amount`; the rest is discarded.",
        spoiler(rejected),
        _SCPI,
        StatusService,
        EXECUTION_ERROR,
    ),
    "ignored_write": Kind("A setting has no effect and leaves no error.", spoiler(ignored)),
    "nan_answer": Kind(
        "Every number of an answer is not a number: 9.91E+37, or as the instrument writes it.",
        spoiler(partial(answered, not_numbers)),
        _SCPI,
    ),
    "over_range_answer": Kind(
        "Every number of an answer is over-range, 9.9E+37.",
        spoiler(partial(answered, over_range)),
        _SCPI,
    ),
    "protection_tripped": Kind(
        "The instrument's protection trips at `from_s`, asked or not.",
        Trip,
        _SCPI,
        ProtectedService,
    ),
    "output_stays_on": Kind(
        "The output cannot be switched off; no error is left.",
        spoiler(stays_on),
        _SCPI,
        ProtectedService,
    ),
    "single_client": Kind(
        "Only one client is served; a second is turned away.",
        spoiler(well),
        most_clients=1,
    ),
    **{
        f"modbus_exception_{code}": Kind(
            f"A request is refused with exception {code}, {text}, and not executed.",
            spoiler(partial(exception, code)),
            _MODBUS,
        )
        for code, text in EXCEPTIONS.items()
    },
}
