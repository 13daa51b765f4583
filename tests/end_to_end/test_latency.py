"""A verdict does not lean on when a command was sent or answered."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from bench.paths import DEFAULT_STATION
from tests.end_to_end.command import bench, results

# The event falls on another point of the wave, and the inverter itself then trips a little earlier or later.
POINT_ON_WAVE_S = Decimal("0.01")
TRIALS = "(OV1-L1 or OV2-L1 or UV2-L1) and not value and not through or anti_islanding"


def test_fifty_times_the_latency_moves_no_verdict(tmp_path: Path) -> None:
    station = tmp_path / "slow.toml"
    text = DEFAULT_STATION.read_text(encoding="utf-8")
    station.write_text(text.replace("latency_scale = 1.0", "latency_scale = 50.0"), "utf-8")
    normal, slow = tmp_path / "normal", tmp_path / "slow"
    assert bench("run", "-k", TRIALS, "--out", normal).code == 0
    assert bench("run", "-k", TRIALS, "--out", slow, "--station", station).code == 0
    pairs = list(zip(verdicts(normal), verdicts(slow), strict=True))
    assert len(pairs) == 7
    for before, after in pairs:
        assert before["outcome"] == after["outcome"]
        a, b = before["measurement"], after["measurement"]
        both = Decimal(a["expanded_uncertainty"]) + Decimal(b["expanded_uncertainty"])
        assert abs(Decimal(a["value"]) - Decimal(b["value"])) <= both + POINT_ON_WAVE_S


def test_levels_that_a_slow_link_leaves_out_are_never_guessed(tmp_path: Path) -> None:
    station = tmp_path / "slow.toml"
    text = DEFAULT_STATION.read_text(encoding="utf-8")
    station.write_text(text.replace("latency_scale = 1.0", "latency_scale = 50.0"), "utf-8")
    bench(
        "run", "-k", "OV2 and value", "--no-views", "--out", tmp_path / "run", "--station", station
    )
    found = {trial["outcome"] for trial in results(tmp_path / "run")["trials"]}
    assert found <= {"pass", "invalid", "inconclusive"}


def verdicts(directory: Path) -> list[dict]:
    return [verdict for trial in results(directory)["trials"] for verdict in trial["verdicts"]]
