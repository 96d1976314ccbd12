"""Stage 4, collate: undoing every emendation gives back the source."""

from __future__ import annotations

import gc
import hashlib
import string
import time
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from steps import count_steps

from recension.annotate import annotate
from recension.collate import collate
from recension.config import EditionSettings, Settings, TextSettings
from recension.files import File
from recension.model import Sources, Tables, TextFiles
from recension.normalisation import (
    PARAGRAPH,
    RULES,
    WHITE_SPACE,
    fold_edited,
    fold_source,
)
from recension.parse import parse
from recension.problems import Report

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Edition

    from recension.model import AnnotatedManuscript, TextLedger

ALL = tuple(RULES)


def prove(
    edited: str,
    source: str,
    rules: tuple[str, ...] = (WHITE_SPACE,),
    emphasis: str = "none",
) -> tuple[TextLedger | None, Report]:
    """Collate one text; return its ledger, if it is proved, and the problems."""
    report = Report()
    annotated = annotate_text(edited, source, report, emphasis)
    ledger = collate(annotated, rules, report)
    return next(iter(ledger.texts), None), report


def annotate_text(
    edited: str, source: str, report: Report, emphasis: str = "none"
) -> AnnotatedManuscript:
    """Return an edition of one text, annotated."""
    text = TextSettings(
        id="text",
        siglum="T",
        author="A",
        short_title="T",
        date="1909",
        appeared="B",
        file="text.md",
        source="text.txt",
        sha256=hashlib.sha256(source.encode()).hexdigest(),
        emphasis=emphasis,
    )
    files = TextFiles(
        settings=text,
        edited=File(path="text.md", raw=edited),
        source=File(path="text.txt", raw=source),
    )
    return annotate(parse(sources_of(files), report), report)


def sources_of(files: TextFiles) -> Sources:
    """Return an edition of one text and nothing else."""
    edition = EditionSettings(
        title="T",
        slug="t",
        language="fr",
        editors=(),
        identifier="urn:t",
        date=date(2026, 1, 31),
    )
    return Sources(
        folder=Path(),
        settings=Settings(edition=edition, texts=(files.settings,)),
        written=File(path="book/edition.toml", raw=""),
        front=(),
        texts=(files,),
        tables=Tables(),
        whole=True,
        bibliography=None,
        style=None,
    )


def adds_up(ledger: TextLedger, source: str) -> bool:
    columns = ledger.kept + ledger.normalised + ledger.emended + ledger.omitted
    return columns == ledger.characters == len(source)


@pytest.mark.parametrize(
    ("edited", "source", "rules"),
    [
        ("Un mot.", "Un\u00a0mot.", ["white-space"]),
        ("“Un” ‘mot’.", "\"Un\" 'mot'.", ["white-space", "quotation-marks"]),
        ("l’un", "l'un", ["white-space", "quotation-marks"]),
        ("Un—deux.", "Un — deux.", ["white-space", "dash-spacing"]),
        ("« Un ! »", "«Un!»", ["white-space", "guillemets"]),
        ("- Un\n\n- deux", "- Un\n- deux", ["white-space", "list-markers"]),
        ("Avant :\n\n- un\n- deux", "Avant :\n- un\n- deux", ["list-markers"]),
    ],
)
def test_a_normalisation_covers_its_difference_and_no_other_does(
    edited: str, source: str, rules: list[str]
) -> None:
    ledger, report = prove(edited, source, tuple(rules))
    assert report.problems == []
    assert ledger
    assert adds_up(ledger, source)
    others = tuple(rule for rule in RULES if rule != rules[-1])
    ledger, report = prove(edited, source, others)
    assert ledger is None
    assert {problem.code for problem in report.problems} == {"K-001"}


@pytest.mark.parametrize(
    ("edited", "source"),
    [
        ('Un [mot]{sic="not"}.', "Un not."),
        ('Un []{sic="petit "}mot.', "Un petit mot."),
        ('Un [petit]{sic=""} mot.', "Un  mot."),
        ('Un []{sic="¶"}mot.', "Un\n\nmot."),
        ('["Un]{sic="Un"} mot.', "Un mot."),
        ("Un mot.\n\n::: {.omit}\nEn trop.\n:::", "Un mot.\n\nEn trop."),
        ("::: {.omit}\nEn trop.\n:::\n\nUn mot.", "En trop.\n\nUn mot.\n"),
    ],
)
def test_an_emendation_undone_is_the_source(edited: str, source: str) -> None:
    ledger, report = prove(edited, source)
    assert report.problems == []
    assert ledger
    assert adds_up(ledger, source)
    assert ledger.emended + ledger.omitted > 0 or 'sic=""' in edited


@pytest.mark.parametrize(
    ("edited", "source", "line", "column"),
    [
        ("Un mot.", "Un not.", 1, 4),
        ("Un mot.\n\nDeux mots.", "Un mot.\n\nDeux maux.", 3, 6),
        ("Un mot.\n\nDeux mots.", "Un mot.", 3, 1),
        ("Un mot.", "Un mot. Deux.", 1, 4),
        ("Un mot.", "Un mot.\n\nDeux.", 1, 4),
        ("Un *mot*.", "Un mots.", 1, 5),
        ('Un [mot]{sic="not"} ici.', "Un not là.", 1, 21),
        ("Un mot.[^a] Deux.\n\n[^a]: Deux deux.", "Un mot. Trois.", 1, 13),
    ],
)
def test_a_difference_is_told_at_its_place(
    edited: str, source: str, line: int, column: int
) -> None:
    ledger, report = prove(edited, source)
    assert ledger is None
    first = report.sorted[0]
    assert (first.code, first.span.line, first.span.column) == ("K-001", line, column)


def test_words_that_the_source_has_after_the_last_of_the_text_are_told() -> None:
    """The plainest loss: the edited text stops before its source does."""
    ledger, report = prove("Un mot.", "Un mot. Deux.")
    assert ledger is None
    (problem,) = report.problems
    assert "the source has `Deux.`, which the edited text has lost" in problem.message


@pytest.mark.parametrize(
    ("mark", "code"),
    [
        ('[mot]{sic="moi" whi="x"}', "A-008"),
        ("[@morel1907, 12]", "A-010"),
        ("[](#ici)", "A-012"),
        ("::: epigraph", "P-001"),
    ],
)
def test_a_text_whose_marks_are_at_fault_is_not_collated(mark: str, code: str) -> None:
    """Its differences from the source would only hide the cause."""
    ledger, report = prove(f"[Un]{{#ici}} autre.\n\n{mark}\n\nDeux.", "Un.")
    assert ledger is None
    assert {problem.code for problem in report.problems} == {code}


def test_case_and_accents_and_punctuation_are_no_normalisation() -> None:
    for edited, source in (("Mot", "mot"), ("été", "ete"), ("un, deux", "un deux")):
        assert prove(edited, source, ALL)[0] is None


def test_marks_of_other_kinds_are_not_the_same() -> None:
    """A double mark for a single one, or a guillemet, is an emendation."""
    for edited, source in (("“Un”", "‘Un’"), ("«Un»", '"Un"'), ("un–deux", "un-deux")):
        assert prove(edited, source, ALL)[0] is None


def test_italics_are_compared_where_the_source_marks_them() -> None:
    assert prove("Un *mot*.", "Un *mot*.", emphasis="asterisks")[0]
    assert prove("Un mot.", "Un *mot*.", emphasis="asterisks")[0] is None
    assert prove("Un *mot*.", "Un mot.")[0]


# pandoc drops the space in `'A '`: no word is a mark alone
words = st.text(string.ascii_letters + "éèàç'", min_size=1, max_size=8).filter(
    lambda word: word.strip("'")
)
decisions = st.sampled_from(["keep", "emend", "delete", "insert", "join", "omit"])
paragraph = st.lists(st.tuples(words, decisions), min_size=1, max_size=8)


def write_both(text: list[list[tuple[str, str]]]) -> tuple[str, str]:
    """Return an edited text with its decisions, and the source they undo to."""
    edited, source = [], []
    for place, decided in enumerate(text):
        if decided[0][1] == "omit":
            wording = " ".join(word for word, _ in decided)
            edited.append(f'::: {{.omit why="essai"}}\n{wording}\n:::')
            source.append(wording)
            continue
        mine, theirs = [], []
        for word, decision in decided:
            match decision:
                case "emend":
                    mine.append(f'[mot]{{sic="{word}"}}')
                    theirs.append(word)
                case "delete":
                    mine.append(f'[]{{sic="{word}"}}')
                    theirs.append(word)
                case "insert":
                    mine.append(f'[{word}]{{sic=""}}')
                    theirs.append("")
                case "join":
                    mine.append(f'[]{{sic="¶"}} {word}')
                    theirs.append(f"\n\n{word}")
                case _:
                    mine.append(word)
                    theirs.append(word)
        edited.append(f"x{place} " + " ".join(mine) + " y.")
        source.append(f"x{place} " + " ".join(theirs) + " y.")
    return "\n\n".join(edited), "\n\n".join(source) + "\n"


@settings(max_examples=25)
@given(st.lists(paragraph, min_size=1, max_size=5))
def test_undoing_every_emendation_gives_back_the_source(
    text: list[list[tuple[str, str]]],
) -> None:
    edited, source = write_both(text)
    # before a quotation mark that it takes for a closing one pandoc drops the space,
    # which is told (K-001): typographic marks leave it no choice
    assume("''" not in source)
    rules = (WHITE_SPACE, "quotation-marks")
    ledger, report = prove(edited, source, rules)
    assert report.problems == []
    assert ledger
    assert adds_up(ledger, source)


@settings(max_examples=25)
@given(st.lists(words, min_size=2, max_size=12), st.data())
def test_a_change_of_one_letter_is_always_found(
    text: list[str], data: st.DataObject
) -> None:
    source = " ".join(text) + " fin."
    place = data.draw(st.integers(0, len(source) - 1))
    changed = (
        source[:place] + ("q" if source[place] != "q" else "z") + source[place + 1 :]
    )
    edited = changed if source[place] != " " else source[:place] + source[place + 1 :]
    rules = (WHITE_SPACE, "quotation-marks")
    ledger, report = prove(edited, source, rules)
    assert ledger is None
    assert report.errors


def test_the_ledger_of_the_minimal_edition_is_right_to_the_character(
    edition: Edition,
) -> None:
    (ledger,) = edition.check().ledger.texts
    source = (edition.folder / edition.SOURCE).read_text("utf-8")
    assert adds_up(ledger, source)
    assert ledger.emended == len("compositeur")
    assert ledger.supplied == len("composteur")
    assert ledger.normalisations["quotation-marks"] == source.count("'")
    assert ledger.normalisations["list-markers"] == source.count("\n- ")
    (omission,) = ledger.omissions
    assert omission.why == "navigation du site"
    navigation = source.split("\n")[0]
    assert omission.wording == navigation
    assert len(navigation) <= ledger.omitted <= len(navigation) + 2


MARKS = st.text(st.sampled_from("ab “”'’—…. \n\t\u00a0-¶"), max_size=30)


@given(MARKS, st.sets(st.sampled_from(list(RULES))))
def test_what_is_folded_stays_as_it_is_when_it_is_folded_again(
    wording: str, rules: set[str]
) -> None:
    folded = fold_edited(wording, rules)
    assert fold_edited(folded.wording, rules).wording == folded.wording
    assert list(folded.offsets) == sorted(folded.offsets)
    assert len(folded.offsets) == len(folded.wording)


@given(MARKS, st.sets(st.sampled_from(list(RULES))))
def test_a_character_that_no_rule_has_touched_is_folded_to_itself(
    wording: str, rules: set[str]
) -> None:
    folded = fold_edited(wording, rules)
    for character, offset in zip(folded.wording, folded.offsets, strict=True):
        if offset not in folded.touched:
            assert character == wording[offset].replace("\n", " ")


def test_what_one_normalisation_would_make_equal_is_one_problem() -> None:
    """French typed with its spaces, and a word that is changed beside it."""
    edited = "« Un ! » dit-il ; deux : trois ? " * 5 + "quatre"
    source = edited.replace("quatre", "cinq")
    for space in ("« ", " »", " !", " ;", " :", " ?"):
        source = source.replace(space, space.strip())
    ledger, report = prove(edited, source, ("white-space",))
    assert ledger is None
    told = [problem.message for problem in report.problems]
    assert len(told) == 2
    assert told[0].endswith("words differ from the source as `guillemets` would")
    assert told[1] == "the edited text has `quatre`, the source has `cinq`"


@pytest.mark.parametrize(
    ("edited", "source", "rule", "count"),
    [
        ("…", "...", "ellipses", 1),
        ("…a…", "...a...", "ellipses", 2),
        ("a……", "a......", "ellipses", 1),
        ("a…\n…b", "a...\n...b", "ellipses", 2),
        ("‘a’", "'a'", "quotation-marks", 2),
        ("“a”", '"a"', "quotation-marks", 2),
        ("‘’", "''", "quotation-marks", 2),
        ("“‘a", "\"'a", "quotation-marks", 2),
        ("–a–", "--a--", "typed", 2),
        ("a\n– b", "a\n-- b", "typed", 1),
    ],
)
def test_the_ledger_counts_each_mark_or_each_run_of_characters(
    edited: str, source: str, rule: str, count: int
) -> None:
    """From the first character on; a run ends at a line end."""
    ledger, report = prove(edited, source, (WHITE_SPACE, "quotation-marks", "ellipses"))
    assert report.problems == []
    assert ledger
    assert ledger.normalisations[rule] == count


@pytest.mark.parametrize(
    ("edited", "source"),
    [
        ("Un -- deux --- trois...", "Un -- deux --- trois..."),
        ("Un – deux…", "Un -- deux..."),
    ],
)
def test_a_copy_of_the_source_as_typed_is_no_fault(edited: str, source: str) -> None:
    """The ledger has it as normalised, and under a rule of its own."""
    ledger, report = prove(edited, source, ("white-space",))
    assert report.problems == []
    assert ledger
    assert adds_up(ledger, source)
    assert ledger.normalisations["typed"] == source.count("-") // 2 + 1


@pytest.mark.parametrize(
    ("edited", "source", "rule"),
    [
        ("Un… Deux", "Un... Deux", "ellipses"),
        ("l'un", "l‛un", "quotation-marks"),
        ("Un\\ mot", "Un mot", "white-space"),
        ("Un mot", "Un\u2003mot", "white-space"),
        ("Un — mot", "Un—mot", ""),
        ("Un—mot", "Un — mot", "dash-spacing"),
    ],
)
def test_a_place_is_booked_under_the_rule_that_makes_it_equal(
    edited: str, source: str, rule: str
) -> None:
    """A source that has less than the text has no character to be booked."""
    ledger, report = prove(edited, source, ALL)
    assert report.problems == []
    assert ledger
    assert {name for name, count in ledger.normalisations.items() if count} == (
        {rule} if rule else set()
    )


@pytest.mark.slow
@pytest.mark.parametrize("rules", [(), ALL], ids=["no rule", "every rule"])
@pytest.mark.parametrize("white", [" ", "\t", "\u00a0", " \n"])
def test_a_run_of_white_four_times_as_long_takes_four_times_as_long(
    white: str, rules: tuple[str, ...]
) -> None:
    """Were the run read again from each of its places, it would take sixteen times."""
    spent = [
        min(
            measure(lambda n=n: fold_source(f"Un{white * n}mot.", rules))  # type: ignore[misc]
            for _ in range(5)
        )
        for n in (1_000, 4_000, 16_000)
    ]
    for shorter, longer in pairwise(spent):
        assert longer < 10 * shorter, spent


def measure(work: Callable[[], object]) -> float:
    """Return the seconds of processor time that *work* takes, without other garbage."""
    gc.disable()
    try:
        start = time.thread_time()
        work()
        return time.thread_time() - start
    finally:
        gc.enable()


@given(st.text(st.sampled_from(" \n\t\u00a0a—¶-"), max_size=20), st.booleans())
def test_white_beside_a_mark_is_folded_from_its_beginning(
    wording: str,
    all_of_them: bool,  # noqa: FBT001 - hypothesis gives it
) -> None:
    """The folds find what they would if they looked from each place of a run."""
    folded = fold_source(wording, ALL if all_of_them else ["dash-spacing"]).wording
    assert " —" not in folded
    assert "— " not in folded
    assert f" {PARAGRAPH}" not in folded
    assert f"{PARAGRAPH} " not in folded


@pytest.mark.slow
def test_a_text_with_many_differences_takes_as_long_as_it_is() -> None:
    """Each is told, of a text repeated too, where no word stands once."""
    paragraph = " ".join(f"mot{n}" for n in range(90))
    steps, told = [], []
    for times in (16, 32, 64):
        source = "\n\n".join([paragraph] * times)
        edited = source.replace("mot50 ", "not50 ")
        report = Report()
        annotated = annotate_text(edited, source, report)
        steps.append(
            count_steps(
                lambda a=annotated, r=report: collate(a, (WHITE_SPACE,), r)  # type: ignore[misc]
            )
        )
        told.append(len(report.problems))
    assert told == [16, 32, 64]
    for shorter, longer in pairwise(steps):
        assert longer <= 2.3 * shorter, steps
