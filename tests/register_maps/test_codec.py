"""Registers to values and back: bytes worked out by hand, and pymodbus as an independent reader."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymodbus.client import ModbusTcpClient

from instruments.register_maps.codec import Unencodable, decode, encode, exponent_in
from instruments.register_maps.model import Point, Table

WORDS = {"u16": 1, "s16": 1, "u32": 2, "s32": 2, "u64": 4, "f32": 2, "f64": 4}
FOREIGN = {
    "u16": ModbusTcpClient.DATATYPE.UINT16,
    "s16": ModbusTcpClient.DATATYPE.INT16,
    "u32": ModbusTcpClient.DATATYPE.UINT32,
    "s32": ModbusTcpClient.DATATYPE.INT32,
    "u64": ModbusTcpClient.DATATYPE.UINT64,
    "f32": ModbusTcpClient.DATATYPE.FLOAT32,
    "f64": ModbusTcpClient.DATATYPE.FLOAT64,
}


def point(kind: str, **more: Any) -> Point:
    words = more.pop("words", WORDS.get(kind, 1))
    return Point("p", Table.HOLDING, 0, kind, words, **more)


@pytest.mark.parametrize(
    ("registers", "described", "value"),
    [
        ([2650], {"scale": 0.1}, 265.0),
        ([23], {"scale": 0.1}, 2.3),
        ([0xFFFF], {"kind": "s16"}, -1.0),
        ([0x0001, 0x0000], {"kind": "u32"}, 65536.0),
        ([0x0001, 0x0000], {"kind": "u32", "low_word_first": True}, 1.0),
        ([0xFFFF, 0xFFFE], {"kind": "s32"}, -2.0),
        ([0x4384, 0x8000], {"kind": "f32"}, 265.0),
        ([0x8000, 0x4384], {"kind": "f32", "low_word_first": True}, 265.0),
        ([0b1011_0000], {"bits": (4, 5)}, 3.0),
        ([9500], {"scale": 0.0001, "offset": 10000.0, "negated": True}, 0.05),
        ([0x4163, 0x6D65, 0], {"kind": "string", "words": 3}, "Acme"),
    ],
)
def test_values_worked_out_by_hand(
    registers: list[int], described: dict[str, Any], value: float | str
) -> None:
    described = dict(described)
    one = point(described.pop("kind", "u16"), **described)
    assert decode(registers, one) == value
    assert decode(encode(value, one, before=registers[0]), one) == value


@pytest.mark.parametrize(
    ("kind", "registers", "codes"),
    [
        ("u16", [0xFFFF], (0xFFFF,)),
        ("s16", [0x7FFF], (0x7FFF,)),
        ("u32", [0xFF, 0xFFFD], (16777213,)),
    ],
)
def test_not_implemented_is_no_number(
    kind: str, registers: list[int], codes: tuple[int, ...]
) -> None:
    assert decode(registers, point(kind, not_implemented=codes)) is None


def test_a_float_that_is_no_number_is_no_value() -> None:
    assert decode([0x7FC0, 0], point("f32")) is None


def test_without_its_scale_register_a_number_is_no_value() -> None:
    assert decode([950], point("u16"), None) is None


@pytest.mark.parametrize("raw", [None, -32768.0, 11.0, "x"])
def test_what_cannot_be_a_power_of_ten_is_none(raw: float | str | None) -> None:
    assert exponent_in(raw) is None


@given(st.sampled_from(sorted(FOREIGN)), st.booleans(), st.data())
def test_numbers_agree_with_another_reader(kind: str, low_first: bool, data: st.DataObject) -> None:
    word = st.integers(0, 0xFFFF)
    registers = data.draw(st.lists(word, min_size=WORDS[kind], max_size=WORDS[kind]))
    order = "little" if low_first else "big"
    theirs = ModbusTcpClient.convert_from_registers(registers, FOREIGN[kind], word_order=order)
    ours = decode(registers, point(kind, low_word_first=low_first))
    expected = float(theirs)
    assert ours is None if not math.isfinite(expected) else ours == expected


@given(st.integers(0, 0xFFFF), st.integers(0, 15), st.data())
def test_a_field_leaves_the_other_bits_alone(before: int, first: int, data: st.DataObject) -> None:
    last = data.draw(st.integers(first, 15))
    raw = data.draw(st.integers(0, (1 << last - first + 1) - 1))
    [after] = encode(float(raw), point("u16", bits=(first, last)), before=before)
    mask = sum(1 << bit for bit in range(first, last + 1))
    assert after & ~mask == before & ~mask
    assert (after & mask) >> first == raw


@given(st.floats(0, 6553.5), st.sampled_from([0.1, 0.01, 1.0, 0.5]))
def test_a_value_comes_back_within_half_a_step(value: float, scale: float) -> None:
    one = point("u32", scale=scale)
    back = decode(encode(value, one), one)
    assert isinstance(back, float)
    assert abs(back - value) <= scale / 2 * (1 + 1e-9)


@pytest.mark.parametrize(
    ("kind", "value"), [("u16", -1.0), ("u16", 65536.0), ("s16", 32768.0), ("f32", 1e39)]
)
def test_what_does_not_fit_is_refused(kind: str, value: float) -> None:
    with pytest.raises(Unencodable):
        encode(value, point(kind))
