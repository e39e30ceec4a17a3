"""Files -> what each threshold would do to their documents, with names and places to look at."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Generator

from dedup.batch.corpuswide import CorpusRun, Known
from dedup.batch.work import Done
from dedup.corpus.documents import THRESHOLD
from dedup.corpus.sweeping import sweep
from dedup.reports.sweep import Documents, Pair, Paragraphs, Sweep


class SweepRun(CorpusRun):
    """A run that reads all files, and decides nothing. Iterating gives the files as they are read."""

    sweep: Sweep | None = None
    """What it came to, once it is over."""

    def __iter__(self) -> Generator[Done]:
        path = tempfile.mkdtemp(prefix="dedup-")
        known = Known(path, self.options)
        try:
            self._begin("reading")
            for scanned in self._scan():
                known.add(scanned)
                self._count(scanned.done)
                yield scanned.done
            self._begin("comparing")
            self.sweep = _swept(known)
        finally:
            known.close()
            shutil.rmtree(path, ignore_errors=True)


def _swept(known: Known) -> Sweep:
    corpus = known.corpus()
    found = sweep(corpus, known.options)
    whole = found.documents

    def place(row: int) -> tuple[str, int]:
        return known.name(int(corpus.document[row])), int(corpus.line[row])

    least = []
    for one in found.least:
        (copy, copy_line), (kept, kept_line) = place(one.copy), place(one.kept)
        least.append(Pair(one.score, copy, kept, copy_line, kept_line))
    return Sweep(
        tuple(Documents(row[0], row[0] == THRESHOLD, *row[1:]) for row in whole.rows),
        tuple(Pair(sure, known.name(a), known.name(b)) for a, b, sure in whole.accepted),
        tuple(Pair(sure, known.name(a), known.name(b)) for a, b, sure in whole.rejected),
        tuple(Paragraphs(*one) for one in found.paragraphs),
        tuple(least),
    )
