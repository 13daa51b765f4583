"""`bench judge` takes the overlay of a laboratory as `bench run` does."""

from __future__ import annotations

from pathlib import Path

from tests.bench.grid_code_files import overlay
from tests.end_to_end.command import bench


def test_an_overlay_of_another_region_is_refused(tmp_path: Path) -> None:
    own = overlay(tmp_path, "", of_region="B")
    outcome = bench("judge", "none.csv", "--channels", "islanding_2015", "--overlay", own)
    assert outcome.code == 2
    assert "tests region 'A'" in outcome.err
