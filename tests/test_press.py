"""The printer's PDF and the cover as they are made and checked, without a layout."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pikepdf
import pytest
from conftest import MINIMAL
from pdfs import (
    MM,
    SETTINGS,
    break_file,
    draw,
    faults,
    form,
    group,
    hold,
    icc_space,
    make_print,
    paint,
    picture,
    press_of,
    set_key,
    set_xmp,
    shading,
    take_fonts_out,
    take_out,
    take_profile_out,
    use_screen_profile,
)
from pikepdf import Array, Dictionary, Name

from recension.config import PrintSettings, read_settings
from recension.pdf.cover import draw_bars, plan_cover
from recension.pdf.press import use_black
from recension.printers import PAPERS, PRINTERS, SHIFT
from recension.problems import Report
from recension.verify.preflight import check_boxes, check_pages

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

ISBN = "978-0-306-40615-7"


# --- what is wrong with a file -----------------------------------------------------


LINK = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=[9, 9, 20, 20])
BREAKS = {
    "MediaBox": (set_key("page", "/MediaBox", [-9, -9, 348, 547]), "not at 0 0"),
    "trim": (set_key("page", "/TrimBox", [20, 20, 330, 500]), "its trim is"),
    "bleed": (set_key("page", "/BleedBox", [4, 4, 353, 551]), "its bleed is"),
    "no bleed": (take_out("page", "/BleedBox"), "has no BleedBox"),
    "CropBox": (set_key("page", "/CropBox", [9, 9, 90, 90]), "has a CropBox"),
    "ArtBox": (set_key("page", "/ArtBox", [9, 9, 90, 90]), "has a ArtBox"),
    "link": (set_key("page", "/Annots", Array([LINK])), "has 1 annotations"),
    "page count": (lambda pdf: pdf.pages.__delitem__(-1), "whole signatures"),
    "rg": (paint(b"1 0 0 rg"), "paints in RGB"),
    "cs": (paint(b"/DeviceRGB cs 0 0 0 sc"), "paints in RGB"),
    "other ink": (paint(b"0 1 1 0 k"), "other inks than black"),
    "other ink by space": (paint(b"/DeviceCMYK cs 0 1 1 0 scn"), "other inks"),
    "picture": (hold("/XObject", picture), "picture /Broken is in RGB"),
    "form": (hold("/XObject", form), "paints in RGB"),
    "group": (hold("/XObject", group), "blends in RGB"),
    "shading": (hold("/Shading", shading), "shading /Broken is in RGB"),
    "colour space": (hold("/ColorSpace", icc_space), "/Broken is of the screen"),
    "font": (take_fonts_out, "is not embedded"),
    "no intent": (take_out("root", "/OutputIntents"), "0 output intents"),
    "no profile": (take_profile_out, "has no profile"),
    "RGB profile": (use_screen_profile, "not that of a press"),
    "not trapped": (take_out("info", "/Trapped"), "trapped is not told"),
    "trapped twice": (set_xmp("pdf:Trapped", "True"), "differ about trapping"),
    "standard": (set_xmp("pdfxid:GTS_PDFXVersion", "PDF/X-5g"), "not PDF/X-4"),
    "script": (set_key("root", "/OpenAction", Dictionary(S=Name.JavaScript)), "action"),
    "form field": (set_key("root", "/AcroForm", Dictionary()), "has a form"),
    "tags": (set_key("root", "/StructTreeRoot", Dictionary()), "has tags"),
    "actions": (set_key("root", "/AA", Dictionary()), "has actions"),
    "names": (set_key("root", "/Names", Dictionary()), "has names, which may hold"),
}


@pytest.fixture
def printed(tmp_path: Path) -> Path:
    return make_print(tmp_path)


def test_our_checks_find_nothing_in_a_sound_file(printed: Path) -> None:
    assert faults(printed, press_of()) == []


@pytest.mark.parametrize("name", BREAKS)
def test_our_checks_find_what_is_broken(
    name: str, printed: Path, tmp_path: Path
) -> None:
    change, message = BREAKS[name]
    found = faults(break_file(printed, change, tmp_path), press_of())
    assert [fault for fault in found if message in fault]


def test_our_checks_find_a_later_version_of_pdf(printed: Path, tmp_path: Path) -> None:
    broken = break_file(printed, lambda _: None, tmp_path, force_version="2.0")
    assert faults(broken, press_of()) == ["the file is PDF 2.0, and PDF/X-4 is PDF 1.6"]


def test_a_fault_names_its_page(printed: Path, tmp_path: Path) -> None:
    broken = break_file(printed, paint(b"1 0 0 rg"), tmp_path)
    assert faults(broken, press_of()) == ["page 1: paints in RGB"]


def box_pages(media: Sequence[float], bleed: Sequence[float]) -> list[str]:
    """Return what is wrong with a page of 100 × 100 mm that has these boxes, in mm.

    Its trim begins at 10 and is to have a bleed of 3.
    """
    pdf = draw(b"")
    for name, sides in (
        ("/MediaBox", media),
        ("/BleedBox", bleed),
        ("/TrimBox", (10, 10, 110, 110)),
    ):
        pdf.pages[0].obj[name] = [side * MM for side in sides]
    return [fault for _, fault in check_boxes(pdf, (100, 100), 3)]


def test_a_bleed_within_the_sheet_is_right() -> None:
    assert box_pages((0, 0, 120, 120), (7, 7, 113, 113)) == []
    assert box_pages((0, 0, 113, 113), (7, 7, 113, 113)) == []


@pytest.mark.parametrize(
    "media",
    [(8, 0, 120, 120), (0, 8, 120, 120), (0, 0, 112, 120), (0, 0, 120, 112)],
    ids=["left", "bottom", "right", "top"],
)
def test_a_bleed_out_of_the_sheet_is_told(media: tuple[float, ...]) -> None:
    """On each side (ISO 15930-7: the BleedBox lies within the MediaBox)."""
    found = box_pages(media, (7, 7, 113, 113))
    assert "its bleed reaches out of its MediaBox" in found


@pytest.mark.parametrize("side", range(4))
def test_a_bleed_that_lacks_on_one_side_is_told(side: int) -> None:
    bleed = [7.0, 7.0, 113.0, 113.0]
    bleed[side] += 1 if side < 2 else -1
    (fault,) = box_pages((0, 0, 120, 120), bleed)
    assert fault == "its bleed is 2.00 mm, not 3.00 on each side"


# --- how the file is made ----------------------------------------------------------


@pytest.mark.parametrize(
    ("screen", "ink"),
    [
        (b"0 0 0 rg", b"0 0 0 1 k"),
        (b"0 0 0 RG", b"0 0 0 1 K"),
        (b"1 1 1 rg", b"0 0 0 0 k"),
        (b"0 g", b"0 0 0 1 k"),
        (b".25 G", b"0 0 0 0.75 K"),
        (b".5 .5 .5 rg", b"0 0 0 0.5 k"),
        (b"1 0 0 rg", b"0 0 0 0.7874 k"),
        (b"0 1 1 0 k", b"0 1 1 0 k"),
    ],
)
def test_what_is_grey_or_of_the_screen_becomes_black_ink(
    screen: bytes, ink: bytes
) -> None:
    pdf = draw(screen)
    use_black(pdf)
    assert pdf.pages[0].Contents.read_bytes().strip() == ink


def test_text_that_looks_like_a_colour_is_left_alone() -> None:
    pdf = draw(b"BT (0 0 0 rg \\( 1 g) Tj ET")
    use_black(pdf)
    assert b"rg" in pdf.pages[0].Contents.read_bytes()


def test_tags_go_and_the_text_they_stand_for_stays() -> None:
    pdf = draw(
        b"/P << /MCID 3 >> BDC (a) Tj "
        b"/Span << /MCID 4 /ActualText (word) >> BDC (wo-) Tj EMC EMC "
        b"/Artifact BMC (7) Tj EMC"
    )
    use_black(pdf)
    kept = pdf.pages[0].Contents.read_bytes()
    assert b"MCID" not in kept
    assert b"Artifact" not in kept
    assert kept.count(b"BDC") == kept.count(b"EMC") == 1
    assert b"word" in kept


def test_a_picture_in_colour_becomes_grey() -> None:
    pdf = draw(b"/P Do")
    pdf.pages[0].obj.Resources.XObject = Dictionary(P=picture(pdf))
    use_black(pdf)
    found = pdf.pages[0].obj.Resources.XObject.P
    assert found.ColorSpace == Name.DeviceGray
    assert found.read_bytes() == bytes([82] * 4)


def test_the_file_says_of_itself_what_a_printer_looks_for(printed: Path) -> None:
    """Who made it, when, of what, in which version (ISO 15930-7)."""
    edition = SETTINGS.edition
    day = edition.date.isoformat()
    with pikepdf.open(printed) as pdf, pdf.open_metadata() as meta:
        told = {name.rpartition("}")[2]: value for name, value in meta.items()}
        short = {name: str(value) for name, value in pdf.docinfo.items()}
    assert told.pop("DocumentID").startswith("urn:uuid:")
    assert told == {
        "title": edition.title,
        "creator": [", ".join(edition.editors)],
        "identifier": edition.identifier,
        **dict.fromkeys(
            ("CreateDate", "ModifyDate", "MetadataDate"), f"{day}T00:00:00Z"
        ),
        **dict.fromkeys(("CreatorTool", "Producer"), "Recension"),
        "VersionID": "1",
        "RenditionClass": "default",
        "Trapped": "False",
        "GTS_PDFXVersion": "PDF/X-4",
    }
    stamp = f"D:{day.replace('-', '')}000000Z"
    assert short == {
        "/Title": edition.title,
        "/Author": ", ".join(edition.editors),
        **dict.fromkeys(("/Creator", "/Producer"), "Recension"),
        **dict.fromkeys(("/CreationDate", "/ModDate"), stamp),
        "/Trapped": "/False",
    }


# --- the cover ---------------------------------------------------------------------


def test_the_panels_of_a_cover_stand_side_by_side_from_the_back() -> None:
    press = press_of(caliper=0.6)
    plan = plan_cover(32, press, SETTINGS.edition)
    width, bleed = press.trim[0], plan.bleed
    places = {"back": 0, "spine": width, "front": width + plan.spine}
    assert plan.lefts == {name: bleed + left for name, left in places.items()}
    assert plan.sheet[0] == pytest.approx(2 * width + plan.spine + 2 * bleed)


@pytest.mark.parametrize(
    ("pages", "settings", "size"),
    [
        (300, {}, 12.0),
        (20, {}, 0.0),
        (300, {"preset": "kdp"}, 12.0),
        (300, {"caliper": 0.05}, 10.7),
    ],
)
def test_words_on_the_spine_keep_clear_of_the_folds(
    pages: int, settings: dict[str, Any], size: float
) -> None:
    plan = plan_cover(pages, press_of(**settings), SETTINGS.edition)
    assert plan.spine_size == size
    assert plan.spine_size / MM <= max(0, plan.spine - 2 * SHIFT)


def test_a_printer_may_want_no_words_on_a_thin_book() -> None:
    press = press_of(preset="kdp", caliper=0.5)
    plans = [plan_cover(n, press, SETTINGS.edition) for n in (78, 80)]
    assert [bool(plan.spine_size) for plan in plans] == [False, True]
    assert plans[0].spine_remark == "`kdp` prints words on a spine from 79 pages on"


def test_without_an_isbn_there_are_no_bars() -> None:
    assert draw_bars("") == ()


def test_the_bars_are_those_of_the_isbn() -> None:
    """As ISO/IEC 15420 draws them: 30 bars over 95 modules."""
    bars = draw_bars(ISBN)
    modules = ["0"] * 95
    for bar in bars:
        for module in range(bar.start, bar.start + bar.width):
            modules[module] = "1"
    assert len(bars) == 30
    left = "0111011 0001001 0100111 0111101 0100111 0101111"
    right = "1011100 1110010 1010000 1100110 1001110 1000100"
    wanted = f"101 {left} 01010 {right} 101"
    assert "".join(modules) == wanted.replace(" ", "")
    assert [bar.long for bar in bars].count(True) == 6


# --- the settings ------------------------------------------------------------------


def told(settings: str) -> list[tuple[int, str]]:
    """Return line and message of what is wrong with the settings `[print]`."""
    raw = (MINIMAL / "book" / "edition.toml").read_text("utf-8")
    raw = raw[: raw.index("[print]")] + "[print]\n" + settings
    first = raw[: raw.index("[print]")].count("\n") + 1
    report = Report()
    read_settings(raw, report)
    return [(p.span.line - first, p.message) for p in report.sorted]


@pytest.mark.parametrize(
    ("settings", "line", "message"),
    [
        ('preset = "kdp"\nmarks = true', 2, "`kdp` takes no crop marks"),
        ('preset = "kdp"\nbleed = 3', 2, "no bleed on all four sides"),
        ('preset = "kdp"\ncover_bleed = 3', 2, "less than 3.175 mm of bleed"),
        ('preset = "kdp"\ntrim = [90, 160]', 2, "a trim from 101.6 × 152.4"),
        (
            'preset = "kdp"\nmargins = [20, 5, 30, 20]',
            2,
            "12.3 mm or more at the outer",
        ),
        (
            'preset = "ingramspark"\nmargins = [25, 19, 25, 12]',
            2,
            "12.7 mm or more at the inner",
        ),
        ('preset = "gutenberg"', 1, "`print.preset` is not valid"),
        ('paper = "vellum"', 1, "`print.paper` is not valid"),
        ("signature = 3", 1, "`print.signature` is not valid"),
        ("bleed = 21", 1, "`print.bleed` is not valid"),
        ("bleed = -1", 1, "`print.bleed` is not valid"),
    ],
)
def test_impossible_settings_are_told_with_their_line(
    settings: str, line: int, message: str
) -> None:
    found = told(settings)
    assert [at for at, _ in found] == [line]
    assert message in found[0][1]


@pytest.mark.parametrize(
    ("printer", "page"), [("kdp", ""), ("ingramspark", "margins = [21, 19, 32, 18]")]
)
def test_a_page_suits_each_printer(printer: str, page: str) -> None:
    """The usual one for KDP; IngramSpark wants more white beside line numbers."""
    assert printer in PRINTERS
    assert told(f'preset = "{printer}"\n{page}') == []


def test_line_numbers_need_room_in_the_margin() -> None:
    narrow = 'preset = "ingramspark"\nmargins = [21, 15, 32, 18]\nline_numbers = '
    assert told(f"{narrow}0") == []
    (_, message), *_ = told(f"{narrow}5")
    assert "18.7 mm or more at the outer, not 15" in message


def test_a_setting_goes_before_the_preset() -> None:
    usual = PrintSettings(preset="kdp").press
    assert (usual.bleed, usual.cover_bleed, usual.paper) == (0, 3.175, "kdp-white")
    own = PrintSettings(preset="kdp", cover_bleed=5, paper="cream-80").press
    assert (own.cover_bleed, own.caliper) == (5, PAPERS["cream-80"])
    assert PrintSettings(paper="cream-80", caliper=0.1).press.caliper == 0.1


def check_count(pages: int, **settings: Any) -> list[str]:
    """Return what is wrong with a book of so many *pages*."""
    pdf = draw(b"")
    pdf.pages.extend([pdf.pages[0]] * (pages - 1))
    return [fault for _, fault in check_pages(pdf, press_of(**settings))]


@pytest.mark.parametrize("printer", [p for p, asks in PRINTERS.items() if asks.pages])
def test_a_printer_binds_the_least_and_the_most_pages_and_no_others(
    printer: str,
) -> None:
    least, most = PRINTERS[printer].pages or (0, 0)
    wide = {"preset": printer, "margins": (21, 15, 32, 30)}
    assert check_count(least, **wide) == check_count(most, **wide) == []
    for pages in (least - 2, most + 2):
        (fault,) = check_count(pages, **wide)
        assert fault == f"`{printer}` binds {least} to {most} pages, not {pages}"


@pytest.mark.parametrize(("pages", "gutter"), [(150, 9.525), (152, 12.7), (300, 12.7)])
def test_a_printer_wants_white_at_the_spine_that_grows_with_the_pages(
    pages: int, gutter: float
) -> None:
    kdp = {"preset": "kdp", "margins": (21, 15, 32, gutter)}
    assert check_count(pages, **kdp) == []
    kdp["margins"] = (21, 15, 32, gutter - 0.1)
    (fault,) = check_count(pages, **kdp)
    assert f"asks for {gutter:.1f} mm at the spine of {pages} pages" in fault


GUTTERS = {
    "kdp": {24: 9.525, 150: 9.525, 151: 12.7, 300: 12.7, 301: 15.875, 500: 15.875,
            501: 19.05, 700: 19.05, 701: 22.225, 828: 22.225, 900: 22.225},
    "ingramspark": {2: 12.7, 1200: 12.7},
}  # fmt: skip
"""The white at the spine that a printer asks for, in mm, by the count of pages."""


@pytest.mark.parametrize("printer", PRINTERS)
def test_a_printer_asks_for_its_gutter_up_to_the_last_page(printer: str) -> None:
    asks = PRINTERS[printer]
    found = {pages: round(asks.gutter(pages), 3) for pages in GUTTERS[printer]}
    assert found == GUTTERS[printer]


def test_a_printer_that_is_not_named_asks_for_whole_signatures_alone() -> None:
    assert check_count(2) == []
    assert check_count(16, signature=16) == []
    (fault,) = check_count(18, signature=16)
    assert fault == "18 pages do not make whole signatures of 16"


@pytest.mark.parametrize(
    ("isbn", "sound"),
    [
        (ISBN, True),
        ("9780306406157", True),
        ("978-0-306-40615-6", False),
        ("0-306-40615-2", False),
        ("979-0-2600-0043-8", False),
    ],
    ids=["with hyphens", "without", "wrong figure", "of ten", "of a score"],
)
def test_an_isbn_is_proved_by_its_last_figure(isbn: str, *, sound: bool) -> None:
    raw = (MINIMAL / "book" / "edition.toml").read_text("utf-8")
    raw = raw.replace("[[texts]]", f'isbn = "{isbn}"\n\n[[texts]]', 1)
    report = Report()
    settings = read_settings(raw, report)
    if sound:
        assert settings
        assert settings.edition.isbn == isbn
    else:
        (problem,) = report.problems
        assert problem.code == "L-005"
        assert "edition.isbn" in problem.message
