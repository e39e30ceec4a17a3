"""The whole answer for a few documents that are compared with each other, all in memory but their letters."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from dataclasses import replace
from posixpath import dirname

from dedup.corpus.columns import columns
from dedup.corpus.copies import Sayings
from dedup.corpus.deciding import decided
from dedup.corpus.joining import asked, joined
from dedup.corpus.sheets import Held, Sheet, counted
from dedup.corpus.standing import Standing
from dedup.engine.analyze import analyze_document, held
from dedup.errors import DedupError
from dedup.model import Document, DocumentResult, Span
from dedup.options import Options, cleans_up


def across(documents: Iterable[Document], options: Options) -> list[DocumentResult]:
    """One result per document, in their order. ``DedupError`` unless each has a name of its own."""
    given = list(documents)
    order = sorted(range(len(given)), key=lambda at: place(given[at].name))
    names = [given[at].name for at in order]
    if len(set(names)) < len(names):
        raise DedupError("documents", "two have one name, and could not be told apart")
    scanned = [_scanned(given[at], options) for at in order]
    results = [result for result, _ in scanned]
    groups = {group: at for at, group in enumerate(dict.fromkeys(map(group_of, names)))}
    with tempfile.TemporaryDirectory(prefix="dedup-") as folder:
        corpus = columns(
            [rows for _, rows in scanned],
            [groups[group_of(name)] for name in names],
            folder,
        )
        found = decided(corpus, options)
        left = [Standing(len(one.document.text), one.edits) for one in results]

        def origin(document: int, span: Span) -> tuple[Span, ...]:
            return left[document].pieces(span)

        sayings = Sayings(corpus, found.copies, names.__getitem__, origin, found.notes)
        made = {
            at: joined(one, sayings.of(number), asked(options))
            for number, (at, one) in enumerate(zip(order, results, strict=True))
        }
    return [made[at] for at in range(len(given))]


def _scanned(document: Document, options: Options) -> tuple[DocumentResult, Sheet]:
    """The answer of document scope, and the sheet of what that leaves; where only equal paragraphs count, of all."""
    if options.exact and not cleans_up(options):
        result = DocumentResult(document, (), (), document.text, 0, 0)
    else:
        result = analyze_document(document, options)
    rows, count = counted(result, Held(*held(document, options)))
    return (result if result.paragraphs else replace(result, paragraphs=count)), rows


def place(name: str) -> tuple[bytes, int]:
    """Where a document comes in canonical order: by the bytes of its name, a record by its number.

    >>> sorted(["a#10", "a#9", "B"], key=place)
    ['B', 'a#9', 'a#10']
    """
    stem, _, number = name.rpartition("#")
    if not number.isdecimal():
        return os.fsencode(name), 0
    return os.fsencode(stem), int(number)


def group_of(name: str) -> str:
    """What its boilerplate is counted in: the folder of a file, or the file of a record.

    >>> group_of("a/b.txt"), group_of("a/b.jsonl#3")
    ('a', 'a/b.jsonl')
    """
    stem, _, number = name.rpartition("#")
    return stem if number.isdecimal() else dirname(name)
