"""The values of options: read from text, checked where they were set, and spelled out again."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import Field, fields
from typing import Any

from dedup.errors import DedupError
from dedup.files.decode import AUTO, codec_name
from dedup.options import BYTES, Gates, Options, key_of, nearest, size_of, validate

KNOBS: dict[str, Field[Any]] = {
    key_of(knob): knob for knob in (*fields(Options), *fields(Gates)) if knob.metadata["is_flag"]
}
"""The fields of ``Options`` and ``Gates`` by config key. What is to be kept has tables of its own."""

Layer = dict[str, tuple[Any, str]]
"""Values by config key, each with the words that say where it was set."""


def from_text(key: str, text: str, where: str) -> Any:
    """The value of option ``key`` that ``text`` spells; ``DedupError`` at ``where`` if it is none."""
    kind: Any = KNOBS[key].metadata["kind"]
    value: Any = text
    if kind is bool:
        value = _TRUTH.get(text.lower(), text)
    elif kind is tuple:
        value = text.split(",")
    elif KNOBS[key].metadata["unit"] == BYTES:
        value = text  # validation knows sizes
    elif kind is not str:
        with suppress(ValueError):  # the text stays, and validation says what is wrong with it
            value = kind(text)
        if kind is float and text.endswith("%"):
            raise DedupError(where, f"{text!r} is not a number", _of_percent(key, text[:-1]))
    return valid(key, value, where)


def _of_percent(key: str, text: str) -> str:
    """How a share is written that somebody wrote as ``text`` and a percent sign."""
    with suppress(ValueError):
        share = float(text) * (KNOBS[key].metadata["maximum"] or 100) / 100
        return f"write {share:g}"
    return ""


_TRUTH = {"true": True, "yes": True, "on": True, "1": True}
_TRUTH |= {"false": False, "no": False, "off": False, "0": False}


def known(key: str, where: str, *, also: tuple[str, ...] = ()) -> None:
    """``DedupError`` at ``where`` unless ``key`` is an option; the hint may name one of ``also``."""
    if key not in KNOBS:
        raise DedupError(where, "unknown option", nearest(key, (*KNOBS, *also)))


def valid(key: str, value: Any, where: str) -> Any:
    """``value`` as the option holds it, if it fits; else a ``DedupError`` at ``where``."""
    if isinstance(value, list) and isinstance(KNOBS[key].default, tuple):
        value = tuple(value)
    elif isinstance(value, str) and KNOBS[key].metadata["unit"] == BYTES:
        value = size_of(value, where)
    try:
        validate(KNOBS[key], value)
        if key == "encoding" and value != AUTO:
            codec_name(value)
    except DedupError as error:
        raise DedupError(where, error.what, error.hint) from None
    return value


def spelled(value: float | str | tuple[str, ...]) -> str:
    r"""A value as TOML spells it, in ASCII.

    >>> spelled(True), spelled(0.5), spelled('caf\u00e9 "x"'), spelled(("a", "b"))
    ('true', '0.5', '"caf\\u00E9 \\"x\\""', '["a", "b"]')
    """
    if isinstance(value, tuple):
        return f"[{', '.join(map(spelled, value))}]"
    if not isinstance(value, str):
        return str(value).lower()
    return '"' + "".join(_spelled_character(character) for character in value) + '"'


def _spelled_character(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    if " " <= character <= "~":
        return character
    return f"\\u{ord(character):04X}" if ord(character) <= 0xFFFF else f"\\U{ord(character):08X}"
