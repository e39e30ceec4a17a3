"""Which files are read: on real trees, with whatever may stand in them."""

from __future__ import annotations

import os
import pickle
import random
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from dedup.errors import DedupError
from dedup.files import walk
from dedup.files.walk import Rules, Selection, is_binary, nothing_selected, read_list, select


@pytest.fixture(autouse=True)
def top(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder of each test."""
    folder = tmp_path / "top"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def make(*paths: str, text: str = "text\n") -> None:
    """Files with ``text``; a path that ends in ``/`` is a folder."""
    for path in paths:
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        if not path.endswith("/"):
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)


def names(selection: Selection) -> list[str]:
    return [found.name for found in selection.files]


def chosen(*paths: str, listed: Sequence[str] = (), **rules: object) -> list[str]:
    selection = select(paths or ["."], listed, Rules(**rules))  # type: ignore[arg-type]
    assert selection.problems == ()
    return names(selection)


# names and order


def test_names_are_relative_to_the_argument() -> None:
    make("data/a.txt", "data/sub/b.md")
    assert chosen("data") == chosen("data/") == chosen(os.path.abspath("data"))
    assert chosen("data") == ["a.txt", "sub/b.md"]
    assert chosen(".") == ["data/a.txt", "data/sub/b.md"]


def test_several_arguments_put_the_folders_names_in_front() -> None:
    make("x/one/a.txt", "two/a.txt", "alone.log")
    assert chosen("x/one/", "two", "alone.log") == ["alone.log", "one/a.txt", "two/a.txt"]
    assert chosen(".", "two") == ["top/two/a.txt", "top/x/one/a.txt"]
    os.chdir("two")
    assert chosen(".", "../x/one") == ["one/a.txt", "two/a.txt"]


def test_what_is_found_says_how_to_open_it() -> None:
    make("data/a.txt", text="12345")
    for argument in ("data", "data/", "./data", "."):
        (found,) = select([argument], [], Rules()).files
        assert Path(found.path).read_text() == "12345"
        assert found.size == 5 and not found.explicit
    assert select(["."], [], Rules()).files[0].path == "data/a.txt"


def test_the_order_is_that_of_the_names_bytes() -> None:
    make("b.txt", "a/z.txt", "a.txt", "a-b.txt", "B.txt", "é.txt", "\U0001f600.txt", "\uffee.txt")
    expected = ["B.txt", "a-b.txt", "a.txt", "a/z.txt", "b.txt", "é.txt", "\uffee.txt"]
    assert chosen() == [*expected, "\U0001f600.txt"]


@pytest.mark.parametrize("seed", range(5))
def test_r30_a_shuffled_file_system_gives_the_same(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(*(f"{a}/{b}/{c}.txt" for a in "xyz" for b in "xyz" for c in "xyz"))
    make("x/.gitignore", text="z/\n*.log\n")
    make("x/y/q.log", "y/q.csv.bak", "z/.hidden.txt")
    for link, target in [("0link", "x"), ("z/back", ".."), ("y/x/z-link.txt", "z.txt")]:
        os.symlink(target, link)
    os.link("z/z/z.txt", "z/z/a-hard.txt")
    for follow in (False, True):
        plain = select(["."], ["y"], Rules(follow=follow))
        with monkeypatch.context() as patch:
            patch.setattr(os, "scandir", shuffled(seed))
            assert select(["."], ["y"], Rules(follow=follow)) == plain
        assert plain.files and plain.skipped


class Shuffled:
    def __init__(self, entries: list[os.DirEntry[str]]) -> None:
        self.entries = entries

    def __enter__(self) -> Iterator[os.DirEntry[str]]:
        return iter(self.entries)

    def __exit__(self, *_: object) -> None:
        pass


def shuffled(seed: int) -> Callable[[str], Shuffled]:
    order = random.Random(seed)
    real = os.scandir

    def scandir(path: str) -> Shuffled:
        with real(path) as scan:
            entries = list(scan)
        order.shuffle(entries)
        return Shuffled(entries)

    return scandir


def test_a_selection_goes_to_a_worker() -> None:
    make("a.txt", "b.log")
    selection = select(["."], [], Rules())
    assert pickle.loads(pickle.dumps(selection)) == selection


# what is skipped, and what is not


def test_a_walk_takes_texts_and_says_what_else_there_was() -> None:
    make("a.txt", "b.rst", "c.log", "d.log", "Makefile", ".e.txt", ".sub/f.txt", "g.txt.orig")
    make(".dedup-x.txt", "h.txt", text="longer than the rest")
    selection = select(["."], [], Rules(max_size=10))
    assert names(selection) == ["a.txt", "b.rst"]
    assert list(selection.skipped.items()) == [
        ("by suffix", 3),
        ("hidden", 2),
        ("over --max-size", 1),
        ("kept as backups", 1),
        ("written by dedup", 1),
    ]
    assert selection.other == "*.log"
    assert set(selection.skipped) <= set(walk.REASONS)


def test_what_is_named_is_read_whatever_it_is() -> None:
    make(".hidden", "a.txt.orig", "binary.bin", "drafts/a.log", text="\0" * 20)
    make(".gitignore", text="*\n")
    named = [".hidden", "a.txt.orig", "binary.bin", "drafts/a.log"]
    selection = select(named, [], Rules(max_size=3, exclude=("*",)))
    assert names(selection) == sorted(os.path.basename(one) for one in named)
    assert all(found.explicit for found in selection.files) and selection.skipped == {}


def test_our_own_files_are_no_documents_even_when_named() -> None:
    make(".dedup-manifest.jsonl", "a.txt")
    selection = select([".dedup-manifest.jsonl", "a.txt"], [], Rules())
    assert names(selection) == ["a.txt"] and selection.skipped == {"written by dedup": 1}


def test_hidden_is_read_on_request_but_never_a_repository() -> None:
    make(".a.txt", ".b/c.txt", ".git/d.txt", ".dedup-e.txt")
    assert chosen(hidden=True) == [".a.txt", ".b/c.txt"]
    assert chosen(".b") == ["c.txt"]


def test_output_and_reports_are_not_input() -> None:
    make("a.txt", "out/a.txt", "report.md", "sub/report.md")
    os.symlink("report.md", "stdout")
    own = ("out", "stdout", "not-there-yet.txt")
    selection = select(["."], [], Rules(own=own))
    assert names(selection) == ["a.txt", "sub/report.md"]
    assert selection.skipped == {"behind links": 1, "written by dedup": 2}


def test_backups_have_the_suffix_in_use() -> None:
    make("a.txt", "a.txt.bak", "a.txt.orig")
    assert chosen(include=("*",), backup_suffix=".bak") == ["a.txt", "a.txt.orig"]


@pytest.mark.parametrize(
    ("include", "expected"),
    [
        (("*.log",), ["b.log", "sub/c.log"]),
        (("*.log", "!c.*"), ["b.log"]),
        (("sub/",), ["sub/c.log", "sub/deep/d.txt"]),
        (("sub/*.log",), ["sub/c.log"]),
        (("/*.txt", "*.[l]og"), ["a.txt", "b.log", "sub/c.log"]),
        (("*",), ["a.txt", "b.log", "sub/c.log", "sub/deep/d.txt"]),
        (("[ab].*", "!*.log"), ["a.txt"]),
    ],
)
def test_include_is_in_gitignore_syntax(include: tuple[str, ...], expected: list[str]) -> None:
    make("a.txt", "b.log", "sub/c.log", "sub/deep/d.txt")
    assert chosen(include=include) == expected


@pytest.mark.parametrize(
    ("exclude", "expected"),
    [
        (("*.md",), ["a.txt", "sub/a.txt", "sub/deep/a.txt"]),
        (("sub/",), ["a.txt", "b.md"]),
        (("/a.txt",), ["b.md", "sub/a.txt", "sub/c.md", "sub/deep/a.txt"]),
        (("sub/*", "!deep/"), ["a.txt", "b.md", "sub/deep/a.txt"]),
        (("**/deep", "*.md"), ["a.txt", "sub/a.txt"]),
    ],
)
def test_exclude_is_in_gitignore_syntax(exclude: tuple[str, ...], expected: list[str]) -> None:
    make("a.txt", "b.md", "sub/a.txt", "sub/c.md", "sub/deep/a.txt")
    assert chosen(exclude=exclude) == expected
    assert chosen(exclude=exclude[:1], extend_exclude=exclude[1:]) == expected


def test_globs_are_relative_to_the_working_folder_or_to_a_root_elsewhere(tmp_path: Path) -> None:
    make("data/sub/a.txt", "data/b.txt", "../else/sub/a.txt", "../else/b.txt")
    assert chosen("data", exclude=("data/sub/",)) == ["b.txt"]
    assert chosen("data", include=("data/sub/*.txt",)) == ["sub/a.txt"]
    assert chosen("../else", exclude=("/sub/",)) == ["b.txt"]
    assert chosen(str(tmp_path / "else"), include=("/b.*",)) == ["b.txt"]


def test_a_glob_that_means_nothing_is_an_error() -> None:
    make("a.txt")
    with pytest.raises(DedupError, match="not a pattern"):
        select(["."], [], Rules(exclude=("x/[",)))


# ignore files


def test_ignore_files_hold_for_their_folder_and_below() -> None:
    make(".gitignore", text="*.md\n/sub/secret.txt\nbuild/\n")
    make("sub/.gitignore", text="!keep.md\n/own.txt\n")
    make("a.txt", "a.md", "sub/keep.md", "sub/drop.md", "sub/own.txt", "sub/deep/own.txt")
    make("sub/secret.txt", "sub/deep/secret.txt", "build/x.txt", "sub/build/x.txt", "x/build")
    selection = select(["."], [], Rules())
    assert names(selection) == ["a.txt", "sub/deep/own.txt", "sub/deep/secret.txt", "sub/keep.md"]
    assert selection.skipped["by .gitignore"] == 6
    assert len(chosen(ignore=False)) == 10


def test_nothing_is_taken_back_from_below_an_ignored_folder() -> None:
    make(".gitignore", text="drafts/\n!drafts/keep.txt\n!keep.txt\n")
    make("drafts/keep.txt", "drafts/.gitignore", "keep.txt")
    assert chosen() == ["keep.txt"]


def test_our_own_rules_win_over_ignore_and_this_over_git() -> None:
    make(".git/info/exclude", text="1.txt\n2.txt\n")
    make(".gitignore", text="!2.txt\n3.txt\n4.txt\n")
    make(".ignore", text="!4.txt\n5.txt\n6.txt\n")
    make(".dedupignore", text="!6.txt\n7.txt\n")
    make("sub/.gitignore", text="6.txt\n")
    make(*(f"{number}.txt" for number in range(8)), "sub/6.txt")
    selection = select(["."], [], Rules())
    assert names(selection) == ["0.txt", "2.txt", "4.txt", "6.txt", "sub/6.txt"]
    assert {reason: count for reason, count in selection.skipped.items() if "by" in reason} == {
        "by .dedupignore": 1,
        "by .ignore": 1,
        "by .gitignore": 1,
        "by .git/info/exclude": 1,
    }


def test_rules_from_above_hold_within_a_repository_only() -> None:
    make("../.gitignore", "../.ignore", text="a.txt\n")
    make(".gitignore", text="b.txt\n/data/sub/c.txt\n")
    make("data/a.txt", "data/b.txt", "data/sub/c.txt", "data/.gitignore")
    assert chosen("data") == ["a.txt", "b.txt", "sub/c.txt"]
    os.mkdir(".git")
    assert chosen("data") == ["a.txt"]
    os.chdir("data/sub")
    assert chosen("..") == ["a.txt"]


def test_outside_a_repository_the_working_folders_own_rules_hold() -> None:
    make(".dedupignore", text="drafts/\n")
    make("data/a.txt", "data/drafts/b.txt")
    assert chosen("data") == ["a.txt"]


def test_a_repository_inside_has_rules_of_its_own() -> None:
    make(".git/", "inner/.git/info/", "inner/a.txt", "inner/b.txt", "inner/c.txt")
    make(".gitignore", text="a.txt\n")
    make("inner/.git/info/exclude", text="b.txt\n")
    make(".dedupignore", text="c.txt\n")
    assert chosen() == ["inner/a.txt"]
    os.chdir("inner")
    assert chosen() == ["a.txt", "c.txt"]


def test_a_linked_work_tree_knows_where_its_rules_are() -> None:
    make("main/.git/info/exclude", text="a.txt\n")
    make("main/.git/worktrees/tree/commondir", text="../..\n")
    make("tree/.git", text="gitdir: ../main/.git/worktrees/tree\n")
    make("tree/a.txt", "tree/b.txt")
    assert chosen("tree") == ["b.txt"]


def test_a_root_that_is_ignored_is_read_but_for_what_is_ignored_by_itself() -> None:
    make(".git/", "data/raw/a.txt", "data/raw/b.log", "data/raw/c.txt", "data/raw/data/d.txt")
    make(".gitignore", text="data/\n*.log\n/data/raw/c.txt\n/data/**\n")
    assert chosen("data/raw", include=("*",), ignore=False) != []
    make(".gitignore", text="data/\n*.log\n/data/raw/c.txt\n")
    assert chosen("data/raw", include=("*",)) == ["a.txt"]
    assert chosen(".") == []
    make(".gitignore", text="/data/raw\n")
    assert len(chosen("data/raw", include=("*",))) == 4


def test_force_exclude_drops_what_was_named() -> None:
    make(".git/", "data/a.txt", "data/b.txt", "keep/a.txt", "drafts/x/a.txt")
    make(".gitignore", text="data/\n")
    make("keep/.gitignore", text="*.md\n")
    make("keep/a.md")
    rules = Rules(force_exclude=True, exclude=("drafts/",))
    selection = select(
        ["data", "data/b.txt", "keep/a.txt", "keep/a.md", "drafts/x/a.txt"], [], rules
    )
    assert names(selection) == ["a.txt"]
    assert selection.skipped == {"by --exclude": 1, "by .gitignore": 3}
    assert names(select(["data"], [], Rules(force_exclude=True, ignore=False))) == [
        "a.txt",
        "b.txt",
    ]


def test_a_selection_is_spared_where_rules_dropped_each_file_that_was_named() -> None:
    make("drafts/a.txt", "drafts/b.txt", "c.txt", ".dedup-x.txt", "empty/")
    rules = Rules(force_exclude=True, exclude=("drafts/",))
    named = ["drafts/a.txt", "drafts/b.txt"]
    assert select(named, [], rules).is_spared and select([], named, rules).is_spared
    assert not select([], [], rules).is_spared
    assert not select([*named, "c.txt"], [], rules).is_spared
    assert not select([*named, ".dedup-x.txt"], [], rules).is_spared
    assert not select([*named, "empty"], [], rules).is_spared
    assert not select(["drafts"], [], rules).is_spared
    assert not select(["drafts/a.txt"], ["lost.txt"], rules).is_spared


def test_rules_are_read_as_git_reads_them() -> None:
    make("a.txt", "b .txt", "#c.txt", "!d.txt", "e.txt", "f.txt ", "é.txt")
    text = (
        "\ufeffa.txt\r\n# e.txt\n\\#c.txt\n\\!d.txt   \nb\\ .txt\n\n/\n[\n!\nx\\\nf.txt\\ \né.txt"
    )
    make(".gitignore", text=text)
    assert chosen(include=("*",)) == ["e.txt"]


def test_a_rule_file_that_is_no_file_is_not_opened() -> None:
    make("a.txt", "sub/.ignore/b.txt")
    os.mkfifo(".gitignore")
    os.symlink("nowhere", ".ignore")
    assert chosen() == ["a.txt"]


def test_rules_that_cannot_be_read_are_a_problem() -> None:
    make("a.txt", "sub/b.txt")
    os.symlink(".gitignore", "sub/.gitignore")
    selection = select(["."], [], Rules())
    assert names(selection) == ["a.txt", "sub/b.txt"]
    ((path, reason),) = selection.problems
    assert path.endswith("/top/sub/.gitignore") and "symbolic links" in reason


# links, devices, strange names, great depths


def test_r20_what_is_no_file_is_skipped_and_loops_end() -> None:
    make("a/t.txt", "v.txt")
    os.mkfifo("f.txt")
    os.symlink("/dev/zero", "z.txt")
    os.symlink("nowhere", "dangling.txt")
    os.symlink("self.txt", "self.txt")
    os.symlink("..", "a/loop")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("s.txt")
        plain = select(["."], [], Rules())
        followed = select(["."], [], Rules(follow=True))
    assert names(plain) == names(followed) == ["a/t.txt", "v.txt"]
    assert plain.skipped == {"behind links": 4, "no regular files": 2}
    assert followed.skipped == {
        "behind links": 2,
        "no regular files": 3,
        "read already": 1,
    }


def test_r21_a_pipe_or_device_that_is_named_is_taken() -> None:
    os.mkfifo("f.txt")
    selection = select(["f.txt", "/dev/zero"], [], Rules())
    assert [(found.name, found.size) for found in selection.files] == [("f.txt", 0), ("zero", 0)]


def test_r24_links_are_followed_on_request_each_file_once() -> None:
    make("data/real.txt", "data/sub/b.txt", "else/c.txt", "else/deep/d.txt")
    os.symlink("../else", "data/0out")
    os.symlink("real.txt", "data/0same.txt")
    os.symlink("sub", "data/0sub")
    os.symlink("deep", "else/twice")
    os.link("data/real.txt", "data/zzz-hard.txt")
    assert chosen("data") == ["real.txt", "sub/b.txt", "zzz-hard.txt"]
    selection = select(["data"], [], Rules(follow=True))
    assert names(selection) == ["0out/c.txt", "0out/deep/d.txt", "real.txt", "sub/b.txt"]
    assert selection.skipped == {"read already": 4}
    assert selection.files[0].path == "data/0out/c.txt"


def test_r24_of_two_hard_links_the_first_on_the_way_gives_the_name() -> None:
    make("a/x.txt", "b/")
    os.link("a/x.txt", "b/x.txt")
    assert chosen(follow=True) == ["a/x.txt"]
    assert chosen("b", "a", follow=True) == ["b/x.txt"]


def test_r24_a_link_obeys_the_rules_for_its_own_name() -> None:
    make("data/.gitignore", text="no/\n*.md\n")
    make("else/a.txt", "else/b.md", "else/plain")
    for link, target in [("no", "../else"), ("yes", "../else"), ("x.txt", "../else/plain")]:
        os.symlink(target, f"data/{link}")
    assert chosen("data", follow=True) == ["x.txt", "yes/a.txt"]


STRANGE = [
    "line\nfeed.txt",
    "\x1b[31m.txt",
    "-rf.txt",
    "a'b\"c.txt",
    "CON.txt",
    "a:b.txt",
    "trailing .txt",
    "back\\slash.txt",
    "caf\u00e9.txt",
    "cafe\u0301.txt",
    os.fsdecode(b"\xff\xfe.txt"),
    "x" * 251 + ".txt",
    "[a].txt",
]


def test_r25_names_are_kept_whatever_they_hold() -> None:
    make(*(f"sub\n{os.fsdecode(bytes([0xFF]))}/{name}" for name in STRANGE))
    make("sub\nx.txt")
    found = select(["."], [], Rules(exclude=("/never/*[x]",))).files
    expected = [f"sub\n{os.fsdecode(bytes([0xFF]))}/{name}" for name in STRANGE]
    assert [one.name for one in found] == sorted([*expected, "sub\nx.txt"], key=os.fsencode)
    assert all(os.path.exists(one.path) for one in found)


def test_r25_rules_reach_strange_names() -> None:
    make("d\nir/deep/a\n.txt", "d\nir/b.txt", os.fsdecode(b"\xff.txt"), "keep.txt")
    with open(".gitignore", "wb") as file:
        file.write(b"/d?ir/**/a*\n\xff.txt\n**/b.txt")
    assert chosen() == ["keep.txt"]


def test_r25_a_name_that_begins_with_a_dash_can_be_named() -> None:
    make("-rf.txt", "-d/a.txt")
    assert chosen("-rf.txt", "-d") == ["-d/a.txt", "-rf.txt"]


def test_r28_very_deep_folders_end_in_a_message_not_in_a_crash(
    top: Path, request: pytest.FixtureRequest
) -> None:
    request.addfinalizer(lambda: subprocess.run(["rm", "-rf", str(top)], check=True))
    depth = 10_000
    make("a.txt")
    for _ in range(depth):
        os.mkdir("d")
        os.chdir("d")
    make("bottom.txt")
    os.chdir(top)
    selection = select(["."], [], Rules())
    assert names(selection) == ["a.txt"]
    ((path, reason),) = selection.problems
    assert len(path) > 4000 and path.startswith("d/d/") and "too long" in reason


def test_r28_a_file_with_too_long_a_path_is_named(
    top: Path, request: pytest.FixtureRequest
) -> None:
    request.addfinalizer(lambda: subprocess.run(["rm", "-rf", str(top)], check=True))
    part = "p" * 200
    for _ in range(20):
        os.mkdir(part)
        os.chdir(part)
    make("fits.txt", "n" * 200 + ".txt")
    os.chdir(top)
    selection = select(["."], [], Rules())
    assert [os.path.basename(found.path) for found in selection.files] == ["fits.txt"]
    ((path, _),) = selection.problems
    assert path.endswith("n.txt")


@pytest.mark.parametrize(
    ("problem", "said"),
    [
        (FileNotFoundError(2, "No such file or directory"), "no such file or directory"),
        (PermissionError(13, "Permission denied"), "Permission denied"),
    ],
)
def test_r26_a_folder_that_cannot_be_listed_is_a_problem_and_the_rest_is_read(
    problem: OSError, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    make("a.txt", "closed/b.txt")
    real = os.scandir

    def scandir(path: str) -> object:
        if path == "closed/":
            raise problem
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    selection = select(["."], [], Rules())
    assert names(selection) == ["a.txt"]
    assert selection.problems == (("closed/", said),)


# the same file twice, lists, what is missing


def test_a_file_reached_twice_is_read_once_under_the_name_it_was_given() -> None:
    make("a/b.txt", "a/c/d.txt")
    for paths in (["a", "a/b.txt"], ["a/b.txt", "a"], ["a", "a/b.txt", "./a/b.txt", "a"]):
        found = select(paths, [], Rules()).files
        assert [(one.name, one.explicit) for one in found] == [
            ("a/c/d.txt", False),
            ("b.txt", True),
        ]
    assert chosen("a", "a/c") == ["a/b.txt", "a/c/d.txt"]
    os.symlink("a", "link")
    assert chosen("link/b.txt", "a", "link") == ["a/c/d.txt", "b.txt"]
    assert chosen("link/b.txt", "a", "link", follow=True) == ["a/c/d.txt", "b.txt"]


def test_two_files_may_come_to_one_name() -> None:
    make("x/a.txt", "y/a.txt")
    assert [one.path for one in select(["y/a.txt", "x/a.txt"], [], Rules()).files] == [
        "x/a.txt",
        "y/a.txt",
    ]


def test_listed_files_keep_their_paths_as_names_and_folders_are_walked() -> None:
    make("articles/a.log", "articles/b.txt", "other/sub/c.txt", "d.txt")
    selection = select([], ["./articles//a.log", "other", "d.txt", "d.txt"], Rules())
    assert [(one.name, one.explicit) for one in selection.files] == [
        ("articles/a.log", True),
        ("d.txt", True),
        ("other/sub/c.txt", False),
    ]
    assert selection.outside == ()
    assert names(select([], ["."], Rules())) == ["articles/b.txt", "d.txt", "other/sub/c.txt"]


def test_r27_what_is_listed_outside_is_said_and_never_leads_outside() -> None:
    make("../x/a.txt", "in/b.txt", "sub/")
    absolute = os.path.abspath("in/b.txt")
    entries = ["../x/a.txt", absolute, "sub/../../x", "in/../in/b.txt"]
    selection = select([], entries, Rules())
    assert selection.outside == ("../x/a.txt", absolute, "sub/../../x")
    assert names(selection) == sorted(["x/a.txt", absolute.lstrip("/")])
    assert not [name for name in names(selection) if name.startswith(("/", "../"))]


def test_a_listed_file_that_is_missing_does_not_stop_the_others() -> None:
    make("a.txt")
    selection = select([], ["b.txt", "a.txt", "nul\0inside"], Rules())
    assert names(selection) == ["a.txt"]
    assert [path for path, _ in selection.problems] == ["b.txt", "nul\0inside"]
    assert selection.problems[0][1] == "no such file or directory"


def test_a_list_is_split_by_lines_or_by_nul() -> None:
    assert read_list(b"a\n\nb c\r\n\xff\n", null=False) == ["a", "b c", "\udcff"]
    assert read_list(b"a\nb\0\0c\r\0", null=True) == ["a\nb", "c\r"]
    assert read_list(b"", null=False) == read_list(b"", null=True) == []


def test_a_missing_argument_is_an_error_with_what_may_have_been_meant() -> None:
    make("articles/a.txt")
    with pytest.raises(DedupError) as error:
        select(["articels/"], [], Rules())
    assert (error.value.where, error.value.what, error.value.hint) == (
        "articels/",
        "no such file or directory",
        "did you mean articles/?",
    )
    with pytest.raises(DedupError, match=r"^'': no such file"):
        select([""], [], Rules())


def test_nothing_selected_says_why_and_what_would_help() -> None:
    make(*(f"data/{number}.txt" for number in range(3)), "data/x.log", "data/.y.txt")
    make("data/.gitignore", text="*.txt\n")
    selection = select(["data"], [], Rules())
    error = nothing_selected(["data"], selection)
    assert str(error) == (
        "no text files selected in data/ (6 skipped: 3 by .gitignore, 1 by suffix, 2 hidden)"
    )
    assert error.hint == "--no-ignore or --include '*.log' or --hidden"


def test_nothing_selected_in_an_empty_folder() -> None:
    error = nothing_selected(["."], select(["."], [], Rules()))
    assert str(error) == "no text files selected in ./" and error.hint == ""
    assert str(nothing_selected([], select([], [], Rules()))) == "no text files selected"


@pytest.mark.parametrize("count", [4, 9])
def test_nothing_selected_does_not_list_every_folder(count: int) -> None:
    paths = [f"{number}/" for number in range(count)]
    make(*paths)
    said = str(nothing_selected(paths, select(paths, [], Rules())))
    assert said == f"no text files selected in 0/, 1/, 2/ and {count - 3} more"


def test_a_nul_makes_a_file_binary_unless_a_mark_explains_it() -> None:
    assert is_binary(b"text\0") and is_binary(b"x" * 8191 + b"\0")
    assert not is_binary(b"x" * 8192 + b"\0") and not is_binary(b"") and not is_binary(b"text")
    for encoding in ("utf-16", "utf-32"):
        assert not is_binary("text".encode(encoding))
    assert not is_binary(b"\xfe\xff\0t") and not is_binary(b"\0\0\xfe\xff\0\0\0t")
    assert is_binary("text".encode("utf-16-le"))


@pytest.mark.parametrize(
    ("rules", "loads"),
    [(None, False), ("*.log\n*.tmp\n# note\n", False), ("build/\n", True)],
)
def test_rules_are_compiled_by_the_library_only_if_there_are_any(
    rules: str | None, loads: bool
) -> None:
    make("a.txt")
    if rules is not None:
        make(".gitignore", text=rules)
    program = (
        "import sys; from dedup.files.walk import *; assert select(['.'], [], Rules()).files;"
        "print('pathspec' in sys.modules)"
    )
    root = Path(walk.__file__).parents[2]
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, env={"PYTHONPATH": str(root)}
    )
    assert run.stdout.decode().strip() == str(loads), run.stderr
