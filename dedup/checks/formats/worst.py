"""The greatest of many things, without holding all of them."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heappush, heappushpop
from typing import Generic, TypeVar

T = TypeVar("T")


class Worst(Generic[T]):
    """The ``most`` greatest of what is added; of equal ones those that came first.

    >>> worst = Worst[str](2)
    >>> for size, name in [(1, "a"), (5, "b"), (1, "c"), (7, "d"), (5, "e")]:
    ...     worst.add(size, name)
    >>> list(worst), worst.left_out, list(worst.in_order())
    (['d', 'b'], 3, ['b', 'd'])
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._heap: list[tuple[int, int, T]] = []
        self._added = 0

    def __len__(self) -> int:
        return len(self._heap)

    @property
    def left_out(self) -> int:
        """How many were added and are not held."""
        return self._added - len(self._heap)

    def add(self, size: int, one: T) -> None:
        """One more."""
        self._added += 1
        entry = (
            size,
            -self._added,
            one,
        )  # no two are equal, so that what is added is never compared
        if len(self._heap) < self._most:
            heappush(self._heap, entry)
        elif self._heap:
            heappushpop(self._heap, entry)

    def __iter__(self) -> Iterator[T]:
        """The greatest first."""
        return (one for _, _, one in sorted(self._heap, key=lambda entry: entry[:2], reverse=True))

    def in_order(self) -> Iterator[T]:
        """As they were added."""
        return (one for _, _, one in sorted(self._heap, key=lambda entry: -entry[1]))
