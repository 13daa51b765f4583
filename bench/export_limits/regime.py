"""A regime of export limits from its file: numbers with sources, and the cases it asks for, as requirements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bench.export_limits.case import GENERATION, SITE, Case, read_case
from bench.export_limits.kinds import NUMBERS
from bench.grid_code.layer import EXPORT_CASES, EXPORT_LIMITS, Layer, file_sha256
from bench.grid_code.profile import GridCode
from bench.grid_code.quantity import UNITS, Quantity, read_quantity, split_unit
from bench.grid_code.requirement import Requirement
from bench.paths import EXPORT_REGIMES
from bench.toml_file import Table, read_toml
from instruments.errors import ConfigurationError

CASES, NONE = "cases", "none"
POINTS = (SITE, GENERATION)
SOFT15, GRADIENT = "soft15", "gradient"
POLICIES = (SOFT15, GRADIENT)


@dataclass(frozen=True)
class Regime:
    """A regime of export limits.

    Attributes:
        cases_file: the table of cases beside it; None when all its cases are its own.
        point: where its limit holds, "site" or "generation".
        ramp_policy: "soft15" when power must also rise in the response time, "gradient" when it may ramp.
    """

    file: Path
    title: str
    point: str
    ramp_policy: str
    source: str
    cases_file: Path | None
    numbers: Mapping[str, Quantity]
    cases: tuple[Case, ...]

    def requirements(self) -> tuple[Requirement, ...]:
        """Return one requirement for each case."""
        return tuple(self._requirement(case) for case in self.cases)

    def layers(self) -> tuple[Layer, ...]:
        """Return the files it was put together from."""
        own = Layer(EXPORT_LIMITS, self.title, self.file, file_sha256(self.file))
        if self.cases_file is None:
            return (own,)
        table = self.cases_file
        return own, Layer(EXPORT_CASES, table.stem, table, file_sha256(table))

    def _requirement(self, case: Case) -> Requirement:
        return Requirement(
            id=case.id,
            kind=case.family,
            title=f"{case.title} ({self.title})",
            clause=case.basis,
            direction="",
            quantities=self.numbers,
            applies_to=case.applies_to,
            case=case,
        )


def find_regime(name: str) -> Path:
    """Return the file of a regime named by path or by the stem of a shipped file."""
    shipped = {path.stem: path for path in sorted(EXPORT_REGIMES.glob("*.toml"))}
    shipped = {name: path for name, path in shipped.items() if not name.endswith(CASES)}
    if name in shipped:
        return shipped[name]
    if Path(name).is_file():
        return Path(name)
    raise ConfigurationError(
        f"no regime of export limits {name!r}: neither a file nor one of {', '.join(shipped)}"
    )


def with_regime(base: GridCode, name: str) -> GridCode:
    """Return a grid code with the requirements of a regime behind its own; "none" adds nothing.

    Raises:
        ConfigurationError: names file, table and key of the first thing that is wrong.
    """
    if name == NONE:
        return base
    regime = load_regime(find_regime(name))
    taken = {row.id for row in base.requirements} & {case.id for case in regime.cases}
    if taken:
        raise ConfigurationError(
            f"{regime.file}: the id {min(taken)!r} is a requirement of {base.file.name} already"
        )
    return replace(
        base,
        requirements=(*base.requirements, *regime.requirements()),
        layers=(*base.layers, *regime.layers()),
    )


def load_regime(file: Path) -> Regime:
    """Load and check a regime.

    Raises:
        ConfigurationError: names file, table and key of the first thing that is wrong.
    """
    top = read_toml(file)
    top.allow("regime", "numbers", "case")
    table = top.table("regime")
    table.allow("title", "point", "ramp_policy", "source", "cases", "run")
    cases_file = _cases_file(file, table)
    known = _known_cases(top, cases_file)
    numbers = _numbers(top.table("numbers"))
    policy = table.require("ramp_policy", str, POLICIES)
    if (policy == GRADIENT) != (float(numbers["gradient"].value) > 0):
        raise table.error(
            f"ramp_policy = {policy!r} with gradient = {numbers['gradient']}: a gradient above 0 and the "
            f"policy {GRADIENT!r} go together"
        )
    return Regime(
        file=file,
        title=table.require_text("title"),
        point=table.require("point", str, POINTS),
        ramp_policy=policy,
        source=table.require_text("source"),
        cases_file=cases_file,
        numbers=numbers,
        cases=_chosen(table, known),
    )


def _cases_file(file: Path, table: Table) -> Path | None:
    if "cases" not in table.values:
        return None
    name = f"{table.require_text('cases')}.toml"
    beside, shipped = file.parent / name, EXPORT_REGIMES / name
    for found in (beside, shipped):
        if found.is_file():
            return found
    raise table.error(f"cases: there is no {name} beside {file.name} or among the shipped ones")


def _known_cases(top: Table, cases_file: Path | None) -> dict[str, Case]:
    tables: list[Table] = top.tables("case")
    if cases_file is not None:
        shared = read_toml(cases_file)
        shared.allow("case")
        tables = [*shared.tables("case"), *tables]
    return {case.id: case for case in map(read_case, tables)}


def _chosen(table: Table, known: Mapping[str, Case]) -> tuple[Case, ...]:
    chosen: Sequence[str] = table.require("run", list)
    unknown = [name for name in chosen if name not in known]
    if unknown or not chosen:
        missing = repr(unknown[0]) if unknown else "nothing"
        raise table.error(f"run: {missing} is no case. There are: {', '.join(known)}")
    return tuple(known[name] for name in dict.fromkeys(chosen))


def _numbers(table: Table) -> dict[str, Quantity]:
    found: dict[str, Quantity] = {}
    for key in table.values:
        name, unit = split_unit(key)
        if name not in NUMBERS or unit is None:
            expected = ", ".join(f"{known}_<unit>" for known in NUMBERS)
            raise table.error(f"unknown key {key!r}. Allowed keys: {expected}")
        found[name] = read_quantity(table.table(key), name, UNITS[unit])
    missing = [name for name, required in NUMBERS.items() if required and name not in found]
    if missing:
        raise table.error(f"the number {missing[0]!r} is missing (with value, status and source)")
    return found
