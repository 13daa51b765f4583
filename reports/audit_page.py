"""Audits of settings as self-contained pages that open from disk and print well."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from reports import audit_text, wording
from reports.schemas import check_document

Json = Mapping[str, Any]
TEMPLATES = Path(__file__).with_name("templates")
SCHEMA_FILE = Path(__file__).with_name("audit.schema.json")


def render_audit(audit: Json) -> str:
    """Return the page of one inverter."""
    return _rendered("audit.html", audit=audit, code=audit["grid_code"])


def render_fleet(summary: Sequence[Json], title: str, counts: Mapping[str, int]) -> str:
    """Return the page of a fleet.

    Args:
        summary: one row per site (see `bench.audit.summary`).
        counts: sites by conclusion.
    """
    return _rendered("fleet.html", rows=summary, title=title, counts=counts)


def audit_json(audit: Json) -> str:
    """Return the text of an audit's document."""
    return json.dumps(audit, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def check_audit(audit: Json) -> None:
    """Check an audit's document against its published schema.

    Raises:
        EvidenceError: names the place and what is wrong there.
    """
    check_document("audit", audit, SCHEMA_FILE)


def _rendered(template: str, **values: Any) -> str:
    page = _environment().get_template(template).render(values)
    return "\n".join(line for line in page.splitlines() if line.strip()) + "\n"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        required=audit_text.required_text,
        found=audit_text.found_text,
        quantum=audit_text.quantum_text,
        verdict=audit_text.verdict_text,
        number=audit_text.number,
        date=wording.date_text,
    )
    environment.globals.update(
        style=Markup((TEMPLATES / "style.css").read_text(encoding="utf-8")),
        symbols=wording.SYMBOLS,
        tones=audit_text.CONCLUSION_TONES,
    )
    return environment
