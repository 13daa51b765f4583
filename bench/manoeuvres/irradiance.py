"""The sun goes and comes back: steps of the PV source on the nominal grid."""

from __future__ import annotations

from bench.manoeuvres.watching import READ_PERIOD_S, keep
from bench.trials.trial import Trial
from bench.trials.watching import Enough, Watched, gapless
from instruments.clock import Deadline
from instruments.errors import ConfigurationError
from instruments.interfaces import Reading

DARK_S = 30.0
DARK_READINGS = 5


def sunrise(trial: Trial, low_share: float, window_s: float, enough: Enough) -> Watched:
    """Read averages while irradiance steps from a share of full sun to full sun, until enough has been seen.

    The inverter is at full power when the sun goes, and the sun stays away until the power has come to rest.

    Raises:
        ConfigurationError: the station has no PV source.
    """
    station = trial.station
    if station.pv_source is None:
        raise ConfigurationError(
            f"{station.file.file}: steps of irradiance take a table [pv_source]"
        )
    station.pv_source.set_irradiance(low_share)
    station.clock.sleep(DARK_S)
    trial.evidence.note(f"irradiance steps from {100 * low_share:g} % of full sun to full sun")
    station.analyser.set_averaging(window_s)
    try:
        readings = [_next(trial, window_s) for _ in range(DARK_READINGS)]
        station.pv_source.set_irradiance(1.0)
        deadline = Deadline.after(station.clock, trial.method.settle_timeout_s)
        while not deadline.passed and not enough(readings):
            readings.append(_next(trial, window_s))
    finally:
        station.analyser.set_averaging(READ_PERIOD_S)
    return keep(trial, readings)


def _next(trial: Trial, window_s: float) -> Reading:
    trial.station.clock.sleep(gapless(window_s)(0.0))
    return trial.station.analyser.read()
