"""Flags that several commands take. Those of ``Options`` are made from its fields, nowhere else."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from dataclasses import Field
from typing import TYPE_CHECKING, Any

import click

from dedup import config
from dedup.cli.talk import Talk
from dedup.config.values import KNOBS, from_text
from dedup.errors import DedupError
from dedup.options import nearest

WHAT_COUNTS = "What counts"
READING = "Reading"
WRITING = "Writing"
RUNNING = "Running"
SECTIONS = (WHAT_COUNTS, READING, WRITING, RUNNING)

Command = Callable[..., Any]


class Flag(click.Option):
    """A flag that knows the section of the help it stands in, and may be ``shown`` in its own way."""

    def __init__(self, *args: Any, section: str, shown: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.section = section
        self.shown = shown

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """The two columns of the help."""
        record = super().get_help_record(ctx)
        return record and (self.shown or record[0], record[1])


if TYPE_CHECKING:
    ParamType = click.ParamType[Any]
else:  # not generic in older releases of click
    ParamType = click.ParamType


class FromText(ParamType):
    """The value of one option, validated as everywhere else."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.name = key

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The value ``value`` spells; a ``DedupError`` that names the flag if there is none."""
        if not isinstance(value, str):
            return value
        return from_text(self.key, value, f"--{self.key}")


class OneOf(ParamType):
    """One of a few words; a mistyped one is answered with the nearest."""

    def __init__(self, *words: str) -> None:
        self.words = words
        self.name = "|".join(words)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """``value`` itself, if it is one of the words."""
        if value in self.words:
            return str(value)
        flag = param.opts[0] if param is not None else ""
        what = f"{value!r} is not one of {', '.join(self.words)}"
        raise DedupError(flag, what, nearest(str(value), self.words))


def flag(*names: str, section: str, **about: Any) -> Callable[[Command], Command]:
    """A click option in a section of the help."""
    return click.option(*names, cls=Flag, section=section, **about)


def setting_flags(command: Command) -> Command:
    """All flags of ``Options``, and where else they come from.

    The command gets ``settings`` instead, for the folder its ``path`` (or ``stdin_filename``) is in.
    """

    @functools.wraps(command)
    def settled(**given: Any) -> Any:
        flags = {key: given.pop(knob.name) for key, knob in KNOBS.items()}
        settings = config.resolve(
            {key: value for key, value in flags.items() if value is not None},
            folder_of(given),
            config=given.pop("config"),
            isolated=given.pop("isolated"),
        )
        return command(settings=settings, **given)

    made = flag("--isolated", is_flag=True, section=RUNNING, help="Read no config file.")(settled)
    made = flag(
        "--config",
        multiple=True,
        metavar="FILE|KEY=VALUE",
        section=RUNNING,
        help="Read this config file, or set one option. Repeatable.",
    )(made)
    for key, knob in reversed(KNOBS.items()):
        made = _flag_of(key, knob)(made)
    return made


def folder_of(given: dict[str, Any]) -> str:
    """Where the search for a config file starts: at the text, or where we are for a pipe."""
    path = given.get("path")
    if path and path != "-":
        return str(path) if os.path.isdir(path) else os.path.dirname(path)
    return os.path.dirname(given.get("stdin_filename") or "")


def _flag_of(key: str, knob: Field[Any]) -> Callable[[Command], Command]:
    about = knob.metadata
    section = WHAT_COUNTS if about["decides"] else READING
    if isinstance(knob.default, bool):
        names, default = f"--{key}/--no-{key}", f"--{key}" if knob.default else f"--no-{key}"
        return flag(names, default=None, section=section, help=f"{about['help']} [{default}]")
    return flag(
        f"--{key}",
        type=FromText(key),
        default=None,
        metavar="|".join(about["choices"]) or about["unit"].upper() or "VALUE",
        section=section,
        help=f"{about['help']} [{knob.default}]",
    )


def talk_flags(command: Command) -> Command:
    """``--color``, ``-q`` and ``-v``. The command gets ``talk``, set to them."""

    @functools.wraps(command)
    def talking(color: str, quiet: int, verbose: int, **given: Any) -> Any:
        talk = click.get_current_context().find_object(Talk) or Talk()
        talk.color = color
        talk.level = min(verbose, 1) - min(quiet, 2)
        return command(talk=talk, **given)

    made = flag("-v", "--verbose", count=True, section=RUNNING, help="Say more: each finding.")(
        talking
    )
    made = flag(
        "-q", "--quiet", count=True, section=RUNNING, help="Errors only; -qq: exit status only."
    )(made)
    return flag(
        "--color",
        type=OneOf("auto", "always", "never"),
        default="auto",
        metavar="auto|always|never",
        section=RUNNING,
        help="When to use colour. [auto]",
    )(made)


def source_arguments(command: Command) -> Command:
    """The path to read, and the name a pipe goes by."""
    made = flag(
        "--stdin-filename",
        metavar="NAME",
        section=READING,
        help="What to call standard input, and whose config file to use.",
    )(command)
    return click.argument("path", metavar="[FILE]", required=False)(made)


def report_flag(command: Command) -> Command:
    """``--report``, which can be given again for a second format."""
    return flag(
        "--report",
        "reports",
        multiple=True,
        metavar="[FORMAT:]FILE",
        section=WRITING,
        help="Write a report: json or md, by suffix or FORMAT. Repeatable.",
    )(command)
