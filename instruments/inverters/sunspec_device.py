"""A SunSpec device: the models it publishes, found by walking their lengths, and reading one of them.

Nothing is assumed of order, length or place. Models nobody knows are stepped over, and one number may occur
several times.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from instruments.errors import InstrumentError, LinkGarbled, RegisterError
from instruments.interfaces import RegisterLink
from instruments.inverters.sunspec_fitting import fitting_layout, layout_of
from instruments.inverters.sunspec_quirks import MOST_REGISTERS, Quirks
from instruments.inverters.sunspec_values import ModelValues
from instruments.sunspec.definitions import MODELS

MARKER = [0x5375, 0x6E53]
END_MODEL = 0xFFFF
MOST_MODELS = 64
ATTEMPTS = 3
ILLEGAL_ADDRESS = 2
NOT_REFUSED = (5, 6, 10, 11)
"""Exceptions that say nothing of a register or a permission: busy, or a gateway on the way that failed."""


@dataclass(frozen=True)
class FoundModel:
    """One model of a device.

    Attributes:
        address: wire address of its ID register.
        length: registers, those of ID and length among them.
    """

    number: int
    address: int
    length: int


class SunSpecDevice:
    """Finds and reads models.

    Args:
        link: register link to the device's unit.
    """

    def __init__(self, link: RegisterLink, quirks: Quirks) -> None:
        self.link = link
        self._quirks = quirks
        self._models: tuple[FoundModel, ...] | None = None

    @property
    def models(self) -> tuple[FoundModel, ...]:
        """All models in the order of their registers, known or not; the device is walked once.

        Raises:
            InstrumentError: it is no SunSpec device.
            LinkGarbled: its models do not end.
        """
        if self._models is None:
            self._models = self._walked(self._base_address())
        return self._models

    def find(self, number: int) -> tuple[FoundModel, ...]:
        """Return every model of a number that the device has and that is to be believed."""
        if str(number) in self._quirks.without:
            return ()
        return tuple(model for model in self.models if model.number == number)

    def read(self, number: int) -> ModelValues | None:
        """Return the first model of a number; None when the device has none or refuses its registers.

        Raises:
            RegisterError: a refusal that does not mean "no such register".
            LinkGarbled: its scale factors changed whenever it was read.
        """
        found = self.find(number)
        return self.read_found(found[0]) if found else None

    def read_first(self, number: int) -> ModelValues | None:
        """Return what one full request reads of a model; what lies behind it has no value.

        A device that takes only shorter requests is read whole, as scale factors may come late in a model.
        """
        found = self.find(number)
        if not found or self._quirks.most_registers < MOST_REGISTERS:
            return self.read(number)
        words = self._permitted(found[0], min(found[0].length, MOST_REGISTERS))
        return self._values(found[0], words) if words is not None else None

    def require(self, number: int) -> ModelValues:
        """Return a model.

        Raises:
            InstrumentError: the device has none.
        """
        values = self.read(number)
        if values is None:
            known = ", ".join(str(model.number) for model in self.models)
            raise InstrumentError(
                f"{self.link.name}: has no readable SunSpec model {number}; it has {known}"
            )
        return values

    def read_found(self, found: FoundModel) -> ModelValues | None:
        """Return one of the models the walk found; None when the device refuses its registers."""
        if found.number not in MODELS:
            raise ValueError(f"SunSpec model {found.number} is not among the known definitions")
        if found.length <= self._quirks.most_registers:
            words = self._permitted(found, found.length)
            return None if words is None else self._values(found, words)
        return self._read_in_parts(found)

    def _read_in_parts(self, found: FoundModel) -> ModelValues | None:
        """Return a model that takes several requests, all of them with the same powers of ten."""
        for _ in range(ATTEMPTS):
            before = self._scales(found)
            words = self._permitted(found, found.length)
            if words is None:
                return None
            if before == _scales_in(found, words) == self._scales(found):
                return self._values(found, words)
        raise LinkGarbled(
            f"{self.link.name}: the scale factors of model {found.number} changed during each of "
            f"{ATTEMPTS} readings in several requests; is something else writing to it?"
        )

    def _permitted(self, found: FoundModel, count: int) -> list[int] | None:
        """Return the first registers of a model; None when there are none at their address."""
        try:
            return self._words(found.address, count)
        except RegisterError as error:
            if error.code != ILLEGAL_ADDRESS:
                raise
            return None

    def _words(self, address: int, count: int) -> list[int]:
        words: list[int] = []
        while len(words) < count:
            most = min(self._quirks.most_registers, count - len(words))
            words += self.link.read(address + len(words), most)
        return words

    def _values(self, found: FoundModel, words: list[int]) -> ModelValues:
        layout, defect = fitting_layout(found.number, found.length, words)
        start = f"{found.number}."
        without = {name.removeprefix(start) for name in self._quirks.without}
        return ModelValues(found.number, found.address, layout, words, without, defect)

    def _scales(self, found: FoundModel) -> list[int]:
        """Return the registers that hold the powers of ten; none when the device refuses them."""
        span = _scale_span(found)
        part = replace(found, address=found.address + span.start)
        return self._permitted(part, span.stop - span.start) or []

    def _base_address(self) -> int:
        found: list[str] = []
        for address in self._quirks.bases:
            what = self._marker_at(address)
            if not what:
                return address
            found.append(f"{address} ({what})")
        raise InstrumentError(f"{self.link.name}: no SunSpec marker at {', '.join(found)}")

    def _marker_at(self, address: int) -> str:
        """Return what stands there in place of the marker; empty when it is the marker."""
        try:
            words = self.link.read(address, len(MARKER))
        except RegisterError as error:
            if error.code in NOT_REFUSED:
                raise
            return f"exception {error.code}"
        return "" if words == MARKER else " ".join(f"{word:04X}" for word in words)

    def _walked(self, base_address: int) -> tuple[FoundModel, ...]:
        models: list[FoundModel] = []
        address = base_address + len(MARKER)
        for _ in range(MOST_MODELS):
            number, length = self._header(address)
            if number == END_MODEL:
                return tuple(models)
            models.append(FoundModel(number, address, length + 2))
            address += length + 2
        raise LinkGarbled(f"{self.link.name}: no end marker after {MOST_MODELS} SunSpec models")

    def _header(self, address: int) -> tuple[int, int]:
        """Return number and length of a model; some devices have no length behind the end marker."""
        try:
            number, length = self.link.read(address, 2)
        except RegisterError as error:
            if error.code != ILLEGAL_ADDRESS:
                raise
            [number], length = self.link.read(address, 1), 0
            if number != END_MODEL:
                raise LinkGarbled(
                    f"{self.link.name}: SunSpec model {number} at {address} has no length"
                ) from error
        return number, length


def _scale_span(found: FoundModel) -> slice:
    """Return the registers of a model from its first power of ten to its last."""
    places = [p.offset for p in layout_of(found.number).points if p.kind == "sunssf"]
    first = min(places, default=0)
    return slice(first, max(first, min(max(places, default=-1) + 1, found.length)))


def _scales_in(found: FoundModel, words: list[int]) -> list[int]:
    return words[_scale_span(found)]


def known_defects(device: SunSpecDevice) -> Mapping[FoundModel, str]:
    """Return for every model what the bench makes of it: empty for one it reads, else why it does not."""
    return {model: _defect(device, model) for model in device.models}


def _defect(device: SunSpecDevice, model: FoundModel) -> str:
    if model.number not in MODELS:
        return "not known, stepped over"
    values = device.read_found(model)
    return "its registers are refused" if values is None else values.defect
