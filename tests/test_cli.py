"""Status, standard output and standard error of every command, in process."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from dedup.batch import single
from dedup.cli import main
from dedup.cli.commands import COMMANDS
from dedup.cli.talk import wants_color
from dedup.engine.plan import UnsafePlan
from dedup.options import Options
from tests.texts import CLEAN, DOUBLED

SUMMARY = "Removed 4 of 9 paragraphs (49%) from a.txt; 1 repeated block.\n"


class Run(NamedTuple):
    status: int
    out: bytes
    err: str


class Cli:
    """Runs commands in a folder of its own that holds ``a.txt`` (doubled) and ``u.txt`` (clean)."""

    def __init__(self, capture: pytest.CaptureFixture[bytes], patch: pytest.MonkeyPatch) -> None:
        self._capture = capture
        self._patch = patch

    def __call__(self, *args: str, stdin: bytes | None = None) -> Run:
        if stdin is not None:
            self._patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        status = main(args)
        out, err = self._capture.readouterr()
        return Run(status, out, err.decode())


@pytest.fixture
def cli(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> Cli:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("DEDUP_")]:
        monkeypatch.delenv(name)
    Path(".git").mkdir()  # the search for a config file ends here
    Path("a.txt").write_bytes(DOUBLED.encode())
    Path("u.txt").write_bytes(CLEAN.encode())
    return Cli(capsysbinary, monkeypatch)


def everything() -> dict[str, tuple[bytes, int, int]]:
    """Content, time and inode of every file here."""
    files = (path for path in sorted(Path().rglob("*")) if path.is_file())
    return {
        str(path): (path.read_bytes(), path.stat().st_mtime_ns, path.stat().st_ino)
        for path in files
    }


# What is refused: arguments, the line, the hint. Nothing may be written by any of them.
REFUSED = {
    "unknown flag": (
        ["clean", "--treshold", "1"],
        "no such option: --treshold",
        "did you mean --threshold?",
    ),
    "flag cut short": (["clean", "--thresh", "1"], "no such option: --thresh", "did you mean"),
    "unknown command": (["cleen"], "no such command: cleen", "did you mean clean?"),
    "command cut short": (["cle"], "no such command: cle", "did you mean clean?"),
    "no command": (["b.txt"], "no such command: b.txt", "commands: clean, check, report"),
    "path as command": (["a.txt"], "no such command: a.txt", "it is a path: dedup clean a.txt"),
    "only an ending in common": (
        ["check", "--fail", "a.txt"],
        "no such option: --fail",
        "see dedup check --help",
    ),
    "recursive": (
        ["clean", "--recursive", "."],
        "no such option: --recursive",
        "folders are always read",
    ),
    "recursive, short": (["check", "-rq", "."], "no such option: -r", "folders are always read"),
    "recursive, no folder": (["explain", "-r"], "no such option: -r", "see dedup explain --help"),
    "dry run": (["clean", "-n", "a.txt"], "no such option: -n", "--diff shows what would go"),
    "dry run of another": (
        ["restore", "-n", "a.txt"],
        "no such option: -n",
        "see dedup restore --help",
    ),
    "flag before the command": (
        ["-v", "clean", "a.txt"],
        "no such option: -v",
        "flags stand behind a command: dedup clean -v",
    ),
    "flag without a command": (
        ["--threshold", "0.8"],
        "no such option: --threshold",
        "flags stand behind a command: dedup clean --threshold",
    ),
    "version in short": (["-V"], "no such option: -V", "did you mean --version?"),
    "help as a command": (["help", "clean"], "no such command: help", "did you mean --help?"),
    "standard input as a command": (["-"], "no such command: -", "it is a path: dedup clean -"),
    "output of check": (
        ["check", "a.txt", "-o", "x"],
        "no such option: -o",
        "--output-file FILE takes what is shown",
    ),
    "format of clean": (
        ["clean", "a.txt", "--output-format", "json"],
        "no such option: --output-format",
        "--report FILE.json writes the findings",
    ),
    "page as a format": (
        ["report", "a.txt", "--output-format", "html"],
        "--output-format: 'html' is not one of text, json, jsonl",
        "--report FILE.html",
    ),
    "as cp has it": (
        ["clean", "a.txt", "b.txt"],
        "several files need a place to go",
        "give -o DIR or --in-place; or -o b.txt, if it is to go there",
    ),
    "an address": (
        ["clean", "https://example.org/a.html"],
        "https://example.org/a.html: no such file or directory",
        "nothing is fetched: curl URL | dedup",
    ),
    "percent of one": (["clean", "a.txt", "--threshold", "80"], "--threshold: 80.0", "80 % is 0.8"),
    "percent sign": (
        ["clean", "a.txt", "--threshold", "80%"],
        "--threshold: '80%' is not a number",
        "write 0.8",
    ),
    "percent sign of percent": (
        ["check", "a.txt", "--max-redundancy", "5%"],
        "--max-redundancy: '5%' is not a number",
        "write 5",
    ),
    "to": (["clean", "--to", "x", "a.txt"], "no such option: --to", "-o names a file or a folder"),
    "unknown choice": (
        ["clean", "a.txt", "--keep-copy", "longst"],
        "--keep-copy: 'longst' is not one of fullest, first, last, longest",
        "did you mean longest?",
    ),
    "unknown colour": (
        ["clean", "a.txt", "--color", "alway"],
        "--color: 'alway' is not one of auto, always, never",
        "did you mean always?",
    ),
    "out of range": (
        ["clean", "a.txt", "--threshold", "1.5"],
        "--threshold: 1.5 is out of range: it must be from 0 to 1",
        "",
    ),
    "not a number": (
        ["clean", "a.txt", "--threshold", "x"],
        "--threshold: 'x' is not a number",
        "",
    ),
    "nan": (["clean", "a.txt", "--threshold", "nan"], "--threshold: nan is out of range", ""),
    "not whole": (
        ["clean", "a.txt", "--min-chars", "2.5"],
        "--min-chars: '2.5' is not a whole number",
        "",
    ),
    "no value": (
        ["clean", "a.txt", "--threshold"],
        "option '--threshold' requires an argument",
        "see dedup clean --help",
    ),
    "two inputs": (
        ["clean", "a.txt", "u.txt"],
        "several files need a place to go",
        "give -o DIR or --in-place",
    ),
    "missing file": (
        ["clean", "aa.txt"],
        "aa.txt: no such file or directory",
        "did you mean a.txt?",
    ),
    "folder": (["clean", "."], "./: is a directory", "give -o DIR or --in-place"),
    "R07 same path": (
        ["clean", "a.txt", "-o", "a.txt"],
        "-o a.txt would overwrite the input",
        "in-place",
    ),
    "R07 dotted path": (
        ["clean", "a.txt", "-o", "./a.txt"],
        "-o ./a.txt would overwrite the input",
        "use --in-place",
    ),
    "R07 symbolic link": (
        ["clean", "a.txt", "-o", "soft"],
        "-o soft would overwrite the input",
        "use --in-place",
    ),
    "R07 hard link": (
        ["clean", "a.txt", "-o", "hard"],
        "-o hard would overwrite the input",
        "use --in-place",
    ),
    "R07 plan": (["clean", "a.txt", "--plan", "hard"], "--plan hard would overwrite the input", ""),
    "R07 report": (
        ["report", "a.txt", "--report", "md:soft"],
        "--report soft would overwrite the input",
        "",
    ),
    "R07 restore": (
        ["restore", "a.txt", "--plan", "u.txt", "-o", "hard"],
        "-o hard would overwrite the input",
        "use --in-place",
    ),
    "restore over its plan": (
        ["restore", "a.txt", "--plan", "u.txt", "-o", "./u.txt"],
        "-o ./u.txt would overwrite --plan u.txt",
        "",
    ),
    "one file twice": (
        ["clean", "a.txt", "-o", "x.md", "--report", "./x.md"],
        "--report ./x.md would overwrite -o x.md",
        "",
    ),
    "plan is report": (
        ["clean", "a.txt", "--plan", "x.json", "--report", "x.json"],
        "--report x.json would overwrite --plan x.json",
        "",
    ),
    "report is backup": (
        ["clean", "a.txt", "-i", "--backup", "--report", "md:a.txt.orig"],
        "--report a.txt.orig would overwrite --backup a.txt.orig",
        "",
    ),
    "two places": (["clean", "a.txt", "-i", "-o", "x"], "-o cannot go with --in-place", ""),
    "pipe in place": (["clean", "-", "-i"], "--in-place needs a file", ""),
    "restore pipe in place": (["restore", "--plan", "p", "-i"], "--in-place needs a file", ""),
    "backup of nothing": (["clean", "a.txt", "--backup"], "--backup needs --in-place", ""),
    "check writes": (
        ["clean", "a.txt", "--check", "-o", "x"],
        "--check writes nothing, so -o cannot go with it",
        "",
    ),
    "diff writes": (
        ["clean", "a.txt", "--diff", "--plan", "x"],
        "--diff writes nothing, so --plan cannot go with it",
        "",
    ),
    "named file": (
        ["clean", "a.txt", "--stdin-filename", "b"],
        "--stdin-filename is for standard input, and the input is a.txt",
        "",
    ),
    "report format": (
        ["clean", "a.txt", "--report", "x.jsn"],
        "--report x.jsn: unknown format",
        "did you mean json?",
    ),
    "report prefix": (
        ["clean", "a.txt", "--report", "mdd:x"],
        "--report mdd:x: unknown format",
        "did you mean md?",
    ),
    "report without format": (
        ["report", "a.txt", "--report", "x"],
        "--report x: unknown format",
        "known formats: html, json, md",
    ),
    "report to stdout": (
        ["clean", "a.txt", "--report", "json:-"],
        "--report -: standard output is for",
        "give a FILE",
    ),
    "plan to stdout": (["clean", "a.txt", "--plan", "-"], "--plan -:", "give a FILE"),
    "no plan": (["restore", "a.txt"], "missing option '--plan'", "see dedup restore --help"),
    "missing plan": (["restore", "a.txt", "--plan", "p"], "p: no such file or directory", ""),
    "no plan at all": (
        ["restore", "a.txt", "--plan", "u.txt"],
        "u.txt: is not a plan of dedup",
        "dedup clean --plan FILE writes one",
    ),
    "no encoding": (
        ["clean", "a.txt", "--encoding", "utf-88"],
        "--encoding: 'utf-88' is not a known encoding",
        "did you mean",
    ),
    "empty path": (["clean", ""], "'': no such file or directory", ""),
    "empty output": (["clean", "a.txt", "-o", ""], "-o names no file: its path is empty", ""),
    "empty plan": (["clean", "a.txt", "--plan", ""], "--plan names no file", ""),
    "empty report": (["clean", "a.txt", "--report", "md:"], "--report names no file", ""),
    "escapes": (
        ["clean", "x\x1b[2J\n::error::y"],
        "x\\x1b[2J\\n::error::y: no such file or directory",
        "",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refusals_are_one_line_and_change_nothing(cli: Cli, case: str) -> None:
    """R07 and the usage errors: status 2, nothing on stdout, the input intact."""
    Path("soft").symlink_to("a.txt")
    os.link("a.txt", "hard")
    before = everything()
    args, line, hint = REFUSED[case]
    status, out, err = cli(*args)
    assert (status, out) == (2, b"")
    first, *rest = err.splitlines()
    assert first.startswith(f"dedup: error: {line}")
    assert len(rest) <= 1 and all(text.startswith("hint: ") for text in rest)
    assert hint in "".join(rest)
    assert everything() == before


def test_clean_writes_the_text_to_stdout_and_one_line_to_stderr(cli: Cli) -> None:
    assert cli("clean", "a.txt") == (0, CLEAN.encode(), SUMMARY)


def test_clean_says_nothing_about_an_unchanged_text(cli: Cli) -> None:
    assert cli("clean", "u.txt") == (0, CLEAN.encode(), "")
    assert cli("clean", "u.txt", "-v") == (0, CLEAN.encode(), "Removed nothing from u.txt.\n")


def test_quiet_and_verbose(cli: Cli) -> None:
    assert cli("clean", "a.txt", "-q") == (0, CLEAN.encode(), "")
    loud = cli("clean", "a.txt", "-v")
    assert loud.out == CLEAN.encode()
    assert loud.err.startswith("repeated-block: ") and loud.err.endswith(SUMMARY)
    assert cli("clean", "missing", "-q").err.startswith("dedup: error: missing: ")
    assert cli("clean", "missing", "-qq") == (2, b"", "")


def test_clean_reads_a_pipe_by_its_name(cli: Cli) -> None:
    piped = cli("clean", "-", stdin=DOUBLED.encode())
    assert piped == (0, CLEAN.encode(), SUMMARY.replace("a.txt", "stdin"))
    named = cli("clean", "-", "--stdin-filename", "some/a.txt", stdin=DOUBLED.encode())
    assert named == (0, CLEAN.encode(), SUMMARY)


def test_pipe_and_file_of_one_name_give_the_same_report_and_plan(cli: Cli) -> None:
    """I6: pipe or file, the same bytes."""
    cli("clean", "a.txt", "--plan", "p1", "--report", "r1.json")
    cli("clean", "-", "--stdin-filename", "a.txt", "--plan", "p2", "--report", "r2.json",
        stdin=DOUBLED.encode())  # fmt: skip
    assert Path("p1").read_bytes() == Path("p2").read_bytes()
    assert Path("r1.json").read_bytes() == Path("r2.json").read_bytes()


def test_output_replaces_a_file_and_dash_is_stdout(cli: Cli) -> None:
    Path("out.txt").write_text("old")
    assert cli("clean", "a.txt", "-o", "out.txt") == (0, b"", SUMMARY)
    assert Path("out.txt").read_text() == CLEAN
    assert cli("clean", "a.txt", "-o", "-").out == CLEAN.encode()
    assert not Path("-").exists()


def test_an_unchanged_text_is_still_written_to_the_output(cli: Cli) -> None:
    assert cli("clean", "u.txt", "-o", "out.txt") == (0, b"", "")
    assert Path("out.txt").read_text() == CLEAN


def test_in_place_with_backup(cli: Cli) -> None:
    assert cli("clean", "-i", "--backup", "a.txt") == (0, b"", SUMMARY)
    assert Path("a.txt").read_text() == CLEAN
    assert Path("a.txt.orig").read_text() == DOUBLED


def test_backup_with_a_suffix_of_its_own(cli: Cli) -> None:
    assert cli("clean", "-i", "--backup=.bak", "a.txt").status == 0
    assert Path("a.txt.bak").read_text() == DOUBLED
    assert not Path("a.txt.orig").exists()


def test_backup_is_never_overwritten(cli: Cli) -> None:
    """R11"""
    Path("a.txt.orig").write_text("precious")
    status, _, err = cli("clean", "-i", "--backup", "a.txt")
    assert status == 2 and err.startswith("dedup: error: a.txt.orig: already exists\n")
    assert Path("a.txt").read_text() == DOUBLED
    assert Path("a.txt.orig").read_text() == "precious"


def test_in_place_leaves_an_unchanged_file_alone(cli: Cli) -> None:
    """I5: not rewritten, and no backup made."""
    before = everything()
    assert cli("clean", "-i", "--backup", "u.txt") == (0, b"", "")
    assert everything() == before


def test_in_place_says_when_other_names_keep_the_old_text(cli: Cli) -> None:
    os.link("a.txt", "hard")
    err = cli("clean", "-i", "a.txt").err
    assert err == SUMMARY + "a.txt: its other hard links still hold the old text\n"
    assert Path("hard").read_text() == DOUBLED


def test_check_and_diff_exit_1_and_write_nothing(cli: Cli) -> None:
    """I14"""
    before = everything()
    would = SUMMARY.replace("Removed", "Would remove")
    assert cli("clean", "a.txt", "--check") == (1, b"", would)
    status, diff, err = cli("clean", "a.txt", "--diff")
    assert (status, err) == (1, would)
    assert diff.startswith(b"--- a.txt\n+++ a.txt\n@@ ")
    assert cli("clean", "a.txt", "--diff", "--check") == (1, diff, would)
    assert everything() == before


def test_check_and_diff_of_a_clean_text_exit_0(cli: Cli) -> None:
    assert cli("clean", "u.txt", "--check", "--diff") == (0, b"", "")


@pytest.mark.skipif(not shutil.which("patch"), reason="needs patch")
@pytest.mark.parametrize(
    "data",
    [
        DOUBLED.encode(),
        DOUBLED.rstrip("\n").encode(),
        DOUBLED.replace("\n", "\r\n").encode(),
        b"\xef\xbb\xbf" + DOUBLED.encode(),
        DOUBLED.replace("warm", "wárm").encode("latin-1"),
    ],
    ids=["lf", "no final newline", "crlf", "bom", "latin-1"],
)
def test_the_diff_applied_with_patch_gives_the_cleaned_bytes(cli: Cli, data: bytes) -> None:
    """I11"""
    Path("a.txt").write_bytes(data)
    latin = ["--encoding", "latin-1"] if b"\xe1" in data else []
    cleaned = cli("clean", "a.txt", *latin).out
    diff = cli("clean", "a.txt", "--diff", *latin).out
    assert cleaned != data
    subprocess.run(["patch", "--binary", "-s", "a.txt"], input=diff, check=True)
    assert Path("a.txt").read_bytes() == cleaned


def test_diff_colours_only_when_told_to_or_on_a_terminal(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")  # a pipe to patch must not break by a variable of CI
    assert b"\x1b" not in cli("clean", "a.txt", "--diff").out
    assert b"\x1b[" in cli("clean", "a.txt", "--diff", "--color", "always").out


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32", "latin-1"])
def test_a_coloured_diff_is_in_utf8_whatever_the_file_is(cli: Cli, encoding: str) -> None:
    text = DOUBLED.replace("Ferry bulletin\n\n", "").replace("third", "th\xefrd")
    Path("a.txt").write_bytes(text.encode(encoding))
    args = ("clean", "a.txt", "--diff", "--color", "always", "--encoding", encoding)
    status, out, _ = cli(*args, "--keep-copy", "last")
    mark = "" if encoding == "latin-1" else "\\ufeff"
    assert status == 1
    assert f"{mark}The ferry to the outer islands was cancelled for a th\xefrd" in out.decode()


def test_r53_a_coloured_diff_in_a_build_log_holds_no_commands(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A build server looks for ``##[`` anywhere in a line."""
    Path("a.txt").write_text(DOUBLED.replace("Harbour staff", "##[error]Harbour staff"))
    for name in ("CI", "GITHUB_ACTIONS"):
        monkeypatch.delenv(name, raising=False)
    assert b"##[error]" in cli("clean", "a.txt", "--diff", "--color", "always").out
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    shown = cli("clean", "a.txt", "--diff", "--color", "always").out
    assert b"##[" not in shown and b"#\\#[error]" in shown


def test_plan_restores_to_stdout_to_a_file_and_in_place(cli: Cli) -> None:
    """I1, over the command line."""
    cli("clean", "a.txt", "-o", "out.txt", "--plan", "p.jsonl")
    assert cli("restore", "out.txt", "--plan", "p.jsonl") == (0, DOUBLED.encode(), "")
    assert cli("restore", "-", "--plan", "p.jsonl", stdin=CLEAN.encode()).out == DOUBLED.encode()
    assert cli("restore", "out.txt", "--plan", "p.jsonl", "-o", "again.txt") == (0, b"", "")
    assert Path("again.txt").read_text() == DOUBLED
    assert cli("restore", "out.txt", "--plan", "p.jsonl", "-i") == (0, b"", "")
    assert Path("out.txt").read_text() == DOUBLED


def test_restore_of_a_text_nothing_was_removed_from(cli: Cli) -> None:
    cli("clean", "u.txt", "-o", "out.txt", "--plan", "p.jsonl")
    assert cli("restore", "out.txt", "--plan", "p.jsonl") == (0, CLEAN.encode(), "")


def test_restore_refuses_a_text_that_is_not_the_cleaned_one(cli: Cli) -> None:
    """R61"""
    cli("clean", "a.txt", "-o", "out.txt", "--plan", "p.jsonl")
    Path("out.txt").write_text(CLEAN + "more\n")
    status, out, err = cli("restore", "out.txt", "--plan", "p.jsonl")
    assert (status, out) == (2, b"")
    assert err.startswith("dedup: error: out.txt: is not the cleaned text of a.txt in this plan\n")


def test_a_plan_of_the_same_run_is_written_again(cli: Cli) -> None:
    cli("clean", "a.txt", "-o", "out.txt", "--plan", "p.jsonl")
    plan = Path("p.jsonl").read_bytes()
    assert cli("clean", "a.txt", "-o", "out.txt", "--plan", "p.jsonl").status == 0
    assert Path("p.jsonl").read_bytes() == plan


@pytest.mark.parametrize("other", [["u.txt"], ["a.txt", "--threshold", "0.9"]])
def test_a_plan_of_another_run_is_replaced_only_by_force(cli: Cli, other: list[str]) -> None:
    cli("clean", "a.txt", "--plan", "p.jsonl")
    plan = Path("p.jsonl").read_bytes()
    status, out, err = cli("clean", *other, "--plan", "p.jsonl", "-o", "out.txt")
    assert (status, out) == (2, b"")
    assert err.startswith(
        "dedup: error: p.jsonl: holds the plan of another run\nhint: give another name to keep it, or --force"
    )
    assert Path("p.jsonl").read_bytes() == plan and not Path("out.txt").exists()
    assert cli("clean", *other, "--plan", "p.jsonl", "--force").status == 0
    assert Path("p.jsonl").read_bytes() != plan


def test_a_file_that_is_no_plan_is_not_replaced(cli: Cli) -> None:
    status, _, err = cli("clean", "a.txt", "--plan", "u.txt")
    assert status == 2 and err.startswith("dedup: error: u.txt: ")
    assert Path("u.txt").read_text() == CLEAN


def test_reports_by_suffix_and_by_prefix(cli: Cli) -> None:
    cli("clean", "a.txt", "--report", "r.json", "--report", "md:notes", "--report", "r.markdown")
    assert json.loads(Path("r.json").read_bytes())
    assert Path("notes").read_bytes() == Path("r.markdown").read_bytes() != b""


def test_report_shows_and_writes_only_what_it_is_told(cli: Cli) -> None:
    before = everything()
    status, out, err = cli("report", "a.txt")
    assert (status, err) == (0, "")
    assert "a.txt" in out.decode() and b"\x1b" not in out
    assert everything() == before
    assert cli("report", "a.txt", "--report", "r.json") == (0, out, "")
    assert set(everything()) == {*before, "r.json"}


def test_report_and_clean_write_the_same_report(cli: Cli) -> None:
    """I11"""
    cli("report", "a.txt", "--report", "r1.json")
    cli("clean", "a.txt", "--report", "r2.json")
    assert Path("r1.json").read_bytes() == Path("r2.json").read_bytes()


def test_all_ways_to_clean_give_the_same_bytes(cli: Cli) -> None:
    """I11"""
    cli("clean", "a.txt", "-o", "out.txt")
    pipe = cli("clean", "-", stdin=DOUBLED.encode()).out
    stdout = cli("clean", "a.txt").out
    cli("clean", "-i", "a.txt")
    assert Path("out.txt").read_bytes() == Path("a.txt").read_bytes() == pipe == stdout


def test_a_broken_promise_leaves_the_text_as_it_is(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise UnsafePlan("a removal has no twin")

    monkeypatch.setattr("dedup.engine.analyze.analyze_document", broken)
    message = (
        "dedup: error: safety check failed, nothing was removed from a.txt\n"
        "hint: this is a fault in dedup, and the text is as it was: a removal has no twin\n"
    )
    assert cli("clean", "a.txt") == (2, DOUBLED.encode(), message)
    assert cli("clean", "a.txt", "-o", "out.txt", "--plan", "p") == (2, b"", message)
    assert Path("out.txt").read_text() == DOUBLED and not Path("p").exists()
    before = everything()
    assert cli("clean", "a.txt", "-i") == (2, b"", message)
    assert cli("clean", "a.txt", "--check") == (2, b"", message)
    assert everything() == before


def test_the_bytes_are_proved_before_they_are_written(cli: Cli) -> None:
    """I1 on bytes: an answer that is not what its edits say is never written."""
    options = Options()
    source = single.read_input("a.txt", None, None, options)
    outcome = single.process(source, options)
    assert single.with_bytes(source, outcome.options, outcome.result) == outcome
    edit, *edits = outcome.result.edits
    wrong = replace(edit, removed="x" * len(edit.removed))
    lies = [
        replace(outcome.result, cleaned=outcome.result.cleaned + "x"),
        replace(outcome.result, edits=()),
        replace(outcome.result, edits=(wrong, *edits)),
    ]
    for result in lies:
        with pytest.raises(UnsafePlan):
            single.with_bytes(source, outcome.options, result)


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_r34_a_text_that_begins_like_a_mark_after_a_removal(cli: Cli, mark: str) -> None:
    """A byte order mark inside the text may come to its start; that breaks no promise."""
    first, *rest = (line for line in DOUBLED.splitlines() if line)
    text = "\n\n".join([rest[0], f"\ufeff{rest[0]}", rest[1], first]) + "\n"
    Path("a.txt").write_bytes(f"{mark}{text}".encode())
    status, out, err = cli("clean", "a.txt", "--keep-copy", "last", "--plan", "p")
    assert (status, err[:9]) == (0, "Removed 1")
    assert out.decode() == f"{mark}\ufeff{rest[0]}\n\n{rest[1]}\n\n{first}\n"
    Path("out.txt").write_bytes(out)
    assert cli("restore", "out.txt", "--plan", "p").out == Path("a.txt").read_bytes()
    assert cli("clean", "out.txt", "--keep-copy", "last").out == out


def crash(*_: object, **__: object) -> None:
    raise ZeroDivisionError("oh\x1b[2J no")


def test_a_crash_is_one_line_and_with_v_a_traceback(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    """I13, R51"""
    monkeypatch.setattr("dedup.engine.analyze.analyze_document", crash)
    line = "dedup: error: internal error: ZeroDivisionError: oh\\x1b[2J no\n"
    status, out, err = cli("clean", "a.txt")
    assert (status, out) == (2, b"")
    assert err == line + "hint: this is a fault in dedup; DEDUP_DEBUG=1 shows where\n"
    loud = cli("clean", "a.txt", "-v").err
    assert loud.startswith("Traceback (most recent call last)") and line in loud
    assert "\x1b" not in loud
    monkeypatch.setenv("DEDUP_DEBUG", "1")
    assert cli("clean", "a.txt").err.startswith("Traceback")


def test_no_memory_left_is_an_error_like_others(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr("dedup.engine.analyze.analyze_document", full)
    assert cli("clean", "a.txt") == (2, b"", "dedup: error: out of memory\n")


@pytest.mark.parametrize(
    ("data", "byte", "hint"),
    [
        (b"The caf\xe9 is open", "7 (0xe9)", "--encoding cp1252, or --encoding auto to guess"),
        (b"a\xff\xfe\x80", "1 (0xff)", "--encoding NAME, or --encoding auto to guess"),
        (b"ab\xed\xa0\x80", "2 (0xed)", "--errors preserve to keep the bytes as they are"),
        (b"\xe2\x82", "0 (0xe2)", "--errors preserve to keep the bytes as they are"),
        (b"\xc0\xaf", "0 (0xc0)", "--errors preserve to keep the bytes as they are"),
        (b"\x7fELF\0\0\xd0\0", "6 (0xd0)", "it looks binary, and only texts are cleaned"),
    ],
)
def test_invalid_utf8_is_refused_or_preserved(cli: Cli, data: bytes, byte: str, hint: str) -> None:
    """R35"""
    Path("bad.txt").write_bytes(data)
    before = everything()
    status, out, err = cli("clean", "bad.txt", "-o", "out.txt")
    assert (status, out) == (2, b"")
    assert err == f"dedup: error: bad.txt: byte {byte} is not valid UTF-8\nhint: {hint}\n"
    assert everything() == before
    assert cli("clean", "bad.txt", "--errors", "preserve") == (0, data, "")


def test_an_unreadable_text_is_named_by_its_path(cli: Cli) -> None:
    Path("texts").mkdir()
    Path("texts/bad.txt").write_bytes(b"\xff")
    assert cli("clean", "texts/bad.txt").err.startswith("dedup: error: texts/bad.txt: byte 0 ")


def test_a_mistyped_variable_is_told_and_what_belongs_to_others_is_not(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = "EVAL_DATA DEBUG FUZZ VERSION IMAGE CACHE_DIR THREADS FILE BASE TEXT DATA FAIL OUTPUT"
    for name in (*others.split(), "THRESHOLD"):
        monkeypatch.setenv(f"DEDUP_{name}", "0.9")
    assert cli("clean", "a.txt").err == SUMMARY
    monkeypatch.setenv("DEDUP_MINCHARS", "")
    assert cli("clean", "a.txt").err == SUMMARY
    for name, meant in (("TRESHOLD", "THRESHOLD"), ("MINCHARS", "MIN_CHARS"), ("JOB", "JOBS")):
        monkeypatch.setenv(f"DEDUP_{name}", "1")
        line = f"dedup: note: DEDUP_{name} sets nothing; did you mean DEDUP_{meant}?\n"
        assert cli("clean", "a.txt") == (0, cli("clean", "-q", "a.txt").out, line + SUMMARY)
        assert cli("clean", "a.txt", "-q").err == ""
        assert cli("config").err == line
        assert cli("explain").err == ""
        monkeypatch.delenv(f"DEDUP_{name}")


def test_a_mistyped_variable_is_told_in_a_pipe_too(run_dedup: Any) -> None:
    run = run_dedup(input=b"One line.\n", env={"DEDUP_TRESHOLD": "0.9"})
    assert (run.returncode, run.stdout) == (0, b"One line.\n")
    assert run.stderr.endswith(b"DEDUP_TRESHOLD sets nothing; did you mean DEDUP_THRESHOLD?\n")


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("teaser", "contained"),
        ("contained teasers", "contained"),
        ("Repeated Blocks", "repeated-block"),
        ("near-duplicates", "near-duplicate"),
        ("look-alike", "kept-lookalike"),
        ("boilerplate passage", "boilerplate"),
        ("link", "bare-link"),
    ],
)
def test_a_finding_is_explained_by_what_summaries_call_it(cli: Cli, asked: str, name: str) -> None:
    assert cli("explain", asked) == cli("explain", name)
    assert cli("explain", asked).status == 0


def test_a_word_of_several_findings_is_answered_with_all_of_them(cli: Cli) -> None:
    line = "dedup: error: 'duplicate' may be near-duplicate or duplicate-document\n"
    assert cli("explain", "duplicate") == (2, b"", line)


def test_a_record_without_the_field_names_those_it_has(cli: Cli) -> None:
    Path("a.jsonl").write_text('{"id": "1", "body": {"txt": "x", "n": 2}}\n{"tex": "y"}\n')
    for field, only in (
        ("text", ("id, body", "tex")),
        ("body.text", ("body.txt, body.n", "tex")),
        ("boddy", ("body, id", "tex")),
    ):
        err = cli("clean", "a.jsonl", "-o", "b.jsonl", "--field", field).err
        for number, names in enumerate(only, 1):
            line = (
                f"a.jsonl:{number}: has no field {field!r}, only {names}; the record stays as it is"
            )
            assert line in err, err


def test_where_nothing_was_analysed_nothing_is_said_to_be_found(cli: Cli) -> None:
    Path("bad.txt").write_bytes(b"caf\xe9")
    for given in (["bad.txt"], ["bad.txt", "--max-findings", "3"]):
        status, _, err = cli("check", *given)
        assert status == 2
        assert "Found" not in err and err.endswith("1 file or record could not be checked.\n")
    assert "Found nothing that repeats in 1 file.\n" in cli("check", "bad.txt", "u.txt").err


@pytest.mark.parametrize("data", [b"My notes.", b"My notes.\n\nMore.\n", b'{"text": "x"}\n'])
def test_what_is_no_plan_is_not_called_a_damaged_one_and_not_replaced(
    cli: Cli, data: bytes
) -> None:
    Path("mine.txt").write_bytes(data)
    status, _, err = cli("restore", "a.txt", "--plan", "mine.txt")
    assert status == 2
    assert err.startswith("dedup: error: mine.txt: is not a plan of dedup\nhint: ")
    Path("folder").mkdir()
    shutil.copy("a.txt", "folder")
    for call in (["a.txt", "-o", "out.txt"], ["a.txt", "-i"], ["folder", "-o", "out"]):
        before = everything()
        status, _, err = cli("clean", *call, "--plan", "mine.txt")
        assert status == 2
        assert err.startswith("dedup: error: mine.txt: is there already, and is no plan\nhint: ")
        assert everything() == before
    Path("mine.txt").write_bytes(b"")
    assert cli("clean", "folder", "-o", "out", "--plan", "mine.txt").status == 0
    Path("mine.txt").write_bytes(b"")
    assert cli("clean", "a.txt", "-o", "out.txt", "--plan", "mine.txt").status == 0
    assert cli("restore", "out.txt", "--plan", "mine.txt").out == DOUBLED.encode()


@pytest.mark.parametrize("how", ["in-place", "extract", "text"])
def test_a_pipe_that_is_unreadable_goes_by_the_name_it_was_given(cli: Cli, how: str) -> None:
    named = ("--stdin-filename", "pages/page.html", "--html-input", how)
    for command in ("clean", "check", "report"):
        err = cli(command, "-", *named, stdin=b"<p>caf\xe9").err
        assert err.startswith("dedup: error: page.html: byte 6 (0xe9) is not valid UTF-8\n"), (
            command
        )


@pytest.mark.parametrize("data", [b"", b"\n", b"   ", b"x", b"no end", b"a\0b\n\0\n"])
def test_small_and_odd_texts_pass_unchanged(cli: Cli, data: bytes) -> None:
    """R31, R36"""
    assert cli("clean", "-", stdin=data) == (0, data, "")


BELOW = ("index build", "index update", "index info")


@pytest.mark.parametrize("command", ["", *COMMANDS, *BELOW])
def test_help_is_short_shows_examples_and_names_only_flags_that_exist(
    cli: Cli, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    status, out, err = cli(*command.split(), "--help")
    assert (status, err) == (0, "")
    lines = out.decode().splitlines()
    assert len(lines) < 70 and max(map(len, lines)) <= 80
    assert ("Examples:" in lines) == bool(command)
    assert cli(*command.split(), "-h").out == out


def test_version(cli: Cli) -> None:
    from dedup import __version__

    assert cli("--version") == (0, f"dedup {__version__}\n".encode(), "")
    assert cli("--version", "clean") == (0, f"dedup {__version__}\n".encode(), "")


def test_config_prints_a_config_file_with_origins(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    import tomllib

    Path("dedup.toml").write_text('keep-copy = "last"\nmin-chars = 40\n')
    monkeypatch.setenv("DEDUP_MIN_CHARS", "50")
    status, out, err = cli("config", "--exact", "--config", "threshold=0.9")
    assert (status, err) == (0, "")
    lines = out.decode().splitlines()
    rows = dict(line.split(" = ", 1) for line in lines if line[0] != "#")
    (unset,) = [line.split("#")[1:] for line in lines if "baseline" in line]
    assert [part.strip() for part in unset] == ["baseline is not set", "default"]
    assert [rows[key].split("#")[1] for key in ("keep-copy", "min-chars", "exact", "threshold")] == [
        " dedup.toml", " DEDUP_MIN_CHARS", " --exact", " --config threshold=0.9",
    ]  # fmt: skip
    values = tomllib.loads(out.decode())
    assert values["keep-copy"] == "last" and values["min-chars"] == 50
    assert values["exact"] is True and values["threshold"] == 0.9


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("choice", "environ", "terminal", "wanted"),
    [
        ("auto", {}, True, True),
        ("auto", {}, False, False),
        ("auto", {"TERM": "dumb"}, True, False),
        ("auto", {"NO_COLOR": "1"}, True, False),
        ("auto", {"NO_COLOR": ""}, True, True),
        ("auto", {"FORCE_COLOR": "1"}, False, True),
        ("auto", {"FORCE_COLOR": "0"}, False, False),
        ("auto", {"CLICOLOR_FORCE": "1"}, False, True),
        ("auto", {"NO_COLOR": "1", "FORCE_COLOR": "1"}, True, False),
        ("always", {"NO_COLOR": "1"}, False, True),
        ("never", {"FORCE_COLOR": "1"}, True, False),
    ],
)
def test_colour_is_decided_once(
    choice: str, environ: dict[str, str], terminal: bool, wanted: bool
) -> None:
    stream = Screen() if terminal else io.StringIO()
    assert wants_color(choice, stream, environ) is wanted
