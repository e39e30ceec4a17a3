"""Clusters as CSV and JSON Lines."""

from __future__ import annotations

import csv
import io
import json

import pytest

from dedup.reports.clusters import Row, as_csv, as_jsonl

ROWS = [
    Row("a/one.txt", 1, "a/one.txt", 1.0, 1.0),
    Row('b "two", cut.txt', 1, "a/one.txt", 0.61803398, 0.98765432),
]


def cells(rows: list[Row]) -> list[list[str]]:
    data = b"".join(as_csv(rows)).decode()
    return list(csv.reader(io.StringIO(data, newline="")))


def test_csv_has_a_head_line_and_a_row_per_document() -> None:
    assert cells(ROWS) == [
        ["id", "cluster", "canonical", "score", "overlap"],
        ["a/one.txt", "1", "a/one.txt", "1.0000", "1.0000"],
        ['b "two", cut.txt', "1", "a/one.txt", "0.6180", "0.9877"],
    ]


def test_json_lines_have_the_same_fields() -> None:
    lines = b"".join(as_jsonl(ROWS)).splitlines()
    assert json.loads(lines[1]) == {
        "id": 'b "two", cut.txt',
        "cluster": 1,
        "canonical": "a/one.txt",
        "score": 0.618,
        "overlap": 0.9877,
    }


@pytest.mark.parametrize("first", "=+-@\t\r\n\0")
def test_no_cell_is_a_formula(first: str) -> None:
    name = f"{first}cmd|'/c calc'!A1"
    row = cells([Row(name, 1, name, 1.0, 1.0)])[1]
    assert row[0] == row[2] == f"'{name}"


def test_names_that_are_not_utf_8_are_written_all_the_same() -> None:
    row = Row("bad\udc80.txt", 1, "bad\udc80.txt", 1.0, 1.0)
    assert "bad\\udc80.txt" in b"".join(as_csv([row])).decode()
    assert json.loads(b"".join(as_jsonl([row])))["id"] == "bad\udc80.txt"


def test_many_rows_come_whole_and_no_rows_leave_the_head() -> None:
    rows = [Row(f"{number}.txt", 1, "0.txt", 1.0, 1.0) for number in range(3000)]
    assert [row[0] for row in cells(rows)[1:]] == [row.id for row in rows]
    assert cells([]) == [["id", "cluster", "canonical", "score", "overlap"]]
    assert list(as_jsonl([])) == []
