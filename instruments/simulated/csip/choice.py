"""Which of a site's controls is in force. Pure; times are the server's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

Setting = float | bool


@dataclass(frozen=True)
class Event:
    """A control with its times as this client keeps them.

    Attributes:
        settings: element name → what it asks for: watts, or on and off.
        start_s, end_s: with this client's randomization.
        ramp_s: time to take for the change; None leaves it to the gradient.
    """

    mrid: str
    primacy: int
    created_s: int
    settings: Mapping[str, Setting]
    start_s: float
    end_s: float
    ramp_s: float | None = None

    def active(self, now_s: float) -> bool:
        """Return whether its time is now."""
        return self.start_s <= now_s < self.end_s


@dataclass(frozen=True)
class Default:
    """The default of a program.

    Attributes:
        gradient_pct_per_s: of the rating; 0 is no limit, None is not said.
    """

    primacy: int
    settings: Mapping[str, Setting]
    gradient_pct_per_s: float | None = None


@dataclass(frozen=True)
class InForce:
    """What holds for one setting, and by what.

    Attributes:
        event: None for a default.
    """

    setting: Setting
    event: Event | None


def in_force(
    events: Iterable[Event],
    defaults: Sequence[Default],
    now_s: float,
    *,
    heeds_primacy: bool = True,
) -> dict[str, InForce]:
    """Return what is in force for each setting.

    Of the active controls that state it the lowest primacy wins, then the one created last, then the one that
    starts last; without one, the default of the most important program that states it.
    """
    chosen: dict[str, InForce] = {}
    for default in sorted(defaults, key=lambda one: one.primacy):
        for name, setting in default.settings.items():
            chosen.setdefault(name, InForce(setting, None))
    active = [event for event in events if event.active(now_s)]
    for event in sorted(active, key=lambda one: _rank(one, heeds_primacy), reverse=True):
        for name, setting in event.settings.items():
            chosen[name] = InForce(setting, event)
    return chosen


def _rank(event: Event, heeds_primacy: bool) -> tuple[float, ...]:
    primacy = event.primacy if heeds_primacy else 0
    return (primacy, -event.created_s, -event.start_s, -int(event.mrid, 16))
