"""What changed since a commit, line by line, and which alerts that leaves.

Compared are the files as they are now with the commit at which HEAD left the history of the one that was named:
so what others did there meanwhile is nobody's change here.
"""

from __future__ import annotations

import os
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from dedup.checks.alerts import Alert, Checked, Spot
from dedup.checks.git import Git
from dedup.errors import DedupError
from dedup.reports import wording

DIFF = (
    "diff", "--no-ext-diff", "--no-textconv", "--no-color", "--no-renames", "--no-relative",
    "--unified=0", "--inter-hunk-context=0", "--no-function-context", "--submodule=short",
    "--ignore-submodules=dirty", "--src-prefix=a/", "--dst-prefix=b/", "--diff-algorithm=myers",
    "--ws-error-highlight=none", "-O/dev/null",
)  # fmt: skip
"""How git is to compare, whatever the repository's settings say."""

SINCE = "--since"


@dataclass(slots=True)
class Lines:
    """Which lines of a file are new, numbered from 1."""

    is_whole: bool = False
    """Whether all of them are taken for new."""
    ranges: list[tuple[int, int]] = field(default_factory=list)
    """First and last line of what was added or changed, in order; of what was deleted the lines on both sides,
    of which the second may be one behind the end."""

    def meet(self, first: int, last: int) -> bool:
        """Whether one of the lines from ``first`` to ``last`` is new."""
        if self.is_whole or not first:
            return self.is_whole or bool(self.ranges)
        at = bisect_left(self.ranges, first, key=lambda one: one[1])
        return at < len(self.ranges) and self.ranges[at][0] <= last


_NONE, _ALL = Lines(), Lines(is_whole=True)


class Changes:
    """What changed in the repository around ``folder`` since HEAD left the history of ``ref``."""

    def __init__(self, ref: str, folder: str) -> None:
        git = Git(folder, f"{SINCE} {ref}")
        base = git.merge_base(ref)
        self._top = git.top
        self._tracked = frozenset(git.output("ls-files", "-z").split(b"\0")) - {b""}
        with git.lines(*DIFF, base, "--") as lines:
            self._changed = parsed(lines)
        self._known: dict[str, Lines] = {}

    def of(self, path: str) -> Lines:
        """The new lines of the file at ``path``; all of a file that git does not keep, or keeps elsewhere."""
        if path not in self._known:
            self._known[path] = self._looked_up(path)
        return self._known[path]

    def _looked_up(self, path: str) -> Lines:
        full = os.path.realpath(path)
        top = os.path.join(self._top, "")
        if not full.startswith(top):
            return _ALL
        name = os.fsencode(full[len(top) :].replace(os.sep, "/"))
        if name in self._tracked:
            lines = self._changed.get(name, _NONE)
            return _ALL if lines.ranges and _counts_otherwise(full) else lines
        while name:  # of a repository within this one the commit is kept that it is at
            name = name.rpartition(b"/")[0]
            if name in self._tracked:
                return _ALL if name in self._changed else _NONE
        return _ALL


class Changed:
    """Sets aside alerts without any line that changed; others are told from the side that did."""

    name = "outside of the changed lines"

    def __init__(self, changes: Changes) -> None:
        self._changes = changes

    def passed(self, checked: Checked) -> Iterable[Alert]:
        """The alerts that a change made, by the position of what changed."""
        found = [alert for each in checked.alerts if (alert := self._anchored(each)) is not None]
        return sorted(found, key=lambda alert: (alert.spot.start, alert.spot.end, alert.name))

    def is_new(self, alert: Alert) -> bool:
        """Whether a side of the alert was changed."""
        return any(map(self._is_new, (alert.spot, *alert.related)))

    def _anchored(self, alert: Alert) -> Alert | None:
        if self._is_new(alert.spot):
            return alert
        at = next((at for at, spot in enumerate(alert.related) if self._is_new(spot)), None)
        return None if at is None else turned(alert, at)

    def _is_new(self, spot: Spot) -> bool:
        return self._changes.of(spot.path).meet(spot.line, spot.end_line)


def turned(alert: Alert, at: int) -> Alert:
    """The same alert as it is seen from its related passage number ``at``: by what it is repeated."""
    spot = alert.related[at]
    others = alert.related[:at] + alert.related[at + 1 :]
    is_line = spot.where.startswith("line ")
    return replace(
        alert,
        spot=spot,
        related=(alert.spot, *others),
        verb=wording.turned(alert.verb, alone=is_line),
        is_turned=True,
        cuts=(),  # what would go stands elsewhere
    )


def parsed(lines: Iterator[bytes]) -> dict[bytes, Lines]:
    """The new lines of each file in a diff without context; lines end with LF, as git counts them.

    What was deleted may have told two passages apart, so the lines it stood between count as new. Where a comment
    to dedup went that left something alone all lines do: nobody knows here what it held for.
    """
    found: dict[bytes, Lines] = {}
    here, told = Lines(), _Told()
    for line in lines:
        if line.startswith(b"@@ "):
            match = _HUNK.match(line)
            if match is None:
                raise DedupError(SINCE, "git's diff cannot be read")
            before, start, after = (int(n) if n is not None else 1 for n in match.groups())
            is_complete = told.are_read(lines, before + after)
            here.is_whole |= told.unveils or not is_complete
            last = start + after - 1 if after else start + 1
            here.ranges.append((max(1, start), last))
        elif line.startswith(b"diff --git "):
            here, told = found.setdefault(_name(line), Lines()), _Told()
        elif line.startswith(b"deleted file mode "):
            here = Lines()  # nobody asks for lines of a file that is gone
        elif line.startswith((b"Binary files ", b"Subproject ")) or b" 160000" in line[:64]:
            here.is_whole = True
    return found


_HUNK = re.compile(rb"@@ -\d+(?:,(\d{1,15}))? \+(\d{1,15})(?:,(\d{1,15}))? @@")
_COMMENT = re.compile(rb"\bdedup(?::[ \t]*|[ \t]+)(off|on|keep)\b")


class _Told:
    """What the changed lines of one file say to dedup."""

    def __init__(self) -> None:
        self._is_gone = False
        self._opened = 0

    @property
    def unveils(self) -> bool:
        """Whether something may be looked at, or go, that was left alone before."""
        return self._is_gone or self._opened > 0

    def are_read(self, lines: Iterator[bytes], number: int) -> bool:
        """Go past so many lines of texts, which may look like anything; whether there were as many."""
        while number:
            line = next(lines, b"")
            if not line:
                return False
            number -= not line.startswith(b"\\")  # that the last line has no end
            if b"dedup" in line:
                for said in _COMMENT.findall(line):
                    self._add(line[:1], said)
        return True

    def _add(self, sign: bytes, said: bytes) -> None:
        if sign == b"-":
            self._is_gone |= said != b"on"
        else:  # who adds both leaves more alone than before
            self._opened += {b"on": 1, b"off": -1}.get(said, 0)


def _name(header: bytes) -> bytes:
    """The file that ``diff --git a/NAME b/NAME`` is about: without renames both names are one."""
    names = header.removeprefix(b"diff --git ").rstrip(b"\n")
    if names.startswith(b'"'):
        return _unquoted(names)[len(b"a/") :]
    return names[len(b"a/") : len(names) // 2]


def _unquoted(names: bytes) -> bytes:
    """The name between the first two quotes, as C writes strings."""
    match = _QUOTED.match(names)
    if match is None:
        raise DedupError(SINCE, "git's diff cannot be read")
    return _ESCAPE.sub(_plain, match[1])


_QUOTED = re.compile(rb'"((?:[^"\\]|\\.)*)"')
_ESCAPE = re.compile(rb"\\([0-7]{3}|.)")
_LETTERS = {
    b"a": b"\a",
    b"b": b"\b",
    b"t": b"\t",
    b"n": b"\n",
    b"v": b"\v",
    b"f": b"\f",
    b"r": b"\r",
}


def _plain(match: re.Match[bytes]) -> bytes:
    spelled = match[1]
    if len(spelled) == 3:
        return bytes([int(spelled, 8) & 0xFF])
    return _LETTERS.get(spelled, spelled)


def _counts_otherwise(path: str) -> bool:
    """Whether a file has lines that end with CR alone, so that git counts fewer lines than we do."""
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError:
        return True
    return b"\r" in data and re.search(rb"\r(?!\n)", data) is not None
