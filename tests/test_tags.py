"""The structure tree of the PDF, read from boxes that are made of markup by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element, fromstring

import pytest

from recension.layout.tagging.elements import GROUPS, INLINE, TAGS
from recension.layout.tagging.nodes import StructureTree
from recension.layout.tagging.structure import Content, StructureNode
from recension.layout.tagging.tags import _PageReader
from recension.layout.weasy.records import BoxKind, MarkedBox
from recension.layout.weasy.writing import MarkedPage

if TYPE_CHECKING:
    from collections.abc import Iterator

LINED = ("p", "h1", "h2", "h3", "h4", "h5", "h6")
IN_LINES = ("span", "a", "em")
BOX = MarkedBox(
    BoxKind.OTHER, None, (), None, "", None, linked=False, column=0, edges=None
)


class Boxes:
    """Makes the boxes of a page of markup: a paragraph is a line, a text a content."""

    def __init__(self) -> None:
        """Have made nothing yet."""
        self.elements: list[Element] = []
        self.shown: list[str] = []

    def make(self, element: Element) -> MarkedBox:
        """Return the box of *element* with all that it holds."""
        number = len(self.elements)
        self.elements.append(element)
        children = tuple(self._fill(element))
        if element.tag in LINED:
            children = (BOX._replace(kind=BoxKind.LINE, children=children),)
        kind = BoxKind.INLINE if element.tag in IN_LINES else BoxKind.OTHER
        more: dict[str, Any] = {}
        if element.tag == "img":
            self.shown.append("picture")
            more = {"mcid": len(self.shown) - 1, "edges": (10, 20, 30, 50)}
        return BOX._replace(kind=kind, element=number, children=children, **more)

    def _fill(self, element: Element) -> Iterator[MarkedBox]:
        yield from self._show(element.text)
        for kid in element:
            yield self.make(kid)
            yield from self._show(kid.tail)

    def _show(self, wording: str | None) -> Iterator[MarkedBox]:
        if wording:
            self.shown.append(wording)
            mcid = len(self.shown) - 1
            yield BOX._replace(kind=BoxKind.TEXT, mcid=mcid, wording=wording)


def tag(*pages: str) -> str:
    """Return the tree of *pages*: types with what they hold, contents as words."""
    tree = StructureTree(StructureNode("Document", None, language="en"))
    shown = []
    for number, markup in enumerate(pages):
        boxes = Boxes()
        box = boxes.make(fromstring(markup))  # noqa: S314 - our own
        page = MarkedPage(
            height=200,
            boxes=(box,),
            operators=(),
            elements=boxes.elements,
            annotations=(),
        )
        _PageReader(tree=tree, number=number, page=page).read()
        shown.append(boxes.shown)
    tree.finish()
    return " ".join(tell(kid, shown) for kid in tree.root.kids)


def tell(kid: Any, shown: list[list[str]]) -> str:
    if isinstance(kid, Content):
        return shown[kid.page][kid.mcid]
    return f"{kid.tag}({' '.join(tell(one, shown) for one in kid.kids)})"


# --- groups --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["blockquote", "section", "table", "thead", "tbody", "tfoot", "tr"]
)
def test_text_in_a_group_is_a_paragraph(name: str) -> None:
    """That of one stretch is one; what stands between divides it."""
    kind = TAGS[name]
    assert kind in GROUPS
    assert tag(f"<{name}>a</{name}>") == f"{kind}(P(a))"
    told = tag(f"<{name}>a<em>b</em>c<p>d</p>e</{name}>")
    assert told == f"{kind}(P(a b c) P(d) P(e))"


@pytest.mark.parametrize("name", ["p", "h1", "th", "td", "caption"])
def test_what_is_no_group_holds_its_text(name: str) -> None:
    assert TAGS[name] not in GROUPS
    assert tag(f"<{name}>a<em>b</em>c</{name}>") == f"{TAGS[name]}(a b c)"


def test_text_in_the_document_is_a_paragraph() -> None:
    assert tag("<html>a<p>b</p></html>") == "P(a) P(b)"


def test_what_holds_nothing_goes_but_for_cells() -> None:
    row = "<tr><td></td><th></th></tr>"
    assert tag(f"<section><p></p><table>{row}<tr></tr></table></section>") == (
        "Sect(Table(TR(TD() TH())))"
    )
    assert tag("<section><p> </p></section>") == ""


def test_what_has_no_type_is_what_holds_it_but_in_another_language() -> None:
    assert tag("<p><em>a</em> <span>b</span></p>") == "P(a b)"
    assert tag('<p>a<span lang="fr">b</span></p>') == "P(a Span(b))"
    assert tag('<section><div lang="fr"><p>a</p></div></section>') == (
        "Sect(Div(P(a)))"
    )
    assert {"Span", "Link"} <= INLINE


# --- sections, headings, lists -------------------------------------------------------


def test_a_text_is_an_article_and_another_section_is_none() -> None:
    assert tag('<section class="text"><p>a</p></section>') == "Art(P(a))"
    assert tag('<section class="text front"><p>a</p></section>') == "Sect(P(a))"
    assert tag("<section><p>a</p></section>") == "Sect(P(a))"


def test_a_heading_below_the_first_opens_a_section_that_ends_with_the_next() -> None:
    told = tag(
        "<section><h1>a</h1><p>b</p><h2>c</h2><p>d</p><h3>e</h3><p>f</p>"
        "<h2>g</h2><p>h</p><h4>i</h4></section>"
    )
    assert told == (
        "Sect(H1(a) P(b) Sect(H2(c) P(d) Sect(H3(e) P(f))) "
        "Sect(H2(g) P(h) Sect(H3(i))))"
    )


def test_a_heading_outside_a_section_is_itself() -> None:
    assert tag("<blockquote><h3>a</h3></blockquote>") == "BlockQuote(H3(a))"


def test_no_heading_is_deeper_than_the_sixth() -> None:
    inner = "<section><h2>a</h2></section>"
    for _ in range(6):
        inner = f"<section>{inner}</section>"
    assert "H6(a)" in tag(inner)


def test_a_list_has_items_with_bodies_and_labels() -> None:
    assert tag("<ul><li>a</li><li>b</li></ul>") == "L(LI(LBody(a)) LI(LBody(b)))"
    assert tag('<ul><li><span class="bullet">–</span><p>a</p></li></ul>') == (
        "L(LI(Lbl(–) LBody(P(a))))"
    )


def test_definitions_that_follow_each_other_are_a_list() -> None:
    one = '<div class="definition"><span class="term">{}</span><p>b</p></div>'
    two = one.format("a") + one.format("c")
    item = "LI(Lbl({}) LBody(P(b)))"
    both = f"{item.format('a')} {item.format('c')}"
    assert tag(f"<section>{two}</section>") == f"Sect(L({both}))"
    assert tag(f"<section>{two}<p>d</p>{one.format('e')}</section>") == (
        f"Sect(L({both}) P(d) L({item.format('e')}))"
    )


LINES = '<section class="contents"><ul>{}</ul></section>'


def contents(*levels: int | None) -> str:
    """Return the tree of a list of contents, whose lines say their levels."""
    lines = (
        f'<li class="level-{level}"><p>{level}</p></li>'
        if level
        else "<li><p>0</p></li>"
        for level in levels
    )
    told = tag(LINES.format("".join(lines)))
    return told.removeprefix("Sect(").removesuffix(")")


@pytest.mark.parametrize(
    ("levels", "told"),
    [
        ((1, 1), "TOC(TOCI(P(1)) TOCI(P(1)))"),
        ((None, 1), "TOC(TOCI(P(0)) TOCI(P(1)))"),
        ((1, 2), "TOC(TOCI(P(1) TOC(TOCI(P(2)))))"),
        ((1, 2, 2, 1), "TOC(TOCI(P(1) TOC(TOCI(P(2)) TOCI(P(2)))) TOCI(P(1)))"),
        ((1, 2, 3, 2),
         "TOC(TOCI(P(1) TOC(TOCI(P(2) TOC(TOCI(P(3)))) TOCI(P(2)))))"),
        ((1, 2, 1, 2), "TOC(TOCI(P(1) TOC(TOCI(P(2)))) TOCI(P(1) TOC(TOCI(P(2)))))"),
        ((1, 3), "TOC(TOCI(P(1) TOC(TOCI(P(3)))))"),
        ((2, 1), "TOC(TOCI(P(2)) TOCI(P(1)))"),
    ],
)  # fmt: skip
def test_a_line_of_the_contents_stands_in_the_list_of_its_level(
    levels: tuple[int | None, ...], told: str
) -> None:
    """Below the line above it, or as high as that allows."""
    assert contents(*levels) == told


def test_a_picture_without_a_description_is_no_part_of_the_text() -> None:
    assert tag('<section><img alt="A press."/></section>') == "Sect(Figure(picture))"
    assert tag('<section><p>a</p><img alt=""/></section>') == "Sect(P(a))"


# --- notes and pages -----------------------------------------------------------------

NOTE = (
    '<aside class="note" id="note-{0}"><span class="note-number">{0}</span>{1}</aside>'
)
CALL = '<a class="call" href="#note-{0}">{0}</a>'


def test_a_note_follows_the_paragraph_that_calls_it() -> None:
    notes = NOTE.format(1, "n") + NOTE.format(2, '<p class="note-paragraph">m</p>')
    text = f"<p>a{CALL.format(1)}</p><p>b{CALL.format(2)}</p><p>c</p>"
    told = tag(f"<section>{text}{notes}</section>")
    assert told == (
        "Sect(P(a Reference(Link(1))) Note(Lbl(1) P(n)) "
        "P(b Reference(Link(2))) Note(Lbl(2) P(m)) P(c))"
    )


def test_a_paragraph_on_two_pages_is_one() -> None:
    told = tag(
        "<section><p>a</p></section>",
        '<section class="continued"><p class="continued">b</p><p>c</p></section>',
    )
    assert told == "Sect(P(a b) P(c))"


def test_what_begins_on_the_second_page_is_another() -> None:
    told = tag("<section><p>a</p></section>", "<section><p>b</p></section>")
    assert told == "Sect(P(a)) Sect(P(b))"


def test_the_rest_of_a_note_belongs_to_the_one_it_says() -> None:
    """Or else to the last."""
    notes = NOTE.format(1, "n") + NOTE.format(2, "m")
    calls = f"<p>a{CALL.format(1)}{CALL.format(2)}</p>"
    rest = '<section><aside class="note continued"{}>r</aside></section>'
    called = "Reference(Link(1)) Reference(Link(2))"
    for says, told in (
        (' data-continues="note-1"', "Note(Lbl(1) P(n r)) Note(Lbl(2) P(m))"),
        ("", "Note(Lbl(1) P(n)) Note(Lbl(2) P(m r))"),
    ):
        page = f"<section>{calls}{notes}</section>"
        assert tag(page, rest.format(says)) == f"Sect(P(a {called}) {told})"


def test_a_section_a_note_and_a_call_have_their_ids() -> None:
    tree = StructureTree(StructureNode("Document", None, language="en"))
    call = '<a id="call-note-1" class="call" href="#note-1">1</a>'
    boxes = Boxes()
    markup = f'<section id="one"><p>a{call}</p>{NOTE.format(1, "n")}</section>'
    box = boxes.make(fromstring(markup))  # noqa: S314 - our own
    page = MarkedPage(
        height=200, boxes=(box,), operators=(), elements=boxes.elements, annotations=()
    )
    _PageReader(tree=tree, number=0, page=page).read()
    tree.finish()
    (section,) = tree.root.nodes
    paragraph, note = section.nodes
    (reference,) = paragraph.nodes
    assert (section.id, reference.id, note.id) == ("one", "call-note-1", "note-1")
    assert reference.element is boxes.elements[2]


def test_the_words_before_the_rest_of_a_note_are_no_text() -> None:
    assert tag('<p>a<span class="note-continued">(continued)</span></p>') == "P(a)"
