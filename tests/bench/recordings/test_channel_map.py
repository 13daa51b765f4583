"""Channel maps: what is shipped loads; what is wrong is refused with file, table and key."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.recordings.channel_map import CHANNEL_MAPS, find_channel_map, load_channel_map
from instruments.errors import ConfigurationError

GOOD = """
[recording]
title = "scope"
nominal_frequency_hz = 50
nominal_voltage_v = 230
phases = 1
[channels]
grid_current = ["CH1"]
bus_voltage = ["CH2"]
inverter_current = ["CH3"]
[loads]
heater = ["CH4"]
[start]
rule = "grid current stops"
[end]
rule = "inverter current ceases"
"""


def write(tmp_path: Path, old: str = "", new: str = "") -> Path:
    assert old in GOOD
    file = tmp_path / "map.toml"
    file.write_text(GOOD.replace(old, new) if old else GOOD)
    return file


def test_a_map_states_channels_and_rules(tmp_path: Path) -> None:
    channel_map = load_channel_map(write(tmp_path))
    assert channel_map.channels["inverter_current"] == ("CH3",)
    assert channel_map.loads == {"heater": ("CH4",)}
    assert channel_map.start.rule == "grid current stops"
    assert channel_map.end.share == 0.05
    assert channel_map.nominal_voltage_v == 230.0


@pytest.mark.parametrize("file", sorted(CHANNEL_MAPS.glob("*.toml")), ids=lambda file: file.stem)
def test_every_shipped_map_loads_and_is_found_by_name(file: Path) -> None:
    assert load_channel_map(find_channel_map(file.stem)).title


def test_a_map_is_found_by_path(tmp_path: Path) -> None:
    file = write(tmp_path)
    assert find_channel_map(str(file)) == file


def test_an_unknown_map_lists_those_that_are_shipped() -> None:
    with pytest.raises(ConfigurationError, match=r"no channel map 'nowhere'.*islanding_2015"):
        find_channel_map("nowhere")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('title = "scope"', 'name = "scope"', r"\[recording\]: unknown key 'name'.*title"),
        ("[loads]", "[load]", r"top level: unknown key 'load'.*loads"),
        ("bus_voltage", "voltage", r"\[channels\]: unknown key 'voltage'.*bus_voltage"),
        ("phases = 1", "phases = 4", r"\[recording\]: phases = 4: expected one of 1, 2, 3"),
        ('["CH1"]', '["CH1", "CH5"]', r"\[channels\]: grid_current = .*expected 1 channel names"),
        ('["CH4"]', "[4]", r"\[loads\]: heater = \[4\]: expected 1 channel names"),
        ('["CH4"]', '"CH4"', r"\[loads\]: heater = 'CH4': expected an array"),
        ("nominal_frequency_hz = 50", "nominal_frequency_hz = 0", "expected a number above zero"),
        ("nominal_voltage_v = 230", "", r"\[recording\]: key 'nominal_voltage_v' is missing"),
        ("grid current stops", "contactor opens", r"\[start\]: rule = 'contactor opens'.*voltage"),
        ('stops"', 'stops"\nthreshold_pu = 0.1', r"\[start\]: unknown key 'threshold_pu'"),
        ('ceases"', 'ceases"\nthreshold_w = 5', r"\[end\]: unknown key 'threshold_w'.*share"),
        ('ceases"', 'ceases"\nwindow_s = 0.02', r"\[end\]: window_s = 0\.02: .*half a cycle"),
        ("inverter current ceases", "load power below", r"\[end\]: key 'threshold_w' is missing"),
        ('inverter_current = ["CH3"]', "", r"'inverter current ceases' needs \[channels\]"),
    ],
)
def test_a_mistake_is_refused_with_its_place(
    tmp_path: Path, old: str, new: str, expected: str
) -> None:
    with pytest.raises(ConfigurationError, match=expected) as caught:
        load_channel_map(write(tmp_path, old, new))
    assert "map.toml" in str(caught.value)


def test_load_power_needs_a_load(tmp_path: Path) -> None:
    text = GOOD.replace('[loads]\nheater = ["CH4"]', "")
    text = text.replace("inverter current ceases", "load power below").rstrip()
    file = tmp_path / "map.toml"
    file.write_text(text + "\nthreshold_w = 5000\n")
    with pytest.raises(ConfigurationError, match=r"needs at least one group in \[loads\]"):
        load_channel_map(file)


def test_a_channel_named_twice_is_refused(tmp_path: Path) -> None:
    text = GOOD.replace("phases = 1", "phases = 2")
    for number in range(1, 5):
        text = text.replace(f'["CH{number}"]', f'["CH{number}", "CH{number}"]')
    file = tmp_path / "map.toml"
    file.write_text(text)
    with pytest.raises(ConfigurationError, match="a channel is named twice"):
        load_channel_map(file)
