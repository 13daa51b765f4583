"""`bench certificates`: a set that a server and a client can use, once."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from bench.cli.main import main
from instruments.clock import WallClock
from instruments.simulated.csip.wire import Wire
from instruments.utility_server.stub import UtilityServerStub


def test_a_set_serves_both_sides_and_names_the_client(tmp_path: Path) -> None:
    folder = tmp_path / "csip"
    outcome = CliRunner().invoke(main, ["certificates", str(folder), "--host", "127.0.0.1"])
    assert outcome.exit_code == 0
    server = UtilityServerStub("https://127.0.0.1:0", WallClock(), certificates=folder)
    server.open()
    wire = Wire(server.url, folder)
    found = wire.get("/edev")
    wire.close()
    server.close()
    assert wire.lfdi.encode() in found
    assert wire.lfdi in outcome.output
    assert str(wire.sfdi) in outcome.output


def test_a_set_is_not_written_over_another(tmp_path: Path) -> None:
    (tmp_path / "server.key").write_text("mine", encoding="utf-8")
    outcome = CliRunner().invoke(main, ["certificates", str(tmp_path)])
    assert outcome.exit_code == 2
    assert (tmp_path / "server.key").read_text(encoding="utf-8") == "mine"
