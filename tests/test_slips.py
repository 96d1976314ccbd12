# ruff: noqa: D102, D401 - names and docstrings are claims
"""A list of slips: what editors write by mistake or by habit, wherever they can.

Each is a kind of slip in a place beside a neighbour. It is told at its line, or it is
printed in both media as it should be: nothing is lost without a word, and nothing is a
traceback. Some hundred are checked as texts, front parts and events of one edition.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

import pytest
from lxml import etree
from written import OPS, write_epub

from recension import check
from recension.problems import BookError, Problem, Report

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from written import Written

SETTINGS = """[edition]
title = "Slips"
slug = "slips"
language = "en-GB"
editors = []
identifier = "urn:uuid:5d1b64b4-54a4-5d0c-9a51-0f6d8f2f7c10"
date = 2026-01-31

[collation]
normalise = ["white-space", "quotation-marks", "list-markers"]
"""
WORKS = """@book{known, title = {Known}, author = {Known, Ann}, date = {1900},
  keywords = {further}}
"""


class Kind(NamedTuple):
    """A slip as *written*, or what looks like one, and what is *printed* of it.

    It is right in the places *right*, and a problem of one of *codes* elsewhere; the
    source has *source*, where that is not what is printed.
    """

    written: str
    printed: str
    right: str
    codes: str
    source: str | None = None


ANYTHING = "\0"
"""What the builder puts in."""
TEXT, FRONT, NOTE, TABLE = "tfnw"
ALL, NOWHERE, NOT_TEXT = "tfnw", "", "fnw"
KINDS = (
    # misspelt, misplaced, the builder's own
    Kind("[word]{.titel}", "", NOWHERE, "A-008"),
    Kind("[word]{.note}", "", NOWHERE, "A-008"),
    Kind("[word]{.paragraph}", "", NOWHERE, "A-008"),
    Kind("[word]{.omit}", "", NOWHERE, "A-008"),
    Kind("[word]{.underline}", "", NOWHERE, "A-008"),
    Kind("[word]{.x-}", "", NOWHERE, "A-008"),
    Kind('[word]{wy="x"}', "", NOWHERE, "A-008"),
    Kind('[word]{style="display:none"}', "", NOWHERE, "A-008"),
    Kind('[word]{onclick="x"}', "", NOWHERE, "A-008"),
    Kind("[word]{cert=probable}", "", NOWHERE, "A-008"),
    Kind('[word]{why="x"}', "", NOWHERE, "A-008"),
    Kind('[word]{who=""}', "", NOWHERE, "A-008"),
    Kind("[word]{who=nobody}", "", NOWHERE, "A-013"),
    Kind('[word]{short="w"}', "", NOWHERE, "A-008"),
    Kind('[word]{list="omissions"}', "", NOWHERE, "A-008"),
    Kind("[word]{lang=french}", "", NOWHERE, "A-008"),
    Kind('[word](https://a.b){sic="x"}', "", NOWHERE, "A-008"),
    Kind('[word](https://a.b){style="x"}', "", NOWHERE, "A-008"),
    Kind("[word]{#page-3}", "", NOWHERE, "A-006 A-008"),
    # marks that are none
    Kind("[word]{#a b}", "", NOWHERE, "P-005"),
    Kind("[word]{sic=x y}", "", NOWHERE, "P-005"),
    Kind("{word}", "", NOWHERE, "P-005"),
    Kind('[word]{sic="x', "", NOWHERE, "P-005"),
    Kind('[word] {sic="x"}', "", NOWHERE, "P-005"),
    Kind("[word", "[word", TEXT, "P-005"),
    Kind("word]", "word]", TEXT, "P-005"),
    Kind("**word", "**word", TEXT, "P-005"),
    Kind("*word", "*word", TEXT, "P-005"),
    Kind("_word", "_word", TEXT, "P-005"),
    Kind("M^r", "M^r", TEXT, "P-005"),
    Kind("^[word]", "^[word]", TEXT, "P-005"),
    Kind("[word][other]", "[word][other]", TEXT, "P-005"),
    Kind("\\word", "\\word", TEXT, "P-005"),
    Kind("[known, 3]", "[known, 3]", TEXT, "P-005"),
    # what Markdown knows and the notation does not
    Kind("`word`", "", NOWHERE, "A-008"),
    Kind("~~word~~", "", NOWHERE, "A-008"),
    Kind("<b>word</b>", "", NOWHERE, "P-002"),
    Kind("![word](x.png)", "", NOWHERE, "A-008"),
    Kind("![word](https://x.y/z.png)", "", NOWHERE, "P-003"),
    # references, notes, citations, figures
    Kind("[word](elsewhere)", "", NOWHERE, "A-005"),
    Kind("[word](#nowhere)", "", NOWHERE, "A-005"),
    Kind("[](#known)", ANYTHING, NOT_TEXT, "A-012"),
    Kind("word[^none]", "", NOWHERE, "A-001 A-004 P-005"),
    Kind("@known [3]", ANYTHING, "nw", "A-010"),
    Kind("[@unknown]", "", NOWHERE, "C-001 A-010"),
    Kind('[]{count="emendations"}', ANYTHING, FRONT, "A-008"),
    Kind('[]{count="emendation"}', "", NOWHERE, "A-008 A-014"),
    Kind('[word]{count="emendations"}', "", NOWHERE, "A-008"),
    # signs
    Kind("\ue801word", "", NOWHERE, "L-012"),
    Kind("&#xE801;word", "", NOWHERE, "L-012"),
    Kind("‘90s", "‘90s", NOWHERE, "A-016"),
    Kind("‘tis", "‘tis", NOWHERE, "A-016"),
    # emendations
    Kind('[word]{sic="x"}', "word", TEXT, "A-008", "x"),
    Kind('[]{sic="x"}', "", TEXT, "A-008", "x"),
    Kind('[word]{sic="word"}', "", NOWHERE, "A-015 A-008"),
    Kind('[]{sic=""}', "", NOWHERE, "A-015 A-008"),
    Kind('[word]{sic="x" cert=perhaps}', "", NOWHERE, "A-007 A-008", "x"),
    Kind('[word]{sic=" x"}', "word", TEXT, "A-008", " x"),
    Kind('[a [word]{sic="x"}]{sic="a x"}', "a word", TEXT, "A-008", "a x"),
    Kind('[a [word]{sic="x"}]{sic="a z"}', "", NOWHERE, "A-015 A-008", "a z"),
    Kind('[a *b]{sic="x"}', "", NOWHERE, "P-005 A-008", "x"),
    # what is right everywhere, or nearly
    Kind("[word]{#at-%}", "word", "tf", "A-008"),
    Kind("[word]{.title}", "word", ALL, ""),
    Kind("[ word]{.title}", " word", ALL, ""),
    Kind("[word]{.smallcaps}", "word", ALL, ""),
    Kind("[word]{.x-y}", "word", ALL, ""),
    Kind("[word]{.title .x-y}", "word", ALL, ""),
    Kind("[word]{lang=fr}", "word", ALL, ""),
    Kind("[word]{who=none}", "word", ALL, ""),
    Kind("[word](https://a.b)", "word", ALL, ""),
    Kind("M^r^ H~2~O", "Mr H2O", ALL, ""),
    Kind("\\[word\\] \\*a\\* \\{b\\} \\^ \\_ \\`", "[word] *a* {b} ^ _ `", ALL, ""),
    Kind(
        "word -- word --- word...",
        "word – word — word…",
        ALL,
        "",
        "word -- word --- word...",
    ),
    Kind("word<!-- remark --> word", "word word", ALL, ""),
    Kind(
        "wo\u00adrd wo\u202frd wo\u2003rd", "wo\u00adrd wo\u202frd wo\u2003rd", ALL, ""
    ),
    Kind("snake_word 5 # $3 & a|b", "snake_word 5 # $3 & a|b", ALL, ""),
    Kind("1905. word", "1905. word", ALL, ""),
    Kind("(iv) word", "(iv) word", ALL, ""),
    Kind("word ¶ word", "word ¶ word", ALL, ""),
)
BLOCKS = (
    Kind("::: epigrahp\nword\n:::", "", NOWHERE, "A-008"),
    Kind('::: {.omitt why="x"}\nword\n:::', "", NOWHERE, "A-008"),
    Kind("::: variant\nword\n:::", "", NOWHERE, "A-008"),
    Kind("::: foot\nword\n:::", "", NOWHERE, "A-008"),
    Kind("::: column\nword\n:::", "", NOWHERE, "A-008"),
    Kind('::: {.epigraph style="x"}\nword\n:::', "", NOWHERE, "A-008"),
    Kind("::: {#page-2}\nword\n:::", "", NOWHERE, "A-006"),
    Kind("::: {.omit why=x y}\nword\n:::", "", NOWHERE, "P-005 P-001"),
    Kind(":: epigraph\nword\n::", "", NOWHERE, "P-005"),
    Kind("::: epigraph\nword", "", NOWHERE, "P-001"),
    Kind(":::\n\nword", "", NOWHERE, "P-001"),
    Kind('::: {.ledger list="omissions"}\nword\n:::', "", NOWHERE, "A-008"),
    Kind('::: {.ledger list="omission"}\n:::', "", NOWHERE, "A-008 A-014"),
    Kind("| a | b |\n|---|---|\n| c | d |", "", NOWHERE, "A-008"),
    Kind("    word", "", NOWHERE, "A-008"),
    Kind("\tword", "", NOWHERE, "A-008"),
    Kind("```\nword\n```", "", NOWHERE, "A-008"),
    Kind("#### word", "", NOWHERE, "A-008"),
    Kind("## word {.titel}", "", NOWHERE, "A-008"),
    Kind('## word {sic="x"}', "", NOWHERE, "A-008"),
    Kind("## word {#a b}", "", NOWHERE, "P-005"),
    Kind("[word]: https://a.b", "", NOWHERE, "P-005"),
    Kind("<div>word</div>", "", NOWHERE, "P-002"),
    Kind('word []{sic="¶"}\n\nword', "", NOWHERE, "A-015 A-008"),
    Kind("Word\n\n:   word", "Word word", FRONT, "A-008"),
    Kind("- > word", "word", "tf", ""),
    Kind("> - word", "word", "tf", ""),
    Kind("- - word", "word", "tf", ""),
    Kind("- word\n    - word", "word word", "tf", "", "- word\n- word"),
    Kind("- word\n\n    word", "word word", "tf", "", "word\n\nword"),
    Kind(
        "1905. word\n1906. b", "1905. word 1906. b", "tf", "", "1905. word\n\n1906. b"
    ),
    Kind("1. - word", "1. word", "tf", "", "1.\n\nword"),
    Kind("-", "", "tf", ""),
    Kind("* * *", "", "tf", ""),
    Kind("| word\n|    word", "word word", "tf", ""),
    Kind("> | word\n> | word", "word word", "tf", ""),
    Kind("> > word", "word", "tf", ""),
    Kind("word\\\nword", "word word", "tf", ""),
    Kind("::: x-name\nword\n:::", "word", "tf", ""),
    Kind("::: {.byline .x-name}\nword\n:::", "word", "tf", ""),
    Kind("- ::: x-name\n  word\n  :::", "word", "tf", ""),
    Kind("<!-- remark --> word", "word", "tf", ""),
    Kind("<!-- remark -->\nword", "word", "tf", ""),
    Kind("word\n<!-- remark -->\nword", "word word", "tf", ""),
    Kind("word\n<!-- two\n\nlines --> word", "word word", "tf", ""),
    Kind('## [word]{sic=""}', "word", TEXT, "A-008", ""),
)
NEIGHBOURS = (
    ("{}", "{}"),
    ("Before {} behind.", "Before {} behind."),
    ("“Said {}”, he said.", "“Said {}”, he said."),
)
BETWEEN = (("{}", "{}"), ("{}\n\nBehind.", "{}\n\nBehind."))
PLACES = {
    "plain": "t",
    "quotation": "t",
    "item": "t",
    "front": "f",
    "note": "n",
    "table": "w",
}


@dataclass(frozen=True, kw_only=True)
class Slip:
    """A *kind* of slip in a *place*, with its number and its neighbours."""

    number: int
    kind: Kind
    place: str
    neighbours: tuple[str, str]

    @property
    def words(self) -> str:
        return self.neighbours[0].format(
            self.kind.written.replace("%", f"{self.number}")
        )

    @property
    def printed(self) -> str:
        return self.neighbours[1].format(self.kind.printed)

    @property
    def source(self) -> str:
        source = self.kind.source
        told = self.kind.printed if source is None else source
        return self.neighbours[1].format(told.replace(ANYTHING, ""))

    @property
    def is_right(self) -> bool:
        return PLACES[self.place] in self.kind.right

    @property
    def name(self) -> str:
        """What the part, or the event, is called that has it."""
        return f"s{self.number}"


def find_slips() -> Iterator[Slip]:
    numbers = count(1)
    for kind in BLOCKS:
        for place in ("plain", "front"):
            for between in BETWEEN:
                yield Slip(
                    number=next(numbers), kind=kind, place=place, neighbours=between
                )
    for kind in KINDS:
        for place in PLACES:
            for neighbours in NEIGHBOURS:
                if kind.written[0].isdigit() and neighbours[0] == "{}":
                    continue  # a list
                yield Slip(
                    number=next(numbers), kind=kind, place=place, neighbours=neighbours
                )


SLIPS = tuple(find_slips())


def write_edition(folder: Path, slips: Iterable[Slip]) -> dict[str, tuple[str, int]]:
    """Write an edition with *slips*; return the file and the line of each by name."""
    places: dict[str, tuple[str, int]] = {}
    tables, chronology = (
        [_write_text(folder, "known", "Words.[^k]", "Words.", KNOWN)],
        [],
    )
    for slip in slips:
        path = f"book/texts/{slip.name}.md"
        match slip.place:
            case "front":
                tables.insert(0, _write_front(folder, slip))
                places[slip.name] = f"book/front/{slip.name}.md", 3
            case "table":
                line = 1 + 5 * len(chronology)
                chronology.append(_write_event(slip))
                places[slip.name] = "book/chronology.toml", line + 2
            case "note":
                note = f"[^n]: Of the note: {slip.words}"
                tables.append(
                    _write_text(folder, slip.name, "Words.[^n]", "Words.", note)
                )
                places[slip.name] = path, 5
            case place:
                before = {"plain": "", "quotation": "> ", "item": "- "}[place]
                words, source = before + slip.words, slip.source
                tables.append(_write_text(folder, slip.name, words, source))
                places[slip.name] = path, 3
    (folder / "bibliography").mkdir()
    (folder / "bibliography" / "works.bib").write_text(WORKS, "utf-8")
    (folder / "book" / "edition.toml").write_text(SETTINGS + "\n".join(tables), "utf-8")
    if chronology:
        (folder / "book" / "chronology.toml").write_text("".join(chronology), "utf-8")
    return places


KNOWN = "[^k]: A note with [](#known)."


def _write_text(
    folder: Path, id_: str, words: str, source: str, after: str = ""
) -> str:
    anchor = " {#known}" if id_ == "known" else ""
    written = {
        f"book/texts/{id_}.md": f"# T{anchor}\n\n{words}\n\n{after}\n",
        f"book/sources/{id_}.txt": f"T\n\n{source}\n",
    }
    _write(folder, written)
    digest = hashlib.sha256(written[f"book/sources/{id_}.txt"].encode()).hexdigest()
    return (
        f'[[texts]]\nid = "{id_}"\nsiglum = "{id_}"\nauthor = ""\nshort_title = "T"\n'
        f'date = "1900"\nappeared = "there"\nfile = "book/texts/{id_}.md"\n'
        f'source = "book/sources/{id_}.txt"\nsha256 = "{digest}"\n'
    )


def _write_front(folder: Path, slip: Slip) -> str:
    _write(folder, {f"book/front/{slip.name}.md": f"# F\n\n{slip.words}\n"})
    return (
        f'[[front]]\nid = "{slip.name}"\nshort_title = "F"\n'
        f'file = "book/front/{slip.name}.md"\n'
    )


def _write_event(slip: Slip) -> str:
    words = "'''" + slip.words + "'''"
    return f'[[event]]\ndate = "1900"\nwhat = {words}\nanchors = []\n\n'


def _write(folder: Path, files: dict[str, str]) -> None:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, "utf-8")


def find_problems(folder: Path) -> tuple[Problem, ...]:
    report = Report()
    try:
        check(folder, report)
    except BookError as fault:
        return fault.problems
    return report.sorted


def tell_slip(slip: Slip) -> str:
    return f"{slip.words!r} in {slip.place}"


def is_told(problem: Problem, place: tuple[str, int]) -> bool:
    """Tell whether *problem* is at *place*; characters are told once a file."""
    path, line = place
    near = abs(problem.span.line - line) <= 1 or problem.code == "L-012"
    return problem.span.path == path and near


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(10, id="some"),
        pytest.param(1, id="all", marks=pytest.mark.slow),
    ],
)
def slips(request: pytest.FixtureRequest) -> tuple[Slip, ...]:
    """Slips, all or one of ten: each text is a call of pandoc."""
    return SLIPS[:: request.param]


@pytest.fixture(scope="module")
def told(
    slips: tuple[Slip, ...], tmp_path_factory: pytest.TempPathFactory
) -> dict[int, list[str]]:
    """The codes that are told of each slip at its line, by its number.

    What leaves a text or a file out of the edition is apart from what needs it whole.
    """
    found: dict[int, list[str]] = {}
    leaving = ("A-001", "L-012")
    for apart in (*leaving, ""):
        some = [s for s in slips if apart == _find_leaving(s, leaving)]
        folder = tmp_path_factory.mktemp("slips")
        places = write_edition(folder, some)
        problems = find_problems(folder)
        for slip in some:
            place = places[slip.name]
            found[slip.number] = [p.code for p in problems if is_told(p, place)]
    return found


def _find_leaving(slip: Slip, codes: tuple[str, ...]) -> str:
    """Return the first code that is told of *slip* if it is one of *codes*."""
    first = slip.kind.codes.split()[:1]
    return first[0] if first and first[0] in codes else ""


@pytest.fixture(scope="module")
def written(
    slips: tuple[Slip, ...], tmp_path_factory: pytest.TempPathFactory
) -> Written:
    """The edition of all slips that are none."""
    folder = tmp_path_factory.mktemp("right")
    write_edition(folder, [slip for slip in slips if slip.is_right])
    return write_epub(folder)


def test_there_are_slips_enough() -> None:
    assert len(SLIPS) >= 500


def test_a_slip_is_told_at_its_line(
    slips: tuple[Slip, ...], told: dict[int, list[str]]
) -> None:
    silent = [
        (tell_slip(slip), told[slip.number])
        for slip in slips
        if not slip.is_right
        and not set(slip.kind.codes.split()) & set(told[slip.number])
    ]
    assert silent == []


def test_what_is_right_is_not_told(
    slips: tuple[Slip, ...], told: dict[int, list[str]]
) -> None:
    wrong = [
        (tell_slip(slip), told[slip.number])
        for slip in slips
        if slip.is_right and told[slip.number]
    ]
    assert wrong == []


@pytest.mark.parametrize("medium", ["print", "epub"])
def test_what_is_right_is_printed(
    medium: str, slips: tuple[Slip, ...], written: Written
) -> None:
    """In both media, to the letter."""
    events = [slip for slip in slips if slip.is_right and slip.place == "table"]
    lost = []
    for slip in slips:
        if slip.is_right:
            event = events.index(slip) + 1 if slip in events else 0
            shown = squeeze(show(slip, medium, written, event))
            parts = map(squeeze, slip.printed.split(ANYTHING))
            if not all(part in shown for part in parts):
                lost.append((tell_slip(slip), shown[:200]))
    assert lost == []


APART = ("bullet", "variant", "call", "note-number", "note")
"""The classes of what stands beside the words of a text."""


def show(slip: Slip, medium: str, written: Written, event: int) -> str:
    """Return what a *medium* has of the part that has a *slip*, or of its *event*."""
    fragments = written.fragments[medium]
    if slip.place == "table":
        return read(fragments.passages[f"chronology-{event}-what"])
    if slip.place == "note":
        if medium == "epub":
            return " ".join(map(read, fragments.notes[f"{slip.name}-n"]))
        note = written.part(slip.name, medium).find(".//*[@class='note']")
        return read_words(note)
    return read_words(written.part(slip.name, medium))


def read(markup: str) -> str:
    return read_words(etree.fromstring(f"<p {OPS}>{markup}</p>"))


def read_words(element: etree._Element) -> str:
    """Return the words in *element* without what stands beside them."""
    inside = (
        ("" if kid.get("class") in APART else read_words(kid)) + (kid.tail or "")
        for kid in element
    )
    return (element.text or "") + "".join(inside)


def squeeze(wording: str) -> str:
    return "".join(wording.split())
