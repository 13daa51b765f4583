"""What a simulated inverter is: ratings, settings and behaviour as plain numbers.

The defaults are the reference inverter, which complies. A fault changes one of them (`faults.toml`).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from instruments.errors import ConfigurationError
from instruments.simulated.csip.behaviour import ClientBehaviour
from instruments.simulated.inverter.settings import REGIONS, GridSettings
from instruments.simulated.physics.island_control import IslandControl
from instruments.simulated.physics.segments import Harmonics
from instruments.simulated.registers.communication_board import CommunicationBoard


@dataclass(frozen=True)
class Sensing:
    """How the inverter sees the grid.

    Attributes:
        monitored_phases: phases whose voltage the protection looks at.
        combined: "each" phase on its own, or the "mean" of the monitored ones.
        voltage_gain, frequency_offset_hz: errors of its own measurement.
        sustained_window_s: length of the rolling mean of the voltage.
        sustained_combined: "each" or "mean", for the rolling mean.
        sustained_delay_s: from the mean's crossing to the end of generation.
        instantaneous: the protection sees amplitudes at once, not the mean square of a cycle.
    """

    monitored_phases: tuple[bool, bool, bool] = (True, True, True)
    combined: str = "each"
    voltage_gain: float = 1.0
    frequency_offset_hz: float = 0.0
    sustained_window_s: float = 600.0
    sustained_combined: str = "each"
    sustained_delay_s: float = 1.0
    instantaneous: bool = False


@dataclass(frozen=True)
class Response:
    """How quickly and how well power follows what is demanded.

    Attributes:
        volt_watt_s, volt_var_s, frequency_s, limit_s: time constants of the first-order responses.
        reactive_priority: active power gives way inside the circle of apparent power; otherwise
            reactive power does.
        active_gain, reactive_gain: delivered over demanded.
        power_factor_gain, fixed_reactive_gain: delivered over demanded reactive power of a fixed power factor
            and of a fixed reactive power; negative swaps the sign.
        limit_error_pu: how far power stays above a commanded limit.
        limit_ramps: False for power that jumps back when a commanded limit is lifted.
        latched: over-frequency response only falls until it is released.
        returns_at_once: False for power that rises at its rate after a frequency response.
        soft_ramp: False for an inverter that rises at once.
        soft_after_cloud: False for one that follows a rise of irradiance at once.
        ramp_from_pu: power right after connection, as a share of the rating.
    """

    volt_watt_s: float = 1.0
    volt_var_s: float = 1.0
    frequency_s: float = 0.5
    limit_s: float = 2.0
    reactive_priority: bool = True
    active_gain: float = 1.0
    reactive_gain: float = 1.0
    power_factor_gain: float = 1.0
    fixed_reactive_gain: float = 1.0
    limit_error_pu: float = 0.0
    limit_ramps: bool = True
    latched: bool = True
    returns_at_once: bool = False
    soft_ramp: bool = True
    soft_after_cloud: bool = True
    ramp_from_pu: float = 0.0


@dataclass(frozen=True)
class RideThrough:
    """What a disturbance does to an inverter that stays connected.

    Attributes:
        cease_below_v, cease_above_v: rms of any phase beyond which generation pauses.
        cease_delay_s: from the crossing to the pause.
        resume_s: from the voltage's return to generation at the level before.
        phase_jump_trip_rad, rocof_trip_hz_per_s: disconnect beyond these; None never.
        most_pauses: disconnects when generation would pause once more within a minute; None never.
        longest_pause_s: disconnects when the voltage has been below `cease_below_v` for so long; None never.
        second_stage: frequency (Hz) above which the inverter disconnects after a time (s), beside its settings;
            None without such a stage.
    """

    cease_below_v: float = 60.0
    cease_above_v: float = 400.0
    cease_delay_s: float = 0.005
    resume_s: float = 0.1
    phase_jump_trip_rad: float | None = None
    rocof_trip_hz_per_s: float | None = None
    most_pauses: int | None = None
    longest_pause_s: float | None = None
    second_stage: tuple[float, float] | None = None


@dataclass(frozen=True)
class ExportControl:
    """How the inverter keeps to a limit at the connection point.

    Attributes:
        period_s: the site meter is read this often.
        meter_timeout_s: without a reading for so long the fall-back applies.
        fallback_w: ceiling of generation after the meter is lost; None ignores the loss.
        hard_delay_s: a hard limit exceeded for so long disconnects.
        generation_hard_delay_s: the same for a limit of generation where it differs; None where it does not.
        soft_disconnects_s: a soft limit of export exceeded by 100 W for so long disconnects; None never.
        bounds_discharge: False for one whose limits bound what the sun gives, not what its store is asked for.
        static_yields: a static limit of export is forgotten as long as another one is commanded.
        sees_load: False for an inverter that applies the limit to its own generation.
        sees_second: False for one whose meter stands where the power of a second inverter does not pass.
        patience_s: a soft limit is exceeded for so long before power is reduced.
        gain: the limit it keeps to over the one it was given.
        offset_w: how far it stays above the limit.
        phases: what it takes for the sum of the phases: "all" of them, or three times the "first"; "each" for
            an inverter that keeps each of three phases to a third of the limit and is balanced all the same:
            three times the highest.
        sign: of its meter's readings: "right", "reversed", or "unsigned" when import counts as export.
        forgotten: its limits are gone after the grid was away.
        checks_sign: a meter whose reading falls while generation rises counts as lost.
    """

    period_s: float = 1.0
    meter_timeout_s: float = 10.0
    fallback_w: float | None = 0.0
    hard_delay_s: float = 2.0
    generation_hard_delay_s: float | None = None
    soft_disconnects_s: float | None = None
    bounds_discharge: bool = True
    static_yields: bool = False
    sees_load: bool = True
    sees_second: bool = True
    patience_s: float = 0.0
    gain: float = 1.0
    offset_w: float = 0.0
    phases: str = "all"
    sign: str = "right"
    forgotten: bool = False
    checks_sign: bool = True


@dataclass(frozen=True)
class DemandResponding:
    """How the inverter follows the contacts of its demand response port.

    Attributes:
        delay_s: from a contact to the reaction.
        ceilings_pu: most generation in the modes that limit it, as a share of the rating.
        charging_pu: most charging in the modes that limit it, as a share of the largest.
    """

    delay_s: float = 0.3
    ceilings_pu: Mapping[str, float] = field(
        default_factory=lambda: {"DRM5": 0.0, "DRM6": 0.5, "DRM7": 0.75}
    )
    charging_pu: Mapping[str, float] = field(
        default_factory=lambda: {"DRM1": 0.0, "DRM2": 0.5, "DRM3": 0.75}
    )


@dataclass(frozen=True)
class InverterParameters:
    """One inverter.

    Attributes:
        phases: 1 or 3; a single-phase inverter is connected to L1.
        pv_power_w: power of the array at 1000 W/m²; 0 for storage alone.
        storage_power_w: largest charging and discharging power; 0 without storage.
        settings: what it is set to when it leaves the factory.
        relay_open_s: from the end of generation to the opening of the relay's contacts.
        relay_chatter_s: so long after they opened the relay's contacts close once more for a tenth of a second;
            0 for contacts that stay open.
        trips_once: names of the trips that work only the first time.
        island: how it behaves alone with a load; phases and nominal frequency are taken from here.
        active_method_delay_s: from the loss of the grid to the active method's first act.
        active_method_gap_pu: an island that begins with a power between these shares of the rating meets no
            active method.
        grid_signal_delay_s: generation ends so long after a signal that the grid carries is gone, island or
            not; None for an inverter that listens to none.
        filter_pu: capacitive current of the output filter at nominal voltage, while the relay is
            closed, as a share of rated current.
        current_limit_pu: ceiling of the current as a share of rated current.
        current_harmonics: of the inverter's current.
        direct_current_pu: DC component as a share of rated current.
        phase_shares: current of each phase over that of a balanced inverter; their mean is 1.
        communication: how its communication board publishes and takes registers.
        csip: how its client of a utility server behaves.
        restarts_observation: an excursion restarts the observation time.
        forgiven_excursion_s: an excursion no longer than this does not restart it.
        observation_after_loss_s: observation time when the voltage has been gone meanwhile; None the usual one.
    """

    rated_apparent_power_va: float = 10_000.0
    nominal_voltage_v: float = 230.0
    nominal_frequency_hz: float = 50.0
    phases: int = 3
    pv_power_w: float = 10_000.0
    storage_power_w: float = 0.0
    settings: GridSettings = field(default_factory=lambda: REGIONS["A"])
    sensing: Sensing = Sensing()
    response: Response = Response()
    ride_through: RideThrough = RideThrough()
    export: ExportControl = ExportControl()
    demand: DemandResponding = field(default_factory=DemandResponding)
    relay_open_s: float = 0.02
    relay_chatter_s: float = 0.0
    trips_once: tuple[str, ...] = ()
    island: IslandControl = field(default_factory=IslandControl)
    active_method_delay_s: float = 0.0
    active_method_gap_pu: tuple[float, float] = (0.0, 0.0)
    grid_signal_delay_s: float | None = None
    filter_pu: float = 0.012
    current_limit_pu: float = 1.1
    current_harmonics: Harmonics = ((5, 0.01),)
    direct_current_pu: float = 0.0
    phase_shares: tuple[float, float, float] = (1.0, 1.0, 1.0)
    restarts_observation: bool = True
    forgiven_excursion_s: float = 0.0
    observation_after_loss_s: float | None = None
    communication: CommunicationBoard = field(default_factory=CommunicationBoard)
    csip: ClientBehaviour = field(default_factory=ClientBehaviour)

    @property
    def rated_current_a(self) -> float:
        """Rated current per phase."""
        return self.rated_apparent_power_va / (self.phases * self.nominal_voltage_v)


def with_changes(parameters: InverterParameters, changes: Mapping[str, Any]) -> InverterParameters:
    """Return parameters with some replaced; `settings.trips.OV1.delay_s` reaches inside, a number into a list.

    `settings.region` replaces all settings by those of a region.

    Raises:
        ConfigurationError: a name does not exist; the message lists those that do.
    """
    for path, value in changes.items():
        if path == "settings.region":
            _require(value, REGIONS, "the regions")
            parameters = dataclasses.replace(parameters, settings=REGIONS[value])
        else:
            parameters = _changed(parameters, path.split("."), value, "the simulated inverter")
    return parameters


def _changed(whole: Any, path: list[str], value: Any, where: str) -> Any:
    """Return `whole`, a dataclass, mapping or tuple, with the item at the end of `path` replaced."""
    name, *rest = path
    parts = _parts(whole)
    _require(name, parts, where)
    new = _changed(parts[name], rest, value, f"{where}, {name}") if rest else _as_tuples(value)
    if isinstance(whole, tuple):
        return tuple({**parts, name: new}.values())
    if isinstance(whole, Mapping):
        return {**whole, name: new}
    return dataclasses.replace(whole, **{name: new})


def _parts(whole: Any) -> Mapping[str, Any]:
    """Return what `whole` consists of by name, or by number from 0."""
    if isinstance(whole, Mapping):
        return whole
    if isinstance(whole, tuple):
        return {str(number): item for number, item in enumerate(whole)}
    fields = getattr(whole, "__dataclass_fields__", {})
    return {name: getattr(whole, name) for name in fields}


def _as_tuples(value: Any) -> Any:
    return tuple(_as_tuples(item) for item in value) if isinstance(value, list) else value


def _require(name: str, known: Mapping[str, Any], where: str) -> None:
    if name not in known:
        raise ConfigurationError(f"{where}: no {name!r}; there are: {', '.join(sorted(known))}")
