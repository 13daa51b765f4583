"""A series of analyser readings as one CSV file; the unit is part of each column's name."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from io import StringIO
from pathlib import Path

from instruments.errors import EvidenceError
from instruments.interfaces import PhaseValues, Reading

PHASES = (1, 2, 3)
READING_COLUMNS = (
    "end_s",
    "window_s",
    *(f"u{phase}_v" for phase in PHASES),
    *(f"i{phase}_a" for phase in PHASES),
    *(f"p{phase}_w" for phase in PHASES),
    "frequency_hz",
    "requested_s",
    "answered_s",
    *(f"q{phase}_var" for phase in PHASES),
)
SITE_COLUMNS = tuple(f"site{phase}_w" for phase in PHASES)
"""Columns that follow where a site meter was read."""


def readings_bytes(readings: Sequence[Reading]) -> bytes:
    """Return the file's content; every float is written so that it comes back bit for bit."""
    text = StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    at_site = bool(readings) and readings[0].site_powers_w is not None
    writer.writerow((*READING_COLUMNS, *SITE_COLUMNS) if at_site else READING_COLUMNS)
    writer.writerows([repr(float(value)) for value in _row(reading)] for reading in readings)
    return text.getvalue().encode("ascii")


def load_readings(path: Path) -> list[Reading]:
    """Return the readings of a file this module wrote.

    Raises:
        EvidenceError: it cannot be read or has another form.
    """
    try:
        with path.open(encoding="ascii", newline="") as stream:
            header, *rows = list(csv.reader(stream)) or [[]]
    except (OSError, UnicodeDecodeError) as error:
        raise EvidenceError(f"readings {path} cannot be read: {error}") from error
    if tuple(header) not in (READING_COLUMNS, (*READING_COLUMNS, *SITE_COLUMNS)):
        raise EvidenceError(f"{path}: expected the columns {', '.join(READING_COLUMNS)}")
    return [_reading(path, line, row) for line, row in enumerate(rows, 2)]


def _row(reading: Reading) -> tuple[float, ...]:
    return (
        reading.end_s,
        reading.window_s,
        *reading.voltages_v,
        *reading.currents_a,
        *reading.active_powers_w,
        reading.frequency_hz,
        reading.requested_s,
        reading.answered_s,
        *reading.reactive_powers_var,
        *(reading.site_powers_w or ()),
    )


def _reading(path: Path, line: int, row: Sequence[str]) -> Reading:
    try:
        end, window, u1, u2, u3, i1, i2, i3, p1, p2, p3, *others = map(float, row)
        frequency, requested, answered, q1, q2, q3, *site = others
        site_powers_w = _three(site) if site else None
    except ValueError as error:
        raise EvidenceError(
            f"{path}, line {line}: expected {len(READING_COLUMNS)} numbers or three more, found {row}"
        ) from error
    return Reading(
        end_s=end,
        window_s=window,
        voltages_v=(u1, u2, u3),
        currents_a=(i1, i2, i3),
        active_powers_w=(p1, p2, p3),
        frequency_hz=frequency,
        requested_s=requested,
        answered_s=answered,
        reactive_powers_var=(q1, q2, q3),
        site_powers_w=site_powers_w,
    )


def _three(values: Sequence[float]) -> PhaseValues:
    """Return one value per phase. Raises ValueError for another number of them."""
    a, b, c = values
    return (a, b, c)
