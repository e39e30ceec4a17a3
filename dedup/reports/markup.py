"""Elements of HTML and SVG: whatever is no element is escaped, so no text can become one."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape as escaped

from dedup.reports.escape import escape

_VOID = frozenset({"meta", "link", "input", "br", "rect", "path", "line", "circle", "use"})
"""Elements without content. Those of SVG are closed at once, which HTML takes as well."""


class Markup(str):
    """HTML that this module made; any other string is text."""

    __slots__ = ()


EMPTY = Markup("")


def text(value: str) -> Markup:
    r"""``value`` as text: what HTML reads is escaped, what cannot be seen is spelled out.

    >>> text("<b>\x1b[2J")
    '&lt;b&gt;\\x1b[2J'
    """
    if isinstance(value, Markup):
        return value
    return Markup(escaped(escape(value), quote=True))


def element(
    name: str, /, *content: str | None, **attributes: str | int | float | bool | None
) -> Markup:
    """An element. Strings in ``content`` are text unless they are ``Markup``; None is nothing.

    Underscores in names of attributes are hyphens, one at the end is left out. An attribute that is
    None or False is left out, one that is True has no value.

    >>> element("a", "1 < 2", href="#x", class_="place", hidden=True)
    '<a href="#x" class="place" hidden>1 &lt; 2</a>'
    """
    opening = f"<{name}{''.join(_attributes(attributes))}"
    if name in _VOID and not content:
        return Markup(f"{opening}/>")
    inner = "".join(text(each) for each in content if each is not None)
    return Markup(f"{opening}>{inner}</{name}>")


def joined(parts: Iterable[str], between: str = "") -> Markup:
    """The parts one after the other; strings that are no ``Markup`` are text."""
    return Markup(text(between).join(map(text, parts)))


def own(value: str, name: str = "bdi", /, **attributes: str) -> Markup:
    """What a document or file says, in an element of its own: its direction stays inside.

    >>> own("a.txt")
    '<bdi>a.txt</bdi>'
    """
    return element(name, value, **attributes)


def _attributes(values: dict[str, str | int | float | bool | None]) -> Iterable[str]:
    for name, value in values.items():
        if value is None or value is False:
            continue
        shown = name.removesuffix("_").replace("_", "-")
        yield f" {shown}" if value is True else f' {shown}="{_value(value)}"'


def _value(value: str | int | float) -> str:
    if isinstance(value, float):
        return number(value)
    return text(value) if isinstance(value, str) else str(value)


def number(value: float) -> str:
    """A coordinate with at most one decimal.

    >>> number(2.0), number(2.04), number(-0.01)
    ('2', '2', '0')
    """
    shown = f"{value:.1f}".removesuffix(".0")
    return "0" if shown == "-0" else shown
