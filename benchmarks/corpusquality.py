"""Quality of corpus scope on labelled folders: what goes from all documents but one, with boilerplate, and scores it.

    python benchmarks/corpusquality.py                       # every folder on its own, by type
    python benchmarks/corpusquality.py --without-boilerplate # what goes by default
    python benchmarks/corpusquality.py --kinds               # and how many letters go as what, for each folder

Each document is cleaned in document scope first. Near copies are found by comparing all paragraphs with each other.
"""

from __future__ import annotations

import argparse
import multiprocessing
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from quality import data_folder, rows_of  # type: ignore[import-not-found]
from rapidfuzz.distance import Indel
from rapidfuzz.process import cdist

from dedup.corpus.columns import Corpus, columns
from dedup.corpus.judging import FINDINGS, Judged, Repeats, judge
from dedup.corpus.masking import masked_keys
from dedup.corpus.sheets import Sheet, sheet
from dedup.engine.analyze import analyze_document
from dedup.engine.differences import Differences, words_of
from dedup.model import BOILERPLATE, Document
from dedup.options import Options

NEAR = 0.85
"""Score of near copies."""
MIN_NEAR = 60
"""Weighted letters of their paragraphs."""


class Cleaned(NamedTuple):
    """A document after document scope."""

    id: str
    text: str
    sheet: Sheet


def clean(row: dict[str, Any]) -> Cleaned:
    result = analyze_document(Document(f"{row['id']}.txt", row["text"]), Options())
    return Cleaned(row["id"], result.cleaned, sheet(result))


def first_rows(keys: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """For each row the first one with the same key."""
    seen: dict[bytes, int] = {}
    spans = pairwise(starts.tolist())
    rows = [seen.setdefault(keys[one:two].tobytes(), at) for at, (one, two) in enumerate(spans)]
    return np.array(rows, np.int64)


def repeats_of(corpus: Corpus) -> Repeats:
    first = first_rows(corpus.keys, corpus.key_start)
    keys, starts = masked_keys(corpus)
    masked = np.where(np.diff(starts) > 0, first_rows(keys, starts), first)
    return Repeats(first, masked, *near_copies(corpus, first))


def near_copies(corpus: Corpus, first: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Paragraphs much like one of an earlier document, that one, and the score; all are compared with all."""
    is_first = first == np.arange(len(first))
    rows = np.flatnonzero(is_first & (corpus.weight >= MIN_NEAR))
    keys = [corpus.key(row).decode("utf-8", "surrogatepass") for row in rows.tolist()]
    scores = cdist(keys, keys, scorer=Indel.normalized_similarity, score_cutoff=NEAR)
    found: list[tuple[int, int, float]] = []
    is_copy = np.zeros(len(rows), bool)
    for at, row in enumerate(rows.tolist()):
        others = np.flatnonzero((scores[at, :at] >= NEAR) & ~is_copy[:at])
        others = others[corpus.document[rows[others]] < corpus.document[row]]
        best = others[np.lexsort((others, -scores[at, others]))]
        text = corpus.text(row)
        for other in best.tolist():
            if says_the_same(text, corpus.text(int(rows[other]))):
                found.append((row, int(rows[other]), float(scores[at, other])))
                is_copy[at] = True
                break
    copies, kept = (np.array([one[at] for one in found], np.int64) for at in (0, 1))
    return copies, kept, np.array([one[2] for one in found], float)


def says_the_same(one: str, two: str) -> bool:
    differences = Differences.between(words_of(one), words_of(two))
    return not differences.numbers and not differences.names


def without(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """The text without ``spans`` and the blanks after each."""
    pieces, position = [], 0
    for start, end in spans:
        pieces.append(text[position:start])
        position = end + len(text[end:]) - len(text[end:].lstrip())
    return "".join([*pieces, text[position:]])


def write(folder: str, cleaned: Sequence[Cleaned], corpus: Corpus, rows: np.ndarray) -> None:
    """The documents without ``rows``, one file each."""
    document = corpus.document[rows]
    for number, one in enumerate(cleaned):
        gone = rows[document == number]
        spans = list(zip(corpus.start[gone].tolist(), corpus.end[gone].tolist(), strict=True))
        path = Path(folder, f"{one.id}.txt")
        path.write_text(without(one.text, spans), "utf-8", newline="")


def show(name: str, corpus: Corpus, judged: Judged, stays: int) -> None:
    """How many letters go as what."""
    weight = corpus.weight[judged.row]
    parts = [f"{name:12} {len(corpus.groups):5} documents {int(corpus.weight.sum()):9} letters"]
    for number, finding in enumerate(FINDINGS):
        parts.append(f"{finding} {int(weight[judged.finding == number].sum())}")
    print(", ".join([*parts, f"look-alikes {stays}"]))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--without-boilerplate", action="store_true")
    parser.add_argument("--kinds", action="store_true")
    parser.add_argument("-j", "--jobs", type=int, default=1)
    parser.add_argument("--by", default="type")
    parser.add_argument("--json")
    arguments = parser.parse_args()
    data = data_folder()
    rows = list(rows_of(data / "folder_docs.jsonl.gz"))
    with multiprocessing.Pool(arguments.jobs) as pool:
        cleaned = dict(zip((row["id"] for row in rows), pool.map(clean, rows), strict=True))
    with tempfile.TemporaryDirectory() as target:
        for name, members in groupby(rows, key=lambda row: row["folder"]):
            documents = [cleaned[row["id"]] for row in members]
            with tempfile.TemporaryDirectory() as columns_folder:
                sheets = [one.sheet for one in documents]
                corpus = columns(sheets, [0] * len(sheets), columns_folder)
                judged, stays = judge(corpus, repeats_of(corpus))
                if arguments.kinds:
                    show(name, corpus, judged, len(stays.row))
                goes = judged.finding != FINDINGS.index(BOILERPLATE)
                chosen = judged.row[goes | (not arguments.without_boilerplate)]
                write(target, documents, corpus, chosen)
        return score(data, target, arguments)


def score(data: Path, target: str, arguments: argparse.Namespace) -> int:
    command = [sys.executable, str(data / "score_clean.py"), "--pred", target]
    command += ["--docs", str(data / "folder_docs.jsonl.gz")]
    command += ["--labels", str(data / "folder_labels.jsonl.gz"), "--by", arguments.by]
    if arguments.json:
        command += ["--json", arguments.json]
    sys.stdout.flush()
    return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
