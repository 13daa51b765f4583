"""What the driver writes, what it refuses to write, and how it finds out that a write did not take."""

from __future__ import annotations

from pathlib import Path

import pytest

from instruments.errors import (
    IdentityMismatch,
    InstrumentError,
    ReadBackMismatch,
    RegisterError,
    WriteForbidden,
)
from instruments.interfaces import ControlMode
from tests.register_maps.map_bench import FRAME, LIMIT, OBSERVATION, MapBench, served, small_map

POWER = ControlMode.POWER_LIMIT


def test_a_limit_is_commanded_and_acts_on_the_plant(tmp_path: Path) -> None:
    with served(small_map(tmp_path, LIMIT)) as bench:
        controls = bench.inverter().controls
        assert controls.offers(POWER)
        controls.command(POWER, 0.35)
        assert bench.settings.power_limit_pu == pytest.approx(0.35)
        controls.restore()
        assert bench.settings.power_limit_pu == 1.0


def test_a_released_limit_is_gone(tmp_path: Path) -> None:
    with served(small_map(tmp_path, LIMIT)) as bench:
        controls = bench.inverter().controls
        controls.command(POWER, 0.5)
        controls.release(POWER)
        assert bench.settings.power_limit_pu == 1.0


def test_without_the_operators_word_nothing_is_written(tmp_path: Path) -> None:
    with served(small_map(tmp_path, LIMIT)) as bench:
        controls = bench.inverter(writes=False).controls
        assert not controls.offers(POWER)
        with pytest.raises(WriteForbidden, match="writes = true"):
            controls.command(POWER, 0.5)
        assert not [one for one in bench.transcript.recent if one.request.startswith("write")]


def test_an_unverified_point_is_read_and_not_written(tmp_path: Path) -> None:
    text = OBSERVATION.replace("verified = true", "verified = false")
    with served(small_map(tmp_path, text)) as bench:
        inverter = bench.inverter()
        assert inverter.read_settings()["observation"].value == 61.0
        with pytest.raises(WriteForbidden, match="verified = false"):
            inverter.try_observation(75.0)
        assert bench.settings.observation_s == 61.0


def test_another_device_is_not_written_to(tmp_path: Path) -> None:
    mine = small_map(tmp_path, LIMIT)
    other = small_map(tmp_path, LIMIT, FRAME.replace("[5000]", "[6000]"))
    with served(mine, served_as=other) as bench:
        with pytest.raises(IdentityMismatch, match="6000"):
            bench.inverter().controls.command(POWER, 0.5)
        assert not [one for one in bench.transcript.recent if one.request.startswith("write")]


def test_a_value_outside_the_range_is_not_sent(tmp_path: Path) -> None:
    with served(small_map(tmp_path, OBSERVATION)) as bench:
        with pytest.raises(InstrumentError, match="outside 0 to 600 s"):
            bench.writer().write(bench.map.points["wait"], 601.0)
        assert bench.settings.observation_s == 61.0


FLASH = OBSERVATION.replace("page", 'storage = "flash"\nmost_writes = 3\npage')


def test_flash_is_spared_and_one_write_is_kept_for_the_way_back(tmp_path: Path) -> None:
    with served(small_map(tmp_path, FLASH)) as bench:
        writer, point = bench.writer(), bench.map.points["wait"]
        for value in (70.0, 80.0):
            writer.write(point, value)
        with pytest.raises(
            InstrumentError, match=r"was written 2 times .* is 3 a day; one is kept"
        ):
            writer.write(point, 90.0)
        assert bench.settings.observation_s == 80.0
        writer.restore()
        assert bench.settings.observation_s == 61.0


def test_flash_that_holds_a_value_already_is_not_written(tmp_path: Path) -> None:
    with served(small_map(tmp_path, FLASH)) as bench:
        writer, point = bench.writer(), bench.map.points["wait"]
        for value in (61.0, 70.0, 70.0, 70.0):
            writer.write(point, value)
        assert writes(bench) == ["write 0046 at 20, unit 7"]


def test_every_setting_is_put_back_listed_or_not(tmp_path: Path) -> None:
    with served(small_map(tmp_path, OBSERVATION)) as bench:
        writer = bench.writer()
        writer.write(bench.map.points["wait"], 90.0)
        writer.restore()
        assert bench.settings.observation_s == 61.0
        writer.restore()
        assert len(writes(bench)) == 2


def writes(bench: MapBench) -> list[str]:
    """Return the writes that were sent."""
    return [one.request for one in bench.transcript.recent if one.request.startswith("write")]


def test_a_device_that_clamps_is_found_out(tmp_path: Path) -> None:
    clamps = OBSERVATION.replace("[0, 600]", "[0, 300]").replace(
        "page", 'outside = "clamped"\npage'
    )
    mine, device = small_map(tmp_path, OBSERVATION), small_map(tmp_path, clamps)
    with (
        served(mine, served_as=device) as bench,
        pytest.raises(ReadBackMismatch, match=r"set to 400\.0 s and still reads 300"),
    ):
        bench.writer().write(bench.map.points["wait"], 400.0)


def test_a_device_that_acknowledges_and_forgets_is_found_out(tmp_path: Path) -> None:
    forgets = OBSERVATION.replace("[0, 600]", "[0, 300]").replace(
        "page", 'outside = "ignored"\npage'
    )
    mine, device = small_map(tmp_path, OBSERVATION), small_map(tmp_path, forgets)
    with (
        served(mine, served_as=device) as bench,
        pytest.raises(ReadBackMismatch, match=r"still reads 61\.0"),
    ):
        bench.writer().write(bench.map.points["wait"], 400.0)


def test_a_device_that_refuses_is_quoted(tmp_path: Path) -> None:
    refuses = OBSERVATION.replace("[0, 600]", "[0, 300]")
    mine, device = small_map(tmp_path, OBSERVATION), small_map(tmp_path, refuses)
    with served(mine, served_as=device) as bench, pytest.raises(RegisterError, match="exception 3"):
        bench.writer().write(bench.map.points["wait"], 400.0)


def test_a_switch_among_other_bits_leaves_them_alone(tmp_path: Path) -> None:
    text = """
[point.permit]
address = 70
type = "u16"
bits = [4, 4]
values = { off = 0, on = 1 }
means = "permit service"
access = "read and write"
page = "p. 8"
verified = true
[point.others]
address = 70
type = "u16"
bits = [0, 3]
access = "read and write"
range = [0, 15]
simulated = 9
page = "p. 8"
verified = true
"""
    with served(small_map(tmp_path, text)) as bench:
        inverter = bench.inverter()
        for permitted in (False, True):
            inverter.permit_service(permitted)
            assert bench.world.inverter.permitted is permitted
            assert bench.link.read(70, 1) == [(permitted << 4) | 9]


@pytest.mark.parametrize(("function", "refused"), [("6", "write"), ("16", "write single")])
def test_a_device_that_knows_one_write_function_is_written_with_it(
    tmp_path: Path, function: str, refused: str
) -> None:
    frame = FRAME.replace('"either"', f'"{function}"')
    with served(small_map(tmp_path, OBSERVATION, frame)) as bench:
        bench.writer().write(bench.map.points["wait"], 90.0)
        assert bench.settings.observation_s == 90.0
        with pytest.raises(RegisterError, match="exception 1 "):
            bench.link.write(20, [95]) if refused == "write" else bench.link.write_single(20, 95)


def test_coarse_registers_confirm_within_their_step(tmp_path: Path) -> None:
    coarse = OBSERVATION.replace("address = 20", "address = 20\nscale = 10")
    with served(small_map(tmp_path, coarse)) as bench:
        bench.writer().write(bench.map.points["wait"], 93.0)
        assert bench.settings.observation_s == 90.0
        assert bench.inverter().read_settings()["observation"].quantum == 10.0


def test_a_region_change_resets_the_settings(tmp_path: Path) -> None:
    text = (
        OBSERVATION
        + """
[point.region]
address = 97
type = "u16"
values = { A = 1, B = 2, C = 3, NZ = 4 }
means = "region"
access = "read and write"
resets = true
restart_s = 5.0
page = "p. 9"
verified = true
"""
    )
    with served(small_map(tmp_path, text)) as bench:
        bench.writer().write(bench.map.points["region"], 4.0)
        assert bench.settings.region == "NZ"
        assert bench.inverter().read_settings()["region"].value == 4.0
