"""What of two documents stands opposite each other."""

from __future__ import annotations

import numpy as np

from dedup.corpus.alignment import Text, align


def text(letters: str) -> Text:
    return Text(np.frombuffer(letters.encode(), np.uint8))


def test_texts_that_share_no_stretch_have_nothing_opposite() -> None:
    aligned = align(text("abcdefghijklm" * 9), text("nopqrstuvwxyz" * 9))
    assert aligned.starts.shape == aligned.ends.shape == (0, 2)
    assert not len(aligned.share)


def test_an_equal_stretch_stands_opposite_itself() -> None:
    aligned = align(text("abcdefghijklmnopqrstuvwxyz"), text("0123abcdefghijklmnopqrstuvwxyz"))
    assert aligned.starts.tolist()[-1] == [0, 4]
    assert aligned.ends.tolist()[-1] == [26, 30]
