"""A case: steps that change something at the site, and what is judged of each. Data, read from TOML."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bench.export_limits.amounts import Amount, parse_amount
from bench.export_limits.orders import ORDER_KEYS, Orders, read_orders
from bench.toml_file import Table
from instruments.commands import ControlMode, Provocation
from instruments.site import MeterFeed

UPPER, LOWER, TIME, REPORTED = "upper", "lower", "time", "reported"
JUDGED = (UPPER, LOWER, TIME)
WORDS = (*JUDGED, REPORTED)
SITE, GENERATION = "site", "generation"
FAMILIES = (
    "export_static",
    "export_ladder",
    "export_ramp",
    "export_load",
    "export_meter",
    "export_reversion",
    "export_invalid",
    "export_phases",
    "export_interaction",
    "export_hard",
    "export_schedule",
)
"""Kinds of requirement; each has a procedure."""
COMMANDS: Mapping[str, ControlMode] = {
    "export": ControlMode.EXPORT_LIMIT,
    "static_export": ControlMode.STATIC_EXPORT_LIMIT,
    "hard_export": ControlMode.HARD_EXPORT_LIMIT,
    "generation": ControlMode.POWER_LIMIT,
    "hard_generation": ControlMode.HARD_GENERATION_LIMIT,
    "discharge": ControlMode.ACTIVE_POWER,
}
SOFT_EXPORT = ("export", "static_export")
CYCLED, TRIPPED = "cycled", "tripped"
REVERSION, REPEAT = "reversion", "repeat"
SOFT_AND_HARD = "a hard limit of export beside a soft one"


@dataclass(frozen=True)
class Step:
    """One change at the site and the time for which it is watched.

    Attributes:
        hold_s: from the change to the next step.
        commands: limits commanded; one that is lifted is switched off.
        loads: of the site, one power for all phases together or one for each phase; None leaves them.
        sun: share of full sun; None leaves it.
        sun_over_s: the sun gets there along a ramp of so many seconds; 0 is a step.
        second_sun: share of full sun of a second inverter behind the same meter; None leaves it.
        meter: what reaches the inverter of its meter; None leaves it.
        supply: "cycled": the grid is away for a while; "tripped": a dip disconnects the inverter; or "".
        service: whether the inverter may connect; None leaves it.
        volt_watt: the voltage goes to where volt-watt leaves this share; None leaves it.
        reverts_after_s: the limit of generation is commanded for so long; None for good.
        then: share of the rating it reverts to; None lifts it.
        low_hard_export: a hard limit of export below the soft one, which should be refused; None for none.
        provocation: a write that should be refused; None for none.
        judged: some of "upper", "lower", "time" and "reported".
        grace_s: before the limit must be kept; None is the response time of the regime.
        most_generation: what the inverter may generate at most, beside the limits in force.
        utility: what a utility server says.
        in_force: limit of generation that a provocation leaves in force; None for what was in force.
    """

    hold_s: float
    commands: Mapping[str, Amount]
    loads: tuple[Amount, ...] | None = None
    sun: float | None = None
    sun_over_s: float = 0.0
    second_sun: float | None = None
    meter: MeterFeed | None = None
    supply: str = ""
    service: bool | None = None
    volt_watt: float | None = None
    reverts_after_s: float | None = None
    then: float | None = None
    low_hard_export: Amount | None = None
    provocation: Provocation | None = None
    judged: tuple[str, ...] = JUDGED
    grace_s: float | None = None
    most_generation: Amount | None = None
    in_force: Amount | None = None
    utility: Orders = field(default_factory=Orders)


@dataclass(frozen=True)
class Case:
    """One case of an export-limit test.

    Attributes:
        family: kind of requirement it becomes.
        basis: what it rests on, for the report.
        applies_to: what an inverter must have, as in a grid code; empty for nothing.
        binds: whether the limit of the regime is lowered to half the rating where it would not bind.
        each_phase: whether each phase is held to a third of limit and tolerance, and not their sum to both.
    """

    id: str
    title: str
    family: str
    basis: str
    steps: tuple[Step, ...]
    applies_to: str = ""
    binds: bool = True
    each_phase: bool = False

    @property
    def duration_s(self) -> float:
        """Time of all steps."""
        return sum(step.hold_s + step.sun_over_s for step in self.steps)

    @property
    def needs(self) -> tuple[str, ...]:
        """What an inverter must let the bench command, by `ControlMode`, `REVERSION` and `SOFT_AND_HARD`."""
        named = {name for step in self.steps for name in step.commands}
        if any(step.low_hard_export for step in self.steps):
            named.add("hard_export")
        timed = any(step.reverts_after_s is not None or step.provocation for step in self.steps)
        further = {REVERSION: timed, SOFT_AND_HARD: {"export", "hard_export"} <= named}
        modes = sorted(COMMANDS[name].value for name in named)
        return (*modes, *(word for word, needed in further.items() if needed))

    @property
    def equipment(self) -> tuple[str, ...]:
        """Tables of a station file it takes."""
        used: Mapping[str, Callable[[Step], object]] = {
            "site_meter": lambda step: {*SOFT_EXPORT} & {*step.commands} or step.utility.any,
            "islanding_load": lambda step: step.loads,
            "pv_source": lambda step: step.sun,
            "second_pv_source": lambda step: step.second_sun,
            "meter_line": lambda step: step.meter,
            "utility_server": lambda step: step.utility.any,
        }
        return tuple(role for role, uses in used.items() if any(map(uses, self.steps)))


def read_case(table: Table) -> Case:
    """Return one [[case]]. Raises ConfigurationError."""
    table.allow(
        "id", "title", "family", "basis", "judged", "steps", "applies_to", "binds", "each_phase"
    )
    judged = _words(table, "judged", WORDS, JUDGED)
    steps = [step for row in table.tables("steps") for step in _steps(row, judged)]
    if not steps:
        raise table.error("steps: expected at least one step")
    each_phase = table.optional("each_phase", bool, False)
    if each_phase and any(LOWER in step.judged for step in steps):
        raise table.error(
            f"each_phase = true: what an inverter may generate beside a load of one phase depends on whether "
            f"it can feed its phases differently. Expected: judged without {LOWER!r}"
        )
    return Case(
        id=table.require_text("id"),
        title=table.require_text("title"),
        family=table.require("family", str, FAMILIES),
        basis=table.require_text("basis"),
        steps=tuple(steps),
        applies_to=table.optional("applies_to", str, ""),
        binds=table.optional("binds", bool, True),
        each_phase=each_phase,
    )


def _steps(table: Table, judged: tuple[str, ...]) -> list[Step]:
    """Return the steps of one row: as many as its longest list, over and over."""
    lists = {key: value for key, value in table.values.items() if _is_list(key, value)}
    count = max(map(len, lists.values()), default=1)
    if any(len(value) != count for value in lists.values()):
        raise table.error(f"{', '.join(lists)}: expected lists of the same length")
    plain = {key: value for key, value in table.values.items() if key not in (*lists, REPEAT)}
    rows = [
        Table(table.file, table.name, plain | {key: value[k] for key, value in lists.items()})
        for k in range(count)
    ]
    return [_step(row, judged) for row in rows] * table.optional(REPEAT, int, 1)


def _is_list(key: str, value: object) -> bool:
    """Return whether a value is one for each step; what is judged is a list in itself."""
    return isinstance(value, list) and key != "judged"


def _step(table: Table, judged: tuple[str, ...]) -> Step:
    table.allow(*_READERS, *COMMANDS, *ORDER_KEYS, "hold_s", "judged")
    commands = {name: _amount(table, name) for name in COMMANDS if name in table.values}
    step = Step(
        table.require("hold_s", float),
        commands,
        judged=_words(table, "judged", WORDS, judged),
        utility=read_orders(table),
    )
    read: dict[str, Any] = {
        field: reader(table, name)
        for name, (field, reader) in _READERS.items()
        if name in table.values
    }
    return replace(step, **read)


def _amount(table: Table, key: str) -> Amount:
    try:
        return parse_amount(table.require(key, str))
    except ValueError as error:
        raise table.error(f"{key}: {error}") from error


def _loads(table: Table, key: str) -> tuple[Amount, ...]:
    value = table.values[key]
    texts = value if isinstance(value, list) else [value]
    if len(texts) not in (1, 3):
        raise table.error(f"{key} = {value!r}: expected one power, or one for each phase")
    rows = [Table(table.file, table.name, {key: text}) for text in texts]
    return tuple(_amount(row, key) for row in rows)


def _share(table: Table, key: str) -> float:
    amount = _amount(table, key)
    if amount.watts or amount.limits or amount.lifted:
        raise table.error(f"{key} = {table.values[key]!r}: expected a share such as '20 %'")
    return amount.share


def _words(
    table: Table, key: str, known: tuple[str, ...], default: tuple[str, ...]
) -> tuple[str, ...]:
    found = table.optional(key, list, list(default))
    unknown = [word for word in found if word not in known]
    if unknown:
        raise table.error(f"{key}: {unknown[0]!r}; expected some of {', '.join(known)}")
    return tuple(found)


def _feed(table: Table, key: str) -> MeterFeed:
    return MeterFeed(table.require(key, str, [feed.value for feed in MeterFeed]))


def _provocation(table: Table, key: str) -> Provocation:
    names = {one.name.lower(): one for one in Provocation}
    return names[table.require(key, str, list(names))]


_READERS: Mapping[str, tuple[str, Callable[[Table, str], Any]]] = {
    "load": ("loads", _loads),
    "sun": ("sun", _share),
    "second_sun": ("second_sun", _share),
    "sun_over_s": ("sun_over_s", lambda table, key: table.require(key, float)),
    "meter": ("meter", _feed),
    "supply": ("supply", lambda table, key: table.require(key, str, (CYCLED, TRIPPED))),
    "service": ("service", lambda table, key: table.require(key, bool)),
    "volt_watt": ("volt_watt", _share),
    "reverts_after_s": ("reverts_after_s", lambda table, key: table.require(key, float)),
    "then": ("then", _share),
    "low_hard_export": ("low_hard_export", _amount),
    "provoke": ("provocation", _provocation),
    "grace_s": ("grace_s", lambda table, key: table.require(key, float)),
    "most_generation": ("most_generation", _amount),
    "generation_in_force": ("in_force", _amount),
}
"""Key of a step → field, and how it is read."""
