"""Evidence -> confidence: is this a copy, or a look-alike that must stay?

The answer is one additive score of a few signed terms. Each term has a meaning people can check, says below
what it is for, and can only move the score in the direction its sign says. Beside the score stand a few hard
exclusions. Weights are fitted on labelled documents by ``benchmarks/fit.py``, the signs are not.
"""

from __future__ import annotations

import math
from operator import mul
from typing import NamedTuple


class Evidence(NamedTuple):
    """What speaks for a copy and what for a look-alike; every value is 0.0 or more."""

    amount: float
    """Weight that stands opposite, each line once, as log2 of multiples of 10: long repeats are rarely chance."""
    gaps: float
    """Share of the letters that does not stand opposite: look-alikes share a frame, not the filling."""
    holes: float
    """Share of the text between the first and the last unit that is no part of it: scattered likenesses."""
    numbers: float
    """Differing numbers a hundred letters, as the square root: templates differ in figures and dates."""
    names: float
    """Differing names a hundred letters, as the square root."""
    words: float
    """Other differing words a hundred letters that are no misspelling of each other, as the square root."""
    noise: float
    """Misspelt counterparts a hundred letters, as the square root: a copy read by OCR or typed again differs so."""
    pressure: float
    """Share of the rest of the document that half-matches something, which explains short repeats better than
    long ones: a document of look-alikes."""
    rivals: float
    """How many further places carry half of it or more: refrains, table heads, form letters."""
    structure: float
    """Share in lists, tables, headings and code, which repeat by design, though not right after themselves."""
    short_lines: float
    """Share in short lines of the text around it, itself not counted: verse, dialogue, captions, cells."""
    verse: float
    """Share of short lines among the paragraphs of the document, as the square root."""
    fragment: float
    """1.0 for sentences inside paragraphs that otherwise stay."""
    adjacent: float
    """Whole paragraphs that directly follow themselves, but for the share of short lines: the place proves
    what elsewhere only length can, and no form presses on them."""
    foreign: float
    """Share of its words that stand nowhere else in the document: what others say in their own words, a
    template says with the words around it."""
    support: float
    """Share of the other paragraphs that are proven copies, as its square root: text pasted twice is rarely
    pasted twice in one place only."""


_REASONS = {
    "gaps": "only part of it is the same",
    "holes": "the likenesses are scattered",
    "numbers": "the numbers differ",
    "names": "the names differ",
    "words": "the wording differs",
    "pressure": "much of this document looks alike",
    "rivals": "it stands in many places, as a refrain or a form does",
    "structure": "lists, tables, headings and code repeat by design",
    "short_lines": "short lines repeat by design in verse, dialogue and captions",
    "verse": "verse, dialogue and lists repeat their lines by design",
    "fragment": "it is part of a longer paragraph",
}

TRANSLATION = "it is the same in a closely related language"
OTHERS = "the same is said of others: the names differ"
CODE = "code is shown again by design"


class Score(NamedTuple):
    """One operating point: what each term weighs, in units of log-odds, and where doubt begins."""

    bias: float
    terms: dict[str, float]

    def confidence(self, evidence: Evidence) -> float:
        """The terms' weighted sum as a probability, 0.0-1.0."""
        weights = map(self.terms.__getitem__, evidence._fields)
        total = self.bias + sum(map(mul, weights, evidence))
        return 1 / (1 + math.exp(-max(-60.0, min(60.0, total))))

    def reason(self, evidence: Evidence) -> str:
        """What spoke most against a copy, in words."""
        against = {name: self.terms[name] * getattr(evidence, name) for name in _REASONS}
        worst = min(against, key=lambda name: (against[name], name))
        return _REASONS[worst] if against[worst] < -0.3 else "it is too short to tell"


SCORES = {
    "careful": Score(
        bias=-4.16,
        terms={
            "amount": 1.14,
            "gaps": -9.48,
            "holes": -2.72,
            "numbers": -2.08,
            "names": -0.36,
            "words": -1.14,
            "noise": 0.57,
            "pressure": -8.3,
            "rivals": -0.55,
            "structure": -2.79,
            "short_lines": -2.9,
            "verse": -1.11,
            "fragment": -1.33,
            "adjacent": 0.14,
            "foreign": 4.23,
            "support": 1.55,
        },
    ),
    "balanced": Score(
        bias=-3.44,
        terms={
            "amount": 1.2,
            "gaps": -9.96,
            "holes": -2.84,
            "numbers": -2.16,
            "names": -0.28,
            "words": -1.05,
            "noise": 0.39,
            "pressure": -7.48,
            "rivals": -0.54,
            "structure": -2.48,
            "short_lines": -2.69,
            "verse": -1.27,
            "fragment": -1.3,
            "adjacent": 0.21,
            "foreign": 4.26,
            "support": 1.5,
        },
    ),
    "thorough": Score(
        bias=-2.42,
        terms={
            "amount": 1.25,
            "gaps": -10.56,
            "holes": -2.92,
            "numbers": -2.16,
            "names": -0.25,
            "words": -0.95,
            "noise": 0.25,
            "pressure": -6.96,
            "rivals": -0.52,
            "structure": -2.31,
            "short_lines": -2.5,
            "verse": -1.4,
            "fragment": -1.17,
            "adjacent": 0.27,
            "foreign": 4.22,
            "support": 1.44,
        },
    ),
}
"""By level: the same terms, fitted with a lost letter weighing more or less; ``benchmarks/fit.py`` prints them."""
