"""What a run is told to read and what it then reads: rules, selection, reasons, names."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dedup.errors import DedupError
from dedup.files.formats import KINDS as KINDS_BY_SUFFIX
from dedup.files.formats import NAMED, PACKED
from dedup.files.ignores import KINDS
from dedup.options import FIELD

SUFFIXES = (".txt", *(suffix for suffix, kind in KINDS_BY_SUFFIX.items() if kind not in NAMED))
DEFAULT_INCLUDE = tuple(f"*{suffix}{packed}" for suffix in SUFFIXES for packed in ("", *PACKED))
"""What a folder's texts are called, compressed or not."""

OWN_PREFIX = ".dedup-"
"""Begins the names of temporary files and manifests; such a file is never a document."""

BASELINE_HEAD = b"# dedup baseline "
"""How a baseline begins, before the version of its format; it quotes texts and is none."""

HEAD = 8192
"""Bytes at the start of a file in which a NUL makes it binary; git and ripgrep look as far."""

MARKS = (b"\xff\xfe", b"\xfe\xff", b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")
"""Byte order marks of UTF-16 and UTF-32, whose texts are full of NULs."""

BY_RULE = {origin: f"by {origin}" for origin in KINDS}
BY_SUFFIX, BY_INCLUDE = "by suffix", "by --include"
HIDDEN, LINK, SPECIAL = "hidden", "behind links", "no regular files"
TOO_LARGE, BACKUP, OWN = "over --max-size", "kept as backups", "written by dedup"
REPEATED, BINARY, NO_FIELD = "read already", "binary", f"without a field {FIELD!r}"
REASONS = (
    *BY_RULE.values(), BY_SUFFIX, BY_INCLUDE, HIDDEN, LINK, SPECIAL, TOO_LARGE, BACKUP, OWN,
    REPEATED, BINARY, NO_FIELD,
)  # fmt: skip
"""Why something was skipped, in the order in which it is told. The reader adds ``BINARY`` and ``NO_FIELD``."""


@dataclass(frozen=True, slots=True)
class Found:
    """A file to read."""

    path: str
    """How to open it."""
    name: str
    """The document's name: relative to the argument that led to it, with ``/``."""
    size: int
    """Bytes, as listed; 0 for a pipe or device that was named."""
    explicit: bool
    """Named on the command line or in a list, not found by walking."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What a run reads and what it leaves out; the same whatever order a file system lists."""

    files: tuple[Found, ...]
    """In the order of the names' bytes, then of the paths'."""
    skipped: Mapping[str, int]
    """How many entries were left out for each of ``REASONS`` that occurred. A folder counts once,
    whatever is in it."""
    problems: tuple[tuple[str, str], ...] = ()
    """Paths of folders, entries and rule files that could not be read, with the reason."""
    outside: tuple[str, ...] = ()
    """Listed entries, as given, that name a place outside the working folder: absolute, ``../``."""
    other: str = ""
    """A glob for the most frequent kind of file among those skipped by suffix or ``--include``."""
    is_spared: bool = False
    """Whether only files were named and each was dropped, as ``force_exclude`` wants it: then that
    there is nothing to read is no mistake."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What is left out; globs are in gitignore syntax, relative to the working folder."""

    include: tuple[str, ...] = ()
    """Empty: ``DEFAULT_INCLUDE``."""
    exclude: tuple[str, ...] = ()
    extend_exclude: tuple[str, ...] = ()
    force_exclude: bool = False
    """Whether exclude globs and ignore files also drop what was named."""
    ignore: bool = True
    """Whether ignore files are obeyed."""
    hidden: bool = False
    follow: bool = False
    max_size: int = 1 << 30
    """Bytes."""
    own: tuple[str, ...] = ()
    """Paths never read when walking: output folder, reports, plan, the file behind stdout."""
    backup_suffix: str = ".orig"


def read_list(data: bytes, *, null: bool) -> list[str]:
    """The entries of a list of files: one a line (LF or CRLF), or with a NUL after each."""
    if null:
        entries = data.split(b"\0")
    else:
        entries = [line.removesuffix(b"\r") for line in data.split(b"\n")]
    return [os.fsdecode(entry) for entry in entries if entry]


def listed_name(path: str) -> tuple[str, bool]:
    """The document's name for a listed path, and whether the path leads outside.

    >>> listed_name("./articles//a.txt"), listed_name("../a/b.txt"), listed_name("/etc/motd")
    (('articles/a.txt', False), ('a/b.txt', True), ('etc/motd', True))
    """
    drive, rest = os.path.splitdrive(path)
    rest = rest.replace(os.sep, "/")
    name = posixpath.normpath(rest.lstrip("/"))
    leads_out = bool(drive) or rest.startswith("/")
    while name == ".." or name.startswith("../"):
        name = name[3:]
        leads_out = True
    return "" if name == "." else name, leads_out


def is_binary(head: bytes) -> bool:
    """Whether a file that begins with ``head`` is no text: a NUL, and no mark to explain it."""
    return b"\0" in head[:HEAD] and not head.startswith(MARKS)


def nothing_selected(paths: Sequence[str], selection: Selection) -> DedupError:
    """That there is nothing to do, why each candidate was skipped, and which flag would help."""
    shown = [os.path.join(path, "") if os.path.isdir(path) else path for path in paths[:3]]
    where = f" in {', '.join(shown)}" if shown else ""
    if len(paths) > len(shown):
        where += f" and {len(paths) - len(shown)} more"
    skipped = selection.skipped
    reasons = ", ".join(f"{count} {reason}" for reason, count in skipped.items())
    counts = f" ({sum(skipped.values())} skipped: {reasons})" if skipped else ""
    flags = {
        "--no-ignore": [BY_RULE[origin] for origin in KINDS[1:]],
        f"--include '{selection.other}'": [BY_SUFFIX, BY_INCLUDE],
        "--hidden": [HIDDEN],
        "--follow": [LINK],
        "--max-size": [TOO_LARGE],
        "--field NAME": [NO_FIELD],
    }
    helpful = [flag for flag, answers in flags.items() if any(one in skipped for one in answers)]
    return DedupError("", f"no text files selected{where}{counts}", " or ".join(helpful))
