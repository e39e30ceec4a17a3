"""CSV and TSV: which cell is looked at, that only it changes, and what a bad row is. R45."""

from __future__ import annotations

import csv
import io
import pickle
import threading
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.errors import DedupError
from dedup.files.formats import delimited
from dedup.files.views import RawEdit
from dedup.model import Edit
from dedup.options import Options
from tests.files.formats.records import (
    Endless,
    changed,
    edit,
    edits,
    pieces_of,
    problems_of,
    rewritten,
    texts_of,
)
from tests.files.formats.test_jsonl import CODECS, changes, cleaned, without


def test_a_row_is_a_record_and_the_header_and_blank_lines_are_none() -> None:
    data = b"\nid,text\n1,one\n\r\n2,two\r\n3,three"
    found = [(piece.number, piece.line) for piece in pieces_of(data, "a.csv")]
    assert found == [(0, 1), (0, 2), (1, 3), (0, 4), (2, 5), (3, 6)]
    assert texts_of(data, "a.csv") == ["one", "two", "three"]


@pytest.mark.parametrize("data", [b"", b"\n\r\n", b"text\n", b"text"])
def test_a_file_without_rows_has_no_records(data: bytes) -> None:
    assert texts_of(data, "a.csv") == []


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("step", [1, 2, 1 << 20])
def test_lines_end_with_lf_crlf_or_cr(end: bytes, step: int) -> None:
    data = end.join([b"text,n", b'"a\nb\r\nc\rd, gone",1', b"e,2", b'"f""",3', b""])
    pieces = pieces_of(data, "a.csv", step)
    assert [piece.line for piece in pieces] == [1, 2, 6, 7]
    assert texts_of(data, "a.csv", step=step) == ["a\nb\r\nc\rd, gone", "e", 'f"']


@pytest.mark.parametrize("delimiter", ",;|\t")
def test_the_delimiter_of_csv_is_the_one_that_gives_the_column(delimiter: str) -> None:
    rows = ["id,text", "1,one gone", "2,a gone"]
    data = "\n".join(rows).replace(",", delimiter).encode()
    assert texts_of(data, "a.csv") == ["one gone", "a gone"]
    assert rewritten(data, "a.csv", without(" gone")) == data.replace(b" gone", b"")


def test_the_delimiter_of_tsv_is_a_tab() -> None:
    assert texts_of(b"id\ttext\n1\ta, b; c\n", "a.tsv") == ["a, b; c"]
    with pytest.raises(DedupError, match="has no column 'text', only id,text"):
        pieces_of(b"id,text\n1,x\n", "a.tsv")


def test_a_header_may_have_quotes_and_lines() -> None:
    data = b'"id; of\nit";"te""xt"\n1;x\n'
    assert texts_of(data, "a.csv", field='te"xt') == ["x"]
    assert texts_of(data, "a.csv", field="id; of\nit") == ["1"]


def test_of_equal_columns_the_last_counts() -> None:
    assert texts_of(b"text,text,n\n1,2,3\n", "a.csv") == ["2"]


def test_a_missing_column_is_an_error_that_names_those_there_are() -> None:
    with pytest.raises(DedupError) as caught:
        pieces_of(b"id;texts;author\n1;x;y\n", "a.csv")
    assert str(caught.value) == "a.csv: has no column 'text', only id, texts, author"
    assert caught.value.hint == "did you mean texts?"
    with pytest.raises(DedupError) as caught:
        pieces_of(b",".join(b"column%d" % number for number in range(1000)), "a.csv")
    assert caught.value.what.endswith("column18, column19, ...")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b'"text', "a.csv: its header cannot be read: not valid CSV: unexpected end of data"),
        (
            b"\n\xff",
            "a.csv: its header cannot be read: byte 0 of the row (0xff) is not valid UTF-8",
        ),
        (b"id,t\xffext\n", "a.csv: byte 4 (0xff) is not valid UTF-8"),
        (b"\xef\xbb\xbfid,t\xffext\n", "a.csv: byte 7 (0xff) is not valid UTF-8"),
    ],
)
def test_a_header_that_cannot_be_read_is_an_error(data: bytes, message: str) -> None:
    with pytest.raises(DedupError) as caught:
        pieces_of(data, "a.csv")
    assert str(caught.value) == message


def test_what_spreadsheets_call_unicode_text_is_read() -> None:
    data = "\ufeffid\ttext\r\n1\tcaf\u00e9\r\n".encode("utf-16-le")
    sources = [piece.source for piece in pieces_of(data, "a.tsv")]
    assert [source.document.text for source in sources if source] == ["caf\u00e9"]


BAD = {
    b"1": "has no cell 2, where the field is",
    b'1,"quoted"x': "is not valid CSV: ',' expected after '\"'",
    b"1,ab\xffc": "byte 4 of the row (0xff) is not valid UTF-8",
    b'1,"ab\ncd\n\xffc"': "byte 9 of the row (0xff) is not valid UTF-8",
}


@pytest.mark.parametrize("row", BAD)
def test_a_bad_row_is_named_and_passes_through(row: bytes) -> None:
    data = b'id,text\n1,good\n"a\nb",good\n' + row + b"\n3,good,long,er\n"
    assert problems_of(data, "a.csv") == [(5, BAD[row])]
    assert rewritten(data, "a.csv", lambda text: [edit(text, 0, 2)]) == data.replace(b"good", b"od")


def test_an_unclosed_quote_takes_what_follows() -> None:
    data = b'id,text\n1,good\n2,"never\nclosed\n'
    assert problems_of(data, "a.csv") == [(3, "is not valid CSV: unexpected end of data")]
    assert [piece.raw for piece in pieces_of(data, "a.csv")][2:] == [b'2,"never\nclosed\n']


@pytest.mark.parametrize(
    ("opened", "following", "problem"),
    [
        (b'2,"never', b"1,good row", "field larger than field limit (1024)"),
        (b'2,"never', b'1","good', "a row is longer than 1KiB"),
    ],
)
def test_an_unclosed_quote_takes_no_more_than_a_bounded_row(
    opened: bytes, following: bytes, problem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delimited, "MAX_ROW", 1024)
    data = b"id,text\n" + opened + b"\n" + (following + b"\n") * 200 + b'3,"x"\n4,y\n'
    pieces = pieces_of(data, "a.csv")
    assert pieces[1].problem == f"is not valid CSV: {problem}"
    assert 1000 < len(pieces[1].raw) < 1100
    assert pieces[-1].source is not None and pieces[-1].source.document.text == "y"


def test_r45_a_cell_of_2_mb_and_the_bound_of_the_csv_module_is_put_back() -> None:
    before = csv.field_size_limit(100)
    try:
        data = b'id,text\n1,"' + b'word ""\n' * 300_000 + b'gone"\n2,' + b"x" * 2_000_000 + b"\n3,"
        assert len(texts_of(data, "a.csv")[0]) == 2_100_004
        assert csv.field_size_limit() == 100
        with pytest.raises(DedupError):
            pieces_of(data, "a.csv", field="none")
        assert csv.field_size_limit() == 100
    finally:
        csv.field_size_limit(before)


def test_the_bound_is_put_back_when_the_last_of_several_files_is_read() -> None:
    before = csv.field_size_limit()
    data = b"text\n" + b"x\n" * 10
    options = Options()
    readers = [
        delimited.container(io.BytesIO(data), "a.csv", options, "csv").pieces() for _ in range(3)
    ]
    for reader in readers:
        next(reader)
    threads = [threading.Thread(target=list, args=(reader,)) for reader in readers[:2]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert csv.field_size_limit() == delimited.MAX_ROW
    readers[2].close()  # type: ignore[attr-defined]
    assert csv.field_size_limit() == before


def test_nul_and_blanks_are_like_any_character() -> None:
    data = b'id,text\n1,a\0b\n2,"\0"\n3, c \n4,""\n 5 ,\n'
    assert texts_of(data, "a.csv") == ["a\0b", "\0", " c ", "", ""]


def test_only_what_is_removed_changes() -> None:
    data = b'id,text,more\r\n"1","say ""hi"", \n gone ""x"" ""y"" gone too",""\r\n2,plain gone, z\n'
    new = rewritten(
        data,
        "a.csv",
        lambda text: (
            edits(text, (' gone "x"', ""), (" gone too", ""))
            if "say" in text
            else edits(text, (" gone", ""))
        ),
    )
    assert new == b'id,text,more\r\n"1","say ""hi"", \n ""y""",""\r\n2,plain, z\n'


@pytest.mark.parametrize(
    ("row", "removed", "inserted", "expected"),
    [
        (b'1,x"q"', "x", "", b'1,"""q"""'),
        (b"1,ab", "b", ",", b'1,"a,"'),
        (b"1,ab", "b", "\n", b'1,"a\n"'),
        (b"1,ab", "b", "\r", b'1,"a\r"'),
        (b"1,ab", "b", '"', b'1,a"'),
        (b'1,"ab"', "b", '"', b'1,"a"""'),
        (b'1,"ab"', "ab", "", b'1,""'),
        (b"1,ab", "ab", "", b"1,"),
    ],
)
def test_a_cell_gets_quotes_if_it_needs_them(
    row: bytes, removed: str, inserted: str, expected: bytes
) -> None:
    new = rewritten(
        b"id,text\n" + row + b"\n", "a.csv", lambda text: edits(text, (removed, inserted))
    )
    assert new == b"id,text\n" + expected + b"\n"


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b""])
def test_a_row_of_one_cell_does_not_become_a_blank_line(end: bytes) -> None:
    assert rewritten(b"text\ngone" + end, "a.csv", without("gone")) == b'text\n""' + end


def test_what_the_encoding_has_not_is_not_inserted() -> None:
    data = "id,text\n1,\u00e9 x y\n".encode("latin-1")
    (piece,) = [each for each in pieces_of(data, "a.csv", encoding="latin-1") if each.source]
    assert piece.source is not None
    wanted = edits(piece.source.document.text, ("x", "\u2026"), ("y", "z"))
    assert piece.source.view.refused(wanted) == [wanted[0].span]
    assert changed(piece.source, wanted) == b"1,\xe9 x z\n"


def test_preserved_bytes_stay_and_do_not_become_a_character() -> None:
    data = b"id,text\n1,a \xc3 gone \xa9 b \xff\n"
    piece = pieces_of(data, "a.csv", errors="preserve")[1]
    assert piece.source is not None
    text = piece.source.document.text
    assert piece.source.view.refused(edits(text, (" gone ", ""))) != []
    assert changed(piece.source, edits(text, ("gone ", ""))) == b"1,a \xc3 \xa9 b \xff\n"


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("step", [1, 7, 1 << 20])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_wide_encodings(codec: str, step: int, end: str) -> None:
    """As spreadsheets write them: with a mark, and tabs."""
    rows = ["id\ttext", '\u0a41\u0a00\u0d0a\t"a, gone \U0001f600\r\nb"', "2\tb, gone", ""]
    data = ("\ufeff" + end.join(rows)).encode(codec)
    wide = codec[:6]
    assert len(pieces_of(data, "a.tsv", step, encoding=wide)) == 4
    new = rewritten(data, "a.tsv", without(", gone"), encoding=wide)
    assert new == data.replace(", gone".encode(codec), b"")


def test_a_record_can_be_sent_to_another_process() -> None:
    for name, data in (("a.jsonl", b'{"text": "a b"}'), ("a.csv", b"id,text\n1,a b")):
        source = pieces_of(data, name, encoding="latin-1")[-1].source
        assert source is not None and pickle.loads(pickle.dumps(source)) == source


def test_a_wide_file_that_is_cut_off_has_a_bad_last_row() -> None:
    data = "\ufeffid\ttext\n1\tx\n2\ty".encode("utf-16-le")[:-1]
    found = problems_of(data, "a.tsv", encoding="utf-16")
    assert found == [(3, "byte 4 of the row (0x79) is not valid UTF-16-LE")]


def test_our_scan_of_cells_has_to_agree_with_the_csv_module(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cells_before = delimited.cells_before
    monkeypatch.setattr(delimited, "cells_before", lambda _, column: cells_before(";", column))
    found = problems_of(b"id,text\n1,x\n", "a.csv")
    assert found == [(2, "cell 2 cannot be told from its neighbours")]


@pytest.mark.parametrize("cell", [b'"%s gone"', b"%s gone"])
@pytest.mark.parametrize("unit", [b"word ", b'""', b"\xc3\xa9"])
def test_one_row_of_20_mb(cell: bytes, unit: bytes) -> None:
    data = b"id,text,n\n1," + cell % (b" " + unit * (20_000_000 // len(unit))) + b",2\n"
    new = rewritten(data, "a.csv", lambda text: [edit(text, len(text) - 5, len(text))])
    assert new == data.replace(b" gone", b"")


def test_rows_are_read_from_an_endless_stream() -> None:
    pieces = delimited.container(Endless(b'1,"a\n"\n'), "a.csv", Options(field="1"), "csv").pieces()
    assert [piece.number for piece, _ in zip(pieces, range(100_000), strict=False)][-1] == 99_999


def test_many_rows_and_many_columns() -> None:
    data = b"id,text\n" + b"1,some text\n" * 100_000
    assert len(texts_of(data, "a.csv")) == 100_000
    header = ",".join(str(number) for number in range(100_000)).encode()
    assert texts_of(header + b"\n" + b"," * 99_999 + b"x", "a.csv", field="99999") == ["x"]


def test_a_header_that_never_ends_is_read_again_in_linear_time() -> None:
    with pytest.raises(DedupError, match="its header cannot be read: not valid CSV"):
        pieces_of(b'"\n' + b"x\n" * 1_000_000, "a.csv")


CELLS = st.text(st.sampled_from('ab"",;|\t\r\n \0\u00e9\U0001f600'), max_size=8)


@given(
    st.data(),
    st.lists(st.lists(CELLS, min_size=1, max_size=4), max_size=4),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    st.sampled_from(["utf-8", "utf-16", "gb18030"]),
)
def test_after_any_edits_the_row_says_the_cleaned_text(
    data: st.DataObject, rows: list[list[str]], end: str, quoting: Any, encoding: str
) -> None:
    delimiter = data.draw(st.sampled_from(",;|\t"))
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=delimiter, lineterminator=end, quoting=quoting)
    column = data.draw(st.integers(0, 2))
    header = ["a", "b", "c"]
    header[column] = "text"
    if quoting == csv.QUOTE_MINIMAL:  # this writer does not quote the ends that are not its own
        other = str.maketrans("", "", "\r\n".replace(end, "") if len(end) == 1 else "")
        rows = [[cell.translate(other) for cell in row] for row in rows]
    writer.writerow(header)
    writer.writerows(rows)
    content = stream.getvalue().encode(encoding)
    pieces = pieces_of(content, "a.csv", encoding=encoding)
    expected: list[list[str]] = [header]
    written = []
    numbered = iter(rows)
    for piece in pieces:
        row = next(numbered) if piece.number else header
        if piece.source is None:
            assert not piece.number or len(row) <= column
            written.append(piece.raw)
        else:
            text = piece.source.document.text
            assert text == row[column]
            wanted = data.draw(changes(text).filter(lambda made: all(map(_is_writable, made))))
            assert piece.source.view.refused(wanted) == []
            written.append(changed(piece.source, wanted))
            row = [*row[:column], cleaned(text, wanted), *row[column + 1 :]]
        if piece.number:
            expected.append(row)
    codec = "utf-16" if encoding == "utf-16" else encoding
    lines = io.StringIO(b"".join(written).decode(codec), newline="")
    assert list(csv.reader(lines, delimiter=delimiter, strict=True)) == expected


def _is_writable(made: Edit) -> bool:
    return made.inserted.isascii()


SNIPPETS = [
    b",",
    b'"',
    b'""',
    b"\n",
    b"\r\n",
    b"\r",
    b"\0",
    b"\xff",
    b"\xc3\xa9",
    b"a",
    b"\t",
    b";",
]
SNIPPETS += [b"\n1,x\n", b'"a\nb"', b"\xef\xbb\xbf", b"\xff\xfe", b"\x1b$B", b"\n\0", b"text"]
BYTES = st.binary(max_size=40) | st.lists(st.sampled_from(SNIPPETS)).map(b"".join)


@pytest.mark.filterwarnings("ignore:.*invalid escape sequence:DeprecationWarning")
@given(
    BYTES,
    st.sampled_from([b"", b"text\n", b"id,text\n", "\ufeffid,text\n".encode("utf-16-le")]),
    st.sampled_from(CODECS),
    st.sampled_from(["strict", "preserve"]),
    st.sampled_from(["a.csv", "a.tsv"]),
    st.integers(1, 9),
)
def test_any_bytes_come_back_or_are_refused(
    data: bytes, header: bytes, encoding: str, errors: str, name: str, step: int
) -> None:
    try:
        pieces = pieces_of(header + data, name, step, encoding=encoding, errors=errors)
    except DedupError:
        return
    lines = [piece.line for piece in pieces]
    assert lines == sorted(lines)
    numbers = [piece.number for piece in pieces if piece.number]
    assert numbers == list(range(1, len(numbers) + 1))
    for piece in pieces:
        assert not piece.problem or (piece.number and piece.source is None)
        assert "\n" not in piece.problem
        if piece.source is not None:
            text = piece.source.document.text
            whole = [edit(text, 0, len(text))]
            raw_edits = piece.source.view.raw_edits(whole)
            assert all(isinstance(each, RawEdit) for each in raw_edits) and (raw_edits or not text)


def test_a_first_line_for_spreadsheets_is_passed_through() -> None:
    data = b"sep=;\r\nid;text\r\n1;words\r\n"
    sources = [piece.source for piece in pieces_of(data, "a.csv")]
    assert [source.document.text for source in sources if source] == ["words"]
    assert b"".join(piece.raw for piece in pieces_of(data, "a.csv")) == data
