"""The catalogue of troubled benches is complete and consistent. Whether its rows hold is tried end to end."""

from __future__ import annotations

import pytest

from bench.paths import DEFAULT_INVERTER, DEFAULT_STATION
from bench.stations.laboratory import build_laboratory
from bench.stations.station_file import ANALYSER, load_inverter, load_station
from bench.stations.troubles import parse_trouble
from instruments.simulated.transport.link_fault_kinds import KINDS
from instruments.simulated.troubles import TroubledBench, one_of_each_kind, troubled_benches

BENCHES = list(troubled_benches().values())
SPOILT = {"invalid", "inconclusive"}


def kinds(benches: list[TroubledBench]) -> set[str]:
    return {parse_trouble(text).name for bench in benches for text in bench.troubles}


def test_every_kind_of_trouble_is_tried() -> None:
    assert kinds(BENCHES) == set(KINDS)


def test_every_role_has_trouble() -> None:
    roles = {parse_trouble(text).role for bench in BENCHES for text in bench.troubles}
    entries = load_station(DEFAULT_STATION).entries
    # The utility server is the bench's own: no link leads to it, and cases cut it off themselves.
    linked = {role for role, entry in entries.items() if entry.driver != ANALYSER}
    assert roles == linked - {"utility_server"}


def test_a_sample_holds_every_kind_of_trouble() -> None:
    chosen = one_of_each_kind(BENCHES)
    assert kinds(chosen) == set(KINDS)
    assert len(chosen) <= len(KINDS)


@pytest.mark.parametrize("bench", BENCHES, ids=[bench.id for bench in BENCHES])
def test_a_row_blames_no_inverter_and_says_why(bench: TroubledBench) -> None:
    assert {*bench.outcomes} <= {"pass", "not tested", *SPOILT}
    assert bench.exit_code in ((2, 4) if not bench.outcomes else (0, 3, 4))
    assert (bench.exit_code == 3) == bool({*bench.outcomes} - {"pass"}) or bench.exit_code == 4
    assert bool(bench.reason) == (bench.exit_code != 0)


def test_the_laboratory_can_have_every_trouble() -> None:
    station = load_station(DEFAULT_STATION)
    assert station.simulation is not None
    troubles = [parse_trouble(text) for bench in BENCHES for text in bench.troubles]
    laboratory = build_laboratory(
        station, station.simulation, load_inverter(DEFAULT_INVERTER), (), troubles=troubles
    )
    assert laboratory.exchanges == 0
    laboratory.close()
