"""What an inverter cannot have is not asked of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bench.grid_code.applicability import inapplicable
from bench.grid_code.profile import find_grid_code, load_grid_code
from bench.paths import DEFAULT_GRID_CODE, DEFAULT_INVERTER
from bench.stations.station_file import load_inverter
from instruments.errors import ConfigurationError

ROWS = {row.id: row for row in load_grid_code(find_grid_code(DEFAULT_GRID_CODE)).requirements}
INVERTER = load_inverter(DEFAULT_INVERTER)
HYBRID = replace(INVERTER, storage_power_w=5000.0)
SINGLE = replace(INVERTER, phases=1)
STORAGE = {"VW2", "FW2", "DR5", "DR6", "DR7"}


@pytest.mark.parametrize(
    ("inverter", "ids"),
    [(INVERTER, STORAGE), (HYBRID, {"PR3"}), (SINGLE, STORAGE | {"PQ3"})],
)
def test_the_nameplate_decides_what_does_not_apply(inverter: object, ids: set[str]) -> None:
    found = {row.id: inapplicable(row, inverter) for row in ROWS.values()}
    assert {name for name, reason in found.items() if reason} == ids
    assert all("nameplate" in found[name] for name in ids)


def test_a_row_that_applies_to_something_unknown_is_refused(tmp_path: Path) -> None:
    text = find_grid_code(DEFAULT_GRID_CODE).read_text(encoding="utf-8")
    file = tmp_path / "code.toml"
    file.write_text(text.replace('applies_to = "storage"', 'applies_to = "wind"', 1), "utf-8")
    with pytest.raises(ConfigurationError, match="applies_to"):
        load_grid_code(file)
