"""Pages as records: plain data that are drawn and counted as laid-out pages are.

What is put together from records is held against what WeasyPrint makes of the same
pages itself, laid out and written in one.
"""

from __future__ import annotations

import pickle
import re
import subprocess
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pikepdf
import pytest
from conftest import MINIMAL
from PIL import Image
from recorded import elements_of, running_lines, write_pages

from recension import check, html
from recension.config import TEMPLATES
from recension.each import anew
from recension.layout import Engine
from recension.layout.drafts import read_back
from recension.layout.plans import plan_part
from recension.layout.runs import (
    BoundPage,
    Compositor,
    Run,
    bind,
    correct_strings,
    make_runs,
)
from recension.layout.setting.typeset import build_pages
from recension.layout.weasy.continuing import binds_pages
from recension.layout.weasy.documents import WeasyPrint
from recension.layout.weasy.drawing import _draw
from recension.layout.weasy.embedding import load_font
from recension.layout.weasy.writing import write_plain
from recension.problems import Report
from recension.production.workbench import open_workbench
from recension.progress import Progress
from recension.workroom import Here, Workroom

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from conftest import Built

    from recension.layout.plans import Plan
    from recension.layout.runs import RecordedRun
    from recension.layout.weasy.records import MarkedBox
    from recension.model import Sources

STYLE = """@font-face { font-family: R; src: url(fonts/EBGaramond-Regular.ttf); }
@font-face { font-family: R; font-style: italic;
  src: url(fonts/EBGaramond-Italic.ttf); }
@font-face { font-family: R; font-weight: bold;
  src: url(fonts/EBGaramond-SemiBold.ttf); }
@font-face { font-family: "Old Bold 12"; font-stretch: condensed;
  src: url(fonts/EBGaramond-Italic.ttf); }
@page { size: 200px 200px; margin: 10px; font: 9pt R; @top-left { content: "head" } }
html { font: 10pt/12pt R } body, p { margin: 0 }
.page { break-after: page; height: 150px } .page > div { width: 60px; height: 60px }"""


# --- what pages name -----------------------------------------------------------------


def svg(inside: str, **attributes: str) -> str:
    named = "".join(f' {name}="{value}"' for name, value in attributes.items())
    space = "http://www.w3.org/2000/svg"
    return f'<svg xmlns="{space}" width="60" height="60"{named}>{inside}</svg>'


def box(style: str, inside: str = "x") -> str:
    return f'<div style="{style}">{inside}</div>'


def shade(colour: str) -> str:
    return (
        f'<linearGradient id="g"><stop offset="0" stop-color="{colour}"/>'
        '<stop offset="1" stop-color="blue" stop-opacity=".3"/></linearGradient>'
        '<rect width="60" height="60" fill="url(#g)"/>'
    )


def mask(radius: int) -> str:
    return (
        f'<mask id="m"><circle cx="30" cy="30" r="{radius}" fill="white"/></mask>'
        '<rect width="60" height="60" fill="red" mask="url(#m)"/>'
    )


def tile(width: int) -> str:
    return (
        f'<pattern id="p" width="{width}" height="10" patternUnits="userSpaceOnUse">'
        '<rect width="5" height="5" fill="green"/></pattern>'
        '<rect width="60" height="60" fill="url(#p)"/>'
    )


RESOURCES: dict[str, tuple[str, str]] = {
    "groups": (box("opacity: .5", "one"), box("opacity: .5", "two")),
    "alphas": (box("opacity: .5"), box("opacity: .2")),
    "gradients": (
        box("background: linear-gradient(red, blue)"),
        box("background: linear-gradient(green, blue)"),
    ),
    "transparent gradients": (
        box("background: linear-gradient(rgba(255, 0, 0, .2), blue)"),
        box("background: linear-gradient(rgba(255, 0, 0, .9), blue)"),
    ),
    "pictures": (
        '<img src="a.png"/> <img src="b.png"/> <img src="c.jpg"/>',
        '<img src="b.png"/> <img src="a.png" style="width: 30px"/>',
    ),
    "a picture drawn otherwise": (
        '<img src="a.png" style="width: 30px"/>',
        '<img src="a.png" style="width: 40px; image-rendering: pixelated"/>',
    ),
    "pictures in groups": (
        box("opacity: .5", '<img src="a.png"/>'),
        box("opacity: .5", '<img src="b.png"/> <img src="a.png"/>'),
    ),
    "tiles": (box("background: url(a.png)"), box("background: url(b.png)")),
    "a drawing": (
        '<img src="d.svg"/>',
        box("opacity: .5", '<img src="d.svg"/>'),
    ),
    "tiles of a drawing": (
        box("background: url(d.svg) 0 0 / 10px 10px"),
        box("background: url(d.svg) 0 0 / 20px 20px"),
    ),
    "shades of drawings": (svg(shade("red")), svg(shade("green"))),
    "patterns of drawings": (svg(tile(10)), svg(tile(20))),
    "masks": (svg(mask(10)), svg(mask(20))),
    "masks in groups": (
        box("opacity: .5", svg(mask(10))),
        box("opacity: .5", svg(mask(20))),
    ),
    "masks in groups of drawings": (
        svg(f'<g opacity=".5">{mask(10)}</g>', opacity=".9"),
        svg(f'<g opacity=".5">{mask(20)}</g>', opacity=".9"),
    ),
    "words in drawings": (
        svg('<text x="5" y="20" opacity=".5">one</text>'),
        svg('<text x="5" y="20" opacity=".5">two</text>'),
    ),
    "colours": (
        box("background: lab(50% 40 20)"),
        box("color: oklch(60% .2 200); opacity: .5; background: lab(50% 40 20)"),
    ),
    "nothing": ("one", "two"),
}
"""Two pages each, whose resources WeasyPrint counts from 0 on the first of them."""


@pytest.fixture(scope="module")
def weasy(tmp_path_factory: pytest.TempPathFactory) -> WeasyPrint:
    folder = tmp_path_factory.mktemp("pictures")
    red = Image.new("RGB", (8, 8), "red")
    red.putpixel((2, 3), (0, 0, 255))
    red.save(folder / "a.png")
    Image.new("RGBA", (8, 8), (0, 200, 0, 128)).save(folder / "b.png")
    Image.new("RGB", (8, 8), "blue").save(folder / "c.jpg")
    (folder / "d.svg").write_text(svg(shade("red")), "utf-8")
    return WeasyPrint(STYLE, [folder, TEMPLATES])


def put_together(*pages: str) -> str:
    inside = "".join(f'<div class="page">{page}</div>' for page in pages)
    return f'<!DOCTYPE html><html lang="en"><body>{inside}</body></html>'


def record(weasy: WeasyPrint, *pages: str) -> tuple[BoundPage, ...]:
    """Return *pages*, each laid out by itself."""
    compositor = Compositor(weasy, None)
    made = [
        compositor.set(Run(xhtml=put_together(page), first_folio=n + 1, before=n))
        for n, page in enumerate(pages)
    ]
    return bind(made)


def draw(pdf: bytes, folder: Path) -> list[bytes]:
    """Return the pages of *pdf* as poppler draws them."""
    (folder / "drawn.pdf").write_bytes(pdf)
    command = ["pdftoppm", "-r", "96", "-png", "drawn.pdf", "page"]
    told = subprocess.run(command, cwd=folder, check=True, capture_output=True)
    assert told.stderr == b""
    pages = sorted(folder.glob("page-*.png"))
    drawn = [page.read_bytes() for page in pages]
    for page in pages:
        page.unlink()
    return drawn


@pytest.mark.slow
@pytest.mark.parametrize("kind", RESOURCES)
def test_recorded_pages_show_what_laid_out_pages_show(
    kind: str, weasy: WeasyPrint, tmp_path: Path
) -> None:
    """Of two pages, both with resources that are alike and others that are not."""
    first, second = RESOURCES[kind]
    pages = (first, second, first + second, first)
    whole = weasy.lay_out(weasy.read(put_together(*pages)), 1)
    shown = draw(write_plain(whole), tmp_path)
    assert shown[0] != shown[1]
    assert draw(write_pages(weasy, record(weasy, *pages)), tmp_path) == shown
    assert weasy.take_log() == ()


@pytest.mark.slow
@pytest.mark.parametrize("kind", RESOURCES)
def test_equal_resources_have_one_name_and_others_have_others(
    kind: str, weasy: WeasyPrint
) -> None:
    """On whichever page they are; what they name themselves counts."""
    first, second = RESOURCES[kind]
    pages = [p.record for p in record(weasy, first, second, first + second, first)]
    meanings: dict[tuple[str, str], Any] = {}
    for page in pages:
        for of, named in page.resources.items():
            for name, value in named.items():
                meaning = resolve(value, page.resources)
                assert meanings.setdefault((of, name), meaning) == meaning, name
    assert pages[0] == pages[3]
    for of, named in pages[0].resources.items():
        assert named.items() <= pages[2].resources[of].items()
    assert pages[0].pictures.items() <= pages[2].pictures.items()


def resolve(value: Any, resources: dict[str, dict[str, Any]]) -> Any:
    """Return *value* with the forms that it names in the place of their names."""
    match value:
        case ["named", name]:
            return resources["XObject"][name]
        case dict():
            return {key: resolve(kept, resources) for key, kept in value.items()}
    return value


@pytest.mark.slow
def test_a_picture_on_many_pages_is_in_the_file_once(weasy: WeasyPrint) -> None:
    picture = '<img src="a.png"/>'
    pages = (picture, box("opacity: .5", picture), box("background: url(a.png)"))
    pdf = write_pages(weasy, record(weasy, *pages))
    assert pdf.count(b"/Subtype /Image") == 1


@pytest.mark.slow
def test_a_file_that_a_page_attaches_is_attached(
    weasy: WeasyPrint, tmp_path: Path
) -> None:
    """A file of the edition, under the name that the page says, and none from afar."""
    link = '<a rel="attachment" href="{}" download="one.png">x</a>'
    pages = record(weasy, link.format("a.png"), link.format("file:///etc/passwd"))
    (tmp_path / "x.pdf").write_bytes(write_pages(weasy, pages))
    with pikepdf.open(tmp_path / "x.pdf") as pdf:
        (annotation,) = pdf.pages[0].Annots
        assert annotation.Subtype == "/FileAttachment"
        assert annotation.FS.F == "one.png"
        assert annotation.FS.EF.F.read_bytes().startswith(b"\x89PNG")
        assert "/Annots" not in pdf.pages[1]


@pytest.mark.slow
def test_forms_have_the_colours_and_the_fonts_of_the_file(
    weasy: WeasyPrint, tmp_path: Path
) -> None:
    pages = record(weasy, *RESOURCES["colours"], *RESOURCES["groups"])
    (tmp_path / "x.pdf").write_bytes(write_pages(weasy, pages))
    with pikepdf.open(tmp_path / "x.pdf") as pdf:
        of_pages = pdf.pages[0].Resources
        forms = [form for page in pdf.pages for form in page.Resources.XObject.values()]
        assert forms
        for form in forms:
            assert form.Resources.ColorSpace.objgen == of_pages.ColorSpace.objgen
            assert form.Resources.Font.objgen == of_pages.Font.objgen


@pytest.mark.slow
def test_records_are_plain_data(weasy: WeasyPrint) -> None:
    """They can be sent and kept, and are the same when they come back."""
    pages = record(weasy, *(page for pair in RESOURCES.values() for page in pair))
    for page in pages:
        assert is_plain(page.record.resources)
        assert is_plain(page.record.pictures)
        assert is_plain(page.record.operators)
    assert pickle.loads(pickle.dumps(pages)) == pages  # noqa: S301 - our own


def is_plain(value: Any) -> bool:
    if type(value) is dict:
        return all(type(key) is str and is_plain(kept) for key, kept in value.items())
    if type(value) in (list, tuple):
        return all(map(is_plain, value))
    return value is None or type(value) in (bool, bytes, float, int, str)


@pytest.mark.slow
def test_a_number_of_a_glyph_means_one_character_on_every_page(
    weasy: WeasyPrint,
) -> None:
    """WeasyPrint counts characters that no font has: each page would begin anew."""
    pages = record(weasy, "a\u4e00b", "c\u0950d\u4e00", "\u0950")
    known: dict[tuple[str, int], str] = {}
    for use in (use for page in pages for use in page.record.fonts):
        assert use.missing.items() <= {(ord(c), n) for n, c in use.characters.items()}
        for number, character in use.characters.items():
            assert known.setdefault((use.description, number), character) == character
    assert {"a", "b", "c", "d", "\u4e00", "\u0950"} <= set(known.values())


# --- pages apart ---------------------------------------------------------------------


def set_in_turn(engine: Engine, runs: Sequence[Run]) -> list[RecordedRun]:
    """Return *runs* set until the strings on them are right."""
    return engine._correct(runs, engine._start(runs)())


def set_both_ways(engine: Engine, plan: Plan) -> list[list[RecordedRun]]:
    """Return the pages of *plan* laid out as one run, and each by itself."""
    built = list(build_pages(plan.division, plan.draft.continued))
    return [
        set_in_turn(engine, make_runs(plan, built, apart=apart))
        for apart in (False, True)
    ]


@pytest.mark.slow
def test_pages_laid_out_apart_are_drawn_as_those_of_one_run(
    built_critical: Built,
) -> None:
    """All that is recorded is the same: boxes are of elements that are equal."""
    opened = cast("Sources", SimpleNamespace(folder=built_critical.edition))
    engine = open_workbench(
        opened, built_critical.book, Report(), Progress(), Workroom(Here), anew
    ).engine
    for plan in built_critical.plans:
        whole, apart = set_both_ways(engine, plan)
        assert len(whole) == 1
        assert len(apart) == len(plan.division.pages) == len(whole[0].pages)
        assert all(run.fits for run in (*whole, *apart))
        for one, other in zip(bind(whole), bind(apart), strict=True):
            told, same = one.record, other.record
            assert told.operators == same.operators
            assert tell_boxes(one) == tell_boxes(other)
            assert told == replace(same, boxes=told.boxes)
            assert len(told.operators) > 100


def tell_boxes(page: BoundPage) -> list[Any]:
    """Return the boxes of *page* with their elements in the place of numbers."""
    elements = elements_of(page.xhtml)

    def tell(box: MarkedBox) -> list[Any]:
        element = None if box.element is None else elements[box.element]
        named = None if element is None else (element.tag, element.attrib)
        rest = box._replace(element=None, children=())
        return [named, rest, *map(tell, box.children)]

    return list(map(tell, page.record.boxes))


WORDS = "Le vieux Lambert levait seize cents sans jamais regarder ses doigts. " * 9


@pytest.fixture(scope="module")
def style() -> str:
    templates = html.open_templates([TEMPLATES], "fr")
    return html.render_style(check(MINIMAL, Report())[1], templates)


def open_engine(style: str, more: str) -> Engine:
    """Return the engine of the minimal edition, with *more* in its style."""
    settings = check(MINIMAL, Report())[1].settings.print
    return Engine(f"{style} {more}", [TEMPLATES], settings, Report())


def plan_text(engine: Engine, *blocks: str) -> Plan:
    inside = "".join(blocks)
    xhtml = (
        '<!DOCTYPE html><html lang="fr"><body class="text">'
        f'<section class="text" data-of="part">{inside}</section></body></html>'
    )
    return plan_part(
        read_back(engine.reader, "text", xhtml, "(suite)"), engine._frame, 1, {}
    )


def paragraphs(*counts: int) -> Iterator[str]:
    """Yield chapters of so many paragraphs, the first without a heading."""
    for chapter, count in enumerate(counts):
        if chapter:
            yield f'<h2 data-mark="m{chapter}">Chapter <i>no. {chapter}</i></h2>'
        for number in range(count):
            yield f"<p>{chapter}.{number} {WORDS}</p>"


BESIDE = {
    "first": ".page:first-child { color: #123 }",
    "last": ".page:last-child { color: #123 }",
    "behind another": ".page + .page { color: #123 }",
    "before others": ".page:not(:last-child) { color: #123 }",
    "first sheet": "@page :first { @bottom-left { content: 'I'; color: #123 } }",
    "versos": "@page :left { @bottom-left { content: 'V'; color: #123 } }",
    "rectos": "@page :right { @bottom-left { content: 'R'; color: #123 } }",
}
"""Styles that ask which page of its part it is."""


@pytest.mark.slow
@pytest.mark.parametrize("kind", BESIDE)
def test_a_page_laid_out_by_itself_knows_its_place(kind: str, style: str) -> None:
    engine = open_engine(style, BESIDE[kind])
    plan = plan_text(engine, *paragraphs(7, 6))
    assert not engine._weasy.binds_pages(plan.draft.source)
    whole, apart = set_both_ways(engine, plan)
    drawn = [page.record.operators for page in bind(whole)]
    assert drawn == [page.record.operators for page in bind(apart)]
    coloured = [b"0.066667 0.133333 0.2 rg" in page for page in drawn]
    assert len(drawn) >= 4
    assert {True, False} == set(coloured)


HEADS = """section[data-of] { string-set: of attr(data-of) }
h2 { string-set: head content(), mark attr(data-mark) ", " content() "." }
h3 { string-set: head "", mark content(before) content() }
h2::before, h3::before { content: "§" }
i { string-set: slant content() }
@page :left { @top-left { content: WHAT } @top-right { content: none } }
@page :right { @top-left { content: WHAT } @top-right { content: none } }"""
PLACES = ("first", "last", "start", "first-except")
SHOWN = {
    **{place: f"string(head, {place}) string(mark, {place})" for place in PLACES},
    "of the part": '"of " string(of) ", " string(never)',
    "of what has run on": "string(slant, first-except)",
}
SLANTED = f"<p><i>{WORDS * 4}</i></p>"


def plan_chapters(engine: Engine) -> Plan:
    """Return pages with no heading, one that begins them, one amid them, and many."""
    counts = (4, 1, 1, 7, 2)
    ending = ("<h3>Last</h3>", *paragraphs(1), SLANTED, *paragraphs(9))
    return plan_text(engine, *paragraphs(*counts), *ending)


@pytest.mark.slow
@pytest.mark.parametrize("kind", SHOWN)
def test_heads_are_the_same_apart_as_in_one_run(kind: str, style: str) -> None:
    """Whatever names a string, and wherever on a page it is set or not."""
    engine = open_engine(style, HEADS.replace("WHAT", SHOWN[kind]))
    plan = plan_chapters(engine)
    assert not engine._weasy.binds_pages(plan.draft.source)
    whole, apart = set_both_ways(engine, plan)
    assert len(apart) > len(whole) == 1
    heads = [tell_head(page) for page in bind(whole)]
    assert heads == [tell_head(page) for page in bind(apart)]
    if kind in PLACES:
        assert heads[1:] == list(find_heads(bind(apart), kind))[1:]
        assert len(set(heads)) >= 3
    elif kind == "of the part":
        assert set(heads[1:]) == {"of part,"}
    else:
        assert heads[-1]
        assert SLANTED.removesuffix(" </i></p>").endswith(heads[-1])


def find_heads(pages: Sequence[BoundPage], place: str) -> Iterator[str]:
    """Yield the head of each of *pages* as its lines tell it, but for the first."""
    before = ""
    for page in pages:
        lines = running_lines(page, ())
        on = [line.strip() for line in lines if line.startswith("§")]
        begins = lines[0].startswith("§")
        shown = {
            "first": [*on[:1], before][0],
            "last": [before, *on][-1],
            "start": on[0] if begins else before,
            "first-except": "" if on else before,
        }[place]
        before = [before, *on][-1]
        name, number = shown.removeprefix("§"), shown[-1:]
        yield f"{name}m{number}, {name}." if number.isdigit() else shown


@pytest.mark.slow
def test_heads_of_words_and_attributes_are_right_at_once(style: str) -> None:
    """No page is laid out twice for them."""
    sure = HEADS.replace("content(before)", "").replace("i { string", "q { string")
    engine = open_engine(style, sure.replace("WHAT", SHOWN["last"]))
    plan = plan_chapters(engine)
    built = list(build_pages(plan.division, plan.draft.continued))
    runs = make_runs(plan, built, apart=True)
    assert runs[-1].strings == {"of": "part", "head": "", "mark": "Last"}
    made = engine._start(runs)()
    assert correct_strings(runs, made) == runs


@pytest.mark.slow
def test_a_head_that_was_told_wrong_is_put_right(style: str) -> None:
    """What has begun goes on: not its beginning is the head, but what was set last."""
    engine = open_engine(style, HEADS.replace("WHAT", SHOWN["of what has run on"]))
    plan = plan_chapters(engine)
    built = list(build_pages(plan.division, plan.draft.continued))
    runs = make_runs(plan, built, apart=True)
    guessed = engine._start(runs)()
    wrong = [n for n, page in enumerate(bind(guessed)) if len(tell_head(page)) > 40]
    assert wrong
    settled = bind(set_in_turn(engine, runs))
    assert all(len(tell_head(settled[number])) < 40 for number in wrong)


def tell_head(page: BoundPage) -> str:
    return " ".join(text.wording for text in page.record.measured.heads)


# --- pages that depend on others -----------------------------------------------------

COUNTS = """body { counter-reset: paragraph } p { counter-increment: paragraph }
p.continued { counter-increment: none }
p::before { content: counter(paragraph) ": " }
p.continued::before { content: none }
@page :left { @top-left { content: WHAT } @top-right { content: none } }
@page :right { @top-left { content: WHAT } @top-right { content: none } }
@page :nth(2) { @top-center { content: "second" } }""".replace(
    "WHAT", 'counter(page) " of " counter(pages)'
)


@pytest.mark.slow
def test_pages_that_count_what_is_on_others_are_laid_out_as_one_run(style: str) -> None:
    engine = open_engine(style, COUNTS)
    plan = plan_chapters(engine)
    part: Any = engine.start_pages(plan, {})()
    assert engine._report.problems == []
    assert len({page.xhtml for page in part.bound}) == 1
    count = len(part.bound)
    heads = [tell_head(page) for page in part.bound][1:]
    folios = [f"{number} of {count}" for number in range(2, count + 1)]
    assert heads == [f"{folios[0]} second", *folios[1:]]
    lines = [line for page in part.bound for line in running_lines(page, ())]
    counted = [int(found[1]) for found in map(NUMBERED.match, lines) if found]
    assert counted == list(range(1, 15 + 1 + 1 + 9 + 1))


NUMBERED = re.compile(r"(\d+): ")


@pytest.mark.slow
def test_pages_of_a_text_stand_apart_unless_its_style_binds_them(style: str) -> None:
    """A page is laid out by itself, whether the page itself binds or the sheet."""
    plain, own = open_engine(style, ""), '<style>@import "x.css";</style>'
    part: Any = plain.start_pages(plan_chapters(plain), {})()
    assert len({page.xhtml for page in part.bound}) == len(part.bound) > 2
    bound = plan_text(plain, *paragraphs(9), f"<p>{own} x</p>")
    assert plain._weasy.binds_pages(bound.draft.source)


BINDING = (
    "p { counter-increment: x }",
    "p { COUNTER-RESET: x }",
    "p { counter-set: x }",
    "a::after { content: target-counter(attr(href), page) }",
    "@page { @top-left { content: counter(page) ' of ' counter( pages ) } }",
    "@page { @top-left { content: counters(pages, '.') } }",
    "@page :nth(2n) { margin: 0 }",
    "p:nth-child(2) { color: red }",
    ".page:only-child { color: red }",
    ".page:first-of-type { color: red }",
    ".page:has(h2) + .page { color: red }",
    "b { float: footnote }",
    "h1 { position: running(head) }",
    "@page { @top-left { content: element(head) } }",
    "i { position: fixed }",
    "i { display: list-item }",
    "q::before { content: open-quote }",
    "q { quotes: none }",
    "@import url(more.css);",
)
FREE = (
    "",
    "h2 { string-set: head content() } @page { @top-left { content: string(head) } }",
    "@page { @top-left { content: counter(page, lower-roman) } }",
    "@page :first { margin: 0 } .page:first-child, .page:last-child { color: red }",
    "p + p { text-indent: 1em } h2 ~ p { color: red }",
    "i { position: absolute }",
)


@pytest.mark.parametrize("style", BINDING)
def test_a_style_binds_pages(style: str) -> None:
    assert binds_pages(style)
    assert binds_pages("p { color: red }", style)


@pytest.mark.parametrize("style", FREE)
def test_a_style_lets_pages_stand_apart(style: str) -> None:
    assert not binds_pages(style)


@pytest.mark.slow
def test_the_styles_of_the_builder_let_pages_stand_apart(style: str) -> None:
    assert not binds_pages(style)


# --- fonts ---------------------------------------------------------------------------

FACES = """<p>Roman <i>italic and <b>both</b></i> <b>bold</b></p>
<p style="font-size: 17pt; font-variant: small-caps">Small caps and To fi ffl</p>
<p style="font-feature-settings: 'onum', 'pnum'; letter-spacing: 1pt">1850 Wo</p>
<p style="font-weight: 300; font-stretch: condensed">neither light nor narrow</p>
<p style="font-family: 'Old Bold 12'">another family \u4e00</p>"""
"""What faces, sizes, features and families make of a font's description."""
KEPT = (
    *("hash", "name", "description", "family", "style", "weight", "variations"),
    *("font_size", "ascent", "descent", "flags", "italic_angle", "stemv", "stemh"),
    *("file_content", "index", "tables", "glyph_count", "upem", "bitmap", "colr"),
)


@pytest.mark.slow
def test_a_font_loaded_anew_is_the_one_drawn_with(weasy: WeasyPrint) -> None:
    """By all that WeasyPrint writes of it, and by its bytes once it is cut."""
    document = weasy.lay_out(weasy.read(put_together(FACES)), 1)
    stream: Any = _draw(document.pages[0])[0]
    assert len({font.hash for font in stream._fonts.values()}) >= 4
    for font in stream._fonts.values():
        again = load_font(weasy._style.fonts, font.description, font.font_size)
        for name in KEPT:
            assert getattr(again, name) == getattr(font, name), (font.name, name)
        again.missing = font.missing
        for each in (again, font):
            each.subset(font.to_unicode, hinting=False)
        assert again.file_content == font.file_content
        assert 1000 < len(font.file_content) < 100_000


@pytest.mark.slow
def test_the_fonts_of_recorded_pages_are_written_as_those_of_laid_out_ones(
    weasy: WeasyPrint, tmp_path: Path
) -> None:
    """Name, widths, characters and bytes: what each page uses is put together."""
    pages = (FACES, "<p>Quiz</p>", f"<p>\u00e9t\u00e9</p>{FACES}<p><i>Jump</i></p>")
    whole = weasy.lay_out(weasy.read(put_together(*pages)), 1)
    (tmp_path / "whole.pdf").write_bytes(write_plain(whole))
    (tmp_path / "pages.pdf").write_bytes(write_pages(weasy, record(weasy, *pages)))
    written = read_fonts(tmp_path / "pages.pdf")
    assert len(written) >= 4
    assert written == read_fonts(tmp_path / "whole.pdf")


def read_fonts(path: Path) -> dict[str, list[Any]]:
    """Return what a PDF has of each font, by its name there."""
    found = {}
    with pikepdf.open(path) as pdf:
        for name, font in pdf.pages[0].Resources.Font.items():
            (inner,) = font.DescendantFonts
            described = inner.FontDescriptor
            entries = {k: str(v) for k, v in described.items() if k != "/FontFile2"}
            found[name] = [
                str(font.BaseFont),
                entries,
                described.FontFile2.read_bytes(),
                read_widths(inner.W),
            ]
    return found


def read_widths(listed: Any) -> dict[int, int]:
    """Return the width of each glyph, however the ranges are written."""
    widths, items = {}, list(listed)
    for first, given in zip(items[::2], items[1::2], strict=True):
        widths |= {int(first) + n: int(width) for n, width in enumerate(given)}
    return widths
