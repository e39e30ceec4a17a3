"""Paths are written for whoever reads them: relative to the folder that a build server names, or the repository."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dedup.checks.paths import Paths, root


@pytest.fixture
def top(tmp_path: Path) -> str:
    """A repository with the folder ``docs``, within another one."""
    for name in ("outer/.git", "outer/top/.git", "outer/top/docs", "elsewhere"):
        (tmp_path / name).mkdir(parents=True)
    return os.path.realpath(tmp_path / "outer" / "top")


def test_without_a_build_server_the_nearest_repository_is_the_base(top: str) -> None:
    assert root({}, f"{top}/docs") == root({}, top) == top


@pytest.mark.parametrize("name", ["GITHUB_WORKSPACE", "CI_PROJECT_DIR"])
def test_the_folder_of_the_build_server_is_the_base_wherever_we_are(top: str, name: str) -> None:
    outer = os.path.dirname(top)
    for start in (outer, top, f"{top}/docs", f"{outer}/../elsewhere"):
        assert root({name: outer}, start) == outer
    assert root({name: f"{top}/lost"}, f"{top}/docs") == top
    assert root({name: ""}, top) == top


def test_what_lies_outside_of_the_base_is_absolute(top: str) -> None:
    paths = Paths(top)
    assert paths.shown(f"{top}/docs/a.md") == "docs/a.md"
    assert paths.shown(f"{top}2/a.md") == f"{top}2/a.md"
