"""A piece of a record that was delivered before is not new."""

from __future__ import annotations

import numpy as np
import pytest

from instruments.analysers.pieces import Pieces
from instruments.errors import StaleReading
from instruments.interfaces import Samples


def noisy(seed: int, count: int = 2000) -> Samples:
    return np.random.default_rng(seed).integers(-2, 3, count).astype(np.float64)


def test_new_samples_pass_through() -> None:
    pieces = Pieces("analyser", frozenset())
    for seed in range(5):
        assert np.array_equal(pieces.fresh(noisy(seed)), noisy(seed))


def test_a_piece_of_the_record_before_is_stale() -> None:
    before = Pieces("analyser", frozenset())
    before.fresh(noisy(1))
    with pytest.raises(StaleReading, match="analyser: a piece of 2000 samples"):
        Pieces("analyser", frozenset(before.seen)).fresh(noisy(1))


def test_a_piece_twice_in_one_record_is_stale() -> None:
    pieces = Pieces("analyser", frozenset())
    pieces.fresh(noisy(1))
    with pytest.raises(StaleReading):
        pieces.fresh(noisy(1))


@pytest.mark.parametrize("samples", [np.zeros(5000), noisy(1, count=5)], ids=["dead", "few"])
def test_a_dead_channel_and_a_few_samples_may_repeat(samples: Samples) -> None:
    pieces = Pieces("analyser", frozenset())
    assert pieces.fresh(samples) is pieces.fresh(samples)
