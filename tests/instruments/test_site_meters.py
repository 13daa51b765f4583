"""Meters at the connection point and the box in the line of the inverter's own, over real sockets."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec

import pytest

from instruments.analysers.zes_lmg600 import Lmg600
from instruments.errors import ConfigurationError
from instruments.meter_lines.modbus_box import ModbusMeterBox
from instruments.simulated.devices.energy_meters import SunSpecMeter as SimulatedMeter
from instruments.simulated.inverter.parameters import InverterParameters
from instruments.simulated.physics.parallel_load import resistive_load
from instruments.simulated.physics.world import World
from instruments.site import MeterFeed, SiteMeter
from instruments.site_meters.eastron_sdm630 import Sdm630
from instruments.site_meters.sunspec_meter import SunSpecMeter
from tests.instruments.conftest import Bench

LOAD_W = 4000.0
CLASS = 0.01


@pytest.fixture
def site(bench: Bench) -> Bench:
    """A site at full power beside a load."""
    world = bench.world
    world.source.ramp_to((230.0,) * 3, 50.0, 0.0)
    world.source.switch_output(True)
    world.contactor.command(True)
    world.site_load.set(resistive_load(LOAD_W / 3, 230.0))
    bench.laboratory.clock.sleep(500.0)
    return bench


def truth_w(bench: Bench) -> tuple[float, ...]:
    now_s = bench.world.now_s
    return bench.world.averages(now_s - 1.0, now_s).grid_active_powers_w


def analyser(bench: Bench) -> SiteMeter:
    driver = Lmg600(bench.message("power_analyser"), bench.laboratory.clock)
    driver.configure()
    return driver.site_meter()


def sunspec(bench: Bench) -> SiteMeter:
    return SunSpecMeter(bench.registers("site_meter"), bench.laboratory.clock)


def sdm630(bench: Bench) -> SiteMeter:
    return Sdm630(bench.registers("check_meter"), bench.laboratory.clock)


METERS = (analyser, sunspec, sdm630)


@pytest.mark.parametrize("meter_of", METERS)
def test_each_meter_shows_the_power_of_each_phase_into_the_grid(
    site: Bench, meter_of: Callable[[Bench], SiteMeter]
) -> None:
    reading = meter_of(site).read()
    assert reading.active_powers_w == pytest.approx(truth_w(site), rel=CLASS, abs=5.0)
    assert reading.active_power_w == pytest.approx(10_000.0 - LOAD_W, rel=CLASS)


@pytest.mark.parametrize("meter_of", METERS)
def test_each_meter_shows_import_as_negative(
    site: Bench, meter_of: Callable[[Bench], SiteMeter]
) -> None:
    site.world.site_load.set(resistive_load(5000.0, 230.0))
    site.laboratory.clock.sleep(5.0)
    assert meter_of(site).read().active_power_w == pytest.approx(-5000.0, rel=CLASS)


@pytest.mark.parametrize("meter_of", METERS)
def test_each_meter_says_who_it_is(site: Bench, meter_of: Callable[[Bench], SiteMeter]) -> None:
    identity = meter_of(site).identify()
    assert identity.maker
    assert identity.model
    assert identity.serial


def test_the_analyser_reads_the_inverter_in_the_same_window(site: Bench) -> None:
    reading = analyser(site).read()
    assert reading.beside is not None
    assert reading.beside.site_powers_w == reading.active_powers_w
    load_w = reading.beside.active_power_w - reading.active_power_w
    assert load_w == pytest.approx(LOAD_W, rel=CLASS)


def test_a_meter_that_counts_export_as_positive_is_not_turned(site: Bench) -> None:
    clock = site.laboratory.clock
    turned = SunSpecMeter(site.registers("site_meter"), clock, positive="export")
    assert turned.read().active_power_w == pytest.approx(LOAD_W - 10_000.0, rel=CLASS)


def test_a_sign_nobody_knows_is_refused(site: Bench) -> None:
    with pytest.raises(ConfigurationError, match="sideways"):
        Sdm630(site.registers("check_meter"), site.laboratory.clock, positive="sideways")


@pytest.mark.skipif(find_spec("sunspec2") is None, reason="pysunspec2 is not installed")
def test_the_registers_of_the_sunspec_meter_are_those_of_the_published_model() -> None:
    from sunspec2.modbus.client import SunSpecModbusClientDevice
    from sunspec2.modbus.modbus import ModbusClientError

    class Direct(SunSpecModbusClientDevice):  # type: ignore[misc]
        """Reads a register image without a socket."""

        def __init__(self, image: SimulatedMeter) -> None:
            super().__init__()
            self.image = image

        def read(self, address: int, count: int) -> bytes:
            try:
                words = self.image.read(address, count)
            except Exception as error:
                raise ModbusClientError(str(error)) from error
            return b"".join(word.to_bytes(2, "big") for word in words)

    world = World(InverterParameters())
    world.source.ramp_to((230.0,) * 3, 50.0, 0.0)
    world.source.switch_output(True)
    world.contactor.command(True)
    world.site_load.set(resistive_load(700.0, 230.0))
    world.advance_to(30.0)
    device = Direct(SimulatedMeter(world, seed=1))
    device.scan()
    model = device.models[203][0]
    assert model.W.cvalue == pytest.approx(2100.0, rel=CLASS)
    assert [model.WphA.cvalue, model.WphB.cvalue, model.WphC.cvalue] == pytest.approx(
        [700.0] * 3, rel=CLASS
    )
    assert model.PhVphA.cvalue == pytest.approx(230.0, abs=0.5)
    assert model.Hz.cvalue == pytest.approx(50.0)


@pytest.mark.parametrize("feed", list(MeterFeed))
def test_the_box_does_what_it_is_told(site: Bench, feed: MeterFeed) -> None:
    box = ModbusMeterBox(site.registers("meter_line"), site.laboratory.clock)
    meter, now_s = site.world.meter, site.world.now_s
    before = meter.read(now_s)
    assert before is not None
    box.set_feed(feed)
    site.world.site_load.set(resistive_load(0.0, 230.0))
    site.laboratory.clock.sleep(2.0)
    found = meter.read(site.world.now_s)
    if feed is MeterFeed.SILENT:
        assert found is None
        return
    assert found is not None
    expected = {
        MeterFeed.WORKING: 10_000.0,
        MeterFeed.FROZEN: sum(before),
        MeterFeed.REVERSED: -10_000.0,
    }
    assert sum(found) == pytest.approx(expected[feed], rel=CLASS)
