# ruff: noqa: D401 - names and docstrings are claims
"""The scholarship of the book: known errors decided, works and pages real.

tests/facts holds what was established about the two articles: `errors.json` their
errors, `decisions.json` what the edition did about each, `works.json` the works they
use, `citekeys.json` where these are in the bibliography, and `evidence-pages.json` the
pages that are known from elsewhere than the articles.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from conftest import ROOT
from printed import letters, pages_of

import recension
from recension import pipeline
from recension.annotate import annotate
from recension.normalisation import PARAGRAPH
from recension.problems import Report
from recension.tree import plain_text

if TYPE_CHECKING:
    from conftest import Built

    from recension.model import AnnotatedManuscript, AnnotatedText, Book, NumberedNote

FACTS = Path(__file__).parent / "facts"
ERRORS = json.loads((FACTS / "errors.json").read_text("utf-8"))["errors"]
DECISIONS = json.loads((FACTS / "decisions.json").read_text("utf-8"))
NOTED = {41}
"""Probable errors inside a quotation: left, and spoken of in a note."""
AUTHORIAL = {27, 28, 32, 34, 40, 46, 114, 115}
"""Names, accents and grammar, which the edition leaves to their author."""
pytestmark = pytest.mark.slow

NAMELESS = {
    "kharin": "Walsh has this name and another, Joseph; no source gives more",
    "mill": "known by three names, of which one has a forename",
    "soble-brothers": "two persons, with an entry each",
}
"""Persons of the register that have no forename, and why."""
INITIALS = {
    "butov": "Trotsky gives the initial alone, in his list of June 1940",
    "poznansky": "the same",
    "sermuks": "the same",
}
"""Persons with an initial for a forename, and why."""
MARKS = str.maketrans("“”‘’", "\"\"''")


def fold(wording: str) -> str:
    """Return *wording* with straight marks, plain dashes and single spaces."""
    wording = wording.translate(MARKS).replace("…", "...")
    wording = re.sub(r"\s*[—–]\s*", "-", wording)
    return " ".join(wording.split())


@pytest.fixture(scope="module")
def checked() -> tuple[AnnotatedManuscript, Book]:
    """Read the edition once; return it annotated, and as a book."""
    annotated: list[AnnotatedManuscript] = []

    def keep(*given: Any) -> AnnotatedManuscript:
        annotated.append(annotate(*given))
        return annotated[0]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pipeline, "annotate", keep)
        book = recension.check(ROOT, Report())[1]
    return annotated[0], book


@pytest.fixture(scope="module")
def texts(checked: tuple[AnnotatedManuscript, Book]) -> dict[str, AnnotatedText]:
    return {text.parsed.files.settings.siglum: text for text in checked[0].texts}


@pytest.fixture(scope="module")
def book(checked: tuple[AnnotatedManuscript, Book]) -> Book:
    return checked[1]


def test_every_error_has_its_decision() -> None:
    assert [d["index"] for d in DECISIONS] == list(range(len(ERRORS)))
    for error, decision in zip(ERRORS, DECISIONS, strict=True):
        for name in ("line", "wrong", "cls"):
            assert error[name] == decision[name]


def test_every_certain_and_probable_error_is_mended() -> None:
    for decision in DECISIONS:
        if decision["cls"] in ("certain", "probable"):
            kinds = ("emended", "normalised", "omitted", "joined")
            assert decision["decision"] in kinds or decision["index"] in (
                NOTED | AUTHORIAL
            )


@pytest.mark.parametrize("decision", DECISIONS, ids=lambda d: str(d["index"]))
def test_the_edited_text_does_as_was_decided(
    decision: dict[str, Any], texts: dict[str, AnnotatedText]
) -> None:
    error = ERRORS[decision["index"]]
    text = texts[error["text"]]
    {
        "emended": is_emended,
        "omitted": is_omitted,
        "joined": is_joined,
        "left": is_left,
        "normalised": is_normalised,
    }[decision["decision"]](text, error, decision)


def is_emended(
    text: AnnotatedText, error: dict[str, Any], decision: dict[str, Any]
) -> None:
    """An emendation takes its reading from the error and prints what was decided."""
    wrong = fold(error["wrong"])
    found = [
        emendation
        for emendation in text.emendations
        if fold(emendation.lemma) in fold(decision["lemma"])
        or fold(decision["lemma"]) in fold(emendation.lemma)
        if fold(emendation.reading).strip("\"'()., ") in wrong
    ]
    assert found, (decision["wrong"], decision["lemma"])
    if error["cls"] == "probable":
        assert "probable" in {emendation.certainty for emendation in found}


def is_omitted(
    text: AnnotatedText, error: dict[str, Any], _decision: dict[str, Any]
) -> None:
    omitted = [piece.reading for piece in text.pieces if piece.kind == "omitted"]
    assert fold(error["wrong"]) in fold(" ".join(omitted))


def is_joined(
    text: AnnotatedText, _error: dict[str, Any], decision: dict[str, Any]
) -> None:
    """The printed paragraph runs on where the source has a break."""
    before, _, after = decision["lemma"].rpartition(" ¶ ")
    printed = fold(plain_text(text.blocks))
    assert fold(f"{before} {after}") in printed
    readings = "".join(piece.reading for piece in text.pieces)
    joined = fold(readings).replace(f"{PARAGRAPH} ", PARAGRAPH)
    assert f"{PARAGRAPH}{fold(after)}" in joined


def is_left(
    text: AnnotatedText, error: dict[str, Any], decision: dict[str, Any]
) -> None:
    printed = fold(plain_text(text.blocks)).replace("*", "")
    lemma = (
        fold(decision["lemma"] or error["wrong"]).replace("*", "").removeprefix("- ")
    )
    assert all(part.strip() in printed for part in lemma.split("..."))
    if decision["index"] in NOTED:
        notes = " ".join(plain_text(note.blocks) for note in text.notes)
        assert error["wrong"].split()[-1] in notes


def is_normalised(
    text: AnnotatedText, error: dict[str, Any], _decision: dict[str, Any]
) -> None:
    """The words stand, in the marks and spaces that the rules give them."""
    printed = fold(plain_text(text.blocks))
    for part in fold(error["wrong"]).split("..."):
        assert part.strip(" \"'") in printed


def test_every_work_that_the_articles_use_is_in_the_bibliography(book: Book) -> None:
    works = json.loads((FACTS / "works.json").read_text("utf-8"))
    citekeys = json.loads((FACTS / "citekeys.json").read_text("utf-8"))
    assert len(works) == 49
    assert {work["id"] for work in works} == citekeys.keys()
    known = {work.citekey for part in book.bibliography for work in part.works}
    assert {key for keys in citekeys.values() for key in keys} <= known


def test_every_work_is_cited(book: Book) -> None:
    for part in book.bibliography:
        for work in part.works:
            assert work.notes, work.citekey


def locators(markdown: str) -> list[tuple[str, str]]:
    """Return the citekey and the page or chapter of each citation that has one."""
    pattern = r"@(\w+)(?:, | \[)((?:(?:chap|ch|vol|no|pt|sec)\. ?)?[0-9][0-9–, -]*)"
    return [(key, page.strip(" ,")) for key, page in re.findall(pattern, markdown)]


def cited_pages() -> set[tuple[str, str]]:
    """Return what every file of the book cites, texts, front matter and tables."""
    files = [*(ROOT / "book").rglob("*.md"), *(ROOT / "book").glob("*.toml")]
    assert len(files) >= 8
    return {pair for path in files for pair in locators(path.read_text("utf-8"))}


def established_of_works() -> dict[str, str]:
    """Return by citekey what was established of each work."""
    works = json.loads((FACTS / "works.json").read_text("utf-8"))
    citekeys = json.loads((FACTS / "citekeys.json").read_text("utf-8"))
    return {key: str(work) for work in works for key in citekeys[work["id"]]}


def test_every_page_that_is_cited_stands_in_an_article_or_in_the_evidence() -> None:
    evidence = json.loads((FACTS / "evidence-pages.json").read_text("utf-8"))
    articles = "".join(p.read_text("utf-8") for p in (ROOT / "book/sources").iterdir())
    articles = articles.replace("p.l9", "p.19")
    known = established_of_works()

    def is_known(key: str, page: str) -> bool:
        given = rf"\bp(?:p|ages?)?\.?\s*{re.escape(page)}(?!\d)"
        told = page in evidence.get(key, []) or re.search(given, known.get(key, ""))
        return bool(told or re.search(given, articles))

    unknown = {pair for pair in cited_pages() if not is_known(*pair)}
    assert unknown == set()
    assert len(cited_pages()) >= 22


def test_no_evidence_is_kept_that_is_not_used() -> None:
    evidence = json.loads((FACTS / "evidence-pages.json").read_text("utf-8"))
    kept = {(key, page) for key, pages in evidence.items() for page in pages}
    assert kept - cited_pages() == set()


def test_every_parenthesis_of_walsh_with_a_page_has_a_note() -> None:
    """Where the article names a page, a call follows before the next sentence."""
    text = (ROOT / "book" / "texts" / "walsh.md").read_text("utf-8")
    running = re.sub(r"(?m)^\[\^[^\]]+\]:.*$", "", text)
    running = re.sub(r'\]\{sic="[^"]*"[^}]*\}', "]", running)
    places = list(re.finditer(r"\([^()]*\bpp?\.\s*\d[^()]*\)", running))
    assert len(places) >= 15
    for place in places:
        after = running[place.end() : place.end() + 60]
        inside = place[0]
        assert "[^" in after or "[^" in inside, inside


# --- what the notes say --------------------------------------------------------------

DISPUTES = re.compile(
    r"\b(?:disputed?|however|wrong|error|slip|mistaken?|contradicts?|incorrect"
    r"|inconsistent|misdated?|in fact|in truth|rather than)\b"
)
"""Words of a note that disputes what an article says; so do all of kind `fact`."""
OPEN = re.compile(r"\bnot (?:been |be )*(?:verified|established|found)\b")
"""What a note says that leaves a claim as it is, since no evidence was found."""
JUDGING = re.compile(
    r"\b(?:it is now known|of course|clearly|obviously|brilliant\w*|undeniabl[ey]"
    r"|notorious\w*|shameful\w*|rightly|wrongly)\b"
)


def notes_of(book: Book) -> list[NumberedNote]:
    return [note for part in (*book.front, *book.texts) for note in part.notes]


def referred_to(node: Any) -> set[str]:
    """Return the anchors that a tree refers to."""
    if isinstance(node, list):
        return set().union(*(referred_to(child) for child in node))
    if not isinstance(node, dict):
        return set()
    if node["t"] == "Span" and node["c"][0][1] == ["reference"]:
        return {dict(node["c"][0][2])["to"]}
    return referred_to(node.get("c"))


def without_quotations(wording: str) -> str:
    return re.sub(r"“[^”]*”", "", wording)


def test_every_note_that_disputes_something_shows_its_evidence(book: Book) -> None:
    """It cites a work, or refers to a place of the articles, or says what is open."""
    disputing, bare = 0, []
    for note in notes_of(book):
        wording = plain_text(note.blocks)
        own = without_quotations(wording)
        if note.kind == "fact" or DISPUTES.search(own):
            disputing += 1
            shown = note.citekeys or referred_to(list(note.blocks))
            if not shown and not OPEN.search(own):
                bare.append(note.label)
    assert bare == []
    assert disputing >= 18


UNTRACED = re.compile(
    r"\[[^\]@#]*\b(?:not|never|un)[- ]?(?:verified|seen|found|traced|identified)"
    r"|\bn\. ?d\.|\[\?\]|\b(?:TODO|FIXME)\b"
)
"""What stands for a title, a date or a name that was not found."""
SOMEBODY = re.compile(
    r"\b(?:by|in|according to) (?:one|a later|another|some|other) accounts?\b"
    r"|\b(?:some|other|later) (?:accounts|writers|historians|sources)\b"
    r"|\ba (?:later account|source of)\b|\b(?:is|are|was) disputed\b|\bit is said\b"
    r"|\bhistorians\b",
    re.IGNORECASE,
)
"""Words for an authority or a controversy that ask for a name."""


def sources() -> dict[str, str]:
    """Return what an editor has written, by the name of the file."""
    files = [*(ROOT / "book").rglob("*.md"), *(ROOT / "book").glob("*.toml")]
    files.append(ROOT / "bibliography/works.bib")
    return {path.name: path.read_text("utf-8") for path in files}


def test_nothing_stands_for_a_title_that_was_not_found() -> None:
    """What is open is said in words, once: no bracket, and no “n.d.”."""
    found = {
        name: places
        for name, raw in sources().items()
        if (places := UNTRACED.findall(raw))
    }
    assert found == {}


def test_every_nameless_account_has_its_citation(book: Book) -> None:
    """“By one account”, “historians”, “is disputed”: a note or wording says whose."""
    said = [(n.label, plain_text(n.blocks), bool(n.citekeys)) for n in notes_of(book)]
    tables = book.tables
    rows = [
        *((e.what.markdown, e.evidence, e.remark) for e in tables.chronology),
        *((e.title.markdown, e.remark, None) for e in tables.parallels),
        *((e.id, e.who, None) for e in tables.register),
    ]
    for name, *wordings in rows:
        raw = " ".join(wording.markdown for wording in wordings if wording)
        said.append((name, raw, "@" in raw))
    bare = [
        name
        for name, wording, cited in said
        if not cited and SOMEBODY.search(without_quotations(wording))
    ]
    assert bare == []


def test_few_notes_disclaim(book: Book) -> None:
    """At most 35 notes say what was not found: the aim of the visit to the library."""
    disclaiming = re.compile(
        r"\bnot (?:been )?(?:seen|found|traced|verified|established|collated|confirmed)"
        r"|no (?:evidence|source|title) was"
    )
    own = [without_quotations(plain_text(note.blocks)) for note in notes_of(book)]
    assert sum(bool(disclaiming.search(wording)) for wording in own) <= 35


def test_every_parallel_note_refers_to_the_other_article(book: Book) -> None:
    owners = {id_: text.settings.id for text in book.texts for id_ in text.anchors}
    for text in book.texts:
        for note in text.notes:
            if note.kind == "parallel":
                places = referred_to(list(note.blocks))
                others = {owners.get(id_) for id_ in places} - {text.settings.id, None}
                wording = plain_text(note.blocks)
                author = next(t for t in book.texts if t is not text).settings.author
                named = author.split()[-1] in wording
                assert others or named, note.label


def test_no_note_judges(book: Book) -> None:
    for note in notes_of(book):
        own = without_quotations(plain_text(note.blocks))
        assert not JUDGING.search(own), (note.label, own)


def test_most_notes_are_short(book: Book) -> None:
    lengths = [len(plain_text(n.blocks).split()) for n in notes_of(book)]
    assert sum(length < 60 for length in lengths) > 0.9 * len(lengths)


# --- references at the words they mean -----------------------------------------------

QUOTED = r"“(?P<words>(?:[^“”]|“[^”]*”)+)”"
BEFORE = re.compile(QUOTED + r"[^“”.;\]]{0,24}$")
AFTER = re.compile(r"[,)]?[^“”.;\[]{0,60}?" + QUOTED + r"(?![^“”.;\]]{0,24}\[\]\(#)")
REFERENCE = re.compile(r"\[\]\(#(?P<id>[\w-]+)\)")


def quoted_references() -> list[tuple[str, str, str]]:
    """Return file, id and words of each reference that words in quotation marks have.

    They stand before it, “words” ([](#id)), or after it: [](#id), has “words”.
    """
    found = []
    for name, raw in sources().items():
        for line in re.sub(r"\{[^}]*\}", "", raw).splitlines():
            for reference in REFERENCE.finditer(line):
                before = BEFORE.search(line[: reference.start()])
                words = before or AFTER.match(line[reference.end() :])
                if words:
                    found.append((name, reference["id"], words["words"]))
    return found


def test_a_reference_stands_at_the_words_that_are_quoted(built_book: Built) -> None:
    """The words begin on the line that it names, or on the next one."""
    (marks,) = built_book.folder.glob("*-pages.json")
    places = json.loads(marks.read_text("utf-8"))["places"]
    pages = pages_of(built_book)
    printed = [
        (page.folio, number, letters(line.text))
        for page in pages
        for number, line in enumerate(page.lines, 1)
    ]
    index = {(folio, number): at for at, (folio, number, _) in enumerate(printed)}
    checked, far = 0, []
    for name, id_, words in quoted_references():
        if (at := index.get(tuple(places[id_]))) is None:
            continue
        checked += 1
        begun = letters(words.partition("…")[0])[:20].lower()
        lines = "".join(line for _, _, line in printed[at : at + 3]).lower()
        end = len("".join(line for _, _, line in printed[at : at + 2]))
        if not 0 <= lines.find(begun) < end:
            far.append((name, id_, words, places[id_], lines))
    assert far == []
    assert checked >= 55


# --- what the edition holds ----------------------------------------------------------


def test_every_row_of_the_parallels_has_its_places_and_both_sides(book: Book) -> None:
    sigla = [text.settings.siglum for text in book.texts]
    owners = {id_: text.settings.siglum for text in book.texts for id_ in text.anchors}
    for event in book.tables.parallels:
        _, _, only = event.agreement.partition("only-")
        assert list(event.anchors) == ([only] if only else sigla), event.title.markdown
        assert list(event.says) == sigla, event.title.markdown
        for siglum, mark in event.anchors.items():
            assert owners[mark.name] == siglum, event.title.markdown


def test_two_rows_of_the_parallels_do_not_tell_one_event(book: Book) -> None:
    titles = [event.title.markdown for event in book.tables.parallels]
    assert len(set(titles)) == len(titles)


def test_every_date_has_its_evidence(book: Book) -> None:
    for event in book.tables.chronology:
        assert event.evidence, event.what.markdown


def test_most_dates_have_their_places_in_the_texts(book: Book) -> None:
    dated = book.tables.chronology
    assert sum(bool(event.anchors) for event in dated) >= 40


def test_every_person_and_organisation_has_its_evidence(book: Book) -> None:
    """A work, a place in a text, or the article that says so."""
    evidence = re.compile(r"@\w|\]\(#|Walsh|Blake|\barticles?\b")
    for entry in book.tables.register:
        if entry.kind in ("person", "organisation"):
            assert entry.who
            assert evidence.search(entry.who.markdown), entry.id


def test_every_person_has_a_forename_or_a_reason(book: Book) -> None:
    persons = {e.id: e for e in book.tables.register if e.kind == "person"}
    names = {id_: re.sub(r" \(.*", "", e.name.markdown) for id_, e in persons.items()}
    forenames = {id_: name.partition(", ")[2] for id_, name in names.items()}
    without = {id_ for id_, forename in forenames.items() if not forename}
    assert without == set(NAMELESS)
    short = {
        id_ for id_, name in forenames.items() if re.fullmatch(r"(?:\w\. ?)+", name)
    }
    assert short == set(INITIALS)


def test_most_persons_have_their_dates(book: Book) -> None:
    persons = [e for e in book.tables.register if e.kind == "person"]
    assert sum(bool(entry.dates) for entry in persons) > 0.75 * len(persons)


def test_the_index_has_no_hit_in_a_title_a_sample_or_foreign_words(book: Book) -> None:
    """Such words are not about their subject: the title of an article is not an event.

    The false hits that a reader found were a sample reading among the Signs and a
    word of the title *La Voz de México*.
    """
    kinds = {entry.id: entry.kind for entry in book.tables.register}
    for text in book.indexed:
        entries = {mention.id: mention.entry for mention in text.mentions}
        for id_, words, around in mentions_in(list(text.blocks)):
            about = kinds[entries[id_]] in ("subject", "place")
            assert not (about and around & {"title", "lang"}), (text.text_id, words)
            if text.text_id == "abbreviations":
                assert "“" not in around, words


def mentions_in(
    node: Any, around: frozenset[str] = frozenset(), quoted: list[int] | None = None
) -> list[tuple[str, str, frozenset[str]]]:
    """Return the mentions in *node*: id, words, and what they stand in."""
    quoted = [0] if quoted is None else quoted
    if isinstance(node, list):
        found = [mentions_in(child, around, quoted) for child in node]
        return [mention for mentions in found for mention in mentions]
    if not isinstance(node, dict):
        return []
    if node["t"] == "Str":
        quoted[0] += node["c"].count("“") - node["c"].count("”")
        return []
    own = []
    if node["t"] == "Span":
        (id_, classes, pairs), inlines = node["c"]
        if "mention" in classes:
            marks = around | ({"“"} if quoted[0] > 0 else set())
            own.append((id_, plain_text(inlines), marks))
        around |= {"title"} & set(classes) | {"lang"} & {key for key, _ in pairs}
    return own + mentions_in(node.get("c"), around, quoted)


def test_every_heading_of_the_register_is_met_in_the_book(book: Book) -> None:
    met = {mention.entry for text in book.indexed for mention in text.mentions}
    assert {entry.id for entry in book.tables.register} - met == set()


def test_the_introduction_is_cited_throughout(book: Book) -> None:
    """Every section has notes or references, but that on how to use the book."""
    (part,) = (part for part in book.front if part.settings.id == "introduction")
    sections: list[list[Any]] = [[]]
    for block in part.blocks:
        if block["t"] == "Header" and block["c"][0] > 1:
            sections.append([])
        sections[-1].append(block)
    for section in sections:
        if section[0]["c"][1][0] not in ("introduction", "introduction-use"):
            assert referred_to(section) or calls_in(section)
    assert len(part.notes) >= 15


def calls_in(node: Any) -> int:
    if isinstance(node, list):
        return sum(calls_in(child) for child in node)
    if not isinstance(node, dict):
        return 0
    called = node["t"] == "Span" and node["c"][0][1] == ["note-call"]
    return int(called) + calls_in(node.get("c"))


def test_the_edition_holds_what_it_promises(book: Book) -> None:
    """The least of each part, as the plan of the edition has it."""
    tables = book.tables
    people = [e for e in tables.register if e.kind in ("person", "organisation")]
    walsh, blake = book.texts
    (introduction,) = (p for p in book.front if p.settings.id == "introduction")
    held = {
        "parallel events": (len(tables.parallels), 25),
        "dates": (len(tables.chronology), 40),
        "persons and organisations": (len(people), 60),
        "works": (sum(len(section.works) for section in book.bibliography), 45),
        "headings": (len(tables.register), 120),
        "notes on Walsh": (len(walsh.notes), 70),
        "notes on Blake": (len(blake.notes), 35),
        "notes": (len(notes_of(book)), 105),
        "words of the introduction": (
            len(plain_text(introduction.blocks).split()),
            1200,
        ),
    }
    assert {name: has for name, (has, least) in held.items() if has < least} == {}
    assert held["words of the introduction"][0] <= 2200


def test_the_chronology_runs_from_1917_to_2025(book: Book) -> None:
    dated = book.tables.chronology
    assert (dated[0].date.start.year, dated[-1].date.start.year) == (1917, 2025)


def test_the_chronology_is_in_order(book: Book) -> None:
    """By the first day; a date that is about or perhaps, by its latest."""
    dates = [event.date for event in book.tables.chronology]
    days = [date.last if date.qualifier else date.first for date in dates]
    assert days == sorted(days)


def test_there_are_notes_of_every_kind(book: Book) -> None:
    kinds = {note.kind for note in notes_of(book)}
    assert {"source", "person", "parallel", "fact"} <= kinds


def test_every_work_is_filed_and_the_further_ones_are_marked(book: Book) -> None:
    """A work that no note cites is further reading, or it would not be there."""
    for section in book.bibliography:
        for work in section.works:
            assert work.section
            assert work.notes or work.section == "further", work.citekey
