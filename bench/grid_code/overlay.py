"""The overlay of a laboratory that owns the standard: one small file that confirms or corrects numbers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bench.grid_code.layer import OVERLAY, Layer, file_sha256
from bench.grid_code.overrides import overridden
from bench.grid_code.profile import GridCode
from bench.toml_file import read_toml


def with_overlay(base: GridCode, file: Path) -> GridCode:
    """Return a grid code with the tables [override.<id>] and [allowed.<id>] of an overlay applied.

    Raises:
        ConfigurationError: the file is for another region, or restates what the grid code does not
            state; names file, table and key.
    """
    top = read_toml(file)
    top.allow("overlay", "override", "allowed")
    overlay = top.table("overlay")
    overlay.allow("title", "region")
    if overlay.require("region", str) != base.region_code:
        raise overlay.error(
            f"region = {overlay.values['region']!r}: this run tests region {base.region_code!r} "
            f"({base.file.name}); numbers of one region confirm nothing about another"
        )
    rows, changes = overridden(base.requirements, top)
    layer = Layer(OVERLAY, overlay.require_text("title"), file, file_sha256(file), changes)
    return replace(base, requirements=rows, layers=(*base.layers, layer))
