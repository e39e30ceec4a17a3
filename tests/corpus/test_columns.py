"""Sheets and columns: what of a document is compared with others, and where it stands."""

from __future__ import annotations

from pathlib import Path

from dedup.corpus.columns import columns
from dedup.corpus.sheets import ROLES, sheet
from dedup.engine.normalize import key
from dedup.model import Document, Span

ONE = Document("a.md", "# Häuser\n\nEin  Satz, noch einer.\n\n---\n\n- Punkt\n", format="markdown")
TWO = Document("b.txt", "第一段。\n\n  Zwei.\n")


def test_rows_say_where_paragraphs_stand_and_what_they_say(tmp_path: Path) -> None:
    corpus = columns([sheet(ONE), sheet(TWO)], [0, 1], str(tmp_path))
    assert corpus.first.tolist() == [0, 3, 5]
    for row, number in enumerate(corpus.document):
        text = (ONE, TWO)[number].text[corpus.start[row] : corpus.end[row]]
        assert corpus.text(row) == text == text.strip()
        assert corpus.key(row).decode() == key(text)
    assert [ROLES[role] for role in corpus.role] == ["heading", "prose", "list", "prose", "prose"]
    assert corpus.weight.tolist() == [6, 16, 5, 9, 4]


def test_what_goes_of_a_document_has_no_row() -> None:
    at = ONE.text.index("noch")
    assert len(sheet(ONE, [Span(at, at + 4)]).starts) == 2


def test_documents_without_letters_have_no_rows(tmp_path: Path) -> None:
    corpus = columns(
        [sheet(Document("a", "--\n\n!\n")), sheet(Document("b", ""))], [0, 0], str(tmp_path)
    )
    assert corpus.first.tolist() == [0, 0, 0]
    assert len(corpus.keys) == len(corpus.texts) == 0
