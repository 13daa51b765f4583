"""Troubles given to the simulated laboratory, as the command line writes them: `NAME@ROLE[,KEY=VALUE…]`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from instruments.errors import ConfigurationError

if TYPE_CHECKING:
    from instruments.simulated.transport.link_faults import Trouble

NUMBERS = {"from_s": float, "until_s": float, "count": int, "amount": float, "share": float}
FORM = "NAME@ROLE[,KEY=VALUE…]"
WITHOUT_END = "all"


def parse_trouble(text: str) -> Trouble:
    """Return the trouble a text names, such as `silence@ac_source,from_s=60,count=2`.

    `count=all` is without end. A pattern `where` holds no comma.

    Raises:
        ConfigurationError: it is not of this form. Whether name and role exist is checked by the laboratory.
    """
    # Options alone, which state the form, do not take the simulated laboratory.
    from instruments.simulated.transport.link_faults import Trouble

    head, *items = text.split(",")
    name, at, role = head.partition("@")
    if not (name and at and role):
        raise ConfigurationError(f"--trouble {text}: expected {FORM}")
    return Trouble(name, role, **dict(_value(text, item) for item in items))


def _value(text: str, item: str) -> tuple[str, Any]:
    key, equals, value = item.partition("=")
    if not (key and equals and value):
        raise ConfigurationError(f"--trouble {text}: {item!r}: expected KEY=VALUE")
    if key == "where":
        return key, value
    if key not in NUMBERS:
        raise ConfigurationError(
            f"--trouble {text}: no {key!r}; there are: where, {', '.join(NUMBERS)}"
        )
    if key == "count" and value == WITHOUT_END:
        return key, None
    try:
        return key, NUMBERS[key](value)
    except ValueError as error:
        raise ConfigurationError(f"--trouble {text}: {key}: {error}") from error
