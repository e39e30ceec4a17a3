"""The page as a whole: first how much, where and whether to trust it, then everything in detail."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dedup.reports import wording
from dedup.reports.html.anchors import numbered
from dedup.reports.html.assets import asset, digest
from dedup.reports.html.details import documents, findings
from dedup.reports.html.facts import Facts, on_lines
from dedup.reports.html.first import header
from dedup.reports.html.foot import foot
from dedup.reports.html.where import overview
from dedup.reports.markup import Markup, element
from dedup.reports.parts import HEADS


def page(
    facts: Facts, bodies: Iterable[bytes], pictures: Iterable[bytes], texts: Iterable[bytes]
) -> Iterator[bytes]:
    """The page in pieces; what was made of each document is read in order, and only what is shown is kept."""
    yield HEADS["html"]
    yield head(facts).encode()
    yield b'<body class="is-single">\n' if facts.is_single else b"<body>\n"
    yield header(facts).encode()
    yield b"<main>\n"
    if facts.is_single:
        pictures = list(pictures)
        yield from (numbered(drawn, 0) for drawn in pictures)
    yield overview(facts).encode()
    yield from findings(facts, bodies)
    yield from documents(facts, pictures, texts)
    yield foot(facts).encode()
    yield b"</main>\n"
    yield element("script", Markup(asset("script.js"))).encode()
    yield b"\n</body>\n</html>\n"


def head(facts: Facts) -> Markup:
    style, script = asset("style.css"), asset("script.js")
    policy = (
        f"default-src 'none'; style-src '{digest(style)}'; script-src '{digest(script)}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
    share = wording.percent(facts.totals.redundancy)
    return element(
        "head",
        *on_lines(
            element("meta", charset="utf-8"),
            element("meta", http_equiv="Content-Security-Policy", content=Markup(policy)),
            element("meta", name_="viewport", content="width=device-width, initial-scale=1"),
            element("meta", name_="color-scheme", content="light dark"),
            element("title", f"{facts.about}: {share} repeated - dedup"),
            element("link", rel="icon", href="data:,"),
            element("style", Markup(style)),
        ),
    )
