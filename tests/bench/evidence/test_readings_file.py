"""Series of readings as CSV: exact, with units, and another form is refused."""

from __future__ import annotations

import csv
from math import nan
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.evidence.readings_file import load_readings, readings_bytes
from instruments.errors import EvidenceError
from instruments.interfaces import Reading

FLOATS = st.floats(allow_nan=False)
PHASES = st.tuples(FLOATS, FLOATS, FLOATS)
READINGS = st.builds(
    Reading,
    FLOATS,
    FLOATS,
    PHASES,
    PHASES,
    PHASES,
    FLOATS,
    requested_s=FLOATS,
    answered_s=FLOATS,
    reactive_powers_var=PHASES,
)
READING = Reading(1.0, 0.2, (230.0, 231.0, 232.0), (1.0, 2.0, 3.0), (4.0, 5.0, 6.0), 50.0, 7.0, 8.0)


def stored(path: Path, *readings: Reading) -> Path:
    path.write_bytes(readings_bytes(readings))
    return path


@given(st.lists(READINGS, max_size=4))
def test_no_reading_loses_a_bit(
    tmp_path_factory: pytest.TempPathFactory, readings: list[Reading]
) -> None:
    path = tmp_path_factory.mktemp("readings") / "series.csv"
    assert load_readings(stored(path, *readings)) == readings


def test_a_frequency_nobody_found_stays_nan(tmp_path: Path) -> None:
    lost = Reading(1.0, 0.2, (0.0,) * 3, (0.0,) * 3, (0.0,) * 3, nan, 0.9, 1.1)
    [back] = load_readings(stored(tmp_path / "series.csv", lost))
    assert np.isnan(back.frequency_hz)


def test_numpy_floats_are_written_as_plain_numbers(tmp_path: Path) -> None:
    reading = Reading(np.float64(0.1), 0.2, (0.0,) * 3, (0.0,) * 3, (0.0,) * 3, 50.0, 0.9, 1.1)
    [back] = load_readings(stored(tmp_path / "series.csv", reading))
    assert back.end_s == 0.1


def test_a_spreadsheet_finds_each_number_under_its_name_and_unit(tmp_path: Path) -> None:
    with stored(tmp_path / "series.csv", READING).open(encoding="ascii", newline="") as stream:
        [row] = csv.DictReader(stream)
    assert (row["u2_v"], row["i3_a"], row["p1_w"]) == ("231.0", "3.0", "4.0")
    assert (row["end_s"], row["frequency_hz"], row["answered_s"]) == ("1.0", "50.0", "8.0")


@pytest.mark.parametrize("text", ["", "time,value\n1,2\n", "µ\n"])
def test_a_table_of_another_form_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "other.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(EvidenceError, match=r"other\.csv"):
        load_readings(path)


@pytest.mark.parametrize("damage", [("231.0", "fast"), (",50.0", ""), ("50.0", "50.0,1.0")])
def test_a_damaged_row_is_named_by_line(tmp_path: Path, damage: tuple[str, str]) -> None:
    path = stored(tmp_path / "series.csv", READING, READING)
    head, first, second = path.read_text(encoding="ascii").splitlines()
    path.write_text("\n".join((head, first, second.replace(*damage))), encoding="ascii")
    with pytest.raises(EvidenceError, match="line 3: expected 17 numbers"):
        load_readings(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match=r"absent\.csv"):
        load_readings(tmp_path / "absent.csv")
