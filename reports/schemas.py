"""Documents are held against their published schemas before anybody reads them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs

from instruments.errors import EvidenceError


def check_document(what: str, document: Mapping[str, Any], schema_file: Path) -> None:
    """Hold a document against a schema, JSON Schema 2020-12.

    Args:
        what: how the document is called in the error.

    Raises:
        EvidenceError: names the place and what is wrong there.
    """
    error = next(_validator(schema_file).iter_errors(document), None)
    if error is not None:
        raise EvidenceError(
            f"{what}, {_json_path(error.instance_path)}: {error.message[:300]}; expected what "
            f"{schema_file.name} says there"
        )


@cache
def _validator(schema_file: Path) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(json.loads(schema_file.read_text(encoding="utf-8")))


def _json_path(place: Sequence[str | int]) -> str:
    return "$" + "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in place)
