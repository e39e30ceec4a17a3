"""The snippets of a page, and the command lines in them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from typing import Any

import yaml

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(text: str, language: str) -> list[str]:
    """The fenced blocks of a language.

    >>> blocks("```sh\\nls\\n```\\n```yaml\\na: 1\\n```\\n", "sh")
    ['ls\\n']
    """
    return [said for kind, said in BLOCK.findall(text) if kind == language]


def scripts(text: str) -> Iterator[str]:
    """All that a shell is to run: blocks, and what stands in steps and jobs."""
    yield from blocks(text, "sh")
    for said in blocks(text, "yaml"):
        for value in values(yaml.safe_load(said), ("run", "script")):
            yield value if isinstance(value, str) else "\n".join(value)


def values(tree: Any, keys: tuple[str, ...]) -> Iterator[Any]:
    """The values of these keys, wherever they stand."""
    if isinstance(tree, dict):
        for key, value in tree.items():
            if key in keys:
                yield value
            else:
                yield from values(value, keys)
    elif isinstance(tree, list):
        for value in tree:
            yield from values(value, keys)


def commands(script: str, program: str) -> Iterator[list[str]]:
    """The arguments of each call of ``program`` in a script, also of the one in a container.

    >>> list(commands('dedup check "a b" --since "$X" | jq .\\ndocker run -i dedup clean < a > b', "dedup"))
    [['check', 'a b', '--since', '$X'], ['clean']]
    """
    for line in script.splitlines():
        words = shlex.shlex(line, posix=True, punctuation_chars="|&;<>")
        words.whitespace_split = True
        for words_of_one in split(list(words)):
            called = words_of_one[:1] == [program] or words_of_one[:2] == ["docker", "run"]
            if called and program in words_of_one:
                yield words_of_one[words_of_one.index(program) + 1 :]


def split(words: list[str]) -> Iterator[list[str]]:
    """A line's commands, without what they read and write."""
    one: list[str] = []
    skips = False
    for word in words:
        if skips:
            skips = False
        elif word in ("<", ">"):
            skips = True
        elif word[0] in "|&;":
            yield one
            one = []
        else:
            one.append(word)
    yield one
