"""The registers of the simulated inverter: SunSpec from wire address 40000, a vendor's block at 45000.

Measurements are a snapshot renewed on a phase of its own; writes act a while after they are
acknowledged. How exactly, and where the registers lie, is up to the `CommunicationBoard`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from functools import partial
from math import inf

from instruments.simulated.inverter.settings import REGIONS, GridSettings
from instruments.simulated.physics.world import World
from instruments.simulated.registers.communication_board import CommunicationBoard
from instruments.simulated.registers.sunspec_block import Block, BoardState, View
from instruments.simulated.registers.sunspec_blocks import register_map
from instruments.simulated.registers.sunspec_controls import revert, with_controls
from instruments.simulated.registers.sunspec_map import Publication, require_known
from instruments.simulated.registers.sunspec_snapshots import Snapshots
from instruments.simulated.registers.sunspec_vendor import COMMIT, RESTART, VENDOR, WAITS, is_locked
from instruments.simulated.transport.modbus_server import ILLEGAL_VALUE, RefusedRegister
from instruments.simulated.transport.passage import Passage
from instruments.sunspec.layouts import Point, Value, Values

DEVICE_FAILURE, PERMISSION_DENIED = 4, 0x80
LOCKED_CODES = {"denied": PERMISSION_DENIED, "illegal value": ILLEGAL_VALUE}
CONTROLS = "704"
REFERENCE_BOARD = CommunicationBoard()
COMMANDED = ("power_limit_pu", "power_factor", "reactive_power_pu")
Write = Mapping[str, Values]
"""Values written at once, by block and path."""


class SunSpecRegisters:
    """Register image of the inverter; see the module.

    Args:
        board: how the communication board behaves.
    """

    def __init__(
        self, world: World, passage: Passage, board: CommunicationBoard = REFERENCE_BOARD
    ) -> None:
        self._world = world
        self._inverter = world.inverter
        self._board = board
        self._publication = Publication(board)
        self._map = register_map(world.inverter.parameters, board, self._begun)
        require_known(board, self._map.blocks)
        self._blocks = {block.name: block for block in self._map.blocks}
        self._registers: dict[str, list[int]] = {}
        self._snapshots = Snapshots(world, passage, board, self._registers.clear)
        self._waiting: list[Write] = []
        self._known = world.inverter.settings
        self._state = self._shown = self._first_state()

    def read(self, address: int, count: int) -> list[int]:
        self._snapshots.require_fresh()
        self._follow_inverter()
        self._require_awake()
        return self._map.read(address, count, self._registers_of)

    def write(self, address: int, values: list[int]) -> None:
        self._follow_inverter()
        self._require_awake()
        points = self._map.points(address, len(values))
        write = self._decoded(points, values)
        if self._is_locked(points):
            if self._board.access.locked_answer == "ignored":
                return
            raise RefusedRegister(LOCKED_CODES[self._board.access.locked_answer])
        heard = {name: self._heard(name, written) for name, written in write.items()}
        execute = partial(self._execute, heard)
        self._world.schedule(self._world.now_s + self._board.write_delay_s, execute)

    def _decoded(self, points: list[tuple[Block, Point]], values: list[int]) -> Write:
        """Return what a write asks for. Raises RefusedRegister for a value that is not taken."""
        write: dict[str, dict[str, Value]] = {}
        for block, point in points:
            words, values = values[: point.words], values[point.words :]
            shown = self._values_of(block, self._state)
            value = self._publication.value(block, point, words, shown)
            if self._board.clamps:
                value = block.nearest(point, value)
            if not self._takes(block, point, value, words):
                raise RefusedRegister(ILLEGAL_VALUE)
            write.setdefault(block.name, {})[point.path] = value
        if any(self._blocks[name].refuses(self._state, new) for name, new in write.items()):
            raise RefusedRegister(ILLEGAL_VALUE)
        return write

    def _takes(self, block: Block, point: Point, value: Value, words: list[int]) -> bool:
        if block.is_fixed(point):
            place = slice(point.offset, point.offset + point.words)
            return self._registers_of(block)[place] == words
        return block.takes(point, value)

    def _is_locked(self, points: list[tuple[Block, Point]]) -> bool:
        protected = any(point.pattern not in block.unprotected for block, point in points)
        return protected and is_locked(self._state, self._board.access)

    def _heard(self, name: str, written: Values) -> Values:
        ignored = self._board.misreport.ignored
        return {path: value for path, value in written.items() if f"{name}.{path}" not in ignored}

    def _execute(self, write: Write) -> None:
        self._follow_inverter()
        access = {VENDOR: {"UnlockCode", "Commit"}}
        at_once = all(written.keys() <= access.get(name, set()) for name, written in write.items())
        if self._board.access.needs_commit and not at_once:
            self._waiting.append(write)
            if f"{VENDOR}.{COMMIT}" not in self._state.due:
                self._put(self._state.holding(VENDOR, {"CommitState": WAITS}))
        else:
            self._put(self._applied(self._state, write))

    def _applied(self, state: BoardState, write: Write) -> BoardState:
        for name, written in write.items():
            state = self._blocks[name].apply(state, written, self._world.now_s)
        return state

    def _put(self, state: BoardState) -> None:
        """Make a state the board's, carry it over to the inverter, and wait for what it times."""
        before, self._state = self._state, state
        self._inverter.permit(state.permitted)
        self._change_settings(before.settings, state.settings)
        for name, time_s in state.due.items():
            if before.due.get(name) != time_s:
                self._world.schedule(time_s, self._expire)
        if self._board.read_back_delay_s > 0:
            shown_s = self._world.now_s + self._board.read_back_delay_s
            self._world.schedule(shown_s, partial(self._show, state))
        else:
            self._show(state)

    def _show(self, state: BoardState) -> None:
        self._shown = state
        self._registers.clear()

    def _change_settings(self, before: GridSettings, after: GridSettings) -> None:
        """Put the fields in force that changed, except those the board only pretends to change."""
        names = [field.name for field in fields(after)]
        changes = {
            name: getattr(after, name)
            for name in names
            if getattr(after, name) != getattr(before, name)
            and name not in self._board.misreport.unapplied
        }
        if changes:
            self._known = replace(self._inverter.settings, **changes)
            self._inverter.change_settings(self._known)

    def _expire(self) -> None:
        """Let happen what is due by now."""
        self._follow_inverter()
        now_s = self._world.now_s
        for name in [name for name, at_s in self._state.due.items() if at_s <= now_s + 1e-9]:
            block, _, what = name.partition(".")
            if block == CONTROLS:
                # Also where model 123 alone shows these modes.
                self._put(self._reverted(name, what))
                continue
            state = self._blocks[block].expire(self._state, what, now_s)
            if name == f"{VENDOR}.{COMMIT}":
                waiting, self._waiting = self._waiting, []
                for write in waiting:
                    state = self._applied(state, write)
            self._put(state)

    def _reverted(self, name: str, what: str) -> BoardState:
        """Return the state after the reversion time of a mode, unless the board forgets what it was for."""
        return revert(self._state, what) if self._board.reverts else self._state.timed(name, inf)

    def _follow_inverter(self) -> None:
        """Take over what was changed at the inverter by another way than these registers."""
        settings, permitted = self._inverter.settings, self._inverter.permitted
        if settings is self._known and permitted == self._state.permitted:
            return
        commanded = any(getattr(settings, name) != getattr(self._known, name) for name in COMMANDED)
        state = replace(self._state, settings=settings, permitted=permitted)
        self._known = settings
        self._state = with_controls(state) if commanded else state
        self._show(self._state)

    def _require_awake(self) -> None:
        if f"{VENDOR}.{RESTART}" in self._state.due:
            raise RefusedRegister(DEVICE_FAILURE)

    def _first_state(self) -> BoardState:
        region = self._board.misreport.region
        settings = REGIONS[region] if region else self._inverter.settings
        state = BoardState(self._inverter.parameters, settings, self._inverter.permitted)
        return self._begun(state)

    def _begun(self, state: BoardState) -> BoardState:
        for block in self._map.blocks:
            state = block.begin(state)
        return state

    def _values_of(self, block: Block, state: BoardState) -> dict[str, Value]:
        snapshots = self._snapshots
        return block.values(View(state, snapshots.latest, snapshots.means, snapshots.sustained_v))

    def _registers_of(self, block: Block) -> list[int]:
        if block.name not in self._registers:
            values = self._values_of(block, self._shown)
            self._registers[block.name] = self._publication.registers(block, values)
        return self._registers[block.name]
