"""The transcript on disk."""

from __future__ import annotations

import json
from pathlib import Path

from instruments.clock import WallClock
from instruments.links.transcript import Block, Exchange, Transcript, words_text


def test_each_exchange_is_one_line(tmp_path: Path) -> None:
    file = tmp_path / "transcript.jsonl"
    transcript = Transcript(file, WallClock())
    transcript.record(Exchange("source", "*IDN?", "µ\n", 1.0, 1.5))
    transcript.record(Exchange("contactor", "read 1 at 0", None, 2.0, 3.0, "no answer"))
    transcript.close()
    first, second = map(json.loads, file.read_text(encoding="utf-8").splitlines())
    assert first["reply"] == "µ\n"
    assert second == {
        "link": "contactor",
        "request": "read 1 at 0",
        "reply": None,
        "requested_s": 2.0,
        "answered_s": 3.0,
        "error": "no answer",
    }


def test_a_secret_never_reaches_the_file(tmp_path: Path) -> None:
    file = tmp_path / "transcript.jsonl"
    transcript = Transcript(file, WallClock(), secrets=["hunter2"])
    transcript.record(Exchange("inverter", "write hunter2", "ack hunter2", 0, 1, "bad hunter2"))
    transcript.close()
    assert "hunter2" not in file.read_text(encoding="utf-8")


def test_blocks_and_registers_have_a_short_form() -> None:
    block = Block.of(b"abc")
    assert (block.block_bytes, block.sha256[:16]) == (3, "ba7816bf8f01cfea")
    assert words_text([1, 0xFFFF]) == "0001 FFFF"
