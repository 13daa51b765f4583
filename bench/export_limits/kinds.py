"""What a row about a limit of export or generation states: quantity → whether it must."""

from __future__ import annotations

from collections.abc import Mapping

from bench.export_limits.case import FAMILIES

NUMBERS: Mapping[str, bool] = {
    "limit": False,
    "tolerance": True,
    "tolerance_share": True,
    "response_max": True,
    "disconnection_max": True,
    "gradient": True,
    "gradient_tolerance": True,
    "reported_tolerance": True,
    "timer_tolerance": True,
    "steady": True,
    "uncertainty_max": True,
    "power_uncertainty_max": True,
    "timer_uncertainty_max": True,
    "answered_min": False,
    "start_tolerance": False,
    "spread_min": False,
}
_SOFT = {
    "limit_share": True,
    "response_max": True,
    "tolerance": True,
    "tolerance_share": True,
    "gradient": True,
    "steady": True,
    "uncertainty_max": True,
    "power_uncertainty_max": True,
}
_HARD = {"limit_share": True, "response_max": True, "uncertainty_max": True}
EXPORT_KINDS: Mapping[str, Mapping[str, bool]] = {
    "generation_limit_hard": _HARD,
    "export_limit": _SOFT,
    "export_limit_hard": _HARD,
    **dict.fromkeys(FAMILIES, NUMBERS),
}
"""Kinds of grid codes, and the families of cases that a regime asks for."""
