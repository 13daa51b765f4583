"""The operating modes an inverter with a register map can be commanded to."""

from __future__ import annotations

from instruments.commands import ControlMode, Provocation, Reversion, Written
from instruments.errors import InstrumentError
from instruments.inverters.map_reader import MapReader
from instruments.inverters.map_writer import MapWriter
from instruments.register_maps.model import Control, Point

SHARES = (ControlMode.POWER_LIMIT, ControlMode.REACTIVE_POWER)
CEILINGS_W = (
    ControlMode.EXPORT_LIMIT,
    ControlMode.HARD_EXPORT_LIMIT,
    ControlMode.HARD_GENERATION_LIMIT,
)


class MapControls:
    """Implements `InverterControls`.

    Args:
        rated_power_w: what a share of power is converted with for a set-point in W, VA or var.
    """

    def __init__(self, reader: MapReader, writer: MapWriter, rated_power_w: float | None) -> None:
        self._reader = reader
        self._map = reader.map
        self._writer = writer
        self._rated_power_w = rated_power_w
        self._renewed_s: float | None = None

    def offers(self, mode: ControlMode) -> bool:
        """Return whether the inverter has a mode and the bench may command it."""
        control = self._map.controls.get(mode)
        return control is not None and all(map(self._writer.permits, self._points(control)))

    def command(self, mode: ControlMode, value: float) -> Written:
        self._renew()
        control = self._control(mode)
        setpoint = self._map.points[control.setpoint]
        if control.toggles:
            self._switch(control, on=False)
        written = self._writer.write(setpoint, self._in_unit(mode, value, setpoint))
        return self._switch(control, on=True) or written

    def release(self, mode: ControlMode) -> Written:
        control = self._control(mode)
        switched = self._switch(control, on=False)
        if switched:
            return switched
        released = self._map.points[control.setpoint], control.released or 0.0
        return self._writer.write(*released)

    def offers_reversion(self, share: float | None = None) -> bool:  # noqa: ARG002
        """Return False: a register map has no words for it."""
        return False

    def command_for(self, share: float, reversion: Reversion) -> Written:
        raise InstrumentError(
            f"{self._reader.link.name}: map {self._map.name} cannot say that a limit of {share:.0%} reverts "
            f"after {reversion.after_s:g} s"
        )

    def provoke(self, provocation: Provocation) -> str | None:
        raise InstrumentError(
            f"{self._reader.link.name}: map {self._map.name} has no words for {provocation}"
        )

    def restore(self) -> None:
        self._renewed_s = None
        self._writer.restore()

    def keep_alive(self) -> None:
        """Renew what the inverter must hear while a command lasts.

        Raises:
            InstrumentError: too much time has passed, and the inverter has taken the command back.
        """
        alive = self._map.keep_alive
        if alive is None or self._renewed_s is None:
            return
        age_s = self._reader.clock.now_s() - self._renewed_s
        if age_s > alive.reverts_after_s:
            raise InstrumentError(
                f"{self._reader.link.name}: was not spoken to for {age_s:.0f} s; it takes commands back "
                f"after {alive.reverts_after_s:g} s"
            )
        if age_s >= alive.every_s:
            self._renew()

    def _renew(self) -> None:
        alive = self._map.keep_alive
        if alive is not None:
            self._writer.send_once(self._map.points[alive.point], alive.value)
            self._renewed_s = self._reader.clock.now_s()

    def _control(self, mode: ControlMode) -> Control:
        if mode not in self._map.controls:
            raise InstrumentError(
                f"{self._reader.link.name}: map {self._map.name} has no {mode}; it has "
                f"{', '.join(self._map.controls) or 'none'}"
            )
        return self._map.controls[mode]

    def _points(self, control: Control) -> list[Point]:
        return [self._map.points[name] for name in (control.setpoint, control.enable) if name]

    def _switch(self, control: Control, *, on: bool) -> Written | None:
        if not control.enable:
            return None
        value = control.on if on else control.off
        return self._writer.write(self._map.points[control.enable], value)

    def _in_unit(self, mode: ControlMode, value: float, setpoint: Point) -> float:
        """Return a commanded value in the unit of its set-point."""
        if mode in CEILINGS_W and setpoint.unit == "%" and self._rated_power_w:
            return 100 * value / self._rated_power_w
        if mode not in SHARES:
            return value
        if setpoint.unit == "%":
            return 100 * value
        if self._rated_power_w is None:
            raise InstrumentError(
                f"{self._reader.link.name}: point.{setpoint.name} counts in {setpoint.unit}, and nobody said "
                "what the inverter's rated power is (inverter file, nameplate)"
            )
        return value * self._rated_power_w
