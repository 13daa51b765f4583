"""The catalogue of wrong inverters, as data."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules

import pytest

import test_procedures
from bench.grid_code.profile import GridCode, Requirement, find_grid_code, load_grid_code
from bench.paths import DEFAULT_GRID_CODE
from instruments.simulated.faults import catalogue

CODE: GridCode = load_grid_code(find_grid_code(DEFAULT_GRID_CODE))


def judged_kinds() -> Iterator[str]:
    """Yield the kinds of requirements that the procedures judge, as their markers say."""
    for module in iter_modules(test_procedures.__path__, "test_procedures."):
        for procedure in vars(import_module(module.name)).values():
            for mark in getattr(procedure, "pytestmark", ()):
                yield from mark.args if mark.name == "requirement" else ()


FAIL_TOGETHER = {
    "EL2": "one timer of the simulated inverter serves both hard limits, so GL2 fails with it",
    "GL2": "one timer of the simulated inverter serves both hard limits, so EL2 fails with it",
}
JUDGED = [row for kind in sorted(set(judged_kinds())) for row in CODE.of_kind(kind)]


def test_the_procedures_are_found() -> None:
    assert {"OV1", "AI1", "RC1", "GL1", "PR2"} <= {row.id for row in JUDGED}


@pytest.mark.parametrize("requirement", JUDGED, ids=lambda row: row.id)
def test_each_requirement_has_a_wrong_inverter_that_fails_nothing_else(
    requirement: Requirement,
) -> None:
    alone = [
        fault.id
        for fault in catalogue().values()
        if fault.fails == (requirement.id,) and not fault.fails_too
    ]
    assert bool(alone) is (requirement.id not in FAIL_TOGETHER)


def test_the_catalogue_names_requirements_that_exist() -> None:
    known = {row.id for row in CODE.requirements}
    usual = [fault for fault in catalogue().values() if not fault.regime]
    assert {row for fault in usual for row in fault.concerns} <= known
