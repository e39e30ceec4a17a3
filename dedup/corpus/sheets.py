"""A document -> its sheet: the paragraphs that stay in it, with what they are compared by.

The unit is the paragraph as the splitter finds it, in offsets of the document's whole text. What document
scope removes is no part of it: across documents only what stays is compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from dedup.engine import normalize, split
from dedup.model import Document, Span, overlapping

if TYPE_CHECKING:
    import numpy as np

ROLES = (split.PROSE, split.HEADING, split.LIST, split.TABLE, split.CODE, split.MATTER)
"""What a paragraph may be; rows name it by its index here."""


class Sheet(NamedTuple):
    """The paragraphs of one document, a row each, in text order. Plain columns: it is sent between processes."""

    starts: np.ndarray
    """int64: where each begins in the document's text, in code points."""
    ends: np.ndarray
    """int64: where it ends, without the separator after it."""
    roles: np.ndarray
    """uint8: index in ``ROLES``."""
    weights: np.ndarray
    """int32: how much its letters weigh (Han 3, kana 2, else 1)."""
    keys: bytes
    """Their letters as ``normalize.key`` gives them, in UTF-8, end to end."""
    key_ends: np.ndarray
    """int64: where each key ends in ``keys``."""
    texts: bytes
    """The paragraphs' own text in UTF-8 (lone surrogates passed), end to end."""
    text_ends: np.ndarray
    """int64: where each text ends in ``texts``."""


def sheet(document: Document, gone: Sequence[Span] = ()) -> Sheet:
    """The sheet of ``document`` without the spans in ``gone``, which are sorted and disjoint.

    A paragraph of which a part goes is left out, as is one without a letter.
    """
    import numpy as np

    rows = []
    keys, texts = [], []
    for block in split.split(document.text, document.format):
        span = _trimmed(document.text, block.span)
        if gone and len(overlapping(span, gone)):
            continue
        text = span.cut(document.text)
        stream = normalize.stream(text)
        if not stream.letters:
            continue
        weight = stream.weight(0, len(stream.letters))
        rows.append((span.start, span.end, ROLES.index(block.kind), weight))
        keys.append(stream.letters.encode("utf-8", "surrogatepass"))
        texts.append(text.encode("utf-8", "surrogatepass"))
    columns = np.array(rows, np.int64).reshape(-1, 4)
    return Sheet(
        columns[:, 0].copy(),
        columns[:, 1].copy(),
        columns[:, 2].astype(np.uint8),
        columns[:, 3].astype(np.int32),
        b"".join(keys),
        np.cumsum([len(key) for key in keys], dtype=np.int64),
        b"".join(texts),
        np.cumsum([len(text) for text in texts], dtype=np.int64),
    )


def _trimmed(text: str, span: Span) -> Span:
    """``span`` without the blanks around it."""
    said = span.cut(text)
    start = span.start + len(said) - len(said.lstrip())
    return Span(start, max(start, span.start + len(said.rstrip())))
