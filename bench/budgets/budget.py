"""From a budget's formulas to the lines of one measurement.

Lines are uncorrelated. Where several readings of one instrument enter a result, the part of an error that all
of them share enters once, with their signs: in a difference it cancels.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import fsum, hypot, inf, sqrt
from pathlib import Path

from bench.budgets.distributions import divisor
from bench.budgets.expression import Expression
from bench.budgets.nodes import FormulaError
from bench.budgets.quantities import QUANTITIES, RANGE, READING
from bench.verdicts.uncertainty import BudgetLine, combine
from instruments.errors import ConfigurationError

Values = Mapping[str, float]


@dataclass(frozen=True)
class Source:
    """One source of uncertainty of a quantity.

    Attributes:
        unit: of the half-width; times the sensitivity it is the quantity's.
        parameter: what the distribution takes (see `bench.budgets.distributions`).
        correlation: how far readings on the same range share this error, 0 to 1.
        provenance: page of a data sheet, number of a certificate, or whose choice it is.
    """

    name: str
    half_width: Expression
    unit: str
    distribution: str
    provenance: str
    parameter: float | None = None
    sensitivity: Expression = field(default_factory=lambda: Expression("1"))
    degrees_of_freedom: float = inf
    correlation: float = 0.0

    def line(self, values: Values) -> BudgetLine:
        """Return the budget line at given values of the names in the formulas.

        Raises:
            FormulaError: a name has no value, or the half-width comes out negative.
        """
        half_width = self.half_width.evaluate(values)
        if half_width < 0:
            raise FormulaError(f"{self.half_width.text!r} is {half_width:g}; expected 0 or more")
        return BudgetLine(
            self.name,
            half_width / divisor(self.distribution, self.parameter),
            self.unit,
            self.degrees_of_freedom,
            self.sensitivity.evaluate(values),
            self.distribution,
            self.provenance,
        )


@dataclass(frozen=True)
class Term:
    """One reading that enters a result.

    Attributes:
        coefficient: change of the result per change of the reading.
        reading: in the quantity's unit.
        conditions: what else the formulas ask for, in SI (see `bench.budgets.quantities`).
    """

    coefficient: float
    reading: float
    conditions: Values = field(default_factory=dict)


@dataclass(frozen=True)
class QuantityBudget:
    """All sources of one quantity of one instrument in this station.

    Attributes:
        where: file and table, for messages.
        range: the measuring range in the quantity's unit; None when the file states none.
        settings: of the instrument in this station, in SI.
    """

    quantity: str
    where: str
    sources: tuple[Source, ...]
    range: float | None = None
    settings: Values = field(default_factory=dict)

    @property
    def unit(self) -> str:
        """Unit of readings and results."""
        return QUANTITIES[self.quantity].unit

    def under(self, **conditions: float) -> QuantityBudget:
        """Return the budget with conditions that hold for all its readings, unless one states its own."""
        return replace(self, settings={**self.settings, **conditions})

    def lines(self, reading: float, **conditions: float) -> tuple[BudgetLine, ...]:
        """Return the budget of one reading; its sign does not matter.

        Raises:
            ConfigurationError: a formula cannot be evaluated; names file, table and source.
        """
        return self.combination([Term(1.0, reading, conditions)])

    def half_width(self, reading: float, **conditions: float) -> float:
        """Return the ± of one rectangle with the standard uncertainty of a reading.

        For methods that take one limit of error; degrees of freedom are lost.
        """
        return sqrt(3) * combine(self.lines(reading, **conditions)).standard

    def difference(
        self, reading: float, other: float, **conditions: float
    ) -> tuple[BudgetLine, ...]:
        """Return the budget of `reading` minus `other`, on the same range under the same conditions."""
        return self.combination([Term(1.0, reading, conditions), Term(-1.0, other, conditions)])

    def combination(self, terms: Sequence[Term]) -> tuple[BudgetLine, ...]:
        """Return the budget of a sum of readings on the same range.

        Raises:
            ConfigurationError: a formula cannot be evaluated; names file, table and source.
        """
        return tuple(line for source in self.sources for line in self._of_source(source, terms))

    def _of_source(self, source: Source, terms: Sequence[Term]) -> Iterable[BudgetLine]:
        signed = [_scaled(self._line(source, term), term.coefficient) for term in terms]
        if len(signed) == 1:
            return signed
        return (*_shared(signed, source.correlation), *_own(signed, source.correlation))

    def _line(self, source: Source, term: Term) -> BudgetLine:
        values = {**self.settings, **term.conditions, READING: abs(term.reading)}
        if self.range is not None:
            values[RANGE] = self.range
        try:
            return source.line(values)
        except FormulaError as error:
            raise ConfigurationError(f"{self.where}: source {source.name!r}: {error}") from error


@dataclass(frozen=True)
class InstrumentBudgets:
    """What one instrument's file says about every quantity it measures.

    Attributes:
        title: how reports call it: maker and model.
    """

    title: str
    file: Path
    sha256: str
    quantities: Mapping[str, QuantityBudget]

    def of(self, quantity: str) -> QuantityBudget:
        """Return the budget of a quantity.

        Raises:
            ConfigurationError: the file states none.
        """
        if quantity not in self.quantities:
            raise ConfigurationError(
                f"{self.file.name}: there is no table [{quantity}], so no {quantity.replace('_', ' ')} can be "
                f"judged. There are {', '.join(self.quantities) or 'none'}"
            )
        return self.quantities[quantity]


def power_conditions(active_w: float, reactive_var: float) -> dict[str, float]:
    """Return the conditions of a power's budget at a pair of powers."""
    apparent_va = hypot(active_w, reactive_var)
    factor = min(1.0, abs(active_w) / apparent_va) if apparent_va else 0.0
    return {"apparent_power": apparent_va, "power_factor": factor}


def unity_power_factor(apparent_power_va: float) -> dict[str, float]:
    """Return the conditions of a power's budget where nothing is reactive."""
    return {"apparent_power": apparent_power_va, "power_factor": 1.0}


def merged(lines: Iterable[BudgetLine]) -> tuple[BudgetLine, ...]:
    """Return one line for all of a source: their root sum of squares, where they are many and alike."""
    of_source: dict[str, list[BudgetLine]] = {}
    for line in lines:
        of_source.setdefault(line.source, []).append(line)
    return tuple(_root_sum_square(alike) for alike in of_source.values())


def scaled(lines: Iterable[BudgetLine], factor: float) -> tuple[BudgetLine, ...]:
    """Return the lines of a result that changes by `factor` per change of what they were written for."""
    return tuple(_scaled(line, factor) for line in lines)


def _scaled(line: BudgetLine, factor: float) -> BudgetLine:
    return replace(line, sensitivity=factor * line.sensitivity)


def _root_sum_square(alike: Sequence[BudgetLine]) -> BudgetLine:
    together = combine(alike)
    return replace(
        alike[0],
        standard_uncertainty=together.standard,
        degrees_of_freedom=together.degrees_of_freedom,
        sensitivity=1.0,
    )


def _shared(lines: Sequence[BudgetLine], correlation: float) -> Iterable[BudgetLine]:
    """Yield what all readings share: contributions add with their signs before anything is squared."""
    if correlation > 0:
        together = fsum(line.sensitivity * line.standard_uncertainty for line in lines)
        yield replace(
            lines[0],
            source=f"{lines[0].source}, shared by {len(lines)} readings",
            standard_uncertainty=sqrt(correlation) * abs(together),
            sensitivity=1.0,
        )


def _own(lines: Sequence[BudgetLine], correlation: float) -> Iterable[BudgetLine]:
    if correlation < 1:
        for line in lines:
            own = sqrt(1 - correlation) * line.standard_uncertainty
            yield replace(line, standard_uncertainty=own)
