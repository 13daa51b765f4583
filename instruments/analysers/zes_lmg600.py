"""ZES Zimmer LMG600 power analysers in the SHORT language, with the transient recorder.

Channels 1 to 3 measure voltage and current at the inverter's terminals, current out of the inverter positive;
channels 4 to 6 carry the voltage at the grid contactor and the current through it, positive into the grid.
Command words as used by public drivers of this family. Taken as given until seen on hardware: TSTR? is the
trigger's time stamp; packed values are little-endian, after two leading items that are dropped.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import inf, nan

import numpy as np

from instruments.analysers.cadence import Cadence
from instruments.analysers.pieces import Piece, Pieces
from instruments.clock import Clock, Deadline, wait_until
from instruments.errors import (
    InstrumentError,
    LinkGarbled,
    LinkTimeout,
    ReadBackMismatch,
    StaleReading,
)
from instruments.interfaces import (
    ALL_CHANNELS,
    Identity,
    MessageLink,
    PhaseValues,
    Reading,
    Recording,
    Samples,
)
from instruments.scpi import ScpiDialogue, parse_number, parse_numbers
from instruments.site import SiteReading

TRACKS = {"u1": "U1", "u2": "U2", "u3": "U3", "i1": "I1", "i2": "I2", "i3": "I3"} | {
    "ig1": "I4",
    "ig2": "I5",
    "ig3": "I6",
}
PIECE_POINTS = 30_000
LEADING_ITEMS = 2
RECORD_FINISHED = 5
SITE_CHANNELS = (4, 5, 6)
QUANTITIES = ("UTRMS{}?", "ITRMS{}?", "P{}?", "Q{}?")
PHASE_QUERIES = [quantity.format(n) for quantity in QUANTITIES for n in (1, 2, 3)]
SITE_QUERIES = [f"P{n}?" for n in SITE_CHANNELS]
READING_QUERY = ";".join(["INIM;TSNORM?", *PHASE_QUERIES, "FCYC1?"])
SITE_QUERY = ";".join([READING_QUERY, *SITE_QUERIES])
_TIME_STAMP = re.compile(r"^(\d+):(\d+):(\d+)D(\d+):(\d+):(\d+\.\d+)$")
WINDOWS_AWAITED = 5
FIRST_DAY = date(2000, 1, 1).toordinal()
SECONDS_PER_DAY = 86_400


@dataclass(frozen=True)
class _Armed:
    sample_rate_hz: float
    pre_trigger_s: float
    length_s: float
    channels: Sequence[str]


class Lmg600:
    """An LMG600 with six power channels. Implements `PowerAnalyser`.

    Args:
        link: message link to the analyser.
        clock: used to wait for readings and records, and to stamp exchanges.
        cycle_s: averaging window, at least 0.01 s.
        voltage_range_v, current_range_a: fixed ranges; automatic ranging would gap a record.
    """

    def __init__(
        self,
        link: MessageLink,
        clock: Clock,
        *,
        cycle_s: float = 0.1,
        voltage_range_v: float = 400.0,
        current_range_a: float = 40.0,
    ) -> None:
        self._scpi = ScpiDialogue(link, "SYST:ERR:ALL?")
        self._clock = clock
        self._cycle_s = cycle_s
        self._voltage_range_v = voltage_range_v
        self._current_range_a = current_range_a
        self._last_end_s = -inf
        self._cadence = Cadence(cycle_s)
        self._armed: _Armed | None = None
        self._triggered_s = -inf
        self._last_trigger_s: float | None = None
        self._last_pieces: frozenset[bytes] = frozenset()

    def identify(self) -> Identity:
        return self._scpi.identify()

    def configure(self) -> None:
        self._scpi.command("*ZLANG SHORT", "*CLS", "FRMT PACKED", "CONT OFF")
        self._scpi.set_number("CYCL", self._cycle_s, 1e-6)
        for n in range(1, 7):
            self._scpi.set_word(f"UAUTO{n}", "0")
            self._scpi.set_word(f"IAUTO{n}", "0")
            self._scpi.set_number(f"URNG{n}", self._voltage_range_v, 1e-3)
            self._scpi.set_number(f"IRNG{n}", self._current_range_a, 1e-3)
        for track, signal in enumerate(TRACKS.values()):
            self._select_signal(track, signal)
        self.check_errors()

    def set_averaging(self, window_s: float) -> None:
        self._scpi.set_number("CYCL", window_s, 1e-6)
        self._cycle_s = window_s
        self._cadence = Cadence(window_s)
        self.check_errors()

    def read(self) -> Reading:
        """Return the newest complete reading.

        Raises:
            StaleReading: the analyser answers with the reading it gave before.
        """
        return self._newest(READING_QUERY)

    def _newest(self, query: str) -> Reading:
        deadline = Deadline.after(self._clock, WINDOWS_AWAITED * self._cycle_s)
        self._clock.sleep(self._cadence.wait_s(self._clock.now_s()))
        while (reading := self._read_once(query)).end_s <= self._last_end_s:
            if deadline.passed:
                raise StaleReading(
                    f"{self._scpi.link.name}: the reading that ends at {reading.end_s:.3f} s of the "
                    f"analyser's clock has not been renewed for {WINDOWS_AWAITED * self._cycle_s:g} s"
                )
            self._cadence.repeated(reading.requested_s)
            wait_s = self._cadence.wait_s(self._clock.now_s()) or self._cycle_s / 2
            self._clock.sleep(min(wait_s, deadline.remaining_s))
        self._cadence.renewed(reading.end_s, reading.answered_s)
        self._last_end_s = reading.end_s
        return reading

    def arm_recording(
        self,
        sample_rate_hz: float,
        pre_trigger_s: float,
        length_s: float,
        channels: Sequence[str] = ALL_CHANNELS,
    ) -> None:
        self._scpi.set_number("TRCSR", sample_rate_hz, 0.5)
        self._scpi.set_number("TRRECLEN", length_s, 1e-3)
        self._scpi.set_number("TRCPTRT", pre_trigger_s, 1e-3)
        self._scpi.command("TRANSIENTRESTART")
        self.check_errors()
        self._armed = _Armed(sample_rate_hz, pre_trigger_s, length_s, channels)
        self._clock.sleep(pre_trigger_s)

    def trigger_recording(self) -> None:
        self._scpi.command("TRANSIENTNOW")
        self._triggered_s = self._clock.now_s()

    def fetch_recording(self, deadline: Deadline) -> Recording:
        """Wait for the record and read the tracks that were asked for.

        Raises:
            InstrumentError: nothing was armed.
            LinkTimeout: the record is not complete at the deadline.
            LinkGarbled: the record is not of the length that was armed.
            StaleReading: some or all of it was delivered before.
        """
        if self._armed is None:
            raise InstrumentError(f"{self._scpi.link.name}: no record was armed")
        armed, self._armed = self._armed, None
        ends_s = self._triggered_s + armed.length_s - armed.pre_trigger_s
        self._clock.sleep(min(deadline.remaining_s, max(0.0, ends_s - self._clock.now_s())))
        if not wait_until(self._record_finished, deadline, poll_s=0.2):
            raise LinkTimeout(f"{self._scpi.link.name}: the record is not complete at its deadline")
        points = self._points(armed)
        trigger_s = self._trigger_s()
        pieces = Pieces(self._scpi.link.name, self._last_pieces)
        tracks = {name: ALL_CHANNELS.index(name) for name in armed.channels}
        channels = {name: self._track(k, points, pieces) for name, k in tracks.items()}
        self.check_errors()
        self._last_trigger_s, self._last_pieces = trigger_s, frozenset(pieces.seen)
        return Recording(
            sample_rate_hz=armed.sample_rate_hz,
            start_s=trigger_s - armed.pre_trigger_s,
            channels=channels,
            units={name: "V" if name.startswith("u") else "A" for name in channels},
            source=self._scpi.link.name,
        )

    def check_errors(self) -> None:
        self._scpi.check_errors()

    def site_meter(self) -> LmgSiteMeter:
        """Return channels 4 to 6 as a meter at the connection point."""
        return LmgSiteMeter(self)

    def read_with_site(self) -> Reading:
        """Return the newest complete reading with what channels 4 to 6 show. Raises StaleReading."""
        return self._newest(SITE_QUERY)

    def _read_once(self, query: str) -> Reading:
        requested_s = self._clock.now_s()
        answer = self._scpi.link.query(query)
        fields = answer.split(";")
        expected = query.count("?")
        if len(fields) != expected:
            raise LinkGarbled(
                f"{self._scpi.link.name}: a reading of {len(fields)} fields, expected "
                f"{expected}: {answer!r}"
            )
        a, b, c, d, e, f, g, h, i, j, k, m = parse_numbers(fields[1:13], PHASE_QUERIES)
        return Reading(
            end_s=_time_stamp_s(fields[0]),
            window_s=self._cycle_s,
            voltages_v=(a, b, c),
            currents_a=(d, e, f),
            active_powers_w=(g, h, i),
            reactive_powers_var=(j, k, m),
            frequency_hz=_frequency(fields[13]),
            site_powers_w=_site_powers_w(fields[14:]) if fields[14:] else None,
            requested_s=requested_s,
            answered_s=self._clock.now_s(),
        )

    def _record_finished(self) -> bool:
        return int(self._scpi.ask_number("TRPSTAT?")) == RECORD_FINISHED

    def _points(self, armed: _Armed) -> int:
        """Return the length of the record, which must be the one that was armed."""
        points = int(self._scpi.ask_number("TRPTLEN?"))
        wanted = armed.sample_rate_hz * armed.length_s
        if abs(points - wanted) > 1:
            raise LinkGarbled(
                f"{self._scpi.link.name}: the record has {points} points, expected {wanted:.0f}: "
                f"{armed.length_s:g} s at {armed.sample_rate_hz:g} S/s"
            )
        return points

    def _trigger_s(self) -> float:
        """Return the time of the trigger, which must be later than that of the record before."""
        trigger_s = _time_stamp_s(self._scpi.link.query("TSTR?"))
        if self._last_trigger_s is not None and trigger_s <= self._last_trigger_s:
            raise StaleReading(
                f"{self._scpi.link.name}: the record was triggered at {trigger_s:.3f} s of the "
                f"analyser's clock, the one before at {self._last_trigger_s:.3f} s: it is not new"
            )
        return trigger_s

    def _select_signal(self, track: int, signal: str) -> None:
        """Put a signal on a track of the recorder and compare what reads back."""
        question = f"TRCTRAC {track},'{signal}';TRCTRAC? {track}"
        answer = self._scpi.ask(question).strip().strip("'\"")
        if answer.upper() != signal:
            self.check_errors()
            raise ReadBackMismatch(
                f"{self._scpi.link.name}: track {track} was set to {signal} and reads back {answer!r}"
            )

    def _track(self, track: int, points: int, pieces: Pieces) -> Samples:
        delivered = [
            pieces.fresh(self._piece(track, first, min(first + PIECE_POINTS, points) - 1))
            for first in range(0, points, PIECE_POINTS)
        ]
        return np.concatenate(delivered, dtype=np.float64)

    def _piece(self, track: int, first: int, last: int) -> Piece:
        question = f"TRPVAL? {track},({first}:{last})"
        items = np.frombuffer(self._scpi.link.query_block(question), dtype="<f4")
        wanted = last - first + 1 + LEADING_ITEMS
        if len(items) != wanted:
            raise LinkGarbled(
                f"{self._scpi.link.name}: {question} answered {len(items)} values, "
                f"expected {wanted}"
            )
        return items[LEADING_ITEMS:]


class LmgSiteMeter:
    """Channels 4 to 6 at the connection point. Implements `SiteMeter`.

    Args:
        analyser: whose channels they are; its averaging window is theirs.
    """

    def __init__(self, analyser: Lmg600) -> None:
        self._analyser = analyser

    def identify(self) -> Identity:
        return self._analyser.identify()

    def read(self) -> SiteReading:
        reading = self._analyser.read_with_site()
        assert reading.site_powers_w is not None
        return SiteReading(
            window_s=reading.window_s,
            active_powers_w=reading.site_powers_w,
            requested_s=reading.requested_s,
            answered_s=reading.answered_s,
            beside=reading,
        )


def _site_powers_w(fields: list[str]) -> PhaseValues:
    a, b, c = parse_numbers(fields, SITE_QUERIES)
    return (a, b, c)


def _frequency(text: str) -> float:
    """Return the frequency; a dead bus has none, which the analyser answers as NAN."""
    return nan if text.strip().upper() == "NAN" else parse_number(text, "FCYC1?")


def _time_stamp_s(text: str) -> float:
    """Return seconds from year:month:dayDhour:minute:second; years and months only count on."""
    match = _TIME_STAMP.match(text.strip())
    if not match:
        raise LinkGarbled(f"time stamp {text!r}: expected YYYY:MM:DDDhh:mm:ss.nnnnnnnnn")
    year, month, day, hour, minute = (int(match[k]) for k in range(1, 6))
    try:
        days = date(year, month, day).toordinal() - FIRST_DAY
    except ValueError as error:
        raise LinkGarbled(f"time stamp {text!r}: {error}") from error
    return days * SECONDS_PER_DAY + hour * 3600 + minute * 60 + float(match[6])
