"""What sets findings aside in a check: the baseline and what changed; and how the baseline is brought up to date."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dedup.checks.gate import End, Sieve
from dedup.cli.flags import folder_of
from dedup.cli.inputs import Inputs
from dedup.errors import DedupError
from dedup.files import write
from dedup.reports import wording
from dedup.reports.escape import escape_line

if TYPE_CHECKING:
    from dedup.checks.accepted import Accepted
    from dedup.checks.baseline import Entries, Stored
    from dedup.checks.since import Changed

SHOWN = 20
"""How many entries that were added to a baseline or removed from it are told one by one."""


@dataclass(frozen=True, slots=True)
class Accepting:
    """What is asked for beside the findings themselves."""

    baseline: str = ""
    update: bool = False
    slim: bool = False
    since: str | None = None

    @property
    def own(self) -> list[str]:
        """The files that are no texts of this run."""
        return [self.baseline] * bool(self.baseline)

    @property
    def written(self) -> list[tuple[str, str]]:
        """The file to write, with its flag."""
        return [("--baseline", self.baseline)] * self.update


class Sieves:
    """The sieves of a run, in the order in which findings come through."""

    def __init__(self, asked: Accepting, inputs: Inputs, listed: Iterable[str] = ()) -> None:
        self._asked = asked
        self._paths = inputs.paths
        self._changed: Changed | None = None
        self._accepted: Accepted | None = None
        self._stored: Stored | None = None
        if asked.since is not None:
            from dedup.checks.since import Changed, Changes

            self._changed = Changed(Changes(asked.since, folder_of({"paths": inputs.paths})))
        if asked.baseline:
            self._accepted = self._made(filter(os.path.isdir, (*inputs.paths, *listed)))

    @property
    def all(self) -> Sequence[Sieve]:
        """The baseline comes first: it has to see every finding to know which are more than it holds."""
        sieves: list[Sieve | None] = [self._accepted, self._changed]
        return [sieve for sieve in sieves if sieve is not None]

    def _made(self, roots: Iterable[str]) -> Accepted:
        from dedup.checks import baseline
        from dedup.checks.accepted import Accepted

        path = self._asked.baseline
        if not self._asked.update or baseline.exists(path):
            self._stored = baseline.load(path)
        return Accepted(
            self._stored.entries if self._stored else {},
            os.path.dirname(path),
            roots,
            all_are=self._asked.update,
            comes_last=self._changed.is_new if self._changed else None,
        )

    def warnings(self, *, failed: bool) -> list[str]:
        """What is unused by now, once all documents came through; a run that failed proves nothing."""
        stale = self._accepted.stale() if self._accepted and not failed else 0
        if not stale or self._asked.update:
            return []
        occur = "occurs" if stale == 1 else "occur"
        return [f"{wording.count(stale, 'finding')} in the baseline no longer {occur}"]

    def hint(self) -> str:
        """What to do about a warning."""
        paths = [shlex.quote(path) for path in (*self._paths, "--baseline", self._asked.baseline)]
        return escape_line(f"dedup check {' '.join(paths)} --update-baseline")

    def update(self, end: End) -> Iterator[str]:
        """Bring the baseline up to date; lines that say what became of it.

        ``DedupError`` if something could not be checked: what is missing then may still be there.
        """
        from dedup.checks import baseline

        path, accepted = self._asked.baseline, self._accepted
        assert accepted is not None
        if end.failures:
            what = "it stays as it is, as not everything could be checked"
            raise DedupError(path, what, "put right what is said above, or leave it out")
        stored = self._stored or baseline.Stored({})
        after = accepted.anew(slim=self._asked.slim)
        data = baseline.rendered(after, stored.newline)
        if data != stored.data:
            write.write_file(path, data)
        yield from _told(path, stored.entries, after)


def _told(path: str, before: Entries, after: Entries) -> Iterator[str]:
    from dedup.checks.accepted import difference

    found = difference(before, after)
    holds = wording.count(sum(entry.count for entry in after.values()), "finding")
    added, removed = found.counts
    changed = f"{added:,} added, {removed:,} removed" if added or removed else "none is new or gone"
    yield f"The baseline {escape_line(path)} holds {holds}: {changed}."
    entries = [("+", one) for one in found.added] + [("-", one) for one in found.removed]
    for sign, (key, entry) in entries[:SHOWN]:
        times = f" ({entry.count:,} times)" if entry.count > 1 else ""
        said = f": {entry.excerpt}" if entry.excerpt else ""
        yield escape_line(f"  {sign} {key.path}: {key.name}{times}") + escape_line(said)
    if len(entries) > SHOWN:
        yield f"  and {len(entries) - SHOWN:,} more"
