"""Which part of the project a file's time counts for."""

from __future__ import annotations

import json

import pytest

from bench.evidence import journal
from bench.metering import clearing
from instruments.links import message
from instruments.simulated.physics import waveforms, world

split = pytest.importorskip("benchmarks.split", reason="Windows has no timer for it")


@pytest.mark.parametrize(
    ("file", "part"),
    [
        (world.__file__, "physics: grid, loads, island"),
        (waveforms.__file__, "physics: waveforms"),
        (message.__file__, "exchanges: drivers and links"),
        (clearing.__file__, "metering"),
        (journal.__file__, "evidence"),
        (json.__file__, None),
        ("<frozen importlib._bootstrap>", split.START),
    ],
)
def test_the_time_of_a_file_counts_for_its_part(file: str, part: str | None) -> None:
    assert split.part_of(file) == part
