"""Which options hold for the document at a path: those of the run, but for what its overrides say there."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from dedup.options import Options, Override, with_values

if TYPE_CHECKING:
    from dedup.files.ignores import Patterns


def options_at(options: Options, path: str | None) -> Options:
    """What holds for the document at ``path``, as it was given; for one without a path, no override does.

    What comes back has no overrides any more.
    """
    if not options.overrides:
        return options
    values: dict[str, object] = {"overrides": ()}
    for number in matching(options.overrides, path):
        values |= options.overrides[number].values
    return with_values(options, values)


def matching(overrides: Sequence[Override], path: str | None) -> list[int]:
    """Numbers of those, from 0, that hold for the file at ``path``."""
    if path is None:
        return []
    place = os.path.abspath(path)
    return [number for number, each in enumerate(overrides) if _covers(each, place)]


def _covers(override: Override, place: str) -> bool:
    base = os.path.join(override.base, "")
    if not place.startswith(base):
        return False
    return _patterns(override.include).covers(place[len(base) :].replace(os.sep, "/"))


@cache
def _patterns(globs: tuple[str, ...]) -> Patterns:
    from dedup.files.ignores import compile_globs

    return compile_globs(globs)
