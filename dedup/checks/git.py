"""Asks git about a repository that may be hostile: nothing that the repository names is run or fetched."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from tempfile import TemporaryFile
from typing import IO

from dedup.errors import DedupError
from dedup.options import nearest

SAFE = (
    "--no-pager",
    "-c", "core.fsmonitor=false",
    "-c", "core.quotePath=false",
    "-c", "core.hooksPath=/dev/null",
    "-c", "diff.autoRefreshIndex=false",
)  # fmt: skip

_FORGOTTEN = (
    "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR", "GIT_NAMESPACE",
    "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_DIFF_OPTS", "GIT_EXTERNAL_DIFF",
    "GIT_LITERAL_PATHSPECS", "GIT_GLOB_PATHSPECS", "GIT_ICASE_PATHSPECS", "GIT_NOGLOB_PATHSPECS",
)  # fmt: skip
"""Variables that a hook inherits for the repository it runs in, or that change what a diff looks like."""

MAX_NAMES = 5000
"""How many branches and tags are compared with a mistyped one."""

_EXCEPTION = re.compile(r"\s*(git config --global --add safe\.directory .+)")
"""How git, in a repository of somebody else, says that it may be asked there; it quotes the folder for the shell."""

DEEPER = "fetch more of its history: fetch-depth: 0, or git fetch --unshallow"


class Git:
    """The repository around a folder."""

    def __init__(self, folder: str, where: str) -> None:
        """``where``: the flag that asks, for messages."""
        self._where = where
        found = shutil.which("git")
        if found is None:
            raise DedupError(where, "git is needed for it, and is not installed")
        self._git = found
        self._folder = folder or "."
        self._environ = _environ(os.environ)
        status, said, wrong = self._asked("rev-parse", "--is-shallow-repository", "--show-toplevel")
        if status:
            if b"not a git repository" in wrong or not wrong:
                shown = folder or "this folder"
                raise DedupError(where, f"{shown} is not in a git repository")
            raise self._failed(wrong)
        shallow, _, top = said.partition(b"\n")
        self.is_shallow = shallow == b"true"
        self.top = os.path.realpath(os.fsdecode(top.removesuffix(b"\n")))
        self._folder = self.top
        self._environ |= self._without_filters()
        self._refuse_filters()

    def merge_base(self, ref: str) -> str:
        """The commit at which HEAD left the history of ``ref``."""
        commit = self._commit(ref)
        head = self._commit("HEAD")
        status, said, wrong = self._asked("merge-base", commit, head)
        if status == 0:
            return said.decode("ascii").strip()
        if status == 1 and not wrong:
            what = f"{ref} and HEAD have no commit in common"
            if self.is_shallow:
                raise DedupError(self._where, f"{what} in this shallow clone", DEEPER)
            raise DedupError(self._where, what)
        raise self._failed(wrong)

    def _commit(self, ref: str) -> str:
        """The commit a name stands for. No name begins with a hyphen, so none is taken for a flag."""
        if not ref or ref.startswith("-") or "\0" in ref:
            raise DedupError(self._where, f"{ref!r} is not the name of a commit")
        status, said, _ = self._asked(
            "rev-parse", "--verify", "--quiet", "--end-of-options", ref + "^{commit}"
        )
        if status == 0:
            return said.decode("ascii").split()[-1]
        if ref == "HEAD":
            raise DedupError(self._where, "the repository has no commit yet")
        if self.is_shallow:
            raise DedupError(self._where, f"{ref} is not in this shallow clone", DEEPER)
        raise DedupError(self._where, f"{ref} is no commit of this repository", self._hint(ref))

    def _hint(self, ref: str) -> str:
        _, said, _ = self._asked(
            "for-each-ref", f"--count={MAX_NAMES}", "--format=%(refname:short)"
        )
        names = said.decode("utf-8", "replace").splitlines()
        longer = [name for name in names if name.endswith(f"/{ref}")]
        return f"did you mean {longer[0]}?" if longer else nearest(ref, tuple(names))

    def _without_filters(self) -> dict[str, str]:
        """Variables that switch off the programs the repository wants files to be piped through.

        What they make is compared as it is, and may look changed as a whole. Names go into variables as
        they may hold anything.
        """
        _, said, _ = self._asked(
            "config", "-z", "--name-only", "--get-regexp", r"^filter\..*\.(clean|process|required)$"
        )
        names = sorted(set(said.split(b"\0")) - {b""})
        first = int(self._environ.get("GIT_CONFIG_COUNT") or 0)
        made = {"GIT_CONFIG_COUNT": str(first + len(names))}
        for number, name in enumerate(names, start=first):
            made[f"GIT_CONFIG_KEY_{number}"] = os.fsdecode(name)
            made[f"GIT_CONFIG_VALUE_{number}"] = "false" if name.endswith(b"required") else ""
        return made if names else {}

    def _refuse_filters(self) -> None:
        """``DedupError`` if a filter is still on: releases before 2.31 do not know such variables."""
        last = int(self._environ.get("GIT_CONFIG_COUNT") or 0) - 1
        name = self._environ.get(f"GIT_CONFIG_KEY_{last}", "")
        if name.startswith("filter."):
            _, said, _ = self._asked("config", "--get", name)
            if said.strip() not in (b"", b"false"):
                what = f"this git is too old to leave out {name}, a program of the repository"
                raise DedupError(self._where, what, "git 2.31 can")

    def output(self, *arguments: str) -> bytes:
        """What a command prints."""
        status, said, wrong = self._asked(*arguments)
        if status:
            raise self._failed(wrong)
        return said

    @contextmanager
    def lines(self, *arguments: str) -> Iterator[Iterator[bytes]]:
        """What a command prints, line by line, for one that may print much."""
        with TemporaryFile() as wrong, self._started(arguments, wrong) as process:
            assert process.stdout is not None
            try:
                yield iter(process.stdout)
            except BaseException:
                process.kill()
                raise
            if process.wait():
                wrong.seek(0)
                raise self._failed(wrong.read())

    def _started(self, arguments: Sequence[str], wrong: IO[bytes]) -> subprocess.Popen[bytes]:
        try:
            return subprocess.Popen(
                [self._git, *SAFE, *arguments],
                cwd=self._folder,
                env=self._environ,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=wrong,
            )
        except OSError as problem:
            raise DedupError(self._where, f"git: {problem.strerror}") from problem

    def _asked(self, *arguments: str) -> tuple[int, bytes, bytes]:
        """Status and what is printed to both streams."""
        with TemporaryFile() as wrong:
            with self._started(arguments, wrong) as process:
                assert process.stdout is not None
                said = process.stdout.read()
            wrong.seek(0)
            return process.returncode, said, wrong.read()

    def _failed(self, wrong: bytes) -> DedupError:
        lines = wrong.decode("utf-8", "replace").splitlines() or ["it failed and does not say why"]
        fatal = [line for line in lines if line.startswith(("fatal: ", "error: "))]
        said = (fatal or lines)[0].removeprefix("fatal: ").removeprefix("error: ").rstrip(".")
        exception = next(filter(None, map(_EXCEPTION.match, lines)), None)
        hint = exception[1].rstrip() if exception else ""
        return DedupError(self._where, f"git: {said}", hint)


def _environ(environ: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in environ.items() if name not in _FORGOTTEN}
    return (
        kept
        | {
            "GIT_OPTIONAL_LOCKS": "0",  # a look changes nothing
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_ALLOW_PROTOCOL": "none",  # what is missing of a partial clone is not fetched from anywhere
            "LC_ALL": "C",
        }
    )
