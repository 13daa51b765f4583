"""The file of a map gives back what was measured."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.evidence.islanding_map import load_map, map_text
from bench.programs.islanding import BALANCED, Offset
from instruments.errors import EvidenceError
from tests.bench.programs.test_islanding import LOAD, island


def test_cells_are_read_back(tmp_path: Path) -> None:
    islands = [island(BALANCED, 0.25), island(Offset(-5.0, 1.0), 3.2, "at least")]
    file = tmp_path / "x.map.csv"
    file.write_text(map_text(islands, 3), encoding="utf-8")
    first, second = load_map(file)
    assert (first.active_pct, first.reactive_pct, first.run_on_s, first.censored) == (
        0,
        0,
        0.25,
        False,
    )
    assert (second.active_pct, second.reactive_pct, second.censored) == (-5.0, 1.0, True)


def test_the_achieved_load_of_each_phase_is_in_the_file() -> None:
    head, row = map_text([island(BALANCED, 0.25)], 1).splitlines()
    values = dict(zip(head.split(","), row.split(","), strict=True))
    assert float(values["resistance_ohm_l1"]) == pytest.approx(230.0**2 / 3000.0, rel=1e-5)
    assert float(values["quality_factor_l1"]) == pytest.approx(LOAD.quality_factor(0), rel=1e-5)
    assert "resistance_ohm_l2" not in values


@pytest.mark.parametrize("text", ["a,b\n1,2\n", "active_offset_pct,reactive_offset_pct\nx,y\n"])
def test_anything_else_is_no_map(tmp_path: Path, text: str) -> None:
    file = tmp_path / "x.map.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(EvidenceError, match="not a map"):
        load_map(file)
