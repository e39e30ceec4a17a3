"""The documentation runs: examples print what it says, and nothing is left undocumented."""

from __future__ import annotations

import doctest
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from dedup.cli.commands import root
from dedup.config.values import KNOBS
from dedup.reports.explanations import EXPLANATIONS
from docs import examples, findings, man, options, reference

ROOT = examples.ROOT
README = ROOT / "README.md"
SETUP = re.compile(r"^```sh\n(.*?)\n```$", re.MULTILINE | re.DOTALL)
PYTHON = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def with_examples() -> list[Path]:
    return [path for path in examples.documents() if "```console" in path.read_text("utf-8")]


@pytest.mark.parametrize("path", with_examples(), ids=lambda path: str(path.relative_to(ROOT)))
def test_examples_print_what_the_document_says(path: Path, tmp_path: Path) -> None:
    folder = examples.workplace(tmp_path)
    for example in examples.examples(path.read_text("utf-8")):
        output = examples.as_shown(examples.run(example.command, folder))
        if not examples.matches(example.output, output):
            assert output == example.output, f"$ {example.command}"


def test_the_readme_has_examples_and_few_wildcards() -> None:
    found = list(examples.examples(README.read_text("utf-8")))
    assert len(found) >= 10
    assert sum("..." in example.output for example in found) <= 3


def test_no_example_shows_a_fault_of_the_program() -> None:
    for path in examples.documents():
        found = examples.examples(path.read_text("utf-8"))
        assert not [example.command for example in found if "internal error" in example.output]


def test_an_example_with_another_output_does_not_match() -> None:
    (one,) = examples.examples("```console\n$ echo a\nb\n```\n")
    assert one.output == "b\n"
    assert not examples.matches(one.output, "a\n")
    assert examples.matches("a ... d\n", "a b c d\n")
    assert not examples.matches("a ... d\n", "a b c\n")


def with_python() -> list[Path]:
    return [path for path in examples.documents() if PYTHON.search(path.read_text("utf-8"))]


@pytest.mark.parametrize("path", with_python(), ids=lambda path: str(path.relative_to(ROOT)))
def test_python_examples(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = PYTHON.findall(path.read_text("utf-8"))
    monkeypatch.chdir(examples.workplace(tmp_path))
    test = doctest.DocTestParser().get_doctest("\n".join(blocks), {}, path.name, None, None)
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    assert runner.run(test).attempted > 0
    assert runner.summarize().failed == 0


def setup_commands() -> list[str]:
    return SETUP.findall(README.read_text("utf-8"))[:2]


def test_the_readme_has_one_command_to_use_it_and_one_to_test_it() -> None:
    use, test = setup_commands()
    assert "\n" not in use + test
    assert " -m venv " in use and "dedup clean samples/" in use
    assert " -m venv " in test and test.endswith("-m pytest")


def test_ci_runs_the_commands_of_the_readme() -> None:
    lines = [line.strip() for line in (ROOT / ".ci" / "run").read_text("utf-8").splitlines()]
    use, test = setup_commands()
    assert use in lines
    assert lines[-1] == test


def test_links_in_the_documentation_lead_somewhere() -> None:
    for path in examples.documents():
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text("utf-8")):
            assert (path.parent / target).exists(), f"{path.name}: {target}"


def headings(path: Path) -> set[str]:
    """The anchors of a document's headings, as GitHub and MkDocs make them."""
    text = re.sub(r"^```.*?^```$", "", path.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    said = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", each).strip().lower().replace(" ", "-") for each in said}


def test_links_to_headings_lead_to_one() -> None:
    for path in examples.documents():
        text = path.read_text("utf-8")
        for target, anchor in re.findall(r"\]\(([^)#:]*\.md)?#([^)]*)\)", text):
            found = (path.parent / target).resolve() if target else path
            assert anchor in headings(found), f"{path.name}: {target}#{anchor}"


def all_commands() -> list[click.Context]:
    """All commands, each in its context, which knows its whole name; the first is ``dedup`` itself."""
    return [*commands(root, click.Context(root, info_name="dedup"))]


def commands(command: click.Command, context: click.Context) -> Iterator[click.Context]:
    """The command and all below it."""
    yield context
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            yield from commands(below, click.Context(below, info_name=name, parent=context))


def mentioned(word: str, text: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text) is not None


def test_every_command_and_option_is_documented() -> None:
    text = "\n".join(path.read_text("utf-8") for path in examples.documents())
    found = all_commands()
    names = [each.command_path for each in found[1:]]
    assert {"dedup clean", "dedup restore", "dedup index build"} <= {*names}
    names += [
        name
        for each in found
        for parameter in each.command.params
        if isinstance(parameter, click.Option) and not parameter.hidden
        for name in (*parameter.opts, *parameter.secondary_opts)
    ]
    assert [name for name in names if not mentioned(name, text)] == []


def test_the_page_about_findings_is_fresh() -> None:
    """After a change to the explanations: python docs/findings.py"""
    assert findings.PAGE.read_text("utf-8") == findings.page()


def test_the_page_about_options_is_fresh() -> None:
    """After a change to commands, flags or options: python docs/options.py"""
    assert options.PAGE.read_text("utf-8") == options.page()


def test_what_references_say_beyond_the_help_is_of_flags_there_are() -> None:
    written = [
        row.written for _, command in reference.commands() for row in reference.rows(command)
    ]
    known = {name for flag in written for name in reference.names(flag)}
    assert {"--threshold", "-0", "--no-exact", "--backup"} <= known
    assert [name for name in reference.MORE if name not in known] == []


def test_the_manual_page_is_fresh() -> None:
    """After a change to commands, flags or options: python docs/man.py"""
    assert man.PAGE.read_text("utf-8") == man.page()


def plain_manual(width: int) -> str:
    command = ["groff", "-man", "-Tascii", "-P-c", f"-rLL={width}n", str(man.PAGE)]
    shown = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    return re.sub(r".\x08", "", shown)


CHECKS = {
    "groff": ["groff", "-man", "-ww", "-Tascii", "-z", str(man.PAGE)],
    "mandoc": ["mandoc", "-Tlint", str(man.PAGE)],
    "man": ["man", "--warnings=w", "-l", "-Tascii", str(man.PAGE)],
}


@pytest.mark.parametrize("tool", CHECKS)
def test_the_manual_page_has_no_warnings(tool: str) -> None:
    if shutil.which(tool) is None:
        pytest.skip(f"{tool} is not installed")
    run = subprocess.run(CHECKS[tool], capture_output=True, text=True)
    said = run.stderr if tool == "man" else run.stdout + run.stderr
    unreleased = 'WARNING: missing date, using "": TH'  # the changelog has none before the release
    assert [line for line in said.splitlines() if unreleased not in line] == []


def test_the_manual_page_names_every_command_flag_variable_and_file() -> None:
    if shutil.which("groff") is None:
        pytest.skip("groff is not installed")
    shown = plain_manual(78)
    assert max(map(len, shown.splitlines())) <= 80
    found = all_commands()
    names = [each.command_path for each in found[1:]]
    names += [
        name
        for each in found[1:]
        for parameter in each.command.params
        if isinstance(parameter, click.Option)
        for name in (*parameter.opts, *parameter.secondary_opts)
    ]
    names += [f"DEDUP_{knob.name.upper()}" for knob in KNOBS.values()]
    names += [".dedup.toml", "pyproject.toml", "NO_COLOR", *EXPLANATIONS]
    assert [name for name in names if name not in shown] == []
    for heading in ("EXIT STATUS", "ENVIRONMENT", "FILES", "EXAMPLES"):
        assert f"\n{heading}\n" in shown


def test_examples_in_the_manual_page_stand_as_they_are_typed() -> None:
    if shutil.which("groff") is None:
        pytest.skip("groff is not installed")
    typed = [line.strip() for line in plain_manual(78).splitlines()]
    for each in all_commands():
        for line in getattr(each.command, "examples", "").strip().splitlines():
            assert line.strip() in typed


def test_hyphens_quotes_and_dots_are_no_commands() -> None:
    assert list(man._prose(".x -- it's a\\b --plan")) == [
        "\\&.x \\-\\- it\\(aqs a\\eb \\fB\\-\\-plan\\fR"
    ]
