"""The plots of a results document, as the values from which they were written."""

from __future__ import annotations

from bench.plots.panels import PlotPanel, Required, Tick
from bench.trials.trial_evidence import Bar, Corner, Level, Mark, Plane, PlanePoint, Plot
from reports.trials import Json


def plot_from_json(plot: Json) -> Plot:
    """Return a plot; the document has been checked against its schema."""
    view = plot["view_s"]
    return Plot(
        title=plot["title"],
        marks=[Mark(**mark) for mark in plot["marks"]],
        limit_times=[Mark(**mark) for mark in plot["limit_times"]],
        levels=[Level(**level) for level in plot["levels"]],
        view_s=(view[0], view[1]) if view else None,
        bars=[Bar(**bar) for bar in plot["bars"]],
        plane=_plane(plot["plane"]) if plot.get("plane") else None,
        panels=[_panel(panel) for panel in plot.get("panels", ())],
    )


def _plane(plane: Json) -> Plane:
    return Plane(
        plane["across"],
        plane["along"],
        plane["tolerance"],
        [PlanePoint(**point) for point in plane["points"]],
        _required(plane.get("curve", ())),
        [Corner(**corner) for corner in plane.get("corners", ())],
    )


def _panel(panel: Json) -> PlotPanel:
    view = panel["view"]
    return PlotPanel(
        panel["quantity"],
        panel["rated"],
        _required(panel["required"]),
        [Tick(**tick) for tick in panel["ticks"]],
        (view[0], view[1]) if view else None,
    )


def _required(required: list[Json] | tuple[()]) -> list[Required]:
    return [
        Required(one["at"], (one["expected"][0], one["expected"][1]), one["low"], one["high"])
        for one in required
    ]
