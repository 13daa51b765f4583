"""Which measurand is tried under which factors, and how often. Every block of cases has a seed of its own."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby
from math import ceil

import numpy as np

from benchmarks.metering_study import minutes, steady, trips
from benchmarks.metering_study.conditions import FACTORS, Conditions, mix
from benchmarks.metering_study.statistics import Outcome, Row
from instruments.errors import RecordingError

Case = Callable[[Conditions, np.random.Generator], Outcome]
BLOCK = 100
SKEW_NOTE = (
    "Skew between the channels turns the current by 0.018 degrees per µs, which no evaluation can tell from "
    "displacement: it belongs into the recorder's accuracy, and the bound holds for up to 5 µs."
)
BASE_CONDITIONS = Conditions()
BASE, MIX = "base", "random mix"
WAVEFORM = ("noise", "harmonics", "sample_rate_hz", "bits", "angle_deg", "frequency_hz")


@dataclass(frozen=True)
class Measurand:
    """One quantity of the study.

    Attributes:
        name: as a heading.
        case: makes one signal, measures it and compares with the truth.
        factors: keys of the factors that act on it.
        share: its part of the cases; slow ones get fewer.
        note: what limits it, for the reader of the table.
        stated: whether U is that of the measurement; otherwise it is the bound claimed here.
    """

    name: str
    unit: str
    case: Case
    factors: tuple[str, ...]
    share: float = 1.0
    stated: bool = True
    base: Conditions = BASE_CONDITIONS
    note: str = ""

    @property
    def text(self) -> str:
        """What a case is, in a sentence."""
        return (self.case.__doc__ or "").strip()


STOPPING = ("decay_s", *WAVEFORM)
SKEWED = (*WAVEFORM, "skew_s")
AVERAGED = ("noise", "window_s")
MEASURANDS = (
    Measurand(
        "Time to cease, three phases",
        "ms",
        trips.cease_of_three,
        STOPPING,
        0.5,
        note=(
            "Noise of 1 % hides the filter's current: the time to disconnect, measured on the same record, is "
            "refused, and with it the record."
        ),
    ),
    Measurand(
        "Time to cease, single phase",
        "ms",
        trips.cease_of_one,
        STOPPING,
        0.5,
        note=(
            "Near a zero crossing little current flows anyway: an end there shows when the wave should have "
            "risen again. Those cases have a bias and the U to go with it."
        ),
    ),
    Measurand(
        "Time to disconnect, three phases",
        "ms",
        trips.disconnect_of_three,
        STOPPING,
        0.1,
        note=(
            "What flows last is the filter's 1.2 % of rated current. Noise of 0.3 % makes its end uncertain by "
            "milliseconds; noise that would hide it altogether is refused."
        ),
    ),
    Measurand("Start: voltage step", "ms", trips.voltage_step, WAVEFORM, 0.2),
    Measurand("Start: frequency step", "ms", trips.frequency_step, WAVEFORM, 0.03),
    Measurand("Start: stop of the grid current", "ms", trips.current_stop, WAVEFORM, 0.2),
    Measurand("Rms of a cycle", "%", steady.rms_of_each_cycle, WAVEFORM, 0.2, stated=False),
    Measurand("Frequency", "mHz", steady.frequency, WAVEFORM, 0.2, stated=False),
    Measurand("Active power", "%", steady.active_power, SKEWED, 0.2, stated=False, note=SKEW_NOTE),
    Measurand(
        "Reactive power", "%", steady.reactive_power, SKEWED, 0.2, stated=False, note=SKEW_NOTE
    ),
    Measurand(
        "Harmonic current",
        "%",
        steady.harmonic,
        WAVEFORM,
        0.03,
        note=(
            "5 kS/s cannot carry order 50 and is refused. Without any harmonic the noise in its three lines is "
            "read, which is always positive."
        ),
    ),
    Measurand(
        "Settling time",
        "s",
        minutes.settling,
        AVERAGED,
        0.2,
        note=(
            "U is the averaging windows around the event. Noise that crosses the edge of the tolerance is not "
            "in it; with 1 % the step of the voltage is not found for certain, and the series is refused."
        ),
    ),
    Measurand("Rate of a ramp", "%/min", minutes.ramp_rate, AVERAGED, 0.1),
    Measurand(
        "Ten-minute mean",
        "V",
        minutes.ten_minute_mean,
        AVERAGED,
        0.05,
        base=replace(BASE_CONDITIONS, window_s=1.0),
        note="Nearly all of U is the accuracy of the analyser.",
    ),
)


NAMES = tuple(measurand.name for measurand in MEASURANDS)


@dataclass(frozen=True)
class Size:
    """How many cases, for a measurand of share 1."""

    per_level: int
    mixed: int


FULL, QUICK = Size(per_level=300, mixed=10_000), Size(per_level=8, mixed=120)


@dataclass(frozen=True)
class Block:
    """Some cases of one row: what one worker does at a time.

    Attributes:
        measurand, row, number: from which, with the seed, its random numbers follow.
        factor: key, `BASE` or `MIX`.
    """

    measurand: int
    row: int
    number: int
    factor: str
    level: float
    cases: int


def blocks(size: Size, names: Collection[str] = NAMES) -> Iterator[Block]:
    """Yield the blocks of some measurands, those of a row together."""
    for index, measurand in enumerate(MEASURANDS):
        if measurand.name not in names:
            continue
        per_level = ceil(size.per_level * measurand.share)
        lines = [(BASE, 0.0, per_level)]
        lines += [(k, level, per_level) for k in measurand.factors for level in FACTORS[k].levels]
        lines += [(MIX, 0.0, ceil(size.mixed * measurand.share))]
        for row, (factor, level, cases) in enumerate(lines):
            for number, first in enumerate(range(0, cases, BLOCK)):
                yield Block(index, row, number, factor, level, min(BLOCK, cases - first))


def run(
    size: Size, seed: int, executor: Executor | None = None, names: Collection[str] = NAMES
) -> list[tuple[Measurand, list[Row]]]:
    """Run the study; the result depends on the seed alone, not on the executor."""
    todo = list(blocks(size, names))
    over = map if executor is None else executor.map
    done = list(zip(todo, over(partial(run_block, seed), todo), strict=True))
    return [
        (MEASURANDS[index], list(_rows([*group])))
        for index, group in groupby(done, key=lambda item: item[0].measurand)
    ]


def run_block(seed: int, block: Block) -> list[Outcome | None]:
    """Return the outcomes of a block; None for a case that the metering declined to measure."""
    random = np.random.default_rng([seed, block.measurand, block.row, block.number])
    return [_outcome(block, random) for _ in range(block.cases)]


def _outcome(block: Block, random: np.random.Generator) -> Outcome | None:
    measurand = MEASURANDS[block.measurand]
    conditions = measurand.base
    if block.factor == MIX:
        conditions = mix(measurand.factors, conditions, random)
    elif block.factor != BASE:
        conditions = replace(conditions, **{block.factor: block.level})
    try:
        return measurand.case(conditions, random)
    except RecordingError:
        return None


def _rows(done: Sequence[tuple[Block, list[Outcome | None]]]) -> Iterator[Row]:
    for _, group in groupby(done, key=lambda item: item[0].row):
        parts = list(group)
        block = parts[0][0]
        outcomes = [outcome for _, part in parts for outcome in part]
        if block.factor in FACTORS:
            factor = FACTORS[block.factor]
            yield Row.of(factor.name, factor.text(block.level), outcomes)
        else:
            yield Row.of(block.factor, "", outcomes)
