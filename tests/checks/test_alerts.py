"""Alerts say of each copy where it stands, what it repeats and what would go."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

import dedup
from dedup.checks import alerts
from dedup.checks.alerts import QUOTED_CHARACTERS, QUOTED_LINES, Alert
from dedup.model import Document
from dedup.options import Options
from tests.prose import paragraphs


def found(text: str, name: str = "a.txt", **options: object) -> tuple[Alert, ...]:
    (result,) = dedup.analyze([Document(name, text)], Options(**options))  # type: ignore[arg-type]
    return alerts.of(result)


def errors(text: str) -> list[Alert]:
    return [alert for alert in found(text) if alert.level == "error"]


BODY = paragraphs(3, 7)


def test_each_copy_of_a_block_is_an_alert_of_its_own() -> None:
    body = "\n\n".join(BODY)
    text = f"{body}\n\n{body}\n\n{body}\n"
    first, second = errors(text)
    assert first.name == second.name == "repeated-block"
    assert (first.spot.line, first.spot.end_line) == (7, 11)
    assert (second.spot.line, second.spot.end_line) == (13, 17)
    for alert in (first, second):
        assert text[alert.spot.start : alert.spot.end] == body
        (kept,) = alert.related
        assert (kept.line, kept.end_line) == (1, 5)
        assert alert.message() == f"{alert.spot.where} repeat lines 1-5"
        assert alert.spot.quoted[0] == BODY[0][:QUOTED_CHARACTERS]
        assert len(alert.spot.quoted) + alert.spot.more == 5
    assert first.fingerprint == second.fingerprint


def test_what_goes_is_counted_as_clean_counts_it() -> None:
    text = "\n\n".join([*BODY, *BODY]) + "\n"
    assert sum(alert.characters for alert in errors(text)) == len(text) - len(
        dedup.clean(text).cleaned
    )


def test_columns_count_code_points_and_bytes() -> None:
    """A sentence inside a paragraph: what stands before it is counted in both units."""
    sentence = "Der große Kranwagen über der Brücke wurde am späten Abend noch einmal geprüft."
    text = f"{sentence}\n\nKöln – {sentence} {BODY[0]}\n"
    (alert,) = errors(text)
    spots = [alert.spot, *alert.related]
    inside = max(spots, key=lambda spot: spot.start)
    line = text.split("\n")[2]
    assert inside.line == 3
    assert text[inside.start] == line[inside.column - 1]
    before = line[: inside.column - 1]
    assert inside.byte_column == len(before.encode()) + 1
    assert inside.end_column - inside.column == inside.end - inside.start


def test_the_hash_stays_when_layout_and_place_change() -> None:
    (alert,) = errors("\n\n".join([*BODY, *BODY]))
    wrapped = [paragraph.replace(" ", "\n", 3) for paragraph in BODY]
    (other,) = errors("\n\n".join(["Something new, said only here.", *BODY, *wrapped]))
    assert alert.fingerprint == other.fingerprint
    assert alert.spot.line != other.spot.line


def test_the_hash_tells_texts_apart() -> None:
    assert alerts.fingerprint(BODY[0]) != alerts.fingerprint(BODY[1])
    assert alerts.fingerprint("***") != alerts.fingerprint("---")


def test_look_alikes_are_notes_with_a_reason() -> None:
    first = "The branch in Ellery sold 1,204 loaves in March, which the baker called a fair month for rye."
    second = "The branch in Ellery sold 2,377 loaves in April, which the baker called a fair month for rye."
    (note,) = found(f"{first}\n\n{BODY[0]}\n\n{second}\n")
    assert (note.level, note.characters) == ("note", 0)
    assert note.reason and note.message().endswith(f"kept: {note.reason}")
    assert {note.spot.line, note.related[0].line} == {1, 5}


def test_cleanup_stands_alone() -> None:
    text = f"{BODY[0]}\n\nhttps://example.org/a\n\n{BODY[1]}\n"
    (alert,) = found(text, strip_links=True)
    assert (alert.name, alert.related, alert.spot.line) == ("bare-link", (), 3)
    assert alert.message() == "line 3: nothing but an address"


def test_a_record_is_placed_by_the_lines_of_its_file() -> None:
    text = "\n\n".join([*BODY, *BODY])
    (result,) = dedup.analyze([Document("a.jsonl#4", text)], Options())
    (alert,) = alerts.located(alerts.of(result, 4, (9, 9)), "x/a.jsonl")
    assert alert.spot.at(alert.spot.path) == "x/a.jsonl:9"
    assert alert.spot.column == 0
    assert alert.message() == "lines 7-11 of record 4 repeat lines 1-5 of record 4"


def test_a_long_passage_is_quoted_in_part() -> None:
    line = BODY[0] * 200
    (alert,) = errors(f"{line}\n\n{line}\n")
    assert max(map(len, alert.spot.quoted)) == QUOTED_CHARACTERS
    lines = "\n".join(f"{each} {number}." for number, each in enumerate(BODY * 30))
    for alert in errors(f"{lines}\n\n{lines}\n"):
        assert len(alert.spot.quoted) <= QUOTED_LINES


def test_what_leads_a_line_is_quoted_with_it() -> None:
    """A list item and a heading are known by their signs; the column is where the copy itself begins."""
    text = f"{BODY[1]}\n\n> - {BODY[0]}\n\n> - {BODY[0]}\n"
    (alert,) = errors(text)
    (spot,) = alert.related
    assert alert.spot.quoted == spot.quoted
    assert spot.quoted[0] == f"> - {BODY[0]}"[:QUOTED_CHARACTERS]
    assert (spot.line, spot.column, text[spot.start :][:9]) == (3, 5, BODY[0][:9])


def test_what_is_said_before_a_passage_is_not_quoted_with_it() -> None:
    sentence = "The great crane above the harbour bridge was tested once again late in the evening."
    (alert,) = errors(f"{sentence}\n\nCologne: {sentence} {BODY[0]}\n")
    spot = max(alert.spot, *alert.related, key=lambda spot: spot.line)
    assert spot.column > 1 and spot.quoted[0].startswith(sentence)


def test_needless_blanks_are_quoted_with_what_they_follow() -> None:
    (alert,) = found(f"{BODY[0]}\n\nShort.   \n\n{BODY[1]}\n", normalize_space=True)
    assert (alert.spot.line, alert.spot.column, alert.spot.quoted) == (3, 7, ("Short.   ",))


blank = st.sampled_from(
    ["\n", "\n\n", "\r\n", "\r", "  \n\n\n", " \t", "\u200b", "\x1c", "\u3000\u3000", " "]
)
worn = ["caf\xc3\xa9 men\xc3\xbc", "https://example.org/a", "a  b  ", "x\x0by", "Short.", "- one"]
parts = st.one_of(st.sampled_from([*BODY, *worn, BODY[0].replace(" ", "  ", 4)]), blank)
flags = ["normalize_space", "fix_text", "strip_links", "strip_share_cards", "exact"]


@given(
    st.lists(parts, max_size=14).map("".join),
    st.fixed_dictionaries(dict.fromkeys(flags, st.booleans())),
    st.sampled_from(["text", "markdown", "rst"]),
)
def test_lines_columns_and_offsets_name_the_same_place(
    text: str, options: dict[str, bool], format: str
) -> None:
    (result,) = dedup.analyze([Document("a", text, format=format)], Options(**options))  # type: ignore[arg-type]
    ends = [0, *(end.end() for end in re.finditer(r"\r\n|\r|\n", text))]
    for alert in alerts.of(result):
        for spot in (alert.spot, *alert.related):
            first, last = ends[spot.line - 1], ends[spot.end_line - 1]
            assert first + spot.column - 1 == spot.start
            assert last + spot.end_column - 1 == spot.end
            assert not re.search(r"\r\n|\r|\n", text[first : spot.start])
            assert not re.search(r"\r(?!\n)|\n", text[last : spot.end - 1])
            assert len(text[first : spot.start].encode()) + 1 == spot.byte_column


@given(st.lists(st.sampled_from([*BODY, "Short.", "\r", "\u2028", "x\x0by"]), max_size=9))
def test_alerts_lie_in_the_text_and_survive_the_way_between_processes(parts: list[str]) -> None:
    text = "\n\n".join(parts)
    made = found(text)
    for alert in made:
        for spot in (alert.spot, *alert.related):
            assert 0 <= spot.start < spot.end <= len(text)
            assert 1 <= spot.line <= spot.end_line
            assert spot.quoted and len(spot.quoted) <= QUOTED_LINES
    assert alerts.unpickled(alerts.pickled(made)) == made
    assert bool(errors(text)) == dedup.clean(text).documents[0].changed


def test_each_repair_is_an_alert_of_its_own_and_shown_in_its_line() -> None:
    text = f"Itâ€™s said  here.\n\n{BODY[0]}\n\nItâ€™s said there.\n"
    made = found(text, "a.md", fix_text=True, normalize_space=True)
    assert [(alert.name, alert.spot.line) for alert in made] == [
        ("fixed-text", 1),
        ("normalized-space", 1),
        ("fixed-text", 5),
    ]
    lines = text.split("\n")
    assert [alert.spot.quoted[0] for alert in made] == [lines[0], lines[0], lines[4]]
    assert made[0].fingerprint == made[2].fingerprint
    assert made[0].characters == 0
