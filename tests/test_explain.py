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
        model.REPEATED_BLOCK, model.NEAR_DUPLICATE, model.CONTAINED, model.BOILERPLATE, model.DUPLICATE_DOCUMENT,
        model.KEPT_LOOKALIKE, *model.CLEANUP,
    }  # fmt: skip


def asked_for(one: Explanation) -> dict[str, Any]:
    """The options without which such a finding is not looked for, or nothing comes of it."""
    asked: dict[str, Any] = {"scope": "corpus"} if one.is_across else {}
    if one.flag:
        key, _, value = one.flag.removeprefix("--").partition(" ")
        asked[key.replace("-", "_")] = value or True
    return asked


def analyzed(one: Explanation, **options: Any) -> dedup.Result:
    """The answer for the documents of an example."""
    texts = {name: explanations.before(lines) for name, lines in one.documents.items()}
    return dedup.analyze([dedup.Document(*each) for each in texts.items()], **options)


@pytest.mark.parametrize("one", [one for one in ALL if one.flag], ids=lambda one: one.name)
def test_what_has_a_flag_stays_unless_it_is_given(one: Explanation) -> None:
    assert one.flag in one.action
    scope = "corpus" if one.is_across else "document"
    assert not any(result.changed for result in analyzed(one, scope=scope))


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.name)
def test_the_example_is_found_as_it_says(one: Explanation) -> None:
    results = {each.document.name: each for each in analyzed(one, **asked_for(one))}
    left = {name: explanations.after(lines) for name, lines in one.documents.items()}
    assert {name: each.cleaned.rstrip() for name, each in results.items()} == {
        name: text.rstrip() for name, text in left.items()
    }
    found = [finding for each in results.values() for finding in each.findings]
    assert {finding.name for finding in found} == {one.name}
    assert summary.finding_line(found[0]) == one.found
    assert len(found) == 1 or one.is_across


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
    return explanations.before(EXPLANATIONS[name].example)


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
    options, text = with_values(Options(), asked_for(one)), explanations.before(one.example)
    gone = tuple(line[1:] for line in one.example if line[0] == "-" and line[1:])
    assert dedup.clean(text, options, keep=gone).cleaned == text
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
    teaser = EXPLANATIONS[model.CONTAINED].example
    cleaned = dedup.clean(explanations.before(teaser), keep_copy=policy).cleaned
    assert cleaned == explanations.after(teaser)


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


OWN = [
    *BETWEEN.strip().split("\n\n"),
    "A seal has moved into the boathouse, and nobody asks it for rent.",
]
SHARED = "The bridge was built by the villages on both banks, out of oak that the abbey gave them after the flood."


def carried(shared: str, folders: tuple[str, ...], **options: Any) -> tuple[set[str], int]:
    """What is found of a paragraph that a document in each folder carries, and how many of them keep it."""
    documents = [
        dedup.Document(f"{folder}/{number}.txt", f"{own}\n\n{shared}\n\n{own[::-1]}\n")
        for number, (own, folder) in enumerate(zip(OWN, folders, strict=False))
    ]
    results = dedup.analyze(documents, scope="corpus", **options)
    names = {finding.name for each in results for finding in each.findings}
    return names, sum(shared in each.cleaned for each in results)


def test_what_three_documents_of_a_folder_quote_is_boilerplate_and_goes_only_if_asked() -> None:
    assert carried(SHARED, ("a", "a", "a")) == ({model.BOILERPLATE}, 3)
    assert carried(SHARED, ("a", "a", "a"), boilerplate=True) == ({model.BOILERPLATE}, 1)


@pytest.mark.parametrize("folders", [("a", "a"), ("a", "b", "c")])
def test_what_two_documents_or_those_of_several_folders_carry_is_a_repeated_block(
    folders: tuple[str, ...],
) -> None:
    assert carried(SHARED, folders) == ({model.REPEATED_BLOCK}, 1)


def test_a_short_line_between_paragraphs_is_no_boilerplate() -> None:
    assert carried("Read more", ("a", "a", "a"), boilerplate=True) == (set(), 3)


@pytest.mark.parametrize(("policy", "left"), [("first", [0]), ("last", [2])])
def test_the_advice_leaves_boilerplate_in_another_document(policy: str, left: list[int]) -> None:
    one = EXPLANATIONS[model.BOILERPLATE]
    results = analyzed(one, scope="corpus", boilerplate=True, keep_copy=policy)
    assert [at for at, each in enumerate(results) if not each.changed] == left


def test_boilerplate_that_is_to_be_kept_stays() -> None:
    _, left = carried(SHARED, ("a", "a", "a"), boilerplate=True, keep=(SHARED,))
    assert left == 3


LETTER = """\
Dear {0},

We are glad to tell you that your application for a place at the market has been read and that you will have one.

You may keep your {1} paces until the lamps are put out, as long as the goods are your own and the paper is swept up.

Please bring this letter with you on the first day, and ask {2}, who will show you where to stand.
"""


def copies(*texts: str, **options: Any) -> list[tuple[list[str], bool]]:
    """For each document the names of what is found, and whether anything is left of it."""
    documents = [dedup.Document(f"{number}.txt", text) for number, text in enumerate(texts)]
    results = dedup.analyze(documents, scope="corpus", **options)
    return [([finding.name for finding in each.findings], each.cleaned != "") for each in results]


def test_a_form_that_is_filled_in_anew_is_taken_for_a_copy() -> None:
    one, two = (
        LETTER.format("Mrs Tarn", "four", "Mr Loom"),
        LETTER.format("Mr Velm", "nine", "Mrs Reed"),
    )
    names = [name for found, _ in copies(one, two) for name in found]
    assert names == [model.DUPLICATE_DOCUMENT]


def test_of_a_text_and_a_digest_that_holds_it_the_digest_stays() -> None:
    story = LETTER.format("reader", "four", "the baker")
    digest = f"{BETWEEN}\n{story}\n{SHARED}\n"
    assert copies(digest, story, documents="drop") == [
        ([], True),
        ([model.DUPLICATE_DOCUMENT], False),
    ]


@pytest.mark.parametrize(("policy", "left"), [("first", [True, False]), ("last", [False, True])])
def test_the_advice_keeps_another_document(policy: str, left: list[bool]) -> None:
    one = LETTER.format("reader", "four", "the baker")
    two = one.replace("until", "till")
    found = copies(one, two, documents="drop", keep_copy=policy)
    assert [is_left for _, is_left in found] == left


def test_with_exact_no_whole_documents_are_compared() -> None:
    one = EXPLANATIONS[model.DUPLICATE_DOCUMENT]
    result = analyzed(one, scope="corpus", documents="drop", exact=True)
    assert [finding.name for each in result for finding in each.findings] == [model.REPEATED_BLOCK]


@pytest.mark.parametrize(
    ("name", "other"),
    [
        (model.REPEATED_BLOCK, SHARED),
        (model.NEAR_DUPLICATE, SHARED.replace("the flood", "a flood")),
    ],
)
def test_in_corpus_scope_the_twin_of_a_paragraph_may_stand_in_another_document(
    name: str, other: str
) -> None:
    found = copies(f"{OWN[0]}\n\n{SHARED}\n", f"{OWN[1]}\n\n{other}\n")
    assert [each for names, _ in found for each in names] == [name]


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
    [("near-duplicat", "near-duplicate"), ("lok-alike", "kept-lookalike"),
     ("reapeted block", "repeated-block"), ("contains", "contained")],
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
    assert marks == {explanations.GOES, explanations.STAYS, explanations.COMES, explanations.NAME}
