"""The search against comparing all paragraphs: the oracle counts right, and nothing it names is missed here."""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests import prose

SCRIPT = Path(__file__).parent.parent / "benchmarks" / "candidates.py"
ROW = re.compile(
    r"^(near, 0\.\d+|equal keys|verbatim in a longer one) +(\d+) +(\S+) +(\d+) +(\S+)$"
)
Table = dict[str, tuple[str, ...]]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Three documents: one with two paragraphs again, one with an edited one, one with a part of one."""
    plain = [prose.paragraphs(6, seed) for seed in range(3)]
    word = re.compile(r"\b(?:the|a|one|every)\b", re.IGNORECASE)
    edited = word.sub("some", plain[1][2], count=1)
    part = max(plain[2][0].split(". "), key=len)
    texts = {
        "doubled_exact": None,  # not among the types that are compared
        "neg_plain": [*plain[0], *plain[0][1:3]],
        "doubled_edit_light": [*plain[1], edited],
        "para_scatter": [part, *plain[2]],
    }
    with (
        gzip.open(tmp_path / "within_docs.jsonl.gz", "wt", encoding="utf-8") as docs,
        gzip.open(tmp_path / "within_labels.jsonl.gz", "wt", encoding="utf-8") as labels,
    ):
        for name, paragraphs in texts.items():
            text = "\n\n".join(paragraphs or ["Left out."]) + "\n"
            docs.write(json.dumps({"id": name, "text": text}) + "\n")
            label = {"id": name, "type": name, "lang": "en", "source": f"{name}/one page"}
            labels.write(json.dumps(label) + "\n")
    return tmp_path


def tables(output: str) -> list[Table]:
    """Pairs, recall, paragraphs and recall of each row: of the large document, and of the small ones."""
    found: list[Table] = []
    for line in output.splitlines():
        row = ROW.match(line)
        if row and row[1] == "near, 0.95":
            found.append({})
        if row:
            found[-1][row[1]] = row.groups()[1:]
    return found


def test_what_the_oracle_names_is_counted_and_found(data: Path) -> None:
    run = subprocess.run(
        [sys.executable, str(SCRIPT), "--paragraphs", "100"],
        capture_output=True,
        text=True,
        env=os.environ | {"DEDUP_EVAL_DATA": str(data)},
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith("one document: 22 paragraphs of 30 letters and more, ")
    assert " 3 sources, 1 languages\n" in run.stdout
    assert "\n3 documents, each on its own\n" in run.stdout
    for table in tables(run.stdout):
        assert table == {
            "near, 0.95": ("3", "1.0000", "3", "1.0000"),
            "near, 0.9": ("3", "1.0000", "3", "1.0000"),
            "near, 0.8": ("3", "1.0000", "3", "1.0000"),
            "equal keys": ("2", "1.0000", "2", "1.0000"),
            "verbatim in a longer one": ("1", "1.0000", "1", "1.0000"),
        }
    assert len(tables(run.stdout)) == 2


def test_without_data_it_says_so_in_one_line() -> None:
    run = subprocess.run(
        [sys.executable, str(SCRIPT)],
        capture_output=True,
        text=True,
        env=os.environ | {"DEDUP_EVAL_DATA": ""},
    )
    assert run.returncode == 1
    assert run.stderr.count("\n") == 1 and "DEDUP_EVAL_DATA is not set" in run.stderr


REAL = pytest.mark.skipif(
    not os.environ.get("DEDUP_EVAL_DATA"), reason="DEDUP_EVAL_DATA is not set"
)


@pytest.fixture(scope="module")
def real() -> list[Table]:
    """The tables for real text: one document of two thousand paragraphs, and sixty documents."""
    command = [sys.executable, str(SCRIPT), "--paragraphs", "2000", "--documents", "60"]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    return tables(run.stdout)


@REAL
def test_of_real_text_nearly_all_near_copies_are_found_and_all_contained_ones(
    real: list[Table],
) -> None:
    for table in real:
        assert float(table["near, 0.9"][3]) >= 0.995
        assert table["verbatim in a longer one"][3] == "1.0000"


@REAL
def test_of_real_text_all_equal_paragraphs_of_a_large_document_are_found(real: list[Table]) -> None:
    assert int(real[0]["equal keys"][2]) > 100
    assert real[0]["equal keys"][3] == "1.0000"
