"""The names of elements, by what they mean to a reader of their source."""

from __future__ import annotations

from functools import lru_cache

HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
CLOSING = frozenset(
    "address article aside blockquote center dd details dialog dir div dl dt fieldset figcaption figure footer form "
    "header hgroup hr li listing main menu nav ol p plaintext pre search section summary table ul".split()
) | {*HEADINGS}
"""They end an open paragraph."""
LEVELS = {
    "caption": 1,
    "colgroup": 1,
    "thead": 1,
    "tbody": 1,
    "tfoot": 1,
    "tr": 2,
    "td": 3,
    "th": 3,
}
"""Parts of a table; one ends those of its level and deeper."""
BLOCKS = CLOSING | {*LEVELS, "legend", "optgroup", "option"}
SCOPES = frozenset("caption foreignobject marquee object table td template th".split())
"""End tags do not reach beyond them."""
SPECIAL = (BLOCKS | SCOPES | {"button", "math", "select", "svg"}) - {
    "legend",
    "optgroup",
    "option",
}
"""End tags of elements that are not, such as ``span``, do not reach beyond these."""
FORMATTING = frozenset("a b big code em font i nobr s small strike strong tt u".split())
"""Left open, they go on behind the end of what they stand in."""
VOID = frozenset(
    "area base basefont bgsound br col embed frame hr img image input keygen link meta param source track wbr".split()
)
PLAIN_VOID = frozenset("basefont bgsound br col hr param wbr".split())
"""Nothing is lost when they go with what is around them."""
OPAQUE = frozenset(
    "annotation annotation-xml audio button canvas datalist label legend object select svg template video".split()
)
"""Elements with no text of the page in them."""
OUTLINE = frozenset("body form frameset head html".split())
"""Their tags stay and hold nothing."""
INTEGRATION = frozenset("foreignobject desc title mi mo mn ms mtext".split())
"""Elements of SVG and MathML that hold HTML."""
BREAKOUT = frozenset(
    "b big blockquote body br center code dd div dl dt em embed head hr i img li listing menu meta nobr ol p pre ruby "
    "s small span strong strike sub sup table tt u ul var".split()
) | {*HEADINGS}
"""HTML elements that end SVG and MathML."""


@lru_cache(maxsize=1000)
def groups(name: str) -> tuple[str, ...]:
    """Under which names the places of such elements are noted."""
    found = [name]
    if name in SPECIAL:
        found.append("#special")
        if name not in ("address", "div", "p"):
            found.append("#wall")
    if name in SCOPES:
        found.append("#scope")
    return tuple(found)
