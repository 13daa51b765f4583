"""Where the data that ships with the bench lies, in a clone and in an installation alike."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PROFILES = ROOT / "profiles"
GRID_CODES = PROFILES / "grid_codes"
STATIONS = PROFILES / "stations"
INVERTERS = PROFILES / "inverters"
MAPS = INVERTERS / "maps"
DISTRIBUTORS = PROFILES / "distributors"
EXPORT_REGIMES = PROFILES / "export_limits"
INSTRUMENTS = PROFILES / "instruments"
PROCEDURES = ROOT / "test_procedures"

DEFAULT_GRID_CODE = "as_nzs_4777_2_2020_australia_a"
DEFAULT_STATION = STATIONS / "simulated.toml"
DEFAULT_INVERTER = INVERTERS / "reference_10kva.toml"
