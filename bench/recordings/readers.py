"""Readers of recordings: TDMS, CSV, NPZ and this project's HDF5 become a `Recording`.

A reader changes nothing: names and units are the file's. What a channel means says the channel map
(`bench.recordings.channel_map`).
"""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from bench.evidence.waveform_file import load_recording
from instruments.errors import ConfigurationError, EvidenceError, RecordingError
from instruments.interfaces import Recording, Samples

TIME_NAMES = ("time_s", "time", "t", "t_s")
UNEVEN = 0.4
INCREMENTS_EQUAL = 1e-9
NPZ_SCALARS = ("sample_rate_hz", "start_s")
WITHOUT_NPTDMS = (
    "{}: reading TDMS needs the package npTDMS, which is not installed. "
    "Install it with: pip install inverter-compliance-bench[recordings]"
)


def read_recording(file: Path) -> Recording:
    """Read a recording; the suffix tells the format.

    Raises:
        ConfigurationError: no such file, a format this bench does not read, or npTDMS is missing.
        RecordingError: the file is not what its suffix says, or has no common time axis.
    """
    reader = READERS.get(file.suffix.lower())
    if reader is None:
        raise ConfigurationError(
            f"{file}: no reader for {file.suffix or 'a file without a suffix'!r}. "
            f"Recordings are read from {', '.join(READERS)}"
        )
    if not file.is_file():
        raise ConfigurationError(f"{file}: no such file")
    return reader(file)


def read_tdms(file: Path) -> Recording:
    """Read a National Instruments TDMS file; with several groups channels are called group/channel."""
    try:
        import nptdms
    except ImportError as error:
        raise ConfigurationError(WITHOUT_NPTDMS.format(file)) from error
    try:
        content = nptdms.TdmsFile.read(file)
    except (ValueError, KeyError, EOFError, OSError) as error:
        raise RecordingError(f"{file}: not a readable TDMS file: {error}") from error
    if content.file_status.incomplete_final_segment:
        raise RecordingError(f"{file}: the file ends inside its last segment; it was cut off")
    groups = [group for group in content.groups() if group.channels()]
    found = {
        channel.name if len(groups) == 1 else f"{group.name}/{channel.name}": channel
        for group in groups
        for channel in group.channels()
    }
    increments = {name: channel.properties.get("wf_increment") for name, channel in found.items()}
    return Recording(
        sample_rate_hz=1.0 / _common_increment(file, increments),
        start_s=0.0,
        channels={name: np.asarray(channel[:], np.float64) for name, channel in found.items()},
        units={
            name: str(channel.properties.get("unit_string", "")) for name, channel in found.items()
        },
        source=str(file),
    )


def read_csv(file: Path) -> Recording:
    """Read a table with a header; one column, the time in seconds, is called time_s, time or t.

    A unit may follow a name in brackets: `u1 [V]`.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            header = next(csv.reader(stream), [])
            rows = stream.readlines()
        table = np.loadtxt(rows, delimiter=",", ndmin=2) if rows else np.zeros((0, len(header)))
    except (ValueError, UnicodeDecodeError) as error:
        raise RecordingError(
            f"{file}: not a table of numbers separated by commas: {error}"
        ) from error
    columns = [_split_unit(cell) for cell in header]
    names = [name for name, _ in columns]
    time_name = next((name for name in TIME_NAMES if name in names), None)
    if time_name is None or table.shape[1] != len(names) or len(table) < 2:
        raise RecordingError(
            f"{file}: header {', '.join(names)} over {table.shape[0]} rows of {table.shape[1]} "
            f"numbers. Expected a time column in seconds ({', '.join(TIME_NAMES)}), one name for "
            "each column and at least two rows"
        )
    times_s = table[:, names.index(time_name)]
    return Recording(
        sample_rate_hz=_even_rate_hz(file, times_s),
        start_s=float(times_s[0]),
        channels={
            name: np.ascontiguousarray(table[:, k])
            for k, name in enumerate(names)
            if name != time_name
        },
        units={name: unit for name, unit in columns if name != time_name},
        source=str(file),
    )


def read_npz(file: Path) -> Recording:
    """Read a numpy archive: a scalar sample_rate_hz, optionally start_s, and one array per channel."""
    try:
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
    except (ValueError, OSError, EOFError, TypeError, zipfile.BadZipFile) as error:
        raise RecordingError(f"{file}: not a readable numpy archive: {error}") from error
    if "sample_rate_hz" not in arrays:
        raise RecordingError(
            f"{file}: no scalar 'sample_rate_hz' beside the arrays {', '.join(arrays)}"
        )
    scalars = {name: _scalar(file, name, arrays[name]) for name in NPZ_SCALARS if name in arrays}
    return Recording(
        sample_rate_hz=scalars["sample_rate_hz"],
        start_s=scalars.get("start_s", 0.0),
        channels={
            name: _series(file, name, array)
            for name, array in arrays.items()
            if name not in NPZ_SCALARS
        },
        units={},
        source=str(file),
    )


def read_hdf5(file: Path) -> Recording:
    """Read a recording this bench stored (`bench.evidence.waveform_file`)."""
    try:
        return replace(load_recording(file), source=str(file))
    except (EvidenceError, KeyError) as error:
        raise RecordingError(f"{file}: not a readable recording of this bench: {error}") from error


READERS: Mapping[str, Callable[[Path], Recording]] = {
    ".tdms": read_tdms,
    ".csv": read_csv,
    ".npz": read_npz,
    ".h5": read_hdf5,
}


def _common_increment(file: Path, increments: Mapping[str, Any]) -> float:
    """Return the sample interval all channels share."""
    stated = {name: value for name, value in increments.items() if value}
    if not increments or len(stated) < len(increments):
        missing = sorted(set(increments) - set(stated)) or ["every channel"]
        raise RecordingError(f"{file}: no sample interval (wf_increment) for {', '.join(missing)}")
    shortest, longest = min(stated.values()), max(stated.values())
    if longest - shortest > INCREMENTS_EQUAL * longest:
        raise RecordingError(
            f"{file}: channels sampled every {shortest:g} s and every {longest:g} s "
            "cannot share one time axis"
        )
    return float(shortest)


def _split_unit(cell: str) -> tuple[str, str]:
    name, _, unit = cell.strip().partition("[")
    return name.strip(), unit.rstrip("] ")


def _even_rate_hz(file: Path, times_s: Samples) -> float:
    """Return the sample rate of evenly spaced times; printed digits may round them a little."""
    interval_s = float(times_s[-1] - times_s[0]) / (len(times_s) - 1)
    away = np.abs(times_s - times_s[0] - interval_s * np.arange(len(times_s)))
    worst = int(np.argmax(away))
    if not interval_s > 0 or not away[worst] <= UNEVEN * interval_s:
        raise RecordingError(
            f"{file}: uneven time axis: row {worst + 1} at {times_s[worst]:g} s is "
            f"{away[worst]:.3g} s away from even steps of {interval_s:.6g} s. "
            "Is the time in seconds and no row missing?"
        )
    return 1.0 / interval_s


def _scalar(file: Path, name: str, array: np.ndarray[Any, Any]) -> float:
    if array.ndim != 0 or array.dtype.kind not in "iuf":
        raise RecordingError(f"{file}: {name!r} must be one number, it is {array!r:.60}")
    value = float(array)
    if name == "sample_rate_hz" and not 0 < value < float("inf"):
        raise RecordingError(f"{file}: sample_rate_hz = {value}: expected a number above zero")
    return value


def _series(file: Path, name: str, array: np.ndarray[Any, Any]) -> Samples:
    if array.ndim != 1 or array.dtype.kind not in "iuf":
        raise RecordingError(
            f"{file}: array {name!r} has shape {array.shape} and type {array.dtype}; "
            "expected one row of numbers per channel"
        )
    return array.astype(np.float64)
