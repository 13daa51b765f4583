"""The searches of the smallest deviation caught, with runs that tell nothing."""

from __future__ import annotations

from pathlib import Path

from bench.cli.attempts import workers
from bench.cli.searches import searched
from bench.paths import DEFAULT_GRID_CODE
from instruments.simulated.deviations import Deviation


def test_a_run_that_breaks_ends_its_own_search_and_no_other(tmp_path: Path) -> None:
    breaks = Deviation("breaks", "ST1", "region", "ST1", "no.such.parameter", 1.0, 2.0, "s")
    judges_nothing = Deviation("judges", "ST1", "weight", "ST1", "relay_open_s", 0.02, 0.03, "s")
    with workers(1) as pool:
        found = searched(pool, [breaks, judges_nothing], DEFAULT_GRID_CODE, tmp_path)
        troubles = {search.deviation.id: search.trouble for search in found}
    assert troubles["breaks"].startswith("the run broke: exit code 2")
    assert "judged no 'weight' of ST1" in troubles["judges"]
