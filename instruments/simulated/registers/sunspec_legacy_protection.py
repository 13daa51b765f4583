"""Protection and frequency response of older inverters, read only: SunSpec models 127, 129, 130, 135, 136."""

from __future__ import annotations

from functools import partial

from instruments.simulated.inverter.parameters import InverterParameters
from instruments.simulated.registers.sunspec_block import Block, View
from instruments.simulated.registers.sunspec_ratings import (
    FREQUENCY,
    MAINS_FREQUENCY,
    PERCENT,
    header,
    model_layout,
)
from instruments.simulated.registers.sunspec_trips import TIME, Side, trip_sides
from instruments.sunspec.layouts import Value, Values

NUMBERS = {707: 129, 708: 130, 709: 135, 710: 136}
POINTS, READ_ONLY = 20, 1
PERCENT_PER_HERTZ, PERCENT_PER_MINUTE = -2, -2


def legacy_trips(parameters: InverterParameters) -> list[Block]:
    """Return models 129, 130, 135 and 136: one curve each, whose points are the stages that act."""
    return [_legacy_trip(side) for side in trip_sides(parameters)]


def _legacy_trip(side: Side) -> Block:
    number = NUMBERS[side.number]
    layout = model_layout(number, NCrv=1)
    scale = PERCENT if side.point == "V" else MAINS_FREQUENCY
    fixed = header(layout, number) | {
        "ActCrv": 1,
        "NCrv": 1,
        "NPt": POINTS,
        "Tms_SF": TIME,
        f"{side.point}_SF": scale,
        "curve1.ReadOnly": READ_ONLY,
    }
    return Block(str(number), layout, partial(_trip_values, side, fixed))


def _trip_values(side: Side, fixed: Values, view: View) -> dict[str, Value]:
    state = view.state
    active = side.active(state)
    shown: dict[str, Value] = {"ModEna": int(side.enabled(state)), "curve1.ActPt": len(active)}
    for k, name in enumerate(active, 1):
        trip = state.settings.trips[name]
        shown[f"curve1.{side.point}{k}"] = trip.threshold / side.unit
        shown[f"curve1.Tms{k}"] = trip.delay_s
    return {**fixed, **shown}


def frequency_watt(parameters: InverterParameters) -> Block:
    """Return model 127: the fall of power above nominal frequency, and the way back."""
    layout = model_layout(127)
    fixed = header(layout, 127) | {
        "HysEna": 1,
        "WGra_SF": PERCENT_PER_HERTZ,
        "HzStrStop_SF": FREQUENCY,
        "RmpIncDec_SF": PERCENT_PER_MINUTE,
    }
    nominal_hz = parameters.nominal_frequency_hz

    def values(view: View) -> dict[str, Value]:
        settings = view.state.settings
        frequency = settings.frequency
        start_hz = frequency.upper_hz - nominal_hz
        return fixed | {
            "ModEna": int(frequency.enabled),
            "WGra": 100 / (frequency.zero_power_hz - frequency.upper_hz),
            "HzStr": start_hz,
            "HzStop": start_hz - frequency.hysteresis_hz,
            "HzStopWGra": 6000 * settings.ramp_pu_per_s,
        }

    return Block("127", layout, values)
