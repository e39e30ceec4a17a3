"""What build servers do with a checkout of ours: copy it, and install it with pip."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
INSTALLED = ("pyproject.toml", "README.md", "dedup", "docs", "action", "action.yml")
"""What an installation needs of a checkout, and the action."""


@pytest.fixture(scope="session")
def package_index(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Skip where pip finds no packages; any other trouble with an installation is a failure."""
    folder = tmp_path_factory.mktemp("probe")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-cache-dir"]
    command += ["--retries", "1", "-d", str(folder), "hatchling"]
    if subprocess.run(command, capture_output=True, timeout=120).returncode:
        pytest.skip("pip reaches no package index")


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project as it stands here, without what is not needed to install it."""
    folder = tmp_path_factory.mktemp("servers") / "dedup"
    folder.mkdir()
    for name in (*INSTALLED, ".pre-commit-hooks.yaml"):
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder)
    return folder


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a build: ours, without what the user's git and dedup are told."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("GIT_", "GITHUB_", "DEDUP_", "INPUT_", "PYTHON", "PRE_COMMIT"))
    }
    return environment | {
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "a",
        "GIT_AUTHOR_EMAIL": "a@example.org",
        "GIT_COMMITTER_NAME": "a",
        "GIT_COMMITTER_EMAIL": "a@example.org",
        "PRE_COMMIT_HOME": str(tmp_path_factory.mktemp("pre-commit")),
    }
