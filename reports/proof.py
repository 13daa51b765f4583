"""The detection matrix as text, JSON and a page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from bench.proofs.enduring import Endured
from bench.proofs.proving import Finding, Proof, Tally, Tried, by_requirement, tally
from bench.proofs.resolution import Search

TEMPLATES = Path(__file__).with_name("templates")
SYMBOLS = {
    Finding.CAUGHT: "●",
    Finding.MISSED: "○",
    Finding.BLAMED: "✗",
    Finding.CLEARED: "·",
    Finding.UNDECIDED: "?",
    Finding.UNTRIED: "",
}


def flaws(one: Tried) -> Iterator[str]:
    """Yield what is not as it should be with one inverter."""
    if one.trouble:
        yield f"the run broke: {one.trouble}"
    for found in (Finding.MISSED, Finding.BLAMED, Finding.UNDECIDED):
        rows = one.having(found)
        if rows:
            yield f"{found}: {', '.join(rows)}"


def summary_lines(proof: Proof) -> Iterator[str]:
    """Yield the tally, one line per requirement, and what is not as it should be."""
    whole = tally(proof.tried)
    yield (
        f"{whole.caught} of {whole.deviations} deviations caught, {whole.blamed} requirements wrongly blamed, "
        f"{whole.good_failed} of {whole.good} good inverters failed, {whole.undecided} undecided, "
        f"{whole.troubled} runs broke"
    )
    if proof.endured:
        held = sum(not one.flaws for one in proof.endured)
        yield f"{held} of {len(proof.endured)} troubled benches ended as they must"
    yield ""
    yield f"{'':5}{'caught':>9}  {'blamed':>6}  {'good passed':>11}  smallest deviation caught"
    for row, counts in by_requirement(proof.tried).items():
        yield f"{row:5}{_counts(counts)}  {_resolutions(proof, row)}".rstrip()
    for one in proof.tried:
        for flaw in flaws(one):
            yield f"✗ {one.id} (seed {one.seed}): {flaw}"
    for endured in proof.endured:
        for flaw in endured.flaws:
            yield f"✗ {endured.bench.id}: {flaw}"
    for search in proof.searches:
        if not search.good_enough:
            yield f"✗ {search.deviation.id}: {resolution_text(search)}"


def _counts(counts: Tally) -> str:
    good = f"{counts.good - counts.good_failed}/{counts.good}" if counts.good else "–"
    return f"{counts.caught:>4}/{counts.deviations:<4}  {counts.blamed:>6}  {good:>11}"


def _resolutions(proof: Proof, row: str) -> str:
    found = [search for search in proof.searches if search.deviation.requirement == row]
    return "; ".join(resolution_text(search) for search in found)


def resolution_text(search: Search) -> str:
    """Return what a search found, such as "disconnection time: 0.4 ms, 2.1 × U"."""
    deviation = search.deviation
    if search.trouble:
        return f"{deviation.quantity}: {search.trouble}"
    if search.smallest_caught is None:
        return f"{deviation.quantity}: not caught at {deviation.size(1.0):.3g} {deviation.unit}"
    text = f"{deviation.quantity}: {search.smallest_caught:.2g} {deviation.unit}"
    if search.ratio is not None:
        text += f" = {search.ratio:.1f} × U"
    return f"{text}, and fails inside the limit" if search.inside_failed else text


def proof_text(proof: Proof) -> str:
    """Return the proof as a JSON document."""
    return json.dumps(_document(proof), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _document(proof: Proof) -> dict[str, Any]:
    return {
        "grid_code": proof.grid_code,
        "perfect": proof.perfect,
        "tally": vars(tally(proof.tried)),
        "requirements": {row: vars(counts) for row, counts in by_requirement(proof.tried).items()},
        "inverters": [
            {
                "id": one.id,
                "title": one.title,
                "seed": one.seed,
                "must_fail": sorted(one.fails),
                "findings": {row: str(found) for row, found in one.findings.items()},
                "trouble": one.trouble,
            }
            for one in proof.tried
        ],
        "bench_trouble": [_endured_document(one) for one in proof.endured],
        "resolutions": [_search_document(search) for search in proof.searches],
    }


def _endured_document(one: Endured) -> dict[str, Any]:
    bench = one.bench
    return {
        "id": bench.id,
        "title": bench.title,
        "troubles": list(bench.troubles),
        "trials": bench.trials,
        "expected": {"outcomes": list(bench.outcomes), "exit_code": bench.exit_code},
        "found": {"outcomes": list(one.run.outcomes), "exit_code": one.run.exit_code},
        "reasons": one.run.reasons,
        "flaws": one.flaws,
    }


def _search_document(search: Search) -> dict[str, Any]:
    deviation = search.deviation
    return {
        "id": deviation.id,
        "requirement": deviation.requirement,
        "quantity": deviation.quantity,
        "unit": deviation.unit,
        "smallest_caught": search.smallest_caught,
        "largest_passed": deviation.size(search.passed),
        "expanded_uncertainty": search.uncertainty,
        "ratio": search.ratio,
        "inside_failed": search.inside_failed,
        "steps": search.steps,
        "trouble": search.trouble,
    }


def render_proof(proof: Proof) -> str:
    """Return the page: one row per inverter, one column per requirement."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    rows = list(by_requirement(proof.tried))
    page: str = environment.get_template("proof.html").render(
        proof=proof,
        tally=tally(proof.tried),
        rows=rows,
        counts=by_requirement(proof.tried),
        lines=[
            (one, [one.findings.get(row, Finding.UNTRIED) for row in rows], "; ".join(flaws(one)))
            for one in proof.tried
        ],
        resolutions=[(search, resolution_text(search)) for search in proof.searches],
        symbols=SYMBOLS,
        style=Markup((TEMPLATES / "style.css").read_text(encoding="utf-8")),
    )
    return page
