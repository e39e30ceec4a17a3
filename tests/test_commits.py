"""What commits deleted from documentation, told apart by what it is; on data made up here, then on the labelled."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests import prose

SCRIPT = Path(__file__).parent.parent / "benchmarks" / "commits.py"
SCORER = '''
"""The fixed text is the one without what is labelled c."""

def ideal(text, spans):
    for start, end, _, kind in sorted(spans, reverse=True):
        if kind == "c":
            text = text[:start] + text[end:]
    return text
'''
ROW = "| quay | depth |\n"


def run(data: Path | str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(SCRIPT), *arguments],
        capture_output=True,
        text=True,
        env=os.environ | {"DEDUP_EVAL_DATA": str(data)},
    )


def label(text: str, said: str, group: int) -> list[list[Any]]:
    """Spans for the first and the last place where ``said`` stands; the last was deleted."""
    first, last = text.index(said), text.rindex(said)
    return [[first, first + len(said), group, "o"], [last, last + len(said), group, "c"]]


def write_set(folder: Path, texts: dict[str, tuple[str, list[list[Any]]]]) -> None:
    rows = [
        {"id": name, "type": "real_commit", "source": f"someone/docs 1a2b3c docs/{name}.md"}
        | {"text": text, "spans": spans}
        for name, (text, spans) in texts.items()
    ]
    for part, fields in (("docs", ["id", "text"]), ("labels", ["id", "type", "source", "spans"])):
        with gzip.open(folder / f"within_{part}.jsonl.gz", "wt", encoding="utf-8") as file:
            file.writelines(json.dumps({key: row[key] for key in fields}) + "\n" for row in rows)
    (folder / "score_clean.py").write_text(SCORER, "utf-8")


def page(*blocks: str) -> str:
    return "\n\n".join(["# Ferries", *blocks]) + "\n"


def test_what_was_deleted_is_told_apart_by_what_it_is(tmp_path: Path) -> None:
    one, two, three, four = prose.paragraphs(4, 8)
    table = f"| a | b |\n|---|---|\n{ROW}| one | two |\n{ROW}| end | end |"
    text = page(one, two, table, three, one, four)
    write_set(tmp_path, {"a": (text, [*label(text, one, 0), *label(text, ROW, 1)])})
    result = run(tmp_path, "--missed")
    rows = [line.split() for line in result.stdout.splitlines()]
    letters = str(sum(map(str.isalnum, one)))
    assert rows[1][:2] + rows[1][3:] == ["paragraph", letters, "100.0%", "1", "1"]
    assert rows[2][:3] == ["table", "row", "9"] and rows[2][4:] == ["0.0%", "1", "0"]
    assert "after the fix: 0 findings in 17 lines, 0.00 to 250" in result.stdout
    assert "a-a.md: 9 of 9 table row" in result.stdout
    assert result.returncode == 0, result.stdout + result.stderr


def test_where_the_copy_that_was_kept_is_found_the_deleted_one_is(tmp_path: Path) -> None:
    one, two, three = prose.paragraphs(3, 9)
    text = page(one, two, one, three)
    spans = label(text, one, 0)
    spans[0][3], spans[1][3] = "c", "o"
    write_set(tmp_path, {"a": (text, spans)})
    assert "paragraph" in run(tmp_path).stdout.splitlines()[1]
    assert " 100.0%" in run(tmp_path).stdout.splitlines()[1]


def test_too_little_found_or_too_much_left_fails_in_one_line_each(tmp_path: Path) -> None:
    one, two, three, four = prose.paragraphs(4, 10)
    text = page(one, two, one, three, four)
    write_set(tmp_path, {"a": (text, [*label(text, three, 0)[:1], *label(text, four, 0)[1:]])})
    result = run(tmp_path)
    assert result.returncode == 1
    assert result.stdout.splitlines()[-3:] == [
        "paragraph: 0.0% found, floor 90%",
        "all: 0.0% found, floor 75%",
        "after the fix: 22.73 findings to 250 lines, ceiling 1",
    ]


@pytest.mark.slow
@pytest.mark.skipif(not os.environ.get("DEDUP_EVAL_DATA"), reason="DEDUP_EVAL_DATA is not set")
def test_of_prose_that_commits_deleted_enough_is_found_and_little_is_left_after_them() -> None:
    result = run(os.environ["DEDUP_EVAL_DATA"])
    assert result.returncode == 0, result.stdout + result.stderr
