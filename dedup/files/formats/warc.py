"""Web archives: the text records of WARC and WET files, with their lengths and digests put right.

The library reads the headers. Where they stand, and all around them, is kept byte for byte.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from typing import Any, BinaryIO, NamedTuple

from dedup.errors import DedupError
from dedup.extras import library
from dedup.files.containers import ByteSink, Container, Piece, Sink
from dedup.files.decode import AUTO, codec_name, decode, encode, shown, to_text
from dedup.files.formats.warctape import PART, Tape
from dedup.files.formats.warcview import LENGTH, Block, fields_of
from dedup.files.read import Source
from dedup.options import Options, shown_size

TEXT_RECORDS = ("conversion", "resource")
"""Types whose block is a document. Others hold transcripts, or speak of the archive or of a record."""

MAX_LENGTH_DIGITS = 18
"""Of a Content-Length; no file is longer."""

OUT_OF_STEP = "no record follows where it should end: its Content-Length may be wrong"


def container(file: BinaryIO, name: str, options: Options) -> Container:
    """The records of a WARC or WET file, read once from front to back; documents are ``name#number``."""
    if options.encoding != AUTO and not _holds_ascii(codec_name(options.encoding)):
        raise _unfit(name, options.encoding)
    loader = library("warcio.recordloader", "WARC", name).ArcWarcRecordLoader()
    return _Archive(Tape(file, name, loader.WARC_TYPES), loader.warc_parser, name, options)


def _unfit(name: str, codec: str) -> DedupError:
    what = f"the headers of a web archive cannot be read as {shown(codec)}"
    return DedupError(name, what, "--encoding names the encoding of its texts")


@cache
def _holds_ascii(codec: str) -> bool:
    """Whether ASCII is ASCII in this encoding: headers are."""
    ascii_bytes = bytes(range(128))
    try:
        return ascii_bytes.decode(codec) == ascii_bytes.decode("ascii")
    except UnicodeError:
        return False


class _Head(NamedTuple):
    """The headers of a record."""

    raw: bytes
    length: int
    """Bytes of the block, as far as that is known."""
    encoding: str
    """Of the text that the block is; empty if it is none."""
    problem: str
    """Why the record cannot be read."""


class _Archive:
    """The container."""

    def __init__(self, tape: Tape, parser: Any, name: str, options: Options) -> None:
        self._tape = tape
        self._parser = parser
        self._name = name
        self._options = options

    def sink(self, target: BinaryIO) -> Sink:
        """What writes a copy of the archive; a compressed target gets a member for each record."""
        return _Records(target)

    def pieces(self) -> Iterator[Piece]:
        """The records. A long one that passes through comes in parts, what is wrong with it last."""
        if not self._tape.is_at_record():
            raise self._tape.wrong(0, "no WARC record begins here")
        number = 0
        while not self._tape.is_at_end():
            number += 1
            yield from self._record(number, self._tape.offset)

    def _record(self, number: int, offset: int) -> Iterator[Piece]:
        head = self._head(offset)
        parts = self._block(head, offset)
        if not head.encoding or head.problem:
            yield from self._passing(number, head.raw, parts, head.problem)
            return
        block = b"".join(parts)
        tail = self._tape.line_ends()
        if self._tape.is_at_record():
            yield self._text(number, head, block, tail)
        else:
            yield from self._passing(number, head.raw, iter([block, tail]), "")

    def _head(self, offset: int) -> _Head:
        """The headers that begin at ``offset``."""
        values = self._parser.parse(self._tape)
        raw = self._tape.header()
        length, problem = _length(raw)
        if not _is_text(values):
            return _Head(raw, length, "", problem)
        limit = self._options.max_size
        if length > limit and not problem:
            problem = f"is larger than {shown_size(limit)}"
        return _Head(raw, length, self._encoding(values), problem)

    def _encoding(self, values: Any) -> str:
        """What the text is read as: for ``auto`` what its header says, if that can be, else a guess."""
        if self._options.encoding != AUTO:
            return self._options.encoding
        from email.message import Message

        message = Message()
        message["Content-Type"] = values.get_header("Content-Type")
        try:
            said = codec_name(message.get_content_charset("utf-8"))
        except DedupError:
            return AUTO
        # UTF-8 is what a guess tries first, and what headers often say of what is not.
        return said if said != "utf-8" and _holds_ascii(said) else AUTO

    def _block(self, head: _Head, offset: int) -> Iterator[bytes]:
        """All of a record's block, in parts."""
        missing = head.length
        for part in self._tape.parts(head.length):
            missing -= len(part)
            yield part
        if missing:
            what = f"the record is cut off: {missing} of {head.length} bytes are missing"
            raise self._tape.wrong(offset, what)

    def _passing(
        self, number: int, held: bytes, parts: Iterator[bytes], problem: str
    ) -> Iterator[Piece]:
        """A record that is no document, of which ``held`` and ``parts`` come first."""
        for part in parts:
            if len(held) + len(part) > PART:
                yield Piece(held, number, ends=False)
                held = b""
            held += part
        held += self._tape.line_ends()
        if not self._tape.is_at_record():
            problem = problem or OUT_OF_STEP
            for part in self._tape.parts_to_record():
                yield Piece(held, number, ends=False)
                held = part
        yield Piece(held, number, problem=problem)

    def _text(self, number: int, head: _Head, block: bytes, tail: bytes) -> Piece:
        """A record that is a document, if it can be read."""
        data = head.raw + block + tail
        name = f"{self._name}#{number}"
        try:
            return Piece(data, number, source=self._source(name, data, head, block, tail))
        except DedupError as problem:
            return Piece(data, number, problem=problem.what)

    def _source(self, name: str, data: bytes, head: _Head, block: bytes, tail: bytes) -> Source:
        """The document and how it lies in the record; ``DedupError`` if its bytes are no text."""
        text = decode(block, name, encoding=head.encoding, errors=self._options.errors)
        codec, errors = text.encoding, text.errors
        if not _holds_ascii(codec):
            raise _unfit(name, codec)
        try:
            above = to_text(head.raw, name, codec, errors, b"")
        except DedupError:  # the text can be read all the same
            errors = "preserve"
            above = to_text(head.raw, name, codec, errors, b"")
        mark = to_text(text.bom, name, codec, "strict", b"")
        document = replace(text, errors=errors, bom=b"", format="text")
        start = len(above) + len(mark)
        raw = above + mark + text.text + tail.decode("ascii")
        if encode(document, raw) != data:
            raise DedupError(
                name, f"its bytes do not survive decoding and encoding as {shown(codec)}"
            )
        view = Block(raw, start, start + len(text.text), len(mark), replace(document, text=""))
        return Source(data, None, None, document, view)


def _length(raw: bytes) -> tuple[int, str]:
    """Bytes of the block below these headers, and what is wrong with how they say it."""
    head = raw.decode("latin-1")
    said = [field.value.cut(head) for field in fields_of(head) if field.name == LENGTH]
    if not said:
        return 0, "has no Content-Length"
    value = said[0]
    if not (value.isascii() and value.isdigit() and len(value) <= MAX_LENGTH_DIGITS):
        return 0, "its Content-Length is not a number"
    return int(value), "" if len(said) == 1 else "has more than one Content-Length"


def _is_text(values: Any) -> bool:
    """Whether the block is a document, and the whole of it."""
    kind = (values.get_header("Content-Type") or "").partition(";")[0]
    return (
        kind.strip().lower() == "text/plain"
        and (values.get_header("WARC-Type") or "").strip().lower() in TEXT_RECORDS
        and values.get_header("WARC-Segment-Number") is None
    )


class _Records(ByteSink):
    """Writes record by record."""

    def __init__(self, target: BinaryIO) -> None:
        super().__init__(target)
        self._cut: Callable[[], object] | None = getattr(target, "cut", None)

    def add(self, piece: Piece, data: bytes | None = None) -> None:
        """Write the piece, with ``data`` in the place of its ``raw`` if that is given."""
        super().add(piece, data)
        if piece.ends and self._cut is not None:
            self._cut()
