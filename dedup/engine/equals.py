"""Units -> those that stand again letter by letter: all that is looked for where a text repeats too much."""

from __future__ import annotations

from dedup.engine.normalize import Stream
from dedup.engine.passages import Repeat
from dedup.engine.seeds import Match
from dedup.engine.units import Units


def equal_paragraphs(stream: Stream, columns: Units, least: int) -> list[Repeat]:
    """Paragraphs of the weight ``least`` or more that stand earlier, each as a repeat of the first of its kind."""
    firsts: dict[str, tuple[int, int]] = {}
    found = []
    for start, end in zip(columns.starts, columns.ends, strict=True):
        if stream.weight(start, end) < least:
            continue
        first, first_end = firsts.setdefault(stream.letters[start:end], (start, end))
        if first < start:
            run = Match(first, start, end - start)
            found.append(Repeat(first, first_end, start, end, (run,)))
    return found
