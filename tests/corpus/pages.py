"""Corpora in a few lines: documents of paragraphs, and what is judged of them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from dedup.corpus.columns import Corpus, columns
from dedup.corpus.judging import Judged, Lookalikes, Repeats, judge
from dedup.corpus.masking import masked_keys
from dedup.corpus.sheets import sheet_of
from dedup.model import Document

NONE = np.empty(0, np.int64)


class Outcome(NamedTuple):
    """What was judged, with the corpus it speaks of."""

    corpus: Corpus
    judged: Judged
    stays: Lookalikes

    def gone(self, finding: int | None = None) -> list[tuple[int, str]]:
        """Document and text of the rows that go, of one finding if it is named."""
        rows = self.judged.row
        if finding is not None:
            rows = rows[self.judged.finding == finding]
        return [(int(self.corpus.document[row]), self.corpus.text(row)) for row in rows.tolist()]

    def texts(self, finding: int | None = None) -> set[str]:
        return {text for _, text in self.gone(finding)}


def first_rows(keys: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """The slow and obvious way: a dictionary over all keys."""
    seen: dict[bytes, int] = {}
    ends = starts.tolist()
    found = [
        seen.setdefault(keys[start:end].tobytes(), row)
        for row, (start, end) in enumerate(pairwise(ends))
    ]
    return np.array(found, np.int64)


def repeats_of(corpus: Corpus, near: Sequence[tuple[int, int, float]] = ()) -> Repeats:
    """Equal rows, equal but for a date or a counter, and the near copies that are given: copy, kept, score."""
    first = first_rows(corpus.keys, corpus.key_start)
    keys, starts = masked_keys(corpus)
    masked = np.where(np.diff(starts) > 0, first_rows(keys, starts), first)
    copies, kept = (np.array([each[at] for each in near], np.int64) for at in (0, 1))
    return Repeats(first, masked, copies, kept, np.array([each[2] for each in near], float))


def corpus_of(
    documents: Sequence[Sequence[str]], folder: str, groups: Sequence[int] | None = None
) -> Corpus:
    """One row a paragraph, in the order given."""
    sheets = [
        sheet_of(Document(f"{number:06}.md", "\n\n".join(paragraphs) + "\n", format="markdown"))
        for number, paragraphs in enumerate(documents)
    ]
    return columns(sheets, groups or [0] * len(sheets), folder)


def outcome(
    documents: Sequence[Sequence[str]], folder: str, groups: Sequence[int] | None = None
) -> Outcome:
    """What is judged of a few documents without near copies."""
    corpus = corpus_of(documents, folder, groups)
    return Outcome(corpus, *judge(corpus, repeats_of(corpus)))
