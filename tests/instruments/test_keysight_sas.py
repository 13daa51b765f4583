"""The driver of the PV source against a simulated source on a real socket."""

from __future__ import annotations

import pytest

from instruments.errors import CommandRejected, ConfigurationError
from instruments.pv_sources.keysight_sas import KeysightSas
from tests.instruments.conftest import Bench


@pytest.fixture
def source(bench: Bench) -> KeysightSas:
    driver = KeysightSas(bench.message("pv_source"), bench.laboratory.clock)
    driver.configure(10_000.0)
    return driver


def test_the_array_gives_what_was_asked_for_in_full_sun(bench: Bench, source: KeysightSas) -> None:
    source.configure(8000.0)
    source.set_irradiance(1.0)
    source.switch_output(True)
    assert bench.world.array.available_w == pytest.approx(8000.0, rel=1e-4)


def test_power_follows_the_irradiance_at_once(bench: Bench, source: KeysightSas) -> None:
    source.switch_output(True)
    source.set_irradiance(0.3)
    assert bench.world.array.available_w == pytest.approx(3000.0, rel=1e-4)


def test_an_oversized_array_covers_losses(bench: Bench) -> None:
    driver = KeysightSas(bench.message("pv_source"), bench.laboratory.clock, oversize=1.05)
    driver.configure(10_000.0)
    driver.switch_output(True)
    assert bench.world.array.available_w == pytest.approx(10_500.0, rel=1e-4)


def test_off_is_dark_and_read_back(bench: Bench, source: KeysightSas) -> None:
    source.switch_output(False)
    assert not source.output_is_on()
    assert bench.world.array.available_w == 0.0


@pytest.mark.parametrize("share", [0.0, 0.009, 1.01, -0.5])
def test_an_irradiance_the_source_cannot_scale_to_is_refused(
    source: KeysightSas, share: float
) -> None:
    with pytest.raises(ConfigurationError, match="1 … 100 %"):
        source.set_irradiance(share)


def test_a_curve_that_contradicts_itself_is_rejected_and_the_old_one_stays(bench: Bench) -> None:
    impossible = KeysightSas(
        bench.message("pv_source"), bench.laboratory.clock, voltage_fill=1.2, voltage_v=500.0
    )
    before_w = bench.world.array.available_w
    with pytest.raises(CommandRejected, match="contradict"):
        impossible.configure(2000.0)
    assert bench.world.array.available_w == before_w
