"""What is remembered gives the whole result back, for any name, or nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.engine.analyze import analyze_document
from dedup.engine.plan import apply
from dedup.errors import DedupError
from dedup.files import remembered
from dedup.files.read import decode, encode
from dedup.files.remembered import Remembered, loaded, remember
from dedup.model import Document, DocumentResult, Passage, Span
from dedup.options import Options
from tests.engine.test_combined import untidy
from tests.prose import doubled, paragraphs
from tests.test_properties import all_options, any_text

SAMPLES = sorted((Path(__file__).parents[2] / "samples").glob("*.*"))
TEXT = doubled(6)


def renamed(result: DocumentResult, name: str) -> DocumentResult:
    """The same result for a document of another name, the slow way: every name in it replaced."""

    def passage(old: Passage) -> Passage:
        return Passage(name, old.span)

    findings = tuple(
        replace(f, places=tuple(replace(p, passage=passage(p.passage)) for p in f.places))
        for f in result.findings
    )
    edits = tuple(
        replace(e, document=name, twins=tuple(map(passage, e.twins))) for e in result.edits
    )
    document = replace(result.document, name=name)
    return replace(result, document=document, findings=findings, edits=edits)


def computed(document: Document, options: Options | None = None) -> tuple[DocumentResult, bytes]:
    result = analyze_document(document, options or Options())
    return result, encode(document, result.cleaned)


def kept(text: str = TEXT) -> tuple[DocumentResult, Remembered]:
    """A result, and what is remembered of it."""
    result, data = computed(decode(text.encode(), "a.txt"))
    found = remember(result, data)
    assert found is not None
    return result, found


def assert_comes_back(document: Document, options: Options | None = None) -> None:
    result, data = computed(document, options)
    found = remember(result, data)
    assert found is not None
    again = loaded(found.dumped(), document.name)
    assert again == found
    other = replace(document, name="elsewhere/b.txt")
    assert again.result(other, apply) == (renamed(result, other.name), data)
    assert again.tally == result.tally
    assert loaded(found.dumped(), other.name) == replace(
        found, tally=replace(result.tally, name=other.name)
    )
    assert (again.output is None) == (not result.changed)
    assert repr(again.result(document, apply)) == repr((result, data))  # 1 is not 1.0 in a report


@given(any_text, all_options)
def test_a_result_comes_back_whole_under_any_name(text: str, options: Options) -> None:
    assert_comes_back(Document("a.txt", text, errors="preserve"), options)


CLEANUP = Options(fix_text=True, normalize_space=True, strip_links=True, strip_share_cards=True)


@given(st.one_of(untidy, any_text))
def test_cleanup_comes_back_with_what_it_put_in(text: str) -> None:
    assert_comes_back(Document("a.txt", text, errors="preserve"), CLEANUP)


def test_what_a_repeat_puts_in_or_cleanup_without_a_twin_is_refused() -> None:
    result, data = computed(Document("a.txt", f"ﬁrst\n\n{TEXT}"), CLEANUP)
    found = remember(result, data)
    assert found is not None and found.result(result.document, apply) is not None
    edits = {edit.kind: edit for edit in result.edits}
    copy, repair = edits["exact"], edits["cleanup"]
    for old, new in (
        (copy, replace(copy, twins=())),
        (repair, replace(repair, finding="near-duplicate")),
    ):
        changed = tuple(new if edit is old else edit for edit in result.edits)
        forged = remember(replace(result, edits=changed), data)
        assert forged is None or forged.result(result.document, apply) is None


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_the_samples_come_back(path: Path) -> None:
    assert_comes_back(decode(path.read_bytes(), path.name))


@given(st.sampled_from(["utf-8", "utf-16", "utf-32", "latin-1"]), st.binary(max_size=40))
def test_any_bytes_in_any_encoding_come_back(encoding: str, data: bytes) -> None:
    data = data[: len(data) // 4 * 4]
    text = TEXT.encode(encoding)
    for whole in (text, text + data):
        try:
            document = decode(whole, "a.txt", encoding=encoding, errors="preserve")
        except DedupError:
            continue
        assert_comes_back(document)


def test_a_text_without_repeats_takes_a_few_bytes() -> None:
    result, found = kept("\n\n".join(paragraphs(4)))
    assert not result.findings and not found.details and len(found.dumped()) < 80


def test_nothing_of_the_text_is_kept() -> None:
    _, found = kept("A confidential sentence about the harbour and its lanterns.\n\n" * 3)
    assert found.details.startswith(b"["), "compressed, this would show nothing"
    assert b"confidential" not in found.dumped()


def test_a_result_too_large_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    result, found = kept()
    size = len(remembered._json([[], []]))
    monkeypatch.setattr(remembered, "MAX_DETAILS", size)
    assert found.details and remember(result, b"") is None
    unchanged, data = computed(decode(b"One line.\n", "a.txt"))
    assert remember(unchanged, data) is not None


def test_a_result_that_rests_on_another_document_is_not_kept() -> None:
    result, _ = kept()
    first, *others = result.edits
    elsewhere = (Passage("b.txt", Span(0, 5)),)
    for edit in (replace(first, twins=elsewhere), replace(first, inserted="x")):
        assert remember(replace(result, edits=(edit, *others)), b"") is None


def test_it_does_not_fit_another_text_of_the_same_size() -> None:
    result, found = kept()
    text = result.document.text
    for other in (text.upper(), text + "x", text[1:], ""):
        assert found.result(replace(result.document, text=other), apply) is None


def test_it_does_not_fit_if_taking_out_gives_something_else() -> None:
    result, found = kept()
    assert found.result(result.document, lambda text, _: text) is None
    assert found.result(result.document, lambda text, edits: apply(text, edits) + "x") is None


def swapped(change: Callable[[list[Any], list[Any]], object]) -> Remembered:
    """What is remembered of ``TEXT``, with something changed in its findings and edits."""
    import json
    import zlib

    _, found = kept()
    details = found.details
    raw = details if details.startswith(b"[") else zlib.decompress(details)
    findings, edits = json.loads(raw)
    change(findings, edits)
    return replace(found, details=json.dumps([findings, edits]).encode())


def test_what_is_changed_by_nobody_fits() -> None:
    result, found = kept()
    assert found.result(result.document, apply) is not None
    assert swapped(lambda findings, edits: None).result(result.document, apply) is not None


@pytest.mark.parametrize(
    "change",
    [
        lambda findings, edits: edits[0].__setitem__(6, [-1, 5]),
        lambda findings, edits: edits[0].__setitem__(6, [5, 5]),
        lambda findings, edits: edits[0].__setitem__(6, [5, 10**9]),
        lambda findings, edits: edits[0].__setitem__(6, [5, 9, 12]),
        lambda findings, edits: edits[0].__setitem__(5, []),
        lambda findings, edits: edits[0].__setitem__(5, edits[0][6]),
        lambda findings, edits: edits[0].__setitem__(1, 99),
        lambda findings, edits: edits[0].__setitem__(6, ["a", "b"]),
        lambda findings, edits: edits[0].pop(),
        lambda findings, edits: edits.append(edits[0]),
        lambda findings, edits: edits.reverse(),
        lambda findings, edits: edits.pop(),
        lambda findings, edits: findings.pop(),
        lambda findings, edits: findings[0].__setitem__(4, "kept"),
        lambda findings, edits: findings[0][1][0].__setitem__(1, 10**9),
        lambda findings, edits: findings[0].append(1),
    ],
)
def test_what_is_wrong_in_it_is_no_result(change: Callable[[list[Any], list[Any]], object]) -> None:
    document = decode(TEXT.encode(), "a.txt")
    assert swapped(change).result(document, apply) is None


@pytest.mark.parametrize("details", [b"[", b"[]", b"{}", b"[1,2]", b"x\x9c", b"\xff", b"[" * 99999])
def test_details_that_are_none_are_no_result(details: bytes) -> None:
    result, found = kept()
    assert replace(found, details=details).result(result.document, apply) is None


@pytest.mark.parametrize("data", [b"", b"\n", b"[]\n", b"[1]\n", b"{}\n", b"7\n", b"[" * 99999])
def test_bytes_that_are_none_are_not_loaded(data: bytes) -> None:
    assert loaded(data, "a.txt") is None
