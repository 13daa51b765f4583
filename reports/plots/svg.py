"""The words of SVG: elements, numbers and ids, and an `<svg>` element as a page or a file holds it.

Texts stay texts in the reader's own sans-serif font, so a sign that one font lacks is no loss.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape

from instruments.interfaces import Samples

NAMESPACE = 'xmlns="http://www.w3.org/2000/svg" '
FONTS = "system-ui, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"


Attributes = Mapping[str, str | float]


def element(tag: str, attributes: Attributes, body: str | None = None) -> str:
    """Return an element; its body is markup already, its attributes are not."""
    written = "".join(
        f' {name}="{escape(value) if isinstance(value, str) else number(value)}"'
        for name, value in attributes.items()
    )
    return f"<{tag}{written}/>" if body is None else f"<{tag}{written}>{body}</{tag}>"


def number(value: float) -> str:
    """Return a number with at most two decimals."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def numbers(values: Samples) -> str:
    """Return numbers with at most one decimal, one blank between two."""
    # Adding zero takes the sign of a negative zero away.
    texts = " ".join(map(repr, (values.round(1) + 0.0).ravel().tolist())) + " "
    return texts.replace(".0 ", " ").rstrip()


def picture(
    name: str, size: tuple[float, float], title: str, description: str, body: Sequence[str]
) -> str:
    """Return the `<svg>` element of a plot, for a page.

    Args:
        name: unique among the plots of a page; ids begin with it.
        size: width and height in points.
        title, description: what a reader who cannot see the plot is told.
    """
    key = id_of(name)
    words = element("title", {"id": f"{key}-t"}, escape(title))
    words += element("desc", {"id": f"{key}-d"}, escape(description))
    return (
        f'<svg viewBox="0 0 {number(size[0])} {number(size[1])}" role="img" '
        f'aria-labelledby="{key}-t {key}-d" font-family="{FONTS}" stroke-linejoin="round">'
        f"{words}{''.join(body)}</svg>"
    )


def svg_file(svg: str) -> str:
    """Return an `<svg>` element as the text of a file of its own."""
    return '<?xml version="1.0" encoding="utf-8"?>\n<svg ' + NAMESPACE + svg.removeprefix("<svg ")


def id_of(name: str) -> str:
    """Return an id for a plot of that name."""
    return re.sub(r"[^A-Za-z0-9]+", "-", f"plot-{name}")
