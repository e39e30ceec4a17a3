"""What the parts of the page are made from, and what several of them need."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from dedup.model import Failure, Totals
from dedup.options import Options
from dedup.reports import wording
from dedup.reports.html.choice import Chosen
from dedup.reports.html.entry import Entry
from dedup.reports.markup import Markup, element, joined, own, text

JSON_HAS_ALL = "a JSON report has all"


@dataclass(frozen=True, slots=True)
class Facts:
    """The numbers of a run, and what of its documents is shown."""

    options: Options
    totals: Totals
    failures: Sequence[Failure]
    chosen: Chosen

    @property
    def is_single(self) -> bool:
        """Whether there is one document, whose text is the page."""
        return self.chosen.documents == 1

    @property
    def noun(self) -> str:
        """What a document is called."""
        return "document" if self.totals.has_records else "file"

    @property
    def about(self) -> str:
        """What the page is about: the name of the document, or how many there are."""
        if self.is_single and self.chosen.entries:
            return self.chosen.entries[0].name
        return wording.count(self.totals.documents, self.noun)

    @property
    def title(self) -> Markup:
        """As ``about``; a name keeps its direction to itself."""
        is_name = self.is_single and self.chosen.entries
        return own(self.about) if is_name else text(self.about)


def on_lines(*parts: Markup) -> Iterator[Markup]:
    """The parts, each on a line of its own."""
    return chain.from_iterable((part, Markup("\n")) for part in parts)


def strip_label(entry: Entry) -> str:
    gone, again = (entry.strip.count(sign) for sign in "#:")
    total = max(1, len(entry.strip))
    return (
        f"Where the copies stand: {wording.percent(gone / total)} goes, "
        f"{wording.percent(again / total)} is what they repeat"
    )


def strip_key(strip: str = ".:#") -> Markup:
    """What the colours of strips are, as far as they are in this one."""
    samples = (
        (".", element("rect", class_="once", y=10, width=18, height=2), "other text"),
        (":", element("rect", class_="source", y=4, width=18, height=8), "kept, has a copy"),
        ("#", element("rect", class_="removed", width=18, height=12), "copy, goes"),
    )
    present = [each for each in samples if each[0] in strip]
    alone = "stays" if {*strip} == {"."} else ""
    return joined(legend(sample, (18, 12), alone or words) for _, sample, words in present)


def legend(sample: Markup, size: tuple[int, int], words: str, class_: str = "sample") -> Markup:
    """What something in a picture means. ``size``: of the sample, across and down."""
    box = " ".join(map(str, (0, 0, *size)))
    drawn = element("svg", sample, class_=class_, viewBox=box, aria_hidden="true")
    return element("span", drawn, f" {words}", class_="legend")
