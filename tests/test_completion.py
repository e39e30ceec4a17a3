"""Shells complete: the answers they get for a line half typed, and real shells with a TAB pressed."""

from __future__ import annotations

import os
import pty
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest

from dedup.cli import main
from dedup.cli.commands import COMMANDS, root
from dedup.cli.flags import PathName
from dedup.options import Options
from dedup.reports.explanations import EXPLANATIONS
from tests.conftest import Run
from tests.test_startup import LOADED

ROOT = Path(__file__).parent.parent
SHELLS = ("bash", "zsh", "fish")
Ask = Callable[..., list[str]]


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]) -> Ask:
    """What the protocol answers for a line; the last word is the one the cursor stands at."""

    def asked(line: str, shell: str = "bash") -> list[str]:
        words = line.split(" ")
        typed = words[-1] if shell == "fish" else str(len(words) - 1)
        monkeypatch.setenv("COMP_WORDS", line)
        monkeypatch.setenv("COMP_CWORD", typed)
        monkeypatch.setenv("_DEDUP_COMPLETE", f"{shell}_complete")
        status = main([])
        out, err = capsysbinary.readouterr()
        assert (status, err) == (0, b"")
        return out.decode().splitlines()

    return asked


CHOICES = {
    "dedup clean --level ": ["careful", "balanced", "thorough"],
    "dedup clean --level ca": ["careful"],
    "dedup report --level = tho": ["thorough"],  # as bash takes --level=tho apart
    "dedup clean --keep-copy la": ["last"],
    "dedup clean a.txt --errors pre": ["preserve"],
    "dedup config --color ne": ["never"],
    "dedup explain kept": ["kept-lookalike"],
    "dedup explain ": list(EXPLANATIONS),
    "dedup completion ": list(SHELLS),
    "dedup ": list(COMMANDS),
    "dedup re": ["report", "restore"],
    "dedup index ": ["build", "update", "info"],
    "dedup index info --output-format j": ["json"],
    "dedup index build --enc": ["--encoding"],
    "dedup clean --keep": ["--keep-copy", "--keep-file"],
    "dedup --ver": ["--version"],
    "dedup clean --threshold ": [],
}


@pytest.mark.parametrize("line", CHOICES)
def test_words_that_fit(line: str, ask: Ask) -> None:
    assert ask(line) == [f"plain,{word}" for word in CHOICES[line]]


def test_the_other_shells_get_the_same_words_with_help(ask: Ask) -> None:
    assert ask("dedup cle", "zsh") == ["plain", "clean", COMMANDS["clean"]]
    assert ask("dedup cle", "fish") == [f"plain,clean\t{COMMANDS['clean']}"]
    assert ask("dedup clean --level=ca", "zsh") == ["plain", "careful", "_"]
    assert ask("dedup clean --level=ca", "fish") == ["plain,careful"]


@pytest.mark.parametrize(
    "line",
    ["dedup clean a", "dedup clean -o a", "dedup clean --plan a", "dedup clean --report = a",
     "dedup clean --config a", "dedup clean -i --backup a", "dedup restore a",
     "dedup restore --plan a", "dedup config a", "dedup report -- a",
     "dedup clean --level nonsense a", "dedup clean --nonsense a",
     "dedup index info a", "dedup index build a", "dedup index update x.index a"],
)  # fmt: skip
def test_names_of_files_are_left_to_the_shell(line: str, ask: Ask) -> None:
    assert ask(line) == ["file,a"]


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(
    "line",
    ["dedup nonsense ", "dedup cleen --le", "dedup clean 'a", "dedup explain 'x y' ",
     "dedup explain contained x", "dedup restore --plan --plan --", "dedup --isolated clean \\"],
)  # fmt: skip
def test_a_line_that_is_wrong_gives_no_error(line: str, shell: str, ask: Ask) -> None:
    ask(line, shell)


@pytest.mark.parametrize("instruction", ["bash_", "tcsh_complete", "powershell_source", "x"])
def test_an_unknown_question_has_no_answer(
    instruction: str, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    monkeypatch.setenv("_DEDUP_COMPLETE", instruction)
    assert main([]) == 0
    assert capsysbinary.readouterr() == (b"", b"")


def test_a_shell_that_says_nothing_of_the_line_gets_nothing(run_dedup: Run) -> None:
    run = run_dedup(env={"_DEDUP_COMPLETE": "bash_complete"})
    assert (run.returncode, run.stdout, run.stderr) == (0, b"", b"")


def test_a_variable_left_over_changes_no_other_command(run_dedup: Run) -> None:
    run = run_dedup("clean", input=b"once\n", env={"_DEDUP_COMPLETE": "bash_complete"})
    assert (run.returncode, run.stdout) == (0, b"once\n")


def families(context: click.Context) -> Iterator[click.Context]:
    """The contexts of all commands, and of those that stand below one."""
    for name in COMMANDS:
        command = root.get_command(context, name)
        assert command is not None
        below = click.Context(command, info_name=name, parent=context, resilient_parsing=True)
        yield below
        for inner, each in command.commands.items() if isinstance(command, click.Group) else ():
            yield click.Context(each, info_name=inner, parent=below, resilient_parsing=True)


def test_every_parameter_completes_or_takes_what_nobody_can_guess() -> None:
    """A new flag is either a choice, a path known by what its help calls it, or free."""
    context = click.Context(root, info_name="dedup", resilient_parsing=True)
    free = set()
    for below in families(context):
        for param in below.command.params:
            is_switch = isinstance(param, click.Option) and (param.is_flag or param.count)
            if not is_switch and not param.shell_complete(below, ""):
                free.add(param.metavar or param.name)
            shown = f" {param.metavar or ''} "
            if any(word in shown for word in ("FILE", "PLAN", "DIR", "PATH", "INDEX")):
                assert isinstance(param.type, PathName), f"{below.command_path}: {param.metavar}"
    assert {"0-1", "N", "NAME"} <= free
    assert not free & {"auto|always|never", "careful|balanced|thorough", "SHELL", "[NAME]"}
    assert Options().level in "careful|balanced|thorough"


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_is_printed(shell: str, run_dedup: Run) -> None:
    run = run_dedup("completion", shell)
    assert (run.returncode, run.stderr) == (0, b"")
    assert f"_DEDUP_COMPLETE={shell}_complete".encode() in run.stdout
    asked = run_dedup(env={"_DEDUP_COMPLETE": f"{shell}_source"})
    assert asked.stdout == run.stdout


def test_another_shell_is_refused_with_those_there_are(run_dedup: Run) -> None:
    run = run_dedup("completion", "powershell")
    assert (run.returncode, run.stdout) == (2, b"")
    assert run.stderr == b"dedup: error: 'powershell' is not one of bash, zsh, fish\n"


def test_completing_commands_loads_none_of_them() -> None:
    program = LOADED.format(arguments=[])
    asked = {"_DEDUP_COMPLETE": "bash_complete", "COMP_WORDS": "dedup ", "COMP_CWORD": "1"}
    run = subprocess.run(
        [sys.executable, "-c", program], env=os.environ | asked, cwd="/", capture_output=True
    )
    modules = set(run.stderr.decode().splitlines())
    assert run.stdout.decode().split() == [f"plain,{name}" for name in COMMANDS]
    assert "click.shell_completion" in modules
    assert not {name for name in modules if name.startswith(("dedup.engine", "rich", "numpy"))}
    assert not {f"dedup.cli.{name}" for name in COMMANDS if name != "completion"} & modules


# Real shells: a line is typed, TAB is pressed, and Ctrl-X asks for what stands there then.
START = {
    "bash": (
        ["bash", "--norc", "--noprofile", "-i"],
        'bind "set bell-style none"; bind -x \'"\\C-x": echo "LINE<$READLINE_LINE>END"\'; '
        'eval "$(dedup completion bash)"',
    ),
    "zsh": (
        ["zsh", "-f", "-i"],
        "autoload -U compinit; compinit -u -D; unsetopt beep; "
        'shown() { print -r -- "LINE<$BUFFER>END" }; zle -N shown; bindkey "^X" shown; '
        'eval "$(dedup completion zsh)"',
    ),
}
TYPED = {
    "dedup expl": "dedup explain ",
    "dedup clean --level ca": "dedup clean --level careful ",
    "dedup clean --level=ca": "dedup clean --level=careful ",
    "dedup clean --keep-c": "dedup clean --keep-copy ",
    "dedup explain ne": "dedup explain near-duplicate ",
    "dedup completion f": "dedup completion fish ",
    "dedup clean art": "dedup clean articles.txt ",
    "dedup clean -o art": "dedup clean -o articles.txt ",
    "dedup clean --plan=art": "dedup clean --plan=articles.txt ",
    "dedup clean -i --backup art": "dedup clean -i --backup articles.txt ",
    "dedup nonsense art": "dedup nonsense art",
}


@pytest.fixture
def place(tmp_path: Path) -> dict[str, str]:
    """A folder with one file, and an environment in which ``dedup`` is this one."""
    (tmp_path / "bin").mkdir()
    script = tmp_path / "bin" / "dedup"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m dedup "$@"\n')
    script.chmod(0o755)
    (tmp_path / "articles.txt").write_text("once\n")
    paths = [str(tmp_path / "bin"), os.environ["PATH"]]
    return {
        **os.environ,
        "PATH": os.pathsep.join(paths),
        "PYTHONPATH": str(ROOT),
        "HOME": str(tmp_path),
        "TERM": "dumb",
        "PWD": str(tmp_path),
    }


class Terminal:
    """A shell on a terminal of its own."""

    def __init__(self, command: list[str], environment: dict[str, str]) -> None:
        own, theirs = pty.openpty()
        self.own = own
        self.process = subprocess.Popen(
            command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment,
            cwd=environment["PWD"], start_new_session=True,
        )  # fmt: skip
        os.close(theirs)

    def send(self, keys: str) -> None:
        os.write(self.own, keys.encode())

    def read_until(self, mark: str) -> str:
        """All that is shown up to ``mark``; it may take a minute, and no longer."""
        shown, end = b"", time.monotonic() + 60
        while mark.encode() not in shown:
            ready, _, _ = select.select([self.own], [], [], max(0.0, end - time.monotonic()))
            assert ready, f"{mark!r} was not shown but {shown!r}"
            shown += os.read(self.own, 4096)
        return shown.decode().replace("\r\n", "\n")

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self.own)


@pytest.mark.parametrize("shell", START)
def test_a_tab_in_a_real_shell_completes_the_line(shell: str, place: dict[str, str]) -> None:
    command, setup = START[shell]
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    terminal = Terminal(command, place)
    try:
        terminal.send(f"{setup}; echo REA''DY\n")
        terminal.read_until("READY")
        for typed, completed in TYPED.items():
            terminal.send(f"{typed}\t\x18")
            shown = terminal.read_until(">END")
            assert shown.rpartition("LINE<")[2].partition(">END")[0] == completed, shown
            assert "rror" not in shown
            terminal.send("\x15")
    finally:
        terminal.close()


def test_fish_offers_the_words(place: dict[str, str]) -> None:
    if shutil.which("fish") is None:
        pytest.skip("fish is not installed")
    lines = " ".join(f"'{typed}'" for typed in TYPED)
    program = "dedup completion fish | source; for line in {}; complete -C $line; echo =; end"
    run = subprocess.run(
        ["fish", "--no-config", "-c", program.format(lines)],
        env=place, cwd=place["PWD"], capture_output=True, timeout=120,
    )  # fmt: skip
    assert run.stderr == b""
    groups = run.stdout.decode().split("=\n")[:-1]
    offered = [[line.partition("\t")[0] for line in group.splitlines()] for group in groups]
    assert offered == [
        [] if completed == typed else [completed.removesuffix(" ").rpartition(" ")[2]]
        for typed, completed in TYPED.items()
    ]
