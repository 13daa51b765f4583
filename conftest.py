"""The wiring diagram: options, fixtures and hooks that join procedures to a station.

A run exists only when procedures were collected; the tests of the bench itself never start one. pytest's
outcome follows the verdict, never the other way round.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bench.export_limits.case import FAMILIES
from bench.grid_code.applicability import inapplicable
from bench.grid_code.profile import Requirement
from bench.inputs import Inputs
from bench.paths import DEFAULT_GRID_CODE, DEFAULT_INVERTER, DEFAULT_STATION, PROCEDURES
from bench.programs.courses import PlannedItem
from bench.programs.ordering import ordered
from bench.programs.stimulus import phase_sets
from bench.stations.equipment import untestable
from bench.stations.interrupts import termination_interrupts
from bench.trials.campaign import Campaign, default_directory
from bench.trials.handed import Handed
from bench.trials.trial import NotTested, Trial
from bench.verdicts.decision_rule import RULE_NAMES
from bench.verdicts.verdict import Outcome
from instruments.errors import BenchError, ConfigurationError, UnsafeBench
from reports.following import Follower
from reports.results import write_results

if TYPE_CHECKING:
    from bench.rejudging.rejudgement import Rejudgement

INPUTS = pytest.StashKey[Inputs]()
TESTABLE_KINDS = pytest.StashKey[set[str]]()
CAMPAIGN = pytest.StashKey["Campaign | Rejudgement"]()
FOLLOWER = pytest.StashKey[Follower]()
GOOD = (Outcome.PASS, Outcome.CONDITIONAL_PASS)
REFUSED_OPTIONS = {"reruns": "pytest-rerunfailures", "numprocesses": "pytest-xdist"}


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("bench", "inverter compliance bench")
    group.addoption("--station", type=Path, default=DEFAULT_STATION, help="station file (TOML)")
    group.addoption("--inverter", type=Path, default=DEFAULT_INVERTER, help="inverter file (TOML)")
    group.addoption("--grid-code", default=DEFAULT_GRID_CODE, help="grid code: name or file")
    group.addoption("--distributor", default=None, help="distributor's profile: name or file")
    group.addoption("--export-limits", default=None, help="regime of export limits: name or file")
    group.addoption("--decision-rule", choices=RULE_NAMES, default=None, help="rule of this run")
    group.addoption("--overlay", type=Path, default=None, help="confirmed numbers (TOML)")
    group.addoption(
        "--fault", action="append", default=[], help="deviation of the simulated inverter, by id"
    )
    group.addoption(
        "--change",
        action="append",
        default=[],
        help="parameter of the simulated inverter, path=value",
    )
    group.addoption(
        "--trouble",
        action="append",
        default=[],
        help="what goes wrong in the simulated laboratory, NAME@ROLE[,KEY=VALUE…]",
    )
    group.addoption("--seed", type=int, default=None, help="of the simulated laboratory")
    group.addoption("--no-views", action="store_true", help="write results.json and no report")
    group.addoption("--out", type=Path, default=None, help="directory of this run; must not exist")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "requirement(kind, ...): run once per requirement of the first kind"
    )
    if any(PROCEDURES.name in str(argument) for argument in config.args):
        _refuse_plugins(config)


def inputs_of(config: pytest.Config) -> Inputs:
    """Load the files of the run once; a mistake in them is a usage error."""
    handed = handed_to(config)
    if handed:
        return handed.inputs
    if INPUTS not in config.stash:
        option = config.option
        try:
            config.stash[INPUTS] = Inputs.load(
                option.grid_code,
                option.station,
                option.inverter,
                option.fault,
                option.overlay,
                option.distributor,
                option.decision_rule,
                option.seed,
                option.change,
                option.trouble,
                option.export_limits,
            )
        except ConfigurationError as error:
            raise pytest.UsageError(str(error)) from error
    return config.stash[INPUTS]


def rejudgement_of(config: pytest.Config) -> Rejudgement | None:
    """Return what judges a run again, where `bench rejudge` handed it over."""
    handed = handed_to(config)
    return handed.rejudgement if handed else None


def handed_to(config: pytest.Config) -> Handed | None:
    """Return what a command handed over as a plugin; None where pytest was called by hand."""
    plugins = config.pluginmanager.get_plugins()
    return next((plugin for plugin in plugins if isinstance(plugin, Handed)), None)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out families of cases that no regime asks for here: each has a file of its own."""
    family = collection_path.stem.removeprefix("test_")
    if collection_path.parent != PROCEDURES or family not in FAMILIES:
        return None
    return None if inputs_of(config).grid_code.of_kind(family) else True


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    marker = metafunc.definition.get_closest_marker("requirement")
    if marker is None:
        return
    metafunc.config.stash.setdefault(TESTABLE_KINDS, set()).update(marker.args)
    grid_code = inputs_of(metafunc.config).grid_code
    rows = grid_code.of_kind(marker.args[0])
    metafunc.parametrize("requirement", rows, ids=[row.id for row in rows])
    for kind in marker.args[1:]:
        metafunc.parametrize(kind, [grid_code.only(kind)], ids=[grid_code.only(kind).id])
    if "phases" in metafunc.fixturenames:
        metafunc.parametrize("phases", phase_sets(inputs_of(metafunc.config).inverter.phases))
    runs = range(1, grid_code.method.repetitions + 1)
    metafunc.parametrize("repetition", runs, ids=[f"run{number}" for number in runs])


def requirements_of(item: pytest.Item) -> list[Requirement]:
    """Return the requirements a collected procedure judges."""
    if item.get_closest_marker("requirement") is None or not isinstance(item, pytest.Function):
        return []
    return [value for value in item.callspec.params.values() if isinstance(value, Requirement)]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what cannot be tested here, and order the rest so that the bench waits little.

    The report says what was left out and why; other tests come behind the procedures as they are.
    """
    judging = [item for item in items if requirements_of(item)]
    without_rows = [
        item for item in items if item.get_closest_marker("requirement") and item not in judging
    ]
    # A family of cases that no regime asks for here.
    config.hook.pytest_deselected(items=without_rows)
    items[:] = [item for item in items if item not in without_rows]
    if not judging:
        return
    inputs = inputs_of(config)
    others = [item for item in items if item not in judging]
    rejudgement = rejudgement_of(config)
    if rejudgement:
        trials = in_stored_order(judging, rejudgement)
        config.hook.pytest_deselected(items=[item for item in judging if item not in trials])
        items[:] = [*trials, *others]
        return

    def left_out(row: Requirement) -> bool:
        lacking = untestable(row, inputs.station, inputs.inverter)
        return bool(inapplicable(row, inputs.inverter) or lacking)

    left = [item for item in judging if left_out(requirements_of(item)[0])]
    config.hook.pytest_deselected(items=left)
    trials = in_order([item for item in judging if item not in left], inputs)
    items[:] = [*trials, *others]


def in_order(trials: list[pytest.Item], inputs: Inputs) -> list[pytest.Item]:
    """Return the procedures in the order in which they run."""
    planned = [PlannedItem.of(item.name, item.callspec.params) for item in trials]  # type: ignore[attr-defined]
    names = [item.name for item in ordered(planned, inputs.grid_code)]
    return sorted(trials, key=lambda item: names.index(item.name.removeprefix("test_")))


def in_stored_order(items: list[pytest.Item], rejudgement: Rejudgement) -> list[pytest.Item]:
    """Return the procedures that the stored run ran, in the order in which it did."""
    places = {item: rejudgement.place(trial_id_of(item.name)) for item in items}
    return sorted((item for item in items if places[item] is not None), key=places.__getitem__)


def trial_id_of(name: str) -> str:
    """Return the id of the trial that a procedure's name stands for."""
    return name.removeprefix("test_").replace("[", "-").rstrip("]")


@pytest.hookimpl(trylast=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    """Connect the station, or its replay, once it is known that procedures will run."""
    planned = Counter(row.id for item in session.items for row in requirements_of(item))
    if not planned or session.config.option.collectonly:
        return
    try:
        campaign = begin(session.config, planned).__enter__()
        session.config.stash[CAMPAIGN] = campaign
        if not session.config.option.no_views:
            session.config.stash[FOLLOWER] = Follower(campaign.directory.path)
    except UnsafeBench as error:
        pytest.exit(str(error), returncode=4)
    except BenchError as error:
        pytest.exit(str(error), returncode=2)


def begin(config: pytest.Config, planned: Mapping[str, int]) -> Campaign | Rejudgement:
    """Return what runs the procedures: a campaign on a station, or a rejudgement of a run."""
    rejudgement = rejudgement_of(config)
    if rejudgement:
        return rejudgement
    inputs = inputs_of(config)
    out = config.option.out or default_directory(Path("reports/runs"), inputs.inverter)
    return Campaign(inputs, out, planned, config.stash[TESTABLE_KINDS], " ".join(sys.argv))


def _refuse_plugins(config: pytest.Config) -> None:
    """A bench is one process, and a trial is never repeated until it passes."""
    for option, plugin in REFUSED_OPTIONS.items():
        if getattr(config.option, option, None):
            raise pytest.UsageError(f"--{option} ({plugin}) cannot be used with a bench")


@pytest.fixture
def campaign(request: pytest.FixtureRequest) -> Campaign | Rejudgement:
    """The run in progress, or the rejudgement of one."""
    return request.config.stash[CAMPAIGN]


@pytest.fixture
def trial(
    request: pytest.FixtureRequest, campaign: Campaign | Rejudgement, repetition: int
) -> Trial:
    """One execution of the requesting procedure, recorded from here on."""
    conditions = {"repetition": str(repetition)}
    if "phases" in request.fixturenames:
        conditions["phases"] = request.getfixturevalue("phases")
    name = request.node.name
    return campaign.begin_trial(trial_id_of(name), name, requirements_of(request.node), conditions)


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, Any, Any]:
    """End the trial and derive pytest's outcome from its verdicts, in the call phase."""
    trial = pyfuncitem.funcargs.get("trial")
    if not isinstance(trial, Trial):
        return (yield)
    campaign = pyfuncitem.config.stash[CAMPAIGN]
    reason, without_verdict = None, Outcome.INVALID
    try:
        yield
    except NotTested as error:
        reason, without_verdict = str(error), Outcome.NOT_TESTED
    except BenchError as error:
        campaign.end_trial(trial, Outcome.INVALID, f"{type(error).__name__}: {error}")
        # What the trouble left running, or switched off, must not be the next trial's starting point.
        campaign.make_safe()
        pyfuncitem.user_properties.append(("outcome", Outcome.INVALID.value))
        pytest.fail(f"invalid: {type(error).__name__}: {error}", pytrace=False)
    if not trial.verdicts:
        reason = reason or "the procedure ended without a verdict"
    outcome = trial.outcome if trial.verdicts else without_verdict
    outcome, reason = campaign.end_trial(trial, outcome, reason)
    pyfuncitem.user_properties.append(("outcome", outcome.value))
    pyfuncitem.user_properties.append(("summary", trial.summary))
    if outcome not in GOOD:
        wrong = [str(verdict) for verdict in trial.verdicts if verdict.outcome not in GOOD]
        pytest.fail("\n".join(wrong or [f"{outcome.value}: {reason}"]), pytrace=False)
    return True


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item) -> None:
    """Have the trial drawn; stop at once when it left the bench in a state that cannot be confirmed."""
    campaign = item.config.stash.get(CAMPAIGN, None)
    follower = item.config.stash.get(FOLLOWER, None)
    if follower:
        follower.trial_ended()
    if campaign and campaign.unsafe:
        item.session.shouldstop = campaign.unsafe


@pytest.hookimpl(wrapper=True)
def pytest_runtestloop(session: pytest.Session) -> Generator[None, Any, Any]:
    """Run all trials; whatever ends them, reach the safe state and write the reports."""
    campaign = session.config.stash.get(CAMPAIGN, None)
    if campaign is None:
        return (yield)
    with termination_interrupts():
        try:
            return (yield)
        except BaseException as error:
            campaign.interrupted = type(error).__name__
            raise
        finally:
            finish(campaign, session.config.stash.get(FOLLOWER, None))


def finish(campaign: Campaign | Rejudgement, follower: Follower | None) -> None:
    """Close the run, write its results from the evidence, and have the views of them written meanwhile."""
    campaign.__exit__(None, None, None)
    if follower:
        follower.run_ended()
    try:
        write_results(campaign.directory.path)
    finally:
        if follower:
            follower.wait()
