"""Columns in files and parts: what goes in comes out, whatever memory there is."""

from __future__ import annotations

import numpy as np
import pytest

from dedup.corpus.filed import Column, of_zeros
from dedup.corpus.spill import Places, in_parts

COUNT = 5_000


def numbers(high: int) -> np.ndarray:
    """Numbers below ``high``, with another one in the lower half."""
    random = np.random.default_rng(3)
    upper = random.integers(0, high, COUNT, dtype=np.uint64)
    return (upper << np.uint64(32)) | np.arange(COUNT, dtype=np.uint64)


def test_a_column_says_what_was_added() -> None:
    column = Column("i4")
    column.add(np.arange(5))
    column.add(np.arange(7, 3, -1))
    assert column.finish().tolist() == [0, 1, 2, 3, 4, 7, 6, 5, 4]


def test_an_empty_column_is_empty() -> None:
    assert Column("u8").finish().tolist() == of_zeros("i8", 0).tolist() == []


def test_zeros_can_be_written_to() -> None:
    column = of_zeros("i4", 4)
    column[[1, 3]] = 5, 6
    assert column.tolist() == [0, 5, 0, 6]


@pytest.mark.parametrize("memory", [1 << 10, 1 << 14, 1 << 30])
def test_parts_hold_all_numbers_in_order_and_keep_equal_ones_together(memory: int) -> None:
    given = numbers(300)
    parts = list(in_parts(np.split(given, 10), COUNT, 32 + 9, memory))
    assert (len(parts) > 1) == (memory < 1 << 17)
    assert np.concatenate(parts).tolist() == sorted(given.tolist())
    upper = [set((part >> np.uint64(32)).tolist()) for part in parts]
    assert sum(map(len, upper)) == len(set.union(*upper))


@pytest.mark.parametrize("memory", [1 << 10, 1 << 30])
def test_places_are_those_of_their_document(memory: int) -> None:
    given = numbers(40)
    document = given >> np.uint64(32)
    places = Places.of_parts(iter([given[:99], given[99:]]), COUNT, 50, memory)
    for low, high in ((0, 1), (7, 8), (39, 40), (40, 50)):
        expected = np.flatnonzero((document >= low) & (document < high))
        assert places.of(low, high).tolist() == expected.tolist()
    assert sorted(places.of(0, 50).tolist()) == list(range(COUNT))
