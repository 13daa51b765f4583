"""The study as a page of the documentation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from benchmarks.metering_study.bars import Results, bars
from benchmarks.metering_study.conditions import FACTORS
from benchmarks.metering_study.plan import Measurand, Size
from benchmarks.metering_study.statistics import Row

TITLE = "# Study of the metering functions"
INTRODUCTION = """\
Every metering function is given signals whose truth is known, and the errors are counted. The signals are
made for this study alone and share nothing with the simulated laboratory. One factor is varied at a time
around a base (10 kS/s, 16 bits, 50 Hz, 0.1 % noise, 3 % harmonics of orders 5 and 7 with random angles,
an abrupt event at any angle); in the *random mix* all factors that concern a quantity lie anywhere in the
ranges of the second table.

Noise is the rms of white noise as a share of 230 V or 14.5 A (of the voltage and of 10 kW where readings
are averaged); converter steps are of ± 600 V and ± 30.8 A. **Bias** and **sd** are mean and standard
deviation of measured minus true. **Inside** is the share of cases whose truth lies within ± U,
**interval** the share whose truth lies within the interval that the measurement states. A case that the
metering declines to measure is *refused*: it would make a trial invalid, never pass or fail."""
BOUND_TEXT = (
    "The function states no U of its own; the last column is the bound claimed for it here."
)


def document(results: Results, size: Size, seed: int, images: dict[str, str]) -> str:
    """Return the page.

    Args:
        images: names of measurands → their drawings, as paths from the page.
    """
    parts = [TITLE, "", *_origin(size, seed), "", INTRODUCTION, "", *_bars(results), ""]
    parts += [*_ranges(results), ""]
    for measurand, rows in results:
        parts += [*_section(measurand, rows, images.get(measurand.name)), ""]
    return "\n".join(parts).rstrip() + "\n"


def _origin(size: Size, seed: int) -> list[str]:
    return [
        f"Generated with seed {seed}, {size.per_level} cases per level and {size.mixed} in the random mix "
        "(fewer where a case takes long). Do not edit; write it again with",
        "",
        "```sh",
        f"python -m benchmarks.metering_study --docs docs --seed {seed}",
        "```",
    ]


def _bars(results: Results) -> Iterator[str]:
    yield "| required | found | |"
    yield "|---|---|---|"
    for bar in bars(results):
        yield f"| {bar.text} | {bar.found} | {'met' if bar.met else '**missed**'} |"


def _ranges(results: Results) -> Iterator[str]:
    used = {key for measurand, _ in results for key in measurand.factors}
    yield "| factor | in the random mix |"
    yield "|---|---|"
    for key, factor in FACTORS.items():
        if key in used:
            low, high = map(factor.text, factor.mixed)
            yield f"| {factor.name} | {low} … {high} |"


def _section(measurand: Measurand, rows: Sequence[Row], image: str | None) -> Iterator[str]:
    yield f"## {measurand.name}"
    yield ""
    yield measurand.text + ("" if measurand.stated else " " + BOUND_TEXT)
    if measurand.note:
        yield measurand.note
    yield ""
    if image:
        yield f"![bias, spread and U of: {measurand.name}]({image})"
        yield ""
    unit, last = measurand.unit, "mean U" if measurand.stated else "bound"
    yield (
        f"| factor | level | cases | refused | bias ({unit}) | sd ({unit}) | worst ({unit}) | inside | "
        f"interval | {last} ({unit}) |"
    )
    yield "|---|---|---|---|---|---|---|---|---|---|"
    for row in rows:
        yield _line(row)


def _line(row: Row) -> str:
    start = f"| {row.factor} | {row.level} | {row.cases} | {row.refused} |"
    if row.figures is None:
        return f"{start} – | – | – | – | – | – |"
    figures = row.figures
    held = "–" if figures.bracketed is None else f"{figures.bracketed:.1%}"
    return (
        f"{start} {figures.bias:+.3g} | {figures.deviation:.2g} | {figures.worst:.2g} | "
        f"{figures.inside:.1%} | {held} | {figures.mean_expanded:.2g} |"
    )
