"""The page: complete, self-contained, honest about simulation, and safe with hostile names."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from bench.verdicts.verdict import GUARDED, Outcome
from reports.html import aligned, render_report, shares
from reports.write import prepare_all
from tests.reports.sample_run import HASH, UNPLANNED, SampleRun, full_run

HOSTILE = "<script>alert(1)</script>"
MARK = "SIMULATED – NOT EVIDENCE"


class Elements(HTMLParser):
    """Collects elements with their attributes, and all text."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def parsed(page: str) -> Elements:
    elements = Elements()
    elements.feed(page)
    elements.close()
    return elements


def words(text: str) -> str:
    """Return the text with single blanks."""
    return " ".join(text.split())


def page_of(run: SampleRun) -> str:
    results = run.results()
    trials = prepare_all(results, run.path, {})
    return render_report(results, {name: trial.section for name, trial in trials.items()})


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    return page_of(full_run(tmp_path_factory.mktemp("html") / "run"))


def test_every_requirement_is_on_the_page_tested_or_not(page: str) -> None:
    ids = {attributes.get("id") for _, attributes in parsed(page).found}
    for name in ("OV1", "OV2", "UV1", "ST1"):
        assert f"requirement-{name}" in ids
    assert UNPLANNED in page


def test_every_link_of_the_page_leads_somewhere(page: str) -> None:
    found = parsed(page).found
    ids = {attributes.get("id") for _, attributes in found}
    links = {str(attributes["href"]) for tag, attributes in found if tag == "a"}
    assert len(links) >= 6
    assert {link.removeprefix("#") for link in links} <= ids


def test_no_id_of_the_page_is_used_twice(page: str) -> None:
    ids = [attributes["id"] for _, attributes in parsed(page).found if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_the_page_refers_to_nothing_outside(page: str) -> None:
    assert re.findall(r"https?:|//[a-z]|@import|src=", page) == []
    assert "default-src 'none'" in page


def test_the_page_needs_no_script(page: str) -> None:
    assert "<script" not in page


def test_value_uncertainty_margin_and_limit_are_shown(page: str) -> None:
    text = words(parsed(page).text)
    for expected in ("2.500 ± 0.010 s", "−0.500 s", "≤ 2.0 s", "1.512 ± 0.010 s", "+0.488 s"):
        assert expected in text


def test_status_of_the_limits_and_hashes_of_the_files_are_shown(page: str) -> None:
    assert '<span class="badge provisional">provisional</span>' in page
    assert HASH in page
    assert "recordings/voltage_trip-OV1-L2-run1-01.h5" in page


def test_the_first_thing_said_is_the_conclusion(page: str) -> None:
    text = words(parsed(page).text)
    conclusion = text.index("✗ Fail 3 of 4 requirements were tested; failed: UV1.")
    assert conclusion < text.index("Requirements of the grid code")


def test_what_was_tested_is_named(page: str) -> None:
    text = words(parsed(page).text)
    for expected in ("Reference RI-10K", "10,000 VA", "AS/NZS 4777.2:2020 A", "Laboratory 2"):
        assert expected in text


def test_an_outcome_has_a_sign_beside_its_word(page: str) -> None:
    outcomes = re.findall(r'<span class="outcome \w+">(.*?)</span> ([a-z ]+)</span>', page)
    assert {word for _, word in outcomes} >= {"pass", "fail", "not tested"}
    assert all(sign.rpartition(">")[2].strip() for sign, _ in outcomes)


def test_a_simulated_run_says_so_on_every_printed_page(page: str) -> None:
    assert f"<title>{MARK}: " in page
    assert f'@top-center {{ content: "{MARK}"' in page
    assert page.count(MARK) >= 4


def test_a_real_run_does_not_call_itself_simulated(tmp_path: Path) -> None:
    page = page_of(full_run(tmp_path / "run", simulated=False))
    assert "SIMULATED" not in page
    assert "Seed of the simulation" not in page


def test_hostile_names_stay_text(tmp_path: Path) -> None:
    names = dict.fromkeys(("inverter", "station", "title", "note", "level"), HOSTILE)
    page = page_of(full_run(tmp_path / "run", names=names))
    assert "<script" not in page
    assert page.count("&lt;script&gt;") >= 8


def test_a_name_cannot_break_out_of_an_attribute(tmp_path: Path) -> None:
    hostile = '"onmouseover="alert(1)'
    run = SampleRun(tmp_path / "run", {hostile: 1})
    run.trial("a", {hostile: "1.5"})
    run.end()
    attributes = [name for _, found in parsed(page_of(run)).found for name in found]
    assert "onmouseover" not in attributes


def test_equal_results_give_equal_bytes(tmp_path: Path) -> None:
    run = full_run(tmp_path / "run")
    assert page_of(run) == page_of(run)


def test_there_is_one_drawing_for_each_plot(page: str) -> None:
    assert page.count("<svg") == 2


def test_a_lost_or_changed_raw_file_is_not_drawn_and_the_page_says_so(tmp_path: Path) -> None:
    run = full_run(tmp_path / "run")
    [recording] = (tmp_path / "run" / "recordings").iterdir()
    [readings] = (tmp_path / "run" / "readings").iterdir()
    recording.unlink()
    readings.write_bytes(readings.read_bytes() + b"\n")
    page = page_of(run)
    assert "<svg" not in page
    assert "is not in this run directory" in page
    assert "its SHA-256 differs" in page


def test_accepted_values_are_shown_when_the_rule_has_a_guard_band(tmp_path: Path) -> None:
    page = page_of(full_run(tmp_path / "run", rule=GUARDED))
    assert "<th>Accepted</th>" in page
    assert "≤ 1.990 s" in page


def test_a_trial_without_end_and_an_unsafe_bench_are_told(tmp_path: Path) -> None:
    run = SampleRun(tmp_path / "run", {"OV1": 1, "OV2": 1})
    run.begin("a", "OV1").ended(Outcome.INVALID, "LinkTimeout: no answer within 5 s")
    run.begin("b", "OV2")
    run.end(safe=False)
    text = words(parsed(page_of(run)).text)
    assert "LinkTimeout: no answer within 5 s" in text
    assert "aborted: the trial was started and never ended" in text
    assert "Safe state not confirmed: the contactor did not open" in text


def test_a_run_without_any_trial_has_a_page(tmp_path: Path) -> None:
    run = SampleRun(tmp_path / "run", {"OV1": 1})
    assert "No trial was started." in page_of(run)


@pytest.mark.parametrize(
    ("text", "whole", "part"),
    [
        ("1.512 ± 0.010 s", "1", ".512 ± 0.010 s"),
        ("≥ 12.99 ± 0.07 s", "≥ 12", ".99 ± 0.07 s"),
        ("4010 ± 120 W", "4010", " ± 120 W"),
        ("−0.50 s", "−0", ".50 s"),
        ("–", "–", ""),
    ],
)
def test_numbers_line_up_at_the_decimal_point(text: str, whole: str, part: str) -> None:
    assert aligned(text) == (f'<span class="whole">{whole}</span><span class="part">{part}</span>')


def test_shares_of_a_budget_add_up() -> None:
    budget: list[dict[str, Any]] = [
        {"source": "a", "standard_uncertainty": 3.0, "unit": "s", "sensitivity": 1.0},
        {"source": "b", "standard_uncertainty": 2.0, "unit": "V", "sensitivity": -2.0},
    ]
    assert [line["share"] for line in shares(budget)] == pytest.approx([36.0, 64.0])
