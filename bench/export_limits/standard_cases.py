"""The cases by which the limits of a grid code are tested: the same steps in every region.

Soft: at or under the limit in time when it is commanded and when a load goes away. Hard: off the grid
in time when a limit is commanded below what flows, or when a load of the site goes away.
"""

from __future__ import annotations

from collections.abc import Mapping

from bench.export_limits.amounts import Amount
from bench.export_limits.case import TIME, UPPER, Case, Step

NO_LOAD, LOAD = (Amount(),), (Amount(share=0.3),)
LIMIT = Amount(limits=1)
COMMANDED_S, RISING_S, WATCHED_S = 30.0, 125.0, 30.0
DISCONNECTED_S = 10.0
_UPPER = (UPPER, TIME)

STANDARD_CASES: Mapping[str, Case] = {
    "export_limit": Case(
        id="soft export limit",
        title="Export limit, soft",
        family="export_limit",
        basis="grid code",
        steps=(
            Step(COMMANDED_S, {"export": LIMIT}, judged=_UPPER),
            Step(RISING_S, {}, loads=LOAD, judged=_UPPER),
            Step(WATCHED_S, {}, loads=NO_LOAD, judged=_UPPER),
        ),
    ),
    "export_limit_hard": Case(
        id="hard export limit",
        title="Export limit, hard",
        family="export_limit_hard",
        basis="grid code",
        steps=(
            Step(5.0, {}, loads=(Amount(share=0.6),), judged=()),
            Step(10.0, {"hard_export": LIMIT}, judged=()),
            Step(DISCONNECTED_S, {}, loads=NO_LOAD, judged=(TIME,)),
        ),
    ),
    "generation_limit_hard": Case(
        id="hard generation limit",
        title="Generation limit, hard",
        family="generation_limit_hard",
        basis="grid code",
        steps=(Step(DISCONNECTED_S, {"hard_generation": LIMIT}, judged=(TIME,)),),
    ),
}
"""Kind of requirement → its case."""
