"""Lists of sites: what they may hold, and how a mistake is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.audit.sites import find_sites
from bench.paths import DEFAULT_INVERTER
from instruments.errors import ConfigurationError


def listed(directory: Path, text: str) -> Path:
    file = directory / "sites.csv"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_row_may_say_only_where(tmp_path: Path) -> None:
    [site] = find_sites(listed(tmp_path, "site,at\nMill Rd 7,tcp://192.0.2.7\n"), DEFAULT_INVERTER)
    assert (site.name, site.at, site.inverter) == ("Mill Rd 7", "tcp://192.0.2.7", DEFAULT_INVERTER)
    assert (site.unit, site.grid_code, site.distributor) == (None, None, None)


def test_files_are_named_relative_to_the_list(tmp_path: Path) -> None:
    text = "site,at,unit,inverter,grid_code\na,tcp://192.0.2.7,3,mine.toml,NZ\n"
    [site] = find_sites(listed(tmp_path, text), DEFAULT_INVERTER)
    assert (site.inverter, site.unit, site.grid_code) == (tmp_path / "mine.toml", 3, "NZ")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("site,at\n", "names no site"),
        ("site,adress\na,tcp://x\n", "'adress' is unknown"),
        ("site\na\n", "'at' is missing"),
        ("site,at\na,\n", "line 2: column 'at' is empty"),
        ("site,at\na\n", "line 2: has another number of columns"),
        ("site,at\na,b,c\n", "line 2: has another number of columns"),
        ("site,at,unit\na,b,x\n", "line 2: unit 'x'"),
        ("site,at\n../a,b\n", "line 2: site '../a'"),
        ("site,at\na,b\nA,c\n", "line 3: site 'A' is at"),
    ],
)
def test_a_mistake_is_told_with_file_and_line(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        find_sites(listed(tmp_path, text), DEFAULT_INVERTER)
    assert words in str(refused.value)
    assert "sites.csv" in str(refused.value)


def test_a_folder_needs_addresses_in_its_inverter_files(tmp_path: Path) -> None:
    text = DEFAULT_INVERTER.read_text(encoding="utf-8")
    (tmp_path / "one.toml").write_text(
        text.replace("[modbus]", '[modbus]\nat = "tcp://192.0.2.7"'), encoding="utf-8"
    )
    [site] = find_sites(tmp_path, DEFAULT_INVERTER)
    assert (site.name, site.at) == ("one", "tcp://192.0.2.7")
    (tmp_path / "two.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"two\.toml.*needs an address"):
        find_sites(tmp_path, DEFAULT_INVERTER)
