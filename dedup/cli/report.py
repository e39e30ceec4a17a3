"""``dedup report``: what repeats where, on the terminal."""

from __future__ import annotations

import os
import sys
from functools import partial

import click

from dedup.batch import single
from dedup.batch.single import Outcome
from dedup.batch.targets import Targets, check_targets, report_target
from dedup.cli import inputs, streams
from dedup.cli.commands import Command
from dedup.cli.flags import report_flag, setting_flags, source_arguments, talk_flags
from dedup.cli.inputs import Inputs
from dedup.cli.talk import Talk, shows_unicode, wants_color, width
from dedup.config import Settings

EXAMPLES = """
dedup report a.txt
dedup report a.txt --report a.json --report a.md
cat a.txt | dedup report --color always | less -R
"""


@click.command("report", cls=Command, examples=EXAMPLES)
@source_arguments
@report_flag
@setting_flags("result", "text")
@talk_flags
def command(
    path: str | None,
    stdin_filename: str | None,
    settings: Settings,
    talk: Talk,
    reports: tuple[str, ...],
) -> int:
    """Show what repeats in FILE, or in standard input, and what clean would remove.

    Nothing is changed or written, except the files --report names.
    """
    options = settings.at(stdin_filename if path in (None, "-") else path).options
    targets = Targets(reports=tuple(report_target(value) for value in reports))
    inputs.refuse(path, stdin_filename, output=None, in_place=False)
    shown = partial(
        show,
        width=width(sys.stdout),
        color=wants_color(talk.color, sys.stdout, os.environ),
        unicode=shows_unicode(sys.stdout),
    )
    if Inputs((path,) if path else ()).has_records(stdin_filename):
        from dedup.cli import folders

        part = partial(shown, is_one=False)
        return folders.report(path, stdin_filename, targets, options, talk, part)
    source = inputs.source(path, stdin_filename, options)
    check_targets(source, targets)
    outcome = single.process(source, options)
    single.write_outputs(outcome, targets, options)
    if outcome.broken:
        raise single.unsafe(outcome)
    streams.write(b"".join(shown(outcome)))
    return 0


def show(
    outcome: Outcome, *, width: int, color: bool, unicode: bool, is_one: bool = True
) -> tuple[bytes, ...]:
    """What the terminal shows of a document. It may be made in other processes."""
    from dedup.reports import text

    shown = text.render(outcome.result, width=width, color=color, unicode=unicode, is_one=is_one)
    return (shown.encode("utf-8", "backslashreplace"),)
