"""What a communication board takes from the inverter once per period, and what it makes of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import floor

from instruments.interfaces import PhaseValues
from instruments.simulated.physics.world import World
from instruments.simulated.registers.communication_board import CommunicationBoard
from instruments.simulated.registers.sunspec_block import Means, Snapshot
from instruments.simulated.transport.passage import Passage

NOTHING: PhaseValues = (0.0, 0.0, 0.0)


@dataclass(frozen=True)
class ZeroMeans:
    """Measured values of a board that has none and says zero."""

    voltages_v: PhaseValues = NOTHING
    currents_a: PhaseValues = NOTHING
    active_powers_w: PhaseValues = NOTHING
    reactive_powers_var: PhaseValues = NOTHING
    frequency_hz: float = 0.0


class Snapshots:
    """Takes snapshots on the board's phase, and means only when somebody asks.

    Attributes:
        latest: the last snapshot.
    """

    def __init__(
        self, world: World, passage: Passage, board: CommunicationBoard, taken: Callable[[], None]
    ) -> None:
        self._world = world
        self._board = board
        self._taken = taken
        self._while_running: Means | None = None
        self._means: Means | None = None
        self._has_means = False
        self.latest = self._look()
        passage.announce_to(self._schedule)

    def require_fresh(self) -> None:
        """Raise RuntimeError when time has passed without a snapshot."""
        age_s = self._world.now_s - self.latest.time_s
        if age_s > self._board.refresh_s + 1e-6:
            raise RuntimeError(
                f"the snapshot is {age_s:g} s old: the world was not moved through its Passage"
            )

    def means(self) -> Means | None:
        """Return means up to the snapshot as the board reports them; None when it has none."""
        if not self._has_means:
            self._means, self._has_means = self._reported(), True
        return self._means

    def sustained_v(self) -> PhaseValues | None:
        """Return the mean voltages of the last ten minutes as the board reports them."""
        end_s = self.latest.time_s
        if not self._board.ten_minute_mean or end_s <= 0:
            return None
        sensing = self._world.inverter.parameters.sensing
        start_s = max(0.0, end_s - sensing.sustained_window_s)
        gain = sensing.voltage_gain * self._board.misreport.sustained_gain
        a, b, c = self._world.averages(start_s, end_s).voltages_v
        return gain * a, gain * b, gain * c

    def _schedule(self, time_s: float) -> None:
        """Schedule the last snapshot up to `time_s`; those before it nobody can have read.

        A board that remembers how it was while the inverter ran needs every one of them.
        """
        board, now_s = self._board, self._world.now_s
        period = floor((time_s - board.refresh_phase_s) / board.refresh_s)
        remembers = board.misreport.at_standstill == "frozen"
        while (at_s := period * board.refresh_s + board.refresh_phase_s) > now_s:
            self._world.schedule(at_s, self._take)
            if not remembers:
                return
            period -= 1

    def _take(self) -> None:
        self.latest = self._look()
        self._has_means = False
        if self._board.misreport.at_standstill == "frozen" and self.latest.state == "running":
            self._while_running = self._measured()
        self._taken()

    def _look(self) -> Snapshot:
        inverter = self._world.inverter
        return Snapshot(
            time_s=self._world.now_s,
            state=inverter.state,
            connected=inverter.connected,
            alarms=frozenset(inverter.alarms),
            reconnect_remaining_s=inverter.observation_remaining_s,
        )

    def _reported(self) -> Means | None:
        misreport = self._board.misreport
        if misreport.zero_every and self._number() % misreport.zero_every == 0:
            return ZeroMeans()
        if self.latest.state == "running" or misreport.at_standstill == "live":
            return self._measured()
        instead = {"frozen": self._while_running, "zero": ZeroMeans(), "not implemented": None}
        return instead[misreport.at_standstill]

    def _measured(self) -> Means | None:
        end_s = self.latest.time_s
        if end_s <= 0:
            return None
        return self._world.averages(max(0.0, end_s - self._board.averaging_s), end_s)

    def _number(self) -> int:
        board = self._board
        return round((self.latest.time_s - board.refresh_phase_s) / board.refresh_s)
