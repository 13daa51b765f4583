"""A station over real sockets: what it refuses, and that it always ends safe."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bench.paths import DEFAULT_INVERTER, DEFAULT_STATION
from bench.stations.interrupts import shielded, termination_interrupts
from bench.stations.station import Station
from bench.stations.station_file import StationFile, load_inverter, load_station
from instruments.errors import (
    ConfigurationError,
    EnvelopeError,
    IdentityMismatch,
    LinkRefused,
    UnsafeBench,
)
from instruments.interfaces import ControlMode, GridStep
from instruments.load_and_sun import ParallelRlc
from instruments.simulated.inverter.parameters import InverterParameters
from instruments.simulated.laboratory import Laboratory
from instruments.simulated.physics.world import World
from instruments.simulated.transport.link_faults import Trouble

NOMINAL = GridStep((230.0, 230.0, 230.0), 50.0, 1.0)
SAFE_WORDS = (":ABOR", ":OUTP OFF", "write 0000 at 0")


@pytest.fixture
def world() -> World:
    return World(InverterParameters(), load_power_w=8000.0)


@pytest.fixture
def laboratory(world: World) -> Iterator[Laboratory]:
    with Laboratory(world, seed=1) as laboratory:
        yield laboratory


@pytest.fixture
def external(laboratory: Laboratory) -> StationFile:
    """A station file that reaches the laboratory by address, as it would real instruments."""
    shipped = load_station(DEFAULT_STATION)
    addresses = {
        "ac_source": laboratory.resources["ac_source"],
        "power_analyser": laboratory.resources["power_analyser"],
        "islanding_load": laboratory.resources["islanding_load"],
        "pv_source": laboratory.resources["pv_source"],
        "contactor": "tcp://{}:{}".format(*laboratory.resources["contactor"]),
        "demand_response": "tcp://{}:{}".format(*laboratory.resources["demand_response"]),
        "site_meter": "power_analyser",
        "check_meter": "tcp://{}:{}".format(*laboratory.resources["check_meter"]),
        "meter_line": "tcp://{}:{}".format(*laboratory.resources["meter_line"]),
        "inverter": "tcp://{}:{}".format(*laboratory.resources["inverter"]),
    }
    entries = {
        role: replace(entry, resource=str(addresses[role]), timeout_s=0.5)
        for role, entry in shipped.entries.items()
        if role in addresses
    }
    return replace(shipped, simulation=None, entries=entries)


def station(file: StationFile) -> Station:
    return Station(file, load_inverter(DEFAULT_INVERTER))


def test_a_station_reached_by_address_is_identified_and_not_simulated(
    external: StationFile,
) -> None:
    with station(external) as connected:
        assert not connected.simulated
        assert [item.role for item in connected.identified] == [
            "ac_source",
            "power_analyser",
            "islanding_load",
            "pv_source",
            "site_meter",
            "check_meter",
            "inverter",
        ]


def test_what_a_killed_run_left_behind_is_made_safe_first(
    world: World, external: StationFile
) -> None:
    world.source.switch_output(True)
    world.source.ramp_to((300.0, 300.0, 300.0), 50.0, 0.0)
    world.contactor.command(True)
    with station(external) as connected:
        assert not world.source.output_on
        requests = [exchange.request for exchange in connected.transcript.recent]
        first_setting = next(k for k, text in enumerate(requests) if ":CURR " in text)
        first_off = next(k for k, text in enumerate(requests) if ":OUTP OFF" in text)
        assert first_off < first_setting


def test_leaving_switches_everything_off(world: World, external: StationFile) -> None:
    with station(external) as connected:
        connected.source.set_levels(NOMINAL)
        connected.source.switch_output(True)
        connected.contactor.switch(True)
        assert world.source.output_on
    assert not world.source.output_on
    assert not world.contactor.auxiliary_closed


def test_leaving_takes_sun_and_load_away(world: World, external: StationFile) -> None:
    with station(external) as connected:
        assert connected.pv_source
        assert connected.islanding_load
        connected.pv_source.switch_output(True)
        connected.islanding_load.set_load(
            ParallelRlc((1e3,) * 3, (1e3,) * 3, (1e3,) * 3, 230.0, 50.0)
        )
        connected.islanding_load.switch(True)
        assert world.array.available_w > 0
    assert world.array.available_w == 0.0
    assert max(world.islanding_load.connected.conductance_s) == 0.0


def test_a_station_need_not_have_load_and_pv_source(external: StationFile) -> None:
    few = {
        role: entry
        for role, entry in external.entries.items()
        if role not in ("islanding_load", "pv_source")
    }
    with station(replace(external, entries=few)) as connected:
        assert connected.pv_source is None
        assert connected.islanding_load is None


def test_an_exception_inside_still_ends_safe(world: World, external: StationFile) -> None:
    with pytest.raises(ZeroDivisionError), station(external) as connected:
        connected.source.set_levels(NOMINAL)
        connected.source.switch_output(True)
        raise ZeroDivisionError
    assert not world.source.output_on


def test_every_step_of_the_safe_state_is_tried_and_every_problem_reported(
    world: World, external: StationFile
) -> None:
    connected = station(external).__enter__()
    connected.source.set_levels(NOMINAL)
    connected.source.switch_output(True)
    connected.contactor.switch(True)
    world.contactor._auxiliary_delay_s = 100.0
    with pytest.raises(UnsafeBench, match="open the contactor") as caught:
        connected.make_safe()
    assert "NOT confirmed safe" in str(caught.value)
    assert not world.source.output_on
    world.contactor._auxiliary_delay_s = 0.01
    world.contactor.auxiliary_closed = False
    connected.__exit__()


def test_a_step_of_the_safe_state_that_fails_once_is_tried_once_more() -> None:
    trouble = Trouble("silence", "ac_source", from_s=10.0, where="OUTP OFF")
    connected = Station(
        load_station(DEFAULT_STATION), load_inverter(DEFAULT_INVERTER), troubles=[trouble]
    )
    with connected:
        connected.source.set_levels(NOMINAL)
        connected.source.switch_output(True)
        connected.clock.sleep(20.0)
        connected.make_safe()
        assert not connected.source.output_is_on()
    refused = [exchange for exchange in connected.transcript.recent if exchange.error]
    assert [exchange.request for exchange in refused] == [":OUTP OFF;:OUTP?"]


def test_settings_an_interrupted_trial_left_are_put_back(
    world: World, external: StationFile
) -> None:
    before = world.inverter.settings
    with station(external) as connected:
        connected.inverter.controls.command(ControlMode.POWER_LIMIT, 0.5)
        assert connected.restore_settings() == ""
    assert world.inverter.settings == before


def test_settings_that_cannot_be_put_back_are_named(
    laboratory: Laboratory, external: StationFile
) -> None:
    connected = station(external).__enter__()
    connected.inverter.controls.command(ControlMode.POWER_LIMIT, 0.5)
    laboratory.close()
    problem = connected.restore_settings()
    assert "limit of active power" in problem
    assert "by hand" in problem
    with pytest.raises(UnsafeBench):
        connected.__exit__()


def test_a_dead_link_leaves_the_bench_unsafe_loudly(
    world: World, laboratory: Laboratory, external: StationFile
) -> None:
    connected = station(external).__enter__()
    connected.source.set_levels(NOMINAL)
    connected.source.switch_output(True)
    laboratory.close()
    with pytest.raises(UnsafeBench) as caught:
        connected.__exit__()
    assert [step for step in ("source off", "contactor") if step not in str(caught.value)] == []


def test_interrupts_wait_until_the_bench_is_safe() -> None:
    with shielded() as arrived:
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGTERM)
    assert arrived == [signal.SIGINT, signal.SIGINT, signal.SIGTERM]


def test_sigterm_ends_a_run_like_ctrl_c() -> None:
    with pytest.raises(KeyboardInterrupt, match="SIGTERM"), termination_interrupts():
        os.kill(os.getpid(), signal.SIGTERM)


def test_another_identity_is_refused_and_nothing_is_energised(
    world: World, external: StationFile
) -> None:
    entries = dict(external.entries)
    entries["power_analyser"] = replace(entries["power_analyser"], serial="42")
    with pytest.raises(IdentityMismatch, match=r"serial is 'SIM0001', expected '42'"):
        station(replace(external, entries=entries)).__enter__()
    assert not world.source.output_on


def test_a_refused_port_is_refused_by_role(laboratory: Laboratory, external: StationFile) -> None:
    laboratory.close()
    with pytest.raises(LinkRefused, match="ac_source"):
        station(external).__enter__()


def test_nothing_outside_the_envelope_is_sent(external: StationFile) -> None:
    with station(external) as connected:
        before = connected.exchanges
        with pytest.raises(EnvelopeError, match="voltage L3 = 350 V"):
            connected.source.set_levels(GridStep((230.0, 230.0, 350.0), 50.0, 1.0))
        assert connected.exchanges == before


@pytest.mark.parametrize(
    ("role", "change", "words"),
    [
        ("contactor", {"resource": "http://x"}, "expected one of tcp"),
        ("ac_source", {"driver": "instruments.nothing:X"}, "cannot be loaded"),
        ("ac_source", {"options": {"colour": "red"}}, "colour"),
    ],
)
def test_a_station_that_cannot_be_built_names_the_table(
    external: StationFile, role: str, change: dict[str, object], words: str
) -> None:
    entries = {**external.entries, role: replace(external.entries[role], **change)}
    with pytest.raises(ConfigurationError, match=words) as caught:
        station(replace(external, entries=entries)).__enter__()
    assert f"[{role}]" in str(caught.value)


def test_faults_belong_to_simulated_inverters(external: StationFile) -> None:
    with pytest.raises(ConfigurationError, match="not simulated"):
        Station(external, load_inverter(DEFAULT_INVERTER), faults=("ov1-late",))


def test_the_transcript_lands_in_its_file(tmp_path: Path, external: StationFile) -> None:
    file = tmp_path / "transcript.jsonl"
    with Station(external, load_inverter(DEFAULT_INVERTER), transcript_path=file):
        pass
    text = file.read_text(encoding="utf-8")
    assert [word for word in SAFE_WORDS if word not in text] == []
