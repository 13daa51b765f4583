"""An inverter model from outside in the place of the simulated one (docs/inverter_models.md)."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from math import inf
from pathlib import Path
from typing import Any, Protocol

from instruments.errors import ConfigurationError
from instruments.interfaces import PhaseValues
from instruments.simulated.inverter.control import Plan
from instruments.simulated.inverter.parameters import InverterParameters
from instruments.simulated.inverter.power_stage import balanced_currents, current_spectrum
from instruments.simulated.inverter.settings import GridSettings
from instruments.simulated.inverter.site import GridInverter, Site
from instruments.simulated.physics.segments import Spectrum

LONGEST_ANSWER_S = 3600.0


@dataclass(frozen=True)
class Terminals:
    """What a model is shown.

    Attributes:
        time_s: since the laboratory was switched on.
        voltages_v: one-cycle rms of each phase; unused phases of a single-phase inverter too.
        frequency_hz: of the voltage; the last one known on a dead bus.
        available_power_w: what the array could deliver.
        storage_command_w: what the store is asked for, positive discharges.
        permitted: whether the inverter may connect.
        demand_response: DRM 0 to 8, or None.
        settings: as written over Modbus, or the factory's.
    """

    time_s: float
    voltages_v: PhaseValues
    frequency_hz: float
    available_power_w: float
    storage_command_w: float
    permitted: bool
    demand_response: int | None
    settings: GridSettings


@dataclass(frozen=True)
class Feed:
    """What a model does until it is asked again.

    Attributes:
        connected: whether its relay is closed.
        active_power_w, reactive_power_var: balanced over its phases; positive feeds and supplies.
        holds_s: ask again after this time at the latest, sooner when the grid changes.
        alarm: OV, UV, OF, UF or ISLAND after a trip, else empty.
    """

    connected: bool
    active_power_w: float
    reactive_power_var: float
    holds_s: float
    alarm: str = ""


class InverterModel(Protocol):
    """What an outside model is: built from its ratings, asked again and again."""

    def step(self, terminals: Terminals) -> Feed:
        """Return what the inverter does from now on."""


class OutsideInverter:
    """Puts a model into the world. Implements `GridInverter`."""

    def __init__(self, parameters: InverterParameters, site: Site, model: InverterModel) -> None:
        self.parameters = parameters
        self.settings = parameters.settings
        self.permitted = True
        self.alarms: set[str] = set()
        self.connected = False
        self._model = model
        self._site = site
        self._spectrum = current_spectrum(parameters)
        self._storage_command_w = 0.0
        self._demand_response: int | None = None
        self._frequency_hz = parameters.nominal_frequency_hz
        self._feed = Feed(False, 0.0, 0.0, 0.0)
        self._ask_again_s = 0.0
        self._asking = False

    @property
    def state(self) -> str:
        """The state as its communication board reports it."""
        if self.connected:
            return "running"
        return "waiting" if self.permitted else "stopped"

    @property
    def observation_remaining_s(self) -> float:
        """The full time while disconnected: a model does not tell."""
        return 0.0 if self.connected else self.settings.observation_s

    @property
    def spectrum(self) -> Spectrum:
        """Harmonics and DC of the inverter's current."""
        return self._spectrum

    def change_settings(self, settings: GridSettings) -> None:
        """Show the model other settings."""
        self.settings = settings
        self._ask()

    def permit(self, permitted: bool) -> None:
        """Tell the model whether it may connect."""
        self.permitted = permitted
        self._ask()

    def respond_to_demand(self, mode: int | None) -> None:
        """Show the model a demand response mode."""
        self._demand_response = mode
        self._ask()

    def command_storage(self, power_w: float) -> None:
        """Show the model what the store is asked for."""
        self._storage_command_w = power_w
        self._ask()

    def turned(self, jump_rad: float) -> None:  # noqa: ARG002
        """Let the model see the grid again; it is not told of angles."""
        self._ask_again_s = self._site.now_s

    def scan(self, from_s: float, to_s: float) -> None:  # noqa: ARG002
        """A model is asked at every scan, so that it sees the voltage as it changes."""
        self._ask_again_s = min(self._ask_again_s, to_s)

    def next_event_s(self) -> float:
        """Return when the model wants to be asked."""
        return self._ask_again_s

    def act(self) -> None:
        """Ask the model."""
        self._ask()

    def replan(self, voltages_v: PhaseValues, frequency_hz: float) -> Plan:
        """Return that the power stays until the model is asked again."""
        if max(voltages_v) > 0:
            self._frequency_hz = frequency_hz
        powers = self.powers_at(self._site.now_s)
        return Plan(self._site.now_s, inf, (powers[0], powers[0]), (powers[1], powers[1]))

    def powers_at(self, time_s: float) -> tuple[float, float]:  # noqa: ARG002
        """Return what the model feeds."""
        feed = self._feed
        return (feed.active_power_w, feed.reactive_power_var) if feed.connected else (0.0, 0.0)

    def currents(
        self, powers: tuple[float, float], voltages_v: PhaseValues
    ) -> tuple[PhaseValues, PhaseValues]:
        """Return active and reactive current of each phase."""
        return balanced_currents(self.parameters, powers, voltages_v, connected=self.connected)

    def _ask(self) -> None:
        feed = self._model.step(self._terminals())
        if not feed.holds_s > 0.0:
            raise ConfigurationError(
                f"{type(self._model).__name__}.step at {self._site.now_s:.6f} s: holds_s is "
                f"{feed.holds_s:g} s, expected more than 0 (docs/inverter_models.md)"
            )
        self._ask_again_s = self._site.now_s + min(feed.holds_s, LONGEST_ANSWER_S)
        before, self._feed = self._feed, feed
        self.connected = feed.connected
        if feed.alarm:
            self.alarms = {feed.alarm}
        elif feed.connected:
            self.alarms = set()
        if before != feed:
            self._site.changed()

    def _terminals(self) -> Terminals:
        now_s, log = self._site.now_s, self._site.log
        cycle_s = 1.0 / self._frequency_hz
        a, b, c = (square**0.5 for square in log.mean_squares(now_s, cycle_s))
        return Terminals(
            time_s=now_s,
            voltages_v=(a, b, c),
            frequency_hz=self._frequency_hz,
            available_power_w=self._site.array.available_w,
            storage_command_w=self._storage_command_w,
            permitted=self.permitted,
            demand_response=self._demand_response,
            settings=self.settings,
        )


def inverter_factory(
    class_path: str, beside: Path | None = None
) -> Callable[[InverterParameters, Site], GridInverter]:
    """Return what puts the model `package.module:Class` into a world.

    Args:
        beside: a directory in which the module is found too.

    Raises:
        ConfigurationError: the class cannot be imported, or has no `step`.
    """
    module_name, _, class_name = class_path.partition(":")
    if beside is not None and str(beside) not in sys.path:
        sys.path.append(str(beside))
    try:
        model_class: Any = getattr(import_module(module_name), class_name)
    except (ImportError, AttributeError, ValueError) as error:
        raise ConfigurationError(
            f"inverter model {class_path!r} cannot be imported: {error}. Expected 'package.module:Class' "
            "on the Python path or beside the station file (docs/inverter_models.md)"
        ) from error
    if not callable(getattr(model_class, "step", None)):
        raise ConfigurationError(
            f"inverter model {class_path!r} has no method step(terminals) (docs/inverter_models.md)"
        )
    return lambda parameters, site: OutsideInverter(parameters, site, model_class(parameters))
