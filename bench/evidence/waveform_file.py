"""A capture window as one HDF5 file: a dataset per channel, with unit and time base.

Only what every HDF5 reader knows is used: gzip, shuffle and the Fletcher checksum.
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import h5py
import numpy as np
from numpy.typing import NDArray

from instruments.errors import EvidenceError
from instruments.interfaces import Recording, Samples

FORMAT = "inverter-compliance-bench recording 1"


def recording_bytes(recording: Recording) -> bytes:
    """Return the file's content; the same recording gives the same bytes.

    Raises:
        EvidenceError: channels are missing, empty, of different length, without a unit or misnamed.
    """
    _refuse_incomplete(recording)
    time_base = {"sample_rate_hz": recording.sample_rate_hz, "start_s": recording.start_s}
    buffer = BytesIO()
    with h5py.File(buffer, "w", track_order=True) as file:
        file.attrs.update({"format": FORMAT, "source": recording.source, **time_base})
        for name, samples in recording.channels.items():
            dataset = file.create_dataset(
                name,
                data=_smallest_exact(samples),
                compression="gzip",
                compression_opts=1,
                shuffle=True,
                fletcher32=True,
                track_times=False,
            )
            dataset.attrs.update(
                {"unit": recording.units[name], "time_base": recording.source, **time_base}
            )
    return buffer.getvalue()


def load_recording(path: Path) -> Recording:
    """Return the recording in a file.

    Raises:
        EvidenceError: it is damaged, or not one of this bench.
    """
    try:
        with h5py.File(path, "r") as file:
            if file.attrs.get("format") != FORMAT:
                raise EvidenceError(f"{path}: not a recording of this bench")
            return Recording(
                sample_rate_hz=float(file.attrs["sample_rate_hz"]),
                start_s=float(file.attrs["start_s"]),
                channels={name: np.asarray(file[name], dtype=np.float64) for name in file},
                units={name: str(file[name].attrs["unit"]) for name in file},
                source=str(file.attrs["source"]),
            )
    except (OSError, RuntimeError, KeyError) as error:
        raise EvidenceError(f"recording {path} cannot be read: {error}") from error


def _refuse_incomplete(recording: Recording) -> None:
    lengths = {name: len(samples) for name, samples in recording.channels.items()}
    if len(set(lengths.values())) != 1 or 0 in lengths.values():
        raise EvidenceError(
            f"a recording of {recording.source or 'unknown source'} cannot be stored: samples per "
            f"channel {lengths or 'none'}; expected the same number, above 0, in each"
        )
    for name in recording.channels:
        if "/" in name or name not in recording.units:
            raise EvidenceError(
                f"a recording cannot be stored: the channel {name!r} has no unit, or a / in its name"
            )


def _smallest_exact(samples: Samples) -> Samples | NDArray[np.float32]:
    # Judging again from the file must see the very numbers that were judged.
    with np.errstate(over="ignore"):
        narrow = samples.astype(np.float32)
    return narrow if np.array_equal(narrow, samples, equal_nan=True) else samples
