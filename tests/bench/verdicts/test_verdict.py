"""Verdicts: the agreed table, properties that hold for every value, and what cannot be judged."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal, localcontext

import pytest

from bench.verdicts.verdict import (
    FOUR_BANDS,
    GUARDED,
    SIMPLE,
    Censoring,
    DecisionRule,
    Limit,
    Outcome,
    Verdict,
    decision_rule,
    judge,
    limit_to_json,
    measurement_to_json,
    worst,
)
from tests.bench.verdicts.cases import FAIL, INCONCLUSIVE, PASS, RULES, limit, measured

#  row    y         U         lower    upper    simple    guarded           four bands        p_c
TABLE = """
   T1     1.620     0.0082    1.0      2.0      pass      pass              pass              1.00000
   T2     1.9918    0.0082    1.0      2.0      pass      pass              pass              0.97725
   T3     1.9919    0.0082    1.0      2.0      pass      fail              conditional-pass  0.97590
   T4     2.0000    0.0082    1.0      2.0      pass      fail              conditional-pass  0.50000
   T5     2.0001    0.0082    1.0      2.0      fail      fail              conditional-fail  0.49027
   T6     2.0082    0.0082    1.0      2.0      fail      fail              conditional-fail  0.02275
   T7     2.0083    0.0082    1.0      2.0      fail      fail              fail              0.02147
   T8     0.9990    0.0082    1.0      2.0      fail      fail              conditional-fail  0.40365
   T9     1.5       0.5       1.0      2.0      pass      pass              pass              0.95450
   T10    1.5       0.51      1.0      2.0      pass      inconclusive      inconclusive      0.95010
   V1     264.75    0.56      263.0    267.0    pass      pass              pass              1.00000
   V2     263.55    0.56      263.0    267.0    pass      fail              conditional-pass  0.97525
   V3     263.56    0.56      263.0    267.0    pass      pass              pass              0.97725
   V4     262.44    0.56      263.0    267.0    fail      fail              conditional-fail  0.02275
   V5     262.43    0.56      263.0    267.0    fail      fail              fail              0.02089
   F1     0.2       0.1       -        0.3      pass      pass              pass              0.97725
   P1     4009.0    12.3      -        4000     fail      fail              conditional-fail  0.07168
   P2     4020.0    12.3      -        4000     fail      fail              fail              0.00057
"""
ROWS = [line.split() for line in TABLE.strip().splitlines()]
CASES = [
    pytest.param(y, u, lower, upper, rule, Outcome(word.replace("-", " ")), id=f"{row}-{rule.id}")
    for row, y, u, lower, upper, *words, _ in ROWS
    for rule, word in zip(RULES, words, strict=True)
]


def row_limit(lower: str, upper: str) -> Limit:
    return limit(None if lower == "-" else lower, upper)


@pytest.mark.parametrize(("y", "u", "lower", "upper", "rule", "outcome"), CASES)
def test_the_agreed_table_holds(
    y: str, u: str, lower: str, upper: str, rule: DecisionRule, outcome: Outcome
) -> None:
    assert judge(measured(y, u), row_limit(lower, upper), rule).outcome is outcome


@pytest.mark.parametrize(
    ("y", "u", "lower", "upper", "probability"),
    [pytest.param(*row[1:5], row[-1], id=row[0]) for row in ROWS],
)
def test_the_probability_of_conformity_is_the_tables(
    y: str, u: str, lower: str, upper: str, probability: str
) -> None:
    found = judge(measured(y, u), row_limit(lower, upper), SIMPLE).probability_of_conformity
    assert f"{found:.5f}" == probability


@pytest.mark.parametrize(
    ("y", "u", "lower", "upper", "word"),
    [pytest.param(*row[1:5], row[-2], id=row[0]) for row in ROWS if row[0] != "T10"],
)
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_rule_names_the_same_band(
    y: str, u: str, lower: str, upper: str, word: str, rule: DecisionRule
) -> None:
    band = judge(measured(y, u), row_limit(lower, upper), rule).band
    assert band is Outcome(word.replace("-", " "))


def test_decimals_decide_where_floats_would_not() -> None:
    """0.3 - 0.1 is below 0.2 for floats; the value lies exactly on the acceptance limit."""
    assert 0.3 - 0.1 < 0.2
    found = judge(measured("0.2", "0.1"), limit(None, "0.3"), GUARDED)
    assert found.outcome is PASS
    assert found.acceptance_upper == Decimal("0.2")


@pytest.mark.parametrize(
    ("value", "expanded", "outcomes"),
    [
        ("2", "0.1", (FAIL, FAIL, Outcome.CONDITIONAL_FAIL)),
        ("1.9", "0.1", (PASS, FAIL, Outcome.CONDITIONAL_PASS)),
        ("1.8999", "0.1", (PASS, PASS, PASS)),
        ("2.1", "0.1", (FAIL, FAIL, FAIL)),
        ("2.0999", "0.1", (FAIL, FAIL, Outcome.CONDITIONAL_FAIL)),
        ("1.5", "0.5", (PASS, INCONCLUSIVE, INCONCLUSIVE)),
    ],
)
def test_an_edge_that_is_not_permitted_itself_belongs_to_the_worse_band(
    value: str, expanded: str, outcomes: tuple[Outcome, ...]
) -> None:
    permitted = replace(limit("1.0", "2"), inclusive=False)
    found = tuple(judge(measured(value, expanded), permitted, rule).outcome for rule in RULES)
    assert found == outcomes


def test_a_verdict_names_the_hash_of_everything_it_was_made_from() -> None:
    value, permitted = measured("1.5", "0.1"), limit("1.0", "2.0")
    document = {
        "measurement": measurement_to_json(value),
        "limit": limit_to_json(permitted),
        "rule": SIMPLE.to_json(),
        "invalid_reasons": ["not settled"],
    }
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    found = judge(value, permitted, SIMPLE, ["not settled"])
    assert found.inputs_sha256 == hashlib.sha256(text.encode()).hexdigest()


def test_any_other_input_gives_another_hash() -> None:
    value, permitted = measured("1.5", "0.1"), limit("1.0", "2.0")
    verdicts = [
        judge(value, permitted, SIMPLE),
        judge(measured("1.50", "0.1"), permitted, SIMPLE),
        judge(value, limit("1.0", "2.01"), SIMPLE),
        judge(value, permitted, GUARDED),
        judge(value, permitted, SIMPLE, ["not settled"]),
    ]
    assert len({verdict.inputs_sha256 for verdict in verdicts}) == len(verdicts)


def test_a_value_is_not_rounded_before_deciding() -> None:
    value = "2.00000000000000000000000000000000001"
    assert judge(measured(value, "0.01"), limit(None, "2"), SIMPLE).outcome is FAIL


def test_the_callers_decimal_precision_changes_no_verdict() -> None:
    with localcontext(prec=2):
        found = judge(measured("1.9919", "0.0082"), limit("1.0", "2.0"), GUARDED)
    assert found.outcome is FAIL
    assert found.acceptance_upper == Decimal("1.9918")


def test_margins_count_to_the_nearest_edge_in_units_and_in_uncertainties() -> None:
    found = judge(measured("1.9", "0.05"), limit("1.0", "2.0"), SIMPLE)
    assert (found.margin, found.margin_in_uncertainties) == (Decimal("0.1"), 2)


def test_a_margin_outside_is_negative() -> None:
    found = judge(measured("0.9", "0.05"), limit("1.0", "2.0"), SIMPLE)
    assert (found.margin, found.margin_in_uncertainties) == (Decimal("-0.1"), -2)


@pytest.mark.parametrize(("value", "probability"), [("2", 1), ("2.1", 0)])
def test_without_uncertainty_conformity_is_certain_or_excluded(
    value: str, probability: int
) -> None:
    found = judge(measured(value, "0"), limit("1.0", "2"), GUARDED)
    assert found.probability_of_conformity == probability
    assert found.margin_in_uncertainties is None


# -- what cannot be judged ---------------------------------------------------------------------


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
@pytest.mark.parametrize(
    ("value", "expanded", "factor", "names"),
    [
        ("NaN", "0.1", "2", "the value NaN"),
        ("sNaN", "0.1", "2", "the value sNaN"),
        ("Infinity", "0.1", "2", "the value Infinity"),
        ("1.5", "NaN", "2", "the expanded uncertainty NaN"),
        ("1.5", "Infinity", "2", "the expanded uncertainty Infinity"),
        ("1.5", "-0.1", "2", "the expanded uncertainty -0.1"),
        ("1.5", "0.1", "0", "the coverage factor 0"),
        ("1.5", "0.1", "NaN", "the coverage factor NaN"),
    ],
)
def test_a_number_that_is_none_is_invalid_and_named(
    rule: DecisionRule, value: str, expanded: str, factor: str, names: str
) -> None:
    found = judge(measured(value, expanded, factor), limit("1.0", "2.0"), rule)
    assert found.outcome is Outcome.INVALID
    assert names in found.reasons[0]
    assert found.probability_of_conformity is None


def test_a_reason_for_invalidity_outranks_a_clear_fail() -> None:
    found = judge(measured("9", "0.01"), limit(None, "2.0"), SIMPLE, ["range exceeded"])
    assert (found.outcome, found.reasons) == (Outcome.INVALID, ("range exceeded",))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
@pytest.mark.parametrize("value", ["1.5", "9"])
def test_too_large_an_uncertainty_decides_nothing(rule: DecisionRule, value: str) -> None:
    found = judge(measured(value, "0.0201"), limit("1.0", "2.0", max_uncertainty="0.02"), rule)
    assert found.outcome is INCONCLUSIVE
    assert "0.0201" in found.reasons[0]
    assert "0.02" in found.reasons[0]


def test_the_largest_permitted_uncertainty_is_permitted() -> None:
    permitted = limit("1.0", "2.0", max_uncertainty="0.02")
    assert judge(measured("1.5", "0.020"), permitted, SIMPLE).outcome is PASS


def test_units_that_differ_are_refused() -> None:
    milliseconds = replace(measured("1500", "1"), unit="ms")
    with pytest.raises(ValueError, match="measured in ms, limited in s"):
        judge(milliseconds, limit(None, "2.0"), SIMPLE)


# -- a value of which only a bound is known ----------------------------------------------------


@pytest.mark.parametrize(
    ("bound", "value", "lower", "upper", "outcome"),
    [
        ("at least", "15", None, "2", FAIL),
        ("at least", "15", "1", "2", FAIL),
        ("at least", "2.01", None, "2", FAIL),
        ("at least", "2.005", None, "2", INCONCLUSIVE),
        ("at least", "1.5", "1", "2", INCONCLUSIVE),
        ("at least", "1.5", None, "2", INCONCLUSIVE),
        ("at least", "60.5", "60", None, PASS),
        ("at least", "59.5", "60", None, INCONCLUSIVE),
        ("at most", "0.5", "1", None, FAIL),
        ("at most", "0.5", "1", "2", FAIL),
        ("at most", "0.995", "1", None, INCONCLUSIVE),
        ("at most", "1.5", "1", "2", INCONCLUSIVE),
        ("at most", "1.5", None, "2", PASS),
        ("at most", "2.5", None, "2", INCONCLUSIVE),
    ],
)
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_bound_decides_only_what_no_value_beyond_it_could_change(
    rule: DecisionRule,
    bound: Censoring,
    value: str,
    lower: str | None,
    upper: str | None,
    outcome: Outcome,
) -> None:
    found = judge(measured(value, "0.009", censored=bound), limit(lower, upper), rule)
    assert found.outcome is outcome


@pytest.mark.parametrize(
    ("rule", "outcome"), [(SIMPLE, PASS), (GUARDED, INCONCLUSIVE), (FOUR_BANDS, INCONCLUSIVE)]
)
def test_a_bound_passes_by_the_acceptance_limit_of_the_rule(
    rule: DecisionRule, outcome: Outcome
) -> None:
    found = judge(measured("60.1", "0.2", censored="at least"), limit("60", None), rule)
    assert found.outcome is outcome


def test_a_bound_far_beyond_the_limit_fails_however_uncertain_it_is() -> None:
    never_tripped = measured("15", "0.05", censored="at least")
    assert judge(never_tripped, limit(None, "2", "0.02"), SIMPLE).outcome is FAIL


def test_a_bound_with_too_large_an_uncertainty_never_passes() -> None:
    vague = measured("90", "1", censored="at least")
    assert judge(vague, limit("60", None, "0.5"), SIMPLE).outcome is INCONCLUSIVE


def test_a_bound_has_no_probability_of_conformity() -> None:
    found = judge(measured("90", "1", censored="at least"), limit("60", None), SIMPLE)
    assert (found.outcome, found.probability_of_conformity) == (PASS, None)


# -- several verdicts, rules, words ------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ([], "not tested"),
        (["pass"], "pass"),
        (["pass", "conditional pass"], "conditional pass"),
        (["conditional pass", "not tested"], "not tested"),
        (["not tested", "inconclusive"], "inconclusive"),
        (["inconclusive", "invalid"], "invalid"),
        (["invalid", "conditional fail"], "conditional fail"),
        (["conditional fail", "fail"], "fail"),
        (["not applicable", "pass"], "pass"),
        (["not applicable", "not applicable"], "not applicable"),
    ],
)
def test_the_worst_outcome_wins(outcomes: Sequence[str], expected: str) -> None:
    assert worst(Outcome(word) for word in outcomes) is Outcome(expected)
    assert worst(Outcome(word) for word in reversed(outcomes)) is Outcome(expected)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_is_found_by_its_name(rule: DecisionRule) -> None:
    assert decision_rule(rule.id) is rule


def test_a_verdict_reads_as_a_sentence_with_rounded_numbers() -> None:
    verdict: Verdict = judge(measured("2.0151234", "0.00813"), limit(None, "2.0"), SIMPLE)
    assert str(verdict) == "OV2 trip time: fail: 2.0151 s ± 0.0081 s, limit ≤ 2.0 s"


def test_a_verdict_on_a_bound_says_that_it_is_one() -> None:
    verdict = judge(measured("15", "0.01", censored="at least"), limit(None, "2.0"), SIMPLE)
    assert "at least 15.000 s" in str(verdict)
