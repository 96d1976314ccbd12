"""The gate: a page that breaks a rule of the notes stops the book."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from recension.layout import engine
from recension.layout.gate import check_pages
from recension.problems import BookError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from conftest import Edition

    from recension.layout.weasy.measuring import Area, MeasuredLine, MeasuredPage

pytestmark = pytest.mark.slow


def codes_of_build(edition: Edition) -> set[str]:
    try:
        edition.build("pdf")
    except BookError as fault:
        return {problem.code for problem in fault.problems}
    return set()


@pytest.fixture
def spoil(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Change what is measured of the pages of each part, and has the gate to pass."""

    def spoil(
        change: Callable[[tuple[MeasuredPage, ...]], tuple[MeasuredPage, ...]],
    ) -> None:
        def check(name: str, pages: Sequence[MeasuredPage], **given: Any) -> None:
            check_pages(name, change(tuple(pages)), **given)

        monkeypatch.setattr(engine, "check_pages", check)

    return spoil


def on_every_page(
    change: Callable[[MeasuredPage], MeasuredPage],
) -> Callable[[tuple[MeasuredPage, ...]], tuple[MeasuredPage, ...]]:
    return lambda pages: tuple(change(page) for page in pages)


def test_a_good_book_passes(edition: Edition) -> None:
    assert codes_of_build(edition) == set()


def test_a_note_moved_to_the_next_page_fails(
    edition: Edition, spoil: Callable[..., None]
) -> None:
    def move(pages: tuple[MeasuredPage, ...]) -> tuple[MeasuredPage, ...]:
        if len(pages) < 2 or not pages[0].asides:
            return pages
        first, second, *rest = pages
        note, *kept = first.asides
        first = replace(first, asides=tuple(kept))
        return first, replace(second, asides=(note, *second.asides)), *rest

    spoil(move)
    with pytest.raises(BookError) as told:
        edition.build("pdf")
    (problem, *_) = told.value.problems
    assert problem.code == "Y-002"
    assert "is called on page 1 of the part" in problem.message


def test_a_note_that_is_lost_fails(
    edition: Edition, spoil: Callable[..., None]
) -> None:
    spoil(on_every_page(lambda page: replace(page, asides=())))
    assert codes_of_build(edition) == {"Y-002"}


def test_a_note_without_a_call_fails(
    edition: Edition, spoil: Callable[..., None]
) -> None:
    spoil(on_every_page(lambda page: replace(page, calls=())))
    assert codes_of_build(edition) == {"Y-002"}


def test_numbers_out_of_order_fail(
    edition: Edition, spoil: Callable[..., None]
) -> None:
    spoil(on_every_page(lambda page: replace(page, calls=page.calls[::-1])))
    assert codes_of_build(edition) == {"Y-002"}


def moved(line: MeasuredLine, right: float, down: float) -> MeasuredLine:
    """Return *line* moved by so many px, with its texts."""

    def move(area: Area) -> Area:
        return area._replace(left=area.left + right, top=area.top + down)

    texts = tuple(text._replace(area=move(text.area)) for text in line.texts)
    return line._replace(texts=texts, area=move(line.area))


def test_a_line_below_the_type_area_fails(
    edition: Edition, spoil: Callable[..., None]
) -> None:
    def sink(page: MeasuredPage) -> MeasuredPage:
        last = tuple(moved(line, 0, 300) for line in page.flow[-1:])
        return replace(page, flow=(*page.flow[:-1], *last))

    spoil(on_every_page(sink))
    assert "Y-002" in codes_of_build(edition)


@pytest.mark.parametrize("way", [400, 12, -12], ids=["far", "right", "left"])
def test_a_line_in_the_margin_fails(
    way: int, edition: Edition, spoil: Callable[..., None]
) -> None:
    """To either side, by more than a mark of punctuation may hang (px)."""

    def shift(page: MeasuredPage) -> MeasuredPage:
        last = tuple(moved(line, way, 0) for line in page.flow[-1:])
        return replace(page, flow=(*page.flow[:-1], *last))

    spoil(on_every_page(shift))
    assert "Y-002" in codes_of_build(edition)


def test_a_drawing_higher_than_the_page_fails(critical: Edition) -> None:
    """So many labels make the time-line grow beyond what a page can hold."""
    event = '[[event]]\ndate = "18{:02}"\nwhat = "x"\nanchors = []\nline = true\n'
    with (critical.folder / "book/chronology.toml").open("a", encoding="utf-8") as file:
        for year in range(30):
            file.write(f'\n{event.format(year)}short = "event {year}"\n')
    with pytest.raises(BookError) as told:
        critical.build("pdf")
    (problem,) = told.value.problems
    assert problem.code == "Y-002"
    assert problem.message.startswith("a drawing is too high for page")


def test_a_long_note_is_split_and_marked_and_loses_nothing(edition: Edition) -> None:
    words = " ".join(f"mot{number}" for number in range(700))
    edition.edit(edition.TEXT, "[@morel1907, 31].", f"[@morel1907, 31]. {words}.")
    pages = edition.build("pdf").pages()
    with_words = [page for page in pages if "mot" in page]
    assert len(with_words) >= 3
    assert all("(suite)" in page for page in with_words[1:])
    printed = "".join("".join(pages).split()).replace("\u2010", "")
    position = 0
    for number in range(700):
        position = printed.find(f"mot{number}", position)
        assert position >= 0, number
