"""What is said elsewhere as well, as flat columns: each stretch of a document with the one that says the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from dedup.corpus.columns import Corpus
from dedup.corpus.joining import LINE_END, Said
from dedup.model import (
    BOILERPLATE,
    CONTAINED,
    DUPLICATE_DOCUMENT,
    KEPT_LOOKALIKE,
    NEAR_DUPLICATE,
    REPEATED_BLOCK,
    Action,
    Passage,
    Quote,
    Span,
)

if TYPE_CHECKING:
    import numpy as np

FINDINGS = (
    REPEATED_BLOCK,
    NEAR_DUPLICATE,
    CONTAINED,
    BOILERPLATE,
    DUPLICATE_DOCUMENT,
    KEPT_LOOKALIKE,
)
"""Names of findings; columns hold the index."""


class Copies(NamedTuple):
    """Stretches that are said elsewhere, n of them, sorted by document and place."""

    document: np.ndarray
    """int32: number of the document."""
    start: np.ndarray
    """int64: in the text that document scope leaves of it."""
    end: np.ndarray
    twin: np.ndarray
    """int32: number of the document that says the same."""
    twins: np.ndarray
    """int64, n + 1: which of ``twin_start`` and ``twin_end`` are its twins, from each number up to the next."""
    twin_start: np.ndarray
    """int64: in what is left of the document ``twin``."""
    twin_end: np.ndarray
    score: np.ndarray
    """float64: how alike they are."""
    confidence: np.ndarray
    """float64"""
    finding: np.ndarray
    """uint8: index in ``FINDINGS``."""
    block: np.ndarray
    """int64: equal for stretches of a document that are one finding."""
    goes: np.ndarray
    """bool: whether it is removed; else it is only reported."""
    note: np.ndarray
    """int32: index in a list of notes."""


def of_rows(
    corpus: Corpus,
    rows: np.ndarray,
    kept: np.ndarray,
    *,
    score: np.ndarray,
    confidence: np.ndarray,
    finding: np.ndarray,
    block: np.ndarray,
    goes: np.ndarray,
    note: np.ndarray,
) -> Copies:
    """Paragraphs, each said by one other."""
    import numpy as np

    return Copies(
        corpus.document[rows],
        corpus.start[rows],
        corpus.end[rows],
        corpus.document[kept],
        np.arange(len(rows) + 1),
        corpus.start[kept],
        corpus.end[kept],
        score,
        confidence,
        finding,
        block,
        goes,
        note,
    )


def merged(parts: Sequence[Copies]) -> Copies:
    """All of ``parts`` in order of documents and places; blocks of different parts stay apart."""
    import numpy as np

    base = twins = 0
    shifted = []
    for part in parts:
        shifted.append(part._replace(block=part.block + base, twins=part.twins + twins))
        base += int(part.block.max()) + 1 if len(part.block) else 0
        twins += len(part.twin_start)
    joined = {
        name: np.concatenate([getattr(part, name) for part in shifted]) for name in Copies._fields
    }
    joined["twins"] = np.concatenate([np.zeros(1, np.int64), *(p.twins[1:] for p in shifted)])
    made = Copies(**joined)
    return taken(made, np.lexsort((made.end, made.start, made.document)))


def taken(copies: Copies, order: np.ndarray) -> Copies:
    """The copies with these numbers, in this order, their twins with them."""
    import numpy as np

    counts = np.diff(copies.twins)[order]
    twins = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts, dtype=np.int64)])
    at = np.repeat(copies.twins[:-1][order] - twins[:-1], counts) + np.arange(twins[-1])
    columns = {
        name: getattr(copies, name)[order]
        for name in Copies._fields
        if name not in ("twins", "twin_start", "twin_end")
    }
    return Copies(
        **columns, twins=twins, twin_start=copies.twin_start[at], twin_end=copies.twin_end[at]
    )


Origin = Callable[[int, Span], tuple[Span, ...]]
"""Where in a document's own text that stands which stands at a span of what is left of it."""


class Sayings:
    """What is said of each document, in words."""

    def __init__(
        self,
        corpus: Corpus,
        copies: Copies,
        name: Callable[[int], str],
        origin: Origin,
        notes: Sequence[str],
    ) -> None:
        import numpy as np

        self._corpus = corpus
        self._copies = copies
        self._borders = np.searchsorted(copies.document, np.arange(len(corpus.groups) + 1))
        self._name = name
        self._origin = origin
        self._notes = notes

    def of(self, document: int) -> tuple[Said, ...]:
        """What there is to say of the document with this number, in order of the places."""
        low, high = self._borders[document], self._borders[document + 1]
        return tuple(map(self._said, range(int(low), int(high))))

    def _said(self, at: int) -> Said:
        copies = self._copies
        name = FINDINGS[copies.finding[at]]
        action: Action = "kept" if name == KEPT_LOOKALIKE else "reported"
        if copies.goes[at]:
            action = "removed"
        twins = [
            Span(int(copies.twin_start[number]), int(copies.twin_end[number]))
            for number in range(int(copies.twins[at]), int(copies.twins[at + 1]))
        ]
        twin = int(copies.twin[at])
        span = Span(int(copies.start[at]), int(copies.end[at]))
        return Said(
            span,
            name,
            float(copies.confidence[at]),
            float(copies.score[at]),
            int(copies.block[at]),
            action,
            tuple(quote for span in twins for quote in self._quotes(twin, span)),
            self._notes[copies.note[at]],
            self._is_paragraph(int(copies.document[at]), span),
        )

    def _is_paragraph(self, document: int, span: Span) -> bool:
        """Whether it is a row of the corpus."""
        import numpy as np

        corpus = self._corpus
        first, last = corpus.first[document], corpus.first[document + 1]
        row = first + int(np.searchsorted(corpus.start[first:last], span.start))
        return bool(row < last and Span(int(corpus.start[row]), int(corpus.end[row])) == span)

    def _quotes(self, document: int, span: Span) -> Iterator[Quote]:
        """The paragraphs of a document that ``span`` covers, each as far as it does."""
        import numpy as np

        corpus, name = self._corpus, self._name(document)
        first, last = corpus.first[document], corpus.first[document + 1]
        row = first + int(np.searchsorted(corpus.end[first:last], span.start, "right"))
        while row < last and corpus.start[row] < span.end:
            start, end = int(corpus.start[row]), int(corpus.end[row])
            low, high = max(start, span.start), min(end, span.end)
            text = corpus.text(row)
            line = int(corpus.line[row]) + len(LINE_END.findall(text[: low - start]))
            pieces = self._origin(document, Span(low, high))
            yield from _quoted(name, pieces, text[low - start : high - start], line)
            row += 1


def _quoted(name: str, pieces: Sequence[Span], text: str, line: int) -> Iterator[Quote]:
    """A stretch as it stands in its document: in pieces where something in between goes there."""
    position = 0
    for number, piece in enumerate(pieces):
        is_last = number == len(pieces) - 1
        end = len(text) if is_last else position + len(piece)
        at = line + len(LINE_END.findall(text[:position]))
        yield Quote(Passage(name, piece), text[position:end], at)
        position = end
