"""Bytes become documents and come back: marks, newlines, invalid bytes, kinds of file."""

from __future__ import annotations

import errno
import io
import os
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.errors import DedupError
from dedup.files.read import decode, encode, load, load_stream
from tests.files.sources import read_file, read_stream

MARK = b"\xef\xbb\xbf"


@pytest.mark.parametrize("data", [b"", b"\n", b"   \t ", b"x", b"no final newline", b"one\n"])
def test_small_texts_come_back_as_they_are(data: bytes) -> None:
    """R31"""
    document = decode(data, "a.txt")
    assert document.text.encode() == data
    assert encode(document, document.text) == data


@pytest.mark.parametrize(
    ("data", "newline"),
    [
        (b"", ""),
        (b"one line", ""),
        (b"a\nb\n", "\n"),
        (b"a\r\nb", "\r\n"),
        (b"a\rb\r", "\r"),
        (b"a\nb\r\n", "mixed"),
        (b"a\r\nb\r", "mixed"),
        (b"a\r\r\nb", "mixed"),
        (b"a\n\rb", "mixed"),
    ],
)
def test_only_lf_crlf_and_cr_end_a_line(data: bytes, newline: str) -> None:
    """R33"""
    document = decode(data, "a.txt")
    assert document.newline == newline
    assert encode(document, document.text) == data


def test_form_feed_nel_and_line_separator_are_part_of_a_line() -> None:
    """R33"""
    data = "a\x0bb\x0cc\x85d\u2028e\u2029f\x1cg".encode()
    assert decode(data, "a.txt").newline == ""


def test_the_mark_is_outside_the_text_and_stays() -> None:
    """R34"""
    document = decode(MARK + b"Title\n\nBody\n", "a.txt")
    assert document.bom == MARK
    assert document.text == "Title\n\nBody\n"
    assert encode(document, "Body\n") == MARK + b"Body\n"


def test_no_mark_is_gained_and_only_the_first_is_one() -> None:
    """R34"""
    assert encode(decode(b"Body\n", "a.txt"), "Body\n") == b"Body\n"
    twice = decode(MARK + MARK + b"x", "a.txt")
    assert twice.text == "\ufeffx"
    assert encode(twice, twice.text) == MARK + MARK + b"x"


INVALID = {
    b"a\xff\xfe\x80": (1, 0xFF),
    b"ab\xed\xa0\x80c": (2, 0xED),
    b"cut off \xe2\x82": (8, 0xE2),
    b"over\xc0\xaflong": (4, 0xC0),
    MARK + b"a\xff": (4, 0xFF),
}


@pytest.mark.parametrize(("data", "place"), INVALID.items())
def test_invalid_bytes_are_refused_with_their_place_in_the_file(
    data: bytes, place: tuple[int, int]
) -> None:
    """R35"""
    with pytest.raises(DedupError) as caught:
        decode(data, "a.txt")
    offset, byte = place
    assert data[offset] == byte
    assert str(caught.value) == f"a.txt: byte {offset} (0x{byte:02x}) is not valid UTF-8"


@pytest.mark.parametrize("data", INVALID)
def test_invalid_bytes_are_kept_when_asked_to(data: bytes) -> None:
    """R35"""
    document = decode(data, "a.txt", errors="preserve")
    assert "\ufffd" not in document.text and "?" not in document.text
    assert encode(document, document.text) == data


def test_a_result_that_would_be_read_differently_is_refused() -> None:
    """Two preserved bytes, brought together by a removal, would become one character."""
    document = decode(b"\xc3 and \xa9", "a.txt", errors="preserve")
    with pytest.raises(DedupError, match="cannot be written as UTF-8 and read back"):
        encode(document, document.text.replace(" and ", ""))


def test_nul_is_kept() -> None:
    """R36"""
    document = decode(b"a\0b\n", "a.txt")
    assert encode(document, document.text) == b"a\0b\n"


@pytest.mark.parametrize(
    ("encoding", "data"),
    [
        ("utf-16", "\ufeffmark, smile 😀\r\n".encode("utf-16-le")),
        ("utf-16", "\ufeffmark, smile 😀\r\n".encode("utf-16-be")),
        ("utf-16", "no mark\n".encode("utf-16-le")),
        ("utf-16-be", "no mark\n".encode("utf-16-be")),
        ("utf-16-le", "\ufeffwith mark\n".encode("utf-16-le")),
        ("utf-32", "\ufeffmark\n".encode("utf-32-be")),
        ("utf-32", "no mark\n".encode("utf-32-le")),
        ("utf-8-sig", MARK + b"mark\n"),
        ("utf-8-sig", b"no mark\n"),
        ("latin-1", bytes(range(256))),
        ("cp1252", "Grüße – „so“\n".encode("cp1252")),
        ("gb18030", "\ufeff汉字😀\n".encode("gb18030")),
        ("shift_jis", "日本語テキスト\n".encode("shift_jis")),
    ],
)
def test_other_encodings_give_exactly_their_bytes_again(encoding: str, data: bytes) -> None:
    """R37"""
    document = decode(data, "a.txt", encoding=encoding)
    assert "\ufeff" not in document.text
    assert encode(document, document.text) == data


def test_half_a_surrogate_pair_in_utf_16_is_refused_or_kept() -> None:
    """R37"""
    data = "a".encode("utf-16-le") + b"\x00\xd8" + "b".encode("utf-16-le")
    with pytest.raises(DedupError, match=r"byte 2 \(0x00\) is not valid UTF-16-LE"):
        decode(data, "a.txt", encoding="utf-16")
    document = decode(data, "a.txt", encoding="utf-16", errors="preserve")
    assert encode(document, document.text) == data


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_r37_a_mark_of_wide_characters_is_no_utf_8(codec: str) -> None:
    data = "\ufefftext\n\U0001f600".encode(codec)
    document = decode(data, "a.txt")
    assert (document.encoding, document.text) == (codec, "text\n\U0001f600")
    assert encode(document, document.text) == data


def test_what_begins_like_utf_16_and_is_not_is_refused_with_a_hint() -> None:
    with pytest.raises(DedupError, match=r"byte 0 \(0xff\) is not valid UTF-8") as caught:
        decode("\ufefftext".encode("utf-16-le") + b"\0", "a.txt")
    assert caught.value.hint == "--encoding utf-16"


@pytest.mark.parametrize("encoding", ["utf-9", "rot13", "base64", "zlib", "a\0b", ""])
def test_what_is_no_text_encoding_is_refused(encoding: str) -> None:
    with pytest.raises(DedupError, match="is not a known encoding"):
        decode(b"text", "a.txt", encoding=encoding)


def test_a_mistyped_encoding_gets_a_hint() -> None:
    with pytest.raises(DedupError) as caught:
        decode(b"text", "a.txt", encoding="latin-11")
    assert caught.value.hint.startswith("did you mean latin")


def test_a_lossy_encoding_is_refused_at_reading() -> None:
    """UTF-7 can write one letter in several ways: these bytes would not come back."""
    with pytest.raises(DedupError, match="do not survive decoding and encoding"):
        decode(b"+AGE-", "a.txt", encoding="utf-7")


CODECS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "utf-32", "latin-1", "cp1252", "gb18030"]
CODECS += ["shift_jis", "iso2022_jp", "hz", "utf-7", "big5", "ascii", "unicode_escape", "idna"]
CODECS += ["punycode", "raw_unicode_escape", "undefined"]
SNIPPETS = [
    b"a",
    b"\n",
    b"\r\n",
    b"\xff",
    b"\xfe",
    b"\xc3\xa9",
    b"\xd8\x00",
    b"\0",
    MARK,
    b"\x1b$B",
]
BYTES = st.binary(max_size=40) | st.lists(st.sampled_from(SNIPPETS)).map(b"".join)


@pytest.mark.filterwarnings("ignore:.*invalid escape sequence:DeprecationWarning")
@given(BYTES, st.sampled_from(CODECS), st.sampled_from(["strict", "preserve"]))
def test_any_bytes_come_back_or_are_refused(data: bytes, encoding: str, errors: str) -> None:
    try:
        document = decode(data, "a.txt", encoding=encoding, errors=errors)
    except DedupError:
        return
    assert encode(document, document.text) == data


@given(BYTES)
def test_any_bytes_can_be_preserved_in_utf_8(data: bytes) -> None:
    """R35"""
    document = decode(data, "a.txt", errors="preserve")
    assert encode(document, document.text) == data


@pytest.mark.parametrize(
    ("name", "format"),
    [
        ("a.txt", "text"),
        ("a.md", "markdown"),
        ("A.MARKDOWN", "markdown"),
        (".md", "text"),
        ("a.rst", "rst"),
        ("a.asciidoc.gz", "asciidoc"),
        ("a.pod", "pod"),
        ("Ferry.pm", "perl"),
    ],
)
def test_the_suffix_names_the_format(name: str, format: str) -> None:
    assert decode(b"x", name).format == format


def test_a_file_is_called_by_its_base_name(tmp_path: Path) -> None:
    path = tmp_path / "notes.md"
    path.write_bytes(b"# Notes\n")
    source = read_file(str(path))
    assert (source.document.name, source.document.format) == ("notes.md", "markdown")
    assert source.data == b"# Notes\n"
    assert source.path == str(path)
    assert source.stat is not None and source.stat.st_size == 8
    assert read_file(str(path), name="other.txt").document.name == "other.txt"


def test_a_missing_file_suggests_its_neighbour(tmp_path: Path) -> None:
    (tmp_path / "articles").mkdir()
    (tmp_path / "report.txt").touch()
    with pytest.raises(DedupError) as caught:
        read_file(str(tmp_path / "articels/"))
    assert caught.value.what == "no such file or directory"
    assert caught.value.hint == f"did you mean {tmp_path / 'articles'}/?"
    with pytest.raises(DedupError) as caught:
        read_file(str(tmp_path / "repot.txt"))
    assert caught.value.hint == f"did you mean {tmp_path / 'report.txt'}?"


def test_a_missing_file_in_a_missing_folder_has_no_hint(tmp_path: Path) -> None:
    with pytest.raises(DedupError) as caught:
        read_file(str(tmp_path / "nowhere" / "a.txt"))
    assert caught.value.hint == ""


def test_a_dangling_link_does_not_suggest_itself(tmp_path: Path) -> None:
    (tmp_path / "link.txt").symlink_to("gone.txt")
    with pytest.raises(DedupError) as caught:
        read_file(str(tmp_path / "link.txt"))
    assert caught.value.hint == ""


def test_a_directory_is_named_as_one(tmp_path: Path) -> None:
    (tmp_path / "articles").mkdir()
    with pytest.raises(DedupError) as caught:
        read_file(str(tmp_path / "articles"))
    assert str(caught.value) == f"{tmp_path}/articles/: is a directory"
    assert caught.value.hint == "name a file in it"


@pytest.mark.parametrize("path", ["a\0b", "x" * 300, ""])
def test_an_impossible_path_is_an_error_of_one_line(path: str) -> None:
    with pytest.raises(DedupError) as caught:
        read_file(path)
    assert "\n" not in str(caught.value)


def test_an_unreadable_file_says_why(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    path = tmp_path / "a.txt"
    path.touch(mode=0o000)
    with pytest.raises(DedupError, match="Permission denied"):
        read_file(str(path))


def test_a_fifo_is_read_once_as_a_stream(tmp_path: Path) -> None:
    """R21"""
    path = tmp_path / "pipe.txt"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_bytes, args=(b"through a pipe\n",))
    writer.start()
    source = read_file(str(path))
    writer.join()
    assert source.data == b"through a pipe\n"
    assert source.stat is None


def test_a_descriptor_is_read_as_a_stream() -> None:
    """R21: what ``<(...)`` of a shell names."""
    reader, writer = os.pipe()
    os.write(writer, b"substituted\n")
    os.close(writer)
    source = read_file(f"/dev/fd/{reader}")
    os.close(reader)
    assert source.data == b"substituted\n"


def test_a_stream_has_the_name_it_is_given() -> None:
    source = read_stream(io.BytesIO(b"text\r\n"), name="stdin")
    assert source.document.name == "stdin"
    assert (source.data, source.path, source.stat) == (b"text\r\n", None, None)


def test_a_redirected_file_is_known_as_one(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"text")
    with path.open("rb") as stream:
        source = read_stream(stream, name="stdin")
    assert source.stat is not None and os.path.samestat(source.stat, path.stat())
    assert source.path is None


def test_a_read_error_of_a_stream_names_it() -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    with pytest.raises(DedupError, match="stdin: Input/output error"):
        read_stream(Broken(), name="stdin")


def test_r21_a_device_that_never_ends_is_read_up_to_the_largest_size() -> None:
    with pytest.raises(DedupError) as caught:
        load("/dev/zero", max_size=3 << 20)
    assert str(caught.value) == "/dev/zero: is larger than 3MiB"
    assert caught.value.hint == "--max-size sets how much is read"


def test_the_largest_size_counts_bytes_of_files_and_streams(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"x" * 10)
    assert load(str(path), max_size=10).data == b"x" * 10
    assert load_stream(io.BytesIO(b"x" * 10), "stdin", 10).data == b"x" * 10
    with pytest.raises(DedupError, match="is larger than 9"):
        load(str(path), max_size=9)
    with pytest.raises(DedupError, match="stdin: is larger than 9"):
        load_stream(io.BytesIO(b"x" * 10), "stdin", 9)
