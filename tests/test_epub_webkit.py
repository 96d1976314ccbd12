"""WebKit, the engine of Apple Books, finds our EPUBs whole, and nothing stranded."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol

import pytest
from epubs import Edit, break_epub
from test_epub_engines import find_dead_pages, find_unopened, find_unread

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Built
    from engines import Engines
    from webkit import WebKit, WebKitReading

pytestmark = pytest.mark.slow

PHONE, READER = (390, 700), (600, 800)
"""Pages in CSS px: of a phone, of a reader on the table."""
STYLE = "EPUB/style.css"


class Reader(Protocol):
    """A book open in an engine."""

    def ask(self, what: str, *arguments: object) -> dict[str, list[str]]:
        """Return what the reader's function *what* gives for *arguments*."""


def find_stranded(reading: Reader, size: tuple[int, int]) -> tuple[object, list[str]]:
    """Return how many things must not end a page of this *size*, and those that do."""
    reading.ask("resize", *size)
    found = reading.ask("findStranded")
    return found["count"], found["stranded"]


@pytest.fixture(scope="module")
def book(webkit: WebKit, built_book: Built) -> WebKitReading:
    """Open the edition of this repository, which has many pages."""
    return webkit.read(built_book.epub)


# --- nothing stranded ---------------------------------------------------------------


@pytest.mark.parametrize(("size", "most"), [(PHONE, 3), (READER, 1)])
def test_webkit_strands_next_to_nothing(
    size: tuple[int, int], most: int, book: WebKitReading
) -> None:
    """No heading, date, event or rule ends a page, though `break-after` is not known.

    One does where what it leads to is longer than the room that it has below it.
    """
    count, stranded = find_stranded(book, size)
    assert count > 200
    assert len(stranded) <= most, stranded


@pytest.mark.parametrize(("size", "most"), [(PHONE, 1), (READER, 0)])
def test_chromium_strands_next_to_nothing(
    size: tuple[int, int], most: int, engines: Engines, built_book: Built
) -> None:
    reading = engines.read("foliate", built_book.epub)
    count, stranded = find_stranded(reading, size)
    reading.page.close()
    assert count > 200
    assert len(stranded) <= most, stranded


def test_what_is_stranded_is_found(
    webkit: WebKit, built_book: Built, tmp_path: Path
) -> None:
    """The check can fail: without room and boxes more stand at the feet of pages."""
    style = built_book.entries()[STYLE].decode()
    boxes = re.findall(r"dl > div {[^}]*}|h2::after, h3::after {[^}]*}", style)
    edits = [Edit(STYLE, old, "") for old in boxes]
    broken = break_epub(built_book.epub, edits, tmp_path / "broken.epub")
    _, stranded = find_stranded(webkit.read(broken), PHONE)
    assert len(boxes) == 2
    assert len(stranded) > 6


# --- whole --------------------------------------------------------------------------


@pytest.fixture(scope="module", params=["book", "minimal", "critical"])
def edition(request: pytest.FixtureRequest) -> Built:
    """Give each of the three editions in turn."""
    built: Built = request.getfixturevalue(f"built_{request.param}")
    return built


def test_webkit_shows_all_and_opens_every_note(webkit: WebKit, edition: Built) -> None:
    """Every character once, each note in its pop-up, each printed page at its mark."""
    reading = webkit.read(edition.epub)
    assert find_unread(edition.epub, reading) == []
    assert find_unopened(edition.epub, reading) == []
    pages = reading.ask("followPages")
    assert [page["label"] for page in pages] == edition.labels()
    assert find_dead_pages(pages) == []
