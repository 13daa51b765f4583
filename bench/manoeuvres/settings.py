"""What the inverter reports of its settings, and whether it lets anybody change them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from bench.grid_code.profile import Requirement
from bench.grid_code.settings_audit import (
    Nominal,
    compare,
    exact_code,
    exact_value,
    expected_settings,
    largest_step,
    permitted_value,
    reported_value,
)
from bench.trials.trial import NotTested, Trial
from instruments.errors import ReadBackMismatch, WriteForbidden
from instruments.interfaces import SettingValue

OBSERVATION = "observation"
ATTEMPT_S = 7.0


def judge_region(trial: Trial, requirement: Requirement, region: str) -> None:
    """Judge the region the inverter reports.

    Raises:
        NotTested: the inverter exposes none, or nobody says which code stands for the region.
    """
    codes = trial.station.inverter_file.region_codes
    found = trial.station.inverter.read_settings().get("region")
    if found is None:
        raise NotTested(f"{requirement.id}: this inverter does not expose the region it is set to")
    if region not in codes:
        raise NotTested(
            f"{requirement.id}: the inverter file states no region code for {region or 'this grid code'}"
        )
    code = Decimal(codes[region])
    trial.judge(exact_value("region code as reported", found), exact_code(requirement, code))


def judge_settings(trial: Trial, requirement: Requirement, rows: Sequence[Requirement]) -> None:
    """Judge every setting the rows state that the inverter exposes; note the others.

    Raises:
        NotTested: it exposes none of them.
    """
    nominal = Nominal(trial.method.nominal_voltage_v, trial.method.nominal_frequency_hz)
    reported = trial.station.inverter.read_settings()
    for finding in compare(expected_settings(rows), reported, nominal):
        expected, found = finding.expected, finding.found
        if found is None:
            trial.evidence.note(f"{expected.what}: this inverter does not expose it")
            continue
        limit = permitted_value(
            expected, found, requirement.id, largest_step(requirement, found.unit)
        )
        trial.judge(reported_value(expected, found), limit)
    if not trial.verdicts:
        raise NotTested(f"{requirement.id}: this inverter exposes none of the settings")


def judge_lock(trial: Trial, requirement: Requirement) -> None:
    """Try to change a setting without authorisation; judge the change, and take back what took effect.

    The observation time is made longer: should the write succeed, nothing becomes less safe.

    Raises:
        NotTested: the inverter does not expose the setting, or nothing may be written to it.
        ReadBackMismatch: a write that took effect could not be taken back.
    """
    inverter = trial.station.inverter
    before = _observation(trial, requirement)
    try:
        refusal = inverter.try_observation(before.value + ATTEMPT_S)
    except WriteForbidden as error:
        raise NotTested(f"{requirement.id}: {error}") from error
    trial.evidence.note(f"observation time + {ATTEMPT_S:g} s: {refusal or 'acknowledged'}")
    after = _observation(trial, requirement)
    if after != before:
        inverter.try_observation(before.value)
        _require_restored(before, _observation(trial, requirement))
    change = replace(after, value=abs(after.value - before.value))
    limit = requirement.limit("change of a setting without authorisation", upper="change_max")
    trial.judge(exact_value("change of the observation time", change), limit)


def _observation(trial: Trial, requirement: Requirement) -> SettingValue:
    settings = trial.station.inverter.read_settings()
    if OBSERVATION not in settings:
        raise NotTested(f"{requirement.id}: this inverter exposes no observation time to try")
    return settings[OBSERVATION]


def _require_restored(before: SettingValue, now: SettingValue) -> None:
    if now != before:
        raise ReadBackMismatch(
            f"the observation time was {before.value:g} s, a trial made it {now.value:g} s and could not "
            f"put it back. Set it to {before.value:g} s by hand"
        )
