"""``dedup check`` from its arguments to its exit status: limits, the baseline, what changed, which files."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

import click
import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dedup.batch.work import OURS
from dedup.checks import baseline
from dedup.cli import check, clean, main
from dedup.cli.flags import JOINED, Flag
from dedup.files import write
from tests.checks.schemas import sarif_schema
from tests.checks.test_since import run_git
from tests.prose import paragraphs
from tests.test_streams import wait_until_it_waits
from tests.texts import CLEAN, DOUBLED

SAMPLES = Path(__file__).parent.parent / "samples"
FOUND = "Found 1 finding in 1 file (49% of the text): 1 repeated block.\n"


class Run(NamedTuple):
    status: int
    out: str
    err: str


class Cli:
    """Runs ``dedup check`` in a folder that holds ``docs/a.txt`` (doubled) and ``docs/u.txt`` (clean)."""

    def __init__(self, capture: pytest.CaptureFixture[bytes], patch: pytest.MonkeyPatch) -> None:
        self._capture = capture
        self._patch = patch

    def __call__(self, *args: str, stdin: str | None = None, command: str = "check") -> Run:
        if stdin is not None:
            stream = io.TextIOWrapper(io.BytesIO(stdin.encode()))
            self._patch.setattr(sys, "stdin", stream)
        status = main([command, *args])
        out, err = self._capture.readouterr()
        return Run(status, out.decode(), err.decode())


@pytest.fixture
def cli(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> Cli:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith(("DEDUP_", "GIT_"))]:
        monkeypatch.delenv(name)
    Path(".git").mkdir()  # the search for a config file ends here
    Path("docs").mkdir()
    Path("docs/a.txt").write_text(DOUBLED)
    Path("docs/u.txt").write_text(CLEAN)
    return Cli(capsysbinary, monkeypatch)


def lines(text: str) -> list[str]:
    return text.splitlines()


# Status and limits


def test_the_status_says_what_came_of_it(cli: Cli) -> None:
    assert cli("docs/u.txt") == (0, "", "Found nothing that repeats in 1 file.\n")
    found = cli("docs/a.txt")
    assert (found.status, found.err) == (1, FOUND)
    assert cli("docs", "--exit-zero").status == 0
    Path("docs/b.txt").write_bytes(b"\xff\xfe\xff")
    for flags in ([], ["--exit-zero"], ["--max-findings", "9"]):
        assert cli("docs", *flags).status == 2  # wins over 1
    assert cli("missing", "--exit-zero").status == 2


def test_a_limit_allows_what_it_says(cli: Cli) -> None:
    assert cli("docs/a.txt", "--max-findings", "1").status == 0
    over = cli("docs/a.txt", "--max-findings", "0")
    assert (over.status, lines(over.err)[1]) == (1, "Over the limit: 1 finding, more than 0.")
    assert cli("docs/a.txt", "--max-redundancy", "49.1").status == 0
    over = cli("docs/a.txt", "--max-redundancy", "48")
    assert (over.status, lines(over.err)[1]) == (
        1,
        "Over the limit: 49.04% repeated, more than 48%.",
    )
    assert cli("docs/a.txt", "--max-findings", "0", "--exit-zero").status == 0
    assert cli("docs/a.txt", "--max-redundancy", "48", "--max-findings", "1").status == 1


def test_a_limit_that_lets_findings_pass_is_told(cli: Cli) -> None:
    told = "Within the limit of 3 findings."
    assert lines(cli("docs/a.txt", "--max-findings", "3").err) == [FOUND.rstrip(), told]
    both = cli("docs/a.txt", "--max-findings", "1", "--max-redundancy", "49.5").err
    assert lines(both)[1:] == ["Within the limits of 1 finding and 49.5% repeated."]
    for flags in (["docs/a.txt"], ["docs/u.txt", "--max-findings", "3"]):
        assert "Within" not in cli(*flags).err
    over = cli("docs/a.txt", "--max-findings", "1", "--max-redundancy", "1").err
    assert [line.split()[0] for line in lines(over)] == ["Found", "Over"]


def test_limits_may_stand_in_a_config_file(cli: Cli) -> None:
    Path("dedup.toml").write_text("max-findings = 1\n")
    assert cli("docs").status == 0
    assert cli("docs", "--max-findings", "0").status == 1
    assert cli("docs", "--isolated").status == 1


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        (["--max-redundancy", "101"], "--max-redundancy: 101.0 is out of range: it must be from 0 to 100"),
        (["--max-redundancy", "nan"], "--max-redundancy: nan is out of range: it must be from 0 to 100"),
        (["--max-redundancy", "-1"], "--max-redundancy: -1.0 is out of range: it must be from 0 to 100"),
        (["--max-redundancy", "5%"], "--max-redundancy: '5%' is not a number"),
        (["--max-findings", "-1"], "--max-findings: -1 is out of range: it must be at least 0"),
        (["--max-findings", "1.5"], "--max-findings: '1.5' is not a whole number"),
        (["--update-baseline"], "--update-baseline needs --baseline FILE on the command line"),
        (["--baseline-slim", "--baseline", "b"], "--baseline-slim needs --update-baseline"),
        (["--baseline", ""], "--baseline names no file: its path is empty"),
        (
            ["--baseline", "b", "--update-baseline", "--since", "main"],
            "--update-baseline writes down all findings, so --since cannot go with it",
        ),
        (
            ["--baseline", "docs/a.txt", "--update-baseline"],
            "docs/a.txt:1: is not a baseline of dedup",
        ),
        (
            ["--baseline", "b", "--update-baseline", "--output-file", "b"],
            "--baseline b would overwrite --output-file b",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_with_the_flags_is_said(cli: Cli, flags: list[str], expected: str) -> None:
    run = cli("docs", *flags)
    assert (run.status, run.out) == (2, "")
    assert lines(run.err)[0] == f"dedup: error: {expected}"
    assert sorted(os.listdir()) == [".git", "docs"]


# As clean does


@pytest.mark.parametrize("path", sorted(SAMPLES.iterdir()), ids=lambda path: path.name)
def test_check_and_clean_agree_on_every_sample(cli: Cli, path: Path) -> None:
    checked = cli(str(path), "--isolated")
    cleaned = cli(str(path), "--isolated", "--check", command="clean")
    assert checked.status == cleaned.status in (0, 1)
    assert bool(checked.out) == bool(checked.status)


CHOICES = [
    ["--exact"], ["--level", "thorough"], ["--level", "careful"], ["--threshold", "0.9"],
    ["--min-chars", "5"], ["--keep-copy", "last"], ["--normalize-space"], ["--strip-links"],
    ["--strip-share-cards"],
]  # fmt: skip
PIECES = [
    *paragraphs(4, 11),
    *DOUBLED.split("\n\n")[:3],
    "https://example.org/a",
    "- an item",
    "Yes.",
]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.sampled_from(PIECES), max_size=9),
    st.sampled_from(["\n", "\n\n", " \n\n\n"]),
    st.lists(st.sampled_from(CHOICES), max_size=3),
)
def test_check_and_clean_agree_on_any_text(
    cli: Cli, pieces: list[str], separator: str, choices: list[list[str]]
) -> None:
    Path("t.txt").write_text(separator.join(pieces))
    flags = [flag for choice in choices for flag in choice]
    checked = cli("t.txt", *flags)
    assert checked.status == cli("t.txt", "--check", *flags, command="clean").status
    assert bool(checked.out) == bool(checked.status)


# The baseline


def test_a_baseline_is_made_and_what_it_holds_is_ignored(cli: Cli) -> None:
    made = cli("docs", "--baseline", "b.txt", "--update-baseline")
    assert (made.status, made.out) == (0, "")
    assert lines(made.err) == [
        "The baseline b.txt holds 1 finding: 1 added, 0 removed.",
        "  + docs/a.txt: repeated-block: The ferry to the outer islands was cance",
    ]
    head, line = Path("b.txt").read_text().splitlines()
    assert head == "# dedup baseline 1"
    assert line.startswith("repeated-block\tdocs/a.txt\t") and line.endswith(" was cance")
    again = cli("docs", "--baseline", "b.txt")
    assert (again.status, again.out) == (0, "")
    assert lines(again.err) == [
        "Found nothing new in 2 files.",
        "Ignored 1 finding: in the baseline.",
    ]


def test_one_more_copy_of_what_the_baseline_holds_is_new(cli: Cli) -> None:
    cli("docs", "--baseline", "b.txt", "--update-baseline")
    body = DOUBLED.partition("\n\n")[2]
    with Path("docs/a.txt").open("a") as file:
        file.write("\n" + body[: len(body) // 2 + 1])
    run = cli("docs", "--baseline", "b.txt", "--output-format", "concise")
    assert (run.status, run.out.split(":")[:3]) == (1, ["docs/a.txt", "19", "1"])
    assert cli("docs", "--baseline", "b.txt", "--max-findings", "1").status == 0


def test_sarif_says_that_what_a_baseline_does_not_hold_is_new(cli: Cli) -> None:
    def results(*arguments: str) -> list[dict[str, Any]]:
        log = json.loads(cli("docs", "--output-format", "sarif", *arguments).out)
        sarif_schema().validate(log)
        found: list[dict[str, Any]] = log["runs"][0]["results"]
        return found

    assert ["baselineState" in each for each in results()] == [False]
    cli("docs", "--baseline", "b.txt", "--update-baseline")
    assert results("--baseline", "b.txt") == []
    Path("docs/new.txt").write_text(DOUBLED)
    (found,) = results("--baseline", "b.txt", "-v")
    assert found["baselineState"] == "new"
    assert "new.txt" in json.dumps(found["locations"])


def test_a_baseline_may_stand_in_the_config_file_and_anywhere_be_asked_for(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("ci").mkdir()
    cli("docs", "--baseline", "ci/known.txt", "--update-baseline")
    assert "\t../docs/a.txt\t" in Path("ci/known.txt").read_text()
    Path("dedup.toml").write_text("baseline = 'ci/known.txt'\n")
    assert cli("docs").status == 0
    monkeypatch.chdir("docs")
    shown = cli(command="config").out
    assert tomllib.loads(shown)["baseline"] == "../ci/known.txt"
    Path("dedup.toml").write_text(shown)
    assert cli("a.txt").status == 0
    os.remove("dedup.toml")
    assert cli("a.txt").status == 0
    assert cli("a.txt", "--isolated").status == 1
    run = cli("a.txt", "--update-baseline")
    assert run.status == 2 and "the one that ../dedup.toml names is only read" in run.err


def test_without_a_baseline_file_the_hint_says_how_to_make_one(cli: Cli) -> None:
    run = cli("docs", "--baseline", "b.txt")
    assert (run.status, run.out) == (2, "")
    assert lines(run.err) == [
        "dedup: error: b.txt: there is no baseline yet",
        "hint: --update-baseline makes it",
    ]


@pytest.mark.parametrize("flags", [[], ["--update-baseline"], ["--exit-zero"]])
def test_a_damaged_baseline_is_never_taken_for_nothing_found(cli: Cli, flags: list[str]) -> None:
    """R60"""
    cli("docs", "--baseline", "b.txt", "--update-baseline")
    data = Path("b.txt").read_bytes()
    for damaged in (
        b"",
        data[:-5],
        data.replace(b"1\n", b"9\n", 1),
        data + b"\0\n",
        data + b"<<<<<<< x\n",
    ):
        Path("b.txt").write_bytes(damaged)
        run = cli("docs/u.txt", "--baseline", "b.txt", *flags)
        assert (run.status, run.out) == (2, "")
        assert run.err.startswith("dedup: error: b.txt:")
        assert Path("b.txt").read_bytes() == damaged


ENDS = [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]


@pytest.mark.skipif(not os.path.exists("/proc/self/stat"), reason="needs /proc")
@pytest.mark.parametrize(("number", "status"), ENDS)
def test_a_signal_ends_a_check_with_its_status_and_leaves_the_baseline(
    cli: Cli, number: signal.Signals, status: int
) -> None:
    cli("docs", "--baseline", "b.txt", "--update-baseline")
    before = Path("b.txt").read_bytes()
    command = [
        sys.executable,
        "-m",
        "dedup",
        "check",
        "-",
        "--baseline",
        "b.txt",
        "--update-baseline",
    ]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe) as process:
        wait_until_it_waits(process)
        process.send_signal(number)
        said = process.communicate(timeout=20)
    assert process.returncode == status
    assert said == (b"", b"interrupted\n" if number == signal.SIGINT else b"")
    assert Path("b.txt").read_bytes() == before


@pytest.mark.skipif(os.name == "nt", reason="needs a POSIX pipe")
def test_a_check_whose_reader_has_left_leaves_the_baseline(cli: Cli) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "dedup", "check", "docs", "--output-format", "json"]
    try:
        for flags in ([], ["--baseline", "b.txt", "--update-baseline"]):
            run = subprocess.run(
                [*command, *flags], stdout=writer, stderr=subprocess.PIPE, timeout=60
            )
            assert (run.returncode, run.stderr) == (141, b"")
    finally:
        os.close(writer)
    assert not os.path.exists("b.txt")


def test_what_no_longer_occurs_is_told_for_what_was_looked_at(cli: Cli) -> None:
    shutil.copy("docs/a.txt", "docs/c.txt")
    cli("docs", "--baseline", "b.txt", "--update-baseline")
    Path("docs/a.txt").write_text(CLEAN)
    for path, number in (("docs/c.txt", 0), ("docs/a.txt", 1), ("docs", 1)):
        run = cli(path, "--baseline", "b.txt", "--output-format", "json")
        told = [line for line in lines(run.err) if "no longer" in line or "hint" in line]
        expected = [
            "dedup: note: 1 finding in the baseline no longer occurs",
            f"hint: dedup check {path} --baseline b.txt --update-baseline",
        ]
        assert (run.status, told) == (0, expected * number)
        warnings = json.loads(run.out)["summary"]["warnings"]
        assert warnings == ["1 finding in the baseline no longer occurs"] * number
    os.unlink("docs/c.txt")
    run = cli("docs", "--baseline", "b.txt")
    assert "dedup: note: 2 findings in the baseline no longer occur\n" in run.err
    updated = cli("docs", "--baseline", "b.txt", "--update-baseline")
    assert lines(updated.err)[0] == "The baseline b.txt holds 0 findings: 0 added, 2 removed."
    assert Path("b.txt").read_text() == "# dedup baseline 1\n"


def test_a_baseline_that_is_up_to_date_is_not_written(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli("docs", "--baseline", "b.txt", "--update-baseline")
    data = Path("b.txt").read_bytes()
    monkeypatch.setattr(write, "write_file", None)
    for path in ("docs", "docs/u.txt", "docs/a.txt"):
        run = cli(path, "--baseline", "b.txt", "--update-baseline")
        assert run == (0, "", "The baseline b.txt holds 1 finding: none is new or gone.\n")
    assert Path("b.txt").read_bytes() == data


def test_line_ends_of_version_control_stay(cli: Cli) -> None:
    cli("docs", "--baseline", "b.txt", "--update-baseline")
    data = Path("b.txt").read_bytes().replace(b"\n", b"\r\n")
    Path("b.txt").write_bytes(data)
    assert cli("docs", "--baseline", "b.txt").status == 0
    assert cli("docs", "--baseline", "b.txt", "--update-baseline").status == 0
    assert Path("b.txt").read_bytes() == data


def test_a_slim_baseline_holds_no_text(cli: Cli) -> None:
    cli("docs", "--baseline", "b.txt", "--update-baseline", "--baseline-slim")
    assert "ferry" not in Path("b.txt").read_text()
    assert cli("docs", "--baseline", "b.txt").status == 0


def test_a_run_that_failed_resolves_nothing(cli: Cli) -> None:
    cli("docs", "--baseline", "b.txt", "--update-baseline")
    before = Path("b.txt").read_bytes()
    Path("docs/a.txt").write_bytes(b"\xff")
    run = cli("docs", "--baseline", "b.txt", "--update-baseline")
    assert run.status == 2 and Path("b.txt").read_bytes() == before
    assert "b.txt: it stays as it is, as not everything could be checked" in run.err
    run = cli("docs", "--baseline", "b.txt")
    assert run.status == 2 and "no longer" not in run.err


def test_an_interrupted_run_resolves_nothing(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    cli("docs", "--baseline", "b.txt", "--update-baseline")
    before = Path("b.txt").read_bytes()
    Path("docs/a.txt").write_text(CLEAN)

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("dedup.checks.gate.Gate.end", interrupted)
    assert cli("docs", "--baseline", "b.txt", "--update-baseline") == (130, "", "interrupted\n")
    assert Path("b.txt").read_bytes() == before


def test_what_became_of_a_baseline_is_told_up_to_a_cap(cli: Cli) -> None:
    for number in range(25):
        Path(f"docs/{number:02}\x1b.txt").write_text(DOUBLED)
    run = cli("docs", "--baseline", "b.txt", "--update-baseline")
    assert len(lines(run.err)) == 22 and lines(run.err)[-1] == "  and 6 more"
    assert "\x1b" not in run.err and "00\\x1b.txt" in run.err
    assert cli("docs", "--baseline", "b.txt").status == 0


def test_a_pipe_has_its_own_place_in_a_baseline(cli: Cli) -> None:
    flags = ["-", "--stdin-filename", "docs/a.txt", "--baseline", "b.txt"]
    assert cli(*flags, "--update-baseline", stdin=DOUBLED).status == 0
    assert cli(*flags, stdin=DOUBLED).status == 0
    assert cli("docs", "--baseline", "b.txt").status == 0
    assert cli("-", "--baseline", "b.txt", stdin=DOUBLED).status == 1


def test_a_baseline_is_no_text_of_a_folder(cli: Cli) -> None:
    cli("docs", "--baseline", "docs/known.txt", "--update-baseline")
    data = Path("docs/known.txt").read_bytes()
    assert data.startswith(OURS)
    assert data.replace(b"\n", b"\r\n").startswith(OURS)
    for flags in ([], ["--baseline", "docs/known.txt"]):
        run = cli("docs", "--statistics", *flags)
        assert "1 written by dedup" in run.err


@pytest.mark.parametrize("workers", ["1", "2"])
def test_what_is_new_does_not_depend_on_workers_or_order(cli: Cli, workers: str) -> None:
    key = baseline.Key("repeated-block", "all.jsonl", "")
    text = json.dumps({"text": DOUBLED})
    Path("all.jsonl").write_text(f"{text}\n" * 5)
    cli("all.jsonl", "--baseline", "b.txt", "--update-baseline")
    stored = baseline.load("b.txt").entries
    ((key, entry),) = stored.items()
    assert entry.count == 5
    two = {key: baseline.Entry(2)}
    Path("b.txt").write_bytes(baseline.rendered(two))
    run = cli("all.jsonl", "--baseline", "b.txt", "--output-format", "concise", "-j", workers)
    assert [line.split(":")[1] for line in lines(run.out)] == ["3", "4", "5"]


def test_the_schema_that_is_shipped_takes_fields_of_later_releases(cli: Cli) -> None:
    schema = json.loads(files("dedup.checks").joinpath("check.schema.json").read_text("utf-8"))
    shipped = jsonschema.Draft202012Validator(schema)
    whole = json.loads(cli("docs/a.txt", "--output-format", "json").out)
    for part in (whole, whole["tool"], whole["findings"][0], whole["summary"]):
        part["later"] = [1]
        assert shipped.is_valid(whole)
    whole["findings"][0].pop("score")
    assert not shipped.is_valid(whole)


# What changed


@pytest.fixture
def repository(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """The folder as a repository, all of it in one commit."""
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    os.rmdir(".git")
    run_git("init")
    run_git("add", ".")
    run_git("commit", "-m", "x")
    return cli


def test_only_what_changed_is_found(repository: Cli) -> None:
    assert repository("docs").status == 1
    run = repository("docs", "--since", "main")
    assert (run.status, run.out) == (0, "")
    assert "Ignored 1 finding: outside of the changed lines.\n" in run.err
    Path("docs/new.txt").write_text(DOUBLED)
    run = repository("docs", "--since", "main", "--output-format", "concise")
    assert (run.status, run.out.split(":")[0]) == (1, "docs/new.txt")


def test_a_finding_is_told_from_the_side_that_changed(repository: Cli) -> None:
    text = Path("docs/a.txt").read_text()
    Path("docs/a.txt").write_text(text.replace("The ferry", "THE ferry", 1))
    run = repository("docs", "--since", "main")
    first, _, *quoted = lines(run.out)
    assert run.status == 1
    assert first == "docs/a.txt:3:1: repeated-block: lines 3-9 are repeated by lines 11-17"
    assert [line[:6] for line in quoted[:1]] == ["  =  3"] and "  - 11 | The ferry" in run.out
    run = repository("docs", "--since", "main", "--output-format", "json")
    (found,) = json.loads(run.out)["findings"]
    assert (found["line"], found["related"][0]["line"], found["turned"]) == (3, 11, True)


def test_records_are_found_by_their_lines(repository: Cli) -> None:
    records = [json.dumps({"text": DOUBLED, "id": number}) for number in range(3)]
    Path("r.jsonl").write_text("\n".join(records) + "\n")
    run_git("add", ".")
    run_git("commit", "-m", "x")
    records[1] = records[1].replace('"id": 1', '"id": 10')
    Path("r.jsonl").write_text("\n".join(records) + "\n")
    run = repository("r.jsonl", "--since", "HEAD", "--output-format", "concise")
    assert [line.split(":")[:2] for line in lines(run.out)] == [["r.jsonl", "2"]]


def test_of_equal_findings_the_baseline_holds_those_that_were_there(repository: Cli) -> None:
    """A copy that was put before the others is the new one: it is what changed."""
    repository("docs", "--baseline", "b.txt", "--update-baseline")
    text = Path("docs/a.txt").read_text()
    body = text.partition("\n\n")[2]
    half = body[: len(body) // 2 + 1]
    Path("docs/a.txt").write_text(text.replace(half, half * 2, 1))
    run = repository("docs", "--since", "main", "--baseline", "b.txt", "--output-format", "concise")
    assert (run.status, len(lines(run.out))) == (1, 1)


def test_in_a_repository_of_somebody_else_the_hint_says_how_git_may_be_asked(
    repository: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    if subprocess.run(["git", "status"], capture_output=True, check=False).returncode == 0:
        pytest.skip("this git does not care whose a repository is")
    run = repository("docs", "--since", "main")
    hint = f"hint: git config --global --add safe.directory {os.path.realpath('.')}"
    assert run.status == 2 and lines(run.err)[-1] == hint


def test_baselines_of_two_branches_are_merged_with_the_lines_of_both(repository: Cli) -> None:
    """Git calls neighbouring lines a conflict, unless its attributes say ``union`` as the documentation does."""
    page = (SAMPLES.parent / "docs" / "ci.md").read_text(encoding="utf-8")
    (line,) = (line for line in lines(page) if line.startswith("dedup.baseline "))
    update = ("docs", "--baseline", "dedup.baseline", "--update-baseline")
    repository(*update)
    run_git("add", ".")
    run_git("commit", "-m", "x")
    for name in ("b", "c"):
        run_git("checkout", "-b", name, "main")
        Path(f"docs/{name}.txt").write_text(DOUBLED)
        repository(*update)
        run_git("add", ".")
        run_git("commit", "-m", "x")
    with pytest.raises(subprocess.CalledProcessError):
        run_git("merge", "-m", "x", "b")
    run = repository("docs", "--baseline", "dedup.baseline")
    assert run.status == 2 and "part of a merge conflict" in run.err
    run_git("merge", "--abort")
    Path(".gitattributes").write_text(f"{line}\n")
    run_git("merge", "-m", "x", "b")
    run = repository("docs", "--baseline", "dedup.baseline")
    assert (run.status, run.out) == (0, "")
    merged = {key.path for key in baseline.load("dedup.baseline").entries}
    assert merged == {"docs/a.txt", "docs/b.txt", "docs/c.txt"}


def test_what_is_found_in_a_renamed_file_is_new_to_the_baseline(cli: Cli) -> None:
    cli("docs", "--baseline", "b.txt", "--update-baseline")
    os.rename("docs/a.txt", "docs/renamed.txt")
    run = cli("docs", "--baseline", "b.txt", "--output-format", "concise")
    assert (run.status, run.out.split(":")[0]) == (1, "docs/renamed.txt")
    assert "1 finding in the baseline no longer occurs" in run.err
    cli("docs", "--baseline", "b.txt", "--update-baseline")
    assert cli("docs", "--baseline", "b.txt").status == 0


def test_a_pipe_cannot_be_compared(cli: Cli) -> None:
    for paths in ([], ["-"], ["--stdin-filename", "a.txt"]):
        run = cli(*paths, "--since", "main", stdin=DOUBLED)
        said = "dedup: error: --since main compares files, and the input is standard input"
        assert (run.status, lines(run.err)[0]) == (2, said)


def test_without_a_repository_nothing_is_checked(cli: Cli) -> None:
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    run = cli("docs", "--since", "main")
    assert (run.status, run.out) == (2, "")
    assert run.err.startswith("dedup: error: --since main: docs is not in a git repository")


# Which files


def test_files_are_listed_and_why_others_are_not_read(cli: Cli) -> None:
    Path("docs/.ignore").write_text("build\n")
    for folder in ("docs/build", "docs/.hidden"):
        Path(folder).mkdir()
        Path(folder, "x.txt").touch()
    Path("docs/photo.png").touch()
    Path("docs/binary.txt").write_bytes(b"a\0b")
    Path("docs/large.txt").write_text("x" * 2000)
    Path("docs/esc\x1b.txt").touch()
    os.symlink("a.txt", "docs/link.txt")
    run = cli("docs", "--show-files", "--max-size", "1500")
    assert (run.status, lines(run.out)) == (0, ["docs/a.txt", "docs/esc\\x1b.txt", "docs/u.txt"])
    assert lines(run.err) == [
        "skipped docs/.hidden: hidden",
        "skipped docs/.ignore: hidden",
        "skipped docs/build/: by .ignore",
        "skipped docs/large.txt: over --max-size",
        "skipped docs/link.txt: behind links",
        "skipped docs/photo.png: by suffix",
        "skipped docs/binary.txt: binary",
    ]
    run = cli("docs", "--statistics", "--max-size", "1500")
    assert "Skipped 7: 1 by .ignore, 1 by suffix, 2 hidden, 1 behind links, 1 over" in run.err


def test_what_is_listed_is_what_a_run_reads(cli: Cli) -> None:
    Path("docs/binary.txt").write_bytes(b"a\0b")
    cli("docs", "--baseline", "docs/known.txt", "--update-baseline")
    listed = lines(cli("docs", "--show-files", "--exclude", "u.txt").out)
    run = cli("docs", "--output-format", "json", "--exclude", "u.txt")
    assert len(listed) == json.loads(run.out)["summary"]["documents"] == 1


def test_nothing_to_list_is_the_error_it_always_is(cli: Cli) -> None:
    Path("none").mkdir()
    Path("none/photo.png").touch()
    run = cli("none", "--show-files")
    assert (run.status, run.out) == (2, "")
    assert lines(run.err) == [
        "skipped none/photo.png: by suffix",
        "dedup: error: no text files selected in none/ (1 skipped: 1 by suffix)",
        "hint: --include '*.png'",
    ]
    os.rename("none/photo.png", "none/photo.txt")
    Path("none/photo.txt").write_bytes(b"\0")
    error = "no text files selected in none/ (1 skipped: 1 binary)"
    assert lines(cli("none", "--show-files").err)[1] == f"dedup: error: {error}"


FOREIGN = {
    "t.csv": "id,name\n1,a\n",
    "t.tsv": "id\tname\n1\ta\n",
    "t.jsonl": '{"id": 1}\n\n{"id": 2}\n',
}


@pytest.mark.parametrize("name", FOREIGN)
def test_a_table_in_a_folder_that_has_no_texts_is_skipped_and_one_that_is_named_is_not(
    cli: Cli, name: str
) -> None:
    path = Path("docs", name)
    path.write_text(FOREIGN[name])
    for arguments in ([], ["--scope", "corpus"]):
        run = cli("docs", *arguments)
        assert run.status == cli("docs", *arguments, "--exclude", "t.*").status
        assert "Skipped 1: 1 without a field 'text'." in run.err
    assert f"skipped {path}: without a field 'text'" in cli("docs", "--show-files").err
    for arguments in ([str(path)], ["docs", "--field", "body"]):
        run = cli(*arguments)
        assert (run.status, "has no" in run.err) == (2, True)
    run = cli("docs", "--include", name)
    assert lines(run.err) == [
        "dedup: error: no text files selected in docs/ (3 skipped: 2 by --include, 1 without a field 'text')",
        "hint: --include '*.txt' or --field NAME",
    ]


def test_a_file_of_records_some_of_which_have_a_text_is_read_and_the_others_are_named(
    cli: Cli,
) -> None:
    Path("docs/t.jsonl").write_text('{"id": 1}\n{"text": "A line of text."}\n{"id": 2}\n')
    run = cli("docs")
    assert (run.status, run.err.count("has no field 'text'")) == (2, 2)
    assert "Skipped" not in run.err


@pytest.mark.parametrize("name", ["e.jsonl", "e.csv", "e.tsv"])
def test_a_file_of_records_without_any_is_nothing_analysed_and_an_empty_text_is_a_text(
    cli: Cli, name: str
) -> None:
    Path(name).touch()
    Path("docs/e.txt").touch()
    error = f"dedup: error: {name}: holds no records with text\n"
    assert cli(name) == (2, "", error)
    assert cli("-", "--stdin-filename", name, stdin="") == (2, "", error)
    assert cli(name, "docs/u.txt").status == cli("docs/e.txt").status == 0
    for folder in ("one", "none/deep"):
        os.makedirs(folder)
        Path(folder, name).touch()
    assert cli("none", "one").err == (
        f"dedup: error: {os.path.join('none', 'deep', name)} and 1 more hold no records with text\n"
    )


def test_a_pipe_is_no_file_to_list(cli: Cli) -> None:
    run = cli("--show-files", stdin="x")
    assert run.status == 2 and "the input is standard input" in run.err


def test_listing_reads_no_pipe_that_is_named(cli: Cli) -> None:
    os.mkfifo("fifo.txt")
    assert cli("fifo.txt", "--show-files") == (0, "fifo.txt\n", "")


# Help


@pytest.mark.parametrize("command", [check.command, clean.command])
def test_help_fits_a_screen_and_names_every_flag(cli: Cli, command: click.Command) -> None:
    shown = cli("--help", command=str(command.name)).out
    assert len(lines(shown)) < 60
    assert max(map(len, lines(shown))) <= 80
    flags = [param for param in command.params if isinstance(param, Flag)]
    joined = {name for names in JOINED for name in names}
    for one in flags:
        names = [f"--no-{name[2:]}" for name in one.opts if one.name == "ignore"] or one.opts
        wanted = (
            names if one.name not in joined else [names[0] if "null" in names[-1] else names[-1]]
        )
        assert [name for name in wanted if name not in shown] == []


def test_repairs_are_counted_like_other_findings(cli: Cli) -> None:
    Path("blanks.txt").write_text("A line that has  two blanks.\n")
    ran = cli("blanks.txt", "--normalize-space")
    assert ran.status == 1
    assert ran.err.endswith("Found 1 finding in 1 file: 1 repair.\n")


@pytest.mark.parametrize(
    "flags",
    [
        ["--since", "HEAD"],
        ["--update-baseline", "--baseline", "b"],
        ["--report", "x.sarif"],
        ["--output-file", "x.txt"],
        ["--statistics"],
    ],
)
def test_a_list_of_files_takes_nothing_that_is_about_findings(cli: Cli, flags: list[str]) -> None:
    ran = cli("docs", "--show-files", *flags)
    assert (ran.status, ran.out) == (2, "")
    assert (
        ran.err == f"dedup: error: --show-files checks nothing, so {flags[0]} cannot go with it\n"
    )
