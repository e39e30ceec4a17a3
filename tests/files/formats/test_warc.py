"""Web archives: texts are edited, lengths and digests follow, all else stays byte for byte."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import pickle
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator
from warcio.checker import Checker
from warcio.warcwriter import WARCWriter

from dedup.errors import DedupError
from dedup.files.containers import Piece
from dedup.files.decode import encode
from dedup.files.formats.warc import container
from dedup.files.views import apply, restore
from dedup.options import Options
from tests.files.formats.edits import copied, removal, without

NAME = "crawl.warc.wet"
TWICE = "The ferry waited.\n\nThe ferry waited.\n"
GONE = "The ferry waited.\n\n"


def record(
    block: bytes = TWICE.encode(),
    kind: str = "conversion",
    content: str = "text/plain",
    length: object = None,
    headers: tuple[str, ...] = (),
    tail: bytes = b"\r\n\r\n",
) -> bytes:
    """One record; ``headers`` come behind the usual ones."""
    lines = [
        "WARC/1.0",
        f"WARC-Type: {kind}",
        "WARC-Target-URI: http://example.org/ä",
        f"Content-Type: {content}",
        f"Content-Length: {len(block) if length is None else length}",
        *headers,
    ]
    return "\r\n".join([*lines, "", ""]).encode() + block + tail


def pieces(data: bytes, **options: object) -> list[Piece]:
    """All pieces of an archive with these bytes."""
    return list(container(io.BytesIO(data), NAME, Options(**options)).pieces())  # type: ignore[arg-type]


def records(data: bytes, **options: object) -> list[Piece]:
    """The last piece of each record."""
    return [piece for piece in pieces(data, **options) if piece.ends]


def changed(data: bytes, gone: str = GONE, **options: object) -> bytes:
    """The archive without the first ``gone`` of each document."""
    return copied(container(io.BytesIO(data), NAME, Options(**options)), gone)  # type: ignore[arg-type]


def written() -> bytes:
    """An archive as the library writes it: a description, a page, two texts of it, a picture."""
    target = io.BytesIO()
    writer = WARCWriter(target, gzip=False)
    builder = writer.create_warcinfo_record("crawl.warc", {"software": "none"})
    writer.write_record(builder)
    page = b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n" + TWICE.encode()
    for kind, content, block in [
        ("response", "application/http; msgtype=response", page),
        ("conversion", "text/plain", TWICE.encode()),
        ("resource", "Text/Plain; charset=utf-8", TWICE.replace("ferry", "fähre").encode()),
        ("resource", "image/png", bytes(range(256))),
        ("metadata", "text/plain", b"x: y\r\n"),
    ]:
        uri = "http://example.org/"
        item = writer.create_warc_record(
            uri,
            kind,
            payload=io.BytesIO(block),
            length=len(block),
            warc_content_type=content,
            warc_headers_dict={"WARC-Date": "2024-01-01T00:00:00Z"},
        )
        writer.write_record(item)
    return target.getvalue()


def checked(data: bytes, tmp_path_factory: pytest.TempPathFactory) -> int:
    """What ``warcio check`` says of the archive: 0 if all digests are right."""
    path = tmp_path_factory.mktemp("check") / "a.warc"
    path.write_bytes(data)
    return int(Checker(SimpleNamespace(inputs=[str(path)], verbose=True)).process_all())


def test_texts_are_documents_and_every_record_has_a_number() -> None:
    found = records(written())
    assert [piece.number for piece in found] == [1, 2, 3, 4, 5, 6]
    assert not any(piece.problem for piece in found)
    texts = {p.number: p.source.document for p in found if p.source}
    assert {number: (d.name, d.text) for number, d in texts.items()} == {
        3: (f"{NAME}#3", TWICE),
        4: (f"{NAME}#4", TWICE.replace("ferry", "fähre")),
    }
    assert texts[3].format == "text" and texts[3].newline == "\n"


def test_what_is_not_touched_stays_byte_for_byte() -> None:
    data = written() + record(headers=("X-odd :  a\tb  ", "Folded: a\r\n  b", "no colon"))
    assert b"".join(piece.raw for piece in pieces(data)) == data
    assert changed(data, gone="not there") == data
    for piece in records(data):
        if piece.source:
            document = piece.source.document
            assert encode(document, piece.source.view.raw) == piece.raw == piece.source.data


def test_digests_and_lengths_of_changed_records_are_right(
    tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    data = written()
    result = changed(data)
    assert len(result) < len(data)
    assert checked(result, tmp_path_factory) == 0
    # Five records have digests; the description has only one of the block.
    assert capsys.readouterr().out.count("digest pass") == 6
    texts = [
        item.content_stream().read().decode()
        for item in ArchiveIterator(io.BytesIO(result))
        if item.rec_type == "conversion"
    ]
    assert texts == [TWICE.removeprefix(GONE)]
    assert (
        checked(data.replace(b"ferry waited.\n\nT", b"merry waited.\n\nT"), tmp_path_factory) == 1
    )


def test_only_the_length_and_the_digests_change_above_the_block() -> None:
    sha = hashlib.sha1(TWICE.encode()).digest()
    odd = (
        "warc-BLOCK-digest :\t sha1:" + base64.b32encode(sha).decode() + "  ",
        "Folded: a\r\n  Content-Length: 5",
        "WARC-Payload-Digest:\r\n SHA-1:" + sha.hex(),
    )
    data = record(headers=odd)
    result = changed(data)
    shorter = TWICE.removeprefix(GONE).encode()
    sha = hashlib.sha1(shorter).digest()
    odd = (
        "warc-BLOCK-digest :\t sha1:" + base64.b32encode(sha).decode() + "  ",
        "Folded: a\r\n  Content-Length: 5",
        "WARC-Payload-Digest:\r\n SHA-1:" + sha.hex(),
    )
    assert result == record(shorter, headers=odd)


@pytest.mark.parametrize("algorithm", ["sha1", "SHA-256", "sha256", "md5", "sha512", "sha3-256"])
@pytest.mark.parametrize(
    "coding",
    [
        lambda digest: base64.b32encode(digest).decode(),
        lambda digest: base64.b32encode(digest).decode().rstrip("="),
        lambda digest: base64.b32encode(digest).decode().lower(),
        lambda digest: digest.hex(),
        lambda digest: digest.hex().upper(),
        lambda digest: base64.b64encode(digest).decode(),
        lambda digest: base64.urlsafe_b64encode(digest).decode(),
    ],
)
def test_digests_keep_their_algorithm_and_coding(algorithm: str, coding: object) -> None:
    def with_digest(block: bytes) -> bytes:
        name = algorithm.lower().replace("sha-", "sha").replace("-", "_")
        digest = coding(hashlib.new(name, block).digest())  # type: ignore[operator]
        return record(block, headers=(f"WARC-Block-Digest: {algorithm}:{digest}",))

    shorter = TWICE.removeprefix(GONE).encode()
    assert changed(with_digest(TWICE.encode())) == with_digest(shorter)


def test_a_digest_of_an_unknown_algorithm_goes_with_its_line() -> None:
    data = record(headers=("WARC-Block-Digest: tiger:ABC\r\n DEF", "Last: 1"))
    shorter = TWICE.removeprefix(GONE).encode()
    assert changed(data) == record(shorter, headers=("Last: 1",))
    last = record(headers=("WARC-Payload-Digest: no algorithm",))
    assert changed(last) == record(shorter)


def test_a_digest_that_was_wrong_stays_wrong() -> None:
    """It tells that the record was damaged before; a right one would hide that."""
    wrong = ("WARC-Block-Digest: sha1:" + "A" * 32,)
    shorter = TWICE.removeprefix(GONE).encode()
    assert changed(record(headers=wrong)) == record(shorter, headers=wrong)


def test_the_raw_edits_lead_back() -> None:
    [piece] = records(record(headers=("WARC-Block-Digest: tiger:ABC",)))
    assert piece.source
    view = piece.source.view
    edits = view.raw_edits([removal(piece.source, 0, len(GONE))])
    assert [edit.removed for edit in edits] == [
        str(len(TWICE)),
        "WARC-Block-Digest: tiger:ABC\r\n",
        GONE,
    ]
    after = without(piece.source, GONE).decode()
    assert restore(after, edits) == view.raw == piece.raw.decode()
    assert pickle.loads(pickle.dumps(view)) == view


class Members(io.BytesIO):
    """A target that makes a member of its own of all that was written before ``cut``."""

    held = b""

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self.held += data
        return len(data)

    def cut(self) -> None:
        super().write(gzip.compress(self.held, mtime=0))
        self.held = b""


def test_a_compressed_copy_has_a_member_for_each_record() -> None:
    data = written() + record(bytes(3 << 20), kind="resource", content="video/mp4") + record()
    archive = container(io.BytesIO(data), NAME, Options())
    target = Members()
    packed = copied(archive, GONE, target)
    assert target.held == b""
    assert gzip.decompress(packed) == changed(data)
    found = [
        (item.rec_type, item.rec_headers.get_header("Content-Length"))
        for item in ArchiveIterator(io.BytesIO(packed), check_digests="raise")
    ]
    assert len(found) == 8 and found[2] == ("conversion", str(len(TWICE) - len(GONE)))


class Pipe(io.RawIOBase):
    """Gives what it holds in the parts it is made of, once."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        self._parts = parts

    def read(self, size: int = -1) -> bytes:
        assert size > 0
        return next(self._parts, b"")


def test_long_records_that_pass_through_are_never_held() -> None:
    size = 64 << 20
    head = record(b"", "resource", "video/mp4", length=size, tail=b"")
    parts = [head, *[bytes(1 << 16)] * (size >> 16), b"\r\n\r\n", record()]
    archive = container(Pipe(iter(parts)), NAME, Options())  # type: ignore[arg-type]
    total, sizes, ends = 0, [], []
    for piece in archive.pieces():
        total += len(piece.raw)
        sizes.append(len(piece.raw))
        ends.append(piece.ends)
    assert total == sum(map(len, parts))
    assert max(sizes) <= (1 << 20) + 8
    assert ends.count(True) == 2 and ends[-2:] == [True, True]


def test_a_stream_of_single_bytes_is_read_the_same() -> None:
    data = written()
    archive = container(Pipe(bytes([byte]) for byte in data), NAME, Options())  # type: ignore[arg-type]
    assert list(archive.pieces()) == pieces(data)


@pytest.mark.parametrize(
    ("bad", "problem"),
    [
        (record(length=""), "its Content-Length is not a number"),
        (record(length="+12"), "its Content-Length is not a number"),
        (record(length="1_0"), "its Content-Length is not a number"),
        (record(length="9" * 5000), "its Content-Length is not a number"),
        (record().replace(b"Content-Length", b"Content-Width"), "has no Content-Length"),
        (
            record(headers=(f"content-length: {len(TWICE)}",)),
            "has more than one Content-Length",
        ),
        (
            record(length=20),
            "no record follows where it should end: its Content-Length may be wrong",
        ),
        (
            record(length=len(TWICE) + 30),
            "no record follows where it should end: its Content-Length may be wrong",
        ),
        (
            record(b"\x89PNG", "resource", "image/png", length=2),
            "no record follows where it should end: its Content-Length may be wrong",
        ),
        (record(b"a\xff"), "byte 1 (0xff) is not valid UTF-8"),
        (record(b"a" * 2048), "is larger than 1KiB"),
    ],
)
def test_a_bad_record_passes_through_and_the_next_is_read(bad: bytes, problem: str) -> None:
    data = record() + bad + record() + record(b"another")
    found = records(data, max_size=1024)
    assert b"".join(piece.raw for piece in pieces(data, max_size=1024)) == data
    assert changed(data, max_size=1024).count(bad) == 1
    wrong = [piece for piece in found if piece.problem]
    assert [(piece.number, piece.problem, piece.source) for piece in wrong] == [(2, problem, None)]
    # A length that is too long swallows the record behind.
    assert [p.source.document.text for p in found[2:] if p.source][-1] == "another"


def test_a_bad_record_at_the_end_passes_through() -> None:
    data = record() + record() + b"something else\nWARC/9.9\n" + bytes(3 << 20)
    [first, second] = records(data)
    assert first.source and not first.problem and not second.source and second.problem
    assert b"".join(piece.raw for piece in pieces(data)) == data


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"no archive", "byte 0: no WARC record begins here"),
        (b"\r\n" + record(), "byte 0: no WARC record begins here"),
        (b"filedesc://a.arc 0.0.0.0 20240101000000 text/plain 3\n", "byte 0: no WARC record"),
        (record() + record()[:-20], "byte 162: the record is cut off: 16 of 37 bytes"),
        (record() + record()[:60], "byte 162: the record is cut off in its headers"),
        (record(length=10**17), "byte 0: the record is cut off: 9999"),
        (b"WARC/1.0\r\nA: " + b"b" * (2 << 20), "byte 0: the headers of this record do not end"),
        (
            b"WARC/1.0\r\n" + b"A: b\r\n" * (1 << 18),
            "byte 0: the headers of this record do not end",
        ),
    ],
)
def test_what_cannot_be_framed_is_refused_with_its_place(data: bytes, message: str) -> None:
    with pytest.raises(DedupError) as caught:
        pieces(data)
    assert str(caught.value).startswith(f"{NAME}: ") and message in str(caught.value)


def test_an_archive_cut_off_anywhere_is_refused_or_whole() -> None:
    data = record() + record(b"\x00", "resource", "image/png")
    refused = []
    for end in range(len(data)):
        try:
            assert b"".join(piece.raw for piece in pieces(data[:end])) == data[:end]
        except DedupError as problem:
            refused.append(problem.what)
    assert len(refused) > len(data) * 0.9
    assert all("cut off" in what or "byte 0: no WARC record" in what for what in refused)


def test_an_empty_archive_has_no_records() -> None:
    assert pieces(b"") == []


@pytest.mark.parametrize(
    ("kind", "content", "headers"),
    [
        ("resource", "text/html", ()),
        ("conversion", "text/plainest", ()),
        ("response", "text/plain", ()),
        ("warcinfo", "text/plain", ()),
        ("continuation", "text/plain", ("WARC-Segment-Number: 2",)),
        ("resource", "text/plain", ("WARC-Segment-Number: 1",)),
    ],
)
def test_other_records_are_no_documents(kind: str, content: str, headers: tuple[str, ...]) -> None:
    [piece] = records(record(kind=kind, content=content, headers=headers))
    assert piece.source is None and not piece.problem and piece.number == 1


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_line_ends_of_headers_do_not_matter(newline: str) -> None:
    data = record(tail=b"").replace(b"\r\n", newline.encode()) + b"\n\n\n"
    expected = data.replace(b"37", b"18").replace(GONE.encode(), b"", 1)
    assert changed(data + data) == expected * 2


def test_headers_may_end_in_blanks() -> None:
    data = record().replace(b"\r\n\r\nThe", b"\r\n \t\r\nThe", 1)
    [piece] = records(data)
    assert piece.source and piece.source.document.text == TWICE
    assert piece.source.view.again(without(piece.source, GONE).decode()).text == TWICE[len(GONE) :]


@pytest.mark.parametrize(
    ("encoding", "block"),
    [
        ("latin-1", "Grüße.\n\nGrüße.\n".encode("latin-1")),
        ("cp1252", "„Grüße.“\n".encode("cp1252")),
        ("shift_jis", "日本語テキスト\n".encode("shift_jis")),
        ("gb18030", "\ufeff汉字😀\n".encode("gb18030")),
        ("utf-8-sig", "\ufeffmark\n".encode()),
        ("utf-8", "\ufeffmark\n".encode()),
    ],
)
def test_texts_in_other_encodings_come_back_exactly(encoding: str, block: bytes) -> None:
    [piece] = records(record(block), encoding=encoding)
    assert piece.source
    document, view = piece.source.document, piece.source.view
    assert view.text == document.text == block.decode(encoding).removeprefix("\ufeff")
    assert document.bom == b"" and encode(document, view.raw) == piece.raw
    after = without(piece.source, document.text[:-1])
    size = len(block) - len(document.text[:-1].encode(encoding.replace("-sig", "")))
    assert after == record(block[: size - 1] + b"\n")


def test_auto_takes_what_a_header_says_of_the_encoding() -> None:
    text = "Паром ждал.\n"
    data = record(text.encode("koi8-r"), content='text/plain; charset="KOI8-R"')
    [piece] = records(data, encoding="auto")
    assert piece.source and piece.source.document.text == text
    assert piece.source.document.encoding == "koi8-r"
    assert records(data)[0].problem


@pytest.mark.parametrize("said", ["", "; charset=utf-8", "; charset=klingon", "; charset=utf-16"])
def test_auto_guesses_where_no_header_says_what_can_be(said: str) -> None:
    text = "Die Fähre wartete, während es über den Dächern der Stadt zu dämmern begann. " * 20
    for encoding in ("utf-8", "cp1252"):
        data = record(text.encode(encoding), content=f"text/plain{said}")
        [piece] = records(data, encoding="auto")
        assert piece.source and piece.source.document.text == text
        assert encode(piece.source.document, piece.source.view.raw) == piece.raw
    [wide] = records(record(("\ufeff" + text).encode("utf-16-le")), encoding="auto")
    assert wide.problem == "the headers of a web archive cannot be read as UTF-16-LE"


def test_headers_that_are_not_in_the_encoding_of_the_text_stay() -> None:
    data = record(headers=("X: caf\xe9",)).replace("caf\xe9".encode(), b"caf\xe9")
    [piece] = records(data)
    assert piece.source and piece.source.document.errors == "preserve"
    assert changed(data).count(b"X: caf\xe9\r\n") == 1


def test_invalid_bytes_of_a_text_are_kept_when_asked_to() -> None:
    data = record(b"\xff" + TWICE.encode())
    assert changed(data, errors="preserve") == record(b"\xff" + TWICE.encode()[len(GONE) :])


def test_an_encoding_that_headers_cannot_have_is_refused() -> None:
    with pytest.raises(DedupError, match="headers of a web archive cannot be read as UTF-16"):
        pieces(record(), encoding="utf-16")


def survives(data: bytes, encoding: str, errors: str) -> None:
    """All of ``data`` comes out again, or a ``DedupError``."""
    try:
        found = pieces(data, encoding=encoding, errors=errors)
    except DedupError:
        return
    assert b"".join(piece.raw for piece in found) == data
    for piece in found:
        if piece.source:
            source = piece.source
            assert source.view.text == source.document.text
            assert encode(source.document, source.view.raw) == piece.raw
            first = source.document.text[:1]
            edits = source.view.raw_edits([removal(source, 0, 1)] if first else [])
            after = source.view.again(apply(source.view.raw, edits)).text
            assert first + after == source.document.text


ENCODINGS = st.sampled_from(["utf-8", "auto", "latin-1", "shift_jis", "gb18030", "utf-8-sig"])
ERRORS = st.sampled_from(["strict", "preserve"])


@given(st.binary(), ENCODINGS, ERRORS)
def test_any_bytes_are_read_or_refused(data: bytes, encoding: str, errors: str) -> None:
    survives(data, encoding, errors)
    survives(b"WARC/1.0\r\n" + data, encoding, errors)
    survives(record(data), encoding, errors)


LINES = st.sampled_from(
    [
        b"WARC/1.0",
        b"WARC/1.1 x",
        b"WARC-Type: resource",
        b"WARC-Type: conversion",
        b"Content-Type: text/plain; charset=gb18030",
        b"Content-Type: text/plain",
        b" Content-Type: text/plain",
        b"Content-Length: 6",
        b"Content-Length : 0",
        b"Content-Length:\r\n\t 3",
        b"WARC-Block-Digest: sha1:",
        b"WARC-Block-Digest: shake_128:00",
        b"WARC-Payload-Digest: x",
        b"",
        b" ",
        b"\xc2\xa0",
        b"\x85",
        b":",
        b"text\xff",
    ]
)


@given(st.lists(st.tuples(LINES, st.sampled_from([b"\r\n", b"\n", b"\r"]))), ENCODINGS, ERRORS)
def test_any_lines_of_an_archive_are_read_or_refused(
    lines: list[tuple[bytes, bytes]], encoding: str, errors: str
) -> None:
    data = b"".join(line + end for line, end in lines)
    survives(data, encoding, errors)
    survives(
        b"WARC/1.0\r\nWARC-Type: resource\r\nContent-Type: text/plain\r\n" + data, encoding, errors
    )


@given(st.data())
def test_damaged_archives_are_read_or_refused(data: st.DataObject) -> None:
    whole = bytearray(written() + record())
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(whole) - 1))
        length = data.draw(st.integers(0, 40))
        whole[place : place + length] = data.draw(st.binary(max_size=8))
    survives(bytes(whole), "utf-8", "strict")
