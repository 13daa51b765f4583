"""What the driver reads, and what it does not take for a value."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from instruments.errors import (
    InstrumentError,
    LinkTimeout,
    RegisterBusy,
    RegisterError,
)
from instruments.inverters.map_reader import MapReader
from tests.register_maps.map_bench import FRAME, OBSERVATION, served, small_map


def test_fault_codes_are_named(tmp_path: Path) -> None:
    text = """
[point.fault]
address = 80
type = "u16"
values = { none = 0, "grid voltage" = 34 }
trips = { "grid voltage" = ["overvoltage"] }
means = "fault code"
page = "p. 9"
verified = true
"""
    with served(small_map(tmp_path, text), **{"settings.observation_s": 5.0}) as bench:
        bench.feed()
        bench.wait(60.0)
        assert bench.inverter().status().alarms == ()
        bench.world.source.ramp_to((290.0,) * 3, 50.0, 0.0)
        bench.wait(5.0)
        assert bench.inverter().status().alarms == ("grid voltage",)


def test_a_register_the_device_lacks_is_not_exposed_and_the_others_are_read(tmp_path: Path) -> None:
    extra = (
        OBSERVATION
        + """
[point.newer]
address = 21
type = "u16"
unit = "s"
means = "dwell"
page = "p. 3"
verified = true
"""
    )
    mine, older = small_map(tmp_path, extra), small_map(tmp_path, OBSERVATION)
    with served(mine, served_as=older) as bench:
        reported = bench.inverter().read_settings()
    assert reported["observation"].value == 61.0
    assert "dwell" not in reported


def test_an_input_register_is_not_a_holding_register(tmp_path: Path) -> None:
    text = """
[point.power]
table = "input"
address = 20
type = "u16"
simulated = 7
page = "p. 3"
verified = true
"""
    with served(small_map(tmp_path, OBSERVATION + text)) as bench:
        assert bench.link.read(20, 1) == [61]
        assert bench.link.read_input(20, 1) == [7]


class Troubled:
    """A link whose first answers are trouble."""

    name = "troubled"

    def __init__(self, link: Any, troubles: Sequence[Exception]) -> None:
        self._link = link
        self._troubles = list(troubles)
        self.asked = 0

    def read(self, address: int, count: int) -> list[int]:
        self.asked += 1
        if self._troubles:
            raise self._troubles.pop(0)
        words: list[int] = self._link.read(address, count)
        return words

    def __getattr__(self, name: str) -> Any:
        return getattr(self._link, name)


BUSY = RegisterBusy("busy", 6)


@pytest.mark.parametrize(
    "troubles", [[BUSY], [BUSY, LinkTimeout("late")], [LinkTimeout("late")] * 2]
)
def test_reads_are_asked_for_again(tmp_path: Path, troubles: list[Exception]) -> None:
    with served(small_map(tmp_path, OBSERVATION)) as bench:
        link = Troubled(bench.link, troubles)
        reader = MapReader(link, bench.map, bench.laboratory.clock)
        assert reader.one(bench.map.points["wait"]).value == 61.0
        assert link.asked == len(troubles) + 1


def test_a_device_that_stays_busy_is_trouble_and_no_value(tmp_path: Path) -> None:
    with served(small_map(tmp_path, OBSERVATION)) as bench:
        reader = MapReader(Troubled(bench.link, [BUSY] * 9), bench.map, bench.laboratory.clock)
        with pytest.raises(RegisterBusy):
            reader.read([bench.map.points["wait"]])


def test_a_refusal_that_is_not_busy_is_not_repeated(tmp_path: Path) -> None:
    with served(small_map(tmp_path, OBSERVATION)) as bench:
        link = Troubled(bench.link, [RegisterError("failure", 4)])
        with pytest.raises(RegisterError):
            MapReader(link, bench.map, bench.laboratory.clock).read([bench.map.points["wait"]])
        assert link.asked == 1


def test_requests_keep_the_gap_of_the_map(tmp_path: Path) -> None:
    frame = FRAME.replace("[table.holding]", "[pacing]\ngap_s = 0.5\n[table.holding]")
    with served(small_map(tmp_path, OBSERVATION, frame)) as bench:
        reader = bench.reader()
        for _ in range(3):
            reader.one(bench.map.points["wait"])
        times = [one.requested_s for one in bench.transcript.recent]
        answers = [one.answered_s for one in bench.transcript.recent]
    assert all(
        later - ended >= 0.5 - 1e-9 for ended, later in zip(answers, times[1:], strict=False)
    )


def test_the_image_takes_no_part_of_a_point(tmp_path: Path) -> None:
    wide = OBSERVATION.replace('"u16"', '"u32"')
    with (
        served(small_map(tmp_path, wide)) as bench,
        pytest.raises(RegisterError, match="exception 2"),
    ):
        bench.link.write(20, [0])


def test_curves_beyond_the_active_count_are_not_settings(tmp_path: Path) -> None:
    text = """
[point.active]
address = 90
type = "u16"
simulated = 2
page = "p. 9"
verified = true
[curve.volt_watt]
means = "volt-watt"
points = 4
count_point = "active"
adopt = "immediately"
page = "p. 9"
verified = true
x = { address = 91, stride = 2, type = "u16", scale = 0.1, unit = "V" }
y = { address = 92, stride = 2, type = "u16", unit = "%", percent_of = "rated power" }
"""
    with served(small_map(tmp_path, text)) as bench:
        reported = bench.inverter().read_settings()
    voltages = [name for name in reported if name.endswith("voltage")]
    assert voltages == ["volt-watt 1 voltage", "volt-watt 2 voltage"]
    assert reported["volt-watt 1 voltage"].value == 253.0
    assert reported["volt-watt 2 power"].value == pytest.approx(20.0)


def test_a_switch_that_holds_neither_on_nor_off_is_not_guessed(tmp_path: Path) -> None:
    text = """
[point.mode]
address = 95
type = "u16"
values = { off = 0, on = 1 }
means = "volt-var enabled"
simulated = 5
page = "p. 9"
verified = true
"""
    with (
        served(small_map(tmp_path, text)) as bench,
        pytest.raises(InstrumentError, match="neither"),
    ):
        bench.inverter().read_settings()


def test_every_block_is_one_request(tmp_path: Path) -> None:
    text = OBSERVATION + "[block.all]\naddresses = [20, 29]\ntogether = true\n"
    with served(small_map(tmp_path, text)) as bench:
        bench.reader().read([bench.map.points["wait"]])
        assert bench.transcript.recent[-1].request == "read 10 at 20, unit 7"


def test_a_simulated_device_of_a_map_serves_no_register_it_does_not_describe(
    tmp_path: Path,
) -> None:
    with served(small_map(tmp_path, OBSERVATION)) as bench, pytest.raises(RegisterError):
        bench.link.read(19, 2)
