"""What a grid code wants an inverter to be set to, beside what the inverter reports. Pure.

Here the inverter's own report is what is measured: whether it also acts on it, other procedures find out. A
reported value is compared within one step of its register; a register too coarse to tell is not judged.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from bench.grid_code.quantity import STATUSES, Quantity
from bench.grid_code.requirement import Requirement
from bench.verdicts.measurement import Limit, Measurement
from bench.verdicts.uncertainty import BudgetLine, combine, rectangular, resolution
from instruments.interfaces import SettingValue

NOMINAL_SHARE = "% of nominal voltage"
SWITCH = "on"
TRIPS = {
    ("voltage_trip", "under"): "undervoltage",
    ("voltage_trip", "over"): "overvoltage",
    ("frequency_trip", "under"): "underfrequency",
    ("frequency_trip", "over"): "overfrequency",
}
CURVES = {
    "volt_watt": "volt-watt",
    "volt_var": "volt-var",
    "volt_watt_charging": "charging volt-watt",
}
FUNCTIONS = TRIPS | {
    ("volt_watt", ""): "volt-watt",
    ("volt_var", ""): "volt-var",
    ("frequency_watt", ""): "frequency response",
}
"""Kind and direction of a requirement → the function that must be switched on."""
SINGLES = (
    ("reconnection", "observation_min", None, "observation"),
    ("reconnection", "voltage_low", None, "connection voltage low"),
    ("reconnection", None, "voltage_high", "connection voltage high"),
    ("reconnection", "frequency_low", None, "connection frequency low"),
    ("reconnection", None, "frequency_high", "connection frequency high"),
    ("sustained_operation", "limit", "limit", "sustained voltage"),
    ("frequency_watt", "start", "start", "over-frequency start"),
    ("frequency_watt", "stop", "stop", "over-frequency stop"),
    ("frequency_watt", "hysteresis", "hysteresis", "hysteresis"),
    ("frequency_watt", "dwell", None, "dwell"),
    ("frequency_watt_storage", "start", "start", "under-frequency start"),
    ("frequency_watt_storage", "stop", "stop", "under-frequency stop"),
)
"""Kind of requirement, quantity it must not be below, quantity it must not be above, name of the setting."""

LARGEST_STEPS = {
    "V": "voltage_step_max",
    "Hz": "frequency_step_max",
    "s": "time_step_max",
    "%": "power_step_max",
    "%/min": "rate_step_max",
}
"""Unit → the quantity of a requirement on settings that says how coarse a register may be."""


@dataclass(frozen=True)
class Nominal:
    """What shares in reported settings refer to."""

    voltage_v: float
    frequency_hz: float


@dataclass(frozen=True)
class Expected:
    """One setting a grid code states.

    Attributes:
        what: requirement and setting in words.
        setting: name under which an inverter reports it.
        lower, upper: permitted ends; equal for a single value, None where there is no end.
        stated: the quantities it comes from.
    """

    what: str
    setting: str
    lower: Decimal | None
    upper: Decimal | None
    unit: str
    clause: str
    stated: tuple[Quantity, ...]

    @property
    def source(self) -> str:
        """Where its numbers come from."""
        return "; ".join(sorted({item.source for item in self.stated}))

    @property
    def status(self) -> str:
        """The weakest status of its numbers."""
        return max((item.status for item in self.stated), key=STATUSES.index)


@dataclass(frozen=True)
class Finding:
    """A setting beside what the inverter reports; None when it does not expose it."""

    expected: Expected
    found: SettingValue | None


def expected_settings(rows: Sequence[Requirement]) -> list[Expected]:
    """Return every setting that the requirements state, in their order."""
    singles = (
        item for kind in SINGLES for row in _of_kind(rows, kind[0]) for item in _single(row, kind)
    )
    curves = (
        item
        for kind, name in CURVES.items()
        for row in _of_kind(rows, kind)
        for item in _curve(row, name)
    )
    ramps = (_ramp(row) for row in _of_kind(rows, "power_rate_limit"))
    return [*_functions(rows), *_trips(rows), *curves, *singles, *ramps]


def compare(
    expected: Iterable[Expected], reported: Mapping[str, SettingValue], nominal: Nominal
) -> list[Finding]:
    """Put every expected setting beside the reported one, in the unit of the grid code."""
    known = in_grid_code_units(reported, nominal)
    return [Finding(item, known.get(item.setting)) for item in expected]


def in_grid_code_units(
    reported: Mapping[str, SettingValue], nominal: Nominal
) -> dict[str, SettingValue]:
    """Return settings with shares of nominal voltage in V, and dead band and droop as two frequencies."""
    percent_v = nominal.voltage_v / 100
    known = {
        name: SettingValue(percent_v * item.value, "V", percent_v * item.quantum)
        if item.unit == NOMINAL_SHARE
        else item
        for name, item in reported.items()
    }
    for side, sign in (("over", 1), ("under", -1)):
        band, droop = (reported.get(f"{side}-frequency {what}") for what in ("dead band", "droop"))
        if band is not None:
            start_hz = nominal.frequency_hz + sign * band.value
            known[f"{side}-frequency start"] = SettingValue(start_hz, "Hz", band.quantum)
            if droop is not None:
                stop_hz = start_hz + sign * droop.value * nominal.frequency_hz
                quantum_hz = band.quantum + droop.quantum * nominal.frequency_hz
                known[f"{side}-frequency stop"] = SettingValue(stop_hz, "Hz", quantum_hz)
    return known


def reported_value(expected: Expected, found: SettingValue) -> Measurement:
    """Return the reported value as a measurement: known within half a step of its register."""
    line = BudgetLine("step of the register", rectangular(_step(found) / 2), found.unit)
    return Measurement.of(
        f"{expected.what} as reported",
        found.value,
        found.unit,
        combine([line]),
        method="read over Modbus; the inverter's own report",
    )


def permitted_value(
    expected: Expected, found: SettingValue, requirement: str, largest_quantum: Decimal | None
) -> Limit:
    """Return what the inverter may report: the permitted ends, and one step of the register.

    A coarse register gets no such step, and tells enough when all it can stand for is permitted.

    Args:
        requirement: id of the requirement that asks for the comparison.
        largest_quantum: largest step with which the setting can be told; None when none is stated.
    """
    step = Decimal(f"{_step(found):.6g}")
    coarse = largest_quantum is not None and step > largest_quantum
    tells = coarse and _permits_all(expected, found)
    added = Decimal(0) if tells else step
    of_step = f"one step of the register, {step.normalize():f} {expected.unit}"
    return Limit(
        requirement=requirement,
        quantity=expected.what,
        unit=expected.unit,
        lower=None if expected.lower is None else expected.lower - added,
        upper=None if expected.upper is None else expected.upper + added,
        clause=expected.clause,
        source=f"{expected.source}; {'without' if tells else 'and'} {of_step}",
        status=expected.status,
        max_uncertainty=None if tells else largest_quantum,
    )


def _permits_all(expected: Expected, found: SettingValue) -> bool:
    """Return whether everything is permitted that a register would round to the reported value."""
    half = Decimal(f"{_step(found) / 2:.6g}")
    value = Decimal(f"{found.value:.9g}")
    above = expected.lower is None or expected.lower <= value - half
    return above and (expected.upper is None or value + half <= expected.upper)


def largest_step(requirement: Requirement, unit: str) -> Decimal | None:
    """Return the largest step of a register that can be judged; a switch has none."""
    return requirement.quantity(LARGEST_STEPS[unit]).value if unit in LARGEST_STEPS else None


def exact_value(measurand: str, found: SettingValue) -> Measurement:
    """Return a whole number read from a register; its step is no doubt about it."""
    line = BudgetLine("a whole number", resolution(0.0), found.unit)
    method = "read over Modbus; the inverter's own report"
    return Measurement.of(measurand, found.value, found.unit, combine([line]), method=method)


def exact_code(requirement: Requirement, code: Decimal) -> Limit:
    """Return the region code that is permitted, and no other."""
    return Limit(
        requirement=requirement.id,
        quantity="region code",
        unit="code",
        lower=code,
        upper=code,
        clause=requirement.clause,
        source="the region of the grid code, by the codes of the inverter file",
        status="provisional",
        max_uncertainty=None,
    )


def _step(found: SettingValue) -> float:
    """Return by how much a reported value may be off; a switch is on or off."""
    return 0.0 if found.unit == SWITCH else found.quantum


def _functions(rows: Sequence[Requirement]) -> Iterator[Expected]:
    """Yield that every function is switched on for which there is a requirement, each once."""
    named = {FUNCTIONS.get((row.kind, row.direction), ""): row for row in reversed(rows)}
    for name, row in named.items():
        if name:
            stated = (next(iter(row.quantities.values())),)
            on = Decimal(1)
            yield Expected(f"{name} enabled", f"{name} enabled", on, on, SWITCH, row.clause, stated)


def _of_kind(rows: Sequence[Requirement], kind: str) -> list[Requirement]:
    return [row for row in rows if row.kind == kind]


def _trips(rows: Sequence[Requirement]) -> Iterator[Expected]:
    """Yield threshold and time of every stage, counted from the nominal value outwards."""
    for (kind, direction), name in TRIPS.items():
        stages = [row for row in _of_kind(rows, kind) if row.direction == direction]
        stages.sort(key=lambda row: row.number("threshold"), reverse=direction == "under")
        for number, row in enumerate(stages, 1):
            yield _expected(row, f"{name} {number} threshold", "threshold", "threshold")
            shortest = "delay" if "delay" in row else None
            yield _expected(row, f"{name} {number} time", shortest, "disconnection_max")


def _single(row: Requirement, kind: tuple[str, str | None, str | None, str]) -> Iterator[Expected]:
    _, lower, upper, setting = kind
    if all(name is None or name in row for name in (lower, upper)):
        yield _expected(row, setting, lower, upper)


def _expected(row: Requirement, setting: str, lower: str | None, upper: str | None) -> Expected:
    stated = tuple(row.quantity(name) for name in dict.fromkeys((lower, upper)) if name)
    return Expected(
        what=f"{row.id} {setting}",
        setting=setting,
        lower=row.quantity(lower).value if lower else None,
        upper=row.quantity(upper).value if upper else None,
        unit=stated[0].unit,
        clause=row.clause,
        stated=stated,
    )


def _curve(row: Requirement, name: str) -> Iterator[Expected]:
    for what, quantity in (("voltage", "voltages"), ("power", "powers")):
        stated = row.quantity(quantity)
        for number, value in enumerate(stated.values, 1):
            setting = f"{name} {number} {what}"
            yield Expected(
                f"{row.id} {setting}", setting, value, value, stated.unit, row.clause, (stated,)
            )


def _ramp(row: Requirement) -> Expected:
    rate = row.quantity("rate")
    stated = tuple(row.quantity(name) for name in ("rate", "rate_tolerance") if name in row)
    by = rate.value * stated[1].value / 100 if len(stated) > 1 else Decimal(0)
    return Expected(
        f"{row.id} ramp", "ramp", rate.value - by, rate.value + by, rate.unit, row.clause, stated
    )
