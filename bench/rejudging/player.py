"""Kept calls answered in their order.

A procedure gets what it got in the run, or learns that it asks for something else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isclose
from pathlib import Path
from typing import Any

from bench.evidence.calls import Call, StoredFile
from bench.evidence.journal import load_recording
from instruments.clock import Deadline
from instruments.errors import BenchError
from instruments.interfaces import GridStep, Recording, Stimulus

LOAD_PROGRAM, SET_LEVELS = "source.load_program", "source.set_levels"
ARM = "analyser.arm_recording"
RECORDING = frozenset({ARM, "analyser.fetch_recording"})
"""Calls whose arguments are how long to record: another profile may ask for another time, and a record shows
how long it is. How long was waited for a reading shows nowhere: that must be the same."""

RELATIVE, ABSOLUTE = 1e-9, 1e-12


class DoesNotReplay(BenchError):
    """The procedure asks for something else than the run did, so the evidence does not answer it."""


class NoLongerTests(BenchError):
    """What was applied is not what this grid code's requirement is tested with."""


class CutOff(BenchError):
    """The run ended inside this trial."""


class Player:
    """Answers the calls of one trial.

    Args:
        calls: of the trial, in order.
        directory: of the run, where the records lie.
        whole: whether the trial came to its end.
        same_profile: whether the grid code is the run's own, so that every argument must be the same.

    Attributes:
        now_s: the run's clock at the point that is reached.
        files: id of a record that was given out → its path inside the run.
    """

    def __init__(
        self, calls: Sequence[Call], directory: Path, *, whole: bool, same_profile: bool
    ) -> None:
        self.now_s = calls[0].began_s if calls else 0.0
        self.files: dict[int, str] = {}
        self._calls = calls
        self._directory = directory
        self._whole = whole
        self._same_profile = same_profile
        self._next = 0
        self._over: BenchError | None = None
        self._given: list[Recording] = []

    def call(self, name: str, *arguments: Any) -> Any:
        """Return what the same call returned, or raise what it raised.

        Raises:
            DoesNotReplay: the run made another call at this point.
            NoLongerTests: it applied something else than is asked for.
            CutOff: it ended here.
        """
        if self._over:
            raise self._over
        try:
            call = self._expected(name)
            self._check(call, arguments)
        except BenchError as error:
            self._over = error
            raise
        self._next += 1
        self.now_s = call.ended_s
        if call.error:
            raise call.error
        return self._given_out(call.result)

    def program(self, wanted: Stimulus) -> Stimulus:
        """Return the program the run loads next, which is what was applied; `wanted` if it loads none."""
        following = self._calls[self._next : self._next + 1]
        if following and following[0].name == LOAD_PROGRAM and not self._over:
            applied: Stimulus = following[0].arguments[0]
            return applied
        return wanted

    def unasked(self) -> str | None:
        """Return why the end of the procedure is not the end of the trial; None when it is."""
        left = len(self._calls) - self._next
        if self._over or not left:
            return None
        return (
            f"the procedure ended {left} calls before the run did (next: {self._calls[self._next].name}); "
            "it was changed since, or the grid code asks for less"
        )

    def _expected(self, name: str) -> Call:
        if self._next < len(self._calls):
            call = self._calls[self._next]
            if isinstance(call.error, KeyboardInterrupt):
                raise CutOff(f"the run was interrupted in {call.name}")
            if call.name == name:
                return call
        if not self._whole:
            raise CutOff(f"the run ended before {name} (call {self._next + 1} of this trial)")
        found = self._calls[self._next].name if self._next < len(self._calls) else "nothing more"
        raise DoesNotReplay(
            f"call {self._next + 1} of this trial: the procedure asks for {name}, the run did {found}. The "
            "procedure was changed since, or the grid code asks for another course"
        )

    def _check(self, call: Call, arguments: Sequence[Any]) -> None:
        wanted = tuple(map(_plain, arguments))
        if call.name == ARM:
            # Before channels could be chosen a record held all of them, and the call did not name any.
            wanted = wanted[: len(call.arguments)]
        if _equal(wanted, tuple(call.arguments)):
            return
        if self._same_profile:
            raise DoesNotReplay(
                f"call {self._next + 1} of this trial, {call.name}: the procedure says {_text(wanted)}, the "
                f"run said {_text(call.arguments)}. The procedure was changed since"
            )
        permitted = _PERMITTED.get(call.name)
        if call.name in RECORDING or (permitted and permitted(wanted[0], call.arguments[0])):
            return
        raise NoLongerTests(
            f"{call.name}: applied was {_text(call.arguments)}, this grid code asks for {_text(wanted)}. "
            "What was applied does not test it: run the procedure with this grid code"
        )

    def _given_out(self, result: Any) -> Any:
        if not isinstance(result, StoredFile):
            return result
        recording = load_recording(self._directory / result.path)
        # Held, so that no later record gets the same id.
        self._given.append(recording)
        self.files[id(recording)] = result.path
        return recording


def _plain(value: Any) -> Any:
    return value.at_s if isinstance(value, Deadline) else value


def _text(arguments: Sequence[Any]) -> str:
    """Return arguments in few words: a program by its name and how long its steps are."""
    return ", ".join(
        f"“{item.name}” ({', '.join(f'{step.duration_s:g} s' for step in item.steps)})"
        if isinstance(item, Stimulus)
        else str(item)
        for item in arguments
    )


def _equal(one: Any, other: Any) -> bool:
    """Return whether two arguments are the same; numbers may differ as they do between two machines."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, int | float) and isinstance(other, int | float):
        return isclose(one, other, rel_tol=RELATIVE, abs_tol=ABSOLUTE)
    if isinstance(one, tuple | list) and isinstance(other, tuple | list):
        return len(one) == len(other) and all(map(_equal, one, other))
    if hasattr(one, "__dataclass_fields__"):
        return type(one) is type(other) and _equal(
            tuple(vars(one).values()), tuple(vars(other).values())
        )
    return bool(one == other)


def _tests_at_least(wanted: Stimulus, applied: Stimulus) -> bool:
    """Return whether a program is the wanted one, or only held its last step longer."""
    if len(wanted.steps) != len(applied.steps):
        return False
    *firsts, last = zip(wanted.steps, applied.steps, strict=True)
    same = all(_equal(one, other) for one, other in firsts) and _same_levels(*last)
    longer = last[1].hold_s >= last[0].hold_s and _equal(last[0].ramp_s, last[1].ramp_s)
    return same and longer


def _same_levels(wanted: GridStep, applied: GridStep) -> bool:
    return all(
        _equal(getattr(wanted, name), getattr(applied, name))
        for name in ("voltages_v", "frequency_hz", "angles_deg")
    )


_PERMITTED: dict[str, Callable[[Any, Any], bool]] = {
    LOAD_PROGRAM: _tests_at_least,
    SET_LEVELS: _same_levels,
}
"""Method → whether another argument than was asked for tests the same."""
