"""The levels of power at which an inverter is measured, as far as this station can set them."""

from __future__ import annotations

from bench.profile import Requirement
from bench.trial import Trial

FULL_PCT = 100.0


def reachable_levels(trial: Trial, requirement: Requirement) -> list[float]:
    """Return the levels of a requirement, in % of rated power, that can be set; note the others.

    Full power needs nothing but the inverter's own maximum; lower levels would take a limit of active power
    or a PV source.
    """
    levels = [float(value) for value in requirement.quantity("levels").values]
    reachable = [level for level in levels if level == FULL_PCT]
    others = ", ".join(f"{level:g} %" for level in levels if level not in reachable)
    if others:
        trial.evidence.note(
            f"{requirement.id}: not measured at {others} of rated power: the bench has nothing to set "
            "the power with"
        )
    return reachable
