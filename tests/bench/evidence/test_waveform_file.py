"""Recordings as HDF5: exact, reproducible, readable by others, and damage is noticed."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import h5py
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as nps
from numpy.typing import NDArray

from bench.evidence.waveform_file import load_recording, recording_bytes
from instruments.errors import EvidenceError
from instruments.interfaces import Recording


def sine(amplitude: float, dtype: type[np.floating] = np.float32) -> NDArray[np.float64]:
    times_s = np.arange(5000) / 10_000
    return (amplitude * np.sin(2 * np.pi * 50 * times_s)).astype(dtype).astype(np.float64)


def recording(**changes: NDArray[np.float64]) -> Recording:
    channels = {"u1": sine(325), "i1": sine(14), "a": sine(1)} | changes
    return Recording(10_000.0, 12.25, channels, {"u1": "V", "i1": "A", "a": "1"}, "analyser")


def stored(tmp_path: Path, content: Recording) -> Path:
    path = tmp_path / "window.h5"
    path.write_bytes(recording_bytes(content))
    return path


def test_a_recording_comes_back_as_it_was(tmp_path: Path) -> None:
    original = recording()
    back = load_recording(stored(tmp_path, original))
    assert (back.sample_rate_hz, back.start_s, back.source) == (10_000.0, 12.25, "analyser")
    assert dict(back.units) == dict(original.units)
    for name, samples in original.channels.items():
        assert np.array_equal(back.channels[name], samples)


def test_channels_keep_their_order(tmp_path: Path) -> None:
    assert list(load_recording(stored(tmp_path, recording())).channels) == ["u1", "i1", "a"]


@given(nps.arrays(np.float64, st.integers(1, 20)))
def test_no_sample_loses_a_bit(samples: NDArray[np.float64]) -> None:
    """Judging again from the file must see the very numbers that were judged."""
    data = recording_bytes(Recording(1.0, 0.0, {"u1": samples}, {"u1": "V"}))
    with h5py.File(BytesIO(data), "r") as file:
        assert np.array_equal(file["u1"][:].astype(np.float64), samples, equal_nan=True)


def test_samples_that_fit_single_precision_take_half_the_room(tmp_path: Path) -> None:
    content = recording(a=sine(1, np.float64))
    with h5py.File(stored(tmp_path, content)) as file:
        assert (file["u1"].dtype, file["a"].dtype) == (np.float32, np.float64)


def test_the_same_recording_gives_the_same_bytes() -> None:
    assert recording_bytes(recording()) == recording_bytes(recording())


def test_the_file_holds_no_time_of_writing(tmp_path: Path) -> None:
    with h5py.File(stored(tmp_path, recording())) as file:
        for item in (file, *file.values()):
            times = h5py.h5o.get_info(item.id)
            assert (times.atime, times.mtime, times.ctime, times.btime) == (0, 0, 0, 0)


def test_another_reader_finds_unit_and_time_base_beside_each_channel(tmp_path: Path) -> None:
    with h5py.File(stored(tmp_path, recording())) as file:
        assert dict(file["i1"].attrs) == {
            "unit": "A",
            "time_base": "analyser",
            "sample_rate_hz": 10_000.0,
            "start_s": 12.25,
        }


def test_no_filter_is_used_that_others_may_lack(tmp_path: Path) -> None:
    with h5py.File(stored(tmp_path, recording())) as file:
        u1 = file["u1"]
        assert (u1.compression, u1.shuffle, u1.fletcher32) == ("gzip", True, False)


@pytest.mark.parametrize("samples", [65_535, 65_536, 65_537, 150_000])
def test_a_record_of_many_chunks_comes_back_as_it_was(tmp_path: Path, samples: int) -> None:
    walk = np.cumsum(np.random.default_rng(samples).standard_normal(samples))
    long = Recording(
        1e5, 0.0, {"u1": walk, "i1": sine(1).repeat(30)[:samples]}, {"u1": "V", "i1": "A"}
    )
    back = load_recording(stored(tmp_path, long))
    assert all(np.array_equal(back.channels[name], long.channels[name]) for name in ("u1", "i1"))


# -- damage and refusals -----------------------------------------------------------------------


def test_a_changed_sample_is_noticed(tmp_path: Path) -> None:
    path = stored(tmp_path, recording())
    with h5py.File(path) as file:
        chunk = file["u1"].id.get_chunk_info(0)
    data = bytearray(path.read_bytes())
    data[chunk.byte_offset + chunk.size // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(EvidenceError, match=r"window\.h5 cannot be read"):
        load_recording(path)


@pytest.mark.parametrize("kept", [0.0, 0.3, 0.9])
def test_a_file_cut_short_is_noticed(tmp_path: Path, kept: float) -> None:
    path = stored(tmp_path, recording())
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * kept)])
    with pytest.raises(EvidenceError, match=r"window\.h5 cannot be read"):
        load_recording(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match=r"absent\.h5"):
        load_recording(tmp_path / "absent.h5")


def test_an_hdf5_file_of_somebody_else_is_refused(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["u1"] = [1.0, 2.0]
    with pytest.raises(EvidenceError, match="not a recording of this bench"):
        load_recording(tmp_path / "other.h5")


@pytest.mark.parametrize(
    "channels",
    [{}, {"u1": np.empty(0)}, {"u1": np.ones(3), "i1": np.ones(4)}],
    ids=["no channel", "no sample", "different lengths"],
)
def test_a_recording_that_is_none_is_not_stored(channels: dict[str, NDArray[np.float64]]) -> None:
    with pytest.raises(EvidenceError, match="cannot be stored"):
        recording_bytes(Recording(1.0, 0.0, channels, {"u1": "V", "i1": "A"}))


@pytest.mark.parametrize("name", ["i1", "group/u1"])
def test_a_channel_without_a_unit_or_with_a_path_for_a_name_is_not_stored(name: str) -> None:
    with pytest.raises(EvidenceError, match=name):
        recording_bytes(Recording(1.0, 0.0, {name: np.ones(3)}, {"group/u1": "V"}))
