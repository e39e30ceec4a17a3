"""What a baseline does in a check: it sets aside as many findings as it holds, and is brought up to date."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from dedup.checks.alerts import Alert, Checked
from dedup.checks.baseline import Entries, Entry, Key, excerpt


class Accepted:
    """Sets aside the findings of a baseline, each document's first ones; one more than it holds is new."""

    name = "in the baseline"

    def __init__(
        self,
        entries: Entries,
        folder: str,
        roots: Iterable[str] = (),
        *,
        all_are: bool = False,
        comes_last: Callable[[Alert], bool] | None = None,
    ) -> None:
        """``folder``: of the baseline file; ``roots``: folders that are looked at as a whole.

        ``all_are``: whatever is found is accepted, as the baseline is made anew. ``comes_last``: which
        of several equal findings are new rather than others.
        """
        self._entries = entries
        self._left = {key: entry.count for key, entry in entries.items()}
        self._places = _Places(folder)
        self._roots = tuple(os.path.join(os.path.realpath(root), "") for root in roots)
        self._all_are = all_are
        self._comes_last = comes_last
        self._looked: set[str] = set()
        self._found: dict[Key, Entry] = {}

    def passed(self, checked: Checked) -> Iterable[Alert]:
        """The alerts that are new, and the notes."""
        path = self._places.of(checked.path)
        self._looked.add(path)
        errors = [alert for alert in checked.alerts if alert.level == "error"]
        if self._comes_last is not None:
            errors.sort(key=self._comes_last)
        aside = {id(alert) for alert in errors if self._holds(alert, path)}
        return tuple(alert for alert in checked.alerts if id(alert) not in aside)

    def _holds(self, alert: Alert, path: str) -> bool:
        key = Key(alert.name, path, alert.fingerprint)
        if self._all_are:
            before = self._found.get(key) or Entry(0, excerpt(alert.spot.quoted))
            self._found[key] = Entry(before.count + 1, before.excerpt)
            return True
        if not self._left.get(key):
            return False
        self._left[key] -= 1
        return True

    def stale(self) -> int:
        """How many findings of the baseline are in files that were looked at, or are gone, but not found."""
        return sum(left for key, left in self._left.items() if left and self._is_covered(key.path))

    def anew(self, *, slim: bool) -> Entries:
        """What the baseline is to hold now: what was found, and what is known of files not looked at."""
        kept = {key: one for key, one in self._entries.items() if not self._is_covered(key.path)}
        found = kept | self._found
        return {key: Entry(one.count) for key, one in found.items()} if slim else found

    def _is_covered(self, path: str) -> bool:
        if path in self._looked:
            return True
        full = self._places.full(path)
        return full.startswith(self._roots) and not os.path.lexists(full)


class _Places:
    """Paths of files as a baseline has them."""

    def __init__(self, folder: str) -> None:
        self._base = os.path.realpath(folder)
        self._folders: dict[str, str] = {}

    def of(self, path: str) -> str:
        """``path`` relative to the baseline; links on the way are resolved, the file's own is not."""
        folder, name = os.path.split(path)
        if folder not in self._folders:
            self._folders[folder] = self._relative(os.path.realpath(folder))
        return self._folders[folder] + name

    def full(self, path: str) -> str:
        """What ``of`` was given, as an absolute path."""
        return os.path.normpath(os.path.join(self._base, path))

    def _relative(self, folder: str) -> str:
        try:
            relative = os.path.relpath(folder, self._base)
        except ValueError:  # on another drive
            relative = folder
        return "" if relative == os.curdir else os.path.join(relative, "").replace(os.sep, "/")


@dataclass(frozen=True, slots=True)
class Difference:
    """What became of a baseline, in findings."""

    added: Sequence[tuple[Key, Entry]]
    """With how many there are more, in order of the keys."""
    removed: Sequence[tuple[Key, Entry]]

    @property
    def counts(self) -> tuple[int, int]:
        """How many findings were added and removed."""
        return sum(one.count for _, one in self.added), sum(one.count for _, one in self.removed)


def difference(before: Entries, after: Entries) -> Difference:
    """What ``after`` holds that ``before`` does not, and the other way round."""
    return Difference(tuple(_more(after, before)), tuple(_more(before, after)))


def _more(these: Entries, those: Entries) -> Iterator[tuple[Key, Entry]]:
    counts = Counter({key: entry.count for key, entry in these.items()})
    counts.subtract({key: those[key].count for key in these if key in those})
    for key in sorted(key for key in counts if counts[key] > 0):
        yield key, Entry(counts[key], these[key].excerpt)
