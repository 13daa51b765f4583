"""How fast the simulated laboratory is: world alone, and an idle-heavy campaign over real sockets.

python -m benchmarks.simulation [CASES]

The mix follows a measured campaign of 160 cases (11.3 h, one exchange every 2.4 s, 44 records): per case a step
of the grid, 4 min of waiting with readings of the analyser and now and then the inverter's own state, and in
every fourth case a waveform record of nine channels. It runs three times: other load can only make it slower.
"""

from __future__ import annotations

import sys
import time
from contextlib import ExitStack

from bench.paths import DEFAULT_INVERTER, DEFAULT_STATION
from bench.stations.station import Station
from bench.stations.station_file import load_inverter, load_station
from instruments.clock import Deadline
from instruments.interfaces import GridStep
from instruments.simulated.inverter.parameters import InverterParameters
from instruments.simulated.physics.world import World

CASES, WAITS, WAIT_S = 40, 56, 4.3
RUNS = 3
RECORD_HZ, RECORD_S = 10_000.0, 2.5


def world_alone() -> None:
    """Print simulated seconds per wall second of trips, minutes of observation and ramps, nobody looking."""
    world = World(InverterParameters(), 8000.0)
    world.source.switch_output(True)
    world.contactor.command(True)
    started = time.perf_counter()
    for cycle in range(20):
        for voltage_v, duration_s in ((230.0, 500.0), (268.0, 5.0)):
            world.source.ramp_to((voltage_v,) * 3, 50.0, 0.0)
            world.advance_to(world.now_s + duration_s)
        assert world.inverter.state == "waiting", cycle
    wall_s = time.perf_counter() - started
    print(
        f"world alone, 20 trips with observation and ramp: {world.now_s / wall_s:,.0f} × real time"
    )


def campaign(cases: int) -> None:
    """Print the same for drivers over pyvisa and pymodbus, with readings and records."""
    with ExitStack() as stack:
        station = Station(load_station(DEFAULT_STATION), load_inverter(DEFAULT_INVERTER), (), None)
        stack.enter_context(station)
        station.source.set_levels(GridStep((230.0, 230.0, 230.0), 50.0, 0.0))
        station.source.switch_output(True)
        station.contactor.switch(True)
        began_s, exchanges = station.clock.now_s(), station.exchanges
        started = time.perf_counter()
        for case in range(cases):
            _case(station, case)
        wall_s = time.perf_counter() - started
        simulated_s = station.clock.now_s() - began_s
        done = station.exchanges - exchanges
    print(
        f"idle-heavy campaign, {cases} cases: {simulated_s:,.0f} s in {wall_s:.2f} s = "
        f"{simulated_s / wall_s:,.0f} × real time; {done} exchanges, one per {simulated_s / done:.1f} s"
    )


def _case(station: Station, case: int) -> None:
    voltage_v = 225.0 + case % 10
    station.source.set_levels(GridStep((voltage_v,) * 3, 50.0, 0.0))
    for wait in range(WAITS):
        station.clock.sleep(WAIT_S)
        station.analyser.read()
        if wait % 6 == 0:
            station.inverter.status()
    if case % 4 == 0:
        station.analyser.arm_recording(RECORD_HZ, 0.2, RECORD_S)
        station.analyser.trigger_recording()
        station.analyser.fetch_recording(Deadline.after(station.clock, 60.0))


if __name__ == "__main__":
    world_alone()
    for _ in range(RUNS):
        campaign(int(sys.argv[1]) if len(sys.argv) > 1 else CASES)
