"""What is required, as lines and areas."""

from __future__ import annotations

from matplotlib.figure import Figure
from matplotlib.patches import Polygon

from bench.plots.panels import Required
from reports.plots.corridor import bands, draw_required, lines, values_of
from reports.plots.panels import Panel, Range

BEFORE_DUE = [Required(at, (5.0, 5.0), None, None) for at in (0.0, 10.0)]
DUE = [Required(at, (5.0, 5.0), 4.0, 6.0) for at in (10.0, 20.0)]
CEILING = [Required(at, (5.0, 5.0), None, 6.0) for at in (0.0, 20.0)]


def test_a_band_lasts_as_long_as_something_is_limited() -> None:
    assert list(bands([*BEFORE_DUE, *DUE, *BEFORE_DUE, *CEILING])) == [DUE, CEILING]


def test_where_the_axis_falls_back_a_new_line_begins() -> None:
    assert list(lines([*DUE, *DUE])) == [DUE, DUE]
    assert list(lines(DUE)) == [DUE]


def test_axes_have_to_hold_every_limit_that_there_is() -> None:
    assert sorted(set(values_of([*DUE, *CEILING]))) == [4.0, 5.0, 6.0]


def test_without_a_floor_the_area_reaches_the_lower_edge_of_the_axes() -> None:
    figure = Figure((10, 5), dpi=72)
    panel = Panel(figure, (50.0, 30.0, 600.0, 200.0), Range(0.0, 20.0), Range(0.0, 10.0))
    draw_required(panel, CEILING)
    [area] = [artist for artist in figure.findobj(Polygon) if artist.get_zorder() == 0.6]
    heights = area.get_xy()[:, 1]
    assert (heights.min(), heights.max()) == (30.0, 150.0)
