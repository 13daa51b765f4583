"""What a grid code expects of an inverter with storage, where storage makes a difference. Pure.

Charging is negative power. How much storage there is stands on the nameplate, so these are functions of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate

from bench.grid_code.curves import Curve, curve_of
from bench.grid_code.expectations import (
    OVER_FREQUENCY,
    VOLT_WATT,
    ResponseKind,
    room_beside_reactive,
)
from bench.grid_code.profile import Requirement
from bench.grid_code.required_curves import RequiredCurve
from bench.metering.plateaus import Plateau
from bench.metering.response import Expected, Interval, steady
from instruments.interfaces import Reading


def over_frequency(storage_pu: float) -> ResponseKind:
    """Return the response to over-frequency.

    Without storage power falls to nothing at the end; with it power is at nothing at the transition already
    and charging is at its rated power at the end.

    Args:
        storage_pu: rated charging power as a share of the rated apparent power; 0 without storage.
    """
    if storage_pu == 0:
        return OVER_FREQUENCY
    return replace(
        OVER_FREQUENCY,
        slope_pu=lambda requirement: _over_curve(requirement, 1.0, storage_pu).steepest,
        expectation=lambda requirement, plateaus, rated_va: _followed(
            _over_curve(requirement, _before(plateaus, rated_va), storage_pu),
            list(accumulate((plateau.level for plateau in plateaus), max)),
        ),
        curve=lambda requirement, before: RequiredCurve(
            _over_curve(requirement, before, storage_pu), ("start", "transition", "stop")
        ),
    )


def under_frequency(storage_pu: float, full_pu: float) -> ResponseKind:
    """Return the response to under-frequency of an inverter that charges: less charging, then generation.

    Args:
        storage_pu: rated charging power as a share of the rated apparent power.
        full_pu: most the inverter can deliver now, measured before it was told to charge.
    """
    return replace(
        OVER_FREQUENCY,
        slope_pu=lambda requirement: _under_curve(requirement, -storage_pu, 1.0).steepest,
        expectation=lambda requirement, plateaus, rated_va: _followed(
            _under_curve(requirement, _before(plateaus, rated_va), full_pu),
            list(accumulate((plateau.level for plateau in plateaus), min)),
        ),
        curve=lambda requirement, before: RequiredCurve(
            _under_curve(requirement, before, full_pu), ("stop", "transition", "start")
        ),
        latched=False,
    )


def charging_volt_watt(storage_pu: float) -> ResponseKind:
    """Return volt-watt when charging: a ceiling of the power taken from the grid.

    A floor too, as far as the inverter charged before and the reactive power leaves room.

    Args:
        storage_pu: rated charging power as a share of the rated apparent power, to which the curve refers.
    """

    def expectation(
        requirement: Requirement, plateaus: Sequence[Plateau], rated_va: float
    ) -> Expected:
        curve = curve_of(requirement, "voltages", "powers")
        before = -_before(plateaus, rated_va)
        room = [room_beside_reactive(p, plateaus[0].level, rated_va) for p in plateaus]

        def expected(number: int, error: float) -> Interval:
            most = storage_pu * curve.at(plateaus[number].level + error)
            return -most, -min(most, before, room[number])

        return expected

    return replace(
        VOLT_WATT,
        slope_pu=lambda requirement: (
            storage_pu * curve_of(requirement, "voltages", "powers").steepest
        ),
        expectation=expectation,
        curve=lambda requirement, _before: RequiredCurve(
            _charging_curve(requirement, storage_pu), ("least", "whole"), ceiling=False
        ),
    )


def _charging_curve(requirement: Requirement, storage_pu: float) -> Curve:
    """Return the most that may be taken from the grid, negative as all charging is."""
    points = curve_of(requirement, "voltages", "powers").points
    return Curve(tuple((voltage_v, -storage_pu * share) for voltage_v, share in points))


def _over_curve(requirement: Requirement, reference: float, storage_pu: float) -> Curve:
    start_hz, transition_hz, stop_hz = _corners(requirement)
    return Curve(((start_hz, reference), (transition_hz, 0.0), (stop_hz, -storage_pu)))


def _under_curve(requirement: Requirement, reference: float, full: float) -> Curve:
    start_hz, transition_hz, stop_hz = _corners(requirement)
    return Curve(((stop_hz, full), (transition_hz, 0.0), (start_hz, reference)))


def _corners(requirement: Requirement) -> tuple[float, float, float]:
    start_hz, transition_hz, stop_hz = map(requirement.number, ("start", "transition", "stop"))
    return start_hz, transition_hz, stop_hz


def _before(plateaus: Sequence[Plateau], rated_va: float) -> float:
    """Return the power before the response, as a share of the rated apparent power."""

    def share(reading: Reading) -> float:
        return reading.active_power_w / rated_va

    return steady(plateaus[0], share)


def _followed(curve: Curve, levels: Sequence[float]) -> Expected:
    def expected(number: int, error: float) -> Interval:
        share = curve.at(levels[number] + error)
        return share, share

    return expected
