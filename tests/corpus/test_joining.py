"""What corpus scope decided of a document becomes its answer, or stays with the reason."""

from __future__ import annotations

import dedup
from dedup import Document
from dedup.model import DUPLICATE_DOCUMENT
from tests.prose import paragraphs

STORY = "\n\n".join(paragraphs(6, seed=3))


def dropped(one: str, two: str) -> list[bool]:
    found = dedup.analyze(
        [Document("a.txt", one), Document("b.txt", two)], scope="corpus", documents="drop"
    )
    assert DUPLICATE_DOCUMENT in {finding.name for finding in found.findings}
    return [result.is_dropped for result in found]


def test_a_copy_goes_whole() -> None:
    assert dropped(f"{STORY}\n", f"{STORY}\n") == [False, True]


def test_a_document_with_numbers_of_its_own_is_no_mere_copy() -> None:
    one, two = (
        f"Sales rose by {share} % in {year}. {STORY}\n" for share, year in ((4, 1998), (7, 1999))
    )
    assert dropped(one, two) == [False, False]


def test_it_is_said_which_number_stands_only_in_a_document_that_stays() -> None:
    found = dedup.analyze(
        [
            Document("a.txt", f"{STORY} It was 1998.\n"),
            Document("b.txt", f"{STORY} It was 1999.\n"),
        ],
        scope="corpus",
        documents="drop",
    )
    (note,) = [one.note for one in found.findings if one.name == DUPLICATE_DOCUMENT]
    assert note.endswith("1999 is said only here")
