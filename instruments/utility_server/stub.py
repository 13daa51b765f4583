"""The utility server the bench runs itself: what it publishes, what it withholds, what it heard."""

from __future__ import annotations

import importlib.util
import tempfile
import threading
from collections.abc import Sequence
from contextlib import ExitStack
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from instruments.clock import Clock
from instruments.errors import BenchError, ConfigurationError
from instruments.interfaces import Identity
from instruments.utility import (
    ControlOrder,
    ControlResponse,
    DefaultOrder,
    PostedReading,
    PublishedControl,
    SiteLimits,
)
from instruments.utility_server.active_power import encode
from instruments.utility_server.identity import pin_is_valid
from instruments.utility_server.programs import POWERS, Programs, Values
from instruments.utility_server.server_time import ServerTime

if TYPE_CHECKING:
    from instruments.utility_server.https_server import HttpsServer
    from instruments.utility_server.resources import Resources

LOOPBACK = "127.0.0.1"
MANNERS = ("error", "refused")
SHORTEST_RATE_S = 1
DEFAULT_PIN = 111_115
EXTRA = ("envoy_schema", "cryptography")


class Audience(Protocol):
    """Who wants to know when a server begins and ends, because nobody configures it by hand."""

    def admitted(self, url: str, certificates: Path) -> None:
        """Take notice that a server serves, and of a folder with a client's certificate for it."""
        ...

    def dismissed(self) -> None:
        """Take notice that it has ended."""
        ...


class UtilityServerStub:
    """Implements `UtilityServer` on the standard library's HTTP server.

    Args:
        address: `https://host:port` to listen at; port 0 takes a free one.
        clock: times of the programming interface; the server's time of day is derived from it.
        certificates: folder with `server.pem`, `server.key` and `authorities.pem` (whose issuers clients may
            have); None makes a set for this server and its audience.
        registration: "listed" has every client find itself registered, "in band" has it register itself.
        pin: of the registration, its last digit a check digit.
        skew_s: by which the server's time is wrong on purpose.
        audience: who is told when it begins and ends.

    Raises:
        ConfigurationError: an argument cannot be used, or the optional extra is not installed.
    """

    def __init__(
        self,
        address: str,
        clock: Clock,
        *,
        certificates: Path | str | None = None,
        registration: str = "listed",
        pin: int = DEFAULT_PIN,
        skew_s: float = 0.0,
        audience: Audience | None = None,
    ) -> None:
        self._bind = _bind_address(address)
        if registration not in ("listed", "in band"):
            raise ConfigurationError(
                f"utility server: registration = {registration!r}: expected 'listed' or 'in band'"
            )
        _require_pin(pin)
        if certificates is None and audience is None:
            raise ConfigurationError(
                "utility server: no certificates: expected a folder with server.pem, server.key and "
                "authorities.pem; `bench certificates` makes a set for a test (docs/csip.md)"
            )
        self._certificates = None if certificates is None else Path(certificates)
        self._listed, self._pin = registration == "listed", pin
        self._time = ServerTime(clock, skew_s)
        self._audience = audience
        self._lock = threading.Lock()
        self._stack = ExitStack()
        self._programs = Programs()
        self._resources: Resources | None = None
        self._server: HttpsServer | None = None
        self._folder: Path | None = None

    def identify(self) -> Identity:
        """Return who it is; versions are those of the messages."""
        return Identity("Inverter Compliance Bench", "Utility server", "", "CSIP-AUS 1.2")

    @property
    def url(self) -> str:
        """Where clients begin. Raises ConfigurationError while it is closed."""
        host = self._bind[0]
        return f"https://{host}:{self._open_server().port}/dcap"

    def open(self) -> None:
        """Begin to serve, with no program and nothing heard.

        Raises:
            ConfigurationError: the extra is not installed, or a certificate cannot be used.
            LinkRefused: the address cannot be bound.
        """
        self.close()
        _require_extra()
        from instruments.utility_server.resources import Resources

        with ExitStack() as stack:
            self._programs = Programs()
            self._resources = Resources(self._time, self._programs, self._pin, listed=self._listed)
            self._folder = self._certificates or self._made_certificates(stack)
            self._server = self._listening(self._bind)
            stack.callback(self._stop)
            if self._audience:
                self._audience.admitted(self.url, self._folder)
                stack.callback(self._audience.dismissed)
            self._stack = stack.pop_all()

    def close(self) -> None:
        """End; what it heard is forgotten with the next `open`."""
        self._stack.close()

    def set_rates(self, poll_s: int, post_s: int) -> None:
        """Ask clients to poll and to post this often; they learn it with their next poll."""
        for rate_s in (poll_s, post_s):
            if rate_s < SHORTEST_RATE_S:
                raise ConfigurationError(
                    f"a rate of {rate_s} s: expected {SHORTEST_RATE_S} s or more"
                )
        with self._lock:
            resources = self._open_resources()
            resources.poll_s, resources.post_s = poll_s, post_s

    def publish_default(self, order: DefaultOrder, primacy: int) -> DefaultOrder:
        """Make it the default of the program with this primacy; return it as the message says it."""
        values = _values(order.limits, None)
        gradient = order.gradient_pct_per_s
        hundredths = None if gradient is None else round(100 * gradient)
        with self._lock:
            resources = self._open_resources()
            self._programs.set_default(primacy, values, hundredths)
            resources.heard.defaults_s.pop(primacy, None)
        said = None if hundredths is None else hundredths / 100
        return DefaultOrder(_said(values), said)

    def withdraw_default(self, primacy: int) -> None:
        """Take the default of a program away."""
        with self._lock:
            self._open_resources()
            self._programs.of(primacy).default = None

    def publish_control(self, order: ControlOrder) -> PublishedControl:
        """Add a control to the program with its primacy.

        Raises:
            ConfigurationError: a power does not fit into the message.
        """
        values = _values(order.limits, order.multiplier)
        with self._lock:
            self._open_resources()
            control = self._programs.add(
                order.primacy,
                values,
                created_s=int(self._time.now_s()),
                start_s=self._time.next_second(order.start_s),
                duration_s=round(order.duration_s),
                window_s=order.randomize_start_s,
            )
        start_s = self._time.to_bench(control.start_s)
        return PublishedControl(control.mrid, _said(values), start_s, float(control.duration_s))

    def cancel(self, control_id: str) -> None:
        """Mark a control as cancelled now."""
        with self._lock:
            self._open_resources()
            self._programs.cancel(control_id, int(self._time.now_s()))

    def cut(self, manner: str) -> None:
        """Stop to serve: "error" answers HTTP 500, "refused" accepts no connection."""
        if manner not in MANNERS:
            raise ConfigurationError(f"cut {manner!r}: expected one of {', '.join(MANNERS)}")
        server = self._open_server()
        server.failing = True
        if manner == "refused":
            server.close()

    def restore(self) -> None:
        """Serve again, at the same address."""
        server = self._open_server()
        if server.closed:
            self._server = self._listening((self._bind[0], server.port))
        else:
            server.failing = False

    def delivered_s(self, control_id: str) -> float | None:
        """Return when a client first read a control; None when none has."""
        with self._lock:
            return self._open_resources().heard.delivered_s.get(control_id)

    def cancellation_delivered_s(self, control_id: str) -> float | None:
        """Return when a client first read that a control is cancelled; None when none has."""
        with self._lock:
            return self._open_resources().heard.cancelled_s.get(control_id)

    def default_delivered_s(self, primacy: int) -> float | None:
        """Return when a client first read the default that a program has now; None when none has."""
        with self._lock:
            return self._open_resources().heard.defaults_s.get(primacy)

    def last_poll_s(self) -> float | None:
        """Return when a client last read the programs; None when none has."""
        with self._lock:
            return self._open_resources().heard.last_poll_s

    def responses(self) -> Sequence[ControlResponse]:
        """Return what clients answered so far, in order."""
        with self._lock:
            return tuple(self._open_resources().heard.responses)

    def readings(self) -> Sequence[PostedReading]:
        """Return what clients posted so far, in order."""
        with self._lock:
            return tuple(self._open_resources().heard.readings)

    def complaints(self) -> Sequence[str]:
        """Return what was wrong with clients' requests, in order."""
        with self._lock:
            return tuple(self._open_resources().heard.complaints)

    def _listening(self, address: tuple[str, int]) -> HttpsServer:
        from instruments.utility_server.certificates import CertificateFolder
        from instruments.utility_server.https_server import HttpsServer, server_context

        assert self._folder is not None
        context = server_context(CertificateFolder.of(self._folder, "server"))
        return HttpsServer(address, context, self._handle, self._complain)

    def _handle(
        self, method: str, target: str, body: bytes, lfdi: str
    ) -> tuple[HTTPStatus, bytes, str]:
        assert self._resources is not None
        with self._lock:
            answer = self._resources.handle(method, target, body, lfdi)
        return answer.status, answer.body, answer.location

    def _complain(self, text: str) -> None:
        assert self._resources is not None
        with self._lock:
            self._resources.heard.complaints.append(text)

    def _made_certificates(self, stack: ExitStack) -> Path:
        from instruments.utility_server.certificates import make_certificates

        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="utility-server-")))
        make_certificates(folder, self._bind[0])
        return folder

    def _open_resources(self) -> Resources:
        """Return the resources. Raises what the server failed with, whose threads have no caller."""
        self._open_server()
        assert self._resources is not None
        return self._resources

    def _open_server(self) -> HttpsServer:
        if self._server is None:
            raise ConfigurationError(
                "the utility server is not open: expected open() before anything else"
            )
        if self._server.failure is not None:
            raise BenchError(
                f"the utility server failed: {self._server.failure!r}"
            ) from self._server.failure
        return self._server

    def _stop(self) -> None:
        server, self._server = self._server, None
        if server is not None and not server.closed:
            server.close()


def extra_is_installed() -> bool:
    """Return whether the packages of the extra `csip` are there."""
    return all(importlib.util.find_spec(name) is not None for name in EXTRA)


def _require_extra() -> None:
    if not extra_is_installed():
        raise ConfigurationError(
            "a utility server takes the optional extra csip, which is not installed: "
            "pip install inverter-compliance-bench[csip]"
        )


def _require_pin(pin: int) -> None:
    if not pin_is_valid(pin):
        raise ConfigurationError(
            f"utility server: pin = {pin}: expected up to six digits whose "
            f"sum is a multiple of ten, such as {DEFAULT_PIN}"
        )


def _bind_address(address: str) -> tuple[str, int]:
    parts = urlsplit(address)
    if parts.scheme != "https" or not parts.hostname or parts.path not in ("", "/"):
        raise ConfigurationError(
            f"utility server: resource = {address!r}: expected https://host:port to listen at, such as "
            f"https://{LOOPBACK}:8443"
        )
    return parts.hostname, 443 if parts.port is None else parts.port


def _values(limits: SiteLimits, multiplier: int | None) -> Values:
    stated = {name: getattr(limits, name) for name in POWERS}
    powers = {
        name: encode(power_w, multiplier) for name, power_w in stated.items() if power_w is not None
    }
    ramp_cs = None if limits.ramp_s is None else round(100 * limits.ramp_s)
    return Values(powers, limits.energize, limits.connect, ramp_cs)


def _said(values: Values) -> SiteLimits:
    ramp_s = None if values.ramp_cs is None else values.ramp_cs / 100
    powers = {name: power.watts for name, power in values.powers.items()}
    return SiteLimits(**powers, energize=values.energize, connect=values.connect, ramp_s=ramp_s)
