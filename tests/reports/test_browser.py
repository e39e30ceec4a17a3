"""The page in a real browser: nothing is fetched, nothing runs but its own script, everyone can use it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from dedup.engine.normalize import fingerprint
from dedup.reports import html
from tests.reports.build import whole
from tests.reports.test_html import HOSTILE, across, example, harmless, page_with, rendered

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

Open = Callable[..., "Page"]
"""How a test may annotate the fixture ``opened``."""

WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser without windows; skip where there is none."""
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("chromium is not there: no page is opened")
    api = pytest.importorskip(
        "playwright.sync_api", reason="chromium cannot be driven: no playwright"
    )
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program)
        yield browser
        browser.close()


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Open]:
    """Open a page that was rendered. At the end it has said nothing on the console and asked for nothing."""
    said: list[str] = []
    asked: list[str] = []
    contexts = []

    def opened(page: bytes, **options: Any) -> Page:
        path = tmp_path / "page.html"
        path.write_bytes(page)
        context = browser.new_context(**{"viewport": WIDE} | options)
        contexts.append(context)
        view = context.new_page()
        view.on("console", lambda message: said.append(message.text))
        view.on("pageerror", lambda error: said.append(str(error)))
        view.on("dialog", lambda dialog: said.append(dialog.message))
        view.on("request", lambda request: asked.append(request.url))
        view.goto(path.as_uri())
        return view

    yield opened
    for context in contexts:
        context.close()
    assert said == []
    assert {url.partition(":")[0] for url in asked} <= {"file", "data"}
    assert len([url for url in asked if url.startswith("file:")]) == len(contexts)


def several() -> bytes:
    return rendered(example("said"), example("told", "b.txt"), *across())


def shown(page: Page) -> list[str]:
    """What the findings that are to be seen are called, in order."""
    return page.locator("#list .finding:visible .kind").all_text_contents()


def unfold(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")


def test_the_page_opens_without_a_word_on_the_console_and_asks_for_nothing(opened: Open) -> None:
    page = opened(several())
    assert page.title() == "4 files: 52% repeated - dedup"
    assert page.locator("#controls").is_visible()
    page.locator("#open-all").click()
    assert page.locator(".finding:not([open])").count() == 2  # look-alikes


def test_without_scripts_every_finding_can_be_opened(opened: Open) -> None:
    page = opened(several(), java_script_enabled=False)
    assert not page.locator("#controls").is_visible()
    finding = page.locator("#list .finding").first
    assert not finding.locator(".pair").first.is_visible()
    finding.locator("summary").click()
    assert finding.locator(".side.kept").first.is_visible()
    assert finding.locator(".side.removed").first.is_visible()
    fold = page.locator(".document details.gone").first
    page.locator(".document > summary").first.click()
    fold.locator("summary").click()
    assert fold.locator(".said").is_visible()


def test_a_filter_leaves_what_has_all_its_words(opened: Open) -> None:
    page = opened(several())
    every = len(shown(page))
    page.locator("#filter").fill("near-dup told")
    assert shown(page) == ["near-duplicate"]
    assert page.locator("#count").text_content() == f"1 of {every}"
    page.locator("#filter").press("Escape")
    assert len(shown(page)) == every


def test_findings_and_tables_are_sorted_as_asked(opened: Open) -> None:
    page = opened(several())
    score = "all => all.map(one => Number(one.dataset.score))"
    before = page.locator("#list .finding").evaluate_all(score)
    page.locator("#order").select_option("score")
    after = page.locator("#list .finding").evaluate_all(score)
    assert after == sorted(before) != before
    page.locator("#order").select_option("text")
    assert page.locator("#list .finding").evaluate_all(score) == before

    names = page.locator("#worst tbody th")
    button = page.locator("#worst thead button", has_text="name")
    button.click()
    assert names.all_text_contents() == sorted(names.all_text_contents())
    assert page.locator("#worst th[aria-sort=ascending]").text_content() == "name"
    button.click()
    assert names.all_text_contents() == sorted(names.all_text_contents(), reverse=True)
    page.locator("#worst thead button", has_text="removed").click()
    cells = page.locator("#worst td:nth-of-type(2)").all_text_contents()
    sizes = [int(cell.replace(",", "")) for cell in cells]
    assert sizes == sorted(sizes, reverse=True)


def test_the_keys_do_what_the_page_says(opened: Open) -> None:
    page = opened(several())
    has_focus = "node => node === document.activeElement"
    summaries = page.locator("#list .finding > summary")
    for key, at in (("j", 0), ("j", 1), ("k", 0)):
        page.keyboard.press(key)
        assert summaries.nth(at).evaluate(has_focus), key
    page.keyboard.press("o")
    assert page.locator("#list .finding[open]").count() == 1
    page.keyboard.press("a")
    assert page.locator("#list .finding:not([open])").count() == 0
    page.keyboard.press("u")
    assert page.locator("details.gone:not([open])").count() == 0
    page.keyboard.press("/")
    assert page.locator("#filter").evaluate(has_focus)
    page.keyboard.type("jo")  # a word, where words are written
    assert page.locator("#filter").input_value() == "jo"
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    assert page.locator("#keys").get_attribute("open") is not None
    told = set(page.locator("#keys kbd").all_text_contents())
    assert {"/", "j", "k", "o", "a", "u", "?", "Esc"} <= told


def test_a_link_to_a_place_unfolds_where_it_leads(opened: Open) -> None:
    page = opened(several())
    first = page.locator("#list .finding").first
    first.locator("summary").click()
    first.locator("a.place").nth(1).click()
    name = page.evaluate("location.hash.slice(1)")
    place = page.locator(f"[id={name}]")
    fold = place.locator("xpath=following-sibling::details[1]")
    assert fold.get_attribute("open") is not None
    assert fold.locator(".said").is_visible()
    other = page.locator("#list .finding .places a[href^='#d2l']").last
    other.evaluate("node => node.click()")
    page.wait_for_function("document.querySelector('#d2').open")
    name = page.evaluate("location.hash.slice(1)")
    assert page.locator(f"[id={name}]").evaluate(
        "node => { const { top } = node.getBoundingClientRect(); return 0 < top && top < innerHeight; }"
    )


def test_the_keep_entry_is_copied(opened: Open) -> None:
    page = opened(rendered(example()))
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator("#list .finding > summary").first.click()
    page.locator(".keep button").first.click()
    page.locator(".keep button", has_text="Copied").wait_for()
    said = example().document.text.splitlines(keepends=True)[0]
    entry = f'[[keep]]\nhash = "{fingerprint(said)}"\n'
    assert page.evaluate("navigator.clipboard.readText()") == entry


@pytest.mark.parametrize("said", [each for each in HOSTILE if "<" in each or "'" in each])
def test_r50_hostile_text_makes_no_element_and_runs_nothing(said: str, opened: Open) -> None:
    every = (
        "() => [...document.querySelectorAll('*')]"
        ".map((node) => `${node.tagName} ${node.getAttributeNames()}`)"
    )
    clean = opened(page_with(harmless(said))).evaluate(every)
    page = opened(page_with(f"w{said}d"))
    assert page.evaluate(every) == clean
    unfold(page)
    assert f"First w{said}d stays here." in page.locator("#list .side").first.inner_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_everyone_can_use_it(
    size: dict[str, int], scheme: str, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="chromium: no axe")
    for made in (several(), rendered(example())):
        page = opened(made, viewport=size, color_scheme=scheme)
        unfold(page)
        # What it may not do to a page with a policy: be added as a script. It is run as the tools do.
        page.evaluate(axe.AXE_SCRIPT if hasattr(axe, "AXE_SCRIPT") else axe.Axe().axe_script)
        result = page.evaluate(
            "() => axe.run(document, {resultTypes: ['violations', 'incomplete']})"
        )
        found = [
            (each["id"], node["html"][:200], node["failureSummary"])
            for each in result["violations"]
            for node in each["nodes"]
        ]
        assert found == []
        assert {"color-contrast", "landmark-one-main"} <= {each["id"] for each in result["passes"]}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_has_the_focus_can_be_seen(scheme: str, opened: Open) -> None:
    page = opened(several(), color_scheme=scheme)
    seen = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        width, style, name = page.evaluate(
            "() => { const node = document.activeElement, style = getComputedStyle(node);"
            " return [parseFloat(style.outlineWidth), style.outlineStyle, node.tagName]; }"
        )
        if name != "BODY":
            assert width >= 2 and style == "solid", name
        seen.add(name)
    assert {"A", "BUTTON", "INPUT", "SELECT", "SUMMARY"} <= seen


@pytest.mark.parametrize(
    "made", [several(), rendered(example("word " * 60)), rendered(example("w" * 900))]
)
def test_a_telephone_shows_it_without_scrolling_sideways(made: bytes, opened: Open) -> None:
    page = opened(made, viewport=NARROW)
    unfold(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_names_in_the_pictures_can_be_read(size: dict[str, int], opened: Open) -> None:
    page = opened(several(), viewport=size)
    for words in (".treemap:visible text", ".graph text"):
        found = page.locator(words)
        assert found.count() >= 1
        for one in found.all():
            box = one.bounding_box()
            assert box and box["height"] >= 10 and box["x"] + box["width"] <= size["width"], words


def test_kinds_in_the_dot_plot_differ_in_more_than_colour(opened: Open) -> None:
    page = opened(rendered(example()))
    look = (
        "nodes => nodes.map(node => { const it = getComputedStyle(node);"
        " return [it.strokeWidth, it.strokeDasharray, it.strokeLinecap].join(); })"
    )
    for lines in (".plot .dots", ".dotplot .legend .dots"):
        looks = page.locator(lines).evaluate_all(look)
        assert len(looks) == len({*looks}) == 4


def test_on_paper_nothing_is_folded(opened: Open) -> None:
    page = opened(rendered(example()))
    page.emulate_media(media="print")
    assert page.locator("#list .side.removed").first.is_visible()
    assert not page.locator("#controls").is_visible()


def test_the_page_of_a_large_run_is_ready_for_keys(opened: Open) -> None:
    results = [example("word " * 30, f"{number}.txt") for number in range(200)]
    made = html.render(whole(*results), fingerprint)
    page = opened(made)
    page.keyboard.press("j")
    page.keyboard.press("o")
    assert page.locator("#list .finding[open]").count() == 1
