"""The wire of a serial line between a client and a simulated device: bytes take their time, and noise happens.

A pseudo-terminal carries any number of bytes at once. This wire stands between two of them and hands bytes
over as slowly as the baud rate has it, one direction at a time. It keeps the silence a device leaves before
it answers, and what a client sends before the silence behind an answer is over reaches nobody, as on a line
where two frames run into each other.
"""

from __future__ import annotations

import os
import select
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType

from instruments.clock import Clock
from instruments.simulated.transport.serial_line import SerialLine

GAP_CHARACTERS, BITS_OF_GAP_CHARACTER = 3.5, 11
FASTEST_COUNTED_BAUD, FIXED_GAP_S = 19_200, 1.75e-3
PIECE_BYTES, MOST_BYTES, LOOK_S = 4, 4096, 0.05


@dataclass(frozen=True)
class Disturbance:
    """What happens to one answer.

    Attributes:
        noise: bytes that come before it.
        split_after: bytes after which it pauses for `pause_s`; 0 for never.
        flipped: whether its last bit is turned.
    """

    noise: bytes = b""
    split_after: int = 0
    pause_s: float = 0.0
    flipped: bool = False


class SerialWire:
    """Carries bytes between a device's line and a client; a context manager.

    Args:
        device: path of the device's end, as a simulated laboratory names it.
        clock: the wall's.
        bits: of one character, start, parity and stop bits included.
        disturbances: of one answer after the other; the line is good when they are used up.

    Attributes:
        client: path of the client's end.
        gap_s: least silence between two frames (MODBUS over serial line V1.02, section 2.5.1.1).
        client_gaps_s: silences that the client left between an answer and its next request.
        collisions: requests that came before that silence was over.
    """

    def __init__(
        self,
        device: str,
        clock: Clock,
        *,
        baud_rate: int,
        bits: int = 10,
        disturbances: Iterator[Disturbance] | None = None,
    ) -> None:
        counted_s = GAP_CHARACTERS * BITS_OF_GAP_CHARACTER / baud_rate
        self.gap_s = counted_s if baud_rate <= FASTEST_COUNTED_BAUD else FIXED_GAP_S
        self.client_gaps_s: list[float] = []
        self.collisions = 0
        self._clock = clock
        self._character_s = bits / baud_rate
        self._disturbances = disturbances or iter(())
        self._line = SerialLine()
        self.client = self._line.device
        self._device = os.open(device, os.O_RDWR | os.O_NOCTTY)
        self._silent_since_s = clock.now_s()
        self._answered = False
        self._stopping = False
        self._thread = threading.Thread(target=self._pump, name="serial wire", daemon=True)

    def __enter__(self) -> SerialWire:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stopping = True
        self._thread.join()
        self._line.close()
        os.close(self._device)

    def _pump(self) -> None:
        ends = {self._line.fileno(): self._request, self._device: self._answer}
        while not self._stopping:
            for end in select.select(list(ends), [], [], LOOK_S)[0]:
                ends[end](os.read(end, MOST_BYTES))

    def _request(self, data: bytes) -> None:
        if self._answered:
            gap_s = self._clock.now_s() - self._silent_since_s
            self.client_gaps_s.append(gap_s)
            self._answered = False
            if gap_s < self.gap_s:
                self.collisions += 1
                return
        self._carry(data, self._device)

    def _answer(self, data: bytes) -> None:
        if self._answered:
            self._carry(data, self._line.fileno())
            return
        self._sleep_until(self._silent_since_s + self.gap_s)
        happens = next(self._disturbances, Disturbance())
        if happens.flipped:
            data = data[:-1] + bytes([data[-1] ^ 1])
        first, rest = data[: happens.split_after], data[happens.split_after :]
        self._carry(happens.noise + first, self._line.fileno())
        self._clock.sleep(happens.pause_s)
        self._carry(rest, self._line.fileno())
        self._answered = True

    def _carry(self, data: bytes, end: int) -> None:
        """Hand bytes over as their last bits arrive."""
        began_s = self._clock.now_s()
        for place in range(0, len(data), PIECE_BYTES):
            piece = data[place : place + PIECE_BYTES]
            self._sleep_until(began_s + (place + len(piece)) * self._character_s)
            os.write(end, piece)
        self._silent_since_s = self._clock.now_s()

    def _sleep_until(self, time_s: float) -> None:
        self._clock.sleep(max(0.0, time_s - self._clock.now_s()))
