"""Recordings and readings in, measurements out. Pure numpy; no instrument, no file, no clock.

checks        refuse a record that cannot carry a measurement
windows       means over windows: frequency, active power
half_cycle    rms of every cycle, refreshed each half cycle
instant       a time with the bracket that holds the true one
voltage_step  when did the voltage step?
frequency_step  when did the frequency step?
voltage_return  when did the grid come back to a dead bus?
current_stop  when did the current through the grid contactor stop?
flow          Σ i² over the phases, noise, what a zero crossing may hide
cessation     when did the inverter's current cease, when was the last of it gone?
duration      two instants → a measurement with its budget
clearing      all of that for one trip
rolling_mean  the mean voltage over minutes when generation ceased
excursion     how long generation goes on after one
reconnection  how long was the grid observed before connecting?
blocked_reconnection  how long was the grid inside the window before connecting?
power_ramp    how power rises after a connection
plateaus      the levels of a staircase as the readings show them
response      how far from the curve, when begun, when there?
release       when did a latched response end, and how steeply?
powers        P and Q of the fundamental by definition
"""

from bench.metering.blocked_reconnection import (
    BlockedReconnection,
    WindowEdge,
    measure_blocked_reconnection,
)
from bench.metering.cessation import CurrentEnd, find_cessation, find_disconnection
from bench.metering.checks import check_recording
from bench.metering.clearing import ClearingTime, measure_clearing_time
from bench.metering.current_stop import find_current_stop
from bench.metering.duration import Recorder, measure_duration
from bench.metering.excursion import measure_generation_time
from bench.metering.frequency_step import FrequencyStep, find_frequency_step
from bench.metering.half_cycle import RmsSeries, half_cycle_rms
from bench.metering.instant import Instant
from bench.metering.island_start import find_island_start
from bench.metering.phase_powers import phase_powers
from bench.metering.power_ramp import PowerRamp, measure_ramp, measure_rise
from bench.metering.powers import check_agreement, fundamental_powers
from bench.metering.reconnection import Reconnection, measure_reconnection
from bench.metering.rolling_mean import SustainedCease, measure_sustained_cease
from bench.metering.voltage_return import find_voltage_return
from bench.metering.voltage_step import VoltageStep, find_voltage_step
from bench.metering.windows import (
    active_power_w,
    fundamental_frequency_hz,
    instantaneous_power_w,
    moving_mean,
)

__all__ = [
    "BlockedReconnection",
    "ClearingTime",
    "CurrentEnd",
    "FrequencyStep",
    "Instant",
    "PowerRamp",
    "Reconnection",
    "Recorder",
    "RmsSeries",
    "SustainedCease",
    "VoltageStep",
    "WindowEdge",
    "active_power_w",
    "check_agreement",
    "check_recording",
    "find_cessation",
    "find_current_stop",
    "find_disconnection",
    "find_frequency_step",
    "find_island_start",
    "find_voltage_return",
    "find_voltage_step",
    "fundamental_frequency_hz",
    "fundamental_powers",
    "half_cycle_rms",
    "instantaneous_power_w",
    "measure_blocked_reconnection",
    "measure_clearing_time",
    "measure_duration",
    "measure_generation_time",
    "measure_ramp",
    "measure_reconnection",
    "measure_rise",
    "measure_sustained_cease",
    "moving_mean",
    "phase_powers",
]
