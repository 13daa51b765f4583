"""Grid codes, overlays and profiles written by a test."""

from __future__ import annotations

from pathlib import Path

from bench.grid_code.profile import GridCode, Requirement, find_grid_code, load_grid_code

STATED = 'status = "confirmed", source = "own copy"'
REGIONS = ("A", "B", "C", "NZ")


def region(code: str) -> GridCode:
    """Return the shipped grid code of a region."""
    return load_grid_code(find_grid_code(code))


def rows(code: GridCode) -> dict[str, Requirement]:
    """Return requirements by id."""
    return {row.id: row for row in code.requirements}


def extension(directory: Path, body: str, extends: str = "A", name: str = "mine.toml") -> Path:
    """Write a grid code that extends another."""
    file = directory / name
    head = f'extends = "{extends}"\n[document]\nid = "X"\nregion = "Test"\nregion_code = "A"\n'
    file.write_text(head + body, encoding="utf-8")
    return file


def overlay(directory: Path, body: str, of_region: str = "A") -> Path:
    """Write an overlay."""
    file = directory / "own.toml"
    head = f'[overlay]\ntitle = "Laboratory 2"\nregion = "{of_region}"\n'
    file.write_text(head + body, encoding="utf-8")
    return file


def distributor(directory: Path, set_points: str, of_region: str = "A") -> Path:
    """Write a distributor's profile with a complete study."""
    file = directory / "net.toml"
    text = (
        f'[distributor]\nname = "Net"\nregion = "{of_region}"\n'
        '[study]\ntitle = "Hosting"\ndate = 2026-10-30\npublisher = "Net Ltd"\n'
    )
    file.write_text(text + set_points, encoding="utf-8")
    return file
