"""Is the stated uncertainty true? Monte Carlo against scenes whose truth is known.

The figures of a run are shown by `pytest -rP`; those of the long one stand in docs/validation.md.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from math import pi

import numpy as np
import pytest

from bench.metering import measure_clearing_time
from tests.bench.metering.synthesis import Scene

RATED_A = 14.5
KINDS = [(3, False), (1, False), (3, True), (1, True)]
NAMES = ["three phases, abrupt", "one phase, abrupt", "three phases, decay", "one phase, decay"]


@dataclass(frozen=True)
class Statistics:
    """Errors of the measured time to cease, in ms, and how often the truth was covered."""

    name: str
    errors_ms: np.ndarray
    expanded_ms: np.ndarray
    inside_interval: np.ndarray

    @property
    def bias_ms(self) -> float:
        return float(self.errors_ms.mean())

    @property
    def inside_expanded(self) -> float:
        return float(np.mean(np.abs(self.errors_ms) <= self.expanded_ms))

    def __str__(self) -> str:
        return (
            f"{self.name}: n {len(self.errors_ms)}, bias {self.bias_ms:+.3f} ms, "
            f"sd {self.errors_ms.std():.3f} ms, "
            f"worst {self.errors_ms.min():+.2f} … {self.errors_ms.max():+.2f} ms, "
            f"median U {np.median(self.expanded_ms):.2f} ms, "
            f"inside U {self.inside_expanded:.1%}, inside interval {self.inside_interval.mean():.1%}"
        )


def random_scene(random: np.random.Generator, phases: int, decay: bool) -> Scene:
    """A trip at a random point on wave; the current is high enough that 5 % of it decides."""
    alone = (int(random.integers(phases)),)
    return Scene(
        phases=phases,
        frequency_hz=random.uniform(49.5, 50.5),
        angle_rad=random.uniform(0.0, 2 * pi),
        step_s=0.15 + random.uniform(0.0, 0.02),
        stepped_to_v=float(random.choice([67.2, 177.2, 267.8, 277.8])),
        stepped=tuple(range(phases)) if random.random() < 0.25 else alone,
        current_a=RATED_A * random.uniform(0.62, 1.0),
        end_s=0.2 + random.uniform(0.0, 0.15),
        decay_s=random.uniform(0.2e-3, 5e-3) if decay else 0.0,
        exponential=bool(random.random() < 0.5),
        duration_s=0.45,
        seed=int(random.integers(2**31)),
    )


def statistics(kind: int, count: int) -> Statistics:
    random = np.random.default_rng([20, kind])
    rows = [outcome(random_scene(random, *KINDS[kind])) for _ in range(count)]
    errors_s, expanded_s, inside = (np.array(column) for column in zip(*rows, strict=True))
    return Statistics(NAMES[kind], 1e3 * errors_s, 1e3 * expanded_s, inside)


def outcome(scene: Scene) -> tuple[float, float, bool]:
    measured = measure_clearing_time(
        scene.recording(),
        start="voltage_step",
        nominal_frequency_hz=50.0,
        nominal_voltage_v=230.0,
        rated_current_a=RATED_A,
        voltage_channels=scene.voltages,
        current_channels=scene.currents,
    ).cease_time
    truth_s = scene.cease_s - scene.step_s
    assert measured.interval is not None
    shortest, longest = map(float, measured.interval)
    inside = shortest - 1e-9 <= truth_s <= longest + 1e-9
    return float(measured.value) - truth_s, float(measured.expanded_uncertainty), inside


def check(figures: Statistics, least_inside: float) -> None:
    sys.stdout.write(f"{figures}\n")
    assert abs(figures.bias_ms) <= 0.5, figures
    assert figures.inside_expanded >= least_inside, figures


@pytest.mark.parametrize("kind", range(4), ids=NAMES)
def test_the_stated_uncertainty_covers_the_truth(kind: int) -> None:
    check(statistics(kind, 75), least_inside=0.95)


def test_three_phases_that_stop_at_once_are_timed_without_bias() -> None:
    assert abs(statistics(0, 75).bias_ms) <= 0.1


@pytest.mark.soak
@pytest.mark.parametrize("kind", range(4), ids=NAMES)
def test_the_stated_uncertainty_covers_the_truth_in_ten_thousand_trips(kind: int) -> None:
    check(statistics(kind, 2500), least_inside=0.95)
