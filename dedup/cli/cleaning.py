"""What ``dedup clean`` does once its arguments are known. Without click: a plain pipe has no arguments."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from dedup import config
from dedup.batch import single
from dedup.batch.single import Outcome
from dedup.batch.targets import Targets, check_targets, refuse_conversion
from dedup.cli import FOUND, inputs, streams
from dedup.cli.signals import finish
from dedup.cli.talk import Talk, is_build_log, is_terminal, wants_color
from dedup.config import Settings
from dedup.errors import DedupError
from dedup.files.formats import kind_of
from dedup.files.read import Source
from dedup.options import Options

if TYPE_CHECKING:
    from dedup.files.content import Stored


def pipe(talk: Talk) -> int:
    """Clean standard input onto standard output, as ``dedup clean`` does without any argument."""
    settings = config.resolve({}, "")
    talk.doubt(settings.doubtful)
    return run(None, None, Targets(), settings, talk, diff=False, check=False)


def run(
    path: str | None,
    stdin_filename: str | None,
    targets: Targets,
    settings: Settings,
    talk: Talk,
    *,
    diff: bool,
    check: bool,
    cache: str | None = None,
) -> int:
    """Read, clean, write, and say what went; the exit status."""
    options = settings.at(stdin_filename if path in (None, "-") else path).options
    refuse_conversion(options, in_place=targets.in_place)
    source = inputs.source(path, stdin_filename, options)
    check_targets(source, targets)
    alike = talk.level > 0 or bool(targets.reports)
    outcome = processed(source, options, cache, talk, alike=alike)
    if path in (None, "-") and stdin_filename is None:
        note_likeness(source.data, talk)
    converts = options.html_input == "extract"
    if converts and kind_of(path or stdin_filename or "") == "html":
        talk.note(f"dedup: note: {single.CONVERTED}")
    if diff:
        name = path or stdin_filename
        shown = name if name not in (None, "-") else outcome.result.document.name
        streams.write(differ(talk.color)(outcome, shown))
    if not diff and not check:
        put(outcome, targets, options)
    tell(outcome, talk, would=diff or check)
    if targets.in_place and outcome.result.changed and source.has_other_links:
        talk.about(str(path), single.OTHER_LINKS)
    if outcome.broken:
        raise single.unsafe(outcome)
    return FOUND if outcome.result.changed and (diff or check) else 0


def note_likeness(data: bytes, talk: Talk) -> None:
    """Say what a pipe without a name looks like, as it is cleaned like any text."""
    from dedup.files.formats import looks_like

    suffix = looks_like(data)
    if suffix:
        what = f"it is cleaned as plain text; --stdin-filename NAME{suffix} reads it as what it looks like"
        talk.about(single.STDIN_NAME, what)


def processed(
    source: Source, options: Options, cache: str | None, talk: Talk, *, alike: bool
) -> Outcome:
    """The document's answer, from the cache at the path ``cache`` if it is there.

    ``alike``: whether look-alikes, which stay, are told of; what is remembered has them anyway.
    """
    if options.against:
        from dedup.batch.corpuswide import outcome_against

        return outcome_against(source, options)
    if cache is None:
        return single.process(source, options, alike=alike)
    from dedup.batch.work import recalled
    from dedup.files.cache import open_cache

    with open_cache(cache, options) as opened:
        outcome, _ = recalled(source, options, opened)
    if opened.note:
        talk.about(cache, opened.note)
    return outcome


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


def pieces_of(stored: Stored) -> Iterable[bytes]:
    """What a file is to hold, in pieces."""
    return [stored] if isinstance(stored, bytes) else stored


def put(outcome: Outcome, targets: Targets, options: Options) -> None:
    """Write the files, then standard output, so that a reader who leaves early costs no file."""
    if targets.output == "-":
        targets = replace(targets, output=None)
    to_stdout = targets.output is None and not targets.in_place
    if to_stdout:
        inputs.refuse_appending(outcome.source)
    single.write_outputs(outcome, targets, options)
    if to_stdout:
        for piece in pieces_of(outcome.source.stored_as(outcome.data)):
            streams.write(piece)


Differ = Callable[[Outcome, str], bytes]
"""Makes a document's diff under a name. It may be sent to other processes."""


def differ(color: str) -> Differ:
    """What makes diffs: for a person on a terminal or with ``--color always``, else for ``patch``.

    What goes down a pipe on a build server may end in its log, where a text must not give commands.
    """
    ci = is_build_log(os.environ)
    if is_terminal(sys.stdout) or color == "always":
        colored = wants_color(color, sys.stdout, os.environ)
        return partial(shown_diff, colored=colored, ci=ci)
    return logged_diff if ci and not streams.is_file_stdout() else plain_diff


def plain_diff(outcome: Outcome, name: str) -> bytes:
    """The diff as ``patch`` reads it."""
    from dedup.reports import diff

    result = single.as_written(outcome)
    return diff.unified(result, single.diff_encoder(result.document), name, name)


def logged_diff(outcome: Outcome, name: str) -> bytes:
    """The same diff, but for what a build server would take for a command."""
    from dedup.reports.escape import break_commands

    said = plain_diff(outcome, name).decode("utf-8", "surrogateescape")
    return break_commands(said).encode("utf-8", "surrogateescape")


def shown_diff(outcome: Outcome, name: str, *, colored: bool, ci: bool) -> bytes:
    """The diff for a person."""
    from dedup.reports import diff

    text = diff.colored(single.as_written(outcome), name, name, color=colored, ci=ci)
    return text.encode("utf-8", "backslashreplace")


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
    line = summary.line(result.tally)
    if would:
        line = summary.as_would(line)
    say = talk.note if result.changed else talk.detail
    finish()
    say(line)
