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

from recension import check
from recension.annotate import annotate
from recension.load import load
from recension.pandoc import plain_text
from recension.parse import parse
from recension.problems import Report

if TYPE_CHECKING:
    from recension.model import AnnotatedText, Book

FACTS = Path(__file__).parent / "facts"
ERRORS = json.loads((FACTS / "errors.json").read_text("utf-8"))["errors"]
DECISIONS = json.loads((FACTS / "decisions.json").read_text("utf-8"))
NOTED = {41}
"""Probable errors inside a quotation: left, and spoken of in a note."""
MARKS = str.maketrans("“”‘’", "\"\"''")


def fold(wording: str) -> str:
    """Return *wording* with straight marks, plain dashes and single spaces."""
    wording = wording.translate(MARKS).replace("…", "...")
    wording = re.sub(r"\s*[—–]\s*", "-", wording)
    return " ".join(wording.split())


@pytest.fixture(scope="module")
def texts() -> dict[str, AnnotatedText]:
    report = Report()
    annotated = annotate(parse(load(ROOT, report), report), report)
    return {text.parsed.files.settings.siglum: text for text in annotated.texts}


@pytest.fixture(scope="module")
def book() -> Book:
    return check(ROOT, Report())[1]


def test_every_error_has_its_decision() -> None:
    assert [d["index"] for d in DECISIONS] == list(range(len(ERRORS)))
    for error, decision in zip(ERRORS, DECISIONS, strict=True):
        for name in ("line", "wrong", "cls"):
            assert error[name] == decision[name]


def test_every_certain_and_probable_error_is_mended() -> None:
    for decision in DECISIONS:
        if decision["cls"] in ("certain", "probable"):
            kinds = ("emended", "normalised", "omitted", "joined")
            assert decision["decision"] in kinds or decision["index"] in NOTED


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
    assert f"¶{fold(after)}" in fold(readings).replace("¶ ", "¶")


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
    """Return the citekey and page of each citation that has a page."""
    pattern = r"@(\w+)(?:, | \[)([0-9][0-9–, -]*)"
    return [(key, page.strip(" ,")) for key, page in re.findall(pattern, markdown)]


def test_every_page_that_is_cited_stands_in_an_article_or_in_the_evidence() -> None:
    evidence = json.loads((FACTS / "evidence-pages.json").read_text("utf-8"))
    articles = "".join(p.read_text("utf-8") for p in (ROOT / "book/sources").iterdir())
    articles = articles.replace("p.l9", "p.19")
    cited = 0
    for path in (ROOT / "book" / "texts").glob("*.md"):
        for key, page in locators(path.read_text("utf-8")):
            cited += 1
            given = rf"\bp(?:p|ages?)?\.?\s*{re.escape(page)}(?!\d)"
            assert re.search(given, articles) or page in evidence.get(key, []), (
                key,
                page,
            )
    assert cited >= 22


def test_no_evidence_is_kept_that_is_not_used() -> None:
    evidence = json.loads((FACTS / "evidence-pages.json").read_text("utf-8"))
    cited = {
        pair
        for path in (ROOT / "book" / "texts").glob("*.md")
        for pair in locators(path.read_text("utf-8"))
    }
    assert {(key, page) for key, pages in evidence.items() for page in pages} <= cited


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
