# ruff: noqa: D102 - names and docstrings are claims
"""What the EPUB says of its accessibility is what its pages have."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

import pytest
from conftest import ROOT
from lxml import etree

from recension.access import FEATURES, Contents, find_access, find_fixed

if TYPE_CHECKING:
    from conftest import Built, Edition

OPF = "{http://www.idpf.org/2007/opf}"
DC = "{http://purl.org/dc/elements/1.1/}"
NAV = '<nav epub:type="{0}"><ol><li><a href="a.xhtml">1</a></li></ol></nav>'
TOC = NAV.format("toc")
MARKER = '<span epub:type="pagebreak" role="doc-pagebreak" id="page-1" title="1"/>'
SVG = '<svg xmlns="http://www.w3.org/2000/svg">{}</svg>'
NOTE = '<a epub:type="noteref" href="#n">1</a><{0} id="n">A note</{1}>'


def page(body: str) -> etree._Element:
    xmlns = 'xmlns="http://www.w3.org/1999/xhtml"'
    ops = 'xmlns:epub="http://www.idpf.org/2007/ops"'
    return etree.fromstring(f"<html {xmlns} {ops}><body>{body}</body></html>")


def access(
    body: str, nav: str = "", style: str = "", names: tuple[str, ...] = ()
) -> Any:
    pages = [page(f"<h1>Title</h1>{body}")]
    return find_access(Contents(pages=pages, nav=page(nav), style=style, names=names))


@pytest.mark.parametrize(
    ("feature", "without", "having"),
    [
        ("structuralNavigation", {"body": "<h3>Far</h3>"}, {"body": "<h2>Near</h2>"}),
        ("tableOfContents", {"nav": '<nav epub:type="toc"/>'}, {"nav": TOC}),
        (
            "readingOrder",
            {"body": NOTE.format("p", "p")},
            {"body": NOTE.format('aside epub:type="footnote"', "aside")},
        ),
        ("pageBreakMarkers", {"body": ""}, {"body": MARKER}),
        (
            "pageNavigation",
            {"nav": NAV.format("page-list")},
            {"body": MARKER, "nav": NAV.format("page-list")},
        ),
        (
            "index",
            {"nav": '<nav><a epub:type="index" href="a.xhtml">1</a></nav>'},
            {"body": '<section epub:type="index"/>'},
        ),
        ("ARIA", {"body": "<p>1</p>"}, {"body": '<p role="doc-subtitle">1</p>'}),
        ("alternativeText", {"body": '<img alt=""/>'}, {"body": '<img alt="A mill"/>'}),
        (
            "longDescription",
            {"body": SVG.format("<title>A</title>")},
            {"body": SVG.format("<title>A</title><desc>A line of years</desc>")},
        ),
        (
            "displayTransformability",
            {"style": "p { font-size: 12pt }"},
            {"style": "p { font-size: 1.2em; color: inherit }"},
        ),
        ("unlocked", {"names": ("META-INF/encryption.xml",)}, {"names": ("a.xhtml",)}),
    ],
)
def test_a_feature_is_claimed_where_it_is_there(
    feature: str, without: dict[str, Any], having: dict[str, Any]
) -> None:
    defaults = {"body": "", "nav": ""}
    assert feature not in access(**defaults | without).features
    assert feature in access(**defaults | having).features


def test_every_feature_has_a_sentence_in_both_languages() -> None:
    words = tomllib.loads((ROOT / "templates" / "words.toml").read_text("utf-8"))
    for table in (words["en"], words["fr"]):
        sentences = {name for name in table if name.startswith("access-")}
        others = {"sufficient-textual", "linked-notes", "hazard-none", "hazard-unknown"}
        assert sentences == {f"access-{name}" for name in (*FEATURES, *others)}


def test_a_cover_is_no_picture_to_be_seen() -> None:
    """The vocabulary leaves covers out of the visual mode."""
    assert access('<img role="doc-cover" alt="Cover"/>').modes == ("textual",)
    assert access('<img alt="A mill"/>').modes == ("textual", "visual")


def test_text_is_enough_where_every_picture_has_words() -> None:
    assert access('<img alt="A mill"/>').sufficient == ("textual,visual", "textual")
    assert access('<img alt=""/>').sufficient == ("textual,visual",)


@pytest.mark.parametrize(
    "moving",
    [
        {"body": "<script/>"},
        {"body": "<audio/>"},
        {"body": SVG.format("<animate/>")},
        {"body": "", "style": "p { animation: blink 1s }"},
        {"body": "", "style": "a { transition-duration: 1s }"},
    ],
)
def test_what_moves_or_sounds_is_not_called_harmless(moving: dict[str, Any]) -> None:
    assert access("").hazards == ("none",)
    assert access(**moving).hazards == ("unknown",)


@pytest.mark.parametrize(
    ("style", "fixed"),
    [
        ("p { font-size: 12px }", ["font-size: 12px"]),
        ("p { font: small serif }", ["font: small serif"]),
        ("p { line-height: 14pt }", ["line-height: 14pt"]),
        ("p { color: #111 }", ["color: #111"]),
        ("p { background: white !important }", ["background: white !important"]),
        ("p { color: rgb(1 2 3) }", ["color: rgb(1 2 3)"]),
        ("/* color: red */ a:hover { color: inherit; border: 1px solid }", []),
        ("p { background: color-mix(in srgb, currentColor 9%, transparent) }", []),
        ("p { font-size: smaller; font-variant: small-caps; letter-spacing: 0 }", []),
    ],
)
def test_sizes_and_colours_of_its_own_are_found_in_a_style(
    style: str, fixed: list[str]
) -> None:
    assert find_fixed(style) == fixed


@pytest.fixture
def package(critical: Edition) -> etree._Element:
    """Return the package of an edition of two texts by one author, with an ISBN."""
    author = 'author = "Ann Harrow"'
    critical.edit(critical.SETTINGS, author, f'{author}\nfile_as = "Harrow, Ann"')
    critical.edit(critical.SETTINGS, 'author = "Thomas Reed"', author)
    isbn = '[epub]\nisbn = "978-0-306-40615-7"\n\n[print]'
    critical.edit(critical.SETTINGS, "[print]", isbn)
    return etree.fromstring(critical.build("epub").entries()["EPUB/package.opf"])


@pytest.mark.slow
class TestPackage:
    """What stands in the package."""

    def test_an_author_is_told_once_as_filed(self, package: etree._Element) -> None:
        creators = [(one.text, one.get("id")) for one in package.iter(f"{DC}creator")]
        assert creators == [("Ann Harrow", "author-1")]
        filed = package.find(f".//{OPF}meta[@property='file-as']")
        assert (filed.get("refines"), filed.text) == ("#author-1", "Harrow, Ann")

    def test_the_isbn_is_a_second_identifier(self, package: etree._Element) -> None:
        told = [(one.get("id"), one.text) for one in package.iter(f"{DC}identifier")]
        uuid = "urn:uuid:7a0d9f0e-3c5b-5f0e-9b1d-2f6b8d1c4e77"
        assert told == [("identifier", uuid), ("isbn", "urn:isbn:9780306406157")]
        assert package.get("unique-identifier") == "identifier"


@pytest.mark.slow
def test_nothing_is_claimed_that_a_person_must_say(built: Built) -> None:
    root = etree.fromstring(built.entries()["EPUB/package.opf"])
    claims = " ".join(meta.get("property", "") for meta in root.iter(f"{OPF}meta"))
    assert "certifi" not in claims
    assert "conformsTo" not in claims
