"""One look at one text: split, normalise, find; and, where something repeats, settle what goes."""

from __future__ import annotations

from collections.abc import Sequence

from dedup.engine import normalize, seeds, split
from dedup.engine.cuts import Look
from dedup.model import Span
from dedup.options import Options

MIN_MATCHED = 16
"""Matched letters below which a repeat is not looked at: a few common words."""


def look(text: str, options: Options, kept: Sequence[Span] = ()) -> Look:
    """What repeats in ``text``; nothing that overlaps a span in ``kept`` goes."""
    blocks = split.split(text)
    stream = normalize.stream(text)
    found = seeds.matches(stream.letters, stream.weights)
    if found:
        from dedup.engine import (
            passages,
        )  # most texts repeat nothing and need not pay for what follows

        repeats = passages.repeats(stream.letters, found, MIN_MATCHED)
        if repeats:
            from dedup.engine.settle import settle

            return settle(stream, blocks, repeats, options, kept)
    return Look((), (), tuple(block.span for block in blocks))
