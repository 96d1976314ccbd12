# ruff: noqa: D107 - names and docstrings are claims
"""The finished files hold the whole book: every word, every note, the true figures."""

from __future__ import annotations

import json
import re
import tomllib
import unicodedata
from bisect import bisect_left
from typing import TYPE_CHECKING, Any, NoReturn

import pikepdf
import pytest
from conftest import ROOT
from lxml import etree

from recension import build, workroom
from recension.problems import Report
from recension.tree import plain_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from conftest import Built, Edition

    from recension.model import NumberedNote

pytestmark = pytest.mark.slow

XHTML = "{http://www.w3.org/1999/xhtml}"
TYPE = "{http://www.idpf.org/2007/ops}type"
MM = 72 / 25.4
SMALLEST_BODY = 12.5
"""Height in pt of a word of the running text (13.7) as against one of a note (11.1)."""
SMALLEST_NOTE = 10.9
"""The same of a note as against the apparatus (10.8) and a line's number (10.4)."""
REFERENCE, COUNT, LIST = "XXREFERENCEXX", "XXCOUNTXX", "XXLISTXX"
WORDS = tomllib.loads((ROOT / "templates" / "words.toml").read_text("utf-8"))


def words(text: str) -> list[str]:
    """Return the words of *text*: runs of letters and figures, ligatures undone."""
    return re.findall(r"[^\W_]+", unicodedata.normalize("NFKC", text))


def letters(text: str) -> str:
    """Return the letters and figures of *text* run together."""
    return "".join(words(text))


def paragraphs(node: object) -> Iterator[str]:
    """Yield the wording of each paragraph, heading and list item of a tree."""
    if isinstance(node, list):
        for item in node:
            yield from paragraphs(item)
    elif isinstance(node, dict):
        if node["t"] in ("Para", "Plain", "Header"):
            yield plain_text(node)
        elif node["t"] == "DefinitionList":
            for term, bodies in node["c"]:
                yield plain_text(term)
                yield from paragraphs(bodies)
        else:
            yield from paragraphs(node.get("c"))


class Printed:
    """The pages of the parts with notes, as poppler reads them, by their type.

    *body* are the words of the running text, *notes* those set in the notes' smaller
    type, both without running heads, folios and the mark of a continued note; the
    apparatus and the numbers of lines are tested in test_apparatus. The front matter
    has lists in small type too: there only what is as low as the first note is one.
    """

    def __init__(self, built: Built) -> None:
        self.body: list[str] = []
        self.notes: list[str] = []
        self.continued = WORDS[built.book.settings.language_code]["continued"]
        top, _, bottom, _ = built.book.settings.print.margins
        targets = built.targets()
        texts = targets[built.book.texts[0].headings[0].id][0]
        first = targets[built.parts[0].headings[0].id][0]
        last = targets[built.printed_back[0]][0]
        for number, page in list(enumerate(built.boxes()))[first:last]:
            height = float(page.get("height", "0"))
            area = (top * MM, height - bottom * MM)
            foot = [
                height - up
                for name, (at, up) in targets.items()
                if at == number and name.startswith("note-")
            ]
            highest = 0.0 if number >= texts else min(foot, default=height)
            for word in page.iterfind(f"{XHTML}word"):
                self._add(word, area, highest)

    def _add(
        self, word: etree._Element, area: tuple[float, float], highest: float
    ) -> None:
        low, high = float(word.get("yMin", "0")), float(word.get("yMax", "0"))
        inside = area[0] - 6 < low and high < area[1] + 6
        if inside and high - low > SMALLEST_NOTE and word.text != self.continued:
            small = high - low < SMALLEST_BODY and low > highest - 6
            (self.notes if small else self.body).append(word.text or "")


def shape(node: Any) -> Any:
    """Return a tree with a mark for what has no words before the pages are planned."""
    if isinstance(node, list):
        return [shape(item) for item in node]
    if not isinstance(node, dict):
        return node
    if node["t"] == "Span" and node["c"][0][1] == ["reference"] and not node["c"][1]:
        return {"t": "Str", "c": REFERENCE}
    if node["t"] == "Span" and "count" in dict(node["c"][0][2]):
        return {"t": "Str", "c": COUNT}
    if node["t"] == "Div" and "ledger" in node["c"][0][1]:
        return {"t": "Para", "c": [{"t": "Str", "c": LIST}]}
    return {**node, "c": shape(node["c"])} if "c" in node else node


def as_pattern(wording: str) -> str:
    """Return a pattern for the letters of *wording*, its marks any page, figure, list.

    Whether the figures and the lists are true is tested in test_front.
    """
    told = letters(wording).replace(REFERENCE, r"p[\divxl]+l\d+")
    return told.replace(COUNT, r"\d+").replace(LIST, r"\w*?")


def wording_of(note: NumberedNote) -> str:
    """Return a pattern for the letters of a note, its references any page and line."""
    return as_pattern(" ".join(paragraphs(shape(list(note.blocks)))))


def with_calls(built: Built) -> Iterator[str]:
    """Yield the paragraphs of the parts with the number of a note at its call."""
    for text in built.parts:
        numbers = {note.id: note.number for note in text.notes}
        yield from paragraphs(shape(put_numbers(list(text.blocks), numbers)))


def put_numbers(node: Any, numbers: dict[str, int]) -> Any:
    if isinstance(node, list):
        return [put_numbers(item, numbers) for item in node]
    if not isinstance(node, dict):
        return node
    if node["t"] == "Span" and node["c"][0][1] == ["note-call"]:
        return {"t": "Str", "c": str(numbers[dict(node["c"][0][2])["note"]])}
    return {**node, "c": put_numbers(node["c"], numbers)} if "c" in node else node


def find_lost(wanted: Sequence[str], printed: str) -> str:
    """Return the first of the patterns *wanted* that *printed* does not go on with.

    Nothing is returned if it has them all, in order, and no more.
    """

    def is_lost(count: int) -> bool:
        return not re.match("".join(wanted[:count]), printed)

    if re.fullmatch("".join(wanted), printed):
        return ""
    found = bisect_left(range(1, len(wanted) + 1), True, key=is_lost)  # noqa: FBT003
    return [*wanted, "more than is wanted"][found]


def test_a_letter_that_is_lost_or_too_many_is_found() -> None:
    wanted = ["one", r"p\d+", r"\w*?", "three"]
    assert find_lost(wanted, "onep12twothree") == ""
    assert find_lost(wanted, "onep12twothre") == "three"
    assert find_lost(wanted, "onetwothree") == r"p\d+"
    assert find_lost(wanted, "onep12twothreefour") == "more than is wanted"


def test_the_pages_have_the_edited_texts_letter_by_letter(built: Built) -> None:
    printed = letters(" ".join(Printed(built).body))
    wanted = [as_pattern(paragraph) for paragraph in with_calls(built)]
    assert find_lost(wanted, printed) == ""


def test_the_feet_of_the_pages_have_the_notes_letter_by_letter(built: Built) -> None:
    """Each note stands under its number, in order, whole, whatever page it ends on."""
    printed = letters(" ".join(Printed(built).notes))
    wanted = []
    for part in built.parts:
        for note in part.notes:
            locator = note.ibid_locator
            ibid = locator is not None
            repeated = letters(f"Ibid. {plain_text(locator or [])}")
            wording = repeated if ibid else wording_of(note)
            wanted.append(f"{note.number}{wording}")
    assert find_lost(wanted, printed) == ""


def test_every_paragraph_stands_whole_in_the_epub(built: Built) -> None:
    entries = built.entries()
    for text in built.parts:
        page = etree.fromstring(entries[f"EPUB/{text.settings.id}.xhtml"])
        for call in page.iterfind(f".//{XHTML}a[@{TYPE}='noteref']"):
            del call[:]
        printed = letters("".join(page.itertext()))
        for paragraph in paragraphs(shape(list(text.blocks))):
            found = re.search(as_pattern(paragraph), printed)
            assert found, paragraph
            printed = printed[found.end() :]


def test_the_epub_has_each_note_once_with_its_wording(built: Built) -> None:
    entries = built.entries()
    asides = [
        letters("".join(aside.itertext()))
        for text in built.parts
        for aside in etree.fromstring(
            entries[f"EPUB/{text.settings.id}.xhtml"]
        ).iterfind(f".//{XHTML}aside")
    ]
    notes = [note for text in built.parts for note in text.notes]
    assert len(asides) == len(notes) == built.facts["notes"]
    for aside, note in zip(asides, notes, strict=True):
        assert re.fullmatch(f"{note.number}{wording_of(note)}", aside), aside


def test_every_work_is_in_the_bibliography_of_both(built: Built) -> None:
    printed = letters(built.pdf_text("-raw"))
    page = etree.fromstring(built.entries()["EPUB/bibliography.xhtml"])
    read = letters("".join(page.itertext()))
    works = [work for section in built.book.bibliography for work in section.works]
    assert len(works) == built.facts["works"]
    for work in works:
        entry = letters(" ".join(paragraphs(list(work.entry))))
        assert entry in read
        assert entry in printed


def test_the_report_has_the_figures_and_they_add_up(built: Built) -> None:
    facts = json.loads((built.folder / "report.json").read_text("utf-8"))
    assert facts == json.loads(json.dumps(built.facts))
    assert {
        "title",
        "pages",
        "notes",
        "works",
        "emendations",
        "ledger",
        "seconds",
        "problems",
    } <= facts.keys()
    assert facts["pages"] == len(built.pages())
    assert facts["notes"] == sum(len(part.notes) for part in built.parts)
    assert facts["problems"] == []
    assert set(facts["seconds"]) >= {"load", "collate", "layout", "pdf", "epub"}
    for ledger, text in zip(facts["ledger"], built.book.texts, strict=True):
        source = (built.edition / text.settings.source).read_text("utf-8")
        assert ledger["characters"] == len(source)
        columns = ("kept", "normalised", "emended", "omitted")
        assert sum(ledger[column] for column in columns) == len(source)


def test_the_report_has_the_facts_of_print_and_cover(built: Built) -> None:
    """They are those of the files: pages, signature, spine, the sheet of the cover."""
    facts, press = built.facts["print"], built.book.settings.print.press
    width, height = press.trim
    with pikepdf.open(built.pdf.with_name(f"{built.pdf.stem}-print.pdf")) as printed:
        assert facts["pages"] == len(printed.pages)
    assert facts["pages"] % facts["signature"] == 0
    assert 0 <= facts["pages"] - built.facts["pages"] < facts["signature"]
    assert facts["spine_mm"] == pytest.approx(
        facts["pages"] / 2 * press.caliper, abs=0.01
    )
    bleed = 2 * press.cover_bleed
    sheet = [2 * width + facts["spine_mm"] + bleed, height + bleed]
    assert facts["cover_mm"] == pytest.approx(sheet, abs=0.01)
    with pikepdf.open(built.pdf.with_name(f"{built.pdf.stem}-cover.pdf")) as cover:
        (page,) = cover.pages
        sides = [float(side) for side in page.mediabox[2:]]
    assert sides == pytest.approx([side * MM for side in sheet], abs=0.1)


def test_the_set_is_complete(built: Built) -> None:
    slug = built.book.settings.edition.slug
    names = sorted(path.name for path in built.folder.iterdir())
    files = [
        f"{slug}{ending}" for ending in (".pdf", "-print.pdf", "-cover.pdf", ".epub")
    ]
    assert names == sorted(["report.json", f"{slug}-pages.json", *files])
    assert [p.name for p in built.folder.parent.iterdir()] == [built.folder.name]


@pytest.mark.parametrize("fault", [OSError(38, "no locks"), NotImplementedError()])
def test_a_machine_without_locks_for_processes_makes_the_same(
    fault: Exception,
    edition: Edition,
    built_minimal: Built,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: object) -> NoReturn:
        raise fault

    monkeypatch.setattr(workroom, "ProcessPoolExecutor", refuse)
    build(edition.folder, tmp_path / "out", Report())
    for path in (built_minimal.pdf, built_minimal.epub):
        assert (tmp_path / "out" / path.name).read_bytes() == path.read_bytes()
