"""Distributors' profiles: inside the allowed ranges, and only with a study."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench.grid_code.allowed_range import AllowedRange
from bench.grid_code.distributor import find_distributor, with_distributor
from bench.grid_code.overlay import with_overlay
from bench.grid_code.profile import GridCode
from bench.paths import DISTRIBUTORS
from instruments.errors import ConfigurationError
from tests.bench.grid_code_files import STATED, distributor, overlay, region, rows

A = region("A")
RANGED = [
    (row.id, quantity.key, row.allowed[name])
    for row in A.requirements
    for name, quantity in row.quantities.items()
    if name in row.allowed
]
FEW = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def chosen(directory: Path, row: str, key: str, values: Sequence[Decimal]) -> GridCode:
    text = ", ".join(map(str, values))
    text = f"[{text}]" if len(values) > 1 else text
    return with_distributor(A, distributor(directory, f"[set_points.{row}]\n{key} = {text}\n"))


def inside(low: Decimal, high: Decimal) -> st.SearchStrategy[Decimal]:
    return st.decimals(low, high, places=1)


@FEW
@given(data=st.data(), target=st.sampled_from(RANGED))
def test_every_rising_choice_inside_the_range_is_taken(
    tmp_path: Path, data: st.DataObject, target: tuple[str, str, AllowedRange]
) -> None:
    row, key, allowed = target
    edges = zip(allowed.low, allowed.high, strict=True)
    values = data.draw(st.tuples(*(inside(low, high) for low, high in edges)))
    if key.startswith("voltages") and sorted(set(values)) != list(values):
        with pytest.raises(ConfigurationError, match="must rise"):
            chosen(tmp_path, row, key, values)
        return
    quantity = rows(chosen(tmp_path, row, key, values))[row].quantity(key.rpartition("_")[0])
    assert quantity.values == values
    assert quantity.status == allowed.status
    assert "Hosting" in quantity.source


@FEW
@given(data=st.data(), target=st.sampled_from(RANGED))
def test_one_number_outside_is_refused_with_value_unit_and_range(
    tmp_path: Path, data: st.DataObject, target: tuple[str, str, AllowedRange]
) -> None:
    row, key, allowed = target
    values = list(allowed.low)
    where = data.draw(st.integers(0, len(values) - 1))
    beyond = data.draw(inside(Decimal("0.1"), Decimal("100")))
    low, high = allowed.low[where], allowed.high[where]
    values[where] = data.draw(st.sampled_from([low - beyond, high + beyond]))
    with pytest.raises(ConfigurationError) as caught:
        chosen(tmp_path, row, key, values)
    unit = rows(A)[row].quantity(key.rpartition("_")[0]).unit
    message = str(caught.value)
    for word in (
        "net.toml",
        f"[set_points.{row}]",
        key,
        f"{values[where]} {unit}",
        f"{low} … {high} {unit}",
        allowed.status,
    ):
        assert word in message


def test_what_is_not_chosen_stays(tmp_path: Path) -> None:
    code = with_distributor(A, distributor(tmp_path, "[set_points.SV1]\nlimit_v = 250.0\n"))
    assert {name for name, row in rows(code).items() if row != rows(A)[name]} == {"SV1"}


def test_a_range_confirmed_by_the_overlay_lends_its_status(tmp_path: Path) -> None:
    body = f"[allowed.SV1]\nlimit_v = {{ low = 250.0, high = 258.0, {STATED} }}\n"
    base = with_overlay(A, overlay(tmp_path, body))
    code = with_distributor(base, distributor(tmp_path, "[set_points.SV1]\nlimit_v = 251.0\n"))
    assert rows(code)["SV1"].quantity("limit").status == "confirmed"
    with pytest.raises(ConfigurationError, match=r"249\.0 V is outside .* 250\.0 … 258\.0 V"):
        with_distributor(base, distributor(tmp_path, "[set_points.SV1]\nlimit_v = 249.0\n"))


@pytest.mark.parametrize(
    ("set_points", "of_region", "words"),
    [
        ("[set_points.UV1]\nthreshold_v = 180.0", "A", ["[set_points.UV1]", "SV1 limit_v"]),
        ("[set_points.SV1]\naction_max_s = 5.0", "A", ["action_max_s", "not for a distributor"]),
        ("[set_points.SV1]\nlimit_hz = 250.0", "A", ["'limit_hz'", "limit_v"]),
        ("[set_points.SV9]\nlimit_v = 250.0", "A", ["'SV9'", "may choose"]),
        ("[set_points.SV1]\nlimit_v = '250'", "A", ["limit_v = '250'", "a number"]),
        ("[set_points.SV1]\nlimit_v = nan", "A", ["limit_v = nan", "a number"]),
        ("[set_points.VW1]\nvoltages_v = [250.0]", "A", ["1 number(s)", "expected 2"]),
        ("[set_points.SV1]\nlimit_v = 250.0", "B", ["[distributor]", "'B'", "region 'A'"]),
        ("", "A", ["'set_points' is missing"]),
    ],
)
def test_a_mistake_is_refused(
    tmp_path: Path, set_points: str, of_region: str, words: list[str]
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        with_distributor(A, distributor(tmp_path, set_points, of_region))
    assert "net.toml" in str(caught.value)
    assert [word for word in words if word not in str(caught.value)] == []
    assert len(str(caught.value)) < 1000


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('title = "Hosting"\n', "", ["[study]", "'title' is missing"]),
        ('publisher = "Net Ltd"\n', "", ["[study]", "'publisher' is missing"]),
        ("date = 2026-10-30\n", "", ["[study]", "'date' is missing"]),
        ("2026-10-30", '"soon"', ["date = 'soon'", "2026-10-30"]),
        ('"Hosting"', '"  "', ["title = '  '", "not empty"]),
        ("[study]", "[studies]", ["unknown key 'studies'"]),
    ],
)
def test_a_study_must_be_named(tmp_path: Path, old: str, new: str, words: list[str]) -> None:
    file = distributor(tmp_path, "[set_points.SV1]\nlimit_v = 250.0\n")
    file.write_text(file.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        with_distributor(A, file)
    assert [word for word in words if word not in str(caught.value)] == []


@pytest.mark.parametrize("file", sorted(DISTRIBUTORS.glob("*.toml")), ids=lambda path: path.stem)
def test_every_shipped_profile_loads(file: Path) -> None:
    assert with_distributor(A, file).layers[-1].study is not None


def test_the_example_says_that_it_is_one() -> None:
    layer = with_distributor(A, find_distributor("example_networks")).layers[-1]
    assert "EXAMPLE" in layer.title
    assert "EXAMPLE" in str(layer.study)


def test_an_unknown_distributor_lists_the_shipped_ones() -> None:
    with pytest.raises(ConfigurationError, match="example_networks"):
        find_distributor("nobody")
