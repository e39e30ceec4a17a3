"""Says what a Parquet file costs: a program, as the library counts its peak per process.

``python peak.py FILE`` prints the bytes allocated at most for reading, and for reading and writing.
"""

from __future__ import annotations

import os
import sys

import pyarrow as pa

from dedup.files.formats.parquet import container
from dedup.options import Options


def main() -> None:
    """Read, then read and write with each fourth row changed."""
    pool = pa.default_memory_pool()
    with open(sys.argv[1], "rb") as file, open(os.devnull, "wb") as target:
        for _ in container(file, "a", Options()).pieces():
            pass
        read = pool.max_memory()
        table = container(file, "a", Options())
        sink = table.sink(target)
        for piece in table.pieces():
            sink.add(piece, piece.raw[: len(piece.raw) // 2] if piece.number % 4 else None)
        sink.finish()
    sys.stdout.write(f"{read} {pool.max_memory()}\n")


if __name__ == "__main__":
    main()
