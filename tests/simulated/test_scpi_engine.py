"""The SCPI engine obeys IEEE 488.2 and SCPI-99, on a small device made up for the purpose."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instruments.simulated.scpi.scpi_engine import EventRegister, Overlapped, ScpiEngine
from instruments.simulated.scpi.scpi_errors import ScpiError
from instruments.simulated.scpi.scpi_parameters import (
    Limits,
    parse_block,
    parse_number,
    parse_string,
)
from instruments.simulated.scpi.scpi_settings import (
    CommonSetting,
    boolean_commands,
    list_commands,
    number_commands,
    word_commands,
)
from instruments.simulated.scpi.scpi_syntax import Arguments, Command, take_program_message

LEVEL_NODES = [
    ("SOURCE", "SOUR", True),
    ("VOLTAGE", "VOLT", False),
    ("LEVEL", "LEV", True),
    ("IMMEDIATE", "IMM", True),
    ("AMPLITUDE", "AMPL", True),
    ("AC", "AC", True),
]


class Device:
    """A device with one of each kind of command; it remembers what it was told."""

    def __init__(self) -> None:
        self.voltage = CommonSetting(0.0)
        self.output = CommonSetting(False)
        self.mode = CommonSetting("FIX")
        self.slew = CommonSetting(1.0)
        self.frequency = CommonSetting(50.0)
        self.angle = CommonSetting(0.0)
        self.waveform = b""
        self.points = CommonSetting[tuple[float, ...]](())
        self.labels: list[str] = []
        self.busy = False
        self.finished = 0
        self.register = EventRegister()
        limits = Limits(0.0, 300.0)
        self.engine = ScpiEngine(
            "MAKER,MODEL,1,2",
            [
                *number_commands(
                    "[SOURce:]VOLTage[:LEVel][:IMMediate][:AMPLitude][:AC]",
                    self.voltage,
                    lambda: limits,
                    ".1f",
                ),
                *word_commands("[SOURce:]VOLTage:MODE", self.mode, ("FIXed", "LIST")),
                *list_commands("LIST:VOLTage", self.points, lambda: limits, ".1f", 4),
                *number_commands("LEVel", self.voltage, lambda: Limits(0.0, 1e6, 12.5), ".4f", "V"),
                *number_commands("SLEW", self.slew, lambda: Limits(0, 1e9), ".3f", "V/S"),
                *number_commands("FREQuency", self.frequency, lambda: Limits(0, 1e9), ".2f", "HZ"),
                *number_commands("ANGLe", self.angle, lambda: Limits(-360, 360), ".2f", "DEG"),
                *boolean_commands("OUTPut[:STATe]", self.output),
                Command("WAVeform", self.load, 1, 1),
                Command("CHANnel<n>:DATA?", lambda a: str(a.suffix(6))),
                Command("BLOCk?", lambda _: b"#13\n;\x00"),
                Command("LABel", self.label, 1, 1),
                *self.register.commands("STATus:OPERation"),
            ],
            reset=lambda: self.voltage.reset(),
            overlapped=Overlapped(lambda: self.busy, self.finish),
            registers={128: self.register},
        )

    def label(self, arguments: Arguments) -> None:
        self.labels.append(parse_string(arguments.first))

    def load(self, arguments: Arguments) -> None:
        self.waveform = parse_block(arguments.first)

    def finish(self) -> None:
        self.finished += 1
        self.busy = False

    def tell(self, message: str) -> str:
        return self.engine.answer(message.encode("latin-1")).decode("latin-1")

    def error(self) -> str:
        return self.tell(":SYST:ERR?").strip()


@pytest.fixture
def device() -> Device:
    return Device()


@st.composite
def spelled_headers(draw: st.DrawFn) -> str:
    words = []
    for long, short, optional in LEVEL_NODES:
        if optional and not draw(st.booleans()):
            continue
        word = draw(st.sampled_from([long, short]))
        words.append("".join(draw(st.sampled_from([c, c.lower()])) for c in word))
    return draw(st.sampled_from(["", ":"])) + ":".join(words)


@given(header=spelled_headers(), value=st.integers(0, 300))
def test_every_spelling_of_a_header_reaches_its_command(header: str, value: int) -> None:
    device = Device()

    answer = device.tell(f"{header} {value};:{header.lstrip(':')}?")

    assert answer == f"{value}.0\n"


@pytest.mark.parametrize("header", ["VOL", "VOLTA", "VOLTAG", "VOLTAGES", "SOU:VOLT", "VOLT:LEVE"])
def test_a_truncation_between_short_and_long_form_is_undefined(device: Device, header: str) -> None:
    device.tell(f"{header} 5")

    assert device.error().startswith("-113,")


def test_a_unit_inherits_the_path_of_the_unit_before_it(device: Device) -> None:
    assert device.tell("SOUR:VOLT:MODE LIST;MODE?;LEV 7;LEV?") == "LIST;7.0\n"


def test_a_leading_colon_returns_to_the_root(device: Device) -> None:
    assert device.tell("VOLT:MODE?;:OUTP?") == "FIX;0\n"


def test_without_the_colon_the_root_is_out_of_reach(device: Device) -> None:
    assert device.tell("VOLT:MODE?;OUTP?") == "FIX\n"
    assert device.error().startswith("-113,")


def test_common_commands_leave_the_path_alone(device: Device) -> None:
    assert device.tell("VOLT:MODE?;*IDN?;MODE?") == "FIX;MAKER,MODEL,1,2;FIX\n"


def test_the_path_ends_with_the_message(device: Device) -> None:
    device.tell("VOLT:MODE LIST")
    device.tell("MODE FIX")

    assert device.error().startswith("-113,")


def test_set_commands_are_silent(device: Device) -> None:
    assert device.tell("VOLT 230;:OUTP ON;:LIST:VOLT 1,2") == ""


def test_a_bad_unit_ends_the_message_and_keeps_what_came_before(device: Device) -> None:
    assert device.tell("VOLT 10;VOLT?;:NONSENSE 1;:VOLT 20") == "10.0\n"
    assert device.tell("VOLT?") == "10.0\n"


def test_a_refused_value_ends_the_message_too(device: Device) -> None:
    assert device.tell("VOLT 301;:OUTP ON;OUTP?") == ""
    assert device.output.value is False


@pytest.mark.parametrize(
    ("message", "code", "event"),
    [
        ("VOLT", -109, 32),
        ("VOLT 1,2", -108, 32),
        ("VOLT 1,,2", -109, 32),
        ("OUTP? 1", -108, 32),
        ("VOLT ON", -104, 32),
        ("VOLT 5 V", -138, 32),
        ("LAB 'open", -151, 32),
        ("CHAN7:DATA?", -114, 32),
        ("CHAN0:DATA?", -114, 32),
        ("*NONE", -113, 32),
        ("VOLT 300.1", -222, 16),
        ("VOLT -1", -222, 16),
        ("VOLT 1E999", -222, 16),
        ("LIST:VOLT 1,2,3,4,5", -223, 16),
        ("LIST:VOLT?", -230, 16),
        ("OUTP MAYBE", -224, 16),
        ("VOLT:MODE FIXE", -224, 16),
    ],
)
def test_each_mistake_has_its_standard_number_and_event_bit(
    device: Device, message: str, code: int, event: int
) -> None:
    device.tell("*CLS")

    device.tell(message)

    assert device.tell("*ESR?") == f"{event}\n"
    assert device.error().startswith(f"{code},")


@pytest.mark.parametrize("text", ["230", "+230.0", "2.3E2", "2300e-1", ".23E3", "230.04"])
def test_a_number_may_be_written_in_any_decimal_form(device: Device, text: str) -> None:
    assert device.tell(f"VOLT {text};VOLT?") == "230.0\n"


@given(value=st.floats(0, 300))
def test_a_number_in_range_is_kept_to_the_resolution(value: float) -> None:
    device = Device()

    device.tell(f"VOLT {value!r}")

    assert device.voltage.value == pytest.approx(value, abs=0.05 + 1e-9)


def test_minimum_and_maximum_can_be_set_and_asked(device: Device) -> None:
    assert device.tell("VOLT? MIN;VOLT? MAXimum;VOLT MAX;VOLT?") == "0.0;300.0;300.0\n"


@pytest.mark.parametrize(("text", "value"), [("ON", 1), ("off", 0), ("1", 1), ("0.4", 0), ("2", 1)])
def test_booleans_are_words_or_rounded_numbers(device: Device, text: str, value: int) -> None:
    device.tell(f"OUTP {1 - value}")

    assert device.tell(f"OUTP {text};OUTP?") == f"{value}\n"


@pytest.mark.parametrize("word", ["FIXed", "fix", "FIXED"])
def test_words_are_answered_in_short_form(device: Device, word: str) -> None:
    assert device.tell(f"VOLT:MODE LIST;MODE {word};MODE?") == "FIX\n"


def test_a_list_answers_its_values_and_its_length(device: Device) -> None:
    assert device.tell("LIST:VOLT 1, 2.25 ,3;VOLT?;VOLT:POIN?") == "1.0,2.2,3.0;3\n"


@pytest.mark.parametrize(("header", "number"), [("CHAN:DATA?", 1), ("channel6:data?", 6)])
def test_a_header_suffix_counts_and_defaults_to_one(
    device: Device, header: str, number: int
) -> None:
    assert device.tell(header) == f"{number}\n"


def test_separators_inside_a_quoted_string_are_text(device: Device) -> None:
    device.tell("LAB \"a;b,'c\";LAB 'it''s'")

    assert device.labels == ["a;b,'c", "it's"]


def test_a_block_is_answered_as_it_is(device: Device) -> None:
    assert device.engine.answer(b"BLOC?") == b"#13\n;\x00\n"


def test_the_error_queue_is_first_in_first_out_and_ends_with_no_error(device: Device) -> None:
    for message in ("NONE", "VOLT 999"):
        device.tell(message)

    assert device.tell("SYST:ERR?;ERR?;ERR?") == (
        '-113,"Undefined header;NONE";-222,"Data out of range;999";0,"No error"\n'
    )


def test_a_full_error_queue_ends_in_an_overflow_and_loses_newer_errors(device: Device) -> None:
    for number in range(15):
        device.tell(f"VOLT {1000 + number}")

    entries = [device.error() for _ in range(11)]

    assert entries[0].endswith('1000"')
    assert entries[9].startswith("-350,")
    assert entries[10].startswith("0,")


def test_all_errors_can_be_taken_at_once(device: Device) -> None:
    device.tell("NONE")
    device.tell("VOLT 999")

    assert device.tell("SYST:ERR:ALL?").count("-") == 2
    assert device.tell("SYST:ERR:ALL?") == '0,"No error"\n'


def test_reading_the_standard_event_register_clears_it(device: Device) -> None:
    assert device.tell("*ESR?;*ESR?") == "128;0\n"


def test_the_status_byte_sums_up_errors_events_registers_and_answers(device: Device) -> None:
    device.tell("*CLS;*ESE 32;*SRE 4;:STAT:OPER:ENAB 8")
    assert device.tell("*STB?") == "0\n"
    device.tell("NONE")
    device.register.assign(8, True)

    assert device.tell("*STB?") == f"{4 + 32 + 64 + 128}\n"
    assert device.tell("*IDN?;*STB?").endswith(f";{4 + 16 + 32 + 64 + 128}\n")


def test_an_event_stays_latched_until_it_is_read(device: Device) -> None:
    device.register.assign(8, True)
    device.register.assign(8, False)

    assert device.tell("STAT:OPER:COND?;EVEN?;:STAT:OPER?") == "0;8;0\n"


def test_opc_query_lets_an_overlapped_operation_finish_first(device: Device) -> None:
    device.busy = True

    assert device.tell("*OPC?") == "1\n"
    assert device.finished == 1


def test_opc_reports_the_end_of_an_overlapped_operation_as_an_event(device: Device) -> None:
    device.tell("*CLS")
    device.busy = True
    device.tell("*OPC")
    assert device.tell("*ESR?") == "0\n"

    device.engine.operation_complete()

    assert device.tell("*ESR?") == "1\n"


def test_reset_calls_the_device_and_clear_empties_the_queue(device: Device) -> None:
    device.tell("VOLT 5;VOLT 999")

    assert device.tell("*RST;*CLS;VOLT?;:SYST:ERR?;:SYST:VERS?;*TST?") == (
        '0.0;0,"No error";1999.0;0\n'
    )


def test_empty_units_and_white_space_are_harmless(device: Device) -> None:
    assert device.tell(" ; VOLT\t12 ;; VOLT? ;\r") == "12.0\n"


@given(message=st.binary(max_size=60))
def test_no_message_whatever_brings_the_engine_down(message: bytes) -> None:
    device = Device()

    device.engine.answer(message)

    assert device.tell("*IDN?") == "MAKER,MODEL,1,2\n"


@given(
    units=st.lists(
        st.sampled_from(
            ["VOLT", "VOLT?", "MODE", "CHAN", ":", "*", "?", ";", " ", ",", "1", "'", "("]
        ),
        max_size=12,
    )
)
def test_no_jumble_of_valid_pieces_brings_the_engine_down(units: list[str]) -> None:
    device = Device()

    device.tell("".join(units))

    assert device.tell("*IDN?") == "MAKER,MODEL,1,2\n"


@pytest.mark.parametrize(
    ("message", "answer"),
    [
        ("LEV 5 V;LEV?", "5.0000"),
        ("LEV 5V;LEV?", "5.0000"),
        ("LEV 5e1 mv;LEV?", "0.0500"),
        ("LEV 2KV;LEV?", "2000.0000"),
        ("LEV 0.5 MAV;LEV?", "500000.0000"),
        ("LEV 100UV;LEV?", "0.0001"),
        ("LEV DEF;LEV?", "12.5000"),
        ("LEV? DEFault", "12.5000"),
        ("SLEW 2 kV/s;SLEW?", "2000.000"),
        ("FREQ 1.5 MHZ;FREQ?", "1500000.00"),
        ("FREQ 60 hz;FREQ?", "60.00"),
        ("ANGL 90 DEG;ANGL?", "90.00"),
        ("ANGL 3.14159265358979 RAD;ANGL?", "180.00"),
        ("LEV #HFF;LEV?", "255.0000"),
        ("LEV #q17;LEV?", "15.0000"),
        ("LEV #B101;LEV?", "5.0000"),
    ],
)
def test_numbers_may_carry_units_multipliers_and_bases(
    device: Device, message: str, answer: str
) -> None:
    assert device.tell(message) == f"{answer}\n"


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("LEV 5 A", -131),
        ("LEV 5 XV", -131),
        ("LEV 5 V/S", -131),
        ("LEV 5 6", -121),
        ("LEV #HXY", -121),
        ("LEV #13123", -168),
        ("LEV #215short", -161),
        ("LEV 1E40000", -123),
        ("LEV " + "1" * 256, -124),
        ("VOLT DEF", -224),
        ("WAV 5", -161),
        ("LEV\x7f5", -101),
        ("VOLT,5", -101),
    ],
)
def test_each_malformed_parameter_has_its_standard_number(
    device: Device, message: str, code: int
) -> None:
    device.tell(message)

    assert device.error().startswith(f"{code},")


@given(
    value=st.floats(1e-6, 1e6),
    prefix=st.sampled_from([("", 1), ("M", 1e-3), ("K", 1e3), ("U", 1e-6), ("MA", 1e6)]),
)
def test_a_multiplier_is_nothing_but_a_factor(value: float, prefix: tuple[str, float]) -> None:
    letters, factor = prefix

    found = parse_number(f"{value!r}{letters}V", Limits(0, 1e15), "V")

    assert found == pytest.approx(value * factor)


@given(payload=st.binary(max_size=300))
def test_a_block_carries_any_bytes_and_ends_where_it_says(payload: bytes) -> None:
    device = Device()
    length = str(len(payload)).encode("ascii")
    block = b"#" + str(len(length)).encode("ascii") + length + payload
    received = bytearray(b"WAV " + block + b";:LEV 3\nLEV?\n")

    first, second, third = (take_program_message(received) for _ in range(3))

    assert third is None
    assert not received
    assert device.engine.answer(first or b"") == b""
    assert device.waveform == payload
    assert device.engine.answer(second or b"") == b"3.0000\n"


@given(payload=st.binary(min_size=1, max_size=50), cut=st.integers(0, 49))
def test_a_message_is_not_complete_before_its_block_is(payload: bytes, cut: int) -> None:
    whole = b"WAV #2" + f"{len(payload):02}".encode("ascii") + payload + b"\n"

    assert take_program_message(bytearray(whole[: len(whole) - 1 - cut])) is None
    assert take_program_message(bytearray(whole)) == whole[:-1]


def test_a_number_sign_in_a_string_is_text(device: Device) -> None:
    received = bytearray(b"LAB 'no #15 block'\nLAB ok\n")

    device.engine.answer(take_program_message(received) or b"")

    assert device.labels == ["no #15 block"]
    assert received == b"LAB ok\n"


def test_a_bit_that_falls_is_an_event_when_the_filter_says_so(device: Device) -> None:
    device.tell("STAT:OPER:PTR 0;NTR 8")

    device.register.assign(8, True)
    assert device.tell("STAT:OPER?") == "0\n"
    device.register.assign(8, False)

    assert device.tell("STAT:OPER?;OPER:NTR?;PTR?") == "8;8;0\n"


def test_preset_enables_nothing_and_lets_every_rise_count(device: Device) -> None:
    device.tell("STAT:OPER:ENAB 8;PTR 0;NTR 8;:STAT:PRES")

    assert device.tell("STAT:OPER:ENAB?;PTR?;NTR?") == f"0;{0x7FFF};0\n"


def test_a_serial_poll_shows_a_request_once_and_the_query_shows_it_always(device: Device) -> None:
    device.tell("*CLS;*ESE 32;*SRE 32")
    device.tell("NONSENSE")

    assert device.engine.serial_poll(message_available=False) == 4 + 32 + 64
    assert device.engine.serial_poll(message_available=False) == 4 + 32
    assert device.tell("*STB?") == f"{4 + 32 + 64}\n"


def test_a_new_reason_asks_for_service_again(device: Device) -> None:
    device.tell("*CLS;*ESE 32;*SRE 32")
    device.tell("NONSENSE")
    device.engine.serial_poll(message_available=False)
    device.tell("*ESR?")

    device.tell("NONSENSE")

    assert device.engine.serial_poll(message_available=True) == 4 + 16 + 32 + 64


def test_an_overflow_of_the_queue_is_a_device_error(device: Device) -> None:
    device.tell("*CLS")
    for _ in range(11):
        device.engine.report(ScpiError(-222))

    assert device.tell("*ESR?") == f"{16 + 8}\n"
    assert device.tell("SYST:ERR:COUN?") == "10\n"
