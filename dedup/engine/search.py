"""One look at one text: split, normalise, find; and, where something repeats, settle what goes."""

from __future__ import annotations

from collections.abc import Sequence

from dedup.engine import normalize, seeds, split
from dedup.engine.cuts import Look
from dedup.model import Span
from dedup.options import Options

MIN_MATCHED = 16
"""Matched letters below which a repeat is not looked at: a few common words."""
MAX_SHORT = 80
"""Characters up to which a paragraph may be too short for the search by windows."""


def look(text: str, options: Options, kept: Sequence[Span] = ()) -> Look:
    """What repeats in ``text``; nothing that overlaps a span in ``kept`` goes."""
    blocks = split.split(text)
    stream = normalize.stream(text)
    found = seeds.matches(stream.letters, stream.weights)
    if found or _has_equal_lines(text, blocks):
        # Imported here: most texts repeat nothing and need not pay for what follows.
        from dedup.engine import passages, units

        columns = units.units(stream, blocks)
        least = min(MIN_MATCHED, options.min_chars)
        chained = passages.repeats(stream.letters, found, least)
        repeats = sorted({*chained, *units.equal_lines(stream, columns)})
        if repeats:
            from dedup.engine.settle import settle

            return settle(stream, columns, repeats, options, kept)
    return Look((), (), tuple(block.span for block in blocks))


def _has_equal_lines(text: str, blocks: Sequence[split.Block]) -> bool:
    """Whether a short paragraph stands again; without a look at letters, which is enough to look closer."""
    lines = [block.span.cut(text).casefold() for block in blocks if len(block.span) < MAX_SHORT]
    return len(set(lines)) < len(lines)
