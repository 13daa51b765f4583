"""A device that is nothing but registers, made of models laid out one behind the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import inf

from instruments.errors import RegisterError
from instruments.inverters.sunspec_fitting import layout_of
from instruments.sunspec.layouts import Layout, Values

ILLEGAL_ADDRESS = 2


def model(number: int, values: Values, counts: Mapping[str, int] | None = None) -> list[int]:
    """Return the registers of a model; points that are not named are not implemented."""
    made: Layout = layout_of(number, tuple((counts or {}).items()))
    return made.encode({"ID": number, "L": made.length - 2, **(counts or {}), **values})


class RegisterFile:
    """Implements `RegisterLink`: keeps what is written, and refuses what is not there with exception 2.

    Args:
        models: registers of each model.
        base: address of the marker.
        end: what stands behind the last model.
    """

    name = "inverter"

    def __init__(
        self, *models: Sequence[int], base: int = 40_000, end: Sequence[int] = (0xFFFF, 0)
    ) -> None:
        words = [0x5375, 0x6E53, *(word for words in models for word in words), *end]
        self.words = dict(enumerate(words, base))
        self.requests: list[tuple[int, int]] = []
        self.written: list[tuple[int, list[int]]] = []
        self.refused: dict[int, int] = {}
        self.most = inf
        self.before_read: Callable[[int], None] = lambda _: None

    def read(self, address: int, count: int) -> list[int]:
        self.requests.append((address, count))
        self.before_read(len(self.requests))
        self._require(address, count)
        return [self.words[at] for at in range(address, address + count)]

    def write(self, address: int, values: Sequence[int]) -> None:
        self._require(address, len(values))
        self.written.append((address, list(values)))
        self.words.update(enumerate(values, address))

    def close(self) -> None:
        pass

    def _require(self, address: int, count: int) -> None:
        for at in range(address, address + count):
            code = self.refused.get(at, 0 if at in self.words else ILLEGAL_ADDRESS)
            if code or count > self.most:
                raise RegisterError(f"inverter: {at}: exception {code}", code or 3)


class StepClock:
    """A clock that moves when somebody waits."""

    name = "virtual"

    def __init__(self) -> None:
        self._now_s = 0.0

    def now_s(self) -> float:
        return self._now_s

    def sleep(self, duration_s: float) -> None:
        self._now_s += duration_s
