"""What a distributor's utility server tells a site, and what a server the bench runs itself can do.

Powers are in W at the connection point or of the devices behind it, as IEEE 2030.5 and CSIP-AUS name them.
Times are the bench's clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol

from instruments.interfaces import Identity


class ResponseStatus(IntEnum):
    """What a client answers to a control (IEEE 2030.5, response types of the DER function set)."""

    RECEIVED = 1
    STARTED = 2
    COMPLETED = 3
    CANCELLED = 6
    SUPERSEDED = 7
    NOT_APPLICABLE = 252
    INVALID = 253
    LATE = 254


@dataclass(frozen=True)
class SiteLimits:
    """Values of one control; None says nothing.

    Attributes:
        export_w, import_w: of active power at the connection point (opModExpLimW, opModImpLimW).
        generation_w, load_w: of the devices together (opModGenLimW, opModLoadLimW).
        energize, connect: False asks to cease, or to open the relay (opModEnergize, opModConnect).
        target_w: set-point of active power (opModTargetW), which few clients support.
        ramp_s: time to take for the change (rampTms); without it the default gradient applies.
    """

    export_w: float | None = None
    import_w: float | None = None
    generation_w: float | None = None
    load_w: float | None = None
    energize: bool | None = None
    connect: bool | None = None
    target_w: float | None = None
    ramp_s: float | None = None


@dataclass(frozen=True)
class DefaultOrder:
    """What a site keeps to while no control is active.

    Attributes:
        gradient_pct_per_s: of the rating (setGradW); 0 is no limit, None says nothing.
    """

    limits: SiteLimits
    gradient_pct_per_s: float | None = None


@dataclass(frozen=True)
class ControlOrder:
    """A control to be published.

    Attributes:
        start_s: bench's clock; the server speaks whole seconds and takes the next one.
        primacy: of the program it belongs to; the lower number wins.
        randomize_start_s: the site starts at random within so long after the start.
        multiplier: power of ten of the powers in the message; None takes the smallest that fits.
    """

    limits: SiteLimits
    start_s: float
    duration_s: float
    primacy: int = 1
    randomize_start_s: int = 0
    multiplier: int | None = None


@dataclass(frozen=True)
class PublishedControl:
    """A control as the server serves it.

    Attributes:
        control_id: its mRID, by which responses name it.
        limits: what its message says, which has no more resolution than the message.
        start_s, duration_s: on the bench's clock.
    """

    control_id: str
    limits: SiteLimits
    start_s: float
    duration_s: float


@dataclass(frozen=True)
class ControlResponse:
    """What a client answered to a control.

    Attributes:
        received_s: when the server got it.
        created_s: when the client says it was; None when it does not.
    """

    control_id: str
    status: int
    received_s: float
    created_s: float | None


@dataclass(frozen=True)
class PostedReading:
    """A measured value a client posted.

    Attributes:
        received_s: when the server got it.
        quantity: unit of measure of IEEE 2030.5: 38 W, 63 var, 29 V.
        location: "site" or "device".
        value: in the unit, as the client signs it.
    """

    received_s: float
    quantity: int
    location: str
    value: float


class UtilityServer(Protocol):
    """A utility server whose every word the bench decides."""

    def identify(self) -> Identity: ...

    def open(self) -> None:
        """Begin to serve, with no program."""
        ...

    def close(self) -> None:
        """End; nothing happens when it has ended."""
        ...

    def set_rates(self, poll_s: int, post_s: int) -> None:
        """Ask clients to poll and to post this often."""
        ...

    def publish_default(self, order: DefaultOrder, primacy: int) -> DefaultOrder:
        """Make it the default of the program with this primacy; return it as the message says it."""
        ...

    def withdraw_default(self, primacy: int) -> None:
        """Take the default of a program away."""
        ...

    def publish_control(self, order: ControlOrder) -> PublishedControl:
        """Add a control to the program with its primacy."""
        ...

    def cancel(self, control_id: str) -> None:
        """Mark a control as cancelled now."""
        ...

    def cut(self, manner: str) -> None:
        """Stop to serve: "error" answers HTTP 500, "refused" accepts no connection."""
        ...

    def restore(self) -> None:
        """Serve again."""
        ...

    def delivered_s(self, control_id: str) -> float | None:
        """Return when a client first read a control; None when none has."""
        ...

    def cancellation_delivered_s(self, control_id: str) -> float | None:
        """Return when a client first read that a control is cancelled; None when none has."""
        ...

    def default_delivered_s(self, primacy: int) -> float | None:
        """Return when a client first read the default that a program has now; None when none has."""
        ...

    def last_poll_s(self) -> float | None:
        """Return when a client last read the programs; None when none has."""
        ...

    def responses(self) -> Sequence[ControlResponse]:
        """Return what clients answered so far, in order."""
        ...

    def readings(self) -> Sequence[PostedReading]:
        """Return what clients posted so far, in order."""
        ...

    def complaints(self) -> Sequence[str]:
        """Return what was wrong with clients' requests, in order."""
        ...
