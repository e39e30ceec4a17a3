"""How the path of a file is written: as it was given, or relative to the repository it is in."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

ROOT_MARKS = (".git", ".hg")
"""What stands at the top of a repository."""


@dataclass(frozen=True, slots=True)
class Paths:
    """Writes paths for one reader."""

    base: str = ""
    """The folder to which they are relative, absolute and without links; empty: as they were given."""

    def shown(self, path: str) -> str:
        """``path`` for the reader, with ``/``; one outside of the base is absolute.

        >>> Paths().shown("docs/a.md")
        'docs/a.md'
        """
        if not self.base:
            return path
        full = real(path)
        inside = full.startswith(os.path.join(self.base, ""))
        shown = os.path.relpath(full, self.base) if inside else full
        return shown.replace(os.sep, "/")


def real(path: str) -> str:
    """The absolute path, links on the way to the file resolved but not the file's own."""
    folder, name = os.path.split(os.path.abspath(path))
    return os.path.join(os.path.realpath(folder), name)


def root(environ: Mapping[str, str], start: str = ".") -> str:
    """The folder a build server's paths are relative to: its own, or the repository's, or this one."""
    start = os.path.realpath(start)
    for name in ("GITHUB_WORKSPACE", "CI_PROJECT_DIR"):
        named = os.path.realpath(environ[name]) if environ.get(name) else ""
        if os.path.isdir(named):
            return named
    return repository(start) or start


def repository(start: str) -> str:
    """The top of the repository that the folder ``start`` is in; empty if it is in none."""
    folder = os.path.realpath(start)
    while True:
        if any(os.path.lexists(os.path.join(folder, mark)) for mark in ROOT_MARKS):
            return folder
        above = os.path.dirname(folder)
        if above == folder:
            return ""
        folder = above
