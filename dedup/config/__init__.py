"""Where settings come from: flag, ``DEDUP_*`` variable, one config file, default; and which one won."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from dedup.config.files import load, search
from dedup.config.keeps import KEEP, Keep, from_file, values_of
from dedup.config.overrides import OVERRIDE, Table
from dedup.config.values import KNOBS, Layer, from_text, known
from dedup.errors import DedupError
from dedup.options import Gates, Options


@dataclass(frozen=True)
class Settings:
    """The options of a run and, by option key, where each was set."""

    options: Options
    gates: Gates
    origins: Mapping[str, str]
    keeps: tuple[Keep, ...] = ()
    """What is to be kept, in the order of the files that say so."""

    doubtful: tuple[tuple[str, str], ...] = ()
    """Variables that set nothing, as no option is called so, each with the hint which one may be meant."""

    tables: tuple[Table, ...] = ()
    """Where the overrides of the options were set, in the order of these."""

    def at(self, path: str | None) -> Settings:
        """What holds for the document at ``path``; for one without a path, no override does."""
        if not self.tables:
            return self
        from dedup.files.overrides import matching, options_at

        options = self.options
        origins = dict(self.origins)
        for number in matching(options.overrides, path):
            origins |= dict.fromkeys(self.tables[number].keys, self.tables[number].origin)
        return replace(self, options=options_at(options, path), origins=origins, tables=())

    def unused_keeps(self, used: Collection[int]) -> list[Keep]:
        """Those without which everything would be the same; ``used`` as in ``Totals.keeps`` of the whole run."""
        options = self.options
        texts = {text for at, text in enumerate(options.keep) if at in used}
        hashes = {
            text for at, text in enumerate(options.keep_hash, len(options.keep)) if at in used
        }
        return [keep for keep in self.keeps if keep.text not in (hashes if keep.is_hash else texts)]

    def value(self, key: str) -> Any:
        """What the option of this key is set to."""
        name = KNOBS[key].name
        return getattr(self.gates if hasattr(self.gates, name) else self.options, name)


def resolve(
    flags: Mapping[str, Any],
    folder: str,
    *,
    config: Sequence[str] = (),
    isolated: bool = False,
    environ: Mapping[str, str] = os.environ,
    keep_files: Sequence[str] = (),
) -> Settings:
    """The settings for a text in ``folder``: flags over variables over one file over defaults.

    ``flags`` holds what was given on the command line, by option key. ``config`` holds the values
    of ``--config``: at most one file, used instead of searching, and any number of ``KEY=VALUE``.
    ``isolated`` ignores files. ``keep_files``, those of ``--keep-file``, add to what the files want to be kept.
    What is wrong is a ``DedupError`` that names its place.
    """
    files = [entry for entry in config if not _is_pair(entry)]
    if len(files) > 1 or (files and isolated):
        other = "--isolated" if isolated else f"--config {files[1]}"
        raise DedupError(f"--config {files[0]}", f"cannot go with {other}")
    layer: Layer = {}
    if files:
        layer = load(files[0])
    elif not isolated:
        layer = search(folder)
    above = from_environment(environ)
    above |= from_pairs(entry for entry in config if _is_pair(entry))
    above |= {key: (value, f"--{key}") for key, value in flags.items()}
    tables = [table.without(above) for table in layer.pop(OVERRIDE, ((), ""))[0]]
    tables = [table for table in tables if table.keys]
    layer |= above
    kept: list[Keep] = [*layer.pop(KEEP, ((), ""))[0]]
    for path in keep_files:
        kept += from_file(path)
    gates: dict[str, Any] = {}
    values: dict[str, Any] = {}
    for key, (value, _) in layer.items():
        is_gate = KNOBS[key].metadata["affects"] == "gate"
        (gates if is_gate else values)[KNOBS[key].name] = value
    origins = {key: layer[key][1] if key in layer else "default" for key in KNOBS}
    values["overrides"] = tuple(table.override for table in tables)
    options = Options(**(values | values_of(kept)))
    doubtful = tuple(mistyped(environ))
    return Settings(options, Gates(**gates), origins, tuple(kept), doubtful, tuple(tables))


PREFIX = "DEDUP_"
"""Begins the names of variables that set an option."""

OTHER_VARIABLES = ("DEDUP_DEBUG", "DEDUP_EVAL_DATA", "DEDUP_FUZZ")
"""Variables that are no options: of a crash, and of the benchmarks and tests of a repository."""


MISTYPED = 0.8
"""How alike a variable is to the one that is meant, prefix aside: THREADS is not THRESHOLD, and FILE not FIELD."""


def variable_of(key: str) -> str:
    """The variable that sets the option of this key."""
    return PREFIX + key.upper().replace("-", "_")


def mistyped(environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Variables that set nothing and are called nearly like one that does; with the hint.

    Whatever else begins so may be somebody else's: build servers have variables for everything.
    """
    given = (name for name, text in environ.items() if name.startswith(PREFIX) and text)
    unknown = set(given).difference(map(variable_of, KNOBS), OTHER_VARIABLES)
    if not unknown:
        return
    from difflib import get_close_matches

    keys = [variable_of(key).removeprefix(PREFIX) for key in KNOBS]
    for name in sorted(unknown):
        for meant in get_close_matches(name.removeprefix(PREFIX), keys, n=1, cutoff=MISTYPED):
            yield name, f"did you mean {PREFIX}{meant}?"


def from_environment(environ: Mapping[str, str]) -> Layer:
    """What ``DEDUP_THRESHOLD`` and its like set; an empty variable sets nothing."""
    layer: Layer = {}
    for key in KNOBS:
        name = variable_of(key)
        if text := environ.get(name):
            layer[key] = from_text(key, text, name), name
    return layer


def from_pairs(pairs: Iterator[str]) -> Layer:
    """What ``--config KEY=VALUE`` sets."""
    layer: Layer = {}
    for pair in pairs:
        key, _, text = pair.partition("=")
        known(key, f"--config {key}")
        layer[key] = from_text(key, text, f"--config {key}"), f"--config {pair}"
    return layer


def _is_pair(entry: str) -> bool:
    """Whether a value of ``--config`` is KEY=VALUE; a path with ``=`` in it needs ``./`` in front."""
    key, equals, _ = entry.partition("=")
    return bool(equals) and key.replace("-", "").replace("_", "").isalnum()
