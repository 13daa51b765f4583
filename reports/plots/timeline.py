"""What all panels of a plot over time share: its marks, when the end is permitted, the axis of time."""

from __future__ import annotations

from bench.trials.trial_evidence import Plot
from reports.plots.annotations import (
    Label,
    event_name,
    from_first_mark,
    mark_text,
    origin_s,
    spread,
    stretches,
)
from reports.plots.panels import CHARACTER_PT, NOT_PERMITTED, PERMITTED, QUIET_INK, Panel, Text

STRIP_PT, LABEL_PT = 13.0, 8.0
ROW_PT = 11.0
ROWS, ROWS_ABOVE_STRIP = 3, 2


class Timeline:
    """The times of one plot, counted from its first mark."""

    def __init__(self, plot: Plot) -> None:
        self._plot = plot
        self._marks = from_first_mark(plot.marks, origin_s(plot))
        self._limits = from_first_mark(plot.limit_times, origin_s(plot))
        self._stretches = stretches(self._limits)

    @property
    def rows(self) -> int:
        """Rows of labels for which there is room below the legend."""
        return ROWS_ABOVE_STRIP if self._stretches else ROWS

    @property
    def strip_pt(self) -> float:
        """Height of the strip that says when the end is permitted."""
        return STRIP_PT if self._stretches else 0.0

    def instants(self, panel: Panel) -> None:
        """Draw marks and limit times across a panel, and shade when the end is permitted."""
        panel.instants([limit.time_s for limit in self._limits], dashed=True)
        panel.instants([mark.time_s for mark in self._marks], dashed=False)
        for stretch in self._stretches:
            if stretch.permitted:
                panel.shade(stretch.from_s, stretch.to_s, PERMITTED)

    def strip(self, panel: Panel) -> None:
        """Say above a panel when the end is permitted."""
        for stretch in self._stretches:
            colour = PERMITTED if stretch.permitted else NOT_PERMITTED
            panel.strip(stretch.from_s, stretch.to_s, STRIP_PT, colour, stretch.words)

    def name_marks(self, panel: Panel, above_pt: float, decimals: int, rows: int = 1) -> None:
        """Write the marks above a panel on some rows, joined where they would overlap."""
        marks = [mark for mark in self._marks if panel.inside(mark.time_s)]
        texts = [(panel.x(mark.time_s), mark_text(mark, decimals)) for mark in marks]
        labels = [Label(float(x), (len(text) + 2) * CHARACTER_PT, text) for x, text in texts]
        for label in spread(labels, panel.left, panel.right, rows):
            height = panel.top + above_pt + LABEL_PT + label.row * ROW_PT
            panel.write(Text(label.x, height, label.text))

    def title(self, panel: Panel) -> None:
        """Write below a panel what its times count from."""
        title = f"time in s from “{event_name(self._plot)}”"
        panel.write(Text(panel.right, panel.bottom - 22, title, "right", QUIET_INK))
