"""``dedup report``: one document as ever, several in lines, and figures of each for who chooses among them."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from dedup.batch import folder
from dedup.cli import main
from dedup.engine.repetition import THRESHOLDS, figures
from tests import many
from tests.checks.schemas import figures_schema
from tests.conftest import Run
from tests.prose import doubled, paragraphs

TWICE = doubled(2, seed=5) + "\n"
ONCE = paragraphs(1, seed=6)[0] + "\n"


class Ran(NamedTuple):
    status: int
    out: bytes
    err: str


Cli = Callable[..., Ran]


@pytest.fixture
def cli(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> Cli:
    """Runs commands in a folder with texts and records in ``in``."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("DEDUP_")]:
        monkeypatch.delenv(name)
    Path(".git").mkdir()
    Path("in/deep").mkdir(parents=True)
    Path("in/deep/twice.txt").write_text(TWICE)
    Path("in/once.md").write_text(ONCE)
    records = [json.dumps({"text": text}) + "\n" for text in (ONCE, TWICE)]
    Path("in/records.jsonl").write_text("".join(records))

    def run(*arguments: str) -> Ran:
        status = main(arguments)
        out, err = capfdbinary.readouterr()
        return Ran(status, out, err.decode())

    return run


def lines(ran: Ran) -> list[dict[str, Any]]:
    """The lines of a run that went well, each by its schema."""
    assert ran.status == 0, ran.err
    return checked(ran.out)


def checked(data: bytes) -> list[dict[str, Any]]:
    found = [json.loads(line) for line in data.splitlines()]
    for each in found:
        figures_schema().validate(each)
    assert [found[0]["type"], found[-1]["type"]] == ["header", "summary"]
    return found


FIGURES = ("--output-format", "jsonl")


def test_each_document_has_a_line_of_its_numbers(cli: Cli) -> None:
    found = lines(cli("report", "in", *FIGURES))
    documents = {each["name"]: each for each in found[1:-1]}
    texts = {
        "deep/twice.txt": TWICE,
        "once.md": ONCE,
        "records.jsonl#1": ONCE,
        "records.jsonl#2": TWICE,
    }
    assert list(documents) == list(texts)
    for name, text in texts.items():
        document = documents[name]
        assert document["repetition"] == figures(text)
        assert document["characters"] == len(text)
        assert document["findings"] == ({"repeated-block": 1} if text == TWICE else {})
        assert document["redundancy"] == pytest.approx(0.5 if text == TWICE else 0, abs=0.01)
    sums = {
        key: sum(each[key] for each in documents.values()) for key in ("characters", "paragraphs")
    }
    assert found[-1] | sums == found[-1]
    assert (found[-1]["documents"], found[-1]["changed"]) == (4, 2)


def test_the_figures_stand_in_the_order_of_the_table_and_of_the_schema(cli: Cli) -> None:
    found = lines(cli("report", "in/once.md", *FIGURES))
    assert list(found[1]["repetition"]) == list(THRESHOLDS)
    schema: Any = figures_schema().schema
    described = schema["$defs"]["repetition"]["properties"]
    assert list(described) == list(THRESHOLDS)
    for name, limit in THRESHOLDS.items():
        assert f"above {limit:.2f}." in described[name]["description"]


def test_workers_cache_and_file_order_change_no_byte(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    many.write(Path("in"), many.texts(12))
    once = cli("report", "in", *FIGURES, "-j", "1")
    monkeypatch.setattr(folder, "MIN_POOL_BYTES", 0)
    monkeypatch.setattr(folder, "GROUP_BYTES", 1 << 10)
    assert cli("report", "in", *FIGURES, "-j", "2") == once
    for _ in range(2):
        assert cli("report", "in", *FIGURES, "--cache", "cache") == once
    listed = [str(path) for path in sorted(Path("in").rglob("*"), reverse=True) if path.is_file()]
    Path("list").write_text("\n".join(listed))
    bodies = [set(ran.out.splitlines()[1:-1]) for ran in (once, cli("report", "in", *FIGURES))]
    assert bodies[0] == bodies[1]
    found = cli("report", "--files-from", "list", *FIGURES)
    numbers = [{**each, "name": ""} for each in lines(found)[1:-1]]
    assert sorted(map(json.dumps, numbers)) == sorted(
        json.dumps({**each, "name": ""}) for each in lines(once)[1:-1]
    )


def test_a_pipe_has_the_line_of_its_file(cli: Cli, run_dedup: Run) -> None:
    named = ("--stdin-filename", "twice.txt")
    for name, text in (("deep/twice.txt", TWICE), ("records.jsonl", None)):
        path = Path("in", name)
        named = ("--stdin-filename", path.name)
        ran = run_dedup("report", *named, *FIGURES, input=path.read_bytes())
        assert (ran.returncode, ran.stderr) == (0, b"")
        assert checked(ran.stdout) == lines(cli("report", str(path), *FIGURES))
        assert text is None or checked(ran.stdout)[1]["characters"] == len(text)


def test_what_fails_has_a_line_and_the_others_theirs(cli: Cli) -> None:
    Path("in/bad.txt").write_bytes(b"not \xff text, and much else that could be said of it")
    with open("in/records.jsonl", "a") as file:
        file.write("{no json\n")
    ran = cli("report", "in", *FIGURES)
    assert ran.status == 2
    assert "in/bad.txt: byte 4 (0xff) is not valid UTF-8" in ran.err
    found = checked(ran.out)
    assert [each["name"] for each in found if each["type"] == "failure"] == [
        "bad.txt",
        "records.jsonl:3",
    ]
    assert sum(each["type"] == "document" for each in found) == 4
    assert found[-1]["failures"] == 2


def test_a_file_gets_what_standard_output_would(cli: Cli) -> None:
    for inputs in (["in"], ["in/deep/twice.txt"], ["in/records.jsonl"]):
        for kind in ("text", "json", "jsonl"):
            shown = cli("report", *inputs, "--output-format", kind)
            named = ("--output-format", kind, "--output-file", f"out.{kind}")
            assert cli("report", *inputs, *named) == (0, b"", "")
            assert Path(f"out.{kind}").read_bytes() == shown.out != b""


def test_figures_written_earlier_are_no_input(cli: Cli) -> None:
    before = cli("report", "in", *FIGURES).out
    for _ in range(2):
        assert cli("report", "in", *FIGURES, "--output-file", "in/figures.jsonl").status == 0
    written = Path("in/figures.jsonl").read_bytes()
    assert written.splitlines()[:-1] == before.splitlines()[:-1]
    assert json.loads(written.splitlines()[-1])["skipped"]  # it is left out, and that is said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["in", "--output-file", "in/once.md"], "in/once.md would overwrite the input in/once.md"),
        (["in/once.md", "--output-file", "in/once.md"], "would overwrite the input"),
        (["in", "--output-file", "r.json", "--report", "r.json"], "would overwrite"),
        (["in/once.md", "--output-file", "r.json", "--report", "r.json"], "would overwrite"),
        (["in", "--output-file", ""], "--output-file names no file: its path is empty"),
        (["in", "--output-format", "jsnl"], "'jsnl' is not one of text, json, jsonl"),
        (["in", "-0"], "-0 is for the list of --files-from"),
        (["in", "missing.txt"], "missing.txt: no such file or directory"),
    ],
)
def test_what_cannot_be_is_refused(cli: Cli, arguments: list[str], said: str) -> None:
    before = many.tree(Path())
    ran = cli("report", *arguments)
    assert (ran.status, said in ran.err) == (2, True), ran.err
    assert many.tree(Path()) == before


def test_json_is_the_report_that_is_written_beside(cli: Cli) -> None:
    for inputs in (["in"], ["in/deep/twice.txt"], ["in/records.jsonl"]):
        ran = cli("report", *inputs, "--output-format", "json", "--report", "r.json")
        assert ran.status == 0
        assert ran.out == Path("r.json").read_bytes()


def test_of_several_files_each_document_that_would_change_has_a_row(cli: Cli) -> None:
    ran = cli("report", "in")
    assert (ran.status, ran.err) == (0, "")
    head, *rows, empty, legend, _, last = ran.out.decode().splitlines()
    assert head.split() == ["removed", "share", "where", "findings", "document"]
    assert [row.split()[-1] for row in rows] == ["deep/twice.txt", "records.jsonl#2"]
    assert empty == "" and "copy, removed" in legend
    assert last == "Would remove 4 of 10 paragraphs (41%) from 2 of 4 documents; 2 repeated blocks."
    assert not any("once.md" in line for line in ran.out.decode().splitlines())
    assert any("once.md" in line for line in cli("report", "in", "-v").out.decode().splitlines())


def test_every_report_of_a_run_carries_every_finding(cli: Cli) -> None:
    """What the page leaves out is in all others: more findings than any of them ever showed."""
    said = paragraphs(140, seed=7)
    text = "\n\n".join([*said, *reversed(said)]) + "\n"
    Path("in/back.txt").write_text(text)
    named = [f"--report=r.{kind}" for kind in ("json", "md", "csv", "diff")]
    assert cli("report", "in", *named).status == 0
    found = {
        each["name"]: each["findings"]
        for each in json.loads(Path("r.json").read_bytes())["documents"]
    }
    numbers = {(name, at) for name, each in found.items() for at in range(1, len(each) + 1)}
    assert len(found["back.txt"]) > 120 and len(found) == 5
    with open("r.csv", newline="") as file:
        assert {(row["document"], int(row["finding"])) for row in csv.DictReader(file)} == numbers
    sections = re.split(r"(?m)^## `(.*)`$", Path("r.md").read_text())[1:]
    assert {
        (name, int(number))
        for name, section in zip(sections[::2], sections[1::2], strict=True)
        for number in re.findall(r"(?m)^### ([0-9]+)[.]", section)
    } == numbers
    gone = [line[1:] for line in Path("r.diff").read_text().splitlines() if line.startswith("-")]
    removed = [
        edit["removed"]
        for document in json.loads(Path("r.json").read_bytes())["documents"]
        for edit in document["edits"]
    ]
    lost = "".join(removed).splitlines()
    assert sorted(line for line in gone if line and line[:2] != "--") == sorted(filter(None, lost))


@pytest.mark.skipif(shutil.which("patch") is None, reason="needs patch")
def test_a_diff_that_is_written_is_what_patch_takes(cli: Cli) -> None:
    """The texts that are files: records are shown as texts of their own."""
    Path("in/records.jsonl").unlink()
    Path("in/crlf.txt").write_bytes(TWICE.replace("\n", "\r\n").encode())
    Path("in/wide.txt").write_bytes(b"\xef\xbb\xbf" + TWICE.encode())
    assert cli("clean", "in", "-o", "out", "--report", "r.diff").status == 0
    subprocess.run(["patch", "-p0", "--binary", "-s", "-d", "in", "-i", "../r.diff"], check=True)
    for path in Path("out").rglob("*.*"):
        if not path.name.startswith(".dedup"):
            assert Path("in", path.relative_to("out")).read_bytes() == path.read_bytes()
    # It is ours: it may be written again, and is no text.
    assert cli("report", "in", "--report", "r.diff").status == 0
    Path("in/r.diff.txt").write_bytes(Path("r.diff").read_bytes())
    assert "Skipped 1" in cli("report", "in").out.decode()


def test_overrides_hold_here_too(cli: Cli) -> None:
    Path("dedup.toml").write_text('[[override]]\ninclude = ["*.jsonl"]\nfield = "body"\n')
    ran = cli("report", "in", *FIGURES)
    assert ran.status == 2 and "records.jsonl" in ran.err
    assert [each["name"] for each in checked(ran.out) if each["type"] == "document"] == [
        "deep/twice.txt",
        "once.md",
    ]


def test_no_name_acts_as_a_command_of_a_build_server(cli: Cli) -> None:
    Path("in/::error::x ##[error]y.txt").write_text(TWICE)
    for kind in ("text", "json", "jsonl"):
        out = cli("report", "in", "--output-format", kind).out.decode()
        assert not any(line.startswith("::") or "##[" in line for line in out.splitlines())


def test_every_field_is_in_the_documentation() -> None:
    page = Path(__file__).parents[1].joinpath("docs", "report.md").read_text("utf-8")
    for name, limit in THRESHOLDS.items():
        assert f"| `{name}` | {limit:.2f} |" in page
    schema: Any = figures_schema().schema
    for kind in ("document", "failure", "summary"):
        for name in schema["$defs"][kind]["properties"]:
            assert f"`{name}`" in page or name == "type", name


def test_a_sweep_says_what_each_threshold_would_do(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    story, other = "\n\n".join(paragraphs(12, 5)), "\n\n".join(paragraphs(12, 9))
    for name, text in {"a": story, "b": story, "c": other}.items():
        (tmp_path / f"{name}.txt").write_text(f"{text}\n")
    args = ["report", str(tmp_path), "--scope", "corpus", "--sweep"]
    assert main([*args, "--output-format", "json"]) == 0
    swept = json.loads(capsysbinary.readouterr().out)
    assert {(one["clusters"], one["members"]) for one in swept["documents"]} == {(1, 1)}
    assert [one["in_force"] for one in swept["documents"]].count(True) == 1
    assert [(one["copy"], one["kept"]) for one in swept["accepted"]] == [("b.txt", "a.txt")]
    copied = [one["copies"] for one in swept["paragraphs"]]
    assert copied[0] == 12
    assert copied == sorted(copied)
    assert main(args) == 0
    assert b"b.txt  a.txt" in capsysbinary.readouterr().out


@pytest.mark.parametrize(
    ("more", "what"),
    [
        (["--sweep"], "--sweep needs --scope corpus"),
        (["--sweep", "--scope", "corpus", "--clusters", "c.csv"], "--clusters cannot go with it"),
        (["--sweep", "--scope", "corpus", "--output-format", "jsonl"], "text or json"),
    ],
)
def test_a_sweep_goes_with_nothing_that_needs_decisions(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], more: list[str], what: str
) -> None:
    (tmp_path / "a.txt").write_text("One.\n")
    assert main(["report", str(tmp_path), *more]) == 2
    assert what in capsys.readouterr().err
