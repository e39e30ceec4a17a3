"""``--strip-links``: paragraphs that are nothing but addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

from dedup.engine import split
from dedup.engine.layout import BLANKS, Page, without
from dedup.model import Span

MAX_LINK = 2000
"""Characters of the longest address looked at."""

_GENERIC = (
    "com org net info edu gov mil int biz name io ai app dev blog news site online media agency press academy "
    "tech store shop club live world today life space website foundation network community museum travel asia "
    "berlin hamburg koeln wien paris london nyc africa cat eus gal scot wales swiss bayern brussels vlaanderen рф"
)
_COUNTRIES = (
    "ac ae af ag al ao ar at au aw az ba bb bd be bf bg bh bi bj bn bo br bs bt bw by ca cf cg ch ci ck cm cn co cr "
    "cu cv cw cy cz de dj dk dm do dz ec ee eg er es et eu fi fj fk fm fo fr ga ge gf gg gh gi gl gm gn gp gq gr gt "
    "gu gw gy hk hn hr ht hu id ie il im iq ir is it je jm jo jp ke kg kh ki km kn kp kr kw ky kz lb lc li lk lr ls "
    "lt lu lv ly ma mc me mg mn mq mr mt mu mv mw mx my mz na nc ne nf ng ni nl no np nr nu nz om pe pf pr pt pw py "
    "qa re ro ru rw sa sb se sg si sk sl sm sn sr su sv sx sy sz tc td tg th tj tk tm tn to tr tt tv tw tz ua ug uk "
    "us uy uz va vc ve vg vn vu wf ye yt za zm zw"
)
_FILES = "ad am bz cc cd cl cx ec gd in la md ml mm mo ms pa pg ph pk pl pm ps py rs sc sh so st tf vi ws"
"""Domains of countries that are endings of files as well: a name that ends so has to have more about it."""
_SECOND = "ac co com edu gob gov govt net or org"
"""What stands in front of a country where sites have a third level."""
_LABEL = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
_HOST = rf"(?:{_LABEL}\.)+[^\W\d_]{{2,24}}"
_REST = r"(?::\d{1,5})?(?:[/?#][^\s<>\"]*)?"
_ADDRESS = re.compile(rf"(?:https?|ftps?)://[^\s<>\"]+|www\d?\.{_HOST}{_REST}", re.IGNORECASE)
_DOMAIN = re.compile(rf"((?:{_LABEL}\.)+)([^\W\d_]{{2,24}})({_REST})")
RUNS_ON = re.compile(r"[,:;(=/–—：，；（-][*_]*\s*$")
"""How a line ends whose sentence goes on with the address below it."""
_SENTENCE_END = re.compile(r"[.!?…。！？؟۔।][\"'”’»)\]」』）]*\s*$")
_GOES_ON = re.compile(r"\s*[^\W\d_A-Z]*[,;.)]|\s*[a-zß-öø-ÿа-я]")
"""How a line begins that goes on with a sentence."""
_ANNOUNCES = re.compile(r"[:：][*_]*\s*$")
"""The same where blank lines stand between: a list of sources, or what is to be visited."""


def is_link(said: str) -> bool:
    """Whether a line is an address and nothing else.

    >>> [is_link(each) for each in ("www.example.org", "<https://example.org/a>", "news.example.co.uk/x", "spiegel.de")]
    [True, True, True, True]
    >>> [is_link(each) for each in ("README.md", "1.2.3", "e.g.", "a@example.org", "ASP.NET", "Node.js", "main.py")]
    [False, False, False, False, False, False, False]
    """
    said = said.strip()
    if len(said) > MAX_LINK:
        return False
    if said.startswith("<") and said.endswith(">"):
        said = said[1:-1]
    if _ADDRESS.fullmatch(said):
        return True
    domain = _DOMAIN.fullmatch(said)
    return domain is not None and _is_domain(domain[1].split("."), domain[2])


def _is_domain(labels: list[str], ending: str) -> bool:
    """Whether a name without ``www`` is a domain's: the ending is one, and it is no file or abbreviation."""
    names = [label for label in labels if label]
    if ending != ending.lower() or len(names[-1]) < 2 or names[-1].isdigit():
        return False
    if ending in _FILES.split():
        return names[-1] in _SECOND.split()
    return ending in _GENERIC.split() or ending in _COUNTRIES.split()


def changes(page: Page) -> Iterator[Span]:
    """What to take out, in order, each with a line end.

    A text of nothing but addresses is a list of them, and stays.
    """
    units = [unit for block in page.blocks for unit in _units(page, block)]
    going = list(_going(page, units))
    if len(going) < len(units):
        yield from without([span for span, _ in units], [(at, at + 1) for at in going])


def _units(page: Page, block: split.Block) -> Iterator[tuple[Span, bool]]:
    """The parts of a paragraph, and whether they are nothing but addresses: lines of addresses that no sentence
    runs through are parts of their own."""
    if not _can_hold_links(page, block):
        yield block.span, False
        return
    first, last = page.line_at(block.span.start), page.line_at(block.span.end - 1)
    start = first
    for is_bare, group in groupby(range(first, last + 1), lambda at: is_link(page.said(at))):
        rows = list(group)
        if is_bare and _stands_alone(page, rows, first, last):
            if start < rows[0]:
                yield _lines(page, start, rows[0] - 1), False
            yield _lines(page, rows[0], rows[-1]), True
            start = rows[-1] + 1
    if start <= last:
        yield _lines(page, start, last), False


def _can_hold_links(page: Page, block: split.Block) -> bool:
    is_prose = block.kind == split.PROSE and not page.is_guarded(block.span)
    return is_prose and page.text.find(".", block.span.start, block.span.end) >= 0


def _stands_alone(page: Page, rows: list[int], first: int, last: int) -> bool:
    """Whether in a paragraph from line ``first`` to ``last`` no sentence runs through lines of addresses."""
    if rows[0] > first and not _SENTENCE_END.search(page.said(rows[0] - 1)):
        return False
    return rows[-1] == last or not _GOES_ON.match(page.said(rows[-1] + 1))


def _lines(page: Page, first: int, last: int) -> Span:
    """From one line to another, without blanks at the end."""
    start = page.lines[first].start
    return Span(start, page.lines[last].start + len(page.said(last).rstrip()))


def _going(page: Page, units: list[tuple[Span, bool]]) -> Iterator[int]:
    """Index of each part that goes. Where the text announces addresses, they are a part of what it says, and all
    stay that stand below each other."""
    is_announced = False
    for at, (span, is_bare) in enumerate(units):
        if not is_bare:
            is_announced = False
            continue
        is_announced = is_announced or (at > 0 and _runs_on(page, units[at - 1][0], span))
        if not is_announced:
            yield at


def _runs_on(page: Page, above: Span, span: Span) -> bool:
    """Whether the sentence above goes on with what stands at ``span``."""
    first, last = page.line_at(span.start), page.line_at(above.end - 1)
    is_next = last + 1 == first
    if is_next and page.said(first)[0] in BLANKS:
        return True  # the second line of an item, as in a bibliography
    return bool((RUNS_ON if is_next else _ANNOUNCES).search(page.said(last)))
