"""Pages: what readers see of them, and removals of that found again in the source. R46."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dedup.engine.analyze import analyze_document
from dedup.errors import DedupError
from dedup.files.formats.blocks import line_starts
from dedup.files.formats.html import Html, extracted, view
from dedup.files.formats.markup import Token, token
from dedup.files.views import RawEdit, View, apply, restore
from dedup.model import Document, Edit, Passage, Span
from dedup.options import Options
from tests import prose

ONE, TWO, THREE = prose.paragraphs(3, seed=71)


# -- what readers see --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<p>It \n  rained.</p>\n<p>It snowed.", "It rained.\n\nIt snowed."),
        ("<h1>One</h1><h3>Two<br>lines</h3>", "# One\n\n### Two lines"),
        ("<ul><li>a<li><p>b</p><p>c</p></ul>", "- a\n\n- b\n\n- c"),
        ("<ul><li>a<ol><li>b</ol>c</ul>", "- a\n\n- b\n\n- c"),
        ("<table><tr><th>a<th>b<tr><td>1<td>2</table>", "| a | b |\n| 1 | 2 |"),
        ("<table><tr><td>a<td><p>b</p></table>", "a\n\nb"),
        ("<table><tr><td>a<td></table>", "a"),
        ("<pre>\n  a\n\n  b  </pre>", "```\n  a\n\n  b\n```"),
        ("<pre>a ``` b\r\nc</pre>", "````\na ``` b\nc\n````"),
        ("<blockquote>a</blockquote>", "a"),
        ("<br>a <br>\nb<br> <br>c<br></i><br>d<br>", "a\n\nb\n\nc\n\nd"),
        ("<pre>a<br>b</pre>", "```\na\nb\n```"),
        ("a<b>b</b> <i> c</i>", "ab c"),
        ("<a>Home</a><a>News</a>", "HomeNews"),
        ("a &amp; b&nbsp;&lt;c&#62; &copy 2020 &bogus; &#32; d", "a & b\xa0<c> © 2020 &bogus; d"),
        ("a < b, 1<2, a<", "a < b, 1<2, a<"),
        ("<p>a<p>b<div>c</p>d</div>", "a\n\nb\n\nc\n\nd"),
        ("<p title='>'>a</p><p title=\"</p>\">b", "a\n\nb"),
        ("a<!-- b --><!--> c <!-->--><!x><?y?></ z>d", "a c -->d"),
        ("a<math><mi>x</mi><none/><mo>=</mo></math>b", "ax=b"),
        ("<p>&nbsp;</p><p> </p>", ""),
        ("", ""),
    ],
)
def test_the_text_is_what_readers_see(source: str, text: str) -> None:
    assert view(source).text == (text and f"{text}\n")


@pytest.mark.parametrize(
    "hidden",
    [
        "<title>x</title>",
        "<script>if (a<b) '<p>x</p>'</script>",
        "<script><!-- <script>x</script> x --></script>",
        "<style>p > a { }</style>",
        "<template><p>x</p></template>",
        "<noscript><p>x</p></noscript>",
        "<svg><title>x</title><text>x</text><style><path/></svg>",
        "<svg><foreignObject><p>x</p></foreignObject></svg>",
        "<textarea><p>x</textarea>",
        "<select><option>x<option>y</select>",
        "<button>x</button>",
        "<label>x</label>",
        "<iframe><p>x</p></iframe>",
        "<video>x</video>",
        "<!-- x -->",
        "<svg/>",
        "<span hidden>x</span>",
        "<span a='>' STYLE='color:red; Display : none'>x<b>x</b></span>",
    ],
)
def test_what_is_no_text_of_the_page_is_not_looked_at(hidden: str) -> None:
    assert view(f"<p>a {hidden} b</p>c").text == "a b\n\nc\n"


def test_the_page_goes_on_behind_a_picture_that_is_not_closed() -> None:
    assert view("<p>a<svg><path d='x'><p>b").text == "a\n\nb\n"


@pytest.mark.parametrize(
    "shown", ["<b class='a hidden b'>x</b>", "<b title='display:none'>x</b>", "<b a=hidden>x</b>"]
)
def test_words_in_other_attributes_hide_nothing(shown: str) -> None:
    assert view(shown).text == "x\n"


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<div><button>x<button>y</button> a</div>b", "a\n\nb"),
        ("<div><button>x</div>b", "b"),
        ("<p>a <span><label>x</span>b", "a b"),
        ("<table><tr><td><select>x</td><td>b", "b"),
        ("<b>a</p>b<p>c</b>d", "a\n\nb\n\ncd"),
        ("<h1>a</h2>b", "# a\n\nb"),
        ("<ul><li>a<div>b</li><li>c", "- a\n\nb\n\n- c"),
        ("a</li></td></tr>b", "ab"),
        ("<dl><dt>a<dd>b<dt>c</dl>d", "a\n\nb\n\nc\n\nd"),
    ],
)
def test_tags_that_are_not_closed_end_where_browsers_end_them(source: str, text: str) -> None:
    assert view(source).text == f"{text}\n"


@pytest.mark.parametrize("rest", ["<!-- x", "<p title='x", "<script>x", "</p", "<!x", "<p a=", "<"])
def test_what_is_not_finished_ends_the_page(rest: str) -> None:
    assert view(f"<p>a{rest}").text == ("a<\n" if rest == "<" else "a\n")


def test_lines_are_those_of_the_source() -> None:
    page = view("<html>\r\n<p>One\rtwo\n<p>\n&amp;\nthree\n\n</html>\n")
    assert page.text == "One two\n\n& three\n"
    assert page.lines == (0, 0, 4, 9, 9, 11, 17, 17, 17)


# -- the way back ------------------------------------------------------------------------------------------------------


def edit(page: Html, text: str, inserted: str = "", skip: int = 0) -> Edit:
    """An edit of the stretch of the page that reads ``text``."""
    start = -1
    for _ in range(skip + 1):
        start = page.text.index(text, start + 1)
    return _edit(page, Span(start, start + len(text)), inserted)


def _edit(page: View, span: Span, inserted: str = "") -> Edit:
    removed = span.cut(page.text)
    twin = (Passage("page", Span(0, 1)),)
    return Edit("page", span, removed, inserted, "repeated-block", 0, "exact", 1.0, 1.0, twin)


def cleaned(source: str, *removed: str, refuses: bool = False) -> str:
    """The source after the removal of these stretches of its text."""
    page = view(source)
    edits = [edit(page, text) for text in removed]
    refused = page.refused(edits)
    assert bool(refused) == refuses
    raw = page.raw_edits([each for each in edits if each.span not in refused])
    after = apply(source, raw)
    assert restore(after, raw) == source
    return after


@pytest.mark.parametrize(
    ("source", "removed", "after"),
    [
        ("<p>a</p>\n<p>b</p>\n<p>c</p>\n", "b\n\n", "<p>a</p>\n<p>c</p>\n"),
        ("<p>a</p>\r\n<p>b</p>\r\n", "\n\nb", "<p>a</p>\r\n"),
        ("<p>a<p>b<p>c", "b\n\n", "<p>a<p>c"),
        ("<ul><li><p>a</p></li> <li><p>b</p></li></ul>", "- a\n\n", "<ul><li><p>b</p></li></ul>"),
        ("a<div><blockquote> <p>b</p> </blockquote></div>", "\n\nb", "a<div></div>"),
        ("<i><div><p>b</p></div></i><p>c", "b\n\n", "<p>c"),
        ("<p>A. <b>B.</b> C.", "B. ", "<p>A. C."),
        ("<p>A. <b>B. C.</b>", "B. ", "<p>A. <b>C.</b>"),
        ("<p>A <a href=x>B</a>. C. <a href=x>D", "B. ", None),
        ("<p>A.\n  B.\n  C.</p>", " B.", "<p>A.\n  C.</p>"),
        ("a<br>\nb<br>\n<br>c", "b\n\n", "a<br>\nc"),
        ("a<br>b<p>c", "b\n\n", "a<br><p>c"),
        ("<p>a<br>b</p><p>c<br>d", "b\n\nc\n\n", "<p>a<br></p><p>d"),
        ("<p>a<br>b</p><p>c", "\n\nb\n\nc", "<p>a</p>"),
        ("a<p>b</p>c", "b\n\n", "a<p></p>c"),
        ("<p>a<div>b</div><p>c", "b\n\n", "<p>a<p>c"),
        ("<ul><li>a<li>b</li><p>c</p></ul>", "- b\n\n", "<ul><li>a<li></li><p>c</p></ul>"),
        ("<p>a</p>x<hr><p>b</p><hr>", "\n\nb", "<p>a</p>x<hr><p></p><hr>"),
        (
            "<table><tr><td><p>a</p><td><p>b</p></table>",
            "\n\nb",
            "<table><tr><td><p>a</p><td></table>",
        ),
        ("<table><tr><td>a<td>b</table><p>c", "| a | b |\n\n", "<p>c"),
        ("<p>a<pre>b</pre>", "\n\n```\nb\n```", "<p>a"),
        ("<p>a</p><p>&lt;&eacute; x</p>", "\n\n<é x", "<p>a</p>"),
        ("<p>a</p><p>b <!-- c --></p>", "\n\nb", "<p>a</p>"),
    ],
)
def test_an_element_goes_with_its_text(source: str, removed: str, after: str | None) -> None:
    if after is None:
        assert "B" not in cleaned(source, removed)
        return
    assert cleaned(source, removed) == after


@pytest.mark.parametrize(
    "kept",
    [
        "<img src=a>",
        "<iframe src=a></iframe>",
        "<video src=a></video>",
        "<input name=a>",
        "<script>a()</script>",
        "<svg><path d=a></svg>",
        "<select><option>a</select>",
        "<label for=a>Name</label>",
        "<form action=a>",
        "<div id=comments></div>",
        "<ins data-slot=1></ins>",
    ],
)
def test_what_is_no_text_is_not_lost_with_the_text_around_it(kept: str) -> None:
    assert cleaned(f"<p>a</p><div>b {kept}</div>", "\n\nb") in (
        f"<p>a</p><div> {kept}</div>",
        f"<p>a</p><div>{kept}</div>",
    )


def test_a_picture_goes_where_another_stays() -> None:
    card = "<div><img src=a><p>b</p></div>"
    page = view(f"{card}{card}")
    assert page.text == "b\n\nb\n"
    assert cleaned(f"{card}{card}", "\n\nb") == card


def test_of_two_removed_pictures_none_is_lost() -> None:
    card = "<div><img src=a><p>b</p></div>"
    after = cleaned(f"<p>x</p>{card}{card}<p>y</p>", "b\n\nb\n\n")
    assert after == "<p>x</p><div><img src=a></div><div><img src=a></div><p>y</p>"


def test_formatting_that_goes_on_behind_it_keeps_an_element() -> None:
    assert cleaned("<p>a</p><p>b <b>c</p><p>d", "b c\n\n") == "<p>a</p><p><b></p><p>d"
    assert cleaned("<b><p>a</b> b</p><p>c", "a b\n\n") == "<b><p></b></p><p>c"


def test_what_a_link_leads_to_stays() -> None:
    source = "<p><a href='#n'>see</a><p>a</p><p id=n>b</p><p>c"
    assert cleaned(source, "b\n\n", refuses=True) == source
    assert cleaned(source.replace("#n", "#m"), "b\n\n").endswith("<p>a</p><p>c")


def test_the_only_link_to_somewhere_stays() -> None:
    source = "<p>a</p><p><a href='/x/'>b</a></p><p>c</p>"
    assert cleaned(source, "b\n\n", refuses=True) == source
    source = f"<p><a href=/x/>d</a></p>{source}"
    assert cleaned(source, "b\n\n") == "<p><a href=/x/>d</a></p><p>a</p><p>c</p>"


def test_a_link_without_text_is_not_lost_either() -> None:
    source = "<p>a</p><div><a href=/x/></a><p>b</p></div><p>c</p><p>d</p>"
    after = "<p>a</p><div><a href=/x/></a><p>b</p></div><p>d</p>"
    assert cleaned(source, "b\n\n", "c\n\n", refuses=True) == after
    assert cleaned(f"<p><a href=/x/>x</a>{source}", "b\n\n").endswith(">a</p><p>c</p><p>d</p>")


def test_of_neighbours_only_what_a_link_leads_to_stays() -> None:
    source = "<p><a href=#n>a</a></p><p>b</p><p id=n>c</p><p>d</p>"
    after = "<p><a href=#n>a</a></p><p id=n>c</p><p>d</p>"
    assert cleaned(source, "b\n\n", "c\n\n", refuses=True) == after


def test_a_link_with_another_query_leads_to_the_same_article() -> None:
    source = (
        "<p><a href='https://a.org/a-long-title?ref=1'>d</a>"
        "<p>a</p><p><a href=/a-long-title/>b</a></p><p>c"
    )
    assert cleaned(source, "b\n\n").endswith("<p>a</p><p>c")
    source = "<p><a href='/x?id=1'>d</a><p>a</p><p><a href=/x?id=2>b</a></p><p>c"
    assert cleaned(source, "b\n\n", refuses=True) == source


@pytest.mark.parametrize(
    ("source", "removed"),
    [
        ("<ul><li>A. B.</ul>", "- A. "),
        ("<h2>A. B.</h2>", "# A. "),
        ("<p>x&fjlig;y", "f"),
        ("<p>a</p><p>b</p>", "\n"),
        ("<table><tr><td>a<td>b<tr><td>c<td>d</table>e", "| c | d |\n\n"),
    ],
)
def test_what_would_leave_another_text_is_refused(source: str, removed: str) -> None:
    assert cleaned(source, removed, refuses=True) == source


def test_one_refused_removal_does_not_keep_the_others() -> None:
    source = "<p>A. B.</p><ul><li>C. D.</ul><p>e</p>"
    assert cleaned(source, "A. ", "- C. ", refuses=True) == source.replace("A. ", "")


def test_sentences_that_together_are_a_block_go_with_it() -> None:
    assert cleaned("<p>x<ul><li>A. B.</li></ul><p>c", "- A. ", "B.\n\n") == "<p>x<p>c"


def test_inserted_text_is_escaped() -> None:
    page = view("<p>a &lt; b</p>")
    edits = [edit(page, "<", "<&>")]
    assert page.refused(edits) == []
    assert apply(page.raw, page.raw_edits(edits)) == "<p>a &lt;&amp;&gt; b</p>"


@pytest.mark.parametrize(
    ("source", "old", "new"),
    [
        ("<p>a<b>b</b>", "ab", "c"),
        ("<p>a", "a", "b  c"),
        ("<li>a", "- a", "b"),
        ("<p>a", "a", "  "),
    ],
)
def test_inserted_text_needs_one_stretch_of_the_source(source: str, old: str, new: str) -> None:
    page = view(source)
    edits = [edit(page, old, new)]
    assert page.refused(edits) == [edits[0].span]


def test_a_page_sent_to_another_process_is_its_text_alone() -> None:
    page: View = view(f"<p>{ONE}</p><p>{ONE}</p>")
    before = len(pickle.dumps(page))
    page.refused([_edit(page, Span(len(ONE), 2 * len(ONE) + 2))])
    assert len(pickle.dumps(page)) == before and pickle.loads(pickle.dumps(page)) == page


# -- with the search for repeats ---------------------------------------------------------------------------------------


def test_a_page_is_cleaned_to_a_fixed_point() -> None:
    block = f"<section>\n<h2>Ferries</h2>\n<p>{ONE}</p>\n<p>{TWO}</p>\n</section>\n"
    source = f"<body>\n{block}<p>{THREE}</p>\n{block}</body>\n"
    page = view(source)
    result = analyze_document(Document("p", page.text, format="html", lines=page.lines), Options())
    assert page.refused(result.edits) == []
    after = apply(source, page.raw_edits(result.edits))
    assert after == f"<body>\n{block}<p>{THREE}</p>\n</body>\n"
    assert view(after).text == result.cleaned
    removed = [place for f in result.findings for place in f.places if place.role == "removed"]
    assert [(place.line, place.end_line) for place in removed] == [(9, 11)]


# -- any page ----------------------------------------------------------------------------------------------------------

TAGS = (
    "p div li ul td tr table tbody h2 b i a span br hr img pre svg math mi script style select option button section "
    "blockquote label form template title noscript dl dt dd body html em foreignObject x-y textarea"
).split()
WORDS = st.sampled_from(
    [
        "One.",
        " Two two. ",
        "\n",
        " ",
        "\r\n",
        "&amp;",
        "&nbsp;",
        "&fjlig;",
        "<",
        "x",
        "```",
        "| a",
        "- ",
        "\x00",
        "&#13;",
    ]
)
OPENING = st.builds(
    "<{}{}>".format,
    st.sampled_from(TAGS),
    st.sampled_from(["", " id=n", " href='#n'", " href=/a", " a='>'", " /", "/"]),
)
MARKUP = st.one_of(
    WORDS,
    OPENING,
    st.sampled_from(TAGS).map("</{}>".format),
    st.sampled_from(
        ["<!-- c -->", "<!--", "<!x>", "</", "<p a='", "<![CDATA[x]]>", "-->", "</p x=1>"]
    ),
)
SOUP = st.lists(MARKUP, max_size=40).map("".join)
TREES = st.recursive(
    WORDS,
    lambda inner: st.builds(
        lambda name, parts: f"<{name}>{''.join(parts)}</{name}>\n",
        st.sampled_from("p div li ul h2 b a span section td tr table pre".split()),
        st.lists(inner, max_size=5),
    ),
    max_leaves=25,
)
PAGES = st.one_of(SOUP, st.lists(TREES, max_size=8).map("".join))


@given(st.one_of(st.text(), SOUP))
def test_any_text_is_a_page(source: str) -> None:
    page = view(source)
    assert page.raw == source
    assert page.text == "" or (page.text.endswith("\n") and not page.text.isspace())
    assert len(page.lines) == len(line_starts(source)) + 1
    assert list(page.lines) == sorted(page.lines) and page.lines[-1] <= len(page.text)
    assert pickle.loads(pickle.dumps(page)) == page


@given(st.one_of(st.text(), SOUP), st.booleans())
def test_the_tokens_are_the_source(source: str, is_foreign: bool) -> None:
    assert "".join(source[t.start : t.end] for t in tokens(source, is_foreign)) == source


def tokens(source: str, is_foreign: bool = False) -> list[Token]:
    found: list[Token] = []
    at = 0
    while at < len(source):
        found.append(token(source, at, is_foreign))
        at = found[-1].end
    return found


@st.composite
def removals(draw: st.DrawFn) -> tuple[Html, list[Edit]]:
    """A page and disjoint removals: of lines as they are cut, or of any stretch."""
    page = view(draw(PAGES))
    cuts = {0, len(page.text)}
    cuts |= {at for at in range(1, len(page.text)) if page.text[at - 1] in "\n " != page.text[at]}
    cuts |= {at for at in range(1, len(page.text)) if page.text[at] in "\n"}
    cuts |= draw(st.sets(st.integers(0, len(page.text)), max_size=3))
    chosen = sorted(draw(st.sets(st.sampled_from(sorted(cuts)), max_size=8)))
    spans = [Span(start, end) for start, end in zip(chosen[::2], chosen[1::2], strict=False)]
    return page, [_edit(page, span) for span in spans]


@given(removals())
@example((view("<p>a<p>b"), [_edit(view("<p>a<p>b"), Span(0, 3))]))
def test_what_is_not_refused_goes_and_nothing_else(case: tuple[Html, list[Edit]]) -> None:
    page, edits = case
    refused = page.refused(edits)
    assert set(refused) <= {each.span for each in edits}
    edits = [each for each in edits if each.span not in refused]
    assert page.refused(edits) == []
    raw = page.raw_edits(edits)
    after = apply(page.raw, raw)
    assert restore(after, raw) == page.raw
    assert all(one.start + len(one.removed) < two.start for one, two in pairwise(raw))
    assert view(after).text == "".join(
        char
        for at, char in enumerate(page.text)
        if not any(each.span.start <= at < each.span.end for each in edits)
    )
    assert_balanced(page.raw, raw)


OPTIONAL_ENDS = {
    "p",
    "li",
    "td",
    "tr",
    "tbody",
    "dt",
    "dd",
    "option",
    "span",
    "x-y",
    "div",
    "section",
}


def assert_balanced(source: str, raw: Sequence[RawEdit]) -> None:
    """Whether the tags that go belong together, and the others are still read as tags."""
    kept = [t for t in tokens(source) if t.kind in ("start", "end")]
    kept = [t for t in kept if not any(e.start <= t.start < e.span.end for e in raw)]
    after = [t for t in tokens(apply(source, raw)) if t.kind in ("start", "end")]
    if "<svg" not in source and "<math" not in source:
        assert [(t.kind, t.name) for t in kept] == [(t.kind, t.name) for t in after]
    for each in raw:
        opened: list[str] = []
        for t in tokens(each.removed):
            if t.kind == "start":
                opened.append(t.name)
            elif t.kind == "end" and t.name in opened:
                while opened.pop() != t.name:
                    pass
            elif t.kind == "end":
                assert t.name not in ("b", "i", "a", "em", "body", "html", "form")
        assert not {"b", "i", "a", "em", "form"} & set(opened)


@pytest.mark.parametrize(
    "mark", ["<!--", "<a ", "<a b='", "<![", "</a", "<?", "<script>", "<textarea>", "<script><!--"]
)
def test_what_is_never_finished_is_read_once(mark: str) -> None:
    assert len(tokens(mark * 100_000)) == 1
    assert view(f"<p>a</p>{mark * 100_000}").text == "a\n"


@pytest.mark.parametrize("depth", [1_000, 100_000])
def test_a_page_may_be_nested_as_deep_as_it_likes(depth: int) -> None:
    source = f"<p>a</p>{'<div><b>' * depth}b{'</b></div>' * depth}<p>c"
    page = view(source)
    assert page.text == "a\n\nb\n\nc\n"
    assert cleaned(source, "b\n\n") == "<p>a</p><p>c"


# -- the main text alone -----------------------------------------------------------------------------------------------


def test_the_main_text_is_extracted() -> None:
    body = "".join(f"<p>{paragraph}</p>" for paragraph in [ONE, TWO, THREE, ONE])
    source = f"<html><body><nav><a href=/>Start</a></nav><article><h1>T</h1>{body}</article></body></html>"
    found = extracted(source, "a.html")
    assert found.count(ONE) == 2 and TWO in found and "Start" not in found and found.endswith("\n")
    assert extracted(source, "a.html") == found


@pytest.mark.parametrize("source", ["", "<", "<html></html>", "\x00", "<p>" * 9])
def test_a_page_without_a_main_text_is_named(source: str) -> None:
    with pytest.raises(DedupError, match=r"a\.html: has no main text"):
        extracted(source, "a.html")


def test_a_view_counts_as_equal_by_what_it_says() -> None:
    assert view("<p>a") == view("<p>a") != replace(view("<p>a"), text="b\n")
