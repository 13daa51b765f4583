"""What an instrument can do, and the values that cross the boundary.

Plain SI floats with the unit in the name. Voltages are rms phase to neutral. Power and current are
positive out of the inverter; positive reactive power is supplied (over-excited).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import nan
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from instruments.clock import Deadline
from instruments.commands import ControlMode as ControlMode
from instruments.commands import InverterControls as InverterControls

Samples = NDArray[np.float64]
PhaseValues = tuple[float, float, float]

PHASE_ANGLES_DEG: PhaseValues = (0.0, 240.0, 120.0)
INVERTER_CHANNELS = ("u1", "u2", "u3", "i1", "i2", "i3")
GRID_CHANNELS = ("ig1", "ig2", "ig3")
ALL_CHANNELS = (*INVERTER_CHANNELS, *GRID_CHANNELS)


@dataclass(frozen=True)
class Identity:
    """Who an instrument says it is (`*IDN?`, SunSpec model 1)."""

    maker: str
    model: str
    serial: str
    firmware: str

    def __str__(self) -> str:
        return f"{self.maker} {self.model}, serial {self.serial}, firmware {self.firmware}"


@dataclass(frozen=True)
class GridStep:
    """One segment of a stimulus.

    Attributes:
        voltages_v: rms phase-neutral voltage of L1, L2, L3 at the end of the ramp.
        frequency_hz: frequency at the end of the ramp.
        hold_s: time the values are held after the ramp.
        ramp_s: time taken to reach the values; 0 is a step.
        angles_deg: by which the voltages of L1, L2, L3 lead their common angle; they jump, at the start of
            the step.
    """

    voltages_v: PhaseValues
    frequency_hz: float
    hold_s: float
    ramp_s: float = 0.0
    angles_deg: PhaseValues = PHASE_ANGLES_DEG

    @property
    def duration_s(self) -> float:
        """Ramp plus hold."""
        return self.ramp_s + self.hold_s


@dataclass(frozen=True)
class Stimulus:
    """An ordered program of grid steps, run by the source with its own timing."""

    name: str
    steps: tuple[GridStep, ...]

    @property
    def duration_s(self) -> float:
        """Total time of all steps."""
        return sum(step.duration_s for step in self.steps)


@dataclass(frozen=True)
class Reading:
    """One averaged reading of a power analyser.

    Attributes:
        end_s: end of the averaging window in the analyser's own time base.
        window_s: length of the averaging window; the reading covers [end_s - window_s, end_s].
        voltages_v, currents_a: true rms per phase at the inverter's terminals.
        active_powers_w: per phase, positive out of the inverter.
        frequency_hz: of phase 1; NaN when the analyser finds none.
        requested_s, answered_s: host clock around the exchange.
        reactive_powers_var: of the fundamental per phase, positive supplied; NaN when the analyser was not
            asked.
        site_powers_w: at the connection point per phase, positive into the grid; None where no site meter was
            read.
    """

    end_s: float
    window_s: float
    voltages_v: PhaseValues
    currents_a: PhaseValues
    active_powers_w: PhaseValues
    frequency_hz: float
    requested_s: float
    answered_s: float
    reactive_powers_var: PhaseValues = (nan, nan, nan)
    site_powers_w: PhaseValues | None = None

    @property
    def active_power_w(self) -> float:
        """Sum over the phases."""
        return sum(self.active_powers_w)

    @property
    def reactive_power_var(self) -> float:
        """Sum over the phases."""
        return sum(self.reactive_powers_var)

    @property
    def site_power_w(self) -> float:
        """Sum over the phases at the connection point; NaN where no site meter was read."""
        return nan if self.site_powers_w is None else sum(self.site_powers_w)


@dataclass(frozen=True)
class Recording:
    """Waveforms of one capture window.

    Attributes:
        sample_rate_hz: samples per second, the same for every channel.
        start_s: time of the first sample in the recorder's own time base.
        channels: name → samples of shape (samples,), in the unit named beside it.
        units: name → unit.
        source: which instrument or file it came from.
    """

    sample_rate_hz: float
    start_s: float
    channels: Mapping[str, Samples]
    units: Mapping[str, str]
    source: str = ""

    @property
    def sample_count(self) -> int:
        """Samples per channel."""
        return len(next(iter(self.channels.values())))

    @property
    def duration_s(self) -> float:
        """Length of the record."""
        return self.sample_count / self.sample_rate_hz

    def times_s(self) -> Samples:
        """Time of each sample from the start of the record, shape (samples,)."""
        return np.arange(self.sample_count) / self.sample_rate_hz


@dataclass(frozen=True)
class Envelope:
    """What a station may apply (station file, table `envelope`)."""

    voltage_min_v: float
    voltage_max_v: float
    frequency_min_hz: float
    frequency_max_hz: float
    current_max_a: float


@dataclass(frozen=True)
class InverterStatus:
    """What an inverter says of itself; a note, never a measurement."""

    operating_state: str
    connected: bool | None
    active_power_w: float | None
    reconnect_delay_remaining_s: float | None
    alarms: tuple[str, ...] = ()


@dataclass(frozen=True)
class ProtectionSetting:
    """One must-trip point as the inverter reports it."""

    name: str
    threshold: float
    threshold_unit: str
    clearing_time_s: float
    quantum: float


@dataclass(frozen=True)
class InverterSettings:
    """Settings read back from an inverter, for the record."""

    rated_power_w: float | None
    reconnect_delay_s: float | None
    protections: tuple[ProtectionSetting, ...] = field(default=())


@dataclass(frozen=True)
class SettingValue:
    """A setting as an inverter reports it.

    Attributes:
        quantum: step of the register, in `unit`.
    """

    value: float
    unit: str
    quantum: float


class AcSource(Protocol):
    """A programmable grid."""

    def identify(self) -> Identity: ...

    def protect(self, envelope: Envelope) -> None:
        """Write the envelope into the source's own protection and read it back."""
        ...

    def set_levels(self, step: GridStep) -> None:
        """Set the steady levels of `step` at once and read them back."""
        ...

    def switch_output(self, on: bool) -> None:
        """Switch the output and confirm it by reading it back."""
        ...

    def output_is_on(self) -> bool: ...

    def load_program(self, stimulus: Stimulus) -> None:
        """Load a program; nothing changes at the output yet."""
        ...

    def start_program(self) -> None:
        """Start the loaded program; it runs with the source's own timing."""
        ...

    def wait_program(self, deadline: Deadline) -> None:
        """Wait until the program has ended. Raises LinkTimeout at the deadline."""
        ...

    def abort_program(self) -> None:
        """Stop a running program where it is."""
        ...

    def check_errors(self) -> None:
        """Drain the error queue; raise CommandRejected when it was not empty."""
        ...


class PowerAnalyser(Protocol):
    """The witness: averaged readings and waveform records in its own time base."""

    def identify(self) -> Identity: ...

    def configure(self) -> None:
        """Set ranges, averaging window and recorder tracks, and read them back."""
        ...

    def set_averaging(self, window_s: float) -> None:
        """Average later readings over windows of this length, one after the other without a gap."""
        ...

    def read(self) -> Reading:
        """Return the newest complete reading."""
        ...

    def arm_recording(
        self,
        sample_rate_hz: float,
        pre_trigger_s: float,
        length_s: float,
        channels: Sequence[str] = ALL_CHANNELS,
    ) -> None:
        """Prepare a record of `length_s` seconds that begins `pre_trigger_s` before the trigger.

        Args:
            channels: of `ALL_CHANNELS`, which `fetch_recording` returns.
        """
        ...

    def trigger_recording(self) -> None:
        """Trigger the armed record now."""
        ...

    def fetch_recording(self, deadline: Deadline) -> Recording:
        """Wait for the record to end and return it. Raises LinkTimeout at the deadline."""
        ...

    def check_errors(self) -> None: ...


class Contactor(Protocol):
    """The switch between the grid source and the inverter."""

    def switch(self, closed: bool) -> None:
        """Command the contactor and confirm it by the auxiliary contact."""
        ...

    def is_closed(self) -> bool:
        """Return the state of the auxiliary contact; never used for timing."""
        ...


class DemandResponseEnabler(Protocol):
    """A demand response enabling device at the inverter's port (DRED)."""

    def assert_mode(self, mode: int | None) -> None:
        """Close the contact of one mode (DRM 0 to 8) and open the others; None opens all.

        Confirmed by auxiliary contacts: the contact moved between the call and the return.
        """
        ...

    def is_released(self) -> bool:
        """Return whether all contacts are open."""
        ...


class Inverter(Protocol):
    """The inverter under test, as far as it can be reached over Modbus."""

    @property
    def controls(self) -> InverterControls:
        """The modes it can be commanded to."""
        ...

    def identify(self) -> Identity: ...

    def status(self) -> InverterStatus: ...

    def settings(self) -> InverterSettings: ...

    def read_settings(self) -> Mapping[str, SettingValue]:
        """Return every setting the inverter exposes, by name (`bench.grid_code.settings_audit` lists them)."""
        ...

    def try_observation(self, observation_s: float) -> str | None:
        """Write the observation time once, without any authorisation, and give it the time to take effect.

        Returns how the inverter refused; None when it acknowledged.

        Raises:
            RegisterError: it was busy, or a gateway did not reach it, so that nothing was tried.
        """
        ...

    def permit_service(self, permitted: bool) -> None:
        """Permit or forbid the inverter to connect, and confirm by reading back."""
        ...


class MessageLink(Protocol):
    """Text and blocks to one instrument. One lock is held over each write and its answer."""

    name: str

    def query(self, message: str, timeout_s: float | None = None) -> str:
        """Send `message` and return the answer without its terminator."""
        ...

    def query_block(self, message: str, timeout_s: float | None = None) -> bytes:
        """Send `message` and return the payload of the IEEE 488.2 block it answers with."""
        ...

    def close(self) -> None: ...


class RegisterLink(Protocol):
    """Holding registers of one Modbus unit."""

    name: str

    def read(self, address: int, count: int) -> list[int]:
        """Return `count` registers from wire address `address` (0-based)."""
        ...

    def write(self, address: int, values: Sequence[int]) -> None:
        """Write registers with function 16. Sent once, whatever happens."""
        ...

    def close(self) -> None: ...
