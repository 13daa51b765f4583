"""Putting curves in force, on the simulated inverter over Modbus and on devices that misbehave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from instruments.errors import CommandRejected, InstrumentError, ReadBackMismatch
from instruments.inverters.sunspec import SunSpecInverter
from instruments.sunspec.layouts import Values
from tests.instruments.conftest import Bench, bench
from tests.sunspec.register_file import RegisterFile, StepClock, model

__all__ = ["bench"]

VOLT_VAR = {f"Pt{k}.V": volts for k, volts in enumerate((91.0, 96.0, 104.0, 111.0), 1)}


@pytest.fixture
def inverter(bench: Bench) -> SunSpecInverter:
    return SunSpecInverter(bench.registers("inverter"), bench.laboratory.clock)


ADOPTIONS: list[tuple[int, Values, Any, float]] = [
    (705, VOLT_VAR, lambda s: s.volt_var.curve[0][0], 209.3),
    (705, {"Pt4.Var": -50.0}, lambda s: s.volt_var.curve[3][1], -0.5),
    (705, {"ActPt": 3}, lambda s: len(s.volt_var.curve), 3),
    (706, {"Pt1.V": 109.0}, lambda s: s.volt_watt.curve[0][0], 250.7),
    (707, {"MustTrip.Pt1.Tms": 10.1}, lambda s: s.trips["UV1"].delay_s, 10.1),
    (708, {"MustTrip.Pt2.V": 119.0}, lambda s: s.trips["OV2"].threshold, 273.7),
    (709, {"MustTrip.Pt1.Hz": 46.5}, lambda s: s.trips["UF1"].threshold, 46.5),
    (710, {"MustTrip.Pt1.Tms": 0.15}, lambda s: s.trips["OF1"].delay_s, 0.15),
    (711, {"DbOf": 0.3}, lambda s: s.frequency.upper_hz, 50.3),
]


@pytest.mark.parametrize(("number", "points", "setting", "value"), ADOPTIONS)
def test_an_adopted_set_is_in_force_when_the_call_returns(
    bench: Bench, inverter: SunSpecInverter, number: int, points: Values, setting: Any, value: float
) -> None:
    inverter.curves.adopt(number, points)
    assert setting(bench.world.inverter.settings) == pytest.approx(value)


@pytest.mark.parametrize("number", sorted({row[0] for row in ADOPTIONS}))
def test_restoring_puts_back_every_setting(
    bench: Bench, inverter: SunSpecInverter, number: int
) -> None:
    before = inverter.read_settings()
    for model_number, points, *_ in ADOPTIONS:
        if model_number == number:
            inverter.curves.adopt(number, points)
    inverter.curves.switch(number, False)
    assert inverter.read_settings() != before
    inverter.curves.restore()
    assert inverter.read_settings() == before


def test_model_712_is_adopted_and_read(inverter: SunSpecInverter) -> None:
    points = {"ActPt": 3, "Pt1.W": 20.0, "Pt1.Var": 0.0, "Pt2.W": 50.0, "Pt2.Var": 0.0}
    inverter.curves.adopt(712, {**points, "Pt3.W": 100.0, "Pt3.Var": -44.0})
    assert inverter.curves.in_force(712)["Pt3.Var"] == -44.0


def test_a_function_the_inverter_lacks_cannot_be_switched_on(inverter: SunSpecInverter) -> None:
    with pytest.raises(Exception, match="exception 3"):
        inverter.curves.switch(712, True)


@pytest.mark.parametrize(
    ("number", "points"),
    [
        (705, {"Pt2.V": 120.0}),
        (705, {"ActPt": 1}),
        (707, {"MustTrip.Pt1.V": 101.0}),
        (711, {"KOf": 0.01}),
    ],
)
def test_a_set_the_inverter_refuses_leaves_what_was_in_force(
    bench: Bench, inverter: SunSpecInverter, number: int, points: Values
) -> None:
    before = bench.world.inverter.settings
    with pytest.raises(CommandRejected, match=f"model {number} refuses"):
        inverter.curves.adopt(number, points)
    assert bench.world.inverter.settings == before


def test_after_a_refusal_a_good_set_is_adopted(bench: Bench, inverter: SunSpecInverter) -> None:
    with pytest.raises(CommandRejected):
        inverter.curves.adopt(705, {"Pt2.V": 120.0})
    inverter.curves.adopt(705, VOLT_VAR)
    assert bench.world.inverter.settings.volt_var.curve[0][0] == pytest.approx(209.3)


def test_a_refusal_after_a_refusal_is_said_again(inverter: SunSpecInverter) -> None:
    for _ in range(2):
        with pytest.raises(CommandRejected):
            inverter.curves.adopt(705, {"Pt2.V": 120.0})


def test_the_entry_into_service_is_written_and_read_back(
    bench: Bench, inverter: SunSpecInverter
) -> None:
    inverter.points.write(703, {"ESVHi": 109.0, "ESHzLo": 47.6, "ESDlyTms": 90, "ESRmpTms": 300})
    settings = bench.world.inverter.settings
    assert settings.connect_voltage_v[1] == pytest.approx(250.7)
    assert settings.connect_frequency_hz[0] == pytest.approx(47.6)
    assert (settings.observation_s, settings.ramp_pu_per_s) == (90, pytest.approx(1 / 300))


def volt_var(sets: int = 2, result: int = 1, **points: float) -> list[int]:
    """Model 705 with two points per curve, at one decimal place."""
    curve: Mapping[str, float] = {
        "ActPt": 2,
        "Pt1.V": 90,
        "Pt1.Var": 40,
        "Pt2.V": 110,
        "Pt2.Var": -40,
    }
    values = {f"Crv{k}.{path}": v for k in range(1, sets + 1) for path, v in curve.items()}
    values |= {f"Crv{k}.ReadOnly": int(k == 1) for k in range(1, sets + 1)}
    head = {"Ena": 1, "AdptCrvReq": 1, "AdptCrvRslt": result, "V_SF": -1, "DeptRef_SF": -1}
    return model(705, {**head, "RspTms_SF": 0, **values, **points}, {"NCrv": sets, "NPt": 2})


REQUEST_AT, RESULT_AT, FIRST_SET, SECOND_SET, SET = 40_005, 40_006, 40_017, 40_031, 14


class Device(RegisterFile):
    """Answers a request to adopt as told.

    Args:
        results: what the result shows at each look after the request; the last one stays.
        adopts: whether the set comes into force with the last result.
    """

    def __init__(self, results: Sequence[int], *, adopts: bool = True, before: int = 1) -> None:
        super().__init__(volt_var(result=before))
        self._results = list(results)
        self._adopts = adopts

    def read(self, address: int, count: int) -> list[int]:
        if self.words[REQUEST_AT] != 1 and self._results:
            self.words[RESULT_AT] = self._results.pop(0)
            if not self._results and self._adopts:
                for k in range(SET - 5, SET):
                    self.words[FIRST_SET + k] = self.words[SECOND_SET + k]
                self.words[FIRST_SET] = self.words[SECOND_SET]
        return super().read(address, count)


def adopt(device: RegisterFile, **options: Any) -> None:
    SunSpecInverter(device, StepClock(), **options).curves.adopt(705, {"Pt1.V": 92.0})


@pytest.mark.parametrize(
    ("before", "results"),
    [(1, [0, 1]), (1, [0, 0, 0, 1]), (1, [1, 1, 0, 1]), (2, [2, 2, 0, 1]), (2, [1])],
)
def test_an_old_result_is_not_taken_for_the_new_one(before: int, results: list[int]) -> None:
    device = Device(results, before=before)
    adopt(device)
    assert device.words[FIRST_SET + 10] == 920


@pytest.mark.parametrize(("before", "results"), [(1, [0, 2]), (1, [2]), (2, [2, 0, 2]), (2, [2])])
def test_a_failure_is_a_refusal_even_after_a_failure(before: int, results: list[int]) -> None:
    with pytest.raises(CommandRejected, match="refuses to adopt set 2"):
        adopt(Device(results, adopts=False, before=before))


def test_a_completion_that_changes_nothing_is_not_believed() -> None:
    with pytest.raises(ReadBackMismatch, match=r"Pt1.V 90.0 instead of 92.0"):
        adopt(Device([0, 1], adopts=False))


def test_an_adoption_that_never_ends_is_given_up_at_its_deadline() -> None:
    clock, device = StepClock(), Device([0], adopts=False)
    inverter = SunSpecInverter(device, clock, adoption_s=4.0)
    with pytest.raises(ReadBackMismatch, match="within 4 s"):
        inverter.curves.adopt(705, {"Pt1.V": 92.0})
    assert 4.0 <= clock.now_s() < 5.0


def test_an_inverter_with_one_set_is_fixed() -> None:
    with pytest.raises(InstrumentError, match="offers no set that can be written: NCrv is 1"):
        adopt(RegisterFile(volt_var(sets=1)))


def test_a_set_that_is_read_only_is_left_alone() -> None:
    device = RegisterFile(volt_var(sets=3, **{"Crv2.ReadOnly": 1}))
    with pytest.raises(ReadBackMismatch, match="adopt set 3"):
        adopt(device)
    assert all(device.words[SECOND_SET + k] == device.words[FIRST_SET + k] for k in (0, 10))


def test_only_points_that_differ_are_written_and_the_request_comes_last() -> None:
    device = Device([1])
    adopt(device)
    assert device.written == [(SECOND_SET + 10, [920]), (REQUEST_AT, [2])]


def test_a_curve_that_does_not_fit_its_length_is_not_written() -> None:
    wrong = volt_var()
    wrong[5] = 3
    device = RegisterFile(wrong)
    with pytest.raises(InstrumentError, match="its sets cannot be found"):
        adopt(device)
    assert device.written == []
