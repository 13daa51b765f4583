"""The budget each judged quantity will have when the inverter complies, worked out before the run. Pure.

What the method adds is what it adds on a quiet bench: brackets of a few samples or of one averaging window. A
scatter of readings is not foreseen. What is judged alike of several phases or disturbances stands here once,
under the words their names begin with and an ellipsis.
"""

from __future__ import annotations

from collections.abc import Mapping

from bench.expected import currents, export_limits, powers, times
from bench.expected.bench import Bench, Judged, WorkOut
from bench.grid_code.profile import Requirement

REPORTED = ("region_setting", "settings", "settings_lock")
"""Kinds that judge what the inverter reports: as uncertain as the steps of its registers, read in the run."""

KINDS: Mapping[str, WorkOut] = {
    "voltage_trip": times.trip,
    "frequency_trip": times.trip,
    "anti_islanding": times.anti_islanding,
    "islanding": times.islanding,
    "reconnection": times.observation("observation time", (times.CONNECTION_BRACKET_S,)),
    "reconnection_window": times.observation("time inside the window", times.WINDOW_BRACKETS_S),
    "reconnection_restart": times.observation("time inside the window", times.WINDOW_BRACKETS_S),
    "sustained_operation": times.sustained,
    "frequency_operation": times.stay,
    "voltage_withstand": times.voltage_withstand,
    "multiple_withstand": times.voltage_withstand,
    "phase_jump_withstand": times.phase_jump_withstand,
    "frequency_ramp_withstand": times.frequency_ramp_withstand,
    "demand_response": times.demanded_disconnection,
    "demand_response_level": powers.demanded_generation,
    "demand_response_charging": powers.demanded_consumption,
    "volt_watt": powers.volt_watt,
    "volt_watt_charging": powers.volt_watt_charging,
    "volt_var": powers.volt_var,
    "frequency_watt": powers.frequency_watt,
    "frequency_watt_storage": powers.frequency_watt_storage,
    "power_rate_limit": powers.ramp,
    "power_rate_change": powers.ramp,
    "irradiance_ramp": powers.rise,
    "power_factor": powers.power_factor,
    "reactive_power": powers.reactive_power,
    "generation_limit": powers.generation_limit,
    **export_limits.KINDS,
    "harmonic_current": currents.harmonics,
    "direct_current": currents.direct_current,
    "current_balance": currents.balance,
}
"""Kind of requirement → how its budgets are worked out."""


def expected_budgets(requirement: Requirement, bench: Bench) -> list[Judged] | None:
    """Return what will be judged of a requirement; None when that is not worked out for its kind.

    Raises:
        ConfigurationError: the station states no uncertainty for something that is measured.
    """
    work_out = KINDS.get(requirement.kind)
    return None if work_out is None else list(work_out(requirement, bench))
