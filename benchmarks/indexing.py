"""An index of the texts below PATH: what making it adds to reading them, what it saves later, and its size.

CPU of one process in one run; the minimum of three rounds, in which all take turns.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from dedup.batch import indexing
from dedup.corpus import index, indexed
from dedup.corpus.columns import Writer
from dedup.corpus.index import Entry, File
from dedup.options import Options

ROUNDS = 3


def cpu_of(work: Callable[[], object]) -> float:
    """CPU seconds of one call."""
    start = time.process_time()
    work()
    return time.process_time() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", help="a folder of texts, or a file of records")
    source = parser.parse_args().path
    options = Options(jobs=1)
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "x.index")
        chosen = indexing.chosen(path, [source], [], options)
        size = sum(found.size for found in chosen.files)
        items: list[File | Entry] = []

        def read() -> None:
            run = indexing.AsTheyAre(chosen, options)
            items[:] = indexing.items_of(run, indexing.digests(chosen))

        def take_in(entries: list[Entry]) -> None:
            writer = Writer(folder)
            for entry in entries:
                writer.add(entry.sheet, 0)
            writer.finish()

        def take_index() -> None:
            with indexed.opened(path) as there:
                take_in([*there.entries()])

        seconds: dict[str, list[float]] = {}
        for _ in range(ROUNDS):
            works: dict[str, Callable[[], object]] = {
                "read the texts": read,
                "write the index": lambda: index.write_index(path, items, index.settings(options)),
                "columns of the texts": lambda: take_in([i for i in items if isinstance(i, Entry)]),
                "columns of the index": take_index,
            }
            for name, work in works.items():
                seconds.setdefault(name, []).append(cpu_of(work))
        low = {name: min(times) for name, times in seconds.items()}
        for name, time_of in low.items():
            print(f"{name:<22}{time_of:>9.3f} s{time_of / low['read the texts']:>8.3f} x reading")
        again = low["read the texts"] + low["columns of the texts"]
        print(f"texts / index{again / low['columns of the index']:>8.1f}")
        print(
            f"size of the index{Path(path).stat().st_size / size:>8.2f} of the texts ({size:,} bytes)"
        )


if __name__ == "__main__":
    main()
