"""The catalogue of wrong inverters, read from `faults.toml` beside this module."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from instruments.errors import ConfigurationError
from instruments.simulated.inverter.parameters import InverterParameters, with_changes


@dataclass(frozen=True)
class Fault:
    """One deviation of the simulated inverter.

    Attributes:
        changes: parameter path → value (see `parameters.with_changes`).
        fails: ids of the requirements it must fail; empty for a compliant inverter at the edge.
        concerns: ids of the requirements whose procedures it can show in.
        inverter: stem of the reference inverter's file it is a deviation of; empty for any.
        regime: of export limits whose cases it is tried with; empty for none.
        fails_too: ids of what else it must fail wherever that is tried.
    """

    id: str
    title: str
    changes: Mapping[str, Any]
    fails: tuple[str, ...]
    concerns: tuple[str, ...]
    inverter: str = ""
    regime: str = ""
    fails_too: tuple[str, ...] = ()


@cache
def catalogue() -> Mapping[str, Fault]:
    """Return all faults by id, in the order of the file."""
    data = tomllib.loads(Path(__file__).with_name("faults.toml").read_text(encoding="utf-8"))
    faults = [_fault(row) for row in data["fault"]]
    return {fault.id: fault for fault in faults}


def sample(faults: Iterable[Fault]) -> list[Fault]:
    """Return for each requirement the first inverter that must fail it, and the first good one at its edge.

    The cases of export limits of one letter pair (EXL-DY-01, EXL-DY-02 …) count as one requirement.
    """
    chosen: dict[str, Fault] = {}
    seen: set[tuple[bool, str]] = set()
    for fault in faults:
        shows = {(bool(fault.fails), _family(row)) for row in fault.concerns}
        if shows - seen:
            chosen[fault.id] = fault
            seen |= shows
    return list(chosen.values())


def _family(requirement: str) -> str:
    return requirement.rsplit("-", 1)[0] if requirement.count("-") == 2 else requirement


def _fault(row: Mapping[str, Any]) -> Fault:
    fails = tuple(row["fails"])
    concerns = fails or tuple(row["concerns"])
    inverter = row.get("inverter", "")
    regime = row.get("regime", "")
    too = tuple(row.get("fails_too", ()))
    return Fault(row["id"], row["title"], row["changes"], fails, concerns, inverter, regime, too)


def inverter_with_faults(
    fault_ids: Iterable[str], changes: Mapping[str, Any]
) -> InverterParameters:
    """Return the reference inverter with `changes`, then with each fault.

    Raises:
        ConfigurationError: a fault or a parameter does not exist.
    """
    parameters = with_changes(InverterParameters(), changes)
    for fault_id in fault_ids:
        if fault_id not in catalogue():
            raise ConfigurationError(
                f"no fault {fault_id!r}. The catalogue holds: {', '.join(catalogue())}"
            )
        parameters = with_changes(parameters, catalogue()[fault_id].changes)
    return parameters
