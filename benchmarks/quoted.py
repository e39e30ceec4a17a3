"""Stories said again in other documents: how much of them is found, and what else would go.

    python benchmarks/quoted.py             # every kind, with 600 articles
    python benchmarks/quoted.py --missed 5  # and the worst documents of each kind

Real articles of the labelled data, which repeat nothing of each other, take turns: half of them keep their text,
and each of the others gets the story of one of them, or a part of it, in one of the ways below; always the same.
What stands paragraph by paragraph in an earlier document, letter by letter, is taken for gone: another step finds
it. Recall and precision are shares of letters. In the documents of the second table nothing may go; but some of the
labelled ones, which were labelled one by one, have songs, licences and forms in common word for word.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import textwrap
from collections import defaultdict
from collections.abc import Callable, Sequence
from random import Random
from typing import NamedTuple

import numpy as np
from quality import data_folder, rows_of  # type: ignore[import-not-found]

from dedup.corpus.columns import Corpus, columns
from dedup.corpus.passages import Passages, find
from dedup.corpus.sheets import sheet_of
from dedup.engine import normalize, split
from dedup.model import Document, Span

LEAST = 600
"""Letters of an article that takes part."""
PART = 450
"""Letters, at least, of a part of a story: less is a citation."""


class Told(NamedTuple):
    """A document that says something again."""

    text: str
    again: list[Span]
    """What should go."""


Teller = Callable[[list[str], list[str], Random], list[tuple[str, bool]]]
"""Own paragraphs and those of the story -> paragraphs, or parts of one, and whether they should go."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=600)
    parser.add_argument("--missed", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    articles = _articles(options.articles, options.seed)
    print(f"{'said again':22}{'documents':>10}{'recall':>9}{'precision':>11}{'perfect':>9}")
    for name in (*SAID_AGAIN, LISTS):
        figures = measured(articles, name, options.seed, options.missed)
        print(f"{name:22}{figures.documents:10}{figures.recall:9.3f}", end="")
        print(f"{figures.precision:11.4f}{figures.perfect:9.2f}")
    print(f"\n{'not to go':22}{'documents':>10}{'hurt':>9}{'letters lost, %':>17}")
    for name in CITED:
        figures = measured(articles, name, options.seed, options.missed)
        print(f"{name:22}{figures.documents:10}{figures.hurt:9}{100 * figures.damage:17.3f}")
    for name in ("within", "hard_negatives"):
        figures = untouched(name, options.missed)
        print(f"{name:22}{figures.documents:10}{figures.hurt:9}{100 * figures.damage:17.3f}")
    return 0


class Figures(NamedTuple):
    """What came out, in shares of letters."""

    documents: int
    recall: float
    precision: float
    perfect: float
    """Share of the documents with something to go in which at least 95 % of it goes, and 1 % more at the most."""
    hurt: int
    """Documents that lose something of their own."""
    damage: float
    """Their letters lost / own letters."""


def _articles(count: int, seed: int) -> list[list[str]]:
    """The paragraphs of articles of several languages, shuffled."""
    folder = data_folder()
    kinds = {row["id"]: row["kind"] for row in rows_of(folder / "xdoc_clusters.jsonl.gz")}
    texts = [
        row["text"] for row in rows_of(folder / "xdoc_docs.jsonl.gz") if kinds[row["id"]] == "base"
    ]
    labels = {row["id"]: row for row in rows_of(folder / "within_labels.jsonl.gz")}
    for row in rows_of(folder / "within_docs.jsonl.gz"):
        label = labels[row["id"]]
        if label["type"] == "neg_plain" and label["lang"] in ("zh", "ja", "ko", "ru", "hi", "fr"):
            texts += _cut(row["text"])
    found = [_paragraphs(text) for text in texts]
    found = [each for each in found if sum(map(_letters, each)) >= LEAST and len(each) > 2]
    Random(seed).shuffle(found)
    return found[:count]


def _cut(text: str) -> list[str]:
    """Long documents of rarer languages as several of a dozen paragraphs."""
    said = _paragraphs(text)
    return ["\n\n".join(said[at : at + 12]) for at in range(0, len(said), 12)]


def _paragraphs(text: str) -> list[str]:
    """Prose paragraphs, each on one line."""
    return [
        " ".join(block.span.cut(text).split())
        for block in split.split(text)
        if block.kind == split.PROSE and _letters(block.span.cut(text)) >= 40
    ]


def _letters(text: str) -> int:
    return len(normalize.key(text))


def _sentences(text: str) -> list[str]:
    return [span.cut(text) for block in split.split(text) for span in block.sentences]


def measured(articles: list[list[str]], name: str, seed: int, missed: int = 0) -> Figures:
    """The figures of one way to say something again, or to cite it."""
    random = Random(f"{name} {seed}")
    if name == LISTS:
        return _figures(_lists(articles, random), missed)
    teller = {**SAID_AGAIN, **CITED}[name]
    half = len(articles) // 2
    texts = ["\n\n".join(article) + "\n" for article in articles[:half]]
    told = [Told(text, []) for text in texts]
    for own, story in zip(articles[half:], articles, strict=False):
        told.append(_told(teller(own, story, random)))
    return _figures(told, missed)


def untouched(name: str, missed: int = 0) -> Figures:
    """The figures of labelled documents that repeat nothing, or only what has to stay."""
    folder = data_folder()
    labels = {row["id"]: row["type"] for row in rows_of(folder / f"{name}_labels.jsonl.gz")}
    told = [
        Told(row["text"], [])
        for row in rows_of(folder / f"{name}_docs.jsonl.gz")
        if labels[row["id"]].startswith("neg_")
    ]
    return _figures(told, missed)


def _told(parts: Sequence[tuple[str, bool]]) -> Told:
    text, again = "", []
    for part, is_again in parts:
        if is_again:
            again.append(Span(len(text), len(text) + len(part)))
        text += part
    return Told(text, again)


def _figures(told: Sequence[Told], missed: int) -> Figures:
    with tempfile.TemporaryDirectory() as folder:
        corpus = columns(
            [sheet_of(Document("", each.text)) for each in told], [0] * len(told), folder
        )
        gone = _gone(corpus)
        found = find(corpus, gone=gone).passages
        removed = _spans(found)
        equal = defaultdict(list)
        for row in np.flatnonzero(gone):
            equal[int(corpus.document[row])].append(
                Span(int(corpus.start[row]), int(corpus.end[row]))
            )
    wanted = right = wrong = own = perfect = hurt = documents = 0
    worst = []
    for number, each in enumerate(told):
        again = _without(each, each.again, equal[number])
        spans = _without(each, removed[number], equal[number])
        size, gone_letters = _count(each, again), _count(each, spans)
        good = _count(each, _common(again, spans))
        wanted, right, wrong = wanted + size, right + good, wrong + gone_letters - good
        own += _letters(each.text) - size
        documents += size > 0
        perfect += size > 0 and good >= 0.95 * size and gone_letters - good <= 0.01 * size
        hurt += gone_letters > good
        worst.append(
            (size - good + 20 * (gone_letters - good), number, size - good, gone_letters - good)
        )
    for _, number, less, more in sorted(worst, reverse=True)[:missed]:
        _show(told[number], removed[number], less, more)
    return Figures(
        documents or len(told),
        right / wanted if wanted else 1.0,
        right / (right + wrong) if right + wrong else 1.0,
        perfect / max(1, documents),
        hurt,
        wrong / max(1, own),
    )


def _show(each: Told, removed: Sequence[Span], less: int, more: int) -> None:
    """What should go of a document and what does, in short."""
    if less + more:
        print(f"  missed {less} letters, {more} too many")
        for name, spans in (("should go", each.again), ("goes", removed)):
            for span in spans[:5]:
                print(f"    {name}: {span.cut(each.text)[:90]!r}")


def _gone(corpus: Corpus) -> np.ndarray:
    """Rows whose letters are those of an earlier one."""
    seen: set[bytes] = set()
    gone = np.zeros(len(corpus.start), bool)
    for row in range(len(gone)):
        key = corpus.key(row)
        gone[row] = key in seen and len(key) >= 30
        seen.add(key)
    return gone


def _spans(found: Passages) -> dict[int, list[Span]]:
    spans = defaultdict(list)
    for document, start, end in zip(found.document, found.start, found.end, strict=True):
        spans[int(document)].append(Span(int(start), int(end)))
    return spans


def _without(each: Told, spans: Sequence[Span], gone: Sequence[Span]) -> list[Span]:
    marks = _marks(each, spans) & ~_marks(each, gone)
    return _runs(marks)


def _common(ones: Sequence[Span], twos: Sequence[Span]) -> list[Span]:
    found = []
    for one in ones:
        for two in twos:
            low, high = max(one.start, two.start), min(one.end, two.end)
            if low < high:
                found.append(Span(low, high))
    return found


def _marks(each: Told, spans: Sequence[Span]) -> np.ndarray:
    marks = np.zeros(len(each.text), bool)
    for span in spans:
        marks[span.start : span.end] = True
    return marks


def _runs(marks: np.ndarray) -> list[Span]:
    steps = np.flatnonzero(np.diff(marks.astype(np.int8), prepend=0, append=0))
    return [Span(int(one), int(two)) for one, two in zip(steps[::2], steps[1::2], strict=True)]


def _count(each: Told, spans: Sequence[Span]) -> int:
    return sum(_letters(span.cut(each.text)) for span in spans)


def _between(
    own: list[str], again: list[tuple[str, bool]], random: Random
) -> list[tuple[str, bool]]:
    """Own paragraphs, and after one of them what is said again."""
    at = random.randrange(len(own) + 1)
    parts = [(part, False) for paragraph in own[:at] for part in (paragraph, "\n\n")]
    parts += again
    return parts + [(part, False) for paragraph in own[at:] for part in ("\n\n", paragraph)]


def _glued(own: list[str], story: list[str], random: Random) -> list[tuple[str, bool]]:
    return _between(own, [(" ".join(story), True)], random)


def _apart(own: list[str], story: list[str], random: Random) -> list[tuple[str, bool]]:
    sentences = _sentences(" ".join(story))
    return _between(own, _separated(sentences, "\n\n"), random)


def _separated(texts: Sequence[str], separator: str) -> list[tuple[str, bool]]:
    return [part for text in texts for part in ((text, True), (separator, False))][:-1]


def _regrouped(own: list[str], story: list[str], random: Random) -> list[tuple[str, bool]]:
    sentences = _sentences(" ".join(story))
    texts = [" ".join(sentences[at : at + 3]) for at in range(0, len(sentences), 3)]
    texts = [textwrap.fill(text, 72) if " " in text else text for text in texts]
    return _between(own, _separated(texts, "\n\n"), random)


def _edited(own: list[str], story: list[str], random: Random) -> list[tuple[str, bool]]:
    words = " ".join(story).split()
    others = [word for word in " ".join(own).split() if word.isalpha() and word.islower()] or [
        "also"
    ]
    for _ in range(max(1, len(words) // 20)):
        at = random.randrange(len(words))
        if words[at].isalpha() and words[at].islower():
            words[at : at + 1] = random.choice(
                ([], [random.choice(others)], [words[at], random.choice(others)])
            )
    return _between(own, [(" ".join(words), True)], random)


def _misread(own: list[str], story: list[str], random: Random) -> list[tuple[str, bool]]:
    return _between(own, [(_noisy(" ".join(story), 0.04, random), True)], random)


def _noisy(text: str, rate: float, random: Random) -> str:
    found = []
    for char in text:
        if char.isalpha() and random.random() < rate:
            char = random.choice(("", random.choice("aceilnorstu"), char + random.choice("il1.")))
        found.append(char)
    return "".join(found)


def _inserted(own: list[str], story: list[str], random: Random) -> list[tuple[str, bool]]:
    sentences = [(sentence, True) for sentence in _sentences(" ".join(story))]
    for sentence in random.sample(_sentences(" ".join(own * 2)), 2):
        sentences.insert(random.randrange(1, len(sentences) + 1), (sentence, False))
    parts = [part for sentence in sentences for part in (sentence, (" ", False))][:-1]
    return _between(own[1:] or own, parts, random)


def _part(own: list[str], story: list[str], random: Random) -> list[tuple[str, bool]]:
    """Several sentences in a row inside a paragraph of one's own."""
    sentences = _sentences(" ".join(story))
    at = random.randrange(max(1, len(sentences) // 2))
    end = at
    while end < len(sentences) and _letters(" ".join(sentences[at:end])) < PART:
        end += 1
    said = " ".join(sentences[at:end])
    if _letters(said) < PART:
        return _unrelated(own, story, random)
    head, tail = _sentences(own[0])[:2], _sentences(own[-1])[-2:]
    parts = [(" ".join(head) + " ", False), (said, True)]
    return _between(own[1:-1], [*parts, (" " + " ".join(tail), False)], random)


def _teaser(own: list[str], story: list[str], random: Random) -> list[tuple[str, bool]]:
    """The first two sentences of one of the story's paragraphs before the text."""
    for paragraph in story:
        text = " ".join(_sentences(paragraph)[:2])
        if 120 <= _letters(text) < 0.75 * _letters(paragraph):
            return [(text, True), ("\n\n" + "\n\n".join(own), False)]
    return _unrelated(own, story, random)


def _one_cited(own: list[str], story: list[str], random: Random) -> list[tuple[str, bool]]:
    return _cited(own, _some(story, 1, random), random)


def _two_cited(own: list[str], story: list[str], random: Random) -> list[tuple[str, bool]]:
    return _cited(own, _some(story, 2, random), random)


def _some(story: list[str], count: int, random: Random) -> str:
    sentences = _sentences(random.choice(story))
    at = random.randrange(max(1, len(sentences) - count + 1))
    return " ".join(sentences[at : at + count])


def _cited(own: list[str], said: str, random: Random) -> list[tuple[str, bool]]:
    """``said`` inside a paragraph of one's own."""
    at = random.randrange(len(own))
    sentences = _sentences(own[at])
    sentences.insert(random.randrange(len(sentences) + 1), said)
    return [("\n\n".join([*own[:at], " ".join(sentences), *own[at + 1 :]]), False)]


def _alone(own: list[str], story: list[str], random: Random) -> list[tuple[str, bool]]:
    return _between(own, [(_some(story, 1, random), False)], random)


def _block_quote(own: list[str], story: list[str], random: Random) -> list[tuple[str, bool]]:
    said = textwrap.fill(random.choice(story), 70)
    return _between(own, [("> " + said.replace("\n", "\n> "), False)], random)


def _in_quotes(own: list[str], story: list[str], random: Random) -> list[tuple[str, bool]]:
    return _between(own, [("“" + _some(story, 3, random) + "”", False)], random)


def _scattered(own: list[str], story: list[str], random: Random) -> list[tuple[str, bool]]:
    """A review: a sentence of the story in each paragraph."""
    parts = [f"{_some(story, 1, random)} {paragraph}" for paragraph in own]
    return [("\n\n".join(parts), False)]


def _unrelated(own: list[str], story: list[str], random: Random) -> list[tuple[str, bool]]:
    return [("\n\n".join(own), False)]


def _lists(articles: list[list[str]], random: Random) -> list[Told]:
    """Articles, and among them pages with the openings of four or five of them."""
    told, openings = [], []
    for article in articles:
        first = next((each for each in article if len(_sentences(each)) > 1), "")
        opening = _sentences(first)[0] if first else ""
        if 80 <= _letters(opening) < 0.75 * _letters(first):
            openings.append(opening)
        told.append(Told("\n\n".join(article), []))
    random.shuffle(openings)
    while openings:
        some = [openings.pop() for _ in range(min(len(openings), random.randrange(4, 6)))]
        page = _told(_separated(some, "\n\n")) if len(some) > 2 else Told("-", [])
        told.insert(random.randrange(len(told) + 1), page)
    return told


SAID_AGAIN: dict[str, Teller] = {
    "in one paragraph": _glued,
    "a sentence a paragraph": _apart,
    "other borders, wrapped": _regrouped,
    "edited": _edited,
    "misread": _misread,
    "with new sentences": _inserted,
    "a part, inside others": _part,
    "a teaser": _teaser,
}
LISTS = "lists of teasers"
CITED: dict[str, Teller] = {
    "a sentence cited": _one_cited,
    "two sentences cited": _two_cited,
    "a sentence alone": _alone,
    "block quote": _block_quote,
    "in quotation marks": _in_quotes,
    "a sentence here, there": _scattered,
    "unrelated": _unrelated,
}

if __name__ == "__main__":
    sys.exit(main())
