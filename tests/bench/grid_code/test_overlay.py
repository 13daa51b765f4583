"""The overlay of a laboratory that owns the standard."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.grid_code.overlay import with_overlay
from instruments.errors import ConfigurationError
from tests.bench.grid_code_files import STATED, overlay, region, rows

CONFIRMED = f"[override.UV2]\ndelay_s = {{ value = 1.0, {STATED} }}\n"


def test_it_confirms_a_number_and_the_limit_says_so(tmp_path: Path) -> None:
    code = with_overlay(region("A"), overlay(tmp_path, CONFIRMED))
    limit = rows(code)["UV2"].limit("trip", lower="delay")
    assert (limit.status, limit.source) == ("confirmed", "own copy")


def test_it_may_correct_a_clause_number(tmp_path: Path) -> None:
    code = with_overlay(region("A"), overlay(tmp_path, '[override.RC1]\nclause = "4.7.1"\n'))
    assert rows(code)["RC1"].clause == "4.7.1"


def test_it_may_confirm_an_allowed_range(tmp_path: Path) -> None:
    body = f"[allowed.SV1]\nlimit_v = {{ low = 245.0, high = 258.0, {STATED} }}\n"
    allowed = rows(with_overlay(region("A"), overlay(tmp_path, body)))["SV1"].allowed["limit"]
    assert (allowed.low[0], allowed.status) == (245, "confirmed")


def test_the_record_says_what_stood_there_before(tmp_path: Path) -> None:
    layer = with_overlay(region("A"), overlay(tmp_path, CONFIRMED)).layers[-1]
    (change,) = layer.changes
    assert (layer.kind, layer.title) == ("overlay", "Laboratory 2")
    assert (change.before.status, change.after.status) == ("provisional", "confirmed")


@pytest.mark.parametrize(
    ("body", "of_region", "words"),
    [
        (CONFIRMED, "B", ["[overlay]", "region = 'B'", "tests region 'A'"]),
        ("[override.XX]\n", "A", ["[override]", "'XX'"]),
        ("[method]\nrepetitions = 5\n", "A", ["unknown key 'method'"]),
    ],
)
def test_a_mistake_is_refused(tmp_path: Path, body: str, of_region: str, words: list[str]) -> None:
    with pytest.raises(ConfigurationError) as caught:
        with_overlay(region("A"), overlay(tmp_path, body, of_region))
    assert "own.toml" in str(caught.value)
    assert [word for word in words if word not in str(caught.value)] == []
