"""What stands in two documents: prose goes from the later one, look-alikes stay, and each twin stands."""

from __future__ import annotations

from pathlib import Path
from random import Random

import numpy as np
import pytest

from dedup.corpus import boilerplate, counting, fields, forms
from dedup.corpus.columns import Corpus
from dedup.corpus.deciding import decided
from dedup.corpus.judging import Repeats, judge
from dedup.corpus.weighing import REASONS
from dedup.options import Options
from tests import prose
from tests.corpus.pages import NONE, Outcome, corpus_of, outcome, repeats_of

TEXTS = prose.paragraphs(60, seed=11)


def reasons(found: Outcome) -> set[str]:
    return {REASONS[reason] for reason in found.stays.reason}


def test_a_story_in_two_files_goes_from_the_later_with_its_headings(tmp_path: Path) -> None:
    story = ["# The mill", TEXTS[0], "Soon.", "## Later", TEXTS[1], TEXTS[2]]
    found = outcome([[*TEXTS[10:13], *story], [TEXTS[20], *story, TEXTS[21]]], str(tmp_path))
    assert found.gone(1) == [(1, text) for text in story]
    assert len(set(found.judged.block)) == 1
    assert (
        found.judged.kept - found.judged.row == found.judged.kept[0] - found.judged.row[0]
    ).all()
    assert (found.judged.confidence > 0.8).all() and set(found.judged.score) == {1}


LOOKALIKES = {
    "He nodded.": 0,
    "# Notes": 1,
    "- milk and bread": 1,
    "| a | b |\n|---|---|\n| 1 | 2 |": 1,
    "```\nfor each in range(10):\n    print(each, each * 2, each * 3, each * 4)\n```": 1,
    "- " + TEXTS[9]: 1,
}


@pytest.mark.parametrize("one", LOOKALIKES)
def test_one_long_paragraph_goes_and_what_is_no_prose_stays(tmp_path: Path, one: str) -> None:
    documents = [[TEXTS[0], TEXTS[at], one, TEXTS[at + 1]] for at in (10, 20)]
    found = outcome(documents, str(tmp_path))
    assert found.gone() == [(1, TEXTS[0])]
    assert found.stays.row.tolist() == [6] and found.stays.twin.tolist() == [2]
    assert reasons(found) == {REASONS[LOOKALIKES[one]]}


def test_a_refrain_of_two_songs_stays(tmp_path: Path) -> None:
    lines = "Over the harbour the lanterns go,\nrow, sailor, row, sailor, row,\nand nobody knows "
    refrain = lines + "where the cold winds blow,\nrow, sailor, row, sailor, row."
    documents = [[TEXTS[at], refrain, TEXTS[at + 1], refrain] for at in (0, 2)]
    found = outcome(documents, str(tmp_path))
    assert not found.gone() and reasons(found) == {REASONS[3]}


def test_entries_of_two_forms_stay(tmp_path: Path) -> None:
    entry = TEXTS[0][:200]
    documents = [
        [
            "# Name",
            TEXTS[at],
            "# Options",
            entry,
            "# Notes",
            TEXTS[at + 1],
            "# See also",
            TEXTS[at + 2],
        ]
        for at in (10, 20)
    ]
    found = outcome(documents, str(tmp_path))
    assert not found.gone() and REASONS[2] in reasons(found)


def test_what_has_to_stay_stays(tmp_path: Path) -> None:
    corpus = corpus_of([[TEXTS[0], TEXTS[1]], [TEXTS[0], TEXTS[2]]], str(tmp_path))
    corpus = corpus._replace(fixed=np.array([0, 0, 1, 0], np.uint8))
    judged, stays = judge(corpus, repeats_of(corpus))
    assert not len(judged.row)
    assert [REASONS[reason] for reason in stays.reason] == [REASONS[4]]


def test_near_copies_go_with_their_score_and_so_do_rows_equal_to_them(tmp_path: Path) -> None:
    edited = TEXTS[0].replace("the", "this", 1)
    corpus = corpus_of(
        [[TEXTS[0], TEXTS[5]], [edited, TEXTS[6]], [TEXTS[7], edited]], str(tmp_path)
    )
    judged, _ = judge(corpus, repeats_of(corpus, [(2, 0, 0.97)]))
    assert judged.row.tolist() == [2, 5] and judged.kept.tolist() == [0, 0]
    assert judged.score.tolist() == [0.97, 0.97] and judged.finding.tolist() == [2, 2]


def test_every_twin_stays_and_is_equal_or_was_compared(tmp_path: Path) -> None:
    """Documents that quote each other at random, in pieces that hang on several others."""
    random = Random(3)
    documents = [
        [
            text
            for start in random.sample(range(50), 3)
            for text in TEXTS[start : start + random.randrange(1, 6)]
        ]
        for _ in range(25)
    ]
    found = outcome(documents, str(tmp_path), [number // 5 for number in range(25)])
    row, kept = found.judged.row, found.judged.kept
    assert len(row) > 50
    assert not set(row.tolist()) & set(kept.tolist())
    assert all(
        found.corpus.key(one) == found.corpus.key(two) for one, two in zip(row, kept, strict=True)
    )
    assert (found.corpus.document[kept] < found.corpus.document[row]).all()


def test_a_row_hangs_on_the_document_its_neighbours_hang_on(tmp_path: Path) -> None:
    story = [TEXTS[0], "So it went.", TEXTS[1]]
    found = outcome([["So it went.", TEXTS[9]], [TEXTS[8], *story], story], str(tmp_path))
    assert found.gone() == [(2, text) for text in story]
    assert found.corpus.document[found.judged.kept].tolist() == [1, 1, 1]


def test_only_copies_of_the_text_to_compare_with_go(tmp_path: Path) -> None:
    corpus = corpus_of([[TEXTS[0]], [TEXTS[0], TEXTS[1]], [TEXTS[1], TEXTS[2]]], str(tmp_path))
    judged, _ = judge(corpus, repeats_of(corpus), reference=1)
    assert judged.row.tolist() == [1] and judged.kept.tolist() == [0]


def test_groups_and_names_decide_not_the_order_of_arrival(tmp_path: Path) -> None:
    """The same documents under the same names, given in another order of groups' numbers."""
    documents = [[TEXTS[at], TEXTS[30 + at % 3], TEXTS[at + 1]] for at in range(0, 20, 2)]
    (tmp_path / "a").mkdir()
    one = outcome(documents, str(tmp_path / "a"), [at % 2 for at in range(10)])
    two = outcome(documents, str(tmp_path), [7 - at % 2 for at in range(10)])
    for column, other in zip(one.judged, two.judged, strict=True):
        assert np.array_equal(column, other)


def test_work_is_linear_in_equal_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted in rows that are sorted into classes, where all rows are equal to ten thousands of others."""
    counted: list[int] = []

    def classes(values: np.ndarray, document: np.ndarray) -> counting.Classes:
        counted.append(len(values))
        return counting.classes(values, document)

    for module in (boilerplate, fields, forms):
        monkeypatch.setattr(module, "classes", classes)
    work = []
    for documents in (1_000, 10_000):
        counted.clear()
        corpus = equal_rows(documents, 10)
        first = np.arange(len(corpus.document)) % 10
        judged, _ = judge(corpus, Repeats(first, first, NONE, NONE, NONE * 1.0), min_chars=30)
        assert len(judged.row) == (documents - 1) * 10
        work.append(sum(counted))
    assert work[1] <= 10.1 * work[0]


def equal_rows(documents: int, each: int) -> Corpus:
    """So many documents, all with the same paragraphs."""
    texts = [text.encode() for text in TEXTS[:each]]
    count = documents * each
    sizes = np.tile([len(text) for text in texts], documents)
    starts = np.concatenate([[0], np.cumsum(sizes)])
    data = np.frombuffer(b"".join(texts) * documents, np.uint8)
    return Corpus(
        first=np.arange(documents + 1, dtype=np.int64) * each,
        groups=np.zeros(documents, np.int32),
        document=np.repeat(np.arange(documents, dtype=np.int32), each),
        start=np.zeros(count, np.int64),
        end=np.zeros(count, np.int64),
        role=np.zeros(count, np.uint8),
        weight=sizes.astype(np.int32),
        line=np.ones(count, np.int32),
        fixed=np.zeros(count, np.uint8),
        key_start=starts,
        keys=data,
        text_start=starts,
        texts=data,
    )


def test_passages_of_one_form_stay_and_those_of_others_go(tmp_path: Path) -> None:
    """All steps together: sentences inside paragraphs that differ otherwise."""
    gone = []
    for number, heads in enumerate((["# Name", "# Options", "# Notes", "# See also"], [""] * 4)):
        (folder := tmp_path / str(number)).mkdir()
        documents = []
        for at in (10, 30):
            texts = [f"{TEXTS[at + each]} {TEXTS[each]}" for each in range(4)]
            pairs = zip(heads, texts, strict=True)
            documents.append([part for pair in pairs for part in pair if part])
        corpus = corpus_of(documents, str(folder))
        copies = decided(corpus, Options(scope="corpus")).copies
        gone.append(int((copies.end - copies.start)[copies.goes].sum()))
    assert gone[0] == 0 and gone[1] > 200
