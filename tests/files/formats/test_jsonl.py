"""JSON Lines: which string is looked at, that only it changes, and what a bad line is. R45."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.errors import DedupError
from dedup.files.formats import jsonl
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


def without(*parts: str) -> Any:
    """A change that takes the parts out of a text."""
    return lambda text: edits(text, *((part, "") for part in parts))


def test_a_line_is_a_record_and_a_blank_line_is_none() -> None:
    data = b'{"text": "one"}\n\n \t\r\n{"text": "two"}\r\n{"text": "three"}'
    found = [(piece.number, piece.line) for piece in pieces_of(data, "a.jsonl")]
    assert found == [(1, 1), (0, 2), (0, 3), (2, 4), (3, 5)]
    assert texts_of(data, "a.jsonl") == ["one", "two", "three"]


def test_bad_records_are_counted_with_the_others() -> None:
    data = b'{"text": "one"}\nnot json\n{"text": "two"}\n'
    pieces = pieces_of(data, "a.ndjson")
    assert [(piece.number, piece.source is None) for piece in pieces] == [
        (1, False),
        (2, True),
        (3, False),
    ]


@pytest.mark.parametrize("data", [b"", b"\n", b"\r\n\r\n", b"   "])
def test_a_file_without_records_has_none(data: bytes) -> None:
    assert texts_of(data, "a.jsonl") == []


@pytest.mark.parametrize(
    ("record", "field", "text"),
    [
        ({"text": "x"}, "text", "x"),
        ({"a.b": "literal", "a": {"b": "nested"}}, "a.b", "literal"),
        ({"a": {"b": "nested"}}, "a.b", "nested"),
        ({"messages": [{"content": "x"}, {"content": "y"}]}, "messages.1.content", "y"),
        ({"a": [["x", "y"]]}, "a.0.1", "y"),
        ({"a": {"0": "key"}}, "a.0", "key"),
        ({"": "empty"}, "", "empty"),
        ({"a": {"": "x"}}, "a.", "x"),
        ({'q"\\\u00e9': "x"}, 'q"\\\u00e9', "x"),
    ],
)
def test_the_field_is_a_key_or_a_path(record: Any, field: str, text: str) -> None:
    for data in (json.dumps(record), json.dumps(record, ensure_ascii=False, indent="\t")):
        line = data.replace("\n", " ").encode() + b"\n"
        (piece,) = pieces_of(line, "a.jsonl", field=field)
        assert piece.source is not None and piece.source.document.text == text
        after = json.loads(changed(piece.source, [edit(text, 0, len(text))]))
        assert after == json.loads(json.dumps(record).replace(json.dumps(text), '""'))


BAD = {
    b"nonsense": "is not valid JSON: expecting value at column 1",
    b'{"text": "cut off': "is not valid JSON: unterminated string starting at column 10",
    b'{"text": "a"} x': "is not valid JSON: extra data at column 15",
    b'{"text": "a"': "is not valid JSON: expecting ',' delimiter at column 13",
    b'{"text": "tab\there"}': "is not valid JSON: invalid control character at column 14",
    b"[1]": "is a list, not an object",
    b'"text"': "is a string, not an object",
    b"null": "is null, not an object",
    b"17": "is a number, not an object",
    b"{}": "has no field 'text'",
    b'{"text": null}': "field 'text' is null, not a string",
    b'{"text": 1}': "field 'text' is a number, not a string",
    b'{"text": NaN}': "field 'text' is a number, not a string",
    b'{"text": 1.5}': "field 'text' is a number, not a string",
    b'{"text": true}': "field 'text' is a truth value, not a string",
    b'{"text": ["a"]}': "field 'text' is a list, not a string",
    b'{"text": {"a": "b"}}': "field 'text' is an object, not a string",
    b'{"text": "ab\xffc"}': "byte 12 of the line (0xff) is not valid UTF-8",
}


@pytest.mark.parametrize("line", BAD)
def test_r45_a_bad_line_is_named_and_passes_through(line: bytes) -> None:
    data = b'{"text": "good"}\n' + line + b'\n{"text": "good"}\n'
    assert problems_of(data, "a.jsonl") == [(2, BAD[line])]
    assert rewritten(data, "a.jsonl", lambda text: [edit(text, 0, 2)]) == data.replace(
        b"good", b"od"
    )


@pytest.mark.parametrize("field", ["a.1", "a.x", "a.00000000000000000000000", "a.-1", "a.²", "b.0"])
def test_a_path_that_leads_nowhere_is_a_missing_field(field: str) -> None:
    only = ", only a" if field.startswith("b") else ""  # a list has no names
    assert problems_of(b'{"a": ["x"]}\n', "a.jsonl", field=field) == [
        (1, f"has no field {field!r}{only}")
    ]


def test_r45_one_bad_line_in_many() -> None:
    lines = [b'{"id": %d, "text": "t"}\n' % number for number in range(100_000)]
    lines[77_777] = b"{\n"
    pieces = pieces_of(b"".join(lines), "a.jsonl")
    assert len(pieces) == 100_000
    assert [piece.line for piece in pieces if piece.problem] == [77_778]


@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
def test_r45_deep_nesting_is_a_bad_record(opening: bytes) -> None:
    closing = b"]" if opening == b"[" else b"}"
    deep = opening * 100_000 + b"1" + closing * 100_000
    data = b'{"text": "x", "deep": ' + deep + b"}\n" + opening * 100_000 + b'\n{"text": "y"}\n'
    expected = "is nested deeper than 400 levels"
    assert problems_of(data, "a.jsonl") == [(1, expected), (2, expected)]


def test_what_looks_nested_inside_strings_is_not() -> None:
    text = '[{"\\' * 10_000
    data = json.dumps({"text": text, "other": [[]] * 1000}).encode()
    assert texts_of(data, "a.jsonl") == [text]
    assert jsonl.depth(data.decode()) == 3


def test_the_deepest_nesting_that_is_read() -> None:
    def nested(depth: int) -> bytes:
        return b'{"text": "x", "deep": ' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}"

    assert texts_of(nested(jsonl.MAX_DEPTH), "a.jsonl") == ["x"]
    assert problems_of(nested(jsonl.MAX_DEPTH + 1), "a.jsonl") != []


def test_r45_of_equal_keys_the_last_counts() -> None:
    data = b'{"text": "first", "a": {"b": 1}, "text": "last, last", "a": {"b": "x", "b": "y"}}\n'
    assert texts_of(data, "a.jsonl") == ["last, last"]
    assert rewritten(data, "a.jsonl", without("last, ")) == data.replace(b"last, last", b"last")
    assert rewritten(data, "a.jsonl", without("y"), field="a.b") == data.replace(b'"y"', b'""')


@pytest.mark.parametrize(
    "value", [b"NaN", b"-Infinity", b"1" * 10_000, b"-0.0e99999", b"1e5", b"1" * 5000 + b".5"]
)
def test_r45_any_number_may_stand_beside_the_text(value: bytes) -> None:
    data = b'{"n": ' + value + b', "text": "a b", "m":' + value + b"}\n"
    assert rewritten(data, "a.jsonl", without(" b")) == data.replace(b"a b", b"a")


def test_only_what_is_removed_changes() -> None:
    data = (
        b'{ "id" : 1.0 , "text" :\t"caf\\u00e9 \\u0041 \\/ gone \\t\\"q\\" \xc3\xa9 gone too\\n" , '
        b'"text2":"\\u00e9"}  \r\n'
    )
    expected = data.replace(b"gone \\t", b"").replace(b" gone too", b"")
    assert rewritten(data, "a.jsonl", without("gone \t", " gone too")) == expected


def test_a_surrogate_pair_is_one_character() -> None:
    data = rb'{"text": "a \ud83d\ude00 b \ud83d\ude00\ud83d c"}'
    (text,) = texts_of(data, "a.jsonl")
    assert text == "a \U0001f600 b \U0001f600\ud83d c"
    assert (
        rewritten(data, "a.jsonl", without(" b \U0001f600"))
        == rb'{"text": "a \ud83d\ude00\ud83d c"}'
    )


def test_halves_of_a_pair_do_not_come_together() -> None:
    data = rb'{"text": "a \ud83d gone \ude00 b, more"}'
    (piece,) = pieces_of(data, "a.jsonl")
    assert piece.source is not None
    text = piece.source.document.text
    wanted = edits(text, (" gone ", ""), (", more", ""))
    assert piece.source.view.refused(wanted) == [wanted[0].span]
    assert changed(piece.source, wanted) == rb'{"text": "a \ud83d gone \ude00 b"}'
    assert piece.source.view.refused(edits(text, (" gone ", "-"))) == []
    touching = [edit(text, 3, 5), edit(text, 5, 9)]
    assert piece.source.view.refused(touching) == [each.span for each in touching]


@pytest.mark.parametrize(
    ("literal", "inserted", "expected"),
    [
        ("x", 'a"\\\n\x01', r"a\"\\\n\u0001"),
        ("x", "\u00e9\U0001f600", "\u00e9\U0001f600"),
        ("\u00fc x", "\u00e9", "\u00fc \u00e9"),
        (r"\u00fc x", "\u00e9\U0001f600", r"\u00fc \u00e9\ud83d\ude00"),
        (r"\u00fc \u00fc\\\u00fc x", "\u00e9", r"\u00fc \u00fc\\\u00fc \u00e9"),
        (r"\\u00fc x", "\u00e9", "\\\\u00fc \u00e9"),
        (r"\n\u001f x", "\u00e9", "\\n\\u001f \u00e9"),
        ("x", "\ud800", r"\ud800"),
    ],
)
def test_what_is_inserted_is_written_as_the_string_is(
    literal: str, inserted: str, expected: str
) -> None:
    data = f'{{"text": "{literal}"}}\n'.encode()
    new = rewritten(data, "a.jsonl", lambda text: edits(text, ("x", inserted)))
    assert new.decode() == f'{{"text": "{literal.replace("x", "")}{expected.split(" ")[-1]}"}}\n'


def test_what_the_encoding_has_not_is_inserted_escaped() -> None:
    data = '{"text": "\u00e9 x"}\n'.encode("latin-1")
    new = rewritten(data, "a.jsonl", lambda text: edits(text, ("x", "\u2026")), encoding="latin-1")
    assert new == b'{"text": "\xe9 \\u2026"}\n'


def test_the_mark_is_a_piece_of_its_own() -> None:
    data = b'\xef\xbb\xbf{"text": "a"}\n\xef\xbb\xbf{"text": "b"}\n'
    first, second, third = pieces_of(data, "a.jsonl")
    assert (first.raw, first.number) == (b"\xef\xbb\xbf", 0)
    assert second.source is not None
    assert third.problem == "is not valid JSON: expecting value at column 1"


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("step", [1, 7, 1 << 20])
def test_wide_encodings(codec: str, step: int) -> None:
    """U+0A41, U+000A and U+0A00 side by side look like ends of lines where none are."""
    records = '{"text": "\u0a41\u0a00\u0d0a\u0a0a, gone \U0001f600"}\n'
    data = ("\ufeff" + records * 3).encode(codec)
    wide = codec[:6]
    assert len(pieces_of(data, "a.jsonl", step, encoding=wide)) == 4
    new = rewritten(data, "a.jsonl", without(", gone"), encoding=wide)
    assert new.decode(codec) == "\ufeff" + records.replace(", gone", "") * 3


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_a_mark_tells_a_wide_file_wherever_a_pair_stands(codec: str) -> None:
    for shift in range(4):
        text = "a" * shift + "\U0001f600" * 40
        data = f'\ufeff{{"text": "{text}"}}\n'.encode(codec)
        sources = [piece.source for piece in pieces_of(data, "a.jsonl")]
        assert [source.document.text for source in sources if source] == [text]


WIDTHS = ["utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"]


@pytest.mark.parametrize(
    ("codec", "mark"),
    [("latin-1", ""), *((codec, mark) for codec in WIDTHS for mark in ("", "\ufeff"))],
)
def test_a_guess_is_made_from_the_first_chunk_wherever_that_is_cut(codec: str, mark: str) -> None:
    """A chunk of 1 MiB ends within a line, a character or a pair."""
    letters = "caf\u00e9 " if codec == "latin-1" else "caf\u00e9 \U0001f600"
    for shift in range(4):
        text = "x" * shift + letters * 40
        line = json.dumps({"text": text}, ensure_ascii=False) + "\n"
        count = (3 << 19) // len(line)
        data = (mark + line * count).encode(codec)
        assert texts_of(data, "a.jsonl", encoding="auto") == [text] * count


def test_lines_are_read_from_an_endless_stream() -> None:
    pieces = jsonl.container(Endless(b'{"text": "x"}\n'), "a.jsonl", Options(), "jsonl").pieces()
    assert [piece.number for piece, _ in zip(pieces, range(100_000), strict=False)][-1] == 100_000


def test_preserved_bytes_stay_and_do_not_become_a_character() -> None:
    data = b'{"text": "a \xc3 gone \xa9 b \xff"}\n'
    (piece,) = pieces_of(data, "a.jsonl", errors="preserve")
    assert piece.source is not None
    text = piece.source.document.text
    assert piece.source.view.refused(edits(text, (" gone ", ""))) != []
    assert changed(piece.source, edits(text, ("gone ", ""))) == data.replace(b"gone ", b"")


def test_preserved_bytes_of_other_encodings_do_not_become_a_character() -> None:
    """Shift-JIS reads 0x81 and what follows as one character, if there is one."""
    data = b'{"text": "a \x81 gone @ b"}\n'
    (piece,) = pieces_of(data, "a.jsonl", errors="preserve", encoding="shift_jis")
    assert piece.source is not None
    wanted = edits(piece.source.document.text, (" gone ", ""), (" b", ""))
    assert piece.source.view.refused(wanted) == [each.span for each in wanted]


def test_what_an_encoding_does_not_bring_back_passes_through() -> None:
    data = b'{"text": "+AGE-"}\n{"text": "a"}\n'
    expected = [(1, "does not survive decoding and encoding as UTF-7")]
    assert problems_of(data, "a.jsonl", encoding="utf-7") == expected


def test_an_ebcdic_file_has_lines_too() -> None:
    data = '{"text": "a gone"}\n\n{"text": "b gone"}\n'.encode("cp037")
    new = rewritten(data, "a.jsonl", without(" gone"), encoding="cp037")
    assert new.decode("cp037") == '{"text": "a"}\n\n{"text": "b"}\n'


def test_a_line_beyond_the_largest_size_is_refused() -> None:
    data = b'{"text": "a"}\n{"text": "' + b"x" * (3 << 20)
    with pytest.raises(DedupError, match="line 2 is longer than 1MiB"):
        pieces_of(data, "a.jsonl", max_size=1 << 20)


@pytest.mark.parametrize("unit", ["word ", "\\\\", "\\ud83d\\ude00"])
def test_one_record_of_20_mb(unit: str) -> None:
    count = 20_000_000 // len(unit)
    data = b'{"text": "' + unit.encode() * count + b'gone", "n": 1}\n'
    assert rewritten(data, "a.jsonl", lambda text: [edit(text, len(text) - 4, len(text))]) == (
        data.replace(b"gone", b"")
    )


NAMES = st.sampled_from(["text", "a", "b", "a.b", "", "0", "\u00e9"])
STRINGS = st.text(max_size=12) | st.text(st.sampled_from('ab"\\\n\u00e9\U0001f600\ud83d\ude00'))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | STRINGS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)


@st.composite
def records(draw: st.DrawFn) -> str:
    """A line, written in one of many ways."""
    record = {**draw(st.dictionaries(NAMES, VALUES, max_size=3)), "text": draw(STRINGS)}
    separators = draw(st.sampled_from([(",", ":"), (" ,\t", " : "), (", ", ": ")]))
    line = json.dumps(record, ensure_ascii=draw(st.booleans()), separators=separators)
    if draw(st.booleans()):
        line = line.replace("a", r"\u0061").replace("b", r"\u0062")
    return line


@st.composite
def changes(draw: st.DrawFn, text: str) -> list[Edit]:
    """Sorted, disjoint edits of a text, some of them insertions."""
    places = sorted(draw(st.lists(st.integers(0, len(text)), max_size=6).map(sorted)))
    inserted = draw(st.lists(STRINGS | st.just(""), min_size=3, max_size=3))
    return [
        edit(text, start, end, new)
        for start, end, new in zip(places[::2], places[1::2], inserted, strict=False)
        if start < end or new
    ]


@given(st.data(), st.lists(records(), max_size=3), st.sampled_from(["utf-8", "utf-16", "gb18030"]))
def test_after_any_edits_the_string_says_the_cleaned_text(
    data: st.DataObject, lines: list[str], encoding: str
) -> None:
    errors = data.draw(st.sampled_from(["strict", "preserve"]))
    content = "\n".join(lines).encode(encoding, "replace")
    for piece in pieces_of(content, "a.jsonl", encoding=encoding, errors=errors):
        if piece.source is None:
            continue
        text = piece.source.document.text
        wanted = data.draw(changes(text))
        refused = piece.source.view.refused(wanted)
        left = [each for each in wanted if each.span not in refused]
        new = changed(piece.source, wanted)
        (again,) = pieces_of(new, "a.jsonl", encoding=piece.source.document.encoding, errors=errors)
        assert again.source is not None
        assert again.source.document.text == cleaned(text, left)
        before, after = json.loads(piece.source.view.raw), json.loads(again.source.view.raw)
        assert repr(before | {"text": ""}) == repr(after | {"text": ""})


def cleaned(text: str, made: list[Edit]) -> str:
    """The text after the edits, the slow way."""
    for each in reversed(made):
        text = text[: each.span.start] + each.inserted + text[each.span.end :]
    return text


SNIPPETS = [
    b'{"text": "',
    b'"}',
    b"\n",
    b"\r\n",
    b"\\u",
    b"\\ud83d",
    b"\xff",
    b"\0",
    b"[",
    b"\x1b$B",
]
SNIPPETS += [b'{"text": "a b"}\n', b"\xef\xbb\xbf", b"\xff\xfe", b"\xc3\xa9", b"1", b"\\", b'"a":']
CODECS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "utf-32", "latin-1", "cp1252", "gb18030"]
CODECS += ["shift_jis", "iso2022_jp", "hz", "utf-7", "big5", "ascii", "unicode_escape", "idna"]
CODECS += ["punycode", "raw_unicode_escape", "cp037"]
BYTES = st.binary(max_size=40) | st.lists(st.sampled_from(SNIPPETS)).map(b"".join)


@pytest.mark.filterwarnings("ignore:.*invalid escape sequence:DeprecationWarning")
@given(BYTES, st.sampled_from(CODECS), st.sampled_from(["strict", "preserve"]), st.integers(1, 9))
def test_any_bytes_come_back_or_are_refused(
    data: bytes, encoding: str, errors: str, step: int
) -> None:
    try:
        pieces = pieces_of(data, "a.jsonl", step, encoding=encoding, errors=errors)
    except DedupError:
        return
    lines = [piece.line for piece in pieces]
    assert lines == sorted(lines)
    numbers = [piece.number for piece in pieces if piece.number]
    assert numbers == list(range(1, len(numbers) + 1))
    for piece in pieces:
        assert (piece.number > 0) == (piece.source is not None or piece.problem != "")
        assert "\n" not in piece.problem
