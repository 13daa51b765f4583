"""A model from outside in the place of the simulated inverter."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.paths import DEFAULT_STATION
from instruments.errors import ConfigurationError
from instruments.simulated.inverter.outside import Feed, inverter_factory
from instruments.simulated.inverter.parameters import InverterParameters
from instruments.simulated.physics.world import World
from tests.end_to_end.command import bench, results
from tests.simulated.worlds import NOMINAL, all_phases

DOCUMENT = Path(__file__).parents[2] / "docs" / "inverter_models.md"


@pytest.fixture
def my_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The worked example of the document as a module that can be imported."""
    [code] = re.findall(r"```python\n(# my_models.py\n.*?)```", DOCUMENT.read_text("utf-8"), re.S)
    (tmp_path / "my_models.py").write_text(code, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    sys.modules.pop("my_models", None)


def test_the_documented_model_runs_a_trial_on_real_sockets(my_models: Path) -> None:
    station = my_models / "station.toml"
    text = DEFAULT_STATION.read_text(encoding="utf-8")
    station.write_text(
        text.replace("[simulated]\n", '[simulated]\ninverter_model = "my_models:Plain"\n'), "utf-8"
    )
    out = my_models / "run"
    outcome = bench(
        "run", "-k", "OV1-L1 and not value and not through", "--station", station, "--out", out
    )
    assert outcome.code == 0, outcome.out
    [trial] = results(out)["trials"]
    assert float(trial["verdicts"][0]["measurement"]["value"]) == pytest.approx(1.51, abs=0.02)


def test_the_documented_model_connects_after_its_minute(my_models: Path) -> None:
    world = World(InverterParameters(), build_inverter=inverter_factory("my_models:Plain"))
    world.source.ramp_to(NOMINAL, 50.0, 0.0)
    world.source.switch_output(True)
    world.contactor.command(True)
    world.advance_to(59.9)
    assert world.inverter.state == "waiting"
    world.advance_to(61.5)
    assert world.inverter.state == "running"
    assert sum(world.averages(61.3, 61.5).active_powers_w) == pytest.approx(10_000, rel=1e-3)
    world.source.ramp_to(all_phases(270.0), 50.0, 0.0)
    world.advance_to(63.2)
    assert world.inverter.alarms == {"OV"}


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("no_such_module:Class", "no_such_module"),
        ("math:Class", "Class"),
        ("math", "package.module:Class"),
        ("pathlib:Path", "step"),
    ],
)
def test_a_class_that_cannot_be_used_is_refused(path: str, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        inverter_factory(path)


class Restless:
    """Asks to be asked again at once."""

    def __init__(self, ratings: InverterParameters) -> None:
        self.ratings = ratings

    def step(self, terminals: object) -> Feed:  # noqa: ARG002
        return Feed(False, 0.0, 0.0, holds_s=0.0)


def test_an_answer_that_holds_for_no_time_is_refused() -> None:
    world = World(InverterParameters(), build_inverter=inverter_factory(f"{__name__}:Restless"))
    with pytest.raises(ConfigurationError, match=r"Restless.*holds_s"):
        world.advance_to(1.0)
