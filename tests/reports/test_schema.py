"""The published schema accepts what the bench writes and refuses what is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from bench.verdicts.measurement import Limit, Measurement
from bench.verdicts.verdict import FOUR_BANDS, GUARDED, SIMPLE, judge, verdict_to_json
from instruments.errors import EvidenceError
from reports.results import SCHEMA_FILE, check_results
from tests.reports.sample_run import full_run

SCHEMA = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
Document = dict[str, Any]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Document:
    return full_run(tmp_path_factory.mktemp("schema") / "run").results()


@pytest.fixture
def document(written: Document) -> Document:
    """A valid results document of one's own, to be spoiled."""
    return deepcopy(written)


def test_the_schema_itself_is_valid() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def objects(schema: Any) -> list[Document]:
    """Return every part of a schema that describes an object by its properties."""
    if isinstance(schema, list):
        return [found for item in schema for found in objects(item)]
    if not isinstance(schema, dict):
        return []
    own = [schema] if schema.get("type") == "object" else []
    return own + [found for item in schema.values() for found in objects(item)]


def test_no_object_of_the_schema_takes_just_anything() -> None:
    assert len(objects(SCHEMA)) > 15
    assert [item for item in objects(SCHEMA) if "additionalProperties" not in item] == []


def first_trial(document: Document) -> Document:
    trial: Document = document["trials"][0]
    return trial


SPOILINGS: dict[str, Callable[[Document], Any]] = {
    "an unknown key": lambda d: d.update(extra=1),
    "another version": lambda d: d.update(schema_version="2.0"),
    "no statement": lambda d: d.pop("statement"),
    "an invented outcome": lambda d: d.update(outcome="green"),
    "exit code 2": lambda d: d.update(exit_code=2),
    "a number for a decimal": lambda d: first_trial(d)["verdicts"][0].update(margin=0.1),
    "a passed verdict of a value that is no number": lambda d: first_trial(d)["verdicts"][0][
        "measurement"
    ].update(value="NaN"),
    "a passed verdict without limit": lambda d: first_trial(d)["verdicts"][0].pop("limit"),
    "a limit without edges": lambda d: first_trial(d)["verdicts"][0]["limit"].update(upper=None),
    "an invalid verdict without reason": lambda d: first_trial(d)["verdicts"][0].update(
        outcome="invalid"
    ),
    "an untested requirement without reason": lambda d: d["requirements"][3].update(reason=None),
    "an invalid trial without reason": lambda d: first_trial(d).update(outcome="invalid"),
    "an unknown status": lambda d: d["requirements"][0]["limits"][0].update(status="sure"),
    "a short hash": lambda d: first_trial(d)["files"][0].update(sha256="abc"),
    "a path out of the run": lambda d: first_trial(d)["plots"][0].update(file="../secret.h5"),
    "an absolute path": lambda d: first_trial(d)["files"][0].update(path="/etc/passwd"),
    "a negative hold": lambda d: first_trial(d)["stimuli"][0]["steps"][0].update(hold_s=-1),
    "a missing count": lambda d: d["counts"].pop("fail"),
}


@pytest.mark.parametrize("spoil", SPOILINGS.values(), ids=SPOILINGS.keys())
def test_a_document_is_refused_with(spoil: Callable[[Document], Any], document: Document) -> None:
    check_results(document)
    spoil(document)
    assert not Draft202012Validator(SCHEMA).is_valid(document)
    with pytest.raises(EvidenceError, match=r"results document, \$"):
        check_results(document)


numbers = st.decimals(min_value=-100, max_value=100, places=6)
odd_numbers = numbers | st.sampled_from([Decimal("NaN"), Decimal("Infinity"), Decimal("1E-9")])


@given(
    value=odd_numbers,
    uncertainty=odd_numbers,
    edges=st.lists(numbers, min_size=2, max_size=2).map(sorted),
    sides=st.sampled_from([(True, True), (True, False), (False, True)]),
    censored=st.sampled_from([None, "at least", "at most"]),
    rule=st.sampled_from([SIMPLE, GUARDED, FOUR_BANDS]),
)
def test_every_verdict_the_bench_can_reach_is_accepted(
    value: Decimal,
    uncertainty: Decimal,
    edges: list[Decimal],
    sides: tuple[bool, bool],
    censored: Any,
    rule: Any,
) -> None:
    measurement = Measurement(
        "trip time", value, "s", uncertainty, Decimal(2), "method", censored=censored
    )
    lower, upper = (edge if given else None for edge, given in zip(edges, sides, strict=True))
    limit = Limit("OV1", "trip time", "s", lower, upper, "4.1", "", "published", None)
    verdict = {"requirement": "OV1", **verdict_to_json(judge(measurement, limit, rule))}
    part = {"$schema": SCHEMA["$schema"], "$defs": SCHEMA["$defs"], "$ref": "#/$defs/verdict"}
    assert list(Draft202012Validator(part).iter_errors(verdict)) == []
