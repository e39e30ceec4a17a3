"""``--fix-text``: what is broken is mended in place, and nothing else is touched."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dedup import extras
from dedup.engine import mending
from dedup.errors import DedupError
from dedup.model import FIXED_TEXT, Span
from tests.engine.cleaned import cleaned, result_of

SENTENCES = (
    "Die Fähre fährt über den Fjord – “endlich”, sagt der Müller.",
    "L’été dernier, les élèves ont mangé des crêpes à Besançon.",
    "El niño pidió más jamón; ¿quién se lo dará mañana?",
    "Příliš žluťoučký kůň úpěl ďábelské ódy.",
    "Паром снова ходит по понедельникам.",
    "渡し船は月曜日にまた出ます。",
)


def garbled(text: str, codec: str = "cp1252") -> str:
    """``text`` as a reader sees it who takes its UTF-8 for another encoding."""
    data = text.encode()
    return data.decode("latin-1") if codec == "latin-1" else data.decode(codec, "strict")


@pytest.mark.parametrize("sentence", SENTENCES)
def test_mojibake_is_mended(sentence: str) -> None:
    text = f"A line before.\n{garbled(sentence, 'latin-1')}\nA line after.\n"
    assert cleaned(text, "fix_text") == f"A line before.\n{sentence}\nA line after.\n"


def test_twice_garbled_text_is_mended_twice() -> None:
    sentence = SENTENCES[2]
    assert cleaned(garbled(garbled(sentence)), "fix_text") == sentence


def test_only_what_was_broken_is_in_the_edits() -> None:
    text = "The café is open, the cafÃ© is closed, and the oﬃce is ﬁne.\n"
    edits = result_of(text, "fix_text").edits
    assert [(edit.removed, edit.inserted) for edit in edits] == [
        ("Ã©", "é"), ("ﬃ", "ffi"), ("ﬁ", "fi"),
    ]  # fmt: skip
    assert {(edit.kind, edit.finding, edit.twins) for edit in edits} == {
        ("cleanup", FIXED_TEXT, ())
    }


def test_control_characters_and_terminal_colours_go() -> None:
    text = "plain\x00 text\x07 and \x1b[31mred\x1b[0m\x0b, \ufeffno mark\x7f\n"
    assert cleaned(text, "fix_text") == "plain text and red, no mark\n"


UNBROKEN = (
    "“Curly” quotes – and dashes… stay, and so does ½ of it.",
    "AT&amp;T &lt;b&gt; &eacute; entities are the business of HTML",
    "ＦＵＬＬ　ｗｉｄｔｈ and ﾊﾝｶｸ",
    "e\u0301 is not composed, \u00c5 is no Angstrom sign",
    "a\tb\u00a0c\u2028d\u3000e\x0cf",
    "zero\u200bwidth, \u200dright\u200fto left",
    "MAÇÃ and SÃO are words of Portuguese.",
)


@pytest.mark.parametrize("line", UNBROKEN)
def test_what_is_not_broken_stays(line: str) -> None:
    assert cleaned(f"{line}\n", "fix_text") == f"{line}\n"


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_line_ends_stay_as_they_are(newline: str) -> None:
    text = f"cafÃ©{newline}{newline}ﬁne{newline}"
    assert cleaned(text, "fix_text") == f"café{newline}{newline}fine{newline}"


def test_preserved_bytes_stay_and_what_is_around_them_is_mended() -> None:
    text = "cafÃ© \udcff\udc80 oﬃce\n"
    assert cleaned(text, "fix_text", errors="preserve") == "café \udcff\udc80 office\n"


def test_a_line_that_the_files_encoding_cannot_write_stays() -> None:
    text = "â€œEndlichâ€\x9d\ncafÃ©\n"
    assert cleaned(text, "fix_text", encoding="latin-1") == "â€œEndlichâ€\x9d\ncafé\n"
    assert cleaned(text, "fix_text").startswith("“Endlich”")


def test_letters_of_an_old_code_are_not_taken_for_quotation_marks() -> None:
    text = "Han f\x94dde s\x94ner och d\x94ttrar.\nOch sedan \x86r han gammal.\n"
    assert cleaned(text, "fix_text") == text
    quoted = "He said \x93never\x94 and left; it\x92s late.\n"
    assert cleaned(quoted, "fix_text") == "He said “never” and left; it’s late.\n"


def test_without_the_library_one_line_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)

    mending._mender.cache_clear()
    monkeypatch.setattr(extras, "import_module", missing)
    with pytest.raises(DedupError, match='--fix-text needs the extra "fix"') as caught:
        cleaned("plain\n", "fix_text")
    assert caught.value.hint.startswith("pip install '.[fix]'")


def test_a_frozen_place_is_not_mended() -> None:
    text = "ﬁrst and ﬁnal\n"
    assert cleaned(text, "fix_text", frozen=[Span(0, 1)]) == "ﬁrst and final\n"


pieces = st.sampled_from(["Ã©", "ﬁ", "\x00", " ", "word", "â€™", "\x1b[1m", "é", "x", "\t", "  "])


def applied(text: str, changes: list[mending.Mended]) -> str:
    parts: list[str] = []
    position = 0
    for start, end, inserted in changes:
        assert position <= start < end <= len(text)
        parts += (text[position:start], inserted)
        position = end
    return "".join([*parts, text[position:]])


@given(st.lists(pieces).map("".join), st.lists(pieces).map("".join))
def test_the_differences_of_two_lines_make_one_of_the_other(one: str, two: str) -> None:
    assume(one)
    assert applied(one, mending.differences(one, two)) == two


def test_many_words_more_than_before_are_compared_in_bounded_time() -> None:
    one = "cafÃ©\x00 " * 3000
    two = "a b " * 4000
    assert applied(one, mending.differences(one, two)) == two
    assert len(mending.differences(one, two)) == 1


@given(st.lists(st.one_of(pieces, st.text(max_size=3))).map("".join))
def test_any_text_is_mended_once_and_for_all(text: str) -> None:
    result_of(text, "fix_text", errors="preserve")
