"""One tool on a file of texts: which of them it takes for copies of one another.

    python across.py TOOL SETTING TEXTS HOMES

Run by ``compare.py`` with the Python of an environment that holds this tool. TEXTS is JSON Lines with ``text``;
HOMES gets a number per text, from 0: the first text of its group, or its own. What a library leaves to its user
(words, the loop, joining pairs to groups) is done here as its guide does it, in batches where it has them. A group
is whatever pairs hold together; with ``against=kept`` texts are compared with those only that have no group yet.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Any

from inside import Setting, key  # type: ignore[import-not-found]


class Groups:
    """Numbers joined to groups, whose home is the lowest."""

    def __init__(self, count: int) -> None:
        self._parents = [*range(count)]

    def home(self, number: int) -> int:
        """The lowest of its group."""
        while self._parents[number] != number:
            self._parents[number] = self._parents[self._parents[number]]
            number = self._parents[number]
        return number

    def join(self, one: int, others: Iterable[int]) -> None:
        """Make one group of them all."""
        for other in others:
            low, high = sorted((self.home(one), self.home(other)))
            self._parents[high] = low

    def homes(self) -> list[int]:
        return [*map(self.home, range(len(self._parents)))]


def shingles(text: str, setting: Setting) -> list[str]:
    """Runs of words, or of characters; of a text with fewer, all of it."""
    size = int(setting["n"])
    if setting["of"] == "char":
        return [text[at : at + size] for at in range(max(1, len(text) - size + 1))]
    words = text.split()
    if size == 1:
        return words
    return [" ".join(words[at : at + size]) for at in range(max(1, len(words) - size + 1))]


def equal(texts: list[str], _: Setting) -> list[int]:
    """The same letters."""
    first: dict[str, int] = {}
    return [first.setdefault(key(text), number) for number, text in enumerate(texts)]


def gaoya(texts: list[str], setting: Setting) -> list[int]:
    """Its index of strings; what it finds it has verified on the fingerprints."""
    size = int(setting["n"])
    jaccard, bands, rows = setting.number("jaccard"), int(setting["bands"]), int(setting["rows"])
    shape = (32, jaccard, bands, rows, None, setting["of"], setting["lower"] == "1", (size, size))
    index = import_module("gaoya.minhash").MinHashStringIndex(*shape)
    groups = Groups(len(texts))
    for number, text in enumerate(texts):
        found = index.query(text)
        groups.join(number, found)
        if not found or setting["against"] == "all":
            index.insert_document(number, text)
    return groups.homes()


def rensa(texts: list[str], setting: Setting) -> list[int]:
    """Its deduplicator keeps the first of each group, and is asked of which the others are copies."""
    index = import_module("rensa").RMinHashDeduplicator(
        threshold=setting.number("jaccard"), num_perm=128, use_lsh=True
    )

    def tokens(number: int) -> list[str]:
        text = texts[number]
        return shingles(text.lower() if setting["lower"] == "1" else text, setting)

    kept = index.add_pairs((str(number), tokens(number)) for number in range(len(texts)))
    gone = [number for number, stays in enumerate(kept) if not stays]
    groups = Groups(len(texts))
    for some in _batches(gone, 1000):
        found = index.get_duplicate_sets([tokens(number) for number in some])
        for number, others in zip(some, found, strict=True):
            groups.join(number, (int(other) for other in others if int(other) < number))
    return groups.homes()


def datasketch(texts: list[str], setting: Setting) -> list[int]:
    """MinHash and LSH as in its guide; ``verified`` compares the fingerprints of what the index offers."""
    library = import_module("datasketch")
    jaccard = setting.number("jaccard")
    index = library.MinHashLSH(threshold=jaccard, num_perm=128)
    prints: dict[int, Any] = {}
    groups = Groups(len(texts))
    for number, text in enumerate(texts):
        made = library.MinHash(num_perm=128)
        made.update_batch([part.encode() for part in {*shingles(text.lower(), setting)}])
        found: list[int] = index.query(made)
        if setting["verified"] == "1":
            found = [other for other in found if made.jaccard(prints[other]) >= jaccard]
        groups.join(number, found)
        if not found or setting["against"] == "all":
            index.insert(number, made)
            prints[number] = made
    return groups.homes()


def text_dedup(texts: list[str], setting: Setting) -> list[int]:
    """Its MinHash with its own functions, without its files of data sets; all that share a band are one group."""
    import numpy as np

    minhash = import_module("text_dedup.minhash")
    bands, rows = import_module("text_dedup.utils").optimal_param(
        setting.number("jaccard"), 250, false_positive_weight=0.5, false_negative_weight=0.5
    )
    prime = np.uint64((1 << 61) - 1)
    draws = np.random.RandomState(42)
    low = draws.randint(1, prime, size=250, dtype=np.uint64)
    settings = {
        "num_perm": 250,
        "ngram_size": int(setting["n"]),
        "min_length": 5,
        "hashranges": [(band * rows, (band + 1) * rows) for band in range(bands)],
        "permutations": (low, draws.randint(0, prime, size=250, dtype=np.uint64)),
        "hash_func": minhash.sha1_hash if setting["hash"] == "sha1" else minhash.xxh3_32hash,
        "dtype": np.uint64,
        "max_hash": np.uint32((1 << 32) - 1),
        "modulo_prime": prime,
    }
    tables: list[dict[bytes, int]] = [{} for _ in range(bands)]
    groups = Groups(len(texts))
    for number, text in enumerate(texts):
        if len(minhash.NON_ALPHA.split(text.lower())) < 5:
            continue
        made = minhash.embed_func(text, number, **settings)["__signatures__"]
        groups.join(
            number, (table.setdefault(one, number) for table, one in zip(tables, made, strict=True))
        )
    return groups.homes()


def paragraphs(texts: list[str], _: Setting) -> list[int]:
    """This project, on paragraphs of different documents: equal ones, and near ones past its guards."""
    import numpy as np
    from peers import corpus_of  # type: ignore[import-not-found]

    from dedup.corpus import deciding, equals, guards, near

    count = len(texts)
    with tempfile.TemporaryDirectory() as folder:
        corpus = corpus_of(texts, folder)
        first = equals.first_rows(corpus.keys, corpus.key_start)
        found = near.find(corpus, threshold=deciding.MIN_SCORE, first=first, accepts=guards.accept)
    groups = Groups(count)
    for row, other in enumerate(np.asarray(first).tolist()):
        groups.join(row, [other])
    for copy, kept in zip(found.copy.tolist(), found.kept.tolist(), strict=True):
        groups.join(copy, [kept])
    return groups.homes()


def documents(texts: list[str], _: Setting) -> list[int]:
    """This project, on whole documents."""
    from clusters import corpus_of  # type: ignore[import-not-found]

    from dedup.corpus.documents import clusters

    groups = Groups(len(texts))
    with tempfile.TemporaryDirectory() as folder:
        found = clusters(corpus_of(texts, folder))
    for member, canonical in zip(found.member.tolist(), found.canonical.tolist(), strict=True):
        groups.join(member, [canonical])
    return groups.homes()


TOOLS: dict[str, Callable[[list[str], Setting], list[int]]] = {
    "paragraphs": paragraphs,
    "documents": documents,
    "equal": equal,
    "gaoya": gaoya,
    "rensa": rensa,
    "datasketch": datasketch,
    "text-dedup": text_dedup,
}


def _batches(numbers: Iterable[int], size: int) -> Iterator[list[int]]:
    rest = iter(numbers)
    while some := [*islice(rest, size)]:
        yield some


def main(arguments: Sequence[str]) -> None:
    """Read, find, write."""
    name, setting, source, target = arguments
    with open(source, encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in lines]
    homes = TOOLS[name](texts, Setting(setting))
    Path(target).write_text("".join(f"{home}\n" for home in homes))


if __name__ == "__main__":
    main(sys.argv[1:])
