"""The printer's PDF and the cover: what a printer would send back.

Validators, our own checks and a comparison of words; each is shown a broken file.
"""

from __future__ import annotations

import itertools
import os
import re
import shutil
import struct
import subprocess
from typing import TYPE_CHECKING, Any

import pikepdf
import pytest
from conftest import MINIMAL
from lxml import etree
from pikepdf import Array, Dictionary, Name

from recension.config import EditionSettings, PrintSettings, read_settings
from recension.pdf.cover import (
    FRONT_PIXELS,
    draw_bars,
    plan_cover,
    plan_front,
    render_front,
)
from recension.pdf.press import find_profile, use_black, write_print
from recension.printers import PAPERS, PRINTERS, SHIFT
from recension.problems import BookError, Report
from recension.verify.preflight import check_cover, check_print

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Built, Edition

    from recension.printers import Press

pytestmark = pytest.mark.slow

MM = 72 / 25.4
ISBN = "978-0-306-40615-7"


def tool(command: str, package: str, *arguments: str | Path) -> str:
    """Return what *command* says; it comes with the Debian *package*."""
    if not shutil.which(command):
        if os.environ.get("CI"):
            pytest.fail(f"{command} is missing: apt-get install {package}")
        pytest.skip(f"{command} is missing")
    done = subprocess.run(
        [command, *arguments], check=False, capture_output=True, text=True
    )
    return f"{done.stdout}{done.stderr}\nexit {done.returncode}"


def printed(built: Built) -> Path:
    return built.pdf.with_name(f"{built.pdf.stem}-print.pdf")


def cover(built: Built) -> Path:
    return built.pdf.with_name(f"{built.pdf.stem}-cover.pdf")


def edition_of(built: Built) -> EditionSettings:
    settings: EditionSettings = built.book.settings.edition
    return settings


def press_of(built: Built, **settings: Any) -> Press:
    own = built.book.settings.print.model_dump() | settings
    return PrintSettings(**own).press


@pytest.fixture(scope="session")
def profile() -> bytes:
    from recension.config import TEMPLATES

    return find_profile([TEMPLATES])


@pytest.fixture
def remake(
    built_minimal: Built, profile: bytes, tmp_path: Path
) -> Callable[..., tuple[Path, Press]]:
    """Make the printer's PDF of the minimal edition anew, with other settings."""

    def remake(**settings: Any) -> tuple[Path, Press]:
        press, target = press_of(built_minimal, **settings), tmp_path / "print.pdf"
        edition = edition_of(built_minimal)
        write_print(built_minimal.pdf, target, edition, press, profile)
        return target, press

    return remake


# --- the tools of the trade --------------------------------------------------------


def test_qpdf_finds_no_fault(built: Built) -> None:
    for path in (printed(built), cover(built)):
        said = tool("qpdf", "qpdf", "--check", path)
        assert "No syntax or stream encoding errors found" in said
        assert said.endswith("exit 0")


def test_qpdf_finds_the_fault_of_a_broken_file(
    built_minimal: Built, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(printed(built_minimal).read_bytes()[:-2000])
    assert not tool("qpdf", "qpdf", "--check", broken).endswith("exit 0")


def fonts(path: Path) -> list[tuple[str, str, str]]:
    """Return the name of each font, whether it is embedded, and whether a subset."""
    rows = tool("pdffonts", "poppler-utils", path).splitlines()[2:-2]
    return [(row.split()[0], *row.split()[-5:-3]) for row in rows if row.strip()]


def test_every_font_is_an_embedded_subset(built: Built) -> None:
    for path in (printed(built), cover(built)):
        assert fonts(path)
        assert {font[1:] for font in fonts(path)} == {("yes", "yes")}


def test_pdffonts_sees_a_font_that_is_not_embedded(
    built_minimal: Built, tmp_path: Path
) -> None:
    broken = break_file(printed(built_minimal), take_fonts_out, tmp_path)
    assert ("no", "yes") in {font[1:] for font in fonts(broken)}


def inks(path: Path) -> list[list[float]]:
    """Return the share of each page that each of the four inks covers."""
    options = ("-q", "-o", "-", "-sDEVICE=inkcov")
    rows = re.findall(r"([\d. ]+) CMYK OK", tool("gs", "ghostscript", *options, path))
    return [[float(ink) for ink in row.split()] for row in rows]


def test_every_page_is_black_ink_alone(built: Built) -> None:
    found = inks(printed(built))
    assert len(found) == len(pikepdf.open(printed(built)).pages)
    assert {tuple(page[:3]) for page in found} == {(0.0, 0.0, 0.0)}
    assert max(page[3] for page in found) > 0.01


def test_ghostscript_sees_another_ink(built_minimal: Built, tmp_path: Path) -> None:
    broken = break_file(printed(built_minimal), paint(b"0 .4 0 1 k"), tmp_path)
    assert max(page[1] for page in inks(broken)) > 0


# --- our own checks ----------------------------------------------------------------


def faults(path: Path, press: Press) -> list[str]:
    report = Report()
    check_print(path, press, report)
    return [problem.message for problem in report.sorted]


def test_the_printers_file_passes_our_checks(built: Built) -> None:
    assert faults(printed(built), built.book.settings.print.press) == []


def test_the_cover_passes_our_checks(built: Built) -> None:
    press, report = built.book.settings.print.press, Report()
    plan = plan_cover(built.facts["print"]["pages"], press, edition_of(built))
    check_cover(cover(built), plan.trim, plan.bleed, report)
    assert report.problems == []


def paint(operators: bytes) -> Callable[[pikepdf.Pdf], None]:
    """Return what draws a square with *operators* on the first page."""

    def draw(pdf: pikepdf.Pdf) -> None:
        pdf.pages[0].contents_add(b"q " + operators + b" 40 40 20 20 re f Q\n")

    return draw


def hold(kind: str, make: Callable[[pikepdf.Pdf], Any]) -> Callable[..., None]:
    """Return what puts an object of the *kind* into the first page's resources."""

    def put(pdf: pikepdf.Pdf) -> None:
        resources = pdf.pages[0].obj.Resources
        if kind not in resources:
            resources[kind] = Dictionary()
        resources[kind]["/Broken"] = make(pdf)

    return put


def set_key(place: str, key: str, value: Any) -> Callable[[pikepdf.Pdf], None]:
    def change(pdf: pikepdf.Pdf) -> None:
        holder: Any = {
            "page": pdf.pages[-1].obj,
            "root": pdf.Root,
            "info": pdf.docinfo,
        }[place]
        holder[key] = value

    return change


def take_out(place: str, key: str) -> Callable[[pikepdf.Pdf], None]:
    def change(pdf: pikepdf.Pdf) -> None:
        holder: Any = {
            "page": pdf.pages[0].obj,
            "root": pdf.Root,
            "info": pdf.docinfo,
        }[place]
        del holder[key]

    return change


def set_xmp(key: str, value: str) -> Callable[[pikepdf.Pdf], None]:
    def change(pdf: pikepdf.Pdf) -> None:
        meta = pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False)
        with meta:
            meta[key] = value

    return change


def take_fonts_out(pdf: pikepdf.Pdf) -> None:
    for found in pdf.objects:
        if isinstance(found, pikepdf.Dictionary) and "/FontFile2" in found:
            del found["/FontFile2"]


def use_screen_profile(pdf: pikepdf.Pdf) -> None:
    pdf.Root.OutputIntents[0].DestOutputProfile.N = 3


def take_profile_out(pdf: pikepdf.Pdf) -> None:
    del pdf.Root.OutputIntents[0]["/DestOutputProfile"]


def picture(pdf: pikepdf.Pdf) -> pikepdf.Stream:
    return pdf.make_stream(
        bytes([250, 10, 10] * 4),
        Type=Name.XObject,
        Subtype=Name.Image,
        Width=2,
        Height=2,
        ColorSpace=Name.DeviceRGB,
        BitsPerComponent=8,
    )


def form(pdf: pikepdf.Pdf) -> pikepdf.Stream:
    return pdf.make_stream(
        b"1 0 0 RG 0 0 m 9 9 l S",
        Type=Name.XObject,
        Subtype=Name.Form,
        BBox=[0, 0, 9, 9],
    )


def group(pdf: pikepdf.Pdf) -> pikepdf.Stream:
    blending = Dictionary(S=Name.Transparency, CS=Name.DeviceRGB)
    return pdf.make_stream(
        b"", Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 9, 9], Group=blending
    )


def shading(_pdf: pikepdf.Pdf) -> Dictionary:
    return Dictionary(ShadingType=2, ColorSpace=Name.DeviceRGB, Coords=[0, 0, 9, 9])


def icc_space(pdf: pikepdf.Pdf) -> Array:
    return Array([Name.ICCBased, pdf.make_stream(b"", N=3)])


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
}


def break_file(
    path: Path, change: Callable[[pikepdf.Pdf], Any], folder: Path, **options: Any
) -> Path:
    broken = folder / "broken.pdf"
    with pikepdf.open(path) as pdf:
        change(pdf)
        pdf.save(broken, **options)
    return broken


@pytest.mark.parametrize("name", BREAKS)
def test_our_checks_find_what_is_broken(
    name: str, built_minimal: Built, tmp_path: Path
) -> None:
    change, message = BREAKS[name]
    broken = break_file(printed(built_minimal), change, tmp_path)
    found = faults(broken, built_minimal.book.settings.print.press)
    assert [fault for fault in found if message in fault]


def test_our_checks_find_a_later_version_of_pdf(
    built_minimal: Built, tmp_path: Path
) -> None:
    path = printed(built_minimal)
    broken = break_file(path, lambda _: None, tmp_path, force_version="2.0")
    found = faults(broken, built_minimal.book.settings.print.press)
    assert found == ["the file is PDF 2.0, and PDF/X-4 is PDF 1.6"]


def test_a_fault_names_its_page(built_minimal: Built, tmp_path: Path) -> None:
    path = printed(built_minimal)
    broken = break_file(path, paint(b"1 0 0 rg"), tmp_path)
    found = faults(broken, built_minimal.book.settings.print.press)
    assert found == ["page 1: paints in RGB"]


def test_the_reading_pdf_is_no_file_for_a_printer(built_minimal: Built) -> None:
    found = " ".join(faults(built_minimal.pdf, press_of(built_minimal)))
    for message in ("annotations", "not PDF/X-4", "output intents", "its bleed is"):
        assert message in found


def test_a_cover_of_two_pages_is_none(built_minimal: Built, tmp_path: Path) -> None:
    broken = break_file(
        cover(built_minimal), lambda pdf: pdf.pages.append(pdf.pages[0]), tmp_path
    )
    press, report = press_of(built_minimal), Report()
    plan = plan_cover(built_minimal.facts["pages"], press, edition_of(built_minimal))
    check_cover(broken, plan.trim, plan.bleed, report)
    found = [problem.message for problem in report.problems]
    assert "the cover has 2 pages and must have one" in found


# --- the words ---------------------------------------------------------------------


def words(path: Path) -> list[list[tuple[str, float, float]]]:
    """Return the words of each page in order, with left and top in pt."""
    told = tool("pdftotext", "poppler-utils", "-bbox", "-enc", "UTF-8", path, "-")
    page_, word_ = (f"{{http://www.w3.org/1999/xhtml}}{n}" for n in ("page", "word"))
    tree = etree.fromstring(told[: told.index("</html>") + 7].encode())
    return [
        [
            (word.text or "", float(word.get("xMin", "")), float(word.get("yMin", "")))
            for word in page.iter(word_)
        ]
        for page in tree.iter(page_)
    ]


def same_words(reading: Path, print_: Path, bleed: float) -> bool:
    """Tell whether both files have the same words, in order, where they were.

    *bleed* is what the trim of *print_* is moved by, in pt.
    """
    first, second = words(reading), words(print_)
    blank = second[len(first) :]
    return not any(blank) and all(
        len(a) == len(b)
        and all(
            w[0] == v[0]
            and v[1] - w[1] == pytest.approx(bleed, abs=0.01)
            and v[2] - w[2] == pytest.approx(bleed, abs=0.01)
            for w, v in zip(a, b, strict=True)
        )
        for a, b in zip(first, second, strict=False)
    )


def test_the_words_stand_inside_the_trim_as_in_the_reading_pdf(built: Built) -> None:
    """So nothing is lost, nothing is doubled, and nothing is moved."""
    bleed = built.book.settings.print.press.bleed * MM
    assert sum(map(len, words(built.pdf))) > 100
    assert same_words(built.pdf, printed(built), bleed)


@pytest.mark.parametrize(
    "change",
    [
        lambda pdf: pdf.pages.__delitem__(4),
        lambda pdf: pdf.pages.reverse(),
        lambda pdf: pdf.pages[0].contents_add(b"1 0 0 1 1 0 cm\n", prepend=True),
    ],
    ids=["page lost", "out of order", "moved"],
)
def test_the_comparison_of_words_can_fail(
    change: Callable[[pikepdf.Pdf], Any], built_minimal: Built, tmp_path: Path
) -> None:
    broken = break_file(printed(built_minimal), change, tmp_path)
    bleed = built_minimal.book.settings.print.press.bleed * MM
    assert not same_words(built_minimal.pdf, broken, bleed)


# --- how the file is made ----------------------------------------------------------


@pytest.mark.parametrize("signature", [2, 4, 8, 16, 32])
def test_pages_are_padded_to_whole_signatures(
    signature: int,
    built_minimal: Built,
    remake: Callable[..., tuple[Path, Press]],
) -> None:
    path, press = remake(signature=signature)
    pages = len(pikepdf.open(path).pages)
    assert pages == -(-built_minimal.facts["pages"] // signature) * signature
    assert faults(path, press) == []
    assert not any(words(path)[built_minimal.facts["pages"] :])
    assert len(inks(path)) == pages


@pytest.mark.parametrize("bleed", [0, 3, 5.5])
def test_the_bleed_is_that_of_the_settings(
    bleed: float, built_minimal: Built, remake: Callable[..., tuple[Path, Press]]
) -> None:
    path, press = remake(bleed=bleed)
    assert faults(path, press) == []
    assert same_words(built_minimal.pdf, path, bleed * MM)


def test_crop_marks_are_registration_black_and_outside_the_bleed(
    remake: Callable[..., tuple[Path, Press]],
) -> None:
    path, press = remake(marks=True)
    assert faults(path, press) == []
    with pikepdf.open(path) as pdf:
        page = pdf.pages[0]
        space = page.obj.Resources.ColorSpace["/Registration"]
        left, bottom, right, top = (float(side) for side in page.bleedbox)
        wanted = "CS m l"
        found = list(pikepdf.parse_content_stream(page, wanted))
        start = [str(i.operator) for i in found].index("CS")
        ends = [[float(x) for x in i.operands] for i in found[start + 1 :]]
    assert [str(part) for part in itertools.islice(space, 2)] == ["/Separation", "/All"]
    assert len(ends) == 2 * 8
    assert all(not (left < x < right and bottom < y < top) for x, y in ends)
    assert all(ink > 0 for ink in inks(path)[-1])


def test_no_mark_is_drawn_unless_it_is_asked_for(built_minimal: Built) -> None:
    with pikepdf.open(printed(built_minimal)) as pdf:
        assert b"/Registration" not in pdf.pages[0].Contents.read_bytes()


def draw(operators: bytes, **objects: Any) -> pikepdf.Pdf:
    """Return a PDF of one page painted with *operators*."""
    pdf = pikepdf.new()
    pdf.add_blank_page(page_size=(90, 90))
    pdf.pages[0].obj.Resources = Dictionary(**objects)
    pdf.pages[0].Contents = pdf.make_stream(operators)
    return pdf


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


def test_the_files_are_one_byte_for_byte_wherever_they_are_made(
    run: Callable[..., Any], tmp_path: Path
) -> None:
    for name, zone, language, seed in (
        ("a", "Pacific/Kiritimati", "tr_TR.UTF-8", "4711"),
        ("b", "America/Los_Angeles", "C", "0"),
    ):
        surroundings = {"TZ": zone, "LC_ALL": language, "PYTHONHASHSEED": seed}
        folder = tmp_path / name
        shutil.copytree(MINIMAL, folder / "edition")
        done = run(folder / "edition", "--out", folder / "out", **surroundings)
        assert done.returncode == 0, done.stderr
    files = sorted(path.name for path in (tmp_path / "a" / "out").glob("*.pdf"))
    assert files == ["imprimerie-cover.pdf", "imprimerie-print.pdf", "imprimerie.pdf"]
    for file in files:
        first, second = (tmp_path / name / "out" / file for name in "ab")
        assert first.read_bytes() == second.read_bytes()


# --- the cover ---------------------------------------------------------------------


def test_the_spine_is_as_wide_as_its_leaves(built: Built) -> None:
    told = built.facts["print"]
    assert told["spine_mm"] == pytest.approx(
        told["pages"] / 2 * PAPERS["white-90"], abs=0.001
    )
    width = 2 * built.book.settings.print.trim[0] + told["spine_mm"]
    with pikepdf.open(cover(built)) as pdf:
        left, _, right, _ = (float(side) for side in pdf.pages[0].trimbox)
    assert (right - left) / MM == pytest.approx(width, abs=0.01)


def cover_words(path: Path) -> str:
    return " ".join(word for page in words(path) for word, _, _ in page)


def test_a_wide_spine_has_the_title_and_a_narrow_one_none(built: Built) -> None:
    """On the front and on the spine, or on the front alone."""
    title = edition_of(built).title
    times = cover_words(cover(built)).replace("\u2019", "’").count(title)
    wide = not built.facts["print"]["spine"].startswith("a spine")
    assert times == 1 + wide


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
    pages: int, settings: dict[str, Any], size: float, built_minimal: Built
) -> None:
    press = press_of(built_minimal, **settings)
    plan = plan_cover(pages, press, edition_of(built_minimal))
    assert plan.spine_size == size
    assert plan.spine_size / MM <= max(0, plan.spine - 2 * SHIFT)


def test_a_printer_may_want_no_words_on_a_thin_book(built_minimal: Built) -> None:
    press = press_of(built_minimal, preset="kdp", caliper=0.5)
    plans = [plan_cover(n, press, edition_of(built_minimal)) for n in (78, 80)]
    assert [bool(plan.spine_size) for plan in plans] == [False, True]
    assert plans[0].spine_remark == "`kdp` prints words on a spine from 79 pages on"


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


def test_a_scanner_reads_the_isbn_from_the_cover(
    edition: Edition, tmp_path: Path
) -> None:
    import zxingcpp
    from PIL import Image

    edition.edit(edition.SETTINGS, "[[texts]]", f'isbn = "{ISBN}"\n\n[[texts]]')
    built = edition.build("pdf")
    tool("pdftoppm", "poppler-utils", "-r", "300", "-png", cover(built), tmp_path / "c")
    with Image.open(next(tmp_path.glob("c*.png"))) as sheet:
        found = zxingcpp.read_barcodes(sheet.convert("L"))
    assert [code.text for code in found] == [ISBN.replace("-", "")]


def test_without_an_isbn_there_are_no_bars(built_minimal: Built) -> None:
    assert draw_bars("") == ()
    assert "ISBN" not in cover_words(cover(built_minimal))


def test_a_blurb_too_long_for_the_cover_stops_the_book(edition: Edition) -> None:
    long = "Un livre de plus. " * 200
    edition.edit(edition.SETTINGS, "[[texts]]", f'blurb = "{long}"\n\n[[texts]]')
    with pytest.raises(BookError, match="the words of the blurb reach"):
        edition.build("pdf")


def test_the_front_is_a_picture_of_the_size_that_shops_ask_for(
    built_minimal: Built,
) -> None:
    plan = plan_front(press_of(built_minimal))
    assert plan.width / plan.height == pytest.approx(1600 / 2560, abs=0.0001)
    sheet = cover(built_minimal).read_bytes()
    picture = render_front(sheet)
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", picture[16:24]) == FRONT_PIXELS
    assert picture == render_front(sheet)


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


@pytest.mark.parametrize(
    ("pages", "inner", "message"),
    [(20, 20, "binds 24 to 828 pages"), (302, 13, "asks for 15.9 mm at the spine")],
)
def test_a_printer_binds_only_so_many_pages_in_so_wide_a_gutter(
    pages: int, inner: float, message: str
) -> None:
    from recension.verify.preflight import check_pages

    press = PrintSettings(preset="kdp", margins=(21, 15, 32, inner)).press
    pdf = pikepdf.new()
    for _ in range(pages):
        pdf.add_blank_page()
    assert any(message in fault for _, fault in check_pages(pdf, press))


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
        assert "L-005" in str(report.sorted[0])
        assert "edition.isbn" in report.sorted[0].message
