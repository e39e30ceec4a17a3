"""Rules in gitignore syntax: what a glob means, which files hold rules, which rule wins where."""

from __future__ import annotations

import os
import re
import stat
import warnings
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from dedup.errors import DedupError

RULE_FILES = (".dedupignore", ".ignore", ".gitignore")
"""Files with rules for their folder and all below; the first named wins over the others."""

GIT_EXCLUDE = ".git/info/exclude"

KINDS = ("--exclude", *RULE_FILES, GIT_EXCLUDE)
"""Where a rule may come from. The kind decides before the depth, as in ripgrep: a ``.ignore`` at
the top wins over a ``.gitignore`` below it. Among files of one kind the deeper one wins."""

FROM_GIT = (".gitignore", GIT_EXCLUDE)

END = "\ud800"
"""Marks the end of a glob. No name, glob or rule read from bytes can hold this surrogate."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """One line of rules, compiled: it speaks of one entry, never of what lies below it."""

    regex: re.Pattern[str]
    ignores: bool
    """False for a line that starts with ``!``."""
    only_folders: bool
    by_name: bool
    """Whether it is compared with the entry's name, not with its path."""


@dataclass(frozen=True, slots=True)
class Patterns:
    """The lines of one rule file, or the globs of one option; the last one that matches decides."""

    suffixes: tuple[str, ...] = ()
    """Endings of names, if every line is as plain as ``*.txt``; then there is nothing else."""
    lines: tuple[Pattern, ...] = ()
    """The last line first."""
    names: re.Pattern[str] | None = None
    paths: re.Pattern[str] | None = None
    """All lines by name, all by path, as one pattern each: most entries match none."""

    def __bool__(self) -> bool:
        return bool(self.suffixes or self.lines)

    def verdict(self, path: str, name: str, *, is_folder: bool) -> bool | None:
        """True: ignored, or selected by a glob; False: by a ``!`` line it is not; None: unsaid.

        ``path`` is relative to where the rules stand, with ``/``.
        """
        if self.suffixes:
            return name.endswith(self.suffixes) or None
        by_name = self.names is not None and self.names.fullmatch(name) is not None
        by_path = self.paths is not None and self.paths.fullmatch(path) is not None
        if not by_name and not by_path:
            return None
        for line in self.lines:
            if (is_folder or not line.only_folders) and line.regex.fullmatch(
                name if line.by_name else path
            ):
                return line.ignores
        return None

    def covers(self, path: str) -> bool:
        """Whether the file at ``path`` or, if nothing is said of it, a folder above it is meant."""
        is_folder = False
        while path:
            found = self.verdict(path, path.rpartition("/")[2], is_folder=is_folder)
            if found is not None:
                return found
            path, is_folder = path.rpartition("/")[0], True
        return False


def compile_globs(globs: Iterable[str]) -> Patterns:
    """The globs of an option; one that cannot be read is the user's to put right."""
    kept = [glob for glob in globs if _body(glob)]
    if plain := _suffixes(kept):
        return Patterns(suffixes=plain)
    lines = []
    for glob in kept:
        line = _compile(glob)
        if line is None:
            raise DedupError(glob, "not a pattern in gitignore syntax", "quote it: '*.txt'")
        lines.append(line)
    return _patterns(lines)


def compile_rules(text: str) -> Patterns:
    """The lines of a rule file; as in git, one that cannot be read says nothing."""
    text = text.removeprefix("\ufeff")
    kept = [line for line in text.split("\n") if not line.startswith("#")]
    kept = [line for line in (line.removesuffix("\r") for line in kept) if _body(line)]
    if plain := _suffixes(kept):
        return Patterns(suffixes=plain)
    return _patterns([line for line in map(_compile, kept) if line is not None])


def _patterns(lines: Sequence[Pattern]) -> Patterns:
    def any_of(chosen: list[str]) -> re.Pattern[str] | None:
        return _regex("|".join(chosen)) if chosen else None

    names = any_of([line.regex.pattern for line in lines if line.by_name])
    paths = any_of([line.regex.pattern for line in lines if not line.by_name])
    return Patterns(lines=tuple(reversed(lines)), names=names, paths=paths)


def _suffixes(globs: Sequence[str]) -> tuple[str, ...]:
    """``(".txt",)`` for ``["*.txt"]``; empty if a glob is not as plain as that."""
    if all(re.fullmatch(r"\*\.[\w.-]+", glob) for glob in globs):
        return tuple(glob[1:] for glob in globs)
    return ()


def _body(line: str) -> str:
    """The line without the spaces at its end; ``"\\ "`` there is a space that counts."""
    body = line.rstrip(" ")
    is_quoted = (len(body) - len(body.rstrip("\\"))) % 2 == 1
    return body + " " if is_quoted and len(body) < len(line) else body


def _compile(line: str) -> Pattern | None:
    """What a line means for a single entry; none if it means nothing.

    pathspec turns a glob into a pattern that also matches everything below. Here the walk leaves
    out what is below an ignored folder, and a folder named by the user must be read although a
    rule ignores it. So the glob gets an end mark, and the pattern is cut there.
    """
    from pathspec import GitIgnoreSpec

    body = _body(line)
    ignores = not body.startswith("!")
    body = body.removeprefix("!")
    only_folders = body.endswith("/")
    body = body.removesuffix("/")
    by_name = "/" not in body
    if body.endswith("/**"):
        body += "/*"  # all that is inside, at any depth, but not the folder itself
    if not body or (len(body) - len(body.rstrip("\\"))) % 2 == 1:
        return None
    if by_name:
        body = "/" + body  # at the start of what it is compared with, which is the name alone
    elif body[0] in "#!":
        body = "\\" + body
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        try:
            regex = GitIgnoreSpec.from_lines([body + END], backend="simple").patterns[0].regex
        except (ValueError, re.error):
            return None
    if regex is None:
        return None
    compiled = _regex(f"(?:{str(regex.pattern).partition(END)[0]})")
    return Pattern(compiled, ignores, only_folders, by_name)


def _regex(source: str) -> re.Pattern[str]:
    """``source`` compiled; ``re`` would warn of what looks like its own future syntax in ``[...]``."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        return re.compile(source, re.DOTALL)


@dataclass(frozen=True, slots=True)
class Layer:
    """The rules of one origin."""

    kind: int
    """Its place in ``KINDS``."""
    base: int
    """Length of the absolute path, closing ``/`` included, of the folder where the rules stand."""
    patterns: Patterns


Chain = tuple[Layer, ...]
"""The rules that hold in a folder, the strongest first."""


def find(chain: Chain, path: str, name: str, *, is_folder: bool) -> str | None:
    """The origin, one of ``KINDS``, of the rule that ignores the entry; none if it stays."""
    for layer in chain:
        if len(path) > layer.base:
            verdict = layer.patterns.verdict(path[layer.base :], name, is_folder=is_folder)
            if verdict is not None:
                return KINDS[layer.kind] if verdict else None
    return None


def find_from_top(chain: Chain, path: str, *, is_folder: bool) -> str | None:
    """As ``find``, but what is said of the folders on the way to the entry counts as well."""
    end = path.find("/", min((layer.base for layer in chain), default=len(path)))
    while end >= 0:
        above = path[:end]
        if origin := find(chain, above, above.rpartition("/")[2], is_folder=True):
            return origin
        end = path.find("/", end + 1)
    return find(chain, path, path.rpartition("/")[2], is_folder=is_folder)


@dataclass(frozen=True, slots=True)
class Ignores:
    """Finds rules in the folders of a run. Folders are absolute paths that end in ``/``."""

    exclude: Patterns
    working_folder: str
    """Globs given as options are relative to it where it holds the argument, else to the latter."""
    use_files: bool = True
    problems: list[tuple[str, str]] = field(default_factory=list)
    """Rule files that could not be read, with the reason: what they ignore is not known."""

    def above(self, folder: str) -> Chain:
        """The rules that hold for ``folder`` itself: those from above it, and the options'."""
        inside = folder.startswith(self.working_folder)
        base = len(self.working_folder if inside else folder)
        chain: Chain = (Layer(0, base, self.exclude),) if self.exclude else ()
        if not self.use_files:
            return chain
        for parent, from_git in self._parents(folder):
            chain = self.within(chain, parent, _rule_names(parent), from_git=from_git)
        return chain

    def around(self, folder: str) -> Chain:
        """The rules that hold for the entries of ``folder``."""
        return self.within(self.above(folder), folder, _rule_names(folder))

    def within(
        self, chain: Chain, folder: str, names: Collection[str], *, from_git: bool = True
    ) -> Chain:
        """``chain`` with the rules that stand in ``folder``, whose entries have these ``names``."""
        if not self.use_files:
            return chain
        found = []
        if ".git" in names and from_git:  # a repository of its own: rules end at its border
            chain = tuple(layer for layer in chain if KINDS[layer.kind] not in FROM_GIT)
            found.append((GIT_EXCLUDE, os.path.join(_git_folder(folder), "info", "exclude")))
        found += [(kind, folder + kind) for kind in RULE_FILES if kind in names]
        layers = []
        for kind, path in found:
            if from_git or kind not in FROM_GIT:
                patterns = self._read(path)
                layers.append(Layer(KINDS.index(kind), len(folder), patterns))
        if not layers:
            return chain
        return tuple(sorted([*chain, *layers], key=lambda layer: (layer.kind, -layer.base)))

    def _parents(self, folder: str) -> list[tuple[str, bool]]:
        """The folders above ``folder`` whose rules count, from the top, and whether git's do.

        Within a repository all of it; elsewhere from the working folder on, without git's.
        """
        above: list[str] = []
        while folder != (parent := os.path.join(os.path.dirname(folder.rstrip("/")), "")):
            if os.path.lexists(folder + ".git"):
                return [(one, True) for one in reversed(above)]
            above.append(parent)
            folder = parent
        inside = [one for one in above if one.startswith(self.working_folder)]
        return [(one, False) for one in reversed(inside)]

    def _read(self, path: str) -> Patterns:
        try:
            if not stat.S_ISREG(os.stat(path).st_mode):  # opening a FIFO would wait for ever
                return Patterns()
            with open(path, "rb") as file:
                return compile_rules(os.fsdecode(file.read()))
        except FileNotFoundError:
            return Patterns()
        except OSError as problem:
            self.problems.append((path, problem.strerror or str(problem)))
            return Patterns()


def _rule_names(folder: str) -> list[str]:
    return [name for name in (".git", *RULE_FILES) if os.path.lexists(folder + name)]


def _git_folder(folder: str) -> str:
    """Where the repository of ``folder`` keeps ``info/exclude``; a linked tree has it elsewhere."""
    git = folder + ".git"
    if not os.path.isfile(git):
        return git
    try:
        with open(git, "rb") as file:
            named = os.fsdecode(file.read(4096)).removeprefix("gitdir:").strip()
        git = os.path.join(folder, named)
        with open(os.path.join(git, "commondir"), "rb") as file:
            return os.path.join(git, os.fsdecode(file.read(4096)).strip())
    except OSError:
        return git
