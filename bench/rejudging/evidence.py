"""What a rejudgement writes: it refers to the files of the run and stores only what is new."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from bench.evidence.calls import Call
from bench.evidence.journal import FileRecord, Journal, RunDirectory
from bench.evidence.readings_file import readings_bytes
from bench.rejudging.player import Player
from bench.rejudging.stored_run import StoredTrial
from bench.trials.trial_evidence import TrialEvidence
from instruments.errors import EvidenceError
from instruments.interfaces import Reading, Recording, Stimulus


class RunFiles:
    """The files of one trial of the run, found again by what is in them."""

    def __init__(self, trial: StoredTrial, player: Player, directory: RunDirectory) -> None:
        self._records = [record for _, record in trial.files]
        self._player = player
        self._directory = directory

    def store_recording(self, trial: str, recording: Recording) -> FileRecord:
        """Return the file the record came from."""
        path = self._player.files.get(id(recording))
        for record in self._records:
            if record.path == path:
                return record
        raise EvidenceError(f"{trial}: a record that is not of the run cannot be put into evidence")

    store_capture = store_recording

    def store_readings(self, trial: str, readings: Sequence[Reading]) -> FileRecord:
        """Return the run's file of these readings; another selection of them is stored anew."""
        known = self._known(readings_bytes(readings))
        return known or self._directory.store_readings(trial, readings)

    def store_table(self, trial: str, text: str) -> FileRecord:
        """Return the run's file with this content; another one is stored anew."""
        return self._known(text.encode("utf-8")) or self._directory.store_table(trial, text)

    def store_calls(self, trial: str, calls: Sequence[Call]) -> FileRecord:
        """Refuse: nothing is called here."""
        raise EvidenceError(f"{trial}: {len(calls)} calls in a rejudgement; expected none")

    def _known(self, data: bytes) -> FileRecord | None:
        sha256 = hashlib.sha256(data).hexdigest()
        return next((record for record in self._records if record.sha256 == sha256), None)


class RejudgedEvidence(TrialEvidence):
    """Evidence of a trial that is judged again: what was applied is what the run applied."""

    def __init__(self, trial_id: str, journal: Journal, files: RunFiles, player: Player) -> None:
        super().__init__(trial_id, journal, files)
        self._player = player

    def stimulus(self, stimulus: Stimulus) -> None:
        """Record the program the run applied."""
        super().stimulus(self._player.program(stimulus))
