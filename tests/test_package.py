"""The wheel holds what it should, and runs with nothing but its own dependencies."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tarfile
import tomllib
import venv
import zipfile
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution, packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SAMPLE = ROOT / "samples" / "doubled-article.txt"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation"]
    command += ["--quiet", "-w", str(folder), str(ROOT)]
    subprocess.run(command, check=True, timeout=120)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment with the wheel and links to its dependencies, nothing else."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False, symlinks=True)
    command = [sys.executable, "-m", "pip", "--python", str(folder / "bin" / "python"), "install"]
    command += ["--quiet", "--no-deps", "--no-index", str(wheel)]
    subprocess.run(command, check=True, timeout=120)
    (packages,) = folder.glob("lib/python*/site-packages")
    for one in dependencies(distribution("dedup-text"), set()):
        link(one, packages)
    return folder


def dependencies(of: Distribution, seen: set[str]) -> Iterator[Distribution]:
    """What ``of`` needs without extras, and what that needs."""
    for requirement in of.requires or ():
        named = re.match(r"[\w.-]+", requirement)
        if named and ";" not in requirement and named[0].lower() not in seen:
            seen.add(named[0].lower())
            one = distribution(named[0])
            yield one
            yield from dependencies(one, seen)


def link(one: Distribution, packages: Path) -> None:
    """Make a distribution's modules importable from the folder ``packages``."""
    tops = {file.parts[0] for file in one.files or () if file.parts[0] not in ("..", "__pycache__")}
    for top in sorted(tops):
        target = packages / top
        if not target.exists():
            target.symlink_to(Path(str(one.locate_file(top))))


def test_the_wheel_holds_the_package_and_its_type_marker(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {"dedup/__init__.py", "dedup/py.typed"} <= set(names)
    tops = {name.split("/")[0] for name in names}
    stem = wheel.name.rsplit("-py3", 1)[0]
    assert tops == {"dedup", f"{stem}.dist-info", f"{stem}.data"}
    data = [name.partition("/")[2] for name in names if name.startswith(f"{stem}.data/")]
    assert data == ["data/share/man/man1/dedup.1"]
    assert not [name for name in names if "__pycache__" in name or "/tests/" in name]


def test_the_wheel_holds_every_file_of_the_package(wheel: Path) -> None:
    """Data files such as the configuration schema come along."""
    here = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "dedup").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert here - set(zipfile.ZipFile(wheel).namelist()) == set()


def test_the_source_archive_holds_what_the_tests_need_and_nothing_left_over(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=120)
    (built,) = tmp_path.glob("*.tar.gz")
    with tarfile.open(built) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    tops = {name.split("/")[0] for name in names}
    folders = {"dedup", "tests", "samples", "benchmarks", "docs", ".ci", "action"}
    assert tops == folders | {
        "action.yml",
        "mkdocs.yml",
        "Dockerfile",
        ".dockerignore",
        ".pre-commit-hooks.yaml",
        "pyproject.toml",
        "README.md",
        "CHANGELOG.md",
        "PKG-INFO",
        ".gitignore",
    }
    assert "samples/doubled-article.txt" in names
    assert not [name for name in names if "__pycache__" in name or name.endswith(".pyc")]


def test_the_installed_command_cleans_a_sample(environment: Path) -> None:
    command = environment / "bin" / "dedup"
    version = subprocess.run([command, "--version"], capture_output=True, text=True, check=True)
    assert distribution("dedup-text").version in version.stdout
    run = subprocess.run([command, "clean"], input=SAMPLE.read_bytes(), capture_output=True)
    assert run.returncode == 0, run.stderr.decode()
    assert len(run.stdout.split(b"\n")) < len(SAMPLE.read_bytes().split(b"\n"))


def test_the_manual_page_is_installed(environment: Path) -> None:
    page = environment / "share" / "man" / "man1" / "dedup.1"
    assert page.read_bytes() == (ROOT / "docs" / "dedup.1").read_bytes()


def test_the_environment_has_no_development_packages(environment: Path) -> None:
    python = environment / "bin" / "python"
    code = (
        "import importlib.util as u; print([n for n in ('pytest', 'hypothesis') if u.find_spec(n)])"
    )
    run = subprocess.run([python, "-I", "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_what_the_tests_import_is_declared() -> None:
    """A fresh environment made by the README's second command can run all of them."""
    imported = {
        name.partition(".")[0]
        for folder in ("dedup", "tests", "benchmarks")
        for path in ROOT.glob(f"{folder}/**/*.py")
        for name in imports(ast.parse(path.read_text("utf-8")))
    }
    own = {folder.name for folder in ROOT.iterdir()}
    own |= {script.stem for script in (ROOT / "benchmarks").glob("*.py")}
    theirs = imported - sys.stdlib_module_names - own
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"].values()  # dev asks for all of them
    required = " ".join([*project["dependencies"], *(each for extra in extras for each in extra)])
    declared = set(re.findall(r"[a-z][a-z-]+", required.lower()))
    providers = packages_distributions()
    provided = {name for name in theirs if declared & {p.lower() for p in providers.get(name, ())}}
    assert theirs == provided


def imports(tree: ast.Module) -> Iterator[str]:
    """The modules that are imported anywhere in a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
