"""The benchmarks run; their figures are not judged here."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from dedup.engine import judge

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"
needs_data = pytest.mark.skipif(
    not os.environ.get("DEDUP_EVAL_DATA"), reason="DEDUP_EVAL_DATA is not set"
)


def run(script: str, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(BENCHMARKS / script), *arguments]
    environment = os.environ | variables
    return subprocess.run(command, capture_output=True, text=True, env=environment)


def test_startup_prints_each_command_as_a_ratio_to_the_bare_interpreter() -> None:
    result = run("startup.py", "--rounds", "1")
    assert result.returncode == 0, result.stderr
    rows = result.stdout.splitlines()[1:]
    assert [row[:15].rstrip() for row in rows] == [
        "python3 -c pass",
        "dedup --version",
        "dedup clean, 5",
        "dedup clean, do",
    ]
    assert rows[0].split()[-2:] == ["1.00", "1.00"]


@needs_data
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_quality_prints_the_tables_and_the_ratio_to_the_plain_loop(jobs: str) -> None:
    result = run("quality.py", "--limit", "5", "-j", jobs, "--idempotent")
    assert result.returncode == 0, result.stdout + result.stderr
    for title in ("all ", "type ", "lang ", "repeats ", "worst:", "documents 5,", "ratio "):
        assert f"\n{title}" in "\n" + result.stdout
    assert "changed by a second cleaning: 0" in result.stdout


@needs_data
def test_quality_takes_one_fold_of_the_look_alikes() -> None:
    result = run("quality.py", "--set", "hard_negatives", "--fold", "0", "--limit", "3")
    assert result.returncode == 0, result.stdout + result.stderr
    assert "documents 3," in result.stdout


def test_quality_without_data_says_so_in_one_line() -> None:
    result = run("quality.py", DEDUP_EVAL_DATA="")
    assert result.returncode == 1
    assert result.stderr.splitlines() == [
        "DEDUP_EVAL_DATA is not set: name the folder with the labelled documents"
    ]


@needs_data
def test_fit_prints_every_term_of_every_level_with_its_sign() -> None:
    result = run("fit.py", "--limit", "12")
    assert result.returncode == 0, result.stderr
    found: dict[str, Any] = {}
    exec(result.stdout, {"Score": judge.Score}, found)
    scores: dict[str, judge.Score] = found["SCORES"]
    assert list(scores) == list(judge.SCORES)
    for level, score in scores.items():
        assert tuple(score.terms) == judge.Evidence._fields
        known = judge.SCORES[level].terms
        assert all(weight * known[name] >= 0 for name, weight in score.terms.items())
