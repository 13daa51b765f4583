"""From station and inverter file to a simulated laboratory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bench.stations.simulation import parameter_paths
from bench.stations.station_file import InverterFile, SimulationSettings, StationFile
from instruments.errors import ConfigurationError
from instruments.simulated.faults import inverter_with_faults
from instruments.simulated.inverter.outside import inverter_factory
from instruments.simulated.inverter.state_machine import SimulatedInverter
from instruments.simulated.laboratory import Laboratory
from instruments.simulated.physics.grid import OutputStage
from instruments.simulated.physics.parallel_load import resonant_load
from instruments.simulated.physics.world import World


def build_laboratory(
    station: StationFile,
    simulation: SimulationSettings,
    inverter: InverterFile,
    faults: Sequence[str],
    **serving: Any,
) -> Laboratory:
    """Return the laboratory, not yet serving.

    Args:
        serving: ports, transports, troubles, pace and promptness, as `Laboratory` takes them.

    Raises:
        ConfigurationError: an unknown fault or parameter, or an inverter model that cannot be used.
    """
    if simulation.inverter_model and faults:
        raise ConfigurationError(
            f"--fault {faults[0]}: faults belong to the simulated inverter; the station puts "
            f"{simulation.inverter_model} in its place"
        )
    parameters = inverter_with_faults(faults, _parameters(inverter))
    build = (
        inverter_factory(simulation.inverter_model, station.file.parent)
        if simulation.inverter_model
        else SimulatedInverter
    )
    world = World(parameters, 0.0, simulation.source_impedance_ohm, build)
    world.islanding_load.set(
        resonant_load(
            simulation.load_power_w / parameters.phases,
            parameters.nominal_voltage_v,
            parameters.nominal_frequency_hz,
            simulation.load_quality_factor,
            phases=parameters.phases,
        )
    )
    world.source.stage = OutputStage.drawn(simulation.seed)
    return Laboratory(
        world,
        seed=simulation.seed,
        latency_scale=simulation.latency_scale,
        register_map=inverter.register_map,
        **serving,
    )


def _parameters(inverter: InverterFile) -> dict[str, Any]:
    """Return the parameters that the inverter's file gives, nameplate first."""
    return {
        "rated_apparent_power_va": inverter.rated_apparent_power_va,
        "pv_power_w": inverter.rated_apparent_power_va,
        "phases": inverter.phases,
        "nominal_voltage_v": inverter.nominal_voltage_v,
        "filter_pu": inverter.filter_current_pu,
        "storage_power_w": inverter.storage_power_w,
        **parameter_paths(inverter.simulated_changes),
    }
