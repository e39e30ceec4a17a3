"""What as-good-as-equal texts may differ in and be copies, and in what not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dedup.corpus.guards import accept, is_copy
from tests.corpus.keyed import keyed

LOOK_ALIKES = [
    ("Sales rose by 5 % to 120 million.", "Sales rose by 5 % to 130 million."),
    ("Sales rose by 5 % and 5 % and 6 %.", "Sales rose by 5 % and 6 % and 6 %."),
    ("It applies to win32 as to all others.", "It applies to win64 as to all others."),
    ("The office is closed on 12 May.", "The office is closed on 3 May."),
    ("The version of 2019 is out of date.", "The version is out of date."),
    ("The council did approve the plan.", "The council did not approve the plan."),
    ("Der Rat hat das beschlossen.", "Der Rat hat das nicht beschlossen."),
    ("The mill of Ashby was sold to Grant.", "The mill of Ashby was sold to Moore."),
    ("See [the notes](a/one.md) for more of it.", "See [the notes](a/two.md) for more of it."),
    (
        "理事会は第12条を改正した。本日から有効である。",
        "理事会は第13条を改正した。本日から有効である。",
    ),
    ("委员会昨天批准了这个计划并且公布了结果。", "委员会昨天没批准了这个计划并且公布了结果。"),
    ("اجتمع المجلس في 12 من الشهر", "اجتمع المجلس في 17 من الشهر"),
]
COPIES = [
    ("Sales rose by 5 % in May.", "In May, sales rose by 5 %!"),
    ("The harbour was closed in winter.", "The old harbour was closed all winter."),
    ("A ferry left the harbour.", "The ferry left the harbour."),
    ("It was closed in 1904 and sold.", "It was cIosed in l904 and sold."),
    ("The ferry, not the tram, was late.", "Tbe fery, nof the tram, was lafe."),
    ("See [the notes](a.md) and [more](b.md).", "See [the notes](a.md) and [all](c.md)."),
    ("See [the notes](a.md) for more of it.", "See the notes for more of it."),
    ("委员会昨天批准了这个计划。", "委员会昨日批准了这个计划。"),
    ("اجتمع المجلس مساء اليوم", "اجتمع المجلس صباح اليوم"),
]


@pytest.mark.parametrize(("copy", "kept"), LOOK_ALIKES)
def test_other_numbers_names_negations_and_targets_are_no_copies(copy: str, kept: str) -> None:
    assert not is_copy(copy, kept)
    assert not is_copy(kept, copy)


@pytest.mark.parametrize(("copy", "kept"), COPIES)
def test_other_wording_and_misreadings_are_copies(copy: str, kept: str) -> None:
    assert is_copy(copy, kept)
    assert is_copy(kept, copy)


def test_a_text_much_rewritten_may_say_not_in_another_place() -> None:
    copy = "The committee met on Monday evening and did not settle the question of the ferry."
    kept = "The board came together at night and put off settling the question of the ferry."
    assert is_copy(copy, kept)


def test_a_number_misread_as_another_is_another_number() -> None:
    copy = "Tbe harbuor was rebnilt in 1914 at the expeuse of the conncil."
    assert is_copy(copy, "The harbour was rebuilt in 1914 at the expense of the council.")
    assert not is_copy(copy, "The harbour was rebuilt in 1944 at the expense of the council.")


def test_many_pairs_are_judged_by_the_texts_of_their_rows(tmp_path: Path) -> None:
    texts = [text for pair in LOOK_ALIKES + COPIES for text in pair]
    corpus = keyed(texts, str(tmp_path))
    rows = np.arange(0, len(texts), 2)
    expected = [False] * len(LOOK_ALIKES) + [True] * len(COPIES)
    assert accept(corpus, rows, rows + 1).tolist() == expected
