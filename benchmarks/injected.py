"""Any folder of real text -> paragraphs, some of them injected copies, and the truth about each. Seeded.

Of the real paragraphs those go that share many words in a row with an earlier one. Then are added, of paragraphs that
are unlike all others: equal copies, copies edited by 2-12 % of their words, copies misread by OCR, and as look-alikes
copies in which only numbers are others. Real text repeats itself all the same: about what is neither injected nor the
original of it nothing is known, and removing it is neither right nor wrong.
"""

from __future__ import annotations

import gzip
import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from random import Random
from typing import NamedTuple
from zlib import crc32

SHARES = {"exact": 0.06, "edited": 0.06, "noisy": 0.04, "lookalike": 0.04}
"""Of all paragraphs, how many are injected."""
SHORTEST, LONGEST = 80, 3000
"""Characters of a paragraph that is taken."""
WORDS = 4
"""So many words in a row are one shingle, of which one in ``SAMPLED`` is remembered."""
SAMPLED = 4
SHARED = 0.5
"""A paragraph with a larger share of known shingles is left out: real text repeats itself."""
SINGLE = 0.25
"""A paragraph gets copies if others have no more than this share of its shingles; each kind once, after it."""
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
NEGATIONS = frozenset("not no never none nor non without cannot".split())


FOLLOWED = 4_000_000
"""Words of the real text by which more of it is made up."""


class Injected(NamedTuple):
    """Paragraphs with their truth, a row each."""

    texts: list[str]
    origins: list[int]
    """The original of each, by number; rows of one number are copies of each other."""
    kinds: list[str]
    """``base``, or what was injected."""
    made_up: float
    """Share of the base that is no real text, because there was not enough."""


def injected(folder: Path, size: int, seed: int = 0) -> Injected:
    """``size`` bytes of paragraphs from the files below ``folder``; where those are not enough, more is made up
    of their words. ValueError if there are none."""
    random = Random(seed)
    base, real = _base(folder, int(size * (1 - sum(SHARES.values()))), random)
    single = _single(base)
    words = [word for text in base[:2000] for word in text.split() if _is_wording(word)]
    places = [random.random() for _ in base]
    rows = [
        (place, text, at, "base") for at, (place, text) in enumerate(zip(places, base, strict=True))
    ]
    total = len(base) / (1 - sum(SHARES.values()))
    for kind, share in SHARES.items():
        left = int(total * share)
        for at in random.sample(single, len(single)):
            copy = _changed(random, base[at], kind, words) if left else None
            if copy is not None:
                origin = len(rows) if kind == "lookalike" else at
                rows.append((random.uniform(places[at], 1), copy, origin, kind))
                left -= 1
    rows.sort()
    made_up = 1 - real / len(base)
    return Injected(
        [row[1] for row in rows], [row[2] for row in rows], [row[3] for row in rows], made_up
    )


def _changed(random: Random, text: str, kind: str, words: Sequence[str]) -> str | None:
    """A copy of ``text``; None where it cannot be one of this kind."""
    if kind == "exact":
        return text
    if kind == "edited":
        return _edited(random, text.split(), words)
    if kind == "noisy":
        return None if _has_links(text) else _noisy(random, text)
    return _renumbered(random, text)


def _has_links(text: str) -> bool:
    """Whether there is markup that says where it leads: nobody reads that from paper."""
    return "](" in text or "href" in text.lower()


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
    return NEGATIONS.isdisjoint(re.split(r"\W+", word.lower())) and not any(map(str.isdigit, word))


def _noisy(random: Random, text: str) -> str:
    """Characters taken for others, lost, doubled, or read as a speck; a digit is taken for a letter at most."""
    share = random.uniform(0.01, 0.06)
    chars = list(text)
    for at in random.sample(range(len(chars)), max(1, round(share * len(chars)))):
        fits = [pair.split()[1] for pair in CONFUSED if pair.split()[0] == chars[at]]
        if fits or not (chars[at].isdigit() or chars[at] == " "):
            chars[at] = random.choice(fits) if fits else random.choice(["", "", chars[at] * 2, "."])
    return "".join(chars)


def _renumbered(random: Random, text: str) -> str | None:
    """The same with one to three numbers changed; None if it has none of its own."""
    own = text.split()
    places = [at for at, word in enumerate(own) if word.strip(".,;:()[]").isdecimal()]
    if not places:
        return None
    for at in random.sample(places, min(len(places), random.randint(1, 3))):
        old = own[at].strip(".,;:()[]")
        new = str((int(old) + random.randint(1, 9)) % 10 ** len(old)).zfill(len(old))
        own[at] = own[at].replace(old, new)
    return " ".join(own)


def _base(folder: Path, size: int, random: Random) -> tuple[list[str], int]:
    """Paragraphs that share few shingles with earlier ones, and how many of them, the first ones, are real."""
    known: set[int] = set()
    taken: list[str] = []
    total = real = 0
    for text, is_real in chain(
        ((text, True) for text in _paragraphs(folder)), _made(taken, random)
    ):
        shingles = _shingles(text)
        if not shingles or len(shingles & known) > SHARED * len(shingles):
            continue
        known.update(shingles)
        taken.append(text)
        total += len(text.encode())
        real += is_real
        if total >= size:
            break
    return taken, real


def _made(taken: list[str], random: Random) -> Iterator[tuple[str, bool]]:
    """Paragraphs without end in which each word follows the one before it somewhere in those ``taken``, and that
    are as long as those are: their short strings of letters are as common as in real text."""
    real = len(taken)
    if not real:
        raise ValueError("no paragraphs that are not alike")
    words: list[str] = []
    for at in random.sample(range(real), real):
        words += taken[at].split()
        if len(words) >= FOLLOWED:
            break
    after: dict[str, list[int]] = {}
    for at, word in enumerate(words[:-1]):
        after.setdefault(word, []).append(at + 1)
    while True:
        left = len(taken[random.randrange(real)])
        at = random.randrange(len(words))
        said = []
        while left > 0:
            said.append(words[at])
            left -= len(words[at]) + 1
            at = random.choice(after.get(words[at], [0]))
        yield " ".join(said), False


def _single(base: Sequence[str]) -> list[int]:
    """Those of which copies are made: so unlike all others that whatever is like them is an injected copy."""
    prints = [_shingles(text) for text in base]
    counts = Counter(shingle for shingles in prints for shingle in shingles)
    return [
        number
        for number, shingles in enumerate(prints)
        if sum(counts[shingle] > 1 for shingle in shingles) <= SINGLE * len(shingles)
    ]


def _shingles(text: str) -> set[int]:
    """A sample of the shingles of a text, at least ``WORDS`` of them or none."""
    words = text.lower().split()
    windows = zip(*(words[at:] for at in range(WORDS)), strict=False)
    found = {code for window in windows if not (code := crc32(" ".join(window).encode())) % SAMPLED}
    return found if len(found) >= WORDS else set()


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
