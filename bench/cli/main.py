"""The command group and how errors leave it."""

from __future__ import annotations

import sys

import click

from bench.cli.faults import faults
from bench.cli.judge import judge
from bench.cli.plan import plan
from bench.cli.report import report
from bench.cli.run import run
from bench.cli.simulate import simulate
from instruments.errors import BenchError

USAGE = 2
EPILOG = """
\b
Exit codes: 0 complies; 1 at least one requirement failed; 2 usage or configuration (nothing was
energised); 3 nothing failed but something could not be judged; 4 the bench is not confirmed safe;
130 interrupted.
"""


class BenchGroup(click.Group):
    """Turns trouble with files and instruments into one message and exit code 2."""

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
    """


for command in (run, plan, simulate, judge, report, faults):
    main.add_command(command)
