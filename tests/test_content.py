"""What stands in a text and is easily lost: RELIABILITY.md R31-R34, from bytes to bytes."""

from __future__ import annotations

import pytest

import dedup
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
