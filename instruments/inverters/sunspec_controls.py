"""What a SunSpec inverter can be told to do: the modes of model 704, its maker's limits, and the way back.

Set-points are written before their mode is switched on, each write is confirmed by reading back, and what a
mode held before its first command is put back by `restore`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import copysign

from instruments.clock import Clock, Deadline, wait_until
from instruments.commands import ControlMode, Provocation, Reversion, Written
from instruments.errors import BenchError, InstrumentError, ReadBackMismatch, RegisterError
from instruments.interfaces import RegisterLink
from instruments.inverters.maker_limits import MakerLimits
from instruments.inverters.sunspec_provocations import WRITES

MODEL = 704
LENGTH = 67
PERCENT = 100.0
OVER_EXCITED, UNDER_EXCITED = 0, 1
SHARE_OF_APPARENT_POWER, WATTS = 3, 1
POLL_S, BETWEEN_S = 0.1, 0.5
NO_SCALE, NO_INT16, NO_UINT16, NO_INT32 = 0x8000, 0x8000, 0xFFFF, 0x8000_0000

Encoded = list[list[int]]
"""For each run of registers of a mode, what it must hold."""


@dataclass(frozen=True)
class _Run:
    """Registers that are written together.

    Attributes:
        offset: from the model's ID register.
        inexact: whether the inverter may round what it was sent by one count.
    """

    offset: int
    words: int
    inexact: bool = False


@dataclass(frozen=True)
class _Mode:
    """One mode of model 704.

    Attributes:
        scale: offset of the power of ten of the set-point.
        setpoint: the run that shows whether the inverter has the mode.
        absent: what the set-point shows when it is not implemented.
        runs: set-points and selectors, in the order in which they are written.
        encode: value and power of ten → what the runs must hold.
    """

    enable: int
    scale: int
    setpoint: _Run
    absent: int
    runs: tuple[_Run, ...]
    encode: Callable[[float, float], Encoded]


def _counts(value: float, unit: float, words: int) -> list[int]:
    """Return a signed value counted in `unit`, high word first."""
    raw = round(value / unit) & (1 << 16 * words) - 1
    return [raw >> 16 * place & 0xFFFF for place in reversed(range(words))]


def _power_factor(factor: float, unit: float) -> Encoded:
    side = OVER_EXCITED if copysign(1.0, factor) > 0 else UNDER_EXCITED
    return [[*_counts(abs(factor), unit, 1), side]]


_FACTOR = _Run(59, 2, inexact=True)
_REACTIVE = _Run(42, 1, inexact=True)
_LIMIT = _Run(15, 1, inexact=True)
_ACTIVE = _Run(24, 2, inexact=True)
_REVERSION = _Run(16, 4)
_MODES: Mapping[ControlMode, _Mode] = {
    ControlMode.POWER_FACTOR: _Mode(2, 53, _Run(59, 1), NO_UINT16, (_FACTOR,), _power_factor),
    ControlMode.REACTIVE_POWER: _Mode(
        35,
        58,
        _REACTIVE,
        NO_INT16,
        (_Run(36, 1), _REACTIVE),
        lambda share, unit: [[SHARE_OF_APPARENT_POWER], _counts(PERCENT * share, unit, 1)],
    ),
    ControlMode.POWER_LIMIT: _Mode(
        14,
        54,
        _LIMIT,
        NO_UINT16,
        (_LIMIT,),
        lambda share, unit: [_counts(PERCENT * share, unit, 1)],
    ),
    ControlMode.ACTIVE_POWER: _Mode(
        22,
        55,
        _ACTIVE,
        NO_INT32,
        (_Run(23, 1), _ACTIVE),
        lambda power_w, unit: [[WATTS], _counts(power_w, unit, 2)],
    ),
}


class SunSpecControls:
    """Implements `InverterControls` with model 704.

    Args:
        link: register link to the inverter's unit.
        clock: used to wait for written settings to take effect.
        address_of: SunSpec model → address of its ID register, None for a model it has not.
        settle_s: longest time between an acknowledged write and its read-back.
        limits: those in the maker's own registers.
    """

    def __init__(
        self,
        link: RegisterLink,
        clock: Clock,
        address_of: Callable[[int], int | None],
        settle_s: float,
        limits: MakerLimits | None = None,
    ) -> None:
        self._link = link
        self._limits = limits or MakerLimits(link, clock, {}, settle_s)
        self._clock = clock
        self._address_of = address_of
        self._settle_s = settle_s
        self._before: dict[ControlMode, tuple[int, Encoded]] = {}
        self._reversion_before: list[int] | None = None

    def offers(self, mode: ControlMode) -> bool:
        if mode not in _MODES:
            return self._limits.offers(mode)
        base = self._address_of(MODEL)
        if base is None:
            return False
        words = self._link.read(base, LENGTH)
        parts = _MODES[mode]
        run = parts.setpoint
        value = _joined(words[run.offset : run.offset + run.words])
        return words[parts.scale] != NO_SCALE and value != parts.absent

    def command(self, mode: ControlMode, value: float) -> Written:
        if mode not in _MODES:
            return self._limits.command(mode, value)
        parts = _MODES[mode]
        self._remember(mode)
        for run, words in zip(
            parts.runs, parts.encode(value, self._unit(parts.scale)), strict=True
        ):
            self._write(mode, run, words)
        return self._write(mode, _Run(parts.enable, 1), [1])

    def release(self, mode: ControlMode) -> Written:
        if mode not in _MODES:
            return self._limits.release(mode)
        self._remember(mode)
        return self._write(mode, _Run(_MODES[mode].enable, 1), [0])

    def offers_reversion(self, share: float | None = None) -> bool:  # noqa: ARG002
        return self.offers(ControlMode.POWER_LIMIT) and self._read(_REVERSION.offset, 1) != [
            NO_UINT16
        ]

    def command_for(self, share: float, reversion: Reversion) -> Written:
        """Write what follows and when, then the limit itself: its last write starts the time."""
        mode = ControlMode.POWER_LIMIT
        self._remember(mode)
        self._remember_reversion()
        then = 1.0 if reversion.share is None else reversion.share
        unit = self._unit(_MODES[mode].scale)
        words = [
            *_counts(PERCENT * then, unit, 1),
            int(reversion.share is not None),
            *_counts(reversion.after_s, 1.0, 2),
        ]
        self._write(mode, _REVERSION, words)
        return self.command(mode, share)

    def provoke(self, provocation: Provocation) -> str | None:
        """Send writes one after the other until one is refused; none is confirmed."""
        self._remember(ControlMode.POWER_LIMIT)
        self._remember_reversion()
        for number, (offset, words) in enumerate(WRITES[provocation]):
            self._clock.sleep(BETWEEN_S if number else 0.0)
            try:
                self._link.write(self._base() + offset, words)
            except RegisterError as error:
                return f"refused with exception {error.code}"
        return None

    def restore(self) -> None:
        problems = []
        for mode in reversed(list(self._before)):
            try:
                self._put_back(mode)
            except BenchError as error:
                problems.append(f"{mode}: {error}")
        problems += self._limits.restore()
        if problems:
            raise InstrumentError(
                f"{self._link.name}: settings the bench changed could not be put back; do it by "
                f"hand: {'; '.join(problems)}"
            )

    def _remember(self, mode: ControlMode) -> None:
        if mode not in self._before:
            parts = _MODES[mode]
            held = [self._read(run.offset, run.words) for run in parts.runs]
            self._before[mode] = (self._read(parts.enable, 1)[0], held)

    def _remember_reversion(self) -> None:
        if self._reversion_before is None:
            self._reversion_before = self._read(_REVERSION.offset, _REVERSION.words)

    def _put_back(self, mode: ControlMode) -> None:
        """Switch off what was off first, then write the old set-points: none of them acts meanwhile."""
        enabled, held = self._before[mode]
        enable = _Run(_MODES[mode].enable, 1)
        if mode is ControlMode.POWER_LIMIT and self._reversion_before is not None:
            self._write(mode, _REVERSION, self._reversion_before)
            self._reversion_before = None
        if not enabled:
            self._write(mode, enable, [enabled])
        for run, words in zip(_MODES[mode].runs, held, strict=True):
            self._write(mode, run, words)
        if enabled:
            self._write(mode, enable, [enabled])
        del self._before[mode]

    def _read(self, offset: int, words: int) -> list[int]:
        return self._link.read(self._base() + offset, words)

    def _base(self) -> int:
        base = self._address_of(MODEL)
        if base is None:
            raise InstrumentError(f"{self._link.name}: has no SunSpec model {MODEL}")
        return base

    def _unit(self, scale: int) -> float:
        """Return what one count of a set-point is."""
        exponent = self._read(scale, 1)[0]
        return float(10.0 ** (exponent - 0x10000 if exponent >= 0x8000 else exponent))

    def _write(self, mode: ControlMode, run: _Run, words: list[int]) -> Written:
        """Write and read back.

        Raises:
            ReadBackMismatch: another value stays there.
        """
        address, sent_s = self._base() + run.offset, self._clock.now_s()
        self._link.write(address, words)
        acknowledged_s = self._clock.now_s()
        deadline = Deadline.after(self._clock, self._settle_s)
        if not wait_until(lambda: self._holds(run, words), deadline, POLL_S):
            raise ReadBackMismatch(
                f"{self._link.name}: {mode}: registers {run.offset} of model {MODEL} were set to "
                f"{words} and still read {self._read(run.offset, run.words)} after "
                f"{self._settle_s:g} s"
            )
        return Written(sent_s, acknowledged_s)

    def _holds(self, run: _Run, words: list[int]) -> bool:
        found = self._read(run.offset, run.words)
        return found == words or (run.inexact and _one_count_apart(found, words, run))


def _joined(words: list[int]) -> int:
    value = 0
    for word in words:
        value = value << 16 | word
    return value


def _one_count_apart(found: list[int], words: list[int], run: _Run) -> bool:
    """Return whether the number differs by one count; the side of a power factor may not differ."""
    if run is _FACTOR:
        return found[1] == words[1] and abs(found[0] - words[0]) == 1
    return abs(_joined(found) - _joined(words)) == 1
