"""Files that survive: on disk before anybody relies on them, and written by one process only."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import BinaryIO

if sys.platform == "win32":
    import msvcrt

    # Windows keeps readers out of a locked range, so the range lies far beyond any content.
    _LOCKED_AT = 2**60

    def _lock(descriptor: int) -> None:
        os.lseek(descriptor, _LOCKED_AT, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def open_to_append(path: Path, *, create: bool) -> BinaryIO:
    """Open a file for this writer alone, unbuffered; the lock ends with the process, however it ends.

    Args:
        create: whether the file is new, and must be, or is there already, and must be.

    Raises:
        OSError: also when another writer holds the file.
    """
    flags = os.O_RDWR | os.O_APPEND | getattr(os, "O_BINARY", 0)
    descriptor = os.open(path, flags | (os.O_CREAT | os.O_EXCL if create else 0), 0o666)
    try:
        _lock(descriptor)
    except OSError as error:
        os.close(descriptor)
        raise BlockingIOError(error.errno, "another process is writing to it") from error
    return os.fdopen(descriptor, "a+b", buffering=0)


def append_durably(stream: BinaryIO, data: bytes) -> None:
    """Write all of `data` and wait until the disk has it. Raises OSError."""
    write_whole(stream, data)
    sync(stream)


def write_whole(stream: BinaryIO, data: bytes) -> None:
    """Write all of `data`; the operating system has it, the disk perhaps not yet. Raises OSError."""
    rest = memoryview(data)
    while rest:
        rest = rest[stream.write(rest) :]


def cut_durably(stream: BinaryIO, length: int) -> None:
    """Shorten a file and wait until the disk knows. Raises OSError."""
    stream.truncate(length)
    sync(stream)


def store_durably(path: Path, data: bytes) -> None:
    """Write a whole file: under its name it is complete, or not there.

    Raises:
        FileExistsError: nothing stored is ever written over.
        OSError: it cannot be written; a remainder may be left under the name with `.tmp`.
    """
    if path.exists():
        raise FileExistsError(17, "a file of this name exists already")
    partial = path.with_name(path.name + ".tmp")
    with partial.open("wb", buffering=0) as stream:
        append_durably(stream, data)
    partial.rename(path)
    sync_directory(path.parent)


def sync(stream: BinaryIO) -> None:
    """Wait until the disk has what was written."""
    getattr(os, "fdatasync", os.fsync)(stream.fileno())


def sync_directory(path: Path) -> None:
    """Make a new name durable; Windows cannot open directories and needs no such step."""
    if sys.platform == "win32":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
