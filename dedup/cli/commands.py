"""The commands by name, loaded when asked for; their help; and click's complaints in our words."""

from __future__ import annotations

import inspect
import os
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from dedup.cli import streams
from dedup.cli.flags import COLUMNS, SECTIONS, Flag, help_rows, name_paths
from dedup.cli.talk import Talk
from dedup.errors import DedupError
from dedup.options import nearest

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

COMMANDS = {
    "clean": "Write the text without its repeats.",
    "check": "Find what repeats, and fail if anything does.",
    "report": "Show what repeats where.",
    "restore": "Put back what clean removed.",
    "index": "Keep what a corpus says, to compare later batches with.",
    "config": "Show every setting and where it comes from.",
    "explain": "Say what a finding means, and what it gets wrong.",
    "completion": "Print what makes a shell complete dedup's words.",
}
"""Each is ``command`` in the module of its name; the line is its help in the list of commands."""


def run(args: Sequence[str], talk: Talk) -> int:
    """Run a command line; the exit status. Whatever is wrong with it is a ``DedupError``."""
    try:
        with root.make_context("dedup", list(args), obj=talk) as context:
            return int(root.invoke(context) or 0)
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.UsageError as error:
        raise _complaint(error) from None


def _complaint(error: click.UsageError) -> DedupError:
    """Click's complaint as ours: lower case, no full stop, the hint on its own."""
    context = error.ctx
    hint = f"see {context.command_path} --help" if context else "see dedup --help"
    if isinstance(error, click.NoSuchOption):
        name = error.option_name
        known = _flag_names(context)
        if context is not None and context.command is root:
            hint = f"flags stand behind a command: dedup clean {name}"
        said = _said_elsewhere(name, known) or nearest(name, known, NEAR) or hint
        return DedupError("", f"no such option: {name}", said)
    what = error.format_message().rstrip(".")
    return DedupError("", what[:1].lower() + what[1:], hint)


NEAR = 0.68
"""How alike a flag has to be to the one that is meant: at less, ``--field`` would be suggested for ``--fail``."""

_FORMAT = ("--output-format", "--format", "--json")
ELSEWHERE = (
    (("-r", "-R", "--recursive"), "--exclude", "folders are always read with all that is in them"),
    (
        ("-n", "--dry-run"),
        "--diff",
        "--diff shows what would go, --check says whether anything would",
    ),
    (("-w", "--write"), "--in-place", "--in-place replaces the files"),
    (("--to", "--out-dir", "--output-dir"), "--output", "-o names a file or a folder"),
    (("-o", "--output", "--to"), "--output-file", "--output-file FILE takes what is shown"),
    (_FORMAT, "--output-format", "--output-format NAME says how it is written"),
    (_FORMAT, "--report", "--report FILE.json writes the findings"),
    (("--workers", "--threads"), "--jobs", "--jobs N says how many processes work"),
    (("-V",), "--version", "did you mean --version?"),
)
"""What flags of other tools, and of other commands, are called here: the flag a command has to have, and the hint."""


def _said_elsewhere(name: str, known: tuple[str, ...]) -> str:
    """The hint for a flag as other tools have it; empty if this command has nothing for it."""
    for names, flag, hint in ELSEWHERE:
        if name in names and flag in known:
            return hint
    return ""


def _flag_names(context: click.Context | None) -> tuple[str, ...]:
    if context is None:
        return ()
    flags = (param for param in context.command.params if isinstance(param, click.Option))
    return tuple(name for flag in flags for name in (*flag.opts, *flag.secondary_opts))


def _show_help(context: click.Context, param: click.Parameter, value: bool) -> None:
    if value and not context.resilient_parsing:
        streams.write(f"{context.get_help()}\n".encode())
        context.exit()


def _show_version(context: click.Context, param: click.Parameter, value: bool) -> None:
    if value and not context.resilient_parsing:
        from dedup.cli import write_version

        write_version()
        context.exit()


def _help_flag() -> click.Option:
    return Flag(
        ["-h", "--help"],
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=_show_help,
        section=SECTIONS[-1],
        help="Show this help.",
    )


class Command(click.Command):
    """A command whose help shows examples first and its flags by section."""

    def __init__(self, name: str | None, *, examples: str, **kwargs: Any) -> None:
        super().__init__(name, **{**kwargs, "add_help_option": False})
        self.examples = examples
        self.params.append(_help_flag())
        name_paths(self.params)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As click does it, with the command named in every complaint."""
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            error.ctx = error.ctx or ctx
            raise

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The summary, and under it the examples as they are typed."""
        with formatter.indentation():
            formatter.write_text(inspect.cleandoc(self.help or ""))
        formatter.write("Examples:\n")
        for line in self.examples.strip().splitlines():
            formatter.write(f"  {line.strip()}\n")

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The flags, section by section."""
        for section in SECTIONS:
            flags = [p for p in self.params if isinstance(p, Flag) and p.section == section]
            rows = list(help_rows(flags, ctx))
            if rows:
                with formatter.section(section):
                    formatter.write_dl(rows, col_max=COLUMNS)


class Family(Command, click.Group):
    """A command of several commands, which are loaded with it."""

    def __init__(self, name: str | None, **kwargs: Any) -> None:
        super().__init__(name, **kwargs, no_args_is_help=False)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in the order people need them."""
        return list(self.commands)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command ``args`` begins with; an unknown one is answered with the nearest."""
        return _resolved(ctx, self, args)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The commands, and under them the flags."""
        with formatter.section("Commands"):
            formatter.write_dl([(n, c.get_short_help_str(200)) for n, c in self.commands.items()])
        super().format_options(ctx, formatter)


def _resolved(
    ctx: click.Context, group: click.Group, args: list[str]
) -> tuple[str, click.Command, list[str]]:
    name = args[0]
    command = group.get_command(ctx, name)
    if command is not None:
        return name, command, args[1:]
    names = tuple(group.list_commands(ctx))
    hint = nearest(name, (*names, *_flag_names(ctx))) or f"commands: {', '.join(names)}"
    if group is root and (name == "-" or os.path.exists(name)):
        hint = f"it is a path: dedup clean {name}, or check, report"
    raise DedupError("", f"no such command: {name}", hint)


class Root(click.Group):
    """``dedup`` itself: knows its commands by name and loads the one that was asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in the order people need them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of exactly this name."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"dedup.cli.{cmd_name}").command
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem[str]]:
        """The names of the commands, without loading any of them, or the flags."""
        from click.shell_completion import CompletionItem

        names = [CompletionItem(n, help=h) for n, h in COMMANDS.items() if n.startswith(incomplete)]
        return names + click.Command.shell_complete(self, ctx, incomplete)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command ``args`` begins with; an unknown one is answered with the nearest."""
        return _resolved(ctx, self, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, without loading any of them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


root = Root(
    "dedup",
    add_help_option=False,
    help="Find repeated text in a document, prove it, remove it, and show what went.",
    epilog="dedup COMMAND --help shows examples and all flags of a command.",
    params=[
        _help_flag(),
        click.Option(
            ["--version"],
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=_show_version,
            help="Show the version.",
        ),
    ],
)
