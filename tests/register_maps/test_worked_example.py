"""The worked example of docs/inverters.md is a map that works, and its inverter file leads to it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bench.paths import ROOT
from bench.register_maps.inverter_table import REGISTER_MAP_DRIVER
from bench.register_maps.load import load_map
from bench.register_maps.points import CURVE_KEYS, POINT_KEYS
from bench.register_maps.probe import probe
from bench.stations.station_file import load_inverter
from instruments.interfaces import ControlMode
from instruments.inverters.register_map import RegisterMapInverter
from tests.register_maps.map_bench import served

PAGE = (ROOT / "docs" / "inverters.md").read_text(encoding="utf-8")
MAP, INVERTER, *_ = re.findall(r"^```toml\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    (tmp_path / "my_inverter.toml").write_text(MAP, encoding="utf-8")
    (tmp_path / "mine.toml").write_text(INVERTER, encoding="utf-8")
    return tmp_path


def test_the_map_agrees_with_its_device(directory: Path) -> None:
    with served(load_map(directory / "my_inverter.toml")) as bench:
        assert probe(bench.link, bench.map, bench.laboratory.clock).agrees


@pytest.mark.parametrize(
    ("registers", "words"),
    [
        ("input", {0: 5000}),
        ("holding", {200: 74, 201: 2650, 202: 0, 203: 1500, 204: 61, 400: 0}),
    ],
)
def test_the_registers_are_those_of_the_document(
    directory: Path, registers: str, words: dict[int, int]
) -> None:
    with served(load_map(directory / "my_inverter.toml")) as bench:
        read = {"input": bench.link.read_input, "holding": bench.link.read}[registers]
        shown = {address: read(address, 1)[0] for address in words if address not in (202, 203)}
        if registers == "holding":
            shown |= dict(zip((202, 203), read(202, 2), strict=True))
    assert shown == words


def test_what_the_page_says_can_be_written_is_written(directory: Path) -> None:
    inverter_file = load_inverter(directory / "mine.toml")
    assert inverter_file.register_map is not None
    with served(inverter_file.register_map) as bench:
        inverter = RegisterMapInverter(bench.link, bench.laboratory.clock, **inverter_file.options)
        inverter.controls.command(ControlMode.POWER_LIMIT, 0.4)
        assert bench.settings.power_limit_pu == pytest.approx(0.4)
        inverter.controls.restore()
        assert inverter.try_observation(75.0) is None
        assert bench.settings.observation_s == 75.0


def test_the_inverter_file_takes_from_the_map_what_it_does_not_say(directory: Path) -> None:
    inverter_file = load_inverter(directory / "mine.toml")
    assert inverter_file.driver == REGISTER_MAP_DRIVER
    assert inverter_file.unit == 3
    assert inverter_file.region_codes == {"A": 74, "B": 75, "C": 76, "NZ": 77}


@pytest.mark.parametrize("key", sorted({*POINT_KEYS, *CURVE_KEYS}))
def test_the_page_names_every_key(key: str) -> None:
    assert f"`{key}`" in PAGE
