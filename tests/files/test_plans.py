"""The plan's file: what is written is read again, and what is forged or damaged is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.engine.analyze import analyze_document
from dedup.engine.plan import apply
from dedup.errors import DedupError
from dedup.files import plans
from dedup.files.plans import Plan, fingerprint, line, load, restored, whole
from dedup.files.read import decode, encode
from dedup.model import NEAR_DUPLICATE, Document, DocumentResult, Edit, Passage, Span
from dedup.options import Options, deciding

Record = dict[str, Any]
TEXT = b"\xef\xbb\xbfOne line stays.\r\nAnother goes.\r\nOne more stays.\r\nAnother goes.\r\n"


def edit_of(document: Document, start: int, end: int, **values: Any) -> Edit:
    span = Span(start, end)
    about: Record = {
        "finding": NEAR_DUPLICATE,
        "number": 0,
        "kind": "near",
        "score": 0.75,
        "confidence": 0.9,
        "twins": (Passage(document.name, Span(0, 1)),),
    }
    return Edit(document.name, span, span.cut(document.text), "", **(about | values))


def result_of(document: Document, *spans: tuple[int, int]) -> DocumentResult:
    """A result that removes these spans, with values that nothing but the plan looks at."""
    edits = tuple(edit_of(document, *span, number=i) for i, span in enumerate(spans))
    return DocumentResult(document, (), edits, apply(document.text, edits), 0, 0)


def entry(data: bytes, result: DocumentResult) -> tuple[DocumentResult, bytes, bytes]:
    return result, data, encode(result.document, result.cleaned)


def plan_of(*entries: tuple[DocumentResult, bytes, bytes]) -> bytes:
    lines = [line(*each) for each in entries if each[0].changed]
    return b"".join(whole(lines, Options()))


def sample() -> tuple[bytes, bytes]:
    """A plan of one document, and that document's cleaned bytes."""
    result = entry(TEXT, result_of(decode(TEXT, "a.txt"), (17, 32), (49, 64)))
    return plan_of(result), result[2]


def test_the_plan_is_a_header_a_line_per_changed_document_and_their_number() -> None:
    changed = entry(b"abc", result_of(decode(b"abc", "a.txt"), (1, 2)))
    untouched = entry(b"xyz", result_of(decode(b"xyz", "b.txt")))
    lines = [json.loads(line) for line in plan_of(untouched, changed).splitlines()]
    assert lines[0] == {
        "format": "dedup-plan",
        "version": 1,
        "tool": lines[0]["tool"],
        "options": deciding(Options()),
    }
    assert [line["document"] for line in lines[1:-1]] == ["a.txt"]
    assert lines[-1] == {"documents": 1}
    assert lines[1]["edits"][0]["removed"] == "b"


def test_what_is_written_is_read_again() -> None:
    result = result_of(decode(TEXT, "a.txt"), (17, 32), (49, 64))
    data = plan_of(entry(TEXT, result))
    plan = load(data, "plan.jsonl")
    assert plan.options == deciding(Options())
    (planned,) = plan.documents
    assert planned.edits == result.edits
    assert planned.input == fingerprint(TEXT)
    document = result.document
    assert (planned.bom, planned.newline, planned.encoding, planned.errors, planned.format) == (
        document.bom,
        document.newline,
        document.encoding,
        document.errors,
        document.format,
    )
    assert data == plan_of(entry(TEXT, result))


def test_a_plan_may_change_nothing() -> None:
    assert load(plan_of(), "plan.jsonl").sides == {}


def test_a_plan_of_cleanup_restores_its_input() -> None:
    text = "The cafÃ© and the oﬃce  are open. \n\nwww.harbour.example\n\nNobody came.\n"
    options = Options(fix_text=True, normalize_space=True, strip_links=True)
    result = analyze_document(Document("a.txt", text), options)
    before, after = text.encode(), result.cleaned.encode()
    assert after == "The café and the office are open.\n\nNobody came.\n".encode()
    made = load(b"".join(whole([line(result, before, after)], options)), "p")
    planned = made.document("a.txt")
    assert planned.edits == result.edits
    assert {edit.kind for edit in planned.edits} == {"cleanup"}
    assert restored(after, planned, "a.txt") == before
    assert made.options["fix-text"] is True


def test_equal_repairs_that_touch_are_one_range() -> None:
    document = Document("a.txt", "ﬁﬁﬁ")
    edits = tuple(
        replace(edit_of(document, at, at + 1, kind="cleanup", twins=()), inserted="fi")
        for at in range(3)
    )
    result = DocumentResult(document, (), edits, "fififi", 0, 0)
    made = load(plan_of(entry(document.text.encode(), result)), "p").document("a.txt")
    assert [(edit.removed, edit.inserted) for edit in made.edits] == [("ﬁﬁﬁ", "fififi")]


def test_twins_may_stand_in_another_document() -> None:
    document = decode(b"abc", "a.txt")
    twins = (Passage("a.txt", Span(0, 1)), Passage("b.txt", Span(70, 80)))
    edits = (edit_of(document, 1, 2, twins=twins),)
    result = DocumentResult(document, (), edits, "ac", 0, 0)
    assert next(load(plan_of((result, b"abc", b"ac")), "p").documents).edits == edits


def test_the_original_comes_back() -> None:
    """I1"""
    data, cleaned = sample()
    (planned,) = load(data, "p").documents
    assert cleaned == b"\xef\xbb\xbfOne line stays.\r\nOne more stays.\r\n"
    assert restored(cleaned, planned, "out.txt") == TEXT


def test_many_equal_neighbours_are_one_range() -> None:
    unit = "The same line, again and again.\n"
    text = unit * 1000 + "The end.\n"
    document = Document("a.txt", text, newline="\n")
    spans = [(i * len(unit), (i + 1) * len(unit)) for i in range(1, 1000)]
    edits = tuple(edit_of(document, *span) for span in spans)
    result = DocumentResult(document, (), edits, unit + "The end.\n", 0, 0)
    data = plan_of((result, text.encode(), result.cleaned.encode()))
    (stored,) = json.loads(data.splitlines()[1])["edits"]
    assert (stored["unit"], stored["count"]) == (unit, 999)
    (planned,) = load(data, "p").documents
    assert planned.edits == (edit_of(document, len(unit), len(text) - len("The end.\n")),)
    assert restored(result.cleaned.encode(), planned, "o") == text.encode()


@pytest.mark.parametrize("values", [{"number": 1}, {"score": 0.5}, {"kind": "exact"}])
def test_neighbours_that_differ_stay_apart(values: Record) -> None:
    text = "ab" * 200
    document = Document("a.txt", text)
    edits = (edit_of(document, 0, 200), edit_of(document, 200, 400, **values))
    data = plan_of((DocumentResult(document, (), edits, "", 0, 0), text.encode(), b""))
    assert next(load(data, "p").documents).edits == edits


def test_a_plan_is_ascii_whatever_it_removes() -> None:
    data = "é\u2028\0".encode() + b"\xff\xc3"
    document = decode(data, "\udcff.txt", errors="preserve")
    line = plan_of(entry(data, result_of(document, (0, 5)))).splitlines()[1]
    assert line.isascii()
    assert b"\0" not in line


PIECES = ["a\n", "Once more.\n", "b\r\n", "\0", "\ufeff", "é", "\u2028", "😀", "\udcff", "\udcc3"]
TEXTS = st.lists(st.sampled_from(PIECES) | st.characters(codec="utf-8"), max_size=30).map("".join)


@given(TEXTS, st.booleans(), st.lists(st.integers(0, 60), max_size=8, unique=True).map(sorted))
def test_any_plan_restores_its_input(text: str, mark: bool, cuts: list[int]) -> None:
    """I1"""
    data = b"\xef\xbb\xbf" * mark + text.encode("utf-8", "surrogateescape")
    document = decode(data, "a.md", errors="preserve")
    cuts = [cut for cut in cuts if cut <= len(document.text)]
    result = result_of(document, *list(pairwise(cuts))[::2])
    try:
        cleaned = encode(document, result.cleaned)
    except DedupError:
        return  # two preserved bytes met: nothing is written, so there is nothing to restore
    plan = load(plan_of((result, data, cleaned)), "p")
    for planned in plan.documents:
        assert restored(cleaned, planned, "o") == data
    assert len(plan.sides) == result.changed


def test_the_original_is_recognised() -> None:
    """R61"""
    (planned,) = load(sample()[0], "p").documents
    with pytest.raises(DedupError, match=r"out\.txt: is already the original"):
        restored(TEXT, planned, "out.txt")


def test_another_text_is_refused() -> None:
    """R61"""
    data, cleaned = sample()
    (planned,) = load(data, "p").documents
    for other in (cleaned + b"x", cleaned[:-1], cleaned.upper(), b""):
        with pytest.raises(DedupError, match="is not the cleaned text") as caught:
            restored(other, planned, "out.txt")
        assert caught.value.where == "out.txt"


HEADER, LINE, END, _ = sample()[0].split(b"\n")


def changed(change: Callable[[Record], object]) -> bytes:
    """The sample plan with its document's line changed."""
    record = json.loads(LINE)
    change(record)
    return b"\n".join([HEADER, json.dumps(record).encode(), END, b""])


def at(*path: str | int) -> Callable[[object], Callable[[Record], None]]:
    """``at(path)(value)`` is a change that puts ``value`` there."""

    def to(value: object) -> Callable[[Record], None]:
        def change(record: Record) -> None:
            inner: Any = record
            for key in path[:-1]:
                inner = inner[key]
            inner[path[-1]] = value

        return change

    return to


SPAN, REMOVED, TWINS = at("edits", 1, "span"), at("edits", 0, "removed"), at("edits", 0, "twins")

FORGED: dict[str, Callable[[Record], object]] = {
    "overlapping spans": SPAN([30, 45]),
    "unsorted spans": SPAN([0, 15]),
    "negative span": SPAN([-5, 10]),
    "empty span": SPAN([49, 49]),
    "huge span": SPAN([49, 10**30]),
    "span beyond the input": SPAN([64, 79]),
    "span of floats": SPAN([49.0, 64.0]),
    "span of booleans": at("edits", 0, "span")([False, True]),
    "span of three": SPAN([49, 64, 70]),
    "span as text": SPAN("49-64"),
    "removed of another length": REMOVED("short"),
    "removed missing": lambda record: record["edits"][0].pop("removed"),
    "removed not text": REMOVED(None),
    "unknown field of an edit": at("edits", 0, "extra")(1),
    "unknown field": at("drop")("all"),
    "unknown field of a side": at("input", "extra")(1),
    "edits not a list": at("edits")({}),
    "edits not objects": at("edits")([1]),
    "no edits": at("edits")([]),
    "kind": at("edits", 0, "kind")("boilerplate"),
    "score above one": at("edits", 0, "score")(1.5),
    "huge score": at("edits", 0, "score")(10**400),
    "score true": at("edits", 0, "score")(True),
    "score as text": at("edits", 0, "score")("1.0"),
    "negative number": at("edits", 0, "number")(-1),
    "finding not text": at("edits", 0, "finding")(7),
    "twins not a list": TWINS("0-1"),
    "twin not a span": TWINS([7]),
    "twin beyond the text": TWINS([[0, 10**9]]),
    "twin with a wrong name": TWINS([[0, 1, 2]]),
    "negative size": at("input", "bytes")(-1),
    "huge size": at("input", "bytes")(10**400),
    "size true": at("output", "bytes")(True),
    "digest too short": at("input", "blake2b")("00"),
    "digest too long": at("input", "blake2b")("00" * 33),
    "digest not hexadecimal": at("input", "blake2b")("zz" * 32),
    "digest with spaces": at("input", "blake2b")(" ".join(["00"] * 32)),
    "side not an object": at("input")([]),
    "encoding": at("encoding")("rot13"),
    "unknown encoding": at("encoding")("utf-9\0"),
    "errors": at("errors")("ignore"),
    "mark": at("bom")("not a mark"),
    "newline": at("newline")("\u2028"),
    "format": at("format")("jsonl"),
    "name missing": lambda record: record.pop("document"),
    "name not text": at("document")(["a.txt"]),
}
NAMES = ["../a.txt", "/etc/passwd", "a/../../b", "..", "", "a\0b"]
FORGED |= {f"name {name!r}": at("document")(name) for name in NAMES}


@pytest.mark.parametrize("change", FORGED.values(), ids=FORGED)
def test_a_forged_line_is_refused_with_its_number(change: Callable[[Record], object]) -> None:
    """R60, R61"""
    with pytest.raises(DedupError) as caught:
        load(changed(change), "plan.jsonl")
    assert caught.value.where == "plan.jsonl:2"
    assert "\n" not in caught.value.what


@pytest.mark.parametrize("count", [-1, 0, 10**9, 10**12, 10**30, True, 2.0])
def test_a_forged_count_fills_no_memory(count: object) -> None:
    """R61: even when span and size are forged to match."""

    def change(record: Record) -> None:
        del record["edits"][1]
        size = int(count) * 15 if isinstance(count, int) else 30
        record["input"]["bytes"] = size + 17
        record["edits"][0] |= {"span": [17, 17 + size], "unit": "Another goes.\r\n"}
        record["edits"][0] |= {"count": count}
        del record["edits"][0]["removed"]

    with pytest.raises(DedupError) as caught:
        load(changed(change), "plan.jsonl")
    assert caught.value.where == "plan.jsonl:2"


def test_counted_texts_of_a_document_share_one_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """R61: many edits, each within the limit, must not fill the memory together."""
    monkeypatch.setattr(plans, "MAX_EXPANDED", 1000)

    def forged(count: int) -> bytes:
        record = json.loads(LINE)
        about = record["edits"][0] | {"unit": "x" * 10, "count": 40}
        del about["removed"]
        places = [{"span": [400 * number, 400 * number + 400]} for number in range(count)]
        record |= {"edits": [about | place for place in places]}
        record["input"]["bytes"] = 400 * count
        return b"\n".join([HEADER, json.dumps(record).encode(), b'{"documents":1}', b""])

    assert len(load(forged(2), "p").sides) == 1
    with pytest.raises(DedupError, match="repeated text would take more than") as caught:
        load(forged(3), "plan.jsonl")
    assert caught.value.where == "plan.jsonl:2"


def test_text_beyond_the_limit_is_written_plainly(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is written can be read again, however often it repeats."""
    monkeypatch.setattr(plans, "MAX_EXPANDED", 1000)
    text = "ab" * 400 + "-" + "cd" * 400
    result = result_of(Document("a.txt", text), (0, 800), (801, 1601))
    data = plan_of((result, text.encode(), b"-"))
    stored = json.loads(data.splitlines()[1])["edits"]
    assert ["count" in edit for edit in stored] == [True, False]
    assert next(load(data, "p").documents).edits == result.edits


def test_a_consistent_forgery_gives_nothing() -> None:
    """R61: other removed text of the same length passes every rule of the format but the digest."""
    forged = changed(REMOVED("Another lie.\r\n\n"))
    (planned,) = load(forged, "plan.jsonl").documents
    with pytest.raises(DedupError, match="does not give the original back"):
        restored(sample()[1], planned, "out.txt")


def test_edits_that_do_not_fit_are_one_line() -> None:
    """R61: a gap between the edits that the cleaned text does not have."""

    def change(record: Record) -> None:
        record["input"]["bytes"] += 1000
        record["edits"][1]["span"] = [949, 964]

    (planned,) = load(changed(change), "plan.jsonl").documents
    with pytest.raises(DedupError, match="the plan does not fit") as caught:
        restored(sample()[1], planned, "out.txt")
    assert caught.value.where == "out.txt"


def test_a_mark_that_was_forged_away_is_refused() -> None:
    """R61"""
    (planned,) = load(changed(at("bom")("")), "plan.jsonl").documents
    with pytest.raises(DedupError):
        restored(sample()[1], planned, "out.txt")


NEW_VERSION = HEADER.replace(b'"version":1', b'"version":2')
BAD_LINES: dict[str, tuple[bytes, int]] = {
    "empty file": (b"", 1),
    "cut off header": (HEADER, 1),
    "cut off in the middle": (HEADER + b"\n" + LINE[:100], 2),
    "last newline missing": (HEADER + b"\n" + LINE, 2),
    "end missing": (HEADER + b"\n" + LINE + b"\n", 0),
    "only a header": (HEADER + b"\n", 0),
    "a document missing": (HEADER + b"\n" + END + b"\n", 2),
    "something behind the end": (HEADER + b"\n" + LINE + b"\n" + END + b"\n" + LINE + b"\n", 4),
    "two ends": (HEADER + b"\n" + LINE + b"\n" + END + b"\n" + END + b"\n", 4),
    "end true": (HEADER + b"\n" + LINE + b'\n{"documents":true}\n', 3),
    "new version": (NEW_VERSION + b"\n", 1),
    "version as text": (HEADER.replace(b'"version":1', b'"version":"1"') + b"\n", 1),
    "version true": (HEADER.replace(b'"version":1', b'"version":true') + b"\n", 1),
    "other format": (HEADER.replace(b"dedup-plan", b"other-plan") + b"\n", 0),
    "no header": (LINE + b"\n", 0),
    "a text": (b"Dear Mr. Smith,\n\nthank you for the lamp.\n", 0),
    "a text of one line": (b"Thank you for the lamp.", 0),
    "options not an object": (b'{"format":"dedup-plan","version":1,"tool":"1","options":3}\n', 1),
    "option nested": (b'{"format":"dedup-plan","version":1,"tool":"1","options":{"a":[1]}}\n', 1),
    "option infinite": (
        b'{"format":"dedup-plan","version":1,"tool":"1","options":{"a":1e999}}\n',
        1,
    ),
    "header only a list": (b"[]\n", 0),
    "empty line": (HEADER + b"\n\n" + LINE + b"\n", 2),
    "two documents of a name": (HEADER + b"\n" + LINE + b"\n" + LINE + b"\n", 3),
    "two headers": (HEADER + b"\n" + HEADER + b"\n", 2),
    "conflict start": (HEADER + b"\n<<<<<<< HEAD\n" + LINE + b"\n", 2),
    "conflict middle": (HEADER + b"\n" + LINE + b"\n=======\n" + LINE + b"\n", 3),
    "conflict end": (HEADER + b"\n" + LINE + b"\n>>>>>>> branch\n", 3),
    "NUL": (HEADER + b"\n" + LINE.replace(b"a.txt", b"a\0txt") + b"\n", 2),
    "not UTF-8": (HEADER + b"\n" + LINE.replace(b"a.txt", b"a\xfftxt") + b"\n", 2),
    "mark": (b"\xef\xbb\xbf" + HEADER + b"\n", 1),
    "nested lists": (HEADER + b"\n" + b"[" * 200_000 + b"]" * 200_000 + b"\n", 2),
    "nested objects": (HEADER + b"\n" + b'{"a":' * 200_000 + b"1" + b"}" * 200_000 + b"\n", 2),
    "NaN": (HEADER + b"\n" + LINE.replace(b"0.75", b"NaN") + b"\n", 2),
    "infinity": (HEADER + b"\n" + LINE.replace(b"0.75", b"-Infinity") + b"\n", 2),
    "huge float": (HEADER + b"\n" + LINE.replace(b"0.75", b"1e999") + b"\n", 2),
    "number of 10,000 digits": (HEADER + b"\n" + LINE.replace(b"0.75", b"9" * 10_000) + b"\n", 2),
    "field twice": (HEADER + b"\n" + LINE.replace(b'"bom"', b'"format"') + b"\n", 2),
    "not JSON": (HEADER + b"\nname: a.txt\n", 2),
    "two records in a line": (HEADER + b"\n" + LINE + LINE + b"\n", 2),
    "a pickle": (b"\x80\x04\x95\x0b\n", 0),
}


@pytest.mark.parametrize(("data", "number"), BAD_LINES.values(), ids=BAD_LINES)
def test_a_damaged_plan_is_refused_with_its_line(data: bytes, number: int) -> None:
    """R60"""
    with pytest.raises(DedupError) as caught:
        load(data, "plan.jsonl")
    assert caught.value.where == (f"plan.jsonl:{number}" if number else "plan.jsonl")
    assert "\n" not in caught.value.what


def test_a_newer_plan_names_the_version_that_made_it() -> None:
    """R60"""
    with pytest.raises(DedupError) as caught:
        load(NEW_VERSION.replace(b'"tool":"', b'"tool":"9.') + b"\n", "plan.jsonl")
    assert caught.value.hint.startswith("use dedup 9.")


@given(st.integers(0, len(sample()[0]) - 1), st.binary(max_size=4), st.integers(0, 4))
def test_any_damage_is_refused_or_harmless(place: int, new: bytes, cut: int) -> None:
    """R60, R61: never a traceback, never other bytes than the original's."""
    data, cleaned = sample()
    damaged = data[:place] + new + data[place + cut :]
    try:
        plan: Plan = load(damaged, "plan.jsonl")
        for planned in plan.documents:
            assert restored(cleaned, planned, "out.txt") == TEXT
    except DedupError:
        pass


def test_a_plan_never_names_what_it_would_refuse_to_read() -> None:
    """R61"""
    document = decode(b"abc", "../a.txt")
    with pytest.raises(DedupError, match="cannot be a document's name"):
        plan_of(entry(b"abc", result_of(document, (1, 2))))
