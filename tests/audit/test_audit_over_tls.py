"""Audits of inverters that are reached over TLS, on real sockets."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bench.audit.address import Address
from bench.cli.main import main
from bench.paths import DEFAULT_INVERTER
from bench.stations.simulation import parameter_paths
from bench.stations.station_file import load_inverter
from instruments.simulated.inverter.parameters import InverterParameters, with_changes
from instruments.simulated.laboratory import Laboratory
from instruments.simulated.physics.world import World
from instruments.simulated.transport.transports import modbus_tls
from tests.links.certificates import Certificate, authority, signed

INVERTER = load_inverter(DEFAULT_INVERTER)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("certificates")


@pytest.fixture(scope="module")
def maker(folder: Path) -> Certificate:
    return authority(folder)


@pytest.fixture(scope="module")
def device(folder: Path, maker: Certificate) -> Certificate:
    return signed(folder, "device", maker)


@pytest.fixture(scope="module")
def bench(folder: Path, maker: Certificate) -> Certificate:
    return signed(folder, "bench", maker)


@contextmanager
def served(context: ssl.SSLContext) -> Iterator[int]:
    """Serve an inverter that is set right, and yield its port."""
    paths = parameter_paths(INVERTER.simulated_changes)
    world = World(with_changes(InverterParameters(), paths))
    with Laboratory(world, seed=1, transports={"inverter": modbus_tls(context)}) as laboratory:
        yield laboratory.ports["inverter"]


def audit(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["audit", *map(str, arguments)])


def document(*arguments: str | Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(audit("--json", *arguments).stdout)
    return found


def test_the_certificates_are_options(
    maker: Certificate, device: Certificate, bench: Certificate
) -> None:
    with served(device.server_context(maker.file)) as port:
        files = ("--ca-file", maker.file, "--certificate-file", bench.file, "--key-file", bench.key)
        found = document("--at", f"tls://127.0.0.1:{port}", *files)
    assert found["conclusion"] == "complies"


def test_a_bench_that_shows_nothing_is_told_what_to_do(
    maker: Certificate, device: Certificate
) -> None:
    with served(device.server_context(maker.file)) as port:
        found = document("--at", f"tls://127.0.0.1:{port}", "--ca-file", maker.file)
    assert found["conclusion"] == "could not be read"
    assert "does the device ask for one (certificate_file, key_file)?" in found["trouble"]


def test_a_device_nobody_vouches_for_is_not_read(folder: Path, device: Certificate) -> None:
    other = authority(folder, "another")
    with served(device.server_context()) as port:
        found = document("--at", f"tls://127.0.0.1:{port}", "--ca-file", other.file)
    assert "did not prove who it is" in found["trouble"]
    assert "ca_file" in found["trouble"]


def test_a_certificate_for_another_address_takes_the_option(
    folder: Path, maker: Certificate
) -> None:
    elsewhere = signed(folder, "elsewhere", maker, "192.0.2.30")
    with served(elsewhere.server_context()) as port:
        where = ("--at", f"tls://127.0.0.1:{port}", "--ca-file", maker.file)
        assert "check_host_name = false" in document(*where)["trouble"]
        assert document(*where, "--any-host-name")["conclusion"] == "complies"


def test_an_inverter_file_names_its_files_from_where_it_lies(
    tmp_path: Path, maker: Certificate, device: Certificate
) -> None:
    (tmp_path / "maker.pem").write_bytes(maker.file.read_bytes())
    with served(device.server_context()) as port:
        text = DEFAULT_INVERTER.read_text(encoding="utf-8").replace(
            "[modbus]",
            f'[modbus]\nat = "tls://127.0.0.1:{port}"\ntls = {{ ca_file = "maker.pem" }}',
        )
        (tmp_path / "mine.toml").write_text(text, encoding="utf-8")
        assert document("--inverter", tmp_path / "mine.toml")["conclusion"] == "complies"


def test_a_row_of_a_fleet_goes_before_the_options(
    tmp_path: Path, folder: Path, maker: Certificate, device: Certificate
) -> None:
    other = authority(folder, "a third")
    (tmp_path / "maker.pem").write_bytes(maker.file.read_bytes())
    with served(device.server_context()) as port:
        at = f"tls://127.0.0.1:{port}"
        (tmp_path / "sites.csv").write_text(
            f"site,at,ca_file\nright,{at},maker.pem\nas the options,{at},\n", encoding="utf-8"
        )
        out = tmp_path / "out"
        arguments = ("--fleet", tmp_path / "sites.csv", "--out", out, "--ca-file", other.file)
        rows = {row["site"]: row for row in document(*arguments)["sites"]}
    assert rows["right"]["conclusion"] == "complies"
    assert "did not prove who it is" in rows["as the options"]["trouble"]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("tls://192.0.2.7,nowhere.pem,,", "line 2: TLS: one of"),
        ("tls://192.0.2.7,,bench.key,", "line 2: TLS: key_file"),
        ("tls://192.0.2.7,,,maybe", "line 2: check_host_name 'maybe': expected true or false"),
        ("tcp://192.0.2.7,maker.pem,,", "line 2: ca_file: tcp://192.0.2.7 is no connection over"),
    ],
)
def test_a_mistake_is_told_with_its_line_before_anything_is_asked(
    tmp_path: Path, row: str, words: str
) -> None:
    text = f"site,at,ca_file,key_file,check_host_name\na,{row}\n"
    (tmp_path / "sites.csv").write_text(text, encoding="utf-8")
    outcome = audit("--fleet", tmp_path / "sites.csv", "--out", tmp_path / "out")
    assert outcome.exit_code == 2
    assert words in " ".join(outcome.output.split())


def test_files_without_a_connection_they_belong_to_are_refused(maker: Certificate) -> None:
    outcome = audit("--ca-file", maker.file)
    assert outcome.exit_code == 2
    assert "simulated is no connection over TLS" in " ".join(outcome.output.split())


def test_the_port_is_that_of_modbus_security_unless_stated() -> None:
    assert Address.parse("tls://192.0.2.7").place(INVERTER).endpoint == "tls://192.0.2.7:802"
    assert Address.parse("tls://192.0.2.7:1802").place(INVERTER).port == 1802
