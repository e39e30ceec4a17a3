"""A unified diff made from the plan: what changes is known, so nothing has to be compared.

Lines are lines of bytes that end with LF, as ``patch`` reads them: a CR belongs to its line, and so
the diff of a UTF-16 file applies as well. Time and memory grow with the document, not its square.
"""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from dedup.model import DocumentResult, Failure, Totals
from dedup.options import Options
from dedup.reports.escape import escape, unsafe_codes
from dedup.reports.parts import HEADS, Lists, Parts

WIDTH = 1
"""How many lists ``parts`` belong to."""

_CONTEXT = 3
"""Unchanged lines around a change, as in diff and git."""

_NO_NEWLINE = b"\\ No newline at end of file\n"


class Change(NamedTuple):
    """Lines ``start`` to ``end`` (exclusive, from 0) of the input become ``lines``."""

    start: int
    end: int
    lines: list[bytes]


class _Removed(NamedTuple):
    """Bytes ``start`` to ``end`` of the input, and what comes in their place; there is no line end in that."""

    start: int
    end: int
    inserted: bytes


def parts(result: DocumentResult, encode: Callable[[str], bytes]) -> Parts:
    """The diff of one document under its name, for ``whole``."""
    name = result.document.name
    return (unified(result, encode, name, name),)


def whole(
    options: Options, totals: Totals, failures: Iterable[Failure], lists: Lists
) -> Iterator[bytes]:
    """The diffs of all documents in order, behind a line that is none: ``patch`` passes over it."""
    (documents,) = lists
    yield HEADS["diff"]
    yield from documents


def unified(
    result: DocumentResult, encode: Callable[[str], bytes], before: str, after: str
) -> bytes:
    """The diff that turns the document's bytes into the cleaned ones; empty if nothing changes.

    ``encode`` gives the bytes of a piece of the text, without a byte order mark. ``before`` and
    ``after`` are the file names in the header; they are quoted as diff and git quote them.
    """
    if not result.changed:
        return b""
    content, removed = _bytes_of(result, encode)
    lines = _split(content)
    head = b"--- %b\n+++ %b\n" % (_file_name(before), _file_name(after))
    return head + b"".join(_hunks(lines, _changes(lines, removed)))


def colored(
    result: DocumentResult, before: str, after: str, *, color: bool, ci: bool = False
) -> str:
    """The diff for a terminal: safe to show, not to apply. With ``color``, in git's colours.

    The CR of a CRLF is left out: it is the same on every line and no part of any change.
    """
    # Shown in UTF-8 whatever the file's encoding is, the mark as well.
    document = replace(result.document, bom=BOM_UTF8 if result.document.bom else b"")
    result = replace(result, document=document)
    raw = unified(result, lambda text: text.encode("utf-8", "surrogatepass"), before, after)
    text = raw.decode("utf-8", "surrogatepass").replace("\r\n", "\n")
    # A line's first character is the diff's own: a build server's command cannot start there.
    safe = escape(text, ci=ci)
    if not color:
        return safe
    return "".join(_painted(line) for line in safe.splitlines(keepends=True))


def _bytes_of(
    result: DocumentResult, encode: Callable[[str], bytes]
) -> tuple[bytes, list[_Removed]]:
    """The whole input, its byte order mark in front, and what is removed of it, in bytes."""
    text, position = result.document.text, 0
    pieces, length = [result.document.bom], len(result.document.bom)
    removed: list[_Removed] = []
    for edit in result.edits:
        kept, gone = encode(text[position : edit.span.start]), encode(edit.removed)
        pieces += (kept, gone)
        start = length + len(kept)
        length = start + len(gone)
        removed.append(_Removed(start, length, encode(edit.inserted) if edit.inserted else b""))
        position = edit.span.end
    pieces.append(encode(text[position:]))
    return b"".join(pieces), removed


def _split(content: bytes) -> list[bytes]:
    lines = content.split(b"\n")
    last = lines.pop()
    return [line + b"\n" for line in lines] + ([last] if last else [])


@dataclass(slots=True)
class _Cutter:
    """Walks lines and removals side by side; ``index`` is the next line, ``offset`` its first byte."""

    lines: Sequence[bytes]
    removed: Sequence[_Removed]
    index: int = 0
    offset: int = 0
    next: int = 0

    def changes(self) -> Iterator[Change]:
        while self.next < len(self.removed):
            while self.offset + len(self.lines[self.index]) <= self.removed[self.next].start:
                self.offset += len(self.lines[self.index])
                self.index += 1
            yield self.change()

    def change(self) -> Change:
        """The change that begins on this line: up to the line after which all is as before."""
        start, rest = self.index, []
        while True:
            left = self.line_without()
            rest.append(left)
            running = self.next < len(self.removed) and self.removed[self.next].start < self.offset
            # A line whose end went is joined to the next one, which is then part of the change.
            # What went before it on the line may be nothing: look for the last byte that stays.
            joined = _last(rest) not in (b"", b"\n")
            if self.index == len(self.lines) or not (running or joined):
                return Change(start, self.index, _split(b"".join(rest)))

    def line_without(self) -> bytes:
        """What is left of this line; moves on to the next one."""
        line, begin = self.lines[self.index], self.offset
        self.index += 1
        self.offset += len(line)
        kept, position = [], begin
        while self.next < len(self.removed) and self.removed[self.next].start < self.offset:
            start, end, inserted = self.removed[self.next]
            kept.append(line[position - begin : max(start, position) - begin])
            if start >= begin:
                kept.append(inserted)
            position = min(end, self.offset)
            if end > self.offset:
                break
            self.next += 1
        kept.append(line[position - begin :])
        return b"".join(kept)


def _last(pieces: Sequence[bytes]) -> bytes:
    """The last byte of the pieces, or nothing."""
    for piece in reversed(pieces):
        if piece:
            return piece[-1:]
    return b""


def _changes(lines: Sequence[bytes], removed: Sequence[_Removed]) -> list[Change]:
    """Every change, without the lines at its borders that stay the same."""
    return [_trimmed(lines, change) for change in _Cutter(lines, removed).changes()]


def _trimmed(lines: Sequence[bytes], change: Change) -> Change:
    start, end, new = change
    head = 0
    while head < len(new) and start < end and lines[start] == new[head]:
        start, head = start + 1, head + 1
    tail = len(new)
    while tail > head and start < end and lines[end - 1] == new[tail - 1]:
        end, tail = end - 1, tail - 1
    return Change(start, end, new[head:tail])


def _hunks(lines: Sequence[bytes], changes: Sequence[Change]) -> Iterator[bytes]:
    """Changes with their context; those whose contexts would meet share a hunk."""
    first, shift = 0, 0
    for index, change in enumerate(changes):
        last = index + 1 == len(changes)
        if last or changes[index + 1].start - change.end > 2 * _CONTEXT:
            hunk = changes[first : index + 1]
            yield _hunk(lines, hunk, shift)
            shift += sum(len(each.lines) - (each.end - each.start) for each in hunk)
            first = index + 1


def _hunk(lines: Sequence[bytes], changes: Sequence[Change], shift: int) -> bytes:
    """One hunk; ``shift``: how many more lines the output has than the input up to here."""
    start = max(0, changes[0].start - _CONTEXT)
    end = min(len(lines), changes[-1].end + _CONTEXT)
    body, position, grown = [], start, 0
    for change in changes:
        body += [_line(b" ", line) for line in lines[position : change.start]]
        body += [_line(b"-", line) for line in lines[change.start : change.end]]
        body += [_line(b"+", line) for line in change.lines]
        position = change.end
        grown += len(change.lines) - (change.end - change.start)
    body += [_line(b" ", line) for line in lines[position:end]]
    old, new = _range(start, end - start), _range(start + shift, end - start + grown)
    return b"@@ -%b +%b @@\n" % (old, new) + b"".join(body)


def _line(sign: bytes, line: bytes) -> bytes:
    return sign + line if line.endswith(b"\n") else sign + line + b"\n" + _NO_NEWLINE


def _range(start: int, length: int) -> bytes:
    """Lines of a hunk as the header writes them; an empty range names the line before it."""
    first = start + 1 if length else start
    return b"%d" % first if length == 1 else b"%d,%d" % (first, length)


def _file_name(name: str) -> bytes:
    """The name in a header line: in C quotes if it has to be, with a TAB after blanks, as git does."""
    odd = name != name.strip() or any(char in '"\\\t\n' for char in name)
    if odd or any(map(_is_unsafe, name)):
        return b'"' + b"".join(map(_c_quoted, name)) + b'"'
    return _raw(name) + (b"\t" if any(map(str.isspace, name)) else b"")


def _is_unsafe(char: str) -> bool:
    return ord(char) in _UNSAFE


_UNSAFE = frozenset(unsafe_codes())


def _c_quoted(char: str) -> bytes:
    if char in '"\\':
        return b"\\" + _raw(char)
    if char in "\t\n":
        return b"\\t" if char == "\t" else b"\\n"
    raw = _raw(char)
    return b"".join(b"\\%03o" % byte for byte in raw) if _is_unsafe(char) else raw


def _raw(text: str) -> bytes:
    """A name's bytes; what was no valid UTF-8 in the file system comes out as it was."""
    return b"".join(
        bytes([ord(char) - 0xDC00])
        if "\udc80" <= char <= "\udcff"
        else char.encode("utf-8", "surrogatepass")
        for char in text
    )


def _painted(line: str) -> str:
    """A line of the diff in git's colours, the line end outside."""
    if line.startswith(("---", "+++")):
        code = "1"
    else:
        code = {"-": "31", "+": "32", "@": "36"}.get(line[0], "")
    body = line.rstrip("\n")
    return f"\x1b[{code}m{body}\x1b[0m{line[len(body) :]}" if code else line
