"""What has to stay does, whatever repeats around it: Hypothesis over texts with comments to dedup."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from dedup.engine import directives, keeping, normalize, plan, split
from dedup.engine.analyze import analyze_document, problems_of, unused_directives
from dedup.model import Document, DocumentResult, Span
from dedup.options import Options
from tests import prose

POOL = [
    *prose.paragraphs(5, seed=41),
    "Yes.",
    "# Summary",
    "- an item of a list that is somewhat longer than the others in it",
    "中文段落重复出现的时候应该删除一份，否则读者会觉得奇怪。",
    "```\nferry --sail monday --wait tuesday --crew seven\n```",
]
MARKERS = ["<!-- dedup: off -->", "<!-- dedup: on -->", "<!-- dedup: keep -->"]
ODD = [*MARKERS, "<!--dedup:keep-->", "   <!-- dedup: off -->  ", "<!-- dedup: of -->", "```"]

lines = st.one_of(
    st.sampled_from(POOL),
    st.sampled_from(POOL),
    st.sampled_from(ODD),
    st.tuples(st.sampled_from(POOL), st.sampled_from(MARKERS)).map(" ".join),
    st.tuples(st.sampled_from(MARKERS), st.sampled_from(POOL)).map(" ".join),
)
separators = st.sampled_from(["\n", "\n\n", "\n\n", "\r\n\r\n", "\n \n"])
bodies = st.lists(st.tuples(lines, separators).map("".join), max_size=12).map("".join)
marked = st.one_of(bodies, bodies.map(lambda body: body + body), bodies.map(str.rstrip))
WRITTEN = {"rst": ".. dedup: %s", "asciidoc": "// dedup: %s", "perl": "=for dedup %s"}


def written(text: str, format: str) -> str:
    """A text with its comments as another format writes them, all of which begin their lines."""
    for comment in (*MARKERS, "<!-- dedup: of -->", "<!--dedup:keep-->"):
        word = comment.replace("<!--", "").replace("-->", "").replace("dedup:", "").strip()
        text = text.replace(f" {comment}", "").replace(comment, WRITTEN[format] % word)
    extra = {
        "rst": "\n\n.. note::\n\n   Mind the gap.\n",
        "perl": "\n\n=cut\n\nexit;\n\n=head1 Next\n\n",
    }
    return text.replace("Yes.", extra.get(format, "\n----\n// dedup: off\n----\n"))


others = st.builds(written, marked, st.sampled_from(sorted(WRITTEN)))
texts = st.one_of(marked, marked, others)
fields = st.fixed_dictionaries(
    {},
    optional={
        "keep": st.lists(st.sampled_from([POOL[0][:40], POOL[1], "committee", "the"]), max_size=2).map(tuple),
        "keep_hash": st.just((normalize.fingerprint(POOL[2]),)),
        "normalize_space": st.booleans(),
        "keep_copy": st.sampled_from(["fullest", "first", "last"]),
        "min_chars": st.sampled_from([1, 30]),
    },
)  # fmt: skip


def document(text: str) -> Document:
    """A document in the format that its comments are written in; Markdown if there are none."""
    for format, written in WRITTEN.items():
        if any(written % word in text for word in ("off", "on", "keep", "of")):
            return Document("a", text, format=format)
    return Document("a.md", text, format="markdown")


def cleaned(text: str, **values: object) -> DocumentResult:
    """The result for a text."""
    return analyze_document(document(text), Options(**values))  # type: ignore[arg-type]


@given(texts, fields)
def test_cleaning_twice_is_cleaning_once(text: str, values: dict[str, object]) -> None:
    once = cleaned(text, **values)
    assert not cleaned(once.cleaned, **values).changed
    assert plan.restore(once.cleaned, once.edits) == text


@given(texts, fields)
def test_nothing_that_is_off_or_kept_goes_nor_any_marker(
    text: str, values: dict[str, object]
) -> None:
    result = cleaned(text, **values)
    shown = directives.shown(document(text))
    for span in shown.frozen:
        assert not any(e.span.start < span.end and e.span.end > span.start for e in result.edits)
    after = directives.shown(document(result.cleaned))
    assert [each.said for each in after.directives] == [each.said for each in shown.directives]
    for one, two in zip(shown.directives, after.directives, strict=True):
        assert one.marker.cut(text) == two.marker.cut(result.cleaned)
        # It may be more: what is left may read as wrapped lines where there were none.
        assert two.holds.cut(result.cleaned).startswith(one.holds.cut(text))


@given(texts, fields)
def test_what_is_off_is_no_reason_for_anything_to_go(text: str, values: dict[str, object]) -> None:
    shown = directives.shown(document(text))
    for edit in cleaned(text, **values).edits:
        for twin in edit.twins:
            said = twin.span.cut(shown.text)
            assert normalize.key(said), "it rests on text that is not looked at"
            assert normalize.key(edit.removed) == normalize.key(edit.span.cut(shown.text))


@given(texts, fields)
def test_paragraphs_that_say_a_kept_text_stay(text: str, values: dict[str, object]) -> None:
    result = cleaned(text, **values)
    shown = directives.shown(document(text))
    keys = [normalize.key(each) for each in Options(**values).keep]  # type: ignore[arg-type]
    for block in split.split(shown.text, document(text).format):
        said = normalize.key(block.span.cut(shown.text))
        if any(key in said for key in keys):
            assert not any(
                edit.span.start < block.span.end and edit.span.end > block.span.start
                for edit in result.edits
            )


@given(texts, fields)
def test_nothing_goes_because_something_else_has_to_stay(
    text: str, values: dict[str, object]
) -> None:
    without = {name: value for name, value in values.items() if not name.startswith("keep")}
    without |= {name: value for name, value in values.items() if name == "keep_copy"}
    text = text.replace("dedup", "")  # what is off decides what is looked at, and so what goes
    options = Options(**values)  # type: ignore[arg-type]
    kept = [
        block.span
        for block in split.split(text, "markdown")
        if any(normalize.key(each) in normalize.key(block.span.cut(text)) for each in options.keep)
        or normalize.fingerprint(block.span.cut(text)) in options.keep_hash
    ]
    gone = bytearray(len(text))
    for edit in cleaned(text, **without).edits:
        gone[edit.span.start : edit.span.end] = b"\1" * len(edit.span)
    for edit in cleaned(text, **values).edits:
        said = len(edit.removed.rstrip())
        start = edit.span.start + len(edit.removed) - len(edit.removed.lstrip())
        if not all(gone[start : edit.span.start + said]):  # or else it would not settle
            assert any(
                twin.span.start < one.end and one.start < twin.span.end
                for twin in edit.twins
                for one in kept
            )


@given(texts, fields)
def test_only_comments_that_hold_for_something_are_of_no_use(
    text: str, values: dict[str, object]
) -> None:
    unused = unused_directives(document(text), Options(**values))  # type: ignore[arg-type]
    known = directives.shown(document(text)).directives
    assert set(unused) <= {each for each in known if each.said != "on" and len(each.holds)}
    if "dedup" not in text:
        assert not known and not problems_of(document(text))


paragraphs = st.lists(st.sampled_from(POOL), min_size=1, max_size=6)


@given(paragraphs, paragraphs)
def test_a_keep_is_of_no_use_where_without_it_the_same_goes(
    before: list[str], after: list[str]
) -> None:
    with_keep = "\n\n".join([*before, MARKERS[2], *after])
    # Which holds for nothing, and is of the same length and as little looked at.
    without = with_keep.replace("keep -->", "on   -->")
    same = spans(with_keep) == spans(without)
    assert bool(unused_directives(document(with_keep), Options())) == same


def spans(text: str) -> set[Span]:
    """What goes of a text."""
    return {edit.span for edit in cleaned(text).edits}


@given(texts, fields)
def test_the_hidden_text_has_the_same_length_and_lines(text: str, values: object) -> None:
    shown = directives.shown(document(text)).text
    assert len(shown) == len(text)
    ends = re.compile(r"\r\n|\n|\r")
    assert [m.span() for m in ends.finditer(shown)] == [m.span() for m in ends.finditer(text)]


@given(st.text("ab", max_size=40), st.lists(st.text("ab", max_size=12), max_size=5))
def test_texts_are_found_alike_one_by_one_and_all_at_once(letters: str, keys: list[str]) -> None:
    few = sorted(keeping.found_at(letters, keys))
    many = sorted(keeping.found_at(letters, keys + [str(at) for at in range(keeping.MAX_SOUGHT)]))
    assert few == many
    assert few == [
        (entry, at)
        for entry, key in enumerate(keys)
        for at in range(len(letters))
        if key and letters.startswith(key, at)
    ]
