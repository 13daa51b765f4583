"""The text of a document holds the document, and lines that end where one reads."""

from __future__ import annotations

import json
from math import nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.json_text import json_text

leaves = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
leaves = leaves.filter(lambda leaf: leaf not in (float("inf"), float("-inf")))
documents = st.recursive(
    leaves, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20
)


@given(documents, st.integers(0, 5))
def test_a_document_comes_back_as_it_was(document: object, levels: int) -> None:
    assert json.loads(json_text(document, levels)) == document


def test_as_many_levels_as_asked_for_stand_on_lines_of_their_own() -> None:
    document = {"trials": [{"id": "a", "files": []}, {"id": "Ω"}], "notes": []}
    assert json_text(document, 2).splitlines() == [
        "{",
        ' "trials": [',
        '  {"id": "a", "files": []},',
        '  {"id": "Ω"}',
        " ],",
        ' "notes": []',
        "}",
    ]


def test_what_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        json_text({"value": nan}, 1)
