"""How often flash memory may still be written: a budget of one day, and one in all. Pure."""

from __future__ import annotations

from instruments.inverters.memory import InverterMemory
from instruments.register_maps.model import Write


def refusal(name: str, write: Write, memory: InverterMemory, needed: int) -> str:
    """Return why a point is not written, with count, budget and what to do; empty when it may be.

    Args:
        name: of the point, as the memory counts it.
        needed: writes that must be left: this one, and the one that puts it back.
    """
    kept = "; one is kept for putting it back" if needed > 1 else ""
    today, ever = memory.writes_today(name), memory.writes_in_all(name)
    if write.most_writes_in_all is not None and ever + needed > write.most_writes_in_all:
        return (
            f"was written {ever} times in all, and the budget of its flash memory is "
            f"{write.most_writes_in_all} in all{kept}. Nothing was written. Test another inverter of this "
            "type, or raise most_writes_in_all in the map if the maker's document allows more"
        )
    if write.most_writes is not None and today + needed > write.most_writes:
        return (
            f"was written {today} times since midnight UTC, and the budget of its flash memory is "
            f"{write.most_writes} a day{kept}. Nothing was written. Go on tomorrow, or raise most_writes in "
            "the map if the maker's document allows more"
        )
    return ""
