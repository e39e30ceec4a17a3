"""What the engine's search offers for judging, against comparing all paragraphs with each other.

    python benchmarks/candidates.py                     # one document of several thousand paragraphs, then small ones
    python benchmarks/candidates.py --paragraphs 2000   # a smaller one

Large: paragraphs of labelled documents of several sources, among them documents with edited, misread and
scattered copies, in an order that is shuffled and always the same. Small: each labelled document as it is.
The oracle compares the keys of all paragraphs of at least --min-chars weighted letters by rapidfuzz; shorter
ones cannot go on their own and are left out. A pair counts as found when one claim offers at least half of the
letters of one of its paragraphs for removal, with a twin that stands in the other; which of the two is a question of
judgement, as is whether it goes. The second pair of columns counts paragraphs that have an earlier partner,
found when one of these pairs is; for text that stands in a longer paragraph those offered against it, or
against an equal paragraph that is.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import time
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import zip_longest
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import numpy as np
from quality import data_folder, rows_of  # type: ignore[import-not-found]
from rapidfuzz.distance import Indel
from rapidfuzz.process import cdist

from dedup.engine import claims, normalize, split, units
from dedup.engine.search import aligned_in, chains_in, repeats_in
from dedup.options import Options

THRESHOLDS = (0.95, 0.9, 0.8)
TYPES = ("doubled_edit_", "doubled_ocr_", "para_scatter", "real_versions", "real_ocr", "neg_plain")
"""Documents with true near copies of all degrees, and plain ones."""
OFFERED = 0.5
"""Share of a paragraph's letters that one claim has to offer."""
OPPOSITE = 0.75
"""Share of the twin's letters that have to stand in the other paragraph."""
BLOCK = 512
"""Rows of the matrix that are compared at once."""
BANDS = (5, 10, 20, 40, 80, 160, 320)
"""Paragraphs up to which small documents are put into one row."""
MORE = 10**9

Pairs = set[tuple[int, int]]


class Keys(NamedTuple):
    """The paragraphs of a text that may go on their own, as the engine sees them."""

    numbers: list[int]
    """Index of each among all paragraphs."""
    keys: list[str]


class Truth(NamedTuple):
    """What comparing all finds, as pairs of indexes into ``Keys``, the smaller one first."""

    near: dict[float, Pairs]
    equal: Pairs
    contained: Pairs
    """``(part, whole)``: the part's key stands in the longer one."""


class Offer(NamedTuple):
    """What the engine offers: pairs of paragraphs ``(copy, twin)`` and the CPU seconds it took."""

    pairs: Pairs
    seconds: float


class Count(NamedTuple):
    """How much of something was found."""

    all: int = 0
    found: int = 0

    def plus(self, other: Count) -> Count:
        return Count(self.all + other.all, self.found + other.found)

    def __str__(self) -> str:
        share = f"{self.found / self.all:.4f}" if self.all else "-"
        return f"{self.all:10,}{share:>9}"


def candidates(text: str) -> tuple[list[claims.Claim], units.Units, normalize.Stream]:
    """All claims of a text before any is judged, as ``search.look`` and ``settle`` make them."""
    stream = normalize.stream(text)
    columns = units.units(stream, split.split(text))
    found = aligned_in(stream, chains_in(stream, Options()), Options())
    repeats = repeats_in(stream, columns, found)
    return claims.find(repeats, columns, stream.weight, 0), columns, stream


def offered(text: str) -> tuple[Offer, Keys]:
    """Pairs of paragraphs of which a claim offers the first with its twin in the second; and the keys."""
    start = time.process_time()
    found, columns, stream = candidates(text)
    seconds = time.process_time() - start
    pairs: Pairs = set()
    for claim in found:
        letters: dict[tuple[int, int], int] = defaultdict(int)
        for part in claim.parts:
            for twin in columns.between(part.twin, part.twin_end):
                low = max(part.twin, columns.starts[twin])
                high = min(part.twin_end, columns.ends[twin])
                if high - low >= OPPOSITE * (part.twin_end - part.twin):
                    letters[part.paragraph, twin] += part.end - part.start
        for (copy, twin), size in letters.items():
            if size >= OFFERED * (columns.ends[copy] - columns.starts[copy]):
                pairs.add((copy, twin))
    return Offer(pairs, seconds), keys_of(stream, columns)


def keys_of(stream: normalize.Stream, columns: units.Units) -> Keys:
    """The paragraphs that are heavy enough to go on their own."""
    least = Options().min_chars
    numbers = [
        at
        for at, (start, end) in enumerate(zip(columns.starts, columns.ends, strict=True))
        if stream.weight(start, end) >= least
    ]
    keys = [stream.letters[columns.starts[at] : columns.ends[at]] for at in numbers]
    return Keys(numbers, keys)


def all_pairs(keys: Sequence[str]) -> tuple[Truth, float]:
    """Every pair above the lowest threshold, equal or contained; and the CPU seconds of that."""
    start = time.process_time()
    near = near_pairs(keys)
    truth = Truth(near, equal_pairs(keys), contained_pairs(keys))
    return truth, time.process_time() - start


def near_pairs(keys: Sequence[str]) -> dict[float, Pairs]:
    """Pairs by the threshold they reach; in order of length, because far lengths cannot be alike."""
    least = min(THRESHOLDS)
    order = sorted(range(len(keys)), key=lambda at: (len(keys[at]), at))
    lengths = np.array([len(keys[at]) for at in order])
    found: dict[float, Pairs] = {threshold: set() for threshold in THRESHOLDS}
    for low in range(0, len(order), BLOCK):
        rows = order[low : low + BLOCK]
        # 2 * shorter / (shorter + longer) is the most that two lengths allow.
        longest = lengths[low + len(rows) - 1] * (2 - least) / least + 1
        high = int(np.searchsorted(lengths, longest, "right"))
        columns = order[low:high]
        scores = cdist(
            [keys[at] for at in rows], [keys[at] for at in columns],
            scorer=Indel.normalized_similarity, score_cutoff=least, dtype=np.float32,
        )  # fmt: skip
        for row, column in np.argwhere(np.triu(scores, 1) > 0).tolist():
            one, two = rows[row], columns[column]
            score = Indel.normalized_similarity(keys[one], keys[two])
            for threshold in THRESHOLDS:
                if score >= threshold:
                    found[threshold].add((min(one, two), max(one, two)))
    return found


def equal_pairs(keys: Sequence[str]) -> Pairs:
    groups: dict[str, list[int]] = defaultdict(list)
    for at, key in enumerate(keys):
        groups[key].append(at)
    return {
        (one, two)
        for group in groups.values()
        for at, one in enumerate(group)
        for two in group[at + 1 :]
    }


def contained_pairs(keys: Sequence[str]) -> Pairs:
    """Pairs of which the first key stands word for word in the second, which is longer."""
    whole = "\n".join(keys)
    starts = []
    position = 0
    for key in keys:
        starts.append(position)
        position += len(key) + 1
    found: Pairs = set()
    for at, key in enumerate(keys):
        position = whole.find(key)
        while position >= 0:
            other = bisect_right(starts, position) - 1
            if len(keys[other]) > len(key):
                found.add((at, other))
            position = whole.find(key, starts[other] + len(keys[other]))
    return found


def is_offered(offer: Offer, keys: Keys, one: int, two: int) -> bool:
    """Whether ``one`` is offered with its twin in ``two``."""
    return (keys.numbers[one], keys.numbers[two]) in offer.pairs


def either_way(true: Pairs, offer: Offer, keys: Keys) -> Pairs:
    """The pairs of which one of the two is offered."""
    return {
        (one, two)
        for one, two in true
        if is_offered(offer, keys, one, two) or is_offered(offer, keys, two, one)
    }


def count_near(true: Pairs, offer: Offer, keys: Keys) -> tuple[Count, Count]:
    """Pairs, and paragraphs with an earlier partner, that are offered one way or the other."""
    found = either_way(true, offer, keys)
    later = Count(len({two for _, two in true}), len({two for _, two in found}))
    return Count(len(true), len(found)), later


def count_contained(true: Pairs, equal: Pairs, offer: Offer, keys: Keys) -> tuple[Count, Count]:
    """Pairs of which the part is offered, and parts that are, or their equal twins."""
    found = {pair for pair in true if is_offered(offer, keys, *pair)}
    inside = {part for part, _ in found}
    by_twin = {
        copy
        for pair in equal
        for copy, twin in (pair, pair[::-1])
        if twin in inside and is_offered(offer, keys, copy, twin)
    }
    parts = {part for part, _ in true}
    return Count(len(true), len(found)), Count(len(parts), len(parts & (inside | by_twin)))


Table = dict[str, tuple[Count, Count]]
"""Counts of pairs and of paragraphs by what is looked for."""


def compared(truth: Truth, offer: Offer, keys: Keys) -> Table:
    table = {
        f"near, {threshold}": count_near(pairs, offer, keys)
        for threshold, pairs in truth.near.items()
    }
    table["equal keys"] = count_near(truth.equal, offer, keys)
    table["verbatim in a longer one"] = count_contained(truth.contained, truth.equal, offer, keys)
    return table


def print_table(table: Table) -> None:
    print(f"{'':26}{'pairs':>10}{'recall':>9}  {'paragraphs':>10}{'recall':>9}")
    for name, (pairs, paragraphs) in table.items():
        print(f"{name:26}{pairs}  {paragraphs}")


def documents(data: Path) -> list[Mapping[str, Any]]:
    """Labelled documents of the types wanted, with text and label, source after source in turn."""
    labels = {label["id"]: label for label in rows_of(data / "within_labels.jsonl.gz")}
    sources: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows_of(data / "within_docs.jsonl.gz"):
        label = labels[row["id"]]
        if label["type"].startswith(TYPES):
            sources[source_of(label)].append(label | row)
    for rows in sources.values():
        rows.sort(key=lambda row: hashlib.sha256(row["id"].encode()).digest())
    turns = zip_longest(*(sources[name] for name in sorted(sources)))
    return [row for turn in turns for row in turn if row]


def source_of(label: Mapping[str, Any]) -> str:
    """The repository or set a document is from, without the document's own name."""
    source: str = label["source"]
    return source.split()[0].split(":")[0]


def large(rows: Sequence[Mapping[str, Any]], count: int) -> tuple[str, list[Mapping[str, Any]]]:
    """About ``count`` paragraphs of whole documents, shuffled, as one text; and the documents."""
    paragraphs: list[str] = []
    used = []
    for row in rows:
        if len(paragraphs) >= count:
            break
        text = row["text"]
        paragraphs += [block.span.cut(text) for block in split.split(text)]
        used.append(row)
    Random(0).shuffle(paragraphs)
    return "\n\n".join(paragraphs) + "\n", used


def report_large(rows: Sequence[Mapping[str, Any]], count: int) -> None:
    """Recall in one document, and the CPU of both ways there and in shorter ones."""
    text, used = large(rows, count)
    offer, keys = offered(text)
    truth, seconds = all_pairs(keys.keys)
    sources = {source_of(row) for row in used}
    languages = {row["lang"] for row in used}
    print(
        f"one document: {len(keys.keys):,} paragraphs of {Options().min_chars} letters and more,"
        f" {len(text) / 1e6:.2f} M characters, {len(sources)} sources, {len(languages)} languages"
    )
    print_table(compared(truth, offer, keys))
    bands = {len(keys.keys): Band(1, offer.seconds, seconds)}
    for part in (8, 4, 2):
        offer, keys = offered(large(rows, count // part)[0])
        _, seconds = all_pairs(keys.keys)
        bands[len(keys.keys)] = Band(1, offer.seconds, seconds)
    print_bands(bands)


class Band(NamedTuple):
    """Small documents of about one size."""

    documents: int = 0
    search: float = 0.0
    all_pairs: float = 0.0


def report_small(rows: Sequence[Mapping[str, Any]]) -> None:
    """Recall over all documents, each on its own, and which way is faster from which size on."""
    table: Table = {}
    bands: dict[int, Band] = {}
    for row in rows:
        offer, keys = offered(row["text"])
        truth, seconds = all_pairs(keys.keys)
        for name, counts in compared(truth, offer, keys).items():
            before = table.get(name, (Count(), Count()))
            table[name] = (before[0].plus(counts[0]), before[1].plus(counts[1]))
        size = next((band for band in BANDS if len(keys.keys) <= band), MORE)
        band = bands.get(size, Band())
        bands[size] = Band(
            band.documents + 1, band.search + offer.seconds, band.all_pairs + seconds
        )
    print(f"\n{len(rows):,} documents, each on its own")
    print_table(table)
    print_bands(bands)


def print_bands(bands: Mapping[int, Band]) -> None:
    print(
        f"{'paragraphs':>15}{'documents':>11}{'search':>10}{'all pairs':>11}   CPU ms per document"
    )
    for size, band in sorted(bands.items()):
        label = f"up to {size:,}" if size < MORE else f"over {BANDS[-1]}"
        search, pairs = (1e3 * value / band.documents for value in (band.search, band.all_pairs))
        print(f"{label:>15}{band.documents:11,}{search:10.2f}{pairs:11.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--paragraphs", type=int, default=6000, help="of the large document, about (6000)"
    )
    parser.add_argument("--documents", type=int, help="only so many small documents")
    arguments = parser.parse_args()
    rows = documents(data_folder())
    if not rows:
        sys.exit("no documents of the types that are compared")
    report_large(rows, arguments.paragraphs)
    report_small(rows[: arguments.documents])


if __name__ == "__main__":
    main()
