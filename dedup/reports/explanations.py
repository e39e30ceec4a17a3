"""What each kind of finding means, as data: ``dedup explain`` and ``docs/findings.md`` show these texts.

Every example, and every wrong answer named here, is run by ``tests/test_explain.py``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dedup.model import CONTAINED, KEPT_LOOKALIKE, NEAR_DUPLICATE, REPEATED_BLOCK

GOES = "-"
STAYS = " "


@dataclass(frozen=True, slots=True)
class Advice:
    """Flags of ``dedup clean``, and what they change."""

    flags: str
    what: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """All there is to say about one kind of finding, in sentences."""

    name: str
    summary: str
    """One line for the list of names."""
    meaning: str
    action: str
    """What ``dedup clean`` does with it."""
    example: tuple[str, ...]
    """Lines of a text, each behind ``GOES`` or ``STAYS``."""
    found: str
    """What ``dedup clean -v`` says of the example."""
    wrong: tuple[str, ...]
    """What it takes for such a finding and is none, or the other way round."""
    keep: tuple[Advice, ...] = ()
    """How to keep more."""
    more: tuple[Advice, ...] = ()
    """How to have more removed."""

    @property
    def text(self) -> str:
        """The text of the example."""
        return "".join(f"{line[1:]}\n" for line in self.example)

    @property
    def cleaned(self) -> str:
        """What is left of the example."""
        return "".join(f"{line[1:]}\n" for line in self.example if line[0] == STAYS)


_CAREFUL = Advice(
    "--level careful",
    "asks for more evidence; half as many originals are lost, and more copies stay",
)
_THOROUGH = Advice(
    "--level thorough", "is content with less evidence; more look-alikes are lost with the copies"
)
_LOOK = Advice("--diff", "only shows what would go; with --plan, restore puts everything back")

_ALL = (
    Explanation(
        REPEATED_BLOCK,
        "Several paragraphs or sentences in a row stand again.",
        "A stretch of text, from two paragraphs or three sentences on, stands in the document a second time. The "
        "copy may be wrapped anew, edited a little, misread by a machine or cut short; where paragraphs "
        "begin and end plays no part. Its score is the share of the letters that are the same.",
        "One side goes, paragraph by paragraph or sentence by sentence. By default the side with more "
        "words of its own stays, and the earlier one if both have as many. What has no twin inside the block, "
        "such as an advertisement or a new sentence, stays too.",
        (
            " The mill by the lower bridge will grind again from Monday, after two years of rest.",
            " ",
            " Farmers can bring up to ten sacks a day; the miller asks for one in twelve.",
            " ",
            "-The mill by the lower bridge will grind again from Monday, after two years of rest.",
            "-",
            "-Farmers can bring up to ten sacks a day; the miller asks for one in twelve.",
        ),
        "repeated-block: lines 5-7 repeat lines 1-3; score 1.00, confidence 0.99, removed",
        (
            "Paragraphs that an author repeats on purpose, word for word: instructions printed in two "
            "places, a clause restated in an annex. Nothing in the text tells these from a slip.",
            "Two versions that both matter, such as a draft and its revision: only one wording stays.",
            "Some lines of site furniture that stand alone between paragraphs are too short to tell and stay.",
        ),
        (
            Advice("--keep-copy last", "keeps the later side; first and longest are other choices"),
            Advice("--exact", "removes only parts whose letters are all equal"),
            Advice(
                "--min-chars 500",
                "asks for 500 letters, or a third of that if all of them are equal",
            ),
            _CAREFUL,
            _LOOK,
        ),
        (_THOROUGH,),
    ),
    Explanation(
        NEAR_DUPLICATE,
        "A single passage stands again, word for word or nearly.",
        "One paragraph, or a part of one, has a twin elsewhere in the document: the same letters (score 1.00), or "
        "nearly, with words changed, left out or misspelt. Where most of what differs are numbers or "
        "negations, it is a look-alike instead.",
        "The copy goes if the confidence is at least 0.50: its length, what differs, and what the text "
        "around it looks like all count. A lone passage needs 30 letters, a whole line that stands "
        "again letter by letter 10.",
        (
            " The choir meets in the old school this winter, because the roof still leaks on wet days.",
            " ",
            " Anyone who can sing a little may come along, and the baker brings rolls for the break.",
            " ",
            "-The choir meets in the old school this winter, as the roof still leaks on wet days.",
        ),
        "near-duplicate: line 5 repeats line 1; score 0.96, confidence 0.93, removed",
        (
            "Two long paragraphs that differ in one word that matters and is neither a number nor a name: "
            "morning and evening, must and may. One of them goes, at every level.",
            "A number or a negation in a long paragraph that was changed together with several other words; "
            "--level careful keeps most such pairs.",
            "A sentence that comes back on purpose in prose, such as the refrain of a speech or a story.",
            "A quotation that is quoted twice, a notice printed twice.",
            "A refrain of long lines after verses of one line.",
        ),
        (
            Advice("--exact", "removes only passages whose letters are all equal"),
            Advice("--threshold 0.97", "asks for a score of at least 0.97"),
            Advice(
                "--min-chars 200",
                "asks for 200 letters, or a third of that if all of them are equal",
            ),
            Advice("--keep-copy last", "keeps the later one; first and longest are other choices"),
            _CAREFUL,
            _LOOK,
        ),
        (
            _THOROUGH,
            Advice("--min-chars 15", "lets shorter passages go as well"),
        ),
    ),
    Explanation(
        CONTAINED,
        "A teaser or pull-quote: a longer passage says it all.",
        "A short paragraph says nothing that a longer paragraph does not say in the same words. The longer "
        "one may go on before and after it. Reports call it a contained teaser.",
        "The short one goes and the one that contains it stays, whatever --keep-copy says.",
        (
            "-A second lighthouse keeper has been found for the northern rock.",
            "-",
            " A second lighthouse keeper has been found for the northern rock, the harbour office said, "
            "so that the lamp can burn all night through the autumn storms.",
            " ",
            " She comes from the islands, knows the currents, and brings two goats and a cello.",
        ),
        "contained: line 1 stands in line 3; score 1.00, confidence 0.97, removed",
        (
            "A headline, or a lead, that is also the beginning of the first paragraph: it goes like a teaser.",
            "A summary that repeats its sentences from the text word for word, and is wanted.",
            "Teasers in other words than the text mostly stay: six in ten of those with changed words.",
        ),
        (
            Advice(
                "--min-chars 200",
                "asks for 200 letters, or a third of that if all of them are equal",
            ),
            _CAREFUL,
            _LOOK,
        ),
        (_THOROUGH,),
    ),
    Explanation(
        KEPT_LOOKALIKE,
        "Two passages look alike, and both stay.",
        "Most letters are the same, but something says that these are two things said in one form, not one "
        "thing said twice. The report names what: differing numbers, names or wording; lists, tables, "
        "headings and code; verse and dialogue; links to other places; a closely related language; a "
        "document full of half-matches; too little text to tell.",
        "Nothing. It is told with -v and in reports, so that you can disagree.",
        (
            " The harbour of Tarn took in 214 boats in spring, most of them with herring on board.",
            " ",
            " The harbour of Velm took in 187 boats in spring, most of them with herring on board.",
        ),
        "kept-lookalike: lines 3 and 1 are alike; score 0.90, confidence 0.50, kept: the numbers differ",
        (
            "Copies that were reworded heavily, or in which a figure was corrected.",
            "A list, a table or a command that was pasted twice by mistake, with nothing else around it.",
            "Some copied single lines: captions, lines of a site, short items.",
        ),
        (),
        (
            Advice(
                "--level thorough",
                "lets go what was nearly taken for a copy: from a confidence of about 0.25 on. What differs "
                "in its numbers, links to other places, code and translations stay at every level",
            ),
        ),
    ),
)

EXPLANATIONS: dict[str, Explanation] = {one.name: one for one in _ALL}
"""By the name of the finding, in the order people should read them."""

Block = str | tuple[str, ...] | tuple[Advice, ...]
"""A paragraph, items of a list, or flags with what they change."""

EXAMPLE = "Example"
"""The heading under which the example stands, in whatever form suits the medium, and then the block."""


def sections(one: Explanation) -> Iterator[tuple[str, Block]]:
    """Headings and what stands under them, in order."""
    yield "What it means", one.meaning
    yield "What clean does with it", one.action
    yield EXAMPLE, f"clean -v says: {one.found}"
    yield "What it gets wrong", one.wrong
    if one.keep:
        yield "To keep more", one.keep
    if one.more:
        yield "To have more removed", one.more
