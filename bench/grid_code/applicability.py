"""Which requirements an inverter cannot have, as its nameplate says. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bench.grid_code.requirement import Requirement
from bench.stations.station_file import InverterFile

FORTY_FIVE_KVA = 45_000.0
"""What a site in New Zealand may deliver at most without a charge for it."""
_Lacks = Callable[[InverterFile], bool]
_LACKING: Mapping[str, tuple[_Lacks, str]] = {
    "storage": (
        lambda inverter: inverter.storage_power_w == 0,
        "the nameplate states no storage (storage_power_w)",
    ),
    "the sun alone": (
        lambda inverter: inverter.storage_power_w > 0,
        "the nameplate states storage (storage_power_w), which makes up for the sun",
    ),
    "more than 45 kVA": (
        lambda inverter: inverter.rated_apparent_power_va <= FORTY_FIVE_KVA,
        "the nameplate states 45 kVA or less",
    ),
    "three phases": (lambda inverter: inverter.phases != 3, "the nameplate states one phase"),
}
"""What a requirement applies to → whether an inverter lacks it, and how a report says so."""

APPLIES_TO = ("", *_LACKING)
"""What a row of a grid code may apply to; empty is every inverter."""


def inapplicable(requirement: Requirement, inverter: InverterFile) -> str | None:
    """Return why a requirement does not concern an inverter; None when it does."""
    if not requirement.applies_to:
        return None
    lacks, reason = _LACKING[requirement.applies_to]
    return reason if lacks(inverter) else None
