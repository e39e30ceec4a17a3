"""Two texts -> which words differ, and what they are: numbers, names, misspellings, or other words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from functools import cache
from itertools import chain, repeat
from typing import TYPE_CHECKING, NamedTuple

from dedup.engine.verify import aligned_words, common_ends
from dedup.model import Span

if TYPE_CHECKING:
    from dedup.engine.normalize import Stream

_WORD = re.compile(r"[^\W_]+(?:[’'][^\W_]+)?")
_TOKEN = re.compile(r"[^\W\d_]{2,}")


@cache
def _unspaced() -> re.Pattern[str]:
    """Letters of scripts without blanks between words; compiled when a text first goes beyond ASCII."""
    return re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u9fff\uf900-\ufaff]")


def tokens(text: str) -> list[str]:
    """Words of three letters and more, in lower case; of scripts without blanks each pair of letters."""
    raw = _narrow(text)
    if raw is not None:
        words = raw.translate(_narrow_words()).decode("latin-1").split()
        return [word for word in words if len(word) > 2]
    words = _TOKEN.findall(text.casefold())
    if not _unspaced().search(text):
        return [word for word in words if len(word) > 2]
    found = []
    for word in words:
        if _unspaced().search(word):
            found += [word[at : at + 2] for at in range(len(word) - 1)]
        elif len(word) > 2:
            found.append(word)
    return found


def _narrow(text: str) -> bytes | None:
    """A byte a character, where no letter needs more: what does is a mark, and any other mark will do."""
    if text.isascii():
        return text.encode()
    wide = "".join(_wide().findall(text))
    if (
        any(map(str.isalnum, wide)) or "\u00b5" in text
    ):  # the micro sign is a wide letter in lower case
        return None
    return text.replace("ß", "ss").encode("latin-1", "replace")


@cache
def _wide() -> re.Pattern[str]:
    return re.compile("[^\0-\u00ff]+")


@cache
def _narrow_words() -> bytes:
    """For each byte its lower case, or a blank where no letter is."""
    chars = map(chr, range(256))
    return bytes(
        ord(c.casefold()) if re.match(r"[^\W\d_]", c) and c not in "ßµ" else 32 for c in chars
    )


NEGATION = frozenset(
    "not no never nor none without kein keine keinen nicht nie ohne ne pas jamais sans "
    "non mai senza nunca sin não nem sem niet geen nooit bez не нет без ни".split()
)


class Differences(NamedTuple):
    """Words that stand on one side only, by what they are."""

    numbers: int
    names: int
    words: int
    misspelt: int

    @classmethod
    def between(
        cls, copies: Iterable[str], twins: Iterable[str], *, is_inside: bool = False
    ) -> Differences:
        """Count what differs between two lists of ``words_of``, as multisets: a moved word is no difference.

        ``is_inside``: all of the copy stands in the twin. What a quotation leaves out is no difference of
        wording then; a number or a negation still is.
        """
        only_one, only_two = _apart(list(copies), list(twins))
        misspelt = pair_misspelt(only_one, only_two)
        numbers = others = max(_count(only_one, is_number), _count(only_two, is_number))
        if is_inside:
            only_two = only_one
            others = _count(only_one, is_number)
        names = max(_count(only_one, is_name), _count(only_two, is_name))
        rest = max(len(only_one), len(only_two)) - names - others
        return cls(numbers, names, max(0, rest), misspelt)


def are_of_others(copies: Iterable[str], twins: Iterable[str]) -> bool:
    """Whether two lists of ``words_of`` say the same of different things: a name stands where another
    stands opposite, and nothing else differs.

    An edit or a misreading changes other words as well, or adds or leaves out a name.
    """
    only_one, only_two = _apart(list(copies), list(twins))
    if not only_one or not only_two or not all(map(is_name, only_one + only_two)):
        return False
    return not pair_misspelt(only_one, only_two)


def _apart(one: list[str], two: list[str]) -> tuple[list[str], list[str]]:
    """The words of each list beyond those that the other has as well, in the order they first stand in."""
    head, tail = common_ends(one, two)
    counts, others = (Counter(words[head : len(words) - tail]) for words in (one, two))
    return _beyond(counts, others, one[:head]), _beyond(others, counts, two[:head])


def _beyond(counts: Counter[str], others: Counter[str], head: list[str]) -> list[str]:
    """The words that are counted more often than in ``others``; those in ``head`` come first, in its order."""
    more = {
        word: more for word, count in counts.items() if (more := count - others.get(word, 0)) > 0
    }
    if len(more) > 1 and not more.keys().isdisjoint(head):
        first = {word: more[word] for word in head if word in more}
        more = first | more
    return list(chain.from_iterable(map(repeat, more, more.values())))


def words_of(text: str) -> list[str]:
    """Words with their case where it marks a name: not at the start of a sentence, not all capitals.

    >>> words_of("The mill. Then Ada’s MILL")
    ['the', 'mill', 'then', "Ada's", 'mill']
    """
    pieces = _words().split(text.replace("’", "'"))
    words = pieces[1::2]
    folded = list(map(str.casefold, words))
    if folded != words:
        for at, word in enumerate(words):
            if folded[at] != word and not word.isupper() and not _opens(pieces[2 * at], at):
                folded[at] = word
    return folded


@cache
def _words() -> re.Pattern[str]:
    return re.compile(f"({_WORD.pattern})")


def _opens(before: str, at: int) -> bool:
    """Whether the word number ``at`` begins a sentence, by what stands between it and the word before."""
    if before == " " or not before:
        return not before and not at
    return before.rstrip(" \t\r\n\"'“‘”«»(*_")[-1:] in _OPENING


_OPENING = frozenset(".!?:-–—>")


class Wording:
    """The words of passages of one text; each passage is read once, however many claims it is part of."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._texts: dict[tuple[int, int], str] = {}
        self._words: dict[tuple[int, int], list[str]] = {}
        self._tokens: dict[tuple[int, int], list[str]] = {}
        self._numbers: dict[tuple[int, int], list[str]] = {}

    def text(self, start: int, end: int) -> str:
        """The passage that holds the letters from ``start`` up to ``end``."""
        text = self._texts.get((start, end))
        if text is None:
            text = self._stream.passage(start, end).cut(self._stream.readable)
            self._texts[start, end] = text
        return text

    def words(self, start: int, end: int) -> list[str]:
        """Its ``words_of``."""
        words = self._words.get((start, end))
        if words is None:
            words = self._words[start, end] = words_of(self.text(start, end))
        return words

    def tokens(self, start: int, end: int) -> list[str]:
        """Its ``tokens``."""
        found = self._tokens.get((start, end))
        if found is None:
            found = self._tokens[start, end] = tokens(self.text(start, end))
        return found

    def numbers(self, start: int, end: int) -> list[str]:
        """Its numbers and negations, in a fixed order: where two passages have the same ones, none differ."""
        found = self._numbers.get((start, end))
        if found is None:
            found = []
            if _may_have_numbers(self.text(start, end)):
                found = sorted(filter(is_number, self.words(start, end)))
            self._numbers[start, end] = found
        return found


def _may_have_numbers(text: str) -> bool:
    """Whether a text has a digit or a negation; without telling whose case marks a name, as ``words_of`` does."""
    if _ascii_digit().search(text) or (not text.isascii() and any(map(str.isdigit, text))):
        return True
    return not NEGATION.isdisjoint(_WORD.findall(text.casefold()))


@cache
def _ascii_digit() -> re.Pattern[str]:
    return re.compile("[0-9]")


def _count(words: Iterable[str], fits: Callable[[str], bool]) -> int:
    return sum(fits(word) for word in words)


def is_number(word: str) -> bool:
    """A number, a version, a short identifier (``3.5``, ``2b``, ``win32``), or a negation.

    A longer word with a digit in it (``char6f``) has been misread.
    """
    if word.isalpha():
        return word in NEGATION or word.casefold() in NEGATION
    has_digit = any(map(str.isdigit, word))
    return (has_digit and sum(map(str.isalpha, word)) <= 3) or word.casefold() in NEGATION


def is_name(word: str) -> bool:
    return len(word) > 1 and word[0].isupper() and not is_number(word)


def pair_misspelt(one: list[str], two: list[str]) -> int:
    """Pairs of words, taken out of both lists, that are one word read differently: four letters or more, and
    most of them shared in order."""
    if not one or not two:
        return 0
    paired = 0
    left = Counter(two)
    taken: Counter[str] = Counter()
    by_ends: dict[tuple[str, int], list[tuple[str, str]]] = {}
    for word in left:
        if _can_be_misspelt(word):
            folded = word.casefold()
            for key in ((folded[:2], 0), (folded[-2:], 1)):
                by_ends.setdefault(key, []).append((word, folded))
    for word in one:
        if not _can_be_misspelt(word):
            continue
        folded = word.casefold()
        near = by_ends.get((folded[:2], 0), []) + by_ends.get((folded[-2:], 1), [])
        for other, other_folded in near:
            if left[other] and _is_misspelling(folded, other_folded):
                taken[word] += 1
                left[other] -= 1
                paired += 1
                break
    one[:] = (Counter(one) - taken).elements()
    two[:] = left.elements()
    return paired


def _can_be_misspelt(word: str) -> bool:
    return len(word) >= 4 or (len(word) == 3 and any(map(str.isdigit, word)))


def _is_misspelling(one: str, two: str) -> bool:
    """Whether two words are one word read differently. Two numbers never are; a number and letters can be."""
    shorter, longer = sorted((len(one), len(two)))
    if longer - shorter > 2:
        return False
    head, tail = common_ends(one, two)
    if longer - head - tail > max(1, min(2, len(one) // 4)):
        return False
    has_digits = any(map(str.isdigit, one)) or any(map(str.isdigit, two))
    mixed = sum(not word.isdigit() and not word.isalpha() for word in (one, two))
    return not has_digits or mixed == 1


@cache
def _link() -> re.Pattern[str]:
    """A Markdown link: label and target."""
    return re.compile(r"\[([^\[\]]{1,400})\]\(([^()\s]{1,400})")


@cache
def _targets() -> re.Pattern[str]:
    """Where links lead, in Markdown and HTML."""
    return re.compile(r"\]\(([^()\s]{1,400})|\shref\s*=\s*[\"']([^\"'\s<>]{1,400})", re.IGNORECASE)


def link_marks(text: str) -> list[int]:
    """Where in a text something stands that ``targets`` could begin with."""
    if "](" not in text and "href" not in text and "HREF" not in text.upper():
        return []
    return [match.start() for match in _link_mark().finditer(text)]


@cache
def _link_mark() -> re.Pattern[str]:
    return re.compile(r"\]\(|\shref", re.IGNORECASE)


def targets(text: str) -> Counter[str]:
    """Where the links in ``text`` lead, and how many lead there.

    >>> targets('[a](x/) <a href="X">b</a>')
    Counter({'x': 2})
    """
    found = ((one or two).casefold().rstrip("/") for one, two in _targets().findall(text))
    return Counter(target for target in found if target)


@cache
def _target() -> re.Pattern[str]:
    return re.compile(r"\]?\([^()\s]{1,400}\)?")


def with_target(text: str, span: Span) -> str:
    """The text at ``span`` with the target of the link it ends in."""
    after = (
        _target().match(text, span.end)
        if text[span.end - 1 : span.end + 1] in ("](", "]")
        else None
    )
    return text[span.start : after.end() if after else span.end]


def lead_elsewhere(copy: str, twin: str) -> bool:
    """Whether ``copy`` is mostly links, none of which leads where one of ``twin`` does."""
    links, others = _link().findall(copy), _link().findall(twin)
    if not links or not others:
        return False
    there = {target.casefold().rstrip("/") for _, target in others}
    if any(target.casefold().rstrip("/") in there for _, target in links):
        return False
    labels = sum(len(label) for label, _ in links)
    return 2 * labels >= len(_link().sub("", copy)) + labels


def in_markup(text: str, start: int, end: int) -> str:
    """The text between two offsets without the target of a link that ended before it."""
    before = _target().match(text, start, end)
    return text[before.end() if before else start : end]


_MAX_WORDS = 4000
"""Words that are aligned to tell a translation: enough to be sure, and the cost stays bounded."""


def is_translation(copies: Iterable[str], twins: Iterable[str], *, is_respelt: bool) -> bool:
    """Whether the copies are in another, close language: the same words are replaced the same way again and
    again, and few are equal. Noise and edits do not repeat themselves like that.

    To be asked of what is not equal anyway; ``is_respelt`` says that much of it is the same words spelt otherwise,
    as in the closest languages. Measured shares of equal and of systematically replaced words: sister languages
    .23-.70 and .035-.26, character noise of 10 % .38-.65 and at most .04 (a tenth of what differs), versions of a
    page, hardly respelt, from .55 on and at most .19.
    """
    one, two = [" ".join(texts).casefold() for texts in (copies, twins)]
    words, others = _WORD.findall(one)[:_MAX_WORDS], _WORD.findall(two)[:_MAX_WORDS]
    if min(len(words), len(others)) < 30:
        return False
    equal, pairs = aligned_words(words, others)
    stays = Counter(words)
    for word, _ in pairs:
        stays[word] -= 1
    counts = Counter(pairs)
    systematic = sum(n for (word, _), n in counts.items() if n >= 2 and stays[word] <= 0)
    total = max(len(words), len(others))
    if is_respelt and equal < 0.72 * total:
        return systematic >= max(0.03 * total, 0.1 * (total - equal))
    return equal < 0.55 * total and systematic >= max(0.035 * total, 0.06 * (total - equal))
