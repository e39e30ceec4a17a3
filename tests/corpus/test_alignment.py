"""What of two documents stands opposite each other."""

from __future__ import annotations

import numpy as np

from dedup.corpus.alignment import Letters, Stretches, align
from dedup.corpus.anchors import Anchors


def aligned(one: str, two: str, anchors: list[tuple[int, int]]) -> Stretches:
    """The stretches of two texts with anchors at these places."""
    keys = np.frombuffer((one + two).encode(), np.uint8)
    starts = np.cumsum([0, len(one.encode()), len(two.encode())])
    letters = Letters(starts, keys, np.arange(2))
    places = np.array(anchors, np.int64).reshape(-1, 2)
    found = Anchors(np.zeros(len(places), np.int64), places[:, 0], places[:, 1])
    return align(letters, found, letters.begins[None, :], np.diff(starts)[None, :])


def test_texts_that_share_no_stretch_have_nothing_opposite() -> None:
    found = aligned("abcdefghijklm" * 99, "nopqrstuvwxyz" * 99, [])
    equal = (found.ends - found.starts).min(axis=1) * found.share
    assert equal.sum() == 0


def test_an_equal_stretch_stands_opposite_itself() -> None:
    letters = "abcdefghijklmnopqrstuvwxyz"
    found = aligned(letters, f"0123{letters}", [(4, 8)])
    at = int(np.argmax(found.ends[:, 0] - found.starts[:, 0]))
    assert found.starts[at].tolist() == [0, 4]
    assert found.ends[at].tolist() == [26, 30]
    assert found.share[at] == 1
