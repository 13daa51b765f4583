"""A budget of writes to flash holds over sessions, and the way back is always left."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bench.stations.inverter_state import InverterState
from instruments.errors import InstrumentError
from instruments.inverters.map_writer import MapWriter
from instruments.register_maps.model import RegisterMap
from tests.register_maps.map_bench import OBSERVATION, MapBench, served, small_map

BUDGET = 5


def flash_map(tmp_path: Path) -> RegisterMap:
    text = OBSERVATION.replace("page", f'storage = "flash"\nmost_writes = {BUDGET}\npage')
    return small_map(tmp_path, text)


def session(bench: MapBench, folder: Path) -> tuple[MapWriter, InverterState]:
    """Return a writer of a session of its own."""
    state = InverterState(folder)
    state.open(bench.inverter().identify(), "here")
    return MapWriter(bench.reader(), writes=True, secrets={}, memory=state), state


def test_a_budget_holds_over_sessions(tmp_path: Path) -> None:
    with served(flash_map(tmp_path)) as bench:
        point = bench.map.points["wait"]
        for number in range(BUDGET // 2):
            writer, state = session(bench, tmp_path / "state")
            writer.write(point, 70.0 + number)
            writer.restore()
            state.close()
        writer, state = session(bench, tmp_path / "state")
        with pytest.raises(InstrumentError, match=r"was written 4 times .* is 5 a day"):
            writer.write(point, 90.0)
        assert bench.settings.observation_s == 61.0
        assert sum(one.request.startswith("write") for one in bench.transcript.recent) == 4
        state.close()


def test_a_budget_in_all_holds_over_days(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = OBSERVATION.replace(
        "page", 'storage = "flash"\nmost_writes = 2\nmost_writes_in_all = 5\npage'
    )
    with served(small_map(tmp_path, text)) as bench:
        point = bench.map.points["wait"]
        for day in (1, 2):
            on_day(monkeypatch, day)
            writer, state = session(bench, tmp_path / "state")
            writer.write(point, 70.0)
            writer.restore()
            state.close()
        on_day(monkeypatch, 3)
        writer, state = session(bench, tmp_path / "state")
        with pytest.raises(InstrumentError, match=r"was written 4 times in all, .* is 5 in all"):
            writer.write(point, 90.0)
        assert (state.writes_today("wait"), state.writes_in_all("wait")) == (0, 4)
        assert bench.settings.observation_s == 61.0
        state.close()


def on_day(monkeypatch: pytest.MonkeyPatch, day: int) -> None:
    noon = datetime(2026, 3, day, 12, tzinfo=UTC)
    monkeypatch.setattr("bench.stations.inverter_state.utc_now", lambda: noon)


def test_what_a_session_left_is_put_back_by_the_next(tmp_path: Path) -> None:
    with served(flash_map(tmp_path)) as bench:
        writer, state = session(bench, tmp_path / "state")
        writer.write(bench.map.points["wait"], 70.0)
        state.close()
        writer, state = session(bench, tmp_path / "state")
        assert dict(state.before) == {"wait": 61.0}
        writer.restore()
        assert bench.settings.observation_s == 61.0
        assert not state.before
        state.close()


def test_a_point_the_map_no_longer_has_is_named_with_what_it_held(tmp_path: Path) -> None:
    with served(flash_map(tmp_path)) as bench:
        writer, state = session(bench, tmp_path / "state")
        state.before["delay"] = 60.0
        with pytest.raises(InstrumentError, match=r"delay = 60\.0: .*no longer has point\.delay"):
            writer.restore()
        state.close()
