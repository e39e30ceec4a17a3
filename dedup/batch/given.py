"""What was decided of a document beforehand, as bytes that travel with its task, and its outcome in full.

The answer of document scope was proved when it was made; here it is put together again with what corpus scope
says of the document, and proved anew on the text and on the bytes.
"""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from functools import partial

from dedup.batch import single, work
from dedup.batch.single import Outcome
from dedup.corpus.joining import Said, asked, joined
from dedup.engine import plan
from dedup.errors import DedupError
from dedup.files.fingerprints import Fingerprint, fingerprint
from dedup.files.read import Source
from dedup.files.remembered import loaded
from dedup.model import DocumentResult, Edit, Span, Tally
from dedup.options import Options

CHANGED = "changed while it was being read"


AS_IT_IS = b"as it is"
"""In the place of an answer: nothing is looked for in the document."""


def packed(answer: bytes, known: Fingerprint | None, said: Sequence[Said]) -> bytes:
    """What goes with a document's task: its answer, the bytes that was made for, and what else is said of it."""
    return pickle.dumps((answer, known, pickle.dumps(tuple(said)) if said else b""))


def as_it_is(name: str, record: int) -> bytes:
    """What is given of any document in which nothing is to be looked for."""
    return packed(AS_IT_IS, None, ())


def fingerprint_of(given: bytes) -> Fingerprint | None:
    """Of the bytes that it was decided for; None where nothing was decided."""
    known: Fingerprint | None = pickle.loads(given)[1]
    return known


def tally_of(name: str, given: bytes) -> Tally | None:
    """The numbers of a document of which nothing goes and nothing is said; None for others."""
    answer, known, said = pickle.loads(given)
    if said or known is None or answer == AS_IT_IS:
        return None
    remembered = loaded(answer, name) if answer else None
    if remembered is None or remembered.tally.changed:
        return None
    return remembered.tally


def outcome_of(source: Source, options: Options, given: bytes) -> Outcome:
    """The outcome; ``DedupError`` if the document is not what it was when it was decided."""
    answer, known, said = pickle.loads(given)  # our own bytes, from this very run
    if known is not None and fingerprint(source.data) != known:
        raise DedupError(source.path or source.document.name, CHANGED, "run it again")
    try:
        result = _answer(source, options, answer)
        if said:
            told: Sequence[Said] = pickle.loads(said)
            refused = partial(_refused, source)
            result = joined(result, told, asked(options), refused)
        return single.with_bytes(source, options, result)
    except plan.UnsafePlan as error:
        return Outcome(
            source, options, single.untouched(source.document), source.data, broken=str(error)
        )


def _answer(source: Source, options: Options, answer: bytes) -> DocumentResult:
    """The answer of document scope."""
    if answer == AS_IT_IS:
        return single.untouched(source.document)
    remembered = loaded(answer, source.document.name) if answer else None
    if remembered is not None:
        known = work.known_result(source, options, remembered)
        if known is not None:
            return known
    outcome = single.process(source, options)
    if outcome.broken:
        raise plan.UnsafePlan(outcome.broken)
    return outcome.result


def _refused(source: Source, edits: Sequence[Edit]) -> Sequence[Span]:
    return source.view.refused(edits)
