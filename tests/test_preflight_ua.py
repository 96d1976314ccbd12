"""The reading PDF for those who hear it or let it flow anew: PDF/UA-1 and PDF/A-2a."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pikepdf
import pytest
from lxml import etree
from validators import Tag, find_verapdf, read_contents, read_tags, run_verapdf

from recension.pdf.reading import CLAIMS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from conftest import Built, Edition

pytestmark = pytest.mark.slow

SOFT = "\u00ad"


@pytest.fixture(scope="session")
def verapdf() -> Path:
    return find_verapdf()


@pytest.fixture
def pdf(built: Built) -> Iterator[pikepdf.Pdf]:
    with pikepdf.open(built.pdf) as opened:
        yield opened


@pytest.fixture
def tags(pdf: pikepdf.Pdf) -> Tag:
    return read_tags(pdf)


def wording(text: str) -> str:
    """Return *text* with its white space run together."""
    return " ".join(text.split())


# --- the standards -----------------------------------------------------------------


@pytest.mark.parametrize("flavour", ["ua1", "2a"])
def test_verapdf_finds_no_fault_in_what_the_files_claim(
    flavour: str,
    verapdf: Path,
    built_book: Built,
    built_minimal: Built,
    built_critical: Built,
) -> None:
    files = [built.pdf for built in (built_book, built_minimal, built_critical)]
    assert run_verapdf(verapdf, flavour, *files) == [[], [], []]


def test_the_file_claims_what_is_tested(pdf: pikepdf.Pdf) -> None:
    with pdf.open_metadata() as meta:
        assert {name: meta[name] for name in CLAIMS} == CLAIMS
    assert CLAIMS == {
        "pdfuaid:part": "1",
        "pdfaid:part": "2",
        "pdfaid:conformance": "A",
    }


STANDARD = (
    "Document Part Art Sect Div BlockQuote Caption TOC TOCI Index NonStruct P H1 H2 H3 "
    "L LI Lbl LBody Table TR TH TD THead TBody TFoot Span Quote Note Reference "
    "BibEntry Code Link Figure Title"
)
"""The types of structure (ISO 32000-1, 14.8.4), and what roles are mapped to them."""


def test_every_tag_is_of_the_standard_and_items_stand_in_lists(tags: Tag) -> None:
    waiting, inside = [(tags, "")], []
    while waiting:
        tag, parent = waiting.pop()
        inside.append((tag.name, parent))
        waiting += [(kid, tag.name) for kid in tag.kids]
    assert {kind for kind, _ in inside} <= {*STANDARD.split(), "StructTreeRoot"}
    assert {parent for kind, parent in inside if kind == "LI"} <= {"L"}
    assert {parent for kind, parent in inside if kind == "TOCI"} <= {"TOC"}


def _drop_ids(pdf: pikepdf.Pdf) -> None:
    for note in find(pdf, "/Note"):
        del note["/ID"]


def _drop_descriptions(pdf: pikepdf.Pdf) -> None:
    for page in pdf.pages:
        for annotation in page.get("/Annots", []):
            del annotation["/Contents"]


def _unmark(pdf: pikepdf.Pdf) -> None:
    for page in pdf.pages:
        operators = page.Contents.read_bytes()
        plain = re.sub(rb"/Artifact\s+<<.*?>>\s+BDC", b"/Span BMC", operators)
        page.Contents.write(plain)


def _drop_intent(pdf: pikepdf.Pdf) -> None:
    del pdf.Root.OutputIntents


def _drop_maps(pdf: pikepdf.Pdf) -> None:
    for font in pdf.pages[0].resources.Font.values():
        del font["/ToUnicode"]


FAULTS: dict[str, dict[str, Callable[[pikepdf.Pdf], None]]] = {
    "ua1": {"7.9-1": _drop_ids, "7.18.5-2": _drop_descriptions, "7.1-3": _unmark},
    "2a": {"6.2.4.3-4": _drop_intent, "6.2.11.7.2-1": _drop_maps},
}
"""By standard and clause, what breaks it."""


def find(pdf: pikepdf.Pdf, type_: str) -> list[Any]:
    """Return the structure elements of *type_*."""
    written = (o for o in pdf.objects if isinstance(o, pikepdf.Dictionary))
    return [o for o in written if o.get("/S") == type_]


@pytest.mark.parametrize("flavour", FAULTS)
def test_verapdf_tells_each_fault_by_its_clause(
    flavour: str, verapdf: Path, built_minimal: Built, tmp_path: Path
) -> None:
    """The check can fail."""
    files = []
    for clause, spoil in FAULTS[flavour].items():
        files.append(tmp_path / f"{clause}.pdf")
        with pikepdf.open(built_minimal.pdf) as opened:
            spoil(opened)
            opened.save(files[-1])
    told = run_verapdf(verapdf, flavour, *files)
    for clause, clauses in zip(FAULTS[flavour], told, strict=True):
        assert clause in clauses


# --- the tree ----------------------------------------------------------------------


def test_headings_are_those_of_the_book_in_order(built: Built, tags: Tag) -> None:
    told = [wording(tag.text) for tag in tags.find("H1", "H2", "H3", "H4")]
    wanted = [heading.title for part in built.parts for heading in part.headings]
    assert [title for title in told if title in wanted] == wanted


def test_no_level_of_headings_is_left_out(tags: Tag) -> None:
    levels = [int(t.name[1]) for t in tags.walk() if re.fullmatch("H[1-6]", t.name)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_each_note_is_one_element_behind_the_block_that_calls_it(
    built: Built, tags: Tag
) -> None:
    notes = [tag for tag in tags.find("Note") if tag.find("Link")]
    numbers = [str(note.number) for part in built.parts for note in part.notes]
    assert [note.find("Lbl")[0].text.strip() for note in notes] == numbers
    ids = [str(note.written.ID) for note in tags.find("Note")]
    assert len(ids) == len(set(ids))
    for note in notes:
        before = note.above.kids[: note.above.kids.index(note)]
        block = [tag for tag in before if tag.name != "Note"][-1]
        calls = [t.text.strip() for t in block.find("Link")]
        assert note.find("Lbl")[0].text.strip() in calls


def test_a_paragraph_on_two_pages_is_one_element(built_book: Built) -> None:
    """So are the paragraphs of the tree those of the EPUB, word for word."""
    with pikepdf.open(built_book.pdf) as opened:
        articles = read_tags(opened).find("Art")
    split = [tag for tag in articles[0].find("P") if len(set(tag.pages)) > 1]
    assert len(split) > 10
    for text, article in zip(built_book.book.texts, articles, strict=True):
        page = etree.fromstring(built_book.entries()[f"EPUB/{text.settings.id}.xhtml"])
        wanted = [wording(plain(p)) for p in page.iter("{*}p") if not in_note(p)]
        told = [
            wording(without_notes(tag)) for tag in article.find("P") if not_note(tag)
        ]
        assert told == wanted


def plain(element: Any) -> str:
    """Return the text of an XHTML *element* without the numbers of its notes."""
    calls = element.xpath(".//*[@role='doc-noteref']")
    for call in calls:
        tail = call.tail
        call.clear()
        call.tail = tail
    return "".join(element.itertext())


def in_note(element: Any) -> bool:
    """Tell whether an XHTML *element* stands in a note."""
    roles = ("doc-footnote", "doc-endnotes", "doc-endnote")
    return any(above.get("role") in roles for above in element.iterancestors())


def not_note(tag: Tag) -> bool:
    """Tell whether *tag* does not stand in a note."""
    return not tag.above or (tag.above.name != "Note" and not_note(tag.above))


def without_notes(tag: Tag) -> str:
    """Return the text of *tag* without the numbers of its notes."""
    if re.fullmatch(r"\d+\s*", tag.text):
        return tag.text.lstrip("0123456789")
    pieces = (p if isinstance(p, str) else without_notes(p) for p in tag.pieces)
    return "".join(pieces).replace(SOFT, "")


def test_a_note_on_several_pages_is_one_element(edition: Edition) -> None:
    words = " ".join(f"mot{number}" for number in range(700))
    edition.edit(edition.TEXT, "[@morel1907, 31].", f"[@morel1907, 31]. {words}.")
    with pikepdf.open(edition.build("pdf").pdf) as opened:
        notes = read_tags(opened).find("Note")
    (note,) = [note for note in notes if "mot1 " in note.text]
    assert len({page for tag in note.walk() for page in tag.pages}) >= 2
    assert words in wording(note.text)
    assert "(suite)" not in note.text


def test_every_cell_of_a_table_names_its_headers(built_critical: Built) -> None:
    with pikepdf.open(built_critical.pdf) as opened:
        tables = read_tags(opened).find("Table")
        assert len(tables) == 2
        for table in tables:
            ids = {str(th.written.ID): th.text.strip() for th in table.find("TH")}
            assert all("/Scope" in th.written.A for th in table.find("TH"))
            told = [
                [ids[str(id_)] for id_ in td.written.A.Headers]
                for td in table.find("TD")
            ]
            assert all(told)
            if table is tables[0]:
                assert told[0] == ["Ann Harrow (H)", "contradict The hour of the fire"]


def test_the_head_of_a_table_is_read_once(built_critical: Built) -> None:
    """On its later pages it is an artifact."""
    with pikepdf.open(built_critical.pdf) as opened:
        tree = read_tags(opened)
        table = tree.find("Table")[0]
        assert len({page for tag in table.walk() for page in tag.pages}) > 1
        assert len(table.find("THead")) == 1


def test_the_time_line_is_told_in_words(built_critical: Built) -> None:
    with pikepdf.open(built_critical.pdf) as opened:
        (figure,) = read_tags(opened).find("Figure")
        assert re.search("Time-line.*line of the years", str(figure.written.Alt))


def test_the_contents_are_a_list_of_contents(built: Built, tags: Tag) -> None:
    toc = tags.find("TOC")[0]
    assert {entry.name for entry in toc.kids} == {"TOCI"}
    told = [wording(entry.find("Link")[0].text) for entry in toc.kids]
    titles = [part.headings[0].title for part in built.parts]
    assert [t for t in titles if any(t in entry for entry in told)] == titles


def test_another_language_is_told(edition: Edition) -> None:
    edition.edit(edition.TEXT, "vieux Lambert", "vieux [Lambert]{lang=la}")
    with pikepdf.open(edition.build("pdf").pdf) as opened:
        spans = read_tags(opened).find("Span")
        assert [(t.text.strip(), str(t.written.Lang)) for t in spans] == [
            ("Lambert", "la")
        ]


def test_a_link_holds_its_words_in_another_language(edition: Edition) -> None:
    """The annotation is the link's, and its description has all of its words."""
    edition.edit(edition.TEXT, "[la première", "[la [prima sectio]{lang=la} première")
    with pikepdf.open(edition.build("pdf").pdf) as opened:
        found = [t for t in read_tags(opened).find("Link") if "prima" in t.text]
        told = [str(a.Contents) for link in found for a in link.annotations]
    assert told
    assert set(told) == {"la prima sectio première section"}


# --- the pages ----------------------------------------------------------------------


def test_heads_and_folios_are_artifacts_of_their_kind(pdf: pikepdf.Pdf) -> None:
    kinds = {
        str(operands[1].Subtype)
        for page in pdf.pages
        for operands, operator in pikepdf.parse_content_stream(page)
        if str(operator) == "BDC" and "/Subtype" in operands[1]
    }
    assert kinds == {"/Header", "/Footer"}
    for page in pdf.pages:
        artifacts = [text for number, text in read_contents(page) if number == -1]
        assert page.label in artifacts or not any(artifacts)


def test_no_text_is_without_a_mark(pdf: pikepdf.Pdf) -> None:
    numbers = [number for page in pdf.pages for number, _ in read_contents(page)]
    assert numbers
    assert -2 not in numbers


def test_every_link_is_in_the_tree_and_says_where_it_leads(
    pdf: pikepdf.Pdf, tags: Tag
) -> None:
    on_pages = [a.objgen for page in pdf.pages for a in page.get("/Annots", [])]
    in_tree = [a for link in tags.find("Link") for a in link.annotations]
    assert sorted(a.objgen for a in in_tree) == sorted(on_pages)
    assert all(str(annotation.Contents).strip() for annotation in in_tree)
    assert all(page.get("/Tabs") == "/S" for page in pdf.pages)


def test_divided_words_are_whole_and_hyphens_stay(built_book: Built) -> None:
    text = built_book.pdf_text("-raw")
    assert f"{SOFT}\n" in text
    assert "\u2010" not in text
    whole = text.replace(f"{SOFT}\n", "")
    assert SOFT not in whole
    for word in ("important", "Trotskyist", "Thirty-eight"):
        assert word in " ".join(whole.split()).replace("- ", "-")


def test_black_is_the_only_colour(pdf: pikepdf.Pdf) -> None:
    colours = {
        (str(operator), tuple(float(o) for o in operands))
        for page in pdf.pages
        for operands, operator in pikepdf.parse_content_stream(page)
        if str(operator) in ("rg", "RG", "g", "G", "k", "K", "sc", "SC", "scn", "SCN")
    }
    assert colours <= {("g", (0.0,)), ("G", (0.0,))}
