"""A real serial line: two pseudo-terminals, and a wire between them as slow and noisy as a real one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from random import Random

import pytest

from instruments.clock import WallClock
from instruments.errors import LinkError
from instruments.links.frame_gap import frame_gap_s
from instruments.links.persistent import Patience, PersistentLink
from instruments.links.register import ModbusRegisterLink
from instruments.links.transcript import Transcript
from instruments.simulated.inverter.parameters import InverterParameters
from instruments.simulated.laboratory import Laboratory
from instruments.simulated.physics.world import World
from instruments.simulated.transport import serial_line
from instruments.simulated.transport.serial_wire import Disturbance, SerialWire

pytestmark = pytest.mark.skipif(
    not serial_line.AVAILABLE, reason="the system has no pseudo-terminals"
)
MARKER = 40_000
EXPECTED = [0x5375, 0x6E53, 1, 66]
MOST = 125
REQUEST_BYTES, ANSWER_BYTES = 8, 5
CLOCK = WallClock()


@contextmanager
def wired(
    baud_rate: int, disturbances: Iterator[Disturbance] | None = None, **options: float
) -> Iterator[tuple[ModbusRegisterLink, SerialWire]]:
    """Serve an inverter at the end of a wire, and open a link at the other."""
    world = World(InverterParameters())
    with (
        Laboratory(world, seed=1, latency_scale=0.0, transports={"inverter": "rtu"}) as laboratory,
        SerialWire(
            str(laboratory.resources["inverter"]),
            CLOCK,
            baud_rate=baud_rate,
            disturbances=disturbances,
        ) as wire,
    ):
        link = ModbusRegisterLink.open_serial(
            wire.client,
            unit=1,
            name="inverter",
            clock=CLOCK,
            transcript=Transcript(None, CLOCK),
            baud_rate=baud_rate,
            **{"timeout_s": 0.5, **options},
        )
        try:
            yield link, wire
        finally:
            link.close()


def duration_s(link: ModbusRegisterLink) -> float:
    """Return how long the longest read takes."""
    began_s = CLOCK.now_s()
    assert len(link.read(MARKER + 2, MOST)) == MOST
    return CLOCK.now_s() - began_s


@pytest.mark.parametrize("baud_rate", [9600, 19_200])
def test_a_read_takes_as_long_as_its_characters(baud_rate: int) -> None:
    """By the wall's clock; the shortest of three, as the machine may be busy."""
    characters = REQUEST_BYTES + ANSWER_BYTES + 2 * MOST
    expected_s = characters * 10 / baud_rate + 2 * frame_gap_s(baud_rate)
    with wired(baud_rate) as (link, _):
        shortest_s = min(duration_s(link) for _ in range(3))
    assert expected_s * 0.98 <= shortest_s <= expected_s * 1.1


@pytest.mark.parametrize("baud_rate", [9600, 19_200, 115_200])
def test_the_client_leaves_the_silence_that_ends_a_frame(baud_rate: int) -> None:
    with wired(baud_rate) as (link, wire):
        for _ in range(5):
            assert link.read(MARKER, 2) == EXPECTED[:2]
        assert wire.collisions == 0
        assert len(wire.client_gaps_s) == 4
        assert min(wire.client_gaps_s) >= frame_gap_s(baud_rate) == wire.gap_s


def test_a_client_that_does_not_is_not_heard() -> None:
    with wired(9600, timeout_s=0.2) as (link, wire):
        link._line._gap_s = 0.0
        link.read(MARKER, 2)
        wire.gap_s = 0.5
        with pytest.raises(LinkError):
            link.read(MARKER, 2)
        assert wire.collisions == 1


def test_a_frame_in_two_parts_is_one_answer() -> None:
    parts = [Disturbance(split_after=at, pause_s=0.03) for at in (1, 3, 5)]
    with wired(19_200, iter(parts)) as (link, _):
        assert [link.read(MARKER, 2) for _ in parts] == [EXPECTED[:2]] * 3


def storm(seed: int, count: int) -> Iterator[Disturbance]:
    """Yield good answers between noisy, cut and wrong ones."""
    random = Random(seed)
    for _ in range(count):
        yield Disturbance(
            noise=random.randbytes(random.choice((0, 0, 1, 3))),
            split_after=random.choice((0, 2)),
            pause_s=0.01,
            flipped=random.random() < 0.2,
        )


@pytest.mark.parametrize("seed", [1, 2])
def test_noise_gives_no_wrong_value_and_patience_gives_all_of_them(seed: int) -> None:
    with wired(19_200, storm(seed, 8), timeout_s=0.08, quiet_s=0.03) as (link, _):
        patient = PersistentLink(link, CLOCK, Patience(attempts=20, pause_s=0.0))
        for address, count in ((0, 2), (1, 3), (2, 2), (0, 4)):
            assert patient.read(MARKER + address, count) == EXPECTED[address : address + count]
