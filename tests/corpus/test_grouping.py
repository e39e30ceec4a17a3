"""Pairs with evidence -> groups."""

from __future__ import annotations

from itertools import combinations
from random import Random

import numpy as np
import pytest

from dedup.corpus import grouping
from dedup.corpus.resemblance import Evidence

THRESHOLD = 0.8


@pytest.mark.parametrize("seed", range(20))
def test_pairs_that_are_passed_over_change_no_group(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    random = Random(seed)
    drawn = [pair for pair in combinations(range(30), 2) if random.random() < 0.2]
    alike = np.array(random.choices((0.1, 0.5, 0.75, 0.81, 0.95), (4, 4, 2, 1, 1), k=len(drawn)))
    own = np.array([[random.choices((0.3, 0.85), (9, 1))[0], 0.4] for _ in drawn])
    none = np.zeros(len(drawn))
    found = Evidence(np.column_stack([alike, alike]), own, none, none > 0)
    pairs = np.array(drawn)
    sizes = np.array([random.randrange(9, 99) for _ in range(30)])
    left, _ = grouping._that_matter(pairs, found, THRESHOLD)
    groups = grouping.groups(pairs, found, sizes, THRESHOLD)
    monkeypatch.setattr(grouping, "_that_matter", lambda ends, found, _: (ends.tolist(), found))
    assert groups == grouping.groups(pairs, found, sizes, THRESHOLD)
    assert len(left) < len(pairs)
