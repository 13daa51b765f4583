"""From a recorded event to the two times at which the inverter stopped."""

from __future__ import annotations

from bench.grid_code.profile import Requirement
from bench.metering import ClearingTime, measure_clearing_time
from bench.plots.trips import clearing_plot
from bench.trials.trial import Trial
from instruments.interfaces import Recording


def clearing_time(
    trial: Trial, recording: Recording, start: str, requirement: Requirement
) -> ClearingTime:
    """Measure from the recorded event to the end of the inverter's current.

    Args:
        start: "voltage_step", "frequency_step" or "current_stop" (see `bench.metering`).
    """
    file = trial.file_of(recording)
    clearing = measure_clearing_time(
        recording,
        start=start,
        nominal_voltage_v=trial.method.nominal_voltage_v,
        nominal_frequency_hz=trial.method.nominal_frequency_hz,
        rated_current_a=trial.rated_current_a,
        clock_ppm=trial.clock_ppm,
        recording_name=file,
    )
    trial.evidence.plotted(file, clearing_plot(clearing, requirement))
    trial.evidence.measured(clearing.cease_time, file)
    trial.evidence.measured(clearing.disconnect_time, file)
    return clearing
