"""What one document says twice to the letter, judged with the columns: long blocks of prose go, the rest stays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dedup
from dedup.batch import single
from dedup.cli import main
from dedup.corpus import equals, within
from dedup.corpus.columns import Corpus, columns, without
from dedup.corpus.joining import around
from dedup.corpus.sheets import Held, sheet, sheet_of
from dedup.corpus.weighing import MIN_WITHIN
from dedup.engine import analyze, normalize, split
from dedup.files import plans
from dedup.files.formats import Kind
from dedup.files.read import Raw, Source
from dedup.model import Document, DocumentResult, Span
from dedup.options import Options
from tests import prose

P = prose.paragraphs(200)
LONG = [one for one in P if len(normalize.key(one)) > MIN_WITHIN][:6]
SHORT = [". ".join(one.split(". ")[:1]).rstrip(".") + "." for one in P[-12:]][::2]


def corpus_of(texts: Sequence[Sequence[str]], folder: Path) -> Corpus:
    made = [
        sheet_of(Document(f"{number}.md", "\n\n".join(text) + "\n", format="markdown"))
        for number, text in enumerate(texts)
    ]
    return columns(made, [0] * len(made), str(folder))


def found(texts: Sequence[Sequence[str]], folder: Path, keep: str = "first") -> dict[int, int]:
    """Rows that go, with the row that each rests on."""
    corpus = corpus_of(texts, folder)
    own, _ = within.find(corpus, equals.first_rows(corpus.keys, corpus.key_start), keep)
    return dict(zip(own.row.tolist(), own.kept.tolist(), strict=True))


def test_the_texts_of_these_tests_are_there() -> None:
    assert len(LONG) == len(SHORT) == 6


def test_a_long_paragraph_goes_where_it_stands_again(tmp_path: Path) -> None:
    assert found([[LONG[0], LONG[1], LONG[0]]], tmp_path) == {2: 0}


def test_what_another_document_says_is_not_its_matter(tmp_path: Path) -> None:
    assert found([[LONG[0]], [LONG[0]]], tmp_path) == {}


def test_a_short_paragraph_stays_alone_and_goes_in_a_block(tmp_path: Path) -> None:
    one, two, three, four = SHORT[:4]
    assert found([[one, LONG[0], one]], tmp_path) == {}
    again = [one, two, three, four, LONG[0], one, two, three, four]
    assert sum(len(normalize.key(text)) for text in (one, two, three, four)) > MIN_WITHIN
    assert found([again], tmp_path) == {5: 0, 6: 1, 7: 2, 8: 3}


def test_entries_that_stand_many_times_stay_unless_each_is_long(tmp_path: Path) -> None:
    entry = SHORT[:4]
    weeks = [[f"## Week {at}", *entry, LONG[at]] for at in range(4)]
    assert found([[one for week in weeks for one in week]], tmp_path) == {}
    often = [one for at in range(1, 6) for one in (LONG[0], LONG[at])]
    assert found([often], tmp_path) == {2: 0, 4: 0, 6: 0, 8: 0}


@pytest.mark.parametrize(
    "block",
    [
        ["# A title", "## Another title"],
        [f"- {LONG[0]}"],
        ["```\n" + "\n".join(f"call_number_{at}()" for at in range(30)) + "\n```"],
        ["| a | b | c |\n" * 60],
        ["\n".join(f"roll on, dark river number {at}, and carry" for at in range(9))],
    ],
)
def test_titles_lists_code_tables_and_verse_stay(block: list[str], tmp_path: Path) -> None:
    assert found([[*block, LONG[1], *block, LONG[2]]], tmp_path) == {}


def test_a_title_goes_with_what_it_heads_and_not_without(tmp_path: Path) -> None:
    title = "## The harbour in winter"
    assert found([[title, LONG[0], LONG[1], title, LONG[0]]], tmp_path) == {3: 0, 4: 1}
    assert found([[LONG[0], title, LONG[1], LONG[0], title, LONG[2]]], tmp_path) == {3: 0}


def test_none_rests_on_what_goes(tmp_path: Path) -> None:
    turns = [*LONG[:2]] * 4 + [LONG[0]]
    for keep in ("fullest", "first", "last", "longest"):
        gone = found([turns, [*LONG[:2], *LONG[:2]]], tmp_path, keep)
        assert len(gone) == 9
        assert not gone.keys() & set(gone.values())


def test_the_policy_says_which_copy_stays(tmp_path: Path) -> None:
    spaced = LONG[0].replace(" ", "  ")
    texts = [[LONG[0], LONG[1], spaced, LONG[2], LONG[0]]]
    assert found(texts, tmp_path, "fullest") == found(texts, tmp_path, "first") == {2: 0, 4: 0}
    assert found(texts, tmp_path, "last") == {0: 4, 2: 4}
    assert found(texts, tmp_path, "longest") == {0: 2, 4: 2}


@pytest.mark.parametrize("keep", ["first", "last"])
def test_what_has_to_stay_stays(keep: str, tmp_path: Path) -> None:
    text = "\n\n".join([LONG[0], LONG[1], LONG[0]])
    document = Document("a", text)
    whole = DocumentResult(document, (), (), text, 0, 0)
    first, last = Span(0, len(LONG[0])), Span(len(text) - len(LONG[0]), len(text))
    for kept in ([first], [last]):
        corpus = columns([sheet(whole, Held(kept=kept))], [0], str(tmp_path))
        gone, _ = within.find(corpus, equals.first_rows(corpus.keys, corpus.key_start), keep)
        assert set(gone.row.tolist()) <= ({2} if kept == [first] else set())


def test_what_stays_is_told_with_the_reason(tmp_path: Path) -> None:
    corpus = corpus_of([[SHORT[0], LONG[0], SHORT[0]]], tmp_path)
    _, stays = within.find(corpus, equals.first_rows(corpus.keys, corpus.key_start), "first")
    assert (stays.row.tolist(), stays.twin.tolist(), stays.reason.tolist()) == ([2], [0], [0])


# The parts it is made of


@given(st.lists(st.lists(st.sampled_from(LONG + SHORT), max_size=9), min_size=1, max_size=5))
@settings(max_examples=60, deadline=None)
def test_a_corpus_without_some_rows_is_that_of_the_rest(
    tmp_path_factory: pytest.TempPathFactory, texts: list[list[str]]
) -> None:
    corpus = corpus_of(texts, tmp_path_factory.mktemp("all"))
    first = equals.first_rows(corpus.keys, corpus.key_start)
    gone = np.arange(len(first)) % 3 == 1
    left = without(corpus, gone, str(tmp_path_factory.mktemp("left")))
    rows = np.flatnonzero(~gone).tolist()
    assert [left.key(at) for at in range(len(rows))] == [corpus.key(row) for row in rows]
    assert [left.text(at) for at in range(len(rows))] == [corpus.text(row) for row in rows]
    assert left.document.tolist() == corpus.document[rows].tolist()
    for document in range(len(texts)):
        low, high = left.first[document : document + 2].tolist()
        assert set(left.document[low:high].tolist()) <= {document}
    anew = equals.first_rows(left.keys, left.key_start)
    assert equals.among(first, np.flatnonzero(~gone)).tolist() == anew.tolist()


SIGNS = st.text("aB1 \n\t\r.-<>&;#()[]\x0c\x1e\u00e9\u6c34\u2028", max_size=40)


@given(st.lists(st.one_of(SIGNS, st.sampled_from(["&#30;", "<b>x</b>", "&amp;", "[a](b)"]))))
@settings(max_examples=300, deadline=None)
def test_many_keys_are_those_of_each(texts: list[str]) -> None:
    assert normalize.keys(texts) == list(map(normalize.key, texts))


@pytest.mark.parametrize("format", ["text", "markdown", "rst"])
@given(st.text("aB. \n\r\x0c-#>\u2028\u6c34", max_size=120), st.data())
@settings(max_examples=150, deadline=None)
def test_what_stands_around_paragraphs_is_where_the_splitter_has_it(
    format: str, text: str, data: st.DataObject
) -> None:
    blocks = [block.span for block in split.split(text, format)]
    said = [block for block in blocks if normalize.key(block.cut(text))]
    some = [block for block in said if data.draw(st.booleans())]
    bare = [Span(one.end - len(one.cut(text).strip()), one.end) for one in some]
    spans = [block.span for block in around(text, bare)]
    assert set(some) <= set(spans)
    for span in spans:
        inside = [one for one in blocks if span.start <= one.start and one.end <= span.end]
        assert inside
        assert Span(inside[0].start, inside[-1].end) == span
    assert sum(map(len, ("".join(text[a.start : a.end].split()) for a in spans))) == len(
        "".join(text.split())
    )


# From end to end


def cleaned(texts: dict[str, str], *more: str) -> dict[str, str]:
    for name, text in texts.items():
        Path("in", name).parent.mkdir(parents=True, exist_ok=True)
        Path("in", name).write_text(text, "utf-8", newline="")
    command = ["clean", "in", "-o", "out", "--scope", "corpus", "--exact", "--plan", "p", *more]
    assert main([*command, "--isolated", "-qq"]) == 0
    return {name: Path("out", name).read_text("utf-8") for name in texts}


def removals() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """What the plan takes from each document, with the names of what it rests on."""
    for line in plans.load(Path("p").read_bytes(), "p").lines.values():
        entry = plans.planned(line)
        yield entry.name, [(e.removed, t.document) for e in entry.edits for t in e.twins]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def joined(*paragraphs: str) -> str:
    return "\n\n".join(paragraphs) + "\n"


def test_what_is_said_twice_goes_and_comes_back(here: Path) -> None:
    texts = {"a.txt": joined(LONG[0], LONG[1], LONG[0]), "b.txt": joined(LONG[2], LONG[3])}
    assert cleaned(texts) == texts | {"a.txt": joined(*LONG[:2])}
    assert main(["restore", "out", "--plan", "p", "-o", "back"]) == 0
    assert Path("back/a.txt").read_text("utf-8") == texts["a.txt"]
    assert dict(removals()) == {"a.txt": [(f"\n\n{LONG[0]}", "a.txt")]}


def test_where_another_document_says_it_as_well_both_rest_on_that(here: Path) -> None:
    texts = {"a.txt": joined(LONG[0], LONG[1]), "b.txt": joined(LONG[2], LONG[0], LONG[4], LONG[0])}
    assert cleaned(texts)["b.txt"] == joined(LONG[2], LONG[4])
    ((name, gone),) = removals()
    assert name == "b.txt"
    assert {twin for _, twin in gone} == {"a.txt"}
    assert len(gone) == 2


@pytest.mark.parametrize("keep", ["fullest", "first", "last", "longest"])
def test_every_passage_is_left_once_whatever_stays(here: Path, keep: str) -> None:
    texts = {
        "a.txt": joined(*LONG[:2], *LONG[:3]),
        "b.txt": joined(LONG[3], LONG[0], LONG[3], LONG[4]),
        "c.txt": joined(LONG[4], LONG[4], LONG[4], LONG[5]),
    }
    left = "".join(cleaned(texts, "--keep-copy", keep).values())
    assert [left.count(one) for one in LONG] == [1] * 6


def test_from_python_the_same_goes(here: Path) -> None:
    texts = {
        "a.txt": joined(LONG[0], SHORT[0], LONG[0], SHORT[0]),
        "b.txt": joined(LONG[2], LONG[0], LONG[4], LONG[2]),
    }
    found = cleaned(texts)
    documents = [Document(name, text) for name, text in texts.items()]
    made = dedup.analyze(documents, scope="corpus", exact=True).documents
    assert {one.document.name: one.cleaned for one in made} == found
    assert [one.paragraphs for one in made] == [4, 4]


def test_cleanup_is_done_in_documents_that_repeat_nothing(here: Path) -> None:
    texts = {"a.txt": f"{LONG[0]}  \n\n\n\n{LONG[1]}\n", "b.txt": joined(LONG[2], LONG[3], LONG[2])}
    found = cleaned(texts, "--normalize-space")
    assert found == {"a.txt": f"{LONG[0]}\n\n\n{LONG[1]}\n", "b.txt": joined(*LONG[2:4])}


def test_a_text_that_is_left_whole_is_not_decoded_again(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_names: list[str] = []
    own = single.decoded

    def decoded(raw: Raw, name: str, options: Options, kind: Kind) -> Source:
        read_names.append(name)
        return own(raw, name, options, kind)

    monkeypatch.setattr(single, "decoded", decoded)
    texts = {"a.txt": joined(LONG[0], LONG[1], LONG[0]), "b.txt": joined(LONG[2], LONG[3])}
    for name, text in texts.items():
        Path("in", name).parent.mkdir(exist_ok=True)
        Path("in", name).write_text(text, "utf-8")
    command = ["clean", "in", "-o", "out", "--scope", "corpus", "--exact", "-j", "1"]
    assert main([*command, "--isolated", "-qq"]) == 0
    assert sorted(read_names) == ["a.txt", "a.txt", "b.txt"]
    assert Path("out/b.txt").read_text("utf-8") == texts["b.txt"]


def test_documents_are_not_searched_one_by_one(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def look(*_: object, **__: object) -> None:
        raise AssertionError("searched")

    monkeypatch.setattr(analyze, "look", look)
    found = cleaned({"a.txt": joined(LONG[0], LONG[1], LONG[0])})
    assert found == {"a.txt": joined(*LONG[:2])}
