# ruff: noqa: D102 - names and docstrings are claims
"""The look of the EPUB: its fonts, and a style that leaves the reader the choice."""

from __future__ import annotations

import io
import re
import shutil
from typing import TYPE_CHECKING

import pytest
from conftest import ROOT
from fontTools.ttLib import TTFont
from lxml import etree

from recension.epub import read_typeface, subset_faces
from recension.layout import find_faces

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Built, Edition
    from written import Written

    from recension.model import Typeface

FONTS = ROOT / "templates" / "fonts"
PAGE = "<html xmlns='http://www.w3.org/1999/xhtml'><body><p>{}</p></body></html>"
OPF = "{http://www.idpf.org/2007/opf}"
FEATURES = {
    "small-caps": "smcp",
    "oldstyle-nums": "onum",
    "lining-nums": "lnum",
    "proportional-nums": "pnum",
    "tabular-nums": "tnum",
    "super": "sups",
    "sub": "subs",
}
"""The feature behind each word of `font-variant` (CSS Fonts 4, 6)."""
FIGURES = "proportional-nums oldstyle-nums lining-nums tabular-nums"
COLOURS = r"(color|background|fill|stroke)\s*:(?!\s*(?:inherit|currentColor)\b)"


def subset(text: str, style: str = "") -> TTFont:
    """Return the regular face with what a page of *text* in *style* needs."""
    return TTFont(io.BytesIO(write(text, style)["fonts/regular.ttf"]))


def write(text: str, style: str = "") -> dict[str, bytes]:
    """Return the files of a typeface of the regular face alone."""
    typeface = read_typeface({(False, False): FONTS / "EBGaramond-Regular.ttf"})
    assert typeface
    return subset_faces(typeface, [PAGE.format(text)], style)


def features(font: TTFont) -> set[str]:
    """Return the features of the substitutions and positions of *font*."""
    tables = (font[name].table.FeatureList for name in ("GSUB", "GPOS") if name in font)
    return {record.FeatureTag for table in tables for record in table.FeatureRecord}


def rules(style: str) -> dict[str, str]:
    """Return what *style* declares for each of its selectors."""
    plain = re.sub(r"/\*.*?\*/", "", style, flags=re.DOTALL)
    found: dict[str, str] = {}
    for selectors, declared in re.findall(r"([^{}]+){([^{}]*)}", plain):
        for selector in selectors.split(","):
            found[selector.strip()] = found.get(selector.strip(), "") + declared
    return found


def find_unread_by_old_engines(style: str) -> list[str]:
    """Return what in *style* Adobe's engine (RMSDK) drops the sheet or the book for.

    Functions of values, properties of one's own, an `@media` without a type or with
    nothing in it, other rules with `@` than those of CSS 2, and margins by the window.
    """
    plain = re.sub(r'/\*.*?\*/|"[^"]*"', "", style, flags=re.DOTALL)
    functions = r"(?<![\w-])(?:-webkit-)?(?:calc|min|max|clamp|var|env|minmax)\("
    return [
        *re.findall(functions, plain),
        *re.findall(r"(?<![\w-])--[\w-]+", plain),
        *re.findall(r"@media\s*\([^{]*", plain),
        *re.findall(r"@[\w-]+[^{;]*{\s*}", plain),
        *re.findall(r"@(?!media\b|font-face\b|page\b|import\b|charset\b)[\w-]+", plain),
        *re.findall(r"margin[\w-]*:[^;}]*\d(?:vh|vw|vmin|vmax)\b", plain),
    ]


@pytest.mark.parametrize(
    "unread",
    [
        "p { width: calc(100% - 2em) }",
        "p { width: -webkit-calc(100% - 2em) }",
        "p { width: min(15em, 100%) }",
        "p { --gap: 1em }",
        "p { margin: var(--gap) }",
        "@media (min-width: 34em) { p { margin: 0 } }",
        "@media all and (min-width: 34em) { }",
        "@supports (display: grid) { p { margin: 0 } }",
        "p { margin: 5vh 0 }",
    ],
)
def test_what_old_engines_do_not_read_is_found(unread: str) -> None:
    """The check can fail, and passes over names and comments."""
    assert find_unread_by_old_engines(unread)
    known = "/* calc(1em) */ @media all and (min-width: 9em) { p { max-height: 95vh } }"
    assert find_unread_by_old_engines(known) == []


class TestFonts:
    """The subset of a font."""

    def test_has_the_characters_of_the_pages(self) -> None:
        assert {ord("é"), ord("—"), ord("x")} <= subset("é—x").getBestCmap().keys()

    def test_has_no_character_that_no_page_has(self) -> None:
        assert not {ord("Q"), ord("ß")} & subset("é—x").getBestCmap().keys()

    def test_has_the_capitals_that_small_ones_are_made_of(self) -> None:
        """WebKit makes small capitals itself where it does not find the font's."""
        plain, small = subset("éx"), subset("éx", "p { font-variant: small-caps; }")
        assert not {ord("É"), ord("X")} & plain.getBestCmap().keys()
        assert {ord("É"), ord("X")} <= small.getBestCmap().keys()

    def test_has_what_the_style_writes_itself(self) -> None:
        style = 'li::before { content: "•"; }'
        assert ord("•") in subset("x", style).getBestCmap()

    def test_can_divide_a_word(self) -> None:
        """A browser sets U+2010, or a hyphen-minus if the font lacks it."""
        assert {ord("-"), 0x2010} <= subset("x").getBestCmap().keys()

    @pytest.mark.parametrize(
        ("style", "wanted"),
        [
            ("p { font-variant: small-caps; }", {"smcp"}),
            ("p { font-variant-caps: all-small-caps; }", {"smcp", "c2sc"}),
            ("p { font-variant-caps: all-petite-caps; }", {"pcap", "c2pc"}),
            ("p { font-variant: petite-caps; }", {"pcap"}),
            ("p { font-variant-numeric: oldstyle-nums; }", {"onum"}),
            ("p { font-variant-numeric: proportional-nums; }", {"pnum"}),
            # figures are lining and tabular from the first: these two lead back
            (f"p {{ font-variant: {FIGURES}; }}", {"onum", "lnum", "pnum", "tnum"}),
            ("p { font-variant-position: super; }", {"sups"}),
            ("p { font-variant-position: sub; }", {"subs"}),
            ('p { font-feature-settings: "sups", "onum"; }', {"sups", "onum"}),
        ],
    )
    def test_has_the_features_that_the_style_asks_for(
        self, style: str, wanted: set[str]
    ) -> None:
        assert wanted <= features(subset("abc ABC 123", style))

    def test_has_what_the_style_of_the_epub_asks_for(
        self, written_critical: Written
    ) -> None:
        """Every word of `font-variant` in it is one whose feature is known."""
        style = written_critical.files["style.css"]
        asked = {
            word
            for value in re.findall(r"font-variant[-a-z]*:([^;}]*)", style)
            for word in value.split()
        }
        assert "small-caps" in asked
        wanted = {FEATURES[word] for word in asked - {"normal"}}
        assert wanted <= features(subset("abc ABC 123", style))

    def test_has_no_feature_that_nothing_asks_for(self) -> None:
        assert features(subset("abc ABC 123 fi ffi")) <= {
            *("calt", "ccmp", "clig", "kern", "liga", "locl", "mark", "mkmk", "rlig")
        }

    def test_has_small_capitals_as_glyphs(self) -> None:
        plain = subset("abc").getGlyphOrder()
        capitals = subset("abc", "p { font-variant: small-caps; }").getGlyphOrder()
        assert len(capitals) >= len(plain) + 3

    def test_says_who_made_it_and_under_which_licence(self) -> None:
        names = subset("x")["name"]
        assert "EB Garamond Project Authors" in names.getDebugName(0)
        assert "Open Font License" in names.getDebugName(13)

    def test_is_the_same_bytes_twice(self) -> None:
        assert write("abc fi") == write("abc fi")

    def test_keeps_the_date_of_the_font(self) -> None:
        with TTFont(FONTS / "EBGaramond-Regular.ttf") as font:
            assert subset("x")["head"].modified == font["head"].modified


class TestTypeface:
    """What is found beside the fonts."""

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        folder = tmp_path / "fonts"
        folder.mkdir()
        shutil.copy(FONTS / "EBGaramond-Italic.ttf", folder / "a face.ttf")
        return folder

    def read(self, folder: Path) -> Typeface:
        typeface = read_typeface(find_faces([folder.parent]))
        assert typeface
        return typeface

    def test_is_named_by_the_font_itself(self, folder: Path) -> None:
        assert self.read(folder).family == "EB Garamond"

    def test_has_only_the_faces_that_are_there(self, folder: Path) -> None:
        assert [face.name for face in self.read(folder).faces] == ["fonts/italic.ttf"]

    def test_is_none_where_there_is_no_font(self) -> None:
        assert read_typeface({}) is None

    @pytest.mark.parametrize("name", ["OFL.txt", "LICENSE", "licence.md", "COPYING"])
    def test_brings_its_licence(self, folder: Path, name: str) -> None:
        (folder / name).write_text("terms")
        files = subset_faces(self.read(folder), [PAGE.format("x")], "")
        assert files[f"fonts/{name}"] == b"terms"

    def test_brings_no_other_file(self, folder: Path) -> None:
        (folder / "README.txt").write_text("words")
        assert set(self.read(folder).licences) == set()

    def test_brings_no_file_from_elsewhere(self, folder: Path) -> None:
        """A link out of the folder would put a file of the machine into the book."""
        (folder.parent / "secret").write_text("secret")
        (folder / "OFL.txt").symlink_to(folder.parent / "secret")
        assert set(self.read(folder).licences) == set()


@pytest.mark.slow
class TestBuilt:
    """What must be true of the finished EPUBs."""

    def test_every_face_has_every_character_of_the_pages(self, built: Built) -> None:
        shown = {
            character
            for name, content in built.entries().items()
            if name.endswith(".xhtml")
            for character in "".join(
                etree.fromstring(content).find("{*}body").itertext()
            )
        }
        for name, content in built.entries().items():
            if name.endswith(".ttf"):
                known = TTFont(io.BytesIO(content)).getBestCmap().keys()
                assert {c for c in shown if ord(c) not in known} <= {"\n"}, name

    def test_every_font_is_declared_with_its_licence(self, built: Built) -> None:
        package = etree.fromstring(built.entries()["EPUB/package.opf"])
        fonts = {
            f"#{part.get('id')}": part.get("href")
            for part in package.iter(f"{OPF}item")
            if part.get("media-type") == "font/ttf"
        }
        packed = {n for n in built.entries() if n.endswith(".ttf")}
        assert {f"EPUB/{href}" for href in fonts.values()} == packed
        assert len(packed) == 4
        terms = [
            (link.get("refines"), link.get("href"))
            for link in package.iter(f"{OPF}link")
            if link.get("rel") == "dcterms:license"
        ]
        assert terms == [(font, "fonts/OFL.txt") for font in fonts]
        licence = built.entries()["EPUB/fonts/OFL.txt"]
        assert licence == (FONTS / "OFL.txt").read_bytes()

    def test_the_imprint_names_typeface_makers_and_licence(self, built: Built) -> None:
        imprint = built.entries()["EPUB/imprint.xhtml"].decode()
        assert built.word("typeface").format(family="EB Garamond") in imprint
        assert "The EB Garamond Project Authors" in imprint
        assert "SIL Open Font License, Version 1.1" in imprint


@pytest.mark.slow
def test_an_edition_can_leave_the_fonts_out(edition: Edition) -> None:
    edition.edit(edition.SETTINGS, "[print]", "[epub]\nfonts = false\n\n[print]")
    entries = edition.build("epub").entries()
    assert [name for name in entries if "fonts/" in name] == []
    for name in ("style.css", "package.opf", "imprint.xhtml"):
        assert b"font-face" not in entries[f"EPUB/{name}"]
        assert b"Garamond" not in entries[f"EPUB/{name}"]
        assert b"fonts" not in entries[f"EPUB/{name}"]


class TestStyle:
    """The reader decides."""

    @pytest.fixture
    def style(self, written_critical: Written) -> str:
        return written_critical.files["style.css"]

    def test_the_family_is_named_on_the_body_alone(self, style: str) -> None:
        """So that a reader's font, set on the body or the root, takes its place."""
        named = [name for name, said in rules(style).items() if "font-family" in said]
        assert named == ["@font-face", "body"]
        assert rules(style)["body"].count("font-family") == 1

    def test_a_reader_without_the_font_has_a_serif(self, style: str) -> None:
        assert re.search(r'font-family: "[^"]+", serif;', rules(style)["body"])

    def test_no_length_is_absolute(self, style: str) -> None:
        assert re.findall(r"[\d.]+(?:px|pt|pc|cm|mm|in|q)\b", style.lower()) == []

    def test_no_colour_is_set(self, style: str) -> None:
        assert re.search(COLOURS, style) is None
        assert re.findall(r"#[0-9a-f]{3,8}\b|rgba?\(|hsla?\(", style) == []

    def test_the_line_height_of_text_is_the_readers(self, style: str) -> None:
        """Headings are tight, superiors out of the count, lists of links are wide."""
        said = {name for name, said in rules(style).items() if "line-height" in said}
        tight, wide = {"h1", "h2", "h3", ".noteref sup"}, {".index li", ".apparatus li"}
        assert said == tight | wide | {".byline p"}

    def test_the_body_has_the_readers_margins(self, style: str) -> None:
        """A measure on the body would be a column's in paged readers."""
        assert not re.search(r"margin|padding|width|font-size", rules(style)["body"])

    def test_columns_of_a_table_are_no_wider_than_their_page(self, style: str) -> None:
        """In a paged reader the query sees all pages side by side, and is true."""
        named = rules(re.sub(r"@media[^{]*{", "", style))
        assert "flex-wrap: wrap" in named[".parallels .sides"]
        assert "flex: 1 1 15em" in named[".parallels .sides td"]

    def test_old_engines_read_it(self, style: str) -> None:
        """Adobe's engine, on Kobo, drops a sheet that has what it does not know."""
        assert find_unread_by_old_engines(style) == []

    def test_what_is_hidden_is_shown_by_no_engine(self, style: str) -> None:
        """Engines older than HTML 5 do not know `hidden` of themselves."""
        assert "display: none" in rules(style)["nav[hidden]"]

    def test_no_box_of_a_reader_comes_between(self, style: str) -> None:
        """Kobo puts two between the body and its sections."""
        assert not [name for name in rules(style) if name.startswith("body >")]

    def test_a_title_is_not_held_to_what_follows(self, style: str) -> None:
        """Held together and too high for a page, both would leave an empty one."""
        held = {name for name, said in rules(style).items() if "break-after" in said}
        assert {"h2", "h3", "dt"} <= held
        assert "h1" not in held

    def test_numbers_to_look_up_have_lining_figures(self, style: str) -> None:
        """The old-style 1 looks like a small capital I: `2.11`, `44n193`."""
        for name in (".place", ".cited", ".number", ".identifier", ".index a"):
            assert "lining-nums" in rules(style)[name]

    def test_no_heading_stands_over_notes_that_a_reader_hides(
        self, written_critical: Written
    ) -> None:
        """Readers with pop-ups leave out every aside, and the rule with the first."""
        page = written_critical.pages["introduction"]
        notes = page.find("{*}body/{*}section[@class='notes']")
        assert notes.get("aria-label") == "Notes"
        assert {etree.QName(part).localname for part in notes} == {"aside"}

    def test_a_title_page_is_no_text_to_be_justified(
        self, written_critical: Written
    ) -> None:
        """Readium justifies every paragraph but those of a header or an hgroup."""
        (group,) = written_critical.pages["titlepage"].iter("{*}hgroup")
        page = written_critical.pages["titlepage"].find("{*}body")
        assert etree.QName(group.getparent()).localname == "header"
        assert set(page.iter("{*}p")) == set(group.iter("{*}p"))

    def test_a_time_line_has_room_for_a_wide_font(
        self, written_critical: Written
    ) -> None:
        """A quarter more than ours takes, at half an em a letter, and some before."""
        (drawing,) = written_critical.pages["chronology"].iter("{*}svg")
        left, _, width, _ = map(float, drawing.get("viewBox").split())
        size = float(drawing.get("font-size"))
        labels = [t for t in drawing.iter("{*}text") if t.find("{*}tspan") is not None]
        assert left < 0
        for label in labels:
            letters = len("".join(label.itertext()))
            needed = float(label.get("x")) + letters * size * 0.5 * 1.25
            assert needed <= left + width

    def test_numbered_lists_of_texts_have_their_numbers(self, style: str) -> None:
        """As in print; only lists of links have no sign."""
        assert "list-style: decimal" in rules(style)[".text ol"]

    def test_nothing_is_important(self, style: str) -> None:
        assert "!important" not in style

    def test_links_are_told_by_more_than_colour(self, style: str) -> None:
        assert "text-decoration: underline" in rules(style)["a"]
        bare = {n for n, said in rules(style).items() if "decoration: none" in said}
        assert bare == {"nav a", ".noteref", ".backlink"}

    def test_a_mark_of_a_printed_page_has_no_box(self, style: str) -> None:
        mark = rules(style)['[role="doc-pagebreak"]']
        assert "display: inline" in mark
        assert not re.search(r"[1-9]|content|break", mark)
