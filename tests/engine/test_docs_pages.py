"""Pages of manuals that repeat by design: nothing in them is a finding."""

from __future__ import annotations

import pytest

import dedup
from dedup.engine.analyze import analyze_document
from dedup.model import Document

STEPS = """\
# Installing the harbour server

The server runs on any machine that can see the tide gauge. Choose your system below.

### Ubuntu

1. Download the package and its signature from the release page.
2. Install the package:

   ```sh
   sudo apt install ./harbour.deb
   ```

3. Start the service and check that it answers:

   ```sh
   sudo systemctl start harbour
   harbour status
   ```

The first start takes about a minute, because the tide tables are built.

### Fedora

1. Download the package and its signature from the release page.
2. Install the package:

   ```sh
   sudo dnf install ./harbour.rpm
   ```

3. Start the service and check that it answers:

   ```sh
   sudo systemctl start harbour
   harbour status
   ```

The first start takes about a minute, because the tide tables are built.

### Arch Linux

1. Download the package and its signature from the release page.
2. Install the package:

   ```sh
   sudo pacman -U harbour.pkg.tar.zst
   ```

3. Start the service and check that it answers:

   ```sh
   sudo systemctl start harbour
   harbour status
   ```

The first start takes about a minute, because the tide tables are built.

## What comes next

Tell the server where the gauge is, and let it run for a day before you trust the forecast.
"""

TABS = """\
# Reading the gauge

Connect the gauge to the machine before you begin; the lamp on its side turns green.

=== "Linux"

    Open a terminal and list the devices. The gauge is the one whose name begins with `tide`:

    ```sh
    ls /dev/tide*
    ```

    Then write down the name, because the configuration asks for it.

=== "macOS"

    Open a terminal and list the devices. The gauge is the one whose name begins with `tide`:

    ```sh
    ls /dev/cu.tide*
    ```

    Then write down the name, because the configuration asks for it.

=== "Windows"

    Open a terminal and list the devices. The gauge is the one whose name begins with `tide`:

    ```powershell
    Get-PnpDevice -FriendlyName tide*
    ```

    Then write down the name, because the configuration asks for it.

Once the name is known, nothing else has to be done on the machine itself.
"""

REFERENCE = """\
# Harbour API

All calls take and return JSON.

{entries}
## Limits

A client that asks more than once a second is slowed down, and told so in a header.
"""

ENTRY = """\
## {method} {path}

{what}

**Parameters**

| Name | Type | Description |
|---|---|---|
| `quay` | string | The quay, as it is called in the timetable. |
| `date` | string | The day, in ISO 8601. |

**Returns**

Returns an object with the fields below, or an error if the call could not be answered.

**Errors**

- `400`: the quay is not known
- `403`: the key does not allow this call
- `429`: too many calls; wait as long as the header says

"""

CALLS = [
    ("GET", "/departures", "Lists what leaves a quay on a day, the earliest first."),
    ("GET", "/arrivals", "Lists what reaches a quay on a day, with the delay known so far."),
    ("GET", "/tides", "Forecasts high and low water for a quay; heights are in metres."),
    ("POST", "/closures", "Closes a quay for a day. Ferries that call there are rerouted."),
    ("DELETE", "/closures", "Opens a quay again before the day is over."),
]

COMMANDS = """\
# Commands

{entries}"""

COMMAND = """\
## harbour {name}

{what}

```
harbour {name} [OPTIONS] QUAY
```

Options:

- `-v`, `--verbose`: say what is done, and how long it took
- `-q`, `--quiet`: say nothing but errors
- `--config FILE`: read the settings from FILE instead of `harbour.toml`

Example:

```sh
harbour {name} --quiet north
```

"""

NAMES = [
    ("open", "Opens a quay. Ferries may call there from the next full hour on."),
    ("close", "Closes a quay until it is opened again; what is under way is let in."),
    ("list", "Shows every quay with its depth, and whether it is open now."),
    ("watch", "Prints what arrives and leaves as it happens, until it is interrupted."),
]

CHANGES = """\
# Changes

{entries}"""

CHANGE = """\
## {version}

### Added

- {added}

### Fixed

- {fixed}
- Several spelling mistakes in the manual.

### Upgrading

No steps are needed. Restart the server after the new version has been installed.

"""

RELEASES = [
    ("1.3", "Closures can be given an end.", "The last ferry of a year was listed twice."),
    ("1.2", "Quays have a depth.", "A delay of more than a day was shown as none."),
    ("1.1", "Forecasts for a week.", "Names with an apostrophe could not be looked up."),
    ("1.0.1", "A manual page.", "The server did not stop when it was asked to."),
]

FRONT = """\
---
title: {title}
layout: page
author: the harbour office
tags: [quay, tide, ferry]
---

# {title}

{text}
"""

PAGES = {
    "steps": STEPS,
    "tabs": TABS,
    "reference": REFERENCE.format(
        entries="".join(ENTRY.format(method=m, path=p, what=w) for m, p, w in CALLS)
    ),
    "commands": COMMANDS.format(entries="".join(COMMAND.format(name=n, what=w) for n, w in NAMES)),
    "changes": CHANGES.format(
        entries="".join(CHANGE.format(version=v, added=a, fixed=f) for v, a, f in RELEASES)
    ),
}


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("format", ["markdown", "text"])
def test_a_page_that_repeats_by_design_has_no_finding(page: str, format: str) -> None:
    result = analyze_document(Document(page, PAGES[page], format=format), dedup.Options())
    assert [edit.removed for edit in result.edits] == []
