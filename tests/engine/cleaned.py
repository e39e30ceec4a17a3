"""How tests of cleanup ask for it: one text, some options, everything that is promised checked on the way."""

from __future__ import annotations

from typing import Any

import dedup
from dedup.engine.analyze import analyze_document
from dedup.model import Document, DocumentResult, Span
from dedup.options import Options

KINDS = ("fix_text", "normalize_space", "strip_links", "strip_share_cards")


def result_of(text: str, *kinds: str, **fields: Any) -> DocumentResult:
    """The result of these kinds of cleanup; a second time nothing changes, and restored it is the text."""
    frozen: list[Span] = fields.pop("frozen", [])
    wanted: dict[str, Any] = dict.fromkeys(kinds, True)
    options = Options(**wanted, **fields.pop("options", {}))
    document = Document(**({"name": "a.txt"} | fields), text=text)
    result = analyze_document(document, options, frozen)
    assert dedup.restore(result.cleaned, result.edits) == text
    if not frozen:
        again = analyze_document(
            Document(**({"name": "a.txt"} | fields), text=result.cleaned), options
        )
        assert again.cleaned == result.cleaned
    return result


def cleaned(text: str, *kinds: str, **fields: Any) -> str:
    """The text that is left."""
    return result_of(text, *kinds, **fields).cleaned


def markdown(text: str, *kinds: str) -> str:
    """What is left of a Markdown text."""
    return cleaned(text, *kinds, format="markdown")
