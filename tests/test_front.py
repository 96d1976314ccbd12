"""The parts of the front matter: numbers, folios, definitions, figures, lists."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from conftest import CRITICAL
from lxml import etree
from printed import read_pages
from written import write_epub

if TYPE_CHECKING:
    from conftest import Built, Edition
    from written import Written

XHTML = "{http://www.w3.org/1999/xhtml}"
TYPE = "{http://www.idpf.org/2007/ops}type"
HARROW = "book/texts/harrow.md"
SOURCE = "book/sources/harrow.txt"
FRONT = "book/front/note-on-the-text.md"
INTRODUCTION = "book/front/introduction.md"
ROMAN = re.compile(r"[ivxl]+")


def page_of(built: Built, id_: str) -> str:
    """Return the text, as laid out, of the page of the PDF that has *id_*."""
    number = built.targets()[id_][0]
    return built.pdf_text("-layout").split("\f")[number]


def folio_of(built: Built, id_: str) -> str:
    return built.labels()[built.targets()[id_][0]]


def in_epub(built: Built, name: str) -> etree._Element:
    return etree.fromstring(built.entries()[f"EPUB/{name}.xhtml"])


def wording(element: etree._Element) -> str:
    return " ".join("".join(element.itertext()).split())


def figures(written: Written) -> str:
    """Return the note on the text as the EPUB has it."""
    return wording(written.part("note-on-the-text", "epub"))


# --- numbers and folios --------------------------------------------------------------


def test_notes_are_numbered_from_the_front_matter_on(written_critical: Written) -> None:
    book = written_critical.book
    parts = (*book.front, *book.texts)
    numbers = [note.number for part in parts for note in part.notes]
    assert numbers == list(range(1, len(numbers) + 1))
    assert [len(part.notes) for part in book.front] == [0, 2, 0]


def test_notes_numbered_by_text_begin_anew_in_each_front_part(
    critical: Edition,
) -> None:
    critical.edit(
        critical.SETTINGS, "[print]", '[notes]\nnumbering = "text"\n\n[print]'
    )
    book = critical.check()
    for part in (*book.front, *book.texts):
        numbers = [note.number for note in part.notes]
        assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.slow
def test_a_note_of_the_front_matter_stands_on_the_page_of_its_call(
    built_critical: Built,
) -> None:
    for note in built_critical.book.front[1].notes:
        id_ = note.id
        call, body = (
            built_critical.targets()[f"{kind}-{id_}"] for kind in ("call", "note")
        )
        assert call[0] == body[0]
        assert call[1] > body[1]


@pytest.mark.slow
def test_every_front_part_opens_on_a_recto_with_a_roman_folio(
    built_critical: Built,
) -> None:
    targets, labels = built_critical.targets(), built_critical.labels()
    for part in built_critical.book.front:
        page = targets[part.headings[0].id][0]
        assert page % 2 == 0
        assert ROMAN.fullmatch(labels[page])


@pytest.mark.slow
def test_the_first_text_has_folio_1_whatever_stands_before_it(
    built_critical: Built,
) -> None:
    assert folio_of(built_critical, "harrow") == "1"


@pytest.mark.slow
def test_the_contents_have_the_roman_folios_of_the_front_matter(
    built_critical: Built,
) -> None:
    contents = built_critical.pdf_text("-layout")
    for part in built_critical.book.front:
        folio = folio_of(built_critical, part.headings[0].id)
        assert re.search(rf"(?m)^ *{part.title} +{folio}$", contents)


@pytest.mark.slow
def test_a_reference_to_the_front_matter_has_its_roman_folio(
    built_critical: Built,
) -> None:
    folio = folio_of(built_critical, "introduction-read")
    notes = in_epub(built_critical, "reed").findall(f".//{XHTML}aside")
    assert f"p. {folio}, l. " in wording(notes[-1])
    assert f"p. {folio}, l. " in " ".join(page_of(built_critical, "end-r").split())


@pytest.mark.slow
def test_a_reference_in_the_running_text_of_the_front_matter_is_true(
    built_critical: Built,
) -> None:
    folio = folio_of(built_critical, "lantern-h")
    read = in_epub(built_critical, "introduction").find(f".//{XHTML}section")
    (page,) = [p for p in read_pages(built_critical) if p.folio == folio]
    (line,) = [
        number
        for number, line in enumerate(page.lines, start=1)
        if line.text.startswith("What he did with")
    ]
    assert f"The lantern is at p. {folio}, l. {line} in the one" in wording(read)


@pytest.mark.slow
def test_a_long_front_part_moves_the_folios_of_what_follows(critical: Edition) -> None:
    """References settle also when the front matter grows by pages."""
    words = " ".join(f"word{number}" for number in range(900))
    critical.edit(INTRODUCTION, "## How to read", f"{words}\n\n## How to read")
    built = critical.build()
    labels = [label for label in built.labels() if ROMAN.fullmatch(label)]
    assert "xiii" in labels, "it had twelve pages"
    folio = folio_of(built, "introduction-read")
    assert folio != "ix"
    assert f"p. {folio}, l. " in wording(in_epub(built, "reed"))


@pytest.mark.slow
def test_a_front_part_has_its_running_heads(built_critical: Built) -> None:
    """The book's title on a verso, the part's on a recto; none where it opens."""
    for part in built_critical.book.front:
        first = page_of(built_critical, part.headings[0].id).strip().split("\n")[0]
        assert first.strip() == part.title


# --- definition lists ----------------------------------------------------------------


def test_a_definition_list_is_one_in_the_epub(written_critical: Written) -> None:
    (found,) = written_critical.pages["abbreviations"].iter(f"{XHTML}dl")
    terms = [wording(term) for term in found.iter(f"{XHTML}dt")]
    assert terms == ["H", "R", "the Office"]
    assert len(found.findall(f"{XHTML}div/{XHTML}dd")) == len(terms)


@pytest.mark.slow
def test_in_print_a_term_stands_before_its_definition(built_critical: Built) -> None:
    """A second paragraph of a definition begins a line; a reference has its words."""
    page = " ".join(page_of(built_critical, "abbreviations").split())
    assert "H Harrow’s text, as the Courier has it" in page
    assert "R The text of Thomas Reed. It has no other witness." in page
    assert re.search(r"the Office The Fire Office of Askham \(p\. 7, l\. \d+\)\.", page)


# --- lists ---------------------------------------------------------------------------

NUMBERED = "4. The lane was dark.\n5. Nobody called.\n\n- Nor did the dog.\n\n"
WORDLESS = "1.\n2. - A list.\n\n"


def test_a_numbered_list_has_its_numbers_from_its_own_start_on(
    critical: Edition,
) -> None:
    """They are words, as the dashes of other lists are in print.

    An item without words of its own has its number too: nothing stands in it, or
    another list.
    """
    lists = f"{NUMBERED}{WORDLESS}## How to read"
    critical.edit(INTRODUCTION, "## How to read", lists)
    written = write_epub(critical.folder)
    printed = written.part("introduction", "print")
    bullets = [wording(mark) for mark in printed.findall(".//*[@class='bullet']")]
    assert bullets == ["–", "–"]
    items = [wording(item) for item in printed.iter("li")]
    assert items[:3] == [
        "4. The lane was dark.",
        "5. Nobody called.",
        "–Nor did the dog.",
    ]
    read, _ = written.part("introduction", "epub").iter("ol")
    assert read.get("start") == "4"
    numbered = ["4. The lane was dark.", "5. Nobody called."]
    assert [wording(item) for item in read] == numbered


@pytest.mark.slow
def test_the_numbers_of_a_list_stand_before_its_items(critical: Edition) -> None:
    critical.edit(INTRODUCTION, "## How to read", f"{NUMBERED}## How to read")
    printed = critical.build("pdf").pdf_text("-layout")
    for line in ("4. The lane was dark.", "5. Nobody called.", "– Nor did the dog."):
        assert re.search(rf"(?m)^ +{re.escape(line)}$", printed), line


# --- the ledger ----------------------------------------------------------------------


def test_the_figures_are_those_of_the_ledger_and_the_apparatus(
    written_critical: Written,
) -> None:
    book = written_critical.book
    total = {
        name: sum(getattr(text, name) for text in book.ledger.texts)
        for name in ("characters", "kept", "normalised", "emended", "omitted")
    }
    printed = figures(written_critical)
    counts = [len(text.emendations) for text in book.texts]
    assert f"The apparatus has {sum(counts)} entries" in printed
    assert f"of which {counts[0]} are Harrow’s and {counts[1]} Reed’s" in printed
    assert "2 are called probable, 1 joins a paragraph" in printed
    assert (
        "Of {characters:,} characters {kept:,} are kept, {normalised:,} normalised, "
        "{emended:,} emended, {omitted:,} omitted."
    ).format(**total) in printed


def change_source(edition: Edition, old: str, new: str) -> None:
    import hashlib

    def digest() -> str:
        return hashlib.sha256((edition.folder / SOURCE).read_bytes()).hexdigest()

    before = digest()
    edition.edit(SOURCE, old, new)
    edition.edit(edition.SETTINGS, before, digest())


LANTERN = ("lantern and a ring", '[lantern]{sic="lamp"} and a ring')
DOUBT = (' cert=probable why="the letters are faint"', "")
DOOR = ('[door]{sic=""} behind', "door behind")
JOIN = ('[]{sic="¶"} The building', "\n\nThe building")


@pytest.mark.parametrize(
    ("edits", "sentences"),
    [
        ((LANTERN, DOUBT), ("has 9 entries", "1 are called probable")),
        ((DOOR, JOIN), ("has 6 entries", "0 joins a paragraph")),
    ],
    ids=["one more", "two less"],
)
def test_the_figures_change_with_the_text(
    edits: tuple[tuple[str, str], ...],
    sentences: tuple[str, ...],
    critical: Edition,
    written_critical: Written,
) -> None:
    before = figures(written_critical)
    assert not [sentence for sentence in sentences if sentence in before]
    for old, new in edits:
        critical.edit(HARROW, old, new)
    if LANTERN in edits:
        change_source(critical, "lantern and a ring", "lamp and a ring")
    if DOOR in edits:
        change_source(critical, "not lock the  behind", "not lock the door behind")
    after = figures(write_epub(critical.folder))
    assert [sentence for sentence in sentences if sentence not in after] == []


def test_the_lists_have_every_rule_and_every_omission(
    written_critical: Written,
) -> None:
    printed = figures(written_critical)
    harrow, reed = written_critical.book.ledger.texts
    for rule, words in (
        ("quotation-marks", "straight quotation marks"),
        ("list-markers", "markers of lists"),
    ):
        counts = f"H {harrow.normalisations[rule]}, R {reed.normalisations[rule]}"
        assert re.search(rf"{words}[^:]*: {counts}", printed), words
    assert "H, newspaper’s heading: “The Lowmere Courier, price one penny”" in printed


def test_a_list_loses_what_is_no_longer_omitted(critical: Edition) -> None:
    critical.edit(HARROW, '::: {.omit why="newspaper’s heading"}\n', "")
    critical.edit(HARROW, "penny\n:::\n", "penny\n")
    assert "newspaper’s heading" not in figures(write_epub(critical.folder))


def test_a_rule_that_is_not_declared_is_not_listed(
    critical: Edition, written_critical: Written
) -> None:
    assert "three full points" not in figures(written_critical)
    critical.edit(critical.SETTINGS, '"list-markers"]', '"list-markers", "ellipses"]')
    assert "three full points" in figures(write_epub(critical.folder))


@pytest.mark.slow
def test_print_and_epub_have_the_same_figures(built_critical: Built) -> None:
    read = in_epub(built_critical, "note-on-the-text").find(f".//{XHTML}section")
    printed = page_of(built_critical, "note-on-the-text")

    def numbers(text: str) -> list[str]:
        return re.findall(r"\d[\d,]*", text.replace("‐\n", ""))

    assert numbers(printed) == numbers(wording(read))
    assert len(numbers(printed)) > 12


def test_a_part_without_source_is_not_collated(written_critical: Written) -> None:
    """The ledger has the texts and nothing of the editor's own words."""
    ids = [text.text_id for text in written_critical.book.ledger.texts]
    assert ids == ["harrow", "reed"]
    assert (CRITICAL / FRONT).exists()
