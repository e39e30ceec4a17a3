"""The benchmarks run; their figures are not judged here."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from dedup.engine import judge
from tests import prose

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


def test_indexing_prints_what_an_index_costs_and_saves() -> None:
    result = run("indexing.py", str(BENCHMARKS.parent / "samples"))
    assert result.returncode == 0, result.stderr
    rows = [row[:20].rstrip() for row in result.stdout.splitlines()]
    assert rows[:3] == ["read the texts", "write the index", "columns of the texts"]
    assert "texts / index" in result.stdout and "of the texts (" in result.stdout


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


def test_speed_prints_ratios_and_exponents_and_says_what_it_skips() -> None:
    sizes = ("--plain-mb", "0.01", "--many-mb", "0.1", "--single-mb", "0.02")
    result = run("speed.py", *sizes, DEDUP_EVAL_DATA="")
    assert result.returncode == 0, result.stderr
    ratios, many, single = result.stdout.split("\n\n")
    rows = ratios.splitlines()[1:]
    assert [row[:15].rstrip(", ") for row in rows[:-1]] == [
        "made up, Latin",
        "made up, Cyrill",
        "made up, Arabic",
        "made up, Hangul",
        "made up, Han, n",
    ]
    assert all(float(row.split("   (wanted")[0].split()[-1]) > 0 for row in rows[:-1])
    assert rows[-1] == "skipped: the labelled documents, DEDUP_EVAL_DATA is not set"
    for part, title in ((many, "many documents, one of 10"), (single, "single documents, 5%")):
        assert part.startswith(title)
        assert float(part.splitlines()[-1].removeprefix("CPU exponent ")) > 0
    assert len(single.splitlines()) == 7


MADE_UP = """
import hashlib, sys
sys.path.insert(0, sys.argv[1])
import madeup
for script in madeup.SCRIPTS:
    for copied in (0.0, 0.3):
        text = madeup.document(1, 20_000, script, copied)
        found = text.split("\\n\\n")
        again = len(text.encode()) - len("".join(set(found)).encode())
        print(hashlib.sha256(text.encode()).hexdigest(), round(again / 20_000, 1), len(text.encode()))
"""


def test_made_up_documents_are_always_the_same_and_repeat_as_much_as_asked_for() -> None:
    outputs = [
        subprocess.run(
            [sys.executable, "-c", MADE_UP, str(BENCHMARKS)],
            capture_output=True,
            text=True,
            check=True,
            env=os.environ | {"PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    ]
    assert outputs[0] == outputs[1]
    rows = [row.split() for row in outputs[0].splitlines()]
    assert len({digest for digest, _, _ in rows}) == len(rows) == 10
    assert all(float(share) < 0.05 for _, share, _ in rows[::2])
    assert all(0.25 <= float(share) <= 0.5 for _, share, _ in rows[1::2])
    assert all(20_000 <= int(size) <= 26_000 for _, _, size in rows)


def test_folders_prints_workers_growth_parts_and_the_second_run() -> None:
    result = run("folders.py", "--files", "24", "--cached", "8", DEDUP_EVAL_DATA="")
    assert result.returncode == 0, result.stderr
    out = result.stdout
    assert out.startswith("24 files, ")
    for label in (
        "6 files, -j 1",
        "24 files, -j 2",
        "second worker: ",
        "from 1x to 4x, -j 2: peak ",
    ):
        assert label in out
    assert "largest parts of the CPU: " in out and "engine." in out
    assert out.count("ratio to reading and hashing") == 2


JSCPD = """
import json, pathlib, sys
if "--output" in sys.argv:
    pairs = [("a.md", "a.md"), ("a.md", "b.md")]
    clones = [{"firstFile": {"name": one}, "secondFile": {"name": two}} for one, two in pairs]
    folder = pathlib.Path(sys.argv[sys.argv.index("--output") + 1])
    (folder / "jscpd-report.json").write_text(json.dumps({"duplicates": clones}))
"""
"""What stands in for the other tool: it finds two clones in whatever it is given."""


def test_checking_prints_speed_and_findings_of_both_tools_and_the_ratio(tmp_path: Path) -> None:
    text = madeup_text(copied=0.5)
    for name in ("a.md", "b.markdown", "c.md", "d.txt"):
        (tmp_path / name).write_text(text)
    jscpd = tmp_path / "jscpd"
    jscpd.write_text(f"#!{sys.executable}{JSCPD}")
    jscpd.chmod(0o700)
    result = run("checking.py", str(tmp_path), "--jscpd", str(jscpd), "--rounds", "1")
    assert result.returncode == 0, result.stderr
    title, theirs, ours, ratio = result.stdout.splitlines()
    assert title.startswith("3 Markdown files, ")
    assert theirs.startswith("jscpd") and theirs.endswith("2 findings, 1 of them inside one file")
    assert ours.startswith("dedup") and int(ours.split()[-2]) >= 3
    assert float(ratio.split()[1]) > 0


def madeup_text(copied: float) -> str:
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); import madeup\n"
        f"sys.stdout.write(madeup.document(1, 4000, copied={copied}))"
    )
    command = [sys.executable, "-c", code, str(BENCHMARKS)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_checking_takes_the_same_sample_of_a_larger_folder(tmp_path: Path) -> None:
    for number in range(9):
        (tmp_path / f"{number}.md").write_text(f"Number {number}.\n" * (number + 1))
    command = ("checking.py", str(tmp_path), "--files", "4", "--rounds", "1")
    jscpd = tmp_path / "jscpd"
    jscpd.write_text(f"#!{sys.executable}{JSCPD}")
    jscpd.chmod(0o700)
    titles = {run(*command, "--jscpd", str(jscpd)).stdout.splitlines()[0] for _ in range(2)}
    assert len(titles) == 1
    assert titles.pop().startswith("4 Markdown files, ")


def test_checking_without_the_other_tool_says_in_one_line_how_to_get_it(tmp_path: Path) -> None:
    result = run("checking.py", str(tmp_path), "--jscpd", str(tmp_path / "none"))
    assert result.returncode == 1
    (line,) = result.stderr.splitlines()
    assert line.endswith("none is no program; without --jscpd it comes from the package index")


def test_corpus_prints_what_of_injected_copies_goes(tmp_path: Path) -> None:
    texts = tmp_path / "texts"
    texts.mkdir()
    for number in range(8):
        made = prose.paragraphs(120, seed=number)
        (texts / f"{number}.txt").write_text("\n\n".join(made), encoding="utf-8")
    result = run("corpus.py", str(texts), "--megabytes", "0.05", "0.1", "--tools")
    assert result.returncode == 0, result.stderr
    rows = {line.split()[0]: line.split() for line in result.stdout.splitlines() if line.strip()}
    recall, precision = float(rows["near"][5]), float(rows["near"][7])
    assert recall > 0.9 and precision > 0.9
    assert "exact: the same paragraphs" in result.stdout
    assert "exponent" in result.stdout


def test_exact_prints_the_command_as_a_ratio_to_the_loop(tmp_path: Path) -> None:
    texts = tmp_path / "texts"
    texts.mkdir()
    for number in range(4):
        said = "\n\n".join(prose.paragraphs(20, seed=number))
        (texts / f"{number}.txt").write_text(said, "utf-8")
    result = run("exact.py", str(texts), "--megabytes", "0.02", "--rounds", "1")
    assert result.returncode == 0, result.stderr
    rows = result.stdout.splitlines()
    assert [row.split(" MB as ")[1].split(" loop ")[0].strip() for row in rows] == [
        "files",
        "records",
        "small files",
    ]
    assert all(row.split()[-4::2] == ["clean", "check"] for row in rows)


def test_corpus_prints_how_skewed_ones_grow() -> None:
    result = run("corpus.py", "--skewed", "200", "400")
    assert result.returncode == 0, result.stderr
    names = [line.split()[0] for line in result.stdout.splitlines()]
    assert names == ["unlike", "opening", "template", "shared"]
