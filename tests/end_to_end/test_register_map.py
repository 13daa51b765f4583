"""A campaign on an inverter with registers of its own: what the map allows is tested, the rest is said."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from bench.paths import INVERTERS
from bench.register_maps.inverter_table import find_map
from tests.end_to_end.command import bench, outcomes

EXAMPLE = INVERTERS / "example_register_map.toml"


def test_settings_are_audited_through_the_makers_registers(tmp_path: Path) -> None:
    run = bench(
        *("run", "--inverter", EXAMPLE, "-k", "test_settings", "--no-views"),
        *("--out", tmp_path / "run"),
    )
    found = outcomes(tmp_path / "run")
    assert found["ST1"] == found["ST2"] == "pass"
    assert found["ST3"] == "not tested"
    assert "writes = true" in run.err
    results = json.loads((tmp_path / "run" / "results.json").read_text(encoding="utf-8"))
    used = hashlib.sha256(find_map("solplanet_aiswei").read_bytes()).hexdigest()
    assert results["run"]["inverter"]["register_map_sha256"] == used


def test_a_mistake_in_a_map_ends_with_its_line_and_energises_nothing(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    text = EXAMPLE.read_text(encoding="utf-8").replace('"solplanet_aiswei"', '"mine_map.toml"')
    file.write_text(text, encoding="utf-8")
    (tmp_path / "mine_map.toml").write_text("schema = 1\n\n[devise]\n", encoding="utf-8")
    run = bench("run", "--inverter", file, "--out", tmp_path / "run")
    assert run.code == 2
    assert "mine_map.toml:3: devise" in run.err
