"""What printers ask for and papers bulk: tables, each figure with its source.

Printers give inches; here all lengths are in mm. A figure that no source gives is left
out of its row: None asks for nothing. Sources, as read in November 2026:

- KDP: its help, “Set Trim Size, Bleed, and Margins” (topic GVBQ3CMEQW3W2VL6) and
  “Paperback Submission Guidelines” (G201857950); the margins by pages as repeated by
  kdpbuilder.com, “KDP Bleed and Margins”; trim, pages and paper by CreateSpace,
  “Manufacturing Specifications” (444 and 400 pages an inch); the pages from which a
  spine may have words by kdpprintcover.com, “How to Calculate KDP Spine Width”.
- IngramSpark: its blog, “File Requirements for Print Books” (margins, marks), and the
  help of Lightning Source, “File Creation Tips to Help Avoid Manufacturing Issues”
  (article 5294186277261: bleed, standard, shift of the spine). Its papers' thickness is
  told by its template generator alone, the least pages for words on a spine nowhere.
- Patterson Printing, “Figuring the spine width”: papers by weight and caliper.
"""

from __future__ import annotations

from dataclasses import dataclass

INCH = 25.4
MM = 72 / INCH
"""A millimetre in points."""
BLEED = 3.0
"""The bleed that printers take who ask for no other, in mm."""
SHIFT = INCH / 16
"""How far a cover may move on the book when it is bound, in mm (both printers)."""

PAPERS = {
    "white-75": 0.0039 * INCH,  # Patterson: 50 lb white offset, 515 pages an inch
    "white-90": 0.0046 * INCH,  # Patterson: 60 lb white offset, 435 pages an inch
    "cream-80": 0.0056 * INCH,  # Patterson: 55 lb Glatfelter, 360 pages an inch
    "kdp-white": 2 * INCH / 444,  # CreateSpace: 60 lb white
    "kdp-cream": 2 * INCH / 400,  # CreateSpace: cream
}
"""The thickness of a leaf of each paper, in mm."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Printer:
    """What a printer asks of an edition.

    *margin* is the least white at head, foot and fore-edge, *gutters* the least white
    at the spine as (most pages, mm), *trims* the least and greatest width and height.
    A book has *pages* from a least to a most number. Pages have no bleed where
    *page_bleed* is 0. *standard* is the file the printer would rather have.
    """

    margin: float
    gutters: tuple[tuple[int, float], ...]
    page_bleed: float
    cover_bleed: float
    paper: str | None = None
    trims: tuple[tuple[float, float], tuple[float, float]] | None = None
    pages: tuple[int, int] | None = None
    spine_text_from: int = 0
    standard: str = ""

    def gutter(self, pages: int) -> float:
        """Return the least white at the spine of a book of so many *pages*, in mm."""
        return next(
            (width for most, width in self.gutters if pages <= most),
            self.gutters[-1][1],
        )


PRINTERS = {
    # Pages of text have no bleed: KDP takes it on three sides of a page only, and only
    # where something bleeds; so does Lightning Source (“we do not accept files with
    # bleed on the bind side”).
    "kdp": Printer(
        margin=0.25 * INCH,
        gutters=(
            (150, 0.375 * INCH),
            (300, 0.5 * INCH),
            (500, 0.625 * INCH),
            (700, 0.75 * INCH),
            (828, 0.875 * INCH),
        ),
        page_bleed=0.0,
        cover_bleed=0.125 * INCH,
        paper="kdp-white",
        trims=((4 * INCH, 6 * INCH), (8.5 * INCH, 11.69 * INCH)),
        pages=(24, 828),
        spine_text_from=79,
    ),
    "ingramspark": Printer(
        margin=0.5 * INCH,
        gutters=((0, 0.5 * INCH),),
        page_bleed=0.0,
        cover_bleed=0.125 * INCH,
        standard="PDF/X-1a:2001",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """How an edition is printed: its settings, and its printer's where it has none.

    *trim* is (width, height), *bleed* that of the pages, *caliper* the thickness of a
    leaf or None where only the printer knows it; all in mm.
    """

    trim: tuple[float, float]
    inner: float
    bleed: float
    cover_bleed: float
    marks: bool
    signature: int
    paper: str
    caliper: float | None
    printer: str = ""

    @property
    def asks(self) -> Printer | None:
        """What the printer asks for, if one is named."""
        return PRINTERS.get(self.printer)

    def spine(self, pages: int) -> float | None:
        """Return the width of the back of a book of so many *pages*, in mm.

        None where the thickness of the paper is not known.
        """
        return None if self.caliper is None else pages / 2 * self.caliper
