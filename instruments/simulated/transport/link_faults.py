"""Links and instruments that go wrong on demand.

A `Trouble` says what goes wrong, where, when and how often. It stands between the clients and one
instrument and sees every request and what becomes of it; neither the instrument nor the transport knows.
What each kind of trouble does is in `link_fault_kinds`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from math import inf
from random import Random

from instruments.errors import ConfigurationError
from instruments.simulated.physics.world import World
from instruments.simulated.scpi.scpi_errors import ERROR_TEXTS
from instruments.simulated.transport.connections import Hook
from instruments.simulated.transport.link_fault_acts import Bystander, Proceed, Scene
from instruments.simulated.transport.link_fault_kinds import KINDS, Kind
from instruments.simulated.transport.modbus_frames import describe_request
from instruments.simulated.transport.services import Reply, Service


@dataclass(frozen=True)
class Trouble:
    """One thing that goes wrong.

    Attributes:
        name: kind of trouble, out of `KINDS`.
        role: instrument it concerns.
        from_s, until_s: when, in seconds of the world.
        count: how many exchanges it spoils; None is all. Means nothing to `single_client` and
            `protection_tripped`.
        share: how much of them, drawn from the laboratory's seed; 0.2 is one in five.
        where: regular expression a request has to contain, in any case; Modbus requests read like
            `read 40070 2` and `write 0 1`.
        amount: what the kind needs: seconds of a delay, number of an error.
    """

    name: str
    role: str
    from_s: float = 0.0
    until_s: float = inf
    count: int | None = 1
    where: str = ""
    amount: float | None = None
    share: float = 1.0

    def checked(self, services: Mapping[str, Service]) -> Kind:
        """Return the kind of this trouble.

        Raises:
            ConfigurationError: no such trouble or role, the trouble does not exist with this protocol or
                instrument, or a value is impossible.
        """
        kind = KINDS.get(self.name)
        if kind is None:
            raise ConfigurationError(
                f"troubles: there is no {self.name!r}; known: {', '.join(sorted(KINDS))}"
            )
        if self.role not in services:
            raise ConfigurationError(
                f"trouble {self.name}: no role {self.role!r}; roles: {', '.join(services)}"
            )
        service = services[self.role]
        if service.protocol not in kind.protocols or not isinstance(service, kind.needs):
            raise ConfigurationError(
                f"trouble {self.name}: {self.role} is a {type(service).__name__} ({service.protocol}) "
                f"and cannot have it; it wants {kind.wants}"
            )
        self._check_values()
        self._check_amount(kind)
        return kind

    def _check_values(self) -> None:
        if not 0 <= self.from_s <= self.until_s or (self.count is not None and self.count < 1):
            raise ConfigurationError(
                f"trouble {self.name}: from_s = {self.from_s:g}, until_s = {self.until_s:g}, count = "
                f"{self.count}: expected 0 ≤ from_s ≤ until_s and a count of 1 or more, or None"
            )
        if not 0 < self.share <= 1:
            raise ConfigurationError(
                f"trouble {self.name}: share = {self.share:g}: expected more than 0, and 1 at most"
            )
        self._check_pattern()

    def _check_amount(self, kind: Kind) -> None:
        amount = kind.amount if self.amount is None else self.amount
        if kind.amount_is_error and amount not in ERROR_TEXTS:
            known = ", ".join(map(str, ERROR_TEXTS))
            raise ConfigurationError(
                f"trouble {self.name}: amount = {amount:g} is no standard error; known: {known}"
            )
        if not kind.amount_is_error and amount < 0:
            raise ConfigurationError(
                f"trouble {self.name}: amount = {amount:g} s; expected 0 s or more"
            )

    def _check_pattern(self) -> None:
        try:
            re.compile(self.where)
        except re.error as error:
            raise ConfigurationError(
                f"trouble {self.name}: where = {self.where!r} is no regular expression: {error}"
            ) from error


@dataclass
class _ActiveTrouble:
    """A trouble at work: whether it concerns an exchange, and how many it has spoilt."""

    trouble: Trouble
    kind: Kind
    scene: Scene
    spoilt: int = 0
    pattern: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        self.pattern = re.compile(self.trouble.where, re.IGNORECASE)
        self.bystander: Bystander = self.kind.make(self.scene)

    @property
    def due(self) -> bool:
        """Whether its time has come and is not over."""
        return self.trouble.from_s <= self.scene.world.now_s < self.trouble.until_s

    def concerns(self, request: bytes) -> bool:
        """Whether it is due, not used up, and about such a request."""
        count = self.trouble.count
        left = count is None or self.spoilt < count
        meant = left and self.due and bool(self.pattern.search(self._described(request)))
        return meant and (self.trouble.share == 1 or self._drawn())

    def _drawn(self) -> bool:
        return self.scene.random.random() < self.trouble.share

    def exchange(self, request: bytes, proceed: Proceed) -> Reply:
        """Return what becomes of a request."""
        if not self.concerns(request):
            reply = proceed(request)
            self.bystander.watch(request, reply)
            return reply
        reply, spoilt = self.bystander.spoil(request, proceed)
        self.spoilt += spoilt
        return reply

    def _described(self, request: bytes) -> str:
        if self.scene.service.protocol == "modbus":
            return describe_request(request)
        return request.decode("latin-1")


class TroubledInstrument:
    """All troubles of one role. Implements `Hook`; the first of the list is nearest the client."""

    def __init__(self, troubles: Iterable[_ActiveTrouble]) -> None:
        self._troubles = list(troubles)

    def exchange(self, request: bytes, proceed: Callable[[bytes], Reply]) -> Reply:
        """Return what becomes of a request."""
        for active in reversed(self._troubles):
            proceed = partial(active.exchange, proceed=proceed)
        return proceed(request)

    def admits(self, clients: int) -> bool:
        """Whether one more client is served beside `clients` others."""
        return not any(
            active.due and clients >= active.kind.most_clients for active in self._troubles
        )


def troubled(
    troubles: Iterable[Trouble],
    services: Mapping[str, Service],
    world: World,
    pass_time: Callable[[float], None],
    seed: int,
) -> dict[str, Hook]:
    """Return the hooks of all roles that have troubles. Raises ConfigurationError."""
    by_role: dict[str, list[_ActiveTrouble]] = {}
    for number, trouble in enumerate(troubles):
        kind = trouble.checked(services)
        scene = Scene(
            world=world,
            service=services[trouble.role],
            pass_time=pass_time,
            random=Random(f"{seed} trouble {number} {trouble.name}"),
            amount=kind.amount if trouble.amount is None else trouble.amount,
            from_s=trouble.from_s,
        )
        by_role.setdefault(trouble.role, []).append(_ActiveTrouble(trouble, kind, scene))
    return {role: TroubledInstrument(active) for role, active in by_role.items()}
