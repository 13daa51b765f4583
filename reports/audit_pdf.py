"""An audit of settings as one printed page: drawn with matplotlib, as the plots of a run are.

A page to be signed and filed beside the site's papers. It holds every setting; what does not fit a column is
cut with an ellipsis, as the whole text stands in the JSON document and the page.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from reports import wording
from reports.audit_text import (
    CONCLUSION_TONES,
    found_text,
    identity_text,
    quantum_text,
    required_text,
    verdict_text,
)

Json = Mapping[str, Any]
A4_INCHES = (8.27, 11.69)
MARGIN_PT, WIDTH_PT, HEIGHT_PT = 40.0, 595.0, 842.0
COLUMNS = (
    (40.0, "Setting", 36),
    (212.0, "Required", 30),
    (340.0, "Found", 14),
    (402.0, "Step", 13),
    (462.0, "Verdict", 26),
)
"""Left edge in points, heading, most characters."""
COLOURS = {"good": "#17653a", "bad": "#9b1c1c", "doubt": "#7a4d00"}
NOT_EXPOSED = "not exposed"
INK, QUIET = "#1b2026", "#58616d"
LARGEST_ROW_PT, TEXT_SHARE = 12.0, 0.62
STATEMENT_CHARACTERS, STATEMENT_LINES = 105, 3
CAUTION = (
    "Read over Modbus; nothing was written. The inverter's own report was judged: whether it acts on its "
    "settings,",
    "a test of the inverter finds out. A reported value is compared within one step of its register.",
)


def write_audit_pdf(audit: Json, file: Path) -> None:
    """Write the page.

    Raises:
        OSError: the file cannot be written.
    """
    sheet = _Sheet()
    _head(sheet, audit)
    _table(sheet, audit["settings"])
    _foot(sheet, audit)
    # Without a date of its own, equal audits give equal bytes.
    metadata = {"Title": f"Settings audit of {audit['site']}", "CreationDate": None}
    sheet.figure.savefig(file, format="pdf", metadata=metadata)


class _Sheet:
    """An A4 page written from the top; places count in points from its upper left corner."""

    def __init__(self) -> None:
        self.figure = Figure(figsize=A4_INCHES)
        self.top_pt = MARGIN_PT

    def line(self, text: str, size_pt: float = 9.0, **style: Any) -> None:
        """Write a line and move below it."""
        self.top_pt += 1.35 * size_pt
        self.text(MARGIN_PT, self.top_pt, text, size_pt, **style)

    def text(self, left_pt: float, top_pt: float, text: str, size_pt: float, **style: Any) -> None:
        """Write at a place."""
        self.figure.text(
            left_pt / WIDTH_PT,
            1 - top_pt / HEIGHT_PT,
            text,
            fontsize=size_pt,
            parse_math=False,
            **{"color": INK, **style},
        )


def _head(sheet: _Sheet, audit: Json) -> None:
    code, record = audit["grid_code"], audit["audit"]
    if audit["simulated"]:
        sheet.line("SIMULATED – NOT EVIDENCE", 11, color=COLOURS["bad"], weight="bold")
    sheet.line(f"Settings audit: {audit['site']}", 15, weight="bold")
    colour = COLOURS[CONCLUSION_TONES[audit["conclusion"]]]
    sheet.line(audit["conclusion"].capitalize(), 15, color=colour, weight="bold")
    for text in _wrapped(audit["statement"]):
        sheet.line(text)
    sheet.line(_cut(identity_text(audit), STATEMENT_CHARACTERS))
    sheet.line(_cut(f"{code['id']}, {code['region']}, {code['edition']}", STATEMENT_CHARACTERS))
    where = record["address"] or "the simulated laboratory"
    sheet.line(f"{wording.date_text(record['audited_utc'])}, read at {where}")


def _wrapped(text: str) -> Iterator[str]:
    lines = textwrap.wrap(text, STATEMENT_CHARACTERS)
    yield from lines[:STATEMENT_LINES]
    if len(lines) > STATEMENT_LINES:
        yield "…"


def _table(sheet: _Sheet, settings: Sequence[Json]) -> None:
    """Write all settings, as large as the page lets them be."""
    if not settings:
        return
    sheet.top_pt += 8
    room_pt = HEIGHT_PT - 2 * MARGIN_PT - 60 - sheet.top_pt
    row_pt = min(LARGEST_ROW_PT, room_pt / (len(settings) + 1))
    rows = [[heading for _, heading, _ in COLUMNS], *map(_cells, settings)]
    for number, cells in enumerate(rows):
        sheet.top_pt += row_pt
        colour = QUIET if number == 0 else _colour(settings[number - 1])
        _row(sheet, cells, row_pt, colour)


def _cells(setting: Json) -> list[str]:
    sign = wording.SYMBOLS[setting["outcome"]]
    verdict = verdict_text(setting) if setting["exposed"] else NOT_EXPOSED
    return [
        setting["what"],
        required_text(setting),
        found_text(setting),
        quantum_text(setting),
        f"{sign} {verdict}",
    ]


def _row(sheet: _Sheet, cells: Sequence[str], row_pt: float, colour: str) -> None:
    size_pt = TEXT_SHARE * row_pt
    for (left_pt, _, characters), text in zip(COLUMNS, cells, strict=True):
        sheet.text(left_pt, sheet.top_pt, _cut(text, characters), size_pt, color=colour)


def _colour(setting: Json) -> str:
    if setting["outcome"] in ("fail", "conditional fail"):
        return COLOURS["bad"]
    return INK if setting["exposed"] else QUIET


def _foot(sheet: _Sheet, audit: Json) -> None:
    sheet.top_pt = HEIGHT_PT - MARGIN_PT - 46
    for text in CAUTION:
        sheet.line(text, 7.5, color=QUIET)
    code = audit["grid_code"]["layers"][-1]
    sheet.line(f"Limits: {code['file']}, SHA-256 {code['sha256']}", 6.5, color=QUIET)
    sheet.line("Date, name, signature:", 9)


def _cut(text: str, characters: int) -> str:
    return text if len(text) <= characters else f"{text[: characters - 1]}…"
