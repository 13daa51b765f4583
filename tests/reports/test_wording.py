"""How values are written for people."""

from __future__ import annotations

from typing import Any

import pytest

from reports import wording


def measurement(value: str, uncertainty: str, **more: Any) -> dict[str, Any]:
    return {
        "value": value,
        "expanded_uncertainty": uncertainty,
        "unit": "s",
        "censored": None,
        "interval": None,
        **more,
    }


def verdict(margin: str | None, **more: Any) -> dict[str, Any]:
    limit = {"lower": None, "upper": "2.0", "unit": "s"}
    return {"margin": margin, "measurement": measurement("1.5", "0.0082"), "limit": limit, **more}


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (measurement("1.620", "0.008137"), "1.6200 ± 0.0081 s"),
        (measurement("1.9964", "0.0996"), "2.00 ± 0.10 s"),
        (measurement("12.99585", "0.00074", censored="at least"), "≥ 12.99585 ± 0.00074 s"),
        (measurement("0.1", "0.01", censored="at most"), "≤ 0.100 ± 0.010 s"),
        (measurement("NaN", "0.01"), "NaN ± 0.01 s"),
    ],
)
def test_a_measurement_is_rounded_to_its_uncertainty(found: dict[str, Any], expected: str) -> None:
    assert wording.measured_text(found) == expected


@pytest.mark.parametrize(
    ("lower", "upper", "expected"),
    [("1.0", None, "≥ 1.0 s"), (None, "2.0", "≤ 2.0 s"), ("1.0", "2.0", "≥ 1.0 and ≤ 2.0 s")],
)
def test_a_limit_names_its_sides(lower: str | None, upper: str | None, expected: str) -> None:
    limit = {"lower": lower, "upper": upper, "unit": "s", "inclusive": True}
    assert wording.limit_text(limit) == expected


def test_an_edge_that_is_not_permitted_itself_is_shown_as_such() -> None:
    limit = {"lower": "1.0", "upper": "2.0", "unit": "s", "inclusive": False}
    assert wording.limit_text(limit) == "> 1.0 and < 2.0 s"


@pytest.mark.parametrize(
    ("margin", "expected"),
    [("0.4877", "+0.4877 s"), ("-0.31756", "−0.3176 s"), ("0.0000", "+0.0000 s"), (None, "–")],
)
def test_a_margin_has_a_sign(margin: str | None, expected: str) -> None:
    assert wording.margin_text(verdict(margin)) == expected


@pytest.mark.parametrize(
    ("probability", "expected"),
    [(1.0, "> 99.99 %"), (0.97725, "97.72 %"), (0.5, "50.00 %"), (0.0, "< 0.01 %"), (None, "–")],
)
def test_no_probability_is_printed_as_certain(probability: float | None, expected: str) -> None:
    assert wording.probability_text(probability) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (10000.0, "10000"),
        (5.7735e-05, "5.774 × 10⁻⁵"),
        (-1.5, "−1.5"),
        ("1.9599639845", "1.96"),
        (None, "∞"),
    ],
)
def test_a_number_has_four_digits_at_most(value: float | str | None, expected: str) -> None:
    assert wording.number_text(value) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(1.54, "1.5 s"), (59.99, "60.0 s"), (412.4, "6 min 52 s"), (7005.7, "1 h 56 min 46 s")],
)
def test_a_duration_is_told_in_parts(seconds: float, expected: str) -> None:
    assert wording.duration_text(seconds) == expected


def test_what_is_not_known_is_not_zero() -> None:
    assert wording.duration_text(None) == "not known"
    assert wording.date_text(None) == "not known"


def test_a_date_is_told_to_the_second_in_utc() -> None:
    assert wording.date_text("2026-11-21T09:14:42.699942+00:00") == "2026-11-21 09:14:42 UTC"


def test_every_outcome_has_a_sign_of_its_own_and_a_meaning() -> None:
    assert len(set(wording.SYMBOLS.values())) == len(wording.SYMBOLS)
    assert wording.SYMBOLS.keys() == wording.MEANINGS.keys()
