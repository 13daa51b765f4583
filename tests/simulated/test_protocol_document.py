"""The document on protocols names every transport and every trouble there is."""

from __future__ import annotations

from pathlib import Path

from instruments.simulated.transport.link_fault_kinds import EXCEPTIONS, KINDS
from instruments.simulated.transport.transports import TRANSPORTS

TEXT = (Path(__file__).parents[2] / "docs" / "simulation_protocols.md").read_text(encoding="utf-8")


def test_every_transport_is_described() -> None:
    names = [name for known in TRANSPORTS.values() for name in known]
    assert [name for name in names if f"| `{name}`" not in TEXT] == []


def test_every_trouble_is_described() -> None:
    table = TEXT.partition("| Name | What happens |")[2].partition("\n\n")[0]
    exceptions = {f"modbus_exception_{code}" for code in EXCEPTIONS}

    assert [name for name in set(KINDS) - exceptions if f"`{name}`" not in table] == []
    assert [code for code in EXCEPTIONS if f"_{code}`" not in table] == []
