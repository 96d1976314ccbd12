# ruff: noqa: D102 - names and docstrings are claims
"""The finished EPUB: the zip, ids, notes both ways, navigation, metadata."""

from __future__ import annotations

import re
import stat
import zipfile
from collections import Counter
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import pytest
from lxml import etree
from written import write_epub as write_edition

from recension.epub import write_epub
from recension.html import back_parts
from recension.model import EpubPage

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from conftest import Built, Edition
    from written import Written

    from recension.model import Book, TextPart

XHTML = "{http://www.w3.org/1999/xhtml}"
OPF = "{http://www.idpf.org/2007/opf}"
DC = "{http://purl.org/dc/elements/1.1/}"
TYPE = "{http://www.idpf.org/2007/ops}type"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


class Opened(NamedTuple):
    """What an EPUB has: its *book*, its pages by name, its package and NCX."""

    book: Book
    pages: Mapping[str, etree._Element]
    package: etree._Element
    ncx: etree._Element
    style: str

    @property
    def parts(self) -> tuple[TextPart, ...]:
        return (*self.book.front, *self.book.texts)


def open_written(written: Written) -> Opened:
    package, ncx = (
        etree.fromstring(written.files[name].encode())
        for name in ("package.opf", "toc.ncx")
    )
    style = written.files["style.css"]
    return Opened(written.book, written.pages, package, ncx, style)


def open_built(built: Built) -> Opened:
    entries = built.entries()
    pages = {
        name.removeprefix("EPUB/").removesuffix(".xhtml"): etree.fromstring(content)
        for name, content in entries.items()
        if name.endswith(".xhtml")
    }
    package, ncx = (
        etree.fromstring(entries[f"EPUB/{name}"]) for name in ("package.opf", "toc.ncx")
    )
    return Opened(built.book, pages, package, ncx, entries["EPUB/style.css"].decode())


@pytest.fixture(
    params=[
        "written_minimal",
        "written_critical",
        pytest.param("built_minimal", marks=pytest.mark.slow),
        pytest.param("built_critical", marks=pytest.mark.slow),
        pytest.param("built_book", marks=pytest.mark.slow),
    ]
)
def epub(request: pytest.FixtureRequest) -> Opened:
    """Give an EPUB as the templates write it, and as it is when finished."""
    found = request.getfixturevalue(request.param)
    is_built = request.param.startswith("built")
    return open_built(found) if is_built else open_written(found)


@pytest.fixture
def packed(tmp_path: Path) -> Path:
    page = EpubPage(name="a", title="A", kind="text", xhtml="<html/>")
    target = tmp_path / "a.epub"
    package = {"z.css": "", "META-INF/container.xml": "<container/>"}
    write_epub([page], package, {"c.png": b"P"}, date(2026, 1, 31), target)
    return target


def test_the_mimetype_is_first_stored_and_bare(packed: Path) -> None:
    """A reading system finds the type at byte 38 (EPUB 3.3, OCF 4.3)."""
    content = packed.read_bytes()
    assert content[30:38] == b"mimetype"
    assert content[38:58] == b"application/epub+zip"
    with zipfile.ZipFile(packed) as opened:
        first = opened.infolist()[0]
    assert first.compress_type == zipfile.ZIP_STORED
    assert first.extra == b""


def test_entries_are_sorted_dated_and_readable_by_all(packed: Path) -> None:
    with zipfile.ZipFile(packed) as opened:
        items = opened.infolist()[1:]
    assert [item.filename for item in items] == [
        "EPUB/a.xhtml",
        "EPUB/c.png",
        "EPUB/z.css",
        "META-INF/container.xml",
    ]
    for item in items:
        assert item.date_time == (2026, 1, 31, 0, 0, 0)
        assert stat.S_IMODE(item.external_attr >> 16) == 0o644


def test_the_same_contents_are_the_same_bytes(packed: Path, tmp_path: Path) -> None:
    page = EpubPage(name="a", title="A", kind="text", xhtml="<html/>")
    package = {"META-INF/container.xml": "<container/>", "z.css": ""}
    again = tmp_path / "b.epub"
    write_epub([page], package, {"c.png": b"P"}, date(2026, 1, 31), again)
    assert again.read_bytes() == packed.read_bytes()


@pytest.mark.slow
def test_the_zip_is_in_order(built: Built) -> None:
    names = list(built.entries())
    assert names[0] == "mimetype"
    assert names[1:] == sorted(names[1:])


class TestContents:
    """What must be true of every EPUB."""

    def test_ids_are_unique_in_the_whole_book(self, epub: Opened) -> None:
        ids = Counter(
            element.get("id")
            for page in epub.pages.values()
            for element in page.iterfind(".//*[@id]")
        )
        assert [id_ for id_, times in ids.items() if times > 1] == []

    def test_every_note_is_called_once_and_leads_back(self, epub: Opened) -> None:
        for text in epub.parts:
            page = epub.pages[text.settings.id]
            order = [element.get("id") for element in page.iter() if element.get("id")]
            calls = page.findall(f".//{XHTML}a[@{TYPE}='noteref']")
            notes = page.findall(f".//{XHTML}aside[@{TYPE}='footnote']")
            assert len(calls) == len(notes) == len(text.notes)
            for number, call, aside in zip(
                (note.number for note in text.notes), calls, notes, strict=True
            ):
                assert "".join(call.itertext()) == str(number)
                assert call.get("role") == "doc-noteref"
                assert call.get("href") == f"#{aside.get('id')}"
                assert aside.get("role") == "doc-footnote"
                assert order.index(call.get("id")) < order.index(aside.get("id"))
                (back,) = aside.findall(f".//{XHTML}a[@role='doc-backlink']")
                assert back.get("href") == f"#{call.get('id')}"
                assert back.getparent()[-1] is back
                assert not (back.tail or "").strip()
                shown = " ".join("".join(aside.itertext()).split())
                assert shown.startswith(f"{number} ")
                assert 9 <= len(shown) <= 5000

    def test_a_call_is_raised_without_the_sheet_too(self, epub: Opened) -> None:
        """Else it runs into the words: “in 198022”."""
        calls = [
            call
            for page in epub.pages.values()
            for call in page.iterfind(f".//{XHTML}a[@{TYPE}='noteref']")
        ]
        assert calls
        for call in calls:
            (raised,) = call
            assert raised.tag == f"{XHTML}sup"
            assert not call.text
            assert not raised.tail

    def test_lists_without_a_sign_are_told_as_lists(self, epub: Opened) -> None:
        """WebKit takes the role of a list away with its sign, but not in `nav`."""
        for name in {"index", "apparatus"} & epub.pages.keys():
            lists = list(epub.pages[name].iter(f"{XHTML}ul"))
            assert lists
            assert {one.get("role") for one in lists} == {"list"}

    def test_a_date_and_what_happened_are_one_box(self, epub: Opened) -> None:
        """So that no engine puts a page between them; terms of a glossary too."""
        lists = [one for page in epub.pages.values() for one in page.iter(f"{XHTML}dl")]
        for one in lists:
            for box in one:
                kinds = [etree.QName(part).localname for part in box]
                assert box.tag == f"{XHTML}div"
                assert kinds[0] == "dt"
                assert set(kinds[1:]) == {"dd"}

    def test_no_note_says_ibid_or_op_cit(self, epub: Opened) -> None:
        for name, page in epub.pages.items():
            for aside in page.iterfind(f".//{XHTML}aside"):
                wording = "".join(aside.itertext()).casefold()
                assert "ibid" not in wording, name
                assert "op. cit" not in wording, name

    def test_links_that_are_not_notes_never_go_both_ways(self, epub: Opened) -> None:
        """Kindle would show the far end of such a pair as a pop-up note."""
        links: set[tuple[str, str]] = set()
        for name, page in epub.pages.items():
            for link in page.iterfind(f".//{XHTML}a[@href]"):
                if link.get("role") in ("doc-noteref", "doc-backlink"):
                    continue
                holder = next(
                    (e.get("id") for e in [link, *link.iterancestors()] if e.get("id")),
                    "",
                )
                file, _, target = link.get("href").replace(".xhtml", "").partition("#")
                links.add(
                    (
                        f"{name}#{holder}",
                        f"{file or name}#{target}",
                    )
                )
        both = {(a, b) for a, b in links if (b, a) in links and not b.endswith("#")}
        assert both == set()

    def test_navigation_has_every_part_and_section_in_reading_order(
        self, epub: Opened
    ) -> None:
        nav = epub.pages["nav"]
        toc = nav.find(f".//{XHTML}nav[@{TYPE}='toc']")
        targets = [link.get("href") for link in toc.iterfind(f".//{XHTML}a")]
        wanted = []
        for text in epub.book.texts:
            file = f"{text.settings.id}.xhtml"
            wanted.append(file)
            sections = [h for h in text.headings if h.level == 2]
            wanted += [f"{file}#{heading.id}" for heading in sections]
        assert [t for t in targets if t in wanted] == wanted
        items = epub.package.iter(f"{OPF}itemref")
        spine = [item.get("idref").removeprefix("part-") for item in items]
        files = [target.partition("#")[0].removesuffix(".xhtml") for target in targets]
        parts = list(dict.fromkeys(files))
        assert parts == [part for part in spine if part in parts]
        back = [f"{name}.xhtml" for name in back_parts(epub.book)]
        front = [f"{part.settings.id}.xhtml" for part in epub.book.front]
        assert targets[-len(back) :] == back
        assert [target for target in targets if target in front] == front

    def test_old_readers_get_the_same_contents(self, epub: Opened) -> None:
        """The NCX has the lines of the navigation, in its words and its order."""
        ncx = epub.ncx
        points = [
            (point.findtext("{*}navLabel/{*}text"), point.find("{*}content").get("src"))
            for point in ncx.iter("{*}navPoint")
        ]
        toc = epub.pages["nav"].find(f".//{XHTML}nav[@{TYPE}='toc']")
        links = [
            ("".join(link.itertext()), link.get("href"))
            for link in toc.iterfind(f".//{XHTML}a")
        ]
        assert points == links
        depth = 2 if any("#" in source for _, source in points) else 1
        metas = {meta.get("name"): meta.get("content") for meta in ncx.iter("{*}meta")}
        assert metas["dtb:depth"] == str(depth)

    def test_landmarks_are_places_of_the_spine(self, epub: Opened) -> None:
        nav = epub.pages["nav"]
        landmarks = nav.find(f".//{XHTML}nav[@{TYPE}='landmarks']")
        kinds = [link.get(TYPE) for link in landmarks.iterfind(f".//{XHTML}a")]
        assert {"cover", "titlepage", "toc", "bodymatter", "bibliography"} <= set(kinds)

    def test_every_page_tells_its_language_and_title(self, epub: Opened) -> None:
        language = epub.book.settings.edition.language
        for page in epub.pages.values():
            assert page.get("lang") == page.get(XML_LANG) == language
            assert page.find(f".//{XHTML}title").text

    def test_headings_begin_at_one_and_leave_no_level_out(self, epub: Opened) -> None:
        for name, page in epub.pages.items():
            levels = [
                int(element.tag[-1])
                for element in page.iter(*(f"{XHTML}h{n}" for n in range(1, 7)))
            ]
            # the cover alone has none: it is a picture, and tells the title by it
            assert levels[:1] == ([] if name == "cover" else [1]), name
            assert all(b - a <= 1 for a, b in pairwise(levels))

    def test_metadata_are_the_editions(self, epub: Opened) -> None:
        edition = epub.book.settings.edition
        root = epub.package
        assert root.find(f".//{DC}title").text == edition.title
        assert root.find(f".//{DC}identifier").text == edition.identifier
        assert root.find(f".//{DC}language").text == edition.language
        modified = root.find(f".//{OPF}meta[@property='dcterms:modified']").text
        assert modified == f"{edition.date.isoformat()}T00:00:00Z"
        claims = " ".join(meta.get("property", "") for meta in root.iter(f"{OPF}meta"))
        assert "certifiedBy" not in claims
        assert "conformsTo" not in claims

    def test_no_file_is_remote_and_no_colour_is_fixed(self, epub: Opened) -> None:
        assert "http" not in epub.style
        assert "color:" not in epub.style.replace("color: inherit", "")
        for name, page in epub.pages.items():
            pictures = [img.get("src") for img in page.iter(f"{XHTML}img")]
            assert pictures == (["cover.png"] if name == "cover" else []), name
            assert page.findall(f".//{XHTML}script") == []


VOID = "area|base|br|col|embed|hr|img|input|link|meta|source|track|wbr"
"""The elements that have no end tag (HTML, 13.1.2)."""
DRAWN = "path|circle"
"""Elements of another language, which an end tag within the first one ends."""


def test_what_is_empty_has_an_end_tag(written: Written) -> None:
    """Kobo reads pages as HTML, in which `<i/>` stays open to the end of the page."""
    bare = rf"<(?!(?:{VOID}|{DRAWN})\b)[a-z][a-z0-9]*\b[^<>]*/>"
    marked = [page.xhtml for page in written._rendered if page.folios]
    assert any("</span>" in xhtml for xhtml in marked)
    for page in written._rendered:
        assert re.findall(bare, page.xhtml) == [], page.name


def test_no_name_of_a_text_clashes_in_the_package(critical: Edition) -> None:
    """Ids of the package are its own, whatever the texts are called."""
    parts = ("abbreviations", "introduction", "note-on-the-text")
    for old, new in zip(parts, ("title", "author-1", "ncx"), strict=True):
        critical.edit(critical.SETTINGS, f'id = "{old}"', f'id = "{new}"')
    opened = open_written(write_edition(critical.folder))
    for root in (opened.package, opened.ncx):
        ids = Counter(one.get("id") for one in root.iter() if one.get("id"))
        assert [id_ for id_, times in ids.items() if times > 1] == []
    assert {"title", "author-1", "ncx"} <= opened.pages.keys()


def test_the_editors_are_filed_and_the_publisher_is_named(critical: Edition) -> None:
    editors = 'editors = ["Recension"]'
    told = 'editors = ["Jane Roe", "Al Reed"]\nfile_as = ["Roe, Jane", "Reed, Al"]'
    critical.edit(critical.SETTINGS, editors, f'{told}\npublisher = "Dacre & Son"')
    package = open_written(write_edition(critical.folder)).package
    assert [one.text for one in package.iter(f"{DC}publisher")] == ["Dacre & Son"]
    names = {f"#{e.get('id')}": e.text for e in package.iter(f"{DC}contributor")}
    filed = {
        names[meta.get("refines")]: meta.text
        for meta in package.iter(f"{OPF}meta")
        if meta.get("property") == "file-as"
    }
    assert filed == {"Jane Roe": "Roe, Jane", "Al Reed": "Reed, Al"}


def test_the_note_of_a_heading_is_no_part_of_its_label(critical: Edition) -> None:
    file = "book/front/introduction.md"
    critical.edit(file, "# Introduction {", "# Introduction[^fact-title] {")
    critical.edit(file, "## How to read {", "## How to read[^fact-how] {")
    notes = "".join(f"\n[^fact-{name}]: A note of ours.\n" for name in ("title", "how"))
    text = critical.folder / file
    text.write_text(text.read_text("utf-8") + notes, "utf-8")
    opened = open_written(write_edition(critical.folder))
    page = opened.pages["introduction"]
    assert page.find(f".//{XHTML}section").get("aria-label") == "Introduction"
    assert page.find(f".//{XHTML}title").text == "Introduction"
    labels = {text.text for text in opened.ncx.iterfind(".//{*}navLabel/{*}text")}
    links = {"".join(one.itertext()) for one in opened.pages["nav"].iter(f"{XHTML}a")}
    assert "Introduction" in labels & links


def test_no_printed_page_begins_in_what_is_hidden(written: Written) -> None:
    nav = written.pages["nav"]
    hidden = nav.xpath("//*[@hidden]//*[@role='doc-pagebreak']")
    assert hidden == []


def test_a_printed_page_begins_before_a_group_of_headings(written: Written) -> None:
    """In `hgroup` nothing stands but headings and paragraphs (HTML, 4.3.7)."""
    page = written.pages["titlepage"]
    (group,) = page.iter(f"{XHTML}hgroup")
    assert {etree.QName(part).localname for part in group} <= {"h1", "p"}
    (mark,) = page.xpath("//*[@role='doc-pagebreak']")
    assert mark.getnext() is group
