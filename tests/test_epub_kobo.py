"""kepubify makes of our EPUBs what Kobo's own engine reads, and loses nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from checkers import build_kepubify, run_kepubify
from epubs import Edit, break_epub, read_pages, squeeze

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Built
    from lxml import etree

    Pages = dict[str, etree._Element]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def kepubify(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_kepubify(tmp_path_factory.mktemp("kepubify"))


def find_changed(before: Pages, after: Pages) -> list[str]:
    """Return the ids of the pages *before* that are gone, or hold another text."""
    kept = {
        (name, one.get("id")): squeeze("".join(map(str, one.itertext())))
        for name, page in after.items()
        for one in page.iterfind(".//*[@id]")
    }
    return [
        one.get("id", "")
        for name, page in before.items()
        for one in page.iterfind(".//*[@id]")
        if kept.get((name, one.get("id"))) != squeeze("".join(map(str, one.itertext())))
    ]


def test_kobos_file_has_every_id_with_its_text(
    built: Built, kepubify: Path, tmp_path: Path
) -> None:
    """Its pages are XML still, and what is empty has not taken in what follows."""
    pages = run_kepubify(kepubify, built.epub, tmp_path / "book.kepub.epub")
    before = read_pages(built.epub)
    assert pages.keys() == before.keys()
    assert find_changed(before, pages) == []


def test_a_mark_that_stays_open_is_found(
    built_minimal: Built, kepubify: Path, tmp_path: Path
) -> None:
    """The check can fail: read as HTML, an `<i/>` has all the contents in it."""
    mark = 'id="page-v" title="v"'
    edits = [Edit("EPUB/nav.xhtml", f"{mark}></i>", f"{mark}/>")]
    broken = break_epub(built_minimal.epub, edits, tmp_path / "broken.epub")
    pages = run_kepubify(kepubify, broken, tmp_path / "book.kepub.epub")
    assert "page-v" in find_changed(read_pages(broken), pages)
