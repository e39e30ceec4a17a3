"""The container: what its file says, and its commands run by hand, as a build runs them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.ci.conftest import ROOT
from tests.texts import DOUBLED

DOCKERFILE = ROOT / "Dockerfile"
FOLDERS = ("/src", "/wheels", "/opt/dedup")
"""What the build makes."""


def stages() -> list[list[tuple[str, str]]]:
    """The instructions of each stage, with what they say; continued lines are one."""
    text = re.sub(r"\\\n\s*", "", DOCKERFILE.read_text("utf-8"))
    lines = [line.split(" ", 1) for line in text.splitlines() if line and line[0] != "#"]
    found: list[list[tuple[str, str]]] = []
    for name, said in lines:
        if name == "FROM":
            found.append([])
        found[-1].append((name, said))
    return found


def test_the_linter_has_nothing_to_say_on_the_dockerfile() -> None:
    hadolint = shutil.which("hadolint", path=Path(sys.executable).parent)
    assert hadolint, "the extra dev installs it"
    run = subprocess.run([hadolint, str(DOCKERFILE)], capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr


def test_the_image_is_slim_runs_dedup_and_not_as_root() -> None:
    build, final = stages()
    base = build[0][1].removesuffix(" AS build")
    assert re.fullmatch(r"python:3\.\d+-slim", base)
    assert final[0] == ("FROM", base)
    said = dict(final)
    assert [name for name, _ in final].count("COPY") == 1
    assert said["COPY"] == "--from=build /opt/dedup /opt/dedup"
    assert "RUN" not in said
    assert re.fullmatch(r"[1-9]\d+:[1-9]\d+", said["USER"])
    assert said["WORKDIR"] == "/data"
    assert said["ENTRYPOINT"] == '["dedup"]'


def context(folder: Path) -> None:
    """What ``.dockerignore`` lets a build see, as far as its few forms of patterns go."""
    everything, *lines = [
        line for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line[0] != "#"
    ]
    assert everything == "*"
    allowed = [line[1:] for line in lines if line[0] == "!"]
    assert [line for line in lines if line[0] != "!"] == ["**/__pycache__"]
    for name in allowed:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, target)


@pytest.mark.slow
def test_the_commands_of_the_build_make_an_environment_with_dedup_and_an_extra(
    package_index: None, environment: dict[str, str], tmp_path: Path
) -> None:
    build, _ = stages()
    context(tmp_path / "src")
    environment = environment | {"EXTRAS": "zst"}
    environment["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    commands = [said for name, said in build if name == "RUN"]
    assert commands
    for said in commands:
        for name in FOLDERS:
            said = said.replace(name, str(tmp_path / name[1:]))
        subprocess.run(["sh", "-c", said], cwd=tmp_path / "src", env=environment, check=True)
    shutil.rmtree(tmp_path / "src")
    programs = tmp_path / "opt" / "dedup" / "bin"
    assert not list(programs.glob("pip*"))
    data = tmp_path / "data"
    data.mkdir()
    (data / "a.md").write_text(DOUBLED, "utf-8")
    run = subprocess.run(
        [programs / "dedup", "check", "."], cwd=data, capture_output=True, text=True
    )
    assert run.returncode == 1, run.stderr
    assert "a.md:11:1: repeated-block" in run.stdout
    code = "import importlib.util as u; print(bool(u.find_spec('zstandard')), bool(u.find_spec('pytest')))"
    run = subprocess.run([programs / "python", "-I", "-c", code], capture_output=True, text=True)
    assert run.stdout == "True False\n"
