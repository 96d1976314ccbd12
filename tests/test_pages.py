# ruff: noqa: D102 - names and docstrings are claims
"""The printed pages in the EPUB: a mark where each begins, and the map behind it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from recorded import running_lines

from recension.html import folios
from recension.html.folios import find_fault, find_starts, mark_pages
from recension.model import EpubPage, PageMap, PrintedPage
from recension.pagemap import (
    count_letters,
    next_folio,
    read_map,
    read_roman,
    write_folio,
    write_map,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Built, Edition

    from recension.layout.runs import BoundPage

XHTML = "{http://www.w3.org/1999/xhtml}"
TYPE = "{http://www.idpf.org/2007/ops}type"
OPF = "{http://www.idpf.org/2007/opf}"
MARK = '<b xmlns="http://www.w3.org/1999/xhtml" id="page-{0}"/>'


def page(body: str, name: str = "a") -> EpubPage:
    head = '<html xmlns="http://www.w3.org/1999/xhtml"><head><title>T</title></head>'
    xhtml = f"{head}<body>{body}</body></html>"
    return EpubPage(name=name, title="T", kind="text", xhtml=xhtml)


def printed(*pages: tuple[str, int, dict[str, int]]) -> PageMap:
    return PageMap(
        digest="d",
        pages=tuple(PrintedPage(folio=f, letters=n, offsets=o) for f, n, o in pages),
        places={},
    )


def mark(body: str, *pages: tuple[str, int, dict[str, int]]) -> str:
    """Return *body* with marks written `{folio}`."""
    marked = mark_pages([page(body)], printed(*pages), lambda f, _: MARK.format(f))
    tree = etree.fromstring(marked[0].xhtml.encode())
    for found in tree.findall(f".//{XHTML}b[@id]"):
        found.tag, found.text = f"{XHTML}b", found.get("id", "").removeprefix("page-")
    written = etree.tostring(tree.find(f"{XHTML}body"), encoding="unicode")
    for old, new in ((' xmlns="http://www.w3.org/1999/xhtml"', ""),):
        written = written.replace(old, new)
    for folio, *_ in pages:
        written = written.replace(f'<b id="page-{folio}">{folio}</b>', f"{{{folio}}}")
    return written.removeprefix("<body>").removesuffix("</body>")


# --- where a mark stands -------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "letters", "expected"),
    [
        ("<p>One two three.</p>", 6, "<p>{1}One two {2}three.</p>"),
        # the rest of a divided word stays with the page before
        ("<p>One division three.</p>", 5, "<p>{1}One division {2}three.</p>"),
        ("<p>One, “two” (three).</p>", 6, "<p>{1}One, “two” {2}(three).</p>"),
        ("<p>One—“two” x</p>", 3, "<p>{1}One—{2}“two” x</p>"),
        ("<p>One—<i>two</i> x</p>", 3, "<p>{1}One—{2}<i>two</i> x</p>"),
        ("<p>One «\xa0two\xa0» x</p>", 3, "<p>{1}One {2}«\xa0two\xa0» x</p>"),
        ("<p>One</p><ul><li>two</li></ul>", 3, "<p>{1}One</p><ul><li>{2}two</li></ul>"),
        ("<h2>One <i>two</i></h2>", 3, "{1}<h2>One {2}<i>two</i></h2>"),
        ("<p>murder—the plot</p>", 6, "<p>{1}murder—{2}the plot</p>"),
        ("<p>One <i>two three</i></p>", 3, "<p>{1}One {2}<i>two three</i></p>"),
        ("<p>One<i>\n two</i></p>", 3, "<p>{1}One{2}<i>\n two</i></p>"),
        ("<p>One <i>two three</i></p>", 6, "<p>{1}One <i>two {2}three</i></p>"),
        ("<p>One, “<i>two</i>” three</p>", 3, "<p>{1}One, {2}“<i>two</i>” three</p>"),
        ("<p>One</p><h2>Two</h2>", 3, "<p>{1}One</p>{2}<h2>Two</h2>"),
        ("<p>One</p><p>Two</p>", 3, "<p>{1}One</p><p>{2}Two</p>"),
        ("<p>L’<i>Huma</i>nité two</p>", 3, "<p>{1}L’<i>Huma</i>nité {2}two</p>"),
    ],
)
def test_a_mark_stands_before_the_first_word_of_its_page(
    body: str, letters: int, expected: str
) -> None:
    assert mark(body, ("1", letters, {}), ("2", 20, {})) == expected


@pytest.mark.parametrize(
    "tag",
    [
        *("a", "abbr", "b", "bdi", "cite", "em", "i", "q", "small", "span", "strong"),
        *("sub", "sup", "time"),
    ],
)
def test_a_mark_stands_before_what_begins_with_its_word(tag: str) -> None:
    found = mark(f"<p>One <{tag}>two</{tag}> x</p>", ("1", 3, {}), ("2", 20, {}))
    assert found == f"<p>{{1}}One {{2}}<{tag}>two</{tag}> x</p>"


def test_what_is_no_xml_has_a_fault_that_says_why() -> None:
    assert find_fault("<p>One</p>") == ""
    assert find_fault("").startswith("Document is empty")
    assert find_fault("<p>One").startswith("Premature end of data in tag p")


@pytest.mark.parametrize(
    ("number", "folio"),
    [
        (4, "iv"), (9, "ix"), (14, "xiv"), (40, "xl"), (49, "xlix"), (90, "xc"),
        (99, "xcix"), (100, "c"), (149, "cxlix"), (400, "cd"), (500, "d"),
        (900, "cm"), (1000, "m"), (1494, "mcdxciv"),
    ],
)  # fmt: skip
def test_a_folio_in_roman_figures_is_written_and_read(number: int, folio: str) -> None:
    assert write_folio(number, roman=True) == folio
    assert read_roman(folio) == number
    assert next_folio(write_folio(number - 1, roman=True)) == folio
    assert (
        next_folio(str(number - 1)) == write_folio(number, roman=False) == str(number)
    )


def test_what_is_no_roman_folio_has_no_number() -> None:
    assert [read_roman(folio) for folio in ("", "12", "ab", "i2")] == [0] * 4


def test_calls_and_notes_are_no_running_text() -> None:
    body = '<p>One<a class="noteref">12</a> two three</p><aside>Four</aside><p>five</p>'
    found = mark(body, ("1", 6, {}), ("2", 5, {}), ("3", 4, {}))
    assert "two {2}three" in found
    assert "{3}five" in found


def test_blank_pages_stand_before_the_next_and_at_the_end() -> None:
    body = "<section><p>One two</p></section>"
    found = mark(body, ("1", 3, {}), ("2", 0, {}), ("3", 3, {}), ("4", 0, {}))
    assert found == "<section><p>{1}One {2}{3}two</p>{4}</section>"


def test_an_id_of_both_media_brings_the_counts_together() -> None:
    body = '<p>Only here one</p><p id="x">two three</p>'
    found = mark(body, ("1", 3, {}), ("2", 8, {"x": 0}))
    assert found.endswith('<p id="x">{2}two three</p>')


def test_no_page_begins_behind_the_id_that_follows_it() -> None:
    body = '<p>One two</p><p id="x">three four</p>'
    found = mark(body, ("1", 40, {}), ("2", 9, {"x": 5}))
    assert '<p id="x">{2}three four</p>' in found


@pytest.mark.parametrize("body", ["<p>One", "<p>&nbsp;</p>", "<p>…</p>"])
def test_what_is_no_xml_or_has_no_words_is_left_as_it_is(body: str) -> None:
    before = (page(body), page("<p>—</p>", "b"))
    map_ = printed(("1", 3, {}))
    assert mark_pages(before, map_, lambda f, _: MARK.format(f)) == before


def test_in_nav_a_mark_stands_within_the_link() -> None:
    body = '<nav><h1>All</h1><ol><li><a href="b">One</a></li></ol></nav>'
    found = mark(body, ("i", 3, {}), ("ii", 3, {}))
    assert "<h1>{i}All</h1>" in found
    assert '<a href="b">{ii}One</a>' in found


@given(st.lists(st.text("ab cß1—’ ", max_size=30), min_size=1, max_size=6))
def test_each_page_has_its_mark_in_order_and_no_letter_moves(texts: list[str]) -> None:
    body = "".join(f"<p>{text}</p>" for text in (*texts, "end"))
    pages = [(str(n), count_letters(t), {}) for n, t in enumerate(texts, start=1)]
    map_ = printed(*pages, (str(len(texts) + 1), 3, {}))
    (marked,) = mark_pages([page(body)], map_, lambda f, _: MARK.format(f))
    tree = etree.fromstring(marked.xhtml.encode())
    assert marked.folios == tuple(p.folio for p in map_.pages)
    ids = [found.get("id") for found in tree.iterfind(f".//{XHTML}b")]
    assert ids == [f"page-{folio}" for folio in marked.folios]
    before = etree.fromstring(page(body).xhtml)
    assert "".join(tree.itertext()) == "".join(before.itertext())


@given(
    st.lists(st.integers(0, 50), min_size=1),
    st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 300)),
)
def test_pages_never_begin_out_of_order(
    letters: list[int], ids: dict[str, int]
) -> None:
    pages = [
        (str(n), many, {"abcdef"[n % 6]: many // 2}) for n, many in enumerate(letters)
    ]
    starts = find_starts(printed(*pages), ids)
    assert starts == sorted(starts)


# --- the map -------------------------------------------------------------------------


def test_a_map_is_read_as_it_was_written(tmp_path: Path) -> None:
    whole = PageMap(
        digest="d",
        pages=(PrintedPage(folio="iv", letters=3, offsets={"é": 2}),),
        places={"raid": ("27", 12)},
    )
    write_map(whole, tmp_path / "map.json")
    assert read_map(tmp_path / "map.json", "d") == whole


@pytest.mark.parametrize(
    "written",
    ["", "{", "[]", "{}", '{"digest": "d"}', '{"digest": "other"}', None],
)
def test_what_is_no_map_of_this_layout_is_none(
    written: str | None, tmp_path: Path
) -> None:
    if written is not None:
        (tmp_path / "map.json").write_text(written)
    assert read_map(tmp_path / "map.json", "d") is None


def test_a_map_changed_by_hand_is_none(tmp_path: Path) -> None:
    whole = PageMap(
        digest="d",
        pages=(PrintedPage(folio="iv", letters=3, offsets={"é": 2}),),
        places={"raid": ("27", 12)},
    )
    path = tmp_path / "map.json"
    write_map(whole, path)
    path.write_text(path.read_text("utf-8").replace("27", "28"), "utf-8")
    assert read_map(path, "d") is None
    path.write_text("[" * 100_000)
    assert read_map(path, "d") is None


# --- finished EPUBs ------------------------------------------------------------------


def read(built: Built) -> Iterator[tuple[str, etree._Element]]:
    """Yield the pages of the EPUB in reading order, by name."""
    entries = built.entries()
    package = etree.fromstring(entries["EPUB/package.opf"])
    files = {i.get("id"): i.get("href") for i in package.iter(f"{OPF}item")}
    for ref in package.iter(f"{OPF}itemref"):
        name = files[ref.get("idref")]
        yield name, etree.fromstring(entries[f"EPUB/{name}"])


def find_marks(built: Built) -> list[tuple[str, str]]:
    """Return the file and the folio of each mark."""
    return [
        (name, found.get("title"))
        for name, tree in read(built)
        for found in tree.iterfind(f".//*[@{TYPE}='pagebreak']")
    ]


def running_text(tree: etree._Element, folio: str) -> str:
    """Return the letters behind the mark of *folio*, notes and calls left out."""
    for apart in tree.xpath(
        "//*[local-name()='aside' or local-name()='svg' or @role='doc-noteref']"
    ):
        apart.getparent().replace(apart, spare := etree.Element("spare"))
        spare.tail = apart.tail
    told = tree.xpath(f"string-join(//*[@id='page-{folio}']/following::text(), '')")
    return told if isinstance(told, str) else ""


@pytest.mark.slow
class TestBuilt:
    """What must be true of the EPUBs of the three editions."""

    def test_the_marks_are_the_pages_of_the_reading_pdf(self, built: Built) -> None:
        """In order, each once, blank ones too."""
        assert [folio for _, folio in find_marks(built)] == built.labels()

    def test_the_page_list_leads_to_each_mark(self, built: Built) -> None:
        nav = dict(read(built))["nav.xhtml"]
        links = nav.findall(f".//{XHTML}nav[@{TYPE}='page-list']//{XHTML}a")
        wanted = [(f"{name}#page-{folio}", folio) for name, folio in find_marks(built)]
        assert [(link.get("href"), link.text) for link in links] == wanted

    def test_the_ncx_has_the_same_pages(self, built: Built) -> None:
        ncx = etree.fromstring(built.entries()["EPUB/toc.ncx"])
        found = [
            (
                target.findtext("{*}navLabel/{*}text"),
                target.find("{*}content").get("src"),
                target.get("type"),
            )
            for target in ncx.iter("{*}pageTarget")
        ]
        assert found == [
            (folio, f"{name}#page-{folio}", "normal" if folio.isdigit() else "front")
            for name, folio in find_marks(built)
        ]

    def test_the_printed_book_is_named(self, built: Built) -> None:
        package = etree.fromstring(built.entries()["EPUB/package.opf"])
        (source,) = [
            element.text
            for element in package.iter(f"{OPF}meta")
            if element.get("property") == "pageBreakSource"
        ]
        assert built.book.settings.edition.title in source
        assert str(len(built.labels())) in source

    def test_a_page_begins_with_the_same_words(self, built: Built) -> None:
        """Compared with the lines of the laid-out page, tables by their first id."""
        trees = dict(read(built))
        where = {folio: name for name, folio in find_marks(built)}
        for part in built.laid_out:
            if part.name in ("front", "parallels", "chronology"):
                continue
            for sheet, laid_out in zip(part.bound, part.pages, strict=True):
                first = first_words(sheet)
                assert first, laid_out.folio
                tree = etree.fromstring(etree.tostring(trees[where[laid_out.folio]]))
                marks = tree.xpath(f"//*[@id='page-{laid_out.folio}']")
                told = following(marks[0])
                assert told.startswith(first), (laid_out.folio, first, told[:40])

    @pytest.mark.parametrize("name", ["book", "critical"])
    def test_a_page_of_a_table_begins_with_the_same_event(
        self, name: str, request: pytest.FixtureRequest
    ) -> None:
        built: Built = request.getfixturevalue(f"built_{name}")
        trees = dict(read(built))
        for part in built.laid_out:
            if part.name not in ("parallels", "chronology"):
                continue
            for laid_out in part.pages[1:]:
                tree = trees[f"{part.name}.xhtml"]
                (found,) = tree.xpath(f"//*[@id='page-{laid_out.folio}']")
                ids = [id_ for id_ in laid_out.anchors if id_.startswith(part.name)]
                holders = [e.get("id") for e in (found, *found.iterancestors())]
                assert ids[0] in holders, laid_out.folio


def first_words(sheet: BoundPage) -> str:
    """Return the first letters of the running text of a laid-out page."""
    from recension.layout.letters import APART

    return letters("".join(running_lines(sheet, APART)[:3]))[:12]


def following(mark_: etree._Element) -> str:
    """Return the letters of the running text behind a mark."""
    texts: list[str] = []
    for element in mark_.xpath("following::text()"):
        above = element.getparent()
        holders = [above, *above.iterancestors()]
        holders = holders[1:] if element.is_tail else holders
        if not any(
            h.get("role") in ("doc-noteref", "doc-footnote")
            or h.get("id", "").startswith("initial-")  # of the index, not in print
            for h in holders
        ):
            texts.append(element)
        if sum(map(len, texts)) > 200:
            break
    return letters("".join(texts))


def letters(text: str) -> str:
    return "".join(filter(str.isalnum, text))


# --- an EPUB alone -------------------------------------------------------------------


@pytest.mark.slow
def test_an_epub_alone_has_the_pages_of_the_last_layout(edition: Edition) -> None:
    whole = edition.build()
    before = whole.epub.read_bytes()
    whole.epub.unlink()
    again = edition.build("epub")
    assert again.epub.read_bytes() == before
    assert again.facts["layout"] == {**whole.facts["layout"], "new": False}


@pytest.mark.slow
def test_settings_of_the_epub_keep_the_pages(edition: Edition) -> None:
    edition.build("pdf")
    settings = edition.folder / edition.SETTINGS
    settings.write_text(settings.read_text("utf-8") + "\n[epub]\npage_list = true\n")
    assert edition.build("epub").facts["layout"]["new"] is False


@pytest.mark.slow
def test_a_changed_text_is_laid_out_anew(edition: Edition) -> None:
    edition.build("pdf")
    edition.edit(edition.TEXT, "Chaque compagnon", "Chaque[^fact-x] compagnon")
    text = edition.folder / edition.TEXT
    text.write_text(text.read_text("utf-8") + "\n\n[^fact-x]: Une note de plus.\n")
    alone = edition.build("epub")
    assert alone.facts["layout"]["new"] is True
    assert alone.epub.read_bytes() == edition.build().epub.read_bytes()


@pytest.mark.slow
def test_an_epub_without_the_page_list_has_no_trace_of_it(edition: Edition) -> None:
    settings = edition.folder / edition.SETTINGS
    settings.write_text(settings.read_text("utf-8") + "\n[epub]\npage_list = false\n")
    built = edition.build("epub")
    for name, content in built.entries().items():
        if name == "EPUB/style.css":
            continue
        for trace in (b"pagebreak", b"page-list", b"pageBreakSource", b"pageTarget"):
            assert trace not in content, name
    assert not list(Path(built.folder).glob("*-pages.json"))


@pytest.mark.slow
def test_the_map_tells_its_layout(built_minimal: Built) -> None:
    (path,) = built_minimal.folder.glob("*-pages.json")
    digest = json.loads(path.read_text("utf-8"))["digest"]
    assert built_minimal.facts["layout"] == {"digest": digest, "new": True}


def test_letters_are_counted_once_however_long_a_paragraph_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read = []

    def count(text: str) -> int:
        read.append(len(text))
        return count_letters(text)

    monkeypatch.setattr(folios, "count_letters", count)
    for words in (1_000, 2_000, 4_000):
        read.clear()
        paragraph = "un mot " * words
        assert "{2}" in mark(f"<p>{paragraph}</p>", ("1", 20, {}), ("2", 20, {}))
        assert sum(read) == len(paragraph)
