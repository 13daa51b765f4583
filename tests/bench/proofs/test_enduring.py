"""When trouble with the bench became a verdict."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bench.proofs.enduring import Endured, RunEnd
from bench.proofs.proving import Proof
from instruments.simulated.troubles import TroubledBench
from reports.proof import proof_text, render_proof, summary_lines

BENCH = TroubledBench(
    id="reading-mute",
    title="a reading gets no answer",
    troubles=("silence@power_analyser",),
    trials="OV1",
    outcomes=("invalid", "pass"),
    reason="LinkTimeout",
    exit_code=3,
)


def trial(name: str, outcome: str, value: str = "1.0", **changes: Any) -> dict[str, Any]:
    measurement = {"value": value, "unit": "s", "expanded_uncertainty": "0.1", "censored": None}
    verdict = {
        "requirement": "OV1",
        "limit": {"quantity": "disconnection time"},
        "measurement": measurement | changes,
    }
    invalid = outcome == "invalid"
    return {
        "id": name,
        "outcome": outcome,
        "reason": "LinkTimeout: no answer" if invalid else None,
        "verdicts": [] if invalid else [verdict],
    }


def end(*trials: dict[str, Any], code: int = 3, problems: tuple[str, ...] = ()) -> RunEnd:
    return RunEnd(code, "", {"trials": trials, "safe_state": {"problems": problems}})


UNTROUBLED = end(trial("L1", "pass"), trial("L2", "pass"), code=0)
AS_IT_MUST = end(trial("L1", "invalid"), trial("L2", "pass"))


def test_a_spoilt_trial_that_is_invalid_beside_a_sound_one_is_as_it_must_be() -> None:
    assert Endured(BENCH, AS_IT_MUST, UNTROUBLED).flaws == []


@pytest.mark.parametrize(
    ("run", "flaw"),
    [
        (end(trial("L1", "fail"), trial("L2", "pass"), code=1), "expected invalid, pass"),
        (end(trial("L1", "pass"), trial("L2", "pass"), code=0), "expected invalid, pass"),
        (end(trial("L1", "invalid"), trial("L2", "pass"), code=4), "exit code 4; expected 3"),
        (end(trial("L1", "invalid"), trial("L2", "pass", "1.3")), "1.3 s; 1 s without trouble"),
        (
            end(trial("L1", "invalid"), trial("L2", "pass", censored="at least")),
            "without trouble",
        ),
        (end(trial("L1", "invalid") | {"reason": "StaleReading"}, trial("L2", "pass")), "LinkTim"),
        (end(trial("L1", "invalid"), trial("L2", "pass") | {"verdicts": []}), "judged none"),
        (RunEnd(3, "exit code 3: INTERNALERROR", {}), "trials: none"),
    ],
)
def test_everything_else_is_a_flaw_that_says_itself(run: RunEnd, flaw: str) -> None:
    endured = Endured(BENCH, run, UNTROUBLED)
    assert any(flaw in text for text in endured.flaws)
    proof = Proof("A", (), (), (endured,))
    assert not proof.perfect
    assert any(flaw in line for line in summary_lines(proof))


def test_a_value_may_differ_by_both_uncertainties_and_the_scatter_of_the_inverter() -> None:
    run = end(trial("L1", "invalid"), trial("L2", "pass", "1.24"))
    assert Endured(BENCH, run, UNTROUBLED).flaws == []


def test_a_run_that_does_not_begin_gives_its_reason_in_print() -> None:
    row = TroubledBench("x", "x", (), "OV1", (), "says who it is", 2)
    assert Endured(row, RunEnd(2, "nobody says who it is", {}), UNTROUBLED).flaws == []
    assert Endured(row, RunEnd(2, "something else", {}), UNTROUBLED).flaws != []


def test_what_keeps_the_bench_from_being_safe_is_a_reason_too() -> None:
    row = TroubledBench("x", "x", (), "OV1", ("pass", "pass"), "open the contactor", 4)
    unsafe = end(*UNTROUBLED.trials, code=4, problems=("open the contactor: no answer",))
    assert Endured(row, unsafe, UNTROUBLED).flaws == []


def test_page_document_and_summary_show_every_bench() -> None:
    proof = Proof("A", (), (), (Endured(BENCH, AS_IT_MUST, UNTROUBLED),))
    [row] = json.loads(proof_text(proof))["bench_trouble"]
    assert (row["id"], row["flaws"]) == ("reading-mute", [])
    assert row["found"] == {"outcomes": ["invalid", "pass"], "exit_code": 3}
    assert "a reading gets no answer" in render_proof(proof)
    assert "1 of 1 troubled benches ended as they must" in list(summary_lines(proof))
    assert proof.perfect
