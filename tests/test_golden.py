"""Golden pages: what only an eye can judge, kept as small grey pictures.

The pages are those of tests/critical, whose words nobody edits: they change with the
design alone. A page that has changed is shown beside the one that was expected; look at
it, and accept it with `pytest tests/test_golden.py --accept`.
"""

from __future__ import annotations

import io
import subprocess
from functools import cache
from typing import TYPE_CHECKING

import pytest
from conftest import ROOT
from PIL import Image, ImageChops, ImageDraw
from printed import MM, pages_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Built

pytestmark = pytest.mark.slow

GOLDEN = ROOT / "tests" / "golden"
DPI = 60
GREYS = 16
"""How many shades a golden picture has: fewer than a rasteriser, enough for an eye."""
BLOCK = 6
"""The side of the squares whose ink is compared, in pixels: 2.5 mm."""
TOLERANCE = 32
"""How much the grey of a square may differ, of 255."""
BLANK, INK = 254, 246
"""The grey from which a square is empty, and up to which it has something on it."""


# --- which pages ---------------------------------------------------------------------


def at(id_: str) -> Callable[[Built], int]:
    """Return what finds the page, from 0, that has *id_*."""
    return lambda built: built.targets()[id_][0]


def find_spread(built: Built) -> int:
    """Return the first verso of a spread with notes on both pages and both tiers."""
    pages = {page.number: page for page in pages_of(built)}
    return next(
        number
        for number in sorted(pages)
        if number % 2 and number + 1 in pages
        for both in [(pages[number], pages[number + 1])]
        if all(page.notes for page in both) and any(page.entries for page in both)
    )


PAGES: dict[str, Callable[[Built], int]] = {
    "title-page": lambda _: 2,
    "contents": at("contents"),
    "opening": at("harrow"),
    "verso": find_spread,
    "recto": lambda built: find_spread(built) + 1,
    "parallels": at("parallels"),
    "time-line": lambda built: at("chronology")(built) + 1,
    "bibliography": at("bibliography"),
    "index": at("index"),
}


@cache
def draw(path: Path, page: int) -> Image.Image:
    """Return the *page*, from 0, of the PDF at *path* as a grey picture."""
    number = str(page + 1)
    options = ["-r", str(DPI), "-gray", "-png", "-f", number, "-l", number]
    command = ["pdftoppm", *options, str(path)]
    drawn = subprocess.run(command, check=True, capture_output=True).stdout
    return Image.open(io.BytesIO(drawn)).convert("L")


def draw_front(built: Built) -> Image.Image:
    """Return the front of the cover, without its bleed."""
    sheet = draw(built.folder / f"{built.pdf.stem}-cover.pdf", 0)
    press = built.book.settings.print.press
    dots = MM * DPI / 72
    right, low = sheet.width, sheet.height
    bleed = round(press.cover_bleed * dots)
    left = right - bleed - round(press.trim[0] * dots)
    return sheet.crop((left, bleed, right - bleed, low - bleed))


def draw_any(name: str, built: Built) -> Image.Image:
    if name == "cover":
        return draw_front(built)
    return draw(built.pdf, PAGES[name](built))


# --- how they are compared -----------------------------------------------------------


def find_changes(expected: Image.Image, found: Image.Image) -> int:
    """Return how many squares have changed, all of them if the size has.

    Their grey differs, or one is empty and the other is not.
    """
    size = (expected.width // BLOCK, expected.height // BLOCK)
    if expected.size != found.size:
        return size[0] * size[1]
    images = (expected, found)
    greys = (i.resize(size, Image.Resampling.BOX).tobytes() for i in images)
    return sum(
        abs(one - other) > TOLERANCE
        or (max(one, other) >= BLANK and min(one, other) <= INK)
        for one, other in zip(*greys, strict=True)
    )


def show(expected: Image.Image, found: Image.Image, target: Path) -> None:
    """Draw what was expected, what was found and the difference side by side."""
    width = max(expected.width, found.width)
    height = max(expected.height, found.height)
    sheets = []
    for image in (expected, found):
        sheet = Image.new("L", (width, height), 255)
        sheet.paste(image)
        sheets.append(sheet)
    sheets.append(ImageChops.invert(ImageChops.difference(*sheets)))
    shown = Image.new("L", (3 * width + 40, height + 20), 200)
    for number, (sheet, words) in enumerate(
        zip(sheets, ("expected", "found", "difference"), strict=True)
    ):
        left = 10 + number * (width + 10)
        shown.paste(sheet, (left, 16))
        ImageDraw.Draw(shown).text((left, 3), words, fill=0)
    target.parent.mkdir(parents=True, exist_ok=True)
    shown.save(target)


@pytest.mark.parametrize("name", [*PAGES, "cover"])
def test_the_page_is_as_it_was_accepted(
    name: str,
    built_critical: Built,
    accept: bool,  # noqa: FBT001 - a fixture
    tmp_path: Path,
) -> None:
    found, path = draw_any(name, built_critical), GOLDEN / f"{name}.png"
    if accept:
        found.quantize(GREYS).save(path, optimize=True)
    assert path.exists(), f"there is no {path.name}: make it with --accept"
    expected = Image.open(path).convert("L")
    changes = find_changes(expected, found)
    if changes:
        show(expected, found, tmp_path / f"{name}.png")
    assert not changes, (
        f"look at {tmp_path / f'{name}.png'}, then accept it with --accept"
    )


# --- the comparison can fail, and does not for nothing -------------------------------


@pytest.mark.parametrize("name", [*PAGES, "cover"])
def test_a_page_a_little_lighter_is_the_same_page(
    name: str, built_critical: Built
) -> None:
    """As another release of the rasteriser may draw it."""
    page = draw_any(name, built_critical)
    lighter = page.point(lambda grey: 255 - (255 - grey) * 9 // 10)
    assert find_changes(page, lighter) == 0


def test_a_page_that_moves_by_half_a_line_is_seen(built_critical: Built) -> None:
    page = draw_any("verso", built_critical)
    assert find_changes(page, ImageChops.offset(page, 0, 5)) > 100


def test_a_line_number_that_is_lost_is_seen(built_critical: Built) -> None:
    """The smallest thing that a page can lose; on a verso it stands on the left."""
    page = draw_any("verso", built_critical)
    (number, *_) = next(
        p.beside["left"]
        for p in pages_of(built_critical)
        if p.number == find_spread(built_critical)
    )
    without, dots = page.copy(), DPI / 72
    box = tuple(
        round(side * dots)
        for side in (
            number.left - 1,
            number.top,
            number.right + 1,
            number.foot,
        )
    )
    without.paste(255, box)
    assert find_changes(page, without) > 0


def test_a_page_that_has_changed_is_shown_beside_the_other(
    built_critical: Built, tmp_path: Path
) -> None:
    verso, recto = (draw_any(name, built_critical) for name in ("verso", "recto"))
    assert find_changes(verso, recto) > 100
    show(verso, recto, tmp_path / "folder" / "verso.png")
    with Image.open(tmp_path / "folder" / "verso.png") as shown:
        assert shown.width > 3 * verso.width
        left, right = ((10, 16), (20 + verso.width, 16))
        for place, page in ((left, verso), (right, recto)):
            corner = (place[0] + page.width, place[1] + page.height)
            assert ImageChops.difference(
                shown.crop((*place, *corner)), page
            ).getextrema() == (0, 0)
