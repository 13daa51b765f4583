"""What an inverter of the older SunSpec models can be told: the limit of active power of model 123.

Model 123 does not say to what a limit reverts: that is the maker's choice, so only "lifted" can be asked for.
"""

from __future__ import annotations

from collections.abc import Callable

from instruments.clock import Clock, Deadline, wait_until
from instruments.commands import ControlMode, Provocation, Reversion, Written
from instruments.errors import BenchError, InstrumentError, ReadBackMismatch, RegisterError
from instruments.interfaces import RegisterLink
from instruments.inverters.maker_limits import MakerLimits
from instruments.inverters.sunspec_provocations import older_writes

MODEL = 123
SETPOINT, TIMER, ENABLE, SCALE = 5, 7, 9, 23
POLL_S, BETWEEN_S = 0.1, 0.5
PERCENT = 100.0


class OlderSunSpecControls:
    """Implements `InverterControls` with model 123.

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
        limits: MakerLimits,
    ) -> None:
        self._link = link
        self._clock = clock
        self._address_of = address_of
        self._settle_s = settle_s
        self._limits = limits
        self._before: dict[int, int] = {}

    def offers(self, mode: ControlMode) -> bool:
        if mode is not ControlMode.POWER_LIMIT:
            return self._limits.offers(mode)
        return self._address_of(MODEL) is not None

    def command(self, mode: ControlMode, value: float) -> Written:
        if mode is not ControlMode.POWER_LIMIT:
            return self._limits.command(mode, value)
        return self.command_for(value, Reversion(0.0))

    def release(self, mode: ControlMode) -> Written:
        if mode is not ControlMode.POWER_LIMIT:
            return self._limits.release(mode)
        return self._write(ENABLE, 0)

    def offers_reversion(self, share: float | None = None) -> bool:
        return share is None and self.offers(ControlMode.POWER_LIMIT)

    def command_for(self, share: float, reversion: Reversion) -> Written:
        if reversion.share is not None:
            raise InstrumentError(
                f"{self._link.name}: model {MODEL} cannot be told to revert to {reversion.share:.0%}; it can "
                "only be given the time after which a limit ends"
            )
        self._write(TIMER, round(reversion.after_s))
        self._write(SETPOINT, round(PERCENT * share / self._unit()))
        return self._write(ENABLE, 1)

    def provoke(self, provocation: Provocation) -> str | None:
        """Send writes one after the other until one is refused; none is confirmed."""
        writes = older_writes(provocation, ENABLE, SETPOINT)
        if not writes:
            return f"model {MODEL} has no register for it"
        for number, (offset, value) in enumerate(writes):
            self._clock.sleep(BETWEEN_S if number else 0.0)
            self._remember(offset)
            try:
                self._link.write(self._base() + offset, [value])
            except RegisterError as error:
                return f"refused with exception {error.code}"
        return None

    def restore(self) -> None:
        problems = self._limits.restore()
        # The switch last if it was on, first if it was off: no old set-point acts meanwhile.
        offsets = sorted(self._before, reverse=not self._before.get(ENABLE, 0))
        for offset in offsets:
            try:
                self._write(offset, self._before[offset])
                del self._before[offset]
            except BenchError as error:
                problems.append(f"register {offset} of model {MODEL}: {error}")
        if problems:
            raise InstrumentError(
                f"{self._link.name}: settings the bench changed could not be put back; do it by "
                f"hand: {'; '.join(problems)}"
            )

    def _base(self) -> int:
        base = self._address_of(MODEL)
        if base is None:
            raise InstrumentError(f"{self._link.name}: has no SunSpec model {MODEL}")
        return base

    def _unit(self) -> float:
        [exponent] = self._link.read(self._base() + SCALE, 1)
        return float(10.0 ** (exponent - 0x10000 if exponent >= 0x8000 else exponent))

    def _remember(self, offset: int) -> None:
        if offset in (SETPOINT, TIMER, ENABLE) and offset not in self._before:
            [self._before[offset]] = self._link.read(self._base() + offset, 1)

    def _write(self, offset: int, value: int) -> Written:
        """Write and read back. Raises ReadBackMismatch when another value stays there."""
        self._remember(offset)
        address, sent_s = self._base() + offset, self._clock.now_s()
        self._link.write(address, [value])
        acknowledged_s = self._clock.now_s()
        deadline = Deadline.after(self._clock, self._settle_s)
        if not wait_until(lambda: self._link.read(address, 1) == [value], deadline, POLL_S):
            raise ReadBackMismatch(
                f"{self._link.name}: register {offset} of model {MODEL} was set to {value} and still reads "
                f"{self._link.read(address, 1)} after {self._settle_s:g} s"
            )
        return Written(sent_s, acknowledged_s)
