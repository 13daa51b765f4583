"""A simulated Keysight source in solar array simulator mode.

It begins as the array is: at full scale with a curve of the array's power, and switched on unless it is dark.
The four points of a curve are checked together at the end of a message: open circuit voltage above that of the
maximum power point, short circuit current not below its current; a set that fails is refused with -221 and the
curve before stays in force while the set-points show the new values, as the manual of its elder describes it.
Modes other than CURVe are refused (-241).
"""

from __future__ import annotations

from collections.abc import Iterator

from instruments.simulated.physics.energy import STANDARD_IRRADIANCE_W_PER_M2, PvArray
from instruments.simulated.scpi.scpi_engine import ScpiEngine
from instruments.simulated.scpi.scpi_errors import ScpiError
from instruments.simulated.scpi.scpi_parameters import Limits
from instruments.simulated.scpi.scpi_settings import (
    ActiveSetting,
    CommonSetting,
    always,
    boolean_commands,
    number_commands,
    word_commands,
)
from instruments.simulated.scpi.scpi_syntax import Command, take_program_message

IDENTITY = "Keysight Technologies,PV8921A,SIM0001,1.0"
VOLTAGES_V, CURRENTS_A, SCALES_PCT = Limits(0.0, 1500.0), Limits(0.0, 60.0), Limits(1.0, 100.0)
MODES = ("FIXed", "CURVe", "TABLe")
VOLTAGE_V, VOLTAGE_FILL, CURRENT_FILL = 600.0, 0.8, 0.9
POINTS = ("VOC", "VMP", "ISC", "IMP")


class KeysightArray:
    """The source at its port; see the module.

    Args:
        array: what it feeds the inverter as.
    """

    protocol = "scpi"
    latency_s = 0.005
    split = staticmethod(take_program_message)

    def __init__(self, array: PvArray) -> None:
        self._array = array
        current_a = array.power_w / VOLTAGE_V
        points = (VOLTAGE_V / VOLTAGE_FILL, VOLTAGE_V, current_a / CURRENT_FILL, current_a)
        self._points = {
            name: CommonSetting(value) for name, value in zip(POINTS, points, strict=True)
        }
        self._scale_pct = CommonSetting(100.0)
        self._output = CommonSetting(array.irradiance_w_per_m2 > 0)
        self._mode = CommonSetting("CURV")
        self._power_w = array.power_w
        self._changed = False
        self.engine = ScpiEngine(IDENTITY, list(self._commands()), reset=self._reset)

    def answer(self, message: bytes) -> bytes:
        answer = self.engine.answer(message)
        if self._changed:
            self._changed = False
            self._take_curve()
        return answer

    def _commands(self) -> Iterator[Command]:
        for name, setting in self._points.items():
            limits, unit = (VOLTAGES_V, "V") if name.startswith("V") else (CURRENTS_A, "A")
            yield from number_commands(
                f"[SOURce:]SASimulator:CURVe:{name}",
                ActiveSetting(setting, self._note_change),
                always(limits),
                ".4f",
                unit,
            )
        yield from number_commands(
            "[SOURce:]SASimulator:SCALe:CURRent",
            ActiveSetting(self._scale_pct, self._act),
            always(SCALES_PCT),
            ".2f",
        )
        yield from word_commands(
            "[SOURce:]SASimulator:MODE", ActiveSetting(self._mode, self._act, _permit_mode), MODES
        )
        yield from boolean_commands("OUTPut[:STATe]", ActiveSetting(self._output, self._act))

    def _note_change(self) -> None:
        self._changed = True

    def _take_curve(self) -> None:
        voc, vmp, isc, imp = (self._points[name].value for name in POINTS)
        if not (voc > vmp and isc >= imp):
            self.engine.report(ScpiError(-221, "the points of the curve contradict each other"))
            return
        self._power_w = vmp * imp
        self._act()

    def _act(self) -> None:
        """Let the array give what curve, scale and output allow."""
        self._array.power_w = self._power_w
        share = self._scale_pct.value / 100 if self._output.value else 0.0
        self._array.ramp_to(share * STANDARD_IRRADIANCE_W_PER_M2, 0.0)

    def _reset(self) -> None:
        self._mode.reset()
        for setting in (self._scale_pct, *self._points.values()):
            setting.reset()
        self._output.write(False)
        self._take_curve()


def _permit_mode(mode: str) -> None:
    if mode != "CURV":
        raise ScpiError(-241, f"{mode} is not simulated")
