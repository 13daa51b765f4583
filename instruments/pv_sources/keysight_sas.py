"""Keysight PV8900 and RP7900 sources as an array of panels (solar array simulator mode).

Headers from the programming guides and public drivers. The four points of a curve are checked together and
go in one message: a set that is refused leaves the curve before in force. Irradiance is the scale of the
curve's current, which acts at once.
"""

from __future__ import annotations

from math import isclose

from instruments.clock import Clock
from instruments.errors import ConfigurationError, InstrumentError, ReadBackMismatch
from instruments.interfaces import Identity, MessageLink
from instruments.scpi import ScpiDialogue, parse_number

CURVE = (":SAS:CURV:VOC", ":SAS:CURV:VMP", ":SAS:CURV:ISC", ":SAS:CURV:IMP")
RESOLUTION = 2e-3
SCALE_RESOLUTION_PCT = 0.01
LEAST_SCALE_PCT, FULL_SCALE_PCT = 1.0, 100.0


class KeysightSas:
    """One source, or the primary of a group. Implements `PvSource`.

    Args:
        link: message link to the source.
        clock: unused by this source, which acts at once.
        voltage_v: of the maximum power point; inside the tracking range of the inverter.
        voltage_fill, current_fill: maximum power point over open circuit voltage and short circuit current.
        oversize: power of the array over the power asked for, to cover the inverter's losses.
    """

    def __init__(
        self,
        link: MessageLink,
        clock: Clock,  # noqa: ARG002
        *,
        voltage_v: float = 600.0,
        voltage_fill: float = 0.8,
        current_fill: float = 0.9,
        oversize: float = 1.0,
    ) -> None:
        self._scpi = ScpiDialogue(link)
        self._voltage_v = voltage_v
        self._voltage_fill, self._current_fill = voltage_fill, current_fill
        self._oversize = oversize

    def identify(self) -> Identity:
        return self._scpi.identify()

    def configure(self, power_w: float) -> None:
        current_a = self._oversize * power_w / self._voltage_v
        wanted = (
            self._voltage_v / self._voltage_fill,
            self._voltage_v,
            current_a / self._current_fill,
            current_a,
        )
        self._scpi.command("*CLS")
        self._set_curve(wanted)
        self._scpi.set_word(":SAS:MODE", "CURV")
        self._scpi.check_errors()

    def set_irradiance(self, share: float) -> None:
        scale_pct = 100 * share
        if not LEAST_SCALE_PCT <= scale_pct <= FULL_SCALE_PCT:
            raise ConfigurationError(
                f"{self._scpi.link.name}: irradiance {scale_pct:g} % of full sun is wanted, the source "
                f"scales to {LEAST_SCALE_PCT:g} … {FULL_SCALE_PCT:g} %. Switch it off for none"
            )
        self._scpi.set_number(":SAS:SCAL:CURR", scale_pct, SCALE_RESOLUTION_PCT)

    def switch_output(self, on: bool) -> None:
        self._scpi.set_word(":OUTP", "ON" if on else "OFF", "1" if on else "0")
        self._scpi.check_errors()

    def output_is_on(self) -> bool:
        answer = self._scpi.link.query(":OUTP?").strip().upper()
        if answer not in ("0", "1", "ON", "OFF"):
            raise InstrumentError(f"{self._scpi.link.name}: :OUTP? answered {answer!r}")
        return answer in ("1", "ON")

    def _set_curve(self, wanted: tuple[float, ...]) -> None:
        name = self._scpi.link.name
        settings = [f"{header} {value:.4f}" for header, value in zip(CURVE, wanted, strict=True)]
        questions = [f"{header}?" for header in CURVE]
        answer = self._scpi.ask(";".join([*settings, *questions]))
        found = [parse_number(text, f"{name}: curve") for text in answer.split(";")]
        same = len(found) == len(wanted) and all(
            isclose(a, b, abs_tol=RESOLUTION) for a, b in zip(found, wanted, strict=True)
        )
        if not same:
            self._scpi.check_errors()
            raise ReadBackMismatch(
                f"{name}: {', '.join(CURVE)} were set to {wanted} and read back {found}"
            )
