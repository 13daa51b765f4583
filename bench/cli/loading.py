"""Commands, and what they do, by name: loaded only when used."""

from __future__ import annotations

import gc
import pkgutil
from typing import Any


def load(name: str) -> Any:
    """Return what `package.module:name` is.

    Nobody looks for reference cycles in the meantime, nor later in what is loaded: there are hardly any, and
    looking takes 7 % of the time.
    """
    gc.disable()
    try:
        return pkgutil.resolve_name(name)
    finally:
        gc.freeze()
        gc.enable()
