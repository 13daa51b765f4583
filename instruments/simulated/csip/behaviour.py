"""How a simulated client behaves. The defaults keep to CSIP-AUS; a fault changes one."""

from __future__ import annotations

from dataclasses import dataclass

from instruments.errors import ConfigurationError

DEFAULT, LAST, CEASE = WITHOUT_CONTROL = ("default", "last", "cease")


@dataclass(frozen=True)
class ClientBehaviour:
    """One client.

    Attributes:
        tick_s: the gateway moves the inverter's limits this often.
        write_s: from a write of the gateway to its effect in the inverter.
        boot_s: from the return of its supply to its first act.
        retry_s: after an exchange that failed it tries again this soon at the latest.
        latency_s: typical time from a question to its answer.
        clock_skew_s: by which its own clock is wrong before it has read the server's.
        start_delay_s: by which it begins controls late.
        heeds_primacy: False for one that follows the control created last, whatever its program.
        heeds_cancellation: False for one that carries a cancelled control to its end.
        heeds_multiplier: False for one that takes the value of a power for watts.
        randomizes: False for one that starts every control at its very start.
        rejects_invalid: False for one that takes a control over that it should refuse.
        without_control: what holds when no control is left: the "default", the "last" limit, or "cease".
        remembers_default: False for one that knows no default after a loss of its supply.
        works_offline: False for one that drops its schedule when the server is gone.
        export_as_generation: applies a limit of export to its own generation.
        responds: False for one that answers nothing to controls.
    """

    tick_s: float = 0.5
    write_s: float = 0.0
    boot_s: float = 20.0
    retry_s: float = 60.0
    latency_s: float = 0.04
    clock_skew_s: float = 0.0
    start_delay_s: float = 0.0
    heeds_primacy: bool = True
    heeds_cancellation: bool = True
    heeds_multiplier: bool = True
    randomizes: bool = True
    rejects_invalid: bool = True
    without_control: str = "default"
    remembers_default: bool = True
    works_offline: bool = True
    export_as_generation: bool = False
    responds: bool = True

    def __post_init__(self) -> None:
        if self.without_control not in WITHOUT_CONTROL:
            raise ConfigurationError(
                f"the site client has without_control = {self.without_control!r}; expected one of "
                f"{', '.join(WITHOUT_CONTROL)}"
            )
