"""R51: what a terminal obeys, what reorders text and what cannot be seen is spelled out."""

from __future__ import annotations

import re
import unicodedata

import pytest

from dedup.reports.escape import IGNORED, break_commands, escape, escape_line

DANGEROUS = [
    *(chr(code) for code in range(0x20) if code not in (0x09, 0x0A)),
    *(chr(code) for code in range(0x7F, 0xA0)),
    *"\u061c\u200b\u200c\u200d\u200e\u200f\u2028\u2029\u2060\ufeff\u00ad\u180e",
    *(chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))),
    *(chr(code) for code in range(0xE0000, 0xE0080)),
    *(chr(code) for code in (0xD800, 0xDBFF, 0xDC00, 0xDC80, 0xDCFF, 0xDFFF)),
]


@pytest.mark.parametrize("show", [escape, escape_line])
def test_r51_nothing_dangerous_is_left(show: object) -> None:
    assert callable(show)
    shown = show("".join(f"a{char}b" for char in DANGEROUS))
    assert shown.isascii() and shown.isprintable()
    assert all(f"a\\{kind}" in shown for kind in "xuUr")


@pytest.mark.parametrize("char", DANGEROUS)
def test_r51_each_is_spelled_as_its_python_escape(char: str) -> None:
    assert escape(char).encode("ascii").decode("unicode_escape") == char


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b]8;;file:///etc/passwd\x07x\x1b\\", r"\x1b]8;;file:///etc/passwd\x07x\x1b" + "\\"),
        ("\x1b]52;c;AAAA\x07", r"\x1b]52;c;AAAA\x07"),
        ("\x9b2J", r"\x9b2J"),
        ("\u202e", r"\u202e"),
        ("\U000e0041", r"\U000e0041"),
        ("a\r\nb", "a\\r\nb"),
    ],
)
def test_r51_sequences(text: str, shown: str) -> None:
    assert escape(text) == shown


def test_lf_and_tab_stay_in_text_and_are_spelled_on_one_line() -> None:
    assert escape("a\n\tb") == "a\n\tb"
    assert escape_line("a\n\tb") == r"a\n\tb"


def test_visible_text_of_any_script_stays() -> None:
    text = "Ærø, 東京、Ελλάδα עברית עִבְרִית हिन्दी 👍🏽 « “—” é e\u0301 \u00a0"
    assert escape(text) == escape_line(text) == text


def test_no_format_or_control_character_is_forgotten() -> None:
    """Whatever Unicode calls a control or format character, but for those that are seen."""
    seen = {*range(0x0600, 0x0606), 0x06DD, 0x070F, 0x0890, 0x0891, 0x08E2, 0x110BD, 0x110CD}
    hidden = [
        char
        for code in range(0x10000)
        if code not in seen
        and unicodedata.category(char := chr(code)) in ("Cc", "Cf", "Cs", "Zl", "Zp")
        and char not in "\n\t"
    ]
    assert [char for char in hidden if escape(char) == char] == []


@pytest.mark.parametrize(
    "text",
    ["::error file=x::y", "  ::stop-commands::t", "\u00a0::add-mask::the", "x ##[error]y", "###[x",
     "##vso[task.setvariable x]", "##VSO[x]", "##teamcity[x]", "a\n\v::x", "a\r::x"],
)  # fmt: skip
def test_r53_build_servers_find_no_command(text: str) -> None:
    for line in escape(text, ci=True).replace("\r", "\n").split("\n"):
        assert not line.strip().startswith("::")
        lowered = line.lower()
        assert "##[" not in lowered and "##vso[" not in lowered and "##teamcity[" not in lowered


@pytest.mark.parametrize(
    "text",
    ["\ufe0f::error::x", " :\u034f:error::x", "\u3000\ufe0f:\U000e0100:x", "#\ufe0f#[error]x",
     "##\u180b[error]x", "#\U000e0101#\ufe0fvso\ufe00[x]"],
)  # fmt: skip
def test_r53_nor_one_that_compares_as_a_language_does(text: str) -> None:
    """The runner's comparisons pass over characters without width: only what stands between others tells."""
    seen = re.sub(f"[{IGNORED}]", "", break_commands(text))
    assert not seen.lstrip().startswith("::")
    assert not re.search(r"##(vso)?\[", seen)


def test_ordinary_colons_and_headings_are_left_alone() -> None:
    text = "## Heading\nstd::vector\n#[x]\na :: b"
    assert break_commands(text) == text
    assert escape("##[x]") == "##[x]"
