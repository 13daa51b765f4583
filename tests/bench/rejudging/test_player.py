"""Kept calls answer the same questions in the same order, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bench.evidence.calls import Call, StoredFile
from bench.evidence.journal import RunDirectory
from bench.rejudging.player import CutOff, DoesNotReplay, NoLongerTests, Player
from instruments.errors import LinkTimeout
from instruments.interfaces import GridStep, Recording, Stimulus

NOMINAL = GridStep((230.0,) * 3, 50.0, 1.0)
FAULT = GridStep((267.8, 230.0, 230.0), 50.0, 6.0)
STEP = Stimulus("step L1 to 267.8 V", (NOMINAL, FAULT))


def player(
    *calls: Call, directory: Path = Path(), whole: bool = True, same_profile: bool = True
) -> Player:
    return Player(calls, directory, whole=whole, same_profile=same_profile)


def called(name: str, *arguments: object, result: object = None) -> Call:
    return Call(name, arguments, 1.0, 2.0, result)


def loaded(applied: Stimulus, wanted: Stimulus) -> None:
    player(called("source.load_program", applied), same_profile=False).call(
        "source.load_program", wanted
    )


def test_it_answers_in_order_and_follows_the_clock_of_the_run() -> None:
    played = player(
        Call("contactor.is_closed", (), 3.0, 4.0, False), Call("clock.now_s", (), 5.0, 5.0, 5.0)
    )
    assert played.now_s == 3.0
    assert played.call("contactor.is_closed") is False
    assert played.now_s == 4.0
    assert played.call("clock.now_s") == 5.0
    assert played.unasked() is None


def test_what_an_instrument_raised_is_raised_again() -> None:
    played = player(Call("analyser.read", (), 1.0, 2.0, error=LinkTimeout("no answer in 5 s")))
    with pytest.raises(LinkTimeout, match="no answer in 5 s"):
        played.call("analyser.read")


@pytest.mark.parametrize("calls", [[called("analyser.read")], []], ids=["another", "nothing"])
def test_a_call_the_run_did_not_make_ends_the_trial(calls: Sequence[Call]) -> None:
    with pytest.raises(DoesNotReplay, match=r"asks for contactor\.switch"):
        player(*calls).call("contactor.switch", True)


def test_after_a_mismatch_nothing_is_answered_any_more() -> None:
    played = player(called("analyser.read"))
    for name in ("contactor.switch", "analyser.read"):
        with pytest.raises(DoesNotReplay):
            played.call(name)


def test_calls_that_are_not_asked_for_are_reported() -> None:
    played = player(called("analyser.read"), called("contactor.switch", False))
    played.call("analyser.read")
    assert "1 calls" in str(played.unasked())
    assert "contactor.switch" in str(played.unasked())


def test_with_the_run_s_own_profile_every_argument_must_be_the_same() -> None:
    with pytest.raises(DoesNotReplay, match=r"the procedure says 2\.5, the run said 2"):
        player(called("clock.sleep", 2.0)).call("clock.sleep", 2.5)


def test_an_argument_may_differ_as_sums_do_between_two_machines() -> None:
    player(called("clock.sleep", 0.3)).call("clock.sleep", 0.1 + 0.2)


def test_a_flag_is_not_a_number() -> None:
    with pytest.raises(DoesNotReplay):
        player(called("contactor.switch", True)).call("contactor.switch", 1)


def test_another_profile_may_record_for_another_time_but_not_wait_for_one() -> None:
    record = called("analyser.arm_recording", 10_000.0, 0.2, 5.0)
    player(record, same_profile=False).call("analyser.arm_recording", 10_000.0, 0.2, 4.0)
    with pytest.raises(NoLongerTests):
        player(called("clock.sleep", 5.0), same_profile=False).call("clock.sleep", 4.0)


def test_a_run_from_before_channels_could_be_chosen_recorded_all_of_them() -> None:
    record = called("analyser.arm_recording", 10_000.0, 0.2, 5.0)
    player(record).call("analyser.arm_recording", 10_000.0, 0.2, 5.0, ("u1", "i1"))
    chosen = called("analyser.arm_recording", 10_000.0, 0.2, 5.0, ("u1",))
    with pytest.raises(DoesNotReplay):
        player(chosen).call("analyser.arm_recording", 10_000.0, 0.2, 5.0, ("u1", "i1"))


def test_a_program_that_was_held_longer_at_its_end_tests_the_shorter_one() -> None:
    loaded(STEP, replace(STEP, steps=(NOMINAL, replace(FAULT, hold_s=4.0))))


@pytest.mark.parametrize(
    "wanted",
    [
        (NOMINAL, replace(FAULT, hold_s=6.1)),
        (NOMINAL, replace(FAULT, voltages_v=(272.8, 230.0, 230.0))),
        (NOMINAL, replace(FAULT, frequency_hz=50.1)),
        (NOMINAL, replace(FAULT, ramp_s=0.1)),
        (replace(NOMINAL, hold_s=0.9), FAULT),
        (NOMINAL, FAULT, NOMINAL),
    ],
    ids=["longer", "higher", "faster", "slower", "earlier", "further"],
)
def test_any_other_program_no_longer_tests_the_requirement(wanted: tuple[GridStep, ...]) -> None:
    with pytest.raises(NoLongerTests, match=r"step L1 to 267\.8 V.*does not test it"):
        loaded(STEP, replace(STEP, steps=wanted))


def test_the_program_on_record_is_the_one_that_was_applied() -> None:
    wanted = replace(STEP, steps=(NOMINAL, replace(FAULT, hold_s=4.0)))
    assert player(called("source.load_program", STEP)).program(wanted) == STEP


@pytest.mark.parametrize(
    "calls",
    [[], [called("analyser.set_averaging", 0.1)], [Call("a", (), 0, 0, error=KeyboardInterrupt())]],
    ids=["ended", "cleaned up", "interrupted"],
)
def test_a_trial_that_was_cut_off_is_played_as_far_as_it_went(calls: Sequence[Call]) -> None:
    with pytest.raises(CutOff):
        player(*calls, whole=False).call("analyser.read")


def test_a_record_comes_from_its_file_and_is_known_by_it(tmp_path: Path) -> None:
    directory = RunDirectory.create(tmp_path / "run")
    samples = np.array([0.1, -1.5, 3.25])
    file = directory.store_recording("t", Recording(1e4, 7.5, {"u1": samples}, {"u1": "V"}, "lab"))
    played = player(
        called("analyser.fetch_recording", 9.0, result=StoredFile(file.path)),
        directory=directory.path,
    )
    recording = played.call("analyser.fetch_recording", 9.0)
    assert np.array_equal(recording.channels["u1"], samples)
    assert recording.start_s == 7.5
    assert played.files[id(recording)] == file.path
