"""One inverter audited, and the document that says so."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from bench.audit.judging import (
    EXIT_CODES,
    FAILURES,
    AuditedSetting,
    Auditor,
    Conclusion,
    conclude,
    count_outcomes,
)
from bench.audit.reading import Reading
from bench.grid_code.profile import GridCode
from bench.stations.station_file import InverterFile
from bench.verdicts.measurement import text_or_none
from instruments.interfaces import SettingValue

SCHEMA_VERSION = "1.0"


@dataclass(frozen=True)
class Audit:
    """One inverter audited.

    Attributes:
        address: where it was read; empty for the simulated laboratory.
        unexposed_allowed: whether settings the inverter does not expose leave the others to decide.
    """

    site: str
    address: str
    simulated: bool
    grid_code: GridCode
    inverter: InverterFile
    reading: Reading
    auditor: Auditor
    audited: datetime
    unexposed_allowed: bool = False

    @cached_property
    def settings(self) -> list[AuditedSetting]:
        """Every setting of the grid code; none when the inverter could not be read."""
        return [] if self.reading.trouble else self.auditor.judge(self.reading.settings)

    @property
    def conclusion(self) -> Conclusion:
        """What it comes to."""
        if self.reading.trouble:
            return Conclusion.UNREAD
        return conclude(self.settings, self.unexposed_allowed)

    @property
    def statement(self) -> str:
        """The conclusion in a sentence."""
        if self.reading.trouble:
            return f"The inverter could not be read: {self.reading.trouble}"
        counts = count_outcomes(self.settings)
        found = ", ".join(f"{number} {kind}" for kind, number in counts.items() if number)
        total = f"{len(self.settings)} settings of {self.grid_code.id}: {found or 'none'}."
        return f"{total} Wrong: {', '.join(self.wrong)}." if self.wrong else total

    @property
    def wrong(self) -> list[str]:
        """What is set wrong, in words."""
        return [row.what for row in self.settings if row.outcome in FAILURES]


def document(audit: Audit) -> dict[str, Any]:
    """Return the audit as JSON; what depends on the day and the place stands in `audit` alone."""
    reading, code, inverter = audit.reading, audit.grid_code, audit.inverter
    identity = reading.identity
    region = audit.auditor.region_name(reading.settings)
    others = {} if reading.trouble else audit.auditor.others(reading.settings)
    return {
        "schema_version": SCHEMA_VERSION,
        "site": audit.site,
        "simulated": audit.simulated,
        "conclusion": audit.conclusion.value,
        "exit_code": EXIT_CODES[audit.conclusion],
        "statement": audit.statement,
        "wrong": audit.wrong,
        "trouble": reading.trouble or None,
        "identity": asdict(identity) | {"region": region or None} if identity else None,
        "counts": count_outcomes(audit.settings),
        "grid_code": {
            "id": code.id,
            "edition": code.edition,
            "region": code.region,
            "region_code": code.region_code,
            "decision_rule": code.rule.id,
            "layers": [layer.to_json() for layer in code.layers],
        },
        "settings": [_setting(row) for row in audit.settings],
        "other_settings": {name: asdict(value) for name, value in others.items()},
        "audit": {
            "audited_utc": audit.audited.isoformat(),
            "address": audit.address or None,
            "exchanges": reading.exchanges,
            "duration_s": round(reading.duration_s, 6),
            "unexposed_allowed": audit.unexposed_allowed,
            "inverter_file": str(inverter.file),
            "inverter_file_sha256": inverter.sha256,
            "register_map_fingerprint": map_fingerprint(inverter),
        },
    }


def map_fingerprint(inverter: InverterFile) -> str | None:
    """Return what changes whenever the register map of an inverter says something else; None without a map."""
    if inverter.register_map is None:
        return None
    return hashlib.sha256(repr(inverter.register_map).encode()).hexdigest()


def inputs(audit: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the verdicts of an audit's document depend on beside the inverter itself."""
    code, record = audit["grid_code"], audit["audit"]
    return {
        "limits": [layer["sha256"] for layer in code["layers"]],
        "decision_rule": code["decision_rule"],
        "unexposed_allowed": record["unexposed_allowed"],
        "address": record["address"],
        "inverter_file_sha256": record["inverter_file_sha256"],
        "register_map_fingerprint": record["register_map_fingerprint"],
    }


def _setting(row: AuditedSetting) -> dict[str, Any]:
    return {
        "what": row.what,
        "setting": row.setting,
        "unit": row.unit,
        "required": {"lower": text_or_none(row.lower), "upper": text_or_none(row.upper)},
        "exposed": row.exposed,
        **_found(row.found),
        "outcome": row.outcome.value,
        "margin": text_or_none(row.verdict.margin) if row.verdict else None,
        "reason": row.reason or None,
        "clause": row.clause,
        "source": row.source,
        "status": row.status,
    }


def _found(found: SettingValue | None) -> Mapping[str, Any]:
    if found is None:
        return {"found": None, "found_unit": None, "quantum": None}
    return {"found": found.value, "found_unit": found.unit, "quantum": found.quantum}
