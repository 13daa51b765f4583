"""Bounds of active power that come from outside: commanded limits, the site's meter, demand response."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

from instruments.interfaces import PhaseValues
from instruments.simulated.inverter.parameters import ExportControl, InverterParameters
from instruments.simulated.inverter.settings import GridSettings, PowerLimit
from instruments.simulated.physics.segment_log import SegmentLog

METER_WINDOW_S = 0.2
EXCEEDED_W = 1.0
COMPARED_W, LOAD_JUMP_W = 150.0, 300.0


@dataclass(frozen=True)
class DemandResponse:
    """What a demand response mode asks for, as shares of the ratings.

    Attributes:
        ceiling_pu, charging_pu: most generation and most charging.
        reactive_pu: reactive power, positive supplies; None leaves it alone.
        disconnects: whether the inverter must open its relay.
    """

    ceiling_pu: float = 1.0
    charging_pu: float = 1.0
    reactive_pu: float | None = None
    disconnects: bool = False


DEMAND_RESPONSE: dict[int | None, DemandResponse] = {
    None: DemandResponse(),
    0: DemandResponse(disconnects=True),
    1: DemandResponse(charging_pu=0.0),
    2: DemandResponse(charging_pu=0.5),
    3: DemandResponse(charging_pu=0.75, reactive_pu=0.3),
    4: DemandResponse(),
    5: DemandResponse(ceiling_pu=0.0),
    6: DemandResponse(ceiling_pu=0.5),
    7: DemandResponse(ceiling_pu=0.75, reactive_pu=-0.3),
    8: DemandResponse(),
}
"""DRM 0 to 8; None is no mode. 4 and 8 ask for an increase that is left to the energy at hand."""


class SiteMeter:
    """The meter at the connection point that the inverter itself listens to.

    Attributes:
        fault: "" when it works, "lost", "frozen" or "reversed".
    """

    def __init__(self, log: SegmentLog) -> None:
        self.fault = ""
        self._log = log
        self._last_w: PhaseValues = (0.0, 0.0, 0.0)

    def read(self, now_s: float) -> PhaseValues | None:
        """Return the power into the grid on each phase over the last 0.2 s; None when no answer comes."""
        if self.fault == "lost":
            return None
        if self.fault != "frozen":
            means = self._log.averages(max(0.0, now_s - METER_WINDOW_S), now_s)
            self._last_w = means.grid_active_powers_w
        a, b, c = self._last_w
        return (-a, -b, -c) if self.fault == "reversed" else (a, b, c)


class SignCheck:
    """Whether export follows generation; a jump of the load begins a new comparison."""

    def __init__(self) -> None:
        self._from: tuple[float, float] | None = None
        self._last = (0.0, 0.0)
        self.reversed = False

    def see(self, generation_w: float, export_w: float) -> None:
        """Compare both with what they were when the comparison began."""
        moved = (generation_w - self._last[0], export_w - self._last[1])
        self._last = (generation_w, export_w)
        if self._from is None or abs(moved[1] - moved[0]) > LOAD_JUMP_W:
            self._from = self._last
        rise_w, export_rise_w = generation_w - self._from[0], export_w - self._from[1]
        if abs(rise_w) >= COMPARED_W:
            self.reversed = self.reversed or rise_w * export_rise_w < 0
            self._from = self._last


class LimitKeeper:
    """Keeps to generation and export limits.

    Attributes:
        ceiling_w: bound of active power in force.
        disconnect_s: when a hard limit that is exceeded disconnects; infinity otherwise.
        next_look_s: when to call `look` next.
    """

    def __init__(
        self, parameters: InverterParameters, settings: GridSettings, meter: SiteMeter
    ) -> None:
        self._control: ExportControl = parameters.export
        self._exceeded_since_s: float | None = None
        self._sign = SignCheck()
        self._limits = (settings.generation_limit, settings.export_limit)
        self._meter = meter
        self._heard_s = 0.0
        self._beyond_since_s: list[float | None] = [None, None]
        self.ceiling_w = settings.power_limit_pu * parameters.rated_apparent_power_va
        self._commanded_w = self.ceiling_w
        watching = any(limit.limit_w is not None for limit in self._limits)
        self.next_look_s = 0.0 if watching else inf

    @property
    def disconnect_s(self) -> float:
        """When a hard limit that is exceeded disconnects."""
        generation_delay_s = self._control.generation_hard_delay_s
        delays_s = (
            self._control.hard_delay_s if generation_delay_s is None else generation_delay_s,
            self._control.hard_delay_s,
        )
        return min(
            inf if since_s is None else since_s + delay_s
            for since_s, delay_s in zip(self._beyond_since_s, delays_s, strict=True)
        )

    def look(self, now_s: float, generation_w: float) -> None:
        """Read the meter and set the ceiling; `generation_w` is what the inverter delivers now."""
        self.next_look_s = now_s + self._control.period_s
        export_w = self._export_w(now_s) if self._control.sees_load else generation_w
        if self._control.checks_sign and self._control.sees_load and export_w is not None:
            self._sign.see(generation_w, export_w)
            export_w = None if self._sign.reversed else export_w
        if export_w is not None:
            self._heard_s = now_s
        elif self._sign.reversed:
            self._heard_s = -inf
        ceilings_w = [self._commanded_w]
        for number, (limit, measured_w) in enumerate(
            zip(self._limits, (generation_w, export_w), strict=True)
        ):
            beyond_since_s, self._beyond_since_s[number] = self._beyond_since_s[number], None
            if limit.limit_w is None:
                continue
            if measured_w is None:
                ceilings_w.append(self._without_meter_w(now_s))
            elif not limit.hard:
                ceilings_w.append(self._soft_ceiling_w(limit, measured_w, generation_w))
            elif measured_w > limit.limit_w:
                self._beyond_since_s[number] = now_s if beyond_since_s is None else beyond_since_s
        self.ceiling_w = self._taken_up_w(now_s, min(ceilings_w), generation_w)

    def _export_w(self, now_s: float) -> float | None:
        """Return what the inverter takes for the power into the grid."""
        phases_w = self._meter.read(now_s)
        if phases_w is None:
            return None
        total_w = sum(phases_w) if self._control.phases == "all" else 3 * phases_w[0]
        return {"right": total_w, "reversed": -total_w, "unsigned": abs(total_w)}[
            self._control.sign
        ]

    def _soft_ceiling_w(self, limit: PowerLimit, measured_w: float, generation_w: float) -> float:
        assert limit.limit_w is not None
        kept_w = self._control.gain * limit.limit_w + self._control.offset_w
        return max(0.0, generation_w + kept_w - measured_w)

    def _taken_up_w(self, now_s: float, wanted_w: float, generation_w: float) -> float:
        """Return the ceiling once a limit has been exceeded for as long as it is put up with."""
        if wanted_w >= generation_w - EXCEEDED_W or self._control.patience_s == 0:
            self._exceeded_since_s = None
            return wanted_w
        if self._exceeded_since_s is None:
            self._exceeded_since_s = now_s
        patient = now_s - self._exceeded_since_s < self._control.patience_s
        return self.ceiling_w if patient else wanted_w

    def _without_meter_w(self, now_s: float) -> float:
        fallback_w = self._control.fallback_w
        lost = now_s - self._heard_s >= self._control.meter_timeout_s
        return fallback_w if lost and fallback_w is not None else self.ceiling_w
