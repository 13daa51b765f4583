"""What is remembered of an inverter survives the process, and belongs to one inverter and one process."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bench.stations.inverter_state import InverterState, user_state_folder
from instruments.errors import ConfigurationError, EvidenceError
from instruments.interfaces import Identity

MINE = Identity("Acme", "X5000", "A 1/2", "1.00")
ANOTHER = Identity("Acme", "X5000", "B3", "1.00")
WITHOUT_SERIAL = Identity("Acme", "X5000", "", "1.00")
PLACE = "tcp://192.0.2.7:502"


def opened(folder: Path | None, identity: Identity = MINE, resource: str = PLACE) -> InverterState:
    state = InverterState(folder)
    state.open(identity, resource)
    return state


def test_what_is_held_is_there_in_the_next_session_in_the_order_of_change(tmp_path: Path) -> None:
    first = opened(tmp_path)
    first.before["limit"] = 100.0
    first.before["705"] = [1, 2]
    first.before["region"] = "A"
    del first.before["limit"]
    first.close()
    second = opened(tmp_path)
    assert list(second.before.items()) == [("705", [1, 2]), ("region", "A")]
    second.close()


def test_it_is_on_disk_before_the_bench_goes_on(tmp_path: Path) -> None:
    state = opened(tmp_path)
    state.before["limit"] = 100.0
    [file] = tmp_path.glob("*.jsonl")
    assert '"setting": "limit", "held": 100.0' in file.read_text(encoding="utf-8")
    state.close()


def test_writes_to_flash_are_counted_over_sessions(tmp_path: Path) -> None:
    for _ in range(3):
        state = opened(tmp_path)
        state.count_write("region")
        state.close()
    state = opened(tmp_path)
    assert state.writes_today("region") == 3
    assert state.writes_today("limit") == 0
    state.close()


def test_the_writes_of_another_day_do_not_count(tmp_path: Path) -> None:
    state = opened(tmp_path)
    state.count_write("region")
    state.close()
    [file] = tmp_path.glob("*.jsonl")
    text = file.read_text(encoding="utf-8")
    file.write_text(text[: text.index('"day"')] + '"day": "2020-02-29"}\n', encoding="utf-8")
    state = opened(tmp_path)
    assert state.writes_today("region") == 0
    state.close()


def test_each_inverter_has_its_own(tmp_path: Path) -> None:
    for identity, resource in ((MINE, PLACE), (WITHOUT_SERIAL, PLACE)):
        state = opened(tmp_path, identity, resource)
        state.before["limit"] = 100.0
        state.close()
    for identity, resource in ((ANOTHER, PLACE), (WITHOUT_SERIAL, "tcp://192.0.2.8:502")):
        state = opened(tmp_path, identity, resource)
        assert not state.before
        state.close()


def test_one_inverter_is_one_process_s(tmp_path: Path) -> None:
    state = opened(tmp_path)
    with pytest.raises(ConfigurationError, match="another bench"):
        opened(tmp_path)
    state.close()
    opened(tmp_path).close()


def test_a_damaged_file_is_named_with_its_line(tmp_path: Path) -> None:
    state = opened(tmp_path)
    state.before["limit"] = 100.0
    state.close()
    [file] = tmp_path.glob("*.jsonl")
    file.write_text(file.read_text(encoding="utf-8") + "no event\n", encoding="utf-8")
    with pytest.raises(EvidenceError, match=r"\.jsonl:2: .*by hand"):
        opened(tmp_path)


def test_without_a_folder_everything_is_forgotten() -> None:
    state = opened(None)
    state.before["limit"] = 100.0
    state.count_write("limit")
    assert state.writes_today("limit") == 1
    assert not opened(None).before


def test_the_run_is_told_of_a_setting_before_it_is_changed() -> None:
    told: list[tuple[str, object]] = []
    state = opened(None)
    state.changed = lambda setting, held: told.append((setting, held))
    state.before["limit"] = 100.0
    del state.before["limit"]
    assert told == [("limit", 100.0)]


@pytest.mark.skipif(sys.platform != "linux", reason="of this system")
def test_the_user_s_folder_follows_the_system(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert user_state_folder() == tmp_path / "inverter-compliance-bench"
    monkeypatch.delenv("XDG_STATE_HOME")
    assert user_state_folder().parts[-3:] == (".local", "state", "inverter-compliance-bench")
