"""From what an inverter reports to a verdict on every setting a grid code states. Pure.

A setting the inverter does not expose is neither right nor wrong. Nothing is judged of an inverter that could
not be read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from bench.grid_code.applicability import inapplicable
from bench.grid_code.profile import GridCode, Requirement
from bench.grid_code.settings_audit import (
    Expected,
    Finding,
    Nominal,
    compare,
    exact_code,
    exact_value,
    expected_settings,
    in_grid_code_units,
    largest_step,
    permitted_value,
    reported_value,
)
from bench.stations.station_file import InverterFile
from bench.verdicts.verdict import Outcome, Verdict, judge
from instruments.interfaces import SettingValue

NOT_EXPOSED = "this inverter does not expose it"
REGION = "region"
FAILURES = frozenset({Outcome.FAIL, Outcome.CONDITIONAL_FAIL})
PASSED = frozenset({Outcome.PASS, Outcome.CONDITIONAL_PASS})


class Conclusion(StrEnum):
    """What an audit comes to."""

    COMPLIES = "complies"
    WRONG = "does not comply"
    UNDECIDED = "not established"
    UNREAD = "could not be read"


EXIT_CODES = {
    Conclusion.COMPLIES: 0,
    Conclusion.WRONG: 1,
    Conclusion.UNDECIDED: 3,
    Conclusion.UNREAD: 3,
}


@dataclass(frozen=True)
class AuditedSetting:
    """One setting: what is required, what was found, and what that means.

    Attributes:
        what: requirement and setting in words.
        lower, upper: permitted ends as the grid code states them, None where there is no end.
        found: in the unit of the grid code; None when the inverter does not expose it.
        verdict: None when nothing could be judged; `reason` then says why.
    """

    what: str
    setting: str
    unit: str
    lower: Decimal | None
    upper: Decimal | None
    clause: str
    source: str
    status: str
    found: SettingValue | None
    verdict: Verdict | None
    reason: str = ""

    @property
    def outcome(self) -> Outcome:
        """The verdict's outcome; "not tested" without one."""
        return self.verdict.outcome if self.verdict else Outcome.NOT_TESTED

    @property
    def exposed(self) -> bool:
        """Whether the inverter reports it."""
        return self.found is not None


class Auditor:
    """Judges inverters of one inverter file by one grid code.

    Attributes:
        region: code of the region in the grid code, empty for none.
    """

    def __init__(self, grid_code: GridCode, inverter: InverterFile) -> None:
        self._code = grid_code
        self._inverter = inverter
        rows = [row for row in grid_code.requirements if not inapplicable(row, inverter)]
        self._expected = expected_settings(rows)
        self._settings_row = next(iter(grid_code.of_kind("settings")), None)
        self._region_row = next(iter(grid_code.of_kind("region_setting")), None)
        method = grid_code.method
        self._nominal = Nominal(method.nominal_voltage_v, method.nominal_frequency_hz)

    def judge(self, reported: Mapping[str, SettingValue]) -> list[AuditedSetting]:
        """Return every setting of the grid code with its verdict."""
        findings = compare(self._expected, reported, self._nominal)
        return [*self._region(reported), *(self._judged(finding) for finding in findings)]

    def others(self, reported: Mapping[str, SettingValue]) -> dict[str, SettingValue]:
        """Return what the inverter reports and the grid code does not ask for."""
        asked = {item.setting for item in self._expected} | {REGION}
        known = in_grid_code_units(reported, self._nominal)
        return {name: value for name, value in known.items() if name not in asked}

    def region_name(self, reported: Mapping[str, SettingValue]) -> str:
        """Return the region the inverter says it is set to; empty when it does not say."""
        found = reported.get(REGION)
        if found is None:
            return ""
        names = {code: name for name, code in self._inverter.region_codes.items()}
        return names.get(round(found.value), f"code {found.value:g}")

    def _region(self, reported: Mapping[str, SettingValue]) -> Iterator[AuditedSetting]:
        row, region = self._region_row, self._code.region_code
        if row is None or not region:
            return
        code = self._inverter.region_codes.get(region)
        found = reported.get(REGION)
        if code is None:
            yield _region_setting(
                row, None, found, f"the inverter file states no code for {region}"
            )
        elif found is None:
            yield _region_setting(row, Decimal(code), None, NOT_EXPOSED)
        else:
            limit = exact_code(row, Decimal(code))
            verdict = judge(exact_value("region code as reported", found), limit, self._code.rule)
            yield _region_setting(row, Decimal(code), found, "", verdict)

    def _judged(self, finding: Finding) -> AuditedSetting:
        expected, found = finding.expected, finding.found
        if found is None:
            return _audited(expected, None, None, NOT_EXPOSED)
        if found.unit != expected.unit:
            reason = f"reported in {found.unit}, required in {expected.unit}: cannot be compared"
            return _audited(expected, found, None, reason)
        row = self._settings_row
        limit = permitted_value(
            expected, found, row.id if row else "", largest_step(row, found.unit) if row else None
        )
        verdict = judge(reported_value(expected, found), limit, self._code.rule)
        return _audited(expected, found, verdict, "; ".join(verdict.reasons))


def conclude(rows: Sequence[AuditedSetting], unexposed_allowed: bool) -> Conclusion:
    """Return what the settings of an inverter that was read come to.

    Args:
        unexposed_allowed: whether a setting the inverter does not expose leaves the others to decide.
    """
    if any(row.outcome in FAILURES for row in rows):
        return Conclusion.WRONG
    deciding = [row for row in rows if row.exposed or not unexposed_allowed]
    if deciding and all(row.outcome in PASSED for row in deciding):
        return Conclusion.COMPLIES
    return Conclusion.UNDECIDED


def count_outcomes(rows: Sequence[AuditedSetting]) -> dict[str, int]:
    """Return how many settings are right, wrong, not judged and not exposed."""
    kinds = Counter(map(_kind, rows))
    return {kind: kinds[kind] for kind in ("right", "wrong", "not judged", "not exposed")}


def _kind(row: AuditedSetting) -> str:
    if not row.exposed:
        return "not exposed"
    if row.outcome in PASSED:
        return "right"
    return "wrong" if row.outcome in FAILURES else "not judged"


def _audited(
    expected: Expected, found: SettingValue | None, verdict: Verdict | None, reason: str
) -> AuditedSetting:
    return AuditedSetting(
        what=expected.what,
        setting=expected.setting,
        unit=expected.unit,
        lower=expected.lower,
        upper=expected.upper,
        clause=expected.clause,
        source=expected.source,
        status=expected.status,
        found=found,
        verdict=verdict,
        reason=reason,
    )


def _region_setting(
    row: Requirement,
    code: Decimal | None,
    found: SettingValue | None,
    reason: str,
    verdict: Verdict | None = None,
) -> AuditedSetting:
    return AuditedSetting(
        what=f"{row.id} region",
        setting=REGION,
        unit="code",
        lower=code,
        upper=code,
        clause=row.clause,
        source="the region of the grid code, by the codes of the inverter file",
        status="provisional",
        found=found,
        verdict=verdict,
        reason=reason,
    )
