"""The diff is what ``patch`` needs to make the cleaned file, byte for byte."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import dedup
from dedup.engine import plan
from dedup.model import DocumentResult
from dedup.reports import diff
from tests.reports.build import cut

TraceFunction = Callable[[FrameType, str, Any], Any]


def encoded(result: DocumentResult, text: str) -> bytes:
    errors = "surrogateescape" if result.document.errors == "preserve" else "strict"
    return text.encode(result.document.encoding, errors)


def diff_of(result: DocumentResult, before: str = "a", after: str = "a") -> bytes:
    return diff.unified(result, lambda text: encoded(result, text), before, after)


def patched(folder: Path, result: DocumentResult, name: str = "a") -> bytes:
    """What ``patch`` makes of the document's file, found by its name in the diff's header."""
    document, target = result.document, folder / name
    target.write_bytes(document.bom + encoded(result, document.text))
    command = ["patch", "--binary", "--no-backup-if-mismatch", "-s", "-F0", "-p0"]
    subprocess.run(command, cwd=folder, input=diff_of(result, name, name), check=True)
    return target.read_bytes()


def expected(result: DocumentResult) -> bytes:
    return result.document.bom + encoded(result, result.cleaned)


@st.composite
def results(draw: st.DrawFn) -> DocumentResult:
    piece = st.sampled_from(
        ["a", "b", "word ", "x y", "é", "\n", "\n\n", "\r\n", "\r", " ", "\\ No"]
    )
    text = "".join(draw(st.lists(piece, min_size=1, max_size=40)))
    borders = draw(st.sets(st.integers(0, len(text)), max_size=8).map(sorted))
    spans = list(zip(borders[::2], borders[1::2], strict=False))
    bom = draw(st.sampled_from([b"", b"\xef\xbb\xbf"]))
    return cut(text, spans or [(0, len(text))], bom=bom)


@given(results())
@example(cut("a\nb", [(1, 3)]))
@example(cut("a\nb\nc\n", [(0, 6)]))
@example(cut("a\nb\n", [(3, 4)]))
@example(cut("a b c\nd\n", [(0, 2), (4, 6)]))
@example(cut("a\nb\nc\nd\n", [(1, 2), (3, 4), (5, 6)]))
@example(cut("\n\n", [(0, 1)]))
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_i11_patch_makes_the_cleaned_file(
    tmp_path_factory: pytest.TempPathFactory, result: DocumentResult
) -> None:
    folder = tmp_path_factory.mktemp("patch")
    assert patched(folder, result) == expected(result)


LONG = "".join(f"line {number} of the file\n" for number in range(60))


@pytest.mark.parametrize(
    ("result", "shape"),
    [
        (cut(LONG, [(0, 19)]), "@@ -1,4 +1,3 @@"),
        (cut("only\n", [(0, 5)]), "@@ -1 +0,0 @@"),
        (cut("one\ntwo\n", [(4, 8)]), "@@ -1,2 +1 @@"),
    ],
)
def test_hunk_headers_are_those_of_gnu_diff(result: DocumentResult, shape: str) -> None:
    assert diff_of(result).decode().splitlines()[2] == shape


def test_changes_with_six_lines_between_share_a_hunk_and_seven_do_not() -> None:
    text = "".join(f"{number}\n" for number in range(10, 40))
    assert diff_of(cut(text, [(0, 3), (7 * 3, 8 * 3)])).count(b"@@ -") == 1
    assert diff_of(cut(text, [(0, 3), (8 * 3, 9 * 3)])).count(b"@@ -") == 2


def test_a_removal_inside_a_line_is_one_line_out_and_one_in() -> None:
    lines = diff_of(cut("one two\nthree\n", [(3, 7)])).decode().splitlines()[3:]
    assert lines == ["-one two", "+one", " three"]


def test_a_removed_paragraph_leaves_its_neighbours_alone_whichever_separator_went() -> None:
    text = "one\n\ntwo\n\nthree\n"
    separator_after = diff_of(cut(text, [(5, 10)])).decode().splitlines()
    separator_before = diff_of(cut(text, [(3, 8)])).decode().splitlines()
    for lines in (separator_after, separator_before):
        assert [line[1:] for line in lines if line[0] == "-"][1:] in (["two", ""], ["", "two"])
        assert not [line for line in lines[2:] if line[0] == "+"]


@pytest.mark.parametrize(
    "fields",
    [
        {"encoding": "utf-16-le", "bom": b"\xff\xfe"},
        {"encoding": "utf-16-be"},
        {"encoding": "cp1252"},
        {"encoding": "utf-8", "errors": "preserve"},
        {"encoding": "utf-32-le"},
    ],
)
def test_r37_other_encodings_apply_as_bytes(fields: dict[str, str], tmp_path: Path) -> None:
    odd = "\udcff" if fields.get("errors") else "é"
    if fields["encoding"].startswith("utf-16"):
        odd += "ਊ"  # U+0A0A: both its bytes look like a line end
    text = f"one {odd}\r\ntwo\nthree {odd}{odd} four\nfive"
    result = cut(text, [(2, 6), (9, 12), (18, 22)], **fields)
    assert patched(tmp_path, result) == expected(result)


@pytest.mark.parametrize(
    "name",
    ["plain.txt", "two words.txt", "tab\there", 'quo"te', "back\\slash", "new\nline", "ünï.txt",
     "bidi\u202e.txt", "esc\x1b[2J", " lead", "trail ", "bytes\udcff", "a\t2020-01-01 00:00"],
)  # fmt: skip
def test_patch_finds_the_file_by_its_quoted_name(name: str, tmp_path: Path) -> None:
    result = cut("one\ntwo\n", [(0, 4)])
    assert patched(tmp_path, result, name) == b"two\n"


def test_r51_a_name_adds_no_line_and_no_control_character_to_the_header() -> None:
    name = "a\n--- b\x1b\x9b\u202e\u200b\U000e0041\udcff\r"
    header = diff_of(cut("one\n", [(0, 4)]), name, name).split(b"@@")[0]
    assert header.count(b"\n") == 2
    assert not [byte for byte in header if (byte < 32 and byte != 10) or byte > 126]


@given(
    results(),
    st.lists(st.sampled_from(["", "x", "é", "two words"]), min_size=8, max_size=8),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_what_repairs_put_in_is_in_the_diff(
    tmp_path_factory: pytest.TempPathFactory, result: DocumentResult, inserted: list[str]
) -> None:
    edits = tuple(
        replace(edit, inserted=text) for edit, text in zip(result.edits, inserted, strict=False)
    )
    result = replace(result, edits=edits, cleaned=plan.apply(result.document.text, edits))
    assert patched(tmp_path_factory.mktemp("patch"), result) == expected(result)


def test_a_repair_is_one_line_out_and_one_in() -> None:
    result = dedup.clean("one\nthe oﬃce\ntwo\n", fix_text=True).documents[0]
    assert "\n one\n-the oﬃce\n+the office\n two\n".encode() in diff_of(result)


def test_nothing_removed_gives_an_empty_diff() -> None:
    assert diff_of(cut("text", [])) == b""


def test_r51_the_terminal_sees_no_control_of_the_text() -> None:
    result = cut("a\x1b[2J\nb\u202e\r\nc\udcff\n", [(0, 6)])
    shown = diff.colored(result, "a", "a", color=False)
    assert "\x1b" not in shown and "\u202e" not in shown and "\r" not in shown
    assert r"-a\x1b[2J" in shown and r" b\u202e" in shown and r" c\udcff" in shown


def test_colours_only_when_asked_and_never_across_a_line_end() -> None:
    shown = diff.colored(cut("a\nb\n", [(0, 2)]), "a", "b", color=True).splitlines()
    assert "\x1b[31m-a\x1b[0m" in shown
    assert all(line.endswith("\x1b[0m") for line in shown if "\x1b" in line)
    assert " b" in shown


def lines_executed(result: DocumentResult) -> int:
    """How many lines of the diff's code run for this result: work counted, not timed."""
    executed = 0

    def trace(frame: FrameType, event: str, _: object) -> TraceFunction | None:
        nonlocal executed
        executed += event == "line"
        return trace if frame.f_code.co_filename == diff.__file__ else None

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        diff_of(result)
    finally:
        sys.settrace(before)
    return executed


@pytest.mark.parametrize("step", [(10, 5), (10, 3), (500, 499)])
def test_r40_work_grows_with_the_size_and_not_its_square(step: tuple[int, int]) -> None:
    def work(size: int) -> int:
        spans = [(at, at + step[1]) for at in range(0, size * 5 - step[0], step[0])]
        return lines_executed(cut("same\n" * size, spans))

    small, large = work(500), work(1000)
    assert 1.5 * small < large < 2.5 * small
