"""Measure laid-out pages: where what stands on them has come to stand.

Lengths are CSS px (96 to the inch) from the top left of the page.
"""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - read when records are decoded
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from recension.contract import (
    Data,
    Given,
    Made,
    Tier,
    classes_of,
    find_called,
    find_tier,
)
from recension.layout.weasy.boxes import (
    box_classes,
    content_of,
    find_texts,
    margins_of,
    root_of,
    walk,
)
from recension.layout.weasy.protocols import is_block, is_drawing, is_line, is_text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from xml.etree.ElementTree import Element

    from recension.layout.weasy.protocols import Box, WeasyDocument, WeasyPage


class Area(NamedTuple):
    """A rectangle."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.top + self.height


class MeasuredText(NamedTuple):
    """Characters of one font."""

    wording: str
    area: Area


class MeasuredLine(NamedTuple):
    """A line: the texts in it, and its baseline."""

    texts: tuple[MeasuredText, ...]
    area: Area
    baseline: float

    @property
    def wording(self) -> str:
        """Its characters."""
        return "".join(text.wording for text in self.texts)


class MeasuredCall(NamedTuple):
    """A call, which prints *wording*: the aside *id* of *tier* is called."""

    tier: Tier
    id: str
    wording: str


class MeasuredAside(NamedTuple):
    """An aside of *tier*: what it is of, empty for the rest of one that is cut.

    *label* is the number before it, *lemma* the word that stands on its line.
    """

    tier: Tier
    id: str
    area: Area
    label: str
    lemma: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredPage:
    """What a page has: in its type area, *area*, above it and at its foot.

    *flow* and *foot* are the lines of the running text and of what stands below it,
    *drawings* stand in the flow; *heads* are those of the top margin; *tops* gives for
    each id the height where it begins, *foot_top* that of the foot if there is one.
    """

    area: Area
    flow: tuple[MeasuredLine, ...]
    foot: tuple[MeasuredLine, ...]
    drawings: tuple[Area, ...]
    heads: tuple[MeasuredText, ...]
    calls: tuple[MeasuredCall, ...]
    asides: tuple[MeasuredAside, ...]
    tops: Mapping[str, float]
    foot_top: float | None


def measure(document: WeasyDocument) -> tuple[MeasuredPage, ...]:
    """Measure the pages of *document*."""
    return tuple(_Gauge().measure(page) for page in document.pages)


@dataclass(slots=True)
class _Gauge:
    """Measures one page, box by box."""

    flow: list[MeasuredLine] = field(default_factory=list)
    foot: list[MeasuredLine] = field(default_factory=list)
    drawings: list[Area] = field(default_factory=list)
    calls: list[MeasuredCall] = field(default_factory=list)
    asides: list[MeasuredAside] = field(default_factory=list)
    tops: dict[str, float] = field(default_factory=dict)
    foot_top: float | None = None
    inside: Element | None = None

    def measure(self, page: WeasyPage) -> MeasuredPage:
        """Return the measures of *page*."""
        for box, at_foot in walk(page):
            self._add(box, at_foot=at_foot)
        return MeasuredPage(
            area=_content(root_of(page)),
            flow=tuple(self.flow),
            foot=tuple(self.foot),
            drawings=tuple(self.drawings),
            heads=tuple(_find_heads(page)),
            calls=tuple(self.calls),
            asides=tuple(self.asides),
            tops=self.tops,
            foot_top=self.foot_top,
        )

    def _add(self, box: Box, *, at_foot: bool) -> None:
        if is_line(box):
            texts = tuple(_measure_text(text) for text in find_texts(box))
            baseline = box.position_y + box.baseline
            line = MeasuredLine(texts, _outer(box), baseline)
            (self.foot if at_foot else self.flow).append(line)
        if is_drawing(box):
            self.drawings.append(_outer(box))
        if box.element is not None and not is_text(box):
            self._add_element(box, box.element, at_foot=at_foot)

    def _add_element(self, box: Box, element: Element, *, at_foot: bool) -> None:
        classes = classes_of(element)
        if Made.LABEL in classes:
            return
        if at_foot and self.foot_top is None:
            self.foot_top = box.position_y
        if Given.CALL in classes:
            if called := find_called(element):
                self.calls.append(MeasuredCall(*called, read_words(box)))
        elif (tier := find_tier(element)) and is_block(box):
            self._add_aside(box, element, tier)
        if id_ := element.get("id"):
            self.tops.setdefault(id_, box.position_y)

    def _add_aside(self, box: Box, element: Element, tier: Tier) -> None:
        # a block in an aside makes anonymous blocks of the rest, of the same element
        if element is not self.inside:
            self.inside = element
            label = next(_find_labels(box), "")
            id_, lemma = tier.id_of(element), element.get(Data.LEMMA, "")
            self.asides.append(MeasuredAside(tier, id_, _outer(box), label, lemma))


def _find_labels(box: Box) -> Iterator[str]:
    if Made.LABEL in box_classes(box):
        yield read_words(box)
    for child in box.children:
        yield from _find_labels(child)


def _find_heads(page: WeasyPage) -> Iterator[MeasuredText]:
    for margin in margins_of(page):
        if margin.at_keyword.startswith("@top"):
            yield from map(_measure_text, find_texts(margin))


def _measure_text(box: Box) -> MeasuredText:
    return MeasuredText(read_words(box), _outer(box))


def _outer(box: Box) -> Area:
    return Area(box.position_x, box.position_y, box.width, box.height)


def _content(box: Box) -> Area:
    return Area(box.content_box_x(), box.content_box_y(), box.width, box.height)


def read_words(box: Box) -> str:
    """Return the characters that stand in *box*."""
    return "".join(text.text for text in find_texts(box))


# --- what links and counts need ------------------------------------------------------


def add_anchors(
    document: WeasyDocument,
    pages: Sequence[MeasuredPage],
    anchors: Sequence[Mapping[str, int]],
) -> None:
    """Let links find those of *anchors* that have no box: by page they have a line.

    *pages* are the measures of *document*.
    """
    for page, measured, lines in zip(document.pages, pages, anchors, strict=False):
        for id_, line in lines.items():
            if id_ not in page.anchors and line <= len(measured.flow):
                area = measured.flow[line - 1].area
                page.anchors[id_] = (area.left, area.top, area.right, area.bottom)


def read_texts(page: WeasyPage, apart: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield the ids and the texts of *page* in reading order, as (id, text).

    What has one of the classes *apart* yields its id alone. So does the head of a
    table, which stands on each of its pages, and what a style generates.
    """
    for box in content_of(page):
        yield from _read_text(box, apart)


def _read_text(box: Box, apart: Collection[str]) -> Iterator[tuple[str, str]]:
    element = box.element
    if element is not None:
        if not is_text(box):
            yield element.get("id", ""), ""
        is_apart = any(name in apart for name in classes_of(element))
        if is_apart or element.tag == "thead" or "::" in box.element_tag:
            return
    if is_text(box):
        yield "", box.text
    for child in box.children:
        yield from _read_text(child, apart)


def find_excess(
    document: WeasyDocument, wanted: str
) -> Iterator[tuple[list[str], float]]:
    """Yield the classes of each element that has *wanted* among them, and its excess.

    That is how far the lines in it reach below it or beyond its right.
    """
    for page in document.pages:
        seen: set[int] = set()
        for box in root_of(page).descendants(placeholders=True):
            classes = box_classes(box)
            if wanted in classes and id(box.element) not in seen:
                seen.add(id(box.element))
                yield classes, _measure_excess(box)


def _measure_excess(box: Box) -> float:
    lines = [_outer(b) for b in box.descendants(placeholders=True) if is_line(b)]
    down = max((line.bottom for line in lines), default=0.0)
    along = max((line.right for line in lines), default=0.0)
    area = _content(box)
    return max(down - area.bottom, along - area.right)
