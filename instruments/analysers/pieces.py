"""Records in pieces: whether a piece that was delivered is new."""

from __future__ import annotations

from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from instruments.errors import StaleReading

Piece = NDArray[np.float32]
FEWEST_UNLIKE = 1000


class Pieces:
    """Pieces of records that were delivered: noise makes each of them unlike every other.

    Args:
        name: of the link.
        before: digests of the pieces of the record before.
    """

    def __init__(self, name: str, before: frozenset[bytes]) -> None:
        self.seen: set[bytes] = set()
        self._name = name
        self._before = before

    def fresh(self, samples: Piece) -> Piece:
        """Return samples that have not been delivered before. A few samples, or constant ones
        as of a dead channel, may repeat.

        Raises:
            StaleReading: they have.
        """
        digest = sha256(samples.data).digest()
        if (
            digest in self.seen | self._before
            and len(samples) >= FEWEST_UNLIKE
            and np.ptp(samples) > 0
        ):
            raise StaleReading(
                f"{self._name}: a piece of {len(samples)} samples is to the last bit one that was delivered "
                "before: the analyser or its link repeats an old answer"
            )
        self.seen.add(digest)
        return samples
