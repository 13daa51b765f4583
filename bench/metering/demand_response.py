"""How an inverter follows its demand response port. Pure.

The contact that asserts a mode is in no record: the relay's auxiliary contact confirms that it moved between
the command and the confirmation, and the host's times of both are brought to the recorder's time base by its
trigger. What the exchanges leave open is the bracket of the start, some hundredths of a second. A laboratory
that needs less puts the auxiliary contact on a recorder channel.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

from bench.budgets import QuantityBudget, power_conditions, scaled
from bench.metering.cessation import find_disconnection
from bench.metering.checks import name_of
from bench.metering.duration import Recorder, measure_duration
from bench.metering.instant import Instant
from bench.metering.reconnection import measure_reconnection
from bench.verdicts.uncertainty import BudgetLine, combine, repeats
from bench.verdicts.verdict import Measurement
from instruments.interfaces import Reading, Recording

CONTACT = "from the bracket of command and auxiliary contact"


def measure_demanded_disconnection(
    recording: Recording,
    current_channels: Sequence[str],
    asserted: Instant,
    *,
    nominal_frequency_hz: float,
    current_floor_a: float,
    clock_ppm: float,
) -> tuple[Measurement, Instant | None]:
    """Return the time from a contact to the end of the last current, "at least" when it did not end.

    Args:
        asserted: in seconds from the start of the record, as the instant returned.
        current_floor_a: rms per phase above which the inverter is connected.
    """
    gone = find_disconnection(
        recording,
        current_channels,
        event_s=asserted.best_s,
        nominal_frequency_hz=nominal_frequency_hz,
        at_least_a=current_floor_a,
    )
    time = measure_duration(
        "time from DRM 0 to disconnection",
        asserted,
        gone.instant,
        seen_until_s=gone.flowing_until_s,
        recorder=Recorder(recording.sample_rate_hz, clock_ppm, name_of(recording), None),
        method=f"{CONTACT} to the last time anything above {gone.threshold_a:.3g} A flows",
    )
    return time, gone.instant


def measure_demanded_reconnection(
    released: Instant, readings: Sequence[Reading], *, current_floor_a: float, clock_ppm: float
) -> tuple[Measurement, Instant | None]:
    """Return the time from the release of DRM 0 to the first current, "at least" when none was seen.

    Args:
        released: in the analyser's time base, as the instant returned.
    """
    found = measure_reconnection(
        released, readings, current_floor_a=current_floor_a, clock_ppm=clock_ppm
    ).connection
    time = measure_duration(
        "time from the release of DRM 0 to connection",
        released,
        found,
        seen_until_s=readings[-1].end_s,
        recorder=Recorder(1 / readings[0].window_s, clock_ppm, "readings", None),
        method=f"{CONTACT} to the first averaging window with a current above {current_floor_a:.3g} A",
    )
    return time, found


def measure_demanded_level(
    readings: Sequence[Reading], *, rated_power_w: float, power: QuantityBudget, sign: int = 1
) -> Measurement:
    """Return the mean active power of readings in the steady state, in % of rated power.

    Args:
        power: uncertainty of the analyser's active powers.
        sign: 1 for generation, -1 for consumption.
    """
    shares = [100 * sign * reading.active_power_w / rated_power_w for reading in readings]
    mean_scatter, degrees = repeats(shares)
    active_w = fmean(reading.active_power_w for reading in readings)
    reactive_var = fmean(reading.reactive_power_var for reading in readings)
    of_reading = power.lines(active_w, **power_conditions(active_w, reactive_var))
    lines = [
        *scaled(of_reading, 100 / rated_power_w),
        BudgetLine("scatter of the readings", mean_scatter, "%", degrees_of_freedom=degrees),
    ]
    return Measurement.of(
        "active power in the steady state",
        fmean(shares),
        "%",
        combine(lines),
        method=f"mean of {len(readings)} averaged readings, over rated power",
    )
