"""A document's result -> its sheet: the paragraphs that stay in it, with what they are compared by.

The unit is the paragraph as the splitter finds it in the text that document scope leaves; offsets count in that
text. What went there is no part of it: across documents only what stays is compared.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from dedup.corpus.standing import Standing
from dedup.engine import normalize, split
from dedup.engine.split import LineIndex
from dedup.model import Document, DocumentResult, Span, overlapping

if TYPE_CHECKING:
    import numpy as np

ROLES = (split.PROSE, split.HEADING, split.LIST, split.TABLE, split.CODE, split.MATTER)
"""What a paragraph may be; rows name it by its index here."""


ROLE = {name: at for at, name in enumerate(ROLES)}


class Sheet(NamedTuple):
    """The paragraphs of one document, a row each, in text order. Plain columns: it is sent between processes."""

    starts: np.ndarray
    """int64: where each begins in the text that is left of the document, in code points."""
    ends: np.ndarray
    """int64: where it ends, without the separator after it."""
    roles: np.ndarray
    """uint8: index in ``ROLES``."""
    weights: np.ndarray
    """int32: how much its letters weigh (Han 3, kana 2, else 1)."""
    lines: np.ndarray
    """int32: number of its first line in the file, from 1."""
    fixed: np.ndarray
    """uint8: 1 where it has to stay because the document or the options say so."""
    keys: bytes
    """Their letters as ``normalize.key`` gives them, in UTF-8, end to end."""
    key_ends: np.ndarray
    """int64: where each key ends in ``keys``."""
    texts: bytes
    """The paragraphs' own text in UTF-8 (lone surrogates passed), end to end."""
    text_ends: np.ndarray
    """int64: where each text ends in ``texts``."""


KINDS = ("<i8", "<i8", "u1", "<i4", "<i4", "u1", "", "<i8", "", "<i8")
"""Type of the numbers of each column of a sheet; empty for bytes."""


class Held(NamedTuple):
    """What a document's comments, or options, say has to stay; spans of its own text, sorted and apart."""

    hidden: Sequence[Span] = ()
    """Not even looked at."""
    kept: Sequence[Span] = ()
    entries: tuple[int, ...] = ()
    """Which of ``Options.keep`` and, counted on, ``Options.keep_hash`` say so of something."""


NOTHING = Held()


def sheet(result: DocumentResult, held: Held = NOTHING) -> Sheet:
    """The sheet of what is left of a document. A paragraph without a letter is left out."""
    return counted(result, held)[0]


def counted(result: DocumentResult, held: Held = NOTHING) -> tuple[Sheet, int]:
    """The same, and how many paragraphs there are, those without a letter among them."""
    document, text = result.document, result.cleaned
    found = list(split.paragraphs(text, document.format))
    bare = [text[start:end].strip() for start, end, _, _ in found]
    keys = normalize.keys(bare)
    at = [number for number, key in enumerate(keys) if key]
    places = _Places(result, held)
    if places.are_plain:
        lines, fixed = [found[number][3] for number in at], [False] * len(at)
    else:
        # Nothing but blanks stands in front, behind its last line not even those.
        there = [places.of(found[n][1] - len(bare[n]), found[n][1]) for n in at]
        at = [number for number, place in zip(at, there, strict=True) if not place.is_hidden]
        lines = [place.line for place in there if not place.is_hidden]
        fixed = [place.is_fixed for place in there if not place.is_hidden]
    ends = [found[number][1] for number in at]
    roles = [ROLE[found[number][2]] for number in at]
    keys, texts = [keys[number] for number in at], [bare[number] for number in at]
    weights = [len(key) if key.isascii() else normalize.weight(key) for key in keys]
    starts = [end - len(said) for end, said in zip(ends, texts, strict=True)]
    return _sheet((starts, ends, roles, weights, lines, fixed), keys, texts), len(found)


class _At(NamedTuple):
    line: int
    is_hidden: bool
    """Whether it is not to be looked at."""
    is_fixed: bool
    """Whether it has to stay."""


class _Places:
    """Where in a file the paragraphs of what is left of it stand."""

    def __init__(self, result: DocumentResult, held: Held) -> None:
        document = result.document
        self._held = held
        self.are_plain = not (result.edits or document.lines or any(held[:2]))
        """Whether they are those of what is left, and nothing is hidden or has to stay."""
        if not self.are_plain:
            self._left = Standing(len(document.text), result.edits)
            self._numbers = LineIndex(document.text, document.lines)

    def of(self, start: int, end: int) -> _At:
        """What holds for a paragraph of what is left."""
        pieces = self._left.pieces(Span(start, end))
        return _At(
            self._numbers.number(pieces[0].start),
            any(overlapping(piece, self._held.hidden) for piece in pieces),
            any(overlapping(piece, self._held.kept) for piece in pieces),
        )


def sheet_of(document: Document) -> Sheet:
    """The sheet of a document in which nothing was looked for."""
    return sheet(DocumentResult(replace(document, markers=()), (), (), document.text, 0, 0))


def _sheet(numbers: Sequence[Sequence[int]], keys: Sequence[str], texts: Sequence[str]) -> Sheet:
    import numpy as np

    starts, ends, roles, weights, lines, fixed = (
        np.array(one, kind) for one, kind in zip(numbers, KINDS[:6], strict=True)
    )
    return Sheet(starts, ends, roles, weights, lines, fixed, *_encoded(keys), *_encoded(texts))


def _encoded(texts: Sequence[str]) -> tuple[bytes, np.ndarray]:
    """The texts in UTF-8, end to end, and where each ends."""
    import numpy as np

    said = "".join(texts).encode("utf-8", "surrogatepass")
    sizes = list(map(len, texts))
    if sum(sizes) < len(said):  # not all of one byte
        sizes = [len(one.encode("utf-8", "surrogatepass")) for one in texts]
    return said, np.cumsum(np.array(sizes, np.int64))


def packed(sheet: Sheet) -> bytes:
    """The sheet as bytes, for another process of ours."""
    columns = [one if isinstance(one, bytes) else one.tobytes() for one in sheet]
    return struct.pack(f"<{len(columns)}q", *map(len, columns)) + b"".join(columns)


def unpacked(data: bytes) -> Sheet:
    """What ``packed`` was given."""
    import numpy as np

    head = f"<{len(KINDS)}q"
    position = struct.calcsize(head)
    columns: list[bytes | np.ndarray] = []
    for kind, size in zip(KINDS, struct.unpack_from(head, data), strict=True):
        column = data[position : position + size]
        columns.append(np.frombuffer(column, kind) if kind else column)
        position += size
    return Sheet(*columns)  # type: ignore[arg-type]  # in the order of its fields
