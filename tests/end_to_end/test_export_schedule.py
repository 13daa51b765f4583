"""Limits over IEEE 2030.5 as a user runs them: same bytes again, judged again, a wrong client caught."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from tests.end_to_end.command import bench, outcomes, results, run

SCHEDULE = ("run", "--no-views", "--export-limits", "csip_aus")


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("stored") / "run"
    outcome = bench(*SCHEDULE, "-k", "SC-05 or IV-06", "--out", directory)
    assert outcome.code == 0, outcome.out
    return directory


def digests(directory: Path) -> list[str]:
    files = sorted((directory / "readings").rglob("*.csv"))
    assert files
    return [sha256(file.read_bytes()).hexdigest() for file in files]


def test_the_same_seed_gives_the_same_readings(stored: Path, tmp_path: Path) -> None:
    bench(*SCHEDULE, "-k", "SC-05 or IV-06", "--out", tmp_path / "again")
    assert digests(tmp_path / "again") == digests(stored)


def test_a_run_with_a_server_is_judged_again_from_its_evidence(
    stored: Path, tmp_path: Path
) -> None:
    outcome = bench("rejudge", stored, "--out", tmp_path / "again")
    assert outcome.code == 0, outcome.err
    found = [outcomes(directory)["EXL-SC-05"] for directory in (stored, tmp_path / "again")]
    assert found == ["pass", "pass"]


def test_a_client_that_ignores_cancellations_fails_that_and_nothing_else(tmp_path: Path) -> None:
    bench(
        *SCHEDULE,
        "-k",
        "SC-05 or IV-06",
        "--fault",
        "csip-ignores-cancellation",
        "--out",
        tmp_path / "run",
    )
    found = outcomes(tmp_path / "run")
    assert (found["EXL-SC-05"], found["EXL-IV-06"]) == ("fail", "pass")


def test_a_station_without_a_server_says_so_beforehand(tmp_path: Path) -> None:
    shipped = Path("profiles/stations/simulated.toml").read_text(encoding="utf-8")
    first, rest = shipped.split("[utility_server]")
    file = tmp_path / "station.toml"
    file.write_text(first + rest[rest.index("[inverter]") :], encoding="utf-8")
    outcome = bench("plan", "--station", file, "--export-limits", "csip_aus")
    assert (
        "it takes a utility server, and station.toml has no table [utility_server]" in outcome.out
    )


def test_a_run_names_the_regime_and_who_told_the_site(stored: Path) -> None:
    document = results(stored)
    roles = [one["role"] for one in document["instruments"]]
    assert "utility_server" in roles


def test_the_schema_is_not_loaded_before_a_server_opens() -> None:
    code = (
        "import sys, bench.stations.station, instruments.utility_server.stub;"
        "sys.exit(any(name in sys.modules for name in ('envoy_schema', 'cryptography', 'http.server')))"
    )
    assert run("-c", code).code == 0
