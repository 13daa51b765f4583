"""A capture window as one HDF5 file: a dataset per channel, with unit and time base.

Only what every HDF5 reader knows is used: shuffle and gzip, whose stream ends in a checksum of its
own. Chunks are compressed here and stored as they are, because ISA-L does it five times as fast as
the compressor in the HDF5 library.
"""

from __future__ import annotations

from math import ceil
from pathlib import Path

import h5py
import numpy as np
from isal import isal_zlib
from numpy.typing import NDArray

from instruments.errors import EvidenceError
from instruments.interfaces import Recording, Samples

FORMAT = "inverter-compliance-bench recording 1"
MOST_CHUNK_SAMPLES = 65_536
LEVEL = 1
TEXT = h5py.string_dtype()
Stored = NDArray[np.float32] | NDArray[np.float64]


def recording_bytes(recording: Recording) -> bytes:
    """Return the file's content; the same recording gives the same bytes.

    Raises:
        EvidenceError: channels are missing, empty, of different length, without a unit or misnamed.
    """
    _refuse_incomplete(recording)
    time_base = {"sample_rate_hz": recording.sample_rate_hz, "start_s": recording.start_s}
    with h5py.File.in_memory(track_order=True) as file:
        _label(file, format=FORMAT, source=recording.source, **time_base)
        for name, samples in recording.channels.items():
            dataset = _store(file, name, _smallest_exact(samples))
            _label(dataset, unit=recording.units[name], time_base=recording.source, **time_base)
        file.flush()
        content: bytes = file.id.get_file_image()
    return content


def _store(file: h5py.File, name: str, samples: Stored) -> h5py.Dataset:
    chunk = min(len(samples), MOST_CHUNK_SAMPLES)
    dataset = file.create_dataset(
        name,
        shape=samples.shape,
        dtype=samples.dtype,
        chunks=(chunk,),
        compression="gzip",
        compression_opts=LEVEL,
        shuffle=True,
        track_times=False,
    )
    for number, part in enumerate(_chunks(samples, chunk)):
        dataset.id.write_direct_chunk((number * chunk,), isal_zlib.compress(_shuffled(part), LEVEL))
    return dataset


def _label(item: h5py.HLObject, **labels: str | float) -> None:
    """Give a new item its attributes, without the attribute manager's look for old ones."""
    for name, value in labels.items():
        data = np.asarray(value, dtype=TEXT if isinstance(value, str) else np.float64)
        kind = h5py.h5t.py_create(data.dtype, logical=True)
        scalar = h5py.h5s.create(h5py.h5s.SCALAR)
        h5py.h5a.create(item.id, name.encode(), kind, scalar).write(data)


def _chunks(samples: Stored, length: int) -> Stored:
    """Return the samples in rows of a chunk each; the last is filled up, as HDF5 stores it."""
    rows: Stored = np.zeros((ceil(len(samples) / length), length), samples.dtype)
    rows.ravel()[: len(samples)] = samples
    return rows


def _shuffled(samples: Stored) -> NDArray[np.uint8]:
    """Return first the first byte of each sample, then the second of each: HDF5's shuffle filter."""
    return np.ascontiguousarray(samples.view(np.uint8).reshape(-1, samples.itemsize).T)


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


def _smallest_exact(samples: Samples) -> Stored:
    # Judging again from the file must see the very numbers that were judged.
    with np.errstate(over="ignore"):
        narrow = samples.astype("<f4")
    return narrow if np.array_equal(narrow, samples, equal_nan=True) else samples.astype("<f8")
