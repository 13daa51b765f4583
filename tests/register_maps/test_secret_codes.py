"""Codes come from the environment or a file it names, and appear in no message."""

from __future__ import annotations

from pathlib import Path

import pytest

from instruments.errors import ConfigurationError
from instruments.inverters.secret_codes import EnvironmentCodes

NAME = "ACME_X5000_CODE"


def test_a_code_is_the_variable_of_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, "4777")
    assert EnvironmentCodes().get(NAME) == "4777"


def test_a_code_is_what_the_file_holds(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "code"
    file.write_text("  4777\r\n", encoding="utf-8")
    monkeypatch.setenv(f"{NAME}_FILE", str(file))
    assert EnvironmentCodes().get(NAME) == "4777"


def test_no_variable_is_no_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(NAME, raising=False)
    assert EnvironmentCodes().get(NAME, "") == ""


def test_a_file_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(f"{NAME}_FILE", str(tmp_path / "missing"))
    with pytest.raises(ConfigurationError, match="missing"):
        EnvironmentCodes().get(NAME)


def test_bytes_that_are_no_text_appear_in_no_message(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "code"
    file.write_bytes(b"\xff4777")
    monkeypatch.setenv(f"{NAME}_FILE", str(file))
    with pytest.raises(ConfigurationError) as caught:
        EnvironmentCodes().get(NAME)
    assert "4777" not in str(caught.value)
    assert caught.value.__cause__ is None
