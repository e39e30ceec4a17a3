"""One tool on one file of paragraphs, a line each: which lines it calls copies of earlier ones.

    python peers.py TOOL PARAGRAPHS REMOVED

Run by ``corpus.py`` with the Python of an environment that holds this tool. Line numbers from 0 go to REMOVED; CPU
seconds, imports included, and the peak of anonymous memory in MB to standard output, with the number of pairs compared.
"""

from __future__ import annotations

import os
import sys
import tempfile
import threading
import time
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from dedup.corpus.columns import Corpus

THRESHOLD = 0.85
"""Ours, of the letters: about what the peers' settings below reach."""
BATCH = 4096
"""Paragraphs that make one document."""


def gaoya(texts: list[str]) -> list[int]:
    """Shingles of three characters, Jaccard .6, 20 bands of 5."""
    index = import_module("gaoya.minhash").MinHashStringIndex(
        32, 0.6, 20, 5, None, "char", True, (3, 3), "smallvec"
    )
    gone = []
    for number, text in enumerate(texts):
        if index.query(text):
            gone.append(number)
        else:
            index.insert_document(number, text)
    return gone


def rensa(texts: list[str]) -> list[int]:
    """Words, Jaccard .8, 128 permutations."""
    index = import_module("rensa").RMinHashDeduplicator(threshold=0.8, num_perm=128, use_lsh=True)
    kept = index.add_pairs((str(number), text.lower().split()) for number, text in enumerate(texts))
    return [number for number, stays in enumerate(kept) if not stays]


def datasketch(texts: list[str]) -> list[int]:
    """Words as in its guide, Jaccard .6, 128 permutations."""
    library = import_module("datasketch")
    index = library.MinHashLSH(threshold=0.6, num_perm=128)
    gone = []
    for number, text in enumerate(texts):
        print_of = library.MinHash(num_perm=128)
        print_of.update_batch([word.encode() for word in set(text.lower().split())])
        if index.query(print_of):
            gone.append(number)
        else:
            index.insert(number, print_of)
    return gone


def text_dedup(texts: list[str]) -> list[int]:
    """Its MinHash with its own functions and defaults (five words, Jaccard .7), without its files of data sets."""
    import numpy as np

    minhash = import_module("text_dedup.minhash")
    library = import_module("text_dedup.utils")
    bands, rows = library.optimal_param(
        0.7, 250, false_positive_weight=0.5, false_negative_weight=0.5
    )
    prime = np.uint64((1 << 61) - 1)
    draws = np.random.RandomState(42)
    permutations = (
        draws.randint(1, prime, size=250, dtype=np.uint64),
        draws.randint(0, prime, size=250, dtype=np.uint64),
    )
    tables: list[dict[bytes, int]] = [{} for _ in range(bands)]
    union = library.UnionFind()
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


def near(texts: list[str], guarded: bool = True) -> list[int]:
    """Near and equal paragraphs across documents, as corpus scope finds them."""
    import numpy as np

    from dedup.corpus import equals, guards
    from dedup.corpus import near as stage

    with tempfile.TemporaryDirectory() as folder:
        corpus = corpus_of(texts, folder)
        texts.clear()
        first = equals.first_rows(corpus.keys, corpus.key_start)
        accepts = guards.accept if guarded else None
        found = stage.find(corpus, threshold=THRESHOLD, first=first, accepts=accepts)
    print(found.compared, end=" ")
    kept = np.arange(len(first))
    kept[found.copy] = found.kept
    return np.flatnonzero(kept[first] != np.arange(len(first))).tolist()


def unguarded(texts: list[str]) -> list[int]:
    """The same, whatever the copies differ in."""
    return near(texts, guarded=False)


def equal(texts: list[str]) -> list[int]:
    """Equal paragraphs, as corpus scope finds them."""
    import numpy as np

    from dedup.corpus import equals

    with tempfile.TemporaryDirectory() as folder:
        corpus = corpus_of(texts, folder)
        first = equals.first_rows(corpus.keys, corpus.key_start)
    return np.flatnonzero(first != np.arange(len(first))).tolist()


def loop(texts: list[str]) -> list[int]:
    """The plain loop: the same key, and a set of those seen."""
    from dedup.engine.normalize import key

    seen: set[str] = set()
    gone = []
    for number, text in enumerate(texts):
        made = key(text)
        if made in seen:
            gone.append(number)
        seen.add(made)
    return gone


def corpus_of(texts: list[str], folder: str) -> Corpus:
    """One document of all paragraphs, in batches."""
    import numpy as np

    from dedup.corpus.columns import Writer
    from dedup.corpus.sheets import Sheet
    from dedup.engine.normalize import key

    writer = Writer(folder)
    for begin in range(0, len(texts), BATCH):
        some = texts[begin : begin + BATCH]
        keys = [key(text) for text in some]
        none = np.zeros(len(some), np.int64)
        weights = np.fromiter(map(len, keys), np.int32, len(keys))
        no_flags, lines = none.astype(np.uint8), none.astype(np.int32)
        numbers = (none, none, no_flags, weights, lines, no_flags)
        writer.add(Sheet(*numbers, *_bytes(keys), *_bytes(some)), 0)
    return writer.finish()


def _bytes(texts: list[str]) -> tuple[bytes, np.ndarray]:
    """Texts in UTF-8 end to end, and where each ends."""
    import numpy as np

    whole = "".join(texts)
    parts = texts if whole.isascii() else [text.encode("utf-8", "surrogatepass") for text in texts]
    ends = np.cumsum(np.fromiter(map(len, parts), np.int64, len(parts)))
    return whole.encode("utf-8", "surrogatepass"), ends


TOOLS = {
    "near": near,
    "unguarded": unguarded,
    "equal": equal,
    "loop": loop,
    "gaoya": gaoya,
    "rensa": rensa,
    "datasketch": datasketch,
    "text-dedup": text_dedup,
}


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
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command line sets it
    peak = Peak()
    texts = Path(paragraphs).read_text("utf-8").split("\n")[:-1]
    gone = TOOLS[name](texts)
    Path(removed).write_text("".join(f"{number}\n" for number in gone))
    print(f"{time.process_time():.3f} {peak.stop():.1f}")


if __name__ == "__main__":
    main()
