"""Bytes as 64-bit numbers: eight bytes at any offset at once, and mixing them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

SIZE = 8
"""Bytes of a word."""
ODD = 0x9E3779B97F4A7C15
"""2**64 over the golden ratio: what multiplies a word spreads over its high bits."""
_MIX = 0xD6E8FEB86659FD93
"""An odd number whose multiples mix well, from the literature on 64-bit finalisers (rrmxmx)."""


def at_every_offset(data: np.ndarray) -> np.ndarray:
    """uint64, one for each offset that eight bytes follow: a view, nothing is copied.

    >>> import numpy as np
    >>> len(at_every_offset(np.zeros(9, np.uint8))), len(at_every_offset(np.zeros(7, np.uint8)))
    (2, 0)
    """
    import numpy as np

    count = max(0, len(data) - SIZE + 1)
    if not count:
        return np.empty(0, np.uint64)
    return np.ndarray((count,), "<u8", data.data, strides=(1,))


def mixed(words: np.ndarray) -> np.ndarray:
    """uint64: each word with every bit of it in every bit of the result."""
    import numpy as np

    words = (words ^ (words >> np.uint64(32))) * np.uint64(_MIX)
    done: np.ndarray = words ^ (words >> np.uint64(29))
    return done


def bits_in(words: np.ndarray) -> np.ndarray:
    """uint8: how many bits of each uint64 are set."""
    import numpy as np

    if hasattr(np, "bitwise_count"):  # since numpy 2.0
        counts: np.ndarray = np.bitwise_count(words)
        return counts
    one, two, four = (np.uint64(0x0101010101010101 * byte) for byte in (0x55, 0x33, 0x0F))
    words = words - ((words >> np.uint64(1)) & one)
    words = (words & two) + ((words >> np.uint64(2)) & two)
    words = (words + (words >> np.uint64(4))) & four
    return ((words * np.uint64(0x0101010101010101)) >> np.uint64(56)).astype(np.uint8)
