"""What a compositor would not let pass, measured on the laid-out pages.

The builder reports what it knows from its plan; here the boxes of the pages are read,
and the finished file by poppler, and both must agree with what is reported. Of the
boxes of a build its records are left: the pages are laid out once more to read them,
and must come out with the same records. The rules are those of the Chicago Manual of
Style 18, 2.116 and 2.117, and of design/print.md.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache
from itertools import groupby, pairwise
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import pytest
from conftest import ROOT
from fontTools.ttLib import TTFont
from printed import (
    BODY,
    HYPHEN,
    MM,
    PrintedPage,
    check_grid,
    pages_of,
    read_pages,
    turns,
)

from recension.each import anew
from recension.layout import SettledPlans
from recension.layout.runs import Compositor, RecordedRun, Run, find_compositor
from recension.layout.weasy import boxes
from recension.problems import Report
from recension.production.workbench import open_workbench
from recension.progress import Progress
from recension.workroom import Here, Workroom

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from conftest import Built

    from recension.model import LaidOutPart, Sources

HEADINGS = ("h1", "h2", "h3")
MOST_HYPHENS = 2
MOST_LOOSE, MOST_DIVIDED = 10, 0.09
"""How many lines of the book may be loose, what share of them ends in a hyphen."""
INDENT = 1.2
"""The indent of a paragraph in em."""
FIRST_BASELINE = 13.5 / 2 + BODY * (1.007 - 0.298) / 2
"""How far below the head of the type area its first line stands, in pt."""


# --- the lines as boxes --------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SetLine:
    """A line in its column: its block, whether that began before, its words.

    *width* is that of its glyphs, *size* that of its font, in px; *gain* is what a word
    space has gained, as a share of itself.
    """

    block: int
    tag: str
    continued: bool
    justified: bool
    text: str
    width: float
    size: float
    gain: float

    @property
    def hyphen(self) -> bool:
        """Tell whether the line ends in a divided word."""
        return self.text.endswith(HYPHEN)


@dataclass(frozen=True, slots=True)
class Column:
    """The lines of a page, or of a column of one, its foot apart.

    *page* counts from 0 in the part; *notes* are the lines of the notes of the page.
    """

    part: str
    page: int
    lines: tuple[SetLine, ...]
    notes: tuple[SetLine, ...] = ()

    @property
    def is_recto(self) -> bool:
        """Tell whether the page is on the right: every part begins on such a one."""
        return self.page % 2 == 0

    def tell(self, number: int) -> str:
        """Name the line *number*, from 0."""
        text = self.lines[number].text
        return f"{self.part}, page {self.page + 1}, line {number + 1}: {text}"


@cache
def normal_space() -> float:
    """Return the width of a word space of the text's font, in em."""
    path = ROOT / "templates" / "fonts" / "EBGaramond-Regular.ttf"
    with TTFont(path, lazy=True) as font:
        space = font["hmtx"]["space"][0]
        return float(space / font["head"].unitsPerEm)


def read_line(box: Any, block: int) -> SetLine:
    texts = [text for text in boxes.find_texts(box) if text.text]
    left = min((text.position_x for text in texts), default=0.0)
    right = max((text.position_x + text.width for text in texts), default=0.0)
    size = float(box.style["font_size"])
    gain = max((getattr(t, "justification_spacing", 0.0) for t in texts), default=0.0)
    return SetLine(
        block=block,
        tag=str(box.element.tag),
        continued="continued" in box.element.get("class", "").split(),
        justified=box.style["text_align_all"] == "justify",
        text="".join(text.text for text in texts).rstrip(),
        width=right - left,
        size=size,
        gain=gain / (normal_space() * size),
    )


@cache
def columns_of(built: Built) -> list[list[Column]]:
    """Return the columns of each part that the builder has set line by line."""
    sheets = read_sheets(built)
    return [
        list(find_columns(part.name, sheets[part.name]))
        for part in built.laid_out
        if part.looseness or any(part.hyphens) or part.name in set_by_us(built)
    ]


def set_by_us(built: Built) -> set[str]:
    return {plan.name for plan in built.plans} | {"persons", "bibliography", "index"}


class Sheet(NamedTuple):
    """A page: its lines with their heights, and those of its notes."""

    lines: tuple[tuple[float, SetLine], ...]
    notes: tuple[SetLine, ...]


def find_columns(part: str, sheets: Sequence[Sheet]) -> Iterator[Column]:
    for number, (lines, notes) in enumerate(sheets):
        starts = [n for n, (a, b) in enumerate(pairwise(lines), 1) if b[0] < a[0]]
        for start, stop in pairwise([0, *starts, len(lines)]):
            inside = tuple(line for _, line in lines[start:stop])
            yield Column(part, number, inside, notes)


def read_sheets(built: Built) -> dict[str, list[Sheet]]:
    """Return the pages of each part, laid out once more as planned for *built*."""
    opened = cast("Sources", SimpleNamespace(folder=built.edition))
    bench = open_workbench(
        opened, built.book, Report(), Progress(), Workroom(Here), anew
    )
    places = {id_: place for plan in built.plans for id_, place in plan.places}
    settled = SettledPlans(
        plans=built.plans,
        places=places,
        references={
            id_: bench.templates.refer(*place) for id_, place in places.items()
        },
    )
    reader = SheetReader(bench.engine)
    again = bench.lay_out(settled, bench.locate(places))
    for part, before in zip(again, built.laid_out, strict=True):
        assert part.bound == before.bound, part.name
    return {part.name: reader.find(part) for part in again}


@dataclass(slots=True)
class SheetReader:
    """Sets runs in the place of *engine*: it reads the boxes too.

    *document* is the one laid out last, *blocks* are the elements that have been seen,
    *sheets* the pages by the tree that they were made from.
    """

    engine: Any
    document: Any = None
    blocks: dict[Any, int] = field(default_factory=dict)
    sheets: dict[str, list[Sheet]] = field(default_factory=dict)
    compositor: Any = None

    def __post_init__(self) -> None:
        """Take the place."""
        compositor = find_compositor(self.engine._start.args[-1])
        weasy = compositor.weasy

        def lay_out(*given: Any) -> Any:
            self.document = weasy.lay_out(*given)
            return self.document

        names = ("read", "adjust", "take_log", "take_files")
        door: Any = SimpleNamespace(**{name: getattr(weasy, name) for name in names})
        door.lay_out = lay_out
        self.compositor = Compositor(door, compositor.numbers)
        self.engine._start = lambda runs: lambda: list(map(self.set, runs))

    def set(self, run: Run) -> RecordedRun:
        """Set *run* as it is always set."""
        made: RecordedRun = self.compositor.set(run)
        self.sheets[run.xhtml] = list(map(self.read, self.document.pages))
        return made

    def read(self, page: Any) -> Sheet:
        """Return the lines of *page*, those of the apparatus apart."""
        flow, foot = boxes.find_lines(page)
        return Sheet(
            lines=tuple((box.position_y, self.read_line(box)) for box in flow),
            notes=tuple(self.read_line(box) for box in foot if not in_apparatus(box)),
        )

    def read_line(self, box: Any) -> SetLine:
        """Return a line, its block a number that no other block has."""
        block = self.blocks.setdefault(box.element, len(self.blocks))
        return read_line(box, block)

    def find(self, part: LaidOutPart) -> list[Sheet]:
        """Return the pages of *part*."""
        trees = dict.fromkeys(page.xhtml for page in cast("Any", part.bound))
        found = [sheet for xhtml in trees for sheet in self.sheets[xhtml]]
        assert len(found) == len(part.pages)
        return found


def in_apparatus(box: Any) -> bool:
    return "variant" in box.element.get("class", "").split()


# --- what is amiss -------------------------------------------------------------------


def find_widows(columns: Sequence[Column]) -> list[str]:
    """Return each last line of a paragraph that stands alone at the head."""
    found = []
    for column, after in zip(columns, [*columns[1:], None], strict=True):
        first = column.lines[:1]
        if not first or not first[0].continued:
            continue
        alone = sum(line.block == first[0].block for line in column.lines) == 1
        goes_on = alone and len(column.lines) == 1 and after and runs_on(after)
        if alone and not goes_on:
            found.append(column.tell(0))
    return found


def find_orphans(columns: Sequence[Column]) -> list[str]:
    """Return each first line of a paragraph that stands alone at the foot."""
    found = []
    for column, after in pairwise(columns):
        last = column.lines[-1:]
        if not last or last[0].continued or not runs_on(after):
            continue
        if sum(line.block == last[0].block for line in column.lines) == 1:
            found.append(column.tell(len(column.lines) - 1))
    return found


def runs_on(column: Column) -> bool:
    return bool(column.lines) and column.lines[0].continued


def find_stranded(columns: Sequence[Column]) -> list[str]:
    """Return each heading with fewer than two lines below it in its column."""
    return [
        column.tell(number)
        for column in columns
        for number, line in enumerate(column.lines)
        if line.tag in HEADINGS
        and len([rest for rest in column.lines[number:] if rest.tag not in HEADINGS])
        < MOST_HYPHENS
    ]


def find_ladders(columns: Sequence[Column]) -> list[str]:
    """Return where more than two lines running end in a hyphen, notes included."""
    found = []
    of_notes = {column.page: column.notes for column in columns}
    runs = [[line for column in columns for line in column.lines]]
    runs.append([line for notes in of_notes.values() for line in notes])
    for lines in runs:
        for hyphen, run in groupby(lines, key=lambda line: line.hyphen):
            texts = [line.text for line in run]
            if hyphen and len(texts) > MOST_HYPHENS:
                found.append(" / ".join(texts))
    return found


def find_divided_turns(columns: Sequence[Column]) -> list[str]:
    """Return each word that is divided where the leaf is turned, of text or notes."""
    return [
        f"{column.part}, page {column.page + 1}: {lines[-1].text}"
        for column in columns
        for lines in (column.lines, column.notes)
        if column.is_recto and lines and lines[-1].hyphen
    ]


def find_short(columns: Sequence[Column]) -> list[str]:
    """Return each last line of a justified paragraph that an indent would hide."""
    lines = [line for column in columns for line in column.lines]
    return [
        line.text
        for before, line, after in zip(
            lines, lines[1:], [*lines[2:], None], strict=False
        )
        if line.justified
        and (before.block == line.block or line.continued)
        and (after is None or (after.block != line.block and not after.continued))
        and line.width < INDENT * line.size
    ]


FAULTS: dict[str, Callable[[Sequence[Column]], list[str]]] = {
    "widow": find_widows,
    "orphan": find_orphans,
    "heading at the foot": find_stranded,
    "ladder of hyphens": find_ladders,
    "hyphen at a turn": find_divided_turns,
    "short last line": find_short,
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", FAULTS)
def test_the_book_has_no(kind: str, built_book: Built) -> None:
    """Front matter, texts and what of the back matter the builder sets itself."""
    parts = columns_of(built_book)
    assert len(parts) >= 7
    assert [told for part in parts for told in FAULTS[kind](part)] == []


def line(text: str = "x", block: int = 1, **more: Any) -> SetLine:
    given = {"tag": "p", "continued": False, "justified": True, "width": 300.0}
    given |= {"size": 14.0, "gain": 0.0} | more
    return SetLine(text=text, block=block, **given)


def set_columns(*columns: Sequence[SetLine]) -> list[Column]:
    return [Column("a", number, tuple(lines)) for number, lines in enumerate(columns)]


GOOD = set_columns(
    [line(tag="h2", block=9), *[line()] * 3, *[line(block=2)] * 2],
    [*[line(block=3, continued=True)] * 2, *[line(block=4)] * 2],
)
DIVIDED = line(f"x{HYPHEN}")
BAD = {
    "widow": set_columns([line()] * 3, [line(block=2, continued=True), line(block=3)]),
    "orphan": set_columns([line(), line(), line(block=2)], [line(continued=True)] * 2),
    "heading at the foot": set_columns(
        [line(), line(tag="h2", block=2), line(block=3)]
    ),
    "ladder of hyphens": set_columns([DIVIDED] * 2, [DIVIDED]),
    "hyphen at a turn": set_columns([line(), DIVIDED], [line(block=2)]),
    "short last line": set_columns([line(), line(width=15.0)]),
}


@pytest.mark.parametrize("kind", FAULTS)
def test_the_measure_sees_a(kind: str) -> None:
    assert FAULTS[kind](GOOD) == []
    assert len(FAULTS[kind](BAD[kind])) == 1


def test_a_divided_word_may_end_a_verso() -> None:
    """Both pages of a spread are seen at once."""
    spread = [
        replace(column, page=column.page + 1) for column in BAD["hyphen at a turn"]
    ]
    assert find_divided_turns(spread) == []


def test_the_notes_are_measured_too() -> None:
    notes = (DIVIDED,) * 3
    page = [Column("a", 0, (line(),), notes)]
    assert len(find_ladders(page)) == 1
    assert len(find_divided_turns(page)) == 1


# --- what the builder reports --------------------------------------------------------


def every_line(built: Built) -> list[SetLine]:
    """Return the lines of the text and of the notes of every part."""
    found: list[SetLine] = []
    for part in columns_of(built):
        found += [line for column in part for line in column.lines]
        of_notes = {column.page: column.notes for column in part}
        found += [line for notes in of_notes.values() for line in notes]
    return found


@pytest.mark.slow
def test_the_figures_of_the_report_are_those_of_the_pages(built: Built) -> None:
    """Loose lines and hyphens, counted again on the boxes."""
    lines = every_line(built)
    told = built.facts["lines"]
    assert told["over_twice_normal"] == sum(line.gain > 1 for line in lines)
    assert told["hyphens"] == sum(line.hyphen for line in lines)
    assert sum(built.facts["hyphens_by_page"].values()) == told["hyphens"]
    assert sum(built.facts["word_spaces"]["lines_by_gain"].values()) == told["set"]


@pytest.mark.slow
def test_the_hyphens_of_each_page_are_those_that_poppler_sees(built: Built) -> None:
    for page in read_pages(built):
        lines = [*page.lines, *page.notes]
        seen = sum(line.text.endswith(HYPHEN) for line in lines)
        assert built.facts["hyphens_by_page"].get(page.folio, 0) == seen, page.folio


@pytest.mark.slow
def test_the_book_has_few_loose_lines_and_hyphens(built_book: Built) -> None:
    """Lines chosen paragraph by paragraph as a whole keep both few."""
    lines = built_book.facts["lines"]
    assert lines["over_twice_normal"] <= MOST_LOOSE
    assert lines["hyphens"] <= MOST_DIVIDED * lines["set"]


@pytest.mark.slow
def test_the_blemishes_of_the_report_are_loose_lines_alone(built_book: Built) -> None:
    """Each with its page and line, where the pages have it."""
    told = built_book.facts["blemishes"]
    assert {blemish["kind"] for blemish in told} <= {"loose line"}
    loose = [
        line
        for part in columns_of(built_book)
        for column in part
        for line in column.lines
        if line.gain > 1
    ]
    assert len(told) == len(loose)
    pages = {page.folio: page for page in read_pages(built_book)}
    for blemish, line in zip(told, loose, strict=True):
        shown = pages[blemish["page"]].lines[blemish["line"] - 1].text
        assert shown.split()[-1].rstrip(HYPHEN) in line.text


# --- the grid ------------------------------------------------------------------------


def grid_of(built: Built) -> float:
    """Return the height of the first line of a page."""
    top: float = built.book.settings.print.margins[0]
    return top * MM + FIRST_BASELINE


@pytest.mark.slow
def test_every_line_of_the_texts_stands_on_the_grid(built: Built) -> None:
    """One grid of 13.5 pt from the head of the type area, on rectos and versos."""
    for page in pages_of(built):
        assert check_grid(page.lines, grid_of(built)) == [], page.folio


@pytest.mark.slow
def test_the_prose_of_the_front_matter_stands_on_the_grid(built_book: Built) -> None:
    for page in pages_of(built_book, ["introduction", "note-on-the-text"]):
        assert check_grid(page.lines, grid_of(built_book)) == [], page.folio


@pytest.mark.slow
def test_a_line_off_the_grid_is_seen(built_minimal: Built) -> None:
    page = pages_of(built_minimal)[0]
    assert check_grid(page.lines, grid_of(built_minimal) + 1) != []


@pytest.mark.slow
def test_facing_pages_begin_at_one_height(built_book: Built) -> None:
    """Where neither opens a part, whose heading stands lower."""
    pages = {page.number: page for page in pages_of(built_book)}
    opened = {built_book.targets()[p.headings[0].id][0] for p in built_book.parts}
    facing = 0
    for verso, recto in pairwise(sorted(pages)):
        both = pages[verso], pages[recto]
        if verso % 2 and recto == verso + 1 and opened.isdisjoint((verso, recto)):
            heights = [page.lines[0].baseline for page in both if is_body(page)]
            if len(heights) == len(both):
                assert heights[0] == pytest.approx(heights[1], abs=0.05)
                facing += 1
    assert facing > 10


def is_body(page: PrintedPage) -> bool:
    return abs(page.lines[0].words[0].size - BODY) < 0.1


@pytest.mark.slow
def test_no_word_is_divided_over_a_turn_as_poppler_sees_it(built: Built) -> None:
    for page, _ in turns(pages_of(built)):
        assert not page.lines[-1].text.endswith(HYPHEN), page.folio
