"""What stands in a text and is easily lost: RELIABILITY.md R31-R38, from bytes to bytes."""

from __future__ import annotations

import codecs
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dedup
from dedup.errors import DedupError
from dedup.files.decode import decode, encode
from tests import prose
from tests.conftest import Run

BODY = prose.paragraphs(5, 31)
HEAD = "A headline that stands once"


def cleaned(run_dedup: Run, data: bytes) -> bytes:
    result = run_dedup("clean", input=data)
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.mark.parametrize(
    "data", [b"", b"\n", b"\n\n\n", b"   ", b"\t \r\n", b"x", b"One line only"]
)
def test_r31_next_to_nothing_comes_back_as_it_is(run_dedup: Run, data: bytes) -> None:
    assert cleaned(run_dedup, data) == data


@pytest.mark.parametrize("separator", ["\n", "\n\n"])
def test_r32_second_copy_without_a_final_newline(run_dedup: Run, separator: str) -> None:
    once = separator.join([HEAD, *BODY])
    text = separator.join([HEAD, *BODY, *BODY])
    assert cleaned(run_dedup, text.encode()) == once.encode()
    assert cleaned(run_dedup, text.encode() + b"\n") == once.encode() + b"\n"


@pytest.mark.parametrize("separator", ["\n", "\n\n"])
def test_r32_first_copy_in_crlf_second_in_lf(run_dedup: Run, separator: str) -> None:
    first = separator.join([HEAD, *BODY, ""]).replace("\n", "\r\n")
    text = first + separator.join(BODY)
    expected = separator.join([HEAD, *BODY]).replace("\n", "\r\n")
    assert cleaned(run_dedup, text.encode()) == expected.encode()
    ended = cleaned(run_dedup, text.encode() + b"\n")
    assert ended == expected.encode() + b"\n"


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("odd", ["\x0b", "\x0c", "\x85", "\u2028", "\u2029", "\x1c"])
def test_r33_odd_separators_stay_in_their_lines(run_dedup: Run, newline: str, odd: str) -> None:
    body = [text.replace(". ", f".{odd}", 1) for text in BODY]
    text = newline.join([HEAD, *body, *body, "The end"])
    expected = newline.join([HEAD, *body, "The end"])
    assert cleaned(run_dedup, text.encode()) == expected.encode()
    place = dedup.clean(text).findings[0].places[1]
    assert (place.line, place.end_line) == (7, 11)


def test_r33_mixed_line_ends_stay_where_they_are(run_dedup: Run) -> None:
    ends = ["\r\n", "\n", "\r", "\n\n", "\r\n\r\n"]
    once = HEAD + "\n" + "".join(text + end for text, end in zip(BODY, ends, strict=True))
    text = once + "\n".join(BODY) + "\nThe end\r\n"
    assert cleaned(run_dedup, text.encode()) == (once + "The end\r\n").encode()


def test_r34_one_byte_order_mark_whichever_copy_goes(run_dedup: Run) -> None:
    mark = b"\xef\xbb\xbf"
    body = "\n".join(BODY)
    longer = f"{body} And this copy alone has one more sentence at its end, about the lamp."
    text = f"{body}\n{longer}\n"
    assert dedup.clean(text).edits[0].span.start == 0, "the first copy goes"
    out = cleaned(run_dedup, mark + text.encode())
    assert out == mark + f"{longer}\n".encode()


INVALID = [b"a\xff\xfe\x80", b"\xed\xa0\x80", b"over\xc0\xaflong"]


@pytest.mark.parametrize("invalid", INVALID)
@pytest.mark.parametrize("is_kept", [True, False])
def test_r35_invalid_bytes_are_kept_with_what_stays(
    run_dedup: Run, invalid: bytes, is_kept: bool
) -> None:
    once = "\n\n".join([HEAD, *BODY]).encode()
    copies = "\n\n".join(BODY).encode()
    data = once + b"\n\n" + (b"An end " + invalid if is_kept else copies) + b"\n\n" + copies + b"\n"
    expected = once + (b"\n\nAn end " + invalid if is_kept else b"") + b"\n"
    refused = run_dedup("clean", input=once + invalid)
    assert (refused.returncode, refused.stdout) == (2, b"")
    result = run_dedup("clean", "--errors", "preserve", input=data)
    assert (result.returncode, result.stdout) == (0, expected)


def test_r35_a_character_that_is_cut_off_at_the_end_is_kept_too(run_dedup: Run) -> None:
    once = "\n\n".join([HEAD, *BODY]).encode()
    data = once + "\n\n".join(["", *BODY, "The end"]).encode() + b"\xe2\x82"
    assert run_dedup("clean", input=data).returncode == 2
    result = run_dedup("clean", "--errors", "preserve", input=data)
    assert (result.returncode, result.stdout) == (0, once + b"\n\nThe end\xe2\x82")


GERMAN = [text.replace("a", "ä").replace("o", "ö") for text in BODY]
JAPANESE = [
    "朝早く、川の上には霧が立ちこめていた。渡し船はいつもより遅れて岸に着き、漁師たちは静かに網を下ろした。",
    "老人が今日は晴れると言うと、子どもたちは笑って橋のほうへ走っていった。昼になると空は青く澄み、鐘が港じゅうに響いた。",
]
CHINESE = [
    "清晨，河面上飘着薄雾，渡船比平时晚了一个小时。老人坐在码头上，一边抽烟，一边给孩子讲从前的故事。",
    "孩子听得很认真，虽然这些话他已经听过许多遍。太阳出来以后，他们提起篮子，沿着石板路慢慢走回村里去。",
]
MARKS = {
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
    "utf-32-le": codecs.BOM_UTF32_LE,
    "utf-32-be": codecs.BOM_UTF32_BE,
}


@pytest.mark.parametrize(
    ("named", "codec", "mark", "body"),
    [
        ("utf-16", "utf-16-le", True, GERMAN),
        ("utf-16", "utf-16-be", True, GERMAN),
        ("utf-16-le", "utf-16-le", False, JAPANESE),
        ("utf-16-be", "utf-16-be", False, GERMAN),
        ("utf-32", "utf-32-le", True, CHINESE),
        ("utf-32", "utf-32-be", True, GERMAN),
        ("utf-32-be", "utf-32-be", False, GERMAN),
        ("latin-1", "latin-1", False, GERMAN),
        ("cp1252", "cp1252", False, [f"„{text}“" for text in GERMAN]),
        ("gb18030", "gb18030", False, CHINESE),
        ("shift_jis", "shift_jis", False, JAPANESE),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_r37_other_encodings_are_written_as_they_were_read(
    named: str, codec: str, mark: bool, body: list[str], newline: str
) -> None:
    once = newline.join([HEAD, *body, ""])
    text = once + newline.join([*body, ""])
    front = MARKS[codec] if mark else b""
    document = decode(front + text.encode(codec), "a.txt", encoding=named)
    cleaned = dedup.clean(document.text).cleaned
    assert encode(document, cleaned) == front + once.encode(codec)


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_r37_half_a_pair_is_refused_or_stays(codec: str) -> None:
    half = "\ud83d".encode(codec, "surrogatepass")
    once = "\n".join([HEAD, *BODY, ""]).encode(codec)
    data = once + "\n".join([*BODY, "The end "]).encode(codec) + half
    with pytest.raises(DedupError, match="is not valid UTF-16"):
        decode(data, "a.txt", encoding=codec)
    document = decode(data, "a.txt", encoding=codec, errors="preserve")
    cleaned = dedup.clean(document.text).cleaned
    assert encode(document, cleaned) == once + "The end ".encode(codec) + half


def decorated(old: str, new: str) -> tuple[list[str], list[str]]:
    return BODY, [text.replace(old, new) for text in BODY]


ACCENTED = [unicodedata.normalize("NFC", text.replace("e", "e\u0301")) for text in BODY]
NUMBERED = [text.replace(". ", f" {2031 + at}. ", 1) for at, text in enumerate(BODY)]
WIDE_DIGITS = str.maketrans({str(digit): chr(0xFF10 + digit) for digit in range(10)})
HEBREW = [
    "בבוקר עמד ערפל מעל הנהר והמעבורת איחרה בשעה שלמה. הזקן ישב על המזח וסיפר לילד איך דגו כאן פעם.",
    "הילד הקשיב היטב, אף על פי ששמע את הסיפור הזה פעמים רבות. כשעלתה השמש הם חזרו לאט אל הכפר.",
]
SEEN_ALIKE = {
    "decomposed": (ACCENTED, [unicodedata.normalize("NFD", text) for text in ACCENTED]),
    "zero-width spaces": decorated("e", "e\u200b"),
    "soft hyphens": decorated("ti", "t\u00adi"),
    "no-break spaces": decorated(" ", "\u00a0"),
    "full-width digits": (NUMBERED, [text.translate(WIDE_DIGITS) for text in NUMBERED]),
    "marks of direction": (HEBREW, [text.replace(" ", " \u200f") for text in HEBREW]),
    "vowel points": (HEBREW, [text.replace("ה", "ה\u05b7") for text in HEBREW]),
}


@pytest.mark.parametrize("name", SEEN_ALIKE)
def test_r38_what_looks_alike_is_one_text_and_the_copy_that_stays_is_not_normalised(
    name: str,
) -> None:
    for first, second in (SEEN_ALIKE[name], SEEN_ALIKE[name][::-1]):
        assert first != second
        once = "\n\n".join([HEAD, *first, "And an end that stands once."])
        text = "\n\n".join([HEAD, *first, *second, "And an end that stands once."])
        assert dedup.clean(text).cleaned == once


FAMILY, THUMB, FLAG, DOTTED = "👩‍👩‍👧‍👦", "👍🏽", "🇩🇪", "o\u0308\u0323"
CHARACTERS = [
    FAMILY,
    THUMB,
    FLAG,
    DOTTED,
    "❤\ufe0f",
    "한",
    "क्षि",
    "ے\u0654",
    "e\u20dd",
    "🏴\U000e0067\U000e007f",
]
"""What a reader sees as one character each, of several code points."""


@settings(max_examples=40)
@given(
    st.lists(st.sampled_from(CHARACTERS), min_size=12, max_size=12),
    st.sampled_from(["", " ", ". ", ".\n", "\n\n"]),
    st.sampled_from(["", " ", ". "]),
)
def test_r38_no_character_of_a_reader_is_cut(
    characters: list[str], between: str, before: str
) -> None:
    body = [f"{one}{text}{before}{one}" for one, text in zip(characters, BODY * 2, strict=False)]
    text = between.join([HEAD, *body, *body[1:], *body[2:4], "The end"])
    borders = {
        border for edit in dedup.clean(text).edits for border in (edit.span.start, edit.span.end)
    }
    assert borders
    for border in borders:
        around = text[border - 1 : border + 1]
        assert not any(around in one for one in CHARACTERS if len(around) == 2), around


def test_r38_what_is_removed_from_such_text_leaves_its_bytes_alone(run_dedup: Run) -> None:
    body = [f"{text} {FAMILY}{THUMB} {FLAG}{DOTTED}" for text in BODY]
    once = "\n".join([HEAD, *body, "e\u0301 and \u00e9, ﬁ and fi", ""])
    text = once + "\n".join([*body, ""])
    assert cleaned(run_dedup, text.encode()) == once.encode()
