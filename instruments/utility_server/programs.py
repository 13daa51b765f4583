"""The programs a server offers: defaults, controls and what becomes of them. Pure; times are the server's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import IntEnum

from instruments.errors import ConfigurationError
from instruments.utility_server.active_power import ActivePower

POWERS = ("export_w", "import_w", "generation_w", "load_w", "target_w")
REFUSABLE_S = 3600


class EventStatus(IntEnum):
    """Status of a control as the server states it (EventStatus.currentStatus)."""

    SCHEDULED = 0
    ACTIVE = 1
    CANCELLED = 2
    SUPERSEDED = 4


@dataclass(frozen=True)
class Values:
    """What a control or a default asks for.

    Attributes:
        powers: by the name of the field in `SiteLimits`.
        ramp_cs: rampTms in hundredths of a second.
    """

    powers: dict[str, ActivePower]
    energize: bool | None = None
    connect: bool | None = None
    ramp_cs: int | None = None

    @property
    def modes(self) -> frozenset[str]:
        """Names of what is asked for."""
        switches = {"energize": self.energize, "connect": self.connect}
        return frozenset([*self.powers, *(name for name, on in switches.items() if on is not None)])


@dataclass(frozen=True)
class Control:
    """A DERControl.

    Attributes:
        number: in its program's list, from 1.
        created_s, start_s, duration_s: whole seconds.
        cancelled_s: None while it is not cancelled.
    """

    number: int
    mrid: str
    values: Values
    created_s: int
    start_s: int
    duration_s: int
    randomize_start_s: int = 0
    cancelled_s: int | None = None

    @property
    def end_s(self) -> int:
        """When it ends, without randomization."""
        return self.start_s + self.duration_s

    @property
    def kept_until_s(self) -> int:
        """When it leaves the list: at its end, however the start was randomized.

        One that nobody can carry out stays for an hour, because it was published to be refused.
        """
        if self.duration_s == 0 or self.end_s <= self.created_s:
            return max(self.start_s, self.created_s) + REFUSABLE_S
        return self.end_s + abs(self.randomize_start_s)

    def overlaps(self, other: Control) -> bool:
        """Return whether both ask for the same at the same time."""
        same_time = self.start_s < other.end_s and other.start_s < self.end_s
        return same_time and bool(self.values.modes & other.values.modes)


@dataclass
class Program:
    """A DERProgram.

    Attributes:
        number: in the list of programs, from 1.
        gradient_cpct_per_s: setGradW, hundredths of a percent of the rating per second.
        served: numbers of controls beyond which nothing was published.
    """

    number: int
    primacy: int
    mrid: str
    default: Values | None = None
    default_mrid: str = ""
    gradient_cpct_per_s: int | None = None
    controls: dict[str, Control] = field(default_factory=dict)

    def listed(self, now_s: float) -> list[Control]:
        """Return the controls to be listed: by start, the latest created first."""
        kept = [one for one in self.controls.values() if now_s < one.kept_until_s]
        return sorted(kept, key=lambda one: (one.start_s, -one.created_s, -one.number))

    def superseded_s(self, control: Control) -> int | None:
        """Return when a later control of this program takes a control's place; None when none does."""
        starts = [
            max(other.start_s, control.start_s)
            for other in self.controls.values()
            if other.number > control.number
            and other.cancelled_s is None
            and other.overlaps(control)
        ]
        return min(starts, default=None)

    def status(self, control: Control, now_s: float) -> tuple[EventStatus, int]:
        """Return the status of a control and since when."""
        if control.cancelled_s is not None:
            return EventStatus.CANCELLED, control.cancelled_s
        superseded_s = self.superseded_s(control)
        if superseded_s is not None and superseded_s <= now_s:
            return EventStatus.SUPERSEDED, superseded_s
        if control.start_s <= now_s:
            return EventStatus.ACTIVE, max(control.start_s, control.created_s)
        return EventStatus.SCHEDULED, control.created_s


class Programs:
    """All programs of one site, by primacy."""

    def __init__(self) -> None:
        self._programs: dict[int, Program] = {}
        self._issued = 0

    def __iter__(self) -> Iterator[Program]:
        """Go through them as a list of programs is ordered: by primacy."""
        return iter(sorted(self._programs.values(), key=lambda program: program.primacy))

    def of(self, primacy: int) -> Program:
        """Return the program with a primacy; a new one when there is none."""
        if primacy not in self._programs:
            number = len(self._programs) + 1
            self._programs[primacy] = Program(number, primacy, self._mrid("D"))
        return self._programs[primacy]

    def numbered(self, number: int) -> Program | None:
        """Return a program by its number."""
        return next((one for one in self._programs.values() if one.number == number), None)

    def set_default(self, primacy: int, values: Values, gradient_cpct_per_s: int | None) -> None:
        """Give a program another default; its identifier stays."""
        program = self.of(primacy)
        program.default, program.gradient_cpct_per_s = values, gradient_cpct_per_s
        program.default_mrid = program.default_mrid or self._mrid("E")

    def add(
        self,
        primacy: int,
        values: Values,
        created_s: int,
        start_s: int,
        duration_s: int,
        window_s: int,
    ) -> Control:
        """Add a control to a program and return it."""
        program, mrid = self.of(primacy), self._mrid("C")
        control = Control(
            len(program.controls) + 1, mrid, values, created_s, start_s, duration_s, window_s
        )
        program.controls[mrid] = control
        return control

    def cancel(self, mrid: str, now_s: int) -> None:
        """Mark a control as cancelled.

        Raises:
            ConfigurationError: there is no such control.
        """
        for program in self._programs.values():
            if mrid in program.controls:
                control = program.controls[mrid]
                program.controls[mrid] = replace(control, cancelled_s=now_s)
                return
        raise ConfigurationError(
            f"cancel control {mrid!r}: the utility server published none of that name"
        )

    def outranked(self, program: Program, control: Control) -> bool:
        """Return whether a control may give way to another one, of this or a more important program."""
        above = [other for other in self._programs.values() if other.primacy < program.primacy]
        rivals = [one for other in above for one in other.controls.values()]
        contested = any(one.cancelled_s is None and one.overlaps(control) for one in rivals)
        return contested or program.superseded_s(control) is not None

    def _mrid(self, kind: str) -> str:
        """Return an identifier no other object has; the last digits stand for the issuer."""
        self._issued += 1
        return f"{kind}{self._issued:023X}00047770"
