"""`bench audit` as a user runs it: another process, inverters on real sockets."""

from __future__ import annotations

import csv
import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from bench.paths import DEFAULT_INVERTER, INVERTERS, ROOT
from tests.audit.fleet_bench import BusyGateway, Gateway, registers, served
from tests.end_to_end.command import bench

READING = {3}


def at(port: int, unit: int = 1) -> str:
    return f"tcp://127.0.0.1:{port}?unit={unit}"


def document(*arguments: str | Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(bench("audit", "--json", *arguments).out)
    return found


def sites(directory: Path, *rows: Sequence[object]) -> Path:
    file = directory / "sites.csv"
    with file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([("site", "at", "unit"), *rows])
    return file


def summary(directory: Path) -> dict[str, dict[str, str]]:
    with (directory / "summary.csv").open(encoding="utf-8", newline="") as stream:
        return {row["site"]: row for row in csv.DictReader(stream)}


@pytest.fixture
def nobody() -> Iterator[int]:
    """Yield a port where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


@pytest.fixture
def silent() -> Iterator[int]:
    """Yield a port that takes connections and never answers."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield listening.getsockname()[1]


def test_the_reference_inverter_complies_and_every_view_is_written(tmp_path: Path) -> None:
    page, paper = tmp_path / "audit.html", tmp_path / "audit.pdf"
    outcome = bench("audit", "--html", page, "--pdf", paper)
    assert outcome.code == 0, outcome.err
    assert "COMPLIES" in outcome.out
    assert "SIMULATED" in outcome.out
    assert "overvoltage 1 threshold" in page.read_text(encoding="utf-8")
    data = paper.read_bytes()
    assert data.startswith(b"%PDF-")
    assert b"/Count 1" in data


def test_a_wrong_setting_is_named_and_ends_with_code_1() -> None:
    outcome = bench("audit", "--fault", "ov1-late")
    assert outcome.code == 1
    [line] = [line for line in outcome.out.splitlines() if line.startswith("✗")]
    assert "OV1 overvoltage 1 time" in line
    assert "2.28 s" in line


def test_a_distributors_set_points_are_what_is_required() -> None:
    change = "settings.sustained_voltage_v=258.0"
    outcome = bench("audit", "--distributor", "example_networks", "--change", change)
    assert outcome.code == 1
    assert "Wrong: SV1 sustained voltage." in outcome.out
    assert "network study" in outcome.out


def test_a_live_inverter_is_read_and_never_written() -> None:
    image = registers("sustained-limit-255").with_serial("S-7")
    before, gateway = dict(image.words), Gateway({7: image})
    with served(gateway) as [port]:
        found = document("--at", at(port, 7))
    assert found["identity"]["serial"] == "S-7"
    assert found["identity"]["region"] == "A"
    assert found["wrong"] == ["SV1 sustained voltage"]
    assert (found["simulated"], found["exit_code"]) == (False, 1)
    assert set(gateway.functions) == READING
    assert image.words == before


def test_a_busy_inverter_gets_the_same_verdicts_as_a_quiet_one() -> None:
    with served(BusyGateway({1: registers()}, every=10), Gateway({1: registers()})) as [
        busy,
        quiet,
    ]:
        busy_found, quiet_found = document("--at", at(busy)), document("--at", at(quiet))
    assert busy_found["settings"] == quiet_found["settings"]
    assert busy_found["conclusion"] == "complies"


@pytest.mark.parametrize("place", ["nobody", "silent"])
def test_an_inverter_that_does_not_answer_has_no_verdict(
    place: str, request: pytest.FixtureRequest
) -> None:
    port = request.getfixturevalue(place)
    found = document("--at", f"tcp://127.0.0.1:{port}?timeout_s=0.1")
    assert (found["conclusion"], found["exit_code"]) == ("could not be read", 3)
    assert found["settings"] == []
    assert str(port) in found["trouble"]


def test_another_inverter_than_the_file_names_has_no_verdict(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    text = DEFAULT_INVERTER.read_text(encoding="utf-8")
    file.write_text(text.replace('"Simulated inverter"', '"X5000"'), encoding="utf-8")
    with served(Gateway({1: registers()})) as [port]:
        found = document("--at", at(port), "--inverter", file)
    assert found["exit_code"] == 3
    assert "expected 'X5000'" in found["trouble"]


def test_what_the_inverter_does_not_expose_is_said_and_decides_unless_allowed(
    tmp_path: Path,
) -> None:
    file = tmp_path / "mine.toml"
    text = DEFAULT_INVERTER.read_text(encoding="utf-8")
    file.write_text(
        "\n".join(line for line in text.splitlines() if '"ramp"' not in line), encoding="utf-8"
    )
    strict = bench("audit", "--inverter", file)
    assert strict.code == 3
    assert "this inverter does not expose it" in strict.out
    assert bench("audit", "--inverter", file, "--allow-unexposed").code == 0


def test_an_inverter_with_a_register_map_is_audited_the_same_way() -> None:
    found = document("--inverter", INVERTERS / "example_register_map.toml")
    outcomes = {row["setting"]: row["outcome"] for row in found["settings"]}
    assert outcomes["region"] == outcomes["overvoltage 1 threshold"] == "pass"
    assert found["counts"]["wrong"] == 0
    assert found["counts"]["not exposed"] > 0
    assert found["exit_code"] == 3


def test_an_inverter_with_the_older_models_alone_is_audited() -> None:
    found = document("--inverter", INVERTERS / "reference_legacy_10kva.toml")
    rows = {row["setting"]: row for row in found["settings"]}
    right = ("overvoltage 2 time", "volt-var 4 power", "volt-watt 2 voltage", "hysteresis", "ramp")
    assert {rows[name]["outcome"] for name in right} == {"pass"}
    assert not rows["observation"]["exposed"]
    assert found["other_settings"]["generation limit"]["value"] == 100.0
    assert (found["counts"]["wrong"], found["exit_code"]) == (0, 3)


@pytest.mark.parametrize("fault", ["ov1-late", "sustained-limit-255"])
def test_the_older_models_show_what_they_have_a_place_for(fault: str) -> None:
    found = document("--inverter", INVERTERS / "reference_legacy_10kva.toml", "--fault", fault)
    assert found["wrong"] == (["OV1 overvoltage 1 time"] if fault == "ov1-late" else [])


def test_registers_the_inverter_refuses_are_not_exposed() -> None:
    image = registers()
    for address in (45_006, 45_013):
        del image.words[address]
    with served(Gateway({1: image})) as [port]:
        found = document("--at", at(port))
    rows = {row["setting"]: row for row in found["settings"]}
    assert not rows["sustained voltage"]["exposed"]
    assert not rows["dwell"]["exposed"]
    assert rows["hysteresis"]["outcome"] == "pass"
    assert (found["trouble"], found["counts"]["wrong"]) == (None, 0)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--at", "192.0.2.7"], "Expected tcp://host:port"),
        (["--at", "tcp://192.0.2.7", "--fault", "ov1-late"], "is not simulated"),
        (["--grid-code", "Q"], "'Q'"),
        (["--fault", "no-such"], "no-such"),
        (["--out", "x"], "belongs to --fleet"),
        (["--fleet", "no-such.csv", "--out", "x"], "no-such.csv"),
        (["--fleet", "profiles/inverters"], "--out DIR"),
        (["--html", "no/such/folder/a.html"], "cannot be written"),
    ],
)
def test_bad_input_ends_with_code_2(arguments: list[str], words: str) -> None:
    outcome = bench("audit", *arguments)
    assert outcome.code == 2, outcome
    assert words in outcome.err
    assert "Traceback" not in outcome.err


def test_a_fleet_has_one_row_per_site_and_is_resumed(tmp_path: Path, nobody: int) -> None:
    first = Gateway({1: registers().with_serial("A1"), 2: registers("ov1-late").with_serial("A2")})
    second = Gateway({1: registers().with_serial("B1")})
    out = tmp_path / "fleet"
    with served(first, second) as [one, two]:
        listed = sites(
            tmp_path,
            ("Ōtaki 1", f"tcp://127.0.0.1:{one}", 1),
            ("Ōtaki 2", f"tcp://127.0.0.1:{one}", 2),
            ("Bluff", f"tcp://127.0.0.1:{two}", 1),
            ("dark", f"tcp://127.0.0.1:{nobody}", 1),
        )
        outcome = bench("audit", "--fleet", listed, "--out", out)
        assert outcome.code == 1, outcome.err
        rows = summary(out)
        assert [(row["conclusion"], row["serial"]) for row in rows.values()] == [
            ("complies", "A1"),
            ("does not comply", "A2"),
            ("complies", "B1"),
            ("could not be read", ""),
        ]
        assert "cannot be opened" in rows["dark"]["trouble"]
        assert "Ōtaki 2" in (out / "fleet.html").read_text(encoding="utf-8")
        asked = len(first.functions) + len(second.functions)
        assert bench("audit", "--fleet", listed, "--out", out).code == 2
        again = bench("audit", "--fleet", listed, "--out", out, "--resume", "--json")
        assert len(first.functions) + len(second.functions) == asked
        assert json.loads(again.out)["counts"]["could not be read"] == 1
        stricter = ("--grid-code", "B", "--resume", "--json")
        other = json.loads(bench("audit", "--fleet", listed, "--out", out, *stricter).out)
        assert other["counts"]["does not comply"] == 3
    assert set(first.functions) == READING


def test_a_folder_of_inverter_files_is_a_fleet(tmp_path: Path) -> None:
    folder = tmp_path / "inverters"
    folder.mkdir()
    text = DEFAULT_INVERTER.read_text(encoding="utf-8")
    with served(Gateway({1: registers()})) as [port]:
        for name, place in (("live", f"tcp://127.0.0.1:{port}"), ("made-up", "simulated")):
            file = folder / f"{name}.toml"
            file.write_text(text.replace("[modbus]", f'[modbus]\nat = "{place}"'), encoding="utf-8")
        outcome = bench("audit", "--fleet", folder, "--out", tmp_path / "fleet")
    assert outcome.code == 0, outcome.err
    assert [row["simulated"] for row in summary(tmp_path / "fleet").values()] == ["False", "True"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot send Ctrl-C to one process")
def test_an_interrupted_fleet_keeps_what_was_read(tmp_path: Path, silent: int) -> None:
    out = tmp_path / "fleet"
    with served(Gateway({1: registers()})) as [port]:
        quiet = f"tcp://127.0.0.1:{silent}?timeout_s=0.4"
        listed = sites(
            tmp_path,
            ("good", f"tcp://127.0.0.1:{port}", 1),
            *((f"quiet {number}", quiet, 1) for number in range(50)),
        )
        command = [sys.executable, "-m", "bench", "audit", "--fleet", listed, "--out", out]
        with subprocess.Popen(list(map(str, command)), cwd=ROOT) as process:
            file = out / "sites" / "good.json"
            while not file.exists():
                with pytest.raises(subprocess.TimeoutExpired):
                    process.wait(0.1)
            process.send_signal(signal.SIGINT)
            assert process.wait(60) == 130
    assert summary(out)["good"]["conclusion"] == "complies"
    assert len(summary(out)) < 51
