"""Active and reactive power of the fundamental by definition, to check what an analyser shows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bench.metering.checks import check_recording
from bench.metering.windows import fundamental_frequency_hz
from instruments.errors import RecordingError
from instruments.interfaces import Reading, Recording, Samples


def fundamental_powers(
    recording: Recording,
    voltage_channels: Sequence[str],
    current_channels: Sequence[str],
    *,
    nominal_frequency_hz: float,
) -> tuple[float, float]:
    """Return active and reactive power in W and var, positive out of the inverter and supplied.

    From the phasors of voltage and current over all whole cycles of the record: P + jQ = Σ U·I*.

    Raises:
        RecordingError: see `check_recording`; at least three cycles are needed.
    """
    check_recording(recording, [*voltage_channels, *current_channels])
    rate = recording.sample_rate_hz
    frequency = fundamental_frequency_hz(
        recording.channels[voltage_channels[0]], rate, nominal_frequency_hz
    )
    cycles = int(recording.sample_count * frequency / rate)
    count = round(cycles * rate / frequency)
    turns = np.exp(-2j * np.pi * frequency / rate * np.arange(count))

    def phasor(channel: str) -> complex:
        samples: Samples = recording.channels[channel][:count]
        return complex(np.sqrt(2) * np.mean(samples * turns))

    power = sum(
        phasor(voltage) * phasor(current).conjugate()
        for voltage, current in zip(voltage_channels, current_channels, strict=True)
    )
    return complex(power).real, complex(power).imag


def check_agreement(powers: tuple[float, float], reading: Reading, largest_va: float) -> None:
    """Check that a reading shows the powers that waveforms of the same time have.

    Raises:
        RecordingError: they differ by more than `largest_va`: scaling, wiring or a definition is wrong.
    """
    shown = (reading.active_power_w, reading.reactive_power_var)
    for name, unit, record, read in zip(
        ("active", "reactive"), ("W", "var"), powers, shown, strict=True
    ):
        if not abs(record - read) <= largest_va:
            raise RecordingError(
                f"{name} power: the analyser reads {read:.0f} {unit}, its waveforms give {record:.0f} {unit}; "
                f"expected to agree within {largest_va:.0f} {unit}. Check wiring and the analyser's definition"
            )
