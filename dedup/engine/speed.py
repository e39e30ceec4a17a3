"""Which of two implementations of one meaning is cheaper now: plain Python, or numpy with its import to pay."""

from __future__ import annotations

import sys

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
