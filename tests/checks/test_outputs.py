"""Where the formats of a check go: standard output, files, the summary of a build's step."""

from __future__ import annotations

import json
import os
from pathlib import Path
from xml.etree import ElementTree

import pytest

from dedup.checks.formats import FORMATS
from dedup.cli import main, step
from tests import many
from tests.checks.runner import commands
from tests.checks.schemas import sarif_schema
from tests.conftest import Run
from tests.texts import DOUBLED

Out = pytest.CaptureFixture[str]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a text in it that says everything twice."""
    for name in ("CI", "GITHUB_ACTIONS", "GITHUB_WORKSPACE", "CI_PROJECT_DIR", step.VARIABLE):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    Path(".git").mkdir()
    Path("docs").mkdir()
    Path("docs/a.txt").write_text(DOUBLED)
    return tmp_path


def test_reports_of_every_kind_are_written_beside_the_findings(place: Path, capsys: Out) -> None:
    names = [
        "x.sarif",
        "x.xml",
        "gitlab:x.json",
        "rdjson:r.json",
        "checkstyle:c.xml",
        "all.json",
        "x.md",
    ]
    reports = [part for name in names for part in ("--report", name)]
    assert main(["check", "docs", "--output-format", "concise", *reports]) == 1
    assert capsys.readouterr().out.startswith("docs/a.txt:")
    log = json.loads(Path("x.sarif").read_text())
    sarif_schema().validate(log)
    place_of = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert place_of["artifactLocation"]["uri"] == "docs/a.txt"
    assert ElementTree.parse("x.xml").getroot().tag == "testsuites"
    assert ElementTree.parse("c.xml").getroot().tag == "checkstyle"
    assert json.loads(Path("x.json").read_text())[0]["check_name"] == "repeated-block"
    assert len(json.loads(Path("r.json").read_text())["diagnostics"]) == 1
    assert json.loads(Path("all.json").read_text())["format"] == "dedup-report"
    assert Path("x.md").read_text().startswith("# What repeats\n")


def test_the_same_is_written_as_to_standard_output(place: Path, capsys: Out) -> None:
    for name in FORMATS:
        main(["check", "docs", "--output-format", name])
        out = capsys.readouterr().out
        main(["check", "docs", "--output-format", name, "--output-file", "findings"])
        assert capsys.readouterr().out == ""
        assert Path("findings").read_text() == out


def test_paths_are_relative_to_the_repository_for_programs(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: Out
) -> None:
    monkeypatch.chdir("docs")
    main(["check", "a.txt", "--output-format", "github"])
    (found,) = commands(capsys.readouterr().out)
    assert found.properties["file"] == "docs/a.txt"
    main(["check", "a.txt", "--output-format", "concise"])
    assert capsys.readouterr().out.startswith("a.txt:")


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("x.sarf", "unknown format\nhint: did you mean sarif?"),
        ("sarf:x", "unknown format\nhint: did you mean sarif?"),
        (
            "x.doc",
            "unknown format\nhint: known formats: html, json, md, markdown, csv, diff, text, concise, jsonl,",
        ),
        ("sarif:", "--report names no file: its path is empty"),
        ("sarif:docs/a.txt", "docs/a.txt would overwrite the input"),
    ],
)
def test_wrong_reports_are_refused(value: str, said: str, place: Path, capsys: Out) -> None:
    assert main(["check", "docs/a.txt", "--report", value]) == 2
    out, err = capsys.readouterr()
    assert said in err and out == ""
    assert Path("docs/a.txt").read_text() == DOUBLED


def test_formats_of_findings_are_for_check_alone(place: Path, capsys: Out) -> None:
    assert main(["clean", "docs/a.txt", "--report", "x.sarif"]) == 2
    assert "known formats: html, json, md, markdown, csv, diff\n" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["json", "jsonl", "markdown"])
def test_output_of_an_earlier_run_is_no_text(name: str, place: Path, capsys: Out) -> None:
    suffix = {"json": "md", "jsonl": "jsonl", "markdown": "md"}[name]
    Path(f"docs/old.{suffix}").touch()
    main(["check", "docs", "--output-format", name, "--output-file", f"docs/old.{suffix}"])
    assert Path(f"docs/old.{suffix}").stat().st_size > 300
    capsys.readouterr()
    main(["check", "docs"])
    assert "1 written by dedup" in capsys.readouterr().err


# The summary of a step


@pytest.fixture
def page(place: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = place / "summary"
    path.write_text("What stood there.\n\n")
    monkeypatch.setenv(step.VARIABLE, str(path))
    return path


def test_the_page_is_appended_with_the_format_github_alone(page: Path, capsys: Out) -> None:
    assert main(["check", "docs"]) == 1
    assert page.read_text() == "What stood there.\n\n"
    assert main(["check", "docs", "--output-format", "github"]) == 1
    text = page.read_text()
    assert text.startswith("What stood there.\n\n## What dedup check found\n")
    assert "| `docs/a.txt` | `" in text
    assert main(["check", "docs", "--report", "github:annotations"]) == 1
    assert page.read_text().count("## What dedup check found") == 2
    assert capsys.readouterr().err.count("error") == 0


@pytest.mark.parametrize("kind", ["folder", "missing", "pipe", "full"])
def test_a_page_that_cannot_be_written_costs_one_line_and_no_finding(
    kind: str, page: Path, capsys: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    page.unlink()
    if kind == "folder":
        page.mkdir()
    elif kind == "missing":
        monkeypatch.setenv(step.VARIABLE, str(page / "below"))
    elif kind == "pipe":
        os.mkfifo(page)
    else:
        page.write_bytes(b"x" * step.MOST)
    assert main(["check", "docs", "--output-format", "github"]) == 1
    out, err = capsys.readouterr()
    assert len(commands(out)) == 1
    errors = [line for line in err.splitlines() if line.startswith("dedup: error: ")]
    said = {"folder": "is not a regular file", "missing": "No such file or directory",
            "pipe": "is not a regular file", "full": "holds 900 KiB already"}  # fmt: skip
    assert len(errors) == 1 and said[kind] in errors[0]
    assert kind != "full" or page.stat().st_size == step.MOST


def test_the_page_takes_no_more_room_than_there_is(page: Path, capsys: Out) -> None:
    page.write_bytes(b"x" * (step.MOST - 5_000))
    files = {f"{name}": said for name, said in many.texts(30).items()}
    many.write(page.parent / "docs", files)
    main(["check", "docs", "--output-format", "github"])
    assert step.MOST - 2_500 < page.stat().st_size <= step.MOST
    assert "more findings, not shown here" in page.read_text()
    assert "error" not in capsys.readouterr().err


@pytest.mark.parametrize("name", FORMATS)
def test_workers_and_hash_seeds_do_not_matter(name: str, tmp_path: Path, run_dedup: Run) -> None:
    many.write(tmp_path / "texts", many.texts(12))
    (tmp_path / "texts" / "bad.txt").write_bytes(b"a\xff\xfe b")
    outputs = set()
    for workers, seed in (("1", "0"), ("2", "1")):
        done = run_dedup(
            "check", "texts", "-v", "-j", workers, "--output-format", name, cwd=tmp_path,
            env={"PYTHONHASHSEED": seed},
        )  # fmt: skip
        assert done.returncode == 2
        outputs.add((done.stdout, done.stderr))
    assert len(outputs) == 1


@pytest.mark.parametrize(
    "flags", [["--output-file", "docs/b.txt"], ["--report", "sarif:docs/b.txt"]]
)
def test_a_text_is_never_taken_for_an_earlier_output(
    place: Path, capsys: Out, flags: list[str]
) -> None:
    Path("docs/b.txt").write_text("A text of its own.\n")
    assert main(["check", "docs", *flags]) == 2
    assert "docs/b.txt would overwrite the input" in capsys.readouterr().err
    assert Path("docs/b.txt").read_text() == "A text of its own.\n"


def test_a_page_in_the_folder_it_is_about_is_written_anew(place: Path) -> None:
    command = ["check", "docs", "--output-format", "markdown", "--output-file", "docs/found.md"]
    assert main(command) == 1
    first = Path("docs/found.md").read_bytes()
    assert main(command) == 1
    assert Path("docs/found.md").read_bytes() == first


def test_with_qq_only_the_status_and_the_files_tell(place: Path, capsys: Out) -> None:
    assert main(["check", "docs", "-qq", "--report", "x.sarif"]) == 1
    assert capsys.readouterr() == ("", "")
    assert json.loads(Path("x.sarif").read_text())["runs"][0]["results"]


def test_what_a_reader_should_know_of_a_text_stands_in_the_json_too(
    place: Path, capsys: Out
) -> None:
    Path("docs/b.md").write_text("<!-- dedup: kep -->\n\nA text of its own.\n")
    main(["check", "docs", "--output-format", "json"])
    out, err = capsys.readouterr()
    (warning,) = json.loads(out)["summary"]["warnings"]
    assert warning.startswith("docs/b.md: line 1: ") and warning in err


@pytest.mark.parametrize("variable", ["GITHUB_WORKSPACE", "CI_PROJECT_DIR"])
def test_paths_are_those_of_the_workspace_wherever_the_command_runs(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: Out, variable: str
) -> None:
    Path(".git").rmdir()
    monkeypatch.setenv(variable, str(place))
    monkeypatch.chdir("/")
    assert main(["check", str(place / "docs/a.txt"), "--output-format", "gitlab"]) == 1
    (issue,) = json.loads(capsys.readouterr().out)
    assert issue["location"]["path"] == "docs/a.txt"
