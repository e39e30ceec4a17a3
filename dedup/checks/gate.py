"""Which alerts count: what the baseline knows and what did not change is set aside, then limits decide."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from dedup.checks.alerts import Alert, Checked
from dedup.model import Failure, Totals
from dedup.reports import wording

ANYTHING = "something repeats"
"""What is said to be exceeded where there are no limits."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What may be found without anything being wrong."""

    findings: int | None = None
    """How many; None: none, unless ``redundancy`` is given."""
    redundancy: float | None = None
    """Per cent of all characters."""


@dataclass(frozen=True, slots=True)
class End:
    """What is known once all documents are checked."""

    totals: Totals
    """Of the documents, whatever of their alerts counts."""
    findings: Mapping[str, int]
    """Alerts that count by name, notes aside, in order of the names."""
    documents: int
    """How many documents have one of them."""
    characters: int
    """Code points they stand for."""
    notes: int
    failures: tuple[Failure, ...] = ()
    skipped: Mapping[str, int] = field(default_factory=dict)
    """How many files were not read, by reason."""
    set_aside: Mapping[str, int] = field(default_factory=dict)
    """How many alerts do not count, by what sets them aside."""
    warnings: tuple[str, ...] = ()
    """What a reader should know of the run: baseline entries and keeps that are unused."""
    exceeded: tuple[str, ...] = ()
    """The limits that were passed, in words; without limits that anything was found."""
    status: int = 0
    """With what the process will exit."""
    within: tuple[str, ...] = ()
    """The limits that let findings pass, in words; none if one of them was passed or nothing was found."""

    @property
    def count(self) -> int:
        """How many alerts count."""
        return sum(self.findings.values())

    @property
    def redundancy(self) -> float:
        """Their share of all characters, 0.0-1.0."""
        return self.characters / self.totals.characters if self.totals.characters else 0.0


class Sieve(Protocol):
    """Something that sets alerts aside: a baseline, what changed since."""

    name: str
    """What sets them aside, in a few words."""

    def passed(self, checked: Checked) -> Iterable[Alert]:
        """The alerts of the document that still count, in order; notes too."""


class Gate:
    """Lets alerts through, document by document in order, and counts."""

    def __init__(self, sieves: Iterable[Sieve], limits: Limits) -> None:
        self._sieves = tuple(sieves)
        self._limits = limits
        self._findings: dict[str, int] = {}
        self._set_aside: dict[str, int] = {}
        self._documents = self._characters = self._notes = 0

    def passed(self, checked: Checked) -> Checked:
        """The document with the alerts that count."""
        for sieve in self._sieves:
            before = _errors(checked.alerts)
            checked = replace(checked, alerts=tuple(sieve.passed(checked)))
            if aside := before - _errors(checked.alerts):
                self._set_aside[sieve.name] = self._set_aside.get(sieve.name, 0) + aside
        self._count(checked)
        return checked

    def _count(self, checked: Checked) -> None:
        errors = _errors(checked.alerts)
        self._notes += len(checked.alerts) - errors
        self._documents += errors > 0
        for alert in checked.alerts:
            if alert.level == "error":
                self._findings[alert.name] = self._findings.get(alert.name, 0) + 1
                self._characters += alert.characters

    def end(
        self,
        totals: Totals,
        failures: Iterable[Failure] = (),
        skipped: Mapping[str, int] | None = None,
        warnings: Iterable[str] = (),
    ) -> End:
        """What is known now that all documents came through."""
        found = End(
            totals,
            dict(sorted(self._findings.items())),
            self._documents,
            self._characters,
            self._notes,
            tuple(failures),
            skipped or {},
            dict(self._set_aside),
            tuple(warnings),
        )
        exceeded = tuple(_exceeded(found, self._limits))
        within = tuple(_named(self._limits)) if found.count and not exceeded else ()
        return replace(found, exceeded=exceeded, within=within)


def _errors(alerts: Iterable[Alert]) -> int:
    return sum(alert.level == "error" for alert in alerts)


def _exceeded(end: End, limits: Limits) -> Iterable[str]:
    if limits.findings is None and limits.redundancy is None:
        if end.count:
            yield ANYTHING
        return
    if limits.findings is not None and end.count > limits.findings:
        yield f"{wording.count(end.count, 'finding')}, more than {limits.findings:,}"
    share = 100 * end.redundancy
    if limits.redundancy is not None and share > limits.redundancy:
        yield f"{_above(share, limits.redundancy)}% repeated, more than {_plain(limits.redundancy)}%"


def _named(limits: Limits) -> Iterable[str]:
    if limits.findings is not None:
        yield wording.count(limits.findings, "finding")
    if limits.redundancy is not None:
        yield f"{_plain(limits.redundancy)}% repeated"


def _plain(limit: float) -> str:
    return repr(float(limit)).removesuffix(".0")


def _above(share: float, limit: float) -> str:
    """``share`` with as many decimals as it takes to look larger than ``limit``, two at least.

    >>> _above(32.4567, 10), _above(10.00004, 10.0)
    ('32.46', '10.00004')
    """
    for decimals in range(2, 17):
        shown = f"{share:.{decimals}f}"
        if float(shown) > limit:
            return shown
    return repr(share)
