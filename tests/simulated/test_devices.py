"""The simulated AMETEK source, spoken to without a socket in between."""

from __future__ import annotations

from math import sin, sqrt, tau

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instruments.simulated.devices.ametek_source import AmetekSource
from instruments.simulated.devices.list_transient import FASTEST_SLEW, Levels, Slews, ramps_between
from instruments.simulated.inverter.parameters import InverterParameters
from instruments.simulated.physics.world import World
from instruments.simulated.transport.passage import Passage

PROGRAM = (
    ":VOLT:RANG 333;:VOLT 230;:FREQ 50;:OUTP ON;"
    ":VOLT:MODE LIST;:VOLT:SLEW:MODE LIST;:FREQ:MODE LIST;:FREQ:SLEW:MODE LIST;"
    ":LIST:VOLT 280,230;:LIST:VOLT:SLEW MAX;:LIST:FREQ 50;:LIST:FREQ:SLEW MAX;"
    ":LIST:DWEL 0.25,0.5;:TRIG:TRAN:SOUR BUS"
)


class Bench:
    """A world with its source, spoken to directly."""

    def __init__(self) -> None:
        self.world = World(InverterParameters())
        self.passage = Passage(self.world)
        self.device = AmetekSource(self.world, self.passage)
        self.tell("*CLS")

    def tell(self, message: str) -> str:
        return self.device.answer(message.encode("ascii")).decode("ascii").strip()

    def error(self) -> str:
        return self.tell(":SYST:ERR?")

    def load(self, changes: str = "") -> None:
        for message in (PROGRAM, changes):
            self.tell(message)
            assert self.error() == '0,"No error"'

    def levels_at(self, time_s: float) -> tuple[float, ...]:
        self.passage.advance_to(time_s)
        return (*self.world.source.voltages_v, self.world.source.frequency_hz)


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_the_source_says_who_it_is(bench: Bench) -> None:
    assert bench.tell("*IDN?") == "CALIFORNIA INSTRUMENTS,SQ0045,SIM0001,1.0"


def test_set_points_have_the_resolution_of_the_source(bench: Bench) -> None:
    bench.tell("VOLT:RANG 333;:VOLT 230.06;:FREQ 50.0149")

    assert bench.tell("VOLT?;:FREQ?") == "230.1;50.01"
    assert bench.world.source.voltages_v == (230.1, 230.1, 230.1)
    assert bench.world.source.frequency_hz == 50.01


def test_the_range_is_the_ceiling_of_the_voltage(bench: Bench) -> None:
    assert bench.tell("VOLT:RANG 166;RANG?;:VOLT? MAX") == "166.0;166.0"
    bench.tell("VOLT 166.1")
    assert bench.error().startswith("-222,")
    assert bench.tell("VOLT:RANG 300;RANG?;:VOLT? MAX") == "333.0;333.0"
    bench.tell("VOLT 230;:VOLT:RANG 166")
    assert bench.error().startswith("-221,")


def test_uncoupled_commands_reach_the_selected_phase_only(bench: Bench) -> None:
    bench.tell("VOLT:RANG 333;:VOLT 230;:INST:COUP NONE;NSEL 2;:VOLT 180")

    assert bench.world.source.voltages_v == (230.0, 180.0, 230.0)
    assert bench.tell("INST:COUP?;NSEL?;:VOLT?") == "NONE;2;180.0"


def test_a_changed_set_point_is_approached_with_its_slew(bench: Bench) -> None:
    bench.tell("VOLT:RANG 333;:VOLT 200;:FREQ 50;:VOLT:SLEW 100;:FREQ:SLEW 2")
    bench.tell("FREQ 51")
    bench.tell("VOLT 250")

    assert bench.levels_at(0.25) == pytest.approx((225.0, 225.0, 225.0, 50.5))
    assert bench.levels_at(0.5) == (250.0, 250.0, 250.0, 51.0)


def terminal_voltage_v(bench: Bench, start_s: float, end_s: float) -> float:
    """Return the rms of the fundamental; the world's default fifth harmonic is 0.4 %."""
    return bench.world.averages(start_s, end_s).voltages_v[0] / sqrt(1 + 0.004**2)


def test_each_point_of_a_list_lasts_its_dwell(bench: Bench) -> None:
    bench.load()
    bench.world.contactor.command(True)
    bench.passage.advance_to(1.0)

    bench.tell("INIT;*TRG")
    bench.passage.advance_to(3.0)

    assert terminal_voltage_v(bench, 0.5, 1.0) == pytest.approx(230.0, rel=1e-12)
    assert terminal_voltage_v(bench, 1.0, 1.25) == pytest.approx(280.0, rel=1e-12)
    assert terminal_voltage_v(bench, 1.25, 3.0) == pytest.approx(230.0, rel=1e-12)


def test_a_list_is_repeated_as_often_as_counted(bench: Bench) -> None:
    bench.load(":LIST:COUN 3")
    bench.tell("INIT;*TRG")

    levels_v = [bench.levels_at(0.125 + 0.25 * step)[0] for step in range(10)]

    assert levels_v == [280.0, 230.0, 230.0] * 3 + [230.0]


def test_phases_follow_their_own_lists(bench: Bench) -> None:
    bench.load(":INST:COUP NONE;NSEL 3;:LIST:VOLT 100,200;:INST:NSEL 1;:LIST:VOLT 270")
    bench.tell("INIT;*TRG")

    assert bench.levels_at(0.1) == (270.0, 280.0, 100.0, 50.0)
    assert bench.levels_at(0.3) == (270.0, 230.0, 200.0, 50.0)


def test_what_is_not_in_list_mode_stays(bench: Bench) -> None:
    bench.load(":FREQ:MODE FIX;:LIST:FREQ 47,52")
    bench.tell("INIT;*TRG")

    assert bench.levels_at(0.1)[3] == 50.0


def test_a_point_with_a_slew_ramps_inside_its_dwell(bench: Bench) -> None:
    bench.load(":LIST:VOLT:SLEW 500,1E9;:LIST:FREQ 51,50;:LIST:FREQ:SLEW 5,1E9")
    bench.tell("INIT;*TRG")

    assert bench.levels_at(0.05) == pytest.approx((255.0, 255.0, 255.0, 50.25))
    assert bench.levels_at(0.15) == pytest.approx((280.0, 280.0, 280.0, 50.75))
    assert bench.levels_at(0.22) == pytest.approx((280.0, 280.0, 280.0, 51.0))
    assert bench.levels_at(0.26) == (230.0, 230.0, 230.0, 50.0)


def test_a_ramp_that_outlasts_its_dwell_goes_on_from_where_it_is(bench: Bench) -> None:
    bench.load(":LIST:VOLT 280,180;:LIST:VOLT:SLEW 100")
    bench.tell("INIT;*TRG")

    assert bench.levels_at(0.25)[0] == pytest.approx(255.0)
    assert bench.levels_at(0.5)[0] == pytest.approx(230.0)


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (":LIST:VOLT " + ",".join(["230"] * 101), -223),
        (":LIST:DWEL 0.0009", -222),
        (":LIST:DWEL 90001", -222),
        (":LIST:VOLT 333.1", -222),
        (":LIST:FREQ 15", -222),
        (":LIST:COUN 0", -222),
        (":LIST:VOLT 1,2,3;:INIT;*TRG", -226),
        (":LIST:DWEL 1,2,3;:INIT;*TRG", -226),
        (":VOLT:MODE FIX;:FREQ:MODE FIX;:INIT;*TRG", -221),
        ("*TRG", -211),
        ("INIT;INIT", -213),
        ("INIT;*TRG;*TRG", -211),
        ("INIT;*TRG;:INIT", -213),
        ("INIT;*TRG;:VOLT 200", -221),
        ("INIT;*TRG;:PHAS 10", -221),
    ],
)
def test_what_cannot_be_done_is_refused_with_its_number(
    bench: Bench, message: str, code: int
) -> None:
    bench.load()

    bench.tell(message)

    assert bench.error().startswith(f"{code},")


def test_unequal_lists_are_noticed_when_triggered_not_when_sent(bench: Bench) -> None:
    bench.load(":LIST:VOLT 1,2,3")

    bench.tell("INIT;*TRG")

    assert bench.error().startswith("-226,")
    assert bench.levels_at(0.1)[0] == 230.0


def test_an_immediate_trigger_source_starts_at_init(bench: Bench) -> None:
    bench.load(":TRIG:SOUR IMM")

    bench.tell("INIT")

    assert bench.levels_at(0.1)[0] == 280.0


def test_step_once_waits_for_a_trigger_at_each_point(bench: Bench) -> None:
    bench.load(":LIST:STEP ONCE")
    bench.tell("INIT;*TRG")
    assert bench.levels_at(2.0)[0] == 280.0

    bench.tell("*TRG")

    assert bench.levels_at(2.1)[0] == 230.0
    assert bench.tell("STAT:OPER:COND?") == "0"
    bench.passage.advance_to(2.5)
    assert bench.tell("STAT:OPER:COND?") == "8"


def test_a_trigger_during_a_dwell_of_step_once_is_ignored(bench: Bench) -> None:
    bench.load(":LIST:STEP ONCE")
    bench.tell("INIT;*TRG")
    bench.passage.advance_to(0.2)

    bench.tell("*TRG")

    assert bench.error().startswith("-211,")
    assert bench.levels_at(0.24)[0] == 280.0


def test_abort_stays_at_the_levels_reached(bench: Bench) -> None:
    bench.load(":LIST:VOLT:SLEW 500")
    bench.tell("INIT;*TRG")
    bench.passage.advance_to(0.05)

    bench.tell("ABOR")

    assert bench.levels_at(2.0)[0] == pytest.approx(255.0)
    assert bench.tell("VOLT?;:STAT:OPER:COND?") == "255.0;0"


def test_the_last_levels_of_a_list_stay_in_force(bench: Bench) -> None:
    bench.load(":LIST:VOLT 280,240")
    bench.tell("INIT;*TRG")
    bench.passage.advance_to(2.0)

    assert bench.tell("VOLT:MODE FIX;:VOLT?") == "240.0"
    assert bench.levels_at(3.0)[0] == 240.0


def test_the_transient_bit_tells_that_a_list_has_been_completed(bench: Bench) -> None:
    bench.load()
    bench.tell("INIT;*TRG")
    bench.passage.advance_to(0.7499)
    assert bench.tell("STAT:OPER:COND?;EVEN?") == "0;0"

    bench.passage.advance_to(0.75)

    assert bench.tell("STAT:OPER:COND?;EVEN?;EVEN?") == "8;8;0"
    assert bench.tell("INIT;:STAT:OPER:COND?") == "0"


def test_opc_query_is_held_back_until_the_list_has_ended(bench: Bench) -> None:
    bench.load()
    bench.passage.advance_to(1.0)

    assert bench.tell("INIT;*TRG;:SYST:ERR?") == '0,"No error"'
    assert bench.world.now_s == 1.0
    assert bench.tell("*OPC?") == "1"
    assert bench.world.now_s == pytest.approx(1.75)


def test_opc_marks_the_end_of_the_list_as_an_event(bench: Bench) -> None:
    bench.load()
    bench.tell("INIT;*TRG;*OPC")
    assert bench.tell("*ESR?") == "0"

    bench.passage.advance_to(1.0)

    assert bench.tell("*ESR?") == "1"


@pytest.mark.parametrize("angle_deg", [0, 90, 200.5, 359.9])
def test_a_synchronised_list_begins_at_its_angle(bench: Bench, angle_deg: float) -> None:
    bench.load(f":TRIG:SYNC:SOUR PHAS;:TRIG:SYNC:PHAS {angle_deg};:LIST:VOLT 0,230")
    bench.world.contactor.command(True)
    bench.passage.advance_to(1.0037)

    bench.tell("INIT;*TRG")
    bench.passage.advance_to(2.0)

    u1 = bench.world.waveforms(1.0, 100_000, 1e6, ["u1"])["u1"]
    first_zero = next(k for k in range(3700, len(u1)) if not u1[k : k + 100].any())
    fundamental_and_fifth = sin(tau * angle_deg / 360) + 0.004 * sin(5 * tau * angle_deg / 360)
    assert u1[first_zero - 1] == pytest.approx(sqrt(2) * 230 * fundamental_and_fifth, abs=0.2)
    assert first_zero / 1e6 + 1.0 - 1.0037 <= 0.02 + 1e-6


def test_reset_switches_off_and_forgets(bench: Bench) -> None:
    bench.load()
    bench.tell("INIT;*TRG;:INST:COUP NONE;NSEL 2")

    bench.tell("*RST")

    assert bench.tell("OUTP?;:VOLT?;:FREQ?;:VOLT:MODE?;:LIST:VOLT:POIN?;:INST:COUP?;NSEL?") == (
        "0;0.0;60.00;FIX;0;ALL;1"
    )
    assert bench.levels_at(1.0) == (0.0, 0.0, 0.0, 60.0)


def test_the_meter_shows_the_output_not_the_set_point(bench: Bench) -> None:
    bench.tell("VOLT:RANG 333;:VOLT 230;:FREQ 50")
    assert bench.tell("MEAS:VOLT?;FREQ?;CURR?") == "0.00;9.91E+37;9.91E+37"

    bench.tell("OUTP ON")
    bench.passage.advance_to(1.0)

    assert bench.tell("MEAS:VOLT:AC?;:FETC:FREQ?;CURR?") == "230.00;50.000;0.00"


def test_current_set_points_follow_the_range_down(bench: Bench) -> None:
    assert bench.tell("CURR? MAX") == "90.4"
    assert bench.tell("VOLT:RANG 333;:CURR?;:CURR? MAX;:CURR 20;:CURR?") == "45.0;45.0;20.0"


levels = st.builds(
    Levels,
    st.tuples(*[st.floats(0, 300)] * 3),
    st.floats(45, 55),
)
slews = st.builds(
    Slews,
    st.tuples(*[st.floats(1, 1e4) | st.just(FASTEST_SLEW)] * 3),
    st.floats(0.1, 100) | st.just(FASTEST_SLEW),
)


@given(start=levels, end=levels, slews=slews, share=st.floats(0, 1.2))
def test_ramps_carry_every_level_with_its_own_slew(
    start: Levels, end: Levels, slews: Slews, share: float
) -> None:
    ramps = ramps_between(start, end, slews)
    time_s = share * sum(ramp.duration_s for ramp in ramps)

    before, since_s, found = start, time_s, end
    for ramp in ramps:
        if since_s < ramp.duration_s:
            part = since_s / ramp.duration_s
            pairs = zip(before.values, ramp.levels.values, strict=True)
            a, b, c, frequency_hz = (x + part * (y - x) for x, y in pairs)
            found = Levels((a, b, c), frequency_hz)
            break
        before, since_s = ramp.levels, since_s - ramp.duration_s

    for value, a, b, slew in zip(found.values, start.values, end.values, slews.values, strict=True):
        travelled = min(abs(b - a), slew * time_s)
        expected = a + travelled * (1 if b > a else -1)
        assert value == pytest.approx(expected, abs=min(abs(b - a), 2e-6 * slew) + 1e-9)
    assert ramps[-1].levels == end


def test_set_points_may_carry_their_unit(bench: Bench) -> None:
    bench.tell("VOLT:RANG 333 V;:VOLT 0.23 KV;:FREQ 0.05 KHZ;:LIST:DWEL 200 MS,1 S")

    assert bench.tell("VOLT?;:FREQ?;:LIST:DWEL?") == "230.0;50.00;0.200000,1.000000"


def test_a_tripped_protection_switches_off_and_says_so_until_switched_again(bench: Bench) -> None:
    bench.tell("VOLT 100;:OUTP ON")

    bench.device.trip_protection()

    assert bench.tell("OUTP?;:STAT:QUES:INST:ISUM:COND?;:STAT:QUES:COND?") == "0;2;8192"
    assert bench.tell("OUTP ON;:STAT:QUES:INST:ISUM:COND?;EVEN?;EVEN?") == "0;2;0"


def test_a_device_clear_leaves_lists_and_keeps_levels(bench: Bench) -> None:
    bench.load()
    bench.tell("INIT;*TRG")
    bench.passage.advance_to(0.1)

    bench.device.engine.device_clear()

    assert bench.tell("VOLT:MODE?;:VOLT?;:OUTP?") == "FIX;280.0;1"
    assert bench.levels_at(1.0)[0] == 280.0


@pytest.mark.parametrize(
    ("message", "answer"),
    [
        ("REG:DEL:FREQ 500 MS;FREQ?", "0.50"),
        ("FUNC SINE;FUNC?", "SINE"),
        ("LIST:TTLT 1,0;TTLT:POIN?", "2"),
        ("OUTP:TTLT:SOUR LIST;SOUR?", "LIST"),
    ],
)
def test_settings_without_effect_are_stored(bench: Bench, message: str, answer: str) -> None:
    assert bench.tell(message) == answer


@pytest.mark.parametrize(
    "message", ["FUNC SQU", "VOLT:MODE PULS", "INIT:CONT ON", "LIST:FUNC CSIN", "MEAS:POW:AC?"]
)
def test_what_the_simulation_cannot_do_is_missing_hardware(bench: Bench, message: str) -> None:
    assert bench.tell(message) == ""
    assert bench.error().startswith("-241,")
