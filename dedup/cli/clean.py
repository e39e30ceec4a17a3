"""``dedup clean``: arguments in, cleaned text or a diff out."""

from __future__ import annotations

from typing import Any

import click

from dedup.batch.targets import Targets, report_target
from dedup.cli import cleaning
from dedup.cli.commands import Command
from dedup.cli.flags import WRITING, flag, report_flag, setting_flags, source_arguments, talk_flags
from dedup.cli.talk import Talk
from dedup.config import Settings

EXAMPLES = """
cat a.txt | dedup clean > out.txt
dedup clean a.txt --diff                      # what would go?
dedup clean a.txt -o out.txt --plan p.jsonl   # can be put back
dedup clean a.txt --in-place --backup         # keeps a.txt.orig
"""

DEFAULT_SUFFIX = ".orig"


class CleanCommand(Command):
    """Takes ``--backup`` with and without a value; a path after it is never the value."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As every command, with the default suffix filled in."""
        end = args.index("--") if "--" in args else len(args)
        given = [f"--backup={DEFAULT_SUFFIX}" if a == "--backup" else a for a in args[:end]]
        return super().parse_args(ctx, given + args[end:])


@click.command("clean", cls=CleanCommand, examples=EXAMPLES)
@source_arguments
@flag("-o", "--output", metavar="FILE", section=WRITING, help="Write the text here; - is stdout.")
@flag("-i", "--in-place", is_flag=True, section=WRITING, help="Replace the input file.")
@flag(
    "--backup",
    shown="--backup[=SUFFIX]",
    section=WRITING,
    help="With -i: keep the old file too. [=.orig]",
)
@flag(
    "--diff",
    is_flag=True,
    section=WRITING,
    help="Show what would go, for patch; exit 1 if anything.",
)
@flag("--check", is_flag=True, section=WRITING, help="Write nothing; exit 1 if anything would go.")
@flag("--plan", metavar="FILE", section=WRITING, help="Write what restore needs.")
@report_flag
@flag("--force", is_flag=True, section=WRITING, help="Replace the plan of another run.")
@setting_flags("result", "text", "selection", "speed")
@talk_flags
def command(
    path: str | None,
    stdin_filename: str | None,
    settings: Settings,
    talk: Talk,
    diff: bool,
    check: bool,
    reports: tuple[str, ...],
    **places: Any,
) -> int:
    """Write the text of FILE, or of standard input, without its repeats.

    It goes to standard output unless -o or -i is given.
    """
    targets = Targets(reports=tuple(report_target(value) for value in reports), **places)
    return cleaning.run(path, stdin_filename, targets, settings, talk, diff=diff, check=check)
