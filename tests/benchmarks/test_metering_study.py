"""The study of the metering functions, with few cases: does it run, does it notice a metering that is wrong?"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from math import pi

import numpy as np
import pytest

from benchmarks.metering_study.bars import bars
from benchmarks.metering_study.conditions import FACTORS, Conditions, mix
from benchmarks.metering_study.document import document
from benchmarks.metering_study.plan import NAMES, QUICK, Size, run
from benchmarks.metering_study.signals import RANGES, Shape, converted
from benchmarks.metering_study.statistics import Figures, Outcome, Row

SEED = 20
QUICK_SHARE = 0.9
STEP = "Start: voltage step"


@pytest.mark.parametrize("name", NAMES)
def test_every_quantity_meets_its_bars(name: str) -> None:
    for bar in bars(run(QUICK, SEED, names=[name]), QUICK_SHARE):
        assert bar.met, f"{bar.text}: {bar.found}"


def test_an_interval_that_misses_the_truth_misses_its_bar() -> None:
    [(measurand, rows)] = run(Size(2, 20), SEED, names=[STEP])
    missed = [
        replace(row, figures=replace(row.figures, bracketed=0.9)) for row in rows if row.figures
    ]
    assert [bar.met for bar in bars([(measurand, missed)])] == [False]


def test_the_seed_alone_decides_the_result() -> None:
    size = Size(3, 250)
    with ThreadPoolExecutor(2) as executor:
        assert run(size, SEED, executor, [STEP]) == run(size, SEED, names=[STEP])
    assert run(size, SEED, names=[STEP]) != run(size, SEED + 1, names=[STEP])


def test_bias_spread_and_shares_are_those_of_the_errors() -> None:
    outcomes = [Outcome(1.0, 2.0, True), Outcome(-3.0, 2.0, False), Outcome(5.0, 5.0, True)]
    assert Figures.of(outcomes) == Figures(
        bias=1.0,
        deviation=pytest.approx((32 / 3) ** 0.5),
        worst=5.0,
        inside=pytest.approx(2 / 3),
        mean_expanded=3.0,
        bracketed=pytest.approx(2 / 3),
    )


def test_refused_cases_are_counted_and_not_averaged() -> None:
    row = Row.of("noise", "1 %", [None, Outcome(2.0, 1.0), None])
    assert (row.cases, row.refused) == (3, 2)
    assert row.figures is not None
    assert row.figures.bias == 2.0


def test_a_level_at_which_everything_is_refused_has_no_figures_on_the_page() -> None:
    page = document(run(Size(2, 20), SEED, names=["Harmonic current"]), QUICK, SEED, {})
    assert "| sampling rate | 5 kS/s | 1 | 1 | – | – | – | – | – | – |" in page


def test_a_wave_has_the_distortion_it_was_asked_for() -> None:
    shape = Shape.drawn(0.08, np.random.default_rng(1))
    angle_rad = np.arange(1000) * 2 * pi / 1000
    assert np.sqrt(np.mean(shape.at(angle_rad) ** 2)) == pytest.approx(np.sqrt(1 + 0.08**2))
    assert shape.rms() == pytest.approx(np.sqrt(1 + 0.08**2))


def test_a_converter_gives_multiples_of_its_step() -> None:
    conditions = Conditions(bits=10.0, noise=0.01)
    samples = converted(np.linspace(-300, 300, 500), "V", conditions, np.random.default_rng(1))
    steps = samples / (2 * RANGES["V"] / 1024)
    assert steps == pytest.approx(np.round(steps), abs=1e-9)


def test_a_mix_stays_in_its_ranges() -> None:
    random = np.random.default_rng(1)
    for _ in range(200):
        drawn = mix(tuple(FACTORS), Conditions(), random)
        for key, factor in FACTORS.items():
            assert factor.mixed[0] <= getattr(drawn, key) <= factor.mixed[1]
