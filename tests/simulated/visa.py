"""The laboratory's instruments as a user of VISA opens them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pyvisa

from instruments.simulated.laboratory import Laboratory


@contextmanager
def opened(laboratory: Laboratory, role: str, timeout_s: float = 10.0) -> Iterator[Any]:
    """Open a role's resource with pyvisa-py; several may be open at once."""
    resource: Any = pyvisa.ResourceManager("@py").open_resource(
        str(laboratory.resources[role]), read_termination="\n", write_termination="\n"
    )
    resource.timeout = 1000 * timeout_s
    try:
        yield resource
    finally:
        resource.close()
