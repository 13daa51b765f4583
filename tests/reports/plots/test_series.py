"""Readings over time: the panels a plot asks for, with what is required and what happened."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from xml.etree import ElementTree

from bench.plots.panels import PlotPanel, Required, Tick
from bench.trials.trial_evidence import Corner, Level, Mark, Plane, PlanePoint, Plot
from instruments.interfaces import Reading
from reports.plots.drawing import Drawing
from reports.plots.plot_json import plot_from_json
from reports.plots.series import draw_readings
from reports.plots.svg import svg_file
from reports.plots.ticks import SIGNS
from reports.results import check_results
from reports.write import prepare_trial
from tests.reports.sample_run import SampleRun, reconnection_readings

SVG = "{http://www.w3.org/2000/svg}"
REQUIRED = [Required(0.0, (40.0, 50.0), None, None), Required(9.0, (40.0, 50.0), None, 54.0)]
RESPONSE = PlotPanel(
    "active_power", 10_000.0, REQUIRED, [Tick("commenced", 1.2), Tick("completed", 3.1, "≤ 2.10 s")]
)
STAIRS = Plot(
    "Response",
    [Mark("first step", 1.0)],
    [],
    [Level("start 50.25", 50.25, "Hz")],
    panels=[PlotPanel("frequency"), RESPONSE],
)


def readings() -> list[Reading]:
    found = reconnection_readings()[:100]
    return [replace(one, active_powers_w=(1000.0, 1000.0, 1000.0)) for one in found]


def texts(drawing: Drawing) -> list[str]:
    root = ElementTree.fromstring(svg_file(drawing.svg))
    return ["".join(item.itertext()) for item in root.iter(f"{SVG}text")]


def test_every_panel_has_its_quantity_and_unit() -> None:
    found = texts(draw_readings(STAIRS, readings(), "a-1"))
    assert "frequency in Hz" in found
    assert "active power in % of rated" in found
    assert "rms voltage in V" not in found


def test_the_legend_tells_what_is_required_and_how_long_the_slowest_took() -> None:
    found = texts(draw_readings(STAIRS, readings(), "a-1"))
    for words in ("measured", "required", "permitted", "commenced", "completed ≤ 2.10 s"):
        assert words in found


def test_what_did_not_happen_has_a_sign_of_its_own() -> None:
    never = replace(RESPONSE, ticks=[Tick("not completed", 9.0)])
    drawing = draw_readings(replace(STAIRS, panels=[never]), readings(), "a-1")
    assert "not completed" in texts(drawing)
    assert SIGNS["not completed"][1] in drawing.svg


def test_the_words_name_what_is_shown_and_the_levels() -> None:
    words = draw_readings(STAIRS, readings(), "a-1").description
    assert words.startswith("Frequency and active power.")
    assert "start 50.25" in words


def test_a_panel_shows_the_values_it_is_asked_to() -> None:
    part = PlotPanel("voltage", view=(229.0, 231.0))
    found = texts(draw_readings(Plot("t", [], [], [], panels=[part]), readings(), "a-1"))
    assert "229.5" in found
    assert "100" not in found


def test_the_same_plot_gives_the_same_bytes() -> None:
    first, second = (draw_readings(STAIRS, readings(), "a-1") for _ in range(2))
    assert first == second


def test_a_plot_comes_back_from_json_as_it_was() -> None:
    point = PlanePoint(253.0, 99.0, 96.0, 100.0)
    plane = Plane("voltage in V", "power in %", 4.0, [point], REQUIRED, [Corner("VW1", 253.0)])
    for plot in (STAIRS, replace(STAIRS, panels=(), plane=plane)):
        stored = json.dumps(asdict(plot))
        assert json.dumps(asdict(plot_from_json(json.loads(stored)))) == stored


def test_a_run_with_panels_and_a_curve_keeps_to_the_schema(tmp_path: Path) -> None:
    run = SampleRun(tmp_path / "run", {"FW1": 1})
    evidence = run.begin("frequency_watt-FW1-run1", "FW1")
    file = evidence.readings(readings())
    plane = Plane("x", "y", 4.0, [PlanePoint(1.0, 1.0, 1.0, 1.0)], REQUIRED, [Corner("stop", 52.0)])
    for plot in (STAIRS, Plot("plane", [], [], [], plane=plane)):
        evidence.plotted(file, plot)
    evidence.ended(run.judge(evidence, "FW1", "1.0"), None)
    run.end()
    results = run.results()
    check_results(results)
    [trial] = results["trials"]
    prepared = prepare_trial(trial, results["run"], run.path)
    assert not [drawing for drawing in prepared.drawings if isinstance(drawing, str)]
