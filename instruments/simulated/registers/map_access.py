"""What a simulated device with a register map asks for before written values act: codes, commits, toggles.

The unlock code is that of the inverter's communication board; without one the device is open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import inf

from instruments.register_maps.model import Commit, Point, RegisterMap
from instruments.simulated.physics.world import World
from instruments.simulated.transport.modbus_server import RefusedRegister

DEVICE_FAILURE = 4
Show = Callable[[Point, float | str], None]


class MapAccess:
    """Holds back what does not act yet.

    Args:
        show: puts a value into the registers and lets it act.
    """

    def __init__(self, world: World, register_map: RegisterMap, show: Show) -> None:
        self._world = world
        self._map = register_map
        self._show = show
        self._code = world.inverter.parameters.communication.access.unlock_code
        self._open_until_s = -inf
        self._awake_s = -inf
        self._heard_s = -inf
        self._waiting: list[tuple[Point, float | str]] = []

    @property
    def is_open(self) -> bool:
        """Whether protected points can be written."""
        return self._code is None or self._world.now_s < self._open_until_s

    def require_awake(self) -> None:
        """Raise RefusedRegister while the device restarts."""
        if self._world.now_s < self._awake_s:
            raise RefusedRegister(DEVICE_FAILURE)

    def hears(self, point: Point, value: float | str) -> bool:
        """Take notice of a write; return whether it acts at once."""
        self._awake_s = max(self._awake_s, self._world.now_s + point.restart_s)
        unlock, alive = self._map.unlock, self._map.keep_alive
        if unlock is not None and point.name == unlock.point:
            self._unlock(value)
            return False
        if alive is not None and point.name == alive.point:
            self._heard_s = self._world.now_s
            self._world.schedule(self._heard_s + alive.reverts_after_s, self._revert)
        for commit in self._map.commits.values():
            if point.name == commit.point and value == commit.value:
                self._begin(commit)
                return False
        return not self._is_held_back(point, value)

    def _is_held_back(self, point: Point, value: float | str) -> bool:
        write = point.write
        switched_on = write is not None and value == point.codes.get("on")
        toggled = [
            one for one in self._waiting if one[0].write and one[0].write.toggles == point.name
        ]
        if toggled and switched_on:
            self._release(toggled)
        if write is None or not (write.commit or write.toggles):
            return False
        self._waiting.append((point, value))
        return True

    def _unlock(self, value: float | str) -> None:
        unlock = self._map.unlock
        assert unlock is not None
        lasts_s = inf if unlock.expires_s is None else unlock.expires_s
        self._open_until_s = self._world.now_s + lasts_s if value == self._code else -inf
        state = self._map.points.get(unlock.state_point)
        if state is not None and unlock.open_value is not None:
            self._show(state, unlock.open_value if self.is_open else unlock.open_value + 1)

    def _begin(self, commit: Commit) -> None:
        """Start a commit; it ends half-way to its longest time."""
        known = {*commit.ok, *commit.failed.values()}
        result = self._map.points.get(commit.result_point)
        if result is not None:
            busy = next(float(code) for code in range(100) if code not in known)
            self._show(result, busy)
        self._world.schedule(self._world.now_s + commit.longest_s / 2, lambda: self._end(commit))

    def _end(self, commit: Commit) -> None:
        self._release(
            [one for one in self._waiting if one[0].write and one[0].write.commit == commit.name]
        )
        result = self._map.points.get(commit.result_point)
        if result is not None:
            self._show(result, commit.ok[0])

    def _release(self, writes: Iterable[tuple[Point, float | str]]) -> None:
        released = list(writes)
        self._waiting = [one for one in self._waiting if one not in released]
        for point, value in released:
            self._show(point, value)

    def _revert(self) -> None:
        """Take commands back when nobody has spoken for long enough."""
        alive = self._map.keep_alive
        assert alive is not None
        if self._world.now_s < self._heard_s + alive.reverts_after_s - 1e-9:
            return
        for control in self._map.controls.values():
            name, value = (
                (control.enable, control.off)
                if control.enable
                else (control.setpoint, control.released)
            )
            if value is not None:
                self._show(self._map.points[name], value)
