"""Reads and copies damaged Parquet files: a program, as the library may end the process it runs in.

``python mutated.py SEED NUMBER`` says how many were read and how many refused; anything else is a traceback.
"""

from __future__ import annotations

import io
import sys
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq

from dedup.errors import DedupError
from dedup.files.formats.parquet import container
from dedup.options import Options
from tests.files.formats.edits import copied

TEXT = "The ferry waited.\n\nThe ferry waited.\n"


def whole() -> list[bytes]:
    """Small tables, written in different ways."""
    table = pa.table(
        {
            "text": [TEXT, None, "x", ""] * 10,
            "s": [{"t": TEXT, "u": 1}, None, {"t": None, "u": 2}, {"t": "y", "u": 3}] * 10,
            "d": pa.array([TEXT, "b", "a", None] * 10).dictionary_encode(),
            "l": [["a", "b"], [], None, ["c"]] * 10,
        }
    )
    ways: list[dict[str, object]] = [
        {},
        {"compression": "zstd", "row_group_size": 15},
        {"compression": "none", "use_dictionary": False, "data_page_version": "2.0"},
        {"compression": "gzip", "write_page_checksum": True},
        {"compression": "none", "store_schema": False},
    ]
    files = []
    for way in ways:
        target = io.BytesIO()
        pq.write_table(table, target, **way)
        files.append(target.getvalue())
    return files


def damaged(data: bytes, random: Random) -> bytes:
    """The file with a few bytes changed, taken out or put in; half of the times in its metadata."""
    changed = bytearray(data)
    for _ in range(random.randrange(1, 5)):
        first = len(changed) * random.randrange(2) * 2 // 3
        place = random.randrange(first, len(changed))
        if random.random() < 0.8:  # else hardly any metadata could be read
            changed[place] ^= 1 << random.randrange(8)
        else:
            changed[place : place + random.randrange(8)] = random.randbytes(random.randrange(8))
    return bytes(changed)


def main() -> None:
    """Damage, read, copy."""
    seed, number = map(int, sys.argv[1:])
    random = Random(seed)
    files = whole()
    counts = {"read": 0, "refused": 0}
    for _ in range(number):
        data = damaged(random.choice(files), random)
        field = random.choice(["text", "s.t", "d"])
        try:
            copied(container(io.BytesIO(data), "a.parquet", Options(field=field)), TEXT[:19])
            counts["read"] += 1
        except DedupError as problem:
            counts["refused"] += "\n" not in problem.what
    sys.stdout.write(f"{counts['read']} {counts['refused']}\n")


if __name__ == "__main__":
    main()
