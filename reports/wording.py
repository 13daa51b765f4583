"""How values of the results document are written for people. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from bench.formatting import rounded_text, with_unit

SYMBOLS = {
    "pass": "✓",
    "conditional pass": "(✓)",
    "inconclusive": "?",
    "conditional fail": "(✗)",
    "fail": "✗",
    "invalid": "!",
    "not tested": "–",
    "not applicable": "○",
}
"""Outcome → sign; a report never tells outcomes by colour alone."""

MEANINGS = {
    "pass": "the measured value is permitted, by the decision rule of this run",
    "conditional pass": "inside the limit, but by less than the uncertainty",
    "inconclusive": "measured, but the measurement cannot decide",
    "conditional fail": "outside the limit, but by less than the uncertainty",
    "fail": "the measured value is not permitted, by the decision rule of this run",
    "invalid": "the bench could not judge; this says nothing about the inverter",
    "not tested": "there is no result, for the reason given",
    "not applicable": "the requirement does not concern this inverter",
}
CENSORED = {"at least": "≥ ", "at most": "≤ ", None: ""}
CERTAIN = 0.9999
SUPERSCRIPTS = str.maketrans("−0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def measured_value(measurement: Mapping[str, Any]) -> str:
    """Return "1.5123 ± 0.0004", with the sign of a censored value in front."""
    value, uncertainty = _value_and_uncertainty(measurement)
    shown, shown_uncertainty = rounded_text(value, uncertainty)
    return f"{CENSORED[measurement['censored']]}{shown} ± {shown_uncertainty}"


def measured_text(measurement: Mapping[str, Any]) -> str:
    """Return "1.5123 ± 0.0004 s"."""
    return with_unit(measured_value(measurement), measurement["unit"])


def limit_text(limit: Mapping[str, Any]) -> str:
    """Return "≥ 1.0 s", "≤ 2.0 s" or both; "<" where the edge itself is not permitted."""
    return _sides(limit["lower"], limit["upper"], limit)


def acceptance_text(verdict: Mapping[str, Any]) -> str:
    """Return the values the decision rule accepts, to the place of the uncertainty."""
    _, uncertainty = _value_and_uncertainty(verdict["measurement"])
    low, high = (
        None if edge is None else rounded_text(Decimal(edge), uncertainty)[0]
        for edge in verdict["acceptance"]
    )
    return _sides(low, high, verdict["limit"])


def margin_text(verdict: Mapping[str, Any]) -> str:
    """Return the distance to the nearest edge with its sign; positive is inside."""
    if verdict["margin"] is None:
        return "–"
    margin = Decimal(verdict["margin"])
    _, uncertainty = _value_and_uncertainty(verdict["measurement"])
    sign = "−" if margin < 0 else "+"
    return with_unit(f"{sign}{rounded_text(abs(margin), uncertainty)[0]}", verdict["limit"]["unit"])


def in_uncertainties(verdict: Mapping[str, Any]) -> str:
    """Return the margin as a multiple of U."""
    ratio = verdict["margin_in_uncertainties"]
    return "–" if ratio is None else f"{float(f'{float(ratio):.3g}'):+g}".replace("-", "−")


def probability_text(probability: float | None) -> str:
    """Return a probability in percent; what is certain to 0.01 % says so."""
    if probability is None:
        return "–"
    if probability > CERTAIN:
        return "> 99.99 %"
    return "< 0.01 %" if probability < 1 - CERTAIN else f"{100 * probability:.2f} %"


def distinction(trial: Mapping[str, Any]) -> str:
    """Return what tells a trial from the others of its requirement."""
    conditions = [
        text if name != "repetition" else f"run {text}"
        for name, text in trial["conditions"].items()
        if (name, text) != ("repetition", "1")
    ]
    return ", ".join(conditions) or "trial"


def number_text(value: str | float | None) -> str:
    """Return a number with at most four significant digits; "∞" for None."""
    if value is None:
        return "∞"
    rounded = float(f"{float(value):.4g}")
    mantissa, _, exponent = f"{rounded:.10g}".replace("-", "−").partition("e")
    if not exponent:
        return mantissa
    power = exponent.lstrip("+").replace("−0", "−").translate(SUPERSCRIPTS)
    return f"{mantissa} × 10{power}"


def interval_text(measurement: Mapping[str, Any]) -> str:
    """Return the earliest and latest value the evidence permits."""
    if measurement["interval"] is None:
        return "–"
    _, uncertainty = _value_and_uncertainty(measurement)
    low, high = (rounded_text(Decimal(edge), uncertainty)[0] for edge in measurement["interval"])
    return with_unit(f"{low} … {high}", measurement["unit"])


def duration_text(seconds: float | None) -> str:
    """Return "1 h 56 min 45 s", or seconds with a decimal below a minute."""
    if seconds is None:
        return "not known"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return " ".join([*([f"{hours} h"] if hours else []), f"{minutes} min", f"{rest} s"])


def date_text(utc: str | None) -> str:
    """Return "2026-11-21 09:14:42 UTC"."""
    if utc is None:
        return "not known"
    return f"{datetime.fromisoformat(utc):%Y-%m-%d %H:%M:%S} UTC"


def bytes_text(count: int) -> str:
    """Return a size in kB."""
    return f"{count / 1000:,.1f} kB"


def words(name: str) -> str:
    """Return a name of the program as words: power_analyser → power analyser."""
    return name.replace("_", " ")


def _value_and_uncertainty(measurement: Mapping[str, Any]) -> tuple[Decimal, Decimal]:
    return Decimal(measurement["value"]), Decimal(measurement["expanded_uncertainty"])


def _sides(low: str | None, high: str | None, limit: Mapping[str, Any]) -> str:
    sides = {"≥": low, "≤": high} if limit["inclusive"] else {">": low, "<": high}
    stated = [f"{sign} {side}" for sign, side in sides.items() if side is not None]
    return with_unit(" and ".join(stated), limit["unit"]) if stated else "–"


CHANGING, ADDING = ("overlay", "distributor"), "export limits"
"""Kinds of layers that restate numbers of a grid code, and the kind that adds requirements to it."""


def layer_lines(grid_code: Mapping[str, Any]) -> list[str]:
    """Return who changed limits of the grid code, one line for each overlay and distributor."""
    return [
        f"{layer['kind']} {layer['title']}{_study_text(layer['study'])}: {_changed(layer)}"
        if layer["kind"] in CHANGING
        else f"{layer['kind']}: {layer['title']}"
        for layer in grid_code.get("layers", ())
        if layer["kind"] in (*CHANGING, ADDING)
    ]


def _study_text(study: Mapping[str, str] | None) -> str:
    if study is None:
        return ""
    return f" (network study “{study['title']}”, {study['publisher']}, {study['date']})"


def _changed(layer: Mapping[str, Any]) -> str:
    texts = [
        f"{change['requirement']} {change['quantity']} {change['after']} instead of {change['before']}"
        for change in layer["changes"]
    ]
    return "; ".join(texts) or "no limit"
