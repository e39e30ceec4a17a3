"""Reads and copies damaged Parquet files: a program, as the library may end the process it runs in.

``python mutated.py SEED NUMBER`` says how many were read and how many refused, and how many of those for a
value that is not in its dictionary, which the library follows; anything else is a traceback.
"""

from __future__ import annotations

import io
import sys
from collections import Counter
from collections.abc import Iterator
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


def with_other_bits(data: bytes) -> Iterator[bytes]:
    """The file with the lowest bits of one byte of its pages changed, for each of them."""
    footer = int.from_bytes(data[-8:-4], "little")
    for place in range(4, len(data) - 8 - footer):
        yield data[:place] + bytes([data[place] ^ 3]) + data[place + 1 :]


def outcome(data: bytes, field: str) -> str:
    """What happens to a file that is read and copied."""
    try:
        copied(container(io.BytesIO(data), "a.parquet", Options(field=field)), TEXT[:19])
    except DedupError as problem:
        if len(problem.what.splitlines()) != 1:
            raise
        return "stray" if "not in its dictionary" in problem.what else "refused"
    return "read"


def main() -> None:
    """Damage, read, copy."""
    seed, number = map(int, sys.argv[1:])
    random = Random(seed)
    files = whole()
    outcomes = Counter(
        outcome(damaged(random.choice(files), random), random.choice(["text", "s.t", "d"]))
        for _ in range(number)
    )
    values = pa.DictionaryArray.from_arrays(pa.array([0, 1, 2, 1, 0, 2]), ["a", "b", "c"])
    target = io.BytesIO()
    pq.write_table(pa.table({"text": values}), target, compression="none")
    outcomes.update(outcome(data, "text") for data in with_other_bits(target.getvalue()))
    sys.stdout.write(f"{outcomes['read']} {outcomes['refused']} {outcomes['stray']}\n")


if __name__ == "__main__":
    main()
