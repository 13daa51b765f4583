"""Steps of a case in words, for plans, plots and notes. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from bench.export_limits.amounts import LIMIT, OFF, Amount
from bench.export_limits.case import Step
from bench.export_limits.orders import ERROR, REFUSED, RESTORED, Orders

NAMES = {
    "export": "export",
    "static_export": "static export",
    "hard_export": "export, hard",
    "generation": "generation",
    "hard_generation": "generation, hard",
    "discharge": "discharge to",
}


def step_name(step: Step) -> str:
    """Return what a step changes, in a few words."""
    return "; ".join(_changes(step)) or "wait"


def amount_text(amount: Amount) -> str:
    """Return a power in the words of a case."""
    if amount.lifted:
        return OFF
    parts = [LIMIT] * amount.limits
    parts += [f"{amount.watts:g} W"] if amount.watts else []
    parts += [f"{100 * amount.share:g} %"] if amount.share else []
    return " + ".join(parts) or "0 W"


def _changes(step: Step) -> Iterator[str]:
    for name, amount in step.commands.items():
        yield f"{NAMES[name]} {amount_text(amount)}"
    if step.reverts_after_s:
        yield f"for {step.reverts_after_s:g} s"
    yield from _around(step)
    if step.service is not None:
        yield "may connect" if step.service else "must not connect"
    if step.in_force is not None:
        yield f"generation {amount_text(step.in_force)} in force"
    if step.low_hard_export is not None:
        yield f"asked for export, hard {amount_text(step.low_hard_export)}"
    if step.provocation is not None:
        yield f"sent {step.provocation.value}"
    yield from _said(step.utility)


def _around(step: Step) -> Iterator[str]:
    """Yield what changes around the inverter."""
    if step.loads is not None:
        yield f"load {' / '.join(map(amount_text, step.loads))}"
    if step.sun is not None:
        yield f"sun {100 * step.sun:g} %"
    if step.second_sun is not None:
        yield f"second inverter {100 * step.second_sun:g} %"
    if step.meter is not None:
        yield f"meter {step.meter.value}"
    if step.supply:
        yield f"supply {step.supply}"
    if step.volt_watt is not None:
        yield f"volt-watt {100 * step.volt_watt:g} %"


def _said(orders: Orders) -> Iterator[str]:
    if orders.default is not None:
        yield f"default {amount_text(orders.default)}"
    if orders.control is not None:
        odd = f", {orders.odd}" if orders.odd else ""
        yield f"control {amount_text(orders.control)}, primacy {orders.primacy}{odd}"
    if orders.cancel:
        yield "cancelled"
    if orders.link:
        yield {ERROR: "server answers errors", REFUSED: "server gone", RESTORED: "server back"}[
            orders.link
        ]
