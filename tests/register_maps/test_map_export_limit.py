"""Limits of export and hard limits of an inverter with a register map: a shipped one and a small one."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.register_maps.inverter_table import commandable_modes, find_map
from bench.register_maps.load import load_map
from instruments.commands import ControlMode, Reversion
from instruments.errors import InstrumentError
from instruments.simulated.inverter.settings import PowerLimit
from tests.register_maps.map_bench import served, small_map, verified

FIELDS = {
    "export_limit": ("export_limit", False),
    "hard_export_limit": ("export_limit", True),
    "hard_generation_limit": ("generation_limit", True),
}


def limit_map(mode: str, unit: str) -> str:
    base = 'percent_of = "rated power"\n' if unit == "%" else ""
    return f"""
[point.ceiling]
address = 10
type = "u16"
unit = "{unit}"
{base}access = "read and write"
range = [0, 60000]
page = "p. 2"
verified = true
[point.ceiling_on]
address = 11
type = "u16"
values = {{ off = 0, on = 1 }}
access = "read and write"
page = "p. 2"
verified = true
[control.{mode}]
setpoint = "ceiling"
enable = "ceiling_on"
[restore]
points = ["ceiling", "ceiling_on"]
"""


@pytest.mark.parametrize("mode", FIELDS)
@pytest.mark.parametrize("unit", ["W", "%"])
def test_a_limit_in_watts_acts_on_the_plant(mode: str, unit: str, tmp_path: Path) -> None:
    field, hard = FIELDS[mode]
    with served(small_map(tmp_path, limit_map(mode, unit))) as bench:
        controls = bench.inverter(rated_power_w=10_000.0).controls
        written = controls.command(ControlMode[mode.upper()], 2500.0)
        assert getattr(bench.settings, field) == PowerLimit(2500.0, hard=hard)
        assert written.sent_s < written.acknowledged_s
        controls.release(ControlMode[mode.upper()])
        assert getattr(bench.settings, field).limit_w is None


def test_a_shipped_map_commands_its_export_limit() -> None:
    with served(verified(load_map(find_map("sungrow_sh")))) as bench:
        controls = bench.inverter(rated_power_w=10_000.0).controls
        controls.command(ControlMode.EXPORT_LIMIT, 1500.0)
        assert bench.settings.export_limit == PowerLimit(1500.0)
        controls.restore()
        assert bench.settings.export_limit.limit_w is None


def test_a_map_has_no_words_for_a_reversion(tmp_path: Path) -> None:
    with served(small_map(tmp_path, limit_map("export_limit", "W"))) as bench:
        controls = bench.inverter().controls
        assert not controls.offers_reversion()
        with pytest.raises(InstrumentError, match="reverts"):
            controls.command_for(0.3, Reversion(60.0))


@pytest.mark.parametrize(
    ("writes", "checked", "known"),
    [
        (True, True, {"limit of export", "limit of active power"}),
        (True, False, set()),
        (False, True, set()),
    ],
)
def test_what_can_be_commanded_is_verified_and_allowed(
    writes: bool, checked: bool, known: set[str]
) -> None:
    shipped = load_map(find_map("sungrow_sh"))
    found = commandable_modes(verified(shipped) if checked else shipped, writes=writes)
    assert found == known
