"""Which characters the fonts of an edition have, and what is told where they lack."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen

from recension.files import File
from recension.layout.fonts import (
    DRAWN_AS_NOTHING,
    check_glyphs,
    check_words,
    find_faces,
    find_fonts,
    find_known,
)
from recension.problems import Problem, Report, Span, ToolError

if TYPE_CHECKING:
    from pathlib import Path


def write_font(
    path: Path,
    letters: str,
    *,
    rights: int = 0,
    italic: bool = False,
    weight: int = 400,
) -> Path:
    """Write a font of empty *letters* to *path*."""
    path.parent.mkdir(parents=True, exist_ok=True)
    glyphs = [".notdef", *(f"g{ord(letter):x}" for letter in letters)]
    build = FontBuilder(1000)
    build.setupGlyphOrder(glyphs)
    build.setupCharacterMap({ord(letter): f"g{ord(letter):x}" for letter in letters})
    build.setupGlyf(dict.fromkeys(glyphs, TTGlyphPen(None).glyph()))
    build.setupHorizontalMetrics(dict.fromkeys(glyphs, (500, 0)))
    build.setupHorizontalHeader()
    build.setupNameTable({"familyName": "Own"})
    build.setupOS2(fsType=rights, fsSelection=int(italic), usWeightClass=weight)
    build.setupPost()
    build.save(path)
    return path


# --- the files -----------------------------------------------------------------------


def test_what_every_font_has_can_be_set(tmp_path: Path) -> None:
    fonts = [
        write_font(tmp_path / "1.ttf", "abc"),
        write_font(tmp_path / "2.ttf", "bcd"),
    ]
    report = Report()
    assert find_known(fonts, report) == {"b", "c", *DRAWN_AS_NOTHING}
    assert report.problems == []


def test_spaces_and_what_is_not_seen_need_no_glyph() -> None:
    wide = [chr(code) for code in range(0x2000, 0x200B)]
    assert sorted(DRAWN_AS_NOTHING) == ["\t", "\n", " ", "\xad", *wide, "\u202f"]


def test_no_fonts_can_set_nothing() -> None:
    assert find_known([], Report()) is None


def test_of_fonts_of_which_one_is_at_fault_nothing_is_known(tmp_path: Path) -> None:
    """Else all that the others have would be told to lack."""
    broken = tmp_path / "broken.ttf"
    broken.write_bytes(b"no font")
    sound = write_font(tmp_path / "sound.ttf", "abc")
    for fonts in ([broken, sound], [sound, broken], [broken]):
        report = Report()
        assert find_known(fonts, report) is None
        (problem,) = report.problems
        assert problem.code == "Y-001"
        assert problem.span.path == "templates/fonts/broken.ttf"
        assert problem.message.startswith("the font cannot be read: ")
        assert problem.hint == "take a sound font, or take it out"


@pytest.mark.parametrize(
    ("rights", "locked"),
    [(0, ""), (4, ""), (8, ""), (2, "to be embedded"), (0x102, "to be embedded"),
     (0x100, "subsets"), (0x104, "subsets"), (0x200, "")],
)  # fmt: skip
def test_a_font_may_not_allow_what_is_done_to_it(
    rights: int, locked: str, tmp_path: Path
) -> None:
    report = Report()
    known = find_known([write_font(tmp_path / "own.ttf", "a", rights=rights)], report)
    assert known == {"a", *DRAWN_AS_NOTHING}
    assert [(p.code, p.message, p.hint) for p in report.problems] == [
        ("Y-001", f"the font does not allow {locked}", "take a font that allows it")
    ] * bool(locked)


def test_what_no_file_is_cannot_be_read(tmp_path: Path) -> None:
    report = Report()
    (tmp_path / "folder.ttf").mkdir()
    for name in ("none.ttf", "folder.ttf"):
        assert find_known([tmp_path / name], report) is None
    assert [problem.message for problem in report.problems] == [
        "the font cannot be read: no such file or directory",
        "the font cannot be read: is a directory",
    ]


def test_a_face_is_known_by_its_slant_and_its_weight(tmp_path: Path) -> None:
    folder = tmp_path / "fonts"
    faces = {
        (False, False): write_font(folder / "a.ttf", "a", weight=599),
        (True, False): write_font(folder / "b.ttf", "a", italic=True),
        (False, True): write_font(folder / "c.ttf", "a", weight=600),
        (True, True): write_font(folder / "d.ttf", "a", italic=True, weight=900),
    }
    assert find_faces([tmp_path]) == faces


def test_the_first_folder_that_has_fonts_has_all(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    own = [write_font(second / "fonts" / f"{name}.ttf", "a") for name in "ab"]
    (first / "fonts").mkdir(parents=True)
    assert find_fonts([first, second]) == tuple(own)
    other = write_font(first / "fonts" / "c.otf", "a")
    assert find_fonts([first, second]) == (other,)


def test_without_fonts_the_builder_is_not_whole(tmp_path: Path) -> None:
    with pytest.raises(ToolError) as raised:
        find_fonts([tmp_path])
    told = str(raised.value)
    assert "the builder's templates and fonts are missing" in told


# --- what they lack ------------------------------------------------------------------


def lacking(raw: str, printed: str, known: str = "") -> list[Problem]:
    """Return what is told of the text *raw*, of which *printed* is, in part *known*."""
    report = Report()
    file = File(path="text.md", raw=raw)
    check_glyphs([(file, frozenset(printed))], frozenset(known), report)
    return report.problems


HINT = "write it another way, or take a font that has it"


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ("漢", "the font has no `漢` (U+6F22)"),
        ("漢漢", "the font has no `漢` (U+6F22), in 2 places"),
        ("бв", "the font has no `б` (U+0431) and another of Cyrillic, in 2 places"),
        ("бвг", "the font has no `б` (U+0431) and 2 others of Cyrillic, in 3 places"),
        ("бвб", "the font has no `б` (U+0431) and another of Cyrillic, in 3 places"),
        ("☞", "the font has no `☞` (U+261E)"),
    ],
)
def test_what_a_script_lacks_is_one_problem(raw: str, message: str) -> None:
    (problem,) = lacking(raw, raw)
    assert (problem.code, problem.message, problem.hint) == ("Y-001", message, HINT)


def test_scripts_and_signs_are_told_apart() -> None:
    told = [problem.message for problem in lacking("б☞漢☜в", "б☞漢☜в")]
    assert told == [
        "the font has no `б` (U+0431) and another of Cyrillic, in 2 places",
        "the font has no `☞` (U+261E)",
        "the font has no `漢` (U+6F22)",
        "the font has no `☜` (U+261C)",
    ]


def test_a_control_character_is_to_be_taken_out() -> None:
    (problem,) = lacking("a\x1bb", "\x1b")
    assert problem.message == "the control character U+001B cannot be printed"
    assert problem.hint == "take it out"
    assert problem.span.excerpt == "a b"
    (problem,) = lacking("\x1b\x1b", "\x1b")
    assert problem.message.endswith("cannot be printed, in 2 places")


@pytest.mark.parametrize(
    ("raw", "place"),
    [
        ("a\nbcд", (2, 3, 1)),
        ("a &#1076;", (1, 3, 7)),
        ("a &#x434; д", (1, 3, 7)),
        ("&amp; д", (1, 7, 1)),
        ("nothing", (0, 0, 1)),
    ],
)
def test_a_character_is_told_where_it_stands_or_its_entity(
    raw: str, place: tuple[int, int, int]
) -> None:
    """Or of the file, if it stands in none of its lines."""
    (problem,) = lacking(raw, "д")
    at = problem.span
    assert (at.path, at.line, at.column, at.length) == ("text.md", *place)


def test_what_is_known_or_not_printed_does_not_lack() -> None:
    assert lacking("абв", "а", "а") == []
    assert [problem.message[:17] for problem in lacking("абв", "аб", "а")] == [
        "the font has no `"
    ]


def test_a_word_is_told_with_what_it_lacks() -> None:
    report = Report()
    words = [("абба", Span(path="a.toml", line=3)), ("ab", Span(path="b.toml"))]
    check_words(words, frozenset("ab"), report)
    assert report.problems == [
        Problem(
            code="Y-001",
            message="the font has no `а` (U+0430), `б` (U+0431)",
            span=Span(path="a.toml", line=3),
            hint=HINT,
        )
    ]
