"""How the board behaves that stands between an inverter and whoever asks it over Modbus.

The defaults are the reference inverter: honest, unlocked, one fresh snapshot a second. Points are named
by block and path, as `704.WMaxLimPct`, `708.Crv1.MustTrip.Pt1.V` or `vendor.Region`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from instruments.errors import ConfigurationError
from instruments.simulated.inverter.settings import REGIONS, GridSettings

GENERATIONS = ("1xx", "7xx")
CHOICES: Mapping[str, tuple[str, ...]] = {
    "locked_answer": ("denied", "illegal value", "ignored"),
    "latch": ("at once", "on enable", "while enabled"),
    "at_standstill": ("live", "frozen", "zero", "not implemented"),
}


def _require_choices(part: object, *names: str) -> None:
    for name in names:
        chosen = getattr(part, name)
        if chosen not in CHOICES[name]:
            raise ConfigurationError(
                f"the communication board has {name} = {chosen!r}; expected one of "
                f"{', '.join(CHOICES[name])}"
            )


def _require_known(name: str, chosen: Collection[str], known: Collection[str]) -> None:
    for one in chosen:
        if one not in known:
            raise ConfigurationError(
                f"the communication board has {one!r} in {name}; expected some of "
                f"{', '.join(known)}"
            )


@dataclass(frozen=True)
class Access:
    """What has to be done before settings can be written, and when they take effect.

    Attributes:
        unlock_code: opens the settings when written to `vendor.UnlockCode`; None leaves them open.
        locks: False for a board that has a code and takes settings without it.
        unlocked_s: how long they stay open.
        locked_answer: "denied" is exception 0x80, "illegal value" exception 3; "ignored" acknowledges.
        needs_commit: written settings wait until 1 is written to `vendor.Commit`.
        commit_s: from there to their effect.
        adoption_s: from a request to adopt a curve to its result.
        latch: when a set-point beside an enable point takes effect. "at once"; "on enable" with the
            next change of the enable point from 0 to 1; "while enabled" at once, but one written while
            the mode is off is acknowledged and forgotten.
        region_codes: register values of the regions.
        restart_s: after a change of region every request gets exception 4 for so long.
    """

    unlock_code: int | None = None
    locks: bool = True
    unlocked_s: float = 600.0
    locked_answer: str = "denied"
    needs_commit: bool = False
    commit_s: float = 5.0
    adoption_s: float = 0.5
    latch: str = "at once"
    region_codes: Mapping[str, int] = field(
        default_factory=lambda: {"A": 1, "B": 2, "C": 3, "NZ": 4}
    )
    restart_s: float = 0.0

    def __post_init__(self) -> None:
        _require_choices(self, "locked_answer", "latch")
        _require_known("region_codes", self.region_codes, REGIONS)


@dataclass(frozen=True)
class Misreport:
    """Where the registers do not tell the truth.

    Attributes:
        values: what a point shows, whatever is true.
        scale_factors: what a scale factor's point shows while values keep to the true one; None shows
            "not implemented".
        ignored: points whose writes are acknowledged and forgotten.
        unapplied: fields of `GridSettings` whose changes are acknowledged and read back, but never put
            in force.
        region: shows the default settings of this region, whatever is in force; empty for none.
        zero_every: every so many snapshots all measured values are 0, states are not; 0 for never.
        at_standstill: measured values while the inverter does not run: "live", "frozen" at the last ones
            of running, "zero" or "not implemented".
        sustained_gain: error of the reported ten-minute mean.
    """

    values: Mapping[str, float] = field(default_factory=dict)
    scale_factors: Mapping[str, int | None] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()
    unapplied: tuple[str, ...] = ()
    region: str = ""
    zero_every: int = 0
    at_standstill: str = "live"
    sustained_gain: float = 1.0

    def __post_init__(self) -> None:
        _require_choices(self, "at_standstill")
        _require_known("unapplied", self.unapplied, GridSettings.__dataclass_fields__)
        _require_known("region", [self.region] if self.region else [], REGIONS)


@dataclass(frozen=True)
class CommunicationBoard:
    """One communication board.

    Attributes:
        generations: of SunSpec models published: "7xx", "1xx" or both.
        float_measurement: whether the older measurements are floating-point numbers.
        refresh_s, refresh_phase_s: measured values are a snapshot taken this often, at this phase.
        averaging_s: length of the means in a snapshot.
        write_delay_s: from the acknowledgement of a write to its effect.
        read_back_delay_s: from the effect of a write until it can be read.
        scale_factors: powers of ten used in place of the standard ones; 0 makes a voltage in percent
            coarse.
        low_word_first: blocks whose 32-bit values come with the low word first.
        ten_minute_mean: whether the mean voltage of the last ten minutes is reported.
        reverts: False for a board that counts reversion times down and then does nothing.
        clamps: a percentage beyond its range is taken as the nearest inside; otherwise it is refused.
    """

    generations: tuple[str, ...] = ("7xx",)
    float_measurement: bool = False
    refresh_s: float = 1.0
    refresh_phase_s: float = 0.37
    averaging_s: float = 0.2
    write_delay_s: float = 0.2
    read_back_delay_s: float = 0.0
    scale_factors: Mapping[str, int] = field(default_factory=dict)
    low_word_first: tuple[str, ...] = ()
    ten_minute_mean: bool = True
    reverts: bool = True
    clamps: bool = False
    access: Access = Access()
    misreport: Misreport = Misreport()

    def __post_init__(self) -> None:
        _require_known("generations", self.generations or ["no generation"], GENERATIONS)
