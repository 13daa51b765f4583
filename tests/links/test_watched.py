"""A command that somebody else takes back is noticed, and nothing else is."""

from __future__ import annotations

import pytest

from instruments.errors import InstrumentError
from instruments.links.watched import WatchedLink
from tests.simulated.field_bench import VENDOR, in_the_field, trouble

SUSTAINED, HYSTERESIS, UNLOCK = VENDOR + 6, VENDOR + 12, VENDOR


def test_what_another_controller_changes_is_named_with_both_values() -> None:
    with in_the_field(trouble("overwritten", where="write", amount=5.0)) as bench:
        link = WatchedLink(bench.link)
        [before] = link.read(SUSTAINED, 1)
        link.write(SUSTAINED, [2550])
        bench.wait(1.0)
        link.read(VENDOR, 10)
        link.require_unchanged()
        bench.wait(10.0)
        with pytest.raises(
            InstrumentError, match=rf"{SUSTAINED}\+1 were set to \[2550\] and read \[{before}\]"
        ):
            link.require_unchanged()


def test_what_the_bench_changes_itself_is_its_own() -> None:
    with in_the_field() as bench:
        link = WatchedLink(bench.link)
        for value in (2550, 2560):
            link.write(SUSTAINED, [value])
            bench.wait(1.0)
            assert link.read(SUSTAINED, 1) == [value]
        link.write(HYSTERESIS, [300])
        link.require_unchanged()


def test_registers_that_were_never_read_back_are_not_watched() -> None:
    with in_the_field() as bench:
        link = WatchedLink(bench.link)
        link.write(UNLOCK, [0, 1])
        bench.wait(1.0)
        link.require_unchanged()
