"""A corpus -> what goes from which document, and what is only reported: the steps in order."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from dedup.corpus import (
    documents,
    equals,
    forms,
    guards,
    judging,
    masking,
    near,
    passages,
    weighing,
    within,
)
from dedup.corpus.columns import Corpus, selected, without
from dedup.corpus.copies import FINDINGS, Copies, merged, of_rows, taken
from dedup.corpus.documents import Clusters
from dedup.corpus.filed import filed
from dedup.corpus.judging import Judged, Lookalikes, Repeats
from dedup.corpus.near import Matches
from dedup.corpus.weighing import MIN_PROSE, REASONS
from dedup.model import (
    BOILERPLATE,
    DUPLICATE_DOCUMENT,
    KEPT_LOOKALIKE,
    NEAR_DUPLICATE,
    REPEATED_BLOCK,
)
from dedup.options import Options

if TYPE_CHECKING:
    import numpy as np

MIN_SCORE = 0.8
"""Similarity from which two paragraphs are taken for near copies: below, what they share goes by passages."""

BOUND = "a row cannot be taken out of its table"


class Decided(NamedTuple):
    """What corpus scope comes to."""

    copies: Copies
    notes: tuple[str, ...]
    """What copies refer to by number."""
    clusters: Clusters | None
    """Near copies of whole documents; None where they were not looked for."""
    cut_off: tuple[str, ...] = ()
    """What limits kept from being looked at, in words."""


def decided(
    corpus: Corpus,
    options: Options,
    reference: int = 0,
    bound: Sequence[int] = (),
    *,
    alike: bool = True,
) -> Decided:
    """What repeats across the documents. The first ``reference`` of them are only compared with: nothing of
    them goes, and what repeats among the others is left alone. Those with the numbers ``bound`` cannot go whole.
    ``alike``: look-alikes, which stay, are told of."""
    import numpy as np

    found = None
    if not options.exact and not reference:
        found = documents.clusters(corpus, keep=options.keep_copy, memory=options.memory // 4)
    goes = np.zeros(len(corpus.groups), bool)
    fixed = corpus.fixed
    if found is not None and options.documents == "drop":
        goes[found.member] = ~np.isin(found.member, bound)
        # What is dropped rests on all that its canonical copy says.
        fixed = fixed | np.isin(corpus.document, found.canonical)
    order = _order(corpus, options.keep_copy, reference)
    order = order[~goes[order]]
    cluster = np.full(len(goes), -1, np.int64)
    if found is not None:
        cluster[found.member] = cluster[found.canonical] = found.canonical
    with tempfile.TemporaryDirectory(prefix="dedup-") as folder:
        looked, first, own = corpus._replace(fixed=fixed.astype(np.uint8)), None, None
        if options.exact and not reference:
            looked, first, own = _left_within(looked, options.keep_copy, folder)
        if not np.array_equal(order, np.arange(len(goes))):
            looked, first = selected(looked, order, folder), None
        parts, notes, cut = _repeats(looked, first, options, reference, cluster[order], alike=alike)
    copies = merged(parts)
    copies = copies._replace(
        document=order[copies.document].astype(np.int32), twin=order[copies.twin].astype(np.int32)
    )
    parts = [copies]
    if own is not None:
        parts += _within(corpus, own, copies, notes, alike=alike)
    if found is not None:
        stays = bound if options.documents == "drop" else ()
        parts.append(_documents(corpus, found, goes[found.member], stays, notes))
        if found.cut:
            cut.append(f"{found.cut:,} pairs of documents were not compared as a whole")
    return Decided(merged(parts), tuple(notes), found, tuple(cut))


def _order(corpus: Corpus, keep: str, reference: int) -> np.ndarray:
    """The documents, those of which text rather stays first; but for the policy, by number."""
    import numpy as np

    numbers = np.arange(len(corpus.groups))
    if keep == "last":
        numbers[reference:] = numbers[reference:][::-1]
    elif keep == "longest":
        size = np.bincount(corpus.document, corpus.end - corpus.start, len(numbers)).astype(float)
        size[:reference] = np.inf
        numbers = np.lexsort((numbers, -size))
    return numbers


_Own = tuple[within.Within, Lookalikes]


def _left_within(
    corpus: Corpus, keep: str, folder: str
) -> tuple[Corpus, np.ndarray | None, _Own | None]:
    """What is left of the corpus once each document has lost what it says twice, and for each row that is left the
    first with the same key; and what goes."""
    import numpy as np

    first = equals.first_rows(corpus.keys, corpus.key_start)
    own = within.find(corpus, first, keep)
    gone = np.zeros(len(first), bool)
    gone[own[0].row] = True
    if not gone.any():
        return corpus, first, own
    place = os.path.join(folder, "left")
    os.mkdir(place)
    return without(corpus, gone, place), equals.among(first, np.flatnonzero(~gone)), own


def _within(
    corpus: Corpus, own: _Own, across: Copies, notes: list[str], *, alike: bool
) -> Iterator[Copies]:
    """What documents say twice themselves, where ``across`` is what they say of others."""
    import numpy as np

    found, lookalikes = own
    n = len(found.row)
    gone = of_rows(
        corpus,
        found.row,
        found.kept,
        score=np.ones(n),
        confidence=found.confidence,
        finding=np.full(n, FINDINGS.index(REPEATED_BLOCK), np.uint8),
        block=found.block,
        goes=np.ones(n, bool),
        note=np.zeros(n, np.int32),
    )
    yield within.rested(gone, across)
    if alike:
        stays = _lookalikes(corpus, lookalikes, np.full(len(corpus.groups), -1), notes)
        yield taken(stays, within.not_gone(stays, across))


def _repeats(
    corpus: Corpus,
    first: np.ndarray | None,
    options: Options,
    reference: int,
    cluster: np.ndarray,
    *,
    alike: bool,
) -> tuple[list[Copies], list[str], list[str]]:
    """Paragraphs and passages, notes on them, and what limits cut off."""
    import numpy as np

    if first is None:
        first = equals.first_rows(corpus.keys, corpus.key_start)
    matches = None if options.exact else _near(corpus, first, options, reference)
    judged, lookalikes = _judged(corpus, first, matches, options, reference, cluster)
    notes: list[str] = [""]
    rows = _rows(corpus, judged, cluster, notes, options)
    parts = [rows]
    if alike:
        parts.append(_lookalikes(corpus, lookalikes, cluster, notes))
    cut = list(_cut_off(matches))
    if options.exact:
        return parts, notes, cut
    gone, held = _taken(corpus, rows)
    in_forms = _in_forms(corpus, lookalikes)
    gone |= in_forms
    more = passages.find(
        corpus,
        gone=gone,
        held=held,
        cluster=cluster,
        reference=reference,
        threshold=options.threshold,
        min_chars=options.min_chars,
        memory=options.memory // 4,
    )
    if more.partners:
        cut.append(f"{more.partners:,} pairs of documents that share least were not aligned")
    told = _passages(more.passages)
    if reference:
        told = taken(told, np.flatnonzero(told.twin < reference))
    told = _outside_forms(corpus, first, in_forms, told)
    return [*parts, told], notes, cut


def _near(corpus: Corpus, first: np.ndarray, options: Options, reference: int) -> Matches:
    return near.find(
        corpus,
        threshold=max(options.threshold, MIN_SCORE),
        first=first,
        reference=int(corpus.first[reference]),
        min_weight=options.min_chars,
        accepts=guards.accept,
        memory=options.memory // 4,
    )


def _judged(
    corpus: Corpus,
    first: np.ndarray,
    matches: Matches | None,
    options: Options,
    reference: int,
    cluster: np.ndarray,
) -> tuple[Judged, Lookalikes]:
    import numpy as np

    masked = first
    if not options.exact:
        keys, starts = masking.masked_keys(corpus)
        masked = equals.first_rows(keys, starts)
        masked = filed(np.where(np.diff(starts) > 0, masked, first))
    none = np.empty(0, np.int64)
    repeats = Repeats(
        first,
        masked,
        none if matches is None else matches.copy,
        none if matches is None else matches.kept,
        none.astype(float) if matches is None else matches.score,
    )
    return judging.judge(
        corpus, repeats, min_chars=options.min_chars, reference=reference, cluster=cluster
    )


def _rows(
    corpus: Corpus, judged: Judged, cluster: np.ndarray, notes: list[str], options: Options
) -> Copies:
    """Paragraphs that go or are reported, but for what members of one cluster share."""
    import numpy as np

    names = np.array([FINDINGS.index(name) for name in judging.FINDINGS], np.uint8)
    is_carried = names[judged.finding] == FINDINGS.index(BOILERPLATE)
    one, two = cluster[corpus.document[judged.row]], cluster[corpus.document[judged.kept]]
    open_ = ((one < 0) | (one != two) | is_carried) & (corpus.fixed[judged.row] == 0)
    at = np.flatnonzero(open_)
    kinds: dict[tuple[int, int], int] = {}
    note = np.zeros(len(at), np.int32)
    for place in np.flatnonzero(is_carried[at]).tolist():
        pair = (int(judged.carriers[at[place]]), int(judged.documents[at[place]]))
        if pair not in kinds:
            kinds[pair] = len(notes)
            notes.append(f"in {pair[0]:,} of {pair[1]:,} documents here")
        note[place] = kinds[pair]
    return of_rows(
        corpus,
        judged.row[at],
        judged.kept[at],
        score=judged.score[at],
        confidence=judged.confidence[at],
        finding=names[judged.finding[at]],
        block=judged.block[at],
        goes=~is_carried[at] | options.boilerplate,
        note=note,
    )


def _lookalikes(corpus: Corpus, found: Lookalikes, cluster: np.ndarray, notes: list[str]) -> Copies:
    """Paragraphs that looked repeated and stay, but for what members of one cluster share."""
    import numpy as np

    base = len(notes)
    notes += REASONS
    one, two = cluster[corpus.document[found.row]], cluster[corpus.document[found.twin]]
    at = np.flatnonzero(((one < 0) | (one != two)) & (corpus.weight[found.row] >= MIN_PROSE))
    n = len(at)
    return of_rows(
        corpus,
        found.row[at],
        found.twin[at],
        score=np.ones(n),
        confidence=np.full(n, 0.5),
        finding=np.full(n, FINDINGS.index(KEPT_LOOKALIKE), np.uint8),
        block=np.arange(n),
        goes=np.zeros(n, bool),
        note=(found.reason[at] + base).astype(np.int32),
    )


def _taken(corpus: Corpus, rows: Copies) -> tuple[np.ndarray, np.ndarray]:
    """bool a row, twice: what goes already or is spoken of, and what has to stay for that."""
    import numpy as np

    gone = np.zeros(len(corpus.start), bool)
    held = corpus.fixed > 0
    gone[_row_of(corpus, rows.document, rows.start)] = True
    held[_row_of(corpus, rows.twin, rows.twin_start)] = True
    return gone, held


def _row_of(corpus: Corpus, document: np.ndarray, start: np.ndarray) -> np.ndarray:
    """The rows of documents that begin at places."""
    import numpy as np

    base = int(corpus.end.max(initial=0)) + 1
    places = corpus.document.astype(np.int64) * base + corpus.start
    found: np.ndarray = np.searchsorted(places, document.astype(np.int64) * base + start)
    return found


def _in_forms(corpus: Corpus, stays: Lookalikes) -> np.ndarray:
    """bool a row: whether it is alike in two documents because they are of one form."""
    import numpy as np

    rows = np.zeros(len(corpus.start), bool)
    of_forms = stays.reason == weighing.FORM
    rows[stays.row[of_forms]] = rows[stays.twin[of_forms]] = True
    return rows


def _outside_forms(
    corpus: Corpus, first: np.ndarray, in_forms: np.ndarray, copies: Copies
) -> Copies:
    """The copies without short ones between documents of one form, which have much in common by design."""
    import numpy as np

    lines = np.flatnonzero(in_forms & weighing.are_lines(corpus))
    in_form = forms.of_one_form(corpus, first, lines, copies.document, copies.twin)
    block = copies.block - copies.block.min(initial=0)
    size = np.bincount(block, copies.end - copies.start)[block]
    return taken(copies, np.flatnonzero(~in_form | (size >= weighing.MIN_IN_FORMS)))


def _passages(found: passages.Passages) -> Copies:
    import numpy as np

    n = len(found.document)
    contained = found.kind == passages.KINDS.index("contained")
    several = np.bincount(found.block)[found.block] > 1 if n else np.zeros(0, bool)
    finding = np.where(several, FINDINGS.index("repeated-block"), FINDINGS.index(NEAR_DUPLICATE))
    finding = np.where(contained & ~several, FINDINGS.index("contained"), finding)
    return Copies(
        document=found.document,
        start=found.start,
        end=found.end,
        twin=found.twin_document,
        twins=found.twins,
        twin_start=found.twin_start,
        twin_end=found.twin_end,
        score=found.score,
        confidence=found.confidence,
        finding=finding.astype(np.uint8),
        block=found.block.astype(np.int64),
        goes=np.ones(n, bool),
        note=np.zeros(n, np.int32),
    )


def _documents(
    corpus: Corpus, found: Clusters, goes: np.ndarray, bound: Sequence[int], notes: list[str]
) -> Copies:
    """Whole documents, each with all of the one it is a copy of that stays; ``bound`` would go if they could."""
    import numpy as np

    n = len(found.member)
    last = corpus.first[1:] - 1
    note = np.zeros(n, np.int32)
    is_bound = np.isin(found.member, bound)
    for at in range(n):
        note[at] = len(notes)
        more = f"; {BOUND}" if is_bound[at] else ""
        notes.append(f"{int(found.overlap[at] * 100)} % of its letters stand there{more}")
    return Copies(
        document=found.member.astype(np.int32),
        start=corpus.start[corpus.first[found.member]],
        end=corpus.end[last[found.member]],
        twin=found.canonical.astype(np.int32),
        twins=np.arange(n + 1),
        twin_start=corpus.start[corpus.first[found.canonical]],
        twin_end=corpus.end[last[found.canonical]],
        score=found.score,
        confidence=found.confidence,
        finding=np.full(n, FINDINGS.index(DUPLICATE_DOCUMENT), np.uint8),
        block=np.arange(n),
        goes=goes,
        note=note,
    )


def _cut_off(matches: Matches | None) -> Sequence[str]:
    if matches is None:
        return ()
    said = []
    if matches.cut_off:
        said.append(f"{matches.cut_off:,} candidates of paragraphs with many were not compared")
    if matches.missed:
        said.append(
            f"{matches.missed:,} pairs were not begun of {matches.crowded:,} paragraphs that share all they "
            "say with too many others"
        )
    if matches.given_up:
        said.append(f"{matches.given_up:,} paragraphs stay that were unlike too many candidates")
    return said
