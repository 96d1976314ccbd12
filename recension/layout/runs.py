"""Runs of pages: what is laid out together, and what becomes of it.

A page of a text is a run of its own, since its lines and references are decided before
it is laid out; a part that WeasyPrint divides into pages is one. Lengths are CSS px.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple
from xml.etree.ElementTree import Element, tostring

from recension.contract import Made
from recension.layout.letters import count_page
from recension.layout.samples import make_numbers
from recension.layout.setting.typeset import build_pages
from recension.layout.weasy.documents import WeasyPrint, parse
from recension.layout.weasy.drawing import record_page
from recension.layout.weasy.embedding import find_versions
from recension.layout.weasy.measuring import add_anchors, measure
from recension.layout.weasy.records import (
    PageRecord,  # noqa: TC001 - read when runs are decoded
)

if TYPE_CHECKING:
    from pathlib import Path

    from recension.layout.plans import Plan
    from recension.layout.setting.divisions import Spot
    from recension.layout.setting.typeset import BuiltPage
    from recension.layout.weasy.documents import Source
    from recension.layout.weasy.measuring import MeasuredPage
    from recension.layout.weasy.numbering import LineNumbers
    from recension.layout.weasy.protocols import WeasyDocument

_HIDDEN = Element("div", {"class": Made.PAGE, "style": "display: none"})
PlacedWidth = tuple[float | None, float]
"""What the glyphs of a line must fill, None for their own width; how far they hang."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Pages that are laid out together, and all that they depend on.

    *before* counts the pages of the part before them, *strings* are the named strings
    that are in force there, *first_folio* is the number of the first. *widths* are
    those planned for the lines of each page, none where WeasyPrint divides the pages;
    *anchors* gives by page the lines, from 1, of anchors that have no box. *numbered*
    tells that lines have numbers.
    """

    xhtml: str
    first_folio: int
    before: int = 0
    strings: Mapping[str, str] = field(default_factory=dict)
    widths: tuple[tuple[PlacedWidth, ...], ...] = ()
    anchors: tuple[Mapping[str, int], ...] = ()
    numbered: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedRun:
    """The pages of a run as records; *fits* tells that they came out as planned.

    *xhtml* is what the run was made from, *log* what WeasyPrint complained of; *files*
    gives the digest of each file that was read for it, by the name it is asked for.
    """

    xhtml: str
    pages: tuple[PageRecord, ...]
    fits: bool
    log: tuple[str, ...]
    files: Mapping[str, str]


def build_runs(
    plan: Plan,
    apart: bool,  # noqa: FBT001 - applied to each
) -> tuple[Sequence[BuiltPage], Sequence[Run]]:
    """Return the pages of *plan* as elements, and its runs: see `make_runs`."""
    built = tuple(build_pages(plan.division, plan.draft.continued))
    return built, make_runs(plan, built, apart=apart)


def make_runs(plan: Plan, built: Sequence[BuiltPage], *, apart: bool) -> list[Run]:
    """Return the runs of a planned part whose pages are *built*.

    If they can stand *apart*, each is a run of its own. The named strings in force are
    those that the styles of the draft tell.
    """
    draft, strings = plan.draft, dict[str, str]()
    anchors = _group_anchors(plan.division.anchors, len(built))
    runs = []
    for start, stop in _cut(len(built), apart=apart):
        runs.append(
            Run(
                xhtml=_write_pages(draft.source, built, start, stop),
                first_folio=plan.first_folio + start,
                before=start,
                strings=dict(strings),
                widths=tuple(map(_find_widths, built[start:stop])),
                anchors=tuple(anchors[start:stop]),
                numbered=draft.numbered,
            )
        )
        for element, copy in (
            pair for page in built[start:stop] for pair in page.begun
        ):
            strings.update(draft.breaker.styles.strings(element, copy))
    return runs


def _cut(count: int, *, apart: bool) -> list[tuple[int, int]]:
    """Return where runs of *count* pages begin and end."""
    return [(n, n + 1) for n in range(count)] if apart else [(0, count)]


def _group_anchors(anchors: Mapping[str, Spot], count: int) -> list[dict[str, int]]:
    found: list[dict[str, int]] = [{} for _ in range(count)]
    for id_, (page, line) in anchors.items():
        found[page][id_] = line
    return found


def _find_widths(page: BuiltPage) -> tuple[PlacedWidth, ...]:
    return tuple((s.width, s.line.left if s.line else 0.0) for s in page.lines)


def _write_pages(
    source: Source, built: Sequence[BuiltPage], start: int, stop: int
) -> str:
    """Return *source* with the pages from *start* in the place of what its body holds.

    Pages beside them are there, but not shown: styles ask what is first and last.
    """
    root = source.html.etree_element
    changed = Element(root.tag, root.attrib)
    body = Element("body", source.body.attrib)
    body.extend([_HIDDEN] if start else [])
    body.extend(page.element for page in built[start:stop])
    body.extend([_HIDDEN] if stop < len(built) else [])
    changed.extend(body if child.tag == "body" else child for child in root)
    return tostring(changed, encoding="unicode")


def correct_strings(runs: Sequence[Run], recorded: Sequence[RecordedRun]) -> list[Run]:
    """Return *runs* with the named strings that were set before each, as *recorded*."""
    strings: dict[str, str] = {}
    corrected = []
    for run, made in zip(runs, recorded, strict=True):
        same = run.strings == strings
        corrected.append(run if same else replace(run, strings=dict(strings)))
        for page in made.pages:
            strings.update(page.strings)
    return corrected


class Shop(NamedTuple):
    """What runs are set with: *style*, the *folders* searched for files, line numbers.

    *step* is that of the numbers, 0 for none.
    """

    style: str
    folders: tuple[Path, ...]
    step: int


@dataclass(frozen=True, slots=True)
class Compositor:
    """Sets runs with the style and the fonts of one edition, and *numbers* of lines."""

    weasy: WeasyPrint
    numbers: LineNumbers | None

    @property
    def is_current(self) -> bool:
        """Tell whether the files that its style names are as they were."""
        return self.weasy.are_current(self.weasy.files)

    def set(self, run: Run) -> RecordedRun:
        """Lay out and draw the pages of *run*."""
        source = self.weasy.read(run.xhtml)
        document = self.weasy.lay_out(source, run.first_folio, run.before, run.strings)
        fits = self.weasy.adjust(source, document, run.widths) if run.widths else True
        measures = measure(document)
        if fits:
            add_anchors(document, measures, run.anchors)
        if self.numbers and run.numbered:
            self.numbers.put(document, measures, run.first_folio)
        pages = _record(source, document, measures)
        return RecordedRun(
            xhtml=run.xhtml,
            pages=pages,
            fits=fits,
            log=self.weasy.take_log(),
            files=self.weasy.take_files(),
        )


def _record(
    source: Source, document: WeasyDocument, measures: Sequence[MeasuredPage]
) -> tuple[PageRecord, ...]:
    elements = {element: number for number, element in enumerate(source.elements)}
    return tuple(
        record_page(page, elements, measured, *count_page(page))
        for page, measured in zip(document.pages, measures, strict=True)
    )


class BoundPage(NamedTuple):
    """A page of a book: its *record*, and the tree that its run was made from."""

    xhtml: str
    record: PageRecord


def bind(made: Sequence[RecordedRun]) -> tuple[BoundPage, ...]:
    """Return the pages of *made*, in order."""
    return tuple(BoundPage(run.xhtml, page) for run in made for page in run.pages)


@dataclass(frozen=True, slots=True)
class BoundBook:
    """A *document* of recorded *pages*, and the trees that they were made from."""

    document: WeasyDocument
    pages: Sequence[BoundPage]
    trees: dict[str, list[Element]] = field(default_factory=dict)

    def find_elements(self, number: int) -> Sequence[Element]:
        """Return the elements of the tree of the page *number*, from 0.

        Pages of one run have the same.
        """
        xhtml = self.pages[number].xhtml
        if xhtml not in self.trees:
            self.trees[xhtml] = list(parse(xhtml).iter())
        return self.trees[xhtml]


# --- work that can be dealt ----------------------------------------------------------

_compositors: dict[Shop, Compositor] = {}
"""Those of this process, which takes long to make one."""
_MOST = 4


def find_compositor(shop: Shop) -> Compositor:
    """Return the compositor of *shop*, a new one if its files have changed."""
    known = _compositors.pop(shop, None)
    if known is None or not known.is_current:
        weasy = WeasyPrint(shop.style, shop.folders)
        known = Compositor(weasy, make_numbers(weasy, shop.step))
    while len(_compositors) >= _MOST:
        del _compositors[next(iter(_compositors))]
    _compositors[shop] = known
    return known


def set_runs(shop: Shop, runs: Sequence[Run]) -> list[RecordedRun]:
    """Lay out and draw *runs* with what *shop* has."""
    compositor = find_compositor(shop)
    return [compositor.set(run) for run in runs]


Start = Callable[[Shop, Sequence[Run]], Callable[[], list[RecordedRun]]]
"""What starts to set runs, and returns what waits for them."""


def start_runs(shop: Shop, runs: Sequence[Run]) -> Callable[[], list[RecordedRun]]:
    """Set *runs* here, when they are wanted."""
    return lambda: set_runs(shop, runs)


def describe_shop(shop: Shop) -> object:
    """Return all that records depend on beside their runs and the files these name."""
    weasy = find_compositor(shop).weasy
    return shop.style, shop.step, weasy.files, find_versions()


def watch_files(shop: Shop) -> Callable[[RecordedRun], bool]:
    """Return what tells whether the files that were read for a run are as they were."""
    weasy = find_compositor(shop).weasy
    return lambda made: weasy.are_current(made.files)
