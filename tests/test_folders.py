"""``dedup clean`` and ``dedup restore`` on folders: what is read, written, said, and put back."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import jsonschema
import pytest

from dedup.batch import folder, single
from dedup.cli import main
from dedup.engine import settle
from dedup.engine.cuts import Find
from tests import many
from tests.many import temporaries, tree

TEXTS = many.texts(12)
OLD = {name: old.encode() for name, (old, _) in TEXTS.items()}
NEW = {name: new.encode() for name, (_, new) in TEXTS.items()}
CHANGED = sorted(name for name in OLD if OLD[name] != NEW[name])
UNCHANGED = sorted(set(OLD) - set(CHANGED))
ONE = CHANGED[0]
SUMMARY = r"Removed \d+ of \d+ paragraphs \(\d+%\) from 8 of 12 files; 8 repeated blocks\.\n"
SUMMARY += r"Most text went from \S+ \(\d+% of it\)(, \S+ \(\d+%\)){4}\.\n"
SCHEMA = Path(single.__file__).parents[1] / "reports" / "report.schema.json"


class Ran(NamedTuple):
    status: int
    out: bytes
    err: str


Cli = Callable[..., Ran]


@pytest.fixture
def cli(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> Cli:
    """Runs commands in a folder that holds the texts in ``in``."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("DEDUP_")]:
        monkeypatch.delenv(name)
    Path(".git").mkdir()  # the search for a config file ends here
    many.write(Path("in"), TEXTS)

    def run(*arguments: str) -> Ran:
        status = main(arguments)
        out, err = capfdbinary.readouterr()
        return Ran(status, out, err.decode())

    return run


def states(root: str) -> dict[str, tuple[int, int]]:
    """Time and inode of every file below ``root``."""
    found = {}
    for path in sorted(Path(root).rglob("*")):
        if path.is_file():
            found[path.relative_to(root).as_posix()] = path.stat().st_mtime_ns, path.stat().st_ino
    return found


# What is written


def test_the_tree_is_mirrored_and_what_needs_no_change_is_copied(cli: Cli) -> None:
    Path("in", ONE).chmod(0o640)
    status, out, err = cli("clean", "in", "-o", "out")
    assert (status, out) == (0, b"")
    assert re.fullmatch(SUMMARY, err), err
    assert tree(Path("out")) == NEW
    assert tree(Path("in")) == OLD
    assert temporaries(Path()) == []
    assert Path("out", ONE).stat().st_mode & 0o777 == 0o640


def test_in_place_only_what_changes_is_touched(cli: Cli) -> None:
    before = states("in")
    status, out, err = cli("clean", "in/", "-i")
    assert (status, out) == (0, b"")
    assert re.fullmatch(SUMMARY, err), err
    assert tree(Path("in")) == NEW
    after = states("in")
    assert sorted(name for name in before if before[name] != after[name]) == CHANGED
    assert cli("clean", "in", "-i") == (0, b"", "Removed nothing from 12 files.\n")
    assert states("in") == after


def test_backups_keep_the_old_files_and_are_never_read(cli: Cli) -> None:
    assert cli("clean", "in", "-i", "--backup").status == 0
    backups = {f"{name}.orig": OLD[name] for name in CHANGED}
    assert tree(Path("in")) == NEW | backups
    Path("in", UNCHANGED[0]).write_bytes(OLD[ONE])
    status, _, err = cli("clean", "in", "-i", "--backup")
    assert status == 0
    assert re.search(r"^Skipped 8: .*8 (kept as backups|by suffix)", err, re.MULTILINE), err
    assert tree(Path("in")).keys() - OLD.keys() == {*backups, f"{UNCHANGED[0]}.orig"}


def test_a_second_run_replaces_the_output_of_the_first(cli: Cli) -> None:
    assert cli("clean", "in", "-o", "out").status == 0
    before = states("out")
    assert cli("clean", "in", "-o", "out").status == 0
    assert states("out") == before  # not even written again
    Path("in", ONE).write_bytes(OLD[UNCHANGED[0]])
    assert cli("clean", "in", "-o", "out").status == 0
    assert tree(Path("out")) == NEW | {ONE: OLD[UNCHANGED[0]]}


def test_what_others_have_put_or_changed_in_the_output_is_not_replaced(cli: Cli) -> None:
    path = Path("out", ONE)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"mine\n")
    status, _, err = cli("clean", "in", "-o", "out")
    assert status == 2
    assert err.startswith(f"dedup: error: out/{ONE}: is there already")
    assert tree(Path("out")) == {ONE: b"mine\n"}
    assert cli("clean", "in", "-o", "out", "--force").status == 0
    assert tree(Path("out")) == NEW
    path.write_bytes(b"mine again\n")
    status, _, err = cli("clean", "in", "-o", "out")
    assert status == 2
    assert f"out/{ONE}: was changed since it was written" in err
    assert "hint: --force replaces it" in err
    assert tree(Path("out")) == NEW | {ONE: b"mine again\n"}


def test_an_output_inside_the_input_is_not_read(cli: Cli) -> None:
    """R08"""
    for _ in range(2):
        status, _, err = cli("clean", "in", "-o", "in/cleaned")
        assert status == 0
        assert "from 8 of 12 files" in err
        assert tree(Path("in/cleaned")) == NEW
    assert "Skipped 1: 1 written by dedup." in err


def test_a_planted_link_in_the_output_is_not_followed(cli: Cli) -> None:
    """R22"""
    Path("victim").mkdir()
    Path("out").mkdir()
    Path("out", ONE.split("/")[0]).symlink_to("../victim")
    status, _, err = cli("clean", "in", "-o", "out")
    assert status == 2
    assert "is a symbolic link, and is not followed" in err
    assert tree(Path("victim")) == {}


def test_a_single_file_goes_into_a_folder_under_its_own_name(cli: Cli) -> None:
    shutil.copy(Path("in", ONE), "one.txt")
    assert cli("clean", "one.txt", "-o", "made/").status == 0
    Path("there").mkdir()
    assert cli("clean", "one.txt", "-o", "there").status == 0
    assert tree(Path("made")) == tree(Path("there")) == {"one.txt": NEW[ONE]}


def test_several_folders_keep_their_names_in_front(cli: Cli) -> None:
    assert cli("clean", "in/a", "in/b", f"in/{ONE}", "-o", "out").status == 0
    expected = {name: data for name, data in NEW.items() if name[0] in "ab"}
    named = os.path.basename(ONE)
    expected.pop(ONE, None)
    assert tree(Path("out")) == expected | {named: NEW[ONE]}


def test_two_folders_of_one_name_are_refused_before_anything_is_written(cli: Cli) -> None:
    """R12"""
    shutil.copytree("in/a", "other/a")
    status, _, err = cli("clean", "in/a", "other/a", "-o", "out")
    assert status == 2
    assert "in/a/" in err and "other/a/" in err and "would both be written" in err
    assert not Path("out").exists()


# What is read


def test_a_folder_without_texts_is_an_error_that_counts(cli: Cli) -> None:
    Path("data").mkdir()
    for name in ("a.bin", "b.bin", ".hidden.txt", "c.txt"):
        Path("data", name).write_bytes(b"\0")
    Path("data/.gitignore").write_text("c.txt\n")
    status, out, err = cli("clean", "data", "-o", "out")
    assert (status, out) == (2, b"")
    error, hint = err.splitlines()
    assert re.fullmatch(
        r"dedup: error: no text files selected in data/ \(5 skipped: 1 by \.gitignore, "
        r"2 by suffix, 2 hidden\)",
        error,
    ), error
    assert hint == "hint: --no-ignore or --include '*.bin' or --hidden"
    assert not Path("out").exists()
    status, _, err = cli("clean", "data", "--no-ignore", "-o", "out")
    assert status == 2  # what looked like a text is none
    assert "1 binary" in err and "no text files selected in data/" in err


@pytest.mark.parametrize("command", ["check", "clean --in-place", "clean --check"])
def test_where_each_file_that_is_named_is_excluded_a_hook_has_nothing_to_complain_of(
    cli: Cli, command: str
) -> None:
    Path("drafts").mkdir()
    for name in ("a.txt", "b.txt"):
        Path("drafts", name).write_bytes(OLD[ONE])
    called = [*command.split(), "--exclude", "drafts/"]
    named = ["drafts/a.txt", "drafts/b.txt"]
    status, out, err = cli(*called, "--force-exclude", *named)
    assert (status, out) == (0, b""), err
    assert "Skipped 2: 2 by --exclude." in err
    assert Path("drafts/a.txt").read_bytes() == OLD[ONE]
    assert "Skipped" not in cli(*called, *named)[2]  # not forced
    status, _, err = cli(*called, "--force-exclude", "drafts")
    assert status == 2 and "no text files selected in drafts/" in err


def test_what_was_skipped_is_told(cli: Cli) -> None:
    Path("in/a/image.png").write_bytes(b"\x89PNG")
    Path("in/a/zeros.txt").write_bytes(b"\0" * 9)
    Path("in/.git").mkdir()
    Path("in/big.txt").write_bytes(b"x" * 40_000)
    os.mkfifo("in/pipe.txt")
    Path("in/link.txt").symlink_to("a")
    status, _, err = cli("clean", "in", "-o", "out", "--max-size", "30kB")
    assert status == 0
    assert err.splitlines()[-1] == (
        "Skipped 6: 1 by suffix, 1 hidden, 1 behind links, 1 no regular files, "
        "1 over --max-size, 1 binary."
    )
    assert tree(Path("out")) == NEW


def test_options_choose_the_files_on_the_command_line_and_in_a_config(cli: Cli) -> None:
    txt = {name: data for name, data in NEW.items() if name.endswith(".txt")}
    assert 0 < len(txt) < len(NEW)
    assert cli("clean", "in", "-o", "1", "--include", "*.txt").status == 0
    Path("in/dedup.toml").write_text('include = ["*.txt"]\njobs = 1\n')
    assert cli("clean", "in", "-o", "2").status == 0
    Path("in/dedup.toml").write_text('exclude = ["*.md"]\n')
    assert cli("clean", "in", "-o", "3").status == 0
    assert cli("clean", "in", "-o", "4", "--isolated", "--extend-exclude", "*.md").status == 0
    assert tree(Path("1")) == tree(Path("2")) == tree(Path("3")) == tree(Path("4")) == txt


@pytest.mark.parametrize("line", ['output = "x"', 'cache = "x"', 'plan = "x"', "in-place = true"])
def test_a_config_that_is_found_cannot_say_where_to_write(cli: Cli, line: str) -> None:
    """R29"""
    Path("in/dedup.toml").write_text(f"{line}\n")
    status, _, err = cli("clean", "in", "-o", "out")
    assert status == 2
    assert err.startswith(f"dedup: error: in/dedup.toml: {line.split()[0]}: ")
    assert not Path("out").exists() and not Path("x").exists()


def test_lists_of_files(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = [f"in/{name}" for name in (CHANGED[0], UNCHANGED[0])]
    expected = {path: NEW[path.removeprefix("in/")] for path in wanted}
    Path("lines").write_text("\n".join(wanted) + "\n\n")
    Path("nulls").write_text("\0".join(wanted))
    assert cli("clean", "--files-from", "lines", "-o", "1").status == 0
    assert cli("clean", "--files-from", "nulls", "-0", "-o", "2").status == 0
    with Path("lines").open() as lines:
        monkeypatch.setattr("sys.stdin", lines)
        assert cli("clean", "--files-from", "-", "-o", "3").status == 0
    assert tree(Path("1")) == tree(Path("2")) == tree(Path("3")) == expected
    Path("lines").write_text(f"{wanted[0]}\nin/missing.txt\n")
    status, _, err = cli("clean", "--files-from", "lines", "-o", "4")
    assert status == 2
    assert "dedup: error: in/missing.txt: no such file or directory\n" in err
    assert tree(Path("4")) == {wanted[0]: expected[wanted[0]]}


@pytest.mark.parametrize("entry", ["../outside.txt", "{here}/in/a/../../outside.txt"])
def test_a_list_that_leads_out_writes_nothing_outside(cli: Cli, entry: str) -> None:
    """R27"""
    Path("outside.txt").write_bytes(OLD[ONE])
    Path("work").mkdir()
    Path("work/list").write_text(entry.format(here=os.getcwd()) + "\n")
    before = tree(Path())
    os.chdir("work")
    status, _, err = cli("clean", "--files-from", "list", "-o", "out")
    os.chdir("..")
    assert status == 2
    assert "leads out of the folder that -o mirrors" in err
    assert tree(Path()) == before


def test_a_link_out_of_the_folder_is_read_with_follow_and_mirrored_inside(cli: Cli) -> None:
    """R24"""
    Path("far").mkdir()
    Path("far/far.txt").write_bytes(OLD[ONE])
    Path("in/near").symlink_to("../far")
    Path("in/again").symlink_to("../far")
    Path("in/loop").symlink_to("../in")
    status, _, err = cli("clean", "in", "-o", "out", "--follow")
    assert status == 0
    found = tree(Path("out"))
    assert found == NEW | {next(n for n in found if n.endswith("far.txt")): NEW[ONE]}
    assert not Path("out/near").is_symlink()
    assert "2 read already" in err


# One bad file


def test_a_bad_file_is_named_and_the_others_are_done(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R26, I13: not UTF-8, vanished since, too large since"""
    Path("in/a/bad.txt").write_bytes(b"caf\xe9\n")
    gone, grown = Path("in/a/gone.txt"), Path("in/b/grown.txt")
    for path in (gone, grown):
        path.write_text("short\n")
    choose = folder.Run._check

    def then_change(run: folder.Run) -> None:
        choose(run)
        gone.unlink()
        grown.write_bytes(b"x" * 40_000)

    monkeypatch.setattr(folder.Run, "_check", then_change)
    status, out, err = cli("clean", "in", "-o", "out", "--max-size", "30kB", "--report", "r.json")
    assert (status, out) == (2, b"")
    assert "dedup: error: in/a/bad.txt: byte 3 (0xe9) is not valid UTF-8\nhint: --encoding" in err
    assert "dedup: error: in/a/gone.txt: no such file or directory\n" in err
    assert "dedup: error: in/b/grown.txt: " in err
    assert err.endswith("\n3 files could not be processed.\n")
    assert tree(Path("out")) == NEW
    report = json.loads(Path("r.json").read_bytes())
    assert [failure["name"] for failure in report["failures"]] == [
        "a/bad.txt", "a/gone.txt", "b/grown.txt",
    ]  # fmt: skip


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file_is_named_and_the_others_are_done(cli: Cli) -> None:
    """R26"""
    Path("in", ONE).chmod(0)
    status, _, err = cli("clean", "in", "-o", "out")
    assert status == 2
    assert f"dedup: error: in/{ONE}: Permission denied\n" in err
    assert tree(Path("out")) == {name: data for name, data in NEW.items() if name != ONE}


def test_a_fault_of_ours_costs_its_file_only(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    process = single.process

    def faulty(source: Any, options: Any, **how: Any) -> Any:
        if source.document.name == ONE:
            raise KeyError("a fault\nin two lines")
        return process(source, options, **how)

    monkeypatch.setattr(single, "process", faulty)
    status, _, err = cli("clean", "in", "-i")
    assert status == 2
    assert f"dedup: error: in/{ONE}: internal error: KeyError: " in err
    assert "Traceback" not in err
    assert tree(Path("in")) == NEW | {ONE: OLD[ONE]}


@pytest.mark.skipif(os.name == "nt", reason="names that Windows does not allow")
def test_names_of_any_bytes_are_processed_and_shown_escaped(cli: Cli) -> None:
    """R25"""
    names = [b"-rf.txt", b"new\nline.txt", b"esc\x1b[2J.txt", b"latin\xe9.txt", b"a:b'\".txt"]
    names += [b"x" * 251 + b".txt", "e\u0301.txt".encode(), "\u00e9.txt".encode(), b"CON.txt"]
    for name in names:
        with open(b"in/" + name, "wb") as file:
            file.write(OLD[ONE])
    status, _, err = cli(
        "clean", "in", "-o", "out", "-v", "--plan", "p.jsonl", "--report", "r.json"
    )
    assert status == 0, err
    for name in names:
        with open(b"out/" + name, "rb") as file:
            assert file.read() == NEW[ONE]
    assert "\x1b" not in err and "new\\nline.txt" in err and "esc\\x1b[2J.txt" in err
    documents = json.loads(Path("r.json").read_bytes())["documents"]
    assert {os.fsencode(document["name"]) for document in documents} >= {*names}
    (latin,) = [document for document in documents if "path_bytes" in document]
    assert bytes.fromhex(latin["path_bytes"]) == b"latin\xe9.txt"
    assert cli("restore", "out", "-o", "back", "--plan", "p.jsonl").status == 0
    assert tree(Path("back")) == tree(Path("in"))


# What is said


def test_how_much_is_said(cli: Cli) -> None:
    shutil.copytree("in", "copy")
    normal = cli("clean", "in", "-o", "1").err
    more = cli("clean", "in", "-o", "2", "-v").err.splitlines()
    assert "\n".join(more[12:]) + "\n" == normal
    assert [line.split(" from ")[1].split(";")[0].rstrip(".") for line in more[:12]] == sorted(OLD)
    most = cli("clean", "in", "-o", "3", "-vv").err
    assert most.count("repeated-block: ") == len(CHANGED)
    assert cli("clean", "in", "-o", "4", "-q") == (0, b"", "")
    Path("copy/bad.txt").write_bytes(b"\xff")
    assert len(cli("clean", "copy", "-o", "5", "-q").err.splitlines()) == 2
    assert cli("clean", "copy", "-o", "6", "-qq") == (2, b"", "")


def test_check_writes_nothing_and_its_status_tells(cli: Cli) -> None:
    before = states(".")
    status, out, err = cli("clean", "in", "--check")
    assert (status, out) == (1, b"")
    assert re.fullmatch(SUMMARY.replace("Removed", "Would remove", 1), err), err
    assert states(".") == before
    assert cli("clean", "in", "-i").status == 0
    assert cli("clean", "in", "--check").status == 0
    Path("in/bad.txt").write_bytes(b"\xff")
    Path("in", ONE).write_bytes(OLD[ONE])
    assert cli("clean", "in", "--check").status == 2  # wins over 1


@pytest.mark.skipif(shutil.which("patch") is None, reason="needs patch")
def test_the_diff_applied_is_the_output(cli: Cli) -> None:
    """I11"""
    before = states(".")
    status, diff, _ = cli("clean", "in", "--diff")
    assert status == 1
    assert states(".") == before
    assert cli("clean", "in", "-o", "out").status == 0
    run = subprocess.run(["patch", "-p0", "-s"], input=diff, capture_output=True)
    assert run.returncode == 0, run.stdout
    assert tree(Path("in")) == tree(Path("out")) == NEW
    assert cli("clean", "in", "--diff")[:2] == (0, b"")


@pytest.mark.parametrize(
    ("arguments", "said"),
    {
        "no place": (["in"], "in/: is a directory\nhint: give -o DIR or --in-place"),
        "no place for two": ([f"in/{CHANGED[0]}", f"in/{CHANGED[1]}"], "several files need a place"),
        "stdout": (["in", "-o", "-"], "-o -: several texts cannot go to standard output"),
        "with stdin": (["in", "-", "-o", "out"], "-: standard input cannot go together with files"),
        "missing": (["inn", "-o", "out"], "inn: no such file or directory\nhint: did you mean in"),
        "plan is a text": (["in", "-o", "out", "--plan", f"in/{ONE}"], "would overwrite the input"),
        "plan is a text, by force": (
            ["in", "-o", "out", "--plan", f"in/{ONE}", "--force"], "would overwrite the input"),
        "report is a text, by force": (
            ["in", "-i", "--report", f"md:in/{ONE}", "--force"], "would overwrite the input"),
        "report is a backup": (
            ["in", "-i", "--backup", "--report", f"md:in/{ONE}.orig"], "is the place of the backup"),
        "report is the manifest": (
            ["in", "-o", "out", "--report", "md:out/.dedup-manifest.jsonl"], "are dedup's own"),
        "cache in the output": (["in", "-o", "out", "--cache", "out/c"], "part of the output folder"),
        "empty output": (["in", "-o", ""], "-o names no file: its path is empty"),
        "list of NULs": (["--files-from", "nuls", "-o", "out"], "-0 is for a list"),
        "report in output": (["in", "-o", "o", "--report", f"md:o/{ONE}"], "a cleaned text"),
        "output is a file": (["in", "-o", f"in/{ONE}"], "is not a folder"),
        "output is input": (["in", "-o", "in"], "would overwrite the input"),
        "zero without list": (["in", "-o", "out", "-0"], "-0 is for the list"),
        "backup": (["in", "-o", "out", "--backup"], "--backup needs --in-place"),
        "check and plan": (["in", "--check", "--plan", "p"], "--check writes nothing"),
    }.values(),
)  # fmt: skip
def test_what_cannot_be_is_refused_before_anything_is_written(
    cli: Cli, arguments: list[str], said: str
) -> None:
    Path("nuls").write_bytes(b"in\0")
    before = states(".")
    status, out, err = cli("clean", *arguments)
    assert (status, out) == (2, b"")
    assert said in err, err
    assert states(".") == before


# Reports and plans


def test_reports_tell_of_every_document_and_fit_their_schema(cli: Cli) -> None:
    Path("in/bad.txt").write_bytes(b"\xff")
    arguments = ["--report", "r.json", "--report", "r.md"]
    assert cli("clean", "in", "-o", "out", *arguments).status == 2
    report = json.loads(Path("r.json").read_bytes())
    jsonschema.validate(report, json.loads(SCHEMA.read_bytes()))
    assert [document["name"] for document in report["documents"]] == sorted(OLD)
    assert report["totals"]["documents"] == 12
    assert [failure["name"] for failure in report["failures"]] == ["bad.txt"]
    text = Path("r.md").read_text()
    assert all(name in text for name in CHANGED)


def test_a_report_of_one_file_is_the_same_alone_and_in_a_folder(cli: Cli) -> None:
    """I12"""
    name = os.path.basename(ONE)
    Path("single").mkdir()
    shutil.copy(Path("in", ONE), "single")
    assert cli("clean", "single", "-o", "1", "--report", "1.json", "--plan", "1.jsonl").status == 0
    arguments = ["-o", "2.txt", "--report", "2.json", "--plan", "2.jsonl"]
    assert cli("clean", f"single/{name}", *arguments).status == 0
    assert Path("1.json").read_bytes() == Path("2.json").read_bytes()
    assert Path("1.jsonl").read_bytes() == Path("2.jsonl").read_bytes()
    assert Path("1", name).read_bytes() == Path("2.txt").read_bytes() == NEW[ONE]


@pytest.mark.parametrize("kind", ["json", "md"])
def test_a_report_replaces_a_report_but_no_text_by_mistake(cli: Cli, kind: str) -> None:
    report = f"{kind}:in/report.txt"
    assert cli("clean", "in", "-o", "out", "--report", report).status == 0
    written = Path("in/report.txt").read_bytes()
    assert cli("clean", "in", "-o", "out", "--report", report).status == 0
    assert Path("in/report.txt").read_bytes() == written
    for force in ([], ["--force"]):
        Path("in/report.txt").write_text("A text of somebody.\n")
        ran = cli("clean", "in", "-o", "out", "--report", report, *force)
        assert ran.status == 2
        assert "in/report.txt would overwrite the input" in ran.err
        assert Path("in/report.txt").read_text() == "A text of somebody.\n"
    Path("notes").write_text("Notes of somebody.\n")
    ran = cli("clean", "in", "-o", "out", "--report", f"{kind}:notes")
    assert (ran.status, "notes: is there already, and is no report" in ran.err) == (2, True)
    assert Path("notes").read_text() == "Notes of somebody.\n"
    assert cli("clean", "in", "-o", "out", "--report", f"{kind}:notes", "--force").status == 0


def test_what_earlier_runs_wrote_is_never_input(cli: Cli) -> None:
    """R08"""
    assert cli("clean", "in", "-o", "in/out", "--report", "md:in/report.txt").status == 0
    assert cli("clean", "in", "-o", "in/out-2", "--plan", "in/plan.txt").status == 0
    _, _, err = cli("clean", "in", "-o", "elsewhere")
    assert tree(Path("elsewhere")) == NEW
    assert "4 written by dedup" in err


def test_outputs_without_an_input_are_told(cli: Cli) -> None:
    assert cli("clean", "in", "-o", "out").status == 0
    Path("in", ONE).unlink()
    _, _, err = cli("clean", "in", "-o", "out")
    assert f"dedup: note: out: {ONE} stays, from an earlier run" in err
    assert Path("out", ONE).read_bytes() == NEW[ONE]


def test_a_list_in_place(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("list").write_text(f"in/{ONE}\n")
    assert cli("clean", "--files-from", "list", "-i").status == 0
    assert Path("in", ONE).read_bytes() == NEW[ONE]
    assert tree(Path("in")) == OLD | {ONE: NEW[ONE]}


def test_the_results_of_a_folder_are_those_one_by_one(cli: Cli, monkeypatch: Any) -> None:
    """I12, I11"""
    assert cli("clean", "in", "-o", "out").status == 0
    for name in OLD:
        with Path("in", name).open() as stream:
            monkeypatch.setattr("sys.stdin", stream)
            status, out, _ = cli("clean", "--stdin-filename", name)
        assert (status, out) == (0, Path("out", name).read_bytes())


@pytest.mark.parametrize("way", [["-o", "out"], ["-i"]], ids=" ".join)
def test_a_plan_has_a_line_for_each_changed_document_and_gives_the_folder_back(
    cli: Cli, way: list[str]
) -> None:
    assert cli("clean", "in", *way, "--plan", "p.jsonl").status == 0
    cleaned = "out" if "-o" in way else "in"
    assert tree(Path(cleaned)) == NEW
    lines = [json.loads(line) for line in Path("p.jsonl").read_bytes().splitlines()]
    assert [line["document"] for line in lines[1:-1]] == CHANGED
    assert lines[-1] == {"documents": len(CHANGED)}
    said = f"Restored {len(CHANGED)} of 12 files.\n"
    assert cli("restore", cleaned, "-o", "back", "--plan", "p.jsonl") == (0, b"", said)
    assert tree(Path("back")) == OLD
    assert [*Path("back").rglob(".*")] == []
    assert cli("restore", cleaned, "-i", "--plan", "p.jsonl") == (0, b"", said)
    assert tree(Path(cleaned)) == OLD


def test_restore_refuses_what_does_not_fit_and_restores_the_rest(cli: Cli) -> None:
    """R61"""
    assert cli("clean", "in", "-o", "out", "--plan", "p.jsonl").status == 0
    Path("out", ONE).write_bytes(b"edited since\n")
    Path("out", CHANGED[1]).unlink()
    status, _, err = cli("restore", "out", "-o", "back", "--plan", "p.jsonl")
    assert status == 2
    assert f"dedup: error: out/{ONE}: is not the cleaned text of {ONE}" in err
    assert f"dedup: error: {CHANGED[1]}: is in p.jsonl, but not in out" in err
    assert tree(Path("back")) == {n: data for n, data in OLD.items() if n not in CHANGED[:2]}


def test_a_plan_that_knows_nothing_of_what_is_given_restores_nothing(cli: Cli) -> None:
    assert cli("clean", "in", "-o", "out", "--plan", "p.jsonl").status == 0
    many.write(Path("other"), {name: TEXTS[name] for name in UNCHANGED})
    before = states(".")
    for roots in (["other"], [f"other/{name}" for name in UNCHANGED]):
        for where in (["-o", "back"], ["-i"]):
            status, _, err = cli("restore", *roots, "--plan", "p.jsonl", *where)
            assert status == 2
            assert "p.jsonl" in err and "says nothing about" in err
            assert "hint: " in err
            assert states(".") == before


def test_a_named_file_that_the_plan_does_not_know_is_told_and_not_written(cli: Cli) -> None:
    assert cli("clean", "in", "-o", "out", "--plan", "p.jsonl").status == 0
    same = UNCHANGED[0]
    status, _, err = cli("restore", f"out/{ONE}", f"out/{same}", "-o", "back", "--plan", "p.jsonl")
    assert status == 2
    assert f"dedup: error: out/{same}: p.jsonl says nothing about it\n" in err
    assert err.endswith("Restored 1 of 2 files.\n")
    assert tree(Path("back")) == {os.path.basename(ONE): OLD[ONE]}


def test_named_files_are_known_by_their_content_without_the_folder_they_were_cleaned_in(
    cli: Cli,
) -> None:
    assert cli("clean", "in", "-o", "out", "--plan", "p.jsonl").status == 0
    deep = CHANGED[:2]
    paths = [f"out/{name}" for name in deep]
    for where in (["-o", "back"], ["-i"], ["-i"]):  # the last time they are the originals
        status, _, err = cli("restore", *paths, "--plan", "p.jsonl", *where)
        assert (status, "error" in err) == (0, False), err
    back = [Path("back", os.path.basename(path)) for path in paths]
    assert [path.read_bytes() for path in back] == [OLD[name] for name in deep]
    assert [Path(path).read_bytes() for path in paths] == [OLD[name] for name in deep]


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda plan: plan[: len(plan) // 2], "p.jsonl"),
        (lambda plan: b"".join(plan.splitlines(True)[:-1]), "cut off: its last line is missing"),
        (lambda plan: b'{"some": "json"}\n', "is not a plan of dedup"),
        (lambda plan: plan.replace(ONE.encode(), b"../../evil.txt"), "p.jsonl:2"),
    ],
    ids=["half", "no end", "foreign", "path"],
)
def test_a_damaged_plan_restores_nothing(
    cli: Cli, damage: Callable[[bytes], bytes], said: str
) -> None:
    """R60, R61"""
    assert cli("clean", "in", "-o", "out", "--plan", "p.jsonl").status == 0
    Path("p.jsonl").write_bytes(damage(Path("p.jsonl").read_bytes()))
    before = states(".")
    status, _, err = cli("restore", "out", "-o", "back", "--plan", "p.jsonl")
    assert status == 2
    assert said in err, err
    assert states(".") == before
    status, _, err = cli("clean", "in", "-i", "--plan", "p.jsonl")
    assert status == 2
    assert states(".") == before


def test_a_plan_of_another_run_is_not_replaced(cli: Cli) -> None:
    assert cli("clean", "in", "-o", "out", "--plan", "p.jsonl").status == 0
    plan = Path("p.jsonl").read_bytes()
    assert cli("clean", "in", "-o", "out", "--plan", "p.jsonl").status == 0  # of the same
    assert Path("p.jsonl").read_bytes() == plan
    refusals: list[Sequence[str]] = [["--threshold", "0.9"], ["--include", "*.txt"]]
    for others in refusals:
        status, _, err = cli("clean", "in", "-i", "--plan", "p.jsonl", *others)
        assert status == 2
        assert "p.jsonl: holds the plan of another run\nhint: give another name to keep it" in err
        assert tree(Path("in")) == OLD
        assert Path("p.jsonl").read_bytes() == plan
    assert cli("clean", "in", "-i", "--plan", "p.jsonl", *refusals[1], "--force").status == 0
    assert Path("p.jsonl").read_bytes() != plan
    assert cli("restore", "in", "-i", "--plan", "p.jsonl").status == 0
    assert tree(Path("in")) == OLD


def test_a_plan_of_cleaned_files_is_kept_when_there_is_nothing_more_to_do(cli: Cli) -> None:
    """Cleaning once more must not lose what brings the originals back."""
    for _ in range(3):
        assert cli("clean", "in", "-i", "--plan", "p.jsonl").status == 0
        assert tree(Path("in")) == NEW
    assert cli("restore", "in", "-i", "--plan", "p.jsonl").status == 0
    assert tree(Path("in")) == OLD


# The cache


@pytest.fixture
def analyzed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the documents that were analyzed, as they are."""
    process = single.process
    names: list[str] = []

    def counted(source: Any, options: Any, **how: Any) -> Any:
        names.append(source.document.name)
        return process(source, options, **how)

    monkeypatch.setattr(single, "process", counted)
    return names


def test_results_are_the_same_with_a_cache_and_without(cli: Cli, analyzed: list[str]) -> None:
    """R62"""

    def run(number: int, *more: str) -> tuple[object, ...]:
        base = ["--plan", f"{number}.jsonl", "--report", f"{number}.json"]
        ran = cli("clean", "in", "-o", f"o{number}", *base, "--report", f"{number}.md", *more, "-v")
        assert ran.status == 0
        files = [Path(f"{number}.{suffix}").read_bytes() for suffix in ("jsonl", "json", "md")]
        return ran, tree(Path(f"o{number}")), files

    without = run(0)
    assert len(analyzed) == 12
    assert run(1, "--cache", "c") == without
    assert len(analyzed) == 24
    assert run(2, "--cache", "c") == without
    assert len(analyzed) == 24
    assert cli("clean", "in", "--check", "--cache", "c").status == 1
    assert len(analyzed) == 24
    Path("in", ONE).write_bytes(OLD[ONE] + b"\nAnd one line more.\n")
    assert cli("clean", "in", "--check", "--cache", "c").status == 1
    assert analyzed[24:] == [ONE]
    assert cli("clean", "in", "--check", "--cache", "c", "--threshold", "0.9").status == 1
    assert len(analyzed) == 25 + 12
    assert cli("clean", "in", "--check", "--cache", "c", "-j", "2").status == 1
    assert len(analyzed) == 25 + 12


def test_a_cache_that_cannot_be_trusted_is_not_used(cli: Cli, analyzed: list[str]) -> None:
    """R62"""
    assert cli("clean", "in", "--check", "--cache", "c").status == 1
    Path("c").chmod(0o777)
    status, _, err = cli("clean", "in", "-o", "out", "--cache", "c")
    assert status == 0
    assert err.startswith("dedup: note: c: is not used: others may write to it (chmod go-w)\n")
    assert len(analyzed) == 24
    assert tree(Path("out")) == NEW


ALIKE = """The ferry to the northern island leaves at 9:15 from the second pier of the harbour.

On market days the square is closed to traffic until the last of the stalls has been taken away.

The ferry to the northern island leaves at 16:40 from the second pier of the harbour.
"""


@pytest.mark.parametrize(
    ("arguments", "times"),
    [
        (["clean", "--check"], 0),
        (["clean", "--diff"], 0),
        (["check"], 0),
        (["check", "-v"], 1),
        (["clean", "--check", "-vv"], 1),
        (["clean", "--force", "--report", "report.json", "-o", "out"], 1),
        (["clean", "--check", "--cache", "cache"], 1),
    ],
)
def test_look_alikes_are_looked_for_where_they_are_told_of_or_remembered(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, arguments: list[str], times: int
) -> None:
    Path("alike").mkdir()
    Path("alike/a.txt").write_text(ALIKE)
    found = []
    honest = settle.Bench.lookalikes

    def counted(self: settle.Bench, gone: bytearray) -> list[Find]:
        found.append(honest(self, gone))
        return found[-1]

    monkeypatch.setattr(settle.Bench, "lookalikes", counted)
    assert cli(*arguments, "alike", "-j", "1").status == 0
    assert len(found) == times
    assert all(found)


@pytest.mark.parametrize(
    ("arguments", "times"),
    [
        (["check"], 0),
        (["check", "-v"], 1),
        (["check", "--report", "report.json"], 1),
        (["check", "--cache", "cache"], 1),
        (["clean"], 0),
        (["clean", "-v"], 1),
        (["clean", "--report", "report.md"], 1),
        (["report"], 1),
    ],
)
def test_in_a_pipe_too_look_alikes_are_looked_for_where_they_are_told_of_or_remembered(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, arguments: list[str], times: int
) -> None:
    found = []
    honest = settle.Bench.lookalikes

    def counted(self: settle.Bench, gone: bytearray) -> list[Find]:
        found.append(honest(self, gone))
        return found[-1]

    monkeypatch.setattr(settle.Bench, "lookalikes", counted)
    Path("a.txt").write_text(ALIKE)
    with open("a.txt") as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        status, out, err = cli(*arguments)
    assert status == 0, err
    assert len(found) == times
    assert all(found)
    assert ("kept-lookalike" in out.decode() + err) == ("-v" in arguments)
