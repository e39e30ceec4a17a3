"""The page: whole, safe whatever a text says, bounded, the same for the same result."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser
from pathlib import Path

import pytest

import dedup
from dedup.engine.normalize import fingerprint
from dedup.model import (
    BOILERPLATE,
    CONTAINED,
    DUPLICATE_DOCUMENT,
    FIXED_TEXT,
    KEPT_LOOKALIKE,
    NEAR_DUPLICATE,
    REPEATED_BLOCK,
    Document,
    DocumentResult,
    Edit,
    Failure,
    Finding,
    Passage,
    Place,
    Quote,
    Result,
    Span,
    Totals,
)
from dedup.options import Options
from dedup.reports import html
from dedup.reports.html import choice
from tests.conftest import Run
from tests.prose import doubled, paragraphs
from tests.reports.build import Builder, whole

HOSTILE = (
    "</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>", '"><svg onload=alert(1)>',
    "javascript:alert(1)", "]]>", "<!-- ", "-->", "\x00", "\udcff", "\x1b[2J", "\u202e",
    "</style><style>*{display:none}</style>", "' autofocus onfocus='alert(1)", "&lt;b&gt;", "</bdi></del>",
    "{{7*7}}", "<a href=//x>", "<base href=//x>", "\x01d0f0",
)  # fmt: skip


class Tags(HTMLParser):
    """What elements a page has, with their attributes, and what is said in them."""

    def __init__(self, page: bytes) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, tuple[tuple[str, str | None], ...]]] = []
        self.said: list[str] = []
        self.other: list[str] = []
        self.feed(page.decode())
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(attrs)))

    def handle_data(self, data: str) -> None:
        self.said.append(data)

    def handle_comment(self, data: str) -> None:
        self.other.append(data)

    def values(self, name: str) -> Iterator[str]:
        for _, attrs in self.tags:
            yield from (value or "" for key, value in attrs if key == name)

    @property
    def shape(self) -> list[tuple[str, tuple[str, ...]]]:
        """Elements and the names of their attributes."""
        return [(tag, tuple(key for key, _ in attrs)) for tag, attrs in self.tags]


def rendered(*results: DocumentResult, **more: object) -> bytes:
    result = dataclasses.replace(whole(*results), **more)  # type: ignore[arg-type]
    return html.render(result, fingerprint)


def example(said: str = "said", name: str = "a.txt") -> DocumentResult:
    """A document with a finding of each kind, ``said`` in all its passages."""
    one, two = f"First {said} stays here.", f"Second {said} is nearly so."
    text = f"{one}\n{two}\n{one}\nSecond {said} is nearly this.\nTeaser {said}.\nRest {said}.\n"
    builder = Builder(text, name)
    builder.removes(REPEATED_BLOCK, [(builder.find(one), builder.find(one, 1))])
    near = builder.find(f"Second {said} is nearly this.")
    builder.removes(NEAR_DUPLICATE, [(builder.find(two), near)], kind="near", score=0.9)
    teaser = builder.find(f"Teaser {said}.")
    builder.removes(CONTAINED, [(builder.find(f"{said} stays"), teaser)], score=0.8)
    builder.keeps([builder.find(one), builder.find(f"Rest {said}.")], f"alike {said}")
    return dataclasses.replace(builder.result(), note=f"note {said}")


def page_with(said: str) -> bytes:
    return rendered(
        example(said, f"a{said}.txt"),
        example(said, f"b{said}/c.txt"),
        options=Options(keep=(f"kept words {said}",)),
        failures=(Failure(f"bad{said}", f"reason {said}"),),
    )


# R50


def harmless(said: str) -> str:
    """As many words and signs as ``said`` has, of which none means anything in HTML."""
    return f"w{said}d".translate(dict.fromkeys(map(ord, "<>&'\""), "*"))


@pytest.mark.parametrize("said", HOSTILE)
def test_r50_nothing_a_text_says_becomes_an_element_or_attribute(said: str) -> None:
    clean, hostile = Tags(page_with(harmless(said))), Tags(page_with(f"w{said}d"))
    assert hostile.shape == clean.shape
    assert hostile.other == clean.other == []
    for name in ("href", "src", "action", "style"):
        assert [*hostile.values(name)] == [*clean.values(name)]


@pytest.mark.parametrize("said", HOSTILE)
def test_r50_a_single_document_as_well(said: str) -> None:
    clean, hostile = Tags(rendered(example(harmless(said)))), Tags(rendered(example(f"w{said}d")))
    assert hostile.shape == clean.shape


def test_r50_what_cannot_be_seen_is_spelled_out() -> None:
    page = page_with("\x1b[2J\x00\u202e\u2028\udcff\r").decode()
    assert not set(page) & set("\x1b\x00\u202e\u2028\udcff\r")
    assert "\\x1b[2J\\x00\\u202e\\u2028\\udcff" in page


def test_r50_the_page_fetches_nothing_and_its_policy_allows_only_what_is_in_it() -> None:
    page = page_with("word").decode()
    tags = Tags(page.encode())
    assert not [*tags.values("src")] and not [*tags.values("style")]
    assert all(value.startswith("#") or value == "data:," for value in tags.values("href"))
    assert not re.search(r"https?:|url\(|@import", page)
    (policy,) = [value for value in tags.values("content") if "default-src" in value]
    found = dict(each.strip().split(" ", 1) for each in policy.split(";"))
    for name in ("style", "script"):
        (inner,) = re.findall(rf"<{name}>(.*?)</{name}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(inner.encode()).digest()).decode()
        assert found.pop(f"{name}-src") == f"'sha256-{digest}'"
    assert found.pop("img-src") == "data:"
    assert found == dict.fromkeys(("default-src", "base-uri", "form-action"), "'none'")
    assert page.index("Content-Security-Policy") < page.index("<style>")


def test_corpus_text_brings_its_own_direction() -> None:
    tags = Tags(rendered(example(), example(name="b.txt")))
    assert ("bdi", (("class", "file"),)) in tags.tags
    sides = [attrs for tag, attrs in tags.tags if tag == "p" and ("dir", "auto") in attrs]
    assert len(sides) >= 16


# What is on it


def test_the_first_screen_says_how_much_and_whether_to_trust_it() -> None:
    result = example()
    said = "".join(Tags(rendered(result)).said)
    gone = f"{result.removed_characters:,} of {len(result.document.text):,} characters"
    head = said[: said.index("Findings\n")]
    assert gone in head and "Lowest score 0.80, lowest confidence 0.97." in head
    for kind in ("repeated block1", "near-duplicate1", "contained teaser1", "look-alike1"):
        assert kind in head
    assert "1 look-alike was kept" in head and "note said" in head


def test_of_several_documents_the_worst_come_first() -> None:
    results = [example("word" * n, f"{n}.txt") for n in range(1, 15)]
    page = rendered(*results).decode()
    worst = re.search(r'id="worst">.*?</table>', page, re.DOTALL)
    assert worst is not None
    names = re.findall(r"<bdi>(.*?)</bdi>", worst[0])
    assert names == [f"{n}.txt" for n in range(14, 4, -1)]
    every = re.search(r'id="files">.*?</table>', page, re.DOTALL)
    assert every is not None and every[0].count("<tr>") == 15


def test_every_finding_has_both_sides_a_score_a_rule_and_a_keep_entry() -> None:
    result = example()
    page = rendered(result).decode()
    findings = re.findall(r'<details class="finding".*?</details>', page, re.DOTALL)
    assert len(findings) == 3
    for finding, copy in zip(findings, result.copies(), strict=True):
        assert 'class="side kept"' in finding and 'class="side removed"' in finding
        assert "<del>" in finding and "score " in finding and "confidence " in finding
        assert f'href="#rule-{copy.finding.name}"' in finding
        assert f"hash = &quot;{fingerprint(copy.said)}&quot;" in finding
    near = findings[1]
    assert '<mark class="own removed">this</mark>' in near
    assert '<mark class="own kept">so</mark>' in near
    assert '<mark class="shared kept">' in findings[2]


def test_look_alikes_have_a_section_of_their_own_with_the_reason() -> None:
    page = rendered(example()).decode()
    section = page[page.index('<section class="lookalikes">') :]
    (alike,) = re.findall(r'<details class="finding alike".*?</details>', page, re.DOTALL)
    assert alike in section and "Kept: alike said." in alike and "<del>" not in alike


def test_every_link_leads_to_one_place_and_no_id_stands_twice() -> None:
    for page in (rendered(example()), page_with("word")):
        tags = Tags(page)
        ids = [*tags.values("id")]
        assert len(ids) == len(set(ids))
        links = {value[1:] for value in tags.values("href") if value.startswith("#")}
        assert links <= set(ids)
        assert {"d0f0", "d0f0p0", "d0f0p1"} <= links


def test_the_text_holds_every_letter_and_folds_what_goes() -> None:
    result = example("<b>&\t")
    page = rendered(result).decode()
    reader = page[page.index('<div class="text">') :]
    shown = reader[: reader.index("\n</div>\n</section>")]
    gone = re.sub(r"<summary.*?</summary>|<span class=\"about\">.*?</span>", "", shown)
    text = "".join(Tags(gone.encode()).said)
    assert text == result.document.text
    kept = re.sub(r"<details.*?</details>", "", gone, flags=re.DOTALL)
    assert "".join(Tags(kept.encode()).said) == result.cleaned


def test_line_ends_are_line_ends_in_the_text_whatever_they_are() -> None:
    text = "One said here.\r\nOne said here.\r\nEnd\rof it"
    builder = Builder(text)
    line = "One said here."
    builder.removes(NEAR_DUPLICATE, [(builder.find(line), builder.find(line, 1))])
    page = rendered(builder.result()).decode()
    assert "End\nof it" in page and "\\r" not in page


def test_repairs_are_shown_as_what_they_mend() -> None:
    text = "It was ﬁne before.\nNothing else.\n"
    span = Span(7, 8)
    document = Document("a.txt", text)
    edit = Edit("a.txt", span, "ﬁ", "fi", FIXED_TEXT, 0, "cleanup", 1.0, 1.0, ())
    place = Place(Passage("a.txt", span), 1, 1, 1, "cleaned")
    finding = Finding(FIXED_TEXT, (place,), 1.0, 1.0, "cleaned", "1 place: line 1")
    cleaned = text.replace("ﬁ", "fi")
    page = rendered(DocumentResult(document, (finding,), (edit,), cleaned, 2, 0)).decode()
    assert '<del class="mend">ﬁ</del><ins>fi</ins>ne before' in page
    assert "+ mended" in page and "[[keep]]" not in page
    assert "1 place repaired" in page


def across(said: str = "once") -> tuple[DocumentResult, DocumentResult]:
    """Two documents; the second repeats a line of the first and is reported as nearly a copy of it."""
    line = f"Here it is said {said}, near enough.\n"
    one = Builder(f"Intro of its own.\n{line}{line}", "b/other.txt")
    one.removes(NEAR_DUPLICATE, [(one.find(line.strip()), one.find(line.strip(), 1))])
    text = "Here it is said again, near enough.\nAnd more.\n"
    span = Span(0, text.index("\n") + 1)
    there = Passage("b/other.txt", Span(18, 17 + len(line)))
    edit = Edit("a.txt", span, span.cut(text), "", NEAR_DUPLICATE, 0, "near", 0.9, 0.9, (there,))
    here = Passage("a.txt", span)
    goes = Finding(
        NEAR_DUPLICATE, (Place(there, 2, 2, 1, "kept"), Place(here, 1, 1, 1, "removed")), 0.9, 0.9,
        "removed",
    )  # fmt: skip
    whole_of = (Place(there, 1, 3, 3, "kept"), Place(here, 1, 2, 2, "kept"))
    copied = Finding(DUPLICATE_DOCUMENT, whole_of, 0.75, 0.8, "reported")
    quotes = (Quote(there, line.strip(), 2),)
    two = DocumentResult(
        Document("a.txt", text), (goes, copied), (edit,), "And more.\n", 2, 1, quotes=quotes
    )
    return one.result(), two


def test_a_copy_of_another_document_is_shown_beside_what_that_one_says() -> None:
    result = across("once")[1]
    page = rendered(result)
    said = "".join(Tags(page).said)
    assert "line 1 repeats line 2 of b/other.txt" in said and "+ kept in b/other.txt" in said
    shown = page.decode()
    assert '<mark class="own kept">once</mark>' in shown
    assert '<mark class="own removed">again</mark>' in shown
    assert "1 of them in another file" in said
    links = {value[1:] for value in Tags(page).values("href") if value.startswith("#")}
    assert links <= {*Tags(page).values("id")}


def test_the_two_places_of_a_finding_are_linked_across_documents() -> None:
    one, two = across()
    page = rendered(one, two).decode()
    assert (
        page.count('<a href="#d0l2">line 2 of <bdi>b/other.txt</bdi></a>') == 2
    )  # finding and text
    alone = rendered(
        two, dataclasses.replace(two, document=dataclasses.replace(two.document, name="c"))
    )
    assert b'<span class="other">line 2 of <bdi>b/other.txt</bdi></span>' in alone


def test_what_stands_between_copies_is_on_their_side_and_stays() -> None:
    lines = ("One boat is red.", "Two is blue.")
    builder = Builder(f"{lines[0]}\n{lines[1]}\n{lines[0]}\nAn advert.\n{lines[1]}\n")
    pairs = [(builder.find(line), builder.find(line, 1)) for line in lines]
    page = rendered(builder.removes(REPEATED_BLOCK, pairs).result()).decode()
    sides = re.findall(r'<div class="side (\w+)">.*?<p(?: dir="auto")?>(.*?)</p>', page)
    assert [role for role, _ in sides] == ["kept", "removed", "nothing", "only", "kept", "removed"]
    assert re.sub("<.*?>", "", sides[3][1]) == "An advert. no copy of it, stays"


def test_the_strip_explains_the_signs_that_are_in_it() -> None:
    builder = Builder("Clause one costs 12 crowns.\nClause two costs 14 crowns.\n")
    spans = [builder.find(line) for line in builder.document.text.splitlines()]
    alike = rendered(builder.keeps(spans, "numbers differ").result())
    for page, words in (
        (alike, "stays"),
        (rendered(example()), "other textkept, has a copycopy, goes"),
    ):
        (key,) = re.findall(
            r'<figure class="whole-strip">.*?<figcaption>(.*?)</figcaption>', page.decode()
        )
        assert re.sub("<.*?>| (?=other|stays|kept|copy,)", "", key) == words


def test_colours_of_arcs_are_explained_where_there_are_several() -> None:
    page = rendered(example()).decode()
    key = page[page.index('class="arcplot"') :].partition("<figcaption>")[2].partition("</fig")[0]
    assert re.findall(r'class="arc (\w+)"', key) == ["exact", "contained", "alike"]
    assert (
        re.sub("<.*?>", "", key).split(".")[-1] == "  copy  part of a longer passage  alike, kept"
    )
    line = "Only this line is there."
    builder = Builder(f"{line}\n{line}\n")
    builder.removes(NEAR_DUPLICATE, [(builder.find(line), builder.find(line, 1))])
    alone = rendered(builder.result()).decode().partition('class="arcplot"')[2]
    assert alone.count('class="arc ') == 1


def test_marked_words_are_explained_as_far_as_there_are_any() -> None:
    page = rendered(example()).decode()
    keys = re.findall(r'<p class="more marks">(.*?)</p>', page)
    assert [re.sub("<.*?>", "", key) for key in keys] == [
        "Marked: only in what stays only in the copy", "Marked: only in the copy words of the teaser",
        "Marked: differs",
    ]  # fmt: skip
    shown = re.findall(r'<mark class="(.*?)">', page)
    assert {*shown} == {*re.findall(r'<mark class="(.*?)">', "".join(keys))}


def test_bars_tell_what_goes_from_what_is_only_reported() -> None:
    found = {NEAR_DUPLICATE: 4, BOILERPLATE: 3, DUPLICATE_DOCUMENT: 2, KEPT_LOOKALIKE: 1}
    totals = Totals(9, findings=found, removed_findings={NEAR_DUPLICATE: 4, BOILERPLATE: 1})
    page = html.render(Result(Options(), (), totals), fingerprint).decode()
    rows = re.findall(r'<tr><th scope="row"><a href="#rule-([\w-]+)".*?</tr>', page)
    bars = [
        re.findall(r'width="(\d+)" height="\d" class="(\w+)"', row)
        for row in re.findall(r'<td class="gauge">(.*?)</td>', page)
    ]
    assert dict(zip(rows, bars, strict=True)) == {
        NEAR_DUPLICATE: [("100", "removed")],
        BOILERPLATE: [("25", "removed"), ("50", "reported")],
        DUPLICATE_DOCUMENT: [("50", "reported")],
        KEPT_LOOKALIKE: [("25", "alike")],
    }
    said = "".join(Tags(page.encode()).said)
    assert "removed  reported, stays  alike, stays" in said


def test_what_is_only_reported_is_said_to_stay() -> None:
    page = rendered(*across()).decode()
    (found,) = re.findall(
        r'<details class="finding"[^>]*data-name="duplicate-document".*?</details>', page, re.DOTALL
    )
    assert "Reported, nothing of it is removed." in found and "<del>" not in found
    assert "is a copy of <bdi>b/other.txt</bdi>" in found and "[[keep]]" not in found


def test_documents_that_are_near_copies_are_drawn_as_a_matrix_and_as_trees() -> None:
    page = rendered(*across()).decode()
    section = (
        page[page.index('class="copied"') : page.index("All 2 files")]
        if "All 2 files" in page
        else page
    )
    assert "1 file is nearly the same as others." in section
    assert "<title>a.txt and b/other.txt: 0.75</title>" in section
    assert (
        '<li><bdi>b/other.txt</bdi><ul><li><span class="score">0.75</span> <bdi>a.txt</bdi>'
        in section
    )
    assert 'class="copied"' not in rendered(example(), example("word", "b.txt")).decode()


def test_a_document_that_goes_whole_is_shown_beside_what_it_repeats() -> None:
    text = "All of it is said in the other one.\n"
    there, span = Passage("b.txt", Span(0, 35)), Span(0, len(text))
    edit = Edit("a.txt", span, text, "", DUPLICATE_DOCUMENT, 0, "drop", 1.0, 1.0, (there,))
    places = (Place(there, 1, 1, 1, "kept"), Place(Passage("a.txt", span), 1, 1, 1, "removed"))
    finding = Finding(DUPLICATE_DOCUMENT, places, 1.0, 1.0, "removed")
    quotes = (Quote(there, text.strip(), 1),)
    page = rendered(
        DocumentResult(Document("a.txt", text), (finding,), (edit,), "", 1, 1, quotes=quotes)
    )
    said = "".join(Tags(page).said)
    assert "is a copy of b.txt" in said and "100% repeated" in said
    assert (
        page.decode().count("All of it is said in the other one.") >= 3
    )  # both sides, and the text


def test_nothing_found_is_said_so() -> None:
    result = dedup.clean("Only one line is here.\n")
    said = "".join(Tags(html.render(result, fingerprint)).said)
    assert "0% repeated" in said and "Nothing that repeats." in said and "No findings." in said
    empty = html.render(dedup.clean(""), fingerprint)
    assert b"0%" in empty


def test_the_same_result_gives_the_same_bytes() -> None:
    assert page_with("word") == page_with("word")


# Bounds


def many(count: int, size: int = 40) -> Iterator[tuple[bytes, ...]]:
    """Parts of many documents with a finding each, cheaply: one made, then renamed."""
    template = html.parts(example("word " * size, "NAME.txt"), fingerprint)
    for number in range(count):
        name = f"{number % 7}/{number:05}.txt"
        yield tuple(part.replace(b"NAME.txt", name.encode()) for part in _sized(template, name))


def _sized(parts: Sequence[bytes], name: str) -> tuple[bytes, ...]:
    entry = json.loads(parts[0])
    renamed = parts[1].replace(b"NAME.txt", name.encode())
    grown = len(renamed) - len(parts[1])
    count = len(entry["shown"])
    entry["shown"] = [[a, r, size + grown // count] for a, r, size in entry["shown"]]
    return json.dumps(entry).encode(), renamed, *parts[2:]


class Counted:
    """A list that counts how many of its entries were asked for."""

    def __init__(self, entries: Sequence[bytes]) -> None:
        self.entries = entries
        self.read = 0

    def __iter__(self) -> Iterator[bytes]:
        for entry in self.entries:
            self.read += 1
            yield entry


@pytest.mark.parametrize("size", [3, 400])
def test_a_page_on_ten_thousand_documents_stays_small_and_reads_each_part_once(size: int) -> None:
    lists = [Counted(list(entries)) for entries in zip(*many(10_000, size), strict=True)]
    found = {NEAR_DUPLICATE: 20_000}
    totals = Totals(10_000, characters=10**7, removed_characters=10**6, findings=found)
    page = b"".join(html.whole(Options(), totals, (), lists))
    assert len(page) < 5_000_000
    assert [each.read for each in lists] == [10_000] * 4
    assert page.count(b'<details class="finding"') <= choice.MAX_FINDINGS
    said = page.decode()
    assert "of 10,000 files with findings" in said
    shown = said.count('<details class="finding"')
    assert f"{30_000 - shown:,} more findings, not shown here; a JSON report has all." in said
    tags = Tags(page)
    links = {value[1:] for value in tags.values("href") if value.startswith("#")}
    ids = {*tags.values("id")}
    assert {link for link in links if not link.startswith("rule-")} <= ids


def test_what_takes_most_out_is_shown_when_not_all_fits() -> None:
    results = [example("word " * (1 + (n * 7) % 600), f"{n}.txt") for n in range(600)]
    parts = [html.parts(result, fingerprint) for result in results]
    chosen = choice.choose([part[0] for part in parts])
    shown = [piece.removed for pieces in chosen.pieces.values() for piece in pieces if not piece.is_alike]  # fmt: skip
    every = [sum(len(e.removed) for e in r.edits if e.number == n) for r in results for n in range(3)]  # fmt: skip
    assert sorted(shown, reverse=True) == sorted(every, reverse=True)[: len(shown)]
    assert chosen.findings == 1800 and chosen.alike == 600


def test_a_document_with_very_many_findings_is_capped_too() -> None:
    lines = [f"Sentence number {n} of this text is here." for n in range(700)]
    text = "\n".join([*lines, *lines]) + "\n"
    builder = Builder(text)
    for line in lines:
        builder.removes(NEAR_DUPLICATE, [(builder.find(line), builder.find(line, 1))])
    page = rendered(builder.result())
    assert page.count(b'<details class="finding"') == choice.MAX_FINDINGS
    assert b"200 more findings, not shown here" in page
    tags = Tags(page)
    links = {value[1:] for value in tags.values("href") if value.startswith("#")}
    assert links <= {*tags.values("id")}


def test_a_very_long_line_is_cut_in_its_finding() -> None:
    line = "word " * 200_000
    builder = Builder(f"{line}\n{line}\n")
    builder.removes(NEAR_DUPLICATE, [(builder.find(line), builder.find(line, 1))])
    page = rendered(builder.result())
    assert len(page) < 100_000
    assert b"too many to be shown" in page


# With the command


def test_the_keep_entry_is_what_check_shows(tmp_path: Path, run_dedup: Run) -> None:
    (tmp_path / "a.txt").write_text(doubled(6))
    run = run_dedup("check", "a.txt", "--output-format", "json", "--report", "r.html", cwd=tmp_path)
    assert run.returncode == 1, run.stderr
    (found,) = json.loads(run.stdout)["findings"]
    page = (tmp_path / "r.html").read_text()
    assert f"hash = &quot;{found['fingerprint']}&quot;" in page
    (tmp_path / "dedup.toml").write_text(f'[[keep]]\nhash = "{found["fingerprint"]}"\n')
    assert run_dedup("check", "a.txt", cwd=tmp_path).returncode == 0


@pytest.mark.parametrize("command", ["clean", "check", "report"])
def test_each_command_writes_the_same_page_of_a_document(
    command: str, tmp_path: Path, run_dedup: Run
) -> None:
    (tmp_path / "a.txt").write_text(doubled(6))
    out = ("-o", "out.txt") if command == "clean" else ()
    run = run_dedup(command, "a.txt", *out, "--report", "r.html", "-q", cwd=tmp_path)
    assert run.returncode == (command == "check"), run.stderr
    result = dedup.clean(doubled(6))
    renamed = dataclasses.replace(result.documents[0].document, name="a.txt")
    assert f"{result.documents[0].removed_characters:,} of" in (tmp_path / "r.html").read_text()
    assert renamed.name in (tmp_path / "r.html").read_text()
    if command == "clean":
        page = (tmp_path / "r.html").read_bytes()
        run_dedup("report", "a.txt", "--report", "again.html", cwd=tmp_path)
        assert (tmp_path / "again.html").read_bytes() == page


def test_a_folder_gives_the_same_page_with_one_worker_and_several(
    tmp_path: Path, run_dedup: Run
) -> None:
    folder = tmp_path / "texts"
    (folder / "sub").mkdir(parents=True)
    for number in range(8):
        (folder / ("sub" if number % 2 else ".") / f"{number}.txt").write_text(
            doubled(3 + number, seed=number)
        )
    (folder / "plain.txt").write_text("\n\n".join(paragraphs(4, seed=77)) + "\n")
    pages = []
    for jobs, seed in (("1", "0"), ("3", "1")):
        where = tmp_path / f"{jobs}.html"
        run = run_dedup(
            "check",
            str(folder),
            "-j",
            jobs,
            "--report",
            str(where),
            "-q",
            env={"PYTHONHASHSEED": seed},
        )
        assert run.returncode == 1, run.stderr
        pages.append(where.read_bytes())
    assert pages[0] == pages[1]
    said = "".join(Tags(pages[0]).said)
    assert "9 files" in said and "8 of 9 files change" in said
    assert str(tmp_path).encode() not in pages[0]


def test_a_page_is_never_read_as_a_text_and_replaces_only_a_page(
    tmp_path: Path, run_dedup: Run
) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text(doubled(4))
    for _ in range(2):
        run = run_dedup("clean", ".", "-o", "out", "--report", "r.html", cwd=tmp_path)
        assert run.returncode == 0, run.stderr
        assert not (tmp_path / "out" / "r.html").exists()
    (tmp_path / "mine.html").write_text("<p>My own page, about something else.</p>")
    given = ("clean", ".", "-o", "out", "--report", "mine.html")
    run = run_dedup(*given, cwd=tmp_path)
    assert run.returncode == 2 and b"would overwrite the input" in run.stderr
    run = run_dedup(*given, "--exclude", "mine.html", cwd=tmp_path)
    assert run.returncode == 2 and b"is no report" in run.stderr


def test_records_are_documents_of_their_own(tmp_path: Path, run_dedup: Run) -> None:
    records = [json.dumps({"text": doubled(4, seed=n)}) for n in range(3)]
    (tmp_path / "a.jsonl").write_text("\n".join(records) + "\n")
    run = run_dedup("clean", "a.jsonl", "-o", "b.jsonl", "--report", "r.html", cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    said = "".join(Tags((tmp_path / "r.html").read_bytes()).said)
    assert "3 documents" in said and "a.jsonl#2" in said


# Other documents


def test_a_finding_leads_to_its_place_in_the_other_document() -> None:
    one, two = across()
    page = rendered(one, two).decode()
    ids = re.findall(r' id="([^"]*)"', page)
    links = {*re.findall(r'href="#([^"]*)"', page)}
    assert len(ids) == len({*ids}) and links <= {*ids}
    places = sorted(each for each in links if re.fullmatch(r"d\d+l\d+", each))
    assert places
    for place in places:
        number, line = map(int, re.findall(r"\d+", place))
        said = page[page.index(f'id="{place}"') :]
        below = re.sub(r"<.*?>", "", said.partition(">")[2])[:30]
        assert (one, two)[number].document.text.splitlines()[line - 1].startswith(below[:10])


# Colours


def test_words_can_be_read_in_both_themes() -> None:
    """Contrast of at least 4.5 to 1 (WCAG 2) wherever the style sheet puts one colour on another."""
    style = Path(html.__file__).with_name("style.css").read_text()
    blocks = re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    light = dict(re.findall(r"--([\w-]+): (#\w+)", blocks[0]))
    dark = light | dict(re.findall(r"--([\w-]+): (#\w+)", blocks[1]))
    for theme in (light, dark):
        for ink in ("ink", "dim", "kept", "gone"):
            for ground in ("paper", "card", "faint", "kept-wash", "gone-wash"):
                if (ink, ground) in (("kept", "gone-wash"), ("gone", "kept-wash")):
                    continue
                assert contrast(theme[ink], theme[ground]) >= 4.5, (ink, ground)
        for ground in ("kept-mark", "gone-mark"):
            assert contrast(theme["ink"], theme[ground]) >= 4.5
        assert contrast(theme["focus"], theme["paper"]) >= 3
        for ground in ("paper", "card"):
            for ink in ("exact", "near"):  # lines, no words
                assert contrast(theme[ink], theme[ground]) >= 3, (ink, ground)
        assert contrast(theme["exact"], theme["near"]) >= 3
    on_light, on_dark = ["#1d1c1a"] * 4 + ["#ffffff"] * 2, ["#f3f0e8"] * 3 + ["#1a0d0b"] * 3
    for theme, labels in ((light, on_light), (dark, on_dark)):
        for step, label in enumerate(labels):
            assert contrast(label, theme[f"s{step}"]) >= 4.5, (step, label)


def contrast(one: str, two: str) -> float:
    light, dark = sorted((luminance(one), luminance(two)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
