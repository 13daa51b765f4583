"""Late, replayed, garbled and foreign frames on RTU: every value that is returned is the right one."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from random import Random

import pytest

from instruments.clock import WallClock
from instruments.errors import LinkError
from instruments.links.persistent import Patience, PersistentLink
from instruments.links.register import ModbusRegisterLink
from instruments.links.transcript import Transcript
from tests.links import misbehaving as server
from tests.links.modbus_frames import read_reply, rtu

TIMEOUT_S, QUIET_S = 0.03, 0.06
LATE_S = (0.035, 0.08)
"""Later than the time-out, sooner than time-out and silence together."""
READS = 40
UNIT = 3


def value(address: int) -> int:
    """What a register holds: no two of them the same."""
    return address * 40_503 & 0xFFFF


class Storm:
    """A device of whose answers a share goes astray."""

    def __init__(self, seed: int, share: float) -> None:
        self._random = Random(seed)
        self._share = share
        self._before = b""
        self._stop = threading.Event()
        self.astray = 0

    def __call__(self, connection: socket.socket) -> None:
        while request := connection.recv(4096):
            frame = self._right(request)
            strays = self._random.random() < self._share
            happens = self._random.choice(self._storm()) if strays else self._fine
            self.astray += strays
            connection.sendall(happens(frame))
            self._before = frame

    def _storm(self) -> tuple[Callable[[bytes], bytes], ...]:
        return (
            self._late,
            self._replayed,
            self._of_another_client,
            self._flipped,
            self._cut,
            self._foreign,
            self._noisy,
        )

    def _right(self, request: bytes) -> bytes:
        address, count = (int.from_bytes(request[at : at + 2], "big") for at in (2, 4))
        return rtu(request[0], read_reply([value(address + at) for at in range(count)]))

    def _fine(self, frame: bytes) -> bytes:
        return frame

    def _late(self, frame: bytes) -> bytes:
        self._stop.wait(self._random.uniform(*LATE_S))
        return frame

    def _replayed(self, frame: bytes) -> bytes:
        """Gateways have been seen to give the frame before."""
        return self._before or frame

    def _of_another_client(self, frame: bytes) -> bytes:
        """Nearly all foreign frames seen in the field carried 125 registers, whatever was asked."""
        return rtu(frame[0], read_reply([value(at) for at in range(125)]))

    def _flipped(self, frame: bytes) -> bytes:
        place = self._random.randrange(len(frame))
        return (
            frame[:place]
            + bytes([frame[place] ^ 1 << self._random.randrange(8)])
            + frame[place + 1 :]
        )

    def _cut(self, frame: bytes) -> bytes:
        return frame[: self._random.randrange(1, len(frame))]

    def _foreign(self, frame: bytes) -> bytes:
        return rtu(UNIT + 1, frame[1:-2])

    def _noisy(self, frame: bytes) -> bytes:
        return self._random.randbytes(2) + frame + self._random.randbytes(2)


def read_through(
    storm: Storm, patience: Patience, seed: int, reads: int = READS
) -> tuple[list[str], int]:
    """Read at random, and return what was wrong and how many reads gave nothing."""
    random, clock = Random(seed), WallClock()
    wrong, nothing = [], 0
    with server.serving(*[storm] * READS * 20) as port:
        link = ModbusRegisterLink.open_tcp(
            "127.0.0.1",
            port,
            unit=UNIT,
            name="inverter",
            clock=clock,
            transcript=Transcript(None, clock),
            timeout_s=TIMEOUT_S,
            framer="rtu",
            quiet_s=QUIET_S,
        )
        patient = PersistentLink(link, clock, patience)
        for _ in range(reads):
            address, count = random.randrange(1000), random.randrange(1, 8)
            try:
                found = patient.read(address, count)
            except LinkError:
                nothing += 1
                continue
            if found != [value(address + at) for at in range(count)]:
                wrong.append(f"{count} at {address}: {found}")
        link.close()
    return wrong, nothing


@pytest.mark.parametrize(
    "seed", [1, 2, *(pytest.param(seed, marks=pytest.mark.soak) for seed in range(3, 40))]
)
def test_no_value_is_wrong_whatever_comes(seed: int) -> None:
    storm = Storm(seed, 0.7)
    wrong, nothing = read_through(storm, Patience(longest_s=0.0), seed)
    assert wrong == []
    assert storm.astray >= nothing >= READS // 4


def test_patience_gets_every_value() -> None:
    patience = Patience(attempts=30, longest_s=20.0, pause_s=0.0)
    wrong, nothing = read_through(Storm(5, 0.2), patience, 5, reads=10)
    assert wrong == []
    assert nothing == 0
