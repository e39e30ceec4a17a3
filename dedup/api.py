"""What programs call: clean one text, analyze a few documents, put back what was removed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from dedup.engine import plan
from dedup.engine.analyze import analyze as _analyze
from dedup.model import Document, DocumentResult, Edit, Result
from dedup.options import Options, with_values


def clean(text: str, options: Options | None = None, **values: Any) -> Result:
    """Find what ``text`` says twice; ``.cleaned`` is the text without it, ``.findings`` says why.

    ``values`` are fields of ``Options`` by name. Raises ``DedupError`` for an unknown or unfit one and
    ``UnsafePlan`` if a promise would break (a defect: nothing has been removed then).

    >>> news = "The ferry did not sail on Monday because of the storm, the harbour office said. It is "
    >>> news += "waiting in the inner basin with all its cargo until the wind turns.\\n"
    >>> result = clean(news + "Passengers sleep in the old customs house.\\n" + news, threshold=0.9)
    >>> result.cleaned == news + "Passengers sleep in the old customs house.\\n"
    True
    >>> round(result.redundancy, 2)
    0.44
    >>> result.edits[0].score, result.edits[0].twins[0].span.start
    (1.0, 0)
    """
    return analyze([text], options, **values)


def analyze(
    documents: Iterable[Document | str], options: Options | None = None, **values: Any
) -> Result:
    """The same for several documents, each on its own; a string becomes a document named ``text``.

    >>> result = analyze([Document("a.txt", "One line."), Document("b.txt", "Another line.")])
    >>> [(document.document.name, document.changed) for document in result]
    [('a.txt', False), ('b.txt', False)]
    """
    return _analyze(documents, with_values(options or Options(), values))


def restore(cleaned: str, edits: Result | DocumentResult | Iterable[Edit]) -> str:
    """The text that was cleaned, letter by letter; ``UnsafePlan`` if the edits do not fit ``cleaned``.

    >>> text = "The ferry did not sail on Monday because of the storm, the harbour office said.\\n" * 2
    >>> result = clean(text)
    >>> restore(result.cleaned, result) == text
    True
    """
    found = edits.edits if isinstance(edits, (Result, DocumentResult)) else tuple(edits)
    return plan.restore(cleaned, found)
