"""One peer on one file of paragraphs, a line each: which lines it calls copies of earlier ones.

    python peers.py gaoya|rensa|datasketch|text-dedup PARAGRAPHS REMOVED

Run by ``corpus.py`` with the Python of an environment that holds this peer alone. Line numbers from 0 go to REMOVED; CPU
seconds, imports included, and the peak of anonymous memory in MB to standard output.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
import threading
import time
from pathlib import Path

WORD = re.compile(r"\W+")


def gaoya(texts: list[str]) -> list[int]:
    """Shingles of three characters, Jaccard .6, 20 bands of 5."""
    from gaoya.minhash import MinHashStringIndex  # type: ignore[import-not-found]

    index = MinHashStringIndex(32, 0.6, 20, 5, None, "char", True, (3, 3), "smallvec")
    gone = []
    for number, text in enumerate(texts):
        if index.query(text):
            gone.append(number)
        else:
            index.insert_document(number, text)
    return gone


def rensa(texts: list[str]) -> list[int]:
    """Words, Jaccard .8, 128 permutations."""
    from rensa import RMinHashDeduplicator  # type: ignore[import-not-found]

    index = RMinHashDeduplicator(threshold=0.8, num_perm=128, use_lsh=True)
    kept = index.add_pairs((str(number), text.lower().split()) for number, text in enumerate(texts))
    return [number for number, stays in enumerate(kept) if not stays]


def datasketch(texts: list[str]) -> list[int]:
    """Shingles of five words as in its guide to text, Jaccard .6, 128 permutations."""
    from datasketch import MinHash, MinHashLSH  # type: ignore[import-not-found]

    index = MinHashLSH(threshold=0.6, num_perm=128)
    gone = []
    for number, text in enumerate(texts):
        print_of = MinHash(num_perm=128)
        print_of.update_batch([word.encode() for word in set(text.lower().split())])
        if index.query(print_of):
            gone.append(number)
        else:
            index.insert(number, print_of)
    return gone


def text_dedup(texts: list[str]) -> list[int]:
    """Its MinHash with its own functions and defaults (five words, Jaccard .7), without its files of data sets."""
    from text_dedup import minhash  # type: ignore[import-not-found]
    from text_dedup.utils import UnionFind, optimal_param  # type: ignore[import-not-found]

    import numpy as np

    bands, rows = optimal_param(0.7, 250, false_positive_weight=0.5, false_negative_weight=0.5)
    prime = np.uint64((1 << 61) - 1)
    draws = np.random.RandomState(42)
    permutations = (
        draws.randint(1, prime, size=250, dtype=np.uint64),
        draws.randint(0, prime, size=250, dtype=np.uint64),
    )
    tables: list[dict[bytes, int]] = [{} for _ in range(bands)]
    union = UnionFind()
    for number, text in enumerate(texts):
        found = minhash.embed_func(
            text,
            number,
            num_perm=250,
            ngram_size=5,
            min_length=5,
            hashranges=[(band * rows, (band + 1) * rows) for band in range(bands)],
            permutations=permutations,
            hash_func=minhash.xxh3_32hash,
            dtype=np.uint64,
            max_hash=np.uint32((1 << 32) - 1),
            modulo_prime=prime,
        )
        for table, print_of in zip(tables, found["__signatures__"], strict=True):
            union.union(number, table.setdefault(print_of, number))
    return [number for number in range(len(texts)) if union.find(number) != number]


PEERS = {"gaoya": gaoya, "rensa": rensa, "datasketch": datasketch, "text-dedup": text_dedup}


class Peak:
    """The largest anonymous memory seen while it watched, in MB; files that are mapped are no part of it."""

    def __init__(self) -> None:
        self.megabytes = 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> float:
        """Stop watching, and say what was seen."""
        self._over.set()
        self._thread.join()
        return self.megabytes

    def _watch(self) -> None:
        while not self._over.wait(0.02):
            status = Path("/proc/self/status").read_text()
            kilobytes = int(status.split("RssAnon:")[1].split()[0])
            self.megabytes = max(self.megabytes, kilobytes / 1e3)


def main() -> None:
    """Read, find, write, report."""
    name, paragraphs, removed = sys.argv[1:]
    os.environ.setdefault("HF_HOME", tempfile.gettempdir())
    peak = Peak()
    texts = Path(paragraphs).read_text("utf-8").split("\n")[:-1]
    gone = PEERS[name](texts)
    Path(removed).write_text("".join(f"{number}\n" for number in gone))
    print(f"{time.process_time():.3f} {peak.stop():.1f}")


if __name__ == "__main__":
    main()
