"""One look at one text: split, normalise, find; and, where something repeats, settle what goes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dedup.engine import normalize, seeds, speed, split
from dedup.engine.cuts import Look, none_alike
from dedup.model import Span
from dedup.options import Options

if TYPE_CHECKING:
    from dedup.engine import passages, units

MIN_MATCHED = 16
"""Matched letters below which a repeat is not looked at: a few common words."""
CERTAIN = 400
"""Matched letters of a chain from which it is not asked whether something could come out."""
MAX_SHORT = 80
"""Characters up to which a paragraph may be too short for the search by windows."""


MAX_LETTERS = 1 << 25
"""Letters up to which a text is searched in full: 33 million, some 40 MB of prose. The search takes nine bytes a
letter and its time grows faster than the text, because in a longer one everything has stood before."""
TOO_LONG = "looked at in part: so long that only equal paragraphs were looked for"
PHRASES = "looked at in part: so much of it repeats that phrases of a few words were not compared"
CROWDED = "looked at in part: so much of it repeats that only equal paragraphs were looked for"


def look(text: str, options: Options, kept: Sequence[Span] = (), format: str = "text") -> Look:
    """What repeats in ``text``, which is in ``format``; nothing that overlaps a span in ``kept`` goes."""
    stream = normalize.stream(text)
    if len(stream.letters) > MAX_LETTERS:
        return _look_for_equals(stream, options, kept, format)._replace(note=TOO_LONG)
    try:
        return _look_for_all(stream, options, kept, format)
    except seeds.Crowded:
        pass  # and what was found so far is gone from memory before the next line
    return _look_for_equals(stream, options, kept, format)._replace(note=CROWDED)


def _look_for_all(
    stream: normalize.Stream, options: Options, kept: Sequence[Span], format: str
) -> Look:
    text = stream.text
    chains = chains_in(stream, options)
    if speed.prefers_arrays(0) and not _is_worth_it(stream, chains or [], options):
        return Look((), none_alike, (), split.count(text, format))
    note = ""
    if chains:
        from dedup.engine import passages

        chains, has_more = passages.without_phrases(chains, len(stream.letters))
        note = PHRASES if has_more else ""
    found = aligned_in(stream, chains, options)  # before there are paragraphs: it may be too much
    blocks = split.split(text, format)
    if chains is not None or _has_equal_lines(text, blocks):
        from dedup.engine import units

        columns = units.units(stream, blocks)
        repeats = repeats_in(stream, columns, found)
        if repeats:
            from dedup.engine.settle import settle

            return settle(stream, columns, repeats, options, kept)._replace(note=note)
    return Look((), none_alike, tuple(block.span for block in blocks), note=note)


def least_matched(stream: normalize.Stream, options: Options) -> int:
    """``MIN_MATCHED``, or fewer letters where they are heavy or shorter passages may go."""
    least = min(MIN_MATCHED, options.min_chars)
    return least if stream.weights is None else -(-least // normalize.HEAVIEST)


def chains_in(stream: normalize.Stream, options: Options) -> Sequence[list[seeds.Match]] | None:
    """Matches that follow each other on both sides; None where nothing matches at all.

    Raises ``seeds.Crowded`` where that would be too much.
    """
    found = seeds.matches(stream.letters, stream.weights)
    if not len(found):
        return None
    least = least_matched(stream, options)
    if isinstance(found, list) and sum([length for _, _, length in found]) < least:
        return []
    # Imported here: most texts repeat nothing and need not pay for what follows.
    from dedup.engine import passages

    return passages.chains(found, least, len(stream.letters))


def aligned_in(
    stream: normalize.Stream, chains: Sequence[list[seeds.Match]] | None, options: Options
) -> list[passages.Repeat]:
    """Chains with what lies in and around them aligned.

    Raises ``seeds.Crowded`` where that would be too much.
    """
    if not chains:
        return []
    from dedup.engine import passages

    return passages.aligned(stream.letters, chains, least_matched(stream, options))


def repeats_in(
    stream: normalize.Stream, columns: units.Units, found: Sequence[passages.Repeat]
) -> list[passages.Repeat]:
    """All that repeats, before anything is judged: ``found`` by ``aligned_in``, and equal lines."""
    from dedup.engine import passages, units

    return passages.each_once([*found, *units.equal_lines(stream, columns)])


def _look_for_equals(
    stream: normalize.Stream, options: Options, kept: Sequence[Span], format: str
) -> Look:
    from dedup.engine import equals, passages, units
    from dedup.engine.settle import settle

    columns = units.units(stream, split.split(stream.text, format))
    repeats = equals.equal_paragraphs(stream, columns, options.min_chars)
    repeats = passages.each_once([*repeats, *units.equal_lines(stream, columns)])
    if not repeats:
        return Look((), none_alike, tuple(block.span for block in columns.blocks))
    return settle(stream, columns, repeats, options, kept)


def _is_worth_it(
    stream: normalize.Stream, chains: Sequence[list[seeds.Match]], options: Options
) -> bool:
    """Whether something could come out at all; a bound, and without it the answer would be the same."""
    from dedup.engine import prospects

    if chains and sum([length for _, _, length in chains[0]]) >= CERTAIN:
        return True
    least, min_chars = least_matched(stream, options), options.min_chars
    return prospects.have_equal_lines(stream, min_chars) or prospects.are_hopeful(
        stream, chains, least, min_chars
    )


def _has_equal_lines(text: str, blocks: Sequence[split.Block]) -> bool:
    """Whether a short paragraph stands again; without a look at letters, which is enough to look closer."""
    lines = [block.span.cut(text).casefold() for block in blocks if len(block.span) < MAX_SHORT]
    return len(set(lines)) < len(lines)
