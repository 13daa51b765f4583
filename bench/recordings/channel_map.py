"""Channel maps: what the channels of a recording made elsewhere mean, and how it is to be measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.metering.cessation import CEASE_SHARE
from bench.metering.duration import CLOCK_PPM
from bench.metering.flow import LONGEST_WINDOW_CYCLES, WINDOW_S
from bench.paths import PROFILES
from bench.toml_file import Table, read_toml
from instruments.errors import ConfigurationError

CHANNEL_MAPS = PROFILES / "channel_maps"
GRID_CURRENT_STOPS = "grid current stops"
VOLTAGE_STEP = "voltage step"
CURRENT_CEASES = "inverter current ceases"
CURRENT_GONE = "inverter current gone"
LOAD_POWER_BELOW = "load power below"
ROLES = ("grid_current", "bus_voltage", "inverter_current")


@dataclass(frozen=True)
class StartRule:
    """What begins the time: "grid current stops" or "voltage step"."""

    rule: str
    threshold_pu: float


@dataclass(frozen=True)
class EndRule:
    """What ends the time: "inverter current ceases", "inverter current gone" or "load power below".

    Attributes:
        share: of the current before the event, below which generation has ceased.
        at_least_a: rms per phase that counts as generation, or as current.
        threshold_w: power into all load groups together.
        window_s: length of the mean that decides.
    """

    rule: str
    share: float
    at_least_a: float
    threshold_w: float
    window_s: float


@dataclass(frozen=True)
class ChannelMap:
    """A channel map as loaded from one file.

    Attributes:
        nominal_voltage_v: rms phase to neutral.
        channels: role → file channels, one per phase, in the order of the phases.
        loads: name of a load group → its currents, in the order of the bus voltages.
    """

    file: Path
    title: str
    nominal_frequency_hz: float
    nominal_voltage_v: float
    phases: int
    clock_ppm: float
    channels: Mapping[str, tuple[str, ...]]
    loads: Mapping[str, tuple[str, ...]]
    start: StartRule
    end: EndRule


START_KEYS: Mapping[str, tuple[str, ...]] = {
    GRID_CURRENT_STOPS: (),
    VOLTAGE_STEP: ("threshold_pu",),
}
END_KEYS: Mapping[str, tuple[str, ...]] = {
    CURRENT_CEASES: ("share", "at_least_a", "window_s"),
    CURRENT_GONE: ("at_least_a", "window_s"),
    LOAD_POWER_BELOW: ("threshold_w", "window_s"),
}
NEEDED_ROLES: Mapping[str, tuple[str, ...]] = {
    GRID_CURRENT_STOPS: ("grid_current",),
    VOLTAGE_STEP: ("bus_voltage",),
    CURRENT_CEASES: ("inverter_current",),
    CURRENT_GONE: ("inverter_current",),
    LOAD_POWER_BELOW: ("bus_voltage",),
}


def find_channel_map(name: str) -> Path:
    """Return the file of a channel map named by path or by the stem of a shipped file.

    Raises:
        ConfigurationError: there is neither.
    """
    shipped = CHANNEL_MAPS / f"{name}.toml"
    if shipped.is_file():
        return shipped
    if Path(name).is_file():
        return Path(name)
    known = ", ".join(sorted(path.stem for path in CHANNEL_MAPS.glob("*.toml")))
    raise ConfigurationError(f"no channel map {name!r}: neither a file nor one of {known}")


def load_channel_map(file: Path) -> ChannelMap:
    """Load and check a channel map.

    Raises:
        ConfigurationError: names file, table and key of the first thing that is wrong.
    """
    top = read_toml(file)
    top.allow("recording", "channels", "loads", "start", "end")
    recording = top.table("recording")
    recording.allow("title", "nominal_frequency_hz", "nominal_voltage_v", "phases", "clock_ppm")
    phases = recording.require("phases", int, (1, 2, 3))
    channels, loads = top.table("channels"), top.optional_table("loads")
    channels.allow(*ROLES)
    result = ChannelMap(
        file=file,
        title=recording.require("title", str),
        nominal_frequency_hz=_positive(recording, "nominal_frequency_hz"),
        nominal_voltage_v=_positive(recording, "nominal_voltage_v"),
        phases=phases,
        clock_ppm=_positive(recording, "clock_ppm", CLOCK_PPM),
        channels={role: _group(channels, role, phases) for role in channels.values},
        loads={name: _group(loads, name, phases) for name in loads.values},
        start=_start(top.table("start")),
        end=_end(top.table("end")),
    )
    _require_roles(top, result)
    _require_short_window(top.table("end"), result)
    return result


def _start(table: Table) -> StartRule:
    rule = table.require("rule", str, tuple(START_KEYS))
    table.allow("rule", *START_KEYS[rule])
    return StartRule(rule, _positive(table, "threshold_pu", 0.05))


def _end(table: Table) -> EndRule:
    rule = table.require("rule", str, tuple(END_KEYS))
    table.allow("rule", *END_KEYS[rule])
    if rule == LOAD_POWER_BELOW:
        _positive(table, "threshold_w")
    return EndRule(
        rule=rule,
        share=_positive(table, "share", CEASE_SHARE),
        at_least_a=table.optional("at_least_a", float, 0.0),
        threshold_w=table.optional("threshold_w", float, 0.0),
        window_s=_positive(table, "window_s", WINDOW_S),
    )


def _group(table: Table, key: str, phases: int) -> tuple[str, ...]:
    names = table.require(key, list)
    if len(names) != phases or not all(isinstance(name, str) for name in names):
        raise table.error(f"{key} = {names!r}: expected {phases} channel names, one per phase")
    if len(set(names)) != len(names):
        raise table.error(f"{key} = {names!r}: a channel is named twice")
    return tuple(names)


def _positive(table: Table, key: str, default: float | None = None) -> float:
    value = table.require(key, float) if default is None else table.optional(key, float, default)
    if not value > 0:
        raise table.error(f"{key} = {value!r}: expected a number above zero")
    return value


def _require_roles(top: Table, channel_map: ChannelMap) -> None:
    for rule in (channel_map.start.rule, channel_map.end.rule):
        for role in NEEDED_ROLES[rule]:
            if role not in channel_map.channels:
                raise top.error(f"the rule {rule!r} needs [channels] {role}")
    if channel_map.end.rule == LOAD_POWER_BELOW and not channel_map.loads:
        raise top.error(f"the rule {LOAD_POWER_BELOW!r} needs at least one group in [loads]")


def _require_short_window(table: Table, channel_map: ChannelMap) -> None:
    half_cycle_s = LONGEST_WINDOW_CYCLES / channel_map.nominal_frequency_hz
    if channel_map.end.rule != LOAD_POWER_BELOW and channel_map.end.window_s > half_cycle_s:
        raise table.error(
            f"window_s = {channel_map.end.window_s:g}: expected at most half a cycle, "
            f"{half_cycle_s:.4f} s"
        )
