"""The status system and the error queue of a SCPI device (IEEE 488.2 section 11, SCPI-99 volume 2)."""

from __future__ import annotations

from instruments.simulated.scpi.scpi_errors import ScpiError
from tests.simulated.scpi_device import Device, device

__all__ = ["device"]


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
