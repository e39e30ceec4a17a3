"""What comments in a document keep, and what ``keep`` and ``keep_hash`` do; what is wrong or unused is said."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest

import dedup
from dedup.engine import directives, keeping, split
from dedup.engine.analyze import (
    analyze_document,
    problems_of,
    repeats_of,
    unused_directives,
)
from dedup.engine.normalize import fingerprint
from dedup.errors import DedupError
from dedup.model import Document, DocumentResult, Span
from dedup.options import Options
from tests import prose

ONE, TWO, THREE, FOUR = prose.paragraphs(4, seed=7)
BODY = f"{ONE}\n\n{TWO}\n\n{THREE}\n\n{FOUR}\n"
OFF, ON, KEEP = (f"<!-- dedup: {word} -->" for word in ("off", "on", "keep"))


def result_of(text: str, format: str = "markdown", **values: Any) -> DocumentResult:
    """The result for a text; cleaned again it is the same, and it can be put back."""
    options = Options(**values)
    result = analyze_document(Document("a", text, format=format), options)
    again = analyze_document(Document("a", result.cleaned, format=format), options)
    assert not again.changed
    assert dedup.restore(result.cleaned, result) == text
    return result


def cleaned(text: str, format: str = "markdown", **values: Any) -> str:
    """What is left of a text."""
    return result_of(text, format, **values).cleaned


def problems(text: str, format: str = "markdown") -> list[str]:
    """What is said of the comments of a text."""
    return [str(problem) for problem in problems_of(Document("a", text, format=format))]


def unused(text: str, **values: Any) -> list[tuple[str, int]]:
    """The comments of no use."""
    document = Document("a", text, format="markdown")
    return [(each.said, each.line) for each in unused_directives(document, Options(**values))]


# -- off and on ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        f"{BODY}\n{OFF}\n\n{BODY}\n{ON}\n",
        f"{OFF}\n{BODY}{ON}\n{BODY}",
        f"{BODY}\n{OFF}\n{BODY}",
        f"{OFF}\n\n{BODY}\n{BODY}\n{ON}\n\nThe end.\n",
        f"{BODY}\n{OFF} {ONE} {ON}\n\n{OFF}\n{TWO}\n\n{THREE}\n\n{FOUR}",
    ],
)
def test_what_is_off_neither_goes_nor_lets_anything_go(text: str) -> None:
    assert not result_of(text).changed
    crlf = text.replace("\n", "\r\n")
    assert not result_of(crlf).changed


def test_around_what_is_off_the_rest_goes() -> None:
    guarded = f"{ONE}\n\n{OFF}\n\n{TWO}\n\n{ON}\n\n{THREE}\n\n{FOUR}\n"
    assert cleaned(f"{guarded}\n{guarded}") == f"{guarded}\n{OFF}\n\n{TWO}\n\n{ON}\n"


def test_a_text_that_stands_twice_with_its_comments_keeps_both_of_each() -> None:
    guarded = f"{KEEP}\n{ONE}\n\n{TWO}\n\n{OFF}\n{THREE}\n{ON}\n\n{FOUR}\n"
    left = cleaned(f"{guarded}\n{guarded}")
    assert left.count("dedup:") == 6
    assert [left.count(each) for each in (ONE, TWO, THREE, FOUR)] == [2, 1, 2, 1]


def test_blanks_next_to_what_is_off_stay_there() -> None:
    text = f"{BODY}\n{OFF}  \n\n\n  {TWO}  \n\n\n\t{ON}\t\n\n{BODY}"
    left = cleaned(text, normalize_space=True)
    start, end = text.index(OFF), text.index(ON) + len(ON)
    assert text[start:end] in left and left.count(TWO) == 2


def test_what_is_off_is_not_cleaned_up_nor_is_what_is_kept() -> None:
    text = f"One  day\n\n{OFF}\nit  rained   \n{ON}\n\n{KEEP}\nall of it  dry\n\nand  the sun set\n"
    expected = text.replace("One  day", "One day").replace("and  the", "and the")
    assert cleaned(text, normalize_space=True) == expected


def test_lines_that_are_off_do_not_change_what_a_paragraph_is() -> None:
    """Wrapped lines around a wide table: whether they are wrapped is not for the table to say."""
    wrapped = "\n".join(f"{ONE} {TWO}".replace("  ", " ")[at : at + 64] for at in range(0, 640, 64))
    table = "\n".join(f"| {number} | {'x' * 90} |" for number in range(30))
    blocks = directives.shown(
        Document("a", f"{wrapped}\n\n{OFF}\n{table}\n{ON}\n\n{wrapped}\n", format="markdown")
    ).blocks
    said = [block.span for block in blocks]
    assert len(said) == 2 * len(split.split(wrapped)) + 2


# -- keep ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kept",
    [
        f"{KEEP}\n{TWO}",
        f"{KEEP}\n\n{TWO}",
        f"{KEEP} {TWO}",
        f"{TWO} {KEEP}",
        f"<!--dedup:keep-->\n\n\n{TWO}",
        f"   {KEEP}   \n{TWO}",
    ],
)
def test_a_paragraph_behind_keep_stays_and_nothing_goes_in_its_place(kept: str) -> None:
    left = cleaned(f"{BODY}\n{BODY.replace(TWO, kept)}")
    assert kept in left
    assert [left.count(each) for each in (ONE, TWO, THREE, FOUR)] == [1, 2, 1, 1]


def test_copies_of_a_paragraph_behind_keep_go_that_would_go_anyway() -> None:
    assert cleaned(f"{KEEP}\n{BODY}\n{BODY}") == f"{KEEP}\n{BODY}"
    text = f"{BODY}\n{BODY.replace(TWO, f'{KEEP}{chr(10)}{TWO}')}\n{BODY}"
    left = cleaned(text)
    assert [left.count(each) for each in (ONE, TWO, THREE, FOUR)] == [1, 2, 1, 1]


def test_both_copies_stay_if_both_are_kept() -> None:
    both = BODY.replace(TWO, f"{KEEP}\n{TWO}")
    assert cleaned(f"{both}\n{both}").count(TWO) == 2


def test_keep_holds_to_the_next_blank_line() -> None:
    lines = "\n".join([ONE, TWO, THREE])  # one paragraph a line
    assert cleaned(f"{lines}\n\n{FOUR}\n\n{KEEP}\n{lines}\n\n{FOUR}\n").endswith(
        f"{KEEP}\n{lines}\n"
    )


def test_a_fence_behind_keep_stays_whole() -> None:
    fence = f"```\n{ONE}\n\n{TWO}\n```"
    text = f"{fence}\n\n{THREE}\n\n{fence}\n\n{THREE}\n"
    assert cleaned(text).count(ONE) == 1
    both = text.replace("```\n" + ONE, f"@```\n{ONE}").replace("@", f"{KEEP}\n")
    assert cleaned(both).count(TWO) == 2


# -- what is no comment ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "shown",
    [
        f"```\n{OFF}\n```",
        f"~~~ html\n\n{OFF}\n\n~~~",
        f"Write `{OFF}` in front.",
        f"Write `` ` {OFF} `` in front.",
        f"Write \\{OFF} in front.",
    ],
)
def test_a_comment_that_is_shown_as_code_is_none(shown: str) -> None:
    assert result_of(f"{shown}\n\n{BODY}\n{BODY}").changed
    assert not problems(shown.replace("off", "of"))


def test_front_matter_has_no_comments() -> None:
    text = f"---\ntitle: x {OFF}\n---\n\n{BODY}\n{BODY}"
    assert result_of(text).changed


def test_an_open_backtick_hides_nothing() -> None:
    assert not result_of(f"A ` stands here. {OFF}\n\n{BODY}\n{BODY}").changed


def test_a_fence_that_is_never_closed_hides_nothing() -> None:
    assert not result_of(f"```\n\n{OFF}\n\n{BODY}\n{BODY}").changed


def test_plain_text_and_records_have_no_comments() -> None:
    text = f"{OFF}\n\n{BODY}\n{BODY}"
    assert result_of(text, "text").changed
    assert dedup.clean(text).redundancy > 0.4


@pytest.mark.parametrize(
    ("format", "off", "on", "keep"),
    [
        ("rst", ".. dedup: off", ".. dedup: on", ".. dedup: keep"),
        ("asciidoc", "// dedup: off", "//dedup:on", "// dedup: keep"),
        ("pod", "=for dedup off", "=for dedup on", "=for dedup keep"),
        ("html", OFF, ON, KEEP),  # read as text, by --html-input text
    ],
)
def test_other_formats_have_their_own_comments(format: str, off: str, on: str, keep: str) -> None:
    assert not result_of(f"{BODY}\n{off}\n\n{BODY}\n{on}\n", format).changed
    left = cleaned(f"{BODY}\n{BODY.replace(TWO, f'{keep}{chr(10) * 2}{TWO}')}", format)
    assert f"{keep}\n\n{TWO}" in left and left.count(TWO) == 2 and left.count(ONE) == 1
    assert problems(f"{off}\n\n{off}\n\n{on}\n\n{on}\n", format) == [
        "line 3: it is off already, since line 1; the next on ends both",
        "line 7: on, but nothing was off",
    ]
    assert result_of(f"x {off}\n\n{BODY}\n{BODY}", format).changed == (format != "html")


def test_a_listing_in_asciidoc_shows_comments() -> None:
    text = f"----\n// dedup: off\n----\n\n{BODY}\n{BODY}"
    assert result_of(text, "asciidoc").changed
    assert not result_of(text.removeprefix("----\n"), "asciidoc").changed


# -- what is wrong ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<!-- dedup: of -->", "line 1: 'of' is none of off, on, keep; did you mean dedup: off?"),
        ("\n<!-- dedup: OFF -->", "line 2: 'OFF' is none of off, on, keep; did you mean dedup: off?"),
        ("<!-- dedup: -->", "line 1: '' is none of off, on, keep"),
        (
            "<!-- dedup: keep because the court wants all of it -->",
            "line 1: 'keep because the court wants all of it' is none of off, on, keep; did you mean dedup: keep?",
        ),
        (
            "<!-- dedup: off\n-->",
            "line 1: a comment to dedup that is not closed; it has to end, with -->, on its line",
        ),
        (f"a\r\n{ON}", "line 2: on, but nothing was off"),
        (f"a\n\n{KEEP}\n", "line 3: keep, but no paragraph follows"),
        (f"{KEEP}\n{OFF}\na\n", "line 1: keep, but no paragraph follows"),
        (f"{OFF}\n{KEEP}\na\n", "line 2: keep, but it is off here anyway"),
        (f"{OFF}\n{OFF}\na\n", "line 2: it is off already, since line 1; the next on ends both"),
    ],
)  # fmt: skip
def test_what_cannot_be_heeded_is_said_with_its_line(text: str, expected: str) -> None:
    assert problems(text) == [expected]
    assert result_of(text).note == expected


@pytest.mark.parametrize(
    "said", ["dedup keep", "dedup-keep", "DEDUP: keep", "Dedup: kep", "dedup_keep", "dedup : keep"]
)
def test_a_comment_that_only_begins_like_one_to_dedup_is_not_passed_over(said: str) -> None:
    expected = f"line 3: {said!r} is no comment that is understood; did you mean dedup: keep?"
    for format, comment in (
        ("markdown", f"<!-- {said} -->"),
        ("markdown", f"Read <!--{said}--> this."),
        ("html", f"<!-- {said} -->"),
        ("rst", f".. {said}"),
        ("asciidoc", f"// {said}"),
    ):
        assert problems(f"One.\n\n{comment}\n\nTwo.\n", format) == [expected]
    assert not problems(f"Read <!-- {said}\nand more --> this.")
    assert not problems(f"Read `<!-- {said} -->` this.")


def test_where_the_name_stands_for_the_whole_comment_that_is_what_is_hinted_at() -> None:
    assert problems("=for dedup kep\n\n=for Dedup keep\n", "pod") == [
        "line 1: 'kep' is none of off, on, keep; did you mean dedup keep?",
        "line 3: 'Dedup keep' is no comment that is understood; did you mean dedup keep?",
    ]
    assert problems("<!-- dedup is a word -->\n") == [
        "line 1: 'dedup is a word' is no comment that is understood; did you mean dedup: and one of off, on, keep?"
    ]


def test_a_note_names_the_first_few_of_many() -> None:
    note = result_of("<!-- dedup: of -->\n" * 9).note
    assert note.count("did you mean") == 3 and note.endswith("; and 6 more like that")


def test_a_comment_of_another_tool_is_none() -> None:
    assert not problems("<!-- textlint: dedup: off -->\n<!-- dedupe: off -->\n")


# -- keep and keep_hash ----------------------------------------------------------------------------------------


def test_a_paragraph_that_says_a_kept_text_stays_wherever_it_stands() -> None:
    literal = TWO[10:60].upper().replace(" ", "\n")
    result = result_of(f"{BODY}\n{BODY}", "text", keep=(literal,))
    assert result.cleaned == f"{BODY}\n{TWO}\n"
    assert result.keeps == (0,)
    assert not result_of(f"{BODY}\n{BODY}", "text", keep=("e",)).changed


def test_a_text_that_reaches_into_two_paragraphs_keeps_both() -> None:
    left = cleaned(f"{BODY}\n{BODY}", "text", keep=(f"{TWO[-20:]} {THREE[:20]}",))
    assert left == f"{BODY}\n{TWO}\n\n{THREE}\n"


def test_only_texts_for_which_something_stays_are_of_use() -> None:
    keep = ("nobody says this", TWO[:30], "The end")
    assert result_of(f"{BODY}\n{BODY}\nThe end.\n", "text", keep=keep).keeps == (1,)
    assert result_of(f"{BODY}\nThe end.\n", "text", keep=keep).keeps == ()


def test_a_paragraph_with_a_kept_hash_stays() -> None:
    hashes = ("0" * 16, fingerprint(TWO))
    result = result_of(f"{BODY}\n{BODY}", "text", keep=("nothing",), keep_hash=hashes)
    assert result.cleaned == f"{BODY}\n{TWO}\n"
    assert result.keeps == (2,)


@pytest.mark.parametrize("change", ["", "and so on "])
def test_a_finding_with_a_kept_hash_is_none_and_the_other_side_does_not_go(change: str) -> None:
    text = f"{BODY}\nBetween them stands this.\n\n{BODY.replace(' the ', f' the {change}', 2)}"
    found = result_of(text, "text")
    hash = fingerprint("\n".join(edit.removed for edit in found.edits))
    assert {edit.number for edit in found.edits} == {0}
    kept = result_of(text, "text", keep_hash=(hash,))
    assert not kept.changed and kept.keeps == (0,)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"keep": ("* * *",)}, "keep: '* * *' has no letter or digit, and nothing else is compared"),
        ({"keep": ("",)}, "keep: holds something other than a string, or an empty one"),
        ({"keep": "one"}, "keep: 'one' is not a list of strings"),
        ({"keep_hash": ("12",)}, "keep-hash: '12' is no content hash: 16 digits from 0 to 9 and a to f"),
    ],
)  # fmt: skip
def test_unfit_keywords_are_refused(values: dict[str, Any], expected: str) -> None:
    with pytest.raises(DedupError) as caught:
        dedup.clean("a", **values)
    assert str(caught.value) == expected


# -- unused ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{BODY}\n{OFF}\n\n{BODY}\n{ON}\n", []),
        (f"{OFF}\n\n{BODY}\n{ON}\n\n{BODY}", []),
        (f"{OFF}\n\n{BODY}\n{ON}\n", [("off", 1)]),
        (f"{KEEP}\n{BODY}\n{BODY}", [("keep", 1)]),
        (f"{BODY}\n{KEEP}\n{BODY}", []),
        (f"{KEEP}\n{BODY}\n{KEEP}\n{BODY}", [("keep", 1)]),
        (f"{BODY}\n{BODY}\n{KEEP}\nThe end of it all.\n", [("keep", 17)]),
        (f"<!-- dedup: of -->\n{BODY}\n{BODY}\n{KEEP}\n", []),  # these are problems
    ],
)
def test_comments_without_which_nothing_else_would_go_are_unused(
    text: str, expected: list[tuple[str, int]]
) -> None:
    assert unused(text) == expected


def test_without_what_is_unused_the_same_goes() -> None:
    text = f"{KEEP}\n\n{BODY}\n{OFF}\n\nA note.\n\n{ON}\n\n{BODY}\n{KEEP}\n\nThe end of it all.\n"
    assert unused(text) == [("keep", 1), ("off", 11), ("keep", 25)]
    bare = text
    for comment in (KEEP, OFF, ON):
        bare = bare.replace(f"{comment}\n\n", "")
    removed = [edit.removed for edit in result_of(text).edits]
    assert removed == [edit.removed for edit in result_of(bare).edits] and removed


def test_a_comment_that_only_cleanup_heeds_is_of_use() -> None:
    assert unused(f"{KEEP}\na  b\n", normalize_space=True) == []
    assert unused(f"{KEEP}\na  b\n") == [("keep", 1)]


# -- hostile ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "unit",
    [
        f"{OFF}\n",
        f"{KEEP}\n",
        f"{OFF}\na\n{ON}\n",
        f"{KEEP} ",
        "<!-- dedup: ",
        "`<!-- dedup: off --> ",
        "`" * 3 + "<!-- dedup:",
        f"{KEEP}\n{ONE}\n\n",
    ],
)
def test_the_work_grows_with_the_text_and_no_faster(unit: str) -> None:
    """Counted in lines of our code that run."""
    counts = [_steps(Document("a", unit * times, format="markdown")) for times in (100, 200, 400)]
    assert all(two < 2.3 * one for one, two in pairwise(counts)), counts


def _steps(document: Document) -> int:
    """How many lines of our code run while the comments of a document are read."""
    count = 0

    def trace(frame: Any, event: str, argument: object) -> Any:
        nonlocal count
        if "dedup/engine" not in frame.f_code.co_filename:
            return None
        count += 1
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        directives.shown(document)
    finally:
        sys.settrace(before)
    return count


def test_a_comment_in_front_of_every_paragraph_keeps_all() -> None:
    parts = [f"{KEEP}\n{each}\n\n" for each in prose.paragraphs(60, seed=3)]
    text = "".join(parts)
    result = result_of(text + text)
    assert not result.changed
    assert not problems(text)


def test_before_anything_has_to_stay_a_text_is_looked_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What could go is the same whether copies may take each other's place, and each look takes its time."""
    looks = []

    def find(document: Document, options: Options, frozen: Sequence[Span]) -> DocumentResult:
        looks.append((document.text, tuple(frozen)))
        return repeats_of(document, options, frozen)

    monkeypatch.setattr(keeping, "_lasts", lambda *_, **__: False)
    document = Document("a", f"{BODY}\n{KEEP}\n{BODY}", format="markdown")
    assert keeping.result(document, Options(), find, ()).note == keeping.UNSETTLED
    assert looks.count((directives.shown(document).text, ())) == 1 < len(looks)


def test_an_off_that_stops_something_elsewhere_is_of_use() -> None:
    """Whether a short repeat goes is judged by what stands around it, which is more without the comment."""
    short = "Yes.\n\n```\nferry --sail monday --wait tuesday --crew seven\n```"
    text = f"{short}\n\n{OFF}\n\n{prose.paragraphs(5, seed=41)[4]}\n\n{ON}\n\n{short}\n"
    assert not result_of(text).changed
    assert result_of(text.replace(OFF, f"{ON} ")).changed
    assert unused(text) == []
