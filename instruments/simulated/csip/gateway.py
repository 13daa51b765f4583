"""What moves the inverter's limits to what is in force, tick by tick and no faster than the gradient."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from math import inf

from instruments.simulated.csip.behaviour import ClientBehaviour
from instruments.simulated.csip.choice import InForce
from instruments.simulated.inverter.settings import PowerLimit
from instruments.simulated.inverter.site import GridInverter

UNLIMITED_PU_PER_S = 100.0
EXPORT, GENERATION = "opModExpLimW", "opModGenLimW"
CONNECT, ENERGIZE = "opModConnect", "opModEnergize"


@dataclass
class _Limit:
    """One limit on its way; the rating stands for none."""

    now_w: float
    target_w: float
    rate_w_per_s: float = inf

    def move(self, passed_s: float) -> None:
        step_w = inf if self.rate_w_per_s == inf else self.rate_w_per_s * passed_s
        if abs(self.target_w - self.now_w) <= step_w:
            self.now_w = self.target_w
        else:
            self.now_w += step_w if self.target_w > self.now_w else -step_w


class Gateway:
    """Writes limits into an inverter.

    Args:
        schedule: runs an action at a time of the world.
        now_s: the world's time.
    """

    def __init__(
        self,
        inverter: GridInverter,
        behaviour: ClientBehaviour,
        schedule: Callable[[float, Callable[[], None]], None],
        now_s: Callable[[], float],
    ) -> None:
        self._inverter = inverter
        self._behaviour = behaviour
        self._schedule = schedule
        self._now_s = now_s
        self._before = inverter.settings
        rated_w = inverter.parameters.rated_apparent_power_va
        self._rated_w = rated_w
        self._limits = {name: _Limit(rated_w, rated_w) for name in (EXPORT, GENERATION)}
        self._moved_s = 0.0
        self._ticking = False

    def aim(
        self,
        forces: Mapping[str, InForce],
        gradient_pct_per_s: float | None,
        *,
        at_once: bool = False,
    ) -> None:
        """Go to what is in force.

        Args:
            gradient_pct_per_s: of the rating; None or 0 does not limit.
            at_once: without the gradient.
        """
        self._move()
        for name, limit in self._limits.items():
            wanted = forces.get(name)
            target_w = self._rated_w if wanted is None else min(self._rated_w, wanted.setting)
            if name == GENERATION and not _on(forces, ENERGIZE):
                target_w = 0.0
            if limit.target_w != target_w:
                limit.target_w = target_w
                limit.rate_w_per_s = self._rate(limit, wanted, gradient_pct_per_s)
            if at_once:
                limit.now_w = target_w
        self._follow_gradient(gradient_pct_per_s)
        self._inverter.permit(_on(forces, CONNECT))
        self._tick()

    def restart(self) -> None:
        """Forget a tick that will not come."""
        self._ticking = False

    def release(self) -> None:
        """Put the inverter's settings back as they were found."""
        found, now = self._before, self._inverter.settings
        self._inverter.change_settings(
            replace(
                now,
                export_limit=found.export_limit,
                generation_limit=found.generation_limit,
                ramp_pu_per_s=found.ramp_pu_per_s,
            )
        )
        self._inverter.permit(True)

    def _rate(
        self, limit: _Limit, wanted: InForce | None, gradient_pct_per_s: float | None
    ) -> float:
        ramp_s = wanted.event.ramp_s if wanted and wanted.event else None
        if ramp_s:
            return abs(limit.target_w - limit.now_w) / ramp_s
        return self._rated_w * gradient_pct_per_s / 100 if gradient_pct_per_s else inf

    def _follow_gradient(self, gradient_pct_per_s: float | None) -> None:
        """Let the inverter itself rise at the gradient, as its limits do."""
        if gradient_pct_per_s is None:
            return
        pu_per_s = gradient_pct_per_s / 100 if gradient_pct_per_s else UNLIMITED_PU_PER_S
        if self._inverter.settings.ramp_pu_per_s != pu_per_s:
            self._inverter.change_settings(replace(self._inverter.settings, ramp_pu_per_s=pu_per_s))

    def _move(self) -> None:
        passed_s = self._now_s() - self._moved_s
        self._moved_s = self._now_s()
        for limit in self._limits.values():
            limit.move(passed_s)

    def _tick(self) -> None:
        """Write, and go on ticking until every limit has arrived."""
        self._write()
        if not self._ticking and any(one.now_w != one.target_w for one in self._limits.values()):
            self._ticking = True
            self._schedule(self._now_s() + self._behaviour.tick_s, self._ticked)

    def _ticked(self) -> None:
        self._ticking = False
        self._move()
        self._tick()

    def _write(self) -> None:
        """Send the limits to the inverter; they take effect when the write has."""
        export, generation = (self._limits[name] for name in (EXPORT, GENERATION))
        if self._behaviour.export_as_generation:
            lowest = min(export, generation, key=lambda one: one.now_w)
            export, generation = _Limit(self._rated_w, self._rated_w), lowest
        limits = (self._ceiling(export), self._ceiling(generation))
        if self._behaviour.write_s:
            at_s = self._now_s() + self._behaviour.write_s
            self._schedule(at_s, lambda: self._put(*limits))
        else:
            self._put(*limits)

    def _put(self, export: PowerLimit, generation: PowerLimit) -> None:
        settings = self._inverter.settings
        wanted = replace(settings, export_limit=export, generation_limit=generation)
        if wanted != settings:
            self._inverter.change_settings(wanted)

    def _ceiling(self, limit: _Limit) -> PowerLimit:
        return PowerLimit(None if limit.now_w >= self._rated_w else limit.now_w)


def _on(forces: Mapping[str, InForce], name: str) -> bool:
    return name not in forces or bool(forces[name].setting)
