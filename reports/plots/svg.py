"""A figure as a small SVG that can stand in a file or inside a page.

Deterministic: no date, ids made of the plot's name. Texts stay texts in the reader's own sans-serif font, so
a sign that the font used for measuring widths lacks is no loss.
"""

from __future__ import annotations

import re
import warnings
from html import escape
from io import StringIO
from typing import Any

import matplotlib
from matplotlib.figure import Figure

SETTINGS: dict[Any, Any] = {
    "svg.fonttype": "none",
    "path.simplify": False,
    "font.sans-serif": ["DejaVu Sans"],
}
NAMESPACE = 'xmlns="http://www.w3.org/2000/svg" '
FONTS = "system-ui, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
NO_METADATA = {"Date": None, "Creator": None, "Format": None, "Type": None}
ROOT = re.compile(r'<svg .*?viewBox="([^"]+)"[^>]*>', re.DOTALL)
GROUP_IDS = re.compile(r'<g id="[a-zA-Z]\w*_\d+">')
FONT_FAMILY = re.compile(r"; ?font-family: [^;\"]+|font-family: [^;\"]+; ?")
WHITE_SPACE = re.compile(r"\s*\n\s*")
REFERENCES = re.compile(r'(id="|url\(#|href="#)')
NO_ROTATION = re.compile(r' transform="rotate\(-?0 [^"]*\)"')


def svg_text(figure: Figure, name: str, title: str, description: str) -> str:
    """Return the `<svg>` element of a figure, for a page.

    Args:
        name: unique among the plots of a page; ids begin with it.
        title, description: what a reader who cannot see the plot is told.
    """
    stream = StringIO()
    with warnings.catch_warnings(), matplotlib.rc_context({**SETTINGS, "svg.hashsalt": name}):
        warnings.filterwarnings("ignore", "Glyph .* missing from font", UserWarning)
        figure.savefig(stream, format="svg", metadata=NO_METADATA)
    drawn = stream.getvalue()
    root = ROOT.search(drawn)
    if root is None:
        raise ValueError("the drawing library wrote no <svg> element with a view box")
    return _head(root[1], name, title, description) + _tidied(drawn[root.end() :], name)


def svg_file(svg: str) -> str:
    """Return an `<svg>` element as the text of a file of its own."""
    head = '<?xml version="1.0" encoding="utf-8"?>\n<svg ' + NAMESPACE
    linked = 'xmlns:xlink="http://www.w3.org/1999/xlink" '
    return head + linked + svg.removeprefix("<svg ")


def _head(view_box: str, name: str, title: str, description: str) -> str:
    key = _key(name)
    return (
        f'<svg viewBox="{view_box}" role="img" aria-labelledby="{key}-t {key}-d" '
        f'font-family="{FONTS}"><title id="{key}-t">{escape(title)}</title>'
        f'<desc id="{key}-d">{escape(description)}</desc>'
    )


def _tidied(body: str, name: str) -> str:
    """Drop ids nobody refers to, fonts and indentation; make the other ids unique in a page."""
    body = GROUP_IDS.sub("<g>", body)
    body = NO_ROTATION.sub("", FONT_FAMILY.sub("", body))
    body = WHITE_SPACE.sub(" ", body).replace("> <", "><").strip()
    return REFERENCES.sub(rf"\g<1>{_key(name)}-", body)


def _key(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", f"plot-{name}")
