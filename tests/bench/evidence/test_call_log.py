"""What a procedure calls is noted once, in order, with what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest

from bench.evidence.call_log import CallLog
from bench.evidence.calls import StoredFile
from instruments.clock import Deadline
from instruments.errors import LinkTimeout
from instruments.interfaces import Recording

RECORD = Recording(10.0, 0.0, {"u1": np.zeros(3)}, {"u1": "V"}, "analyser")


@dataclass
class SteppedClock:
    """A clock that shows one second more each time."""

    name: str = "virtual"
    times_s: list[float] = field(default_factory=list)

    def now_s(self) -> float:
        self.times_s.append(float(len(self.times_s)))
        return self.times_s[-1]

    def sleep(self, duration_s: float) -> None: ...

    def prompt(self) -> None: ...


def test_a_call_is_noted_with_arguments_answer_and_the_time_around_it() -> None:
    log = CallLog()
    assert log.made("source.switch_output", SteppedClock(), lambda on: not on, True) is False
    [call] = log.take()
    assert (call.name, call.arguments, call.result) == ("source.switch_output", (True,), False)
    assert (call.began_s, call.ended_s) == (0.0, 1.0)


def test_what_an_instrument_does_with_the_clock_it_was_given_is_part_of_its_call() -> None:
    log, clock = CallLog(), SteppedClock()

    def fetch(deadline: Deadline) -> float:
        log.looked(deadline.at_s)
        return float(log.made("clock.sleep", clock, lambda _: 7.0, 1.0))

    assert log.made("analyser.fetch_recording", clock, fetch, Deadline(clock, 3.0)) == 7.0
    assert [call.name for call in log.take()] == ["analyser.fetch_recording"]


def test_an_error_is_noted_and_goes_on_its_way() -> None:
    log, clock = CallLog(), SteppedClock()

    def silent() -> None:
        raise LinkTimeout("no answer")

    with pytest.raises(LinkTimeout):
        log.made("analyser.read", clock, silent)
    log.made("analyser.read", clock, lambda: 1)
    first, second = log.take()
    assert isinstance(first.error, LinkTimeout)
    assert second.result == 1


def test_a_record_in_the_evidence_is_named_by_its_file() -> None:
    log = CallLog()
    log.made("analyser.fetch_recording", SteppedClock(), lambda: RECORD)
    log.kept(RECORD, "recordings/a-01.h5")
    assert [call.result for call in log.take()] == [StoredFile("recordings/a-01.h5")]


def test_calls_are_taken_once() -> None:
    log = CallLog()
    log.looked(1.0)
    assert len(log.take()) == 1
    assert log.take() == []
