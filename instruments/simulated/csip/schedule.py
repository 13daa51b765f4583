"""The controls a client knows, what has become of each, and what it answers. Times are the server's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf
from random import Random
from typing import NamedTuple

from instruments.simulated.csip.behaviour import ClientBehaviour
from instruments.simulated.csip.choice import Default, Event, InForce, in_force
from instruments.simulated.csip.documents import SeenControl

RECEIVED, STARTED, COMPLETED, CANCELLED, SUPERSEDED = 1, 2, 3, 6, 7
NOT_APPLICABLE, INVALID, LATE = 252, 253, 254
STATUS_CANCELLED, STATUS_SUPERSEDED = 2, 4
INSTANT_S = 1e-6


class Reply(NamedTuple):
    """What is answered to a control, and where."""

    mrid: str
    reply_to: str
    status: int


@dataclass
class _Kept:
    """A control this client carries out.

    Attributes:
        state: the last status it answered.
    """

    event: Event
    reply_to: str
    state: int = RECEIVED


class Schedule:
    """Keeps controls and defaults; see the module.

    Args:
        seed: of the randomized starts.
    """

    def __init__(self, behaviour: ClientBehaviour, seed: int) -> None:
        self._behaviour = behaviour
        self._seed = seed
        self._kept: dict[str, _Kept] = {}
        self._seen: set[str] = set()
        self.defaults: tuple[Default, ...] = ()

    @property
    def knew_controls(self) -> bool:
        """Whether there was ever a control."""
        return bool(self._seen)

    @property
    def gradient_pct_per_s(self) -> float | None:
        """What the most important program that states one says."""
        stated = sorted(self.defaults, key=lambda one: one.primacy)
        found = [one.gradient_pct_per_s for one in stated if one.gradient_pct_per_s is not None]
        return found[0] if found else None

    def adopt(
        self,
        defaults: Sequence[Default],
        controls: Mapping[int, Sequence[SeenControl]],
        now_s: float,
    ) -> list[Reply]:
        """Take over what the server says now; return what is answered to it."""
        self.defaults = tuple(defaults)
        replies: list[Reply] = []
        for primacy, listed in controls.items():
            for control in listed:
                if control.mrid in self._seen:
                    replies += self._changed(control)
                else:
                    replies.append(self._new(control, primacy, now_s))
        return replies

    def progress(self, now_s: float) -> list[Reply]:
        """Begin and end what is due; return what is answered."""
        winning = {one.event.mrid for one in self.in_force(now_s).values() if one.event}
        replies = [
            reply
            for kept in list(self._kept.values())
            for reply in self._progress(kept, kept.event.mrid in winning, now_s)
        ]
        over = [mrid for mrid, kept in self._kept.items() if self._is_over(kept, now_s)]
        for mrid in over:
            del self._kept[mrid]
        return replies

    def in_force(self, now_s: float) -> dict[str, InForce]:
        """Return what holds for each setting."""
        events = [kept.event for kept in self._kept.values()]
        return in_force(
            events,
            self.defaults,
            now_s + INSTANT_S,
            heeds_primacy=self._behaviour.heeds_primacy,
        )

    def next_change_s(self, now_s: float) -> float:
        """Return when the next control begins or ends; infinity for never."""
        edges_s = [
            edge_s
            for kept in self._kept.values()
            for edge_s in (kept.event.start_s, kept.event.end_s)
            if edge_s > now_s + INSTANT_S
        ]
        return min(edges_s, default=inf)

    def forget(self) -> None:
        """Lose every control and every default."""
        self._kept.clear()
        self._seen.clear()
        self.defaults = ()

    def drop_controls(self) -> None:
        """Lose every control that is not begun and every one that is."""
        self._kept.clear()

    def _new(self, control: SeenControl, primacy: int, now_s: float) -> Reply:
        self._seen.add(control.mrid)
        refusal = self._refusal(control, now_s) if self._behaviour.rejects_invalid else None
        if refusal is not None:
            return Reply(control.mrid, control.reply_to, refusal)
        start_s = control.start_s + self._drawn_s(control) + self._behaviour.start_delay_s
        event = Event(
            control.mrid,
            primacy,
            control.created_s,
            control.settings,
            start_s,
            start_s + control.duration_s,
            control.ramp_s,
        )
        if control.status not in (STATUS_CANCELLED, STATUS_SUPERSEDED):
            self._kept[control.mrid] = _Kept(event, control.reply_to)
        return Reply(control.mrid, control.reply_to, RECEIVED)

    def _changed(self, control: SeenControl) -> list[Reply]:
        kept = self._kept.get(control.mrid)
        if kept is None or control.status not in (STATUS_CANCELLED, STATUS_SUPERSEDED):
            return []
        if control.status == STATUS_CANCELLED and not self._behaviour.heeds_cancellation:
            return []
        del self._kept[control.mrid]
        answered = kept.state == SUPERSEDED
        status = CANCELLED if control.status == STATUS_CANCELLED else SUPERSEDED
        return [] if answered else [Reply(control.mrid, control.reply_to, status)]

    def _progress(self, kept: _Kept, wins: bool, now_s: float) -> list[Reply]:
        wanted = kept.state
        if self._is_over(kept, now_s):
            wanted = COMPLETED if kept.state == STARTED else kept.state
        elif kept.event.active(now_s + INSTANT_S):
            wanted = STARTED if wins else SUPERSEDED
        if wanted == kept.state or (kept.state, wanted) == (SUPERSEDED, STARTED):
            return []
        kept.state = wanted
        return [Reply(kept.event.mrid, kept.reply_to, wanted)]

    @staticmethod
    def _refusal(control: SeenControl, now_s: float) -> int | None:
        if control.duration_s <= 0:
            return INVALID
        if not control.settings:
            return NOT_APPLICABLE
        return LATE if control.start_s + control.duration_s <= now_s else None

    @staticmethod
    def _is_over(kept: _Kept, now_s: float) -> bool:
        return kept.event.end_s <= now_s + INSTANT_S

    def _drawn_s(self, control: SeenControl) -> float:
        """Return by how much this client shifts a control's start."""
        if not control.randomize_start_s or not self._behaviour.randomizes:
            return 0.0
        drawn = Random(f"{self._seed}/{control.mrid}").random()
        return drawn * control.randomize_start_s
