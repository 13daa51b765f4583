"""Print the tables of docs/simulation_island.md: the island's fast model against the waveform model.

python -m benchmarks.island [1|3]

The argument is the number of phases of the inverter (default 1, the harder case).
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from instruments.simulated.physics.island import Island
from instruments.simulated.physics.island_control import IslandControl
from instruments.simulated.physics.parallel_load import ParallelLoad
from tests.simulated.island_conditions import (
    NOMINAL_V,
    RATED_W,
    REFERENCE,
    Condition,
    IslandModel,
    conditions,
    phasor,
    run_on_s,
    start,
    waveform,
)

Model = Callable[[Condition, IslandControl], IslandModel]
ZONE_EDGES = (
    # what is varied, condition of a mismatch, constant power, edges by closed form
    (
        "reactive power",
        lambda x: Condition(1.0, 0.0, x),
        True,
        ((47 / 50) ** 2 - 1, (52 / 50) ** 2 - 1),
    ),
    (
        "active power, constant power",
        lambda x: Condition(1.0, x, 0.0),
        True,
        ((NOMINAL_V / 265) ** 2 - 1, (NOMINAL_V / 180) ** 2 - 1),
    ),
    (
        "active power, constant current",
        lambda x: Condition(1.0, x, 0.0),
        False,
        (NOMINAL_V / 265 - 1, NOMINAL_V / 180 - 1),
    ),
)


@dataclass
class Timed:
    """A model and what it has cost."""

    model: Model
    simulated_s: float = 0.0
    wall_s: float = 0.0

    def run_on_s(self, condition: Condition, control: IslandControl) -> float | None:
        began_s = time.perf_counter()
        model = self.model(condition, control)
        power_w = condition.power_w(control.phases)
        run_on = run_on_s(model, power_w, longest_s=2.5)
        self.wall_s += time.perf_counter() - began_s
        self.simulated_s += run_on or 2.5
        return run_on


def main(phases: int) -> None:
    control = replace(REFERENCE, phases=phases)
    print(f"{phases} phase(s), shift {control.shift_gain_per_hz} /Hz + {control.shift_offset}\n")
    print_conditions(control)
    print()
    print_zone(replace(control, shift_gain_per_hz=0.0, shift_offset=0.0))
    print()
    print(f"three unequal phases: {unequal_speed():.0f} simulated s per wall s")


def print_conditions(control: IslandControl) -> None:
    fast, slow = Timed(phasor), Timed(waveform)
    off_ms = []
    print("| output | dP | dQ | phasor (ms) | waveform (ms) | difference (ms) |")
    print("|---|---|---|---|---|---|")
    for condition in conditions():
        a, b = fast.run_on_s(condition, control), slow.run_on_s(condition, control)
        if a is None or b is None:
            raise SystemExit(f"{condition}: run-on {a} and {b} s; expected both to end")
        off_ms.append(1e3 * (a - b))
        print(
            f"| {condition.output:.0%} | {condition.active_mismatch:+.0%} "
            f"| {condition.reactive_mismatch:+.0%} | {1e3 * a:.0f} | {1e3 * b:.0f} "
            f"| {off_ms[-1]:+.0f} |"
        )
    sizes_ms = [abs(x) for x in off_ms]
    print(f"\ndifference: mean {sum(sizes_ms) / len(sizes_ms):.2f} ms, max {max(sizes_ms):.0f} ms")
    for name, timed in (("phasor", fast), ("waveform", slow)):
        print(f"{name}: {timed.simulated_s / timed.wall_s:.1f} simulated s per wall s")


def print_zone(passive: IslandControl) -> None:
    """Print between which mismatches an inverter without active method islands."""
    print("| mismatch of | theory | phasor |")
    print("|---|---|---|")
    for name, condition_of, constant_power, edges in ZONE_EDGES:
        control = replace(passive, constant_power=constant_power)
        found = [edge_found(condition_of, control, edge) for edge in edges]
        theory_text, found_text = (
            " … ".join(f"{100 * x:+.2f} %" for x in pair) for pair in (edges, found)
        )
        print(f"| {name} | {theory_text} | {found_text} |")


def edge_found(
    condition_of: Callable[[float], Condition], control: IslandControl, theory: float
) -> float:
    """Return by bisection the mismatch beyond which the island ends within 2.5 s."""
    inside, outside = 0.8 * theory, 1.2 * theory
    for _ in range(9):
        middle = 0.5 * (inside + outside)
        condition = condition_of(middle)
        if run_on_s(phasor(condition, control), condition.power_w(control.phases)) is None:
            inside = middle
        else:
            outside = middle
    return 0.5 * (inside + outside)


def unequal_speed() -> float:
    """Return simulated seconds per wall second when no phase can stand for another."""
    matched = Condition(1.0, 0.0, 0.0).load(3)
    load = matched.plus(ParallelLoad(conductance_s=(0.0, 0.001, 0.002)))
    passive = IslandControl(shift_gain_per_hz=0.0, shift_offset=0.0)
    island = Island(load, passive, start(RATED_W, 3), seed=1)
    began_s = time.perf_counter()
    run_on_s(island, RATED_W, longest_s=4.0)
    return 4.0 / (time.perf_counter() - began_s)


if __name__ == "__main__":
    if len(sys.argv) > 2 or sys.argv[1:] not in ([], ["1"], ["3"]):
        sys.exit(__doc__)
    main(int(sys.argv[1]) if sys.argv[1:] else 1)
