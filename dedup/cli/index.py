"""``dedup index``: keep what a corpus says, so that the next batch can be compared without reading it again."""

from __future__ import annotations

import click

from dedup.cli.commands import Command, Family
from dedup.cli.flags import (
    WRITING,
    OneOf,
    PathName,
    flag,
    paths_arguments,
    progress_flag,
    setting_flags,
    talk_flags,
)
from dedup.cli.inputs import Inputs
from dedup.cli.talk import Talk
from dedup.config import Settings
from dedup.errors import DedupError

EXAMPLES = """
dedup index build old.index articles/
dedup index update old.index articles/ more/
dedup index info old.index
"""

BUILD = """
dedup index build old.index articles/
dedup index build old.index train.jsonl --field body
"""

UPDATE = """
dedup index update old.index articles/
"""

INFO = """
dedup index info old.index
dedup index info old.index --output-format json
"""

index_argument = click.argument("index", metavar="INDEX", type=PathName("file"))


@click.group("index", cls=Family, examples=EXAMPLES)
def command() -> None:
    """Keep what a corpus says in one file, to compare later batches with it.

    The index holds the paragraphs of all documents, and their letters as they are compared: what is found
    with it is what would be found by reading the corpus again.
    """


@command.command("build", cls=Command, examples=BUILD)
@index_argument
@paths_arguments
@flag("--force", is_flag=True, section=WRITING, help="Replace INDEX even if it is none.")
@setting_flags("text", "selection", "speed", across=False)
@progress_flag
@talk_flags
def build(
    index: str,
    paths: tuple[str, ...],
    files_from: str | None,
    null: bool,
    force: bool,
    settings: Settings,
    talk: Talk,
    progress: bool | None,
) -> int:
    """Write an index of the documents in PATHs. One that stands there is replaced.

    Documents are called by their paths as given, so give the same ones to update.
    """
    from dedup.cli import indexing

    inputs = _inputs(paths, files_from, null)
    asked = indexing.Asked(index, inputs, settings.options, progress)
    return indexing.build(asked, talk, force=force)


@command.command("update", cls=Command, examples=UPDATE)
@index_argument
@paths_arguments
@setting_flags("text", "selection", "speed", across=False)
@progress_flag
@talk_flags
def update(
    index: str,
    paths: tuple[str, ...],
    files_from: str | None,
    null: bool,
    settings: Settings,
    talk: Talk,
    progress: bool | None,
) -> int:
    """Add the documents in PATHs that INDEX has not, and replace those whose file changed.

    Files that are as they were are not analysed again. What else the index holds stays in it.
    """
    from dedup.cli import indexing

    inputs = _inputs(paths, files_from, null)
    asked = indexing.Asked(index, inputs, settings.options, progress)
    return indexing.update(asked, talk)


@command.command("info", cls=Command, examples=INFO)
@index_argument
@flag(
    "--output-format",
    type=OneOf("text", "json"),
    default="text",
    metavar="FORMAT",
    section=WRITING,
    help="text or json.",
)
@talk_flags
def info(index: str, output_format: str, talk: Talk) -> int:
    """Check INDEX, byte by byte, and say what it holds."""
    from dedup.cli import indexing

    return indexing.info(index, output_format)


def _inputs(paths: tuple[str, ...], files_from: str | None, null: bool) -> Inputs:
    if null and files_from is None:
        raise DedupError("", "-0 is for the list of --files-from")
    return Inputs(paths, files_from, null)
