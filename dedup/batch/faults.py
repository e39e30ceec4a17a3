"""What is said of a file or record at which something went wrong."""

from __future__ import annotations

import os

from dedup.errors import DedupError, fault


def failure_of(error: Exception, where: str) -> DedupError:
    """Why nothing came of what is at ``where``: a fault of ours costs one file or record, not the others.

    ``DEDUP_DEBUG`` also shows where the fault is.
    """
    if isinstance(error, DedupError):
        return error
    if isinstance(error, MemoryError):
        return DedupError(where, "out of memory")
    if os.environ.get("DEDUP_DEBUG"):
        import traceback

        traceback.print_exception(error)
    return fault(error, where)
