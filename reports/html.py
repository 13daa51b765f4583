"""The results document as one self-contained page that opens from disk and prints well.

The page holds no date of its own: equal results give equal bytes. Everything from the results passes through
automatic escaping; only the plots, which are made here, do not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from bench.verdicts.uncertainty import BudgetLine
from reports import wording
from reports.plots.drawing import Drawing
from reports.requirements import worst_verdict
from reports.trials import Json

TEMPLATES = Path(__file__).with_name("templates")
Drawings = Mapping[str, Sequence[Drawing | str]]
"""Trial → its plots in order; a text says why one could not be drawn."""

FILTERS = {
    "acceptance": wording.acceptance_text,
    "bytes": wording.bytes_text,
    "date": wording.date_text,
    "distinction": wording.distinction,
    "duration": wording.duration_text,
    "in_uncertainties": wording.in_uncertainties,
    "interval": wording.interval_text,
    "limit": wording.limit_text,
    "margin": wording.margin_text,
    "measured": wording.measured_text,
    "number": wording.number_text,
    "probability": wording.probability_text,
    "words": wording.words,
}


def render_report(results: Json, sections: Mapping[str, str]) -> str:
    """Return the page.

    Args:
        sections: trial → what `render_trial` made of it.
    """
    page = (
        _environment()
        .get_template("report.html")
        .render(
            results=results,
            run=results["run"],
            guarded=_guarded(results["run"]),
            rows=[requirement_row(row, results["trials"]) for row in results["requirements"]],
            sections=[Markup(sections[trial["id"]]) for trial in results["trials"]],
            statuses=status_counts(results["trials"]),
            style=Markup((TEMPLATES / "style.css").read_text(encoding="utf-8")),
            symbols=wording.SYMBOLS,
            meanings=wording.MEANINGS,
        )
    )
    return _without_blank_lines(page)


def render_trial(trial: Json, plots: Sequence[Drawing | str], run: Json) -> str:
    """Return the section of a trial; it needs nothing of the run but what was known when it started."""
    section = (
        _environment()
        .get_template("trial.html")
        .render(trial=trial_view(trial, plots), guarded=_guarded(run), symbols=wording.SYMBOLS)
    )
    return _without_blank_lines(section)


def load_templates() -> None:
    """Load the templates now, so that the first page is made as fast as any other."""
    for name in ("report.html", "trial.html"):
        _environment().get_template(name)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(FILTERS, aligned=aligned, shares=shares)
    return environment


def _guarded(run: Json) -> bool:
    """Whether the decision rule of a run keeps a distance from its limits."""
    return float(run["decision_rule"]["guard_factor"]) > 0


def _without_blank_lines(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if line.strip()) + "\n"


def requirement_row(requirement: Json, trials: Sequence[Json]) -> Json:
    """Return a requirement with the worst verdict on each quantity it limits, and its trials."""
    of_this = [trial for trial in trials if trial["id"] in requirement["trials"]]
    judged: dict[str, list[Json]] = {}
    for trial in of_this:
        for verdict in trial["verdicts"]:
            if verdict["requirement"] == requirement["id"]:
                named = verdict | {"trial": trial["id"]}
                judged.setdefault(verdict["limit"]["quantity"], []).append(named)
    worst = [worst_verdict(verdicts) for verdicts in judged.values()]
    return {**requirement, "worst": worst, "of_this": of_this}


def trial_view(trial: Json, plots: Sequence[Drawing | str]) -> Json:
    """Return a trial with its plots as markup, or with the sentence that stands in for one."""
    figures = [
        {"problem": plot}
        if isinstance(plot, str)
        else {"svg": Markup(plot.svg), "description": plot.description}
        for plot in plots
    ]
    return {**trial, "figures": figures}


def status_counts(trials: Sequence[Json]) -> dict[str, int]:
    """Return how many of the limits that were judged have which status."""
    limits = {
        (verdict["requirement"], verdict["limit"]["quantity"]): verdict["limit"]["status"]
        for trial in trials
        for verdict in trial["verdicts"]
    }
    found = list(limits.values())
    return {status: found.count(status) for status in ("confirmed", "published", "provisional")}


def aligned(text: str) -> Markup:
    """Return a number in two parts, so that a column lines up at the decimal point."""
    head, blank, tail = text.partition(" ") if text[:1] in "≥≤<>" else ("", "", text)
    whole, point, fraction = tail.partition(".")
    if not point:
        whole, blank_after, rest = tail.partition(" ")
        point, fraction = "", f"{blank_after}{rest}"
    return Markup('<span class="whole">{}</span><span class="part">{}</span>').format(
        f"{head}{blank}{whole}", f"{point}{fraction}"
    )


def shares(budget: Sequence[Mapping[str, Any]]) -> list[Json]:
    """Return the lines of a budget with their contribution and its share of the variance."""
    contributions = [
        BudgetLine(
            line["source"],
            line["standard_uncertainty"],
            line["unit"],
            sensitivity=line["sensitivity"],
        ).contribution
        for line in budget
    ]
    total = sum(value**2 for value in contributions)
    return [
        {**line, "contribution": value, "share": 100 * value**2 / total if total else 0.0}
        for line, value in zip(budget, contributions, strict=True)
    ]
