"""The canary: all that is touched of WeasyPrint, name by name, is still there.

`protocols.py` names what is touched of its objects; the functions and classes are named
here, with the parameters that are relied on. A version that has lost one of them fails
with its name. What the door changes of the process is as it was when the door is shut.
"""

from __future__ import annotations

import ast
import ctypes
import inspect
import logging
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, is_typeddict

import pytest
from conftest import ROOT
from syntax import walk

from recension.layout.runs import Compositor, Run
from recension.layout.weasy import protocols
from recension.layout.weasy.documents import WeasyPrint, parse
from recension.layout.weasy.drawing import _draw
from recension.layout.weasy.process import Log, import_weasyprint
from recension.layout.weasy.writing import (
    PROFILE,
    read_profile,
    write_plain,
    write_tagged,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from recension.layout.weasy.writing import TaggedFile

pytestmark = pytest.mark.slow

DOOR = ROOT / "recension" / "layout" / "weasy"
FUNCTIONS: dict[str, tuple[str, ...]] = {
    "weasyprint.CSS": ("string", "base_url", "url_fetcher", "font_config"),
    "weasyprint.HTML": (),
    "weasyprint.HTML._ua_stylesheets": ("forms",),
    "weasyprint.Page": ("page_box",),
    "weasyprint.css.get_all_computed_styles": (
        "html",
        "user_stylesheets",
        "font_config",
        "page_rules",
        "layers",
    ),
    "weasyprint.css.find_style_attributes": (
        "tree",
        "presentational_hints",
        "base_url",
    ),
    "weasyprint.cssselect2.ElementWrapper.from_html_root": ("content_language",),
    "weasyprint.document.Document": (
        "pages",
        "metadata",
        "url_fetcher",
        "font_config",
        "color_profiles",
        "output_intent",
    ),
    "weasyprint.document.Document.write_pdf": ("options",),
    "weasyprint.document.DocumentMetadata": (
        "title",
        "authors",
        "description",
        "keywords",
        "lang",
    ),
    "weasyprint.document.gather_anchors": ("box", "anchors"),
    "weasyprint.document.layout_document": ("html", "root_box", "context"),
    "weasyprint.images.RasterImage.get_x_object": ("interpolate", "dpi_ratio"),
    "weasyprint.layout.LayoutContext.get_string_or_element_for": (
        "self",
        "store",
        "page",
        "name",
        "keyword",
    ),
    "weasyprint.layout.page.PageType": ("side", "blank", "name", "index", "groups"),
    "weasyprint.pdf.fonts.Font": ("pango_font", "description", "font_size"),
    "weasyprint.pdf.stream.Font": ("pango_font", "description", "font_size"),
    "weasyprint.pdf.stream.Font.get_unused_glyph_id": ("codepoint",),
    "weasyprint.pdf.stream.Font.subset": ("to_unicode", "hinting"),
    "weasyprint.pdf.stream.Stream": (
        "fonts",
        "page_rectangle",
        "resources",
        "images",
        "tags",
        "color_profiles",
        "output_intent",
    ),
    "weasyprint.pdf.stream.Stream.transform": ("d", "f"),
    "weasyprint.pdf.add_tags": ("pdf", "document", "pdf_version", "page_streams"),
    "weasyprint.text.fonts.FontConfiguration": (),
    "weasyprint.text.fonts.get_pango_font_key": ("pango_font",),
    "weasyprint.urls.URLFetcher.fetch": ("url", "headers"),
    "weasyprint.urls.URLFetcherResponse": ("url", "body"),
    "pydyf.Object": (),
}
"""What is called or replaced, with the parameters that are relied on."""
ORDERED = (
    "weasyprint.document.Document",
    "weasyprint.document.layout_document",
    "weasyprint.layout.LayoutContext.get_string_or_element_for",
    "weasyprint.pdf.add_tags",
    "weasyprint.pdf.fonts.Font",
    "weasyprint.pdf.stream.Stream",
)
"""Those whose parameters are told by their places."""
VALUES = ("weasyprint.html.UA_STYLESHEET.matcher.other_selectors",)
"""What is looked up and not called."""
LIBRARIES: dict[str, tuple[str, ...]] = {
    "ffi": ("cdef", "gc", "string"),
    "gobject": ("g_object_unref",),
    "harfbuzz": ("hb_version_string",),
    "pango": (
        "pango_font_description_free",
        "pango_font_description_from_string",
        "pango_font_description_set_absolute_size",
        "pango_font_description_to_string",
        "pango_font_description_unset_fields",
        "pango_font_map_create_context",
        "pango_font_map_load_font",
        "pango_version",
    ),
}
"""The doors of `weasyprint.text.ffi` to libraries of C, and what is called there."""
OPTIONS = ("pdf_identifier", "pdf_tags", "uncompressed_pdf")
SAMPLE = """<!DOCTYPE html><html lang="en"><head><title>x</title></head>
<body class="text"><p id="p">One <a href="#p">two</a>.</p>
<table><thead><tr><th>three</th></tr></thead><tbody><tr><td>four</td></tr></tbody></table>
<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"
 fill-opacity=".5"/></svg></body></html>"""
STYLE = """@font-face { font-family: R; src: url(fonts/EBGaramond-Regular.ttf); }
@page { font: 9pt R; @top-left { content: "head"; } } html { font: 10pt/12pt R; }"""


@cache
def live() -> dict[str, Any]:
    """Return an object of WeasyPrint's for each protocol, by the protocol's name."""
    weasy = WeasyPrint(STYLE, [ROOT / "templates"])
    source = weasy.read(SAMPLE)
    document: Any = weasy.lay_out(source, 1)
    (page,) = document.pages
    (record,) = Compositor(weasy, None).set(Run(xhtml=SAMPLE, first_folio=1)).pages
    bound: Any = weasy.bind([record], {"lang": "en"})
    found: dict[str, Any] = {}

    def keep(file: TaggedFile) -> None:
        streams = [o for o in file.pdf.objects if getattr(o, "stream", None)]
        entry = file.pdf.objects[int(file.pdf.page_references[0].split()[0])]
        font_map = next(s for s in streams if s.stream[0] == FONT_MAP)
        found.update(PdfFile=file.pdf, page=entry)
        found.update(PdfStream=font_map, PdfDictionary=entry)

    write_tagged(bound, lambda _: list(parse(SAMPLE).iter()), keep)
    style_for = weasy.compute_styles(source, {})._style_for
    boxes = {type(box).__name__: box for box in descend(page._page_box)}
    style = style_for(source.body)
    return found | {
        "HtmlSource": source.html,
        "Metadata": bound.metadata,
        "PageStream": _draw(page)[0],
        "PdfFont": next(iter(bound.fonts.values())),
        "WeasyPage": page,
        "WeasyDocument": bound,
        "link": bound.pages[0].links[0],
        "Dimension": style["line_height"],
        "Style": style,
        "StyleFor": style_for,
        "Box": page._page_box,
        "TextBox": boxes["TextBox"],
        "PangoLayout": boxes["TextBox"].pango_layout,
        "LineBox": boxes["LineBox"],
        "MarginBox": boxes["MarginBox"],
        "GroupBox": boxes["TableRowGroupBox"],
        "CellBox": boxes["TableCellBox"],
        "DrawingBox": boxes["InlineReplacedBox"],
        "Matrix": import_weasyprint().matrix.Matrix(),
        "boxes": boxes,
    }


FONT_MAP = b"/CIDInit /ProcSet findresource begin"


def descend(box: Any) -> Iterator[Any]:
    yield box
    for child in box.children:
        yield from descend(child)


def kinds() -> dict[str, type]:
    """Return the protocols that stand for objects of WeasyPrint, by name."""
    return {
        name: kind
        for name, kind in vars(protocols).items()
        if isinstance(kind, type) and kind.__module__ == protocols.__name__
    }


def members(kind: type) -> set[str]:
    """Return the names that a protocol declares itself."""
    methods = {name for name, found in vars(kind).items() if inspect.isfunction(found)}
    return set(kind.__annotations__) | methods - {"__init__", "__subclasshook__"}


def touches() -> list[str]:
    return sorted(
        f"{name}.{member}"
        for name, kind in kinds().items()
        for member in members(kind) - {"_no_init_or_replace_init"}
    )


@pytest.mark.parametrize("touch", touches())
def test_weasyprint_still_has(touch: str) -> None:
    name, member = touch.split(".")
    found = live()[name]
    if is_typeddict(kinds()[name]):
        assert found[member] is not None or member == "lang", touch
    else:
        assert hasattr(found, member), f"{type(found)} has no `{member}`"


@pytest.mark.parametrize("function", FUNCTIONS)
def test_weasyprint_still_has_the_function(function: str) -> None:
    found = find(function)
    known = inspect.signature(found).parameters
    for parameter in FUNCTIONS[function]:
        assert parameter in known, f"{function} has no parameter `{parameter}`"


@pytest.mark.parametrize("function", ORDERED)
def test_the_parameters_still_stand_in_the_order_in_which_they_are_given(
    function: str,
) -> None:
    known, given = inspect.signature(find(function)).parameters, FUNCTIONS[function]
    assert tuple(known)[: len(given)] == given


@pytest.mark.parametrize("value", VALUES)
def test_weasyprint_still_has_the_value(value: str) -> None:
    assert find(value)


@pytest.mark.parametrize("library", LIBRARIES)
def test_weasyprint_still_has_the_functions_of_c(library: str) -> None:
    live()  # which adds one
    for name in LIBRARIES[library]:
        assert find(f"weasyprint.text.ffi.{library}.{name}"), name


@pytest.mark.parametrize("option", OPTIONS)
def test_weasyprint_still_has_the_option(option: str) -> None:
    assert option in import_weasyprint().DEFAULT_OPTIONS


def find(function: str) -> Any:
    """Return what *function* names: by its module first, then by its attributes."""
    import_weasyprint()
    library, *names = function.split(".")
    found = import_module(library)
    for name in names:
        assert hasattr(found, name), f"{found} has no `{name}`"
        found = getattr(found, name)
    return found


def test_boxes_are_still_of_the_kinds_that_they_are_known_by() -> None:
    """The names of classes stand in `protocols.py` as strings."""
    named = {
        call.args[1].value
        for call in walk(DOOR / "protocols.py")
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id == "_is_a"
        and isinstance(call.args[1], ast.Constant)
    }
    assert len(named) == 7
    assert named <= live()["boxes"].keys()


def test_weasyprint_calls_what_is_replaced() -> None:
    """`add_tags` is a name that `generate_pdf` looks up, and calls with four values."""
    pdf = import_weasyprint().pdf
    assert "add_tags" in pdf.generate_pdf.__code__.co_names
    call = "add_tags(pdf, document, options['pdf_version'], page_streams)"
    assert call in inspect.getsource(pdf.generate_pdf)


def test_fonts_are_still_made_where_they_are_replaced() -> None:
    """`Font` is a name that streams look up; it cuts by `subset` what it has read.

    What it has not is numbered by it while pages are drawn.
    """
    stream = import_weasyprint().pdf.stream
    assert "Font" in stream.Stream.add_font.__code__.co_names
    assert "self.subset(to_unicode, hinting)" in inspect.getsource(stream.Font.clean)
    drawn = inspect.getsource(find("weasyprint.draw.text"))
    assert "font.get_unused_glyph_id(codepoint)" in drawn
    for name in ("file_content", "glyph_count", "index", "missing"):
        assert f"self.{name} = " in inspect.getsource(stream.Font.__init__), name
    assert find("weasyprint.text.ffi.pango.pango_font_description_unset_fields")


def test_pages_and_heads_are_still_made_where_they_go_on() -> None:
    """`PageType` and `layout_document` are looked up; strings are found by a method."""
    weasyprint = import_weasyprint()
    assert "PageType" in weasyprint.layout.page.remake_page.__code__.co_names
    render = weasyprint.document.Document._render.__func__
    assert "layout_document(html, root_box, context)" in inspect.getsource(render)
    context = weasyprint.layout.LayoutContext
    asked = inspect.getsource(context.get_string_set_for).split()
    call = "self.get_string_or_element_for( self.string_set, page, name, keyword)"
    assert call in " ".join(asked)
    for name in ("current_page", "string_set"):
        assert f"self.{name} = " in inspect.getsource(context.__init__), name


def test_pictures_are_still_kept_apart_with_what_makes_them() -> None:
    """A stream names them; what draws them is asked for when a PDF is written."""
    images: dict[str, Any] = {}
    stream = import_weasyprint().pdf.stream.Stream
    drawn = stream({}, (0, 0, 9, 9), {"XObject": {}}, images, {}, {}, "")
    picture = type("Picture", (), {"id": "0"})()
    name = drawn.add_image(picture, interpolate=True, ratio=1)
    assert drawn._resources["XObject"] == {name: None}
    assert images[name]["image"] is picture
    assert images[name]["interpolate"]
    assert images[name]["dpi_ratios"] == {1}


def test_streams_are_still_lists_of_operators() -> None:
    """A marked content begins with tag, number and BDC; words are shown by TJ."""
    operators = live()["PageStream"].stream
    marks = [n for n, operator in enumerate(operators) if isinstance(operator, dict)]
    assert marks
    for at in marks:
        assert list(operators[at]) == ["MCID"]
        assert operators[at + 1] == b"BDC"
    fonts = [o for o in operators if isinstance(o, bytes) and o.endswith(b" Tf")]
    assert {o.split()[0].decode().lstrip("/") for o in fonts} == {
        live()["PdfFont"].hash
    }
    assert any(isinstance(o, bytes) and o.endswith(b"] TJ") for o in operators)


def test_annotations_are_still_references_on_their_pages() -> None:
    """A link has an object, whose number its box knows and its page lists."""
    (number,) = live()["page"].get("Annots")
    *_, box = live()["link"]
    objects = live()["PdfFile"].objects
    assert objects[int(number.split()[0])] is box.link_annotation


def test_the_profile_of_colours_is_still_there() -> None:
    assert PROFILE == "sRGB2014.icc"
    assert read_profile()[36:40] == b"acsp"  # ICC.1, 7.2.9: the signature of a profile


def test_the_canary_knows_all_that_the_door_reaches_for() -> None:
    """Each name that is looked up in WeasyPrint's modules stands in a list."""
    nodes = [
        node
        for path in DOOR.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
    ]
    reached = {chain(node) for node in nodes if isinstance(node, ast.Attribute)} - {""}
    reached |= {
        name
        for node in nodes
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in imported(node)
    }
    assert {"pdf.fonts.Font", "layout.page.PageType", "text.ffi.pango"} <= reached
    names = [*FUNCTIONS, *VALUES, *(f"text.ffi.{library}" for library in LIBRARIES)]
    known = {f"{name}.".removeprefix("weasyprint.") for name in names}
    for name in reached:
        assert any(each.startswith(f"{name}.") for each in known), name
    of_c = {
        (node.value.id, node.attr)
        for node in nodes
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    }
    told = {(library, name) for library in LIBRARIES for name in LIBRARIES[library]}
    assert {pair for pair in of_c if pair[0] in LIBRARIES} == told


def imported(node: ast.Import | ast.ImportFrom) -> Iterator[str]:
    """Yield what of WeasyPrint *node* imports, without its own name."""
    before = f"{node.module}." if isinstance(node, ast.ImportFrom) else ""
    for alias in node.names:
        name = f"{before}{alias.name}"
        if name.startswith("weasyprint."):
            yield name.removeprefix("weasyprint.")


def chain(node: ast.expr) -> str:
    """Return the names behind one that WeasyPrint has, or behind what imports it."""
    if not isinstance(node, ast.Attribute):
        return ""
    match node.value:
        case ast.Name(id="module" | "weasy" | "weasyprint"):
            return node.attr
        case ast.Attribute(attr="_module" | "_weasy"):
            return node.attr
        case ast.Call(func=ast.Name(id="import_weasyprint")):
            return node.attr
    before = chain(node.value)
    return f"{before}.{node.attr}" if before else ""


# --- the process ---------------------------------------------------------------------


def environment() -> Mapping[str, bytes | None]:
    """Return the variable as C libraries see it."""
    library = ctypes.CDLL(None)
    library.getenv.restype = ctypes.c_char_p
    return {"FONTCONFIG_FILE": library.getenv(b"FONTCONFIG_FILE")}


def test_the_process_is_as_it_was_when_pages_are_laid_out_and_written() -> None:
    weasyprint = import_weasyprint()
    loggers = [logging.getLogger(name) for name in ("weasyprint", "py.warnings")]

    def state() -> list[Any]:
        of_loggers = [(list(log.filters), log.propagate) for log in loggers]
        pdf = weasyprint.pdf
        cascade = weasyprint.css.find_style_attributes
        document = weasyprint.document
        return [
            environment(),
            pdf.add_tags,
            pdf.stream.Font,
            cascade,
            document.gather_anchors,
            document.layout_document,
            weasyprint.layout.page.PageType,
            *of_loggers,
        ]

    before, during = state(), list[list[Any]]()
    weasy = WeasyPrint(STYLE, [ROOT / "templates"])
    write_plain(weasy.lay_out_sheet("<p>x</p>", STYLE))
    run = Run(xhtml=SAMPLE, first_folio=3, before=2, strings={"x": "y"})
    records = Compositor(weasy, None).set(run).pages
    assert state() == before
    document = weasy.bind(records, {})
    write_tagged(document, lambda _: [], lambda _: during.append(state()))
    assert state() == before
    assert during[0] != before, "what is changed would be seen"


def test_a_setting_of_the_user_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FONTCONFIG_FILE", "mine.conf")
    WeasyPrint(STYLE, [ROOT / "templates"])
    assert environment() == {"FONTCONFIG_FILE": b"mine.conf"}


def test_no_font_of_the_machine_is_in_reach() -> None:
    fonts = import_weasyprint().text.fonts
    weasy = WeasyPrint("", [])  # whose end would free what is looked at
    config = weasy._style.fonts._config
    system = fonts.fontconfig.FcConfigGetFonts(config, fonts.fontconfig.FcSetSystem)
    assert system.nfont == 0


def test_what_weasyprint_says_is_kept_once_and_from_others(
    caplog: pytest.LogCaptureFixture,
) -> None:
    log, weasyprint = Log(), logging.getLogger("weasyprint")
    with log.listen():
        for _ in range(2):
            weasyprint.warning("what")
        weasyprint.debug("no more")
    weasyprint.warning("later")
    assert log.take() == ("what",)
    assert log.take() == ()
    assert [record.getMessage() for record in caplog.records] == ["later"]


ALIKE = (
    """<!DOCTYPE html><html lang="en"><head><title>x</title></head><body id="top">
<section id="s"><p id="a" lang="fr" style="margin: 3px">un <b id="b">deux</b></p>
<p id="c" lang="fr" style="margin: 9px">trois</p><p id="a" style="margin: 3px">a</p>
<p id="d" lang="de" style="margin: 9px">vier</p><p style="margin: 9px" lang="fr">x</p>
<p id="long">"""
    + "<i id='i'>many</i> words " * 30
    + """</p></section>
<div id="turned" style="transform: rotate(30deg)"><p id="in">in <b id="deep">it</b></p>
</div><ol><li id="one">1</li><li id="two"><p id="p2">2</p></li></ol>
<table id="t"><colgroup id="cg"><col id="c1"/></colgroup><thead id="h"><tr id="r1">
<th id="th">h</th></tr></thead><tbody id="tb"><tr><td id="td">d</td></tr></tbody>
</table>
<svg id="pic" xmlns="http://www.w3.org/2000/svg" width="9" height="9"><g id="g"/></svg>
<svg xmlns="http://www.w3.org/2000/svg" width="19" height="9" lang="fr"/>
<div id="block" style="display: none">gone</div><span id="empty"></span></body></html>
"""
)


def test_what_is_spared_of_the_cascade_changes_no_box() -> None:
    """Anchors and boxes are those of WeasyPrint without the sparing."""
    weasy, module = WeasyPrint(STYLE, [ROOT / "templates"]), import_weasyprint()
    ours: Any = weasy.lay_out(weasy.read(ALIKE), 1)
    html = module.HTML(string=ALIKE, base_url="file:///edition/")
    theirs = html.render(
        font_config=weasy._style.fonts,
        stylesheets=[weasy._style.css, module.CSS(string="@page{counter-set:page 1}")],
    )
    for own, other in zip(ours.pages, theirs.pages, strict=True):
        assert own.anchors == other.anchors
        assert {"deep", "td", "pic", "empty"} <= own.anchors.keys()
        assert places(own._page_box) == places(other._page_box)


def places(page: Any) -> list[tuple[str, float, float, float]]:
    boxes = [
        (b.element_tag, b.position_x, b.position_y, b.width) for b in descend(page)
    ]
    return [tuple(box) for box in boxes]


def test_elements_alike_share_one_style() -> None:
    weasy = WeasyPrint(STYLE, [ROOT / "templates"])
    lines = "".join(f'<p id="p{n}" style="margin: 1px">x</p>' for n in range(50))
    source = weasy.read(
        f"<html><head><title>x</title></head><body>{lines}</body></html>"
    )
    style_for = weasy.compute_styles(source, {})._style_for
    assert len({id(style_for(p)) for p in source.body}) == 1


def test_a_style_that_asks_for_targets_finds_them() -> None:
    style = STYLE + " a::after { content: target-counter(attr(href), page) }"
    weasy = WeasyPrint(style, [ROOT / "templates"])
    document: Any = weasy.lay_out(weasy.read(SAMPLE), 7)
    texts = [getattr(box, "text", "") for box in descend(document.pages[0]._page_box)]
    assert "7" in texts


ASKING = {
    "targets": "b::after { content: target-counter('#two', page) }",
    "capitals": "b::after { CONTENT: TARGET-COUNTER('#two', page) }",
    "notes": "b { float: footnote }",
    "items": "p { display: list-item; margin-left: 40px }",
    "an import": "@import url(more.css);",
}
"""What needs what the cascade is spared."""


@pytest.mark.parametrize("where", ["sheet", "page", "link"])
@pytest.mark.parametrize("asked", ASKING)
def test_what_a_style_asks_for_is_not_spared(
    asked: str, where: str, tmp_path: Path
) -> None:
    """Whether the sheet asks, one that it imports, or the page itself."""
    (tmp_path / "more.css").write_text(ASKING["targets"])
    (tmp_path / "linked.css").write_text(ASKING[asked])
    marks = {
        "page": f"<style>{ASKING[asked]}</style>",
        "link": '<link rel="stylesheet" href="linked.css"/>',
        "sheet": "",
    }
    sheet = f"{ASKING[asked] if where == 'sheet' else ''}{STYLE}"
    page = ALIKE.replace("</head>", f"{marks[where]}</head>")
    weasy, module = (
        WeasyPrint(sheet, [ROOT / "templates", tmp_path]),
        import_weasyprint(),
    )
    ours: Any = weasy.lay_out(weasy.read(page), 1)
    html = module.HTML(
        string=page, base_url="file:///edition/", url_fetcher=weasy._fetcher
    )
    theirs = html.render(
        font_config=weasy._style.fonts,
        stylesheets=[weasy._style.css, module.CSS(string="@page{counter-set:page 1}")],
    )
    assert [places(page._page_box) for page in ours.pages] == [
        places(page._page_box) for page in theirs.pages
    ]
