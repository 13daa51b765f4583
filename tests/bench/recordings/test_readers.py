"""Readers: the same samples come back from every format, and what is no recording is refused."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from bench.evidence.waveform_file import recording_bytes
from bench.recordings.readers import read_recording
from instruments.errors import ConfigurationError, RecordingError
from instruments.interfaces import Recording, Samples

RATE_HZ = 20_000.0
U1: Samples = np.round(325.0 * np.sin(2 * np.pi * 50 * np.arange(400) / RATE_HZ), 6)
I1: Samples = np.round(20.0 * np.cos(2 * np.pi * 50 * np.arange(400) / RATE_HZ), 6)


def write_csv(file: Path, header: str = "time_s,u1 [V],i1 [A]") -> Path:
    rows = np.column_stack([0.5 + np.arange(400) / RATE_HZ, U1, I1])
    np.savetxt(file, rows, delimiter=",", header=header, comments="", fmt="%.6f")
    return file


def write_npz(file: Path) -> Path:
    np.savez(file, sample_rate_hz=RATE_HZ, start_s=0.5, u1=U1, i1=I1)
    return file


def write_hdf5(file: Path) -> Path:
    recording = Recording(RATE_HZ, 0.5, {"u1": U1, "i1": I1}, {"u1": "V", "i1": "A"}, "analyser")
    file.write_bytes(recording_bytes(recording))
    return file


def write_tdms(file: Path, second_increment_s: float = 1 / RATE_HZ) -> Path:
    nptdms = pytest.importorskip("nptdms", reason="npTDMS is not installed")
    increments = {"u1": 1 / RATE_HZ, "i1": second_increment_s}
    with nptdms.TdmsWriter(file) as writer:
        writer.write_segment(
            [
                nptdms.ChannelObject(
                    "Analog",
                    name,
                    samples,
                    properties={"wf_increment": increments[name], "unit_string": unit},
                )
                for name, samples, unit in (("u1", U1, "V"), ("i1", I1, "A"))
            ]
        )
    return file


@pytest.mark.parametrize(
    ("write", "suffix", "tolerance"),
    [
        (write_csv, "csv", 0),
        (write_npz, "npz", 0),
        (write_hdf5, "h5", 1e-4),
        (write_tdms, "tdms", 0),
    ],
)
def test_samples_and_rate_come_back(
    tmp_path: Path, write: object, suffix: str, tolerance: float
) -> None:
    assert callable(write)
    recording: Recording = read_recording(write(tmp_path / f"record.{suffix}"))
    assert recording.sample_rate_hz == pytest.approx(RATE_HZ, rel=1e-6)
    assert list(recording.channels) in (["u1", "i1"], ["i1", "u1"])
    np.testing.assert_allclose(recording.channels["u1"], U1, atol=tolerance)
    np.testing.assert_allclose(recording.channels["i1"], I1, atol=tolerance)
    assert recording.source.endswith(f"record.{suffix}")


@pytest.mark.parametrize(
    ("write", "suffix"), [(write_csv, "csv"), (write_hdf5, "h5"), (write_tdms, "tdms")]
)
def test_units_come_back_where_the_format_has_them(
    tmp_path: Path, write: object, suffix: str
) -> None:
    assert callable(write)
    units = read_recording(write(tmp_path / f"record.{suffix}")).units
    assert dict(units) == {"u1": "V", "i1": "A"}


def test_an_unknown_format_lists_those_that_are_read(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"'\.mat'.*\.tdms, \.csv, \.npz, \.h5"):
        read_recording(tmp_path / "record.mat")


def test_a_missing_file_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"gone\.csv: no such file"):
        read_recording(tmp_path / "gone.csv")


def test_tdms_without_its_reader_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write_tdms(tmp_path / "record.tdms")
    monkeypatch.setitem(sys.modules, "nptdms", None)
    with pytest.raises(ConfigurationError, match=r"inverter-compliance-bench\[recordings\]"):
        read_recording(file)


def test_tdms_channels_of_different_rates_are_refused(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="cannot share one time axis"):
        read_recording(write_tdms(tmp_path / "record.tdms", second_increment_s=1e-4))


@pytest.mark.parametrize("suffix", ["tdms", "csv", "npz", "h5"])
def test_a_file_that_is_not_what_its_suffix_says_is_refused(tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"record.{suffix}"
    file.write_bytes(b"this is, not; a recording\n\x00\xff" * 20)
    with pytest.raises(RecordingError, match=f"record.{suffix}"):
        read_recording(file)


@pytest.mark.parametrize("suffix", ["tdms", "csv", "npz", "h5"])
def test_an_empty_file_is_refused(tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"record.{suffix}"
    file.touch()
    with pytest.raises(RecordingError, match=f"record.{suffix}"):
        read_recording(file)


@pytest.mark.parametrize("suffix", ["tdms", "npz", "h5"])
def test_a_truncated_file_is_refused(tmp_path: Path, suffix: str) -> None:
    writers = {"tdms": write_tdms, "npz": write_npz, "h5": write_hdf5}
    file = writers[suffix](tmp_path / f"record.{suffix}")
    file.write_bytes(file.read_bytes()[:700])
    with pytest.raises(RecordingError, match=f"record.{suffix}"):
        read_recording(file)


def test_a_csv_cell_that_is_not_a_number_names_its_row(tmp_path: Path) -> None:
    file = write_csv(tmp_path / "record.csv")
    lines = file.read_text().splitlines()
    lines[3] = lines[3].rpartition(",")[0] + ",overload"
    file.write_text("\n".join(lines))
    with pytest.raises(RecordingError, match=r"'overload'.*row 2"):
        read_recording(file)


def test_a_csv_without_a_time_column_is_refused(tmp_path: Path) -> None:
    file = write_csv(tmp_path / "record.csv", header="milliseconds,u1,i1")
    with pytest.raises(RecordingError, match="Expected a time column in seconds"):
        read_recording(file)


def test_a_csv_with_a_missing_row_is_refused(tmp_path: Path) -> None:
    file = write_csv(tmp_path / "record.csv")
    lines = file.read_text().splitlines()
    file.write_text("\n".join(lines[:150] + lines[151:]))
    with pytest.raises(RecordingError, match="uneven time axis"):
        read_recording(file)


def test_an_archive_without_a_sample_rate_is_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "record.npz", u1=U1)
    with pytest.raises(RecordingError, match="no scalar 'sample_rate_hz' beside the arrays u1"):
        read_recording(tmp_path / "record.npz")


@pytest.mark.parametrize("rate", [np.array([1.0, 2.0]), np.array("fast"), 0.0, -5.0, np.nan])
def test_a_sample_rate_that_is_none_is_refused(tmp_path: Path, rate: object) -> None:
    np.savez(tmp_path / "record.npz", sample_rate_hz=rate, u1=U1)
    with pytest.raises(RecordingError, match="sample_rate_hz"):
        read_recording(tmp_path / "record.npz")


def test_a_single_array_is_not_an_archive(tmp_path: Path) -> None:
    np.save(tmp_path / "array.npy", U1)
    (tmp_path / "array.npy").rename(tmp_path / "record.npz")
    with pytest.raises(RecordingError, match="not a readable numpy archive"):
        read_recording(tmp_path / "record.npz")


def test_an_archive_with_a_table_as_channel_is_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "record.npz", sample_rate_hz=RATE_HZ, u=np.zeros((3, 400)))
    with pytest.raises(RecordingError, match=r"array 'u' has shape \(3, 400\)"):
        read_recording(tmp_path / "record.npz")
