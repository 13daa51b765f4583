"""Troubles as the command line writes them."""

from __future__ import annotations

import pytest

from bench.stations.troubles import parse_trouble
from instruments.errors import ConfigurationError
from instruments.simulated.transport.link_faults import Trouble


@pytest.mark.parametrize(
    ("text", "trouble"),
    [
        ("silence@ac_source", Trouble("silence", "ac_source")),
        (
            "delay@inverter,amount=2.5,from_s=60,until_s=90",
            Trouble("delay", "inverter", from_s=60.0, until_s=90.0, amount=2.5),
        ),
        (
            "ignored_write@contactor,where=write 0 1,count=3",
            Trouble("ignored_write", "contactor", where="write 0 1", count=3),
        ),
        (
            "output_stays_on@ac_source,count=all",
            Trouble("output_stays_on", "ac_source", count=None),
        ),
        ("garbage@ac_source,where=A=B", Trouble("garbage", "ac_source", where="A=B")),
    ],
)
def test_a_text_names_kind_role_and_moment(text: str, trouble: Trouble) -> None:
    assert parse_trouble(text) == trouble


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("silence", "NAME@ROLE"),
        ("@ac_source", "NAME@ROLE"),
        ("silence@", "NAME@ROLE"),
        ("silence@ac_source,count", "KEY=VALUE"),
        ("silence@ac_source,colour=red", "no 'colour'"),
        ("silence@ac_source,count=many", "count"),
        ("silence@ac_source,from_s=soon", "from_s"),
    ],
)
def test_another_form_is_refused(text: str, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        parse_trouble(text)
