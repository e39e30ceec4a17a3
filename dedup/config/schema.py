"""The JSON schema of the config file, made from ``Options`` and ``Gates``: ``python -m dedup.config.schema``."""

from __future__ import annotations

import json
import sys
from typing import Any

from dedup.config.keeps import HASH, KEEP, KEEP_FILE, MATCH
from dedup.config.overrides import ALLOWED, INCLUDE, OVERRIDE
from dedup.config.values import KNOBS
from dedup.options import BYTES

TYPES = {bool: "boolean", int: "integer", float: "number", str: "string", tuple: "array"}


def schema() -> dict[str, Any]:
    """What may stand in ``dedup.toml``, or under ``[tool.dedup]`` in ``pyproject.toml``."""
    extend = {"type": "string", "description": "Path of a config file whose values hold here too."}
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Configuration of dedup",
        "type": "object",
        "properties": {"extend": extend}
        | {key: _property(key) for key in KNOBS}
        | {KEEP: _tables(), KEEP_FILE: _names(), OVERRIDE: _overrides()},
        "additionalProperties": False,
    }


def _property(key: str) -> dict[str, Any]:
    knob = KNOBS[key]
    about = knob.metadata
    default: Any = knob.default
    kind = about["kind"]
    entry: dict[str, Any] = {
        "type": [TYPES[kind], "string"] if about["unit"] == BYTES else TYPES[kind],
        "items": {"type": "string", "minLength": 1} if kind is tuple else None,
        "description": about["help"],
        "default": list(default) if kind is tuple else default,
        "enum": list(about["choices"]) or None,
        "minimum": about["minimum"],
        "maximum": about["maximum"],
    }
    return {name: value for name, value in entry.items() if value is not None}


def _tables() -> dict[str, Any]:
    """What may stand under ``[[keep]]``."""
    match = {
        "type": "string",
        "description": "Paragraphs that say this stay; only letters and digits are compared.",
        "minLength": 1,
    }
    digits = {
        "type": "string",
        "description": "The passage that check shows with this hash stays.",
        "pattern": "^[0-9a-f]{16}$",
    }
    table = {
        "type": "object",
        "properties": {MATCH: match, HASH: digits},
        "minProperties": 1,
        "maxProperties": 1,
        "additionalProperties": False,
    }
    return {"type": "array", "description": "What has to stay.", "items": table}


def _overrides() -> dict[str, Any]:
    """What may stand under ``[[override]]``."""
    globs = {
        "type": "array",
        "description": "For which paths: globs in gitignore syntax, seen from the folder of the config file.",
        "items": {"type": "string", "minLength": 1},
        "minItems": 1,
    }
    about = {key: _property(key) for key in ALLOWED}
    for entry in about.values():
        del entry["default"]  # what is not said here is as it is elsewhere
    table = {
        "type": "object",
        "properties": {INCLUDE: globs} | about,
        "required": [INCLUDE],
        "minProperties": 2,
        "additionalProperties": False,
    }
    what = "Other values for some paths; of several tables for a path the last one wins."
    return {"type": "array", "description": what, "items": table}


def _names() -> dict[str, Any]:
    name = {"type": "string", "minLength": 1}
    return {
        "description": "Files with a text on each line; paragraphs that say one of them stay. "
        "Paths are seen from the folder of the config file.",
        "anyOf": [name, {"type": "array", "items": name}],
    }


def render() -> str:
    """The schema as the file in the package holds it."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.buffer.write(render().encode())
