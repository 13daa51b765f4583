"""What a command does not load: each name here once took a tenth of a second of every start, or more."""

from __future__ import annotations

import json
from pathlib import Path

import click
import pytest

from bench.cli.main import COMMANDS, main
from tests.end_to_end.command import run

WHOLE_BENCH = ("bench.inputs", "instruments.interfaces", "numpy", "pytest")
DRAWING = ("jinja2", "matplotlib", "reports.write")
OTHER_COMMANDS = ("bench.audit", "bench.proofs", "bench.rejudging")
WITHOUT_A_MAP = ("bench.register_maps.load", "instruments.register_maps.model")
WITHOUT_A_REGIME = ("bench.manoeuvres.scheduled_limits", "cryptography", "envoy_schema")
WITHOUT_TROUBLES = ("instruments.simulated.transport.link_faults",)
PLUGINS_NEARBY = ("_hypothesis_pytestplugin", "xdist")
UNUSED = (
    *DRAWING,
    *OTHER_COMMANDS,
    *WITHOUT_A_MAP,
    *WITHOUT_A_REGIME,
    *WITHOUT_TROUBLES,
    *PLUGINS_NEARBY,
)


def loaded_by(*arguments: str) -> set[str]:
    """Return the modules a process has loaded when its command ends."""
    code = (
        "import atexit, json, sys\n"
        "from bench.cli.main import main\n"
        "atexit.register(lambda: print('\\n' + json.dumps(sorted(sys.modules))))\n"
        f"main({list(arguments)!r})"
    )
    ended = run("-c", code)
    assert ended.code == 0, ended.err
    return set(json.loads(ended.out.splitlines()[-1]))


@pytest.mark.parametrize("arguments", [("--help",), ("run", "--help")], ids=" ".join)
def test_help_loads_nothing_of_what_the_command_would_do(arguments: tuple[str, ...]) -> None:
    assert sorted(loaded_by(*arguments) & {*WHOLE_BENCH, *UNUSED}) == []


def test_a_usual_run_loads_nothing_that_it_does_not_use(tmp_path: Path) -> None:
    out = str(tmp_path / "run")
    loaded = loaded_by("run", "--no-views", "-k", "voltage_trip[OV1-L1", "--out", out)
    assert sorted(loaded & set(UNUSED)) == []
    assert loaded.issuperset(WHOLE_BENCH)


def test_a_real_station_takes_no_simulated_laboratory() -> None:
    code = (
        "import sys, bench.inputs, bench.stations.station;"
        "sys.exit('instruments.simulated.laboratory' in sys.modules)"
    )
    assert run("-c", code).code == 0


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_of_commands_says_what_each_says_of_itself(name: str) -> None:
    command = main.get_command(click.Context(main), name)
    assert command is not None
    assert command.get_short_help_str(limit=1000) == COMMANDS[name]
