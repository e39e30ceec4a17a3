"""Pages of manuals that repeat by design: nothing in them is a finding."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

import dedup
from dedup.engine import forms
from dedup.engine.analyze import analyze_document
from dedup.model import Document
from tests import prose
from tests.prose import paragraphs

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

FUNCTION = """\
### `{name}(quay, options)`

{what}

#### Parameters

- `quay`: the name of the quay, as it is written in the timetable.
- `options`: an object with the fields `verbose` and `timeout`. See [options](#options).

#### Returns

A promise. It is fulfilled when the call has been answered, and rejected when the server cannot be reached.

#### Throws

A `QuayError` if the quay is not known, and a `TideError` if there is no forecast for the day.

#### Example

```js
const answer = await harbour.{name}("north", {{ timeout: 500 }});
```

"""

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


def reference(count: int) -> str:
    """Entries with labels in bold type, a table and a list."""
    entries = (ENTRY.format(method=m, path=p, what=w) for m, p, w in CALLS[:count])
    return REFERENCE.format(entries="".join(entries))


def functions(count: int) -> str:
    """Entries with headings of their own, most of each the same."""
    entries = (FUNCTION.format(name=name, what=what) for name, what in NAMES[:count])
    return "# Functions\n\nThis page describes them all.\n\n" + "".join(entries)


def commands(count: int) -> str:
    entries = (COMMAND.format(name=name, what=what) for name, what in NAMES[:count])
    return COMMANDS.format(entries="".join(entries))


def changes(count: int) -> str:
    entries = (CHANGE.format(version=v, added=a, fixed=f) for v, a, f in RELEASES[:count])
    return CHANGES.format(entries="".join(entries))


def edits(text: str, format: str = "markdown") -> list[str]:
    document = Document("page", text, format=format)
    return [edit.removed for edit in analyze_document(document, dedup.Options()).edits]


@pytest.mark.parametrize("page", [STEPS, TABS], ids=["steps", "tabs"])
@pytest.mark.parametrize("format", ["markdown", "text"])
def test_the_same_steps_for_each_system_stay(page: str, format: str) -> None:
    assert edits(page, format) == []


@pytest.mark.parametrize("page", [reference, functions, commands, changes])
@pytest.mark.parametrize("count", [2, 3, 4])
def test_what_each_entry_of_a_reference_has_stays(page: Callable[[int], str], count: int) -> None:
    assert edits(page(count)) == []


def test_a_note_says_that_each_entry_has_it() -> None:
    result = dedup.clean(functions(2))
    assert [(finding.action, finding.note) for finding in result.findings] == [
        ("kept", "each entry of a reference has it")
    ]


def test_a_reference_that_stands_twice_goes_once() -> None:
    page = functions(4)
    assert "".join(edits(f"{page}\n{page}")).strip() == page.strip()


def test_a_section_that_was_copied_below_another_heading_goes() -> None:
    one, two, three, four = ("\n\n".join(prose.paragraphs(3, seed)) for seed in range(4))
    section = f"### Quays\n\n{two}"
    text = f"# Ferries\n\n## North\n\n{one}\n\n{section}\n\n## South\n\n{three}\n\n{section}\n\n## Rest\n\n{four}\n"
    assert "".join(edits(text)).strip() == section


CHAPTER = "\n\n".join(
    f"## Part {number}\n\n{paragraph}" for number, paragraph in enumerate(paragraphs(8, 31), 1)
)


def test_a_chapter_that_was_pasted_below_another_title_goes() -> None:
    text = f"# Alpha\n\n{CHAPTER}\n\n# Beta\n\n{CHAPTER}\n"
    assert len(dedup.clean(text).cleaned) < 0.6 * len(text)


def test_sections_of_a_chapter_are_compared_once_for_each_pair_of_chapters() -> None:
    """Counted: the fields that two entries share, however many paragraphs they have."""
    common = Counter[tuple[object, ...]]()

    class Counted(forms.Forms):
        def _common(self, one: tuple[str, ...], two: tuple[str, ...]) -> int:
            common[one, two] += (one, two) not in self._counted
            return super()._common(one, two)

    text = f"# Alpha\n\n{CHAPTER}\n\n# Beta\n\n{CHAPTER}\n"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(forms, "Forms", Counted)
        dedup.clean(text)
    assert max(common.values()) <= 2  # once in each look
    assert common


COMMENT = "<!-- This heading was renamed. It stays for old links, which lead here from many other pages. -->"


def test_comments_in_markdown_are_no_prose() -> None:
    first, second = paragraphs(2, 33)
    text = f"# Ferries\n\n{COMMENT}\n\n{first}\n\n## Winter\n\n{COMMENT}\n\n{second}\n"
    (result,) = dedup.analyze([Document("a.md", text, format="markdown")])
    assert result.cleaned == text


def test_a_paragraph_is_no_copy_of_what_front_matter_says() -> None:
    first, second = paragraphs(2, 35)
    text = f"---\ntitle: Ferries\ndescription: {first}\n---\n\n# Ferries\n\n{first}\n\n{second}\n"
    document = Document("a.md", text, format="markdown")
    (result,) = dedup.analyze([document])
    assert result.cleaned == text


def test_another_name_for_a_link_is_no_copy() -> None:
    first, second = paragraphs(2, 37)
    address = "https://ferries.example/questions/tagged/winter-timetable-of-the-islands"
    links = [
        f"[the questions]: {address}",
        "[tides]: https://tides.example",
        f"[theQuestions]: {address}",
    ]
    text = "\n".join(
        [f"{first} See [the questions].\n\n{second} See [theQuestions].\n", *links, ""]
    )
    (result,) = dedup.analyze([Document("a.md", text, format="markdown")])
    assert result.cleaned == text


def test_two_entries_that_speak_of_themselves_by_their_names_are_of_one_form() -> None:
    first, second, shared = paragraphs(3, 39)

    def entry(name: str, said: str) -> str:
        options = (
            f"## Options\n\nThe `{name}` command takes what follows, and nothing else.\n\n{shared}"
        )
        return f"# {name}\n\n{said}\n\n{options}\n"

    assert edits(entry("pour", first) + entry("pourall", second)) == []
    renamed = entry("pourall", second).replace("The `pourall` command", "The `pour` command")
    assert "".join(edits(entry("pour", first) + renamed)).count(shared) == 1
