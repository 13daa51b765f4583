"""The silence that ends a frame on a serial line."""

from __future__ import annotations

GAP_CHARACTERS = 3.5
BITS_PER_CHARACTER = 11
FASTEST_COUNTED_BAUD = 19_200
FIXED_GAP_S = 1.75e-3


def frame_gap_s(baud_rate: int) -> float:
    """Return the least silence between two frames.

    Source: MODBUS over serial line V1.02, section 2.5.1.1: 3.5 characters of 11 bits, and 1.75 ms above 19
        200 baud.
    """
    if baud_rate > FASTEST_COUNTED_BAUD:
        return FIXED_GAP_S
    return GAP_CHARACTERS * BITS_PER_CHARACTER / baud_rate
