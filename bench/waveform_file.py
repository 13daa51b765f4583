"""A capture window as one HDF5 file: a dataset per channel, with unit and time base."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import h5py
import numpy as np

from instruments.errors import EvidenceError
from instruments.interfaces import Recording

FORMAT = "inverter-compliance-bench recording 1"


def recording_bytes(recording: Recording) -> bytes:
    """Return the file's content; the same recording gives the same bytes."""
    buffer = BytesIO()
    with h5py.File(buffer, "w", track_order=True) as file:
        file.attrs["format"] = FORMAT
        file.attrs["sample_rate_hz"] = recording.sample_rate_hz
        file.attrs["start_s"] = recording.start_s
        file.attrs["source"] = recording.source
        for name, samples in recording.channels.items():
            dataset = file.create_dataset(
                name,
                data=samples.astype(np.float32),
                compression="gzip",
                compression_opts=4,
                shuffle=True,
                fletcher32=True,
                track_times=False,
            )
            dataset.attrs["unit"] = recording.units[name]
    return buffer.getvalue()


def load_recording(path: Path) -> Recording:
    """Return the recording in a file.

    Raises:
        EvidenceError: it is not one of this bench.
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
    except OSError as error:
        raise EvidenceError(f"{path}: cannot be read: {error}") from error
