"""From what is asked for to inverters that can be audited: every file loaded and checked, nothing connected."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from bench.audit.address import TLS, Address, Place
from bench.audit.audit import Audit, map_fingerprint
from bench.audit.judging import Auditor
from bench.audit.reading import read_at, read_simulated
from bench.audit.sites import SIMULATED, Site
from bench.grid_code.profile import GridCode
from bench.inputs import load_layers
from bench.paths import DEFAULT_STATION
from bench.stations.simulation import set_up_for, with_simulated
from bench.stations.station_file import InverterFile, load_inverter, load_station
from bench.stations.tls_table import Stated
from bench.verdicts.decision_rule import decision_rule
from instruments.clock import utc_now
from instruments.errors import ConfigurationError

Made = TypeVar("Made")


@dataclass(frozen=True)
class Asked:
    """What holds for all sites that do not say otherwise.

    Attributes:
        faults, changes: of simulated inverters.
        unexposed_allowed: whether settings an inverter does not expose leave the others to decide.
        tls: files of secured connections, where a site states none.
    """

    grid_code: str
    distributor: str | None = None
    overlay: Path | None = None
    decision_rule: str | None = None
    faults: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()
    unexposed_allowed: bool = False
    tls: Stated = field(default_factory=dict)


@dataclass(frozen=True)
class Prepared:
    """An inverter that can be audited.

    Attributes:
        place: None in the simulated laboratory.
    """

    name: str
    place: Place | None
    grid_code: GridCode
    inverter: InverterFile
    auditor: Auditor
    faults: tuple[str, ...]
    unexposed_allowed: bool

    @property
    def endpoint(self) -> str:
        """What a connection is made to; empty in the simulated laboratory."""
        return self.place.endpoint if self.place else ""

    @property
    def address(self) -> str:
        """The address with its unit; empty in the simulated laboratory."""
        return str(self.place) if self.place else ""

    @property
    def inputs(self) -> dict[str, Any]:
        """What its verdicts will depend on, as `bench.audit.audit.inputs` finds it in a document."""
        return {
            "limits": [layer.sha256 for layer in self.grid_code.layers],
            "decision_rule": self.grid_code.rule.id,
            "unexposed_allowed": self.unexposed_allowed,
            "address": self.address or None,
            "inverter_file_sha256": self.inverter.sha256,
            "register_map_fingerprint": map_fingerprint(self.inverter),
        }

    def audit(self) -> Audit:
        """Read the inverter and judge what it says."""
        if self.place:
            reading = read_at(self.place, self.inverter)
        else:
            reading = read_simulated(load_station(DEFAULT_STATION), self.inverter, self.faults)
        return Audit(
            site=self.name,
            address=self.address,
            simulated=self.place is None,
            grid_code=self.grid_code,
            inverter=self.inverter,
            reading=reading,
            auditor=self.auditor,
            audited=utc_now(),
            unexposed_allowed=self.unexposed_allowed,
        )


class Preparation:
    """Prepares sites; what several of them share is loaded once."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self._made: dict[Hashable, object] = {}

    def prepare(self, site: Site) -> Prepared:
        """Return a site ready to be audited.

        Raises:
            ConfigurationError: names the file and what is wrong there.
        """
        address = self._address(site)
        if site.tls and (address is None or address.scheme != TLS):
            raise ConfigurationError(
                f"{site.where}: {', '.join(site.tls)}: {site.at} is no connection over TLS; expected "
                "tls://host:port"
            )
        asked = self._asked
        if address and (asked.faults or asked.changes):
            option = (
                f"--fault {asked.faults[0]}" if asked.faults else f"--change {asked.changes[0]}"
            )
            raise ConfigurationError(f"{option}: {site.at} is not simulated")
        code = self._grid_code(site)
        inverter = self._inverter(site.inverter, code)
        return Prepared(
            name=site.name,
            place=self._place(address, site, inverter) if address else None,
            grid_code=code,
            inverter=inverter,
            auditor=self._once(
                ("auditor", site.inverter, id(code)), lambda: Auditor(code, inverter)
            ),
            faults=asked.faults,
            unexposed_allowed=asked.unexposed_allowed,
        )

    def _address(self, site: Site) -> Address | None:
        if site.at == SIMULATED:
            return None
        try:
            address = Address.parse(site.at)
        except ConfigurationError as error:
            raise ConfigurationError(f"{site.where}: {error}") from error
        return address if site.unit is None else replace(address, unit=site.unit)

    def _place(self, address: Address, site: Site, inverter: InverterFile) -> Place:
        """Return where a site is, the files of its connection checked."""
        place = address.place(inverter, {**self._asked.tls, **site.tls})
        try:
            self._once(("tls", place.scheme == TLS, place.tls), place.context)
        except ConfigurationError as error:
            raise ConfigurationError(f"{site.where}: {error}") from error
        return place

    def _grid_code(self, site: Site) -> GridCode:
        name = site.grid_code or self._asked.grid_code
        distributor = site.distributor or self._asked.distributor
        return self._once(("grid code", name, distributor), lambda: self._loaded(name, distributor))

    def _loaded(self, name: str, distributor: str | None) -> GridCode:
        code = load_layers(name, self._asked.overlay, distributor)
        rule = self._asked.decision_rule
        return code if rule is None else replace(code, rule=decision_rule(rule))

    def _inverter(self, file: Path, code: GridCode) -> InverterFile:
        def loaded() -> InverterFile:
            return set_up_for(with_simulated(load_inverter(file), self._asked.changes), code)

        return self._once(("inverter", file, id(code)), loaded)

    def _once(self, key: Hashable, make: Callable[[], Made]) -> Made:
        if key not in self._made:
            self._made[key] = make()
        made: Made = self._made[key]  # type: ignore[assignment]
        return made
