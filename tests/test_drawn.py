"""What a finished file shows: pages drawn by hand, tags and style sheets, no layout."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from lxml import etree
from pdfs import draw, picture
from pikepdf import Array, Dictionary, Name, String

from recension.config import TEMPLATES
from recension.contract import CALL_PREFIX
from recension.problems import OURS, Report, Span
from recension.verify import verify_reading
from recension.verify.drawn import read_pages
from recension.verify.fontfile import read_font
from recension.verify.glyphs import EditionFont
from recension.verify.tagged import read_units
from recension.verify.units import LOOSE
from recension.verify.unseen import Unseen

if TYPE_CHECKING:
    from pathlib import Path

    import pikepdf

    from recension.verify.fontfile import DrawnFont

UNICODE = b"""
2 beginbfchar <0020> <0020> <0021> <00660069> endbfchar
2 beginbfrange <0001> <001A> <0061> <0030> <0031> <00660030> endbfrange
"""
"""Glyphs 1 to 26 are the alphabet, 33 is a ligature, 48 and 49 are `f0` and `f1`."""


def add_font(pdf: pikepdf.Pdf, **more: Any) -> pikepdf.Pdf:
    """Give the pages of *pdf* the font `F`; each glyph is as wide as its size."""
    name = Name("/AAAAAA+Roman")
    inner = Dictionary(Subtype=Name.CIDFontType2, BaseFont=name, **more)
    font = Dictionary(
        Type=Name.Font,
        Subtype=Name.Type0,
        BaseFont=name,
        DescendantFonts=Array([inner]),
        ToUnicode=pdf.make_stream(UNICODE),
    )
    for page in pdf.pages:
        page.obj.Resources.Font = Dictionary(F=pdf.make_indirect(font))
    return pdf


def read_drawn(pdf: pikepdf.Pdf) -> DrawnFont:
    """Return the font `F` of *pdf*."""
    return read_font(pdf.pages[0].obj.Resources.Font.F)


# --- fonts ---------------------------------------------------------------------------


def test_a_glyph_is_as_wide_as_the_font_says_singly_or_by_a_range() -> None:
    widths = Array([2, Array([200, 300]), 5, 7, 500, 9, 9, 900])
    font = read_drawn(add_font(draw(b""), DW=700, W=widths))
    found = [font.widths[code] for code in range(1, 11)]
    assert found == [700, 200, 300, 700, 500, 500, 500, 700, 900, 700]


def test_a_font_that_tells_no_widths_has_the_usual_one() -> None:
    font = read_drawn(add_font(draw(b"")))
    assert font.widths[1] == 1000


def test_a_glyph_is_the_characters_that_the_font_says() -> None:
    font = read_drawn(add_font(draw(b"")))
    found = [font.characters[code] for code in (1, 26, 27, 32, 33, 48, 49, 50)]
    assert found == ["a", "z", "\ufffd", " ", "fi", "f0", "f1", "\ufffd"]


def test_a_font_has_its_name_and_its_file() -> None:
    pdf = draw(b"")
    for key in ("FontFile2", "FontFile3"):
        descriptor = Dictionary(**{key: pdf.make_stream(b"program")})
        read = read_drawn(add_font(pdf, FontDescriptor=descriptor))
        assert (read.name, read.program) == ("AAAAAA+Roman", b"program")
    plain = read_font(Dictionary(Subtype=Name.TrueType))
    assert (plain.name, plain.program) == ("a font", b"")


def test_a_composite_font_has_two_bytes_a_glyph_and_another_one() -> None:
    composite = read_drawn(add_font(draw(b"")))
    simple = read_font(Dictionary(Subtype=Name.TrueType))
    assert composite.split("00010203") == (1, 0x203)
    assert simple.split("00010203") == (0, 1, 2, 3)


def test_a_font_of_the_edition_allows_its_glyphs_and_no_others(
    tmp_path: Path,
) -> None:
    """What is strange, not embedded or has another folio is told of the file."""
    path = TEMPLATES / "fonts" / "EBGaramond-Regular.ttf"
    roman = EditionFont(path.read_bytes())
    glyphs = "".join(f"{roman.find(name):04X}" for name in "ab")
    told = "".join(
        f"<{glyphs[at : at + 4]}> <{ord(letter):04X}> "
        for at, letter in ((0, "a"), (4, "c"))
    )
    draws = f"BT /F 9 Tf <{glyphs}> Tj ET".encode()
    pdf = add_font(draw(draws, 2), FontDescriptor=Dictionary())
    font = pdf.pages[0].obj.Resources.Font.F
    font.ToUnicode = pdf.make_stream(f"2 beginbfchar {told} endbfchar".encode())
    pdf.save(tmp_path / "reading.pdf")

    report = Report()
    verify_reading(tmp_path / "reading.pdf", ("i", "ii"), [path], report)

    span = Span(path="reading.pdf")
    assert [(p.code, p.message, p.hint) for p in report.problems] == [
        ("V-001", "the font `/AAAAAA+Roman` is not embedded", "mend the style"),
        ("V-001", "readers show other folios than the pages have", OURS),
        ("V-002", "page 1: a glyph of another character stands for `c`",
         "take out the font's feature that exchanges it, or take another font"),
    ]  # fmt: skip
    assert {problem.span for problem in report.problems} == {span}


def test_a_reading_pdf_may_have_no_fault(tmp_path: Path) -> None:
    pdf = draw(b"", 2)
    stream = pdf.make_stream(b"")
    for key in ("FontFile2", "FontFile3"):
        add_font(pdf, FontDescriptor=Dictionary(**{key: stream}))
        pdf.save(tmp_path / "reading.pdf")
        report = Report()
        assert verify_reading(tmp_path / "reading.pdf", ("1", "2"), [], report) == {}
        assert report.problems == []


# --- what is seen --------------------------------------------------------------------

AB = "BT /F 10 Tf 1 0 0 1 50 50 Tm <00010002> Tj ET"
"""The letters `ab`: each 10 by 10 pt, from 50, 50."""


def show(operators: str) -> dict[int, str]:
    """Return what can be seen where a form, a picture and states can be called."""
    pdf = add_font(draw(operators.encode()))
    form = pdf.make_stream(
        AB.encode(), Subtype=Name.Form, BBox=[0, 0, 99, 99], Matrix=[1, 0, 0, 1, 0, 9]
    )
    plain = pdf.make_stream(AB.encode(), Subtype=Name.Form, BBox=[0, 0, 99, 99])
    resources = pdf.pages[0].obj.Resources
    resources.XObject = Dictionary(Form=form, Picture=picture(pdf), Plain=plain)
    shares = {"Seen": 0.12, "Faint": 0.11, "Veil": 0.89, "Solid": 0.9}
    resources.ExtGState = Dictionary(
        **{name: Dictionary(ca=share) for name, share in shares.items()}
    )
    (page,) = read_pages(pdf)
    return {mcid: wording for mcid, wording in page.seen.items() if wording}


@pytest.mark.parametrize(
    "operators",
    [
        AB,
        AB.replace("Tj", "TJ").replace("<00010002>", "[<0001>-900<0002>]"),
        AB.replace("10 Tf", "2 Tf"),
        "0.5 0 0 0.5 0 0 cm " + AB.replace("10 Tf", "4 Tf"),
        "BT /F 4 Tf 0.5 0 0 0.5 50 50 Tm <00010002> Tj ET",
        "BT /F 10 Tf 0 1 -1 0 50 50 Tm <00010002> Tj ET",
        "BT /F 10 Tf 50 50 Td <0001> Tj <0002> Tj ET",
        *(f"{mode} Tr {AB}" for mode in (0, 1, 2, 4)),
        f"0.88 g {AB}",
        f"/Pattern cs /P scn {AB}",
        f"/Seen gs {AB}",
        f"q 3 Tr Q {AB}",
        f"40 40 m 45 45 l n {AB}",
        f"50 50 20 10 re W n {AB}",
        f"{AB} 90 90 20 20 re f",
        f"{AB} 50 50 20 10 re S",
        f"{AB} 50 50 20 10 re n",
        f"{AB} /Veil gs 50 50 20 10 re f",
        f"{AB} 50 50 m 90 50 l 90 90 50 90 50 50 c f",
        f"1 g 40 40 40 40 re f 0 g {AB}",
        f"0 g 40 40 40 40 re f 1 g {AB}",
        f"q 40 0 0 40 40 40 cm /Picture Do Q {AB}",
        "/Form Do",
        "/Plain Do",
        f"{AB} q 90 0 0 90 90 90 cm /Picture Do Q",
    ],
)
def test_letters_on_the_page_are_seen(operators: str) -> None:
    assert show(operators) == {-1: "ab"}


@pytest.mark.parametrize(
    "operators",
    [
        AB.replace("10 Tf", "1.9 Tf"),
        "0.5 0 0 0.5 0 0 cm " + AB.replace("10 Tf", "3.8 Tf"),
        "BT /F 3.8 Tf 0.5 0 0 0.5 50 50 Tm <00010002> Tj ET",
        *(f"{mode} Tr {AB}" for mode in (3, 7)),
        f"1 g {AB}",
        f"0.9 g {AB}",
        f"1 1 1 rg {AB}",
        f"0 0 0 0 k {AB}",
        f"/Faint gs {AB}",
        AB.replace("50 50 Tm", "-50 50 Tm"),
        AB.replace("50 50 Tm", "50 -9 Tm"),
        AB.replace("50 50 Tm", "50 5000 Tm"),
        f"60 70 20 10 re W n {AB}",
        f"60 70 20 10 re W* n {AB}",
        f"{AB} 50 50 20 10 re f",
        f"{AB} 1 g 50 50 20 10 re f*",
        f"{AB} 50 50 m 70 50 l 70 60 l 50 60 l b",
        f"{AB} /Solid gs 50 50 20 10 re f",
        f"0 g 40 40 40 40 re f {AB}",
        f"{AB} q 40 0 0 40 40 40 cm /Picture Do Q",
        "q 1 0 0 1 0 -70 cm /Form Do Q",
        "0 0 10 10 re W n /Plain Do",
        f"0 0 10 10 re W n {AB}",
        "0 0 10 10 re W n /Form Do",
        "BT 1 0 0 1 50 50 Tm <00010002> Tj ET",
    ],
)
def test_what_nobody_can_see_is_not_seen(operators: str) -> None:
    assert show(operators) == {}


@pytest.mark.parametrize(
    ("light", "dark"),
    [("0.89 g", "0.87 g"), ("1 1 0 rg", "0.9 0.9 0 rg"), ("0.7 1 1 rg", "0.5 1 1 rg"),
     ("1 0.9 1 rg", "1 0.7 1 rg"), ("0 0 0 0.11 k", "0 0 0 0.13 k"),
     ("0.3 0 0 0 k", "0.5 0 0 0 k"), ("0 0.2 0 0 k", "0 0.3 0 0 k"),
     ("0 0 1 0 k", "0 0.1 1 0 k"), ("0 0 1 0 scn", "0 0.1 1 0 scn"),
     ("0.89 sc", "0.87 sc")],
)  # fmt: skip
def test_a_colour_is_seen_on_paper_that_is_dark_enough(light: str, dark: str) -> None:
    assert show(f"{light} {AB}") == {}
    assert show(f"{dark} {AB}") == {-1: "ab"}


@pytest.mark.parametrize(
    "matrices",
    [["2 0 0 3 4 5"], ["0 2 -3 0 200 10"], ["1 0.2 0.3 1.1 5 6"],
     ["1 0.2 0.3 1.1 5 6", "0.8 -0.1 0.4 0.9 10 3"]],
)  # fmt: skip
def test_a_letter_stands_where_the_matrices_put_it(matrices: list[str]) -> None:
    """Those of the page, the last first, behind that of the text."""
    moved = "".join(f"{matrix} cm " for matrix in matrices)
    letter = "BT /F 10 Tf 1 0.1 0.2 1 30 20 Tm <0001> Tj ET"
    x, y = 5.0, 2.5
    for matrix in ("1 0.1 0.2 1 30 20", *reversed(matrices)):
        a, b, c, d, e, f = map(float, matrix.split())
        x, y = a * x + c * y + e, b * x + d * y + f
    hides = f"{x - 0.2} {y - 0.2} 0.4 0.4 re f"
    assert show(f"q {moved} {letter} Q {hides}") == {}
    assert show(f"q {moved} {letter} Q 1 0 0 1 0.5 0 cm {hides}") == {-1: "a"}
    assert show(f"q {moved} {letter} Q 1 0 0 1 0 0.5 cm {hides}") == {-1: "a"}


@pytest.mark.parametrize(
    ("box", "left"),
    [("50 50 10 10", "b"), ("60 50 10 10", "a"), ("54 50 2 10", "b"),
     ("50 50 4 10", "ab"), ("50 50 15 2", "ab"), ("50 50 15 3", "")],
)  # fmt: skip
def test_a_letter_is_hidden_whose_middle_is(box: str, left: str) -> None:
    """The middle of its width, at a quarter of its size."""
    assert show(f"{AB} {box} re f").get(-1, "") == left


def test_a_letter_stands_where_those_before_it_end() -> None:
    """Moved on by a number below 0, back by one above."""
    moved = AB.replace("<00010002> Tj", "[<0001>-1000<0002>1000<0003>]TJ <0004> Tj")
    seen = [show(f"{moved} {left} 50 10 10 re f")[-1] for left in (50, 60, 70, 80, 90)]
    assert seen == ["bcd", "abcd", "ad", "abc", "abcd"]


def test_what_is_marked_is_told_apart_and_by_its_wording() -> None:
    word = "BT /F 10 Tf 1 0 0 1 50 {} Tm <{}> Tj ET"
    operators = (
        f"/P <</MCID 4>> BDC {word.format(50, '0001')} "
        f"/Span <</ActualText <FEFF0078>>> BDC {word.format(70, '0002')} EMC EMC "
        f"/P <</MCID 5 /ActualText <FEFF0079>>> BDC {word.format(90, '0003')} EMC "
        f"/Artifact BMC {word.format(110, '0004')} EMC"
    )
    (page,) = read_pages(add_font(draw(operators.encode())))
    assert page.seen == {4: "ab", 5: "c", -1: "d"}
    assert page.told == {-1: "x", 5: "y"}


def test_glyphs_that_are_used_are_told_seen_or_not() -> None:
    (page,) = read_pages(add_font(draw(f"3 Tr {AB}".encode())))
    ((font, codes),) = page.glyphs.items()
    assert (font.name, codes) == ("AAAAAA+Roman", {1, 2})


# --- what the tags tell --------------------------------------------------------------

LETTERS = "".join(
    f"/P <</MCID {n}{{told}}>> BDC BT /F 9 Tf 1 0 0 1 50 {50 + 20 * n} Tm "
    f"<{code:04X}> Tj ET EMC "
    for n, code in enumerate((1, 2, 3, 4, 5, 32))
)
"""The marked contents 0 to 4, which show `a` to `e`; 5 is a space."""


def read_tags(*tree: Any) -> dict[str, str]:
    """Return the units of a PDF of two pages, which show `LETTERS`; page 1 tells `A`.

    *tree* are elements: (kind, kids); behind the kind the id may stand after a colon,
    and the page, 0 or 1, after `@`; so it may after the number of a content.
    """
    pdf = add_font(draw(b"", 2))
    for page, told in zip(pdf.pages, ("", " /ActualText <FEFF0041>"), strict=True):
        page.Contents = pdf.make_stream(LETTERS.format(told=told).encode())
    root = pdf.make_indirect(Dictionary())
    root.K = Array([make_node(pdf, one, root) for one in tree])
    pdf.Root.StructTreeRoot = root
    return read_units(pdf)[0]


def make_node(pdf: pikepdf.Pdf, told: Any, parent: Any) -> Any:
    if isinstance(told, int):
        return told
    name, kids = (told, None) if isinstance(told, str) else told
    name, _, page = name.partition("@")
    kind, _, id_ = name.partition(":")
    node = pdf.make_indirect(Dictionary(P=parent))
    if page:
        node.Pg = pdf.pages[int(page)].obj
    if id_:
        node.ID = String(id_)
    if kids is None:
        node.MCID = int(kind)
        return node
    node.S = Name(f"/{kind}")
    made = [make_node(pdf, kid, node) for kid in kids]
    node.K = made[0] if len(made) == 1 else Array(made)
    return node


@pytest.mark.parametrize(
    ("kids", "wording"),
    [
        ([("P", [0]), ("P", [1])], "\n\na\n\nb\n\n"),
        ([("P", [0, ("Span", [1]), ("Link", [2]), ("Reference", [3])])],
         "\n\nabcd\n\n"),
        ([("P", [0, ("Note:call", [1]), 2])], "\n\nac\n\n"),
        ([("P", [0, "1@0", "2@1"])], "\n\nabc\n\n"),
        ([("P@1", [0, "1@0"])], "\n\nAb\n\n"),
        ([("L", [("LI", [("Lbl", [0]), ("LBody", [1])])])],
         f"\n\n\n\n{LOOSE}a\n\nb\n\n\n\n"),
        ([("L", [("LI", [("Lbl", [("Span", [0])])])])], f"\n\n\n\n{LOOSE}a\n\n\n\n"),
    ],
)  # fmt: skip
def test_a_unit_has_the_text_of_its_elements(kids: Any, wording: str) -> None:
    assert read_tags(("Sect:text@0", kids))["text"] == wording


@pytest.mark.parametrize("kind", ["Sect", "Art", "Note"])
def test_a_unit_is_no_part_of_what_holds_it(kind: str) -> None:
    units = read_tags(("Sect:one@0", [("P", [0]), (f"{kind}:two", [1]), ("P", [2])]))
    assert {name: text.split() for name, text in units.items()} == {
        "one": ["a", "c"],
        "two": ["b"],
    }


def test_an_element_of_another_kind_begins_no_unit() -> None:
    units = read_tags(("Sect:one@0", [("P:two", [0])]), ("Sect", [1]))
    assert {name: text.split() for name, text in units.items()} == {"one": ["a"]}


def test_the_number_of_a_note_is_no_text_and_another_label_is() -> None:
    units = read_tags(
        ("Note:one@0", [("Lbl", [0]), ("P", [1])]),
        ("Sect:two@0", [("Lbl", [2]), ("P", [3])]),
    )
    assert units["one"].split() == ["b"]
    assert units["two"].split() == [f"{LOOSE}c", "d"]


def test_a_label_may_stand_in_nothing() -> None:
    assert read_tags(("Lbl@0", [0]), ("Sect:one@0", [1]))["one"].split() == ["b"]


def test_the_call_of_a_note_is_no_text() -> None:
    call = f"Reference:{CALL_PREFIX}1"
    units = read_tags(("Sect:one@0", [("P", [0, (call, [("Link", [1])]), 2])]))
    assert units == {"one": "\n\nac\n\n"}


def test_the_space_that_the_call_of_a_note_ends_with_is_text() -> None:
    """As it stands at the end of a line."""
    call = f"Reference:{CALL_PREFIX}1"
    units = read_tags(("Sect:one@0", [("P", [0, (call, [("Link", [1, 5])]), 2])]))
    assert units == {"one": "\n\na c\n\n"}
    units = read_tags(("Sect:one@0", [("P", [0, (call, [("Link", [5, 1])]), 2])]))
    assert units == {"one": "\n\nac\n\n"}


def test_what_is_told_of_a_page_is_told_by_its_own_letters() -> None:
    """A wording counts where it is that of the glyphs but for capitals."""
    units = read_tags(("Sect:one@1", [("P", [0, 1])]))
    assert units == {"one": "\n\nAb\n\n"}


def test_contents_of_no_page_are_nothing() -> None:
    assert read_tags(("Sect:one", [("P", [0])]))["one"].split() == []


def test_a_pdf_without_tags_has_no_units() -> None:
    assert read_units(add_font(draw(LETTERS.format(told="").encode())))[0] == {}


# --- what a style sheet hides --------------------------------------------------------

PAGE = """<html xmlns="http://www.w3.org/1999/xhtml"><body>
<p id="one" class="some">words</p><p id="two" style="{style}">words</p>
<p id="three" hidden="">words</p></body></html>"""


def hidden_by(*sheets: str, style: str = "") -> set[str]:
    """Return the ids of what *sheets*, and *style* of itself, hide; not what is so."""
    root = etree.fromstring(PAGE.format(style=style))
    found = {one.get("id", one.tag) for one in Unseen(sheets).find(root)}
    assert "three" in found
    return found - {"three"}


HIDES = [
    "display: none", "DISPLAY: NONE", "font-size: 2.4PX", "visibility: hidden",
    "visibility: collapse",
    "opacity: 0", "opacity: 0.11", "opacity: 11%", "color: transparent",
    "color: rgba(0, 0, 0, 0.11)", "font-size: 0", "font-size: 2.4px",
    "font-size: 1.8pt", "font-size: 0.15em", "font-size: 0.15rem", "font-size: 15%",
    "font-size: 0.65mm", "font-size: 0.065cm", "font-size: 0.026in", "font-size: 0.3ex",
    "font-size: 0.3ch", "font-size: 0.4vw", "font-size: 0.3vh",
    "clip: rect(0, 0, 0, 0)", "clip-path: inset(50%)", "transform: scale(0)",
    "transform: scale(0, 1)", "transform: scaleX(0)", "transform: scaleY( 0.0 )",
    "transform: scale3d(0, 1, 1)", "transform: translate(-999px)",
    "transform: translateX(-100%)", "left: -401px", "right: -26em", "top: -301pt",
    "bottom: -9999px", "text-indent: -999em", "margin-left: -401px",
    "margin-top: -110mm", "height: 0", "max-height: 0", "height: 0px",
]  # fmt: skip
SHOWS = [
    "display: block", "visibility: visible", "opacity: 1", "opacity: 0.12",
    "opacity: 12%", "color: black", "color: currentcolor", "color: nonsense",
    "color: rgba(0, 0, 0, 0.13)", "font-size: 2.5px", "font-size: 1.9pt",
    "font-size: 0.16em", "font-size: 0.16rem", "font-size: 16%", "font-size: small",
    "font-size: 0.66mm", "font-size: 0.067cm", "font-size: 0.0262in",
    "font-size: 0.32ex",
    "font-size: 0.32ch", "font-size: 0.42vw", "font-size: 0.32vh", "clip: auto",
    "clip-path: none", "transform: scale(0.5)", "transform: rotate(0)",
    "transform: translate(-99px)", "left: -400px", "right: -25em", "top: -300pt",
    "bottom: 0", "text-indent: -1em", "margin-left: -400px", "margin-top: auto",
    "height: 1px", "max-height: none", "width: 0", "margin-right: -999em",
    "left: -4in", "left: 999em",
]  # fmt: skip


@pytest.mark.parametrize("declared", HIDES)
def test_what_hides_words_is_known(declared: str) -> None:
    assert hidden_by(f".some {{ {declared} }}") == {"one"}
    assert hidden_by(style=declared) == {"two"}


@pytest.mark.parametrize("declared", SHOWS)
def test_what_only_looks_like_it_hides_nothing(declared: str) -> None:
    assert hidden_by(f".some {{ {declared} }}", style=declared) == set()


@pytest.mark.parametrize(
    ("sheet", "hidden"),
    [
        ("@media screen { #one { opacity: 0 } }", True),
        ("@media (min-width: 1px) { #one { opacity: 0 } }", True),
        ("@media print { #one { opacity: 0 } }", False),
        ("@media  print  { #one { opacity: 0 } }", False),
        ("@supports (opacity: 0) { #one { opacity: 0 } }", True),
        ("@SUPPORTS (opacity: 0) { #one { opacity: 0 } }", True),
        ("@page { opacity: 0 }", False),
        ("@import 'other.css'; #one { opacity: 0 }", True),
        ("/* no */ #one { /* no */ opacity: 0; margin: 0 }", True),
        ("#one::before { opacity: 0 }", False),
        ("#one:nonsense { opacity: 0 } #one { margin: 0 }", False),
        ("#two, #one { opacity: 0 }", True),
        ("#one { opacity: 0 } #one { opacity: 1 }", False),
        ("#one { opacity: 1 } #one { opacity: 0 }", True),
        ("#one { opacity: 0 } .some { opacity: 1 }", True),
        ("#one { opacity: 1 } .some { opacity: 0 }", False),
        ("#one { opacity: 1 } p { opacity: 0 !important }", True),
        ("#one { opacity: 1 !important } #one { opacity: 0 }", False),
        ("#one { opacity: 1 } #one { display: none }", True),
    ],
)
def test_the_rules_of_the_cascade_decide(sheet: str, *, hidden: bool) -> None:
    assert ("one" in hidden_by(sheet)) == hidden


def test_a_later_sheet_and_an_own_style_go_before() -> None:
    hide, show_again = ".some { opacity: 0 }", ".some { opacity: 1 }"
    assert hidden_by(hide, show_again) == set()
    assert hidden_by(show_again, hide) == {"one"}
    assert hidden_by("#two { opacity: 0 }", style="opacity: 1") == set()
    assert hidden_by("#two { opacity: 0 !important }", style="opacity: 1") == {"two"}


def test_what_is_hidden_by_an_attribute_may_be_shown_by_a_style() -> None:
    root = etree.fromstring(PAGE.format(style=""))
    sheet = "#three { display: block } #one { display: none }"
    assert {one.get("id") for one in Unseen([sheet]).find(root)} == {"one"}
    assert {one.get("id") for one in Unseen([""]).find(root)} == {"three"}
