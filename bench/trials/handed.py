"""What a command hands to the procedures, in memory, beside the options it calls pytest with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.inputs import Inputs

if TYPE_CHECKING:
    from bench.rejudging.rejudgement import Rejudgement


@dataclass(frozen=True, eq=False)
class Handed:
    """A pytest plugin without hooks, for the wiring to find; pytest tells plugins apart by identity.

    Attributes:
        inputs: what the options name, loaded already.
        rejudgement: what takes the place of a campaign; None for a campaign.
    """

    inputs: Inputs
    rejudgement: Rejudgement | None = None
