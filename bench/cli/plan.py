"""`bench plan`: a campaign without energising anything."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Sequence
from contextlib import redirect_stdout
from typing import Any

import click
import pytest

from bench.cli.campaign_choice import CampaignOptions
from bench.cli.campaign_options import campaign_options
from bench.inputs import Inputs
from bench.programs.courses import PlannedItem, Stage
from bench.programs.plan import Plan, PlannedTrial, Untested, make_plan
from bench.trials.handed import Handed
from bench.verdicts.foresight import Foresight
from instruments.clock import utc_now
from instruments.errors import ConfigurationError
from instruments.interfaces import PHASE_ANGLES_DEG, GridStep
from reports.wording import layer_lines

ASSUMPTIONS = (
    "Times are those of an inverter that complies; another may take up to the settling time-out more.",
)


class Collector:
    """A pytest plugin that keeps what would run, in the order of the procedures."""

    def __init__(self) -> None:
        self.items: list[PlannedItem] = []
        self._places: dict[str, int] = {}
        self.kinds: set[str] = set()

    def pytest_itemcollected(self, item: pytest.Item) -> None:
        """Note the kinds of requirement that have a procedure, selected or not."""
        marker = item.get_closest_marker("requirement")
        self.kinds.update(marker.args if marker else ())
        self._places[item.nodeid] = len(self._places)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Keep the selected trials."""
        items = sorted(session.items, key=lambda item: self._places[item.nodeid])
        functions = [item for item in items if isinstance(item, pytest.Function)]
        self.items = [PlannedItem.of(item.name, item.callspec.params) for item in functions]


@click.command()
@campaign_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def plan(as_json: bool, **options: Any) -> None:
    """Show what `bench run` with the same options would do. Nothing is energised.

    Every trial in order with what is applied and how long it takes; then what this station cannot test,
    and why.
    """
    campaign = CampaignOptions(**options)
    inputs = campaign.load()
    collector = _collected(campaign, inputs)
    planned = make_plan(
        collector.items,
        collector.kinds,
        inputs.grid_code,
        inputs.station,
        inputs.inverter,
        utc_now().date(),
    )
    if as_json:
        document = _document(planned, inputs)
        click.echo(json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False))
    else:
        click.echo("\n".join(_text(planned, inputs)))


def _collected(campaign: CampaignOptions, inputs: Inputs) -> Collector:
    collector, output = Collector(), io.StringIO()
    arguments, plugins = campaign.pytest_arguments("--collect-only"), [collector, Handed(inputs)]
    with redirect_stdout(output):
        code = pytest.main(arguments, plugins=plugins)
    if not collector.items and code in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        raise campaign.no_trials()
    if code != pytest.ExitCode.OK:
        raise ConfigurationError(
            f"the procedures could not be collected: {output.getvalue().strip()}"
        )
    return collector


def _text(planned: Plan, inputs: Inputs) -> Iterable[str]:
    code, inverter = inputs.grid_code, inputs.inverter
    yield f"{inverter.maker} {inverter.model}, {code.id} ({code.region}), {inputs.station.name}"
    yield from layer_lines({"layers": [layer.to_json() for layer in code.layers]})
    yield ""
    width = max(len(trial.item.name) for trial in planned.trials)
    for number, trial in enumerate(planned.trials, 1):
        yield from _trial_lines(number, trial, width)
    at_least = "" if planned.complete else "at least "
    yield ""
    yield f"{len(planned.trials)} trials, {at_least}{clock_text(planned.duration_s)}"
    yield (
        f"In the order of the procedures it would take {clock_text(planned.saved_s)} more: trials that leave "
        "the inverter at full power come before those that need it."
    )
    yield from ASSUMPTIONS
    yield from _row_lines("Not tested", planned.untested)
    yield from _row_lines("Not applicable", planned.inapplicable)
    yield from _foresight_lines(planned.foresight)


def _trial_lines(number: int, trial: PlannedTrial, width: int) -> Iterable[str]:
    took = clock_text(trial.duration_s)
    clauses = "; ".join(trial.clauses)
    yield f"{number:3}  {clock_text(trial.starts_s)}  {trial.item.name:<{width}}  {took}  {clauses}"
    for stage in trial.stages:
        yield f"       {stage.what}, {stage.duration_s:.1f} s{_levels(stage)}"
    if not trial.known:
        yield "       then what the plan does not know: this procedure has not described its course"
    for obstacle in trial.obstacles:
        yield f"     ! cannot be done here: {obstacle}"


def _levels(stage: Stage) -> str:
    """Return what the source applies; how long matters only where there is more than one step."""
    texts = [_level(step, with_time=len(stage.steps) > 1) for step in stage.steps]
    return f": {' → '.join(texts)}" if texts else ""


def _level(step: GridStep, with_time: bool) -> str:
    volts = " / ".join(f"{voltage_v:g}" for voltage_v in step.voltages_v)
    ramp = f" by a ramp of {step.ramp_s:g} s" if step.ramp_s else ""
    time = f" for {step.hold_s:.1f} s" if with_time else ""
    turned = step.angles_deg != PHASE_ANGLES_DEG
    angles = f" at {' / '.join(f'{angle:g}' for angle in step.angles_deg)} deg" if turned else ""
    return f"{volts} V{angles}, {step.frequency_hz:g} Hz{ramp}{time}"


def _row_lines(heading: str, rows: Sequence[Untested]) -> Iterable[str]:
    if not rows:
        return
    yield ""
    yield f"{heading}:"
    for item in rows:
        row = item.requirement
        yield f"  {row.id:<4} {row.title} ({row.clause}): {'; '.join(item.reasons)}"


def _foresight_lines(foresight: Foresight) -> Iterable[str]:
    """Yield the uncertainty each judged quantity will have, and what cannot be judged with it."""
    yield ""
    yield "Expected uncertainty:"
    for item in foresight.quantities:
        limit, mark = item.limit, "!" if item.obstacle else " "
        permitted = f", at most {limit.max_uncertainty:f}" if limit.max_uncertainty else ""
        yield (
            f"{mark} {limit.requirement:<4} {limit.quantity}: U = {item.uncertainty.expanded:.2g} "
            f"{limit.unit}{permitted}"
        )
    if foresight.unknown:
        yield f"  not worked out before the run: {', '.join(foresight.unknown)}"
    if foresight.announcements:
        yield ""
        yield "Cannot be judged with this station:"
        yield from (f"  {text}" for text in foresight.announcements)


def clock_text(seconds: float) -> str:
    """Return hours and minutes, rounded: 1 h 57 min."""
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes:02} min"


def _document(planned: Plan, inputs: Inputs) -> dict[str, Any]:
    code = inputs.grid_code
    return {
        "grid_code": {
            "id": code.id,
            "region": code.region,
            "layers": [layer.to_json() for layer in code.layers],
        },
        "station": inputs.station.name,
        "inverter": f"{inputs.inverter.maker} {inputs.inverter.model}",
        "duration_s": planned.duration_s,
        "duration_complete": planned.complete,
        "saved_by_order_s": planned.saved_s,
        "assumptions": list(ASSUMPTIONS),
        "trials": [_trial_document(trial) for trial in planned.trials],
        "untested": [_row_document(item) for item in planned.untested],
        "inapplicable": [_row_document(item) for item in planned.inapplicable],
        "expected_uncertainties": [item.to_json() for item in planned.foresight.quantities],
        "uncertainty_unknown": list(planned.foresight.unknown),
        "cannot_be_judged": list(planned.foresight.announcements),
    }


def _row_document(item: Untested) -> dict[str, Any]:
    return {
        "id": item.requirement.id,
        "title": item.requirement.title,
        "clause": item.requirement.clause,
        "reasons": list(item.reasons),
    }


def _trial_document(trial: PlannedTrial) -> dict[str, Any]:
    return {
        "name": trial.item.name,
        "requirements": [row.id for row in trial.item.requirements],
        "clauses": list(trial.clauses),
        "phases": trial.item.phases,
        "starts_s": trial.starts_s,
        "duration_s": trial.duration_s,
        "duration_complete": trial.known,
        "stages": [
            {
                "what": stage.what,
                "duration_s": stage.duration_s,
                "steps": [vars(step) for step in stage.steps],
            }
            for stage in trial.stages
        ],
        "obstacles": list(trial.obstacles),
    }
