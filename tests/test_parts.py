"""The parts behind the texts: the same in PDF and EPUB, and every place in them true.

Tables, apparatus and index are generated; here the finished files are read, words and
links and lines, by means that the builder does not use.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import pikepdf
import pytest
from lxml import etree
from printed import pages_of as printed_pages

from recension.tree import plain_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from conftest import Built

    from recension.model import Emendation, Entry

pytestmark = pytest.mark.slow

XHTML = "{http://www.w3.org/1999/xhtml}"
SVG = "{http://www.w3.org/2000/svg}"
MM = 72 / 25.4
SMALLEST_BODY = 12.5
"""Height in pt of a word of the running text (13.7) as against one of a note (11.1)."""
SAME_LINE = 4.0
"""How far apart, in pt, the tops of the words of one line may be."""
BACK = ["parallels", "chronology", "persons", "bibliography", "apparatus", "index"]
PEOPLE = ("person", "organisation")
YEARS = range(1800, 2100, 10)
"""The years that a tick of a time-line may have."""
FOLLOWING = 9
"""How many letters behind a mark are looked for on its line."""


@pytest.fixture(params=["book", "critical"])
def whole(request: pytest.FixtureRequest) -> Built:
    """Each of the editions that have every part."""
    return request.getfixturevalue(f"built_{request.param}")


def letters(text: str) -> str:
    """Return the letters and figures of *text* run together, ligatures undone."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text))


def in_epub(built: Built, name: str) -> etree._Element:
    return etree.fromstring(built.entries()[f"EPUB/{name}.xhtml"])


def wording(element: etree._Element) -> str:
    return " ".join("".join(element.itertext()).split())


def target(link: etree._Element) -> str:
    """Return the id that *link* leads to."""
    return str(link.get("href", "")).partition("#")[2]


def is_in_order(wanted: Sequence[str], text: str) -> str:
    """Return the first of *wanted* that *text* lacks behind the one before, if any."""
    position = 0
    for piece in wanted:
        found = text.find(piece, position)
        if found < 0:
            return piece
        position = found + len(piece)
    return ""


# --- the lines of the pages ----------------------------------------------------------


class Word(NamedTuple):
    """A printed word and its box, in pt from the top left."""

    top: float
    left: float
    right: float
    foot: float
    text: str


@cache
def words_of(built: Built, page: int) -> list[Word]:
    """Return the words of a page of the PDF without running heads and folios."""
    top, _, bottom, _ = built.book.settings.print.margins
    element = built.boxes()[page]
    limit = float(element.get("height", "0")) - bottom * MM
    found = []
    for word in element.iterfind(f"{XHTML}word"):
        sides = (float(word.get(s, "0")) for s in ("yMin", "xMin", "xMax", "yMax"))
        box = Word(*sides, word.text or "")
        if top * MM - 6 < box.top and box.foot < limit + 6:
            found.append(box)
    return found


class Line(NamedTuple):
    """A line of the running text: its foot, in pt, and its words."""

    foot: float
    words: str


@cache
def lines_of(built: Built, page: int) -> list[Line]:
    """Return the lines of the running text of a page, the notes left out."""
    rows: list[list[Word]] = []
    for word in sorted(words_of(built, page)):
        if word.foot - word.top < SMALLEST_BODY:
            continue
        if rows and word.top - rows[-1][0].top < SAME_LINE:
            rows[-1].append(word)
        else:
            rows.append([word])
    return [
        Line(
            max(word.foot for word in row),
            " ".join(word.text for word in sorted(row, key=lambda word: word.left)),
        )
        for row in rows
    ]


def line_after(built: Built, page: int, number: int) -> str:
    """Return the words of the line after line *number*, from 0, on this page or on."""
    later = range(page + 1, min(page + 3, len(built.labels())))
    lines = lines_of(built, page)[number + 1 :]
    lines += [line for after in later for line in lines_of(built, after)]
    return lines[0].words if lines else ""


def begins_on(built: Built, page: int, number: int, behind: str) -> bool:
    """Tell whether *behind* begins on the line *number*, from 0; calls do not count."""
    here, after, wanted = (
        re.sub(r"\d", "", letters(text))
        for text in (
            lines_of(built, page)[number].words,
            line_after(built, page, number),
            behind,
        )
    )
    return 0 <= (here + after).find(wanted) < len(here)


def place_of(built: Built, place: str) -> tuple[int, int]:
    """Return the page and the line, both from 0, that `12.3` names."""
    folio, _, number = place.partition(".")
    return built.labels().index(folio), int(number) - 1


# --- what follows a mark -------------------------------------------------------------


def marked(node: Any) -> Iterator[tuple[str, str]]:
    """Yield each id of a tree with the letters that follow it in its paragraph."""
    if isinstance(node, list):
        for child in node:
            yield from marked(child)
    elif isinstance(node, dict) and node["t"] in ("Para", "Plain", "Header"):
        pieces = list(_pieces(node["c"][2] if node["t"] == "Header" else node["c"]))
        if node["t"] == "Header":
            pieces.insert(0, (node["c"][1][0], ""))
        for index, (id_, _) in enumerate(pieces):
            if id_:
                yield id_, letters("".join(text for _, text in pieces[index:]))
    elif isinstance(node, dict):
        yield from marked(node.get("c"))


def _pieces(node: Any) -> Iterator[tuple[str, str]]:
    """Yield the ids and the words of a paragraph in order."""
    if isinstance(node, list):
        for child in node:
            yield from _pieces(child)
    elif node["t"] == "Span":
        (id_, _, _), inner = node["c"]
        yield id_, ""
        yield from _pieces(inner)
    elif node["t"] in ("Emph", "Strong"):
        yield from _pieces(node["c"])
    else:
        yield "", plain_text(node)


@cache
def find_following(built: Built) -> dict[str, str]:
    """Return the letters behind each id of the texts, those of marks too.

    What ends its paragraph so soon that it could be found anywhere is left out.
    """
    return {
        id_: behind[:FOLLOWING]
        for text in built.book.texts
        for id_, behind in marked(list(text.blocks))
        if len(behind) >= FOLLOWING and not re.search(r"-p\d+$", id_)
    }


# --- parts, contents, navigation -----------------------------------------------------


def test_every_part_is_there_in_its_order(whole: Built) -> None:
    assert whole.back == BACK
    in_print = [name for name in BACK if name != "apparatus"]
    assert whole.printed_back == in_print, "the apparatus stands at the foot"
    places = [whole.targets()[name] for name in in_print]
    assert [page for page, _ in places] == sorted({page for page, _ in places})


def rows_of_contents(built: Built) -> list[tuple[str, str]]:
    """Return title and folio of each row of the printed contents."""
    pages = built.pdf_text("-layout").split("\f")
    first = built.targets()["contents"][0]
    last = built.targets()[built.parts[0].headings[0].id][0]
    rows = "\n".join(pages[first:last])
    found = re.findall(r"(?m)^ *(\S.*?) {2,}(\d+|[ivxl]+)$", rows)
    return [(letters(title), folio) for title, folio in found]


def test_the_contents_have_every_part_with_its_folio(whole: Built) -> None:
    """Front parts, texts with their sections, and every part behind them."""
    targets, labels = whole.targets(), whole.labels()
    wanted = [(part.title, part.headings[0].id) for part in whole.book.front]
    for text in whole.book.texts:
        wanted += [(h.title, h.id) for h in text.headings if h.level <= 2]
    wanted += [(whole.word(name), name) for name in whole.printed_back]
    rows = rows_of_contents(whole)
    assert len(rows) == len(wanted)
    for (title, id_), (shown, folio) in zip(wanted, rows, strict=True):
        assert letters(title).endswith(shown)
        assert labels[targets[id_][0]] == folio, title


def test_the_navigation_has_every_part_with_its_title(whole: Built) -> None:
    links = in_epub(whole, "nav").findall(f".//{XHTML}nav[@id='contents']//{XHTML}a")
    shown = {link.get("href", ""): wording(link) for link in links}
    for part in whole.parts:
        assert shown[f"{part.settings.id}.xhtml"].endswith(part.title)
    for name in whole.back:
        assert shown[f"{name}.xhtml"] == whole.word(name)


def test_every_part_behind_the_texts_is_a_landmark(whole: Built) -> None:
    nav = in_epub(whole, "nav").find(f".//{XHTML}nav[@id='landmarks']")
    links = {link.get("href") for link in nav.iter(f"{XHTML}a")}
    assert {f"{name}.xhtml" for name in BACK} <= links


# --- marks and lines -----------------------------------------------------------------


def test_every_mark_leads_to_the_line_that_has_its_words(whole: Built) -> None:
    """Mentions, emendations, anchors, headings: all that links can reach in the PDF."""
    targets = whole.targets()
    height = whole.book.settings.print.trim[1] * MM
    following = find_following(whole)
    for id_, behind in following.items():
        page, up = targets[id_]
        feet = [line.foot for line in lines_of(whole, page)]
        number = next(n for n, foot in enumerate(feet) if foot > height - up + 3)
        assert begins_on(whole, page, number, behind), (id_, behind)
    assert len(following) >= 40


def find_apparatus(built: Built) -> Iterator[tuple[Emendation, etree._Element]]:
    """Yield each emendation and its row in the EPUB."""
    rows = in_epub(built, "apparatus").findall(f".//{XHTML}li")
    emendations = [e for text in built.book.texts for e in text.emendations]
    yield from zip(emendations, rows, strict=True)


def test_the_apparatus_names_the_line_where_the_lemma_stands(whole: Built) -> None:
    """Counted on the page, as a reader counts: its first line is 1."""
    following = find_following(whole)
    for emendation, row in find_apparatus(whole):
        place = wording(row.find(f"{XHTML}a"))
        wanted = following.get(emendation.id) or letters(emendation.lemma)
        assert begins_on(whole, *place_of(whole, place), wanted), (place, wanted)


def test_an_entry_of_the_apparatus_has_lemma_reading_siglum_doubt_and_reason(
    whole: Built,
) -> None:
    sigla = {text.settings.id: text.settings.siglum for text in whole.book.texts}
    for emendation, row in find_apparatus(whole):
        lemma, _, rest = wording(row).partition(" ]")
        beside = emendation.lemma or emendation.before or emendation.after
        assert letters(beside) in letters(lemma)
        reading = emendation.reading or whole.word("omitted")
        assert letters(reading) in letters(rest)
        assert f" {sigla[emendation.text_id]}" in rest
        assert ("probable" in rest) == (emendation.certainty == "probable")
        assert letters(emendation.why) in letters(rest)


def test_the_places_of_the_tables_are_the_lines_of_their_anchors(
    whole: Built,
) -> None:
    following, tables = find_following(whole), whole.book.tables
    anchors = [m.name for e in tables.parallels for m in e.anchors.values()]
    anchors += [m.name for e in tables.chronology for m in e.anchors]
    links = [
        link
        for name in ("parallels", "chronology")
        for link in in_epub(whole, name).findall(f".//{XHTML}a[@class='place']")
    ]
    assert sorted(map(target, links)) == sorted(anchors)
    for link in links:
        if behind := following.get(target(link)):
            place = place_of(whole, wording(link).split()[-1])
            assert begins_on(whole, *place, behind), (target(link), wording(link))


def test_every_reference_names_the_page_and_line_of_its_anchor(whole: Built) -> None:
    """In notes, front matter and tables alike."""
    following, checked = find_following(whole), 0
    names = [*(part.settings.id for part in whole.parts), *BACK]
    for name in names:
        for link in in_epub(whole, name).iter(f"{XHTML}a"):
            if "reference" not in link.get("class", "").split():
                continue
            told = re.fullmatch(r"p\. (\S+), l\. (\d+)", wording(link))
            if told and (behind := following.get(target(link))):
                place = place_of(whole, f"{told[1]}.{told[2]}")
                assert begins_on(whole, *place, behind), (target(link), wording(link))
                checked += 1
    assert checked >= 8


# --- one book in two media -----------------------------------------------------------


def pages_of(built: Built, name: str) -> range:
    """Return the pages of a part of the back matter."""
    first = built.targets()[name][0]
    after = built.printed_back[built.printed_back.index(name) + 1 :]
    last = built.targets()[after[0]][0] if after else len(built.labels())
    return range(first, last)


def printed_part(built: Built, name: str) -> str:
    """Return the letters of a part of the back matter as printed, without heads."""
    pages = pages_of(built, name)
    return letters(" ".join(w.text for page in pages for w in words_of(built, page)))


def printed_columns(built: Built, name: str) -> list[str]:
    """Return the letters of the left and of the right half of each page of a part."""
    width = built.book.settings.print.trim[0]
    _, outer, _, inner = built.book.settings.print.margins
    halves = []
    for page in pages_of(built, name):
        left, right = (inner, outer) if page % 2 == 0 else (outer, inner)
        middle = (left + (width - left - right) / 2) * MM
        words = words_of(built, page)
        on_the_left = [word.left + word.right < 2 * middle for word in words]
        for half in (True, False):
            chosen = zip(words, on_the_left, strict=True)
            text = " ".join(word.text for word, left in chosen if left == half)
            halves += [letters(text)]
    return halves


@pytest.mark.parametrize("name", ["chronology", "persons"])
def test_print_and_epub_have_the_same_entries(name: str, whole: Built) -> None:
    """Row by row and letter by letter, in one order."""
    page = in_epub(whole, name)
    for drawing in page.findall(f".//{SVG}svg"):
        drawing.getparent().remove(drawing)
    rows = [
        letters(wording(row))
        for row in page.iter(f"{XHTML}dt", f"{XHTML}dd", f"{XHTML}li", f"{XHTML}p")
        if row.getparent().tag != f"{XHTML}dd"
    ]
    wanted = {
        "chronology": 2 * len(whole.book.tables.chronology),
        "persons": sum(e.kind in PEOPLE for e in whole.book.tables.register),
    }
    assert len(rows) == wanted[name]
    assert is_in_order(rows, printed_part(whole, name)) == ""


def test_print_and_epub_have_the_same_apparatus(whole: Built) -> None:
    """At the feet of the pages and in a part of its own: page, line, entry."""
    printed = [
        letters(f"{page.folio}.{entry.label}{entry.wording}")
        for page in printed_pages(whole)
        for entry in page.entries
    ]
    rows = [letters(wording(row)) for _, row in find_apparatus(whole)]
    assert printed == rows
    assert len(rows) == whole.facts["emendations"]


def test_print_and_epub_have_the_same_parallels(whole: Built) -> None:
    """Titles, agreements and remarks; each version in the column of its text."""
    printed = printed_part(whole, "parallels")
    halves = printed_columns(whole, "parallels")
    events = in_epub(whole, "parallels").findall(f".//{XHTML}tbody")
    assert len(events) == len(whole.book.tables.parallels)
    for event in events:
        head, sides, *remark = event.findall(f"{XHTML}tr")
        title, agreement = head.findall(f".//{XHTML}span")[:2]
        assert letters(wording(title)) in printed
        assert letters(wording(agreement)) in printed
        for column, side in enumerate(sides.findall(f"{XHTML}td")):
            siglum = wording(side.find(f"{XHTML}span"))
            says = letters(wording(side).removeprefix(siglum))
            place = side.find(f"{XHTML}a[@class='place']")
            if place is not None:  # in print the siglum stands with the place
                says = says.removesuffix(letters(wording(place)))
                says += letters(siglum + wording(place))
            assert any(says in half for half in halves[column::2]), says
        assert all(letters(wording(row)) in printed for row in remark)


def rows_of_index(built: Built) -> list[str]:
    """Return the letters of each heading and sub-heading of the EPUB's index."""
    rows = []
    for row in in_epub(built, "index").iter(f"{XHTML}li"):
        own = row.text or ""
        for child in row:
            if child.tag != f"{XHTML}ul":
                own += "".join(child.itertext()) + (child.tail or "")
        if row.find(f"{XHTML}ul") is not None:  # in print it ends the sub-headings
            own = own.split(f"; {built.word('see_also')} ")[0]
        rows.append(letters(own))
    return rows


def test_print_and_epub_have_the_same_index(whole: Built) -> None:
    """Every heading and sub-heading with every locator, in one order."""
    rows = rows_of_index(whole)
    assert len(rows) >= len(whole.book.tables.register)
    printed = "".join(printed_columns(whole, "index"))
    assert is_in_order(rows, printed) == ""


def index_columns(built: Built) -> list[list[list[Word]]]:
    """Return for each page of the index the words of its two columns."""
    width = built.book.settings.print.trim[0]
    _, outer, _, inner = built.book.settings.print.margins
    found = []
    for page in pages_of(built, "index"):
        left, right = (inner, outer) if page % 2 == 0 else (outer, inner)
        middle = (left + (width - left - right) / 2) * MM
        words = [w for w in words_of(built, page) if w.foot - w.top < SMALLEST_BODY]
        sides: list[list[Word]] = [[], []]
        for word in words:
            sides[word.left > middle].append(word)
        found.append(sides)
    return [sides for sides in found if any(sides)]  # not the blank page behind


def test_the_columns_of_the_index_stand_side_by_side(whole: Built) -> None:
    """They begin at one height, on the first page below the heading."""
    for number, sides in enumerate(index_columns(whole)):
        tops = [min(word.top for word in side) for side in sides if side]
        assert tops == pytest.approx([tops[0]] * len(tops), abs=0.1)
        if number == 0:
            page = pages_of(whole, "index")[0]
            large = [w for w in words_of(whole, page) if w.foot - w.top > 20]
            assert letters("".join(word.text for word in large)) == "Index"
            assert tops[0] > max(word.foot for word in large)


def test_no_word_of_the_index_reaches_into_the_other_column(whole: Built) -> None:
    gap = 2 * MM
    for left, right in index_columns(whole):
        if left and right:
            edges = max(w.right for w in left), min(w.left for w in right)
            assert edges[0] + gap < edges[1]


def test_the_columns_of_the_last_page_of_the_index_are_even(whole: Built) -> None:
    """They differ by an entry of three lines and the white above a letter, at most."""
    left, right = index_columns(whole)[-1]
    feet = [max(word.foot for word in side) for side in (left, right)]
    assert 0 <= feet[0] - feet[1] <= 4 * 10.5 + 0.1


def test_the_bibliography_has_the_notes_that_cite_each_work(whole: Built) -> None:
    """In print by folio and number, in the EPUB by number."""
    numbers = {n.id: n.number for part in whole.parts for n in part.notes}
    targets, labels = whole.targets(), whole.labels()
    page, printed = in_epub(whole, "bibliography"), printed_part(whole, "bibliography")
    works = [work for section in whole.book.bibliography for work in section.works]
    for work in works:
        cited = page.findall(
            f".//*[@id='work-{work.citekey}']//{XHTML}span[@class='cited']//{XHTML}a"
        )
        citing = [str(numbers[note]) for note in work.notes]
        assert [wording(link) for link in cited] == citing
        folios = [labels[targets[f"call-{note}"][0]] for note in work.notes]
        pairs = zip(folios, work.notes, strict=True)
        told = "".join(f"{folio}n{numbers[note]}" for folio, note in pairs)
        assert told in printed, work.citekey


# --- the index -----------------------------------------------------------------------


def find_locators(element: etree._Element) -> list[etree._Element]:
    """Return the links to places; those of “see” lead to headings."""
    kind = "{http://www.idpf.org/2007/ops}type"
    links = element.iter(f"{XHTML}a")
    return [link for link in links if link.get(kind) == "index-locator"]


def first_folio(label: str) -> str:
    """Return the folio that a locator begins with: `34` of `34–36` and of `34n2`."""
    found = re.match(r"[ivxl]+|\d+", label)
    assert found, label
    return found[0]


def test_the_labels_of_the_epubs_index_are_the_printed_folios(whole: Built) -> None:
    """Each link's label is that of the page on which its place is printed."""
    targets, labels = whole.targets(), whole.labels()
    folios: dict[str, set[str]] = {}
    for text in whole.book.indexed:
        for mention in text.mentions:
            if not mention.note:
                folio = labels[targets[mention.id][0]]
                folios.setdefault(mention.paragraph, set()).add(folio)
    links = find_locators(in_epub(whole, "index"))
    assert len(links) >= 20
    for link in links:
        folio, id_ = first_folio(wording(link)), target(link)
        if id_.startswith("call-"):
            assert labels[targets[id_][0]] == folio
        else:
            assert folio in folios[id_], (id_, folio)


def test_a_note_in_the_index_has_its_number(whole: Built) -> None:
    numbers = {f"call-{n.id}": n.number for part in whole.parts for n in part.notes}
    for link in find_locators(in_epub(whole, "index")):
        _, note, number = wording(link).partition("n")
        assert bool(note) == target(link).startswith("call-")
        if note:
            assert int(re.findall(r"\d+", number)[0]) == numbers[target(link)]


def find_headings(built: Built) -> Iterator[tuple[Entry, etree._Element]]:
    """Yield the headings of the EPUB's index that have places, with their entries."""
    entries = {
        letters(plain_text(built.book.passages[entry.name.id])): entry
        for entry in built.book.tables.register
    }
    rows = f".//{XHTML}section/{XHTML}ul/{XHTML}li"
    for row in in_epub(built, "index").findall(rows):
        if find_locators(row):
            yield entries[letters(name_of(row))], row


def name_of(row: etree._Element) -> str:
    """Return the name of a heading."""
    kind = "{http://www.idpf.org/2007/ops}type"
    return next(wording(e) for e in row if e.get(kind) == "index-term")


def decided_for(built: Built, entry: Entry) -> list[str]:
    """Return the words that the editor says stand for *entry*."""
    raw = "\n".join(
        (built.edition / part.settings.file).read_text("utf-8") for part in built.parts
    )
    return re.findall(rf"\[([^\[\]]+)\]\{{[^}}]*who=\"?{entry.id}\b", raw)


def test_every_link_of_the_epubs_index_leads_to_the_word(whole: Built) -> None:
    """To the paragraph that has it; from a note, to the call of a note that has it."""
    pages = {part.settings.id: in_epub(whole, part.settings.id) for part in whole.parts}
    checked = 0
    for entry, row in find_headings(whole):
        words = [mark.name for mark in entry.forms] + decided_for(whole, entry)
        citing = {
            f"call-{note.id}"
            for part in whole.parts
            for note in part.notes
            if entry.citekey and entry.citekey.name in note.citekeys
        }
        for link in find_locators(row):
            page = pages[link.get("href", "").partition(".xhtml")[0]]
            place = page.find(f".//*[@id='{target(link)}']")
            if target(link).startswith("call-"):
                note = f"note-{target(link).removeprefix('call-')}"
                place = page.find(f".//*[@id='{note}']")
            else:
                place = place.getparent()
            shown = letters(wording(place))
            has = any(letters(word) in shown for word in words)
            assert has or target(link) in citing, (entry.id, shown)
            checked += 1
    assert checked >= 20


def test_every_mention_of_an_entry_is_behind_one_of_its_folios(whole: Built) -> None:
    """None is lost: its page, or its note's, is in the entry's locators."""
    targets, labels = whole.targets(), whole.labels()
    shown = {entry.id: row for entry, row in find_headings(whole)}
    folios: dict[str, set[str]] = {}
    for id_, row in shown.items():
        for link in find_locators(row):
            first, _, last = wording(link).partition("–")
            run = [first_folio(first)]
            if last and "n" not in first:
                run = labels[labels.index(first) : labels.index(last) + 1]
            folios.setdefault(id_, set()).update(run)
    for text in whole.book.indexed:
        for mention in text.mentions:
            place = f"call-{mention.id}" if mention.note else mention.id
            assert labels[targets[place][0]] in folios[mention.entry], mention


def find_links(built: Built, name: str) -> Iterator[tuple[str, int]]:
    """Yield the words under each link of a printed part, and the page it leads to."""
    with pikepdf.open(built.pdf) as pdf:
        names = pikepdf.NameTree(pdf.Root.Names.Dests)
        numbers = {page.obj.objgen: index for index, page in enumerate(pdf.pages)}
        for number in pages_of(built, name):
            page = pdf.pages[number]
            height = float(page.mediabox[3])
            for annotation in page.get("/Annots", []):
                box = [float(side) for side in annotation.Rect]
                left, right = sorted(box[::2])
                foot, top = sorted(height - up for up in box[1::2])[::-1]
                under = [
                    word.text
                    for word in words_of(built, number)
                    if left - 1 <= (word.left + word.right) / 2 <= right + 1
                    and top - 1 <= (word.top + word.foot) / 2 <= foot + 1
                ]
                leads = annotation.get("/Dest") or annotation.A.D
                if isinstance(leads, pikepdf.String):
                    leads = names[str(leads)]
                yield " ".join(under), numbers[leads[0].objgen]


def test_every_link_of_the_printed_index_leads_to_its_folio(whole: Built) -> None:
    labels, found = whole.labels(), list(find_links(whole, "index"))
    links = find_locators(in_epub(whole, "index"))
    assert len(found) >= len(links), "a link over two lines has a box on each"
    pairs = pairwise([("", 0), *found])
    begun = [link for before, link in pairs if not before[0].endswith("–")]
    told = [(re.match(r"([ivxl]+|\d+)(?:n|–|[,;]?$)", u), p) for u, p in begun]
    whole_ones = [(label[1], page) for label, page in told if label]
    assert len(whole_ones) >= len(links) - 20
    for folio, page in whole_ones:
        assert labels[page] == folio


# --- persons and the time-line -------------------------------------------------------


def test_the_first_mention_of_a_person_in_each_text_leads_to_the_register(
    whole: Built,
) -> None:
    """Once each; but a name inside a link, as of a citation, cannot be one too."""
    kinds = {entry.id: entry.kind for entry in whole.book.tables.register}
    persons = in_epub(whole, "persons")
    indexed = {text.text_id: text for text in whole.book.indexed}
    for text in whole.book.texts:
        page = in_epub(whole, text.settings.id)
        links = page.findall(f".//{XHTML}a[@class='person']")
        shown = [target(link).removeprefix("person-") for link in links]
        met = {
            mention.entry: None
            for mention in indexed[text.settings.id].mentions
            if not mention.note and kinds[mention.entry] in PEOPLE
        }
        assert shown == list(met)
        for id_ in shown:
            assert persons.find(f".//*[@id='person-{id_}']") is not None


def test_every_person_and_organisation_is_in_the_register(whole: Built) -> None:
    page = in_epub(whole, "persons")
    shown = [p.get("id", "").removeprefix("person-") for p in page.iter(f"{XHTML}p")]
    register = whole.book.tables.register
    assert sorted(shown) == sorted(e.id for e in register if e.kind in PEOPLE)


def test_the_time_line_is_drawn_in_both_from_the_same_events(whole: Built) -> None:
    (drawing,) = in_epub(whole, "chronology").iter(f"{SVG}svg")
    drawn = [event.short for event in whole.book.tables.chronology if event.short]
    shown = [wording(text) for text in drawing.iter(f"{SVG}text")]
    printed = printed_part(whole, "chronology")
    assert len(drawing.findall(f"{SVG}circle")) == len(drawn)
    for label in drawn:
        assert [text for text in shown if text.endswith(label)]
        assert letters(label) in printed


def test_the_time_line_has_alternative_text(whole: Built) -> None:
    (drawing,) = in_epub(whole, "chronology").iter(f"{SVG}svg")
    named = drawing.get("aria-labelledby", "").split()
    told = {element.get("id"): wording(element) for element in drawing.iter()}
    assert [bool(told[id_]) for id_ in named] == [True, True]


def test_the_printed_time_line_is_inside_the_type_area(whole: Built) -> None:
    """Drawn, it is beyond the reach of the gate, which measures lines of text."""
    top, outer, bottom, inner = whole.book.settings.print.margins
    width, height = whole.book.settings.print.trim
    (drawing,) = in_epub(whole, "chronology").iter(f"{SVG}svg")
    ticks = {wording(t) for t in drawing.iter(f"{SVG}text")} & set(map(str, YEARS))
    found: set[str] = set()
    for number in pages_of(whole, "chronology"):
        left, right = (inner, outer) if number % 2 == 0 else (outer, inner)
        for word in whole.boxes()[number].iterfind(f"{XHTML}word"):
            if word.text in ticks:
                assert float(word.get("yMin", "0")) > top * MM - 8
                assert float(word.get("yMax", "0")) < (height - bottom) * MM + 8
                found.add(word.text)
        for word in words_of(whole, number):
            assert word.left > left * MM - 6, word
            assert word.right < (width - right) * MM + 6, word
    assert found == ticks != set()


# --- wordings ------------------------------------------------------------------------


def test_each_version_of_an_event_has_the_place_in_its_own_text(whole: Built) -> None:
    """And the words that the editor wrote for that text."""
    owners = {
        id_: text.settings.id for text in whole.book.texts for id_ in text.anchors
    }
    events = in_epub(whole, "parallels").findall(f".//{XHTML}tbody")
    for event, row in zip(whole.book.tables.parallels, events, strict=True):
        cells = row.findall(f"{XHTML}tr")[1].findall(f"{XHTML}td")
        for text, cell in zip(whole.book.texts, cells, strict=True):
            link = cell.find(f"{XHTML}a[@class='place']")
            assert (link is not None) == (text.settings.siglum in event.anchors)
            assert link is None or owners[target(link)] == text.settings.id
            says = whole.book.passages[event.says[text.settings.siglum].id]
            assert letters(plain_text(says))[:30] in letters(wording(cell))


def test_no_reference_is_printed_before_it_has_its_page(whole: Built) -> None:
    """While lines are planned, `p. 00, l. 00` stands for a reference."""
    assert "00, l. 00" not in " ".join(whole.pdf_text("-layout").split())


def test_no_citation_or_mark_is_printed_as_the_editor_wrote_it(whole: Built) -> None:
    raw = re.compile(r"@\w+\d{4}|\]\{|\]\(#|\{#|\[\^|who=|sic=|\ue000|\ue001")
    for name, content in whole.entries().items():
        if name.endswith(".xhtml"):
            shown = wording(etree.fromstring(content).find(f"{XHTML}body"))
            assert not raw.search(shown), name
    assert not raw.search(whole.pdf_text("-raw"))
