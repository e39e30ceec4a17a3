"""Clusters of near copies: what is found, what stays apart, what it costs."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from rapidfuzz.distance import LCSseq

from dedup.corpus import alignment, anchors, likely
from dedup.corpus.columns import Corpus, columns
from dedup.corpus.documents import Clusters, clusters, sweep
from dedup.corpus.sheets import sheet_of
from dedup.model import Document
from tests.prose import paragraphs

Made = Callable[[Sequence[str]], Corpus]


@pytest.fixture
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Makes the columns of texts, the first one document 0."""

    def make(texts: Sequence[str]) -> Corpus:
        folder: Path = tmp_path_factory.mktemp("columns")
        sheets = [sheet_of(Document(f"{number}", text)) for number, text in enumerate(texts)]
        return columns(sheets, [0] * len(texts), str(folder))

    return make


def stories(count: int, size: int = 6, seed: int = 0) -> list[str]:
    """``count`` different documents of ``size`` paragraphs."""
    said = paragraphs(count * size, seed)
    return ["\n\n".join(said[at : at + size]) for at in range(0, len(said), size)]


def misread(text: str, rate: float, seed: int = 0) -> str:
    """``text`` with ``rate`` of its characters replaced, dropped or doubled."""
    dice = random.Random(seed)
    read = []
    for char in text:
        if dice.random() >= rate or char == "\n":
            read.append(char)
        else:
            read.append(dice.choice(("", char + char, dice.choice("etaoinshrdlu"))))
    return "".join(read)


def edited(text: str, rate: float, seed: int = 0) -> str:
    """``text`` with ``rate`` of its words replaced."""
    dice = random.Random(seed)
    words = text.split(" ")
    return " ".join(dice.choice(words) if dice.random() < rate else word for word in words)


def pairs(found: Clusters) -> list[tuple[int, int]]:
    return list(zip(found.member.tolist(), found.canonical.tolist(), strict=True))


def test_documents_that_say_different_things_are_no_copies(made: Made) -> None:
    assert pairs(clusters(made(stories(200)))) == []


def test_equal_letters_are_a_copy_whatever_their_layout(made: Made) -> None:
    told = stories(3)
    found = clusters(made([*told, told[1].upper().replace(". ", ".\n")]))
    assert pairs(found) == [(3, 1)]
    assert (found.score[0], found.overlap[0]) == (1.0, 1.0)


@pytest.mark.parametrize("rate", [0.02, 0.1])
def test_a_text_read_with_errors_is_a_copy(made: Made, rate: float) -> None:
    told = stories(40)
    found = clusters(made([*told, *(misread(text, rate, at) for at, text in enumerate(told))]))
    assert {tuple(sorted(pair)) for pair in pairs(found)} == {(at, at + 40) for at in range(40)}
    assert (found.score > 1 - 2.5 * rate).all()


def test_two_poor_readings_of_one_text_are_copies(made: Made) -> None:
    told = stories(40)
    texts = [
        misread(text, 0.08, 100 * turn + at) for turn in (1, 2) for at, text in enumerate(told)
    ]
    found = clusters(made(texts))
    assert {tuple(sorted(pair)) for pair in pairs(found)} == {(at, at + 40) for at in range(40)}


def test_an_edited_text_is_a_copy(made: Made) -> None:
    told = stories(40)
    found = clusters(made([*told, *(edited(text, 0.08, at) for at, text in enumerate(told))]))
    assert {tuple(sorted(pair)) for pair in pairs(found)} == {(at, at + 40) for at in range(40)}


def test_a_text_cut_short_is_contained_and_the_full_one_stays(made: Made) -> None:
    told = stories(40, size=12)
    cut = ["\n\n".join(text.split("\n\n")[:2]) for text in told]
    found = clusters(made([*cut, *told]))
    assert pairs(found) == [(at, at + 40) for at in range(40)]
    assert (found.overlap > 0.98).all()
    assert (found.score < 0.7).all()


def test_moved_passages_do_not_make_a_copy_of_half_a_text(made: Made) -> None:
    one, two, three = stories(3)
    assert pairs(clusters(made([one, f"{one[: len(one) // 3]}\n\n{two}", three]))) == []


def test_forms_filled_in_differently_stay_apart(made: Made) -> None:
    form, *filled = stories(31, size=4)
    texts = [f"{form}\n\n{said}" for said in filled]
    assert pairs(clusters(made(texts))) == []


def test_a_building_block_of_several_texts_is_a_copy_of_none(made: Made) -> None:
    block, *told = stories(6)
    assert pairs(clusters(made([block, *(f"{text}\n\n{block}" for text in told)]))) == []


def test_each_kind_of_text_that_shares_most_with_the_others_is_its_own(made: Made) -> None:
    common, *own = stories(4, size=8)
    kinds = [f"{common}\n\n{said[: len(said) // 3]}" for said in own]
    texts = [edited(kind, 0.01, seed) for kind in kinds for seed in range(4)]
    found = clusters(made(texts))
    assert {member // 4 for member in found.canonical.tolist()} == {0, 1, 2}
    assert all(member // 4 == kept // 4 for member, kept in pairs(found))
    assert len(found.member) == 9


def test_a_chain_of_edits_is_not_one_cluster(made: Made) -> None:
    chain = [stories(1, size=10)[0]]
    for step in range(8):
        chain.append(edited(chain[-1], 0.12, step))
    found = clusters(made(chain))
    assert 0 < len(found.member) < 8
    again = dict(pairs(clusters(made(chain), threshold=0.82)))
    for member, kept in pairs(found):
        assert pairs(clusters(made([chain[kept], chain[member]])))
        assert again[member] == kept


KEPT = {"fullest": 1, "longest": 2, "first": 0, "last": 3}


@pytest.mark.parametrize("keep", KEPT)
def test_the_canonical_copy_is_the_one_asked_for(made: Made, keep: str) -> None:
    text = stories(1)[0]
    ruled = text.replace(". ", ".  ***  ")
    found = clusters(made([text, text + " Lastly.", ruled, text.upper()]), keep=keep)
    assert set(found.canonical.tolist()) == {KEPT[keep]}
    assert len(found.member) == 3


def test_what_stays_says_all_that_goes(made: Made) -> None:
    """The first copy is kept, but not a beginning in place of the whole."""
    text = stories(1, size=12)[0]
    beginning = "\n\n".join(text.split("\n\n")[:3])
    assert pairs(clusters(made([beginning, text, misread(text, 0.02)]), keep="first")) == [(2, 1)]


def test_the_reference_stays_and_is_no_finding(made: Made) -> None:
    told = stories(4)
    texts = [told[0], told[0], told[1], told[2], told[0] + " More.", told[2], told[3], told[3]]
    found = clusters(made(texts), reference=4, keep="last")
    assert pairs(found) == [(4, 0), (5, 3), (6, 7)] or pairs(found) == [(4, 1), (5, 3), (6, 7)]


def test_the_order_of_documents_decides_ties_only(made: Made) -> None:
    told = stories(30)
    texts = [misread(text, 0.03 * turn, turn) for text in told for turn in range(3)]
    shuffled = list(range(len(texts)))
    random.Random(1).shuffle(shuffled)
    plain = grouped(clusters(made(texts)))
    other = grouped(clusters(made([texts[at] for at in shuffled])))
    assert {frozenset(shuffled[at] for at in group) for group in other} == plain
    assert len(plain) == 30


def grouped(found: Clusters) -> set[frozenset[int]]:
    members: dict[int, set[int]] = {}
    for member, kept in pairs(found):
        members.setdefault(kept, {kept}).add(member)
    return {frozenset(group) for group in members.values()}


def test_documents_without_letters_are_left_alone(made: Made) -> None:
    assert pairs(clusters(made(["", "--", "", "...", "!"]))) == []
    assert pairs(clusters(made([]))) == []
    assert pairs(clusters(made(["Yes.", "Yes!", "No."]))) == [(1, 0)]


def test_other_scripts_are_compared_by_their_letters(made: Made) -> None:
    def told(seed: int, low: int, high: int, gap: int) -> str:
        dice = random.Random(seed)
        return "".join(
            chr(dice.randrange(low, high)) + (" " if at % gap == 0 else "") for at in range(900)
        )

    texts = [told(seed, 0x430, 0x44F, 6) for seed in range(5)]
    texts += [told(seed, 0x4E00, 0x8000, 20) for seed in range(5, 10)]
    copies = [text[:300] + text[310:880] for text in texts]
    found = clusters(made([*texts, *copies]))
    assert pairs(found) == [(at + 10, at) for at in range(10)]


def test_many_equal_documents_are_never_aligned(made: Made) -> None:
    found = clusters(made(stories(1) * 10_000))
    assert len(found.member) == 9_999
    assert set(found.canonical.tolist()) == {0}
    assert found.aligned == found.begun == 0


def test_many_near_copies_are_one_cluster_at_linear_cost(made: Made) -> None:
    text = stories(1, size=4)[0]
    work = []
    for count in (100, 400):
        found = clusters(made([misread(text, 0.01, seed) for seed in range(count)]))
        assert len(found.member) >= 0.99 * count
        work.append((found.begun + 100 * found.aligned) / count)
    assert work[1] < 1.5 * work[0]


def test_a_paragraph_that_all_share_makes_linear_work(made: Made) -> None:
    work = []
    for count in (500, 2000):
        shared, *told = paragraphs(count + 1, 3)
        found = clusters(made([f"{text}\n\n{shared}" for text in told]))
        assert len(found.member) == 0
        work.append((found.begun + 100 * found.aligned) / count)
    assert work[1] < 1.5 * work[0]


def test_a_huge_document_and_its_copy_are_aligned_in_pieces(made: Made) -> None:
    text = stories(1, size=3000)[0]
    copy = misread(text, 0.01)
    part = text[: len(text) // 3]
    found = clusters(made([text, copy, part, *stories(5, seed=9)]))
    assert {frozenset((0, 1, 2))} == grouped(found)
    assert (found.overlap > 0.95).all()


def test_a_line_repeated_without_end_costs_no_more_than_its_letters(made: Made) -> None:
    line = "The bell rang once more over the harbour. "
    found = clusters(made([line * 20_000, line * 19_000, *stories(2)]))
    assert pairs(found) == [(1, 0)]


def test_a_sweep_says_what_each_threshold_would_do(made: Made) -> None:
    told = stories(10)
    texts = [*told, *(edited(text, 0.02 * at, at) for at, text in enumerate(told) if at)]
    corpus = made(texts)
    said = sweep(corpus, [0.5, 0.95, 1.0], shown=3)
    assert [row[:3] for row in said.rows] == [
        (level, len(set(found.canonical.tolist())), len(found.member))
        for level in (0.5, 0.95, 1.0)
        for found in [clusters(corpus, threshold=level)]
    ]
    assert said.rows[0][2] > said.rows[1][2] > said.rows[2][2]
    gone = [corpus.first[at] for at in clusters(corpus, threshold=0.95).member]
    assert said.rows[1][3] >= sum(int(corpus.end[row] - corpus.start[row]) for row in gone) > 0
    levels = [confidence for *_, confidence in said.accepted]
    assert levels == sorted(levels) == sorted(clusters(corpus).confidence.tolist())[:3]
    assert said.accepted[0][:2] in pairs(clusters(corpus))


def test_a_sweep_shows_the_pairs_that_just_fail(made: Made) -> None:
    told = stories(5)
    corpus = made([*told, edited(told[2], 0.35, 2), edited(told[4], 0.02, 4)])
    said = sweep(corpus, [0.8], shown=2)
    assert said.rejected[0][:2] == (2, 5)
    assert 0.3 < said.rejected[0][2] < 0.82
    assert np.isfinite([confidence for *_, confidence in said.rejected]).all()


def test_a_building_block_that_is_nearly_all_of_one_text_is_a_copy_of_that_one(made: Made) -> None:
    text, *told = stories(6, size=10)
    cut = "\n\n".join(text.split("\n\n")[:8])
    quoting = [f"{said}\n\n{cut}\n\n{more}" for said, more in itertools.pairwise(told)]
    assert (5, 0) in pairs(clusters(made([text, *quoting[:4], cut])))


def test_a_score_never_says_more_than_a_comparison_letter_by_letter(made: Made) -> None:
    told = stories(30)
    texts = [*told, *(misread(text, 0.03, at) for at, text in enumerate(told))]
    texts += [edited(text[: len(text) * 3 // 4], 0.03, at) for at, text in enumerate(told)]
    corpus = made(texts)
    starts = corpus.key_start[corpus.first]
    letters = [corpus.keys[start:end].tobytes() for start, end in itertools.pairwise(starts)]
    found = clusters(corpus)
    assert len(found.member) == 60
    for member, kept, score, overlap in zip(*found[:4], strict=True):
        most = LCSseq.similarity(letters[member], letters[kept])
        sizes = len(letters[member]), len(letters[kept])
        assert 0.9 * most / sizes[0] <= overlap <= most / sizes[0] + 1e-9
        assert score <= (most / sizes[0] + most / sizes[1]) / 2 + 1e-9


def test_words_that_stand_elsewhere_too_do_not_part_what_is_opposite() -> None:
    """The third shared gram is a phrase of elsewhere."""
    pair = np.zeros(5, np.int64)
    one, two = np.array([0, 100, 200, 300, 400]), np.array([5, 104, 296, 305, 404])
    assert anchors._chained(pair, one, two).tolist() == [0, 1, 3, 4]


def test_a_passage_put_in_leaves_what_is_around_it_opposite() -> None:
    pair = np.array([0, 0, 0, 1, 1])
    one, two = np.array([0, 100, 200, 50, 90]), np.array([0, 100, 2200, 90, 50])
    kept = anchors._chained(pair, one, two).tolist()
    assert kept[:3] == [0, 1, 2]
    assert len(kept) == 4


def test_equal_letters_around_a_gap_are_no_part_of_it() -> None:
    one, two = b"abcdefgh" * 200 + b"xyz" + b"q" * 30, b"abcdefgh" * 200 + b"q" * 30
    keys = np.frombuffer(one + two, np.uint8)
    starts = np.array([0, len(one), len(one) + len(two)])
    letters = alignment.Letters(starts, keys, np.array([0, 1]))
    none = np.empty(0, np.int64)
    lengths = np.array([[len(one), len(two)]])
    found = alignment.align(
        letters, anchors.Anchors(none, none, none), letters.begins[None], lengths
    )
    equal = ((found.ends - found.starts) * found.share[:, None]).sum(axis=0)
    assert equal.tolist() == [len(two), len(two)]


def test_clusters_are_the_same_however_little_memory_they_may_take(made: Made) -> None:
    corpus = made(stories(40) + [edited(text, 0.05) for text in stories(40)])
    much, little = clusters(corpus), clusters(corpus, memory=1 << 12)
    assert len(much.member) == 40
    assert pairs(much) == pairs(little)
    assert (much.confidence == little.confidence).all()
    assert much[5:] == little[5:]


def test_candidates_are_the_same_however_little_memory_they_may_take(made: Made) -> None:
    texts = stories(40) + [edited(text, 0.05) for text in stories(40)]
    corpus = made(texts)
    grams = likely.samples(
        corpus.key_start[corpus.first], corpus.keys, np.arange(len(texts), dtype=np.int64)
    )
    taken = np.arange(len(texts))
    much, little = likely.candidates(grams, taken), likely.candidates(grams, taken, 1 << 12)
    assert len(much.one) >= 40
    assert much.begun == little.begun
    assert all(map(np.array_equal, much[:3], little[:3]))
    assert much[3:] == little[3:]
