"""``dedup restore``: a cleaned text and its plan in, the original out."""

from __future__ import annotations

import click

from dedup.batch import single
from dedup.batch.restoring import restore
from dedup.batch.targets import check_paths
from dedup.cli import inputs, streams
from dedup.cli.commands import Command
from dedup.cli.flags import WRITING, flag, talk_flags
from dedup.cli.talk import Talk
from dedup.files import write

EXAMPLES = """
dedup clean a.txt -o out.txt --plan p.jsonl
dedup restore out.txt --plan p.jsonl > a-again.txt
dedup restore out.txt --plan p.jsonl --in-place
"""


@click.command("restore", cls=Command, examples=EXAMPLES)
@click.argument("path", metavar="[FILE]", required=False)
@flag("--plan", metavar="PLAN", required=True, section=WRITING, help="What clean --plan wrote.")
@flag("-o", "--output", metavar="FILE", section=WRITING, help="Write the text here; - is stdout.")
@flag("-i", "--in-place", is_flag=True, section=WRITING, help="Replace the cleaned file.")
@talk_flags
def command(path: str | None, plan: str, output: str | None, in_place: bool, talk: Talk) -> int:
    """Put back what clean removed from FILE, or from standard input.

    The result is the original, byte for byte, or an error.
    """
    inputs.refuse(path, None, output=output, in_place=in_place)
    source = inputs.source(path, None, single.ANY_BYTES)
    output = None if output == "-" else output
    if output is not None:
        check_paths(source, [("-o", output)], taken=[("--plan", plan)])
    data = restore(source, plan)
    if in_place:
        single.replace_input(source, data, None)
    elif output is not None:
        write.write_file(output, data)
    else:
        inputs.refuse_appending(source)
        streams.write(data)
    return 0
