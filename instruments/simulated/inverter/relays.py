"""The protection of the simulated inverter: what it sees, and timers that run on it.

A relay compares the one-cycle mean square of each monitored phase, or the frequency, with a threshold. The
instant of crossing is found by bisection on the exact mean square, so trip times are not quantised by
the world's step.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from math import inf

from instruments.interfaces import PhaseValues
from instruments.simulated.inverter.parameters import InverterParameters
from instruments.simulated.inverter.settings import GridSettings, Trip
from instruments.simulated.physics.segment_log import SegmentLog
from instruments.simulated.physics.segments import LIVE_VOLTAGE_V, ZERO

Signal = Callable[[float], float]
BISECTIONS = 14
"""Of a step of 1 ms: to 0.1 µs."""
ROCOF_DELAY_S = 0.1
SIGNAL_THRESHOLD = 0.5


@dataclass
class Relay:
    """One threshold on one signal.

    Attributes:
        above: whether the signal is beyond the threshold when it is above it.
        beyond_since_s: when the signal last went beyond; None while it is inside.
        returned_s: when it last came back from having been beyond for longer than `forgiven_s`.
    """

    name: str
    signal: Signal
    threshold: float
    above: bool
    delay_s: float
    beyond_since_s: float | None = None
    returned_s: float = field(default=-inf)
    forgiven_s: float = 0.0

    def scan(self, from_s: float, to_s: float, value: float) -> None:
        """Look for a crossing in a step in which the signal is monotonic and ends at `value`."""
        beyond = value > self.threshold if self.above else value < self.threshold
        if beyond == (self.beyond_since_s is not None):
            return
        crossing_s = self._crossing(from_s, to_s, beyond)
        if self.beyond_since_s is None:
            self.beyond_since_s = crossing_s
            return
        if crossing_s - self.beyond_since_s > self.forgiven_s:
            self.returned_s = crossing_s
        self.beyond_since_s = None

    @property
    def due_s(self) -> float:
        """When the timer expires; infinity while it does not run."""
        return inf if self.beyond_since_s is None else self.beyond_since_s + self.delay_s

    def _beyond(self, time_s: float) -> bool:
        value = self.signal(time_s)
        return value > self.threshold if self.above else value < self.threshold

    def _crossing(self, from_s: float, to_s: float, beyond: bool) -> float:
        if self._beyond(from_s) == beyond:
            return from_s
        for _ in range(BISECTIONS):
            middle_s = 0.5 * (from_s + to_s)
            if self._beyond(middle_s) == beyond:
                to_s = middle_s
            else:
                from_s = middle_s
        return to_s


class _Watch:
    """The relays on one signal, and between which thresholds it is: there nothing can cross.

    Args:
        relays: all with the same signal.
    """

    def __init__(self, relays: Sequence[Relay]) -> None:
        self._signal = relays[0].signal
        self._relays = relays
        self._low = self._high = 0.0

    def scan(self, from_s: float, to_s: float) -> bool:
        """Follow the signal over a step; return whether a threshold may have been crossed."""
        value = self._signal(to_s)
        if self._low < value < self._high:
            return False
        for relay in self._relays:
            relay.scan(from_s, to_s, value)
        thresholds = [relay.threshold for relay in self._relays]
        self._low = max((level for level in thresholds if level <= value), default=-inf)
        self._high = min((level for level in thresholds if level >= value), default=inf)
        return True


class GridMonitor:
    """All relays of one inverter: trips, pauses, and the edges of the connection window.

    Attributes:
        next_trip_s: when the first running trip timer expires.
        pause_due_s: when generation must pause; infinity while the voltage is inside.
    """

    def __init__(
        self, parameters: InverterParameters, settings: GridSettings, log: SegmentLog
    ) -> None:
        self._log = log
        self._parameters = parameters
        self._last_frequency_hz = parameters.nominal_frequency_hz
        self._squared_s, self._squares = -inf, ZERO
        sensing, ride_through = parameters.sensing, parameters.ride_through
        monitored = sensing.monitored_phases[: parameters.phases]
        each = [self._mean_square(phase) for phase, watched in enumerate(monitored) if watched]
        squares = each if sensing.combined == "each" else [_mean(each)]
        self.trips = [
            relay
            for name, trip in settings.trips.items()
            if trip.enabled
            for relay in self._trip_relays(name, trip, squares)
        ]
        self.trips += self._unset_trips(squares)
        low_v, high_v = ride_through.cease_below_v, ride_through.cease_above_v
        self.pauses = _edges(squares, low_v**2, high_v**2, ride_through.cease_delay_s)
        self.window = self._window_edges(settings, squares)
        self._loss = Relay("loss", squares[0], LIVE_VOLTAGE_V**2, False, inf)
        self._watches = _by_signal([*self.trips, *self.pauses, *self.window, self._loss])
        self.next_trip_s = self.pause_due_s = inf

    def scan(self, from_s: float, to_s: float) -> None:
        """Follow the signals over one short step."""
        crossed = [watch.scan(from_s, to_s) for watch in self._watches]
        if not any(crossed):
            return
        self.next_trip_s = min((relay.due_s for relay in self.trips), default=inf)
        self.pause_due_s = min(relay.due_s for relay in self.pauses)

    def expired(self, now_s: float) -> list[str]:
        """Return the names of trips whose timers have expired."""
        return sorted({relay.name for relay in self.trips if relay.due_s <= now_s + 1e-12})

    def forget(self, names: Collection[str]) -> None:
        """Leave out the trips of these names from the next scan on."""
        self.trips = [relay for relay in self.trips if relay.name not in names]

    def inside_window_since_s(self) -> float | None:
        """Return since when the grid is inside the connection window; None when it is not."""
        return _inside_since_s(self.window)

    def back_from_loss_since(self, since_s: float) -> bool:
        """Tell whether the voltage has come back from nothing after `since_s`."""
        return self._loss.returned_s > since_s

    def pause_ended_s(self) -> float:
        """Return when the voltage came back inside; infinity while it is outside."""
        since_s = _inside_since_s(self.pauses)
        return inf if since_s is None else since_s

    def _mean_square(self, phase: int) -> Signal:
        """Return the mean square over one cycle of the present frequency, as the inverter sees it."""
        gain_square = self._parameters.sensing.voltage_gain**2
        if self._parameters.sensing.instantaneous:
            return lambda time_s: gain_square * self._log.at(time_s).voltages_at(time_s)[phase] ** 2
        return lambda time_s: gain_square * self._mean_squares(time_s)[phase]

    def _mean_squares(self, time_s: float) -> PhaseValues:
        """Return those of all phases: whoever asks for one asks for the others next."""
        if self._squared_s != time_s:
            cycle_s = 1.0 / self._log.at(time_s).frequency_at(time_s)
            self._squares = self._log.mean_squares(time_s, cycle_s)
            self._squared_s = time_s
        return self._squares

    def _frequency(self, time_s: float) -> float:
        segment = self._log.at(time_s)
        if max(segment.voltages_at(time_s)) > LIVE_VOLTAGE_V:
            offset_hz = self._parameters.sensing.frequency_offset_hz
            seen_hz = segment.seen_frequency_hz
            frequency_hz = segment.frequency_at(time_s) if seen_hz is None else seen_hz
            self._last_frequency_hz = frequency_hz + offset_hz
        return self._last_frequency_hz

    def _frequency_slope(self, time_s: float) -> float:
        return abs(self._log.at(time_s).frequency_slope_hz_per_s)

    def _grid_signal(self, time_s: float) -> float:
        """Return 1 while the grid is connected, else 0."""
        return float(self._log.at(time_s).fed)

    def _window_edges(self, settings: GridSettings, squares: Sequence[Signal]) -> list[Relay]:
        (low_v, high_v), (low_hz, high_hz) = (
            settings.connect_voltage_v,
            settings.connect_frequency_hz,
        )
        edges = [
            *_edges(squares, low_v**2, high_v**2, inf),
            *_edges([self._frequency], low_hz, high_hz, inf),
        ]
        for edge in edges:
            edge.forgiven_s = self._parameters.forgiven_excursion_s
        return edges

    def _unset_trips(self, squares: Sequence[Signal]) -> Iterator[Relay]:
        """Yield the trips that no setting shows."""
        ride_through, signal_s = self._parameters.ride_through, self._parameters.grid_signal_delay_s
        if ride_through.rocof_trip_hz_per_s is not None:
            limit = ride_through.rocof_trip_hz_per_s
            yield Relay("rate of change", self._frequency_slope, limit, True, ROCOF_DELAY_S)
        if signal_s is not None:
            yield Relay("grid signal", self._grid_signal, SIGNAL_THRESHOLD, False, signal_s)
        if ride_through.second_stage is not None:
            yield Relay(
                "second stage",
                self._frequency,
                ride_through.second_stage[0],
                True,
                ride_through.second_stage[1],
            )
        if ride_through.longest_pause_s is not None:
            low, longest_s = ride_through.cease_below_v**2, ride_through.longest_pause_s
            yield from (Relay("pauses", square, low, False, longest_s) for square in squares)

    def _trip_relays(self, name: str, trip: Trip, squares: Sequence[Signal]) -> list[Relay]:
        above = name.startswith("O")
        if name[1] == "F":
            return [Relay(name, self._frequency, trip.threshold, above, trip.delay_s)]
        return [Relay(name, square, trip.threshold**2, above, trip.delay_s) for square in squares]


def _by_signal(relays: Sequence[Relay]) -> list[_Watch]:
    grouped: dict[Signal, list[Relay]] = {}
    for relay in relays:
        grouped.setdefault(relay.signal, []).append(relay)
    return [_Watch(group) for group in grouped.values()]


def _mean(signals: Sequence[Signal]) -> Signal:
    return lambda time_s: sum(signal(time_s) for signal in signals) / len(signals)


def _edges(signals: Sequence[Signal], low: float, high: float, delay_s: float) -> list[Relay]:
    """Return a relay for each edge of a window around each signal."""
    return [
        relay
        for signal in signals
        for relay in (
            Relay("low", signal, low, False, delay_s),
            Relay("high", signal, high, True, delay_s),
        )
    ]


def _inside_since_s(relays: Sequence[Relay]) -> float | None:
    if any(relay.beyond_since_s is not None for relay in relays):
        return None
    return max(relay.returned_s for relay in relays)
