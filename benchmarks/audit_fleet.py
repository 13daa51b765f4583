"""What auditing a fleet costs: `python -m benchmarks.audit_fleet [--sites N] [--units N] [--jobs N]`.

Simulated inverters, some of them set wrong, answer on real Modbus TCP sockets of another process, several units
behind a port. `bench audit --fleet` reads and judges all of them, writes a document for each, the table and the
page. Every site must come out as its inverter is set. Target: 1,000 sites within 60 s on 2 cores.
"""

from __future__ import annotations

import argparse
import csv
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.grid_code.profile import find_grid_code, load_grid_code
from bench.paths import DEFAULT_INVERTER, ROOT
from bench.stations.simulation import parameter_paths, set_up_for
from bench.stations.station_file import load_inverter
from instruments.clock import process_time_s
from instruments.simulated.faults import inverter_with_faults
from instruments.simulated.registers.stored_registers import StoredRegisters
from instruments.simulated.transport.modbus_gateway import ModbusGateway
from instruments.simulated.transport.server_loop import ServerLoop

KINDS: tuple[tuple[str, ...], ...] = ((), ("ov1-late",), (), ("sustained-limit-255",), ())
"""Deviations of the inverters, in turn."""
HOST = "127.0.0.1"
SITES, UNITS, JOBS = 1000, 10, 16
TARGET_S = 60.0


def serve(count: int, units: int) -> None:
    """Serve inverters until the standard input ends; print the ports."""
    images = [_image(faults) for faults in KINDS]
    groups = [range(first, min(first + units, count)) for first in range(0, count, units)]
    services = {
        f"gateway {port}": ModbusGateway(
            {
                unit: images[site % len(KINDS)].with_serial(f"SITE{site:04}")
                for unit, site in enumerate(sites, 1)
            }
        )
        for port, sites in enumerate(groups)
    }
    loop = ServerLoop(services, lambda _: None, seed=1, latency_scale=0.0)
    loop.start()
    print(*loop.ports.values(), flush=True)
    sys.stdin.read()
    loop.stop()


def _image(faults: tuple[str, ...]) -> StoredRegisters:
    file = set_up_for(load_inverter(DEFAULT_INVERTER), load_grid_code(find_grid_code("A")))
    return StoredRegisters.of(inverter_with_faults(faults, parameter_paths(file.simulated_changes)))


@contextmanager
def served(count: int, units: int) -> Iterator[list[int]]:
    """Serve inverters in another process and yield its ports."""
    command = [sys.executable, "-m", "benchmarks.audit_fleet", "--serve"]
    command += ["--sites", str(count), "--units", str(units)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin
        assert process.stdout
        try:
            yield [int(port) for port in process.stdout.readline().split()]
        finally:
            process.stdin.close()


def write_sites(file: Path, ports: list[int], count: int, units: int) -> None:
    """Write the list of sites."""
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["site", "at", "unit"])
        for site in range(count):
            writer.writerow(
                [f"site {site:04}", f"tcp://{HOST}:{ports[site // units]}", site % units + 1]
            )


def wrongly_judged(summary: Path) -> list[str]:
    """Return the sites that did not come out as their inverters are set."""
    wrong = []
    with summary.open(encoding="utf-8", newline="") as stream:
        for site, row in enumerate(csv.DictReader(stream)):
            expected = "does not comply" if KINDS[site % len(KINDS)] else "complies"
            if (row["conclusion"], row["serial"]) != (expected, f"SITE{site:04}"):
                wrong.append(f"{row['site']}: {row['conclusion']}, {row['trouble']}")
    return wrong


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sites", type=int, default=SITES)
    parser.add_argument("--units", type=int, default=UNITS, help="behind each port")
    parser.add_argument("--jobs", type=int, default=JOBS)
    parser.add_argument("--serve", action="store_true", help="only serve the inverters")
    given = parser.parse_args()
    if given.serve:
        serve(given.sites, given.units)
        return
    with TemporaryDirectory() as folder, served(given.sites, given.units) as ports:
        sites, out = Path(folder) / "sites.csv", Path(folder) / "fleet"
        write_sites(sites, ports, given.sites, given.units)
        started_s = process_time_s()
        command = [sys.executable, "-m", "bench", "audit", "--fleet", sites, "--out", out]
        subprocess.run([*map(str, command), "--jobs", str(given.jobs)], cwd=ROOT, check=False)
        took_s = process_time_s() - started_s
        processor = os.times()
        wrong = wrongly_judged(out / "summary.csv")
    verdict = "met" if took_s <= TARGET_S and not wrong else "MISSED"
    processor_s = processor.children_user + processor.children_system
    print(
        f"{given.sites} sites in {took_s:.1f} s, {1e3 * took_s / given.sites:.1f} ms each, "
        f"{processor_s:.1f} s of processor time without the inverters, "
        f"{len(wrong)} wrongly judged   target {TARGET_S:g} s: {verdict}"
    )
    print(*wrong[:5], sep="\n")


if __name__ == "__main__":
    main()
