"""Boilerplate: what many documents of a group carry goes from all but the first; a form is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from dedup.corpus.judging import judge
from tests import prose
from tests.corpus.pages import corpus_of, outcome, repeats_of

PLUG = "Read the weekly letter of the harbour museum, free of charge, every Friday."
MENU = ["Front page", "Opening hours", "How to find us", "Support our work"]
FOOTER = ["Share with friends", "All rights reserved", "Contact and imprint"]


def pages(count: int, size: int = 4) -> list[list[str]]:
    """Documents that have nothing in common."""
    texts = iter(prose.paragraphs(count * size, seed=7))
    return [[next(texts) for _ in range(size)] for _ in range(count)]


def test_a_plug_on_every_page_goes_from_all_but_the_first(tmp_path: Path) -> None:
    documents = pages(8)
    for number, page in enumerate(documents):
        page.insert(number % 4 + 1, PLUG)
    found = outcome(documents, str(tmp_path))
    assert found.gone(0) == [(number, PLUG) for number in range(1, 8)] == found.gone()
    assert found.corpus.document[found.judged.kept].tolist() == [0] * 7
    assert set(found.judged.carriers) == set(found.judged.documents) == {8}


def test_two_documents_are_too_few_and_so_is_a_small_share(tmp_path: Path) -> None:
    few, many = pages(8), pages(50)
    for page in few[2:4] + many[10:14]:
        page.insert(2, PLUG)
    for folder, documents in (("a", few), ("b", many)):
        (tmp_path / folder).mkdir()
        assert not outcome(documents, str(tmp_path / folder)).gone(0)


def test_a_date_and_a_counter_may_vary(tmp_path: Path) -> None:
    documents = pages(8)
    for number, page in enumerate(documents):
        page.append(f"{PLUG[:-1]}, next on {number + 2} March 2024: {number * 17 + 20} readers.")
        page.insert(1, f"Updated {number + 1} hours ago")
    found = outcome(documents, str(tmp_path))
    assert [place for place, _ in found.gone(0)] == list(range(1, 8))
    assert all("readers" in text for text in found.texts())
    assert (found.judged.score > 0.8).all() and (found.judged.score < 1).all()
    assert set(found.judged.kind) == {1}


def test_one_edited_carrier_does_not_make_a_passage_vary(tmp_path: Path) -> None:
    short = "Read our letter every Friday, free of charge."
    documents = [[*page, short] for page in pages(8)]
    documents[5][-1] = "Read our letters every Friday, free of charge."
    corpus = corpus_of(documents, str(tmp_path))
    judged, _ = judge(corpus, repeats_of(corpus, [(29, 4, 0.98)]))
    assert judged.row.tolist() == list(range(9, 40, 5))
    assert set(judged.finding) == {0} and judged.kind.tolist() == [0, 0, 0, 0, 1, 0, 0]


def test_near_copies_that_all_say_something_else_are_no_boilerplate(tmp_path: Path) -> None:
    goods = ["grain", "linen", "copper", "timber"]
    documents = [
        [*page, f"The council expects to buy {one} today."]
        for page, one in zip(pages(4), goods, strict=True)
    ]
    corpus = corpus_of(documents, str(tmp_path))
    judged, _ = judge(corpus, repeats_of(corpus, [(row, 4, 0.9) for row in (9, 14, 19)]))
    assert not len(judged.row)


def test_short_lines_go_where_they_stand_in_one_order(tmp_path: Path) -> None:
    documents = [[*MENU, *page, *FOOTER] for page in pages(8)]
    assert outcome(documents, str(tmp_path)).texts() == {*MENU, *FOOTER}


def test_a_varying_line_goes_with_the_lines_around_it(tmp_path: Path) -> None:
    documents = [
        [*MENU, f"Updated {number + 2} hours ago", *page] for number, page in enumerate(pages(8))
    ]
    found = outcome(documents, str(tmp_path))
    assert "Updated 4 hours ago" in found.texts(0)
    assert len(found.gone()) == 7 * 5


def test_a_story_that_few_documents_tell_is_a_repeated_block(tmp_path: Path) -> None:
    """With its short lines, and beside a menu; with the menu taken for boilerplate all the same."""
    told, story = (
        pages(20),
        ["A quiet morning", "Nobody spoke a word", *pages(21)[20], "The end of it"],
    )
    documents = [[*MENU, *page] for page in told]
    for number in (3, 8, 15):
        documents[number][5:5] = story
    found = outcome(documents, str(tmp_path))
    assert found.texts(0) == set(MENU)
    assert found.gone(1) == [(number, text) for number in (8, 15) for text in story]


MARKER = "Share this with others"


@pytest.mark.parametrize(("times", "goes"), [(1, False), (2, True), (3, False)])
def test_a_short_line_strewn_over_pages_with_a_menu_goes(
    tmp_path: Path, times: int, goes: bool
) -> None:
    """Once in each it may be a heading, and more often than now and then a speaker or a refrain."""
    documents = [[*MENU, *page] for page in pages(8, 6)]
    for number, page in enumerate(documents):
        for at in range(times if number % 2 or times > 2 else 1):
            page.insert(len(MENU) + number % 3 + 2 * at + 1, MARKER)
    assert (MARKER in outcome(documents, str(tmp_path)).texts()) == goes


def test_a_short_line_strewn_over_pages_without_a_menu_stays(tmp_path: Path) -> None:
    documents = pages(8, 6)
    for number, page in enumerate(documents):
        for at in range(1 + number % 2):
            page.insert(number % 3 + 2 * at + 1, MARKER)
    assert not outcome(documents, str(tmp_path)).gone()


def test_a_sentence_of_some_reports_that_differs_in_a_number_stays(tmp_path: Path) -> None:
    documents = pages(8)
    for number, page in enumerate(documents[:3]):
        page.append(f"Dealers in the harbour said that grain stood at {number + 4} crowns a sack.")
    assert not outcome(documents, str(tmp_path)).gone()


@pytest.mark.parametrize("mark", ["## ", ""])
def test_headings_between_different_paragraphs_stay(tmp_path: Path, mark: str) -> None:
    documents = [
        [page[0], f"{mark}Abstract", page[1], f"{mark}Methods and material", *page[2:]]
        for page in pages(8)
    ]
    found = outcome(documents, str(tmp_path))
    assert not found.gone()
    assert len(found.stays.row) == 14


def test_a_heading_goes_with_all_that_is_below_it(tmp_path: Path) -> None:
    documents = [[*page, "## Newsletter", PLUG] for page in pages(8)]
    assert outcome(documents, str(tmp_path)).texts() == {"## Newsletter", PLUG}


def test_a_heading_with_own_text_below_stays(tmp_path: Path) -> None:
    documents = [[*page[:3], "## Newsletter", PLUG, page[3]] for page in pages(8)]
    (tmp_path / "a").mkdir()
    assert outcome(documents, str(tmp_path / "a")).texts() == {PLUG}


def test_entries_of_a_reference_stay(tmp_path: Path) -> None:
    """The same sentence under a heading that has other text below it elsewhere."""
    told = ["Forces the command to run and never asks.", "Asks before anything is written to disk."]
    documents = [
        [page[0], "## Options", "### Force", told[number % 2], "### Path", *page[1:]]
        for number, page in enumerate(pages(12))
    ]
    assert not outcome(documents, str(tmp_path)).gone()


def test_labelled_lines_of_a_form_stay(tmp_path: Path) -> None:
    states = ["State: final and adopted", "State: draft, not discussed"]
    kinds = ["Kind: rules of the house", "Kind: minutes of a meeting"]
    documents = [
        [page[0], states[number % 2], kinds[number % 2], *page[1:]]
        for number, page in enumerate(pages(8))
    ]
    assert not outcome(documents, str(tmp_path)).gone()


def test_templates_with_other_numbers_stay(tmp_path: Path) -> None:
    documents = [
        [
            f"The mill had sales of {number * 31 + 400} crowns in the first quarter of the year, "
            f"against {number * 17 + 300} crowns in the same quarter before.",
            f"The bakery had sales of {number * 13 + 90} crowns in the first quarter of the year, "
            f"against {number * 7 + 80} crowns in the same quarter before.",
            page[0],
        ]
        for number, page in enumerate(pages(8))
    ]
    assert not outcome(documents, str(tmp_path)).gone()


def test_groups_are_counted_apart(tmp_path: Path) -> None:
    documents = pages(12)
    for page in documents[:4] + documents[6:10]:
        page.append(PLUG)
    found = outcome(documents, str(tmp_path), [0] * 6 + [1] * 6)
    assert found.gone(0) == [(number, PLUG) for number in (1, 2, 3, 7, 8, 9)]
    assert set(found.judged.documents) == {6} and set(found.judged.carriers) == {4}


def test_boilerplate_is_never_a_repeated_block(tmp_path: Path) -> None:
    documents = [[*page, PLUG] for page in pages(6)]
    documents[4][:4] = documents[1][:4]
    found = outcome(documents, str(tmp_path))
    assert found.texts(0) == {PLUG}
    assert found.gone(1) == [(4, text) for text in documents[1][:4]]


def test_the_same_is_boilerplate_in_whatever_order_the_documents_stand(tmp_path: Path) -> None:
    documents = [[*MENU, *page, PLUG] for page in pages(9)]
    for number in (2, 4, 7):
        documents[number].insert(len(MENU) + 1, f"Seen {number} times today")
        documents[number].append("## Newsletter")
    found: list[list[str]] = []
    for order in (range(9), reversed(range(9)), (3, 8, 0, 5, 1, 7, 2, 6, 4)):
        (folder := tmp_path / str(len(found))).mkdir()
        one = outcome([documents[number] for number in order], str(folder))
        found.append(sorted(text for _, text in one.gone()))
    assert found[0] == found[1] == found[2] != []
