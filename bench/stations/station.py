"""A connected station: instruments opened, identified, guarded; and the way back to the safe state."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.stations.drivers import make_driver
from bench.stations.envelope import GuardedSource
from bench.stations.interrupts import shielded
from bench.stations.inverter_state import InverterState
from bench.stations.register_links import PutBack, open_inverter_link, open_register_link
from bench.stations.station_file import ANALYSER, InstrumentEntry, InverterFile, StationFile
from instruments.clock import Clock, WallClock
from instruments.errors import (
    BenchError,
    ConfigurationError,
    IdentityMismatch,
    InstrumentError,
    UnsafeBench,
)
from instruments.interfaces import (
    Contactor,
    DemandResponseEnabler,
    Identity,
    Inverter,
    MessageLink,
    PowerAnalyser,
)
from instruments.links.message import VisaMessageLink
from instruments.links.transcript import Transcript
from instruments.load_and_sun import IslandingLoad, PvSource
from instruments.register_maps.access import WideRegisterLink
from instruments.site import MeterFeed, MeterLine, SiteMeter
from instruments.utility import UtilityServer

if TYPE_CHECKING:
    from instruments.simulated.laboratory import Laboratory
    from instruments.simulated.transport.link_faults import Trouble

MESSAGE_ROLES = ("ac_source", "power_analyser", "islanding_load", "pv_source", "second_pv_source")
LOOPBACK = "127.0.0.1"
LOOPBACK_SERVER = f"https://{LOOPBACK}:0"
PROMPTED_TIMEOUT_S = 0.3


@dataclass(frozen=True)
class Identified:
    """One instrument as it answered."""

    role: str
    identity: Identity
    driver: str
    resource: str


class Station:
    """All instruments of one station. Use as a context manager.

    Entering connects and identifies everything, brings the bench to its safe state (whatever a killed run
    left behind), puts back what such a run changed in the inverter, and writes the envelope into the source.
    Leaving brings it to the safe state again.

    Args:
        station: the station's file.
        inverter: the inverter under test.
        faults: deviations of the simulated inverter, by id.
        transcript_path: where exchanges are written; None keeps them in memory.
        troubles: what goes wrong in the simulated laboratory.

    Attributes:
        state: what is remembered of the inverter.
        commands: tells whether the inverter still holds what the bench wrote to it.
        left_behind: settings an earlier session left changed → what they held; they were put back.

    Raises:
        BenchError: nothing was energised when entering fails.
        UnsafeBench: leaving could not confirm the safe state.
    """

    def __init__(
        self,
        station: StationFile,
        inverter: InverterFile,
        faults: tuple[str, ...] = (),
        transcript_path: Path | None = None,
        troubles: Sequence[Trouble] = (),
    ) -> None:
        if faults and station.simulation is None:
            raise ConfigurationError(
                f"--fault {faults[0]}: {station.file} is not simulated; a real inverter has the "
                "faults it has"
            )
        self.file = station
        self.inverter_file = inverter
        self.faults = faults
        self._troubles = troubles
        self._kept: PutBack = lambda: None
        self._ways_back: tuple[PutBack, ...] = ()
        self.state = InverterState(station.state_folder)
        self.left_behind: dict[str, Any] = {}
        self.identified: list[Identified] = []
        self.clock: Clock = WallClock()
        self._transcript_path = transcript_path
        self._stack = ExitStack()
        self._laboratory: Laboratory | None = None

    def __enter__(self) -> Station:
        with ExitStack() as stack:
            self._laboratory = self._start_laboratory(stack)
            if self._laboratory:
                self.clock = self._laboratory.clock
            self.transcript = Transcript(self._transcript_path, self.clock)
            stack.callback(self.transcript.close)
            stack.callback(self.state.close)
            self._connect(stack)
            self.make_safe()
            self._put_back_left_behind()
            self.source.protect()
            self.analyser.configure()
            for array in filter(None, (self.pv_source, self.second_pv_source)):
                array.configure(self.inverter_file.rated_apparent_power_va)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        with self._stack:
            self.make_safe()

    @property
    def simulated(self) -> bool:
        """Whether any instrument is simulated (all are, or none)."""
        return self.file.simulation is not None

    @property
    def exchanges(self) -> int:
        """Questions and answers so far."""
        return self.transcript.count

    def make_safe(self) -> None:
        """Bring everything to the safe state and confirm it, interrupts held back.

        Every step is tried whatever happens to the others; one that failed is tried once more behind them, as a
        link that lost an answer opens anew and an error queue that held an old entry is empty then.

        Raises:
            UnsafeBench: names every step that failed twice.
        """
        with shielded():
            failed = [step for step in self._safe_steps() if _problem(*step)]
            problems = [text for step in failed if (text := _problem(*step))]
        if problems:
            raise UnsafeBench(
                "the bench is NOT confirmed safe; switch it off by hand:\n  "
                + "\n  ".join(problems)
            )

    def restore_settings(self) -> str:
        """Put back what was changed in the inverter; return what could not be put back, empty for nothing."""
        with shielded():
            problems = [_problem("restore the inverter's settings", way) for way in self._ways_back]
        return "; ".join(filter(None, problems))

    def _put_back_left_behind(self) -> None:
        self.left_behind = dict(self.state.before)
        problem = self.restore_settings() if self.left_behind else ""
        if problem:
            raise InstrumentError(
                f"an earlier session ended before it had put back {self.left_behind} (settings → what they "
                f"held), and that failed now: {problem}"
            )

    def _safe_steps(self) -> list[tuple[str, Callable[[], None]]]:
        return [
            ("abort the source's program", self.source.abort_program),
            ("switch the source off", lambda: self.source.switch_output(False)),
            ("confirm the source off", self._confirm_off),
            ("open the contactor", lambda: self.contactor.switch(False)),
            ("release the demand response modes", self._release_demand),
            *self._optional_safe_steps(),
        ]

    def _optional_safe_steps(self) -> Iterator[tuple[str, Callable[[], None]]]:
        pv_source, second, load = self.pv_source, self.second_pv_source, self.islanding_load
        if pv_source:
            yield "switch the PV source off", lambda: pv_source.switch_output(False)
        if second:
            yield "switch the second PV source off", lambda: second.switch_output(False)
        if load:
            yield "disconnect the islanding load", lambda: load.switch(False)
        line = self.meter_line
        if line:
            yield (
                "connect the inverter's meter again",
                lambda: line.set_feed(MeterFeed.WORKING),
            )

    def _release_demand(self) -> None:
        if self.enabler is not None:
            self.enabler.assert_mode(None)

    def _confirm_off(self) -> None:
        if self.source.output_is_on():
            raise UnsafeBench("the source reads back ON")

    def _start_laboratory(self, stack: ExitStack) -> Laboratory | None:
        simulation = self.file.simulation
        if simulation is None:
            return None
        # A fifth of the bench, which a real station does not take.
        from bench.stations.laboratory import build_laboratory

        laboratory = build_laboratory(
            self.file,
            simulation,
            self.inverter_file,
            self.faults,
            troubles=self._troubles,
            prompted=True,
        )
        return stack.enter_context(laboratory)

    def _connect(self, stack: ExitStack) -> None:
        entries, inverter = self.file.entries, self.inverter_file
        source = self._driver(entries["ac_source"], entries["ac_source"].driver, stack)
        self.analyser: PowerAnalyser = self._driver(
            entries["power_analyser"], entries["power_analyser"].driver, stack
        )
        self.contactor: Contactor = self._driver(
            entries["contactor"], entries["contactor"].driver, stack
        )
        self.enabler: DemandResponseEnabler | None = None
        if "demand_response" in entries:
            entry = entries["demand_response"]
            self.enabler = self._driver(entry, entry.driver, stack)
        self.inverter: Inverter = self._inverter_driver(entries["inverter"], stack)
        self.islanding_load: IslandingLoad | None = self._optional("islanding_load", stack)
        self.pv_source: PvSource | None = self._optional("pv_source", stack)
        self.second_pv_source: PvSource | None = self._optional("second_pv_source", stack)
        self.site_meter: SiteMeter | None = self._meter("site_meter", stack)
        self.check_meter: SiteMeter | None = self._meter("check_meter", stack)
        self.meter_line: MeterLine | None = self._optional("meter_line", stack)
        self.utility_server = self._utility_server(stack)
        self._identify(entries["ac_source"], source, entries["ac_source"].driver)
        self._identify(entries["power_analyser"], self.analyser, entries["power_analyser"].driver)
        for role, instrument in (
            ("islanding_load", self.islanding_load),
            ("pv_source", self.pv_source),
            ("second_pv_source", self.second_pv_source),
            ("site_meter", self.site_meter),
            ("check_meter", self.check_meter),
        ):
            if instrument:
                self._identify(entries[role], instrument, entries[role].driver)
        self._identify(entries["inverter"], self.inverter, inverter.driver)
        self.state.open(self.identified[-1].identity, entries["inverter"].resource)
        self.source = GuardedSource(source, self.file.envelope, self.file.file)

    def _optional(self, role: str, stack: ExitStack) -> Any:
        """Return the driver of a role that not every station has, or None."""
        entry = self.file.entries.get(role)
        return self._driver(entry, entry.driver, stack) if entry else None

    def _meter(self, role: str, stack: ExitStack) -> SiteMeter | None:
        """Return a meter at the connection point: its own driver, or further channels of the analyser."""
        entry = self.file.entries.get(role)
        if entry is None or entry.driver != ANALYSER:
            meter: SiteMeter | None = self._optional(role, stack)
            return meter
        channels: SiteMeter | None = getattr(self.analyser, "site_meter", lambda: None)()
        if channels is None:
            raise ConfigurationError(
                f"{self.file.file}: table [{role}]: driver = {ANALYSER!r}: the analyser's driver reads no "
                "channels at the connection point"
            )
        return channels

    def _utility_server(self, stack: ExitStack) -> UtilityServer | None:
        """Return the server that tells the site its limits; it serves when a procedure opens it."""
        entry = self.file.entries.get("utility_server")
        if entry is None:
            return None
        address, clock, options = entry.resource, self.clock, dict(entry.options)
        if "certificates" in options:
            options["certificates"] = self.file.file.parent / options["certificates"]
        if self._laboratory:
            site = self._laboratory.csip_site
            address, clock, options["audience"] = LOOPBACK_SERVER, site.clock, site
        where = f"{self.file.file}: table [{entry.role}]"
        server: UtilityServer = make_driver(entry.driver, address, clock, options, where)
        stack.callback(server.close)
        self._identify(entry, server, entry.driver)
        return server

    def _driver(self, entry: InstrumentEntry, driver: str, stack: ExitStack) -> Any:
        own = self._inverter_options() if entry.role == "inverter" else {}
        link = self._open_link(entry)
        stack.callback(link.close)
        return make_driver(
            driver,
            link,
            self.clock,
            {**entry.options, **own},
            f"{self.file.file}: table [{entry.role}]",
        )

    def _inverter_driver(self, entry: InstrumentEntry, stack: ExitStack) -> Inverter:
        """Return the inverter's driver, and know from now on how its settings are put back."""
        driver = self._driver(entry, self.inverter_file.driver, stack)
        own = self.inverter_file.keeps_account
        self._ways_back = (driver.put_back,) if own else (driver.controls.restore, self._kept)
        inverter: Inverter = driver
        return inverter

    def _inverter_options(self) -> dict[str, Any]:
        """Return the options of the inverter's driver, and its memory if it keeps account by itself."""
        memory = {"memory": self.state} if self.inverter_file.keeps_account else {}
        return {**self.inverter_file.options, **memory}

    def _open_link(self, entry: InstrumentEntry) -> MessageLink | WideRegisterLink:
        if entry.role in MESSAGE_ROLES:
            resource = entry.resource
            if self._laboratory:
                resource = str(self._laboratory.resources[entry.role])
            return VisaMessageLink.open(
                resource,
                name=entry.role,
                clock=self.clock,
                transcript=self.transcript,
                back_end=entry.back_end,
                timeout_s=self._timeout_s(entry),
            )
        return self._open_register_link(entry)

    def _timeout_s(self, entry: InstrumentEntry) -> float:
        """Return how long an answer is awaited on the wall's clock.

        A prompted laboratory has answered before the client begins to wait, or never will.
        """
        return PROMPTED_TIMEOUT_S if self._troubles else entry.timeout_s

    def _open_register_link(self, entry: InstrumentEntry) -> WideRegisterLink:
        address = (LOOPBACK, self._laboratory.ports[entry.role]) if self._laboratory else None
        timeout_s = self._timeout_s(entry)
        if entry.role != "inverter":
            return open_register_link(
                entry, self.clock, self.transcript, timeout_s=timeout_s, address=address
            )
        self.commands, self._kept = open_inverter_link(
            entry,
            self.inverter_file,
            self.clock,
            self.transcript,
            self.state,
            timeout_s=timeout_s,
            address=address,
        )
        return self.commands

    def _identify(self, entry: InstrumentEntry, instrument: Any, driver: str) -> None:
        identity: Identity = instrument.identify()
        inverter = self.inverter_file
        wanted = (
            {"maker": inverter.maker, "model": inverter.model}
            if entry.role == "inverter"
            else {"maker": entry.maker, "model": entry.model, "serial": entry.serial}
        )
        for field, expected in wanted.items():
            found = getattr(identity, field)
            if expected and found != expected:
                raise IdentityMismatch(
                    f"{entry.role} at {entry.resource}: {field} is {found!r}, expected "
                    f"{expected!r} ({self.file.file}). The instrument answered: {identity}. "
                    "Nothing was energised."
                )
        resource = entry.resource
        self.identified.append(Identified(entry.role, identity, driver, resource))


def _problem(name: str, step: Callable[[], None]) -> str:
    try:
        step()
    except (BenchError, OSError) as error:
        return f"{name}: {error}"
    return ""
