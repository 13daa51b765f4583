"""Limits and measurements: what they refuse, and that evidence gives back what was written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from math import inf
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.verdicts.uncertainty import BudgetLine, combine, rectangular
from bench.verdicts.verdict import (
    FOUR_BANDS,
    GUARDED,
    SIMPLE,
    DecisionRule,
    Limit,
    Measurement,
    judge,
    limit_from_json,
    limit_to_json,
    measurement_from_json,
    measurement_to_json,
    verdict_from_json,
    verdict_to_json,
)
from instruments.errors import EvidenceError

DECIMALS = st.decimals(-(10**6), 10**6, allow_nan=False)
BUDGET = (
    BudgetLine("analyser", rectangular(0.415), "V"),
    BudgetLine("repeats", 0.1 / 3, "V", 4.0, -1.5),
)


def make_limit(**changes: Any) -> Limit:
    fields: dict[str, Any] = {
        "requirement": "OV2",
        "quantity": "trip time",
        "unit": "s",
        "lower": Decimal("1.0"),
        "upper": Decimal("2.00"),
        "clause": "4.4",
        "source": "AS/NZS 4777.2",
        "status": "provisional",
        "max_uncertainty": Decimal("0.02"),
    }
    return Limit(**{**fields, **changes})


def make_measurement(**changes: Any) -> Measurement:
    fields: dict[str, Any] = {
        "measurand": "disconnection time",
        "value": Decimal("1.620"),
        "unit": "s",
        "expanded_uncertainty": Decimal("0.0082"),
        "coverage_factor": Decimal("2.09"),
        "method": "recorded voltage step to end of current",
        "recording": "recordings/voltage_trip-OV2-01.h5",
        "interval": (Decimal("1.615"), Decimal("1.625")),
        "budget": BUDGET,
    }
    return Measurement(**{**fields, **changes})


def through_json(document: Mapping[str, Any]) -> Any:
    return json.loads(json.dumps(document, allow_nan=False))


# -- refusals ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"lower": None, "upper": None}, "at least one side"),
        ({"lower": Decimal("2.1")}, "lower 2.1 is above upper 2.00 s"),
        ({"upper": Decimal("NaN")}, "NaN s in a limit"),
        ({"upper": Decimal("Infinity")}, "Infinity s in a limit"),
        ({"max_uncertainty": Decimal("NaN")}, "NaN s in a limit"),
        ({"status": "rumoured"}, "status 'rumoured'"),
    ],
)
def test_a_limit_nothing_can_be_held_against_is_refused(
    changes: Mapping[str, Any], says: str
) -> None:
    with pytest.raises(ValueError, match=says):
        make_limit(**changes)


def test_a_limit_may_permit_a_single_value() -> None:
    assert str(make_limit(lower=Decimal("2.00"))) == "≥ 2.00 s and ≤ 2.00 s"


def test_an_unknown_kind_of_bound_is_refused() -> None:
    with pytest.raises(ValueError, match="censored 'roughly'"):
        make_measurement(censored="roughly")


# -- floats become the decimals they are written as --------------------------------------------


def of(value: float) -> Measurement:
    uncertainty = combine([BudgetLine("any", 0.1, "s")])
    return Measurement.of("time", value, "s", uncertainty, method="any", interval=(value, value))


def test_a_float_becomes_its_shortest_decimal() -> None:
    assert of(0.1).value == Decimal("0.1")


def test_a_numpy_float_becomes_the_same_decimal() -> None:
    assert of(np.float64(0.1)) == of(0.1)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_no_float_loses_a_bit(value: float) -> None:
    assert float(of(value).value) == value


# -- evidence ----------------------------------------------------------------------------------


@given(
    st.builds(
        make_limit,
        lower=st.decimals(-(10**6), 0, allow_nan=False),
        upper=st.one_of(st.none(), st.decimals(0, 10**6, allow_nan=False)),
        max_uncertainty=st.one_of(st.none(), DECIMALS),
    )
)
def test_a_limit_comes_back_digit_for_digit(limit: Limit) -> None:
    back = limit_from_json(through_json(limit_to_json(limit)))
    assert (back, repr(back)) == (limit, repr(limit))


@given(
    st.builds(
        make_measurement,
        value=DECIMALS,
        expanded_uncertainty=DECIMALS,
        coverage_factor=DECIMALS,
        recording=st.one_of(st.none(), st.text()),
        censored=st.sampled_from([None, "at least", "at most"]),
        interval=st.one_of(st.none(), st.tuples(DECIMALS, DECIMALS)),
        budget=st.lists(
            st.builds(
                BudgetLine,
                st.text(),
                st.floats(0, 1e9),
                st.just("s"),
                st.one_of(st.just(inf), st.floats(1, 1e9)),
                st.floats(-1e9, 1e9),
            ),
            max_size=3,
        ).map(tuple),
    )
)
def test_a_measurement_comes_back_digit_for_digit(measurement: Measurement) -> None:
    back = measurement_from_json(through_json(measurement_to_json(measurement)))
    assert (back, repr(back)) == (measurement, repr(measurement))


def test_the_numbers_that_decide_are_texts() -> None:
    document = measurement_to_json(make_measurement())
    assert (document["value"], document["expanded_uncertainty"]) == ("1.620", "0.0082")
    assert document["interval"] == ["1.615", "1.625"]


@pytest.mark.parametrize("rule", [SIMPLE, GUARDED, FOUR_BANDS], ids=lambda rule: rule.id)
@pytest.mark.parametrize(
    "measurement",
    [
        make_measurement(),
        make_measurement(value=Decimal("1.995")),
        make_measurement(value=Decimal("15"), censored="at least"),
        make_measurement(expanded_uncertainty=Decimal("0.03")),
        make_measurement(expanded_uncertainty=Decimal("-0.03")),
    ],
    ids=["pass", "near the edge", "bound", "inconclusive", "invalid"],
)
def test_a_verdict_comes_back_as_it_was(rule: DecisionRule, measurement: Measurement) -> None:
    verdict = judge(measurement, make_limit(), rule)
    assert verdict_from_json(through_json(verdict_to_json(verdict))) == verdict


def test_a_verdict_on_nothing_measured_can_be_written() -> None:
    verdict = judge(make_measurement(value=Decimal("NaN")), make_limit(), SIMPLE)
    back = verdict_from_json(through_json(verdict_to_json(verdict)))
    assert repr(back) == repr(verdict)


@pytest.mark.parametrize(
    "changes",
    [
        {"value": "fast"},
        {"value": None},
        {"interval": ["1"]},
        {"budget": [{"source": "analyser"}]},
        {"censored": "roughly"},
    ],
)
def test_a_document_that_is_no_measurement_is_evidence_trouble(changes: Mapping[str, Any]) -> None:
    document = {**measurement_to_json(make_measurement()), **changes}
    with pytest.raises(EvidenceError, match="no measurement can be read"):
        measurement_from_json(document)


@pytest.mark.parametrize("key", ["value", "unit", "coverage_factor", "budget"])
def test_a_missing_field_is_named(key: str) -> None:
    document = measurement_to_json(make_measurement())
    del document[key]
    with pytest.raises(EvidenceError, match=key):
        measurement_from_json(document)


def test_a_verdict_by_an_unknown_rule_is_evidence_trouble() -> None:
    document = verdict_to_json(judge(make_measurement(), make_limit(), SIMPLE))
    with pytest.raises(EvidenceError, match="no verdict can be read"):
        verdict_from_json({**document, "rule": "generous"})
