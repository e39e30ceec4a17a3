"""Files -> their documents as corpus scope looks at them: the answer of document scope, and the sheet of the rest.

Nothing is written. What is decided of a document waits as bytes, so that it need not be decided twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from posixpath import dirname
from typing import NamedTuple

from dedup.batch.single import Outcome
from dedup.batch.work import Done, Part
from dedup.corpus import sheets
from dedup.corpus.sheets import Held, Sheet
from dedup.corpus.standing import Standing
from dedup.files.fingerprints import Fingerprint, fingerprint

SHEET = "sheet"


class Scanned(NamedTuple):
    """One document, or a file of records as a whole, which comes before them."""

    done: Done
    """What became of it: failures, notes and numbers as of any file."""
    name: str
    group: str
    """The folder the file is in, or the file of records: what boilerplate is counted in."""
    answer: bytes
    """The answer of document scope, as ``remembered`` keeps it; empty if it is to be computed again."""
    fingerprint: Fingerprint | None
    """Of the bytes that were read; None for a file of records as a whole, or one that could not be read."""
    sheet: Sheet | None
    left: bytes
    """The columns of ``Standing``, if document scope removes or repairs something."""


def parts() -> list[Part]:
    """What a run has to make of each document to be scanned."""
    return [Part(SHEET, sheet_parts, when="always")]


def scanned(run: Iterable[Done]) -> Iterator[Scanned]:
    """What a run with ``parts`` found, document by document, in order."""
    for done in run:
        name = done.found.name + (f"#{done.record}" if done.record else "")
        made = done.parts.get(SHEET)
        if made is None:
            yield Scanned(done, name, _group(done), b"", None, None, b"")
            continue
        size, digest, answer, packed, left = made
        known = Fingerprint(int.from_bytes(size, "big"), digest.hex())
        yield Scanned(done, name, _group(done), answer, known, sheets.unpacked(packed), left)


def _group(done: Done) -> str:
    return done.found.name if done.record else dirname(done.found.name)


def sheet_parts(outcome: Outcome) -> tuple[bytes, ...]:
    """Fingerprint, answer, sheet and what is left of a document, to be sent to another process."""
    from dedup.engine.analyze import held
    from dedup.files.remembered import remember

    result = outcome.result
    what = Held(*held(result.document, outcome.options))
    rows, count = sheets.counted(result, what)
    if what.entries:  # whether another document says it, and it stays for that, is not asked
        result = replace(result, keeps=tuple(sorted({*result.keeps, *what.entries})))
    if not result.paragraphs:  # of one in which nothing was looked for they were not counted yet
        result = replace(result, paragraphs=count)
    known = remember(result, outcome.data)
    read = fingerprint(outcome.source.data)
    left = b""
    if result.changed:
        left = Standing(len(result.document.text), result.edits).columns.tobytes()
    size, digest = read.size.to_bytes(8, "big"), bytes.fromhex(read.blake2b)
    return size, digest, known.dumped() if known else b"", sheets.packed(rows), left
