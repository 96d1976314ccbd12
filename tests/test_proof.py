"""What is printed is what was proved: a loss is found whatever made it, and named."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pikepdf
import pytest
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st

from recension.config import TEMPLATES
from recension.html import fragments
from recension.problems import BookError, Problem
from recension.verify.expected import FREE, WILD
from recension.verify.glyphs import EditionFont
from recension.verify.proof import compare
from recension.verify.units import LOOSE

if TYPE_CHECKING:
    from collections.abc import Callable
    from xml.etree.ElementTree import Element

    from conftest import Built, Edition

LINES = (ROOT / "tests/minimal/book/texts/imprimerie.md").read_text("utf-8").split("\n")


def problems_of_build(edition: Edition, *formats: str) -> list[Problem]:
    try:
        edition.build(*formats)
    except BookError as fault:
        return list(fault.problems)
    return []


def line_of(words: str) -> int:
    """Return the line of the text, from 1, that has *words*."""
    return next(n for n, line in enumerate(LINES, start=1) if words in line)


# --- ten breakages ------------------------------------------------------------------


def lose_in_parse(_: Edition, patch: pytest.MonkeyPatch) -> None:
    """Take a word out of pandoc's tree."""
    from recension import pipeline
    from recension.parse import parse

    patch.setattr(pipeline, "parse", without_stove(parse))


def lose_in_annotate(_: Edition, patch: pytest.MonkeyPatch) -> None:
    """Take a word that the ledger has out of the book's tree."""
    from recension import pipeline
    from recension.annotate import annotate

    patch.setattr(pipeline, "annotate", without_stove(annotate))


def lose_in_html(_: Edition, patch: pytest.MonkeyPatch) -> None:
    """Take a word out of what is written of the trees."""
    write = fragments.write_tree
    patch.setattr(
        fragments, "write_tree", lambda *given: write(*given).replace("poêle,", "")
    )


def lose_in_typeset(_: Edition, patch: pytest.MonkeyPatch) -> None:
    """Write a line without one of its words."""
    from recension.layout.setting.copies import Copies

    write = Copies.write
    patch.setattr(
        Copies, "write", lambda self, words: write(self, words.replace("poêle, ", ""))
    )


def lose_in_pagination(_: Edition, patch: pytest.MonkeyPatch) -> None:
    """End a page a row too early."""
    from recension.layout.setting.typeset import _Builder

    rows = _Builder._build_rows

    def lose(self: Any, holder: Element, plan: Any) -> None:
        rows(self, holder, plan._replace(stop=plan.stop - 1))

    patch.setattr(_Builder, "_build_rows", lose)


def lose_in_template(edition: Edition, _: pytest.MonkeyPatch) -> None:
    """Let a template of the edition exchange a word."""
    put_template(
        edition, "print/text.xhtml.jinja",
        "{{ content }}", "{{ content | replace('poêle,', '') }}",
    )  # fmt: skip


def lose_in_style(edition: Edition, _: pytest.MonkeyPatch) -> None:
    """Let a style sheet of the edition show no quotation."""
    put_template(edition, "print/style.css.jinja", "", "blockquote { display: none }")


def lose_in_tags(_: Edition, patch: pytest.MonkeyPatch) -> None:
    """Draw a text and leave it out of the tags."""
    from recension.layout.tagging.tags import _PageReader

    add = _PageReader._add_text

    def lose(self: Any, box: Any, node: Any) -> None:
        if "poêle" not in box.wording:
            add(self, box, node)

    patch.setattr(_PageReader, "_add_text", lose)


def lose_in_folios(_: Edition, patch: pytest.MonkeyPatch) -> None:
    """Take words of the EPUB with the mark of a page."""
    from recension.html import folios

    insert = folios._insert

    def lose(word: Any, marks: Any) -> None:
        insert(word, marks)
        for mark in marks:
            mark.tail = ""

    patch.setattr(folios, "_insert", lose)
    patch.setattr(folios, "_append", lambda word, _: word.parent.remove(word.element))


def lose_in_zip(_: Edition, patch: pytest.MonkeyPatch) -> None:
    """Put a page into the zip that lacks a word."""
    from recension import epub

    add = epub._add

    def lose(packed: Any, name: str, content: bytes, *rest: Any) -> None:
        add(packed, name, content.replace("poêle, ".encode(), b""), *rest)

    patch.setattr(epub, "_add", lose)


BREAKAGES = {
    lose_in_parse: ("K-001", "imprimerie.md"),
    lose_in_annotate: ("V-002", "imprimerie.pdf and imprimerie.epub"),
    lose_in_html: ("V-002", "imprimerie.pdf and imprimerie.epub"),
    lose_in_typeset: ("V-002", "imprimerie.pdf"),
    lose_in_pagination: ("V-002", "imprimerie.pdf"),
    lose_in_template: ("V-002", "imprimerie.pdf"),
    lose_in_style: ("V-002", "imprimerie.pdf"),
    lose_in_tags: ("V-002", "imprimerie.pdf"),
    lose_in_folios: ("V-002", "imprimerie.epub"),
    lose_in_zip: ("V-002", "imprimerie.epub"),
}
WORD = {lose_in_annotate, lose_in_html, lose_in_template, lose_in_zip}
"""The breakages that lose the word `poêle`."""


def without_stove(stage: Callable[..., Any]) -> Callable[..., Any]:
    """Return *stage* as one that takes a word out of the tree of its only text."""

    def lose(*given: Any) -> Any:
        made = stage(*given)
        (text,) = made.texts
        blocks = drop(text.blocks, "poêle,")
        return replace(made, texts=(replace(text, blocks=blocks),))

    return lose


def drop(node: Any, word: str) -> Any:
    """Return pandoc's *node* without *word*."""
    if isinstance(node, list):
        return [drop(one, word) for one in node if one != {"t": "Str", "c": word}]
    if isinstance(node, dict):
        return {key: drop(value, word) for key, value in node.items()}
    return node


def put_template(edition: Edition, name: str, old: str, new: str) -> None:
    """Give *edition* the template *name* with *new* for *old*; behind all for none."""
    target = edition.folder / "templates" / name
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(TEMPLATES / name, target)
    text = target.read_text("utf-8")
    target.write_text(text.replace(old, new) if old else f"{text}\n{new}\n", "utf-8")


@pytest.mark.slow
@pytest.mark.parametrize("breakage", BREAKAGES, ids=lambda one: one.__name__)
def test_a_loss_is_found_whatever_made_it(
    breakage: Callable[..., None], edition: Edition, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, where = BREAKAGES[breakage]
    breakage(edition, monkeypatch)
    problems = problems_of_build(edition)
    found = next(problem for problem in problems if problem.code == code)
    assert where in (found.message if code == "V-002" else found.span.path)
    if breakage in WORD:
        assert found.span.path == edition.TEXT
        assert found.span.line == line_of("poêle")
        assert "“poêle, puis" in found.message


# --- what is not seen is not printed -------------------------------------------------

HIDING = [
    "blockquote { visibility: hidden }",
    "blockquote { font-size: 0.4pt; line-height: 13.5pt }",
    "blockquote { color: white }",
    "blockquote { color: transparent }",
    "blockquote { opacity: 0.02 }",
    "blockquote p { background: black }",
    "blockquote { position: relative; left: -200mm }",
    "blockquote { text-transform: none; letter-spacing: 60mm }",
]


@pytest.mark.slow
@pytest.mark.parametrize("rule", HIDING)
def test_what_is_not_seen_in_print_is_not_printed(rule: str, edition: Edition) -> None:
    put_template(edition, "print/style.css.jinja", "", rule)
    told = problems_of_build(edition, "pdf")
    assert told, "nobody noticed"
    for problem in told:  # what stands outside the type area never becomes a file
        place = problem.code, problem.span.line
        assert place in (("V-002", line_of("Il lit avec le pouce")), ("Y-002", 0))


UNSEEN = [
    "blockquote { display: none }",
    "blockquote { visibility: hidden }",
    "blockquote { font-size: 0 }",
    "blockquote { opacity: 0 }",
    "blockquote { color: transparent }",
    "blockquote { position: absolute; left: -999em }",
    "blockquote { clip-path: inset(50%) }",
    "@media (min-width: 1px) { section blockquote { display: none } }",
]


@pytest.mark.slow
@pytest.mark.parametrize("rule", UNSEEN)
def test_what_is_not_seen_in_the_epub_is_not_printed(
    rule: str, edition: Edition
) -> None:
    put_template(edition, "epub/style.css.jinja", "", rule)
    told = [p for p in problems_of_build(edition, "epub") if p.code == "V-002"]
    assert [p.span.line for p in told] == [line_of("Il lit avec le pouce")]


@pytest.mark.slow
def test_what_a_later_rule_shows_again_is_printed(edition: Edition) -> None:
    rules = "blockquote { display: none } blockquote { display: block }"
    put_template(edition, "epub/style.css.jinja", "", rules)
    assert problems_of_build(edition, "epub") == []


# --- glyphs --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def roman() -> EditionFont:
    return EditionFont((TEMPLATES / "fonts" / "EBGaramond-Regular.ttf").read_bytes())


@pytest.mark.parametrize(
    ("glyph", "characters"),
    [("u", "u"), ("u.sc", "u"), ("u.sups", "u"), ("f_i", "fi"), ("T_h", "Th"),
     ("one.osf", "1"), ("U.sc", "U"), ("hyphen", "\u00ad"), ("space", "\u00a0")],
)  # fmt: skip
def test_a_form_of_a_character_may_stand_for_it(
    glyph: str, characters: str, roman: EditionFont
) -> None:
    assert roman.allows(roman.find(glyph), characters)


@pytest.mark.parametrize(
    ("glyph", "characters"),
    [("v", "u"), ("u.LAT", "u"), ("V", "U"), ("n", "u"), ("f_i", "fl"), ("one", "l"),
     (".notdef", "x"), ("hyphen", "–")],
)  # fmt: skip
def test_a_glyph_of_another_letter_may_not(
    glyph: str, characters: str, roman: EditionFont
) -> None:
    """The roman of the book has a `v` for every Latin `u`, and the text says `u`."""
    assert not roman.allows(roman.find(glyph), characters)


@pytest.mark.slow
def test_a_glyph_of_another_letter_is_told_with_its_page(
    edition: Edition, monkeypatch: pytest.MonkeyPatch
) -> None:
    allows = EditionFont.allows
    monkeypatch.setattr(
        EditionFont,
        "allows",
        lambda self, glyph, characters: (
            characters != "u" and allows(self, glyph, characters)
        ),
    )
    told = problems_of_build(edition, "pdf")
    assert {p.code for p in told} == {"V-002"}
    assert all("stands for `u`" in problem.message for problem in told)


# --- what is said of it --------------------------------------------------------------


@pytest.mark.slow
def test_the_report_counts_what_is_printed(built: Built) -> None:
    for row in built.facts["ledger"]:
        text = next(t for t in built.book.texts if t.settings.id == row["text"])
        kept = "".join(p.lemma for p in text.pieces if p.kind.value != "omitted")
        paragraphs = kept.count("\n\n")
        assert set(row["printed"]) == {"pdf", "epub"}
        assert row["printed"]["pdf"] == row["printed"]["epub"]
        assert abs(row["printed"]["pdf"] - len(kept)) <= paragraphs


@pytest.mark.slow
def test_every_part_of_the_book_is_a_unit_of_the_tags(built: Built) -> None:
    with pikepdf.open(built.pdf) as pdf:
        tags = pdf.Root["/StructTreeRoot"]["/IDTree"]["/Names"]
        known = {str(name) for name in list(tags)[::2]}
    for part in built.book.parts:
        assert f"text-{part.settings.id}" in known
        assert {f"note-{note.id}" for note in part.notes} <= known


# --- the comparison ------------------------------------------------------------------

WORDS = st.lists(
    st.sampled_from(("alpha", "beta", "gamma", "delta", "epsilon")), min_size=9
)


@given(WORDS, st.data())
def test_a_word_lost_or_exchanged_or_added_is_found(
    words: list[str], data: st.DataObject
) -> None:
    at = data.draw(st.integers(1, len(words) - 1))
    assert compare(" ".join(words), " \n".join(words)) is None
    exchanged = [*words[:at], "zeta", *words[at + 1 :]]
    assert compare(" ".join(words), " ".join(exchanged)) is not None
    added = [*words[:at], "zeta", *words[at:]]
    assert compare(" ".join(words), " ".join(added)) is not None
    ends = [*words[:at], "omega", *words[at:]]
    lost = [word for word in ends if word != "omega"]
    assert compare(" ".join(ends), " ".join(lost)) is not None


def test_a_wording_printed_twice_is_found() -> None:
    wording = "He came down the lane with a lantern."
    assert compare(wording, f"{wording} {wording}") is not None


def test_a_template_may_put_words_before_and_behind() -> None:
    assert compare("He came down the lane.", "12 He came down the lane. ↑") is None


def test_a_wild_card_is_what_the_builder_puts_in() -> None:
    expected = f"See {WILD} and {WILD}; all else stands."
    assert compare(expected, "See p. 9, l. 2 and p. 3; all else stands.") is None
    assert compare(expected, "See p. 9, l. 2 and p. 3; else stands.") is not None


def test_words_printed_twice_beside_a_wild_card_are_found() -> None:
    """A page and a line may stand there, and none of the words that stand beside it."""
    expected = f"See {WILD} where the lane was dark and nobody called at all."
    rest = "where the lane was dark and nobody called at all."
    assert compare(expected, f"See p. 9 {rest}") is None
    assert compare(expected, f"See p. 9 {rest} See p. 9 {rest}") is not None


def test_a_lemma_may_have_the_words_of_its_reading() -> None:
    reading = "he lit the stove and went between the cases"
    printed = f"he lit the stove and went between the cases at once ] {reading} h"
    assert compare(f"{FREE} {reading} {FREE} long", f"{printed} (long)") is None


def test_a_part_may_end_with_a_long_list() -> None:
    listed = " ".join(f"item{number}" for number in range(300))
    assert (
        compare(f"These are left out:\n{FREE}\n", f"These are left out: {listed}")
        is None
    )
    assert compare("These are left out:", f"These are left out: {listed}") is not None


def test_numbers_of_lists_count_where_the_wording_has_them() -> None:
    printed = f"\n{LOOSE}1. Bread.\n{LOOSE}2. Wine."
    assert compare("Bread.\nWine.", printed) is None
    assert compare("1. Bread.\n2. Wine.", printed) is None
    assert compare("1. Bread.\n3. Wine.", printed) is not None


def test_the_hyphens_of_divided_words_do_not_count() -> None:
    assert (
        compare(
            "manufacture of well-known goods", "manu\u00adfacture of well-known goods"
        )
        is None
    )
    assert compare("well-known", "wellknown") is not None
