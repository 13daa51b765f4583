"""What is done with points: identity, unlocking, committing, controls, keeping alive."""

from __future__ import annotations

from bench.register_maps.map_table import MapTable
from instruments.interfaces import ControlMode
from instruments.register_maps.model import Commit, Control, IdentityCheck, KeepAlive, Unlock

MODES = {mode.name.lower(): mode for mode in ControlMode}


def read_identity(table: MapTable) -> IdentityCheck:
    """Return one `[[identity]]`."""
    table.allow("point", "equals", "starts_with", "range")
    limits = table.numbers("range", 2)
    check = IdentityCheck(
        point=table.require("point", str),
        equals=tuple(_equals(table)),
        starts_with=tuple(table.texts("starts_with")),
        lowest=limits[0] if limits else None,
        highest=limits[1] if limits else None,
    )
    if not (check.equals or check.starts_with or limits):
        raise table.error("", "expected one of `equals`, `starts_with`, `range`")
    return check


def _equals(table: MapTable) -> list[str | float]:
    found = table.optional("equals", list, [])
    if not all(isinstance(item, str | int | float) for item in found):
        raise table.error("equals", "expected an array of texts or numbers")
    return found


def read_unlock(table: MapTable) -> Unlock:
    """Return `[unlock]`; a code itself is refused, only where it comes from may stand here."""
    table.allow(
        *("point", "code", "code_from", "delay_s", "state_point", "open_value"),
        *("expires_s", "lock_value", "function", "note"),
    )
    if table.has("code"):
        raise table.with_values({}).error(
            "code",
            "a code does not belong into a file; name an environment variable in `code_from`",
        )
    if table.has("function"):
        return Unlock(function=table.require("function", str))
    return Unlock(
        point=table.require("point", str),
        code_from=table.require("code_from", str),
        delay_s=table.optional("delay_s", float, 0.0),
        state_point=table.optional("state_point", str, ""),
        open_value=table.number("open_value"),
        expires_s=table.number("expires_s"),
        lock_value=table.number("lock_value"),
    )


def read_commit(table: MapTable) -> Commit:
    """Return one `[commit.<name>]`."""
    table.allow("point", "value", "longest_s", "result_point", "ok", "failed", "note")
    commit = Commit(
        name=table.name,
        point=table.require("point", str),
        value=table.require("value", float),
        longest_s=table.require("longest_s", float),
        result_point=table.optional("result_point", str, ""),
        ok=tuple(table.numbers("ok")),
        failed={name: float(code) for name, code in table.codes("failed").items()},
    )
    if commit.result_point and not commit.ok:
        raise table.error("result_point", "what does it hold when all went well? `ok` is missing")
    return commit


def read_control(table: MapTable) -> Control:
    """Return one `[control.<mode>]`."""
    table.allow("setpoint", "enable", "on", "off", "released", "toggles", "note")
    if table.name not in MODES:
        raise table.error("", f"there is no such mode; expected one of {', '.join(MODES)}")
    control = Control(
        mode=MODES[table.name],
        setpoint=table.require("setpoint", str),
        enable=table.optional("enable", str, ""),
        on=table.optional("on", float, 1.0),
        off=table.optional("off", float, 0.0),
        released=table.number("released"),
        toggles=table.optional("toggles", bool, False),
    )
    if not control.enable and control.released is None:
        raise table.error(
            "", "how is it switched off? expected `enable`, or `released` for the set-point"
        )
    return control


def read_keep_alive(table: MapTable) -> KeepAlive:
    """Return `[keep_alive]`."""
    table.allow("point", "value", "every_s", "reverts_after_s", "note")
    alive = KeepAlive(
        point=table.require("point", str),
        value=table.require("value", float),
        every_s=table.require("every_s", float),
        reverts_after_s=table.require("reverts_after_s", float),
    )
    if not 0 < alive.every_s < alive.reverts_after_s:
        raise table.error("every_s", "expected more than 0 and less than `reverts_after_s`")
    return alive
