"""Sheets and columns: what of a document is compared with others, and where it stands."""

from __future__ import annotations

from pathlib import Path

from dedup.corpus.columns import columns
from dedup.corpus.sheets import ROLES, Held, packed, sheet, sheet_of, unpacked
from dedup.engine.analyze import analyze
from dedup.engine.normalize import key
from dedup.model import Document, Span

ONE = Document("a.md", "# Häuser\n\nEin  Satz, noch einer.\n\n---\n\n- Punkt\n", format="markdown")
TWO = Document("b.txt", "第一段。\n\n  Zwei.\n")


def test_rows_say_where_paragraphs_stand_and_what_they_say(tmp_path: Path) -> None:
    corpus = columns([sheet_of(ONE), sheet_of(TWO)], [0, 1], str(tmp_path))
    assert corpus.first.tolist() == [0, 3, 5]
    for row, number in enumerate(corpus.document):
        text = (ONE, TWO)[number].text[corpus.start[row] : corpus.end[row]]
        assert corpus.text(row) == text == text.strip()
        assert corpus.key(row).decode() == key(text)
    assert [ROLES[role] for role in corpus.role] == ["heading", "prose", "list", "prose", "prose"]
    assert corpus.weight.tolist() == [6, 16, 5, 9, 4]


def test_only_what_document_scope_leaves_has_rows_with_the_lines_of_the_file() -> None:
    said = "The ferry did not sail on Monday because of the storm, the harbour office said. It is "
    said += "waiting in the inner basin with all its cargo until the wind turns.\n"
    text = f"First of all.\n\n{said}\n{said}\nLast of all.\n"
    (result,) = analyze([Document("a.txt", text)])
    rows = sheet(result)
    cuts = [result.cleaned[start:end] for start, end in zip(rows.starts, rows.ends, strict=True)]
    assert cuts == ["First of all.", said.strip(), "Last of all."]
    assert rows.lines.tolist() == [1, 3, 7]


def test_what_is_hidden_has_no_row_and_what_is_kept_is_fixed() -> None:
    (result,) = analyze([Document("a.txt", "One.\n\nTwo.\n\nThree.\n")])
    rows = sheet(result, Held([Span(0, 2)], [Span(6, 7)]))
    assert rows.keys == b"twothree"
    assert rows.fixed.tolist() == [1, 0]


def test_a_sheet_is_the_same_after_it_was_sent() -> None:
    for document in (ONE, TWO, Document("empty", "")):
        there = sheet_of(document)
        back = unpacked(packed(there))
        assert packed(back) == packed(there)
        assert list(map(str, back)) == list(map(str, there))


def test_documents_without_letters_have_no_rows(tmp_path: Path) -> None:
    corpus = columns(
        [sheet_of(Document("a", "--\n\n!\n")), sheet_of(Document("b", ""))], [0, 0], str(tmp_path)
    )
    assert corpus.first.tolist() == [0, 0, 0]
    assert len(corpus.keys) == len(corpus.texts) == 0
