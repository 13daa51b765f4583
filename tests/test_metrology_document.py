"""The worked examples of docs/metrology.md run, and print what the document says."""

from __future__ import annotations

import re
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

from bench.budgets.distributions import NAMES
from bench.budgets.quantities import QUANTITIES
from bench.budgets.units import UNITS
from bench.paths import ROOT
from bench.verdicts.decision_rule import FOUR_BANDS, GUARDED, SIMPLE, DecisionRule

DOCUMENT = (ROOT / "docs" / "metrology.md").read_text(encoding="utf-8")
FIRST_BUDGET = re.findall(r"```toml\n(.*?)```", DOCUMENT, re.DOTALL)[0]
EXAMPLES = re.findall(r"```python\n(.*?)```\n\n```text\n(.*?)```", DOCUMENT, re.DOTALL)


def test_there_are_two_worked_examples() -> None:
    assert len(EXAMPLES) == 2


@pytest.mark.parametrize(("code", "printed"), EXAMPLES)
def test_a_worked_example_prints_what_the_document_says(
    code: str, printed: str, tmp_path: Path
) -> None:
    file = tmp_path / "instrument.toml"
    file.write_text(FIRST_BUDGET, encoding="utf-8")
    output = StringIO()
    with redirect_stdout(output):
        exec(code, {"file": file})
    assert output.getvalue() == printed


@pytest.mark.parametrize("name", [*QUANTITIES, *NAMES])
def test_every_quantity_and_distribution_is_in_the_document(name: str) -> None:
    assert f"`{name}`" in DOCUMENT


def test_every_unit_of_a_formula_is_in_the_document() -> None:
    listed = re.search(r"units \(([^)]*)\)", DOCUMENT)
    assert listed is not None
    simple = {name for name in UNITS if name.isalpha() and name != "ppm"}
    assert set(listed.group(1).split(", ")) == simple


@pytest.mark.parametrize("rule", [SIMPLE, GUARDED, FOUR_BANDS], ids=lambda rule: rule.id)
def test_every_rule_is_in_the_document_with_its_guard_band(rule: DecisionRule) -> None:

    assert re.search(rf"\| `{rule.id}`[^|]*\| {rule.guard_factor} \|", DOCUMENT)
