"""Registers of a device that is busy, slow or loses answers at times.

Reading changes nothing, so it is tried again. A write is sent once, whatever happens: when its answer is
lost, what the registers hold afterwards decides whether it was carried out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from instruments.clock import Clock, Deadline, wait_until
from instruments.errors import LinkError, LinkGarbled, RegisterError
from instruments.links.refusals import DOUBTFUL_CODES, PASSING_CODES
from instruments.register_maps.access import WideRegisterLink

CONFIRM_POLL_S = 0.2
WARY_READS = 16
"""After trouble, so many answers are confirmed."""
BELIEVED_REFUSALS = 2
"""A refusal may be an older frame as well: it is believed when it comes again."""
KEPT_ANSWERS = 64
"""Answers of each length among which a replayed one is recognised."""
Read = Callable[[int, int], list[int]]


@dataclass(frozen=True)
class Patience:
    """How long a device is given.

    Attributes:
        attempts: how many answers of a read may be lost or garbled; each costs a time-out.
        longest_s: from the first attempt; a read that fails later is not tried again. 0 for once only.
        pause_s: time left to the device before it is asked again; twice as long each time, `most_pause_s` at
            most.
        neighbours: whether registers beside those asked for may be read along, to tell an answer from an
            older one.
        settle_s: within which a write whose answer was lost has to show.
    """

    attempts: int = 8
    longest_s: float = 10.0
    pause_s: float = 0.05
    most_pause_s: float = 1.0
    neighbours: bool = True
    settle_s: float = 3.0


class PersistentLink:
    """Implements `WideRegisterLink` on another link."""

    def __init__(self, link: WideRegisterLink, clock: Clock, patience: Patience) -> None:
        self.name = link.name
        self._link = link
        self._clock = clock
        self._patience = patience
        self._wary = 0
        self._answers: dict[int, dict[tuple[int, ...], set[int]]] = {}

    def read(self, address: int, count: int) -> list[int]:
        """Return holding registers; raises what the last attempt raised."""
        try:
            return self._own(self._link.read, address, count)
        except (LinkError, RegisterError) as error:
            return self._again(error, lambda: self._own(self._link.read, address, count))

    def read_input(self, address: int, count: int) -> list[int]:
        """Return input registers; raises what the last attempt raised."""
        try:
            return self._own(self._link.read_input, address, count)
        except (LinkError, RegisterError) as error:
            return self._again(error, lambda: self._own(self._link.read_input, address, count))

    def write(self, address: int, values: Sequence[int]) -> None:
        """Write registers with function 16, once.

        Raises:
            RegisterError, LinkError: it was refused, or its answer was lost and the registers hold something
                else; the message says what is known.
        """
        try:
            self._link.write(address, values)
        except (LinkError, RegisterError) as error:
            self._require_written(error, address, values)

    def write_single(self, address: int, value: int) -> None:
        """Write one register with function 6, once; raises as `write` does."""
        try:
            self._link.write_single(address, value)
        except (LinkError, RegisterError) as error:
            self._require_written(error, address, [value])

    def write_secret(self, address: int, values: Sequence[int]) -> None:
        """Write registers, once, without a record of what they hold, and without reading them back."""
        self._link.write_secret(address, values)

    def close(self) -> None:
        """Close the line. May be called again."""
        self._link.close()

    def _own(self, read: Read, address: int, count: int) -> list[int]:
        """Return the registers of an answer that is no older one of the same length.

        Gateways replay frames, lines deliver them late, and nothing in a frame says which registers it
        carries. An answer like the one to another question, and any answer soon after trouble, is therefore
        asked for once more in another length, which no older frame has.
        """
        words = read(address, count)
        answered, content = self._answers.setdefault(count, {}), tuple(words)
        known = answered.get(content, {address})
        if (self._wary or address not in known) and not self._is_confirmed(read, address, words):
            raise LinkGarbled(
                f"{self.name}: read {count} at {address}: the answer is an older one, or changes from one "
                "read to the next. Does a gateway serve several clients, or replay frames?"
            )
        self._wary = max(0, self._wary - 1)
        answered[content] = known | {address}
        if len(answered) > KEPT_ANSWERS:
            del answered[next(iter(answered))]
        return words

    def _is_confirmed(self, read: Read, address: int, words: list[int]) -> bool:
        """Ask for the same registers in another length, as far as the device has registers beside them."""
        if len(words) > 1:
            return read(address, len(words) - 1) == words[:-1]
        if self._patience.neighbours:
            try:
                return read(address, 2)[:1] == words
            except RegisterError as error:
                if error.code in PASSING_CODES:
                    raise
        return read(address, 1) == words

    def _again(self, error: LinkError | RegisterError, ask: Callable[[], list[int]]) -> list[int]:
        """Ask until an answer comes, the device has had its time, or it refuses for good."""
        deadline = Deadline.after(self._clock, self._patience.longest_s)
        pause_s = self._patience.pause_s
        failures = refusals = 0
        while True:
            failures += isinstance(error, LinkError)
            refusals += not _passes(error)
            self._wary = WARY_READS if isinstance(error, LinkError) else self._wary
            worn = failures >= self._patience.attempts or refusals >= BELIEVED_REFUSALS
            if worn or deadline.passed:
                raise error
            self._clock.sleep(pause_s)
            pause_s = min(2 * pause_s, self._patience.most_pause_s)
            try:
                return ask()
            except (LinkError, RegisterError) as newer:
                error = newer

    def _require_written(
        self, error: LinkError | RegisterError, address: int, values: Sequence[int]
    ) -> None:
        """Have the registers decide whether a write was carried out."""
        if isinstance(error, RegisterError) and error.code not in DOUBTFUL_CODES:
            raise error
        deadline = Deadline.after(self._clock, self._patience.settle_s)
        if not wait_until(lambda: self._shows(address, list(values)), deadline, CONFIRM_POLL_S):
            raise _in_doubt(error, self._patience.settle_s) from error

    def _shows(self, address: int, wanted: list[int]) -> bool:
        """Return whether registers hold what was written; a device that does not answer shows nothing."""
        try:
            return self.read(address, len(wanted)) == wanted
        except (LinkError, RegisterError):
            return False


def _passes(error: LinkError | RegisterError) -> bool:
    return not isinstance(error, RegisterError) or error.code in PASSING_CODES


def _in_doubt(error: LinkError | RegisterError, waited_s: float) -> LinkError | RegisterError:
    """Return the error with what is known of the write."""
    text = (
        f"{error}. Whether the write was carried out is not known: its registers did not show it within "
        f"{waited_s:g} s. It was sent once and is not sent again"
    )
    if isinstance(error, RegisterError):
        return type(error)(text, error.code)
    return type(error)(text)
