"""SARIF 2.1.0, which GitHub's code scanning and editors show.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html; what GitHub takes of it:
https://docs.github.com/en/code-security/reference/code-scanning/sarif-files/sarif-support
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from dedup import __version__
from dedup.checks.alerts import Alert, Checked, Range, Spot, Trouble
from dedup.checks.formats import Setting, rules
from dedup.checks.formats.messages import begins, shortened, told, unread
from dedup.checks.formats.worst import Worst
from dedup.checks.gate import End
from dedup.checks.paths import Paths
from dedup.model import KEPT_LOOKALIKE, REPEATED_BLOCK
from dedup.reports import wording
from dedup.reports.escape import escape_line
from dedup.reports.explanations import EXPLANATIONS, Explanation
from dedup.reports.json import dumped

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
RESULTS = 5000
"""As many as GitHub shows of an upload."""
RELATED = 100
"""As many places as GitHub shows of a result."""
NOTIFICATIONS = 1000

ROOT = "%SRCROOT%"
_INDEX = {name: at for at, name in enumerate(EXPLANATIONS)}
_PRECISION = {REPEATED_BLOCK: "high", KEPT_LOOKALIKE: "low"}
_SEVERITY = {"error": "error", "note": "recommendation"}


class Writer:
    """The greatest findings once all are known, in order of their places."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._worst = Worst[tuple[Alert, str]](RESULTS)
        self._troubles: list[tuple[str, Trouble]] = []
        self._unread = 0
        self._path = ""
        self._seen: dict[str, int] = {}

    def begin(self) -> Iterator[str]:
        """Nothing: the log is one object."""
        return iter(())

    def document(self, checked: Checked) -> Iterator[str]:
        """Nothing: the greatest are kept."""
        if checked.path != self._path:
            self._path, self._seen = checked.path, {}
        for trouble in checked.troubles:
            self._unread += 1
            if len(self._troubles) < NOTIFICATIONS:
                self._troubles.append((checked.path, trouble))
        for alert in checked.alerts:
            # Equal blocks of a file are told apart by their number, as lines would not be.
            self._seen[alert.fingerprint] = number = self._seen.get(alert.fingerprint, 0) + 1
            self._worst.add(alert.characters, (alert, f"{alert.fingerprint}:{number}"))
        return iter(())

    def end(self, end: End) -> Iterator[str]:
        """The log."""
        found = list(self._worst.in_order())
        largest = max((alert.characters for alert, _ in found), default=0) or 1
        base = os.path.basename(self._setting.paths.base)
        run = {
            "tool": {"driver": _driver()},
            "automationDetails": {"id": "/".join(filter(None, ("dedup", _quoted(base)))) + "/"},
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": {ROOT: {"description": {"text": "The top of the repository."}}},
            "invocations": [self._invocation(end)],
            "results": [self._result(alert, hashed, largest) for alert, hashed in found],
        }
        yield dumped({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}) + "\n"

    def _invocation(self, end: End) -> dict[str, Any]:
        notified = [self._notification(path, trouble) for path, trouble in self._troubles]
        if more := self._unread - len(self._troubles):
            notified.append(
                _notified("error", f"and {wording.count(more, 'more unreadable file')}")
            )
        if self._worst.left_out:
            total = wording.count(len(self._worst) + self._worst.left_out, "finding")
            said = f"{len(self._worst):,} of {total} are listed, those with most characters"
            notified.append(_notified("warning", said))
        notified += [_notified("warning", said) for said in end.warnings[:NOTIFICATIONS]]
        return {
            "executionSuccessful": not end.failures,
            "exitCode": end.status,
            "toolExecutionNotifications": notified,
        }

    def _notification(self, path: str, trouble: Trouble) -> dict[str, Any]:
        place: dict[str, Any] = {"artifactLocation": self._artifact(path)}
        if trouble.line:
            place["region"] = {"startLine": trouble.line}
        return _notified("error", unread(trouble)) | {"locations": [{"physicalLocation": place}]}

    def _result(self, alert: Alert, hashed: str, largest: int) -> dict[str, Any]:
        result: dict[str, Any] = {
            "ruleId": alert.name,
            **({"ruleIndex": _INDEX[alert.name]} if alert.name in _INDEX else {}),
            "level": alert.level,
            "message": {"text": _linked(alert, self._setting.paths)},
            "locations": [self._location(alert.spot, alert.document)],
            "partialFingerprints": {"primaryLocationLineHash": hashed, "dedupHash/v1": hashed},
            "rank": round(100 * alert.characters / largest, 1),
        }
        if alert.related:
            result["relatedLocations"] = [
                self._location(spot, spot.document or alert.document)
                | {
                    "id": number,
                    "message": {"text": spot.named(alert.spot.path, self._setting.paths.shown)},
                }
                for number, spot in enumerate(alert.related[:RELATED], 1)
            ]
        if self._setting.has_baseline and alert.level == "error":
            # What the baseline holds is left out, not "unchanged": GitHub does not know the property, and
            # would open an alert on each.
            result["baselineState"] = "new"
        if alert.cuts:
            result["fixes"] = [self._fix(alert)]
        return result

    def _location(self, spot: Spot, document: str) -> dict[str, Any]:
        place: dict[str, Any] = {"artifactLocation": self._artifact(spot.path)}
        if spot.line:
            place["region"] = _region(spot)
        found: dict[str, Any] = {"physicalLocation": place}
        if not spot.column:  # lines and columns do not say where in the file it is
            found["logicalLocations"] = [{"fullyQualifiedName": escape_line(document)}]
        return found

    def _fix(self, alert: Alert) -> dict[str, Any]:
        change = {
            "artifactLocation": self._artifact(alert.spot.path),
            "replacements": [{"deletedRegion": _region(cut)} for cut in alert.cuts],
        }
        return {"description": {"text": "Take the copy out."}, "artifactChanges": [change]}

    def _artifact(self, path: str) -> dict[str, Any]:
        shown = self._setting.paths.shown(path)
        if os.path.isabs(shown):
            return {"uri": f"file://{_quoted(shown)}"}
        return {"uri": _quoted(shown), "uriBaseId": ROOT}


def _driver() -> dict[str, Any]:
    return {
        "name": "dedup",
        "semanticVersion": __version__,
        "rules": [_rule(one) for one in EXPLANATIONS.values()],
    }


def _rule(one: Explanation) -> dict[str, Any]:
    level = "note" if one.name == KEPT_LOOKALIKE else "error"
    return {
        "id": one.name,
        "name": "".join(word.capitalize() for word in one.name.split("-")),
        "shortDescription": {"text": one.summary},
        "fullDescription": {"text": rules.description(one)},
        "help": {"text": rules.plain(one), "markdown": rules.markdown(one)},
        "defaultConfiguration": {"level": level},
        "properties": {
            "precision": _PRECISION.get(one.name, "medium"),
            "problem.severity": _SEVERITY[level],
            "tags": ["duplication", "documentation"],
        },
    }


def _region(one: Range) -> dict[str, int]:
    """Lines and, where there are any, columns; what is 0 is not known."""
    numbers = {"startLine": one.line, "startColumn": one.column}
    numbers |= {"endLine": one.end_line, "endColumn": one.end_column}
    return {name: number for name, number in numbers.items() if number}


def _linked(alert: Alert, paths: Paths) -> str:
    """The message, in which the first passage that stays is a link to it: otherwise it is not shown."""
    said = told(alert, paths)
    if alert.related:
        there = escape_line(alert.related[0].named(alert.spot.path, paths.shown))
        at = said.find(there, len(alert.spot.where))
        end = at + len(there)
        if at >= 0:
            said = f"{_unlinked(said[:at])}[{_unlinked(said[at:end])}](1){_unlinked(said[end:])}"
    else:
        said = _unlinked(said)
    return shortened("\n".join(filter(None, (said, _unlinked(begins(alert))))))


def _unlinked(text: str) -> str:
    return text.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")


def _notified(level: str, said: str) -> dict[str, Any]:
    return {"level": level, "message": {"text": shortened(_unlinked(escape_line(said)))}}


def _quoted(path: str) -> str:
    """A path as part of an address: its bytes, but for letters and digits of ASCII, in hexadecimal."""
    try:
        data = path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # a name that no file has
        data = path.encode("utf-8", "surrogatepass")
    return quote(data)
