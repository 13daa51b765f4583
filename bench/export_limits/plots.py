"""What a reader should see of a case: limit and permitted band, site, generation and load over time. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bench.export_limits.measuring import Episode, Rules
from bench.grid_code.profile import Requirement
from bench.metering.export_limit import generation_w
from bench.plots.panels import PlotPanel, Required
from bench.trials.trial_evidence import Mark, Plot
from instruments.interfaces import Reading

MOST_MARKS = 8


def case_plot(
    requirement: Requirement,
    readings: Sequence[Reading],
    episodes: Sequence[Episode],
    rules: Rules,
    names: Sequence[str],
) -> Plot:
    """Return what to draw of a case.

    Args:
        names: what each step changed.
    """
    origin_s = readings[0].end_s
    marks = [
        Mark(name, episode.began.best_s - origin_s)
        for name, episode in zip(names, episodes, strict=True)
    ]
    export = list(_limited(episodes, rules, origin_s, at_site=True))
    generated = list(_limited(episodes, rules, origin_s, at_site=False))
    panels = [PlotPanel("active_power", required=generated)]
    if readings[0].site_powers_w is not None:
        panels.insert(0, PlotPanel("site_power", required=export))
        panels.append(PlotPanel("load_power"))
    title = f"{requirement.id}, {requirement.title}"
    return Plot(title, marks[:MOST_MARKS], [], [], panels=panels)


def _limited(
    episodes: Sequence[Episode], rules: Rules, origin_s: float, *, at_site: bool
) -> Iterator[Required]:
    """Yield the limit in force over time; the band begins when the time to respond is over."""
    for episode in episodes:
        conditions = episode.conditions
        most_w = conditions.export_w if at_site else conditions.generation_bound_w
        if most_w is None:
            continue
        began_s, end_s = episode.began.best_s - origin_s, episode.readings[-1].end_s - origin_s
        grace_s = rules.response_s if episode.step.grace_s is None else episode.step.grace_s
        due_s = min(began_s + grace_s, end_s)
        shown_w = _shown(most_w, episode)
        for time_s in (began_s, due_s):
            yield Required(time_s, (shown_w, shown_w), None, None)
        for time_s in (due_s, end_s):
            yield Required(time_s, (shown_w, shown_w), None, shown_w + rules.tolerance_w)


def _shown(most_w: float, episode: Episode) -> float:
    """Return a limit that far beyond all power is drawn no higher than the power it does not reach."""
    highest_w = max(map(generation_w, episode.readings))
    return min(most_w, max(1.2 * highest_w, 1.0))
