"""Chains: two implementations, one meaning."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.engine import passages, seeds, speed
from dedup.engine.seeds import Match

letters = st.text(alphabet="abcdefghij中", min_size=40, max_size=400).map(lambda text: text * 2)


@given(letters, st.integers(10, 40))
def test_both_paths_chain_the_same(text: str, least: int) -> None:
    found = seeds.plain_matches(text, None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(seeds, "FEW", -1)
        rows = seeds.rows(text, None)
    of_rows = passages.chains(rows, least, len(text))
    assert passages.chains(found, least, len(text)) == list(of_rows)


@given(letters, st.lists(st.tuples(st.integers(0), st.integers(0), st.integers(1)), min_size=8))
def test_where_an_end_is_taken_for_closed_an_extension_adds_nothing(
    text: str, picks: list[tuple[int, int, int]]
) -> None:
    import numpy as np

    assert np and speed.prefers_arrays(0)
    chains = []
    for one, two, three in picks:
        first = one % (len(text) - seeds.MIN_SHIFT)
        second = first + seeds.MIN_SHIFT + two % (len(text) - seeds.MIN_SHIFT - first)
        longest = min(second - first - seeds.MIN_SHIFT, len(text) - second)
        chains.append([Match(first, second, three % (longest + 1))])
    one_by_one = [each for chain in chains for each in passages.with_open_ends(text, [chain])]
    together = list(passages.with_open_ends(text, chains))
    for (chain, is_open), (_, may_be_open) in zip(together, one_by_one, strict=True):
        extended = passages.align(text, chain, (True, True))
        assert passages.align(text, chain, is_open) == extended
        assert passages.align(text, chain, may_be_open) == extended
        assert all(may for may, is_so in zip(may_be_open, is_open, strict=True) if is_so)
