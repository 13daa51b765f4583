"""Which layout a device's model has: its groups repeat as often as it says, and its length must agree. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from math import prod

from instruments.inverters.sunspec_values import ModelValues
from instruments.sunspec.definitions import MODELS
from instruments.sunspec.layouts import HEADER, Layout
from instruments.sunspec.legacy_definitions import FILLED

COMMON, COMMON_LENGTHS = 1, (67, 68)
"""Model 1 may end without its padding (SunSpec Device Information Model, common model)."""


@lru_cache(maxsize=128)
def layout_of(number: int, counts: tuple[tuple[str, int], ...] = ()) -> Layout:
    """Return the layout of a model whose groups repeat as often as stated, else not at all."""
    definition = HEADER + MODELS[number]
    return Layout(definition, dict.fromkeys(_count_points(definition), 0) | dict(counts))


def one_of_each(number: int) -> Layout:
    """Return the layout of a model with every group once."""
    return layout_of(number, tuple((name, 1) for name in _count_points(HEADER + MODELS[number])))


def fitting_layout(number: int, length: int, words: Sequence[int]) -> tuple[Layout, str]:
    """Return the layout of a device's model, and what is wrong with its length; empty when nothing is.

    Args:
        length: registers the device says the model has, those of ID and length among them.
        words: the model's registers, as many as were read.
    """
    fixed = layout_of(number)
    counts = _counts(number, length, words)
    if counts is None:
        return fixed, f"is {length} registers long, which its own counts contradict"
    layout = layout_of(number, counts)
    permitted = COMMON_LENGTHS if number == COMMON else (layout.length,)
    if length in permitted:
        return layout, ""
    wanted = " or ".join(map(str, permitted))
    return fixed, f"is {length} registers long, expected {wanted}"


def _counts(number: int, length: int, words: Sequence[int]) -> tuple[tuple[str, int], ...] | None:
    """Return how often the groups repeat; None when more often than there is room for."""
    fixed = layout_of(number)
    names = _count_points(HEADER + MODELS[number])
    if number in FILLED:
        group = layout_of(number, ((names[0], 1),)).length - fixed.length
        number_of_groups, rest = divmod(length - fixed.length, group)
        return ((names[0], number_of_groups),) if rest == 0 and length >= fixed.length else None
    start = ModelValues(number, 0, fixed, words)
    counts = [start.integer(name) or 0 for name in names]
    return tuple(zip(names, counts, strict=True)) if prod(counts) <= length else None


@lru_cache(maxsize=128)
def _count_points(definition: str) -> tuple[str, ...]:
    """Return the points that say how often groups repeat, each once."""
    return tuple(dict.fromkeys(re.findall(r"\[(\w+)\]", definition)))
