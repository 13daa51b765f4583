"""Finding the models of a device: by their lengths, wherever they begin."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instruments.errors import ConfigurationError, InstrumentError, LinkGarbled, RegisterError
from instruments.inverters.sunspec_device import SunSpecDevice, known_defects
from instruments.inverters.sunspec_quirks import Quirks
from tests.sunspec.register_file import RegisterFile, model

COMMON = model(1, {"Mn": "Acme", "Md": "X", "SN": "7", "Vr": "1"})
UNKNOWN = [64_001, 3, 1, 2, 3]


def device(registers: RegisterFile, **quirks: object) -> SunSpecDevice:
    return SunSpecDevice(registers, Quirks(**quirks))  # type: ignore[arg-type]


def numbers(found: SunSpecDevice) -> list[int]:
    return [model.number for model in found.models]


@pytest.mark.parametrize("base", [40_000, 0, 50_000])
def test_the_marker_is_found_at_every_published_base(base: int) -> None:
    assert numbers(device(RegisterFile(COMMON, base=base))) == [1]


def test_another_base_is_tried_where_the_inverter_file_says_so() -> None:
    registers = RegisterFile(COMMON, base=1000)
    assert numbers(device(registers, bases=(1000,))) == [1]
    assert registers.requests[0] == (1000, 2)


def test_what_stood_in_place_of_the_marker_is_said() -> None:
    registers = RegisterFile(COMMON, base=100)
    registers.words |= {0: 0x1234, 1: 5}
    with pytest.raises(InstrumentError, match=r"40000 \(exception 2\), 0 \(1234 0005\)"):
        _ = device(registers).models


def test_a_busy_device_is_not_taken_for_one_without_sunspec() -> None:
    registers = RegisterFile(COMMON)
    registers.refused = {40_000: 6}
    with pytest.raises(RegisterError):
        _ = device(registers).models


@given(lengths=st.lists(st.integers(1, 200), max_size=20))
def test_models_are_walked_by_their_lengths_whatever_they_are(lengths: list[int]) -> None:
    models = [[60_000 + k, length, *[7] * length] for k, length in enumerate(lengths)]
    found = device(RegisterFile(*models)).models
    assert [(m.number, m.length - 2) for m in found] == [(m[0], m[1]) for m in models]
    ends = [40_002, *(m.address + m.length for m in found)]
    assert [m.address for m in found] == ends[:-1]


def test_an_unknown_model_is_stepped_over() -> None:
    found = device(RegisterFile(UNKNOWN, COMMON))
    assert numbers(found) == [64_001, 1]
    assert found.require(1).text("Mn") == "Acme"


def test_the_end_marker_may_have_no_length_behind_it() -> None:
    assert numbers(device(RegisterFile(COMMON, end=[0xFFFF]))) == [1]


def test_a_model_cut_off_after_its_number_is_garbled() -> None:
    with pytest.raises(LinkGarbled, match="model 103 at 40070 has no length"):
        _ = device(RegisterFile(COMMON, end=[103])).models


def test_models_without_an_end_are_garbled() -> None:
    with pytest.raises(LinkGarbled, match="no end marker"):
        _ = device(RegisterFile(*[UNKNOWN] * 70)).models


def test_every_model_of_a_repeated_number_is_found() -> None:
    first, second = (
        model(160, {"module1.DCW": watts, "DCW_SF": 0}, {"N": 1}) for watts in (100, 200)
    )
    found = device(RegisterFile(COMMON, first, second))
    read = [found.read_found(one) for one in found.find(160)]
    assert [values.number_of("module1.DCW") for values in read if values] == [100, 200]


def test_a_repeated_group_is_as_long_as_the_device_says() -> None:
    modules = model(160, {f"module{k}.DCW": 10 * k for k in range(1, 5)} | {"DCW_SF": 1}, {"N": 4})
    values = device(RegisterFile(modules)).require(160)
    assert [values.number_of(f"module{k}.DCW") for k in range(1, 6)] == [10, 20, 30, 40, None]


def test_the_older_curves_fill_their_model_whatever_the_count_says() -> None:
    curves = model(126, {"curve2.ActPt": 4}, {"NCrv": 2})
    curves[7] = 1
    assert device(RegisterFile(curves)).require(126).number_of("curve2.ActPt") == 4


@pytest.mark.parametrize("length", [65, 66])
def test_the_common_model_may_lack_its_padding(length: int) -> None:
    common = COMMON[: length + 2]
    common[1] = length
    found = device(RegisterFile(common))
    assert found.require(1).defect == ""
    assert found.require(1).text("SN") == "7"


def test_a_model_that_is_too_short_has_no_values_where_it_ends() -> None:
    service = model(703, {"ES": 1, "ESDlyTms": 60, "V_SF": 0, "ESVHi": 110})[:10]
    service[1] = 8
    values = device(RegisterFile(service)).require(703)
    assert values.defect == "is 10 registers long, expected 19"
    assert values.number_of("ES") == 1
    assert values.number_of("ESDlyTms") is None
    assert values.number_of("ESVHi") is None


@pytest.mark.parametrize("points", [3, 9, 60_000])
def test_sets_whose_counts_contradict_the_length_are_not_read(points: int) -> None:
    trips = model(707, {"Crv1.MustTrip.ActPt": 1, "V_SF": 0, "Tms_SF": 0}, {"NCrvSet": 1, "NPt": 2})
    trips[5] = points
    values = device(RegisterFile(trips)).require(707)
    assert "registers long" in values.defect
    assert values.value("Crv1.MustTrip.ActPt") is None


def test_what_is_wrong_with_each_model_is_reported() -> None:
    short = model(103, {})[:-2]
    short[1] -= 2
    refused = model(122, {})
    registers = RegisterFile(COMMON, UNKNOWN, short, refused)
    found = device(registers)
    registers.refused = {found.models[-1].address + 5: 2}
    assert {model.number: defect for model, defect in known_defects(found).items()} == {
        1: "",
        64_001: "not known, stepped over",
        103: "is 50 registers long, expected 52",
        122: "its registers are refused",
    }


def test_a_model_whose_registers_are_refused_is_not_exposed() -> None:
    registers = RegisterFile(COMMON, model(703, {"ES": 1}))
    found = device(registers)
    registers.refused = {found.models[1].address + 3: 2}
    assert found.read(703) is None


def test_a_model_whose_registers_are_busy_is_trouble() -> None:
    registers = RegisterFile(COMMON, model(703, {"ES": 1}))
    found = device(registers)
    registers.refused = {found.models[1].address + 3: 6}
    with pytest.raises(RegisterError):
        found.read(703)


def test_values_and_scale_factors_come_in_one_request() -> None:
    registers = RegisterFile(model(701, {"W": 5000, "W_SF": 0}))
    found = device(registers)
    _ = found.models
    registers.requests.clear()
    values = found.read_first(701)
    assert values is not None
    assert values.number_of("W") == 5000
    assert registers.requests == [(40_002, 125)]


def test_a_device_that_takes_short_requests_gets_short_ones() -> None:
    registers = RegisterFile(model(701, {"W": 5000, "W_SF": 0}))
    registers.most = 50
    values = device(registers, most_registers=50).read_first(701)
    assert values is not None
    assert values.number_of("W") == 5000


def test_scale_factors_that_change_between_two_requests_are_read_again() -> None:
    registers = RegisterFile(model(701, {"W": 5000, "W_SF": 0}))
    found = device(registers, most_registers=50)
    at = found.models[0].address

    def grow(request: int) -> None:
        if registers.requests[-1] == (at + 100, 50) and not changed:
            changed.append(True)
            registers.words |= {at + 10: 500, at + 116: 1}

    changed: list[bool] = []
    registers.before_read = grow
    assert found.require(701).number_of("W") == 5000


def test_scale_factors_that_never_hold_still_are_trouble() -> None:
    registers = RegisterFile(model(701, {"W": 5000, "W_SF": 0}))
    found = device(registers, most_registers=50)
    at = found.models[0].address

    def flip(request: int) -> None:
        registers.words[at + 116] = request

    registers.before_read = flip
    with pytest.raises(LinkGarbled, match="scale factors of model 701 changed"):
        found.require(701)


def test_what_the_inverter_file_disowns_is_not_there() -> None:
    registers = RegisterFile(model(122, {"Ris": 5, "Ris_SF": 0, "ECPConn": 1}), model(129, {}))
    found = device(registers, without=frozenset({"129", "122.Ris"}))
    assert found.read(129) is None
    assert found.require(122).number_of("Ris") is None
    assert found.require(122).number_of("ECPConn") == 1


@pytest.mark.parametrize(
    ("quirks", "words"),
    [
        ({"bases": ()}, "bases"),
        ({"bases": (70_000,)}, "bases"),
        ({"most_registers": 0}, "expected 1 to 125"),
        ({"most_registers": 126}, "expected 1 to 125"),
        ({"without": ["999"]}, "no known model '999'"),
        ({"without": ["Ris"]}, "no known model 'Ris'"),
        ({"without": ["122.Riss"]}, "model 122 has no point 'Riss'"),
    ],
)
def test_a_quirk_that_cannot_be_is_a_mistake_of_the_inverter_file(
    quirks: dict[str, object], words: str
) -> None:
    with pytest.raises(ConfigurationError, match=words):
        device(RegisterFile(COMMON), **quirks)


@pytest.mark.parametrize("name", ["705.Crv1.Pt2.V", "129.curve1.V20", "160.module3.DCW"])
def test_points_of_repeated_groups_can_be_disowned(name: str) -> None:
    device(RegisterFile(COMMON), without=[name])


@pytest.mark.parametrize("exponent", [-0x8000, 11, -11, 300])
def test_a_value_with_no_usable_power_of_ten_is_no_value(exponent: int) -> None:
    service = model(703, {"ESVHi": 110, "V_SF": 0})
    service[17] = exponent & 0xFFFF
    assert device(RegisterFile(service)).require(703).number_of("ESVHi") is None


def test_zero_is_a_value_and_not_implemented_is_none() -> None:
    values = device(RegisterFile(model(703, {"ESDlyTms": 0}))).require(703)
    assert values.number_of("ESDlyTms") == 0
    assert values.number_of("ESRndTms") is None
