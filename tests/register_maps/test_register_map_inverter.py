"""What the driver does with a map: reading, refusing, unlocking, committing, putting back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from instruments.errors import (
    ConfigurationError,
    IdentityMismatch,
    InstrumentError,
    LinkTimeout,
    ReadBackMismatch,
    RegisterBusy,
    RegisterError,
)
from instruments.interfaces import ControlMode
from instruments.inverters.map_reader import MapReader
from tests.register_maps.map_bench import CODE, FRAME, LOCKED, served, small_map

LIMIT = """
[point.limit]
address = 10
type = "u16"
scale = 0.1
unit = "%"
percent_of = "rated power"
access = "read and write"
range = [0, 100]
page = "p. 2"
verified = true
[point.limit_on]
address = 11
type = "u16"
values = { off = 0, on = 1 }
access = "read and write"
page = "p. 2"
verified = true
[control.power_limit]
setpoint = "limit"
enable = "limit_on"
[restore]
points = ["limit", "limit_on"]
"""
OBSERVATION = """
[point.wait]
address = 20
type = "u16"
unit = "s"
means = "observation"
access = "read and write"
range = [0, 600]
page = "p. 3"
verified = true
"""
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
        with pytest.raises(InstrumentError, match="writes = true"):
            controls.command(POWER, 0.5)
        assert not [one for one in bench.transcript.recent if one.request.startswith("write")]


def test_an_unverified_point_is_read_and_not_written(tmp_path: Path) -> None:
    text = OBSERVATION.replace("verified = true", "verified = false")
    with served(small_map(tmp_path, text)) as bench:
        inverter = bench.inverter()
        assert inverter.read_settings()["observation"].value == 61.0
        with pytest.raises(InstrumentError, match="verified = false"):
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


def test_flash_is_spared(tmp_path: Path) -> None:
    text = OBSERVATION.replace("page", 'storage = "flash"\nmost_writes = 2\npage')
    with served(small_map(tmp_path, text)) as bench:
        writer, point = bench.writer(), bench.map.points["wait"]
        for value in (70.0, 80.0):
            writer.write(point, value)
        with pytest.raises(InstrumentError, match="flash"):
            writer.write(point, 90.0)
        assert bench.settings.observation_s == 80.0


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


UNLOCK = """
[point.code]
address = 30
type = "u32"
access = "write"
secret = true
page = "p. 4"
verified = true
[unlock]
point = "code"
code_from = "ACME_CODE"
delay_s = 1.0
expires_s = 100.0
lock_value = 0
"""
PROTECTED = OBSERVATION.replace("page", "needs_unlock = true\npage")


def test_settings_are_unlocked_with_a_code_that_stands_nowhere(tmp_path: Path) -> None:
    with served(small_map(tmp_path, PROTECTED + UNLOCK), **LOCKED) as bench:
        bench.writer(ACME_CODE=str(CODE)).write(bench.map.points["wait"], 90.0)
        assert bench.settings.observation_s == 90.0
        assert f"{CODE:04X}" not in " ".join(one.request for one in bench.transcript.recent)


def test_settings_that_locked_again_are_unlocked_again(tmp_path: Path) -> None:
    with served(small_map(tmp_path, PROTECTED + UNLOCK), **LOCKED) as bench:
        writer = bench.writer(ACME_CODE=str(CODE))
        writer.write(bench.map.points["wait"], 90.0)
        bench.wait(200.0)
        writer.write(bench.map.points["wait"], 80.0)
        assert bench.settings.observation_s == 80.0


def test_a_wrong_code_opens_nothing(tmp_path: Path) -> None:
    with served(small_map(tmp_path, PROTECTED + UNLOCK), **LOCKED) as bench:
        with pytest.raises(RegisterError, match="exception 128"):
            bench.writer(ACME_CODE="1234").write(bench.map.points["wait"], 90.0)
        assert bench.settings.observation_s == 61.0


@pytest.mark.parametrize("secrets", [{}, {"ACME_CODE": "open sesame"}])
def test_a_missing_code_is_asked_for_by_name(tmp_path: Path, secrets: dict[str, str]) -> None:
    with served(small_map(tmp_path, PROTECTED + UNLOCK), **LOCKED) as bench:
        with pytest.raises(ConfigurationError, match="ACME_CODE") as refusal:
            bench.writer(**secrets).write(bench.map.points["wait"], 90.0)
        assert "sesame" not in str(refusal.value)


def test_a_code_too_long_for_its_register_is_not_quoted(tmp_path: Path) -> None:
    with served(small_map(tmp_path, PROTECTED + UNLOCK), **LOCKED) as bench:
        with pytest.raises(InstrumentError, match="does not fit") as refusal:
            bench.writer(ACME_CODE="98765432101").write(bench.map.points["wait"], 90.0)
        assert "9876" not in str(refusal.value)


def test_the_attempt_without_authorisation_is_refused_by_a_locked_inverter(tmp_path: Path) -> None:
    with served(small_map(tmp_path, PROTECTED + UNLOCK), **LOCKED) as bench:
        refusal = bench.inverter().try_observation(75.0)
        assert refusal is not None
        assert "exception 128" in refusal
        assert bench.settings.observation_s == 61.0


def test_the_attempt_without_authorisation_succeeds_on_an_open_one(tmp_path: Path) -> None:
    with served(small_map(tmp_path, OBSERVATION)) as bench:
        assert bench.inverter().try_observation(75.0) is None
        assert bench.settings.observation_s == 75.0


COMMIT = """
[point.commit]
address = 40
type = "u16"
access = "read and write"
range = [0, 9]
page = "p. 5"
verified = true
[commit.all]
point = "commit"
value = 1
longest_s = 8.0
result_point = "commit"
ok = [0]
failed = { refused = 7 }
"""
COMMITTED = OBSERVATION.replace("page", 'commit = "all"\npage')


def test_a_write_counts_once_it_is_committed(tmp_path: Path) -> None:
    with served(small_map(tmp_path, COMMITTED + COMMIT)) as bench:
        began_s = bench.laboratory.clock.now_s()
        bench.writer().write(bench.map.points["wait"], 90.0)
        assert bench.settings.observation_s == 90.0
        assert 4.0 <= bench.laboratory.clock.now_s() - began_s <= 8.0


def test_a_commit_that_takes_too_long_is_reported(tmp_path: Path) -> None:
    patient = small_map(tmp_path, COMMITTED + COMMIT.replace("8.0", "60.0"))
    mine = small_map(tmp_path, COMMITTED + COMMIT)
    with (
        served(mine, served_as=patient) as bench,
        pytest.raises(InstrumentError, match="not confirmed within 8 s"),
    ):
        bench.writer().write(bench.map.points["wait"], 90.0)


def test_a_limit_that_needs_toggling_is_toggled(tmp_path: Path) -> None:
    text = LIMIT.replace('enable = "limit_on"', 'enable = "limit_on"\ntoggles = true')
    with served(small_map(tmp_path, text)) as bench:
        controls = bench.inverter().controls
        for share in (0.5, 0.25):
            controls.command(POWER, share)
            assert bench.settings.power_limit_pu == pytest.approx(share)


def test_without_toggling_such_a_device_keeps_the_old_limit(tmp_path: Path) -> None:
    device = small_map(
        tmp_path, LIMIT.replace('enable = "limit_on"', 'enable = "limit_on"\ntoggles = true')
    )
    with served(small_map(tmp_path, LIMIT), served_as=device) as bench:
        controls = bench.inverter().controls
        controls.command(POWER, 0.5)
        bench.writer().write(bench.map.points["limit"], 25.0)
        assert bench.settings.power_limit_pu == pytest.approx(0.5)


def test_what_has_to_come_before_is_looked_at(tmp_path: Path) -> None:
    text = (
        OBSERVATION.replace("page", 'after = { gate = "on" }\npage')
        + """
[point.gate]
address = 50
type = "u16"
values = { off = 0, on = 1 }
access = "read and write"
page = "p. 6"
verified = true
"""
    )
    with served(small_map(tmp_path, text)) as bench:
        writer, points = bench.writer(), bench.map.points
        with pytest.raises(InstrumentError, match=r"while point\.gate is on"):
            writer.write(points["wait"], 90.0)
        writer.write(points["gate"], 1.0)
        writer.write(points["wait"], 90.0)
        assert bench.settings.observation_s == 90.0


KEEP_ALIVE = """
[point.alive]
address = 60
type = "u16"
access = "read and write"
range = [0, 1]
page = "p. 7"
verified = true
[keep_alive]
point = "alive"
value = 1
every_s = 10
reverts_after_s = 30
"""


def test_a_command_lasts_while_the_bench_speaks_to_the_inverter(tmp_path: Path) -> None:
    with served(small_map(tmp_path, LIMIT + KEEP_ALIVE)) as bench:
        inverter = bench.inverter()
        inverter.controls.command(POWER, 0.5)
        for _ in range(8):
            bench.wait(12.0)
            inverter.status()
        assert bench.settings.power_limit_pu == pytest.approx(0.5)


def test_a_command_taken_back_meanwhile_is_reported(tmp_path: Path) -> None:
    with served(small_map(tmp_path, LIMIT + KEEP_ALIVE)) as bench:
        inverter = bench.inverter()
        inverter.controls.command(POWER, 0.5)
        bench.wait(100.0)
        assert bench.settings.power_limit_pu == 1.0
        with pytest.raises(InstrumentError, match="takes commands back"):
            inverter.status()


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
