"""Two reading engines and axe, in Chromium, find our EPUBs whole and easy to read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from epubs import Edit, break_epub, read_notes, read_pages, read_shown, squeeze

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Built
    from engines import Engines, Reading

pytestmark = pytest.mark.slow

EDITIONS = ["book", "minimal", "critical"]
CHAPTER = "EPUB/imprimerie.xhtml"
TOC = '<nav epub:type="toc"'
LOST_PAGE = (
    '<nav epub:type="page-list"><ol><li><a href="imprimerie.xhtml#page-0">1</a></li>'
    f"</ol></nav>{TOC}"
)
"""A page-list before the real one, whose page is not there."""


@pytest.fixture(scope="module", params=EDITIONS)
def edition(request: pytest.FixtureRequest) -> Built:
    """Give each of the three editions in turn, all tests of it in a row."""
    built: Built = request.getfixturevalue(f"built_{request.param}")
    return built


@pytest.fixture(scope="module")
def foliate(engines: Engines, edition: Built) -> Reading:
    """Open the edition in foliate-js, on which Foliate stands."""
    return engines.read("foliate", edition.epub)


@pytest.fixture(scope="module")
def epubjs(engines: Engines, edition: Built) -> Reading:
    """Open the edition in epub.js."""
    return engines.read("epubjs", edition.epub)


# --- foliate-js ---------------------------------------------------------------------


def find_unread(epub: Path, reading: Reading) -> list[str]:
    """Return the files of *epub* whose text the pages do not show exactly once."""
    roots = read_pages(epub)
    pages = reading.ask("turnPages")
    return [
        file
        for index, file in enumerate(reading.files)
        if squeeze("".join(text for of, text in pages if of == index))
        != read_shown(roots[file])
    ]


def find_unopened(epub: Path, reading: Reading) -> list[str]:
    """Return the references of *epub* that do not open the text of their note."""
    opened = [
        (note["href"], note["type"], squeeze(note["text"]))
        for note in reading.ask("openNotes")
    ]
    wanted = [
        (f"{note.file}{note.href}", "footnote", note.text)
        for file in reading.files
        for note in read_notes(epub)
        if note.file == file
    ]
    assert len(opened) == len(wanted)
    return [want[0] for want, got in zip(wanted, opened, strict=True) if want != got]


def find_dead_pages(pages: list[dict[str, Any]]) -> list[str]:
    """Return the labels of *pages* whose marker is not there, not seen or another's."""
    return [
        page["label"]
        for page in pages
        if not page["seen"] or page["title"] != page["label"]
    ]


def test_foliate_shows_all_text_once(edition: Built, foliate: Reading) -> None:
    """Turned from first to last, the pages show every character, and none twice."""
    assert find_unread(edition.epub, foliate) == []
    assert foliate.faults == []


def test_foliate_opens_every_note(edition: Built, foliate: Reading) -> None:
    """A click on each reference opens a pop-up with the text of its note, no other."""
    assert find_unopened(edition.epub, foliate) == []
    assert foliate.faults == []


def test_foliate_follows_the_contents(foliate: Reading) -> None:
    """Each line of the contents opens its file, and what it names is on the screen."""
    lines = foliate.ask("followContents")
    assert lines
    for line in lines:
        assert foliate.files[line["index"]] == line["href"].partition("#")[0]
        assert line["seen"], line["label"]
    assert foliate.faults == []


def test_foliate_follows_the_page_list(edition: Built, foliate: Reading) -> None:
    """Each page of the reading PDF has its line, which leads to its marker."""
    pages = foliate.ask("followPages")
    assert [page["label"] for page in pages] == edition.labels()
    assert find_dead_pages(pages) == []
    assert foliate.faults == []


@pytest.mark.parametrize(
    ("entry", "old", "new"),
    [
        (CHAPTER, '="#note-imprimerie-fact-musee"', '="#nowhere"'),
        (CHAPTER, 'role="doc-footnote"', ""),
        ("EPUB/style.css", ".number {", ".number { display: none;"),
    ],
    ids=["dangling", "no-footnote", "hidden"],
)
def test_a_note_that_does_not_open_is_found(  # noqa: PLR0913 - the fault and where
    entry: str,
    old: str,
    new: str,
    engines: Engines,
    built_minimal: Built,
    tmp_path: Path,
) -> None:
    """The check can fail: a reader gets another text than the note, or no note."""
    broken = break_epub(
        built_minimal.epub, [Edit(entry, old, new)], tmp_path / "broken.epub"
    )
    if not new:
        again = tmp_path / "again.epub"
        broken = break_epub(broken, [Edit(entry, 'epub:type="footnote"', "")], again)
    assert find_unopened(built_minimal.epub, engines.read("foliate", broken))


def test_text_that_no_page_shows_is_found(
    engines: Engines, built_minimal: Built, tmp_path: Path
) -> None:
    """The check can fail: a file beside the reading order is named."""
    target = tmp_path / "broken.epub"
    old = 'idref="part-imprimerie"'
    aside = f'{old} linear="no"'
    opf = "EPUB/package.opf"
    broken = break_epub(built_minimal.epub, [Edit(opf, old, aside)], target)
    assert CHAPTER in find_unread(built_minimal.epub, engines.read("foliate", broken))


def test_a_page_that_is_not_there_is_found(
    engines: Engines, built_minimal: Built, tmp_path: Path
) -> None:
    """The checks can fail: neither engine finds the marker."""
    target = tmp_path / "broken.epub"
    broken = break_epub(
        built_minimal.epub, [Edit("EPUB/nav.xhtml", TOC, LOST_PAGE)], target
    )
    pages = engines.read("foliate", broken).ask("followPages")
    assert find_dead_pages(pages) == ["1"]
    pages = engines.read("epubjs", broken).ask("followPages")
    assert [page["title"] for page in pages] == [None]


def test_what_an_engine_loses_is_a_fault(
    engines: Engines, built_minimal: Built
) -> None:
    """The check can fail: a file that was taken away too early is named."""
    reading = engines.read("foliate", built_minimal.epub)
    gone = "const gone = URL.createObjectURL(new Blob()); URL.revokeObjectURL(gone)"
    reading.page.evaluate(f"() => {{ {gone}; return fetch(gone).catch(String) }}")
    assert [fault for fault in reading.faults if fault.startswith("lost: blob:")]


# --- epub.js ------------------------------------------------------------------------


def test_epubjs_turns_to_the_end(epubjs: Reading) -> None:
    """Turned from first to last, the pages pass through every file in order."""
    shown = epubjs.ask("turnPages")
    assert list(dict.fromkeys(shown)) == epubjs.files
    assert epubjs.faults == []


def test_epubjs_follows_the_contents(epubjs: Reading) -> None:
    """Each line of the contents opens its file."""
    lines = epubjs.ask("followContents")
    assert lines
    assert [li["shown"] for li in lines] == [li["href"].split("#")[0] for li in lines]
    assert epubjs.faults == []


def test_epubjs_finds_every_note(edition: Built, epubjs: Reading) -> None:
    """The target of each reference is in the file where the engine looks for it."""
    found = sorted(
        (n["href"], squeeze(n["text"] or "")) for n in epubjs.ask("findNotes")
    )
    assert found == sorted((note.href, note.text) for note in read_notes(edition.epub))
    assert epubjs.faults == []


def test_epubjs_follows_the_page_list(edition: Built, epubjs: Reading) -> None:
    """Each page has its line, which opens the file with its marker."""
    pages = epubjs.ask("followPages")
    assert [page["title"] for page in pages] == edition.labels()
    for page in pages:
        assert page["shown"] == page["href"].partition("#")[0]
        assert page["page"] == (int(page["title"]) if page["title"].isdigit() else None)
    assert epubjs.faults == []


def test_epubjs_misses_a_note_that_is_not_there(
    engines: Engines, built_minimal: Built, tmp_path: Path
) -> None:
    """The check can fail: a reference that leads nowhere has no text."""
    target = tmp_path / "broken.epub"
    old, new = '="#note-imprimerie-fact-musee"', '="#nowhere"'
    broken = break_epub(built_minimal.epub, [Edit(CHAPTER, old, new)], target)
    notes = engines.read("epubjs", broken).ask("findNotes")
    assert [note["href"] for note in notes if note["text"] is None] == ["#nowhere"]
