"""What has to be done before a write counts: unlocking, committing, toggling, keeping alive."""

from __future__ import annotations

from pathlib import Path

import pytest

from instruments.errors import (
    ConfigurationError,
    InstrumentError,
    RegisterError,
)
from instruments.interfaces import ControlMode
from tests.register_maps.map_bench import CODE, LIMIT, LOCKED, OBSERVATION, served, small_map

POWER = ControlMode.POWER_LIMIT


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
