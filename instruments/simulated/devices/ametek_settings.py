"""Everything an AMETEK source can be set to, with its limits, and how its lists become a program."""

from __future__ import annotations

from collections.abc import Sequence

from instruments.simulated.devices.list_transient import (
    FASTEST_SLEW,
    Levels,
    ListPoint,
    ListProgram,
    Slews,
)
from instruments.simulated.scpi.scpi_errors import ScpiError
from instruments.simulated.scpi.scpi_parameters import Limits
from instruments.simulated.scpi.scpi_settings import CommonSetting, PhaseSetting, Selection

RATED_POWER_VA = 45_000.0
RANGES_V = (166.0, 333.0)
ANGLES_DEG = (0.0, 240.0, 120.0)
MOST_POINTS = 100
RESET_FREQUENCY_HZ = 60.0
FREQUENCIES_HZ = Limits(16.0, 500.0)
SLEWS = Limits(1e-3, FASTEST_SLEW)
DWELLS_S = Limits(1e-3, 9e4)
FIXED, LIST = "FIX", "LIST"

ListSetting = tuple[float, ...]


class SourceSettings:
    """Settings by the name of their header. Lists are empty until they are sent."""

    def __init__(self) -> None:
        self.selection = Selection(3)
        self.range_v = CommonSetting(RANGES_V[0])
        self.voltages_v = PhaseSetting(self.selection, [0.0] * 3)
        self.voltage_slews = PhaseSetting(self.selection, [FASTEST_SLEW] * 3)
        self.voltage_modes = PhaseSetting(self.selection, [FIXED] * 3)
        self.voltage_slew_modes = PhaseSetting(self.selection, [FIXED] * 3)
        self.voltage_lists = PhaseSetting[ListSetting](self.selection, [()] * 3)
        self.voltage_slew_lists = PhaseSetting[ListSetting](self.selection, [()] * 3)
        self.currents_a = PhaseSetting(self.selection, [self.most_current_a] * 3)
        self.angles_deg = PhaseSetting(self.selection, list(ANGLES_DEG))
        self.current_protection = CommonSetting(False)
        self.frequency_hz = CommonSetting(RESET_FREQUENCY_HZ)
        self.frequency_slew = CommonSetting(FASTEST_SLEW)
        self.frequency_mode = CommonSetting(FIXED)
        self.frequency_slew_mode = CommonSetting(FIXED)
        self.frequency_list = CommonSetting[ListSetting](())
        self.frequency_slew_list = CommonSetting[ListSetting](())
        self.dwell_list = CommonSetting[ListSetting](())
        self.list_count = CommonSetting(1.0)
        self.list_step = CommonSetting("AUTO")
        self.trigger_source = CommonSetting("IMM")
        self.start_source = CommonSetting("IMM")
        self.start_angle_deg = CommonSetting(0.0)

    @property
    def most_current_a(self) -> float:
        """Rated current per phase in the present range."""
        return RATED_POWER_VA / 3 / self.range_v.value

    @property
    def levels(self) -> Levels:
        """The set-points."""
        a, b, c = self.voltages_v.values
        return Levels((a, b, c), self.frequency_hz.value)

    @property
    def slews(self) -> Slews:
        """The slews of set-points that are changed by hand."""
        a, b, c = self.voltage_slews.values
        return Slews((a, b, c), self.frequency_slew.value)

    def take_levels(self, levels: Levels) -> None:
        """Make `levels` the set-points."""
        self.voltages_v.values = list(levels.voltages_v)
        self.frequency_hz.value = levels.frequency_hz

    def reset(self) -> None:
        """Return to the settings after `*RST`."""
        self.selection.selected, self.selection.coupled = 0, True
        for setting in vars(self).values():
            if isinstance(setting, CommonSetting | PhaseSetting):
                setting.reset()

    def leave_lists(self) -> None:
        """Put every function back into FIXed mode, as a device clear does."""
        for modes in (self.voltage_modes, self.voltage_slew_modes):
            modes.reset()
        for mode in (self.frequency_mode, self.frequency_slew_mode):
            mode.reset()

    def program(self) -> ListProgram:
        """Return the list as it is set now.

        Raises:
            ScpiError: -221, nothing is in LIST mode; -226, a list is missing or its length is
                neither one nor that of the others.
        """
        columns = self._columns()
        length = max(len(column) for column in columns)
        if any(len(column) not in (1, length) for column in columns):
            raise ScpiError(-226, "/".join(str(len(column)) for column in columns))
        rows = zip(*(_stretched(column, length) for column in columns), strict=True)
        return ListProgram(
            points=tuple(_point(row) for row in rows),
            count=round(self.list_count.value),
            one_point_a_trigger=self.list_step.value == "ONCE",
            start_angle_deg=(
                self.start_angle_deg.value if self.start_source.value == "PHAS" else None
            ),
        )

    def _columns(self) -> list[ListSetting]:
        """Return voltages, frequency, their slews and dwell; what is not in LIST mode stays."""
        modes = [*self.voltage_modes.values, self.frequency_mode.value]
        if LIST not in modes:
            raise ScpiError(-221, "no function is in LIST mode")
        slew_modes = [*self.voltage_slew_modes.values, self.frequency_slew_mode.value]
        levels = [*self.voltage_lists.values, self.frequency_list.value]
        slews = [*self.voltage_slew_lists.values, self.frequency_slew_list.value]
        return [
            *_active(modes, levels, self.levels.values),
            *_active(slew_modes, slews, self.slews.values),
            self.dwell_list.value,
        ]


def _active(
    modes: Sequence[str], lists: Sequence[ListSetting], fixed: Sequence[float]
) -> list[ListSetting]:
    return [
        values if mode == LIST else (value,)
        for mode, values, value in zip(modes, lists, fixed, strict=True)
    ]


def _stretched(column: ListSetting, length: int) -> ListSetting:
    return column if len(column) == length else column * length


def _point(row: Sequence[float]) -> ListPoint:
    a, b, c, frequency_hz, slew_a, slew_b, slew_c, frequency_slew, dwell_s = row
    return ListPoint(
        Levels((a, b, c), frequency_hz), Slews((slew_a, slew_b, slew_c), frequency_slew), dwell_s
    )


def range_above(voltage_v: float) -> float:
    """Return the smallest voltage range that reaches `voltage_v`."""
    return next(range_v for range_v in RANGES_V if voltage_v <= range_v)
