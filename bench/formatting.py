"""Rounding for human eyes. What decides is never rounded; what is printed is."""

from __future__ import annotations

from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, ROUND_HALF_EVEN, Context, Decimal

SIGNIFICANT_DIGITS = 2
# A context of our own: the caller's precision must not change a printed digit.
_EXACT = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN, rounding=ROUND_HALF_EVEN)


def rounded(value: Decimal, uncertainty: Decimal) -> tuple[Decimal, Decimal]:
    """Round U half-even to two significant digits and the value to the same place.

    A carry moves the place: (1.9964, 0.0996) becomes (2.00, 0.10). Without a finite U above
    zero there is no place to round to, and both come back as they are.
    """
    if not (value.is_finite() and uncertainty.is_finite() and uncertainty > 0):
        return value, uncertainty
    place = _place(uncertainty)
    place = _place(uncertainty.quantize(place, context=_EXACT))
    return value.quantize(place, context=_EXACT), uncertainty.quantize(place, context=_EXACT)


def rounded_text(value: Decimal, uncertainty: Decimal) -> tuple[str, str]:
    """Return `rounded` as plain decimals, digits beyond the place as zeros: (4010, 120)."""
    shown_value, shown_uncertainty = rounded(value, uncertainty)
    return plain(shown_value), plain(shown_uncertainty)


def plain(number: Decimal) -> str:
    """Return a number without an exponent; a rounded zero has no sign."""
    return f"{abs(number) if number.is_zero() else number:f}"


def with_unit(number: Decimal | str, unit: str) -> str:
    """Return number and unit; the unit "1" of a ratio is left out."""
    text = number if isinstance(number, str) else plain(number)
    return text if unit == "1" else f"{text} {unit}"


def _place(uncertainty: Decimal) -> Decimal:
    """Return one unit of the last place to keep, such as 0.01."""
    return Decimal((0, (1,), uncertainty.adjusted() - SIGNIFICANT_DIGITS + 1))
