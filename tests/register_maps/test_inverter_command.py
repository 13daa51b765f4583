"""`bench inverter`: scaffolding, checking and probing as a laboratory does it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bench.cli.inverter import inverter
from bench.paths import MAPS
from bench.register_maps.inverter_table import find_map
from bench.register_maps.load import load_map
from instruments.errors import BenchError, ConfigurationError, LinkRefused
from instruments.register_maps.model import RegisterMap
from instruments.simulated.inverter.parameters import InverterParameters
from instruments.simulated.laboratory import Laboratory
from instruments.simulated.physics.world import World


def bench_inverter(*arguments: str | Path) -> Result:
    result = CliRunner().invoke(inverter, [str(one) for one in arguments])
    if isinstance(result.exception, BenchError):
        raise result.exception
    return result


@pytest.fixture
def device() -> Iterator[Laboratory]:
    """A GoodWe that answers by itself, as hardware does."""
    register_map = load_map(find_map("goodwe_et"))
    with laboratory_of(register_map) as laboratory:
        yield laboratory


def laboratory_of(register_map: RegisterMap) -> Laboratory:
    world = World(InverterParameters())
    return Laboratory(world, seed=1, latency_scale=0.0, register_map=register_map)


def at(laboratory: Laboratory) -> str:
    return f"tcp://127.0.0.1:{laboratory.ports['inverter']}"


def test_a_new_map_carries_the_names_and_passes_the_check(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    assert (
        bench_inverter("new", file, "--maker", 'A "quoted" maker', "--model", "X1").exit_code == 0
    )
    assert load_map(file).maker == 'A "quoted" maker'
    assert "23 not verified" in bench_inverter("check", file).output


def test_a_file_that_is_there_is_not_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("precious", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="not touched"):
        bench_inverter("new", file)
    assert file.read_text(encoding="utf-8") == "precious"


def test_the_list_names_every_shipped_map() -> None:
    output = bench_inverter("list").output
    assert all(file.stem in output for file in MAPS.glob("*.toml"))


def test_the_words_name_units_and_bases() -> None:
    output = bench_inverter("words").output
    for word in ("sustained voltage", "ms", "rated apparent power"):
        assert word in output


def test_the_check_prints_one_document() -> None:
    rows = json.loads(bench_inverter("check", "goodwe_et", "--json").output)
    assert {row["wire_address"] for row in rows} >= {45244, 45400, 47509}
    assert not any(row["verified"] for row in rows)


def test_a_device_that_agrees_is_probed_with_exit_code_0(device: Laboratory) -> None:
    result = bench_inverter("probe", "goodwe_et", "--at", at(device))
    assert result.exit_code == 0, result.output
    assert "265 V" in result.output
    assert "identity: as the map says" in result.output


def test_a_probe_prints_one_document(device: Laboratory) -> None:
    document = json.loads(bench_inverter("probe", "goodwe_et", "--at", at(device), "--json").output)
    shown = {row["name"]: row for row in document["points"]}
    assert shown["region"]["shown"] == "A"
    assert shown["voltage_high_1"]["registers"] == [2650]


def test_another_device_contradicts_the_map_with_exit_code_3(tmp_path: Path) -> None:
    text = (MAPS / "goodwe_et.toml").read_text(encoding="utf-8")
    file = tmp_path / "mine.toml"
    file.write_text(text.replace("address = 45400", "address = 45300"), encoding="utf-8")
    with laboratory_of(load_map(find_map("goodwe_et"))) as laboratory:
        result = bench_inverter("probe", file, "--at", at(laboratory))
    assert result.exit_code == 3
    assert "1 absent" in result.output


def test_the_models_of_a_sunspec_inverter_are_listed() -> None:
    with Laboratory(World(InverterParameters()), seed=1, latency_scale=0.0) as sunspec:
        result = bench_inverter("models", "--at", at(sunspec))
        document = json.loads(bench_inverter("models", "--at", at(sunspec), "--json").output)
    assert result.exit_code == 0, result.output
    assert "  701  at 40070   155 registers" in result.output
    assert document["serial"] == "SIM0001"
    assert [model["number"] for model in document["models"]][-3:] == [711, 712, 714]
    assert not any(model["remark"] for model in document["models"])


def test_a_device_without_sunspec_is_named(device: Laboratory) -> None:
    with pytest.raises(BenchError, match="no SunSpec marker"):
        bench_inverter("models", "--at", at(device), "--unit", "247")


@pytest.mark.parametrize("address", ["192.0.2.1", "udp://192.0.2.1:8899", "tcp://"])
def test_an_address_of_another_form_is_refused(address: str) -> None:
    with pytest.raises(ConfigurationError, match=r"tcp://host:port"):
        bench_inverter("probe", "goodwe_et", "--at", address)


def test_where_nobody_listens_is_said() -> None:
    with laboratory_of(load_map(find_map("goodwe_et"))) as laboratory:
        address = at(laboratory)
    with pytest.raises(LinkRefused):
        bench_inverter("probe", "goodwe_et", "--at", address)


def test_a_map_that_is_not_shipped_is_named() -> None:
    with pytest.raises(ConfigurationError, match=r"nonesuch\.toml: no such file"):
        bench_inverter("check", "nonesuch")
