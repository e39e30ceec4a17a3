"""POD, in a file of its own or between the lines of a program: its lines -> blocks."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator

from dedup.engine.stretches import Kind, Lines, Stretch, reach, trimmed

_COMMAND = re.compile(r"=([a-zA-Z]\w*)(?:\s|$)")
_HEADS = frozenset(f"head{level}" for level in range(1, 7))


def blocks(lines: Lines) -> Iterator[Stretch]:
    """The paragraphs in order; all lines between them are blank.

    >>> list(blocks(["=head1 NAME", "", "Text", "of two lines.", "", "  code", "", "=cut"]))
    [(0, 1, 'heading'), (2, 4, 'prose'), (5, 6, 'code'), (7, 8, 'code')]
    """
    return _blocks(lines, is_program=False)


def in_program(lines: Lines) -> Iterator[Stretch]:
    """The same of a program with POD in it; what is none is code, as one block.

    >>> list(in_program(["use strict;", "", "=head1 NAME", "", "Text.", "", "=cut", "exit;"]))
    [(0, 1, 'code'), (2, 3, 'heading'), (4, 5, 'prose'), (6, 8, 'code')]
    """
    return _blocks(lines, is_program=True)


def programs(lines: Lines, *, is_program: bool) -> Iterator[tuple[int, int]]:
    """The stretches that are not POD, each with the command that ends the POD before it; ``is_program``: whether
    the first line is of one.

    They never go: a program may say a thing twice.
    """
    at = 0
    while at < len(lines):
        if at or not is_program:
            at = reach(lines, at, lambda line: _name(line) != "cut")
        end = reach(lines, at, lambda line: _name(line) in ("", "cut"))
        yield at, end
        at, is_program = end, False


def _blocks(lines: Lines, *, is_program: bool) -> Iterator[Stretch]:
    at = 0
    for start, stop in programs(lines, is_program=is_program):
        yield from _pod(lines, at, start)
        begin, end = reach(lines, start, lambda line: not line), trimmed(lines, start, stop)
        if begin < end:
            yield begin, end, "code"
        at = stop
    yield from _pod(lines, at, len(lines))


def _name(line: str) -> str:
    """Which command a line is, if any."""
    command = _COMMAND.match(line) if line[:1] == "=" else None
    return command[1] if command else ""


def _pod(lines: Lines, at: int, stop: int) -> Iterator[Stretch]:
    closing = [place for place in range(at, stop) if _name(lines[place]) == "end"]
    while at < stop:
        if not lines[at]:
            at += 1
            continue
        end = min(stop, reach(lines, at, bool))
        name = _name(lines[at])
        if name == "begin" and (closed := bisect_left(closing, at)) < len(closing):
            end = closing[closed] + 1
        yield at, end, _kind(name, lines[at])
        at = end


def _kind(name: str, line: str) -> Kind:
    """What a paragraph is by the command it begins with, or by its first ``line``."""
    if name in _HEADS:
        return "heading"
    if name:
        return "list" if name == "item" else "code"
    return "code" if line[0] in " \t" else "prose"
