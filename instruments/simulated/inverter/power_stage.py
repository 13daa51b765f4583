"""From the power an inverter wants to the currents it can drive (pure)."""

from __future__ import annotations

from math import sqrt

from instruments.interfaces import PhaseValues
from instruments.simulated.inverter.parameters import InverterParameters
from instruments.simulated.physics.segments import Spectrum


def balanced_currents(
    parameters: InverterParameters,
    powers: tuple[float, float],
    voltages_v: PhaseValues,
    *,
    connected: bool,
) -> tuple[PhaseValues, PhaseValues]:
    """Return active and reactive current of each phase, balanced but for the inverter's phase shares.

    The filter adds its own while the relay is closed, and the current limit leaves the reactive part its place.

    Args:
        powers: active power in W and reactive power in var, of all phases together.
    """
    sum_v = sum(voltages_v[: parameters.phases])
    limit_a = parameters.current_limit_pu * parameters.rated_current_a
    active_a, reactive_a = _limited(powers, sum_v, limit_a)
    filter_a = parameters.filter_pu * parameters.rated_current_a if connected else 0.0
    admittance_s = filter_a / parameters.nominal_voltage_v
    if parameters.phases == 1:
        return (active_a, 0.0, 0.0), (reactive_a + admittance_s * voltages_v[0], 0.0, 0.0)
    a, b, c = (reactive_a + admittance_s * voltage_v for voltage_v in voltages_v)
    first, second, third = (share * active_a for share in parameters.phase_shares)
    return (first, second, third), (a, b, c)


def current_spectrum(parameters: InverterParameters) -> Spectrum:
    """Return harmonics and DC of the inverter's current."""
    direct_a = parameters.direct_current_pu * parameters.rated_current_a
    return Spectrum((), parameters.current_harmonics, direct_a)


def _limited(powers: tuple[float, float], sum_v: float, limit_a: float) -> tuple[float, float]:
    """Return the two currents per phase, the active one inside what the reactive one leaves."""
    if sum_v <= 0:
        return 0.0, 0.0
    active_w, reactive_var = powers
    reactive_a = max(-limit_a, min(limit_a, reactive_var / sum_v))
    left_a = sqrt(limit_a**2 - reactive_a**2)
    return max(-left_a, min(left_a, active_w / sum_v)), reactive_a
