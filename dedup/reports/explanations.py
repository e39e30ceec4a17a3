"""What each kind of finding means, as data: ``dedup explain`` and ``docs/findings.md`` show these texts.

Every example, and every wrong answer named here, is run by ``tests/test_explain.py``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dedup.model import (
    BARE_LINK,
    BOILERPLATE,
    CONTAINED,
    DUPLICATE_DOCUMENT,
    FIXED_TEXT,
    KEPT_LOOKALIKE,
    NEAR_DUPLICATE,
    NORMALIZED_SPACE,
    REPEATED_BLOCK,
    SHARE_CARD,
)

GOES = "-"
STAYS = " "
COMES = "+"
NAME = "@"


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
    """Lines of a text, each behind ``GOES`` or ``STAYS``, and behind ``COMES`` those that repairs make.

    Where it takes several documents, the name of each stands above it, behind ``NAME``.
    """
    found: str
    """What ``dedup clean`` says of the example, or of the first document of it in which something is found."""
    wrong: tuple[str, ...]
    """What it takes for such a finding and is none, or the other way round."""
    keep: tuple[Advice, ...] = ()
    """How to keep more."""
    more: tuple[Advice, ...] = ()
    """How to have more removed."""
    flag: str = ""
    """What asks for it, where it is off by default."""

    @property
    def documents(self) -> dict[str, tuple[str, ...]]:
        """The lines of each document of the example by its name; a single one is called ``text``."""
        found: dict[str, list[str]] = {}
        lines: list[str] = []
        for line in self.example:
            if line[0] == NAME:
                lines = found.setdefault(line[1:], [])
            else:
                lines.append(line)
        return {name: tuple(each) for name, each in (found or {"text": lines}).items()}

    @property
    def diff(self) -> tuple[str, ...]:
        """The example as lines of a diff, names of documents as the headings of its parts."""
        heading = NAME * 2
        return tuple(
            f"{heading} {line[1:]} {heading}" if line[0] == NAME else line for line in self.example
        )

    @property
    def is_across(self) -> bool:
        """Whether it is found only where several documents are looked at together."""
        return len(self.documents) > 1


def before(lines: tuple[str, ...]) -> str:
    """The text that the lines of an example show."""
    return "".join(f"{line[1:]}\n" for line in lines if line[0] != COMES)


def after(lines: tuple[str, ...]) -> str:
    """What is left of it."""
    return "".join(f"{line[1:]}\n" for line in lines if line[0] != GOES)


_CAREFUL = Advice(
    "--level careful",
    "asks for more evidence; half as many originals are lost, and more copies stay",
)
_THOROUGH = Advice(
    "--level thorough", "is content with less evidence; more look-alikes are lost with the copies"
)
_LOOK = Advice("--diff", "only shows what would go; with --plan, restore puts everything back")

_KEEP = Advice(
    "--keep-file kept.txt",
    # No comment is shown as it is written: where this is read as Markdown or HTML it would be one.
    "keeps each paragraph that says a line of that file. So does a comment before it that says dedup: keep, and a "
    "table [[keep]] in the config file; dedup check --baseline FILE accepts what is found already",
)

_ALL = (
    Explanation(
        REPEATED_BLOCK,
        "Several paragraphs or sentences in a row stand again.",
        "A stretch of text, from two paragraphs or three sentences on, stands in the document a second time. The "
        "copy may be wrapped anew, edited a little, misread by a machine or cut short; where paragraphs "
        "begin and end plays no part. Its score is the share of the letters that are the same. With --scope "
        "corpus the first one may stand in another document; there a single paragraph will do, if all of its "
        "letters are the same.",
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
            _KEEP,
            _LOOK,
        ),
        (_THOROUGH,),
    ),
    Explanation(
        NEAR_DUPLICATE,
        "A single passage stands again, word for word or nearly.",
        "One paragraph, or a part of one, has a twin elsewhere in the document: the same letters (score 1.00), or "
        "nearly, with words changed, left out or misspelt. Where most of what differs are numbers or "
        "negations, it is a look-alike instead. With --scope corpus the twin may stand in another document.",
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
            _KEEP,
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
        "one may go on before and after it, and with --scope corpus it may stand in another document. Reports call "
        "it a contained teaser.",
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
            _KEEP,
            _LOOK,
        ),
        (_THOROUGH,),
    ),
    Explanation(
        BOILERPLATE,
        "A passage that many documents of one folder carry by design.",
        "With --scope corpus: a plug, a menu, a footer, a licence. At least three documents of a folder, or records of "
        "a file, carry it, and at least one in ten of all there; of list items, table rows and code three in ten. A "
        "date or a counter in it may vary. Short lines count where they stand together in the same order in each "
        "document, and headings where everything below them goes too. Boilerplate is no repeated block as well.",
        "Nothing without --boilerplate: it is told, and is no finding for dedup check. With it the passage goes from "
        "all documents but the first one, by name, that carries it.",
        (
            "@coast/boats.txt",
            " The ferry to the outer islands sails again from Monday, now that its rope has been found.",
            " ",
            " Our coast pages are free, because readers pay for them: become a friend of the paper at the kiosk.",
            "@coast/choir.txt",
            " The choir will sing on the mole this year, if the wind allows it and the baker lends his cart.",
            "-",
            "-Our coast pages are free, because readers pay for them: become a friend of the paper at the kiosk.",
            "@coast/seal.txt",
            " A seal has moved into the old boathouse, and nobody has the heart to ask for rent.",
            "-",
            "-Our coast pages are free, because readers pay for them: become a friend of the paper at the kiosk.",
        ),
        "boilerplate: line 3 repeats line 3 of coast/boats.txt; score 1.00, confidence 0.71, removed: in 3 of 3 "
        "documents here",
        (
            "A paragraph that three articles of a folder quote, such as the background of a running story: it is told, "
            "and goes only with --boilerplate.",
            "What only two documents of a folder carry, or one in each of many folders, is a repeated block and goes.",
            "A short line between other paragraphs, such as a button's label, may be a heading, and stays.",
            "A notice that each document must carry goes from all but one.",
        ),
        (
            Advice("--no-boilerplate", "only tells of it, where a config file asks for more"),
            Advice("--keep-copy last", "leaves it in the last document, by name, instead"),
            _KEEP,
            _LOOK,
        ),
        (Advice("--scope corpus --boilerplate", "removes it from all documents but the first"),),
        "--boilerplate",
    ),
    Explanation(
        DUPLICATE_DOCUMENT,
        "A whole document is a near copy of another one.",
        "With --scope corpus: a wire story that two papers printed, a page that was taken twice, a reprint read by a "
        "machine, a version, a copy that was cut short or taken into a larger document. Its score is the share of "
        "the letters of both that are the same, and once it goes, of its own letters. Every copy is compared with "
        "the one that stays, never through a third.",
        "It is listed, with --clusters FILE as a table, and what the copies share is left alone: they are "
        "no findings for dedup check. With --documents drop all but one of them go whole: no file in the output "
        "folder, none in its place with --in-place. The one with the most letters stays, and of equal ones the first "
        "by name.",
        (
            "@agency.txt",
            " The salt works on the flats will boil brine again from September, eleven years after the last pan "
            "went cold, its new owners said in the old counting house.",
            " ",
            " Four families of former salters have bought the pans, the sheds and the narrow railway that joins them, "
            "with a loan from the fishermen's bank.",
            " ",
            " Visitors will be let in on Saturdays and are asked to bring boots, because the causeway lies under water "
            "twice a day.",
            "@evening-post.txt",
            "-The salt works on the flats will boil brine again from September, eleven years after the last pan "
            "went cold, its new owners told us in the old counting house.",
            "-",
            "-Four families of former salters have bought the pans, the sheds and the narrow railway that joins them, "
            "with a loan from the fishermen's bank.",
        ),
        "duplicate-document: is a copy of agency.txt; score 0.97, confidence 0.98, removed: 97 % of its letters stand "
        "there",
        (
            "Letters, forms and reports that say the same with other names are taken for versions of one document. "
            "Look at the list before you drop them. One with a number that the kept one does not say is never "
            "dropped.",
            "A document that a longer one holds whole, such as an article in a digest: it is the digest that stays.",
            "What a copy says that the kept one does not goes with it.",
        ),
        (
            Advice("--documents list", "drops none, where a config file asks for it"),
            Advice(
                "--keep-copy first",
                "keeps the first one by name; last and longest are other choices",
            ),
            Advice(
                "--exact",
                "compares no whole documents: equal paragraphs go, one by one, where nothing else repeats",
            ),
            _LOOK,
        ),
        (Advice("--scope corpus --documents drop", "drops all but one of them whole"),),
        "--documents drop",
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
    Explanation(
        SHARE_CARD,
        "Title, teaser and link, as sharing the article makes them.",
        "What was pasted with an article: a short title, a teaser that says what one of the first five "
        "paragraphs says, letter by letter or nearly, and below it a line that is a bare domain or link. The "
        "card may stand anywhere, and may have no title. Its score is that of the teaser.",
        "Nothing without --strip-share-cards; with it the card goes as a whole, also a title that is said "
        "nowhere else. Above the article the title is taken for its headline, and stays unless it is said "
        "again.",
        (
            " The ferry to the outer islands sails again from Monday, the harbour office said, after "
            "the winter storms had kept it in the basin for a month.",
            " ",
            " Passengers slept in the customs house, and the baker brought them rolls.",
            " ",
            "-Ferry to the islands sails again",
            "-",
            "-The ferry to the outer islands sails again from Monday, the harbour office said.",
            "-",
            "-www.harbour.example",
        ),
        "share-card: lines 5-9 repeat line 1; score 1.00, confidence 1.00, removed",
        (
            "A line right above a teaser that has no title goes as its title, if it ends without a mark and at "
            "least a third of its words stand in the head: a subheading, say.",
            "Cards whose address stands above the title stay, and cards of other articles.",
        ),
        (
            Advice("--no-strip-share-cards", "keeps them, where a config file asks for it"),
            _KEEP,
            _LOOK,
        ),
        (Advice("--strip-links", "also takes addresses that stand alone, without a teaser"),),
        "--strip-share-cards",
    ),
    Explanation(
        BARE_LINK,
        "A line that is nothing but a link or a domain.",
        "A paragraph, mostly a single line, of nothing but addresses: with a scheme, with www, or a domain "
        "under a common ending. Items of lists, code, link definitions and file names are none, and nothing "
        "that the text leads up to with a colon or that stands indented below a line.",
        "Nothing without --strip-links; with it the line goes. A text of nothing but addresses stays.",
        (
            " The ferry sails again from Monday, and takes bicycles free of charge.",
            " ",
            "-https://harbour.example/ferry/timetable",
            "-",
            " Read more at:",
            " https://harbour.example/news",
        ),
        "bare-link: line 3; removed",
        (
            "A bibliography whose addresses stand at the start of lines of their own.",
            "A domain that is the name of a company and stands alone as a headline.",
            "Domains under rare endings stay, as do those that could be files: notes.md, main.rs.",
        ),
        (Advice("--no-strip-links", "keeps them, where a config file asks for it"), _KEEP, _LOOK),
        (),
        "--strip-links",
    ),
    Explanation(
        FIXED_TEXT,
        "Mojibake, a ligature or a control character is mended.",
        "Letters that were read in a wrong encoding, Latin letters printed as one sign, and characters that "
        "steer a terminal or nothing at all. ftfy says what is broken, line by line. Quotation marks, "
        "widths, composed letters and entities stay as they are written, and so do bytes that are no text.",
        "Nothing without --fix-text; with it the characters are replaced. That is the only change that puts "
        "something in, and restore takes it back.",
        (
            "-The caf\u00c3\u00a9 on the quay is open again, the o\ufb03ce said.",
            "+The caf\u00e9 on the quay is open again, the office said.",
        ),
        "fixed-text: line 1; cleaned: 2 places",
        (
            "Letters that look like mojibake and were meant, such as in a text about encodings.",
            "Text in an old code of DOS: where that can be told, nothing in its lines is touched.",
            "What the file's own encoding cannot write stays as it is, line by line.",
        ),
        (Advice("--no-fix-text", "mends nothing, where a config file asks for it"), _LOOK),
        (),
        "--fix-text",
    ),
    Explanation(
        NORMALIZED_SPACE,
        "Blanks at line ends, doubled blanks, rows of blank lines.",
        "Blanks of any kind at the end of a line, two and more ordinary or no-break spaces inside it, and "
        "blank lines from the third in a row on.",
        "Nothing without --normalize-space; with it one space and two blank lines are left. Indentation stays, "
        "and whatever lays something out: code, tables, columns, list marks, tabs, ideographic spaces, and in "
        "Markdown two blanks that break a line.",
        (
            "-The ferry  sails again from Monday.  It takes bicycles.",
            "+The ferry sails again from Monday. It takes bicycles.",
            " ",
            " ",
            "-",
            "-",
            " Dogs  ride  along",
            " Cats  stay   home",
        ),
        "normalized-space: lines 1-5; cleaned: 3 places: lines 1, 4",
        (
            "Doubled blanks that were meant in a single line of verse.",
            "A line whose blanks happen to end below those of the line above is taken for a row, and stays.",
        ),
        (
            Advice("--no-normalize-space", "keeps all blanks, where a config file asks for it"),
            _LOOK,
        ),
        (),
        "--normalize-space",
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
    loud = "-vv" if one.is_across else "-v"
    yield EXAMPLE, f"clean {loud} says: {one.found}"
    yield "What it gets wrong", one.wrong
    if one.keep:
        yield "To keep more", one.keep
    if one.more:
        yield "To have more removed", one.more
