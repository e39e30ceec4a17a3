"""Which files a run reads: what was named, and what stands in the folders that were named."""

from __future__ import annotations

import os
import stat
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from operator import attrgetter

from dedup.files.ignores import Chain, Ignores, Patterns, compile_globs, find, find_from_top
from dedup.files.manifest import MANIFEST
from dedup.files.read import missing, problems_named
from dedup.files.selection import (
    BACKUP,
    BY_INCLUDE,
    BY_RULE,
    BY_SUFFIX,
    DEFAULT_INCLUDE,
    HIDDEN,
    LINK,
    OWN,
    OWN_PREFIX,
    REPEATED,
    SPECIAL,
    TOO_LARGE,
    listed_name,
)
from dedup.files.selection import BINARY as BINARY
from dedup.files.selection import REASONS as REASONS
from dedup.files.selection import Found as Found
from dedup.files.selection import Rules as Rules
from dedup.files.selection import Selection as Selection
from dedup.files.selection import is_binary as is_binary
from dedup.files.selection import nothing_selected as nothing_selected
from dedup.files.selection import read_list as read_list

Told = Callable[[str, str], None]
"""Is told the path of an entry that is left out, a folder's with ``/`` at its end, and the reason."""


def select(
    paths: Sequence[str], listed: Sequence[str], rules: Rules, told: Told | None = None
) -> Selection:
    """The files that the arguments ``paths`` and the entries ``listed`` stand for.

    ``DedupError`` for an argument that does not exist; a listed entry that does not is one of the
    ``problems``, so that the others are still read. ``told`` hears of each entry that is left out, as it is met.
    """
    with problems_named("."):
        walk = _Walk(rules, told)
    several = len(paths) > 1 or bool(listed)
    roots = []
    outside = []
    for path in paths:
        with problems_named(path):
            try:
                state = os.stat(path)
            except FileNotFoundError:
                raise missing(path) from None
        base = os.path.basename(os.path.abspath(path))
        if not stat.S_ISDIR(state.st_mode):
            walk.take_named(path, base, state)
        else:
            roots.append((path, base if several else ""))
    for path in listed:
        try:
            state = os.stat(path)
        except (OSError, ValueError) as problem:
            walk.report(path, problem)
            continue
        name, leads_out = listed_name(path)
        if leads_out:
            outside.append(path)
        if not stat.S_ISDIR(state.st_mode):
            walk.take_named(path, name, state)
        else:
            roots.append((path, name))
    for path, name in roots:
        walk.add_root(path, name)
    walk.run()
    return walk.selection(outside)


@dataclass(frozen=True, slots=True)
class _Folder:
    """A folder to walk. Each field but the last ends in ``/`` or is empty."""

    path: str
    """How to open what is in it."""
    name: str
    """In front of the names of its documents."""
    full: str
    """Absolute, as the user reaches it: what rules are compared with."""
    real: str
    """Absolute, without links: what tells whether it is another's equal."""
    chain: Chain
    """The rules from above it."""
    is_root: bool = False
    """Whether it was named."""


@dataclass(slots=True)
class _Walk:
    """The state of one selection."""

    rules: Rules
    told: Told | None = None
    suffixes: tuple[str, ...] = ()
    include: Patterns = field(default_factory=Patterns)
    ignores: Ignores = field(init=False)
    own: set[tuple[int, int]] = field(default_factory=set)
    found: list[Found] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    others: Counter[str] = field(default_factory=Counter)
    problems: list[tuple[str, str]] = field(default_factory=list)
    named: dict[str, set[str]] = field(default_factory=dict)
    """Names of the files that were named, by the real folder they stand in."""
    is_folder_named: bool = False
    walked: set[str] = field(default_factory=set)
    """Real folders."""
    inodes: set[tuple[int, int]] = field(default_factory=set)
    """Files found; kept only when links are followed."""
    chains: dict[str, Chain] = field(default_factory=dict)
    waiting: list[_Folder] = field(default_factory=list)
    links: deque[tuple[_Folder, str]] = field(default_factory=deque)
    """Followed when all else is done, so that what is reached both ways has its real name."""

    def __post_init__(self) -> None:
        rules = self.rules
        self.include = compile_globs(rules.include or DEFAULT_INCLUDE)
        self.suffixes = self.include.suffixes
        exclude = compile_globs([*rules.exclude, *rules.extend_exclude])
        self.ignores = Ignores(exclude, _full(os.getcwd()), rules.ignore, self.problems)
        for path in rules.own:
            try:
                self.own.add(_identity(os.stat(path)))
            except (OSError, ValueError):
                continue  # not there yet: the walk cannot meet it

    def _is_spared(self) -> bool:
        if self.is_folder_named or self.found or self.problems:
            return False
        return bool(self.skipped) and self.skipped.keys() <= set(BY_RULE.values())

    def selection(self, outside: Sequence[str]) -> Selection:
        def in_bytes(one: Found) -> tuple[bytes, bytes]:
            return os.fsencode(one.name), os.fsencode(one.path)

        kinds = sorted(self.others, key=lambda kind: (-self.others[kind], kind))
        return Selection(
            files=tuple(sorted(self.found, key=in_bytes)),
            skipped={one: self.skipped[one] for one in REASONS if self.skipped[one]},
            problems=tuple(sorted(set(self.problems))),
            outside=tuple(outside),
            other=kinds[0] if kinds else "",
            is_spared=self._is_spared(),
        )

    def skip(self, reason: str, folder: str, name: str = "") -> None:
        """Leave an entry out. Its path comes in two parts: most runs only count."""
        self.skipped[reason] += 1
        if self.told is not None:
            self.told(folder + name, reason)

    def report(self, path: str, problem: Exception) -> None:
        text = problem.strerror if isinstance(problem, OSError) else None
        if isinstance(problem, FileNotFoundError):
            text = "no such file or directory"
        self.problems.append((path, text or str(problem)))

    def take_named(self, path: str, name: str, state: os.stat_result) -> None:
        """A file that was named is read whatever it is; twice named, it is read once."""
        folder, base = os.path.split(os.path.realpath(path))
        folder = _full(folder)
        if base in self.named.get(folder, ()):
            return
        if os.path.basename(path).startswith(OWN_PREFIX):
            self.skip(OWN, path)
        elif origin := self._forced_out(path, is_folder=False):
            self.skip(BY_RULE[origin], path)
        elif self._is_new(state, path):
            is_regular = stat.S_ISREG(state.st_mode)
            self.found.append(Found(path, name, state.st_size if is_regular else 0, True))
        self.named.setdefault(folder, set()).add(base)

    def add_root(self, path: str, name: str) -> None:
        """Walk the folder ``path``, too; its documents' names begin with ``name``."""
        self.is_folder_named = True
        if origin := self._forced_out(path, is_folder=True):
            self.skip(BY_RULE[origin], os.path.join(path, ""))
            return
        full = _full(os.path.abspath(path))
        start = "" if path in (".", "./") else os.path.join(path, "")
        name = f"{name}/" if name else ""
        real = _full(os.path.realpath(path))
        above = self.ignores.above(full)
        self.waiting.append(_Folder(start, name, full, real, above, is_root=True))

    def run(self) -> None:
        """Walk the folders, in the order in which they were added."""
        self.waiting.reverse()
        while self.waiting or self.links:
            if self.waiting:
                self._scan(self.waiting.pop())
                continue
            folder, name = self.links.popleft()
            try:
                self._follow(folder, name)
            except OSError as problem:
                self.report(folder.path + name, problem)

    def _forced_out(self, path: str, *, is_folder: bool) -> str | None:
        """With ``force_exclude`` the origin of the rule that drops what was named."""
        if not self.rules.force_exclude:
            return None
        full = _full(os.path.abspath(path))
        if is_folder:
            chain = self.ignores.above(full)
        else:
            above = _full(os.path.dirname(full[:-1]))
            if above not in self.chains:
                self.chains[above] = self.ignores.around(above)
            chain = self.chains[above]
        return find_from_top(chain, full[:-1], is_folder=is_folder)

    def _scan(self, folder: _Folder) -> None:
        if folder.real in self.walked:
            return
        self.walked.add(folder.real)
        try:
            with os.scandir(folder.path or ".") as scan:
                entries = sorted(scan, key=attrgetter("name"))
        except OSError as problem:
            self.report(folder.path or ".", problem)
            return
        dotted = {entry.name for entry in entries if entry.name[0] == "."}
        if MANIFEST in dotted and not folder.is_root:  # the output of a run
            self.skip(OWN, folder.path)
            return
        chain = self.ignores.within(folder.chain, folder.full, dotted)
        folder = _Folder(folder.path, folder.name, folder.full, folder.real, chain)
        named = self.named.get(folder.real, ())
        before = len(self.waiting)
        for entry in entries:
            if entry.name not in named:
                try:
                    self._meet(folder, entry)
                except OSError as problem:
                    self.report(folder.path + entry.name, problem)
        self.waiting[before:] = reversed(self.waiting[before:])

    def _meet(self, folder: _Folder, entry: os.DirEntry[str]) -> None:
        name = entry.name
        if name[0] == "." and (reason := self._dotted(name)):
            self.skip(reason, folder.path, name)
        elif entry.is_file(follow_symlinks=False):
            if reason := self._unwanted(folder, name):
                self.skip(reason, folder.path, name)
            else:
                self._take(folder, name, entry.stat(follow_symlinks=False))
        elif entry.is_dir(follow_symlinks=False):
            self._enter(folder, name, folder.real + name + "/")
        elif not entry.is_symlink():
            self.skip(SPECIAL, folder.path, name)
        elif self.rules.follow:
            self.links.append((folder, name))
        else:
            self.skip(LINK, folder.path, name)

    def _dotted(self, name: str) -> str | None:
        if name.startswith(OWN_PREFIX):
            return OWN
        # Even those who want hidden files do not want a repository's own changed under it.
        return HIDDEN if name == ".git" or not self.rules.hidden else None

    def _unwanted(self, folder: _Folder, name: str) -> str | None:
        """Why a file of this name is not read. Rules come last: so their count is what they cost."""
        backup = self.rules.backup_suffix
        if backup and name.endswith(backup):
            return BACKUP
        if not name.endswith(self.suffixes) and not self._included(folder, name):
            suffix = os.path.splitext(name)[1]
            self.others[f"*{suffix}" if suffix[1:].isalnum() else "*"] += 1
            return BY_INCLUDE if self.rules.include else BY_SUFFIX
        if folder.chain:
            origin = find(folder.chain, folder.full + name, name, is_folder=False)
            return BY_RULE[origin] if origin else None
        return None

    def _included(self, folder: _Folder, name: str) -> bool:
        if self.suffixes:
            return False
        path = folder.full + name
        working = self.ignores.working_folder
        inside = path.startswith(working)
        return self.include.covers(path[len(working) :] if inside else folder.name + name)

    def _enter(self, folder: _Folder, name: str, real: str) -> None:
        full = folder.full + name
        if origin := find(folder.chain, full, name, is_folder=True):
            self.skip(BY_RULE[origin], folder.path, f"{name}/")
        elif self.own and _identity(os.stat(folder.path + name)) in self.own:
            self.skip(OWN, folder.path, f"{name}/")
        else:
            self.waiting.append(
                _Folder(
                    f"{folder.path}{name}/", f"{folder.name}{name}/", full + "/", real, folder.chain
                )
            )

    def _take(self, folder: _Folder, name: str, state: os.stat_result) -> None:
        path = folder.path + name
        if self.own and _identity(state if state.st_ino else os.stat(path)) in self.own:
            self.skip(OWN, path)
        elif state.st_size > self.rules.max_size:
            self.skip(TOO_LARGE, path)
        elif self._is_new(state, path):
            self.found.append(Found(path, folder.name + name, state.st_size, False))

    def _is_new(self, state: os.stat_result, path: str) -> bool:
        """With ``follow`` whether no other name has led to this file; it is found now."""
        if self.rules.follow:
            if _identity(state) in self.inodes:
                self.skip(REPEATED, path)
                return False
            self.inodes.add(_identity(state))
        return True

    def _follow(self, folder: _Folder, name: str) -> None:
        """Take what a link leads to, under the link's name; one that leads nowhere is skipped."""
        path = folder.path + name
        try:
            state = os.stat(path)
        except OSError:
            self.skip(LINK, path)
            return
        if stat.S_ISDIR(state.st_mode):
            real = _full(os.path.realpath(path))
            if real in self.walked:
                self.skip(REPEATED, f"{path}/")
            else:
                self._enter(folder, name, real)
        elif not stat.S_ISREG(state.st_mode):
            self.skip(SPECIAL, path)
        elif reason := self._unwanted(folder, name):
            self.skip(reason, path)
        else:
            self._take(folder, name, state)


def _full(path: str) -> str:
    """An absolute path with ``/`` between its parts and at its end."""
    return os.path.join(path, "").replace(os.sep, "/")


def _identity(state: os.stat_result) -> tuple[int, int]:
    return state.st_dev, state.st_ino
