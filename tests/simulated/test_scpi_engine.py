"""The SCPI engine obeys IEEE 488.2 and SCPI-99, on a small device made up for the purpose."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.simulated.scpi_device import Device, device

__all__ = ["device"]


LEVEL_NODES = [
    ("SOURCE", "SOUR", True),
    ("VOLTAGE", "VOLT", False),
    ("LEVEL", "LEV", True),
    ("IMMEDIATE", "IMM", True),
    ("AMPLITUDE", "AMPL", True),
    ("AC", "AC", True),
]


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
