"""Random registers of every SunSpec model, and what pysunspec2 makes of them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sunspec2
from sunspec2 import device as sunspec_device

from instruments.inverters.sunspec_fitting import layout_of
from instruments.inverters.sunspec_values import ModelValues
from instruments.sunspec.definitions import MODELS
from instruments.sunspec.layouts import Layout, Point, encode, not_implemented

DEFINITIONS = Path(sunspec2.__file__).parent / "models" / "json"
sunspec_device.set_model_defs_path([str(DEFINITIONS)])

GROUPS = {"NCrv": 3, "NCrvSet": 2, "NCtl": 3, "NPt": 4, "NPrt": 2, "N": 3}


def layout(number: int) -> Layout:
    """Return the model with each group several times."""
    return layout_of(number, tuple(GROUPS.items()))


def random_registers(number: int, seed: int) -> list[int]:
    """Return registers of a well-formed model: any values, every fifth of them not implemented."""
    chosen = random.Random(f"{number}/{seed}")
    made = layout(number)
    words = [word for point in made.points for word in _random_words(point, chosen)]
    words[:2] = [number, made.length - 2]
    for point in made.points:
        if point.path in GROUPS:
            words[point.offset] = GROUPS[point.path]
    return words


def _random_words(point: Point, chosen: random.Random) -> list[int]:
    if chosen.random() < 0.2:
        return not_implemented(point)
    if point.kind == "sunssf":
        return encode(chosen.randint(-10, 10), point)
    if point.kind == "string":
        length = chosen.randint(1, 2 * point.words // 2)
        return encode("".join(chosen.choice("AZ az09-ö") for _ in range(length)), point)
    if point.kind == "float32":
        return encode(chosen.uniform(-1e6, 1e6), point)
    return [chosen.randint(0, 0xFFFF) for _ in range(point.words)]


def ours(number: int, registers: list[int]) -> ModelValues:
    """Return the registers as the driver decodes them."""
    return ModelValues(number, 40_002, layout(number), registers)


def theirs(number: int, registers: list[int]) -> dict[str, Any]:
    """Return pysunspec2's points by our path, of the same registers."""
    data = b"".join(word.to_bytes(2, "big") for word in registers)
    model = sunspec_device.Model(model_id=number, data=data, model_len=len(registers) - 2)
    assert not model.error_info
    return dict(_points(model, ""))


def _points(group: Any, prefix: str) -> Iterator[tuple[str, Any]]:
    for name, point in group.points.items():
        yield prefix + name, point
    for name, inner in group.groups.items():
        groups = inner if isinstance(inner, list) else [inner]
        for number, one in enumerate(groups, 1):
            yield from _points(one, f"{prefix}{name}{number if isinstance(inner, list) else ''}.")


EVERY_MODEL = tuple(MODELS)
