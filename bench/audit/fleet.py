"""Many inverters audited at once, no more than one connection to an endpoint at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event
from typing import Any

from bench.audit.audit import SCHEMA_VERSION, document, inputs
from bench.audit.judging import Conclusion
from bench.audit.preparing import Prepared
from instruments.errors import ConfigurationError, EvidenceError

Json = dict[str, Any]
SITES = "sites"
LOOK_S = 0.2


class FleetDirectory:
    """One JSON document per audited site, in `sites/`.

    Args:
        directory: of this audit; must not exist yet unless it is resumed.

    Raises:
        ConfigurationError: it exists already, or cannot be made.
    """

    def __init__(self, directory: Path, *, resume: bool) -> None:
        if directory.exists() and not resume:
            raise ConfigurationError(
                f"--out {directory}: exists already; --resume goes on with it, otherwise choose another"
            )
        self._sites = directory / SITES
        try:
            self._sites.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigurationError(
                f"--out {directory}: cannot be made: {error.strerror}"
            ) from error

    def keep(self, audit: Json) -> None:
        """Write the document of a site, at once, so that nobody ever reads half of one.

        Raises:
            EvidenceError: it cannot be written.
        """
        file = self._file(audit["site"])
        partial = file.with_name(file.name + ".tmp")
        text = json.dumps(audit, indent=1, ensure_ascii=False, allow_nan=False)
        try:
            partial.write_text(text + "\n", encoding="utf-8", newline="\n")
            partial.replace(file)
        except OSError as error:
            raise EvidenceError(f"{file}: cannot be written: {error}. Is the disk full?") from error

    def done(self, prepared: Prepared) -> Json | None:
        """Return the audit of a site that was read with the same inputs; None when it is still to be done."""
        file = self._file(prepared.name)
        if not file.exists():
            return None
        try:
            audit: Json = json.loads(file.read_text(encoding="utf-8"))
            same = audit["schema_version"] == SCHEMA_VERSION and inputs(audit) == prepared.inputs
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ConfigurationError(
                f"{file}: is no audit of this bench ({type(error).__name__}: {error}). Move it away to audit "
                "the site again"
            ) from error
        return audit if same and audit["conclusion"] != Conclusion.UNREAD else None

    def _file(self, site: str) -> Path:
        return self._sites / f"{site}.json"


def audit_fleet(sites: Sequence[Prepared], jobs: int) -> Iterator[Json]:
    """Yield the document of every site as it is done.

    Sites behind one endpoint wait for each other. Ending early, also by Ctrl-C, starts no further site.

    Args:
        jobs: most endpoints that are asked at the same time.
    """
    stop = Event()
    found: SimpleQueue[Json] = SimpleQueue()
    with ThreadPoolExecutor(jobs, thread_name_prefix="audit") as pool:
        try:
            running = {
                pool.submit(_audit_in_turn, group, stop, found) for group in by_endpoint(sites)
            }
            while running:
                running = _still_running(running)
                yield from _taken(found)
        finally:
            stop.set()
            pool.shutdown(wait=False, cancel_futures=True)


def by_endpoint(sites: Sequence[Prepared]) -> list[list[Prepared]]:
    """Return the sites that share an endpoint together, in order; simulated ones share none."""
    groups: dict[str, list[Prepared]] = {}
    for number, site in enumerate(sites):
        groups.setdefault(site.endpoint or f"simulated {number}", []).append(site)
    return list(groups.values())


def _audit_in_turn(group: Sequence[Prepared], stop: Event, found: SimpleQueue[Json]) -> None:
    for site in group:
        if stop.is_set():
            return
        found.put(document(site.audit()))


def _still_running(running: set[Future[None]]) -> set[Future[None]]:
    """Wait a while; raise what a worker failed with."""
    done, others = wait(running, timeout=LOOK_S, return_when=FIRST_COMPLETED)
    for future in done:
        future.result()
    return others


def _taken(found: SimpleQueue[Json]) -> Iterator[Json]:
    while True:
        try:
            yield found.get_nowait()
        except Empty:
            return
