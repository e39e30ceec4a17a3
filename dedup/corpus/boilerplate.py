"""Passages that many documents of one group carry by design: a plug, a menu, a footer, a licence.

Judged by document frequency: at least ``MIN_DOCUMENTS`` documents of the group and ``MIN_SHARE`` of it. A long
passage is boilerplate wherever it stands. A short line is, if it stands beside other boilerplate in the same order
wherever it stands; alone between other paragraphs it may be a heading, and stays. A heading goes with all that is
below it, or stays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dedup.corpus.counting import Classes, classes, following, most_alike
from dedup.corpus.fields import HEADING, are_entries, are_labelled, are_structure, mostly
from dedup.corpus.sheets import ROLES
from dedup.engine import split

if TYPE_CHECKING:
    import numpy as np

    from dedup.corpus.columns import Corpus

MIN_DOCUMENTS = 3
"""Documents of a group that carry it."""
MIN_SHARE = 0.1
"""Share of the group's documents that carry it."""
MIN_SHARE_OF_LISTS = 0.3
"""The same for list items, table rows and code: what belongs to one subject stands in fewer."""
MIN_SHARE_OF_ENTRIES = 0.3
"""The same for lone paragraphs of documents with several headings of one form: they belong to one entry of it."""
MIN_SHARE_OF_STORIES = 0.25
"""The same for a long paragraph on its own: with fewer it is a story that some documents tell, and judged as one."""
MIN_STORY = (60, 300)
"""Weighted letters of such a paragraph, unless more widely carried lines stand beside it; and of a whole such run."""
MIN_HEADINGS = 3
"""Headings over other text in each document that make it one of a form."""
MIN_LONE = 40
"""Weighted letters of a paragraph that is boilerplate wherever it stands: longer than headings are."""
MIN_LONE_SENTENCE = 30
"""The same for one that ends like a sentence, which headings do not."""
MIN_STREWN = 15
"""Weighted letters of a line that stands alone between paragraphs, in some documents more than once."""
STREWN = (1.2, 2.0)
"""Rows for each document that carries it: a heading stands once, a refrain or a speaker's name often."""
MIN_FURNISHED = 0.5
"""Share of the group's documents with a menu or a footer; in others nothing says that a line alone is furniture."""
MIN_RUN = 30
"""Weighted letters of the lines of a menu or a footer together."""
SAME_ORDER = 0.8
"""Share of its documents in which a line stands beside the same other one."""
SAME_WORDS = 0.8
"""Share of its rows that say the same to the letter; with less, a passage is one that varies."""
SAME_BUT_NUMBERS = 0.5
"""The same but for dates and counters; with less, different sentences have been taken for near copies."""
MIN_SHARE_OF_VARYING = 0.5
"""The same for lone paragraphs that differ in a number: a plug stands on every page, a report's sentence in some."""
MIN_VARYING = 60
"""Weighted letters of a lone paragraph whose date or counter varies."""
MAX_VARYING = 0.25
"""Share of a document's own text that says the same as others but for numbers: with more, it is a form."""
_LISTS = tuple(ROLES.index(role) for role in (split.PROSE, split.LIST))
_PROSE = ROLES.index(split.PROSE)


class Boilerplate(NamedTuple):
    """For each row that is boilerplate, what it is an instance of. Rows ascend."""

    row: np.ndarray
    """int64."""
    kept: np.ndarray
    """int64: the same passage in the first document of the group that carries it; of that document's rows, itself."""
    carriers: np.ndarray
    """int32: how many documents of the group carry it."""
    documents: np.ndarray
    """int32: how many documents the group has."""
    letters: np.ndarray
    """int32: weighted letters of the run it stands in; what speaks for it."""


class _Shared(NamedTuple):
    """Rows that enough documents of their group carry."""

    of: np.ndarray
    """int64, N: the row's class, -1 where too few carry it."""
    classes: Classes
    """Of those rows, whose numbers are in ``rows``."""
    rows: np.ndarray
    varies: np.ndarray
    """bool, one a class: whether many of its rows differ in a number or otherwise."""
    share: np.ndarray
    """float64, one a class: of the group's documents, how many carry it."""


def boilerplate(
    corpus: Corpus,
    first: np.ndarray,
    masked: np.ndarray,
    family: np.ndarray,
    cluster: np.ndarray | None = None,
) -> Boilerplate:
    """What is boilerplate.

    ``cluster`` has for each document the number of those that are near copies of one another, or -1: together
    they carry a passage once, for copies of a story do not make boilerplate of what it says.

    ``first`` is for each row the first one with the same key, ``masked`` with the same masked key, ``family`` the
    first of those that may be the same passage: by the masked key, or as near copies. What ``kept`` stands for is
    not verified here.
    """
    import numpy as np

    group = corpus.groups[corpus.document]
    sizes = np.bincount(corpus.groups)
    shared = _shared(corpus, first, family, group, sizes, cluster)
    count = len(shared.classes.first)
    if not count:
        return Boilerplate(*(np.empty(0, np.int64) for _ in range(5)))
    structure = are_structure(corpus, first, group)
    is_shared = shared.of >= 0
    entries = are_entries(corpus, is_shared, structure)[shared.rows]
    is_field = mostly(entries, shared.classes.of, count)
    is_field |= mostly(are_labelled(corpus, first)[shared.rows], shared.classes.of, count)
    may = ~is_field[shared.classes.of] & ~structure[shared.rows]
    alike = most_alike(shared.classes, masked[shared.rows], corpus.document[shared.rows])
    may &= (~_in_forms(corpus, shared) & (alike >= SAME_BUT_NUMBERS))[shared.classes.of]
    open_rows = np.zeros(len(first), bool)
    open_rows[shared.rows[may]] = True
    runs = _run_letters(corpus, shared, open_rows)
    alone = _speaks_alone(corpus, shared) & ~_are_rare(corpus, shared, structure)
    decided = _decided(corpus, shared, open_rows, runs, alone)
    return _instances(corpus, shared, decided, runs, sizes)


def _shared(
    corpus: Corpus,
    first: np.ndarray,
    family: np.ndarray,
    group: np.ndarray,
    sizes: np.ndarray,
    cluster: np.ndarray | None,
) -> _Shared:
    import numpy as np

    repeated = np.bincount(family, minlength=len(family))[family] >= MIN_DOCUMENTS
    rows = np.flatnonzero(repeated)
    values = group[rows].astype(np.int64) * len(family) + family[rows]
    found = classes(values, corpus.document[rows])
    one = rows[found.first]
    least = np.where(np.isin(corpus.role[one], (_PROSE, HEADING)), MIN_SHARE, MIN_SHARE_OF_LISTS)
    carriers, all_carriers = found.documents, sizes
    if cluster is not None and (cluster >= 0).any():
        each = np.where(cluster >= 0, cluster, len(cluster) + np.arange(len(cluster)))
        carriers = _distinct(found.of, each[corpus.document[rows]], len(found.first))
        all_carriers = _distinct(corpus.groups, each, len(sizes))
    enough = carriers >= np.maximum(MIN_DOCUMENTS, all_carriers[group[one]] * least)
    rows = rows[enough[found.of]]
    found = classes(
        family[rows] + group[rows].astype(np.int64) * len(family), corpus.document[rows]
    )
    of = np.full(len(family), -1, np.int64)
    of[rows] = found.of
    carried = found.documents / sizes[group[rows[found.first]]]
    varies = most_alike(found, first[rows], corpus.document[rows]) < SAME_WORDS
    return _Shared(of, found, rows, varies, carried)


def _distinct(of: np.ndarray, values: np.ndarray, count: int) -> np.ndarray:
    """int64, one a class: how many different ``values`` it has."""
    import numpy as np

    order = np.lexsort((values, of))
    is_new = np.ones(len(order), bool)
    is_new[1:] = (np.diff(of[order]) != 0) | (np.diff(values[order]) != 0)
    return np.bincount(of[order][is_new], minlength=count)


def _in_forms(corpus: Corpus, shared: _Shared) -> np.ndarray:
    """bool, one a class: it varies, and mostly in documents that say little but what varies."""
    import numpy as np

    at = corpus.document[shared.rows]
    weight = corpus.weight[shared.rows]
    varies = shared.varies[shared.classes.of]
    count = len(corpus.groups)
    total = np.bincount(corpus.document, weights=corpus.weight, minlength=count)
    varying = np.bincount(at[varies], weights=weight[varies], minlength=count)
    fixed = np.bincount(at[~varies], weights=weight[~varies], minlength=count)
    is_form = varying > MAX_VARYING * np.maximum(total - fixed, 1)
    found = mostly(is_form[at], shared.classes.of, len(shared.varies))
    found &= shared.varies
    return found


def _run_letters(corpus: Corpus, shared: _Shared, open_rows: np.ndarray) -> np.ndarray:
    """int64, N: the letters of the run that a row stands in with its neighbours, 0 for other rows.

    Neighbours belong together if they stand so in enough documents. Of a run only what does not vary counts.
    """
    import numpy as np

    linked = _links(corpus, shared, open_rows)
    in_run = linked.copy()
    in_run[1:] |= linked[:-1]
    begins = in_run & ~np.concatenate([[False], linked[:-1]])
    number = np.cumsum(begins) - 1
    rows = np.flatnonzero(in_run)
    counts = corpus.weight[rows].astype(np.int64)
    counts[shared.varies[shared.of[rows]]] = 0
    found = np.zeros(len(open_rows), np.int64)
    if len(rows):
        sums = np.bincount(number[rows], weights=counts)[number[rows]]
        found[rows] = np.where(_told(corpus, shared, rows, number[rows]), 0, sums)
    return found


def _told(corpus: Corpus, shared: _Shared, rows: np.ndarray, run: np.ndarray) -> np.ndarray:
    """bool, one for each of ``rows``: part of a story in its ``run``, which few documents tell."""
    import numpy as np

    few = shared.share[shared.of[rows]] < MIN_SHARE_OF_STORIES
    weight = corpus.weight[rows]
    has_long = np.bincount(run, weights=few & (weight >= MIN_STORY[0])) > 0
    has_wide = np.bincount(run, weights=~few) > 0
    is_story = np.bincount(run, weights=weight * few) >= MIN_STORY[1]
    told: np.ndarray = (is_story | (has_long & ~has_wide))[run]
    told &= few
    return told


def _links(corpus: Corpus, shared: _Shared, open_rows: np.ndarray) -> np.ndarray:
    """bool, N: whether the row and the next one stand together wherever the rarer of the two stands, about."""
    import numpy as np

    linked = np.zeros(len(open_rows), bool)
    candidates = open_rows & np.isin(corpus.role, _LISTS)
    rows = np.flatnonzero(candidates & following(corpus.document))
    rows = rows[candidates[rows + 1]]
    one, two = shared.of[rows], shared.of[rows + 1]
    pairs = classes(one * np.int64(len(shared.classes.first)) + two, corpus.document[rows])
    rarer = np.minimum(shared.classes.documents[one], shared.classes.documents[two])
    together = pairs.documents[pairs.of]
    linked[rows] = (together >= MIN_DOCUMENTS) & (together >= SAME_ORDER * rarer)
    return linked


def _decided(
    corpus: Corpus,
    shared: _Shared,
    open_rows: np.ndarray,
    runs: np.ndarray,
    alone: np.ndarray,
) -> np.ndarray:
    """bool, N: the rows that are boilerplate; of the classes in ``alone`` wherever they stand."""
    import numpy as np

    found = np.zeros(len(open_rows), bool)
    of, count = shared.classes.of, len(shared.classes.first)
    is_open = open_rows[shared.rows]
    in_run = is_open & mostly(runs[shared.rows] >= MIN_RUN, of, count)[of]
    found[shared.rows] = in_run
    speak = alone | _are_strewn(corpus, shared, found)
    found[shared.rows] |= is_open & speak[of]
    found |= _between(corpus, shared, open_rows, found)
    found |= _headed(corpus, shared, found)
    return found


def _are_strewn(corpus: Corpus, shared: _Shared, found: np.ndarray) -> np.ndarray:
    """bool, one a class: a line of some words, strewn over documents that have a menu or a footer (``found``)."""
    import numpy as np

    known, rows = shared.classes, shared.rows[shared.classes.first]
    furnished = np.zeros(len(corpus.groups), bool)
    furnished[corpus.document[found]] = True
    group = corpus.groups[corpus.document[rows]]
    has_menu = np.bincount(corpus.groups, weights=furnished) >= MIN_FURNISHED * np.bincount(
        corpus.groups
    )
    strewn: np.ndarray = has_menu[group] & ~shared.varies & (corpus.role[rows] == _PROSE)
    strewn &= (corpus.weight[rows] >= MIN_STREWN) & (corpus.weight[rows] < MIN_LONE)
    strewn &= corpus.texts[corpus.text_start[rows + 1] - 1] != ord(":")
    each = known.rows / known.documents
    strewn &= (each >= STREWN[0]) & (each <= STREWN[1])
    return strewn


def _speaks_alone(corpus: Corpus, shared: _Shared) -> np.ndarray:
    """bool, one a class: long enough to be boilerplate wherever it stands, and no introduction of what follows."""
    import numpy as np

    rows = shared.rows[shared.classes.first]
    weight = corpus.weight[rows]
    last = corpus.texts[corpus.text_start[rows + 1] - 1]
    needed = np.where(
        np.isin(last, np.frombuffer(b".!?\x82", np.uint8)), MIN_LONE_SENTENCE, MIN_LONE
    )
    needed = np.where(shared.varies, MIN_VARYING, needed)
    long_enough = (weight >= needed) & (corpus.role[rows] == _PROSE)
    return np.asarray(long_enough & (last != ord(":")))


def _are_rare(corpus: Corpus, shared: _Shared, structure: np.ndarray) -> np.ndarray:
    """bool, one a class: in few documents for one that is long, differs in a number, or is an entry of a form."""
    import numpy as np

    at = corpus.document[shared.rows]
    heads = np.bincount(corpus.document[structure], minlength=len(corpus.groups))
    in_forms = mostly(heads[at] >= MIN_HEADINGS, shared.classes.of, len(shared.varies))
    few: np.ndarray = in_forms & (shared.share < MIN_SHARE_OF_ENTRIES)
    few |= shared.varies & (shared.share < MIN_SHARE_OF_VARYING)
    is_long = corpus.weight[shared.rows[shared.classes.first]] >= MIN_STORY[0]
    few |= is_long & (shared.share < MIN_SHARE_OF_STORIES)
    return few


def _between(
    corpus: Corpus, shared: _Shared, open_rows: np.ndarray, found: np.ndarray
) -> np.ndarray:
    """bool, N: other rows, code among them, that mostly stand between boilerplate."""
    import numpy as np

    after = following(corpus.document)
    before = np.concatenate([[False], after[:-1]])
    beside = np.zeros(len(found), bool)
    beside[1:] = found[:-1]
    below = np.append(found[1:], False)
    between = (beside & before) & (below & after) & open_rows & (corpus.role != HEADING)
    rows = shared.rows
    is_so = mostly(between[rows], shared.classes.of, len(shared.classes.first))
    result = np.zeros(len(found), bool)
    result[rows] = between[rows] & is_so[shared.classes.of]
    return result


def _headed(corpus: Corpus, shared: _Shared, found: np.ndarray) -> np.ndarray:
    """bool, N: shared headings over boilerplate alone, up to the next heading."""
    import numpy as np

    is_heading = corpus.role == HEADING
    begins = is_heading.copy()
    begins[corpus.first[:-1][corpus.first[:-1] < len(found)]] = True
    section = np.cumsum(begins) - 1
    rows = np.bincount(section)
    gone = np.bincount(section, weights=found, minlength=len(rows))
    whole = (gone == rows - 1) & (rows > 1)
    over: np.ndarray = is_heading & whole[section]
    over &= shared.of >= 0
    return over


def _instances(
    corpus: Corpus, shared: _Shared, decided: np.ndarray, runs: np.ndarray, sizes: np.ndarray
) -> Boilerplate:
    import numpy as np

    at = np.flatnonzero(decided[shared.rows])
    rows = shared.rows[at]
    carried = classes(shared.of[rows], corpus.document[rows])
    kept = rows[carried.first][carried.of]
    own = corpus.document[kept] == corpus.document[rows]
    return Boilerplate(
        rows,
        np.where(own, rows, kept),
        carried.documents[carried.of].astype(np.int32),
        sizes[corpus.groups[corpus.document[rows]]].astype(np.int32),
        np.maximum(runs[rows], corpus.weight[rows]).astype(np.int32),
    )
