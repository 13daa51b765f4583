"""How a programmable source moves: slewed levels, and lists of points played with exact timing.

Timing is the world's own: neither the host nor the latency of a command enters it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import degrees, pi, radians, remainder

from instruments.interfaces import PhaseValues
from instruments.simulated.physics.world import World
from instruments.simulated.scpi.scpi_syntax import ScpiError
from instruments.simulated.transport.passage import Passage

FASTEST_SLEW = 1e9
TIME_DIGITS = 6
TRIGGER_IGNORED, INIT_IGNORED = -211, -213


@dataclass(frozen=True)
class Levels:
    """Phase voltages and frequency."""

    voltages_v: PhaseValues
    frequency_hz: float

    @property
    def values(self) -> tuple[float, float, float, float]:
        """The three voltages and the frequency."""
        return (*self.voltages_v, self.frequency_hz)


@dataclass(frozen=True)
class Slews:
    """How fast levels are approached, per second; from `FASTEST_SLEW` on they step."""

    voltages_v_per_s: PhaseValues
    frequency_hz_per_s: float

    @property
    def values(self) -> tuple[float, float, float, float]:
        """The slews of the three voltages and of the frequency."""
        return (*self.voltages_v_per_s, self.frequency_hz_per_s)


@dataclass(frozen=True)
class Ramp:
    """A movement in which all levels change linearly and arrive together; 0 s is a step."""

    levels: Levels
    duration_s: float


@dataclass(frozen=True)
class ListPoint:
    """One point of a list: approach the levels; the dwell begins with the approach."""

    levels: Levels
    slews: Slews
    dwell_s: float


@dataclass(frozen=True)
class ListProgram:
    """A list ready to be played.

    Attributes:
        count: how often the points are played.
        one_point_a_trigger: whether each point waits for its own trigger.
        start_angle_deg: angle of phase 1 at which the first point begins; None is at once.
    """

    points: tuple[ListPoint, ...]
    count: int = 1
    one_point_a_trigger: bool = False
    start_angle_deg: float | None = None


def ramps_between(start: Levels, end: Levels, slews: Slews) -> list[Ramp]:
    """Return the ramps in which every level approaches its end with its own slew.

    A level that arrives early stays. Times are rounded to 1 µs.
    """
    channels = [
        (a, b, _approach_s(a, b, slew))
        for a, b, slew in zip(start.values, end.values, slews.values, strict=True)
    ]
    moments_s = sorted({duration_s for _, _, duration_s in channels if duration_s > 0})
    if not moments_s or any(a != b and duration_s == 0 for a, b, duration_s in channels):
        moments_s.insert(0, 0.0)
    return [
        Ramp(_levels_at(channels, moment_s), moment_s - before_s)
        for before_s, moment_s in zip([0.0, *moments_s], moments_s, strict=False)
    ]


def _approach_s(start: float, end: float, slew: float) -> float:
    return 0.0 if slew >= FASTEST_SLEW else round(abs(end - start) / slew, TIME_DIGITS)


def _levels_at(channels: list[tuple[float, float, float]], time_s: float) -> Levels:
    a, b, c, frequency_hz = (
        end if duration_s <= time_s else start + (end - start) * time_s / duration_s
        for start, end, duration_s in channels
    )
    return Levels((a, b, c), frequency_hz)


class SlewedSource:
    """Moves the levels of the world's source; a new movement replaces the one that goes on."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._movement = 0

    @property
    def levels(self) -> Levels:
        """The levels at this instant."""
        return Levels(self._world.source.voltages_v, self._world.source.frequency_hz)

    def approach(self, levels: Levels, slews: Slews) -> None:
        """Go to `levels`, each with its slew, from where they are now."""
        self._movement += 1
        self._go_on(self._movement, ramps_between(self.levels, levels, slews))

    def turn(self, angles_deg: Sequence[float]) -> None:
        """Jump to new angles of the phases, each the shorter way round."""
        a, b, c = (
            now + remainder(radians(angle) - now, 2 * pi)
            for now, angle in zip(self._world.source.angles_rad, angles_deg, strict=True)
        )
        self._world.source.turn_to((a, b, c))

    def hold(self) -> None:
        """Stay at the present levels."""
        self._movement += 1
        self._world.source.hold()

    def _go_on(self, movement: int, ramps: list[Ramp]) -> None:
        if movement != self._movement or not ramps:
            return
        ramp, rest = ramps[0], ramps[1:]
        levels = ramp.levels
        self._world.source.ramp_to(levels.voltages_v, levels.frequency_hz, ramp.duration_s)
        if ramp.duration_s == 0:
            self._go_on(movement, rest)
        else:
            end_s = self._world.now_s + ramp.duration_s
            self._world.schedule(end_s, lambda: self._go_on(movement, rest))


class ListTransient:
    """The trigger system of a source: idle, initiated, playing a list.

    Args:
        compile_list: returns the list to play, when the trigger comes. Raises ScpiError.
        moved: told the levels that are in force from now on.
        ended: called when a list has been played to its end.
    """

    def __init__(
        self,
        world: World,
        source: SlewedSource,
        passage: Passage,
        *,
        compile_list: Callable[[], ListProgram],
        moved: Callable[[Levels], None],
        ended: Callable[[], None],
    ) -> None:
        self._world = world
        self._source = source
        self._passage = passage
        self._compile_list = compile_list
        self._moved = moved
        self._ended = ended
        self._run = 0
        self._program: ListProgram | None = None
        self._next_point = 0
        self._dwell_ends_s = 0.0
        self.initiated = False

    @property
    def playing(self) -> bool:
        """Whether a list is being played."""
        return self._program is not None

    @property
    def busy(self) -> bool:
        """Whether the list goes on by itself, without a further trigger."""
        waits = self._program is not None and self._program.one_point_a_trigger
        return self.playing and not (waits and self._world.now_s >= self._dwell_ends_s)

    def initiate(self) -> None:
        """Get ready for a trigger."""
        if self.initiated or self.playing:
            raise ScpiError(INIT_IGNORED)
        self.initiated = True

    def trigger(self) -> None:
        """Begin the list, or its next point."""
        if self.initiated:
            self.initiated = False
            self._begin(self._compile_list())
        elif self.playing and not self.busy:
            self._dwell_ends_s = self._world.now_s
            self._play(self._run)
        else:
            raise ScpiError(TRIGGER_IGNORED)

    def abort(self) -> None:
        """Return to idle; a list that plays stops with the present levels."""
        self.initiated = False
        if self.playing:
            self._leave()
            self._source.hold()
            self._moved(self._source.levels)

    def finish(self) -> None:
        """Let the world go on until the list does no more by itself."""
        while self.busy:
            self._passage.advance_to(self._dwell_ends_s)

    def _begin(self, program: ListProgram) -> None:
        self._run += 1
        run = self._run
        self._program, self._next_point = program, 0
        wait_s = self._wait_for_angle_s(program.start_angle_deg)
        self._dwell_ends_s = self._world.now_s + wait_s
        if wait_s > 0:
            self._world.schedule(self._dwell_ends_s, lambda: self._play(run))
        else:
            self._play(run)

    def _wait_for_angle_s(self, angle_deg: float | None) -> float:
        if angle_deg is None:
            return 0.0
        source = self._world.source
        return (angle_deg - degrees(source.theta_rad())) % 360 / 360 / source.frequency_hz

    def _play(self, run: int) -> None:
        program = self._program
        if run != self._run or program is None:
            return
        if self._next_point == len(program.points) * program.count:
            self._leave()
            self._ended()
            return
        point = program.points[self._next_point % len(program.points)]
        self._next_point += 1
        self._source.approach(point.levels, point.slews)
        self._moved(point.levels)
        self._dwell_ends_s += point.dwell_s
        last = self._next_point == len(program.points) * program.count
        if last or not program.one_point_a_trigger:
            self._world.schedule(self._dwell_ends_s, lambda: self._play(run))

    def _leave(self) -> None:
        self._run += 1
        self._program = None
