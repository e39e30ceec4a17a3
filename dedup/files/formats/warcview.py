"""The text of one WARC record, and what its headers must say once it is changed."""

from __future__ import annotations

import hashlib
from base64 import b16encode, b32encode, b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from dedup.files.decode import encode
from dedup.files.views import RawEdit, apply
from dedup.model import Document, Edit, Marker, Span

LENGTH = "content-length"
DIGESTS = ("warc-block-digest", "warc-payload-digest")

ALGORITHMS = {
    "".join(filter(str.isalnum, name)): name
    for name in sorted(hashlib.algorithms_guaranteed)
    if not name.startswith("shake")  # their digests have no length of their own
}
"""Python's name of each algorithm, by what is left of ``sha-256``, ``SHA256`` or ``sha3_256``."""

CODINGS: tuple[Callable[[bytes], bytes], ...] = (
    b32encode,
    lambda digest: b32encode(digest).rstrip(b"="),
    lambda digest: b32encode(digest).lower(),
    lambda digest: b16encode(digest).lower(),
    b16encode,
    b64encode,
    urlsafe_b64encode,
)
"""How digests are written: the standard leaves it open. Base 32 is the usual one."""


BLANKS = " \t"
WHITE = " \t\r\n"
"""What stands around the value of a header without being part of it."""


class Field(NamedTuple):
    """One header line, with those that continue it, in the text of a record."""

    name: str
    """In lower case."""
    value: Span
    """Without the blanks around it."""
    line: Span
    """All of it, line end included."""


@dataclass(frozen=True, slots=True)
class Block:
    """A record whose block is looked at: a removal there changes the headers above it."""

    raw: str
    """The whole record: headers, block and the blank lines behind."""
    start: int
    """Where the text begins: behind the headers and a byte order mark."""
    end: int
    mark: int
    """Length of the byte order mark, which is part of the block."""
    document: Document
    """Without its text: the name, encoding and error mode of the record."""

    @property
    def text(self) -> str:
        """The block."""
        return self.raw[self.start : self.end]

    @property
    def lines(self) -> tuple[int, ...]:
        """The text's own."""
        return ()

    @property
    def markers(self) -> tuple[Marker, ...]:
        """None: a record has no comments."""
        return ()

    def again(self, raw: str) -> Block:
        """Another record with the same headers but for their values."""
        behind_head = self.start - self.mark
        # No other line of the headers is like the last: it would have been the last.
        last = self.raw[self.raw.rfind("\n", 0, behind_head - 1) : behind_head]
        start = raw.index(last) + len(last) + self.mark
        end = len(raw) - len(self.raw) + self.end
        return replace(self, raw=raw, start=start, end=end)

    def refused(self, edits: Sequence[Edit]) -> list[Span]:
        """None: any part of a block can go."""
        return []

    def raw_edits(self, edits: Sequence[Edit]) -> list[RawEdit]:
        """The edits, behind those of the length and the digests they make wrong."""
        inner = [RawEdit(e.span.start, e.removed, e.inserted) for e in edits]
        behind_head = self.start - self.mark
        mark = self.raw[behind_head : self.start]
        before = encode(self.document, mark + self.text)
        after = encode(self.document, mark + apply(self.text, inner))
        corrected = list(_corrections(self.raw[:behind_head], before, after))
        return corrected + [edit._replace(start=edit.start + self.start) for edit in inner]


def fields_of(head: str) -> Iterator[Field]:
    r"""The fields of a record's headers, in order.

    >>> [(field.name, field.value) for field in fields_of("WARC/1.0\r\nA : b \r\n c\r\n\r\n")]
    [('a', Span(start=14, end=20))]
    """
    start = head.find("\n") + 1
    while start < len(head):
        end = _line_end(head, start)
        while head[end : end + 1] in (" ", "\t") and head[end : _line_end(head, end)].strip():
            end = _line_end(head, end)
        name, colon, value = head[start:end].partition(":")
        if colon:
            inner = value.strip(WHITE)
            first = start + len(name) + 1 + value.find(inner)
            place = Span(first, first + len(inner))
            yield Field(name.rstrip(BLANKS).lower(), place, Span(start, end))
        start = end


def _line_end(text: str, start: int) -> int:
    return text.find("\n", start) + 1 or len(text)


def _corrections(head: str, before: bytes, after: bytes) -> Iterator[RawEdit]:
    """What makes the headers above the block ``before`` right for ``after``.

    A digest is written anew as it was written. One of an algorithm that is not known here goes: it
    could only be wrong. One that was wrong already stays: it tells that the record was damaged before.
    """
    for field in fields_of(head):
        value = field.value.cut(head)
        if field.name == LENGTH and value != str(len(after)):
            yield RawEdit(field.value.start, value, str(len(after)))
        elif field.name in DIGESTS:
            algorithm, _, digest = value.partition(":")
            known = ALGORITHMS.get("".join(filter(str.isalnum, algorithm.lower())))
            if known is None:
                yield RawEdit(field.line.start, field.line.cut(head))
            elif new := _written_alike(digest, known, before, after):
                yield RawEdit(field.value.end - len(digest), digest, new)


def _written_alike(digest: str, algorithm: str, before: bytes, after: bytes) -> str:
    """The digest of ``after``, as ``digest`` writes that of ``before``; empty if it is not that."""
    old, new = (
        hashlib.new(algorithm, data, usedforsecurity=False).digest() for data in (before, after)
    )
    for coding in CODINGS:
        if coding(old).decode() == digest:
            return coding(new).decode()
    return ""
