"""What vouches for an instrument: its calibration certificate, and until when the laboratory relies on it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from bench.toml_file import Table


@dataclass(frozen=True)
class Calibration:
    """One calibration as the laboratory's register has it.

    Attributes:
        certificate: its number.
        issuer: the laboratory that calibrated, with its accreditation.
        calibrated, due: first and last day on which the instrument may be used; a certificate itself states no
            due date, it is the decision of the instrument's owner.
    """

    certificate: str
    issuer: str
    calibrated: date
    due: date

    def defect_on(self, day: date) -> str | None:
        """Return why the instrument may not be used on a day; None when it may."""
        if day > self.due:
            return f"calibration {self.certificate} was due on {self.due}"
        if day < self.calibrated:
            return f"calibration {self.certificate} is dated {self.calibrated}, after today ({day})"
        return None

    def to_json(self) -> dict[str, str]:
        """Return the calibration as it stands in evidence."""
        return {
            "certificate": self.certificate,
            "issuer": self.issuer,
            "calibrated": self.calibrated.isoformat(),
            "due": self.due.isoformat(),
        }


def read_calibration(table: Table) -> Calibration:
    """Return the calibration of a table.

    Raises:
        ConfigurationError: names file, table and key.
    """
    table.allow("certificate", "issuer", "calibrated", "due")
    calibration = Calibration(
        certificate=table.require_text("certificate"),
        issuer=table.require_text("issuer"),
        calibrated=_day(table, "calibrated"),
        due=_day(table, "due"),
    )
    if calibration.due < calibration.calibrated:
        raise table.error(
            f"due = {calibration.due} lies before calibrated = {calibration.calibrated}"
        )
    return calibration


def _day(table: Table, key: str) -> date:
    day = table.require(key, date)
    if isinstance(day, datetime):
        raise table.error(f"{key} = {day}: expected a day without a time")
    return day


def calibration_defects(calibrations: Iterable[tuple[str, Calibration]], day: date) -> list[str]:
    """Return what speaks against using the instruments on a day, one text for each role."""
    found = ((role, calibration.defect_on(day)) for role, calibration in calibrations)
    return [f"{role.replace('_', ' ')}: {defect}" for role, defect in found if defect]
