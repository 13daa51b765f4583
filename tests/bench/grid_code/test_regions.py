"""Regions as what differs from Australia A: what they say, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.grid_code.profile import find_grid_code, load_grid_code
from bench.paths import DEFAULT_GRID_CODE, GRID_CODES
from instruments.errors import ConfigurationError
from instruments.simulated.inverter.settings import REGIONS as SIMULATED
from tests.bench.grid_code_files import REGIONS, STATED, extension, region, rows


@pytest.mark.parametrize("code", REGIONS)
def test_a_region_is_found_by_its_short_name_in_either_case(code: str) -> None:
    assert find_grid_code(code.lower()) == find_grid_code(code)
    assert region(code).region_code == code


def test_australia_a_is_the_default() -> None:
    assert find_grid_code("A").stem == DEFAULT_GRID_CODE


def test_a_file_wins_over_no_shipped_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    extension(tmp_path, "", name="B")
    assert find_grid_code("B").parent == GRID_CODES
    assert find_grid_code("./B").resolve() == tmp_path / "B"


@pytest.mark.parametrize("code", REGIONS)
def test_a_simulated_region_is_set_as_its_grid_code_says(code: str) -> None:
    found, settings = rows(region(code)), SIMULATED[code]
    assert found["SV1"].number("limit") == settings.sustained_voltage_v
    assert found["RC1"].number("frequency_high") == settings.connect_frequency_hz[1]
    assert found["FW1"].number("start") == settings.frequency.upper_hz
    assert found["FW1"].number("stop") == settings.frequency.zero_power_hz
    assert found["FW1"].number("hysteresis") == settings.frequency.hysteresis_hz
    assert found["FW2"].number("start") == settings.frequency.lower_hz
    assert found["FW2"].number("stop") == settings.frequency.full_power_hz
    curves = {
        "VW1": settings.volt_watt,
        "VW2": settings.volt_watt_charging,
        "VV1": settings.volt_var,
    }
    for name, response in curves.items():
        volts, shares = zip(*response.curve, strict=True)
        assert found[name].quantity("voltages").values == volts
        assert [float(item) / 100 for item in found[name].quantity("powers").values] == list(shares)


@pytest.mark.parametrize("code", REGIONS)
def test_a_simulated_region_trips_as_its_grid_code_says(code: str) -> None:
    found, settings = rows(region(code)), SIMULATED[code]
    for name, trip in settings.trips.items():
        assert found[name].number("threshold") == trip.threshold
        earliest_s = found[name].number("delay") if "delay" in found[name] else 0.0
        assert earliest_s < trip.delay_s < found[name].number("disconnection_max")


def test_every_region_restates_the_same_quantities() -> None:
    restated = [
        {(change.requirement, change.after.name) for change in region(code).layers[-1].changes}
        for code in REGIONS[1:]
    ]
    assert restated[0]
    assert restated[0] == restated[1] == restated[2]


@pytest.mark.parametrize("code", REGIONS)
def test_every_default_lies_inside_its_allowed_range(code: str) -> None:
    checked = [
        row.allowed[name].first_outside(row.quantities[name].values)
        for row in region(code).requirements
        for name in row.allowed
    ]
    assert checked == [None] * 7


@pytest.mark.parametrize("code", REGIONS)
def test_nothing_shipped_claims_to_be_confirmed(code: str) -> None:
    stated = [item for row in region(code).requirements for item in row.quantities.values()]
    assert "confirmed" not in {item.status for item in stated}


def test_a_conflict_between_sources_is_provisional_and_written_down() -> None:
    stop = rows(region("C"))["FW1"].quantity("stop")
    assert stop.status == "provisional"
    assert "53" in stop.source
    assert "55" in stop.source


def test_an_extension_changes_what_it_restates_and_nothing_else(tmp_path: Path) -> None:
    body = f"[override.OV1]\nthreshold_v = {{ value = 260.0, {STATED} }}\n"
    base, own = rows(region("A")), rows(load_grid_code(extension(tmp_path, body)))
    assert own["OV1"].number("threshold") == 260.0
    assert own["OV1"].quantities["delay"] == base["OV1"].quantities["delay"]
    assert {name for name, row in own.items() if row != base[name]} == {"OV1"}


def test_an_extension_of_an_extension_remembers_every_file(tmp_path: Path) -> None:
    extension(tmp_path, "", extends="B", name="first.toml")
    code = load_grid_code(extension(tmp_path, "", extends="first", name="second.toml"))
    names = [layer.file.name for layer in code.layers]
    assert names == [
        find_grid_code("A").name,
        find_grid_code("B").name,
        "first.toml",
        "second.toml",
    ]
    assert rows(code)["VW1"].quantity("voltages") == rows(region("B"))["VW1"].quantity("voltages")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (f"[override.OV9]\nlimit_v = {{ value = 1, {STATED} }}", ["[override]", "'OV9'", "OV1"]),
        (
            f"[override.OV1]\ntreshold_v = {{ value = 1, {STATED} }}",
            ["[override.OV1]", "'treshold_v'", "threshold_v, delay_s"],
        ),
        (f"[override.OV1]\nthreshold_hz = {{ value = 1, {STATED} }}", ["'threshold_hz'"]),
        ("[override.OV1]\nthreshold_v = { value = 1.0 }", ["threshold_v", "'source' is missing"]),
        ("[override.OV1]\nthreshold_v = 1.0", ["'threshold_v' must be a table"]),
        (
            f"[override.VW1]\nvoltages_v = {{ value = [1.0], {STATED} }}",
            ["[override.VW1]", "1 number(s)", "expected 2"],
        ),
        (f"[override.OV1]\nthreshold_v = {{ value = nan, {STATED} }}", ["value = nan", "a number"]),
        ("[[voltage_trip]]\nid = 'OV3'", ["unknown key 'voltage_trip'"]),
        ("[allowed.OV1]\nlimit_v = {}", ["[allowed.OV1]", "'limit_v'"]),
        (
            f"[allowed.SV1]\nlimit_v = {{ low = 250.0, high = 240.0, {STATED} }}",
            ["[allowed.SV1.limit_v]", "250.0 V is above high = 240.0 V"],
        ),
    ],
)
def test_an_override_of_what_does_not_exist_is_refused(
    tmp_path: Path, body: str, words: list[str]
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_grid_code(extension(tmp_path, body))
    message = str(caught.value)
    assert "mine.toml" in message
    assert [word for word in words if word not in message] == []
    assert len(message) < 1000


def test_a_circle_of_extensions_is_refused(tmp_path: Path) -> None:
    file = extension(tmp_path, "", extends="other", name="mine.toml")
    extension(tmp_path, "", extends="mine", name="other.toml")
    with pytest.raises(ConfigurationError, match=r"other\.toml.*'mine'.*circle"):
        load_grid_code(file)


def test_an_extension_of_nothing_lists_what_there_is(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"'australia_x'.*B \(as_nzs"):
        load_grid_code(extension(tmp_path, "", extends="australia_x"))
