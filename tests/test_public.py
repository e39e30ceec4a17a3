"""What programs may name: all they can get hold of."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any, get_args, get_type_hints

import dedup
from dedup import model, options

PUBLIC = {name: getattr(dedup, name) for name in dedup.__all__}
SCOPE: dict[str, Any] = vars(model) | vars(options)


def types_in(hint: Any) -> Iterator[type]:
    """The classes that a type is made of."""
    if isinstance(hint, type) and not get_args(hint):
        yield hint
    for part in get_args(hint):
        yield from types_in(part)


def reached(owner: type) -> Iterator[type]:
    """The classes of what an object holds and gives."""
    scope = SCOPE | {name: found for name, found in vars(owner).items() if isinstance(found, type)}
    hints = get_type_hints(owner, vars(__import__("builtins")) | SCOPE)
    for name, member in inspect.getmembers(owner):
        if isinstance(member, property):
            member = member.fget
        if inspect.isfunction(member) and not name.startswith("_"):
            hints |= {name: get_type_hints(member, member.__globals__, scope).get("return")}
    for hint in hints.values():
        yield from types_in(hint)


def test_what_results_and_documents_hold_can_be_named() -> None:
    classes = {public for public in PUBLIC.values() if isinstance(public, type)}
    ours = {one for owner in classes for one in reached(owner) if one.__module__ == "dedup.model"}
    assert {model.Copy, model.Marker, model.Finding} <= ours <= classes


def test_names_are_found_once_and_in_order() -> None:
    assert dedup.__all__ == sorted(dedup.__all__, key=lambda name: (name.islower(), name))
    assert all(getattr(dedup, name).__name__ == name for name in dedup.__all__)


def test_the_hash_of_a_copy_keeps_it() -> None:
    body = "The bridge was opened by the mayor on a rainy day in May, and nobody came to see it.\n"
    (result,) = dedup.analyze([body + body])
    (copy,) = result.copies()
    assert isinstance(copy, dedup.Copy)
    assert not dedup.clean(body + body, keep_hash=(dedup.fingerprint(copy.said),)).edits
