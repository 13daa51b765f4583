"""Where the inverter's energy comes from: an array under a changing sun."""

from __future__ import annotations

from collections.abc import Callable
from math import inf

STANDARD_IRRADIANCE_W_PER_M2 = 1000.0


class PvArray:
    """Available power in proportion to irradiance, which steps and ramps.

    Args:
        power_w: at 1000 W/m².
        changed: called after every change, with the world's time standing still.
        irradiance_w_per_m2: at first.

    Attributes:
        ramp_end_s: when the running ramp ends; infinity when none runs.
    """

    def __init__(
        self,
        power_w: float,
        now: Callable[[], float],
        changed: Callable[[], None],
        irradiance_w_per_m2: float = STANDARD_IRRADIANCE_W_PER_M2,
    ) -> None:
        self.power_w = power_w
        self._now = now
        self._changed = changed
        self._from = self._to = irradiance_w_per_m2
        self._start_s = self._duration_s = 0.0
        self.ramp_end_s = inf

    @property
    def irradiance_w_per_m2(self) -> float:
        """Irradiance now."""
        if self._duration_s <= 0:
            return self._to
        share = min(1.0, (self._now() - self._start_s) / self._duration_s)
        return self._from + share * (self._to - self._from)

    @property
    def available_w(self) -> float:
        """Power the array could deliver now."""
        return self.power_w * self.irradiance_w_per_m2 / STANDARD_IRRADIANCE_W_PER_M2

    @property
    def slope_w_per_s(self) -> float:
        """Slope of the available power."""
        if self.ramp_end_s == inf:
            return 0.0
        rise = (self._to - self._from) / STANDARD_IRRADIANCE_W_PER_M2
        return self.power_w * rise / self._duration_s

    def ramp_to(self, irradiance_w_per_m2: float, duration_s: float) -> None:
        """Go to another irradiance in `duration_s` seconds; 0 is a step."""
        self._from, self._to = self.irradiance_w_per_m2, irradiance_w_per_m2
        self._start_s, self._duration_s = self._now(), duration_s
        self.ramp_end_s = self._start_s + duration_s if duration_s > 0 else inf
        self._changed()

    def finish_ramp(self) -> None:
        """Settle on the target of a ramp that has ended."""
        self._duration_s, self.ramp_end_s = 0.0, inf
        self._changed()
