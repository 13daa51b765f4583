"""Station and inverter files: what is refused before anything is energised."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.paths import DEFAULT_INVERTER, DEFAULT_STATION, INSTRUMENTS, INVERTERS, STATIONS
from bench.stations.station_file import OPTIONAL_ROLES, ROLES, load_inverter, load_station
from instruments.errors import ConfigurationError


def edited(shipped: Path, tmp_path: Path, old: str, new: str) -> Path:
    """Return a copy of a shipped file with one edit."""
    text = shipped.read_text(encoding="utf-8")
    assert old in text
    file = tmp_path / shipped.name
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    return file


@pytest.mark.parametrize("file", sorted(STATIONS.glob("*.toml")), ids=lambda path: path.stem)
def test_every_shipped_station_loads(file: Path) -> None:
    entries = set(load_station(file).entries)
    assert set(ROLES) <= entries <= {*ROLES, *OPTIONAL_ROLES}


@pytest.mark.parametrize("file", sorted(INVERTERS.glob("*.toml")), ids=lambda path: path.stem)
def test_every_shipped_inverter_loads(file: Path) -> None:
    assert load_inverter(file).rated_current_a > 0


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            "voltage_max_v",
            "voltage_maximum_v",
            ["[envelope]", "voltage_maximum_v", "voltage_max_v"],
        ),
        ("voltage_max_v = 300.0", "voltage_max_v = -1.0", ["not below maximum -1"]),
        ("frequency_min_hz = 44.0\n", "", ["[envelope]", "'frequency_min_hz' is missing"]),
        ('resource = "simulated"', 'resource = "TCPIP::x::SOCKET"', ["[ac_source]", "simulated"]),
        ("latency_scale = 1.0", 'latency_scale = "fast"', ["latency_scale", "a number"]),
        ("[contactor]", "[contacter]", ["contacter", "contactor"]),
        ("seed = 1", "seed = true", ["seed = True", "a whole number"]),
        ('"zes_lmg671"', '"lmg"', ["[power_analyser]", "uncertainty = 'lmg'", "zes_lmg671"]),
        ('plan = "short"', 'plan = "tiny"', ["[islanding]", "tiny", "full, short"]),
    ],
)
def test_a_mistake_in_a_station_is_refused_with_table_and_key(
    tmp_path: Path, old: str, new: str, words: list[str]
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_station(edited(DEFAULT_STATION, tmp_path, old, new))
    message = str(caught.value)
    assert [word for word in ("simulated.toml", *words) if word not in message] == []


def test_an_unknown_key_of_an_inverter_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        ConfigurationError, match=r"\[nameplate\].*'power'.*rated_apparent_power_va"
    ):
        load_inverter(edited(DEFAULT_INVERTER, tmp_path, "phases", "power"))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"nowhere\.toml: no such file"):
        load_station(tmp_path / "nowhere.toml")


def test_budgets_take_the_ranges_the_instrument_is_set_to(tmp_path: Path) -> None:
    coarse = edited(DEFAULT_STATION, tmp_path, "voltage_range_v = 400.0", "voltage_range_v = 800.0")
    stations = (load_station(DEFAULT_STATION), load_station(coarse))
    ranges = [s.entries["power_analyser"].budget("voltage").range for s in stations]
    assert ranges == [400.0, 800.0]


def test_a_range_a_budget_needs_and_the_options_do_not_state_is_refused(tmp_path: Path) -> None:
    text = "options = { voltage_range_v = 400.0, current_range_a = 40.0 }"
    with pytest.raises(ConfigurationError, match=r"zes_lmg671.toml: table \[voltage\]: range = 'v"):
        load_station(edited(DEFAULT_STATION, tmp_path, text, ""))


def test_a_budget_file_may_stand_beside_the_station_file(tmp_path: Path) -> None:
    own = (INSTRUMENTS / "zes_lmg671.toml").read_text(encoding="utf-8").replace("LMG671", "Own")
    (tmp_path / "own.toml").write_text(own, encoding="utf-8")
    station = load_station(edited(DEFAULT_STATION, tmp_path, '"zes_lmg671"', '"own.toml"'))
    budgets = station.entries["power_analyser"].budgets
    assert budgets is not None
    assert budgets.title == "ZES ZIMMER Electronic Systems GmbH Own"


def test_an_analyser_without_budgets_judges_nothing_and_says_what_to_state(tmp_path: Path) -> None:
    text = 'uncertainty = "zes_lmg671"'
    entry = load_station(edited(DEFAULT_STATION, tmp_path, text, "")).entries["power_analyser"]
    with pytest.raises(ConfigurationError, match=r"no active power can be judged.*Expected"):
        entry.budget("active_power")


TLS = """
[inverter.tls]
ca_file = "maker.pem"
certificate_file = "keys/bench.pem"
key_file = "keys/bench.key"
"""


def test_a_secured_connection_checks_the_name_unless_told_otherwise(tmp_path: Path) -> None:
    file = edited(DEFAULT_STATION, tmp_path, "[inverter] ", TLS + "[inverter] ")
    tls = load_station(file).entries["inverter"].tls
    assert tls.check_host_name
    assert tls.ca_file == tmp_path / "maker.pem"
    assert tls.key_file == tmp_path / "keys/bench.key"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("key_file", "check_host_name = false\nkey_file"), "utf-8")
    assert not load_station(file).entries["inverter"].tls.check_host_name


def test_state_is_kept_where_the_file_says_and_for_a_simulated_inverter_nowhere(
    tmp_path: Path,
) -> None:
    assert load_station(DEFAULT_STATION).state_folder is None
    file = edited(DEFAULT_STATION, tmp_path, "name =", 'state_folder = "state"\nname =')
    assert load_station(file).state_folder == tmp_path / "state"
