"""Units -> those that stand again letter by letter: all that is looked for where a text repeats too much."""

from __future__ import annotations

from dedup.engine.normalize import Stream
from dedup.engine.passages import Repeat
from dedup.engine.seeds import Match
from dedup.engine.units import Units


def equal_paragraphs(stream: Stream, columns: Units, least: int) -> list[Repeat]:
    """Paragraphs of the weight ``least`` or more that stand earlier, each as a repeat of the first of its kind."""
    firsts: dict[str, int] = {}
    found = []
    for start, end in zip(columns.starts, columns.ends, strict=True):
        if stream.weight(start, end) < least:
            continue
        first = firsts.setdefault(stream.letters[start:end], start)
        if first < start:
            found.append(Repeat.of([Match(first, start, end - start)]))
    return found
