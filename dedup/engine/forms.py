"""Forms: sections that are headed alike under different headings, as each entry of a reference is.

What is said twice below such a heading is said of two things: "Returns", "Errors" and what stands there belong to the
entry, not to each other. So does "The pour command takes these options", where another says it of the drain command.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from dedup.engine.normalize import Stream
from dedup.engine.split import HEADING, PROSE
from dedup.engine.units import Units

MIN_ENTRIES = 3
"""Headings under which a section has to stand to be a field of a form: a section that was copied stands under two."""
MIN_FIELDS = 2
"""Or sections that two headings have in common."""
MIN_NAME = 4
"""Letters of the heading of an entry from which a section that has it speaks of the entry."""
_NAME = "\0"
MAX_LABEL = 30
"""Characters of a line in bold type that is a heading of its own."""

_MARKED = re.compile(r"\s*(#{1,6}|={1,6})\s|=head([1-6])\s")
_LABEL = re.compile(r"(\*\*|__)[^*_\n]+(?:\1:?|:\1)$")
_BELOW, _TERM = 10, 90
"""Levels of titles by the line below them, in the order in which such lines first stand; of labels and terms."""


class _Section(NamedTuple):
    """What stands below a heading, up to the next one."""

    paragraph: int
    """Index of the heading."""
    level: int
    said: str
    above: tuple[str, ...]
    """What the headings say that it belongs to, the outermost first."""


class Forms:
    """The sections of a text, and which of them are fields."""

    def __init__(self, stream: Stream, units: Units) -> None:
        self._stream, self._units = stream, units
        self._sections = list(_sections(stream, units))
        self._at = [section.paragraph for section in self._sections]
        self._fields: dict[tuple[str, ...], set[str]] = defaultdict(set)
        self._said: dict[int, set[str]] = {}
        self._counted: dict[tuple[tuple[str, ...], tuple[str, ...]], int] = {}
        self._entries: dict[tuple[str, ...], set[str]] = defaultdict(set)
        for _, _, said, above in self._sections:
            self._fields[above].add(said)
            self._entries[*above[:-1], said].add(above[-1] if above else "")

    def are_fields(self, one: int, two: int) -> bool:
        """Whether two paragraphs stand below the same heading in different entries of one form: they have more such
        sections, or say in them the same of themselves, each by its name."""
        first, second = self._section(one), self._section(two)
        if first is None or second is None or first.said != second.said:
            return False
        if first.above == second.above or not (first.above and second.above):
            return False
        if first.above[:-1] != second.above[:-1]:
            return False
        entries = self._entries[*first.above[:-1], first.said]
        if len(entries) >= MIN_ENTRIES or self._common(first.above, second.above) >= MIN_FIELDS:
            return True
        return not self._of_itself(first).isdisjoint(self._of_itself(second))

    def _of_itself(self, section: _Section) -> set[str]:
        """What a section says of the entry that it belongs to, by its name: the letters without it."""
        if section.paragraph not in self._said:
            name, units = section.above[-1], self._units
            at = bisect_right(self._at, section.paragraph)
            end = self._at[at] if at < len(self._at) else len(units.starts)
            lines = (
                self._stream.letters[units.starts[one] : units.ends[one]]
                for one in range(section.paragraph + 1, end)
            )
            self._said[section.paragraph] = {
                line.replace(name, _NAME)
                for line in lines
                if len(name) >= MIN_NAME and name in line and line != name
            }
        return self._said[section.paragraph]

    def _common(self, one: tuple[str, ...], two: tuple[str, ...]) -> int:
        """How many fields two entries share; asked for each pair of paragraphs, counted once."""
        if (one, two) not in self._counted:
            self._counted[one, two] = len(self._fields[one] & self._fields[two])
        return self._counted[one, two]

    def _section(self, paragraph: int) -> _Section | None:
        at = bisect_right(self._at, paragraph) - 1
        return self._sections[at] if at >= 0 else None


def _sections(stream: Stream, units: Units) -> Iterator[_Section]:
    marks: dict[str, int] = {}
    open_: list[tuple[int, str]] = []
    for at, block in enumerate(units.blocks):
        if block.kind not in (HEADING, PROSE):
            continue
        text = block.span.cut(stream.text)
        if block.kind == PROSE and not (len(text) <= MAX_LABEL and _LABEL.match(text)):
            continue
        level = _level(text, marks) if block.kind == HEADING else _TERM
        said = stream.letters[units.starts[at] : units.ends[at]]
        while open_ and open_[-1][0] >= level:
            open_.pop()
        yield _Section(at, level, said, tuple(above for _, above in open_))
        open_.append((level, said))


def _level(text: str, marks: dict[str, int]) -> int:
    """How deep a heading is; ``marks``: the lines below titles so far."""
    marked = _MARKED.match(text)
    if marked:
        return int(marked[2]) if marked[2] else len(marked[1])
    title, _, below = text.rpartition("\n")
    if not title:
        return _TERM
    return marks.setdefault(below.strip()[0] + str("\n" in title), _BELOW + len(marks))
