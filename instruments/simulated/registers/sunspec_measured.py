"""What the inverter measures and how it is: SunSpec models 101, 103, 111, 113, 122, 160, 701, 713 and 714."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

from instruments.interfaces import PhaseValues
from instruments.simulated.inverter.parameters import InverterParameters
from instruments.simulated.registers.sunspec_block import Block, Means, View
from instruments.simulated.registers.sunspec_ratings import (
    FREQUENCY,
    MAINS_FREQUENCY,
    PERCENT,
    POWER_FACTOR,
    VOLTAGE,
    current_exponent,
    header,
    model_layout,
    power_exponent,
)
from instruments.sunspec.layouts import Value

SINGLE_PHASE, THREE_PHASE, GRID_FOLLOWING = 0, 2, 1
INVERTER_STATES = {"stopped": 0, "running": 3, "fault": 6, "waiting": 7}
LEGACY_STATES = {"stopped": 1, "running": 4, "fault": 7, "waiting": 8}
ALARM_BITS = {"ISLAND": 4, "OF": 8, "UF": 9, "OV": 10, "UV": 11}
PORT_OFF, PORT_ON = 0, 1
PHOTOVOLTAIC_PORT, STORAGE_PORT = 0, 1
CONNECTED, AVAILABLE, OPERATING = 1, 2, 4
LEGACY_PERCENT = -1
FLOATS_LATER = 10
"""Models 111 to 113 are 101 to 103 without scale factors."""


def measurement(parameters: InverterParameters) -> Block:
    """Return model 701; what is not there or not yet known is not implemented."""
    layout = model_layout(701)
    power, current = power_exponent(parameters), current_exponent(parameters)
    fixed = header(layout, 701) | {
        "ACType": SINGLE_PHASE if parameters.phases == 1 else THREE_PHASE,
        "DERMode": GRID_FOLLOWING,
        "A_SF": current,
        "V_SF": VOLTAGE,
        "Hz_SF": FREQUENCY,
        "W_SF": power,
        "PF_SF": POWER_FACTOR,
        "VA_SF": power,
        "Var_SF": power,
    }

    def values(view: View) -> dict[str, Value]:
        snapshot, means = view.snapshot, view.means()
        shown = fixed | {
            "St": int(snapshot.state == "running"),
            "InvSt": INVERTER_STATES[snapshot.state],
            "ConnSt": int(snapshot.connected),
            "Alrm": sum(1 << ALARM_BITS[name] for name in snapshot.alarms),
        }
        return shown if means is None else shown | _measured(means, parameters.phases)

    return Block("701", layout, values)


def _measured(means: Means, phases: int) -> dict[str, Value]:
    volts = means.voltages_v[:phases]
    total = _quantities(means, range(phases))
    shown: dict[str, Value] = {
        **total,
        "LNV": sum(volts) / phases,
        "Hz": means.frequency_hz,
    }
    for k in range(phases):
        of_phase = _quantities(means, [k])
        shown |= {f"{name}L{k + 1}": value for name, value in of_phase.items()}
        shown[f"VL{k + 1}"] = volts[k]
    if phases == 3:
        between = line_voltages_v(means.voltages_v)
        shown |= dict(zip(("VL1L2", "VL2L3", "VL3L1"), between, strict=True))
        shown["LLV"] = sum(between) / 3
    return shown


def _quantities(means: Means, phases: Sequence[int]) -> dict[str, Value]:
    """Return what is measured alike for one phase and for all of them together."""
    watts = sum(means.active_powers_w[k] for k in phases)
    apparent_va = sum(means.voltages_v[k] * means.currents_a[k] for k in phases)
    return {
        "W": watts,
        "VA": apparent_va,
        "Var": sum(means.reactive_powers_var[k] for k in phases),
        "PF": watts / apparent_va if apparent_va > 0 else None,
        "A": sum(means.currents_a[k] for k in phases),
    }


def line_voltages_v(volts: PhaseValues) -> PhaseValues:
    """Return the voltages between each phase and the next, 120 degrees apart."""
    a, b, c = volts
    return _between(a, b), _between(b, c), _between(c, a)


def _between(a: float, b: float) -> float:
    return sqrt(a * a + b * b + a * b)


def legacy_measurement(parameters: InverterParameters, in_floats: bool) -> Block:
    """Return model 101 or 103, or 111 or 113 with floating-point numbers in place of scale factors."""
    number = (101 if parameters.phases == 1 else 103) + in_floats * FLOATS_LATER
    layout = model_layout(number)
    power, current = power_exponent(parameters), current_exponent(parameters)
    fixed = header(layout, number) | {
        "A_SF": current,
        "V_SF": VOLTAGE,
        "W_SF": power,
        "Hz_SF": MAINS_FREQUENCY,
        "VA_SF": power,
        "VAr_SF": power,
        "PF_SF": LEGACY_PERCENT,
        "Evt2": 0,
    }
    fixed = {path: value for path, value in fixed.items() if path in layout.by_path}

    def values(view: View) -> dict[str, Value]:
        snapshot, means = view.snapshot, view.means()
        shown = fixed | {
            "St": LEGACY_STATES[snapshot.state],
            "Evt1": sum(1 << ALARM_BITS[name] for name in snapshot.alarms),
        }
        return shown if means is None else shown | _legacy_measured(means, parameters.phases)

    return Block(str(number), layout, values)


def _legacy_measured(means: Means, phases: int) -> dict[str, Value]:
    total = _quantities(means, range(phases))
    factor = total.pop("PF")
    shown: dict[str, Value] = {
        "A": total["A"],
        "W": total["W"],
        "VA": total["VA"],
        "VAr": total["Var"],
        "PF": 100 * factor if isinstance(factor, float) else None,
        "Hz": means.frequency_hz,
    }
    for letter, volts, amps in zip(
        "ABC"[:phases], means.voltages_v, means.currents_a, strict=False
    ):
        shown |= {f"Aph{letter}": amps, f"PhVph{letter}": volts}
    if phases == 3:
        between = line_voltages_v(means.voltages_v)
        shown |= dict(zip(("PPVphAB", "PPVphBC", "PPVphCA"), between, strict=True))
    return shown


def legacy_status(parameters: InverterParameters) -> Block:
    """Return model 122: connections and active controls."""
    layout = model_layout(122)
    fixed = header(layout, 122)
    stores = parameters.storage_power_w > 0

    def values(view: View) -> dict[str, Value]:
        snapshot = view.snapshot
        ready = CONNECTED * snapshot.connected | AVAILABLE
        ready |= OPERATING * (snapshot.state == "running")
        return fixed | {
            "PVConn": ready if parameters.pv_power_w > 0 else 0,
            "StorConn": ready if stores else 0,
            "ECPConn": int(snapshot.connected),
            "StActCtl": _active_controls(view),
        }

    return Block("122", layout, values)


def _active_controls(view: View) -> int:
    settings = view.state.settings
    active = {
        0: settings.power_limit_pu < 1,
        1: settings.reactive_power_pu is not None,
        2: settings.power_factor is not None,
        3: settings.volt_var.enabled,
        4: settings.frequency.enabled,
        10: settings.volt_watt.enabled,
    }
    return sum(1 << bit for bit, on in active.items() if on)


def storage() -> Block:
    """Return model 713: a store whose capacity the inverter does not know."""
    layout = model_layout(713)
    shown = header(layout, 713) | {"Sta": 0, "WH_SF": 1, "Pct_SF": PERCENT}
    return Block("713", layout, lambda _: dict(shown))


def direct_current(parameters: InverterParameters) -> Block:
    """Return model 714: one port per kind of source, taken as free of loss."""
    ports = [
        kind
        for kind, power_w in (
            (PHOTOVOLTAIC_PORT, parameters.pv_power_w),
            (STORAGE_PORT, parameters.storage_power_w),
        )
        if power_w > 0
    ]
    layout = model_layout(714, NPrt=len(ports))
    fixed = header(layout, 714) | {
        "PrtAlrms": 0,
        "NPrt": len(ports),
        "DCW_SF": power_exponent(parameters),
    }
    for number, kind in enumerate(ports, 1):
        fixed |= {f"Prt{number}.PrtTyp": kind, f"Prt{number}.ID": number}

    def values(view: View) -> dict[str, Value]:
        return fixed | _ports(view, parameters.phases, len(ports))

    return Block("714", layout, values)


def _ports(view: View, phases: int, ports: int) -> dict[str, Value]:
    means, running = view.means(), view.snapshot.state == "running"
    state = PORT_ON if running else PORT_OFF
    shown: dict[str, Value] = {f"Prt{k}.DCSta": state for k in range(1, ports + 1)}
    if means is not None:
        shown["DCW"] = sum(means.active_powers_w[:phases])
        if ports == 1:
            shown["Prt1.DCW"] = shown["DCW"]
    return shown


def legacy_direct_current(parameters: InverterParameters) -> Block:
    """Return model 160: one module, taken as free of loss."""
    layout = model_layout(160, N=1)
    fixed = header(layout, 160) | {
        "Evt": 0,
        "N": 1,
        "DCW_SF": power_exponent(parameters),
        "module1.ID": 1,
    }

    def values(view: View) -> dict[str, Value]:
        means = view.means()
        running = view.snapshot.state == "running"
        shown = fixed | {"module1.DCSt": LEGACY_STATES["running" if running else "stopped"]}
        if means is not None:
            power_w = sum(means.active_powers_w[: parameters.phases])
            shown["module1.DCW"] = max(0.0, power_w)
        return shown

    return Block("160", layout, values)
