"""The hook, run by pre-commit itself on a scratch repository."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from dedup.cli import check
from tests.ci.conftest import ROOT
from tests.texts import BODY, CLEAN, DOUBLED

HOOKS = ROOT / ".pre-commit-hooks.yaml"

CONFIG = """\
repos:
  - repo: {repository}
    rev: {revision}
    hooks:
      - id: dedup
"""


PUMP = """\
# The pump

The pump in the yard is primed with a jug of water, which stands beside it under a board so that no leaves fall in.

Whoever uses the last of it fills it again before going. In frost the handle is tied up, and the valve is left open.

Leather for the piston lies in the third drawer of the bench. It has to be soaked overnight, or it will not seal.
"""
OVEN = """\
# The oven

The oven is lit on Thursday evenings by those whose turn it is; the list hangs on the inside of the bakehouse door.

Bread goes in once the roof of the oven has turned white, cakes after the bread, and fruit to dry when it has cooled.

Ash belongs in the iron bin. The gardeners fetch it on Mondays and bring the bin back, which is not always the case.
"""
SHARED = """\
Anything that breaks is written into the green book with the date and the name of the person who noticed it first.

Repairs under ten crowns need no vote: buy what is needed at the ironmonger's and put the bill in the tin by the door.
"""
SCOPES = {"dedup": "document", "dedup-corpus": "corpus"}


def hooks() -> dict[str, dict[str, Any]]:
    return {one["id"]: one for one in yaml.safe_load(HOOKS.read_text("utf-8"))}


def test_the_hooks_are_called_as_the_documentation_says() -> None:
    assert [*hooks()] == [*SCOPES]
    said = (ROOT / "docs" / "ci.md").read_text("utf-8")
    assert all(f"- id: {name}\n" in said for name in SCOPES)


@pytest.mark.parametrize(("name", "scope"), SCOPES.items())
def test_a_hook_only_looks_and_has_its_scope_whatever_is_configured(name: str, scope: str) -> None:
    hook = hooks()[name]
    assert hook["require_serial"] is True
    program, command, *flags = shlex.split(hook["entry"])
    assert (program, command) == ("dedup", "check")
    with click.Context(check.command) as context:
        check.command.parse_args(context, [*flags, *hook.get("args", ["README.md"])])
        assert context.params["scope"] == scope
        assert context.params["paths"]


class Repository:
    """A repository with the hook in its configuration."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        self._environment = environment
        folder.mkdir()
        self.git("init", "--quiet")

    def git(self, *arguments: str) -> str:
        return self.run("git", *arguments, check=True).stdout.strip()

    def run(self, *command: str, check: bool = False) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=self.folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=check,
            timeout=300,
        )

    def commit(self) -> str:
        """Commit everything; the commit's name."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "One")
        return self.git("rev-parse", "HEAD")

    def pre_commit(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.run(sys.executable, "-m", "pre_commit", *arguments)

    def hooked(self, *names: str) -> tuple[int, str]:
        """The status of the hook on what is to be committed, and what it said."""
        self.git("add", "--all")
        run = self.pre_commit("run", "--verbose", *(("--files", *names) if names else ()))
        return run.returncode, run.stdout + run.stderr


@pytest.fixture(scope="module")
def installed(
    package_index: None,
    checkout: Path,
    environment: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> str:
    """The configuration of a repository that uses the hook, for which pre-commit has installed it."""
    folder = tmp_path_factory.mktemp("repositories")
    ours = Repository(folder / "ours", environment)
    shutil.copytree(checkout, ours.folder, dirs_exist_ok=True)
    config = CONFIG.format(repository=ours.folder, revision=ours.commit())
    theirs = Repository(folder / "theirs", environment)
    (theirs.folder / ".pre-commit-config.yaml").write_text(config)
    run = theirs.pre_commit("install-hooks")
    assert run.returncode == 0, run.stdout + run.stderr
    return config


@pytest.fixture
def repository(installed: str, environment: dict[str, str], tmp_path: Path) -> Repository:
    one = Repository(tmp_path / "repository", environment)
    (one.folder / ".pre-commit-config.yaml").write_text(installed)
    return one


@pytest.mark.slow
def test_pre_commit_refuses_a_doubled_document_until_it_is_cleaned(repository: Repository) -> None:
    document = repository.folder / "my guide.md"
    document.write_text(DOUBLED, "utf-8")
    (repository.folder / "notes.txt").write_text(CLEAN, "utf-8")
    status, said = repository.hooked()
    assert status == 1, said
    assert "hook id: dedup" in said and "exit code: 1" in said
    assert "my guide.md:11:1: repeated-block: lines 11-17 repeat lines 3-9" in said
    assert document.read_text("utf-8") == DOUBLED
    cleaning = [sys.executable, "-m", "dedup", "clean", "--quiet", "-i", str(document)]
    subprocess.run(cleaning, check=True)
    status, said = repository.hooked()
    assert status == 0, said
    assert "Found nothing that repeats in 2 files." in said


@pytest.mark.slow
def test_pre_commit_leaves_out_what_the_project_excludes(repository: Repository) -> None:
    (repository.folder / "pyproject.toml").write_text('[tool.dedup]\nexclude = ["old/"]\n')
    (repository.folder / "old").mkdir()
    (repository.folder / "old" / "guide.md").write_text(DOUBLED, "utf-8")
    status, said = repository.hooked("old/guide.md")
    assert status == 0, said
    assert "Skipped 1: 1 by --exclude." in said
    (repository.folder / "new.rst").write_text(DOUBLED, "utf-8")
    status, said = repository.hooked()
    assert status == 1, said
    assert "new.rst:11:1" in said and "guide.md" not in said


@pytest.mark.slow
def test_pre_commit_gives_the_hook_no_source_code(repository: Repository) -> None:
    (repository.folder / "module.py").write_text(f'"""\n{DOUBLED}"""\n', "utf-8")
    status, said = repository.hooked()
    assert status == 0, said
    assert "no files to check" in said


@pytest.mark.slow
def test_arguments_of_a_configuration_reach_the_hook(
    repository: Repository, installed: str
) -> None:
    config = f"{installed}        args: [--max-findings, '1', --output-format, concise]\n"
    (repository.folder / ".pre-commit-config.yaml").write_text(config)
    (repository.folder / "guide.md").write_text(DOUBLED, "utf-8")
    status, said = repository.hooked()
    assert status == 0, said
    assert "guide.md:11:1: repeated-block" in said
    (repository.folder / "other.md").write_text(DOUBLED, "utf-8")
    status, said = repository.hooked()
    assert status == 1, said


@pytest.mark.slow
def test_a_baseline_lets_old_copies_pass_though_the_hook_sees_only_what_changes(
    repository: Repository, installed: str
) -> None:
    config = f"{installed}        args: [--baseline, dedup.baseline]\n"
    (repository.folder / ".pre-commit-config.yaml").write_text(config)
    for name in ("a.md", "b.md"):
        (repository.folder / name).write_text(DOUBLED, "utf-8")
    listing = ["check", "--quiet", ".", "--baseline", "dedup.baseline", "--update-baseline"]
    assert repository.run(sys.executable, "-m", "dedup", *listing).returncode == 0
    status, said = repository.hooked()
    assert status == 0, said
    repository.commit()
    (repository.folder / "a.md").write_text(f"{DOUBLED}\n{BODY}", "utf-8")
    status, said = repository.hooked()
    assert status == 1, said
    assert "a.md:19:1" in said and "Ignored 1 finding: in the baseline." in said
    assert "no longer" not in said  # b.md was not looked at


@pytest.fixture
def across(repository: Repository, installed: str) -> Repository:
    """A repository in which two documents say the same, with the hook that looks across documents."""
    config = installed.replace("- id: dedup\n", "- id: dedup-corpus\n")
    (repository.folder / ".pre-commit-config.yaml").write_text(config)
    (repository.folder / "docs").mkdir()
    for name, own in (("a.md", PUMP), ("b.md", OVEN)):
        (repository.folder / "docs" / name).write_text(f"{own}\n{SHARED}", "utf-8")
    return repository


@pytest.mark.slow
def test_pre_commit_refuses_a_document_that_says_what_another_one_says(across: Repository) -> None:
    across.commit()
    (across.folder / "notes.txt").write_text(CLEAN, "utf-8")
    across.git("add", "--all")
    status, said = across.hooked()  # the commit brings neither of the two
    assert status == 1, said
    assert "hook id: dedup-corpus" in said and "docs/b.md:9:1: repeated-block" in said
    (across.folder / "docs" / "b.md").write_text(OVEN, "utf-8")
    status, said = across.hooked()
    assert status == 0, said


@pytest.mark.slow
def test_the_folder_the_corpus_hook_looks_at_is_configured(across: Repository) -> None:
    config = across.folder / ".pre-commit-config.yaml"
    chosen = f"{config.read_text('utf-8')}        args: [docs, --baseline, dedup.baseline]\n"
    config.write_text(chosen)
    (across.folder / "old").mkdir()
    shutil.copy(across.folder / "docs" / "b.md", across.folder / "old")
    listing = ["check", "--quiet", "--scope", "corpus", "docs", "--baseline", "dedup.baseline"]
    listing.append("--update-baseline")
    assert across.run(sys.executable, "-m", "dedup", *listing).returncode == 0
    status, said = across.hooked()
    assert status == 0, said
    assert "Ignored 1 finding: in the baseline." in said and "old/" not in said


def test_pre_commit_takes_the_manifest_for_valid() -> None:
    command = [sys.executable, "-m", "pre_commit", "validate-manifest", str(HOOKS)]
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
