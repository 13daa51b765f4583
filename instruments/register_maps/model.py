"""What a register map contains. Addresses are those on the wire, from 0; scales lead to base units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from instruments.interfaces import ControlMode


class Table(StrEnum):
    """Which registers: read with function 3 or with function 4."""

    HOLDING = "holding"
    INPUT = "input"


class WriteFunction(StrEnum):
    """How registers are written."""

    SINGLE = "6"
    MULTIPLE = "16"
    EITHER = "either"


class Outside(StrEnum):
    """What the device does with a value outside the range."""

    REFUSED = "refused"
    CLAMPED = "clamped"
    IGNORED = "ignored"
    UNKNOWN = "unknown"


class Storage(StrEnum):
    """Where a written value is kept."""

    VOLATILE = "volatile"
    FLASH = "flash"


class TimeIs(StrEnum):
    """What a trip time means: the earliest instant, or the latest."""

    DELAY = "delay"
    MAXIMUM = "maximum"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Source:
    """Where a statement stands in its file."""

    file: str = ""
    line: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True)
class Write:
    """How a point is written.

    Attributes:
        lowest, highest: in the point's unit; None for a point of codes or text.
        step: of the values the device takes; None for its quantum.
        most_writes: budget of one day (UTC) and all its sessions, for a point kept in flash.
        most_writes_in_all: budget of the inverter's life, as far as the bench knows of it; None for no such.
        after: what must hold before: point → name or number.
        commit: name of the commit that makes it take effect; empty for none.
        toggles: point that is switched off and on again to make it take effect; empty for none.
        unlocks: whether the device asks for its unlock first.
    """

    lowest: float | None = None
    highest: float | None = None
    step: float | None = None
    outside: Outside = Outside.UNKNOWN
    storage: Storage = Storage.VOLATILE
    most_writes: int | None = None
    most_writes_in_all: int | None = None
    after: Mapping[str, str | float] = field(default_factory=dict)
    commit: str = ""
    toggles: str = ""
    unlocks: bool = False


@dataclass(frozen=True)
class Point:
    """One value in the registers.

    Attributes:
        type: "u16", "s16", "u32", "s32", "u64", "f32", "f64", "string" or "bits".
        words: registers it takes.
        low_word_first: order of the registers of a number.
        bits: first and last bit of the field in its registers, counted from 0; None for all of them.
        scale, offset: value = (raw - offset) · scale, in `unit`.
        scale_point: point that holds a power of ten to multiply with; empty for none.
        negated: whether the device counts the other way than the bench.
        unit: base unit; a percentage of nominal voltage is "% of nominal voltage".
        share_of: what a percentage refers to, in words; empty for none.
        not_implemented: raw codes that mean there is no value.
        codes: names of raw values.
        flags: names of bits.
        write: None for a point that is only read.
        readable: False for a point that can only be written.
        means: what it is to the bench; empty when it only serves other points.
        time_is: semantics of a trip time.
        trips: for the names of a fault code, what tripped.
        resets: whether writing it resets other settings.
        restart_s: silence after it was written.
        secret: whether its value appears nowhere.
        page: where the document says so.
        verified: whether it was checked against a device; others are never written.
        simulated: what the simulated device holds at first, where its plant says nothing.
    """

    name: str
    table: Table
    address: int
    type: str
    words: int
    low_word_first: bool = False
    bits: tuple[int, int] | None = None
    scale: float = 1.0
    offset: float = 0.0
    scale_point: str = ""
    negated: bool = False
    unit: str = "1"
    share_of: str = ""
    not_implemented: tuple[int, ...] = ()
    codes: Mapping[str, int] = field(default_factory=dict)
    flags: Mapping[str, int] = field(default_factory=dict)
    write: Write | None = None
    readable: bool = True
    means: str = ""
    time_is: TimeIs | None = None
    trips: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    resets: bool = False
    restart_s: float = 0.0
    secret: bool = False
    page: str = ""
    verified: bool = False
    simulated: float | str | None = None
    source: Source = Source()

    @property
    def end(self) -> int:
        """First address behind it."""
        return self.address + self.words

    @property
    def quantum(self) -> float:
        """Step of its register in `unit`; a float register has none worth stating."""
        return 0.0 if self.type in ("f32", "f64") else abs(self.scale)


@dataclass(frozen=True)
class Block:
    """Registers that are read in one request."""

    name: str
    table: Table
    first: int
    words: int

    def holds(self, point: Point) -> bool:
        """Return whether a point lies inside."""
        inside = self.first <= point.address and point.end <= self.first + self.words
        return point.table == self.table and inside


@dataclass(frozen=True)
class TableRules:
    """What holds for all registers of one table.

    Attributes:
        unreadable: first and last wire address of ranges no request may touch.
    """

    most_registers: int = 125
    write_function: WriteFunction = WriteFunction.MULTIPLE
    unreadable: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Connection:
    """How such devices are reached, unless told otherwise."""

    transport: str = "tcp"
    port: int = 502
    unit: int = 1
    baud_rate: int = 9600
    parity: str = "N"
    stop_bits: int = 1
    most_connections: int | None = None


@dataclass(frozen=True)
class Pacing:
    """How quickly a device may be asked, and how long it takes.

    Attributes:
        gap_s: least time between two requests.
        after_connect_s, before_write_s: pauses beside it.
        refresh_s: measured values are renewed this often.
        timeout_s: longest time to an answer.
        busy_codes: exceptions that mean: ask again later.
        busy_pause_s: how long to wait then.
        most_attempts: of a read; writes are sent once.
        settle_s: from an acknowledged write to the earliest sensible read-back.
        settle_longest_s: by then it must read back.
    """

    gap_s: float = 0.0
    after_connect_s: float = 0.0
    before_write_s: float = 0.0
    refresh_s: float = 1.0
    timeout_s: float = 2.0
    busy_codes: tuple[int, ...] = (5, 6)
    busy_pause_s: float = 1.0
    most_attempts: int = 3
    settle_s: float = 0.5
    settle_longest_s: float = 3.0


@dataclass(frozen=True)
class IdentityCheck:
    """What a register must hold before anything is written.

    Attributes:
        equals: permitted values; empty for any.
        starts_with: permitted beginnings of a text; empty for any.
        lowest, highest: permitted range of a number.
    """

    point: str
    equals: tuple[str | float, ...] = ()
    starts_with: tuple[str, ...] = ()
    lowest: float | None = None
    highest: float | None = None


@dataclass(frozen=True)
class Unlock:
    """How settings are opened for writing.

    Attributes:
        point: where the code goes; empty with `function`.
        code_from: environment variable that holds the code.
        delay_s: from the code to its effect.
        state_point, open_value: what shows that it worked; empty for none.
        expires_s: how long it lasts; None without end.
        lock_value: written to close again; None when there is none.
        function: an exchange no map can express, in words; such a device stays read-only.
    """

    point: str = ""
    code_from: str = ""
    delay_s: float = 0.0
    state_point: str = ""
    open_value: float | None = None
    expires_s: float | None = None
    lock_value: float | None = None
    function: str = ""


@dataclass(frozen=True)
class Commit:
    """What makes written values take effect.

    Attributes:
        result_point: polled until it holds one of `ok`; empty for none.
        failed: results that mean it was refused, with what they mean.
    """

    name: str
    point: str
    value: float
    longest_s: float
    result_point: str = ""
    ok: tuple[float, ...] = ()
    failed: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class KeepAlive:
    """What must be written again and again while a command is to last."""

    point: str
    value: float
    every_s: float
    reverts_after_s: float


@dataclass(frozen=True)
class Control:
    """A mode the inverter can be commanded to.

    Attributes:
        setpoint, enable: points; without an enabling point the mode is always on.
        on, off: what the enabling point holds.
        released: what the set-point holds when there is no enabling point and the mode is off.
        toggles: whether a new set-point counts only after the mode was off.
    """

    mode: ControlMode
    setpoint: str
    enable: str = ""
    on: float = 1.0
    off: float = 0.0
    released: float | None = None
    toggles: bool = False


@dataclass(frozen=True)
class Curve:
    """Points of a characteristic that belong together.

    Attributes:
        means: beginning of the names of its points.
        count: points it has; `count_point` tells how many are in use.
        adopt: "immediately", "commit" or "request".
    """

    name: str
    means: str
    count: int
    count_point: str
    adopt: str


@dataclass(frozen=True)
class SunSpecModel:
    """One SunSpec model at a fixed address; `address` is that of its ID register."""

    number: int
    address: int
    length: int


@dataclass(frozen=True)
class SunSpec:
    """The SunSpec part of a device.

    Attributes:
        base: wire address of the marker.
        missing: points of the models that the device does not have.
    """

    base: int
    models: tuple[SunSpecModel, ...]
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class RegisterMap:
    """One vendor's registers.

    Attributes:
        firmware_tried: versions on which the verified points were checked.
        restore: points whose values are put back after a session.
        connected_states: names of the operating state in which the inverter is connected.
    """

    name: str
    maker: str
    model: str
    document: str
    firmware_tried: tuple[str, ...]
    connection: Connection
    pacing: Pacing
    tables: Mapping[Table, TableRules]
    points: Mapping[str, Point]
    blocks: tuple[Block, ...] = ()
    curves: tuple[Curve, ...] = ()
    controls: Mapping[ControlMode, Control] = field(default_factory=dict)
    identity: tuple[IdentityCheck, ...] = ()
    unlock: Unlock | None = None
    commits: Mapping[str, Commit] = field(default_factory=dict)
    keep_alive: KeepAlive | None = None
    sunspec: SunSpec | None = None
    restore: tuple[str, ...] = ()
    connected_states: tuple[str, ...] = ()

    def meaning(self, name: str) -> Point | None:
        """Return the point bound to a meaning; None when the device does not expose it."""
        return next((point for point in self.points.values() if point.means == name), None)
