"""The simulated inverter is set for the grid code of the run, unless its file says otherwise."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench.grid_code.distributor import with_distributor
from bench.grid_code.profile import GridCode
from bench.paths import DEFAULT_INVERTER
from bench.stations.simulation import set_up_for
from bench.stations.station_file import load_inverter
from instruments.simulated.faults import inverter_with_faults
from instruments.simulated.inverter.parameters import InverterParameters
from instruments.simulated.inverter.settings import REGIONS as SIMULATED
from tests.bench.grid_code_files import REGIONS, distributor, region

INVERTER = load_inverter(DEFAULT_INVERTER)


def simulated(code: GridCode, changes: dict[str, Any] | None = None) -> InverterParameters:
    inverter = replace(INVERTER, simulated_changes=changes or {})
    return inverter_with_faults((), set_up_for(inverter, code).simulated_changes)


@pytest.mark.parametrize("code", REGIONS)
def test_it_takes_the_region(code: str) -> None:
    assert simulated(region(code)).settings == SIMULATED[code]


@pytest.mark.parametrize("form", [{"settings.region": "B"}, {"settings": {"region": "B"}}])
def test_the_file_of_the_inverter_wins(form: dict[str, Any]) -> None:
    assert simulated(region("NZ"), form).settings == SIMULATED["B"]


def test_a_single_setting_of_the_file_is_laid_over_the_region() -> None:
    settings = simulated(region("B"), {"settings.observation_s": 90.0}).settings
    assert settings == replace(SIMULATED["B"], observation_s=90.0)


def test_a_grid_code_without_a_region_leaves_it_alone() -> None:
    code = replace(region("B"), region_code="")
    assert simulated(code) == InverterParameters()


def test_it_takes_the_set_points_a_distributor_chose(tmp_path: Path) -> None:
    text = (
        "[set_points.SV1]\nlimit_v = 250.0\n"
        "[set_points.VV1]\nvoltages_v = [207.0, 220.0, 238.0, 252.0]\n"
    )
    code = with_distributor(region("A"), distributor(tmp_path, text))
    settings = simulated(code).settings
    assert settings.sustained_voltage_v == 250.0
    assert settings.volt_var.curve == ((207.0, 0.44), (220.0, 0.0), (238.0, 0.0), (252.0, -0.6))
    assert settings.volt_watt == SIMULATED["A"].volt_watt
