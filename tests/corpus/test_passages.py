"""Passages across documents: a story said again goes, whatever the paragraph borders; a citation stays."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from dedup.corpus import passages, windows
from dedup.corpus.columns import Corpus, columns
from dedup.corpus.passages import KINDS, Passages, find
from dedup.corpus.sheets import sheet_of
from dedup.engine import scores, split
from dedup.model import CONTAINED, REPEATED_BLOCK, Document
from tests.prose import paragraphs

STORY = paragraphs(6, seed=11)
OWN = [paragraphs(5, seed=seed) for seed in range(20, 30)]


def said(*parts: str) -> str:
    """A text of these paragraphs."""
    return "\n\n".join(parts) + "\n"


def corpus_of(folder: Path, texts: Sequence[str]) -> Corpus:
    """Columns of documents with these texts."""
    folder.mkdir(exist_ok=True)
    return columns([sheet_of(Document("", text)) for text in texts], [0] * len(texts), str(folder))


def removed(found: Passages, texts: Sequence[str]) -> list[tuple[int, str]]:
    """Number of the document and text of what goes."""
    rows = zip(found.document.tolist(), found.start.tolist(), found.end.tolist(), strict=True)
    return [(document, texts[document][start:end]) for document, start, end in rows]


def twins(found: Passages, texts: Sequence[str], row: int) -> list[str]:
    """The twins of one passage."""
    text = texts[int(found.twin_document[row])]
    some = range(int(found.twins[row]), int(found.twins[row + 1]))
    return [text[found.twin_start[at] : found.twin_end[at]] for at in some]


def check(found: Passages, texts: Sequence[str]) -> None:
    """Scores are those of the texts, spans are disjoint, and no twin lies in what goes."""
    gone = [np.zeros(len(text), bool) for text in texts]
    for document, start, end in zip(found.document, found.start, found.end, strict=True):
        assert not gone[document][start:end].any()
        gone[document][start:end] = True
    for row, (document, copy) in enumerate(removed(found, texts)):
        kind = KINDS[found.kind[row]]
        name = CONTAINED if kind == "contained" else REPEATED_BLOCK
        standing = "".join(twins(found, texts, row))
        assert scores.between(copy, standing, False, name) == (kind, found.score[row])
        assert found.twin_document[row] != document
        for at in range(int(found.twins[row]), int(found.twins[row + 1])):
            start, end = found.twin_start[at], found.twin_end[at]
            assert not gone[found.twin_document[row]][start:end].any()
        assert 0.5 <= found.confidence[row] <= 1.0


def goes(folder: Path, texts: Sequence[str], **arguments: object) -> list[tuple[int, str]]:
    """What goes of documents with these texts."""
    found = find(corpus_of(folder, texts), **arguments).passages  # type: ignore[arg-type]
    check(found, texts)
    return removed(found, texts)


def sentences(text: str) -> list[str]:
    """Its sentences."""
    return [span.cut(text) for block in split.split(text) for span in block.sentences]


def test_a_story_in_one_paragraph_goes_with_its_paragraphs_as_twins(tmp_path: Path) -> None:
    glued = " ".join(STORY)
    texts = [said(*STORY), said(*OWN[0][:2], glued, *OWN[0][2:])]
    found = find(corpus_of(tmp_path, texts)).passages
    check(found, texts)
    assert removed(found, texts) == [(1, glued)]
    assert twins(found, texts, 0) == STORY
    assert (found.score[0], KINDS[found.kind[0]]) == (1.0, "exact")


def test_a_story_goes_sentence_by_sentence_and_wrapped(tmp_path: Path) -> None:
    apart = sentences(" ".join(STORY))
    grouped = [textwrap.fill(" ".join(apart[at : at + 4]), 60) for at in range(0, len(apart), 4)]
    for number, again in enumerate((apart, grouped)):
        texts = [said(*STORY), said(*OWN[0], *again, *OWN[1])]
        assert goes(tmp_path / str(number), texts) == [(1, each) for each in again]


def test_units_of_one_block_share_its_number_and_confidence(tmp_path: Path) -> None:
    apart = sentences(" ".join(STORY))
    texts = [said(*STORY), said(*OWN[2], *apart), said(*OWN[1], " ".join(STORY), *OWN[3])]
    found = find(corpus_of(tmp_path, texts)).passages
    assert found.block.tolist() == [0] * len(apart) + [1]
    assert len({*found.confidence[:-1].tolist()}) == 1


def test_an_inserted_sentence_stays(tmp_path: Path) -> None:
    again = sentences(" ".join(STORY))
    new = "Nobody in the whole of Portugal had foreseen such a quarrel about parsnips."
    text = " ".join([*again[:5], new, *again[5:]])
    texts = [said(*STORY), said(*OWN[0], text, *OWN[1])]
    assert goes(tmp_path, texts) == [(1, each) for each in again]


def test_an_edited_and_a_misread_story_go_but_for_what_says_something_else(tmp_path: Path) -> None:
    again = " ".join(STORY)
    edited = again.replace(" near ", " close to ").replace("harbour", "port")
    misread = again.replace("rn", "m").replace("li", "h").replace("e c", "ec")
    assert goes(tmp_path / "a", [said(*STORY), said(*OWN[0], edited)]) == [(1, edited)]
    assert goes(tmp_path / "b", [said(*STORY), said(*OWN[0], misread)]) == [(1, misread)]
    apart = sentences(edited)
    negated = " ".join([*apart[:3], "It was not so, and 17 of them said no.", *apart[4:]])
    left = goes(tmp_path / "c", [said(*STORY), said(*OWN[0], negated)])
    assert left and "17 of them" not in "".join(text for _, text in left)


def test_of_documents_that_quote_each_other_only_the_later_loses(tmp_path: Path) -> None:
    one, two = paragraphs(5, seed=51), paragraphs(5, seed=52)
    texts = [
        said(*one, " ".join(two[:4]), *OWN[4]),
        said(*two, " ".join(one[:4]), *OWN[5]),
    ]
    assert goes(tmp_path, texts) == [(1, text) for text in (*two[:4], " ".join(one[:4]))]


def test_all_copies_rest_on_the_first(tmp_path: Path) -> None:
    glued, apart = " ".join(STORY), sentences(" ".join(STORY))
    texts = [
        said(*STORY),
        said(*OWN[0], glued),
        said(*apart, *OWN[1]),
        said(*OWN[2], textwrap.fill(glued, 50), *OWN[3]),
    ]
    found = find(corpus_of(tmp_path, texts)).passages
    check(found, texts)
    assert set(found.document.tolist()) == {1, 2, 3}
    assert set(found.twin_document.tolist()) == {0}


def test_rank_decides_which_document_keeps_the_story_wherever_it_stands(tmp_path: Path) -> None:
    texts = [said(*STORY), said(*OWN[0], " ".join(STORY)), said(*sentences(" ".join(STORY)))]
    forward = goes(tmp_path / "a", texts, rank=np.array([1, 0, 2]))
    backward = goes(tmp_path / "b", texts[::-1], rank=np.array([2, 0, 1]))
    assert {document for document, _ in forward} == {0, 2}
    assert sorted(forward) == sorted((2 - document, text) for document, text in backward)


def test_reference_documents_lose_nothing_and_come_first(tmp_path: Path) -> None:
    glued = " ".join(STORY)
    texts = [said(*OWN[0], glued), said(*STORY), said(*OWN[1], textwrap.fill(glued, 70))]
    assert {document for document, _ in goes(tmp_path / "a", texts, reference=2)} == {2}
    ranks = np.array([9, 9, 0])
    assert {document for document, _ in goes(tmp_path / "b", texts, reference=2, rank=ranks)} == {2}


def test_paragraphs_that_are_gone_are_neither_copies_nor_twins(tmp_path: Path) -> None:
    texts = [said(*STORY), said(*OWN[0], " ".join(STORY)), said(" ".join(STORY[:5]), *OWN[1])]
    corpus = corpus_of(tmp_path, texts)
    gone = corpus.document == 0
    found = find(corpus, gone=gone).passages
    check(found, texts)
    assert removed(found, texts) == [(2, " ".join(STORY[:5]))]
    assert not len(find(corpus, gone=gone | (corpus.document == 1)).passages.document)


def test_what_has_to_stay_stays(tmp_path: Path) -> None:
    texts = [said(*STORY), said(*OWN[0], " ".join(STORY))]
    corpus = corpus_of(tmp_path, texts)
    assert not len(find(corpus, held=corpus.document == 1).passages.document)


def test_documents_of_one_cluster_are_left_alone(tmp_path: Path) -> None:
    glued = " ".join(STORY)
    texts = [said(*STORY, *OWN[0]), said(*OWN[0], glued), said(*OWN[1], textwrap.fill(glued, 70))]
    assert goes(tmp_path / "a", texts[:2], cluster=np.array([4, 4])) == []
    found = goes(tmp_path / "b", texts, cluster=np.array([4, 4, -1]))
    assert {document for document, _ in found} == {2}


@pytest.mark.parametrize(
    "cite",
    [
        lambda said: f"{OWN[6][0]} {said[0]} {OWN[6][1]}",
        lambda said: f"{OWN[6][0]} {said[0]} {said[1]} {OWN[6][1]}",
        lambda said: said[0],
        lambda said: textwrap.fill(
            " ".join(said[:8]), 70, initial_indent="> ", subsequent_indent="> "
        ),
        lambda said: f"“{' '.join(said[:4])}”",
        lambda said: "\n\n".join(
            f"{each} {own}" for each, own in zip(said[::3], OWN[7], strict=False)
        ),
    ],
    ids=["a sentence", "two", "alone", "block quote", "in quotation marks", "here and there"],
)
def test_a_citation_stays(tmp_path: Path, cite) -> None:  # type: ignore[no-untyped-def]
    texts = [said(*STORY), said(*OWN[5], cite(sentences(" ".join(STORY))), *OWN[8])]
    assert goes(tmp_path, texts) == []


def test_a_form_filled_in_otherwise_stays(tmp_path: Path) -> None:
    form = (
        "The board of {0} declared a dividend of {1} cents. It is payable on May {2} to those who "
        "hold shares at the close of May {3}. A year before, {0} paid {4} cents on {5} shares. "
        "Trading in shares of {0} opened at {2} dollars and closed at {5} dollars."
    )
    texts = [
        form.format(name, *(f"{number + step}" for step in (3, 7, 11, 19, 23)))
        for number, name in enumerate(("Alder", "Birch", "Cedar", "Dogwood", "Elder"), 40)
    ]
    texts = [said(*OWN[number][:3], text, OWN[number][3]) for number, text in enumerate(texts)]
    assert goes(tmp_path, texts) == []


def test_a_paragraph_alike_another_is_left_to_those_who_compare_paragraphs(tmp_path: Path) -> None:
    alike = STORY[2].replace(" near ", " close to ")
    texts = [said(*STORY), said(*OWN[0], alike, *OWN[1])]
    assert goes(tmp_path, texts) == []


def test_a_list_of_teasers_goes_whichever_comes_first(tmp_path: Path) -> None:
    openings = [" ".join(sentences(own[1])[:2]) for own in OWN[:5]]
    articles = [said(*own) for own in OWN[:5]]
    for at in (0, 5):
        texts = [*articles[:at], said(*openings), *articles[at:]]
        found = find(corpus_of(tmp_path / str(at), texts)).passages
        check(found, texts)
        long = [each for each in openings if len(each) > 150]
        assert len(long) > 2
        assert {(at, each) for each in long} <= set(removed(found, texts))
        assert set(found.document.tolist()) == {at}
        assert {KINDS[kind] for kind in found.kind} <= {"exact", "contained"}


def test_headings_items_and_code_are_no_story(tmp_path: Path) -> None:
    lines = "\n".join(f"value_{at} = compute(value_{at - 1}, table[{at}])" for at in range(30))
    code = f"```\n{lines}\n```"
    items = "\n".join(f"- {each}" for each in sentences(STORY[0])[:2])
    texts = [said(*OWN[0], code, items), said(*OWN[1], items, code), said(*OWN[2], code)]
    assert goes(tmp_path, texts) == []


def test_references_and_contents_are_no_story(tmp_path: Path) -> None:
    references = [f"[{at}] {each} Pp. {at}-{at + 9}." for at, each in enumerate(STORY)]
    contents = "\n".join(
        f"{at}. {each} ......... {at}" for at, each in enumerate(sentences(STORY[0]))
    )
    texts = [said(*OWN[0], *references, contents), said(*OWN[1], *references[1:], contents + " ii")]
    glued = [" ".join(references[at : at + 2]) for at in range(0, 6, 2)]
    assert goes(tmp_path, [*texts, said(*OWN[2], *glued)]) == []


def test_what_many_say_has_to_be_longer(tmp_path: Path) -> None:
    formula = " ".join(sentences(" ".join(STORY))[:4])
    others = [said(*paragraphs(3, seed=500 + at), formula) for at in range(80)]
    last = said(*OWN[0][:2], f"{OWN[1][0]} {formula} {OWN[1][1]}", *OWN[2][:2])
    for number, texts in enumerate(([others[0], last], [*others, last])):
        corpus = corpus_of(tmp_path / str(number), texts)
        first = np.flatnonzero(corpus.document == 0)[-1]
        gone = np.array([corpus.key(row) == corpus.key(first) for row in range(len(corpus.start))])
        gone[first] = False
        found = removed(find(corpus, gone=gone).passages, texts)
        assert bool(found) == (number == 0)


CHINESE = (
    "港口的仓库在清晨开门，工人们把昨夜运来的木箱搬进院子。老会计坐在窗前，一边喝茶一边核对账本上的数字。"
    "到了中午，渡船带来了邻岛的消息，说那里的果园今年收成很好。商人们立刻围在码头，讨论应当用什么价钱收购。"
    "下午的风渐渐大起来，灯塔看守人不得不提前点灯。孩子们跑到堤岸上，数着远处归来的白帆。"
    "夜里下了一场雨，第二天街道干净得像新铺的一样。报纸用整整一版描写了这次集市的盛况。"
)


def test_a_story_in_a_script_without_blanks_goes(tmp_path: Path) -> None:
    apart = [each + "。" for each in CHINESE.split("。") if each]
    texts = [said(*apart), said(*OWN[0], CHINESE, *OWN[1])]
    assert goes(tmp_path, texts) == [(1, CHINESE)]


def test_less_memory_gives_the_same(tmp_path: Path) -> None:
    texts = [said(*STORY), *(said(*own, " ".join(STORY[at:])) for at, own in enumerate(OWN[:4]))]
    corpus = corpus_of(tmp_path, texts)
    found, spilled = find(corpus), find(corpus, memory=2000)
    assert len(found.passages.document) > 2
    assert all(map(np.array_equal, found.passages, spilled.passages))


def test_nothing_goes_of_nothing(tmp_path: Path) -> None:
    assert goes(tmp_path / "a", []) == []
    assert goes(tmp_path / "b", ["", "--\n", "One.\n", "第\n"]) == []


def test_a_sentence_in_thousands_of_documents_costs_no_look_at_texts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = _counted(monkeypatch, passages, "sides")
    shared = max(sentences(" ".join(STORY)), key=len)
    own = paragraphs(10_000, seed=3)
    texts = [f"{each} {shared}\n" for each in own]
    assert goes(tmp_path, texts) == []
    assert len(looks) < 200


def test_a_story_in_hundreds_of_documents_is_compared_a_few_times_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = _counted(monkeypatch, passages, "sides")
    own = paragraphs(300, seed=4)
    texts = [said(*STORY), *(said(each, " ".join(STORY)) for each in own)]
    assert len(goes(tmp_path, texts)) == 300
    assert len(looks) <= 5 * 300


def test_a_long_line_is_read_in_part_however_many_quote_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = paragraphs(4000, seed=5)
    texts = [" ".join(own)]
    texts += [said(*OWN[at % 10], " ".join(own[40 * at : 40 * at + 3])) for at in range(60)]
    read: list[int] = []
    plain = windows.Window.__init__

    def counted(self, rows, document, low, high, *rest):  # type: ignore[no-untyped-def]
        read.append(high - low)
        plain(self, rows, document, low, high, *rest)

    monkeypatch.setattr(windows.Window, "__init__", counted)
    found = goes(tmp_path, texts)
    assert {document for document, _ in found} == set(range(1, 61))
    assert sum(read) < 60 * len(texts[0]) / 20


def _counted(monkeypatch: pytest.MonkeyPatch, module: object, name: str) -> list[object]:
    """Calls of a function, as they come in."""
    calls: list[object] = []
    plain = getattr(module, name)

    def counted(*arguments: object) -> object:
        calls.append(arguments)
        return plain(*arguments)

    monkeypatch.setattr(module, name, counted)
    return calls
