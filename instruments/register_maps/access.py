"""What a register map needs of a link: more than holding registers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from instruments.interfaces import RegisterLink


class WideRegisterLink(RegisterLink, Protocol):
    """All registers of one Modbus unit."""

    def read_input(self, address: int, count: int) -> list[int]:
        """Return `count` input registers (function 4)."""
        ...

    def write_single(self, address: int, value: int) -> None:
        """Write one register with function 6. Sent once, whatever happens."""
        ...

    def write_secret(self, address: int, values: Sequence[int]) -> None:
        """Write registers with function 16, once, and keep their values out of every record."""
        ...
