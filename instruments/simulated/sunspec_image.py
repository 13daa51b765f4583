"""SunSpec models filled with what the simulated inverter is, measures and is set to (pure)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from math import ceil, isnan, sqrt

from instruments.interfaces import PhaseValues
from instruments.simulated import sunspec_layouts as sunspec
from instruments.simulated.averages import Averages
from instruments.simulated.parameters import InverterParameters
from instruments.simulated.settings import Trip

MAKER, PRODUCT, SERIAL, FIRMWARE = "Inverter Compliance Bench", "Simulated inverter", "SIM0001", "1"
DEVICE_ADDRESS = 1
THREE_PHASE, GRID_FOLLOWING = 2, 1
INVERTER_STATES = {"stopped": 0, "running": 3, "fault": 6, "waiting": 7}
ALARM_BITS = {"ISLAND": 4, "OF": 8, "UF": 9, "OV": 10, "UV": 11}
CONTROL_MODES = (0, 7, 8, 12, 13)
TRIP_MODELS = {
    sunspec.LOW_VOLTAGE: "UV",
    sunspec.HIGH_VOLTAGE: "OV",
    sunspec.LOW_FREQUENCY: "UF",
    sunspec.HIGH_FREQUENCY: "OF",
}
VOLTAGE, FREQUENCY, POWER_FACTOR, PERCENT, TIME, LIMIT = -1, -3, -3, -2, -2, -1
TRIP_FREQUENCY = -2
SMALL_RATING_VA = 30_000
PHASE_OFFSETS = (41, 64, 87)
FIRST_CURVE = 9


@dataclass(frozen=True)
class Snapshot:
    """What the communication board last took from the inverter; no means before there are any."""

    time_s: float
    state: str
    connected: bool
    alarms: Collection[str]
    reconnect_remaining_s: float


@dataclass(frozen=True)
class PowerLimit:
    """704.WMaxLimPct in force, in tenths of a percent."""

    enabled: int = 0
    tenths: int = 1000

    @property
    def share(self) -> float:
        """The ceiling as a share of the rating."""
        return self.tenths / 1000 if self.enabled else 1.0


class _Model:
    """One model being filled in."""

    def __init__(self, number: int) -> None:
        self.registers = list(sunspec.blank(number))

    def put(self, offset: int, value: float, kind: str = "uint16", exponent: int = 0) -> None:
        if not isnan(value):
            words = sunspec.encode(value, kind, exponent)
            self.registers[offset : offset + len(words)] = words

    def put_scale(self, exponent: int, *offsets: int) -> None:
        for offset in offsets:
            self.put(offset, exponent, "sunssf")

    def put_text(self, offset: int, text: str, words: int) -> None:
        self.registers[offset : offset + words] = sunspec.encode_text(text, words)


def identity_model() -> list[int]:
    """Return model 1."""
    model = _Model(sunspec.IDENTITY)
    model.put_text(2, MAKER, 16)
    model.put_text(18, PRODUCT, 16)
    model.put_text(42, FIRMWARE, 8)
    model.put_text(50, SERIAL, 16)
    model.put(66, DEVICE_ADDRESS)
    return model.registers


def measurement_model(
    snapshot: Snapshot, means: Averages | None, parameters: InverterParameters
) -> list[int]:
    """Return model 701; without means the measured points are not implemented."""
    model = _Model(sunspec.MEASUREMENT)
    model.put(2, THREE_PHASE, "enum16")
    model.put(3, snapshot.state == "running", "enum16")
    model.put(4, INVERTER_STATES[snapshot.state], "enum16")
    model.put(5, snapshot.connected, "enum16")
    model.put(6, sum(1 << ALARM_BITS[name] for name in snapshot.alarms), "bitfield32")
    model.put(8, GRID_FOLLOWING, "bitfield32")
    power, current = _power_exponent(parameters), _power_exponent(parameters) - 2
    model.put_scale(current, 113)
    model.put_scale(VOLTAGE, 114)
    model.put_scale(FREQUENCY, 115)
    model.put_scale(POWER_FACTOR, 117)
    model.put_scale(power, 116, 118, 119)
    if means is not None:
        _put_measurements(model, means, power, current)
    return model.registers


def _put_measurements(model: _Model, means: Averages, power: int, current: int) -> None:
    volts, amps = means.voltages_v, means.currents_a
    active_w, reactive_var = means.active_powers_w, means.reactive_powers_var
    apparent_va = [u * i for u, i in zip(volts, amps, strict=True)]
    lines_v = [_line_voltage_v(volts, k) for k in range(3)]
    rows = [
        (offset, active_w[k], apparent_va[k], reactive_var[k], amps[k], lines_v[k], volts[k])
        for k, offset in enumerate(PHASE_OFFSETS)
    ]
    mean_line_v, mean_phase_v = sum(lines_v) / 3, sum(volts) / 3
    totals = (sum(active_w), sum(apparent_va), sum(reactive_var), sum(amps))
    for offset, watts, voltamperes, vars_, amperes, line_v, phase_v in [
        (10, *totals, mean_line_v, mean_phase_v),
        *rows,
    ]:
        model.put(offset, watts, "int16", power)
        model.put(offset + 1, voltamperes, "int16", power)
        model.put(offset + 2, vars_, "int16", power)
        model.put(offset + 3, _ratio(watts, voltamperes), "int16", POWER_FACTOR)
        model.put(offset + 4, amperes, "int16", current)
        model.put(offset + 5, line_v, "uint16", VOLTAGE)
        model.put(offset + 6, phase_v, "uint16", VOLTAGE)
    model.put(17, means.frequency_hz, "uint32", FREQUENCY)


def capacity_model(parameters: InverterParameters) -> list[int]:
    """Return model 702: ratings, which are also the settings."""
    model = _Model(sunspec.CAPACITY)
    rated_va, power = parameters.rated_apparent_power_va, _power_exponent(parameters)
    current_a = parameters.rated_current_a
    for rating, setting, value, exponent in (
        (2, 26, rated_va, power),
        (7, 31, rated_va, power),
        (14, 38, sqrt(3) * parameters.nominal_voltage_v, VOLTAGE),
        (17, 41, current_a, power - 2),
    ):
        model.put(rating, value, "uint16", exponent)
        model.put(setting, value, "uint16", exponent)
    model.put(23, sum(1 << bit for bit in CONTROL_MODES), "bitfield32")
    model.put_scale(power, 45, 47)
    model.put_scale(VOLTAGE, 49)
    model.put_scale(power - 2, 50)
    return model.registers


def enter_service_model(
    parameters: InverterParameters, permitted: bool, remaining_s: float
) -> list[int]:
    """Return model 703; the remaining time is rounded up to whole seconds."""
    model = _Model(sunspec.ENTER_SERVICE)
    settings = parameters.settings
    low_v, high_v = settings.connect_voltage_v
    low_hz, high_hz = settings.connect_frequency_hz
    model.put(2, permitted, "enum16")
    model.put(3, 100 * high_v / parameters.nominal_voltage_v, "uint16", PERCENT)
    model.put(4, 100 * low_v / parameters.nominal_voltage_v, "uint16", PERCENT)
    model.put(5, high_hz, "uint32", FREQUENCY)
    model.put(7, low_hz, "uint32", FREQUENCY)
    model.put(9, settings.observation_s, "uint32")
    model.put(13, 1 / settings.ramp_pu_per_s, "uint32")
    model.put(15, ceil(remaining_s), "uint32")
    model.put_scale(PERCENT, 17)
    model.put_scale(FREQUENCY, 18)
    return model.registers


def controls_model(limit: PowerLimit) -> list[int]:
    """Return model 704 with the power limit."""
    model = _Model(sunspec.CONTROLS)
    model.put(14, limit.enabled, "enum16")
    model.put(15, limit.tenths)
    model.put_scale(LIMIT, 54)
    return model.registers


def trip_model(number: int, parameters: InverterParameters) -> list[int]:
    """Return model 707 to 710: one read-only curve set, its must-trip points outwards."""
    model = _Model(number)
    is_voltage = number in (sunspec.LOW_VOLTAGE, sunspec.HIGH_VOLTAGE)
    scale, kind = (PERCENT, "uint16") if is_voltage else (TRIP_FREQUENCY, "uint32")
    per_unit = 100 / parameters.nominal_voltage_v if is_voltage else 1.0
    trips = _outwards(parameters.settings.trips, TRIP_MODELS[number])
    point_words = 3 if is_voltage else 4
    model.put(2, bool(trips), "enum16")
    model.put(5, sunspec.TRIP_POINTS)
    model.put(6, 1)
    model.put_scale(scale, 7)
    model.put_scale(TIME, 8)
    model.put(FIRST_CURVE, 1, "enum16")
    for curve in range(3):
        model.put(FIRST_CURVE + 1 + curve * (1 + point_words * sunspec.TRIP_POINTS), 0)
    model.put(FIRST_CURVE + 1, len(trips))
    for index, trip in enumerate(trips):
        offset = FIRST_CURVE + 2 + index * point_words
        model.put(offset, trip.threshold * per_unit, kind, scale)
        model.put(offset + point_words - 2, trip.delay_s, "uint32", TIME)
    return model.registers


def _outwards(trips: Mapping[str, Trip], name: str) -> list[Trip]:
    """Return the enabled trips of one kind, from the nominal value outwards."""
    chosen = [trip for key, trip in trips.items() if key.startswith(name) and trip.enabled]
    return sorted(chosen, key=lambda trip: trip.threshold, reverse=name.startswith("U"))


def _power_exponent(parameters: InverterParameters) -> int:
    return 0 if parameters.rated_apparent_power_va <= SMALL_RATING_VA else 1


def _line_voltage_v(volts: PhaseValues, k: int) -> float:
    """Return the voltage between phase k and the next, 120 degrees apart."""
    a, b = volts[k], volts[(k + 1) % 3]
    return sqrt(a * a + b * b + a * b)


def _ratio(watts: float, voltamperes: float) -> float:
    return watts / voltamperes if voltamperes > 0 else float("nan")
