"""Layouts against the published definitions, and registers against pysunspec2's own encoding."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sunspec2 import mb

from instruments.sunspec.definitions import MODELS
from instruments.sunspec.layouts import HEADER, Layout, Point, decode, encode
from tests.simulated.register_bench import DEFINITIONS

COUNTS = dict.fromkeys(("NCrv", "NCrvSet", "NCtl", "NPt", "NPrt", "N"), 2)
Row = tuple[str, str, int, Any, bool]


def defined(model: int) -> Iterator[Row]:
    """Points of the published definition, every repeated group twice."""
    text = (DEFINITIONS / f"model_{model}.json").read_text(encoding="utf-8")

    def points(group: dict[str, Any], prefix: str) -> Iterator[Row]:
        for point in group["points"]:
            writable = point.get("access") == "RW"
            yield prefix + point["name"], point["type"], point["size"], point.get("sf"), writable
        for inner in group.get("groups", []):
            numbers = ("1", "2") if "count" in inner else ("",)
            for number in numbers:
                yield from points(inner, f"{prefix}{inner['name']}{number}.")

    return points(json.loads(text)["group"], "")


@pytest.mark.parametrize("model", MODELS)
def test_layouts_are_those_of_the_published_models(model: int) -> None:
    laid_out = Layout(HEADER + MODELS[model], COUNTS).points

    assert [(p.path, p.kind, p.words, p.scale, p.writable) for p in laid_out] == list(
        defined(model)
    )


def test_points_that_belong_together_are_those_of_synchronous_groups() -> None:
    together = {p.path for p in Layout(HEADER + MODELS[704]).points if p.together}

    assert together == {
        f"{group}.{name}"
        for group in ("PFWInj", "PFWInjRvrt", "PFWAbs", "PFWAbsRvrt")
        for name in ("PF", "Ext")
    }


KINDS = ["int16", "uint16", "enum16", "int32", "uint32", "bitfield32", "uint64", "acc32", "sunssf"]
WORDS = {"uint64": 4} | dict.fromkeys(("int32", "uint32", "bitfield32", "acc32"), 2)


def a_point(kind: str) -> Point:
    return Point("X", 0, kind, WORDS.get(kind, 1), None, True)


@given(kind=st.sampled_from(KINDS), data=st.binary(min_size=8, max_size=8))
def test_any_registers_are_read_as_pysunspec2_reads_them(kind: str, data: bytes) -> None:
    point = a_point(kind)
    data = data[: 2 * point.words]
    _, is_implemented, from_data, *_ = mb.point_type_info[kind]
    expected = from_data(data)
    registers = [int.from_bytes(data[k : k + 2], "big") for k in range(0, len(data), 2)]

    assert decode(registers, point) == (expected if is_implemented(expected) else None)


@given(kind=st.sampled_from(KINDS), value=st.integers(-(2**70), 2**70))
def test_a_value_that_does_not_fit_becomes_the_nearest_that_is_implemented(
    kind: str, value: int
) -> None:
    point = a_point(kind)
    read = decode(encode(value, point), point)

    assert read is not None or (kind == "acc32" and value <= 0)
    if read is not None:
        nearer = [v for v in (value, 0) if decode(encode(v, point), point) == v]
        assert all(abs(read - value) <= abs(v - value) for v in nearer)


@given(value=st.floats(-3200, 3200), exponent=st.integers(-1, 1))
def test_a_scaled_value_comes_back_to_half_its_resolution(value: float, exponent: int) -> None:
    point = a_point("int16")

    read = decode(encode(value, point, exponent), point, exponent)

    assert isinstance(read, float | int)
    assert abs(read - value) <= 0.5 * 10.0**exponent * (1 + 1e-9)


@pytest.mark.parametrize("kind", [*KINDS, "string"])
def test_no_value_is_the_code_for_not_implemented(kind: str) -> None:
    point = Point("X", 0, kind, 4, None, True) if kind == "string" else a_point(kind)
    data = b"".join(word.to_bytes(2, "big") for word in encode(None, point))

    assert data == mb.create_unimpl_value(kind, 8)


def test_a_value_without_its_scale_factor_is_an_error() -> None:
    layout = Layout("W:int16/W_SF W_SF:sunssf")

    with pytest.raises(ValueError, match="W_SF has none"):
        layout.encode({"W": 100.0})


def test_an_item_that_is_none_is_an_error() -> None:
    with pytest.raises(ValueError, match="'W-int16'"):
        Layout("W-int16")
