"""Every page of our EPUBs is accessible and fits, at three widths, light and dark."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from epubs import Edit, break_epub, read_pages

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Built
    from engines import Engines
    from playwright.sync_api import Page

pytestmark = pytest.mark.slow

WIDTHS = (320, 600, 1200)
"""CSS px: a phone (WCAG 2.2, 1.4.10), a small tablet, a desktop."""
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOURS = ["color-contrast", "link-in-text-block"]
"""The rules that dark pages can break and light ones not."""
NIGHT = """html { color-scheme: dark }
body { background: #000 !important; color: #fff !important }"""
"""What a reader's dark theme lays over the book's style."""


@dataclass(frozen=True)
class Findings:
    """What is wrong with the pages of an EPUB, each line with the file's name."""

    violations: list[str]
    overflow: list[str]


def find_violations(page: Page) -> list[str]:
    """Return what axe finds on *page* at each width, and in the dark at the last.

    In the dark is with the system's dark colours, then with a reader's own over them;
    no width changes a colour.
    """
    found = []
    page.emulate_media(color_scheme="light")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        found += page.evaluate("tags => runAxe({ tags })", TAGS)
    page.emulate_media(color_scheme="dark")
    found += page.evaluate("rules => runAxe({ rules })", COLOURS)
    page.add_style_tag(content=NIGHT)
    return found + page.evaluate("rules => runAxe({ rules })", COLOURS)


def find_overflow(page: Page) -> list[str]:
    """Return what is wider than the window at each width."""
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        told = page.evaluate("measureOverflow()")
        found += [f"{width} px: {what}" for what in told]
    return found


@pytest.fixture(scope="module", params=["book", "minimal", "critical"])
def findings(request: pytest.FixtureRequest, engines: Engines) -> Findings:
    """Open every page of each of the three editions once, and look at it."""
    built: Built = request.getfixturevalue(f"built_{request.param}")
    violations, overflow = [], []
    for name in read_pages(built.epub):
        page = engines.open_file(built.epub, name)
        overflow += [f"{name}: {told}" for told in find_overflow(page)]
        violations += [f"{name}: {told}" for told in find_violations(page)]
    return Findings(violations, overflow)


def test_axe_finds_no_violation(findings: Findings) -> None:
    """WCAG 2.2 AA and what axe calls good practice, on every page of the book."""
    assert findings.violations == []


def test_nothing_is_wider_than_the_window(findings: Findings) -> None:
    """No element ends beyond the right edge; no page moves sideways."""
    assert findings.overflow == []


@pytest.mark.parametrize(
    ("entry", "old", "new", "rule"),
    [
        ("EPUB/imprimerie.xhtml", "<h2", '<h2 style="color: #aaa"', "color-contrast"),
        ("EPUB/imprimerie.xhtml", "<h2", '<h2 style="color: #333"', "color-contrast"),
        ("EPUB/cover.xhtml", ' alt="Couverture', ' data-was="', "image-alt"),
        (
            "EPUB/imprimerie.xhtml",
            ' lang="fr-FR" xml:lang="fr-FR"',
            "",
            "html-has-lang",
        ),
    ],
    ids=["light", "dark", "no-alt", "no-lang"],
)
def test_axe_rejects_a_broken_page(  # noqa: PLR0913 - the fault and where
    entry: str,
    old: str,
    new: str,
    rule: str,
    engines: Engines,
    built_minimal: Built,
    tmp_path: Path,
) -> None:
    """The check can fail: too pale by day, too dark by night, a picture unnamed."""
    broken = break_epub(
        built_minimal.epub, [Edit(entry, old, new)], tmp_path / "broken.epub"
    )
    page = engines.open_file(broken, entry)
    rules = {told.partition(":")[0] for told in find_violations(page)}
    assert rule in rules


@pytest.mark.parametrize(
    ("old", "new", "width"),
    [
        ("<ul>", '<ul style="width: 400px">', 320),
        ("<ul>", '<ul style="position: absolute; left: 1190px">', 1200),
        ("<blockquote>", '<blockquote style="white-space: nowrap">', 600),
    ],
    ids=["wide", "beyond", "no-break"],
)
def test_overflow_is_found(  # noqa: PLR0913 - the fault and where
    old: str,
    new: str,
    width: int,
    engines: Engines,
    built_minimal: Built,
    tmp_path: Path,
) -> None:
    """The check can fail: what is too wide is told with the width of the window."""
    entry = "EPUB/imprimerie.xhtml"
    broken = break_epub(
        built_minimal.epub, [Edit(entry, old, new)], tmp_path / "broken.epub"
    )
    found = find_overflow(engines.open_file(broken, entry))
    assert any(told.startswith(f"{width} px") for told in found)
