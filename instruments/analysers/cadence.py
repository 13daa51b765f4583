"""When an analyser's next averaged reading will be there, learnt from those that were. Pure.

An analyser renews its reading once per averaging window, on its own clock, and has it ready a little later.
Neither that delay nor the difference of the clocks is in its data sheet; both show in what it answers and when.
"""

from __future__ import annotations

from math import inf

CLOCKS_APART = 1e-4
"""By how much the two clocks may run apart, as a share: ten times what a quartz needs."""
CLOSE = 0.2
"""Share of the window within which the instant is known well enough to wait for it."""


class Cadence:
    """Brackets the delay from the end of a window, on the analyser's clock, to its reading, on the bench's.

    Args:
        window_s: averaging window.
    """

    def __init__(self, window_s: float) -> None:
        self._window_s = window_s
        self._end_s = -inf
        self._too_early_s, self._late_enough_s = -inf, inf

    def renewed(self, end_s: float, answered_s: float) -> None:
        """Learn from a reading that was new: its end, and the bench's time of the answer."""
        if self._end_s > -inf:
            drift_s = CLOCKS_APART * (end_s - self._end_s)
            self._too_early_s -= drift_s
            self._late_enough_s += drift_s
        self._end_s = end_s
        self._late_enough_s = min(self._late_enough_s, answered_s - end_s)

    def repeated(self, requested_s: float) -> None:
        """Learn from a reading that was the one before: the bench's time of the request."""
        self._too_early_s = max(self._too_early_s, requested_s - self._end_s - self._window_s)
        # The analyser's clock has run away, or it was restarted: what was learnt before does not hold.
        if self._too_early_s > self._late_enough_s:
            self._late_enough_s = inf

    def wait_s(self, now_s: float) -> float:
        """Return how long a question would still be answered with the reading before; 0 when nobody knows."""
        since_end_s = now_s - self._end_s - self._window_s
        known = self._late_enough_s - self._too_early_s < CLOSE * self._window_s
        if not known and since_end_s > self._too_early_s:
            return 0.0
        wait_s = self._late_enough_s - since_end_s
        return max(0.0, wait_s) if wait_s < self._window_s else 0.0
