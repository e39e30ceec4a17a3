"""Any folder of real text -> paragraphs, some of them injected copies, and the truth about each. Seeded.

Of the real paragraphs only those stay that share few words in a row with an earlier one, so that what is
not injected is no copy. Then are added: equal copies, copies edited by 2-12 % of their words, copies
misread by OCR, and as look-alikes copies in which only numbers are others.
"""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple
from zlib import crc32

SHARES = {"exact": 0.06, "edited": 0.06, "noisy": 0.04, "lookalike": 0.04}
"""Of all paragraphs, how many are injected."""
SHORTEST, LONGEST = 80, 3000
"""Characters of a paragraph that is taken."""
WORDS = 3
"""So many words in a row are one shingle, of which one in ``SAMPLED`` is remembered."""
SAMPLED = 4
SHARED = 0.5
"""A paragraph with a larger share of known shingles is left out: real text repeats itself."""
CONFUSED = [
    "rn m",
    "m rn",
    "l 1",
    "1 l",
    "O 0",
    "e c",
    "c e",
    "h b",
    "u n",
    "n u",
    "i l",
    "a o",
    "t f",
    "5 S",
    "6 b",
    "8 B",
]
"""What OCR reads for what."""
NEGATIONS = frozenset("not no never none nor without cannot".split())


class Injected(NamedTuple):
    """Paragraphs with their truth, a row each."""

    texts: list[str]
    origins: list[int]
    """The original of each, by number; rows of one number are copies of each other."""
    kinds: list[str]
    """``base``, or what was injected."""


def injected(folder: Path, size: int, seed: int = 0) -> Injected:
    """``size`` bytes of paragraphs from the files below ``folder``; ValueError if there is not enough."""
    random = Random(seed)
    base = _base(folder, int(size * (1 - sum(SHARES.values()))))
    words = [word for text in base[:2000] for word in text.split() if _is_wording(word)]
    rows = [(text, number, "base") for number, text in enumerate(base)]
    total = len(base) / (1 - sum(SHARES.values()))
    for kind, share in SHARES.items():
        rows += _copies(random, base, kind, int(total * share), words, len(rows))
    random.shuffle(rows)
    return Injected(*map(list, zip(*rows, strict=True)))


def _copies(
    random: Random, base: Sequence[str], kind: str, count: int, words: Sequence[str], after: int
) -> Iterator[tuple[str, int, str]]:
    """``count`` copies of one kind. Look-alikes are originals of their own, numbered from ``after``."""
    made = 0
    while made < count:
        number = random.randrange(len(base))
        copy = _changed(random, base[number], kind, words)
        if copy is not None:
            yield copy, after + made if kind == "lookalike" else number, kind
            made += 1


def _changed(random: Random, text: str, kind: str, words: Sequence[str]) -> str | None:
    """A copy of ``text``; None where it cannot be one of this kind."""
    if kind == "exact":
        return text
    if kind == "edited":
        return _edited(random, text.split(), words)
    if kind == "noisy":
        return _noisy(random, text)
    return _renumbered(random, text)


def _edited(random: Random, own: list[str], words: Sequence[str]) -> str:
    """Words replaced, left out or put in; never a number or a negation, which would make it say something else."""
    share = random.uniform(0.02, 0.12)
    for _ in range(max(1, round(share * len(own)))):
        at = random.randrange(len(own))
        way = random.randrange(3)
        if not _is_wording(own[at]):
            continue
        if way == 0:
            own[at] = random.choice(words)
        elif way == 1 and len(own) > 8:
            del own[at]
        else:
            own.insert(at, random.choice(words))
    return " ".join(own)


def _is_wording(word: str) -> bool:
    return word.strip(".,;:()").lower() not in NEGATIONS and not any(map(str.isdigit, word))


def _noisy(random: Random, text: str) -> str:
    share = random.uniform(0.01, 0.06)
    chars = list(text)
    for at in random.sample(range(len(chars)), max(1, round(share * len(chars)))):
        fits = [pair.split()[1] for pair in CONFUSED if pair.split()[0] == chars[at]]
        if chars[at] != " ":
            chars[at] = random.choice(fits) if fits else random.choice(["", "", chars[at] * 2, "."])
    return "".join(chars)


def _renumbered(random: Random, text: str) -> str | None:
    """The same with one to three numbers changed; None if it has none of its own."""
    own = text.split()
    places = [at for at, word in enumerate(own) if word.strip(".,;:()[]").isdigit()]
    if not places:
        return None
    for at in random.sample(places, min(len(places), random.randint(1, 3))):
        old = own[at].strip(".,;:()[]")
        new = str((int(old) + random.randint(1, 9)) % 10 ** len(old)).zfill(len(old))
        own[at] = own[at].replace(old, new)
    return " ".join(own)


def _base(folder: Path, size: int) -> list[str]:
    """Real paragraphs that repeat little of each other."""
    known: set[int] = set()
    taken: list[str] = []
    total = 0
    for text in _paragraphs(folder):
        words = text.lower().split()
        shingles = {
            crc32(" ".join(words[at : at + WORDS]).encode()) for at in range(len(words) - WORDS + 1)
        }
        if len(shingles) < 10:
            continue
        is_new = len(shingles & known) <= SHARED * len(shingles) / SAMPLED
        known.update(shingle for shingle in shingles if shingle % SAMPLED == 0)
        if is_new:
            taken.append(text)
            total += len(text.encode())
            if total >= size:
                return taken
    raise ValueError(f"{folder}: only {total / 1e6:.1f} MB of paragraphs that are not alike")


def _paragraphs(folder: Path) -> Iterator[str]:
    """Paragraphs between blank lines, each on one line, of the files in order of a digest of their names."""
    paths = [Path(root) / name for root, _, names in os.walk(folder) for name in names]
    for path in sorted(paths, key=lambda path: (crc32(path.name.encode()), str(path))):
        opened = gzip.open if path.suffix == ".gz" else open
        with opened(path, "rb") as file:
            data = file.read()
        if b"\0" in data[:4096]:
            continue
        for block in data.decode("utf-8", "replace").replace("\r\n", "\n").split("\n\n"):
            text = " ".join(block.split())
            if SHORTEST <= len(text) <= LONGEST and _is_prose(text):
                yield text


def _is_prose(text: str) -> bool:
    """Mostly of small letters: no heads of pages, drawings, tables of figures, programs."""
    return sum(map(str.islower, text)) >= 0.7 * len(text)
