"""Trip stages among the settings an inverter reports."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from instruments.interfaces import ProtectionSetting, SettingValue

PROTECTIONS = ("overvoltage", "undervoltage", "overfrequency", "underfrequency")
STAGES = (1, 2, 3)


def protections_of(reported: Mapping[str, SettingValue]) -> Iterator[ProtectionSetting]:
    """Yield every stage whose level and time are both reported."""
    for name in PROTECTIONS:
        for stage in STAGES:
            level = reported.get(f"{name} {stage} threshold")
            time = reported.get(f"{name} {stage} time")
            if level is not None and time is not None:
                yield ProtectionSetting(name, level.value, level.unit, time.value, level.quantum)
