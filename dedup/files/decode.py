"""Bytes to a document and back. What cannot come back byte for byte is refused at reading."""

from __future__ import annotations

import codecs

from dedup.errors import DedupError
from dedup.files.formats import Kind, kind_of
from dedup.model import Document
from dedup.options import nearest

MARKS = {
    "utf-8": codecs.BOM_UTF8,
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
    "utf-32-le": codecs.BOM_UTF32_LE,
    "utf-32-be": codecs.BOM_UTF32_BE,
    "gb18030": b"\x84\x31\x95\x33",
}
"""The byte order mark of each codec that has one; it stays outside the text."""

VARIANTS = {
    "utf-8-sig": ("utf-8",),
    "utf-16": ("utf-16-le", "utf-16-be"),
    "utf-32": ("utf-32-le", "utf-32-be"),
}
"""What these names may mean: the mark decides, else the first, and never the machine's order."""

AUTO = "auto"
"""Instead of an encoding's name: the mark decides, else what ``guess`` makes of the bytes."""

WIDE_BYTES = (b"\xff", b"\xfe", b"\x00")
"""What the marks of UTF-16 and UTF-32 begin with."""

MARKED = ("utf-8", "utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be", "gb18030")
"""In this order: the mark of UTF-32-LE begins with that of UTF-16-LE."""


def decode(
    data: bytes,
    name: str,
    *,
    encoding: str = "utf-8",
    errors: str = "strict",
    kind: Kind | None = None,
) -> Document:
    """The document in ``data``; ``DedupError`` unless ``encode`` gives exactly ``data`` again.

    ``kind``: what it is read as, if its name does not tell. Its encoding is a codec's name, also
    where ``encoding`` is ``auto``. What begins with the mark of UTF-16 or UTF-32, and is that, is never
    taken for UTF-8: it could not be.
    """
    if encoding == AUTO:
        bom, codec = found(data, name, kind)
    else:
        bom, codec = mark_and_codec(data, codec_name(encoding))
        if codec == "utf-8" and data[:1] in WIDE_BYTES:
            bom, codec = wide(data) or (bom, codec)
    text = to_text(data, name, codec, errors, bom)
    document = Document(name, text, codec, errors, bom, newline_of(text), kind or kind_of(name))
    if _to_bytes(text, document) != data:
        what = f"its bytes do not survive decoding and encoding as {shown(codec)}"
        raise DedupError(name, what, "name the encoding the file was written in with --encoding")
    return document


def encode(document: Document, text: str) -> bytes:
    """The bytes of ``text`` in the manner of ``document``: its encoding, its error mode, its mark.

    ``DedupError`` if ``text`` would not be read back as it is. That can happen where a removal
    joins two preserved bytes that make one character together.
    """
    data = _to_bytes(text, document)
    is_certain = document.encoding == "utf-8" and document.errors == "strict"
    if not is_certain:
        again = to_text(data, document.name, document.encoding, document.errors, document.bom)
        if again != text:
            what = f"the result cannot be written as {shown(document.encoding)} and read back"
            raise DedupError(document.name, what)
    return data


def to_text(data: bytes, name: str, codec: str, errors: str, bom: bytes) -> str:
    """``data`` without ``bom``, decoded; ``DedupError`` naming the first byte that is not valid."""
    handler = handler_of(codec, errors)
    try:
        return data.removeprefix(bom).decode(codec, handler)
    except UnicodeDecodeError as problem:
        place = problem.start + len(bom)
        what = f"byte {place} (0x{data[place : place + 1].hex()}) is not valid {shown(codec)}"
        raise DedupError(name, what, _hint(data, name, codec, errors, place)) from None
    except UnicodeError as problem:
        raise DedupError(name, f"is not valid {shown(codec)}: {problem}") from None


def _to_bytes(text: str, document: Document) -> bytes:
    codec = document.encoding
    try:
        return document.bom + text.encode(codec, handler_of(codec, document.errors))
    except UnicodeError:
        what = f"holds characters that cannot be written as {shown(codec)}"
        raise DedupError(document.name, what) from None


def handler_of(codec: str, errors: str) -> str:
    """Python's error handler: wide encodings keep unpaired surrogates, the others single bytes."""
    if errors == "strict":
        return "strict"
    return "surrogatepass" if codec.startswith(("utf-16", "utf-32")) else "surrogateescape"


def codec_name(encoding: str) -> str:
    """Python's name of a text encoding; ``DedupError`` if there is none of that name."""
    if encoding == "utf-8":
        return encoding
    try:
        "a".encode(encoding)  # refuses codecs that are no text encodings, such as rot13
        return codecs.lookup(encoding).name
    except (LookupError, ValueError):
        from encodings.aliases import aliases

        known = {*aliases, *aliases.values()} - {encoding}  # some are names of codecs for bytes
        hint = nearest(encoding, tuple(sorted(known)))
        raise DedupError("encoding", f"{encoding!r} is not a known encoding", hint) from None


def found(data: bytes, name: str, kind: Kind | None = None) -> tuple[bytes, str]:
    """The mark of ``data`` and its codec, guessed if there is no mark; ``DedupError`` if that cannot be done."""
    from dedup.files import guess

    for codec in MARKED:
        mark = MARKS[codec]
        if data.startswith(mark) and (codec != "utf-32-le" or guess.is_written_as(data, codec)):
            return mark, codec
    return b"", guess.guessed(data, name, kind)


def wide(data: bytes) -> tuple[bytes, str] | None:
    """The mark of UTF-16 or UTF-32 that ``data`` begins with, and the codec; None if it is neither."""
    from dedup.files.guess import is_written_as

    for codec in MARKED[1:5]:
        if data.startswith(MARKS[codec]) and is_written_as(data, codec):
            return MARKS[codec], codec
    return None


def mark_and_codec(data: bytes, codec: str) -> tuple[bytes, str]:
    """The byte order mark that ``data`` begins with, or none, and the codec of what follows."""
    variants = VARIANTS.get(codec, (codec,))
    for variant in variants:
        mark = MARKS.get(variant, b"")
        if mark and data.startswith(mark):
            return mark, variant
    return b"", variants[0]


def _hint(data: bytes, name: str, codec: str, errors: str, place: int) -> str:
    if errors == "preserve":
        return "--encoding latin-1 takes any bytes"
    if codec != "utf-8":
        return "--encoding NAME, or --errors preserve to keep the bytes as they are"
    for variant in ("utf-32", "utf-16"):  # the mark of UTF-32-LE begins with that of UTF-16-LE
        if mark_and_codec(data, variant)[0]:
            return f"--encoding {variant}"
    from dedup.files.guess import hint

    return hint(data, name, place)


def shown(codec: str) -> str:
    """A codec's name as messages write it.

    >>> shown("utf-8")
    'UTF-8'
    """
    return codec.upper()


def newline_of(text: str) -> str:
    r"""How the lines end: ``\n``, ``\r\n``, ``\r``, ``mixed``, or empty for a single line.

    Only LF, CRLF and CR end a line; form feeds, NEL, U+2028 and the like are part of it.
    """
    if "\r" not in text:
        return "\n" if "\n" in text else ""
    pairs = text.count("\r\n")
    counts = {"\r\n": pairs, "\n": text.count("\n") - pairs, "\r": text.count("\r") - pairs}
    styles = [style for style, count in counts.items() if count]
    return styles[0] if len(styles) == 1 else "mixed"
