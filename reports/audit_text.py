"""An audit of settings as a table for the terminal, and how its numbers are written anywhere. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from bench.formatting import plain, with_unit
from reports.wording import SYMBOLS, layer_lines

Json = Mapping[str, Any]
HEADINGS = ("", "Setting", "Required", "Found", "Step", "Verdict")
SHOWN_DIGITS = 6
SWITCH, CODE = "on", "code"
CONCLUSION_TONES = {
    "complies": "good",
    "does not comply": "bad",
    "not established": "doubt",
    "could not be read": "doubt",
}


def required_text(setting: Json) -> str:
    """Return "258 V", "≥ 60 s", or both ends."""
    low, high = setting["required"]["lower"], setting["required"]["upper"]
    if low is None and high is None:
        return "not stated"
    if setting["unit"] == SWITCH:
        return _switch(float(low))
    if low == high:
        return with_unit(plain(Decimal(low)), setting["unit"])
    sides = {"≥": low, "≤": high}
    stated = [f"{sign} {plain(Decimal(side))}" for sign, side in sides.items() if side is not None]
    return with_unit(" and ".join(stated), setting["unit"])


def found_text(setting: Json) -> str:
    """Return what the inverter reports."""
    if not setting["exposed"]:
        return "–"
    if setting["unit"] == SWITCH:
        return _switch(setting["found"])
    return with_unit(number(setting["found"]), setting["found_unit"])


def quantum_text(setting: Json) -> str:
    """Return the step of the register."""
    if not setting["exposed"] or setting["unit"] in (SWITCH, CODE):
        return "–"
    return with_unit(number(setting["quantum"]), setting["found_unit"])


def verdict_text(setting: Json) -> str:
    """Return the verdict, or why there is none."""
    if setting["outcome"] == "not tested":
        return str(setting["reason"])
    reason = f" ({setting['reason']})" if setting["reason"] else ""
    return f"{setting['outcome']}{reason}"


def number(value: float) -> str:
    """Return a number as people write it: no exponent, no digits of binary arithmetic."""
    shown = f"{Decimal(f'{value:.{SHOWN_DIGITS}g}'):f}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def identity_text(audit: Json) -> str:
    """Return who answered, and the region it says it is set to."""
    identity = audit["identity"]
    if identity is None:
        return "nobody that could be identified"
    return (
        f"{identity['maker']} {identity['model']}, serial {identity['serial'] or 'not reported'}, firmware "
        f"{identity['firmware'] or 'not reported'}, region {identity['region'] or 'not reported'}"
    )


def audit_lines(audit: Json) -> Iterator[str]:
    """Yield the audit of one inverter."""
    code = audit["grid_code"]
    if audit["simulated"]:
        yield "SIMULATED – NOT EVIDENCE"
    yield f"{audit['site']}: {identity_text(audit)}"
    yield f"{code['id']} ({code['region']}), {code['edition']}"
    yield from layer_lines(code)
    yield ""
    if audit["settings"]:
        yield from _table([HEADINGS, *map(_row, audit["settings"])])
        yield ""
    yield f"{audit['conclusion'].upper()}: {audit['statement']}"


def _switch(value: float) -> str:
    return {0.0: "off", 1.0: "on"}.get(value, f"neither on nor off: {value:g}")


def _row(setting: Json) -> tuple[str, ...]:
    return (
        SYMBOLS[setting["outcome"]],
        setting["what"],
        required_text(setting),
        found_text(setting),
        quantum_text(setting),
        verdict_text(setting),
    )


def _table(rows: list[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(len(row[place]) for row in rows) for place in range(len(HEADINGS))]
    for row in rows:
        cells = [f"{text:{width}}" for text, width in zip(row, widths, strict=True)]
        yield "  ".join(cells).rstrip()
