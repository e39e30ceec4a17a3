"""Every sample comes out as the table in ``samples/README.md`` says."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import dedup

SAMPLES = Path(__file__).parent.parent / "samples"
ROW = re.compile(r"^\| `([^`]+)` \| .+ \| ([^|]+) \|$", re.MULTILINE)
RANGE = re.compile(r'(\d+)(?:-(\d+))?(?: as far as "([^"]+)")?')
LINE = re.compile(rb"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")

TABLE = dict(ROW.findall((SAMPLES / "README.md").read_text("utf-8")))


def without(text: bytes, ranges: str) -> bytes:
    """``text`` without the lines that ``ranges`` names: ``19-35, 37`` or ``11 as far as "end."``."""
    lines = LINE.findall(text)
    for part in ranges.split(", "):
        first, last, end = re.fullmatch(RANGE, part).groups()  # type: ignore[union-attr]
        for index in range(int(first) - 1, int(last or first)):
            rest = lines[index].partition(end.encode() + b" ")[2] if end else b""
            assert rest or not end, f"{part}: no such words"
            lines[index] = rest
    return b"".join(lines)


def cleaned(path: Path) -> bytes:
    """What ``dedup clean`` prints for a file, by the whole path from bytes to bytes."""
    command = [str(Path(sys.executable).with_name("dedup")), "clean", str(path)]
    return subprocess.run(command, capture_output=True, check=True).stdout


def test_the_table_names_every_sample() -> None:
    paths = [path for path in SAMPLES.rglob("*") if path.is_file()]
    files = {path.relative_to(SAMPLES).as_posix() for path in paths} - {"README.md"}
    assert len(files) >= 12
    assert set(TABLE) == files
    assert (
        set(LINES)
        | set(RECORDS)
        | {n for n, ranges in TABLE.items() if ranges == "none" or "/" in n}
        == files
    )


LINES = [name for name, ranges in TABLE.items() if RANGE.match(ranges) and "/" not in name]
FOLDERS = sorted({name.split("/")[0] for name in TABLE if "/" in name})
RECORDS = {name: ranges for name, ranges in TABLE.items() if ranges.startswith("in line ")}


@pytest.mark.parametrize(("name", "where"), RECORDS.items())
def test_in_a_record_only_its_text_changes(name: str, where: str) -> None:
    path = SAMPLES / name
    number = int(where.removeprefix("in line ")) - 1
    old, new = path.read_bytes().splitlines(), cleaned(path).splitlines()
    record, after = json.loads(old.pop(number)), json.loads(new.pop(number))
    assert new == old
    assert after == record | {"text": dedup.clean(record["text"]).cleaned} != record


@pytest.mark.parametrize("name", LINES)
def test_copies_go_and_nothing_else(name: str) -> None:
    path = SAMPLES / name
    assert cleaned(path) == without(path.read_bytes(), TABLE[name])


@pytest.mark.parametrize("name", [name for name, ranges in TABLE.items() if ranges == "none"])
def test_look_alikes_stay(name: str) -> None:
    path = SAMPLES / name
    assert cleaned(path) == path.read_bytes()


@pytest.mark.parametrize("folder", FOLDERS)
def test_across_documents_what_others_say_goes_and_nothing_else(
    folder: str, tmp_path: Path
) -> None:
    flags = ["--scope", "corpus", "--boilerplate", "-q", "-o", str(tmp_path / "out")]
    command = [str(Path(sys.executable).with_name("dedup")), "clean", str(SAMPLES / folder), *flags]
    subprocess.run(command, check=True)
    for path in (SAMPLES / folder).iterdir():
        ranges = TABLE[f"{folder}/{path.name}"]
        text = path.read_bytes()
        left = text if ranges == "none" else without(text, ranges)
        assert (tmp_path / "out" / path.name).read_bytes() == left


def test_the_doubled_article_keeps_20_lines_its_title_and_its_open_end() -> None:
    lines = cleaned(SAMPLES / "doubled-article.txt").decode().split("\n")
    assert len(lines) == 20
    assert lines[-2:] == [
        "Sarn, Ellery near pact on ferries as old fleet falters",
        "www.straitcourier.example",
    ]


def test_byte_order_mark_and_line_ends_survive() -> None:
    out = cleaned(SAMPLES / "minutes-crlf.txt")
    assert out.startswith(b"\xef\xbb\xbf") and out.count(b"\xef\xbb\xbf") == 1
    assert out.count(b"\n") == out.count(b"\r\n") > 0
