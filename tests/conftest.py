"""What holds for all tests of the bench itself."""

from __future__ import annotations

from hypothesis import settings

# How long an example takes tells of the machine's load; speed is measured in `benchmarks/`.
settings.register_profile("bench", deadline=None)
settings.load_profile("bench")
