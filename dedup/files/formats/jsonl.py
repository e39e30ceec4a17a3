"""JSON Lines: each line an object, of which one string is a document."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, islice
from json.encoder import encode_basestring, encode_basestring_ascii
from typing import Any, BinaryIO

from dedup.files.containers import ByteSink, Container, Piece, Sink
from dedup.files.formats import Kind, literals
from dedup.files.formats.lines import Coding, Lines
from dedup.files.views import RawEdit
from dedup.model import Edit, Marker, Span
from dedup.options import Options

MAX_DEPTH = 400
"""How deep values may be nested. Python's own bound depends on how deep our calls happen to be."""

BLANK = " \t\r\n"
"""White space of JSON."""

MAX_FIELDS = 100
"""Fields of a record among which those that are meant are looked for when one is not there."""

MAX_NAMES = 8
"""Fields that are named then."""

MAX_NAME = 40
"""Characters shown of a field's name."""

ESCAPES = re.compile(r"\\u[dD][89abAB]..\\u[dD][c-fC-F]..|\\u....|\\.")
"""What stands for one character of a valid string; a surrogate pair is one."""

NOT_ASCII = re.compile(r"(?<!\\)(?:\\\\)*+\\u(?!00[0-7])")
"""An escape of a character that is not ASCII, from the first of the backslashes in front of it."""

# A whole string, closed or not: the parts cannot match the same twice, so this is linear.
STRING_OR_OTHER = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[^"\[\]{}]++', re.DOTALL)
STEPS = {"[": 1, "{": 1, "]": -1, "}": -1}

# Digits are not limited this way; the numbers themselves are never looked at.
DECODER = json.JSONDecoder(parse_int=float)


def container(file: BinaryIO, name: str, options: Options, kind: Kind) -> Container:
    """The records of a file, whose lines are read one by one."""
    return JsonLines(file, name, options)


@dataclass(frozen=True, slots=True)
class JsonLines:
    """A stream of bytes that is a file of JSON Lines, and what is looked at in it."""

    file: BinaryIO
    name: str
    options: Options

    def pieces(self) -> Iterator[Piece]:
        """The mark if there is one, then each line; ``DedupError`` if the file cannot be read."""
        lines = Lines(self.file, self.name, self.options, cr=False)
        if lines.mark:
            yield Piece(lines.mark, line=1)
        number = 0
        for place, data in enumerate(lines, 1):
            raw, problem = lines.coding.read(data, "line")
            if not problem and not raw.strip(BLANK):
                yield Piece(data, line=place)
                continue
            number += 1
            yield self._record(data, raw, problem, lines.coding, number, place)

    def _record(
        self, data: bytes, raw: str, problem: str, coding: Coding, number: int, line: int
    ) -> Piece:
        try:
            if problem:
                raise BadRecord(problem)
            text = string_at(parsed(raw), self.options.field)
        except BadRecord as bad:
            is_without = isinstance(bad, NoField)
            return Piece(data, number, line, problem=str(bad), has_no_field=is_without)
        view = JsonString(raw, text, self.options.field, coding)
        source = coding.source(f"{self.name}#{number}", data, view)
        return Piece(data, number, line, source)

    def sink(self, target: BinaryIO) -> Sink:
        """Writes the bytes of the lines to ``target``."""
        return ByteSink(target)


class BadRecord(ValueError):
    """Why a line is no record with a text."""


class NoField(BadRecord):
    """The record lacks the field where its text should be."""


def parsed(raw: str) -> Any:
    """What the JSON in ``raw`` says, numbers aside; ``BadRecord`` if it cannot be read."""
    # Counting is quick; only what could be nested too deep is looked at bracket by bracket.
    if raw.count("[") + raw.count("{") > MAX_DEPTH and depth(raw) > MAX_DEPTH:
        raise BadRecord(f"is nested deeper than {MAX_DEPTH} levels")
    try:
        return DECODER.decode(raw.rstrip(BLANK))
    except json.JSONDecodeError as problem:
        message = (problem.msg[:1].lower() + problem.msg[1:]).removesuffix(" at")
        raise BadRecord(f"is not valid JSON: {message} at column {problem.pos + 1}") from None
    except RecursionError:
        raise BadRecord("is nested too deep") from None


def depth(raw: str) -> int:
    """How many brackets are open at a time, strings aside."""
    brackets = STRING_OR_OTHER.sub("", raw)
    return max(accumulate(map(STEPS.__getitem__, brackets)), default=0)


def string_at(record: Any, field: str) -> str:
    """The string ``field`` names: a key as it stands, or keys and indices with dots between them."""
    if not isinstance(record, dict):
        raise BadRecord(f"is {_kind(record)}, not an object")
    value = record
    above = ""
    for step in _steps(record, field):
        if isinstance(value, dict) and step in value:
            value = value[step]
        elif isinstance(value, list) and _is_index(step) and int(step) < len(value):
            value = value[int(step)]
        else:
            names = islice(value, MAX_FIELDS) if isinstance(value, dict) else ()
            raise NoField(_without(field, above, tuple(name[:MAX_NAME] for name in names)))
        above += f"{step}."
    if not isinstance(value, str):
        raise BadRecord(f"field {field!r} is {_kind(value)}, not a string")
    return value


@lru_cache(maxsize=64)  # millions of records may lack it, most of them alike
def _without(field: str, above: str, names: tuple[str, ...]) -> str:
    """What to say of a record without the field: which ones it has there, the nearest first."""
    from difflib import SequenceMatcher

    def unlikeness(name: str) -> float:
        return -SequenceMatcher(None, field, above + name).ratio()

    known = [above + name for name in sorted(names, key=unlikeness)]
    more = ", ..." if len(known) > MAX_NAMES else ""
    only = f", only {', '.join(known[:MAX_NAMES])}{more}" if known else ""
    return f"has no field {field!r}{only}"


def _steps(record: Any, field: str) -> list[str]:
    return [field] if field in record else field.split(".")


def _is_index(step: str) -> bool:
    return step.isascii() and step.isdigit() and len(step) < 16


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    names = {bool: "a truth value", float: "a number", str: "a string", list: "a list"}
    return names.get(type(value), "an object")


@dataclass(frozen=True, slots=True)
class JsonString:
    """A line of JSON of which one string is looked at. Where that stands is found when it is edited."""

    raw: str
    text: str
    field: str
    coding: Coding

    @property
    def lines(self) -> tuple[int, ...]:
        """The text's own: a record is one line of the file."""
        return ()

    @property
    def markers(self) -> tuple[Marker, ...]:
        """None: a record has no comments."""
        return ()

    def again(self, raw: str) -> JsonString:
        """The same field of another line."""
        return JsonString(raw, string_at(parsed(raw), self.field), self.field, self.coding)

    def refused(self, edits: Sequence[Edit]) -> list[Span]:
        """Spans that hold two halves of a character apart."""
        return literals.refused(self, self.coding, edits)

    def raw_edits(self, edits: Sequence[Edit]) -> list[RawEdit]:
        """The edits in the line: what stays of the string keeps its escapes."""
        inside = place_of(self.raw, self.field)
        old = inside.cut(self.raw) if any(edit.inserted for edit in edits) else ""
        is_escaped = old.isascii() and NOT_ASCII.search(old) is not None
        return literals.raw_edits(
            self.raw, inside, ESCAPES, edits, lambda text: self._written(text, is_escaped)
        )

    def _written(self, text: str, is_escaped: bool) -> str:
        """New text, as it is where the string has more than ASCII or nothing but that, else escaped."""
        quoted = encode_basestring(text)
        if is_escaped or self.coding.written(quoted) is None:
            quoted = encode_basestring_ascii(text)
        return quoted[1:-1]


def place_of(raw: str, field: str) -> Span:
    """Where in a valid line the string that ``field`` names stands, without its quotes."""
    at = _skip(raw, 0)
    members = _members(raw, at)
    steps = [field] if field in members else field.split(".")
    for step in steps:
        at = _members(raw, at)[step] if raw[at] == "{" else _elements(raw, at)[int(step)]
    return Span(at + 1, DECODER.raw_decode(raw, at)[1] - 1)


def _members(raw: str, at: int) -> dict[str, int]:
    """Where the value of each key of the object at ``at`` begins: of equal keys, of the last."""
    found = {}
    at = _skip(raw, at + 1)
    while raw[at] != "}":
        key, at = DECODER.raw_decode(raw, at)
        at = _skip(raw, _skip(raw, at) + 1)  # the colon
        found[key] = at
        at = _next(raw, at)
    return found


def _elements(raw: str, at: int) -> list[int]:
    """Where each element of the list at ``at`` begins."""
    found = []
    at = _skip(raw, at + 1)
    while raw[at] != "]":
        found.append(at)
        at = _next(raw, at)
    return found


def _next(raw: str, at: int) -> int:
    """Where, behind the value at ``at``, the next member or the end begins."""
    at = _skip(raw, DECODER.raw_decode(raw, at)[1])
    return _skip(raw, at + 1) if raw[at] == "," else at


WHITE = re.compile(f"[{BLANK}]*")


def _skip(raw: str, at: int) -> int:
    """The first place from ``at`` on that is not white space."""
    found = WHITE.match(raw, at)
    assert found is not None
    return found.end()
