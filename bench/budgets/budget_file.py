"""Read an instrument's budgets from TOML; whatever is wrong is refused with file, table and key."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from math import inf, isfinite
from pathlib import Path

from bench.budgets.budget import InstrumentBudgets, QuantityBudget, Source
from bench.budgets.distributions import NAMES, PARAMETERS, divisor
from bench.budgets.expression import Expression
from bench.budgets.nodes import FormulaError
from bench.budgets.quantities import QUANTITIES, RANGE, READING
from bench.budgets.units import UNITS, Dimension
from bench.grid_code.quantity import UNITS as SUFFIXES
from bench.grid_code.quantity import split_unit
from bench.toml_file import Table, read_toml
from instruments.errors import ConfigurationError

SOURCE_KEYS = (
    "name",
    "half_width",
    "distribution",
    "sensitivity",
    "degrees_of_freedom",
    "correlation",
    "provenance",
    *PARAMETERS.values(),
)
Dimensions = Mapping[str, Dimension]


def load_budgets(file: Path, settings: Mapping[str, float]) -> InstrumentBudgets:
    """Load the budgets of an instrument.

    Args:
        settings: of the instrument in this station, name with unit → value: voltage_range_v → 400.

    Raises:
        ConfigurationError: names file, table and key.
    """
    top = read_toml(file)
    top.allow("instrument", *QUANTITIES)
    instrument = top.table("instrument")
    instrument.allow("maker", "model", "conditions")
    found = {
        name: _quantity(name, top.table(name), settings)
        for name in QUANTITIES
        if name in top.values
    }
    return InstrumentBudgets(
        title=f"{instrument.require_text('maker')} {instrument.require_text('model')}",
        file=file,
        sha256=hashlib.sha256(file.read_bytes()).hexdigest(),
        quantities=found,
    )


def _quantity(name: str, table: Table, settings: Mapping[str, float]) -> QuantityBudget:
    table.allow("range", "source")
    kind, known = QUANTITIES[name], _dimensions(settings)
    span = None
    if "range" in table.values:
        span = _range(table, kind.dimension, known, settings)
    names = known | {READING: kind.dimension} | ({} if span is None else {RANGE: kind.dimension})
    names |= {condition: UNITS[unit].dimension for condition, unit in kind.conditions.items()}
    rows = table.tables("source")
    if not rows:
        raise table.error("key 'source' is missing (expected at least one [[…source]])")
    sources = tuple(_source(row, name, names) for row in rows)
    return QuantityBudget(name, f"{table.file}: table [{name}]", sources, span, dict(settings))


def _range(
    table: Table, dimension: Dimension, known: Dimensions, settings: Mapping[str, float]
) -> float:
    formula = _formula(table, "range")
    found = _dimension(table, "range", formula, known)
    if found != dimension:
        raise table.error(f"range = {formula.text!r} is in {found}, expected {dimension}")
    value = formula.evaluate(settings)
    if value <= 0:
        raise table.error(f"range = {formula.text!r} is {value:g}; expected more than 0")
    return value


def _source(table: Table, quantity: str, names: Dimensions) -> Source:
    table.allow(*SOURCE_KEYS)
    kind = QUANTITIES[quantity]
    half_width = _formula(table, "half_width")
    sensitivity = (
        _formula(table, "sensitivity") if "sensitivity" in table.values else Expression("1")
    )
    found = _dimension(table, "half_width", half_width, names)
    product = found * _dimension(table, "sensitivity", sensitivity, names)
    if product != kind.dimension:
        raise table.error(
            f"half_width = {half_width.text!r} times sensitivity {sensitivity.text!r} is in {product}, "
            f"expected {kind.unit}"
        )
    distribution = table.require("distribution", str, NAMES)
    return Source(
        name=table.require_text("name"),
        half_width=half_width,
        unit=kind.unit if found == kind.dimension else str(found),
        distribution=distribution,
        provenance=table.require_text("provenance"),
        parameter=_parameter(table, distribution),
        sensitivity=sensitivity,
        degrees_of_freedom=_degrees_of_freedom(table),
        correlation=_share(table, "correlation"),
    )


def _parameter(table: Table, distribution: str) -> float | None:
    """Return what the distribution takes; a parameter of another distribution is refused."""
    wanted = PARAMETERS.get(distribution)
    for key in PARAMETERS.values():
        if key in table.values and key != wanted:
            raise table.error(f"{key!r} means nothing for distribution {distribution!r}")
    parameter = None if wanted is None else table.require(wanted, float)
    try:
        divisor(distribution, parameter)
    except ValueError as error:
        raise table.error(f"{wanted} = {parameter}: {error}") from error
    return parameter


def _degrees_of_freedom(table: Table) -> float:
    degrees = table.optional("degrees_of_freedom", float, inf)
    if not degrees >= 1:
        raise table.error(f"degrees_of_freedom = {degrees}: expected 1 or more")
    return degrees


def _share(table: Table, key: str) -> float:
    share = table.optional(key, float, 0.0)
    if not 0 <= share <= 1:
        raise table.error(f"{key} = {share}: expected 0 to 1")
    return share


def _formula(table: Table, key: str) -> Expression:
    text = table.require(key, str)
    try:
        return Expression(text)
    except FormulaError as error:
        raise table.error(f"{key} = {error}") from error


def _dimension(table: Table, key: str, formula: Expression, names: Dimensions) -> Dimension:
    try:
        return formula.dimension_in(names)
    except FormulaError as error:
        raise table.error(f"{key} = {formula.text!r}: {error}") from error


def _dimensions(settings: Mapping[str, float]) -> dict[str, Dimension]:
    """Return what the suffixes of the settings say about their units."""
    found = {}
    for name, value in settings.items():
        _, suffix = split_unit(name)
        unit = UNITS.get(SUFFIXES[suffix]) if suffix else None
        if unit is None or not isfinite(value):
            raise ConfigurationError(
                f"setting {name} = {value}: expected a finite number and a name that ends in its unit"
            )
        found[name] = unit.dimension
    return found
