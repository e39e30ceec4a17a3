"""Every knob, defined once: default, help, unit and validation. Flags, config keys and docs come from here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import Field, dataclass, fields, replace
from dataclasses import field as dataclass_field
from typing import Any, Literal, cast

from dedup.errors import DedupError

Affects = Literal["result", "text", "selection", "speed", "gate"]
"""What an option can change: what is removed, what text the bytes are, which files are read, none of these,
or what a check is content with. The first go into plans, the first three into reports."""

FIELD = "text"
"""Where a record's text is unless another field is named."""

BYTES = "bytes"
"""The unit of a number that may also be written as a size: ``64MiB``."""

FILE = "file"
"""The unit of a path; in a config file it is relative to that file."""

PATH = "path"
"""The same, where it may also be a folder."""


def option(
    default: Any,
    help: str,
    *,
    unit: str = "",
    choices: tuple[str, ...] = (),
    minimum: float | None = None,
    maximum: float | None = None,
    affects: Affects = "result",
    short: str = "",
    cleans: bool = False,
    across: bool = False,
    is_flag: bool = True,
    per_path: bool = True,
    kind: type | None = None,
) -> Any:
    """A field of ``Options``; ``short`` is the flag's one-letter form, ``cleans``: it asks for cleanup,
    ``across``: it is about several documents.

    One that is no flag (``is_flag``) is no key of a config file either. ``per_path``: whether it may differ from
    document to document, if it decides on what comes of one. ``kind``: the type, if it may also be unset and
    the default is None.
    """
    metadata = {
        "help": help,
        "unit": unit,
        "choices": choices,
        "minimum": minimum,
        "maximum": maximum,
        "affects": affects,
        "short": short,
        "cleans": cleans,
        "across": across,
        "is_flag": is_flag,
        "per_path": is_flag and per_path and not across and affects in ("result", "text"),
        "kind": kind or type(default),
    }
    return dataclass_field(default=default, metadata=metadata)


@dataclass(frozen=True, slots=True)
class Override:
    """Other values for the documents at some paths."""

    include: tuple[str, ...]
    """Globs in gitignore syntax, relative to ``base``."""
    values: tuple[tuple[str, Any], ...]
    """Fields of ``Options`` and what they are there."""
    base: str
    """An absolute path. It is the machine's, so it is in no plan and no report."""


@dataclass(frozen=True, slots=True)
class Options:
    """All settings of a run; a value out of range raises ``DedupError``.

    >>> Options(threshold=0.8).threshold
    0.8
    >>> Options(keep_copy="newest")
    Traceback (most recent call last):
    ...
    dedup.errors.DedupError: keep-copy: 'newest' is not one of fullest, first, last, longest
    """

    scope: str = option(
        "document",
        "Look inside each document, or across a corpus.",
        unit="scope",
        across=True,
        choices=("document", "corpus"),
    )
    threshold: float = option(
        0.6,
        "Smallest score of a run or of a lone passage.",
        unit="0-1",
        minimum=0.0,
        maximum=1.0,
    )
    min_chars: int = option(
        30,
        "Shortest copy, in letters; if equal, a third.",
        unit="n",
        minimum=1,
    )
    exact: bool = option(False, "Remove only copies whose letters are equal.")
    level: str = option(
        "balanced",
        "How sure to be: careful, balanced or thorough.",
        unit="name",
        choices=("careful", "balanced", "thorough"),
    )
    keep_copy: str = option(
        "fullest",
        "Stays: fullest, first, last or longest.",
        unit="copy",
        choices=("fullest", "first", "last", "longest"),
    )
    boilerplate: bool = option(False, "Remove what many documents of a folder carry.", across=True)
    documents: str = option(
        "list",
        "Near copies of whole documents: list or drop.",
        unit="how",
        choices=("list", "drop"),
        across=True,
    )
    against: str = option(
        "", "Find only copies of texts in PATH; those stay.", unit=PATH, across=True
    )
    fix_text: bool = option(False, "Mend mojibake, ligatures, control characters.", cleans=True)
    normalize_space: bool = option(
        False, "Trailing and doubled blanks, rows of blank lines go.", cleans=True
    )
    strip_links: bool = option(False, "Lines that are a bare link or domain go.", cleans=True)
    strip_share_cards: bool = option(
        False, "Title, teaser and link that repeat the head go.", cleans=True
    )
    keep: tuple[str, ...] = option(
        (), "Paragraphs that say one of these stay.", unit="text", is_flag=False
    )
    keep_hash: tuple[str, ...] = option(
        (), "What has one of these content hashes stays.", unit="hash", is_flag=False
    )
    overrides: tuple[Override, ...] = option(
        (), "Other values for some paths; the last that fits wins.", is_flag=False
    )
    encoding: str = option(
        "utf-8", "Encoding of the input; auto guesses.", unit="name", affects="text"
    )
    errors: str = option(
        "strict",
        "Invalid bytes: strict or preserve.",
        unit="mode",
        choices=("strict", "preserve"),
        affects="text",
    )
    max_size: int = option(
        1 << 30,
        "Largest file read, such as 64MiB.",
        unit=BYTES,
        minimum=1,
        affects="text",
        per_path=False,
    )
    field: str = option(FIELD, "Where a record's text is, dotted.", unit="name", affects="text")
    html_input: str = option(
        "in-place",
        "HTML: in-place, extract or text.",
        unit="how",
        choices=("in-place", "extract", "text"),
        affects="text",
    )
    include: tuple[str, ...] = option(
        (),
        "Read these, not all with a text's suffix.",
        unit="glob",
        affects="selection",
    )
    exclude: tuple[str, ...] = option(
        (), "Files and folders to leave out.", unit="glob", affects="selection"
    )
    extend_exclude: tuple[str, ...] = option(
        (), "Leave these out too.", unit="glob", affects="selection"
    )
    force_exclude: bool = option(
        False, "Rules also drop what was named directly.", affects="selection"
    )
    ignore: bool = option(True, "Obey .gitignore, .ignore and .dedupignore.", affects="selection")
    hidden: bool = option(False, "Read hidden files and folders too.", affects="selection")
    follow: bool = option(False, "Follow symbolic links in folders.", affects="selection")
    memory: int = option(
        1 << 30,
        "Memory to use before the disk is, such as 512MiB.",
        unit=BYTES,
        across=True,
        minimum=1 << 20,
        affects="speed",
    )
    jobs: int = option(
        0,
        "Worker processes; 0: one per core.",
        unit="n",
        minimum=0,
        affects="speed",
        short="-j",
    )

    def __post_init__(self) -> None:
        for knob in fields(self):
            value = getattr(self, knob.name)
            validate(knob, value)
            if isinstance(knob.default, float):
                object.__setattr__(self, knob.name, float(value))


@dataclass(frozen=True, slots=True)
class Gates:
    """What a check lets pass: settings that change neither a text nor what is found in it."""

    max_redundancy: float | None = option(
        None,
        "Fail only above this share of repeated text, in %.",
        unit="pct",
        minimum=0.0,
        maximum=100.0,
        affects="gate",
        kind=float,
    )
    max_findings: int | None = option(
        None, "Fail only above N findings.", unit="n", minimum=0, affects="gate", kind=int
    )
    baseline: str = option("", "Ignore the findings listed in FILE.", unit=FILE, affects="gate")

    def __post_init__(self) -> None:
        for knob in fields(self):
            validate(knob, getattr(self, knob.name))


def cleans_up(options: Options) -> bool:
    """Whether any cleanup is asked for."""
    return any(getattr(options, name) for name in _CLEANING)


_CLEANING = tuple(knob.name for knob in fields(Options) if knob.metadata["cleans"])


def key_of(knob: Field[Any]) -> str:
    """The option's name in config files and, behind ``--``, on the command line."""
    return knob.name.replace("_", "-")


def validate(knob: Field[Any], value: object) -> None:
    """Raise ``DedupError`` unless ``value`` fits the option's type, choices and bounds."""
    key, about = key_of(knob), knob.metadata
    expected = about["kind"]
    if value is None and knob.default is None:
        return
    fits = isinstance(value, expected) or (expected is float and isinstance(value, int))
    if not fits or (isinstance(value, bool) and expected is not bool):
        raise DedupError(key, f"{value!r} is not a {_TYPE_NAMES[expected]}")
    if isinstance(value, tuple):
        _validate_list(key, value)
        return
    if about["choices"] and value not in about["choices"]:
        hint = nearest(str(value), about["choices"])
        raise DedupError(key, f"{value!r} is not one of {', '.join(about['choices'])}", hint)
    if isinstance(value, str):
        return
    number = cast(float, value)
    low, high = about["minimum"], about["maximum"]
    if not (low is None or number >= low) or not (high is None or number <= high):
        bounds = f"from {low:g} to {high:g}" if high is not None else f"at least {low:g}"
        is_percent = high == 1 and 1 < number <= 100
        hint = f"{number:g} % is {number / 100:g}" if is_percent else ""
        raise DedupError(key, f"{value!r} is out of range: it must be {bounds}", hint)


def _validate_list(key: str, value: tuple[Any, ...]) -> None:
    if key == "overrides":
        _check_overrides(value)
    elif not all(isinstance(each, str) and each for each in value):
        raise DedupError(key, "holds something other than a string, or an empty one")
    for each in value if key in _KEPT else ():
        _KEPT[key](each, key)


def _check_overrides(overrides: tuple[Any, ...]) -> None:
    knobs = {knob.name: knob for knob in fields(Options) if knob.metadata["per_path"]}
    for each in overrides:
        if not isinstance(each, Override):
            raise DedupError("overrides", "holds something other than an Override")
        for name, value in each.values:
            if name not in knobs:
                hint = nearest(name, tuple(knobs))
                raise DedupError(f"overrides: {name}", "cannot differ from path to path", hint)
            validate(knobs[name], value)


def check_kept_text(text: str, where: str) -> None:
    """Raise ``DedupError`` at ``where`` unless ``text`` has something that texts are compared by."""
    if not any(map(str.isalnum, text)):
        raise DedupError(where, f"{text!r} has no letter or digit, and nothing else is compared")


def check_kept_hash(text: str, where: str) -> None:
    """Raise ``DedupError`` at ``where`` unless ``text`` is written like a content hash."""
    if not re.fullmatch(r"[0-9a-f]{16}", text):
        raise DedupError(where, f"{text!r} is no content hash: 16 digits from 0 to 9 and a to f")


_KEPT = {"keep": check_kept_text, "keep-hash": check_kept_hash}

_TYPE_NAMES = {
    float: "number",
    int: "whole number",
    bool: "truth value (true or false)",
    str: "string",
    tuple: "list of strings",
}


def nearest(word: str, known: tuple[str, ...], least: float = 0.6) -> str:
    """The hint for a mistyped name: ``did you mean threshold?``, or nothing close enough: empty.

    ``least``: share of letters that both have in common, in their order (difflib's ratio).

    >>> nearest("--treshold", ("--threshold", "--exclude")), nearest("--out", ("--output", "--no-output"))
    ('did you mean --threshold?', 'did you mean --output?')
    >>> nearest("--recursive", ("--exclude",))
    ''
    """
    import difflib

    plain = word.lstrip("-")  # dashes are no likeness
    names = {name.lstrip("-"): name for name in reversed(known)}
    begun = [name for name in names if len(plain) > 1 and name.startswith(plain)]
    close = difflib.get_close_matches(plain, begun or names, n=1, cutoff=0.0 if begun else least)
    return f"did you mean {names[close[0]]}?" if close else ""


def size_of(text: str, where: str) -> int:
    """The number of bytes ``text`` spells; ``DedupError`` at ``where`` if it is no size.

    >>> size_of("64MiB", ""), size_of("1.5 kB", ""), size_of("4096", "")
    (67108864, 1500, 4096)
    """
    match = re.fullmatch(r"(\d+(?:\.\d+)?) ?(?:([kmgt])(i?)b?|b)?", text.strip().lower(), re.ASCII)
    if match is None:
        raise DedupError(where, f"{text!r} is not a size", "write bytes, or for example 64MiB")
    power = " kmgt".index(match[2] or " ")
    return int(float(match[1]) * (1024 if match[3] else 1000) ** power)


def shown_size(size: int) -> str:
    """A number of bytes in the largest unit that divides it.

    >>> shown_size(1 << 30), shown_size(3 << 19), shown_size(1000)
    ('1GiB', '1536KiB', '1000')
    """
    for unit, bits in (("GiB", 30), ("MiB", 20), ("KiB", 10)):
        if size and size % (1 << bits) == 0:
            return f"{size >> bits}{unit}"
    return str(size)


def with_values(options: Options, values: Mapping[str, Any]) -> Options:
    """``options`` with the named values in place; an unknown name is a ``DedupError``.

    >>> with_values(Options(), {"treshold": 0.9})
    Traceback (most recent call last):
    ...
    dedup.errors.DedupError: treshold: unknown option
    """
    names = tuple(knob.name for knob in fields(options))
    for name in values:
        if name not in names:
            raise DedupError(name, "unknown option", nearest(name, names))
    return Options(**{name: getattr(options, name) for name in names} | dict(values))


def needs_corpus(options: Options, given: Iterable[str]) -> str:
    """The first of the ``given`` fields that says nothing, as documents are not compared with each other.

    Empty if there is none. ``given`` are those that somebody set for this very run.
    """
    if options.scope == "corpus":
        return ""
    idle = [name for name in given if name in _CORPUS_ONLY]
    return next((name for name in idle if name != "memory" or not options.against), "")


_CORPUS_ONLY = ("boilerplate", "documents", "memory")
"""Fields of what says something only where documents are compared with each other."""


def recorded(options: Options, *affects: Affects) -> dict[str, Any]:
    """The options that affect one of these, by config key, as plain values; no word of overrides if there are none."""
    values = {
        key_of(knob): _plain(getattr(options, knob.name))
        for knob in fields(options)
        if knob.metadata["affects"] in affects
    }
    if not options.overrides:
        values.pop("overrides", None)
    return values


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [*map(_plain, value)]
    if isinstance(value, Override):
        values = {name.replace("_", "-"): each for name, each in value.values}
        return {"include": [*value.include], **values}
    return value


def alone(options: Options) -> Options:
    """What of the options decides about a document before it is compared with others."""
    defaults: dict[str, Any] = {
        knob.name: knob.default
        for knob in fields(options)
        if knob.metadata["across"] and knob.metadata["affects"] == "result"
    }
    return replace(options, **defaults)


def deciding(options: Options) -> dict[str, Any]:
    """The options that can change what is removed, by config key, for the plan's header."""
    return recorded(options, "result")
