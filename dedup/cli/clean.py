"""``dedup clean``: arguments in, cleaned text or a diff out."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from typing import Any

import click

from dedup import batch
from dedup.batch import Outcome, Targets
from dedup.cli import FOUND, inputs, streams
from dedup.cli.commands import Command
from dedup.cli.flags import WRITING, flag, report_flag, setting_flags, source_arguments, talk_flags
from dedup.cli.talk import Talk, is_terminal, wants_color
from dedup.config import Settings
from dedup.errors import DedupError
from dedup.options import Options

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
@flag("-o", "--output", metavar="PATH", section=WRITING, help="Write the text here; - is stdout.")
@flag("-i", "--in-place", is_flag=True, section=WRITING, help="Replace the input file.")
@flag(
    "--backup",
    shown="--backup[=SUFFIX]",
    section=WRITING,
    help="With -i: keep the old file too. [=.orig]",
)
@flag("--diff", is_flag=True, section=WRITING, help="Show what would go, write nothing.")
@flag("--check", is_flag=True, section=WRITING, help="Write nothing; exit 1 if anything would go.")
@flag("--plan", metavar="FILE", section=WRITING, help="Write what restore needs.")
@report_flag
@flag("--force", is_flag=True, section=WRITING, help="Replace the plan of another run.")
@setting_flags
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
    """Write the text at PATH, or from standard input, without its repeats.

    It goes to standard output unless -o or -i is given.
    """
    targets = Targets(reports=tuple(batch.report_target(value) for value in reports), **places)
    refuse(path, stdin_filename, targets, diff=diff, check=check)
    source = inputs.source(path, stdin_filename, settings.options)
    batch.check_targets(source, targets)
    outcome = batch.process(source, settings.options)
    if diff:
        streams.write(diff_of(outcome, path or stdin_filename, talk.color))
    if not diff and not check:
        put(outcome, targets, settings.options)
    tell(outcome, talk, would=diff or check)
    if targets.in_place and outcome.result.changed and source.has_other_links:
        talk.about(str(path), "its other hard links still hold the old text")
    if outcome.broken:
        raise unsafe(outcome)
    return FOUND if outcome.result.changed and (diff or check) else 0


def refuse(
    path: str | None, stdin_filename: str | None, targets: Targets, *, diff: bool, check: bool
) -> None:
    """``DedupError`` for flags that contradict each other."""
    given = {
        "-o": targets.output is not None,
        "--in-place": targets.in_place,
        "--plan": targets.plan is not None,
        "--report": bool(targets.reports),
    }
    for mode, asked in (("--diff", diff), ("--check", check)):
        for name in given:
            if asked and given[name]:
                raise DedupError("", f"{mode} writes nothing, so {name} cannot go with it")
    inputs.refuse(path, stdin_filename, output=targets.output, in_place=targets.in_place)
    if targets.backup is not None and not targets.in_place:
        raise DedupError("", "--backup needs --in-place")


def put(outcome: Outcome, targets: Targets, options: Options) -> None:
    """Write the files, then standard output, so that a reader who leaves early costs no file."""
    if targets.output == "-":
        targets = replace(targets, output=None)
    to_stdout = targets.output is None and not targets.in_place
    if to_stdout:
        inputs.refuse_appending(outcome.source)
    batch.write_outputs(outcome, targets, options)
    if to_stdout:
        streams.write(outcome.data)


def diff_of(outcome: Outcome, path: str | None, color: str) -> bytes:
    """The diff: for a person on a terminal or with ``--color always``, else as ``patch`` reads it."""
    from dedup.reports import diff

    name = path if path not in (None, "-") else outcome.result.document.name
    if is_terminal(sys.stdout) or color == "always":
        colored = wants_color(color, sys.stdout, os.environ)
        text = diff.colored(outcome.result, name, name, color=colored)
        return text.encode("utf-8", "backslashreplace")
    return diff.unified(outcome.result, batch.diff_encoder(outcome.source.document), name, name)


def tell(outcome: Outcome, talk: Talk, *, would: bool) -> None:
    """Say in a line what went, or would go; with ``-v`` also each finding."""
    if talk.level < 0 or outcome.broken:
        return
    from dedup.reports import summary

    result = outcome.result
    for finding in result.findings:
        talk.detail(summary.finding_line(finding))
    if result.note:
        talk.about(result.document.name, result.note)
    line = summary.line(result)
    if would:
        line = f"Would remove{line.removeprefix('Removed')}"
    say = talk.note if result.changed else talk.detail
    say(line)


def unsafe(outcome: Outcome) -> DedupError:
    """What to say when a promise would have been broken."""
    name = outcome.source.path or outcome.source.document.name
    hint = f"this is a fault in dedup, and the text is as it was: {outcome.broken}"
    return DedupError("", f"safety check failed, nothing was removed from {name}", hint)
