"""Stage 3, annotate: what each mark of the notation means."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from recension.annotate import annotate
from recension.load import load
from recension.model import PieceKind
from recension.normalisation import PARAGRAPH
from recension.parse import parse
from recension.problems import Report
from recension.tree import attributes_of, plain_text, walk

if TYPE_CHECKING:
    from conftest import Edition

    from recension.model import AnnotatedText


def read(edition: Edition, markdown: str = "") -> AnnotatedText:
    if markdown:
        (edition.folder / edition.TEXT).write_text(markdown, "utf-8")
    report = Report()
    annotated = annotate(parse(load(edition.folder, report), report), report)
    assert report.problems == []
    return annotated.texts[0]


def test_the_minimal_edition_has_its_marks(edition: Edition) -> None:
    text = read(edition)
    assert [note.label for note in text.notes] == [
        "source-heures",
        "source-lambert",
        "fact-musee",
    ]
    assert [note.kind for note in text.notes] == ["source", "source", "fact"]
    assert [heading.level for heading in text.headings] == [1, 2, 2]
    (emendation,) = text.emendations
    assert (emendation.lemma, emendation.reading) == ("composteur", "compositeur")
    assert emendation.certainty == "certain"
    assert emendation.why == "l’outil, et non l’homme"
    assert (emendation.span.line, emendation.span.column) == (15, 29)


@pytest.mark.parametrize(
    ("mark", "lemma", "reading"),
    [
        ('[mot]{sic="not"}', "mot", "not"),
        ('[]{sic="de trop"}', "", "de trop"),
        ('[le]{sic=""}', "le", ""),
        ('[]{sic="¶"}', "", "¶"),
        ('[*mot* “cité”]{sic="mot cité"}', "mot “cité”", "mot cité"),
        ('["mot"]{sic="\\"mot"}', "“mot”", '"mot'),
    ],
)
def test_an_emendation_has_what_the_book_prints_and_what_the_source_has(
    mark: str, lemma: str, reading: str, edition: Edition
) -> None:
    (emendation,) = read(edition, f"# T\n\nAvant {mark} après.\n").emendations
    assert (emendation.lemma, emendation.reading) == (lemma, reading)


def test_an_emendation_keeps_who_is_meant_and_in_what_language(
    edition: Edition,
) -> None:
    text = read(edition, '# T\n\n[Vieux]{sic="vieux" who=none lang=la}\n')
    spans = [attributes_of(node) for node in walk(text.blocks) if node["t"] == "Span"]
    assert [(own.get("who"), own.get("lang")) for own in spans] == [
        ("", ""),
        ("none", "la"),
    ]


def test_a_class_of_the_edition_stands_round_what_the_builder_reads(
    edition: Edition,
) -> None:
    text = read(edition, "# T\n\n[Le Monde]{.title .x-paper #monde}\n")
    spans = [attributes_of(node) for node in walk(text.blocks) if node["t"] == "Span"]
    assert [(own.id, own.classes) for own in spans] == [
        ("monde", ("x-paper",)),
        ("", ("title",)),
    ]


def test_emendations_within_one_another_are_read_by_the_outermost(
    edition: Edition,
) -> None:
    text = read(edition, '# T\n\nA [un [mot]{sic="mo"} de]{sic="un mo do"} trop.\n')
    assert [(e.lemma, e.reading) for e in text.emendations] == [
        ("un mot de", "un mo do"),
        ("mot", "mo"),
    ]
    assert "A un mo do trop." in "".join(piece.reading for piece in text.pieces)


def test_doubt_and_its_reason_are_kept(edition: Edition) -> None:
    (emendation,) = read(
        edition, '# T\n\n[19]{sic="l9" cert=probable why="lecture"}\n'
    ).emendations
    assert (emendation.certainty, emendation.why) == ("probable", "lecture")


def test_an_omission_is_not_printed_and_keeps_its_reason(edition: Edition) -> None:
    text = read(edition, '# T\n\n::: {.omit why="pub"}\nAchetez.\n\nVite.\n:::\n')
    assert "Achetez" not in plain_text(text.blocks)
    omitted = [p for p in text.pieces if p.kind is PieceKind.OMITTED]
    assert [(p.reading, p.why) for p in omitted if p.reading != PARAGRAPH] == [
        ("Achetez.", "pub"),
        ("Vite.", "pub"),
    ]


def test_a_note_stands_in_the_text_at_its_call_alone(edition: Edition) -> None:
    text = read(edition, "# T\n\nMot.[^a] Fin.\n\n[^a]: La note.\n")
    assert "note" not in "".join(piece.lemma for piece in text.pieces)
    assert plain_text(text.notes[0].blocks) == "La note."


def test_notes_are_in_the_order_of_their_calls(edition: Edition) -> None:
    """Labels follow the calls, whatever the order of the definitions."""
    text = read(
        edition,
        '# T[^t]\n\n> Un.[^b]\n\n- Deux.[^a]\n\n[Trois.[^c]]{sic="x"}\n\n'
        "[^a]: à.\n\n[^b]: bé.\n\n[^c]: cé.\n\n[^t]: té.\n",
    )
    found = [(note.label, plain_text(note.blocks)) for note in text.notes]
    assert found == [("t", "té."), ("b", "bé."), ("a", "à."), ("c", "cé.")]


def test_a_heading_without_an_id_is_given_one(edition: Edition) -> None:
    text = read(edition, "# T\n\n## Un\n\n## Deux {#deux}\n")
    ids = [heading.id for heading in text.headings]
    assert ids == ["imprimerie-1", "imprimerie-2", "deux"]


def test_an_anchor_and_a_reference_to_it(edition: Edition) -> None:
    text = read(edition, "# T\n\n[]{#ici}Mot. Voir [plus haut](#ici).\n")
    assert "ici" in [anchor.id for anchor in text.anchors]
    (reference,) = text.references
    assert (reference.name, reference.span.line) == ("ici", 3)


def test_emphasis_counts_for_the_source_only_where_it_marks_italics(
    edition: Edition,
) -> None:
    def undone() -> str:
        text = read(edition, "# T\n\nUn *mot*.\n")
        return "".join(piece.reading for piece in text.pieces)

    assert "*" not in undone()
    edition.edit(
        edition.SETTINGS, 'siglum = "I"', 'siglum = "I"\nemphasis = "asterisks"'
    )
    assert "*mot*" in undone()


@pytest.mark.parametrize(
    ("mark", "what", "places"),
    [
        ('[mot]{sic="not"}', "`sic`", "a text"),
        ("[mot]{#ici}", "an anchor", "a text or a front part"),
    ],
)
def test_a_note_has_only_the_marks_that_it_can_have(
    mark: str, what: str, places: str, edition: Edition
) -> None:
    """An emendation or an anchor in a note would be lost without a word."""
    edition.edit(
        edition.TEXT,
        "[^source-lambert]: [@morel1907, 31].",
        f"[^source-lambert]: [@morel1907, 31]. Un {mark}.",
    )
    (problem,) = edition.problems()
    assert (problem.code, problem.severity) == ("A-008", "error")
    assert problem.message == f"{what} has no place in a note"
    assert problem.hint == f"it stands in {places}"
