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
    """Weight that stands opposite, each line once, with the letters of link targets that are the same, as log2 of
    multiples of 10: long repeats are rarely chance."""
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
    phrases: float
    """Share of its pairs of neighbouring words that stand nowhere else: words of the topic recur, a sentence about it
    does not, but for the frame of a template."""
    ends: float
    """How many of the ends of the document, its first and its last paragraph, it or its twin reaches, but for the
    share of short lines: whole texts are pasted twice, and titles and teasers repeat what stands at the beginning; so
    do refrains."""
    excerpt: float
    """1.0 for a paragraph that stands in a longer one and says so: in quotation marks, or with an ellipsis."""
    furniture: float
    """For a line that has nothing to do with the text: the share of the document in per cent, as the square root,
    that is other such lines that stand again, share buttons and notices."""
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
FIELDS = "each entry of a reference has it"
HEADING = "a heading: what stands below it begins with the same words"


class Score(NamedTuple):
    """One operating point: what each term weighs, in units of log-odds, and where doubt begins."""

    bias: float
    terms: dict[str, float]
    """In the order of ``Evidence``."""

    def total(self, evidence: Evidence) -> float:
        """The terms' weighted sum, in units of log-odds."""
        total: float = self.bias + sum(map(mul, self.terms.values(), evidence))
        return total

    def confidence(self, evidence: Evidence) -> float:
        """The total as a probability, 0.0-1.0."""
        return 1 / (1 + math.exp(-max(-60.0, min(60.0, self.total(evidence)))))

    def reason(self, evidence: Evidence) -> str:
        """What spoke most against a copy, in words."""
        against = {name: self.terms[name] * getattr(evidence, name) for name in _REASONS}
        worst = min(against, key=lambda name: (against[name], name))
        return _REASONS[worst] if against[worst] < -0.3 else "it is too short to tell"


SCORES = {
    "careful": Score(
        bias=-5.4,
        terms={
            "amount": 1.02,
            "gaps": -9.01,
            "holes": -2.29,
            "numbers": -1.98,
            "names": -0.46,
            "words": -1.17,
            "noise": 0.75,
            "pressure": -8.04,
            "rivals": -0.45,
            "structure": -2.7,
            "short_lines": -2.79,
            "verse": -0.82,
            "fragment": -1.14,
            "adjacent": 1.48,
            "foreign": 2.39,
            "phrases": 2.34,
            "ends": 0.7,
            "excerpt": 1.78,
            "furniture": 1.17,
            "support": 1.56,
        },
    ),
    "balanced": Score(
        bias=-4.4,
        terms={
            "amount": 1.07,
            "gaps": -9.35,
            "holes": -2.48,
            "numbers": -2.07,
            "names": -0.4,
            "words": -1.1,
            "noise": 0.56,
            "pressure": -7.16,
            "rivals": -0.44,
            "structure": -2.38,
            "short_lines": -2.56,
            "verse": -1.01,
            "fragment": -1.15,
            "adjacent": 1.54,
            "foreign": 2.41,
            "phrases": 2.34,
            "ends": 0.85,
            "excerpt": 1.63,
            "furniture": 1.23,
            "support": 1.48,
        },
    ),
    "thorough": Score(
        bias=-3.66,
        terms={
            "amount": 1.12,
            "gaps": -10.17,
            "holes": -2.56,
            "numbers": -2.08,
            "names": -0.42,
            "words": -1.01,
            "noise": 0.42,
            "pressure": -6.5,
            "rivals": -0.42,
            "structure": -2.19,
            "short_lines": -2.31,
            "verse": -1.16,
            "fragment": -1.08,
            "adjacent": 1.68,
            "foreign": 2.38,
            "phrases": 2.31,
            "ends": 1.14,
            "excerpt": 1.43,
            "furniture": 1.28,
            "support": 1.45,
        },
    ),
}
"""By level: the same terms, fitted with a lost letter weighing more or less; ``benchmarks/fit.py`` prints them."""
