"""Rules in gitignore syntax mean here what they mean to git itself."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from pathlib import Path

import pytest

from dedup.files.ignores import compile_globs, compile_rules
from dedup.files.walk import Rules, select

PARTS = ("a", "b", "ab", "build", "x.txt", "y.log", ".h", "A", "a b")
GLOBS = (
    "a", "b", "ab", "build", "x.txt", "*.txt", "*", "?", "a*", "*b", "[ab]", "[!a]", "[a-c]*",
    "y.*", "?.txt", "**", "A", "a\\ b", "\\a", ".*", "[[]", "a**b", "x.tx[t]",
)  # fmt: skip


def tree(chance: random.Random) -> list[str]:
    """Paths of files, none of which is also a folder."""
    files: set[str] = set()
    folders: set[str] = set()
    for _ in range(25):
        parts = [chance.choice(PARTS) for _ in range(chance.randint(1, 4))]
        path = "/".join(parts)
        above = {"/".join(parts[:end]) for end in range(1, len(parts))}
        if path not in folders and not above & files:
            files.add(path)
            folders |= above
    return sorted(files)


def rules(chance: random.Random) -> str:
    lines = []
    for _ in range(chance.randint(1, 5)):
        line = "/".join(chance.choice(GLOBS) for _ in range(chance.choice([1, 1, 1, 2, 2, 3])))
        lines.append(
            chance.choice(["", "", "", "!"])
            + chance.choice(["", "", "/", "**/"])
            + line
            + chance.choice(["", "", "", "/", "/**", "/*", "  "])
        )
    return chance.choice(["\n", "\r\n"]).join(lines) + chance.choice(["", "\n"])


def git(*arguments: str, folder: Path, stdin: bytes = b"") -> bytes:
    """What git says, without the settings of whoever runs the tests."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CEILING_DIRECTORIES": str(folder.parent),
    }
    run = subprocess.run(
        ["git", *arguments], cwd=folder, input=stdin, capture_output=True, env=environment
    )
    assert run.returncode in (0, 1), run.stderr
    return run.stdout


@pytest.mark.skipif(not shutil.which("git"), reason="git is not there")
@pytest.mark.parametrize("seed", range(60))
def test_files_are_ignored_exactly_where_git_ignores_them(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    files = tree(chance)
    for name in files:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("text")
    git("init", "-q", folder=tmp_path)
    folders = sorted({os.path.dirname(name) for name in files} | {""})
    holding = ["", *chance.sample(folders, min(2, len(folders)))]
    for folder in holding:
        (tmp_path / folder / ".gitignore").write_text(rules(chance), newline="")
    if chance.random() < 0.3:
        (tmp_path / ".git/info").mkdir(exist_ok=True)
        (tmp_path / ".git/info/exclude").write_text(rules(chance), newline="")
    listed = "\0".join(files).encode()
    ignored = git("check-ignore", "--no-index", "-z", "--stdin", folder=tmp_path, stdin=listed)
    expected = set(files) - set(ignored.decode().split("\0"))
    found = select([str(tmp_path)], [], Rules(include=("*",), hidden=True)).files
    names = {one.name for one in found if not one.name.endswith(".gitignore")}
    assert names == expected, {
        folder: (tmp_path / folder / ".gitignore").read_text() for folder in holding
    }


@pytest.mark.parametrize(
    ("lines", "path", "is_folder", "expected"),
    [
        ("*.txt", "a/b.txt", False, True),
        ("*.txt", "a/b.md", False, None),
        ("*.txt\n!b.*", "a/b.txt", False, False),
        ("build/", "build", False, None),
        ("build/", "x/build", True, True),
        ("/build", "x/build", True, None),
        ("a/b", "a/b", False, True),
        ("a/b", "a/b/c", False, None),  # what is below is for the walk to leave out
        ("a/**", "a", True, None),
        ("a/**", "a/b/c", False, True),
        ("**/a/**", "x/a", True, None),
        ("a/**/b", "a/b", False, True),
        ("a/**/b", "a/x/y/b", False, True),
        ("a/**/b", "a/b/c", False, None),
        ("!#x", "#x", False, False),
        ("!!x", "!x", False, False),
        (" x", " x", False, True),
        ("[[:alpha:]]", "q", False, None),
    ],
)
def test_a_line_speaks_of_one_entry(
    lines: str, path: str, is_folder: bool, expected: bool | None
) -> None:
    name = path.rpartition("/")[2]
    assert compile_rules(lines).verdict(path, name, is_folder=is_folder) is expected


def test_the_plainest_globs_give_what_the_others_give() -> None:
    plain, other = compile_globs(["*.txt", "*.tar.gz"]), compile_globs(["*.tx[t]", "*.tar.[g]z"])
    assert plain.suffixes and not other.suffixes
    for path in ("a.txt", ".txt", "x/b.tar.gz", "txt", "a.txt.gz", "x.txt/y", "a.TXT"):
        name = path.rpartition("/")[2]
        assert plain.verdict(path, name, is_folder=False) is other.verdict(
            path, name, is_folder=False
        )
        assert plain.covers(path) is other.covers(path)
