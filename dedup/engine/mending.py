"""``--fix-text``: what a wrong encoding, a typesetter or a terminal left in the text, mended line by line.

ftfy decides what is broken. Quotes, widths, composed letters and entities stay as they are written: they are not
broken.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache

from dedup import extras
from dedup.engine.layout import Page
from dedup.engine.verify import common_ends

Mended = tuple[int, int, str]
"""Start, end, and what comes in their place."""

_ODD = re.compile(r"[^\t\f -~]")
"""What only lines with something to mend can hold: all but printable ASCII, tab and form feed."""
_UNDECODED = re.compile("([\ud800-\udfff]+)")
"""Bytes that were kept because they are no text; nothing is known of them."""
_C1 = re.compile("[\x80-\x9f]")
_FOREIGN = re.compile("(?<=[A-Za-z])[\x80\x82\x84\x86-\x89\x8b\x93-\x95\x98\x9b](?=[A-Za-z])")
"""C1 controls between letters that would be a quotation mark or a sign there: they are letters of another code.
In UTF-8 that was read as something else they follow another byte of the same letter."""
MIN_FOREIGN = 2
"""As many of them make the text one in an old code of DOS, say, which Windows-1252 would not make any better."""

MAX_WORDS = 1000
"""Words between the equal ends of a line that are compared if their number changes; difflib is quadratic."""


def changes(page: Page) -> Iterator[Mended]:
    """What is to be mended, in order; ``DedupError`` without the library that can tell."""
    mend = _mender()
    if not _ODD.search(page.text.replace("\n", "")):
        return
    is_foreign = len(_FOREIGN.findall(page.text)) >= MIN_FOREIGN
    for at, line in enumerate(page.lines):
        said = page.said(at)
        if not _ODD.search(said) or (is_foreign and _C1.search(said)):
            continue
        mended = _mended(said, mend)
        if mended != said and _can_be_written(mended, said, page.encoding):
            for start, end, inserted in differences(said, mended):
                yield line.start + start, line.start + end, inserted


@cache
def _mender() -> Callable[[str], str]:
    """What mends a line."""
    ftfy = extras.library("ftfy", "--fix-text")
    config = ftfy.TextFixerConfig(
        unescape_html=False,
        fix_character_width=False,
        uncurl_quotes=False,
        fix_line_breaks=False,
        fix_surrogates=False,
        normalization=None,
        explain=False,
    )

    def mend(text: str) -> str:
        mended: str = ftfy.fix_text_segment(text, config)
        return mended

    return mend


def _mended(line: str, mend: Callable[[str], str]) -> str:
    """The line with what stands between undecoded bytes mended."""
    parts = _UNDECODED.split(line)
    return "".join(part if at % 2 else mend(part) for at, part in enumerate(parts))


def _can_be_written(mended: str, said: str, encoding: str) -> bool:
    """Whether the file's own encoding has the new characters, and the line is still one line."""
    if _UNDECODED.findall(mended) != _UNDECODED.findall(said) or re.search(r"[\r\n]", mended):
        return False
    try:
        _UNDECODED.sub("", mended).encode(encoding)
    except UnicodeError:
        return False
    return True


def differences(before: str, after: str) -> list[Mended]:
    """The parts of ``before`` that make it ``after`` when they are replaced: whole words at the most, where
    words stand for each other. None is empty.

    >>> differences("a cafÃ© on the first ï¬oor", "a café on the first floor")
    [(5, 7, 'é'), (21, 23, 'fl')]
    """
    one, two = _words(before), _words(after)
    if len(one) == len(two):
        blocks = [(at, at + 1, at, at + 1) for at in range(len(one))]
    else:
        blocks = _blocks(one, two)
    found = []
    start = 0
    position = 0
    for low, high, first, last in blocks:
        start += sum(map(len, one[position:low]))
        old, new = "".join(one[low:high]), "".join(two[first:last])
        if old != new:
            found.append(_widened(before, start, old, new))
        start += len(old)
        position = high
    return _apart(found, before)


def _words(text: str) -> list[str]:
    return re.findall("[ \t\u00a0\u3000]+|[^ \t\u00a0\u3000]+", text)


def _blocks(one: list[str], two: list[str]) -> list[tuple[int, int, int, int]]:
    """Which words differ: first and last on both sides."""
    head, tail = common_ends(one, two)
    left, right = one[head : len(one) - tail], two[head : len(two) - tail]
    if max(len(left), len(right)) > MAX_WORDS:
        return [(head, len(one) - tail, head, len(two) - tail)]
    from difflib import SequenceMatcher

    codes = SequenceMatcher(None, left, right, autojunk=False).get_opcodes()
    return [
        (head + low, head + high, head + first, head + last)
        for tag, low, high, first, last in codes
        if tag != "equal"
    ]


def _widened(line: str, start: int, old: str, new: str) -> Mended:
    """What differs between two words, without their equal ends but never empty."""
    head, tail = common_ends(old, new)
    first, last = start + head, start + len(old) - tail
    inserted = new[head : len(new) - tail]
    if first < last:
        return first, last, inserted
    if first:
        return first - 1, last, line[first - 1] + inserted
    return first, last + 1, inserted + line[last]


def _apart(found: list[Mended], line: str) -> list[Mended]:
    """Parts that came to overlap, because one of them took in the character before it, as one."""
    apart: list[Mended] = []
    for start, end, inserted in found:
        if apart and start < apart[-1][1]:
            before = apart.pop()
            # The shared character is the last of the first part, which has no place for it any more.
            start, inserted = before[0], before[2] + inserted.removeprefix(line[start])
        apart.append((start, end, inserted))
    return apart
