"""What changed is asked of git, in repositories as they are and as somebody may prepare them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.checks.alerts import Alert, Checked, located
from dedup.checks.since import Changed, Changes, Lines, parsed, turned
from dedup.errors import DedupError
from tests.checks.test_alerts import errors, found
from tests.prose import doubled, paragraphs

pytestmark = [
    pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed"),
    pytest.mark.skipif(os.name == "nt", reason="names and programs of a POSIX system"),
]


def run_git(*arguments: str) -> str:
    settings = ["user.name=x", "user.email=x@example.org", "protocol.file.allow=always"]
    settings += ["init.defaultBranch=main"]
    flags = [flag for setting in settings for flag in ("-c", setting)]
    command = ["git", *flags, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one commit, on ``main``, that holds ``a.txt``; no settings but its own."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    top = tmp_path / "top"
    top.mkdir()
    monkeypatch.chdir(top)
    run_git("init")
    write("a.txt", "one", "two", "three", "four", "five")
    commit()
    return top


def write(path: str, *lines: str) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text("".join(f"{line}\n" for line in lines))


def commit() -> None:
    run_git("add", "-A")
    run_git("commit", "-m", "x")


def changed(path: str = "a.txt", ref: str = "main", folder: str = "") -> Lines:
    return Changes(ref, folder).of(path)


def complaint(ref: str = "main", folder: str = "") -> tuple[str, str]:
    with pytest.raises(DedupError) as caught:
        Changes(ref, folder)
    return str(caught.value), caught.value.hint


ALL, NONE = Lines(is_whole=True), Lines()

# Which lines


def test_lines_that_were_changed_or_added_are_new() -> None:
    assert changed() == NONE
    write("a.txt", "one", "TWO", "three", "new", "newer", "four", "five")
    assert changed() == Lines(ranges=[(2, 2), (4, 5)])
    commit()
    assert changed("a.txt", "HEAD") == NONE
    assert changed("a.txt", "HEAD~1") == Lines(ranges=[(2, 2), (4, 5)])


@pytest.mark.parametrize(
    ("left", "expected"),
    [
        (["one", "two", "five"], [(2, 3)]),
        (["two", "three", "four", "five"], [(1, 1)]),
        (["one", "two", "three", "four"], [(4, 5)]),
        (["one", "three", "five"], [(1, 2), (2, 3)]),
        (["one", "three", "FOUR", "five"], [(1, 2), (3, 3)]),
    ],
)
def test_the_lines_on_both_sides_of_what_was_deleted_are_new(
    left: list[str], expected: list[tuple[int, int]]
) -> None:
    """What told two passages apart may be gone."""
    write("a.txt", *left)
    found = changed()
    assert found == Lines(ranges=expected)
    for number in range(1, len(left) + 1):
        assert found.meet(number, number) == any(a <= number <= b for a, b in expected)


def test_of_a_file_that_is_deleted_nothing_is_new() -> None:
    os.unlink("a.txt")
    assert changed() == NONE


KEPT = ["<!-- dedup: keep -->", "", "one", "<!-- dedup: off -->", "two", "<!-- dedup: on -->"]


@pytest.mark.parametrize(
    ("after", "is_whole"),
    [
        (KEPT[1:], True),  # keep is gone
        (["one", *KEPT[1:]], True),
        (KEPT[:3] + KEPT[4:], True),  # off is gone
        (KEPT[:5], False),
        ([*KEPT[:4], KEPT[5], *KEPT[4:]], True),  # on stands earlier
        ([*KEPT, "three", KEPT[3], "four", KEPT[5]], False),  # more is off
        ([*KEPT, KEPT[0], "three"], False),
        ([*KEPT, "of a dedup that goes on"], False),
    ],
)
def test_where_less_is_left_alone_than_before_all_lines_are_new(
    after: list[str], is_whole: bool
) -> None:
    """What a comment held for may stand far from it."""
    write("b.md", *KEPT)
    commit()
    write("b.md", *after)
    assert changed("b.md", "HEAD").is_whole == is_whole


def test_a_deletion_that_makes_something_repeat_is_found() -> None:
    body = paragraphs(1, 3)[0].split(". ")
    lines = [f"{sentence}." for sentence in body]
    other = [*lines[:2], *paragraphs(1, 8), *lines[2:]]
    write("b.txt", *lines, "", "Between.", "", *lines)
    alerts = located(errors(Path("b.txt").read_text()), "b.txt")
    checked = Checked("b.txt", "b.txt", None, alerts)
    write("b.txt", *lines, "", "Between.", "", *other)
    commit()
    assert not list(Changed(Changes("HEAD", "")).passed(checked))
    write("b.txt", *lines, "", "Between.", "", *lines)
    assert alerts and tuple(Changed(Changes("HEAD", "")).passed(checked)) == alerts


def test_what_others_committed_meanwhile_is_not_ours() -> None:
    run_git("checkout", "-b", "ours")
    write("b.txt", "ours")
    commit()
    run_git("checkout", "main")
    write("a.txt", "one", "theirs", "three", "four", "five")
    commit()
    run_git("checkout", "ours")
    assert changed("a.txt", "main") == NONE
    assert changed("b.txt", "main") == Lines(ranges=[(1, 1)])


def test_a_range_is_met_by_its_ends() -> None:
    lines = Lines(ranges=[(3, 5), (9, 9)])
    met = [first for first in range(1, 12) if lines.meet(first, first)]
    assert met == [3, 4, 5, 9]
    assert lines.meet(1, 3) and lines.meet(5, 8) and not lines.meet(6, 8)
    assert lines.meet(0, 0), "what has no lines meets any change"
    assert not NONE.meet(0, 0) and ALL.meet(7, 7) and ALL.meet(0, 0)


def test_files_that_git_does_not_keep_are_new_as_a_whole() -> None:
    write("untracked.txt", "x")
    write(".gitignore", "ignored.txt")
    write("ignored.txt", "x")
    write("../outside.txt", "x")
    for path in ("untracked.txt", "ignored.txt", "../outside.txt", "missing/x.txt"):
        assert changed(path) == ALL
    run_git("add", "untracked.txt")
    assert changed("untracked.txt") == Lines(ranges=[(1, 1)])


def test_a_file_that_was_moved_is_new() -> None:
    run_git("mv", "a.txt", "b.txt")
    assert changed("b.txt") == Lines(ranges=[(1, 5)])


@pytest.mark.parametrize(
    "name",
    ["two words.txt", 'quo"te.txt', "new\nline.txt", "tab\t.txt", "b/a.txt", "né.txt", "b\\s.txt",
     "x b/x b/x.txt", " lead.txt", "trail .txt ", os.fsdecode(b"\xff\xfe.txt"), "-n.txt", "\x1b.txt"],
)  # fmt: skip
def test_names_may_hold_anything(name: str) -> None:
    write(name, "one", "two")
    commit()
    assert changed(name) == NONE
    write(name, "one", "TWO")
    assert changed(name) == Lines(ranges=[(2, 2)])


def test_lines_that_look_like_a_diff_are_text() -> None:
    write("a.txt", "one", "two", "three", "four", "five", "", "-- a/x", "@@ -1 +1 @@")
    commit()
    lines = ["++ b/other.txt", "@@ -1 +1,99 @@", "diff --git a/other.txt b/other.txt"]
    lines += ["Binary files a/x and b/x differ", "Subproject commit 1", "index 1..2 160000"]
    write("a.txt", "one", *lines, "five", "-- a/y", "@@ -2 +2 @@")
    write("other.txt", "x")
    run_git("add", "other.txt")
    changes = Changes("HEAD", "")
    assert changes.of("a.txt") == Lines(ranges=[(2, 7), (9, 10)])
    assert changes.of("other.txt") == Lines(ranges=[(1, 1)])


def test_a_text_without_a_last_line_end_is_read_past() -> None:
    Path("a.txt").write_text("one\nx")
    Path("b.txt").write_text("y")
    run_git("add", ".")
    changes = Changes("main", "")
    assert changes.of("a.txt") == Lines(ranges=[(2, 2)])
    assert changes.of("b.txt") == Lines(ranges=[(1, 1)])


def test_a_file_that_is_no_text_to_git_is_new_as_a_whole() -> None:
    write(".gitattributes", "*.md -diff")
    write("a.md", "one", "two")
    Path("u.txt").write_bytes("one\n".encode("utf-16"))
    commit()
    assert [changed("a.md"), changed("u.txt")] == [NONE, NONE]
    write("a.md", "one", "TWO")
    Path("u.txt").write_bytes("two\n".encode("utf-16"))
    assert [changed("a.md"), changed("u.txt")] == [ALL, ALL]


def test_a_new_mode_makes_no_new_lines() -> None:
    os.chmod("a.txt", 0o755)
    assert changed() == NONE


def test_lines_that_end_with_cr_alone_are_not_counted_as_git_does() -> None:
    Path("a.txt").write_bytes(b"one\rtwo\rthree\n" * 3)
    assert changed() == ALL
    Path("a.txt").write_bytes(b"one\r\ntwo\r\n")
    assert changed() == Lines(ranges=[(1, 2)])


def test_a_link_counts_as_the_file_it_leads_to() -> None:
    os.symlink("a.txt", "link.txt")
    commit()
    write("a.txt", "ONE", "two", "three", "four", "five")
    assert changed("link.txt", "HEAD") == Lines(ranges=[(1, 1)])


def test_the_marks_of_a_conflict_and_what_others_wrote_are_new() -> None:
    run_git("checkout", "-b", "ours")
    write("a.txt", "ours")
    commit()
    run_git("checkout", "main")
    write("a.txt", "theirs")
    commit()
    with pytest.raises(subprocess.CalledProcessError):
        run_git("merge", "ours")
    assert changed("a.txt", "main") == Lines(ranges=[(1, 1), (3, 5)])


def test_a_folder_below_and_another_repository_can_be_asked_about() -> None:
    write("docs/deep/b.txt", "one")
    commit()
    write("docs/deep/b.txt", "two")
    assert changed("docs/deep/b.txt", "HEAD", "docs/deep") == Lines(ranges=[(1, 1)])
    os.chdir("..")
    assert changed("top/docs/deep/b.txt", "HEAD", "top/docs") == Lines(ranges=[(1, 1)])
    assert complaint(folder="") == ("--since main: this folder is not in a git repository", "")
    assert changed("top/a.txt", "HEAD", "top") == NONE


def test_a_second_worktree_has_its_own_changes() -> None:
    run_git("worktree", "add", "../second", "-b", "second")
    write("../second/a.txt", "one")
    write("../second/a.txt", "new", "two", "three", "four", "five")
    assert changed("../second/a.txt", "main", "../second") == Lines(ranges=[(1, 1)])
    assert changed() == NONE


def test_of_a_repository_within_the_commit_counts() -> None:
    run_git("init", "../inner")
    write("../inner/x.txt", "one")
    run_git("-C", "../inner", "add", ".")
    run_git("-C", "../inner", "commit", "-m", "x")
    run_git("submodule", "add", "../inner", "vendored")
    commit()
    assert changed("vendored/x.txt", "HEAD") == NONE
    write("vendored/x.txt", "two")
    run_git("-C", "vendored", "commit", "-am", "x")
    assert changed("vendored/x.txt", "HEAD") == ALL


def test_a_large_change_is_read_line_by_line() -> None:
    """The answer of a command that prints more than a pipe holds."""
    write("a.txt", *(f"line {number}" for number in range(50_000)))
    assert changed() == Lines(ranges=[(1, 50_000)])


# What can be wrong


def test_without_git_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert complaint() == ("--since main: git is needed for it, and is not installed", "")


@pytest.mark.parametrize("ref", ["--upload-pack=x", "-p", "", "--output=x", "a\0b"])
def test_a_name_that_could_be_a_flag_is_none(ref: str) -> None:
    """R64"""
    assert complaint(ref) == (f"--since {ref}: {ref!r} is not the name of a commit", "")
    assert not Path("x").exists()


@pytest.mark.parametrize("ref", ["main..x", "x\ny", "HEAD:a.txt", "$(touch x)", "@{upstream}"])
def test_a_name_of_no_commit_is_an_error(ref: str) -> None:
    assert complaint(ref)[0] == f"--since {ref}: {ref} is no commit of this repository"
    assert not Path("x").exists()


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    assert complaint("mian")[1] == "did you mean main?"
    run_git("update-ref", "refs/remotes/upstream/next", "main")
    assert complaint("next")[1] == "did you mean upstream/next?"
    assert complaint("0123456789")[1] == ""


def test_a_repository_without_commits_is_an_error() -> None:
    run_git("init", "../empty")
    assert complaint("HEAD", "../empty")[0] == "--since HEAD: the repository has no commit yet"


def test_histories_without_a_common_commit_are_an_error() -> None:
    run_git("checkout", "--orphan", "alone")
    write("b.txt", "x")
    commit()
    assert complaint()[0] == "--since main: main and HEAD have no commit in common"


def test_a_shallow_clone_says_what_to_fetch() -> None:
    """R64"""
    run_git("checkout", "-b", "ours")
    write("b.txt", "x")
    commit()
    url = f"file://{os.getcwd()}"
    run_git("clone", "--depth=1", "--branch=ours", url, "../shallow")
    expected = "fetch more of its history: fetch-depth: 0, or git fetch --unshallow"
    for ref in ("origin/main", "HEAD~1"):
        said = f"--since {ref}: {ref} is not in this shallow clone"
        assert complaint(ref, "../shallow") == (said, expected)
    write("a.txt", "x")
    run_git("checkout", "main")
    commit()
    run_git("-C", "../shallow", "fetch", "--depth=1", "origin", "main:main")
    said = "--since main: main and HEAD have no commit in common in this shallow clone"
    assert complaint("main", "../shallow") == (said, expected)


def test_what_git_says_is_one_line() -> None:
    Path(".git/index").write_bytes(b"no index at all, but long enough to be one")
    said, _ = complaint()
    assert said.startswith("--since main: git: ") and "\n" not in said


# What a hostile repository is not to do


def program(path: str) -> str:
    """A program that leaves a file ``ran``, whatever it is asked to do."""
    ran = os.path.abspath("../ran")
    Path(path).write_text(f"#!{sys.executable}\nopen({ran!r}, 'a').write('x')\n")
    os.chmod(path, 0o755)
    return os.path.abspath(path)


HOSTILE = [
    "core.fsmonitor", "core.pager", "pager.diff", "core.editor", "core.sshCommand", "diff.external",
    "diff.evil.command", "diff.evil.textconv", "filter.evil.clean", "filter.evil.process",
    "filter.evil.smudge", "filter.a=b.clean", "alias.diff", "alias.ls-files", "core.askPass",
    "credential.helper", "uploadpack.packObjectsHook", "remote.origin.uploadpack",
]  # fmt: skip


@pytest.mark.parametrize("key", HOSTILE)
def test_no_program_that_the_repository_names_is_run(key: str) -> None:
    """R64"""
    write(".gitattributes", "a.txt filter=evil diff=evil", "c.txt filter=a=b")
    write("c.txt", "x")
    commit()
    evil = program("../evil")
    run_git("config", key, f"!{evil}" if key.startswith("alias") else evil)
    run_git("config", "filter.evil.required", "true")
    for name in ("post-index-change", "fsmonitor-watchman", "post-checkout"):
        shutil.copy(evil, f".git/hooks/{name}")
    Path("a.txt").write_text("one\nTWO\nthree\nfour\nfive\n")
    Path("c.txt").write_text("y\n")
    assert changed("a.txt", "HEAD").meet(2, 2)
    assert changed("c.txt", "HEAD").meet(1, 1)
    assert not os.path.exists("../ran")


def test_a_git_that_cannot_switch_filters_off_is_not_asked_to_compare(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """R64: before 2.31 git took no settings from numbered variables."""
    run_git("config", "filter.evil.clean", program("../evil"))
    write(".gitattributes", "a.txt filter=evil")
    Path("a.txt").write_text("x\n")
    os.mkdir("../old")
    old, real = Path("../old/git").absolute(), shutil.which("git")
    old.write_text(f'#!/bin/sh\nunset GIT_CONFIG_COUNT\nexec {real} "$@"\n')
    old.chmod(0o755)
    assert changed().meet(1, 1)
    monkeypatch.setenv("PATH", str(old.parent), prepend=os.pathsep)
    assert complaint() == (
        "--since main: this git is too old to leave out filter.evil.clean, a program of the repository",
        "git 2.31 can",
    )
    assert not os.path.exists("../ran")


def test_the_traps_are_set_where_git_is_used_without_care() -> None:
    """Else the test above shows nothing."""
    evil = program("../evil")
    write("a.txt", "x")
    for key in ("diff.external", "core.fsmonitor"):
        run_git("config", key, evil)
        subprocess.run(["git", "diff", "main"], capture_output=True, check=False)
        assert os.path.exists("../ran")
        os.unlink("../ran")
        run_git("config", "--unset", key)


def test_what_is_missing_is_not_fetched() -> None:
    """R64: of a partial clone git would fetch texts on the way, from wherever its settings say."""
    url = f"file://{os.getcwd()}"
    run_git("config", "uploadpack.allowFilter", "true")
    run_git("clone", "--filter=blob:none", "--no-checkout", url, "../partial")
    evil = program("../evil")
    run_git("-C", "../partial", "config", "remote.origin.uploadpack", evil)
    run_git("-C", "../partial", "config", "protocol.allow", "always")
    run_git("-C", "../partial", "reset", "-q", "--soft")
    subprocess.run(["git", "-C", "../partial", "read-tree", "HEAD"], check=True)
    Path("../partial/a.txt").write_text("new\n")
    said, _ = complaint("HEAD", "../partial")
    assert said.startswith("--since HEAD: git: ")
    assert not os.path.exists("../ran")


@pytest.mark.parametrize(
    "setting",
    ["diff.noprefix=true", "diff.mnemonicPrefix=true", "diff.context=5", "diff.renames=copies",
     "core.quotePath=true", "color.ui=always", "diff.interHunkContext=9", "diff.submodule=log",
     "diff.relative=true", "diff.orderFile=order", "diff.algorithm=patience", "core.autocrlf=true",
     "diff.srcPrefix=x/", "diff.dstPrefix=x/", "diff.ignoreSubmodules=all", "diff.suppressBlankEmpty=true",
     "diff.wordRegex=.", "diff.statGraphWidth=1", "core.abbrev=4", "log.showSignature=true"],
)  # fmt: skip
def test_no_setting_changes_what_is_found(setting: str) -> None:
    write("docs/né b.txt", *"abcdefghij")
    commit()
    run_git("config", *setting.split("=", 1))
    write("docs/né b.txt", *"aBcdefgHij")
    assert changed("docs/né b.txt", "HEAD", "docs") == Lines(ranges=[(2, 2), (8, 8)])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GIT_DIFF_OPTS", "--unified=9"),
        ("GIT_EXTERNAL_DIFF", "false"),
        ("GIT_DIR", "/nonexistent"),
        ("GIT_INDEX_FILE", "/nonexistent"),
        ("GIT_WORK_TREE", "/"),
        ("GIT_PAGER", "false"),
    ],
)
def test_a_hook_may_run_us(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    write("a.txt", "one", "two", "three", "FOUR", "five")
    monkeypatch.setenv(name, value)
    assert changed() == Lines(ranges=[(4, 4)])


def test_looking_changes_nothing_in_the_repository() -> None:
    os.utime("a.txt", (1, 1))  # so that git would like to refresh what it knows of it
    before = {path: path.stat().st_mtime_ns for path in Path(".git").rglob("*")}
    assert changed() == NONE
    assert {path: path.stat().st_mtime_ns for path in Path(".git").rglob("*")} == before


# What git says

HEADER = b"diff --git a/x b/x\n"
PIECES = [
    HEADER, b'diff --git "a/\\n" "b/\\n"\n', b"@@ -1 +2,3 @@\n", b"@@ -0,0 +1 @@ x\n", b"+++ b/x\n", b"+x\n",
    b"-x\n", b"\\ No newline at end of file\n", b"Binary files a/x and b/x differ\n", b"index 1..2 160000\n",
    b"@@ broken\n", b'diff --git "a', b"diff --git \n", b"\xff\n", b"\n",
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=12))
def test_a_diff_is_read_or_refused(pieces: list[bytes]) -> None:
    said, read = "--since: git's diff cannot be read", {}
    try:
        read = parsed(iter(b"".join(pieces).splitlines(keepends=True)))
    except DedupError as error:
        assert str(error) == said  # noqa: PT017  both ends are right
    assert all(first <= last for lines in read.values() for first, last in lines.ranges)


# Which alerts


def alert_at(lines: tuple[int, int], other: tuple[int, int]) -> Alert:
    (alert,) = errors(doubled(3, 7))
    spots = [
        replace(alert.spot, where=f"lines {a}-{b}", line=a, end_line=b, start=a, end=b)
        for a, b in (lines, other)
    ]
    return located([replace(alert, spot=spots[0], related=(spots[1],))], "a.txt")[0]


class Fixed(Changes):
    """Changes that are known without git."""

    def __init__(self, *ranges: tuple[int, int]) -> None:
        self._lines = Lines(ranges=list(ranges))

    def of(self, path: str) -> Lines:
        return self._lines


def through(alert: Alert, *ranges: tuple[int, int]) -> list[Alert]:
    return list(Changed(Fixed(*ranges)).passed(Checked("a.txt", "a.txt", None, (alert,))))


def test_an_alert_is_told_from_the_side_that_changed() -> None:
    alert = alert_at((52, 99), (3, 50))
    assert through(alert) == []
    assert through(alert, (51, 51), (100, 120)) == []
    assert through(alert, (99, 99)) == [alert]
    assert through(alert, (3, 3), (60, 60)) == [alert]
    (seen,) = through(alert, (50, 51))
    assert seen == turned(alert, 0)
    assert seen.message() == "lines 3-50 are repeated by lines 52-99"
    assert (seen.spot, seen.related) == (alert.related[0], (alert.spot,))
    assert seen.is_turned and not alert.is_turned
    assert (seen.level, seen.fingerprint, seen.characters) == (
        "error",
        alert.fingerprint,
        alert.characters,
    )


def test_of_several_kept_passages_the_one_that_changed_is_told() -> None:
    alert = alert_at((52, 99), (3, 20))
    third = replace(alert.related[0], where="lines 30-40", line=30, end_line=40)
    (seen,) = through(replace(alert, related=(*alert.related, third)), (33, 33))
    assert seen.spot == third
    assert seen.related == (alert.spot, alert.related[0])


def test_a_note_that_nobody_changed_is_not_told() -> None:
    (note, *_) = [
        one
        for one in found(
            "The council paid 1,200 crowns for 14 lamps in the harbour street last spring.\n\n"
            "The council paid 9,700 crowns for 31 lamps in the harbour street last spring.\n"
        )
        if one.level == "note"
    ]
    assert through(note, (9, 9)) == []
    assert through(note, (note.spot.line, note.spot.line)) == [note]
    (seen,) = through(note, (note.related[0].line,) * 2)
    here, there = note.spot.where, note.related[0].where
    assert seen.message().split("; ")[0] == f"{there} is like {here}"


def test_a_diff_that_is_cut_off_leaves_the_file_changed() -> None:
    diff = [b"diff --git a/a b/a\n", b"@@ -0,0 +1,9 @@\n", b"+one\n"]
    assert parsed(iter(diff))[b"a"].is_whole


def test_a_document_is_checked_against_what_really_changed() -> None:
    """From the files to the alert, with a text of which the first copy was edited."""
    body = paragraphs(6, 3)
    write("b.txt", *body, "", *body)
    commit()
    alerts = located(errors(Path("b.txt").read_text()), "b.txt")
    checked = Checked("b.txt", "b.txt", None, alerts)
    assert alerts and list(Changed(Changes("HEAD", "")).passed(checked)) == []
    write("b.txt", "A new first line.", body[0].upper(), *body[1:], "", *body)
    alerts = located(errors(Path("b.txt").read_text()), "b.txt")
    (seen,) = Changed(Changes("HEAD", "")).passed(replace(checked, alerts=alerts))
    assert (seen.spot.line, seen.is_turned) == (2, True)
