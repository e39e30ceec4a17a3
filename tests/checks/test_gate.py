"""The gate counts what passes the sieves, and says which limits that exceeds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

from dedup.checks import summary
from dedup.checks.alerts import Alert, Checked
from dedup.checks.gate import ANYTHING, End, Gate, Limits
from dedup.model import Failure, Totals
from tests.checks.test_alerts import errors
from tests.prose import doubled

(ALERT,) = errors(doubled(3, 7))
NOTE = replace(ALERT, level="note", characters=0)
TOTALS = Totals(documents=2, characters=100_000)


def checked(*alerts: Alert, name: str = "a.txt") -> Checked:
    return Checked(name, name, None, alerts)


def passed(
    limits: Limits, *documents: Checked, sieves: Iterable[Odd] = (), totals: Totals = TOTALS
) -> End:
    gate = Gate(sieves, limits)
    for document in documents:
        gate.passed(document)
    return gate.end(totals)


class Odd:
    """Sets every second alert aside."""

    name = "odd"

    def passed(self, checked: Checked) -> Iterable[Alert]:
        return checked.alerts[::2]


def test_what_passes_is_counted_by_name_and_notes_apart() -> None:
    other = replace(ALERT, name="contained", characters=5)
    end = passed(Limits(), checked(ALERT, NOTE, other), checked(NOTE, name="b.txt"))
    assert end.findings == {"contained": 1, "repeated-block": 1}
    assert (end.count, end.documents, end.notes) == (2, 1, 2)
    assert end.characters == ALERT.characters + 5
    assert end.redundancy == end.characters / TOTALS.characters


def test_what_a_sieve_holds_back_is_counted_and_notes_are_no_loss() -> None:
    end = passed(Limits(), checked(ALERT, ALERT, ALERT, NOTE), sieves=[Odd()])
    assert (end.count, end.set_aside) == (2, {"odd": 1})
    assert end.exceeded == (ANYTHING,)
    assert passed(Limits(), checked(ALERT, NOTE), sieves=[Odd()]).set_aside == {}


@pytest.mark.parametrize(
    ("limits", "count", "exceeded"),
    [
        (Limits(), 0, ()),
        (Limits(), 1, (ANYTHING,)),
        (Limits(findings=1), 1, ()),
        (Limits(findings=0), 1, ("1 finding, more than 0",)),
        (Limits(findings=1), 2, ("2 findings, more than 1",)),
        (Limits(redundancy=100.0), 9, ()),
        (Limits(findings=1, redundancy=100.0), 2, ("2 findings, more than 1",)),
        (Limits(redundancy=0.0), 0, ()),
    ],
)
def test_limits_are_what_is_allowed(limits: Limits, count: int, exceeded: tuple[str, ...]) -> None:
    assert passed(limits, checked(*[ALERT] * count)).exceeded == exceeded


def test_a_share_just_above_the_limit_is_shown_as_above_it() -> None:
    alert = replace(ALERT, characters=100_001)
    totals = Totals(documents=1, characters=1_000_000)
    limit = Limits(redundancy=10.0)
    end = passed(limit, checked(alert), totals=totals)
    assert end.exceeded == ("10.0001% repeated, more than 10%",)
    equal = replace(ALERT, characters=100_000)
    assert passed(limit, checked(equal), totals=totals).exceeded == ()


def test_the_summary_names_the_limits_that_were_passed_and_nothing_without_limits() -> None:
    alert = replace(ALERT, characters=40_000)
    lines = list(summary.lines(passed(Limits(0, 1.5), checked(alert))))
    assert lines[1:] == [
        "Over the limit: 1 finding, more than 0.",
        "Over the limit: 40.00% repeated, more than 1.5%.",
    ]
    assert len(list(summary.lines(passed(Limits(), checked(alert))))) == 1


def test_the_summary_tells_what_was_ignored_skipped_and_failed() -> None:
    gate = Gate([Odd()], Limits())
    gate.passed(checked(NOTE, ALERT))
    end = gate.end(TOTALS, [Failure("x", "y")], {"binary": 2})
    assert list(summary.lines(end)) == [
        "Found nothing new in 2 files.",
        "Ignored 1 finding: odd.",
        "1 look-alike noted.",
        "Skipped 2: 2 binary.",
        "1 file or record could not be checked.",
    ]
