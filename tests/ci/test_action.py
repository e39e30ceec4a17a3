"""The composite action: what its definition promises, and what its step does with kind and hostile inputs."""

from __future__ import annotations

import ast
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from action import step
from dedup.cli import check
from tests.ci.conftest import ROOT
from tests.ci.runner import Runner, parsed
from tests.texts import CLEAN, DOUBLED

ACTION = ROOT / "action.yml"
HOSTILE = "$(touch pwned)`touch pwned`; touch pwned; ' \" && touch pwned"


def definition() -> Any:
    return yaml.safe_load(ACTION.read_text("utf-8"))


def steps() -> list[dict[str, Any]]:
    return list(definition()["runs"]["steps"])


# The definition


def test_the_action_is_valid_by_the_schema_and_for_the_linter() -> None:
    tools = Path(sys.executable).parent
    checks: list[list[str | Path]] = [
        [tools / "check-jsonschema", "--builtin-schema", "vendor.github-actions", ACTION],
        [tools / "zizmor", "--offline", "--no-config", "--persona", "pedantic", ACTION],
    ]
    for command in checks:
        run = subprocess.run(command, capture_output=True, text=True)
        assert run.returncode == 0, run.stdout + run.stderr


def test_no_script_of_the_action_has_an_expression_in_it() -> None:
    assert [one["run"] for one in steps() if "${{" in one["run"]] == []


def test_the_action_uses_no_other_action() -> None:
    assert [one for one in steps() if "uses" in one] == []


def test_each_input_reaches_the_step_as_its_variable() -> None:
    (one,) = steps()
    assert one["env"] == {
        f"INPUT_{name.upper().replace('-', '_')}": f"${{{{ inputs.{name} }}}}"
        for name in definition()["inputs"]
    }
    read = set(re.findall(r"INPUT_\w+", ACTION.read_text("utf-8")))
    assert read == set(one["env"])


def test_inputs_that_are_flags_are_flags_of_check() -> None:
    flags = {name for parameter in check.command.params for name in parameter.opts}
    assert {"--output-format", "--baseline", "--since", "--report"} <= flags


def test_each_output_is_one_that_the_step_writes() -> None:
    names = {
        name: re.fullmatch(r"\$\{\{ steps\.check\.outputs\.([\w-]+) \}\}", output["value"])
        for name, output in definition()["outputs"].items()
    }
    assert {name: match and match[1] for name, match in names.items()} == {n: n for n in names}
    summary = {"findings": 0, "set_aside": {}, "redundancy": 0.0}
    assert names.keys() == step.numbers(summary).keys() | step.outputs("", "", 0).keys()


# The step, in process


@pytest.fixture
def inputs() -> dict[str, str]:
    """The variables of the step where nobody gives an input."""
    values = {name: one["default"] for name, one in definition()["inputs"].items()}
    return {f"INPUT_{name.upper().replace('-', '_')}": value for name, value in values.items()}


def arguments(inputs: dict[str, str]) -> list[str]:
    return step.check_arguments(step.Inputs(inputs), "r.jsonl", "r.sarif")


OWN = ["--output-format=github", "--report=sarif:r.sarif", "--report=jsonl:r.jsonl"]


def test_without_inputs_the_whole_repository_is_checked(inputs: dict[str, str]) -> None:
    assert arguments(inputs) == ["check", *OWN, "--", "."]


def test_paths_are_lines_and_args_are_words(inputs: dict[str, str]) -> None:
    inputs |= {"INPUT_PATHS": "docs\n\n  my notes\r\n-x\n"}
    inputs |= {"INPUT_ARGS": "--level careful\n--exclude 'old drafts/'"}
    more = ["--level", "careful", "--exclude", "old drafts/"]
    assert arguments(inputs) == ["check", *more, *OWN, "--", "docs", "my notes", "-x"]


def test_a_value_that_looks_like_a_flag_is_none(inputs: dict[str, str]) -> None:
    inputs |= {"INPUT_SINCE": "--exit-zero", "INPUT_BASELINE": "-q"}
    assert arguments(inputs) == ["check", *OWN, "--baseline=-q", "--since=--exit-zero", "--", "."]


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("ARGS", "--exclude 'a", "args: no closing quotation"),
        ("ARGS", "-- docs", "args: paths go into the input paths, not behind --"),
        ("FAIL_ON_FINDINGS", "perhaps", "fail-on-findings: 'perhaps' is not true or false"),
        (
            "EXTRAS",
            "zst]; touch x",
            "extras: 'zst]; touch x' is no list of names with commas between",
        ),
    ],
)
def test_inputs_that_mean_nothing_are_refused_before_anything_is_installed(
    name: str,
    value: str,
    said: str,
    inputs: dict[str, str],
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(step, "done", pytest.fail)
    output = tmp_path / "output"
    runner = {"GITHUB_OUTPUT": str(output), "GITHUB_ACTION_PATH": "a", "RUNNER_TEMP": str(tmp_path)}
    assert step.main(inputs | runner | {f"INPUT_{name}": value}) == 2
    assert capfd.readouterr().out.startswith(f"::error title=dedup::{said}")
    assert parsed(output.read_text()) == {"exit-code": "2"}


def test_extras_are_asked_of_the_checkout_of_the_action() -> None:
    environ = {"GITHUB_ACTION_PATH": "/actions/dedup", "INPUT_EXTRAS": " parquet, zst "}
    assert step.target(environ, step.Inputs(environ)) == "/actions/dedup[parquet,zst]"
    assert step.target(environ, step.Inputs(environ | {"INPUT_EXTRAS": ""})) == "/actions/dedup"


def test_an_old_python_is_told_what_to_do(
    inputs: dict[str, str], capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10, 12, "final", 0))
    assert step.main(inputs) == 2
    assert "needs Python 3.11 or later, and python3 is 3.10.12" in capfd.readouterr().out


def test_an_old_python_can_read_as_far_as_that() -> None:
    """No syntax that only a newer one has, so that it comes to say what it has to say."""
    ast.parse((ROOT / "action" / "step.py").read_text("utf-8"), feature_version=(3, 8))


def test_an_output_cannot_pass_for_two(tmp_path: Path) -> None:
    values = {"report-path": "a\nfindings=0\nEOF\nexit-code<<x\n0", "exit-code": "1"}
    step.write_outputs({"GITHUB_OUTPUT": str(tmp_path / "output")}, values)
    written = (tmp_path / "output").read_text()
    assert parsed(written) == values
    marks = re.findall(r"<<(dedup-\w{32})\n", written)
    assert len(set(marks)) == 2


def test_findings_set_aside_are_findings_but_not_new_ones() -> None:
    summary = {"findings": 2, "set_aside": {"baseline": 3, "since": 4}, "redundancy": 0.12345}
    assert step.numbers(summary) == {"findings": "9", "new-findings": "2", "redundancy": "12.35"}


# The step, with the dedup of these tests


@pytest.fixture
def run_step(
    inputs: dict[str, str],
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[..., tuple[int, dict[str, str], str]]:
    """Runs it in a repository with a doubled document; its status, its outputs and the log."""
    for name in [one for one in os.environ if one.startswith(("GITHUB_", "DEDUP_"))]:
        monkeypatch.delenv(name)
    python = tmp_path / "python"  # as one in whose environment this checkout is installed
    python.write_text(f'#!/bin/sh\nshift\nPYTHONPATH="{ROOT}" exec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    monkeypatch.setattr(step, "installed", lambda folder, package: str(python))
    workspace = tmp_path / "workspace"
    (workspace / ".git").mkdir(parents=True)
    (workspace / "a.md").write_text(DOUBLED, "utf-8")
    monkeypatch.chdir(workspace)
    output = tmp_path / "output"
    runner = {"GITHUB_ACTION_PATH": str(ROOT), "RUNNER_TEMP": str(tmp_path)}

    def run(**given: str) -> tuple[int, dict[str, str], str]:
        output.write_bytes(b"")
        variables = {f"INPUT_{name.upper()}": value for name, value in given.items()}
        status = step.main(inputs | runner | {"GITHUB_OUTPUT": str(output)} | variables)
        return status, parsed(output.read_text("utf-8")), capfd.readouterr().out

    return run


def test_findings_fail_the_step_unless_they_may_not(run_step: Callable[..., Any]) -> None:
    status, outputs, _ = run_step(output_format="concise")
    assert (status, outputs["exit-code"], outputs["new-findings"]) == (1, "1", "1")
    status, outputs, log = run_step(output_format="concise", fail_on_findings="False")
    assert (status, outputs["exit-code"], outputs["new-findings"]) == (0, "1", "1")
    assert log == "a.md:11:1: repeated-block: lines 11-17 repeat lines 3-9 [1.00]\n"
    status, outputs, _ = run_step(args="--max-findings 1")
    assert (status, outputs["exit-code"], outputs["findings"]) == (0, "0", "1")


def test_what_the_baseline_or_an_older_commit_has_is_found_but_not_new(
    run_step: Callable[..., Any], environment: dict[str, str]
) -> None:
    shutil.rmtree(".git")
    for arguments in ("init --quiet", "add a.md", "commit --quiet --message One"):
        subprocess.run(["git", *arguments.split()], env=environment, check=True)
    Path("b.md").write_text(DOUBLED, "utf-8")
    status, outputs, _ = run_step(since="HEAD")
    assert (status, outputs["findings"], outputs["new-findings"]) == (1, "2", "1")
    status, _, _ = run_step(baseline="known", args="--update-baseline")
    assert status == 0
    status, outputs, _ = run_step(baseline="known")
    assert (status, outputs["findings"], outputs["new-findings"]) == (0, "2", "0")
    assert outputs["redundancy"] == "0.00"


def test_what_cannot_be_read_fails_the_step_whatever_may_pass(run_step: Callable[..., Any]) -> None:
    Path("b.md").write_bytes(b"\xff\n")
    status, outputs, _ = run_step(fail_on_findings="false")
    assert (status, outputs["exit-code"], outputs["findings"]) == (2, "2", "1")
    assert Path(outputs["report-path"]).exists() and Path(outputs["sarif-path"]).exists()


def test_without_a_run_there_are_no_files_and_no_numbers(run_step: Callable[..., Any]) -> None:
    Path("old.sarif").write_text("{}")  # of another run
    status, outputs, _ = run_step(paths="lost.md", sarif_file="old.sarif")
    assert status == 2
    assert outputs == {"report-path": "", "sarif-path": "", "exit-code": "2"}


def test_each_use_of_the_action_in_a_job_has_files_of_its_own(
    run_step: Callable[..., Any],
) -> None:
    _, first, _ = run_step()
    _, second, _ = run_step(args="--min-chars 5000")
    assert first["report-path"] != second["report-path"]
    assert first["sarif-path"] != second["sarif-path"]


# The action, installed and run by its own script


@pytest.mark.slow
def test_the_action_finds_what_repeats_and_runs_nothing_of_inputs_or_repository(
    package_index: None, checkout: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    runner = Runner(checkout, tmp_path, environment)
    for name in (HOSTILE, "clean.md"):
        (runner.workspace / name).write_text(CLEAN, "utf-8")
    (runner.workspace / "my guide.md").write_text(DOUBLED, "utf-8")
    for name in ("venv.py", "dedup.py", "json.py", "shlex.py", "pip.py", "click.py"):
        (runner.workspace / name).write_text("open('pwned', 'w')\n")
    ran = runner.run(
        paths=f"my guide.md\n{HOSTILE}\nclean.md",
        args=f"--exclude {shlex.quote(HOSTILE)}",
        sarif_file=f"{HOSTILE}\nfindings=99",
        extras="zst",
    )
    assert ran.status == 1, ran.log
    assert "::error file=my guide.md,line=11,endLine=17," in ran.log
    assert "my guide.md" in ran.summary
    assert ran.outputs.keys() == definition()["outputs"].keys()
    assert [ran.outputs[name] for name in ("findings", "new-findings", "exit-code")] == ["1"] * 3
    assert 20 < float(ran.outputs["redundancy"]) < 50
    assert ran.outputs["sarif-path"] == f"{HOSTILE}\nfindings=99"
    sarif = json.loads((runner.workspace / ran.outputs["sarif-path"]).read_bytes())
    assert len(sarif["runs"][0]["results"]) == 1
    report = Path(ran.outputs["report-path"])
    assert report.is_relative_to(runner.temporary)
    _, finding, _ = map(json.loads, report.read_text("utf-8").splitlines())
    assert (finding["path"], finding["line"]) == ("my guide.md", 11)
    assert not (runner.workspace / "pwned").exists()
