"""Bad input: one screen of message, exit code 2, nothing energised."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from bench.paths import DEFAULT_GRID_CODE, DEFAULT_INVERTER, DEFAULT_STATION, GRID_CODES
from tests.end_to_end.command import Outcome, bench, transcript

GRID_CODE = GRID_CODES / f"{DEFAULT_GRID_CODE}.toml"
SCREEN_LINES = 24


def refused(outcome: Outcome, *words: str) -> None:
    """Assert that a command was refused with a short message that holds the words."""
    assert outcome.code == 2, outcome
    assert len(outcome.err.splitlines()) <= SCREEN_LINES
    assert "Traceback" not in outcome.err
    assert [word for word in words if word not in outcome.err] == []


def edited(source: Path, target: Path, old: str, new: str) -> Path:
    text = source.read_text(encoding="utf-8")
    assert old in text
    target.write_text(text.replace(old, new, 1), encoding="utf-8")
    return target


@pytest.mark.parametrize(
    ("option", "source", "old", "new", "words"),
    [
        ("--grid-code", GRID_CODE, "threshold_v", "tresh_v", ["voltage_trip[0]", "tresh_v"]),
        ("--grid-code", GRID_CODE, "run_on_max_s =", "# run_on_max_s =", ["AI1", "'run_on_max'"]),
        ("--station", DEFAULT_STATION, "voltage_max_v", "v_max", ["[envelope]", "'v_max'"]),
        ("--inverter", DEFAULT_INVERTER, "phases = 3", "", ["[nameplate]", "'phases' is missing"]),
        ("--inverter", DEFAULT_INVERTER, "[simulated]", "[simulated]\nspeed = 1", ["'speed'"]),
        ("--station", DEFAULT_STATION, "AmetekCi", "AmetekXi", ["AmetekXi", "cannot be loaded"]),
    ],
)
def test_a_mistake_in_a_file(
    tmp_path: Path, option: str, source: Path, old: str, new: str, words: list[str]
) -> None:
    file = edited(source, tmp_path / source.name, old, new)
    outcome = bench("run", option, file, "--out", tmp_path / "run")
    refused(outcome, source.name, *words)
    assert ":OUTP ON" not in transcript(tmp_path / "run")


def test_another_instrument_than_the_station_names(tmp_path: Path) -> None:
    station = edited(DEFAULT_STATION, tmp_path / "s.toml", 'model = "SQ0045"', 'model = "MX30"')
    outcome = bench("run", "--station", station, "--out", tmp_path / "run")
    refused(outcome, "ac_source", "'SQ0045'", "'MX30'", "Nothing was energised")
    exchanges = transcript(tmp_path / "run")
    assert "*IDN?" in exchanges
    assert ":OUTP" not in exchanges


def test_a_port_at_which_nobody_listens(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    text = DEFAULT_STATION.read_text(encoding="utf-8")
    text = text[: text.index("[simulated]")] + text[text.index("[envelope]") :]
    visa, modbus = f"TCPIP::127.0.0.1::{port}::SOCKET", f"tcp://127.0.0.1:{port}"
    text = text.replace("simulated", visa, 2).replace('"simulated"', f'"{modbus}"')
    station = tmp_path / "lab.toml"
    station.write_text(text, encoding="utf-8")
    outcome = bench("run", "--station", station, "--out", tmp_path / "run")
    refused(outcome, "ac_source", str(port))


def test_a_fault_that_does_not_exist(tmp_path: Path) -> None:
    outcome = bench("run", "--fault", "gremlins", "--out", tmp_path / "run")
    refused(outcome, "gremlins", "ov1-late")


def test_an_expression_that_matches_no_trial(tmp_path: Path) -> None:
    refused(bench("run", "-k", "nonsense", "--out", tmp_path / "run"), "nonsense")


def test_a_run_never_overwrites_another(tmp_path: Path) -> None:
    refused(bench("run", "--out", tmp_path), str(tmp_path), "exists already")


def test_an_unknown_option() -> None:
    refused(bench("run", "--stattion", "x"), "--stattion", "--station")


@pytest.mark.parametrize("command", [[], ["run"], ["judge"], ["report"], ["faults"]])
def test_help_explains(command: list[str]) -> None:
    outcome = bench(*command, "--help")
    assert outcome.code == 0
    assert "Usage: bench" in outcome.out
