"""Every point of every model, decoded and encoded as pysunspec2 does it, on random registers."""

from __future__ import annotations

import math
import random
import struct
from collections.abc import Iterator
from typing import Any

import pytest

from instruments.sunspec.layouts import Point, decode, encode
from tests.sunspec.published import EVERY_MODEL, layout, ours, random_registers, theirs

SEEDS = range(20)


@pytest.mark.parametrize("number", EVERY_MODEL)
def test_both_see_the_same_points(number: int) -> None:
    assert list(theirs(number, random_registers(number, 0))) == list(layout(number).by_path)


@pytest.mark.parametrize("number", EVERY_MODEL)
def test_every_value_is_implemented_for_both_or_for_neither(number: int) -> None:
    for seed in SEEDS:
        registers = random_registers(number, seed)
        values, oracle = ours(number, registers), theirs(number, registers)
        for path, point in oracle.items():
            if values.exponent(path) is not None and point.pdef["type"] != "pad":
                found = values.value(path)
                assert (found is not None) == (point.value is not None), (seed, path)


@pytest.mark.parametrize("number", EVERY_MODEL)
def test_every_value_is_the_same_number(number: int) -> None:
    for seed in SEEDS:
        registers = random_registers(number, seed)
        values, oracle = ours(number, registers), theirs(number, registers)
        for path, point in oracle.items():
            found = values.value(path)
            if found is None or isinstance(found, str):
                continue
            assert math.isclose(found, point.cvalue, rel_tol=1e-12), (seed, path)


@pytest.mark.parametrize("number", EVERY_MODEL)
def test_every_text_is_the_same(number: int) -> None:
    for seed in SEEDS:
        registers = random_registers(number, seed)
        values, oracle = ours(number, registers), theirs(number, registers)
        texts = {path: p.value for path, p in oracle.items() if p.pdef["type"] == "string"}
        assert {path: values.value(path) for path in texts} == texts, seed


@pytest.mark.parametrize("number", EVERY_MODEL)
def test_a_value_without_its_scale_factor_is_none_where_pysunspec2_takes_it_unscaled(
    number: int,
) -> None:
    for seed in SEEDS:
        values = ours(number, random_registers(number, seed))
        for point in values.layout.points:
            if isinstance(point.scale, str) and values.value(point.scale) is None:
                assert values.value(point.path) is None


def writable_numbers(number: int, seed: int) -> Iterator[tuple[Point, int, Any]]:
    """Yield points that can be written and have a value, each with its power of ten and pysunspec2's point."""
    registers = random_registers(number, seed)
    values, oracle = ours(number, registers), theirs(number, registers)
    for path, point in values.layout.by_path.items():
        exponent = values.exponent(path)
        if point.writable and exponent is not None and values.number_of(path) is not None:
            yield point, exponent, oracle[path]


WRITABLE = [number for number in EVERY_MODEL if any(writable_numbers(number, 0))]


@pytest.mark.parametrize("number", WRITABLE)
def test_what_was_decoded_is_encoded_into_the_registers_pysunspec2_writes(number: int) -> None:
    for seed in SEEDS:
        for point, exponent, oracle in writable_numbers(number, seed):
            written = encode(oracle.cvalue, point, exponent)
            data = struct.pack(f">{len(written)}H", *written)
            assert data == oracle.info.to_data(oracle.value), (seed, point.path)


@pytest.mark.parametrize("number", WRITABLE)
def test_a_value_between_two_steps_becomes_the_step_pysunspec2_chooses(number: int) -> None:
    chosen = random.Random(number)
    for seed in SEEDS:
        for point, exponent, oracle in writable_numbers(number, seed):
            if exponent == 0:
                continue
            wanted = (chosen.randint(1, 1000) + chosen.choice((-0.3, 0.3))) * 10.0**exponent
            oracle.cvalue = wanted
            assert decode(encode(wanted, point, exponent), point) == oracle.value, point.path
