"""Flags that several commands take. Those of ``Options`` are made from its fields, nowhere else."""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import Field
from typing import TYPE_CHECKING, Any, Literal

import click

from dedup import config
from dedup.cli.talk import Talk
from dedup.config.values import KNOBS, from_text, valid
from dedup.errors import DedupError
from dedup.options import BYTES, FILE, PATH, Affects, nearest, needs_corpus, shown_size

WHAT_COUNTS = "What counts"
CLEANUP = "Cleanup, off by default (listed and put back like removals)"
ACROSS = "Across documents"
READING = "Reading"
SELECTING = "Which files (globs as in .gitignore; repeatable)"
GATE = "What fails the check"
WRITING = "Writing"
RUNNING = "Running"
SECTIONS = (WHAT_COUNTS, ACROSS, CLEANUP, READING, SELECTING, GATE, WRITING, RUNNING)

JOINED: dict[tuple[str, ...], tuple[str, str]] = {
    ("exact", "level"): (
        "--exact, --level NAME",
        "Equal letters only; careful, balanced, thorough.",
    ),
    ("scope", "memory"): (
        "--scope corpus, --memory SIZE",
        "Copies across documents too; memory for it.",
    ),
    ("boilerplate", "documents"): (
        "--boilerplate, --documents drop",
        "Remove what many carry; whole near copies.",
    ),
    ("against", "clusters"): (
        "--against PATH, --clusters FILE",
        "Only copies of PATH; list of near copies.",
    ),
    ("encoding", "errors"): (
        "--encoding NAME, --errors MODE",
        "utf-8, auto or another; strict, preserve.",
    ),
    ("cache", "progress"): (
        "--cache DIR, --progress",
        "Remember results; say how far it is.",
    ),
    ("max_redundancy", "max_findings"): (
        "--max-redundancy PCT, --max-findings N",
        "Fail only above such numbers.",
    ),
    ("update_baseline", "baseline_slim"): (
        "--update-baseline, --baseline-slim",
        "Write findings to it; no excerpts.",
    ),
    ("fix_text", "normalize_space"): (
        "--fix-text, --normalize-space",
        "Mend garbled text; drop needless blanks.",
    ),
    ("strip_links", "strip_share_cards"): (
        "--strip-links, --strip-share-cards",
        "Remove lone links; pasted share cards.",
    ),
    ("files_from", "null"): (
        "--files-from FILE, -0",
        "Paths from FILE or -; -0: NUL ends each.",
    ),
    ("exclude", "extend_exclude"): (
        "--exclude, --extend-exclude GLOB",
        "Leave these out; add to the config's list.",
    ),
    ("ignore", "hidden", "follow"): (
        "--no-ignore, --hidden, --follow",
        "Read ignored, hidden, linked files too.",
    ),
    ("config", "isolated"): (
        "--config FILE|KEY=VALUE, --isolated",
        "A config file, or one setting; no file.",
    ),
    ("quiet", "verbose"): (
        "-q, --quiet, -v, --verbose",
        "Say less (-qq: nothing), or more.",
    ),
}
"""Flags that share a line of the help, which has to fit a screen; the manual has them one by one."""

BY_REPORT = "--report FILE.html and the like write reports in other formats"
"""The hint for a format that is none of ``--output-format``."""

COLUMNS = 38
"""How wide the names of flags may be before what they mean goes to the next line."""

OPTIONAL = "[="
"""How a flag is shown whose value is optional."""

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

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """What its value may be; for one that takes a value only behind ``=``, the next argument."""
        if OPTIONAL in self.shown and (source := _first_argument(ctx.command)) is not None:
            return source.shell_complete(ctx, incomplete)
        return super().shell_complete(ctx, incomplete)


def _first_argument(command: click.Command) -> click.Argument | None:
    arguments = (param for param in command.params if isinstance(param, click.Argument))
    return next(arguments, None)


if TYPE_CHECKING:
    from click.shell_completion import CompletionItem as AnyItem

    CompletionItem = AnyItem[str]
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
        if isinstance(KNOBS[self.key].default, tuple):  # given once for each
            return valid(self.key, [value], f"--{self.key}")[0]
        return from_text(self.key, value, f"--{self.key}")

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """The words it may be, if there are only a few."""
        return _beginning(incomplete, KNOBS[self.key].metadata["choices"])


class OneOf(ParamType):
    """One of a few words; a mistyped one is answered with the nearest."""

    def __init__(self, *words: str, otherwise: str = "") -> None:
        """``otherwise``: the hint for what is like none of them."""
        self.words = words
        self.otherwise = otherwise
        self.name = "|".join(words)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """``value`` itself, if it is one of the words."""
        if value in self.words:
            return str(value)
        flag = param.opts[0] if isinstance(param, click.Option) else ""
        what = f"{value!r} is not one of {', '.join(self.words)}"
        raise DedupError(flag, what, nearest(str(value), self.words) or self.otherwise)

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """The words."""
        return _beginning(incomplete, self.words)


class PathName(ParamType):
    """The name of a file or folder, taken as it is."""

    name = "path"

    def __init__(self, kind: Literal["file", "dir"]) -> None:
        self.kind = kind

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Whatever files, or only folders, the shell finds."""
        from click.shell_completion import CompletionItem

        return [CompletionItem(incomplete, type=self.kind)]


def _beginning(incomplete: str, words: Iterable[str]) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    return [CompletionItem(word) for word in words if word.startswith(incomplete)]


_NAMES_FILE = re.compile(r"\b(FILE|PATH|PLAN)\b")
_NAMES_FOLDER = re.compile(r"\b(DIR|FOLDER)\b")


def name_paths(params: Iterable[click.Parameter]) -> None:
    """Let shells complete names of files where the help says FILE or the like, unless there is a type."""
    for param in params:
        shown = param.metavar or ""
        if param.type is not click.STRING:
            continue
        if _NAMES_FILE.search(shown):
            param.type = PathName("file")
        elif _NAMES_FOLDER.search(shown):
            param.type = PathName("dir")


def flag(*names: str, section: str, **about: Any) -> Callable[[Command], Command]:
    """A click option in a section of the help."""
    return click.option(*names, cls=Flag, section=section, **about)


def setting_flags(*affects: Affects, across: bool = True) -> Callable[[Command], Command]:
    """The flags of those ``Options`` that affect one of these, and where else options come from.

    Without ``across`` those are left out that are about several documents.
    The command gets ``settings`` instead, for the folder its paths (or ``stdin_filename``) are in.
    """
    knobs = {
        key: knob
        for key, knob in KNOBS.items()
        if knob.metadata["affects"] in affects and (across or not knob.metadata["across"])
    }

    def add(command: Command) -> Command:
        @functools.wraps(command)
        def settled(**given: Any) -> Any:
            flags = {key: given.pop(knob.name) for key, knob in knobs.items()}
            settings = config.resolve(
                {key: value for key, value in flags.items() if value not in (None, ())},
                folder_of(given),
                config=given.pop("config"),
                isolated=given.pop("isolated"),
                keep_files=given.pop("keep_file", ()),
            )
            refuse_corpus_flags(settings)
            return command(settings=settings, **given)

        made = flag("--isolated", is_flag=True, section=RUNNING, help="Read no config file.")(
            settled
        )
        made = flag(
            "--config",
            multiple=True,
            metavar="FILE|KEY=VALUE",
            section=RUNNING,
            help="Read this file, or set one option.",
        )(made)
        if "result" in affects:
            made = flag(
                "--keep-file",
                multiple=True,
                metavar="FILE",
                section=WHAT_COUNTS,
                help="Paragraphs that say one of its lines stay.",
            )(made)
        for key, knob in reversed(knobs.items()):
            made = _flag_of(key, knob)(made)
        return made

    return add


clusters_flag = flag(
    "--clusters",
    metavar="FILE",
    section=ACROSS,
    help="List near copies of whole documents: .csv, .jsonl.",
)
"""``--clusters``, of what may look at many documents."""


def refuse_corpus_flags(settings: config.Settings) -> None:
    """``DedupError`` for a flag that needs corpus scope in a run over each document on its own."""
    flags = {
        knob.name: key
        for key, knob in KNOBS.items()
        if settings.origins[key] in (f"--{key}", f"--no-{key}")
    }
    if name := needs_corpus(settings.options, flags):
        raise DedupError("", f"--{flags[name]} needs --scope corpus")


def refuse_clusters(settings: config.Settings, path: str | None) -> None:
    """``DedupError`` for ``--clusters`` in a run over each document on its own."""
    if path is not None and settings.options.scope != "corpus":
        raise DedupError("", "--clusters needs --scope corpus")


def folder_of(given: dict[str, Any]) -> str:
    """Where the search for a config file starts: at the texts, or where we are for a pipe.

    For several paths that is the deepest folder above all of them.
    """
    paths = given.get("paths") or [given.get("path") or "-"]
    folders = [_folder(path) for path in paths if path != "-"]
    if len(folders) > 1:
        with suppress(ValueError):  # folders on two drives have nothing above them
            return os.path.commonpath([os.path.abspath(folder) for folder in folders])
    return folders[0] if len(folders) == 1 else os.path.dirname(given.get("stdin_filename") or "")


def _folder(path: str) -> str:
    return str(path) if os.path.isdir(path) else os.path.dirname(path)


def help_rows(flags: Iterable[Flag], ctx: click.Context) -> Iterator[tuple[str, str]]:
    """The rows of a section of the help."""
    named = {str(flag.name): flag for flag in flags}
    while named:
        name = next(iter(named))
        joined = next((names for names in JOINED if names[0] == name), (name,))
        is_whole = len(joined) > 1 and named.keys() >= set(joined)
        record = JOINED[joined] if is_whole else named[name].get_help_record(ctx)
        for one in joined if is_whole else (name,):
            del named[one]
        if record is not None:
            yield record


SECTION_OF = {
    "result": WHAT_COUNTS,
    "text": READING,
    "selection": SELECTING,
    "speed": RUNNING,
    "gate": GATE,
}


def _flag_of(key: str, knob: Field[Any]) -> Callable[[Command], Command]:
    about = knob.metadata
    section = CLEANUP if about["cleans"] else SECTION_OF[about["affects"]]
    section = ACROSS if about["across"] else section
    if isinstance(knob.default, bool):
        # Both forms can be given; the help shows what can change the default.
        shown = f"--{key} / --no-{key}" if knob.default else f"--{key}"
        return flag(
            f"--{key}/--no-{key}", default=None, section=section, shown=shown, help=about["help"]
        )
    is_list = isinstance(knob.default, tuple)
    ending = "" if is_list or knob.default in (None, "") else f" [{_default(knob)}]"
    return flag(
        *filter(None, (about["short"], f"--{key}")),
        type=PathName("file") if about["unit"] in (FILE, PATH) else FromText(key),
        default=None,
        multiple=is_list,
        metavar=about["unit"].upper(),
        section=section,
        help=about["help"] + ending,
    )


def _default(knob: Field[Any]) -> str:
    """The default as the help shows it."""
    default: Any = knob.default
    return shown_size(default) if knob.metadata["unit"] == BYTES else str(default)


color_flag = flag(
    "--color",
    type=OneOf("auto", "always", "never"),
    default="auto",
    metavar="auto|always|never",
    section=RUNNING,
    help="When to use colour. [auto]",
)
"""``--color``, for commands that say nothing else."""


def talk_flags(command: Command) -> Command:
    """``--color``, ``-q`` and ``-v``. The command gets ``talk``, set to them."""

    @functools.wraps(command)
    def talking(color: str, quiet: int, verbose: int, **given: Any) -> Any:
        talk = click.get_current_context().find_object(Talk) or Talk()
        talk.color = color
        talk.level = min(verbose, 2) - min(quiet, 2)
        if "settings" in given:
            talk.doubt(given["settings"].doubtful)
        return command(talk=talk, **given)

    made = flag(
        "-v",
        "--verbose",
        count=True,
        section=RUNNING,
        help="Say more: each finding; of many files, each file.",
    )(talking)
    made = flag(
        "-q", "--quiet", count=True, section=RUNNING, help="Errors only; -qq: exit status only."
    )(made)
    return color_flag(made)


def run_flags(command: Command) -> Command:
    """``--cache`` and ``--progress``, of what may go over many files."""
    help = "Keep results there, for the next run."
    made = flag("--cache", metavar="DIR", section=RUNNING, help=help)
    return made(progress_flag(command))


progress_flag = flag(
    "--progress/--no-progress",
    default=None,
    shown="--progress",
    section=RUNNING,
    help="Say how far it is, in a log too.",
)
"""``--progress``, of what may go over many files."""


def source_arguments(command: Command) -> Command:
    """The path to read, and the name a pipe goes by."""
    return click.argument("path", metavar="[FILE]", required=False)(_stdin_flag(command))


def sources_arguments(command: Command) -> Command:
    """The paths to read, lists of more of them, and the name a pipe goes by."""
    return paths_arguments(_stdin_flag(command))


def paths_arguments(command: Command) -> Command:
    """The paths to read, and lists of more of them."""
    made = flag("-0", "--null", is_flag=True, section=SELECTING, help="NUL ends each path there.")(
        command
    )
    made = flag(
        "--files-from", metavar="FILE", section=SELECTING, help="Read more paths from FILE, or -."
    )(made)
    return click.argument("paths", metavar="[PATH]...", nargs=-1)(made)


def _stdin_flag(command: Command) -> Command:
    return flag(
        "--stdin-filename",
        metavar="NAME",
        section=READING,
        help="What to call standard input.",
    )(command)


def report_flag(
    command: Command, what: str = "Write a report: html, json, md, csv or diff."
) -> Command:
    """``--report``, which can be given again for a second format."""
    return flag(
        "--report",
        "reports",
        multiple=True,
        metavar="[FORMAT:]FILE",
        section=WRITING,
        help=f"{what} Repeatable.",
    )(command)
