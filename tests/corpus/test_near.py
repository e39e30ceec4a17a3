"""Near copies among many paragraphs: what is found is right, and nearly all of what is there is found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

import numpy as np
import pytest

from dedup.corpus import candidates, grams, near, settle
from dedup.corpus.columns import Corpus
from dedup.corpus.deciding import _cut_off
from dedup.corpus.near import Matches, find
from dedup.corpus.pairs import Candidates
from dedup.engine.normalize import key
from dedup.engine.verify import score
from tests.corpus.keyed import keyed
from tests.prose import paragraphs

THRESHOLD = 0.85
LETTERS = {"Latin": "abcdefghiklmnoprstuvw", "Arabic": "ابتثجحخدذرزسشصضطظعغفقكلمنهوي"}


def edited(random: Random, text: str, share: float, letters: str = LETTERS["Latin"]) -> str:
    chars = list(text)
    for at in random.sample(range(len(chars)), round(share * len(chars))):
        chars[at] = random.choice(["", random.choice(letters), chars[at] + random.choice(letters)])
    return "".join(chars)


def families(count: int, seed: int = 0) -> list[str]:
    """Keys, of every third of which there are copies with up to a tenth of the letters changed, shuffled."""
    random = Random(seed)
    keys = [key(text) for text in paragraphs(count, seed)]
    for text in keys[::3]:
        keys += [edited(random, text, random.uniform(0, 0.1)) for _ in range(random.randint(1, 3))]
    random.shuffle(keys)
    return keys


def chinese(count: int) -> list[str]:
    """Keys of common signs, a third of them copied with some signs changed."""
    random = Random(7)
    signs = [chr(code) for code in range(0x4E00, 0x4E00 + 600)]
    keys = ["".join(random.choices(signs, k=random.randint(40, 150))) for _ in range(count)]
    return keys + [edited(random, text, 0.05, "".join(signs)) for text in keys[::3]]


def arabic(count: int) -> list[str]:
    random = Random(8)
    letters = LETTERS["Arabic"]
    keys = ["".join(random.choices(letters, k=random.randint(60, 200))) for _ in range(count)]
    return keys + [edited(random, text, 0.05, letters) for text in keys[::3]]


def missed(keys: Sequence[str], matches: Matches) -> tuple[int, int]:
    """Rows that stay though an earlier one that stays is near, by comparing all; and rows that are gone."""
    gone = set(matches.copy.tolist())
    staying = [row for row in range(len(keys)) if row not in gone and keys.index(keys[row]) == row]
    count = 0
    for at, row in enumerate(staying):
        count += any(score("near", keys[other], keys[row]) >= THRESHOLD for other in staying[:at])
    return count, len(gone)


def rows(matches: Matches) -> list[tuple[int, int, float]]:
    return list(
        zip(matches.copy.tolist(), matches.kept.tolist(), matches.score.tolist(), strict=True)
    )


@pytest.mark.parametrize(
    "keys", [families(300), chinese(200), arabic(200)], ids=["Latin", "Chinese", "Arabic"]
)
def test_nearly_all_that_comparing_everything_finds_is_found(
    keys: list[str], tmp_path: Path
) -> None:
    lost, gone = missed(keys, find(keyed(keys, str(tmp_path)), threshold=THRESHOLD))
    assert gone > len(keys) / 5
    assert gone / (gone + lost) >= 0.99


def test_each_copy_was_compared_with_what_stays_and_there_are_no_chains(tmp_path: Path) -> None:
    keys = families(300, seed=1)
    # Each a little further from the first: neighbours are alike, the ends are not.
    random = Random(2)
    step = keys[0]
    for _ in range(40):
        step = edited(random, step, 0.03)
        keys.append(step)
    found = rows(find(keyed(keys, str(tmp_path)), threshold=THRESHOLD))
    copies = {copy for copy, _, _ in found}
    assert len(copies) == len(found) > 100
    assert copies.isdisjoint(kept for _, kept, _ in found)
    for copy, kept, said in found:
        assert said == score("near", keys[kept], keys[copy]) >= THRESHOLD
        assert kept < copy


def test_of_equal_keys_one_takes_part_and_light_rows_do_not(tmp_path: Path) -> None:
    one, two = (key(text) for text in paragraphs(2, seed=3))
    like = one[:40] + "x" + one[41:]
    corpus = keyed([one, one, like, like, two, "ashortline", "ashortlime"], str(tmp_path))
    assert [row[:2] for row in rows(find(corpus, threshold=THRESHOLD))] == [(2, 0)]


def test_leading_rows_of_the_reference_never_go_and_always_win(tmp_path: Path) -> None:
    keys = families(200, seed=4)
    rank = -np.arange(len(keys), dtype=np.int64)
    found = find(keyed(keys, str(tmp_path)), threshold=THRESHOLD, reference=100, rank=rank)
    assert found.copy.min() >= 100
    alike = [
        row
        for row in range(100, len(keys))
        if any(score("near", keys[other], keys[row]) >= THRESHOLD for other in range(100))
        and keys[row] not in keys[:100]
    ]
    kept = dict(zip(found.copy.tolist(), found.kept.tolist(), strict=True))
    assert len(alike) > 10
    assert sum(kept.get(row, 1000) < 100 for row in alike) >= 0.95 * len(alike)


def test_the_rank_says_who_stays_and_the_order_of_rows_nothing(tmp_path: Path) -> None:
    keys = families(300, seed=5)
    order = list(range(len(keys)))
    Random(6).shuffle(order)
    there, here = tmp_path / "there", tmp_path / "here"
    there.mkdir()
    here.mkdir()
    expected = rows(find(keyed(keys, str(here)), threshold=THRESHOLD))
    shuffled = keyed([keys[row] for row in order], str(there))
    found = find(shuffled, threshold=THRESHOLD, rank=np.array(order, np.int64))
    assert sorted((order[copy], order[kept], said) for copy, kept, said in rows(found)) == expected


@pytest.mark.parametrize("memory", [0, 5_000, 100_000])
def test_what_goes_to_files_changes_nothing(
    memory: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(grams, "_PARTITION", 64)
    corpus = keyed(families(400, seed=9), str(tmp_path))
    held = find(corpus, threshold=THRESHOLD)
    spilt = find(corpus, threshold=THRESHOLD, memory=memory)
    assert rows(spilt) == rows(held)
    assert spilt[3:] == held[3:]


def test_how_many_partitions_there_are_changes_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    corpus = keyed(families(400, seed=10), str(tmp_path))
    expected = rows(find(corpus, threshold=THRESHOLD))
    monkeypatch.setattr(grams, "_PARTITION", 32)
    monkeypatch.setattr(grams, "_BUFFER", 500)
    monkeypatch.setattr(grams, "_BLOCK", 1000)
    assert rows(find(corpus, threshold=THRESHOLD)) == expected


def test_what_is_not_accepted_is_no_match_and_the_next_candidate_is_tried(tmp_path: Path) -> None:
    text = key(paragraphs(1, seed=11)[0])
    keys = [text, text[:-3] + "abc", text[:-3] + "abd"]
    corpus = keyed(keys, str(tmp_path))

    def others(corpus: Corpus, copies: np.ndarray, kept: np.ndarray) -> np.ndarray:
        assert len(corpus.key_start) == 4
        allowed: np.ndarray = kept != 0
        return allowed

    found = find(corpus, threshold=THRESHOLD, accepts=others)
    assert [row[:2] for row in rows(found)] == [(2, 1)]


def template(count: int) -> list[str]:
    """A form of which a third is filled in: alike, and no copies."""
    random = Random(12)
    form = [key(text)[:30] for text in paragraphs(6, seed=12)]
    fill = LETTERS["Latin"]
    return [
        "".join(part + "".join(random.choices(fill, k=14)) for part in form) for _ in range(count)
    ]


def opening(count: int) -> list[str]:
    random = Random(13)
    same = key(paragraphs(1, seed=13)[0])[:60]
    return [same + "".join(random.choices(LETTERS["Latin"], k=60)) for _ in range(count)]


@pytest.mark.parametrize("make", [template, opening])
def test_what_all_have_in_common_costs_each_the_same(
    make: Callable[[int], list[str]], tmp_path: Path
) -> None:
    compared = []
    for count in (2_000, 8_000):
        folder = tmp_path / str(count)
        folder.mkdir()
        found = find(keyed(make(count), str(folder)), threshold=THRESHOLD)
        assert not len(found.copy)
        compared.append(found.compared)
    assert compared[1] <= 5 * compared[0] + 1000
    assert compared[1] <= settle.TRIES * 8_000


def test_pairs_that_no_budget_pays_for_are_counted(tmp_path: Path) -> None:
    counts = []
    for count in (4, 400):
        folder = tmp_path / str(count)
        folder.mkdir()
        found = find(keyed(opening(count), str(folder)), threshold=THRESHOLD)
        counts.append((found.crowded, found.missed))
    assert counts[0][1] == 0
    assert 200 < counts[1][0] <= 400
    assert counts[1][1] > 200 * (400 - 2 * candidates.WINDOW)
    assert any(
        said.startswith(f"{counts[1][1]:,} pairs were not begun") for said in _cut_off(found)
    )


@pytest.mark.parametrize("window", [1, 5])
def test_who_shares_a_gram_with_a_crowded_member_is_met_or_counted(window: int) -> None:
    count, crowded = 100, [3, 50]
    ones = np.ones(count, np.int64)
    groups = candidates.Groups(np.arange(count), ones / 2, 0 * ones, count * ones)
    spending = candidates.Spending(
        np.full(count, candidates.sizes_of(groups.begin, groups.end)[0]),
        np.full(count, window, np.uint8),
        np.isin(np.arange(count), crowded),
    )
    members = grams.Members(np.arange(count), np.arange(count), np.full(count, 99.0))
    bitmaps = np.ones((count, 2), np.uint64)
    pairs, missed = candidates.pairs_of(
        groups, spending, members, bitmaps, candidates.Bounds(THRESHOLD, 0)
    )
    sides = [pairs >> np.uint64(32), pairs & np.uint64(0xFFFFFFFF)]
    near_by = np.abs(sides[0].astype(int) - sides[1].astype(int)) <= window
    met = sum(int((side[near_by] == member).sum()) for side in sides for member in crowded)
    met -= window >= 3  # the first member is met once as a neighbour, and once as the first of all
    assert missed == len(crowded) * (count - 1) - met


@pytest.mark.parametrize("window", [1, 5])
def test_where_there_is_a_reference_only_its_members_are_met_and_the_rest_is_counted(
    window: int,
) -> None:
    count, reference, lengths = 100, 40, np.arange(100) % 37 + 60.0
    ones = np.ones(count, np.int64)
    groups = candidates.Groups(np.arange(count), ones / 2, 0 * ones, count * ones)
    size = candidates.sizes_of(np.zeros(1), np.full(1, reference + 1))[0]
    crowded = np.arange(count) == 70
    spending = candidates.Spending(np.full(count, size), np.full(count, window, np.uint8), crowded)
    members = grams.Members(np.arange(count), np.arange(count), lengths)
    bounds = candidates.Bounds(0.1, reference)
    pairs, missed = candidates.pairs_against(
        groups, spending, members, np.ones((count, 2), np.uint64), bounds
    )
    later, earlier = pairs >> np.uint64(32), (pairs & np.uint64(0xFFFFFFFF)).astype(int)
    assert earlier.max() < reference <= later.min()
    for member in range(reference, count):
        shorter = int((lengths[:reference] <= lengths[member]).sum())
        expected = min(window, shorter) + min(window, reference - shorter)
        met = earlier[later == member].tolist()
        assert len(met) == expected + 1 and 0 in met  # the first of all is met by everybody
        apart = np.sort(np.abs(lengths[:reference] - lengths[member]))
        assert sum(abs(lengths[met] - lengths[member]) <= apart[window - 1]) >= window
        if crowded[member]:
            assert missed == reference - expected


@pytest.mark.slow
def test_a_hundred_thousand_rows_with_one_opening_are_no_more_than_their_number(
    tmp_path: Path,
) -> None:
    found = find(keyed(opening(100_000), str(tmp_path)), threshold=THRESHOLD)
    assert found.compared <= settle.TRIES * 100_000
    assert not len(found.copy)


def test_a_hundred_thousand_equal_rows_are_one_member(tmp_path: Path) -> None:
    found = find(keyed(["theharbourmaster" * 4] * 100_000, str(tmp_path)), threshold=THRESHOLD)
    assert not len(found.copy) and not found.compared


def test_keys_as_long_as_books_take_no_part_and_are_counted(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    one, two = (key(text) * 2 for text in paragraphs(2, seed=14))
    corpus = keyed([one, one[:-4], two, two[:-4]], str(tmp_path))
    assert not find(corpus, threshold=THRESHOLD).too_long
    assert len(find(corpus, threshold=THRESHOLD).copy) == 2
    shorter = min(len(one), len(two))
    monkeypatch.setattr(near, "LONGEST", shorter)
    found = find(corpus, threshold=THRESHOLD)
    assert (len(found.copy), found.too_long) == (1, 2)


def test_the_longer_a_key_the_fewer_failures_it_is_allowed() -> None:
    later = np.repeat(np.arange(40, 42), 40).astype(np.int32)
    earlier = np.tile(np.arange(40), 2).astype(np.int32)
    lengths = np.full(42, 100.0)
    lengths[41] = 10_000
    asked: list[int] = []

    def no_copies(later: np.ndarray, earlier: np.ndarray) -> np.ndarray:
        asked.extend(later.tolist())
        return np.zeros(len(later))

    settled = settle.settle(Candidates(later, earlier), lengths, no_copies)
    assert settled.given_up == 2
    assert settle.TRIES <= asked.count(40) < 40
    assert asked.count(41) < 10
    assert settled.compared == len(asked)


def test_an_empty_corpus_has_no_copies(tmp_path: Path) -> None:
    for keys in ([], ["short"], ["theharbourmaster" * 4]):
        folder = tmp_path / str(len("".join(keys)))
        folder.mkdir()
        assert not len(find(keyed(keys, str(folder)), threshold=THRESHOLD).copy)
