"""Rows with equal keys: exactly those, whatever the hashes say."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from random import Random

import numpy as np
import pytest

from dedup.corpus import equals
from dedup.corpus.equals import first_rows
from tests.corpus.keyed import keyed


def plain(keys: Sequence[str]) -> list[int]:
    firsts: dict[str, int] = {}
    return [firsts.setdefault(key, row) for row, key in enumerate(keys)]


def found(keys: Sequence[str], folder: Path) -> list[int]:
    corpus = keyed(keys, str(folder))
    return list(map(int, first_rows(corpus.keys, corpus.key_start)))


def random_keys(letters: str, longest: int, count: int = 400) -> list[str]:
    random = Random(longest)
    return ["".join(random.choices(letters, k=random.randint(1, longest))) for _ in range(count)]


@pytest.mark.parametrize("longest", [1, 2, 7, 8, 9, 15, 17, 40])
@pytest.mark.parametrize("letters", ["ab", "段落", "فقرة"])
def test_they_are_those_of_a_plain_loop(letters: str, longest: int, tmp_path: Path) -> None:
    keys = random_keys(letters, longest)
    assert found(keys, tmp_path) == plain(keys)


def test_keys_that_differ_in_one_letter_anywhere_are_not_equal(tmp_path: Path) -> None:
    key = "harbour" * 30
    keys = [key[:at] + "x" + key[at + 1 :] for at in range(len(key))] + [key, key]
    assert found(keys, tmp_path) == [*range(len(key) + 1), len(key)]


@pytest.mark.parametrize("name", ["_outline", "_digests"])
def test_clashes_of_hashes_join_nothing(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    keys = random_keys("abc", 5)
    own = getattr(equals, name)
    monkeypatch.setattr(equals, name, lambda *columns: own(*columns) % np.uint64(3))
    assert found(keys, tmp_path) == plain(keys)


def test_it_does_not_matter_how_much_is_read_at_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    keys = random_keys("ab", 30)
    monkeypatch.setattr(equals, "_BATCH", 5)
    assert found(keys, tmp_path) == plain(keys)


def test_nothing_has_no_rows() -> None:
    assert first_rows(np.empty(0, np.uint8), np.zeros(1, np.int64)).tolist() == []


def test_many_equal_keys_are_one_group(tmp_path: Path) -> None:
    assert set(found(["theharbourmaster"] * 100_000, tmp_path)) == {0}
