"""The command group and how errors leave it."""

from __future__ import annotations

import sys
from collections.abc import Mapping

import click

from bench.cli.loading import load
from instruments.errors import BenchError

USAGE = 2
COMMANDS: Mapping[str, str] = {
    "run": "Run a campaign and leave evidence and a report.",
    "plan": "Show what `bench run` with the same options would do.",
    "simulate": "Serve the simulated laboratory to outside clients until Ctrl-C.",
    "judge": "Judge RECORDINGS (TDMS, CSV, NPZ, HDF5) made elsewhere.",
    "rejudge": "Judge RUN again from its evidence, and lay the result beside the old one.",
    "report": "Write results.json, report.html and the Allure results of RUN again from its journal.",
    "faults": "List the deviations the simulated inverter can be given with `bench run --fault ID`.",
    "prove": "Try every inverter of the catalogue and print what was caught.",
    "audit": "Compare the settings an inverter reports with a grid code.",
    "inverter": "Register maps: write one from a vendor's document, check it, hold it against a device.",
    "certificates": "Write an authority, a server's and a client's certificate into an empty FOLDER.",
}
"""What each does. It is a function in the module of its name, loaded when used: all take two seconds."""

EPILOG = """
\b
Exit codes: 0 complies; 1 at least one requirement failed; 2 usage or configuration (nothing was
energised); 3 nothing failed but something could not be judged; 4 the bench is not confirmed safe;
130 interrupted.
"""


class BenchGroup(click.Group):
    """Loads commands by name; turns trouble with files and instruments into one message and exit code 2."""

    def list_commands(self, _: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = load(f"bench.cli.{cmd_name}:{cmd_name}")
        return command

    def format_commands(self, _: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except BenchError as error:
            click.echo(f"bench: {error}", err=True)
            sys.exit(USAGE)


@click.group(
    cls=BenchGroup, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.version_option(package_name="inverter-compliance-bench")
def main() -> None:
    """Prove whether a grid-connected inverter does what AS/NZS 4777.2:2020 asks.

    \b
    bench run                              the whole campaign on the simulated laboratory
    bench plan                             what that would do, and for how long
    bench run --fault ov1-late             … with an inverter that trips V> too late
    bench run --station lab.toml --inverter mine.toml
    bench simulate                         the simulated laboratory for clients of your own
    bench judge 0000.tdms --channels islanding_2015
    bench audit --at tcp://192.0.2.7:502   the settings of an installed inverter
    """
