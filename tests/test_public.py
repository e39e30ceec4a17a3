"""What programs may name: all they can get hold of."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any, get_args, get_type_hints

import pytest

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


@pytest.mark.parametrize("name", ["boilerplate", "documents", "memory"])
def test_what_needs_documents_that_are_compared_is_not_silently_ignored(name: str) -> None:
    value = {"boilerplate": True, "documents": "drop", "memory": 1 << 24}[name]
    calls: dict[str, Callable[[Any], object]] = {
        "clean": lambda values: dedup.clean("One line.", **values),
        "options": lambda values: dedup.clean("One line.", dedup.Options(**values)),
        "results": lambda values: dedup.results(["One line."], **values),
        "clean_files": lambda values: dedup.clean_files(["no such"], output="out", **values),
    }
    for call in calls.values():
        with pytest.raises(dedup.DedupError) as caught:
            call({name: value})
        assert str(caught.value) == f'{name}: needs scope="corpus"'
    corpus: dict[str, Any] = {name: value, "scope": "corpus"}
    assert dedup.clean("One line.", **corpus).cleaned == "One line."


BYTES = "is bytes, not a string"
NO_TEXT: Any = b"x"
NOTHING: Any = None
NO_OPTIONS: Any = {"threshold": 0.5}


@pytest.mark.parametrize(
    ("call", "line"),
    [
        (lambda: dedup.clean(NO_TEXT), f"text: {BYTES}"),
        (lambda: dedup.clean(NOTHING), "text: is NoneType, not a string"),
        (lambda: dedup.analyze(["x", NO_TEXT]), f"document 2: {BYTES}"),
        (lambda: dedup.analyze([NO_TEXT], scope="corpus"), f"document 1: {BYTES}"),
        (lambda: list(dedup.results([NOTHING])), "document 1: is NoneType, not a string"),
        (lambda: dedup.restore(NO_TEXT, []), f"cleaned: {BYTES}"),
        (lambda: dedup.clean("x", NO_OPTIONS), "options: dict is no Options"),
    ],
)
def test_what_is_no_text_and_no_options_is_said_in_a_line(
    call: Callable[[], object], line: str
) -> None:
    with pytest.raises(dedup.DedupError) as caught:
        call()
    assert str(caught.value) == line
    assert caught.value.hint


def test_a_single_document_needs_no_list() -> None:
    page = dedup.Document("a.txt", "One line.")
    assert dedup.analyze(page).cleaned == dedup.analyze("One line.").cleaned == "One line."
    assert [one.document.name for one in dedup.results(page)] == ["a.txt"]
