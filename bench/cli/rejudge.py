"""`bench rejudge`: a finished run judged again from its evidence, without any instrument."""

from __future__ import annotations

import io
import json
import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import click
import pytest

from bench.cli.campaign_choice import PROCEDURES_ALONE
from bench.cli.progress import Progress
from bench.evidence.journal import journal_head, read_journal
from bench.rejudging.rejudgement import Rejudgement, beside
from bench.rejudging.stored_run import Choice, StoredRun
from bench.trials.handed import Handed
from bench.verdicts.decision_rule import RULE_NAMES
from reports.comparison import compare, comparison_text
from reports.results import build_results, results_text, write_whole
from reports.trials import Json

USAGE = 2
FILE = click.Path(path_type=Path)
EPILOG = """
\b
Exit codes. With the run's own rule and profile: 0 every verdict is the same, digit by digit; 1 they
are not. With another rule or profile, as `bench run`: 0 complies; 1 at least one requirement failed;
3 nothing failed but something could not be judged; 4 the run did not end safe; 130 it was
interrupted. 2 usage, or the evidence is not what was recorded: nothing was judged.
"""


@click.command(epilog=EPILOG)
@click.argument("run", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--decision-rule", type=click.Choice(RULE_NAMES), help="Rule in the place of the run's."
)
@click.option(
    "--grid-code",
    help="Grid code in the place of all the run's files: A, B, C or NZ, a shipped name, or a file.",
)
@click.option("--overlay", type=FILE, help="File of confirmed numbers in the place of the run's.")
@click.option(
    "--distributor", help="Distributor's profile in the place of the run's: a name or a file."
)
@click.option("--out", type=FILE, help="Directory of the result; by default one beside RUN.")
@click.option("--no-views", is_flag=True, help="Leave results.json, draw no report.")
@click.option("--json", "as_json", is_flag=True, help="Print comparison.json and nothing else.")
def rejudge(
    run: Path,
    out: Path | None,
    decision_rule: str | None,
    as_json: bool,
    no_views: bool,
    **profile: Any,
) -> None:
    """Judge RUN again from its evidence, and lay the result beside the old one.

    Journal and files are verified first. Then the procedures run as they did, and what the instruments
    answered comes from the evidence: no instrument is reached. RUN itself is not touched.
    """
    directory = out or beside(run)
    if directory.exists():
        raise click.UsageError(f"--out {directory}: exists already; nothing is ever overwritten")
    choice = Choice(decision_rule, **profile)
    rejudgement = Rejudgement(StoredRun.open(run), choice, directory, " ".join(sys.argv))
    _replay(rejudgement, directory, as_json)
    if not no_views:
        # Drawing takes a second to load, and not every result is drawn.
        from reports.write import write_reports

        write_reports(directory)
    comparison = _comparison(run, directory)
    write_whole(directory / "comparison.json", results_text(comparison))
    _print(comparison, directory, as_json)
    raise click.exceptions.Exit(_exit_code(comparison, choice != Choice()))


def _replay(rejudgement: Rejudgement, directory: Path, quiet: bool) -> None:
    """Run the procedures of the run on its evidence."""
    output, progress = io.StringIO(), Progress(quiet, None)
    handed = Handed(rejudgement.inputs, rejudgement)
    with redirect_stdout(output):
        pytest.main([*PROCEDURES_ALONE, "--tb=short", "--no-views"], plugins=[progress, handed])
    if not (directory / "results.json").exists():
        click.echo(f"bench: {progress.reason or output.getvalue().strip()}", err=True)
        raise click.exceptions.Exit(USAGE)


def _comparison(run: Path, directory: Path) -> Json:
    journal = run / "journal.jsonl"
    before = build_results(read_journal(journal), journal_head(journal))
    after = json.loads((directory / "results.json").read_text(encoding="utf-8"))
    return compare(before, after)


def _print(comparison: dict[str, Any], directory: Path, as_json: bool) -> None:
    if as_json:
        click.echo(results_text(comparison), nl=False)
        return
    click.echo(comparison_text(comparison))
    click.echo(f"result: {directory}")


def _exit_code(comparison: Json, otherwise: bool) -> int:
    if otherwise:
        code: int = comparison["exit_code"]["after"]
        return code
    return 0 if comparison["equal"] else 1
