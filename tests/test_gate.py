"""The gate: a page that breaks a rule of the notes stops the book."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from recension.layout import boxes, gate
from recension.problems import BookError

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Edition

pytestmark = pytest.mark.slow


def codes_of_build(edition: Edition) -> set[str]:
    try:
        edition.build("pdf")
    except BookError as fault:
        return {problem.code for problem in fault.problems}
    return set()


@pytest.fixture
def spoil(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Change what is read of each page of a text before it is measured."""

    def spoil(change: Callable[[list[boxes.PageBoxes]], None]) -> None:
        read: list[boxes.PageBoxes] = []
        original = boxes.read_boxes

        def read_boxes(page: Any) -> boxes.PageBoxes:
            found = original(page)
            read.append(found)
            change(read)
            return found

        monkeypatch.setattr(gate, "read_boxes", read_boxes)

    return spoil


def test_a_good_book_passes(edition: Edition) -> None:
    assert codes_of_build(edition) == set()


def test_a_note_moved_to_the_next_page_fails(
    edition: Edition, spoil: Callable[..., None]
) -> None:
    moved: list[Any] = []

    def move(pages: list[boxes.PageBoxes]) -> None:
        if moved and len(pages) > 1 and moved[0] is not pages[-1]:
            pages[-1].bodies.append(moved.pop()[1])
        elif not moved and len(pages) == 1 and pages[0].bodies:
            moved.append((pages[0], pages[0].bodies.pop()))

    spoil(move)
    with pytest.raises(BookError) as told:
        edition.build("pdf")
    (problem, *_) = told.value.problems
    assert problem.code == "Y-002"
    assert "is called on page 1 of the part" in problem.message


def test_a_note_that_is_lost_fails(
    edition: Edition, spoil: Callable[..., None]
) -> None:
    spoil(lambda pages: pages[-1].bodies.clear())
    assert codes_of_build(edition) == {"Y-002"}


def test_a_note_without_a_call_fails(
    edition: Edition, spoil: Callable[..., None]
) -> None:
    spoil(lambda pages: pages[-1].calls.clear())
    assert codes_of_build(edition) == {"Y-002"}


def test_numbers_out_of_order_fail(
    edition: Edition, spoil: Callable[..., None]
) -> None:
    spoil(lambda pages: pages[-1].calls.reverse())
    assert codes_of_build(edition) == {"Y-002"}


def test_a_line_below_the_type_area_fails(
    edition: Edition, spoil: Callable[..., None]
) -> None:
    def sink(pages: list[boxes.PageBoxes]) -> None:
        for line in pages[-1].flow[-1:]:
            line.translate(0, 300)

    spoil(sink)
    assert "Y-002" in codes_of_build(edition)


@pytest.mark.parametrize("way", [400, 12, -12], ids=["far", "right", "left"])
def test_a_line_in_the_margin_fails(
    way: int, edition: Edition, spoil: Callable[..., None]
) -> None:
    """To either side, by more than a mark of punctuation may hang (px)."""

    def shift(pages: list[boxes.PageBoxes]) -> None:
        for line in pages[-1].flow[-1:]:
            line.translate(way, 0)

    spoil(shift)
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
