"""Which of two implementations of one meaning is cheaper now: plain Python, or numpy with its import to pay."""

from __future__ import annotations

import sys
from functools import cache

PLAIN_LIMIT = 120_000
"""Characters and letters, of all documents of a process, up to which importing numpy costs more than it saves."""

_seen = 0


def prefers_arrays(size: int) -> bool:
    """Whether numpy is loaded, or so much has been seen, ``size`` included, that loading it pays.

    This decides what a step costs, never what it finds.
    """
    global _seen
    _seen += size
    return "numpy" in sys.modules or _seen > PLAIN_LIMIT


@cache
def keep_memory() -> None:
    """Have the C library keep what arrays of a common size give back, so that the next ones need not ask for it anew.

    The GNU library takes the largest array given back so far for the measure of what is common; a fourth of the time
    for a small text went into pages given back and asked for again. Elsewhere this does nothing.
    """
    import numpy as np

    np.empty(_COMMON, np.uint8)  # given back at once, and never written to


_COMMON = 1 << 20
