"""The SunSpec inverter file of docs/inverters.md is one the bench takes, with every option there is."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

from bench.paths import ROOT
from bench.stations.drivers import make_driver
from bench.stations.station_file import load_inverter
from instruments.inverters.sunspec import SunSpecInverter
from tests.sunspec.register_file import RegisterFile, StepClock, model

PAGE = (ROOT / "docs" / "inverters.md").read_text(encoding="utf-8").partition("\n## SunSpec\n")[2]


def documented(directory: Path) -> Path:
    [text] = re.findall(r"^```toml\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    file = directory / "my_sunspec.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_the_documented_file_makes_a_driver(tmp_path: Path) -> None:
    file = load_inverter(documented(tmp_path))
    link = RegisterFile(model(1, {"Mn": "Acme"}), model(122, {"ECPConn": 1}))
    link.words |= {45_006: 2580}
    inverter = make_driver(file.driver, link, StepClock(), file.options, "docs")
    assert inverter.identify().maker == file.maker
    assert inverter.read_settings()["sustained voltage"].value == 258.0


def test_every_option_is_documented(tmp_path: Path) -> None:
    options = set(inspect.signature(SunSpecInverter).parameters) - {"link", "clock", "memory"}
    assert options == set(load_inverter(documented(tmp_path)).options)
