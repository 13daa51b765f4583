"""Whether registers still hold what the bench wrote to them: inverters have other masters, such as a cloud."""

from __future__ import annotations

from collections.abc import Sequence

from instruments.errors import InstrumentError
from instruments.register_maps.access import WideRegisterLink

Span = tuple[int, int]


class WatchedLink:
    """Implements `WideRegisterLink` on another link, and knows what its writes were confirmed with.

    A write counts once it has been read back, by whoever confirms it.
    """

    def __init__(self, link: WideRegisterLink) -> None:
        self.name = link.name
        self.read_input = link.read_input
        self.write_secret = link.write_secret
        self.close = link.close
        self._link = link
        self._sent: dict[Span, list[int]] = {}
        self._shown: dict[Span, list[int]] = {}

    def read(self, address: int, count: int) -> list[int]:
        """Return holding registers; raises as the link does."""
        words = self._link.read(address, count)
        for span in self._sent:
            first = span[0] - address
            if first >= 0 and first + span[1] <= count:
                self._note(span, words[first : first + span[1]])
        return words

    def write(self, address: int, values: Sequence[int]) -> None:
        """Write registers; raises as the link does."""
        self._expect(address, values)
        self._link.write(address, values)

    def write_single(self, address: int, value: int) -> None:
        """Write one register; raises as the link does."""
        self._expect(address, [value])
        self._link.write_single(address, value)

    def require_unchanged(self) -> None:
        """Require of all registers whose writes were confirmed that they hold the same now.

        Raises:
            InstrumentError: names registers that somebody else has written to, or the device took back.
        """
        for (address, count), shown in list(self._shown.items()):
            found = self._link.read(address, count)
            if found != shown:
                raise InstrumentError(
                    f"{self.name}: registers {address}+{count} were set to {shown} and read {found} now, "
                    "though "
                    "the bench did not change them. Is a cloud, a meter or another controller connected?"
                )

    def _expect(self, address: int, values: Sequence[int]) -> None:
        """Forget what was shown of registers that are about to be written."""
        end = address + len(values)
        for first, count in list(self._sent):
            if first < end and address < first + count:
                del self._sent[first, count]
                self._shown.pop((first, count), None)
        self._sent[address, len(values)] = list(values)

    def _note(self, span: Span, words: list[int]) -> None:
        """Take what is read as confirmed: what was sent, or else, as devices round, what was read last."""
        if self._shown.get(span) != self._sent[span]:
            self._shown[span] = words
