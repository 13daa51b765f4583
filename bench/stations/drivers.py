"""From a driver's name in a file to a driver on a link."""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from typing import Any

from instruments.clock import Clock
from instruments.errors import ConfigurationError
from instruments.interfaces import MessageLink, RegisterLink


def make_driver(
    driver: str,
    link: MessageLink | RegisterLink | str,
    clock: Clock,
    options: Mapping[str, Any],
    where: str,
) -> Any:
    """Return the driver `package.module:Class` on a link.

    Args:
        link: of an instrument; of a server that is itself asked, the address where it listens.
        options: keyword arguments of the driver.
        where: file and table that name it, for messages.

    Raises:
        ConfigurationError: it cannot be loaded, or does not take the options.
    """
    made = _resolve(driver, where)
    try:
        return made(link, clock, **options)
    except TypeError as error:
        raise ConfigurationError(
            f"{where}: driver {driver} does not take these options: {error}"
        ) from error


def _resolve(driver: str, where: str) -> Any:
    try:
        return pkgutil.resolve_name(driver)
    except (ImportError, AttributeError, ValueError) as error:
        raise ConfigurationError(
            f"{where}: driver = {driver!r} cannot be loaded: {error}. Expected package.module:Class"
        ) from error
