"""Format, lint, types and import layers hold; run as the tools are run by hand."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent

TOOLS = {
    "format": [sys.executable, "-m", "ruff", "format", "--check", "."],
    "lint": [sys.executable, "-m", "ruff", "check", "."],
    "types": [sys.executable, "-m", "mypy"],
    "layers": [str(BIN / "lint-imports"), "--no-cache"],
}


@pytest.mark.parametrize("tool", TOOLS)
def test_the_code_passes(tool: str) -> None:
    run = subprocess.run(TOOLS[tool], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr


def test_mypy_is_strict() -> None:
    assert re.search(r"^strict = true$", (ROOT / "pyproject.toml").read_text("utf-8"), re.MULTILINE)


def test_our_patterns_have_no_nested_quantifiers() -> None:
    """R44: a repeated group with a repeat inside is how a pattern gets exponential."""
    nested = re.compile(r're\.compile\([^\n]*[+*]\)[+*]"')
    sources = sorted((ROOT / "dedup").rglob("*.py"))
    assert sources
    found = [path.name for path in sources if nested.search(path.read_text("utf-8"))]
    assert found == []
