"""The catalogue of wrong inverters, as data."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules

import pytest

import test_procedures
from bench.export_limits.regime import load_regime
from bench.grid_code.profile import GridCode, Requirement, find_grid_code, load_grid_code
from bench.paths import DEFAULT_GRID_CODE, EXPORT_REGIMES
from instruments.simulated.faults import catalogue

CODE: GridCode = load_grid_code(find_grid_code(DEFAULT_GRID_CODE))
REGIMES = [file for file in EXPORT_REGIMES.glob("*.toml") if not file.stem.endswith("cases")]


def judged_kinds() -> Iterator[str]:
    """Yield the kinds of requirements that the procedures judge, as their markers say."""
    for module in iter_modules(test_procedures.__path__, "test_procedures."):
        for procedure in vars(import_module(module.name)).values():
            for mark in getattr(procedure, "pytestmark", ()):
                yield from mark.args if mark.name == "requirement" else ()


JUDGED = [row for kind in sorted(set(judged_kinds())) for row in CODE.of_kind(kind)]


def test_the_procedures_are_found() -> None:
    assert {"OV1", "AI1", "RC1", "GL1", "PR2"} <= {row.id for row in JUDGED}


@pytest.mark.parametrize("requirement", JUDGED, ids=lambda row: row.id)
def test_each_requirement_has_a_wrong_inverter_that_fails_nothing_else(
    requirement: Requirement,
) -> None:
    own = {row.id for row in CODE.requirements}
    assert [
        fault.id
        for fault in catalogue().values()
        if own.intersection((*fault.fails, *fault.fails_too)) == {requirement.id}
    ]


def test_the_catalogue_names_requirements_that_exist() -> None:
    cases = {case.id for file in REGIMES for case in load_regime(file).cases}
    known = {row.id for row in CODE.requirements} | cases
    assert {row for fault in catalogue().values() for row in fault.concerns} <= known
