"""Grid codes: what is refused, and what a row becomes."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from bench.grid_code.limits import trip_limits
from bench.grid_code.profile import KINDS, find_grid_code, load_grid_code
from bench.paths import DEFAULT_GRID_CODE, GRID_CODES
from instruments.errors import ConfigurationError

SHIPPED = (GRID_CODES / f"{DEFAULT_GRID_CODE}.toml").read_text(encoding="utf-8")


def edited(tmp_path: Path, old: str, new: str) -> Path:
    """Return a copy of the shipped grid code with one edit."""
    assert old in SHIPPED
    file = tmp_path / "edited.toml"
    file.write_text(SHIPPED.replace(old, new, 1), encoding="utf-8")
    return file


@pytest.mark.parametrize("file", sorted(GRID_CODES.glob("*.toml")), ids=lambda path: path.stem)
def test_every_shipped_grid_code_loads_and_gives_every_number_source_and_status(file: Path) -> None:
    grid_code = load_grid_code(file)
    quantities = [item for row in grid_code.requirements for item in row.quantities.values()]
    assert quantities
    assert all(item.source and item.status for item in quantities)
    assert all(row.clause for row in grid_code.requirements)


def test_australia_a_states_the_voltage_limits_of_table_4_1() -> None:
    rows = load_grid_code(find_grid_code(DEFAULT_GRID_CODE)).of_kind("voltage_trip")
    table = {
        row.id: (
            row.number("threshold"),
            row.number("delay") if "delay" in row else None,
            row.number("disconnection_max"),
        )
        for row in rows
    }
    assert table == {
        "UV2": (70.0, 1.0, 2.0),
        "UV1": (180.0, 10.0, 11.0),
        "OV1": (265.0, 1.0, 2.0),
        "OV2": (275.0, None, 0.2),
    }


def test_a_trip_has_two_edges_unless_it_has_no_delay() -> None:
    rows = {row.id: row for row in load_grid_code(find_grid_code(DEFAULT_GRID_CODE)).requirements}
    early, late = trip_limits(rows["OV1"])
    assert (early.lower, early.upper) == (Decimal("1.0"), None)
    assert (late.lower, late.upper) == (None, Decimal("2.0"))
    assert [limit.upper for limit in trip_limits(rows["OV2"])] == [Decimal("0.2")]


def test_a_limit_takes_the_weakest_status_of_its_numbers() -> None:
    row = load_grid_code(find_grid_code(DEFAULT_GRID_CODE)).only("reconnection")
    assert row.limit("window", upper="voltage_high", lower="voltage_low").status == "provisional"
    assert row.limit("time", lower="observation_min").status == "published"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("threshold_v =", "treshold_v =", ["voltage_trip[0]", "'treshold_v'", "threshold_<unit>"]),
        ("threshold_v =", "threshold_furlong =", ["unknown key 'threshold_furlong'"]),
        (
            'delay_s = { value = 1.0, status = "provisional", source = "TESLA" }\ndisconnection_max',
            "delay_s = { value = 1.0 }\ndisconnection_max",
            ["voltage_trip[0].delay_s", "'source' is missing"],
        ),
        ('status = "published"', 'status = "sure"', ["'sure'", "confirmed, published"]),
        ("value = 70.0", 'value = "70"', ["threshold_v", "expected a number"]),
        ('id = "UV1"', 'id = "UV2"', ["'UV2'", "more than one"]),
        ('direction = "under"', 'direction = "sideways"', ["sideways", "over, under"]),
        ('rule = "simple"', 'rule = "hopeful"', ["[decision]", "hopeful", "guarded"]),
        ("[decision]", "[decisions]", ["decisions", "Allowed keys", "decision"]),
        ("repetitions = 1", 'repetitions = "one"', ["repetitions", "a whole number"]),
    ],
)
def test_a_mistake_is_refused_with_file_table_and_key(
    tmp_path: Path, old: str, new: str, words: list[str]
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_grid_code(edited(tmp_path, old, new))
    message = str(caught.value)
    assert "edited.toml" in message
    assert [word for word in words if word not in message] == []
    assert len(message.splitlines()) <= 5


def test_a_missing_limit_is_refused_by_name(tmp_path: Path) -> None:
    line = next(line for line in SHIPPED.splitlines() if line.startswith("disconnection_max_s"))
    with pytest.raises(ConfigurationError, match=r"UV2: the limit 'disconnection_max' is missing"):
        load_grid_code(edited(tmp_path, line, ""))


def test_broken_toml_names_the_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"edited\.toml: not valid TOML.*line 1"):
        load_grid_code(edited(tmp_path, "# AS/NZS", "AS/NZS"))


def test_an_unknown_grid_code_lists_the_shipped_ones() -> None:
    with pytest.raises(ConfigurationError, match=DEFAULT_GRID_CODE):
        find_grid_code("australia_x")


def test_every_kind_of_requirement_is_a_word_a_file_may_use() -> None:
    assert all(kind.isidentifier() for kind in KINDS)
