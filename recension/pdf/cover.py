"""The cover: back, spine and front on one sheet, finished as PDF/X-4; its front as PNG.

What stands on it is the templates' (`cover/`); here it is measured and finished.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, fields
from itertools import accumulate
from typing import TYPE_CHECKING

import pikepdf

from recension.config import compact_isbn
from recension.pdf.picture import draw_picture
from recension.pdf.press import finish, set_boxes, strip, use_black
from recension.printers import MM, SHIFT

if TYPE_CHECKING:
    from pathlib import Path

    from recension.config import EditionSettings
    from recension.printers import Press

FRONT_PIXELS = (1600, 2560)
"""Width and height of the front as a picture: what shops ask for, 1 : 1.6."""
SMALLEST, LARGEST = 7.0, 12.0
"""The size of the words on the spine, in pt: with less they are left out."""
LINE = 1.15
"""What a line of the words on the spine takes, in times their size."""
MODULE = 0.33
"""The width of the thinnest bar, in mm: EAN-13 at 100 % (GS1, size guide)."""

# ISO/IEC 15420: how the figures of an EAN-13 are drawn. The modules of a figure of the
# left half in set A, 1 for a bar; set C inverts them, set B is C read backwards.
_SET_A = (
    "0001101",
    "0011001",
    "0010011",
    "0111101",
    "0100011",
    "0110001",
    "0101111",
    "0111011",
    "0110111",
    "0001011",
)
# The sets of the six figures of the left half tell the figure before them.
_SETS = (
    "AAAAAA",
    "AABABB",
    "AABBAB",
    "AABBBA",
    "ABAABB",
    "ABBAAB",
    "ABBBAA",
    "ABABAB",
    "ABABBA",
    "ABBABA",
)
_GUARD, _MIDDLE = "101", "01010"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A bar of the bar code: where it begins and its width, in modules.

    *long* tells that it guards an end or the middle and reaches down to the figures.
    """

    start: int
    width: int
    long: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """The measures of a cover, in mm; *panels* are its parts from left to right.

    *spine_size* is the size of the words on the spine in pt, 0 where there are none and
    *spine_remark* tells why; *bars* are those of the ISBN, if there is one.
    """

    width: float
    height: float
    bleed: float
    spine: float
    panels: tuple[str, ...]
    spine_size: float
    spine_remark: str
    bars: tuple[Bar, ...]
    module: float = MODULE

    @property
    def trim(self) -> tuple[float, float]:
        """The sheet once trimmed, from back to front."""
        sides = sum(panel != "spine" for panel in self.panels)
        return (sides * self.width + self.spine, self.height)

    @property
    def sheet(self) -> tuple[float, float]:
        """The sheet with its bleed."""
        width, height = self.trim
        return (width + 2 * self.bleed, height + 2 * self.bleed)

    @property
    def lefts(self) -> dict[str, float]:
        """Where each panel begins, from the left edge of the sheet."""
        spans = [self.spine if name == "spine" else self.width for name in self.panels]
        starts = accumulate(spans, initial=self.bleed)
        return dict(zip(self.panels, starts, strict=False))

    def measures(self) -> dict[str, object]:
        """Return all that the templates of the cover need."""
        own = {field.name: getattr(self, field.name) for field in fields(self)}
        return own | {"sheet": self.sheet, "lefts": self.lefts}


def plan_cover(pages: int, press: Press, edition: EditionSettings) -> Cover:
    """Return the measures of the cover of a book of so many *pages*.

    The thickness of the paper must be known, since the spine follows from it.
    """
    spine = press.spine(pages) or 0.0
    size, remark = _fit_spine(spine, pages, press)
    return Cover(
        width=press.trim[0],
        height=press.trim[1],
        bleed=press.cover_bleed,
        spine=round(spine, 3),
        panels=("back", "spine", "front"),
        spine_size=size,
        spine_remark=remark,
        bars=draw_bars(edition.isbn),
    )


def plan_front(press: Press) -> Cover:
    """Return the measures of the front alone, in the shape of the picture."""
    width, height = FRONT_PIXELS
    return Cover(
        width=round(press.trim[1] * width / height, 3),
        height=press.trim[1],
        bleed=0.0,
        spine=0.0,
        panels=("front",),
        spine_size=0.0,
        spine_remark="",
        bars=(),
    )


def _fit_spine(spine: float, pages: int, press: Press) -> tuple[float, str]:
    """Return the size of the words on the spine in pt, or 0 and why there are none.

    They keep clear of both folds by as much as the cover may shift in binding.
    """
    least = press.asks.spine_text_from if press.asks else 0
    if pages < least:
        return 0.0, f"`{press.printer}` prints words on a spine from {least} pages on"
    size = min(LARGEST, (spine - 2 * SHIFT) * MM / LINE)
    if size < SMALLEST:
        return 0.0, f"a spine of {spine:.1f} mm is too narrow for words"
    return round(size, 1), ""


def write_cover(
    sheet: bytes,
    target: Path,
    cover: Cover,
    edition: EditionSettings,
    profile: bytes,
) -> None:
    """Write the laid-out *sheet* as PDF/X-4 to *target*, with the boxes of *cover*.

    *profile* is the ICC profile of the output intent.
    """
    with pikepdf.open(io.BytesIO(sheet)) as pdf:
        strip(pdf)
        use_black(pdf)
        for page in pdf.pages:
            set_boxes(page, cover.bleed * MM)
        finish(pdf, edition, profile, target)


def render_front(sheet: bytes) -> bytes:
    """Return the first page of the PDF *sheet* as a PNG of `FRONT_PIXELS`."""
    return draw_picture(sheet, lambda _: FRONT_PIXELS)


# --- the bar code ------------------------------------------------------------------


def draw_bars(isbn: str) -> tuple[Bar, ...]:
    """Return the bars of *isbn* as EAN-13 (ISO/IEC 15420), none if there is no ISBN."""
    figures = compact_isbn(isbn)
    if not figures:
        return ()
    sets = _SETS[int(figures[0])]
    left = "".join(
        _draw_figure(figure, set_)
        for figure, set_ in zip(figures[1:7], sets, strict=True)
    )
    right = "".join(_draw_figure(figure, "C") for figure in figures[7:])
    modules = _GUARD + left + _MIDDLE + right + _GUARD
    short = range(len(_GUARD), len(modules) - len(_GUARD))
    middle = range(len(_GUARD + left), len(_GUARD + left + _MIDDLE))
    bars = []
    start = modules.find("1")
    while start >= 0:
        end = (modules + "0").index("0", start)
        long = start not in short or start in middle
        bars.append(Bar(start=start, width=end - start, long=long))
        start = modules.find("1", end)
    return tuple(bars)


def _draw_figure(figure: str, set_: str) -> str:
    modules = _SET_A[int(figure)]
    if set_ == "A":
        return modules
    inverted = "".join("01"[module == "0"] for module in modules)
    return inverted if set_ == "C" else inverted[::-1]
