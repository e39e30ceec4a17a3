"""What runs in continuous integration cannot pass by leaving tests out."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent

SKIPPED = """
import pytest

@pytest.mark.skipif(True, reason="{tool} is not installed")
def test_something():
    pass
"""


@pytest.mark.parametrize(
    ("ci", "tool", "status"),
    [
        ("true", "strace", 1),
        ("true", "patch", 1),
        ("true", "chromium", 1),
        ("true", "a package index", 1),
        ("", "strace", 0),
        ("true", "a network", 0),
    ],
)
def test_a_missing_tool_fails_the_suite_in_ci_only(
    ci: str, tool: str, status: int, tmp_path: Path
) -> None:
    shutil.copy(HERE / "conftest.py", tmp_path)
    (tmp_path / "test_it.py").write_text(SKIPPED.format(tool=tool))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)]
    run = subprocess.run(command, cwd=tmp_path, env=os.environ | {"CI": ci}, capture_output=True)
    assert run.returncode == status, run.stdout.decode()


def test_the_script_is_valid_shell() -> None:
    script = HERE.parent / ".ci" / "run"
    subprocess.run(["bash", "-n", str(script)], check=True)
