"""The cases and regimes that ship: complete, consistent, each step long enough for what it judges."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.export_limits.case import FAMILIES, LOWER, SOFT_AND_HARD, UPPER, Case, Step, read_case
from bench.export_limits.conditions import Conditions, scale_of, walk
from bench.export_limits.regime import CASES, find_regime, load_regime, with_regime
from bench.grid_code.applicability import inapplicable
from bench.grid_code.profile import KINDS
from bench.paths import EXPORT_REGIMES, ROOT
from bench.programs.courses import COURSES
from bench.stations.equipment import not_commandable
from bench.stations.station_file import load_inverter
from bench.toml_file import read_toml
from bench.verdicts.expected_budgets import KINDS as BUDGETED
from instruments.errors import ConfigurationError
from tests.bench.grid_code_files import region

INVERTERS = ROOT / "profiles/inverters"
NAMES = sorted(path.stem for path in EXPORT_REGIMES.glob("*.toml") if not path.stem.endswith(CASES))
TABLE = {
    case.id: case
    for table in ("cases.toml", "utility_cases.toml")
    for case in map(read_case, read_toml(EXPORT_REGIMES / table).tables("case"))
}
PROPOSED = (
    *(f"ST-{n:02}" for n in range(1, 8)),
    *(f"DY-{n:02}" for n in range(1, 12)),
    *(f"RA-{n:02}" for n in range(1, 7)),
    *(f"LF-{n:02}" for n in range(1, 9)),
    *(f"SC-{n:02}" for n in range(1, 8)),
    *(f"CL-{n:02}" for n in range(1, 12)),
    *(f"IV-{n:02}" for n in range(1, 8)),
    *("EN-01", "3P-01", "3P-02", "3P-03", "3P-04", "MI-01", "IX-01", "IX-02", "EX-01", "CAP-01"),
)
"""Every case that was proposed for such tests; each is implemented or has its reason."""
RATED_W, RISE_W_PER_S = 10_000.0, 10_000.0 * 0.1667 / 60
COMMENCED_S, STEADY_S = 15.0, 8.0


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_regime_states_a_source_for_every_number(name: str) -> None:
    regime = load_regime(find_regime(name))
    assert all(number.source and number.status for number in regime.numbers.values())
    assert regime.cases


@pytest.mark.parametrize("name", NAMES)
def test_a_regime_adds_its_cases_behind_the_requirements_of_the_grid_code(name: str) -> None:
    base = region("A")
    code = with_regime(base, name)
    added = code.requirements[len(base.requirements) :]
    assert [row.id for row in added] == [case.id for case in load_regime(find_regime(name)).cases]
    assert [layer.kind for layer in code.layers[-2:]] == ["export limits", "export cases"]


def test_every_family_has_a_course_budgets_and_a_procedure() -> None:
    for family in FAMILIES:
        assert family in KINDS
        assert family in COURSES
        assert family in BUDGETED
        assert (ROOT / f"test_procedures/test_{family}.py").is_file()


def test_every_case_is_asked_for_by_a_regime() -> None:
    asked = {case.id for name in NAMES for case in load_regime(find_regime(name)).cases}
    assert asked == set(TABLE)


def test_every_proposed_case_is_there_or_has_its_reason() -> None:
    page = (ROOT / "docs/export_limits.md").read_text(encoding="utf-8")
    missing = [name for name in PROPOSED if f"EXL-{name}" not in TABLE]
    assert [name for name in missing if name not in page] == []


def lowest_rise_s(before: Conditions, after: Conditions) -> float:
    """Return how long power rises at the gradient from one step's target to the next."""
    powers = [
        conditions.expected_w(RATED_W, sum(conditions.loads_w)) if conditions.connected else 0.0
        for conditions in (before, after)
    ]
    return 1.1 * max(0.0, powers[1] - powers[0]) / RISE_W_PER_S


@pytest.mark.parametrize("name", NAMES)
def test_a_step_that_is_judged_for_what_it_lacks_lasts_long_enough(name: str) -> None:
    for row in load_regime(find_regime(name)).requirements():
        assert row.case is not None
        steps = list(walk(row.case, scale_of(row, RATED_W), 3))
        before = Conditions()
        for step, conditions in steps:
            arrival_s = max(COMMENCED_S, lowest_rise_s(before, conditions))
            if LOWER in step.judged and not step.reverts_after_s:
                assert step.hold_s >= arrival_s + STEADY_S, (row.id, step)
            if UPPER in step.judged and step.grace_s is None:
                assert step.hold_s > COMMENCED_S + 3, (row.id, step)
            before = conditions


def test_limits_in_watts_beyond_the_rating_are_commanded_once() -> None:
    regime = load_regime(find_regime("sapn_flexible"))
    ladder = next(row for row in regime.requirements() if row.id == "EXL-DY-01")
    assert ladder.case is not None
    small = [one.export_w for _, one in walk(ladder.case, scale_of(ladder, 5000.0), 1)]
    large = [one.export_w for _, one in walk(ladder.case, scale_of(ladder, 10_000.0), 3)]
    assert small == [10_000.0, 5000.0, 1500.0, 500.0, 0.0]
    assert large == [10_000.0, 7500.0, 5000.0, 1500.0, 500.0, 0.0]


def test_a_limit_that_does_not_bind_is_lowered_to_half_the_rating() -> None:
    regime = load_regime(find_regime("new_zealand_static_10kw"))
    row = next(row for row in regime.requirements() if row.id == "EXL-ST-01")
    assert scale_of(row, 5000.0).limit_w == 2500.0
    assert scale_of(row, 30_000.0).limit_w == 10_000.0


def test_a_limit_of_each_phase_cannot_be_judged_for_what_is_missing(tmp_path: Path) -> None:
    file = tmp_path / "cases.toml"
    file.write_text(
        '[[case]]\nid = "X"\ntitle = "x"\nfamily = "export_phases"\nbasis = "x"\neach_phase = true\n'
        'steps = [{ export = "30 %", hold_s = 60 }]\n',
        encoding="utf-8",
    )
    with pytest.raises(ConfigurationError, match="lower"):
        read_case(read_toml(file).tables("case")[0])


def test_limits_of_the_sum_and_of_each_phase_concern_different_inverters() -> None:
    plain, each = (
        load_inverter(INVERTERS / name)
        for name in ("reference_10kva.toml", "reference_per_phase_10kva.toml")
    )
    rows = {row.id: row for row in load_regime(find_regime("new_zealand_dynamic")).requirements()}
    of_sum, of_each = rows["EXL-3P-01"], rows["EXL-3P-02"]
    assert inapplicable(of_sum, plain) is None
    assert inapplicable(of_each, each) is None
    assert "limits_each_phase" in str(inapplicable(of_sum, each))
    assert "limits_each_phase" in str(inapplicable(of_each, plain))


def test_what_a_case_takes_follows_from_its_steps() -> None:
    assert TABLE["EXL-CL-07"].equipment == ("site_meter", "islanding_load", "meter_line")
    assert TABLE["EXL-LF-05"].equipment == ("islanding_load",)
    assert TABLE["EXL-CL-04"].needs == ("limit of active power", "reversion")
    assert TABLE["EXL-DY-01"].needs == ("limit of export",)
    assert TABLE["EXL-DY-07"].needs == ("limit of export", "static limit of export")
    assert TABLE["EXL-DY-07"].equipment == ("site_meter",)
    assert TABLE["EXL-ST-07"].needs == ("hard limit of export", "limit of export", SOFT_AND_HARD)
    assert TABLE["EXL-ST-05"].needs == ("hard limit of export",)


def test_an_inverter_with_one_block_for_soft_and_hard_says_what_it_lacks() -> None:
    row = next(
        row
        for row in load_regime(find_regime("new_zealand_dynamic")).requirements()
        if row.id == "EXL-ST-06"
    )
    one_block = load_inverter(INVERTERS / "reference_single_phase_5kva.toml")
    assert SOFT_AND_HARD in str(not_commandable(row, one_block))
    assert not_commandable(row, load_inverter(INVERTERS / "reference_10kva.toml")) is None


@pytest.mark.parametrize(
    ("storage_w", "sun", "expected_w"),
    [(5000.0, 0.2, 6000.0), (1000.0, 0.2, 3000.0), (0.0, 1.0, 6000.0)],
)
def test_a_store_can_give_no_more_than_it_has(
    storage_w: float, sun: float, expected_w: float
) -> None:
    conditions = Conditions(discharge_w=6000.0, sun=sun)
    assert conditions.expected_w(RATED_W, 0.0, storage_w) == expected_w


@pytest.mark.parametrize(("static_w", "expected_w"), [(None, 3000.0), (2000.0, 2000.0)])
def test_of_two_limits_of_export_the_lower_one_leaves_the_power(
    static_w: float | None, expected_w: float
) -> None:
    conditions = Conditions(export_w=3000.0, static_export_w=static_w)
    assert conditions.total_export_w == expected_w
    assert conditions.expected_w(RATED_W, 500.0) == expected_w + 500.0


def own_regime(directory: Path, **changes: str) -> Path:
    """Write a copy of a shipped regime with something replaced."""
    text = (EXPORT_REGIMES / "zero_export.toml").read_text(encoding="utf-8")
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    file = directory / "mine.toml"
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"EXL-LF-04"', '"EXL-XX-99"', "EXL-XX-99"),
        ('ramp_policy = "gradient"', 'ramp_policy = "soft15"', "gradient"),
        ("tolerance_w", "tolerance_x", "tolerance_x"),
        ('point = "site"', 'point = "moon"', "moon"),
    ],
)
def test_a_regime_that_is_wrong_is_refused_with_the_word(
    old: str, new: str, said: str, tmp_path: Path
) -> None:
    with pytest.raises(ConfigurationError, match=said):
        load_regime(own_regime(tmp_path, **{old: new}))


def test_a_laboratory_adds_a_case_of_its_own(tmp_path: Path) -> None:
    file = own_regime(tmp_path, **{'"EXL-LF-04"': '"MINE-1"'})
    with file.open("a", encoding="utf-8") as stream:
        stream.write(
            '\n[[case]]\nid = "MINE-1"\ntitle = "A kettle"\nfamily = "export_load"\nbasis = "own"\n'
            'steps = [{ export = "limit", hold_s = 60 }, { load = ["2000 W", "0 W"], hold_s = 75 }]\n'
        )
    regime = load_regime(file)
    case: Case = next(case for case in regime.cases if case.id == "MINE-1")
    steps: list[Step] = list(case.steps)
    assert [step.hold_s for step in steps] == [60.0, 75.0, 75.0]


@pytest.mark.parametrize(
    "step",
    [
        '{ export = "lots", hold_s = 5 }',
        '{ load = ["1 W", "2 W"], export = ["1 W"], hold_s = 5 }',
        '{ export = "1 W" }',
        '{ meter = "tired", hold_s = 5 }',
        '{ wind = "1 W", hold_s = 5 }',
    ],
)
def test_a_step_that_says_nothing_known_is_refused(step: str, tmp_path: Path) -> None:
    file = tmp_path / "cases.toml"
    file.write_text(
        f'[[case]]\nid = "X"\ntitle = "x"\nfamily = "export_load"\nbasis = "x"\nsteps = [{step}]\n',
        encoding="utf-8",
    )
    with pytest.raises(ConfigurationError):
        read_case(read_toml(file).tables("case")[0])
