"""What ``dedup explain`` says is so: its examples, its wrong answers and its advice are run."""

from __future__ import annotations

import re
from typing import Any

import click
import pytest

import dedup
from dedup import model
from dedup.cli import main
from dedup.cli.commands import root
from dedup.options import Options, with_values
from dedup.reports import explanations, summary
from dedup.reports.explanations import EXPLANATIONS, Explanation

BETWEEN = """\
The allotments behind the station are being dug over by the pupils of the fourth form.

Nobody has counted the apple trees yet, but the caretaker thinks there are more than ever.
"""
ALL = list(EXPLANATIONS.values())
LEVELS = ("careful", "balanced", "thorough")


def twice(one: str, two: str) -> str:
    """Two paragraphs with others between them."""
    return f"{one}\n\n{BETWEEN}\n{two}\n"


def found(text: str, **options: Any) -> list[str]:
    return [finding.name for finding in dedup.clean(text, **options).findings]


def test_every_finding_is_explained() -> None:
    assert set(EXPLANATIONS) == {
        model.REPEATED_BLOCK, model.NEAR_DUPLICATE, model.CONTAINED, model.KEPT_LOOKALIKE, *model.CLEANUP,
    }  # fmt: skip


def asked_for(one: Explanation) -> dict[str, Any]:
    """The option without which such a finding is not looked for."""
    return {one.flag.removeprefix("--").replace("-", "_"): True} if one.flag else {}


@pytest.mark.parametrize("one", [one for one in ALL if one.flag], ids=lambda one: one.name)
def test_cleanup_is_off_unless_its_flag_is_given(one: Explanation) -> None:
    assert one.flag in one.action
    assert dedup.clean(one.text).cleaned == one.text


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.name)
def test_the_example_is_found_as_it_says(one: Explanation) -> None:
    result = dedup.clean(one.text, with_values(Options(), asked_for(one)))
    assert [finding.name for finding in result.findings] == [one.name]
    assert [summary.finding_line(finding) for finding in result.findings] == [one.found]
    assert result.cleaned.rstrip("\n") == one.cleaned.rstrip("\n")


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.name)
def test_flags_that_are_advised_exist(one: Explanation) -> None:
    context = click.Context(root, info_name="dedup")
    clean = root.get_command(context, "clean")
    assert clean is not None
    advised = [advice.flags for advice in (*one.keep, *one.more)]
    prose = " ".join([one.meaning, one.action, *one.wrong, *(a.what for a in one.keep + one.more)])
    assert advised
    for flags in advised:
        clean.make_context("clean", flags.split(), parent=context)
    check = root.get_command(context, "check")
    assert check is not None
    names = {name for param in (*clean.params, *check.params) for name in param.opts}
    assert set(re.findall(r"--[a-z-]+", prose)) <= names


def example(name: str) -> str:
    return EXPLANATIONS[name].text


@pytest.mark.parametrize(
    ("name", "options"),
    [
        (model.REPEATED_BLOCK, {"min_chars": 500}),
        (model.NEAR_DUPLICATE, {"exact": True}),
        (model.NEAR_DUPLICATE, {"threshold": 0.97}),
        (model.NEAR_DUPLICATE, {"min_chars": 200}),
        (model.CONTAINED, {"min_chars": 200}),
    ],
)
def test_the_advice_keeps_the_example(name: str, options: dict[str, Any]) -> None:
    text = example(name)
    assert dedup.clean(text, **options).cleaned == text


GOING = [
    EXPLANATIONS[name]
    for name in (
        model.REPEATED_BLOCK,
        model.NEAR_DUPLICATE,
        model.CONTAINED,
        model.SHARE_CARD,
        model.BARE_LINK,
    )
]


@pytest.mark.parametrize("one", GOING, ids=lambda one: one.name)
def test_what_is_to_be_kept_stays_as_the_advice_says(one: Explanation) -> None:
    """Keep comments and tables, lines of a file, and a baseline are named wherever something goes."""
    said = " ".join(f"{advice.flags} {advice.what}" for advice in one.keep)
    assert [
        way for way in ("--keep-file", "dedup: keep", "[[keep]]", "--baseline") if way not in said
    ] == []
    options = with_values(Options(), asked_for(one))
    gone = tuple(line[1:] for line in one.example if line[0] == "-" and line[1:])
    assert dedup.clean(one.text, options, keep=gone).cleaned == one.text
    document = dedup.Document("a.md", _marked(one), format="markdown")
    assert not dedup.analyze([document], options).edits


def _marked(one: Explanation) -> str:
    """The example with a comment before each paragraph that goes."""
    comment = "<!-- dedup: keep -->\n"
    lines = [
        f"{comment if line[0] == '-' and line[1:] else ''}{line[1:]}\n" for line in one.example
    ]
    return "".join(lines)


@pytest.mark.parametrize("name", [model.REPEATED_BLOCK, model.NEAR_DUPLICATE])
def test_the_advice_keeps_the_later_side(name: str) -> None:
    text = example(name)
    assert text.endswith(dedup.clean(text, keep_copy="last").cleaned)


@pytest.mark.parametrize("policy", ["fullest", "first", "last", "longest"])
def test_a_teaser_goes_whatever_copy_is_to_stay(policy: str) -> None:
    teaser = EXPLANATIONS[model.CONTAINED]
    assert dedup.clean(teaser.text, keep_copy=policy).cleaned == teaser.cleaned


LONG = (
    "The ferry to {} leaves from the northern pier in the {} and takes bicycles, dogs and carts {}."
)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize(
    "other",
    [("Tarn", "evening", "free"), ("Tarn", "morning", "too")],
)
def test_a_paragraph_that_differs_in_one_word_goes_at_every_level(
    level: str, other: tuple[str, str, str]
) -> None:
    text = twice(LONG.format("Tarn", "morning", "free"), LONG.format(*other))
    assert found(text, level=level) == [model.NEAR_DUPLICATE]
    assert len(dedup.clean(text, level=level).cleaned) < len(text)


@pytest.mark.parametrize("level", LEVELS)
def test_a_paragraph_that_says_the_same_of_another_stays_at_every_level(level: str) -> None:
    text = twice(LONG.format("Tarn", "morning", "free"), LONG.format("Velm", "morning", "free"))
    assert found(text, level=level) == [model.KEPT_LOOKALIKE]


SAID_TWICE = {
    "must and may": (
        "The keeper must open the sluice gate whenever the water rises above the iron mark on the wall.",
        "The keeper may open the sluice gate whenever the water rises above the iron mark on the wall.",
    ),
    "a quotation": 2 * (
        '"Whoever wants to cross the river in winter has to ask the ferryman," said the mayor again.',
    ),
    "a notice": 2 * ("Please leave the gate closed behind you, the goats are quicker than they look.",),
}  # fmt: skip


@pytest.mark.parametrize("what", SAID_TWICE)
def test_what_is_said_twice_on_purpose_goes(what: str) -> None:
    result = dedup.clean(twice(*SAID_TWICE[what]))
    assert [finding.name for finding in result.findings] == [model.NEAR_DUPLICATE] and result.edits


STALLS = (
    "The night market opens at {} in the evening {} the old crane and {} when the last lantern is out; whoever "
    "{} a stall asks the baker, who keeps the list in a {} behind the counter and {} like to be asked politely."
)


@pytest.mark.parametrize(
    ("number", "verb"), [("8", "does"), ("7", "does not")], ids=["number", "negation"]
)
def test_a_number_or_negation_among_other_changes_goes_unless_careful(
    number: str, verb: str
) -> None:
    one = STALLS.format("7", "beside", "closes", "wants", "tin", "does")
    two = STALLS.format(number, "next to", "shuts", "would like", "drawer", verb)
    assert found(twice(one, two)) == [model.NEAR_DUPLICATE]
    assert found(twice(one, two), level="careful") == [model.KEPT_LOOKALIKE]


def test_of_a_draft_and_its_revision_one_wording_stays() -> None:
    draft = (
        "The mill will grind again from Monday, after two years of rest.\n\n"
        "Farmers can bring up to ten sacks a day; the miller asks for one in twelve.\n"
    )
    revision = draft.replace("will grind", "grinds").replace("Monday", "Monday on")
    result = dedup.clean(f"{draft}\n{revision}")
    assert [finding.name for finding in result.findings] == [model.REPEATED_BLOCK]
    assert result.cleaned.rstrip() in (draft.rstrip(), revision.rstrip())


def test_a_refrain_in_prose_goes() -> None:
    refrain = (
        "So we waited, as one waits at the sea, with our hands in our pockets and our eyes out."
    )
    text = f"{BETWEEN}\n{refrain}\n\nMy aunt began to paint the shutters, which had been green.\n\n{refrain}\n"
    assert found(text) == [model.NEAR_DUPLICATE]


def test_a_refrain_of_long_lines_goes_and_careful_keeps_it() -> None:
    line = "Row, sailors, row, the harbour light is burning low, the harbour light is burning low"
    verses = (
        "The wind was cold, the sea was grey",
        "My mother stood upon the quay",
        "Nobody spoke",
    )
    text = "\n\n".join(f"{verse}\n\n{line}" for verse in verses) + "\n"
    assert set(found(text)) == {model.NEAR_DUPLICATE}
    assert dedup.clean(text, level="careful").cleaned == text


def test_a_headline_that_begins_the_first_paragraph_goes() -> None:
    text = f"The mill grinds again from Monday\n\nThe mill grinds again from Monday, its owner said.\n\n{BETWEEN}"
    assert found(text) == [model.CONTAINED]


STAYING = {
    "a corrected figure": twice(
        "The night market opens on 3 May and closes when the last lantern has gone out by itself.",
        "The night market opens on 4 May and closes when the last lantern has gone out by itself.",
    ),
    "a heavy rewording": twice(
        "The choir meets in the old school, because the chapel roof still leaks on wet evenings.",
        "The choir is meeting at the old school because the roof of the chapel still leaks when evenings are wet.",
    ),
    "a command": twice("    systemctl stop ferry && rm -r tickets", "    systemctl stop ferry && rm -r tickets"),
}  # fmt: skip


@pytest.mark.parametrize("what", STAYING)
def test_copies_that_stay(what: str) -> None:
    result = dedup.clean(STAYING[what])
    assert [finding.name for finding in result.findings] == [model.KEPT_LOOKALIKE]
    assert not result.edits


@pytest.mark.parametrize(
    ("what", "goes"),
    [("a heavy rewording", True), ("a corrected figure", False), ("a command", False)],
)
def test_thorough_lets_go_what_was_nearly_a_copy_but_no_guarded_one(what: str, goes: bool) -> None:
    assert bool(dedup.clean(STAYING[what], level="thorough").edits) is goes


@pytest.mark.parametrize("name", EXPLANATIONS)
def test_plain_text_of_at_most_80_columns(
    name: str, capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    assert main(["explain", name]) == 0
    out, err = capsysbinary.readouterr()
    lines = out.decode().splitlines()
    assert out.isascii() or name == model.FIXED_TEXT
    assert lines[0] == name and max(map(len, lines)) <= 80 and err == b""
    assert not [line for line in lines if line != line.rstrip() or "\x1b" in line]
    one, said = EXPLANATIONS[name], " ".join(" ".join(lines).split())
    for text in (one.meaning, one.action, one.found, *one.wrong):
        assert " ".join(text.split()) in said.replace(" * ", " ")


def test_headings_are_bold_in_colour_only(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["explain", "contained", "--color", "never"]) == 0
    plain = capsysbinary.readouterr().out
    assert main(["explain", "contained", "--color", "always"]) == 0
    bold = capsysbinary.readouterr().out
    assert b"\x1b[1mWhat it means\x1b[0m\n" in bold and b"\x1b" not in plain
    assert re.sub(rb"\x1b\[\d*m", b"", bold) == plain


def test_without_a_name_all_are_listed_with_a_line_each(
    capsysbinary: pytest.CaptureFixture[bytes],
) -> None:
    assert main(["explain"]) == 0
    lines = capsysbinary.readouterr().out.decode("ascii").splitlines()
    assert [line.split()[0] for line in lines] == list(EXPLANATIONS)
    assert [line.split(maxsplit=1)[1] for line in lines] == [one.summary for one in ALL]
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("near-duplicat", "near-duplicate"), ("look-alike", "kept-lookalike"),
     ("repeated blocks", "repeated-block"), ("contained teaser", "contained")],
)  # fmt: skip
def test_a_mistyped_name_is_answered_with_the_nearest(
    typed: str, meant: str, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert main(["explain", typed]) == 2
    out, err = capsysbinary.readouterr()
    names = ", ".join(EXPLANATIONS)
    assert out == b""
    assert err.decode() == (
        f"dedup: error: {typed!r} is not one of {names}\nhint: did you mean {meant}?\n"
    )


def test_every_example_has_marks_the_report_can_show() -> None:
    marks = {line[0] for one in ALL for line in one.example}
    assert marks == {explanations.GOES, explanations.STAYS, explanations.COMES}
