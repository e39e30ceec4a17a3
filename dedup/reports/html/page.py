"""The page as a whole: first how much, where and whether to trust it, then everything in detail."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from importlib.resources import files
from itertools import chain
from typing import Any

from dedup import __version__
from dedup.model import KEPT_LOOKALIKE, Failure, Totals
from dedup.options import Options, deciding
from dedup.reports import wording
from dedup.reports.drawings import strip, treemap
from dedup.reports.explanations import EXPLANATIONS
from dedup.reports.html.anchors import FINDING_LINK, PLACE_LINK, numbered, rule_id, to
from dedup.reports.html.choice import TABLE_BYTES, Chosen, Piece
from dedup.reports.html.entry import MAX_NAME, Entry
from dedup.reports.markup import EMPTY, Markup, element, joined, own, text
from dedup.reports.parts import HEADS

WORST = 10
MAX_FAILURES = 100

_JSON = "a JSON report has all"


def page(
    options: Options,
    totals: Totals,
    failures: Iterable[Failure],
    chosen: Chosen,
    bodies: Iterable[bytes],
    pictures: Iterable[bytes],
    texts: Iterable[bytes],
) -> Iterator[bytes]:
    """The page in pieces; what was made of each document is read in order, and only what is shown is kept."""
    one = _Page(options, totals, list(failures), chosen)
    yield HEADS["html"]
    yield one.head().encode()
    yield b'<body class="is-single">\n' if one.is_single else b"<body>\n"
    yield one.header().encode()
    yield b"<main>\n"
    if one.is_single:
        pictures = list(pictures)
        yield from (numbered(drawn, 0) for drawn in pictures)
    yield one.overview().encode()
    yield from one.findings(bodies)
    yield from one.documents(pictures, texts)
    yield one.foot().encode()
    yield b"</main>\n"
    yield element("script", Markup(_asset("script.js"))).encode()
    yield b"\n</body>\n</html>\n"


class _Page:
    """The parts of the page that are made of numbers."""

    def __init__(
        self, options: Options, totals: Totals, failures: Sequence[Failure], chosen: Chosen
    ) -> None:
        self.options = options
        self.totals = totals
        self.failures = failures
        self.chosen = chosen
        self.is_single = chosen.documents == 1
        self.noun = "document" if totals.has_records else "file"

    @property
    def title(self) -> Markup:
        """What the page is about: the document, or how many there are."""
        if self.is_single and self.chosen.entries:
            return own(self.chosen.entries[0].name)
        return text(wording.count(self.totals.documents, self.noun))

    def head(self) -> Markup:
        style, script = _asset("style.css"), _asset("script.js")
        policy = (
            f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
            "img-src data:; base-uri 'none'; form-action 'none'"
        )
        share = wording.percent(self.totals.redundancy)
        name = self.chosen.entries[0].name if self.is_single and self.chosen.entries else ""
        about = name or wording.count(self.totals.documents, self.noun)
        return element(
            "head",
            *_lines(
                element("meta", charset="utf-8"),
                element("meta", http_equiv="Content-Security-Policy", content=Markup(policy)),
                element("meta", name_="viewport", content="width=device-width, initial-scale=1"),
                element("meta", name_="color-scheme", content="light dark"),
                element("title", f"{about}: {share} repeated - dedup"),
                element("link", rel="icon", href="data:,"),
                element("style", Markup(style)),
            ),
        )

    # The first screen

    def header(self) -> Markup:
        return element(
            "header",
            element("a", "Skip to the findings", class_="skip", href="#findings"),
            element("p", "dedup report", class_="kicker"),
            element("h1", self.title),
            element("div", *_lines(self.amount(), self.trust(), self.kinds()), class_="answer"),
            self.bar() if self.is_single else EMPTY,
            *self.notes(),
        )

    def amount(self) -> Markup:
        """How much goes."""
        totals = self.totals
        share = element("strong", wording.percent(totals.redundancy), class_="share")
        gone = f"{totals.removed_characters:,} of {wording.count(totals.characters, 'character')}"
        facts = [
            element("li", f"{gone} repeat what is said elsewhere"),
            element(
                "li",
                f"{totals.removed_paragraphs:,} of "
                f"{wording.count(totals.paragraphs, 'paragraph')} go whole",
            ),
        ]
        if not self.is_single:
            files = f"{totals.changed:,} of {wording.count(totals.documents, self.noun)} change"
            facts.append(element("li", files))
        if totals.repairs:
            facts.append(element("li", f"{wording.count(totals.repairs, 'place')} repaired"))
        return element(
            "section",
            element("h2", "How much"),
            element("p", share, " repeated", class_="figure"),
            element("ul", *facts),
            class_="amount",
        )

    def trust(self) -> Markup:
        """Why what goes may go."""
        chosen = self.chosen
        facts: list[str] = []
        if chosen.score is not None and chosen.confidence is not None:
            facts += [
                "Every copy is still said in text that stays, and was compared with it.",
                f"Lowest score {wording.score(chosen.score)}, "
                f"lowest confidence {wording.score(chosen.confidence)}.",
            ]
        else:
            facts.append("No copy was found that is proved to be one.")
        if chosen.alike:
            alike = wording.count(chosen.alike, "look-alike")
            was = "was" if chosen.alike == 1 else "were"
            facts.append(f"{alike} {was} kept: what differs matters.")
        failed = len(self.failures)
        if failed:
            facts.append(f"{wording.count(failed, 'input')} could not be processed, see below.")
        return element(
            "section",
            element("h2", "Whether to trust it"),
            element("ul", *(element("li", fact) for fact in facts)),
            class_="trust",
        )

    def kinds(self) -> Markup:
        """How many findings of which kind."""
        found = self.totals.findings
        order = [name for name in EXPLANATIONS if name in found]
        order += sorted(set(found) - set(order))
        most = max(found.values(), default=1)
        rows = [
            element(
                "tr",
                element(
                    "th",
                    element("a", wording.finding_name(name, found[name]), href=to(rule_id(name))),
                    scope="row",
                ),
                element("td", f"{found[name]:,}", class_="number"),
                element("td", _gauge(found[name] / most, name), class_="gauge"),
            )
            for name in order
        ]
        caption = element("caption", "Findings by kind", class_="unseen")
        heads = ("kind", "findings", "share")
        head = element("tr", *(element("th", each, scope="col") for each in heads), class_="unseen")
        table = element("table", caption, element("thead", head), element("tbody", *rows))
        return element(
            "section",
            element("h2", "What was found"),
            table if rows else element("p", "Nothing that repeats."),
            class_="kinds",
        )

    def bar(self) -> Markup:
        """Of a single document where the copies stand."""
        entry = self.chosen.entries.get(0)
        if entry is None or not entry.strip:
            return EMPTY
        return element(
            "figure",
            strip.draw(entry.strip, _strip_label(entry)),
            element("figcaption", _strip_key()),
            class_="whole-strip",
        )

    def notes(self) -> Iterator[Markup]:
        if self.is_single and (entry := self.chosen.entries.get(0)) and entry.note:
            yield element("p", "Note: ", own(entry.note), class_="note")
        if self.failures:
            items = [
                element("li", own(failure.name[-MAX_NAME:]), ": ", own(failure.reason[:MAX_NAME]))
                for failure in self.failures[:MAX_FAILURES]
            ]
            more = len(self.failures) - len(items)
            if more:
                items.append(element("li", f"and {more:,} more; {_JSON}."))
            yield element(
                "details",
                element("summary", f"{wording.count(len(self.failures), 'input')} not processed"),
                element("ul", *items),
                class_="failures",
            )

    # Where

    def overview(self) -> Markup:
        """Of several documents the worst ones, all of them, and the map."""
        if self.is_single or not self.chosen.documents:
            return EMPTY
        rows = [*self.rows()]
        worst = [row for number, row in rows[:WORST] if self.chosen.entries[number].removed]
        parts: list[Markup] = []
        if worst:
            name = f"Worst {self.noun}s" if len(worst) > 1 else f"Worst {self.noun}"
            parts.append(
                element(
                    "section",
                    element("h2", name),
                    self.table(worst, "worst", f"The {self.noun}s that lose most"),
                    element("p", _strip_key(), class_="more"),
                    class_="worst",
                )
            )
        if self.chosen.leaves and self.totals.characters:
            parts.append(self.map())
        if len(rows) > len(worst):
            listed = wording.count(len(rows), self.noun)
            table = self.table([row for _, row in rows], "files", f"All {self.noun}s with findings")
            more = self.chosen.found - len(rows)
            left = f"{wording.count(more, f'more {self.noun}')} with findings; {_JSON}."
            parts.append(
                element(
                    "details",
                    element("summary", f"All {listed} with findings"),
                    table,
                    element("p", left, class_="more") if more else None,
                    class_="all-files",
                )
            )
        return joined([*parts, EMPTY], "\n")

    def rows(self) -> Iterator[tuple[int, Markup]]:
        """Rows of the table with the numbers of their documents, as many as there is room for."""
        room = TABLE_BYTES
        for number in self.chosen.rows:
            row = self.row(number, self.chosen.entries[number])
            room -= len(row.encode())
            if room < 0:
                return
            yield number, row

    def table(self, rows: Sequence[Markup], id_: str, caption: str) -> Markup:
        """Documents with what is known of them, a row each."""
        heads = (("name", ""), ("where", "plain"), ("removed", "number"), ("share", "number"),
                 ("findings", "number"))  # fmt: skip
        head = element(
            "tr", *(element("th", name, scope="col", class_=kind or None) for name, kind in heads)
        )
        return element(
            "div",
            element(
                "table",
                element("caption", caption, class_="unseen"),
                element("thead", head),
                element("tbody", *_lines(*rows)),
                class_="sortable",
                id=id_,
            ),
            class_="scroll",
            tabindex=0,
            role="region",
            aria_label=caption,
        )

    def row(self, number: int, entry: Entry) -> Markup:
        if number in self.chosen.views or number in self.chosen.pieces:
            name = element("a", own(entry.name), href=f"#d{number}")
        else:
            name = own(entry.name)
        drawn = strip.draw(entry.strip, _strip_label(entry)) if entry.strip else EMPTY
        return element(
            "tr",
            element("th", name, scope="row"),
            element("td", drawn, class_="strip-cell"),
            element("td", f"{entry.removed:,}", class_="number", data_value=entry.removed),
            element(
                "td",
                wording.percent(entry.redundancy),
                class_="number",
                data_value=f"{entry.redundancy:.6f}",
            ),
            element("td", f"{entry.found:,}", class_="number", data_value=entry.found),
        )

    def map(self) -> Markup:
        """The treemap with its key."""
        label = (
            f"Map of {wording.count(self.chosen.documents, self.noun)}: area is size, "
            "shade is how much of it repeats"
        )
        steps = ("nothing", "up to 20%", "40%", "60%", "80%", "100%")
        key = [
            element(
                "span",
                element(
                    "svg",
                    element("rect", class_=f"shade{step}", width=14, height=14),
                    class_="sample",
                    viewBox="0 0 14 14",
                    aria_hidden="true",
                ),
                f" {words}",
                class_="legend",
            )
            for step, words in enumerate(steps)
        ]
        return element(
            "section",
            element("h2", "Map"),
            element(
                "figure",
                treemap.draw(self.chosen.leaves, label),
                element("figcaption", "Area is size, shade is what repeats: ", joined(key, " ")),
            ),
            class_="map",
        )

    # In detail

    def findings(self, bodies: Iterable[bytes]) -> Iterator[bytes]:
        """The findings that are shown, then look-alikes in a section of their own."""
        chosen = self.chosen
        alike: list[bytes] = []
        opening = element("h2", "Findings", id="findings", tabindex=-1)
        yield b'<section class="findings">\n' + opening.encode() + b"\n"
        if chosen.shown(alike=False):
            yield _asset("controls.html").encode()
        yield b'<div id="list">\n'
        for number, body in enumerate(bodies):
            for piece in chosen.pieces.get(number, ()):
                cut = self.cut(body, number, piece)
                if piece.is_alike:
                    alike.append(cut)
                else:
                    yield cut
        yield b"</div>\n"
        yield self.rest(chosen.findings - chosen.shown(alike=False), chosen.findings, "finding")
        yield b"</section>\n"
        if chosen.alike:
            yield b'<section class="lookalikes">\n'
            yield element("h2", "Look-alikes that stay").encode() + b"\n"
            words = (
                "These passages look repeated, and a guard kept them. Nothing of them is removed."
            )
            yield element("p", words).encode() + b"\n"
            yield from alike
            left = chosen.alike - chosen.shown(alike=True)
            yield self.rest(left, chosen.alike, "look-alike")
            yield b"</section>\n"

    def cut(self, body: bytes, number: int, piece: Piece) -> bytes:
        """One finding out of those of its document; without links if the text is not on the page."""
        found = body[piece.start : piece.end]
        if number not in self.chosen.views:
            found = PLACE_LINK.sub(rb"<span>\1</span>", found)
        return numbered(found, number)

    def rest(self, left: int, total: int, noun: str) -> bytes:
        if not total:
            return element("p", f"No {noun}s.").encode() + b"\n"
        if not left:
            return b""
        more = f"{wording.count(left, f'more {noun}')}, not shown here; {_JSON}."
        return element("p", more, class_="more").encode() + b"\n"

    def documents(self, pictures: Iterable[bytes], texts: Iterable[bytes]) -> Iterator[bytes]:
        """The texts, with their pictures unless those are above."""
        chosen = self.chosen
        if not chosen.pieces:
            return
        title = "Text" if self.is_single else f"{self.noun.capitalize()}s"
        yield b'<section class="documents">\n' + element("h2", title).encode() + b"\n"
        words = (
            "What goes is folded where it stood; what it repeats is underlined, on blue, and stays."
        )
        if chosen.views:
            yield element("p", words, class_="more").encode() + b"\n"
        for number, (drawn, said) in enumerate(zip(pictures, texts, strict=True)):
            if number not in chosen.pieces:
                continue
            entry = chosen.entries[number]
            if self.is_single:
                yield f'<div id="d{number}">\n'.encode()
                yield self.told(said, number) if number in chosen.views else self.untold(entry)
                yield b"\n</div>\n"
                continue
            yield f'<details class="document" id="d{number}">\n'.encode()
            yield self.document_line(entry).encode() + b"\n"
            if number in chosen.views:
                yield numbered(drawn, number) + b"\n" + self.told(said, number)
            else:
                yield self.untold(entry)
            yield b"\n</details>\n"
        yield b"</section>\n"

    def document_line(self, entry: Entry) -> Markup:
        note = element("span", "note: ", own(entry.note), class_="fact") if entry.note else None
        return element(
            "summary",
            own(entry.name, class_="file"),
            " ",
            element("span", f"{wording.percent(entry.redundancy)} repeated", class_="fact"),
            " ",
            element("span", wording.counts(entry.findings, entry.repairs), class_="fact"),
            note,
        )

    def told(self, said: bytes, number: int) -> bytes:
        """The text of a document, without links to findings that are not on the page."""
        shown = {piece.number for piece in self.chosen.pieces[number]}
        linked = FINDING_LINK.sub(
            lambda link: link[0] if int(link[1]) in shown else b"<span>%b</span>" % link[2], said
        )
        return numbered(linked, number)

    def untold(self, entry: Entry) -> bytes:
        words = f"Its text is not shown: the page would be too large. {_JSON.capitalize()}."
        return element("p", words, class_="more").encode()

    # The foot

    def foot(self) -> Markup:
        found = [name for name in EXPLANATIONS if name in self.totals.findings]
        rules = [
            element(
                "div",
                element("dt", name, id=rule_id(name)),
                element("dd", EXPLANATIONS[name].meaning, " ", EXPLANATIONS[name].action),
            )
            for name in found
        ]
        parts = []
        if rules:
            parts.append(
                element(
                    "section",
                    element("h2", "What the kinds mean"),
                    element("dl", *rules),
                    class_="rules",
                )
            )
        parts.append(self.made())
        return joined([*parts, EMPTY], "\n")

    def made(self) -> Markup:
        """What made the page: the version, and the options that decide."""
        options = [
            element("tr", element("th", key, scope="row"), element("td", _shown(value)))
            for key, value in deciding(self.options).items()
            if value not in ([], "")
        ]
        return element(
            "section",
            element("h2", "How this was made"),
            element(
                "p",
                f"dedup {__version__}. The same input and options give the same page. "
                "What is removed can be put back with the plan: dedup restore.",
            ),
            element(
                "details",
                element("summary", "Options that decide"),
                element("table", element("caption", "Options", class_="unseen"), *options),
            ),
            class_="made",
        )


def _shown(value: Any) -> Markup:
    """An option's value."""
    if isinstance(value, bool):
        return text("yes" if value else "no")
    if isinstance(value, list):
        return joined((own(str(each)[:400]) for each in value[:50]), ", ")
    return own(str(value))


def _gauge(share: float, name: str) -> Markup:
    class_ = "alike" if name == KEPT_LOOKALIKE else None
    return element(
        "svg",
        element("rect", width=max(1.0, share * 100), height=8, class_=class_),
        viewBox="0 0 100 8",
        preserveAspectRatio="none",
        aria_hidden="true",
    )


def _strip_label(entry: Entry) -> str:
    gone, again = (entry.strip.count(sign) for sign in "#:")
    total = max(1, len(entry.strip))
    return (
        f"Where the copies stand: {wording.percent(gone / total)} goes, "
        f"{wording.percent(again / total)} is what they repeat"
    )


def _strip_key() -> Markup:
    """What the colours of a strip are."""
    return joined(
        element(
            "span",
            element(
                "svg",
                strip_sample,
                class_="sample",
                viewBox="0 0 18 12",
                aria_hidden="true",
            ),
            f" {words}",
            class_="legend",
        )
        for strip_sample, words in (
            (element("rect", class_="once", y=10, width=18, height=2), "said once"),
            (element("rect", class_="source", y=4, width=18, height=8), "stays, said again"),
            (element("rect", class_="removed", width=18, height=12), "copy, goes"),
        )
    )


def _lines(*parts: Markup) -> Iterator[Markup]:
    """The parts, each on a line of its own."""
    return chain.from_iterable((part, Markup("\n")) for part in parts)


def _asset(name: str) -> str:
    """A file of this package."""
    return files("dedup.reports.html").joinpath(name).read_text("utf-8")


def _digest(content: str) -> str:
    """What the policy calls a style or script by."""
    return f"sha256-{b64encode(sha256(content.encode()).digest()).decode()}"
