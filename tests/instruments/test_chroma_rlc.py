"""The driver of the RLC bank against a simulated bank on a real socket."""

from __future__ import annotations

from math import pi

import pytest

from instruments.errors import ConfigurationError, ReadBackMismatch
from instruments.load_and_sun import ParallelRlc
from instruments.loads.chroma_rlc import ChromaRlc, reversed_bits
from tests.instruments.conftest import Bench

BALANCED = ParallelRlc(
    (3333.3, 3300.0, 3000.0), (3350.0, 3300.0, 3000.0), (3310.0, 3300.0, 3000.0), 230.0, 50.0
)


@pytest.fixture
def bank(bench: Bench) -> ChromaRlc:
    return ChromaRlc(bench.message("islanding_load"), bench.laboratory.clock)


def test_the_world_gets_the_load_that_is_said_to_be_in_force(bench: Bench, bank: ChromaRlc) -> None:
    achieved = bank.set_load(BALANCED)
    bank.switch(True)
    connected = bench.world.islanding_load.connected
    for phase in range(3):
        assert connected.conductance_s[phase] == pytest.approx(achieved.conductance_s(phase))
        assert connected.inverse_inductance_per_h[phase] == pytest.approx(
            achieved.inverse_inductance_per_h(phase)
        )
        assert connected.capacitance_f[phase] == pytest.approx(achieved.capacitance_f(phase))


def test_the_nearest_step_is_within_half_a_step(bank: ChromaRlc) -> None:
    achieved = bank.set_load(BALANCED)
    half_w, half_var = 0.5 * 230**2 / 16133.3, 0.5 * 230**2 * 13.633e-3 / 220
    for wanted, found, half in (
        (BALANCED.active_powers_w, achieved.active_powers_w, half_w),
        (BALANCED.inductive_powers_var, achieved.inductive_powers_var, half_var),
        (BALANCED.capacitive_powers_var, achieved.capacitive_powers_var, half_var),
    ):
        assert found == pytest.approx(wanted, abs=half * (1 + 1e-9))


def test_steps_of_reactance_follow_the_frequency(bank: ChromaRlc) -> None:
    at_60 = ParallelRlc((0.0,) * 3, (3000.0,) * 3, (3000.0,) * 3, 230.0, 60.0)
    achieved = bank.set_load(at_60)
    ohm = 230.0**2 / achieved.inductive_powers_var[0]
    assert achieved.inverse_inductance_per_h(0) == pytest.approx(2 * pi * 60.0 / ohm)
    assert achieved.inductive_powers_var[0] == pytest.approx(3000.0, abs=2.0)


def test_it_is_connected_only_when_switched_and_confirmed(bench: Bench, bank: ChromaRlc) -> None:
    bank.switch(False)
    bank.set_load(BALANCED)
    assert not bank.is_connected()
    assert max(bench.world.islanding_load.connected.conductance_s) == 0.0
    bank.switch(True)
    assert bank.is_connected()


def test_more_than_the_bank_has_is_refused_before_anything_is_sent(
    bench: Bench, bank: ChromaRlc
) -> None:
    sent = bench.transcript.count
    too_much = ParallelRlc((9000.0,) * 3, (0.0,) * 3, (0.0,) * 3, 230.0, 50.0)
    with pytest.raises(ConfigurationError, match=r"phase 1, RLOAD: 2745 steps .* 0 … 2047"):
        bank.set_load(too_much)
    assert bench.transcript.count == sent


def test_codes_have_their_bits_in_reversed_order() -> None:
    assert reversed_bits(1) == 0b10000000000
    assert reversed_bits(0b11000000000) == 0b00000000011
    assert [reversed_bits(reversed_bits(step)) for step in range(2048)] == list(range(2048))


def test_another_code_in_force_is_a_mismatch(bench: Bench, bank: ChromaRlc) -> None:
    link = bank._scpi.link
    ask = link.query

    def falsified(message: str, timeout_s: float | None = None) -> str:
        answer = ask(message, timeout_s)
        return answer.replace(answer.split(";")[0], "7", 1) if "RLOAD" in message else answer

    link.query = falsified  # type: ignore[method-assign]
    with pytest.raises(ReadBackMismatch, match=r"phase 1.*read back"):
        bank.set_load(BALANCED)
