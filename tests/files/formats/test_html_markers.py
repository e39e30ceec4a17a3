"""Comments to dedup in the source of a page: found, heeded, and never removed."""

from __future__ import annotations

import re
from typing import Any

import pytest

from dedup.batch import single
from dedup.batch.single import Outcome
from dedup.engine.analyze import problems_of, unused_directives
from dedup.files.formats import html
from dedup.files.read import Raw
from dedup.model import Span
from dedup.options import Options
from tests import prose

PARTS = prose.paragraphs(5, seed=19)
BODY = "".join(f"<p>{part}</p>\n" for part in PARTS)
ITEMS = "<ul>" + "".join(f"<li>{part}</li>" for part in PARTS) + "</ul>\n"
OFF, ON, KEEP = (f"<!-- dedup: {word} -->" for word in ("off", "on", "keep"))


def outcome(inner: str, **values: Any) -> Outcome:
    """What comes of a page; cleaned again it is the same, and all comments stand."""
    source = f"<html><body><h1>News</h1>\n{inner}</body></html>\n"
    options = Options(**values)
    read = single.decoded(Raw(source.encode(), None, None), "a.html", options, "html")
    found = single.process(read, options)
    assert not found.broken and not found.result.note.startswith("left whole")
    comments = re.findall("<!--.*?-->", source)
    assert re.findall("<!--.*?-->", found.data.decode()) == comments
    again = single.decoded(Raw(found.data, None, None), "a.html", options, "html")
    assert single.process(again, options).data == found.data
    return found


def paragraphs(inner: str, **values: Any) -> list[int]:
    """How often each of ``PARTS`` is left."""
    left = outcome(inner, **values).data.decode()
    return [left.count(part) for part in PARTS]


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        (BODY + BODY, [1, 1, 1, 1, 1]),
        (BODY + OFF + BODY, [2, 2, 2, 2, 2]),
        (OFF + BODY + ON + BODY, [2, 2, 2, 2, 2]),
        (f"{BODY}<div>{OFF}\n{BODY}{ON}</div>", [2, 2, 2, 2, 2]),
        (f"{BODY}{KEEP}\n{BODY}", [2, 1, 1, 1, 1]),
        (BODY + BODY.replace(f"<p>{PARTS[2]}", f"<p>{KEEP}{PARTS[2]}"), [1, 1, 2, 1, 1]),
        (BODY + BODY.replace(PARTS[1], PARTS[1][:40] + KEEP + PARTS[1][40:]), [1, 1, 1, 1, 1]),
        (
            BODY + BODY.replace(f"{PARTS[1]}</p>", f"{PARTS[1]}{OFF}</p>").replace(
                f"{PARTS[3]}</p>", f"{PARTS[3]}{ON}</p>"
            ),
            [1, 1, 2, 2, 1],
        ),
        (
            ITEMS + ITEMS.replace(f"<li>{PARTS[1]}", f"{OFF}<li>{PARTS[1]}").replace(
                f"<li>{PARTS[3]}", f"{ON}<li>{PARTS[3]}"
            ),
            [1, 2, 2, 1, 1],
        ),
        (f"{BODY}<template>{KEEP}</template>{BODY}", [1, 1, 1, 1, 1]),
        (f"{BODY}<script>{OFF}</script>{BODY}", [1, 1, 1, 1, 1]),
        (f"{BODY}<p>&lt;!-- dedup: off --&gt;</p>{BODY}", [1, 1, 1, 1, 1]),
    ],
)  # fmt: skip
def test_what_comments_keep_stays(inner: str, expected: list[int]) -> None:
    assert paragraphs(inner) == expected


def test_an_element_that_loses_its_text_stays_around_a_comment() -> None:
    doubled = BODY + BODY.replace(f"{PARTS[0]}</p>", f"{PARTS[0]}{OFF}{ON}</p>")
    assert f"<p>{OFF}{ON}</p>" in outcome(doubled).data.decode()


def test_a_kept_text_is_looked_for_in_what_readers_see() -> None:
    marked = BODY.replace(PARTS[2], PARTS[2].replace(" ", " <b>", 1).replace(".", "</b>.", 1))
    found = outcome(BODY + marked, keep=(PARTS[2][:40],))
    assert found.result.keeps == (0,) and found.data.count(b"<b>") == 1


def test_comments_have_the_lines_of_the_source() -> None:
    page = html.view(f"<p>One\n{OFF}\n<p>Two\r\n<p>Three{ON}<p>Four <!-- else -->\n\n{KEEP}")
    assert page.text == "One\n\nTwo\n\nThree\n\nFour\n"
    assert [(each.said, each.line) for each in page.markers] == [("off", 2), ("on", 4), ("keep", 6)]
    assert [each.span for each in page.markers] == [Span(3, 5), Span(15, 17), Span(21, 22)]


def test_what_is_wrong_or_of_no_use_is_said() -> None:
    document = outcome(
        f"{BODY}<!-- dedup: of -->\n{KEEP}{BODY}{OFF}<p>The end.</p>"
    ).source.document
    assert [str(each) for each in problems_of(document)] == [
        "line 7: 'of' is none of off, on, keep; did you mean dedup: off?"
    ]
    unused = unused_directives(document, Options())
    assert [(each.said, each.line) for each in unused] == [("off", 13)]


def test_what_begins_like_a_comment_to_dedup_is_not_passed_over() -> None:
    page = f"{BODY}<!-- DEDUP keep -->{BODY}<!-- dedupe: off --><!-- dedup is\na word -->"
    assert [str(each) for each in problems_of(outcome(page).source.document)] == [
        "line 7: 'DEDUP keep' is no comment that is understood; did you mean dedup: keep?"
    ]


def test_as_text_the_source_has_its_comments_in_it() -> None:
    source = f"{BODY}\n{OFF}\n{BODY}".encode()
    options = Options(html_input="text")
    read = single.decoded(Raw(source, None, None), "a.html", options, "html")
    assert single.process(read, options).data == source
