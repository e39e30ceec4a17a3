"""Records that others wrote: JSON Lines read with suspicion, every complaint with its line."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator
from typing import Any, NamedTuple, NoReturn, cast, get_args

from dedup.errors import DedupError
from dedup.files.decode import codec_name
from dedup.files.fingerprints import DIGEST_BYTES, Fingerprint
from dedup.model import Kind, Passage, Span

MAX_NUMBER = 1 << 53
"""Larger whole numbers are not exact in every JSON reader; no size or place comes near."""

MAX_EXPANDED = 1 << 30
"""Characters that one document's counted units may expand to: forged counts must not fill memory."""

CONFLICT_MARKERS = (b"<<<<<<<", b"=======", b">>>>>>>", b"|||||||")
KINDS: tuple[Kind, ...] = get_args(Kind)


class Record:
    """One JSON object. Each value is asked for by name and type; ``finish`` refuses leftovers."""

    def __init__(self, values: dict[str, Any], where: str) -> None:
        self.values = values
        self.where = where
        """File and line, for messages."""
        self._asked: set[str] = set()

    def wrong(self, what: str, hint: str = "") -> DedupError:
        """The error to raise for this record."""
        return DedupError(self.where, what, hint)

    def finish(self) -> None:
        """Refuse values that nobody asked for: they would mean something we do not honour."""
        unknown = sorted(self.values.keys() - self._asked)
        if unknown:
            raise self.wrong(f"unknown field {unknown[0]!r}")

    def _get(self, key: str, kind: type, called: str) -> Any:
        self._asked.add(key)
        if key not in self.values:
            raise self.wrong(f"{key!r} is missing")
        value = self.values[key]
        if type(value) is not kind:  # exactly: true is not the number 1
            raise self.wrong(f"{key!r} is not {called}")
        return value

    def text(self, key: str) -> str:
        """A string."""
        return cast(str, self._get(key, str, "a string"))

    def whole(self, key: str) -> int:
        """A number from 0 to 2^53."""
        value = cast(int, self._get(key, int, "a whole number"))
        if not 0 <= value <= MAX_NUMBER:
            raise self.wrong(f"{key!r} is out of range")
        return value

    def share(self, key: str) -> float:
        """A number from 0 to 1."""
        kind = int if type(self.values.get(key)) is int else float
        value = self._get(key, kind, "a number")
        if not 0 <= value <= 1:  # before it is made a float, which a huge number cannot be
            raise self.wrong(f"{key!r} is not from 0 to 1")
        return float(value)

    def choice(self, key: str, known: tuple[str, ...]) -> str:
        """One of the ``known`` strings."""
        value = self.text(key)
        if value not in known:
            raise self.wrong(f"{key!r} is none of {', '.join(map(repr, known))}")
        return value

    def kind(self, key: str) -> Kind:
        """How a removal relates to its twins."""
        return cast(Kind, self.choice(key, KINDS))

    def codec(self, key: str) -> str:
        """The name of a text encoding."""
        try:
            return codec_name(self.text(key))
        except DedupError as problem:
            raise self.wrong(problem.what) from None

    def hexadecimal(self, key: str, max_bytes: int) -> bytes:
        """Bytes written as lower-case hexadecimal digits."""
        value = self.text(key)
        try:
            data = bytes.fromhex(value)
        except ValueError:
            data = None
        if data is None or data.hex() != value or len(data) > max_bytes:
            raise self.wrong(f"{key!r} is not hexadecimal")
        return data

    def fingerprint(self) -> Fingerprint:
        """Size and digest, from the fields ``bytes`` and ``blake2b``."""
        size, digest = self.whole("bytes"), self.hexadecimal("blake2b", max_bytes=DIGEST_BYTES)
        if len(digest) != DIGEST_BYTES:
            raise self.wrong("the digest is too short")
        return Fingerprint(size, digest.hex())

    def span(self, key: str, start: int, end: int) -> Span:
        """A range that is not empty and lies between ``start`` and ``end``."""
        return self._span(self._get(key, list, "a list"), key, start, end)

    def passages(self, key: str, document: str, end: int) -> Iterator[Passage]:
        """Ranges of ``document`` up to ``end``, or with a name behind them of another one."""
        for entry in self.entries(key):
            named = type(entry) is list and len(entry) == 3 and type(entry[2]) is str
            where = entry[2] if named else document
            limit = MAX_NUMBER if named else end
            yield Passage(where, self._span(entry[:2] if named else entry, key, 0, limit))

    def _span(self, value: object, key: str, start: int, end: int) -> Span:
        if type(value) is not list or [type(part) for part in value] != [int, int]:
            raise self.wrong(f"{key!r} is not a pair of whole numbers")
        if not start <= value[0] < value[1] <= end:
            raise self.wrong(f"{key!r} overlaps, or is not a range of the text")
        return Span(value[0], value[1])

    def inner(self, key: str) -> Record:
        """An object inside this one."""
        return Record(self._get(key, dict, "an object"), self.where)

    def entries(self, key: str) -> list[Any]:
        """The values of a list, whatever they are."""
        return cast(list[Any], self._get(key, list, "a list"))

    def inners(self, key: str) -> Iterator[Record]:
        """The objects of a list."""
        for entry in self.entries(key):
            if type(entry) is not dict:
                raise self.wrong(f"{key!r} is not a list of objects")
            yield Record(entry, self.where)

    def settings(self) -> dict[str, Any]:
        """All values; each must be one of an option: plain, a list of strings, or overrides, which hold these."""
        for key, value in self.values.items():
            if not _is_setting(value) and not _are_overrides(value):
                raise self.wrong(f"{key!r} is not a value of an option")
        return self.values


def _is_setting(value: object) -> bool:
    """Whether it is a string, a truth value, a finite number or a list of strings."""
    if type(value) is float:
        return math.isfinite(value)
    if type(value) is list:
        return {str}.issuperset(map(type, value))
    return type(value) in (str, bool, int)


def _are_overrides(value: object) -> bool:
    return type(value) is list and all(
        type(each) is dict and all(map(_is_setting, each.values())) for each in value
    )


class Line(NamedTuple):
    """A line of a JSON Lines file that is not parsed yet."""

    data: bytes
    where: str
    """File and line number, for messages."""

    @property
    def record(self) -> Record:
        """What the line holds; ``DedupError`` if it is no JSON object."""
        return record(self.data, self.where)


def lines_of(data: bytes, name: str) -> Iterator[Line]:
    """The lines of a JSON Lines file, at least one; each must be complete."""
    lines = data.split(b"\n")
    if lines.pop():
        raise DedupError(f"{name}:{len(lines) + 1}", "the file is cut off in this line")
    if not lines:
        raise DedupError(f"{name}:1", "the file is empty")
    for number, line in enumerate(lines, 1):
        yield Line(line, f"{name}:{number}")


def record(line: bytes, where: str) -> Record:
    """The record of one line, without its newline; ``where`` names file and line."""
    if line.startswith(CONFLICT_MARKERS):
        raise DedupError(where, "a merge conflict marker", "resolve the conflict first")
    try:
        value = json.loads(
            line.decode("utf-8"), parse_constant=_refuse_constant, object_pairs_hook=_unique
        )
    except RecursionError:
        raise DedupError(where, "is nested too deeply") from None
    except ValueError as problem:  # not UTF-8, not JSON, a number of thousands of digits
        raise DedupError(where, f"is not a JSON record: {problem}") from None
    if not isinstance(value, dict):
        raise DedupError(where, "is not a JSON object")
    return Record(value, where)


def _refuse_constant(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not a number")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) != len(pairs):
        raise ValueError("a field stands twice")
    return values


def check_name(name: str, where: str) -> None:
    """Refuse a document's name that could lead out of a folder, before any path is made of it."""
    parts = name.replace(os.sep, "/").split("/")
    is_elsewhere = os.path.isabs(name) or bool(os.path.splitdrive(name)[0]) or ".." in parts
    if not name or "\0" in name or is_elsewhere:
        raise DedupError(where, f"{name!r} cannot be a document's name in a plan")
