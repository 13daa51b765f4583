"""The levels of power at which an inverter is measured, as far as the bench can set them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from bench.grid_code.profile import Requirement
from bench.programs.set_points import LEVEL_S
from bench.trials.trial import Trial
from instruments.interfaces import ControlMode, InverterControls

FULL_PCT = 100.0
AGREEMENT_PCT = 5.0


@contextmanager
def lower_levels(trial: Trial, requirement: Requirement) -> Iterator[Iterator[float]]:
    """Give the levels of a requirement below full power, each set as it is taken; lift the limit at the end.

    The inverter's own limit of active power sets them. Whether it keeps to it is judged elsewhere: here it is
    noted. Levels that cannot be set are noted and left out.
    """
    levels = [float(value) for value in requirement.quantity("levels").values]
    lower = [level for level in levels if level < FULL_PCT]
    controls = trial.station.inverter.controls
    if not controls.offers(ControlMode.POWER_LIMIT):
        texts = ", ".join(f"{level:g} %" for level in lower)
        trial.evidence.note(
            f"{requirement.id}: not measured at {texts} of rated power: the inverter offers no "
            f"{ControlMode.POWER_LIMIT} over its interface"
        )
        lower = []
    try:
        yield (_set(trial, controls, level) for level in lower)
    finally:
        controls.restore()


def _set(trial: Trial, controls: InverterControls, level: float) -> float:
    controls.command(ControlMode.POWER_LIMIT, level / FULL_PCT)
    trial.station.clock.sleep(LEVEL_S)
    power_pct = FULL_PCT * trial.station.analyser.read().active_power_w / trial.rated_power_w
    if abs(power_pct - level) > AGREEMENT_PCT:
        trial.evidence.note(f"limited to {level:g} %, the inverter delivers {power_pct:.1f} %")
    return level
