"""Which blocks of registers an inverter has."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from instruments.simulated.inverter.parameters import InverterParameters
from instruments.simulated.registers.communication_board import CommunicationBoard
from instruments.simulated.registers.sunspec_block import Block, BoardState
from instruments.simulated.registers.sunspec_controls import controls, enter_service
from instruments.simulated.registers.sunspec_curves import frequency_droop, volt_var, volt_watt
from instruments.simulated.registers.sunspec_legacy_controls import legacy_controls
from instruments.simulated.registers.sunspec_legacy_curves import legacy_volt_var, legacy_volt_watt
from instruments.simulated.registers.sunspec_legacy_protection import frequency_watt, legacy_trips
from instruments.simulated.registers.sunspec_map import RegisterMap
from instruments.simulated.registers.sunspec_measured import (
    direct_current,
    legacy_direct_current,
    legacy_measurement,
    legacy_status,
    measurement,
    storage,
)
from instruments.simulated.registers.sunspec_ratings import (
    basic_settings,
    capacity,
    identity,
    nameplate,
)
from instruments.simulated.registers.sunspec_trips import trip_models
from instruments.simulated.registers.sunspec_vendor import vendor_block
from instruments.simulated.registers.sunspec_watt_var import watt_var


def register_map(
    parameters: InverterParameters,
    board: CommunicationBoard,
    reset: Callable[[BoardState], BoardState],
) -> RegisterMap:
    """Return the blocks of a board. `reset` makes all of them begin anew after a change of region."""
    models = [identity()]
    if "1xx" in board.generations:
        models += _older(parameters, board)
    if "7xx" in board.generations:
        models += _newer(parameters, board)
    return RegisterMap(models, vendor_block(parameters, board.access, reset))


def _older(parameters: InverterParameters, board: CommunicationBoard) -> Iterator[Block]:
    yield legacy_measurement(parameters, board.float_measurement)
    yield nameplate(parameters)
    yield basic_settings(parameters)
    yield legacy_status(parameters)
    yield legacy_controls(board.access.latch)
    yield legacy_volt_var(parameters)
    yield frequency_watt(parameters)
    under_voltage, over_voltage, *frequency = legacy_trips(parameters)
    yield from (under_voltage, over_voltage, legacy_volt_watt(parameters), *frequency)
    if parameters.pv_power_w > 0:
        yield legacy_direct_current(parameters)


def _newer(parameters: InverterParameters, board: CommunicationBoard) -> Iterator[Block]:
    adoption_s = board.access.adoption_s
    yield measurement(parameters)
    yield capacity(parameters)
    yield enter_service(parameters)
    yield controls(parameters, board.access.latch)
    yield volt_var(parameters, adoption_s)
    yield volt_watt(parameters, adoption_s)
    yield from trip_models(parameters, adoption_s)
    yield frequency_droop(parameters, adoption_s)
    yield watt_var(parameters, adoption_s)
    if parameters.storage_power_w > 0:
        yield storage()
    yield direct_current(parameters)
