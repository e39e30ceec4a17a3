"""What docs/ci.md tells people to paste is valid where they paste it, and calls dedup as it can be called."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

import dedup
from dedup.cli.commands import root
from tests.ci import snippets
from tests.ci.conftest import ROOT

PAGE = (ROOT / "docs" / "ci.md").read_text("utf-8")
TOOLS = Path(sys.executable).parent
YAML = snippets.blocks(PAGE, "yaml")
SCRIPTS = list(snippets.scripts(PAGE))
ACTION = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))


def kind(snippet: str) -> str:
    """The program that reads it."""
    keys = yaml.safe_load(snippet).keys()
    return "github" if "jobs" in keys else "pre-commit" if "repos" in keys else "gitlab"


def checked(*command: str | Path) -> None:
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr


VALIDATE: dict[str, list[str | Path]] = {
    "github": [TOOLS / "check-jsonschema", "--builtin-schema", "vendor.github-workflows"],
    "gitlab": [TOOLS / "check-jsonschema", "--builtin-schema", "vendor.gitlab-ci"],
    "pre-commit": [sys.executable, "-m", "pre_commit", "validate-config"],
}


def test_there_is_a_snippet_for_each() -> None:
    assert {kind(snippet) for snippet in YAML} == VALIDATE.keys()
    assert any("-f=rdjson" in script for script in SCRIPTS)
    assert any("docker run" in script for script in SCRIPTS)
    for word in ("upload-sarif", "fetch-depth: 0", "codequality", "if: always()"):
        assert any(word in snippet for snippet in YAML), word


@pytest.mark.parametrize("snippet", YAML)
def test_a_configuration_is_valid_by_the_schema_of_its_program(
    snippet: str, tmp_path: Path
) -> None:
    path = tmp_path / "snippet.yml"
    path.write_text(snippet, "utf-8")
    checked(*VALIDATE[kind(snippet)], path)


def test_the_schemas_refuse_what_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "snippet.yml"
    for one in YAML:
        wrong = one.replace("runs-on:", "run-on:").replace("artifacts:", "artefacts: 1\n  x:")
        path.write_text(wrong.replace("rev:", "revision:"), "utf-8")
        run = subprocess.run([*VALIDATE[kind(one)], path], capture_output=True)
        assert run.returncode != 0, wrong


def test_workflows_satisfy_the_linter(tmp_path: Path) -> None:
    """But for the placeholder, every action of somebody else is named by its commit."""
    workflows = tmp_path / ".github" / "workflows"
    workflows.mkdir(parents=True)
    for number, snippet in enumerate(one for one in YAML if kind(one) == "github"):
        (workflows / f"{number}.yml").write_text(snippet, "utf-8")
    policy = "rules: {unpinned-uses: {config: {policies: {actions/*: ref-pin, github/*: ref-pin, "
    policy += "OWNER/dedup: ref-pin, '*': hash-pin}}}}\n"
    (tmp_path / "zizmor.yml").write_text(policy)
    checked(TOOLS / "zizmor", "--offline", "--config", tmp_path / "zizmor.yml", tmp_path)


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_script_is_valid_shell(script: str, tmp_path: Path) -> None:
    path = tmp_path / "script.sh"
    path.write_text(re.sub(r"\$\{\{.*?\}\}", "x", script), "utf-8")
    checked("bash", "-n", path)
    checked(TOOLS / "shellcheck", "--shell=sh", path)


def calls() -> list[list[str]]:
    return [words for script in SCRIPTS for words in snippets.commands(script, "dedup")]


@pytest.mark.parametrize("words", calls(), ids=" ".join)
def test_a_call_of_dedup_is_one_that_it_understands(words: list[str]) -> None:
    name, *arguments = words
    with click.Context(root, info_name="dedup") as context:
        command = root.get_command(context, name)
        assert command is not None
        command.make_context(name, arguments, parent=context)


def test_all_calls_of_dedup_are_found() -> None:
    lines = [line for script in SCRIPTS for line in script.splitlines()]
    assert (
        len(calls()) == sum(bool(re.search(r"\bdedup (check|clean)\b", one)) for one in lines) > 10
    )


def steps() -> list[dict[str, Any]]:
    trees = [yaml.safe_load(one) for one in YAML if kind(one) == "github"]
    return [one for tree in trees for job in tree["jobs"].values() for one in job["steps"]]


def configured() -> list[dict[str, Any]]:
    """The hooks in the configurations for pre-commit."""
    pages = [yaml.safe_load(one) for one in YAML if kind(one) == "pre-commit"]
    return [hook for page in pages for repo in page["repos"] for hook in repo["hooks"]]


def test_snippets_use_the_action_and_the_hooks_that_there_are() -> None:
    ours = [one for one in steps() if one.get("uses", "").startswith("OWNER/")]
    assert len(ours) >= 2
    assert {name for one in ours for name in one["with"]} <= ACTION["inputs"].keys()
    outputs = set(re.findall(r"steps\.dedup\.outputs\.([\w-]+)", PAGE))
    assert outputs and outputs <= ACTION["outputs"].keys()
    assert [one["id"] for one in configured()] == [one["id"] for one in HOOKS]


@pytest.mark.parametrize("number", range(len(HOOKS)))
def test_arguments_of_a_hook_are_understood_and_leave_paths_to_whom_they_belong(
    number: int,
) -> None:
    hook, own = configured()[number], HOOKS[number]
    names = ["README.md"] if own.get("pass_filenames", True) else []
    _, name, *flags = own["entry"].split()
    with click.Context(root, info_name="dedup") as context:
        command = root.get_command(context, name)
        assert command is not None
        made = command.make_context(name, [*flags, *hook["args"], *names], parent=context)
    assert made.params["paths"] == (tuple(names) or ("docs",))


def test_every_input_and_output_of_the_action_is_documented() -> None:
    names = [*ACTION["inputs"], *ACTION["outputs"]]
    rows = [
        cell
        for cells in re.findall(r"^\| (`.*?`) \|", PAGE, re.MULTILINE)
        for cell in cells.split(", ")
    ]
    assert sorted(rows) == sorted(f"`{name}`" for name in names)


def test_snippets_name_this_version_of_one_place() -> None:
    tags = set(re.findall(r"(?:OWNER/dedup@|OWNER/dedup\.git#|rev: )(\S+?)[\"'\n]", PAGE))
    assert tags == {f"v{dedup.__version__}"}
    assert len(re.findall(r"(?<!OWNER/)dedup@v|(?<!OWNER)/dedup\.git", PAGE)) == 0
