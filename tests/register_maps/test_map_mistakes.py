"""Each kind of mistake in a register map is refused with the file, the line and what was expected."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.cli.inverter import TEMPLATE
from bench.register_maps.load import load_map
from instruments.errors import ConfigurationError

TEXT = TEMPLATE.read_text(encoding="utf-8")
TIME = "[point.ov1_time]"
IDENTITY = TEXT[TEXT.index("[[identity]]") : TEXT.index("[point.device_type]")]
MISTAKES = {
    # syntax
    "not TOML": ('maker = "Example Maker"', "maker = Example Maker", ["not TOML"]),
    "a key twice": ("port = 502", "port = 502\nport = 503", ["not TOML"]),
    # types and names
    "unknown section": ("[restore]", "[restor]", ["there is no such key", "'restore'"]),
    "unknown key": ("gap_s = 0.1", "gap = 0.1", ["'gap_s'"]),
    "unknown key of a point": ('unit = "V"', 'units = "V"', ["'unit'"]),
    "wrong schema": ("schema = 1", "schema = 2", ["= 2", "expected 1"]),
    "text for a number": ("timeout_s = 2.0", 'timeout_s = "2"', ["= '2'", "a number"]),
    "true for a number": ("port = 502", "port = true", ["a whole number"]),
    "unknown type": ('type = "u32"\nunit', 'type = "uint32"\nunit', ["'uint32'", "u32"]),
    "unknown unit": ('unit = "V"', 'unit = "Volt"', ["'Volt'", "expected one of"]),
    "unknown transport": ('transport = "tcp"', 'transport = "udp"', ["'udp'", "rtu"]),
    "unknown word order": ('word_order = "high first"', 'word_order = "big"', ["low first"]),
    "unit identifier too large": ("unit = 1\n", "unit = 300\n", ["0 to 255"]),
    "missing address": ("address = 40202\n", "", ["address", "is missing"]),
    "missing verified": (
        'page = "p. 21"\nverified = false\n\n' + TIME,
        TIME,
        ["verified", "missing"],
    ),
    "text without length": ("length = 8\n", "", ["length", "is missing"]),
    "length of a number": ('type = "s32"', 'type = "s32"\nlength = 4', ["a s32 takes 2"]),
    "scale below nothing": ("scale = 0.1   ", "scale = -0.1  ", ["negated"]),
    "bits outside": ("bits = [4, 4]", "bits = [4, 17]", ["0 to 15"]),
    "negative pause": ("before_write_s = 0.0", "before_write_s = -1.0", ["0 or more"]),
    # addresses
    "below the table": ("address = 40202", "address = 202", ["on the wire", "40001"]),
    "overlap": ("address = 40203", "address = 40202", ["point.ov1 too"]),
    "unreadable": ("address = 40401", "address = 40905", ["unreadable"]),
    "block too long": ("[40201, 40206]", "[40201, 40290]", ["90 registers", "60"]),
    "block backwards": ("[40201, 40206]", "[40206, 40201]", ["first address before"]),
    "too many in a request": ("most_registers = 60", "most_registers = 200", ["1 to 125"]),
    # meaning
    "unknown meaning": (
        'means = "overvoltage 1 threshold"',
        'means = "ov1"',
        ["bench inverter words"],
    ),
    "meaning twice": ('means = "observation"', 'means = "region"', ["as point.region does"]),
    "unit of another quantity": ('unit = "V"', 'unit = "Hz"', ["'Hz'", "'V'"]),
    "time of no semantics": ('time_is = "delay"  ', "", ["time_is", "delay, maximum"]),
    "percent of nothing": (
        'percent_of = "rated power"\n',
        "",
        ["a percentage of what"],
    ),
    "base of no percentage": (
        'unit = "V"',
        'unit = "V"\nbase_value = 230',
        ["belongs to a unit with %"],
    ),
    "region missing": ("C = 76, NZ = 77", "C = 76", ["no code for region NZ"]),
    "code too large": ("NZ = 77", "NZ = 70000", ["values.NZ = 70000", "65535"]),
    "unknown state": ("waiting = 0, running", "idle = 0, running", ["idle", "standby"]),
    "connected in an unknown state": ('= ["running"]', '= ["feeding"]', ["'feeding'"]),
    "scaled code": ('means = "region"', 'scale = 0.1\nmeans = "region"', ["expected no scale"]),
    "unknown trip": ('["overfrequency", ', '["of1", ', ["'of1'", "overfrequency"]),
    "trip of an unknown fault": (
        'trips = { "grid frequency"',
        'trips = { "grid freq"',
        ["grid freq"],
    ),
    "scale register missing": ("scale = 0.1   ", 'scale_point = "sf" ', ["no such point"]),
    "scale register elsewhere": ("scale = 0.1   ", 'scale_point = "commit" ', ["together = true"]),
    # curves
    "curve without adoption": ('adopt = "immediately" ', "#", ["adopt", "is missing"]),
    "curve of one point": ("points = 4", "points = 1", ["2 to 20"]),
    "curve without y": ("y = { address", "#", ["y values"]),
    "curve of no meaning": ('means = "volt-var" ', 'means = "Q(U)" ', ["bench inverter words"]),
    "curve without base": (', percent_of = "rated apparent power"', "", ["a percentage of what"]),
    # writing
    "write without range": ("range = [230, 300] ", "#", ["expected `range`"]),
    "range backwards": ("[230, 300]", "[300, 230]", ["the lower end first"]),
    "range beyond the register": ("[230, 300]", "[230, 9000]", ["90000", "65535"]),
    "flash without budget": ("most_writes = 2 ", "#", ["most_writes"]),
    "budget in all of no number": (
        "most_writes_in_all = 200",
        'most_writes_in_all = "many"',
        ["most_writes_in_all", "many"],
    ),
    "budget in all of nothing": ("most_writes_in_all = 200", "most_writes_in_all = 0", ["1"]),
    "budget in all below that of a day": (
        "most_writes_in_all = 200",
        "most_writes_in_all = 1",
        ["most_writes_in_all = 1 is less than most_writes = 2"],
    ),
    "budget in all without flash": (
        'storage = "flash"                        # or',
        'storage = "volatile"                     # or',
        ["most_writes_in_all belongs to storage"],
    ),
    "writable input register": (
        'means = "active power" ',
        'access = "read and write"\nrange = [0, 1] ',
        ["input"],
    ),
    "unknown commit": ('commit = "settings"', 'commit = "setings"', ["[commit.setings]"]),
    "unknown precondition": ('outside = "refused" ', 'after = { gate = "on" } ', ["'gate'"]),
    "precondition of an unknown value": (
        'outside = "refused" ',
        'after = { power_limit_on = "yes" } ',
        ["'yes'", "no such value"],
    ),
    "toggled point without on and off": (
        'outside = "refused" ',
        'toggles = "power_limit" ',
        ["`on` and `off`"],
    ),
    "commit without success": ("ok = [0]\n", "", ["`ok` is missing"]),
    "commit of a point only read": (
        'point = "commit"',
        'point = "commit_result"',
        ["cannot be written"],
    ),
    "unlock code in the file": (
        'code_from = "EXAMPLE_UNLOCK_CODE"',
        "code = 1234",
        ["environment variable"],
    ),
    "unlock code in the open": ("secret = true\n", "", ["secret = true"]),
    "unknown mode": ("[control.power_limit]", "[control.limit]", ["power_limit, "]),
    "control that cannot end": ('enable = "power_limit_on" ', "#", ["`released`"]),
    "control of no point": (
        'setpoint = "power_limit" ',
        'setpoint = "p_limit" ',
        ["no such point"],
    ),
    "restored point only read": ('"reconnect_time"]', '"power"]', ["'power'"]),
    "control not restored": ('["power_limit", ', "[", ["'power_limit'", "put back"]),
    "identity of no point": ('point = "device_type"', 'point = "type"', ["no such point"]),
    "identity of nothing": ("equals = [5000] ", "#", ["`starts_with`"]),
    "model without SunSpec": ("address = 40202", "model = 103\nat = 14", ["[sunspec.models]"]),
}
"""Mistake → what is replaced in the template, by what, and words of the refusal."""


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_refused_with_file_and_line(mistake: str, tmp_path: Path) -> None:
    old, new, words = MISTAKES[mistake]
    assert old in TEXT
    file = tmp_path / "mine.toml"
    file.write_text(TEXT.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ConfigurationError) as refusal:
        load_map(file)
    message = str(refusal.value)
    first, _, line = message.split(": ")[0].rpartition(":")
    assert first == str(file)
    assert line.isdigit()
    for word in words:
        assert word in message


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('unit = "V"', 'unit = "Volt"', "unit"),
        ("range = [230, 300]", "range = [300, 230]", "range"),
        ("timeout_s = 2.0", 'timeout_s = "2"', "timeout_s"),
        ("address = 40202", "address = 202", "address"),
        ('stride = 2, type = "s16"', 'stride = 2, type = "i16"', "type"),
    ],
)
def test_the_line_is_that_of_the_key(old: str, new: str, key: str, tmp_path: Path) -> None:
    text = TEXT.replace(old, new, 1)
    file = tmp_path / "mine.toml"
    file.write_text(text, encoding="utf-8")
    line = text[: text.index(new)].count("\n") + 1
    with pytest.raises(ConfigurationError, match=rf"mine\.toml:{line}: .*{key} = "):
        load_map(file)


def test_mistakes_in_several_points_are_told_at_once(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    text = TEXT.replace('unit = "V"', 'unit = "Volt"', 1).replace("bits = [4, 4]", "bits = [4]", 1)
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as refusal:
        load_map(file)
    assert [line.split(": ")[1] for line in str(refusal.value).splitlines()] == [
        "point.ov1.unit = 'Volt'",
        "point.switches.bits = [4]",
    ]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no such file"):
        load_map(tmp_path / "none.toml")


def test_the_template_is_a_map() -> None:
    assert len(load_map(TEMPLATE).points) > 20


@pytest.mark.parametrize("missing", ["firmware_tried", "identity", "page"])
def test_a_verified_point_needs_its_evidence(missing: str, tmp_path: Path) -> None:
    text = TEXT.replace("verified = false", "verified = true")
    text = text.replace("firmware_tried = []", 'firmware_tried = ["1.0"]')
    cut = {
        "firmware_tried": ('firmware_tried = ["1.0"]', "firmware_tried = []"),
        "identity": (IDENTITY, ""),
        "page": ('page = "p. 22"\n', ""),
    }
    file = tmp_path / "mine.toml"
    file.write_text(text.replace(*cut[missing], 1), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=missing):
        load_map(file)
