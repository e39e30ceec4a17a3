"""Corpora of given keys, for tests: a paragraph's text is its key unless given."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dedup.corpus.columns import Corpus, columns
from dedup.corpus.sheets import Sheet


def keyed(keys: Sequence[str], folder: str, texts: Sequence[str] | None = None) -> Corpus:
    """One document with a paragraph for each key."""
    raw = [key.encode() for key in keys]
    said = [text.encode() for text in texts or keys]
    none = np.zeros(len(keys), np.int64)
    sheet = Sheet(
        none,
        none,
        none.astype(np.uint8),
        np.array(list(map(len, keys)), np.int32),
        np.ones(len(keys), np.int32),
        none.astype(np.uint8),
        b"".join(raw),
        np.cumsum(list(map(len, raw)), dtype=np.int64),
        b"".join(said),
        np.cumsum(list(map(len, said)), dtype=np.int64),
    )
    return columns([sheet], [0], folder)
