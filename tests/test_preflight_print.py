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
from conftest import MINIMAL, XHTML
from lxml import etree
from pdfs import (
    MM,
    PROFILE,
    break_file,
    faults,
    paint,
    press_of,
    take_fonts_out,
)

from recension.load import load
from recension.pdf.cover import (
    FRONT_PIXELS,
    Cover,
    plan_cover,
    plan_front,
    render_front,
)
from recension.pdf.press import write_print
from recension.printers import PAPERS
from recension.problems import BookError, Report
from recension.verify.preflight import check_cover

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Built, Edition

    from recension.config import EditionSettings
    from recension.printers import Press

pytestmark = pytest.mark.slow

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


@pytest.fixture
def remake(built_minimal: Built, tmp_path: Path) -> Callable[..., tuple[Path, Press]]:
    """Make the printer's PDF of the minimal edition anew, with other settings."""

    def remake(**settings: Any) -> tuple[Path, Press]:
        press, target = press_of(**settings), tmp_path / "print.pdf"
        edition = edition_of(built_minimal)
        write_print(built_minimal.pdf, target, edition, press, PROFILE)
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


def test_the_printers_file_passes_our_checks(built: Built) -> None:
    assert faults(printed(built), built.book.settings.print.press) == []


def test_the_cover_passes_our_checks(built: Built) -> None:
    press, report = built.book.settings.print.press, Report()
    plan = plan_cover(built.facts["print"]["pages"], press, edition_of(built))
    check_cover(cover(built), plan.trim, plan.bleed, report)
    assert report.problems == []


def test_the_reading_pdf_is_no_file_for_a_printer(built_minimal: Built) -> None:
    found = " ".join(faults(built_minimal.pdf, press_of()))
    for message in ("annotations", "not PDF/X-4", "output intents", "its bleed is"):
        assert message in found


def test_a_cover_of_two_pages_is_none(built_minimal: Built, tmp_path: Path) -> None:
    broken = break_file(
        cover(built_minimal), lambda pdf: pdf.pages.append(pdf.pages[0]), tmp_path
    )
    press, report = press_of(), Report()
    plan = plan_cover(built_minimal.facts["pages"], press, edition_of(built_minimal))
    check_cover(broken, plan.trim, plan.bleed, report)
    found = [problem.message for problem in report.problems]
    assert "the cover has 2 pages and must have one" in found


# --- the words ---------------------------------------------------------------------


def read_words(path: Path, *sides: str) -> list[list[tuple[str, list[float]]]]:
    """Return the words of each page in order, with the *sides* of their boxes in pt."""
    told = tool("pdftotext", "poppler-utils", "-bbox", "-enc", "UTF-8", path, "-")
    tree = etree.fromstring(told[: told.index("</html>") + 7].encode())
    return [
        [
            (word.text or "", [float(word.get(side, "")) for side in sides])
            for word in page.iter(f"{XHTML}word")
        ]
        for page in tree.iter(f"{XHTML}page")
    ]


def words(path: Path) -> list[list[tuple[str, float, float]]]:
    """Return the words of each page in order, with left and top in pt."""
    return [
        [(text, left, top) for text, (left, top) in page]
        for page in read_words(path, "xMin", "yMin")
    ]


def same_words(reading: Path, print_: Path, bleed: float) -> bool:
    """Tell whether both files have the same words where they were.

    *bleed* is what the trim of *print_* is moved by, in pt. Poppler may take what
    stands in the margins in another order, so equal words are held together.
    """
    first, second = words(reading), words(print_)
    blank = second[len(first) :]
    return not any(blank) and all(
        len(a) == len(b)
        and all(
            w[0] == v[0]
            and v[1] - w[1] == pytest.approx(bleed, abs=0.01)
            and v[2] - w[2] == pytest.approx(bleed, abs=0.01)
            for w, v in zip(sorted(a), sorted(b), strict=True)
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


def split_cover(path: Path, plan: Cover) -> dict[str, list[str]]:
    """Return the words of each panel of the cover, and those that cross a fold."""
    widths = (plan.bleed, plan.width, plan.spine, plan.width)
    folds = list(itertools.accumulate(widths))
    found: dict[str, list[str]] = {panel: [] for panel in (*plan.panels, "")}
    (sheet,) = read_words(path, "xMin", "xMax")
    for text, (left, right) in sheet:
        inside = [
            panel
            for panel, (a, b) in zip(
                plan.panels, itertools.pairwise(folds), strict=True
            )
            if a <= left / MM and right / MM <= b
        ]
        found[inside[0] if inside else ""].append(text)
    return found


def test_a_wide_spine_has_the_title_and_a_narrow_one_none(built: Built) -> None:
    """On the front and on the spine, or on the front alone."""
    press, title = built.book.settings.print.press, edition_of(built).title
    plan = plan_cover(built.facts["print"]["pages"], press, edition_of(built))
    shown = split_cover(cover(built), plan)
    times = {panel: " ".join(found).count(title) for panel, found in shown.items()}
    wide = not built.facts["print"]["spine"].startswith("a spine")
    assert times == {"back": 0, "spine": int(wide), "front": 1, "": 0}


def test_each_panel_of_the_cover_has_its_words_and_none_crosses_a_fold(
    edition: Edition,
) -> None:
    """Those of the spine stand between its folds: a leaf is so thick here."""
    thick = "[print]\nsignature = 32\ncaliper = 0.6\n"
    edition.edit(edition.SETTINGS, "[print]\n", thick)
    blurb = 'blurb = "Un livre de plus."\n\n[[texts]]'
    edition.edit(edition.SETTINGS, "[[texts]]", blurb)
    built, settings = edition.build("pdf"), load(edition.folder, Report()).settings
    plan = plan_cover(32, settings.print.press, settings.edition)
    shown = split_cover(cover(built), plan)
    title, editor = settings.edition.title.split(), list(settings.edition.editors)
    assert shown[""] == []
    assert shown["spine"] == [*title, *editor]
    assert shown["front"][: len(title)] == title
    assert " ".join(shown["back"]).startswith("Un livre de plus.")


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
    assert "ISBN" not in cover_words(cover(built_minimal))


def test_a_blurb_too_long_for_the_cover_stops_the_book(edition: Edition) -> None:
    long = "Un livre de plus. " * 200
    edition.edit(edition.SETTINGS, "[[texts]]", f'blurb = "{long}"\n\n[[texts]]')
    with pytest.raises(BookError, match="the words of the blurb reach"):
        edition.build("pdf")


def test_a_line_too_long_for_the_cover_stops_the_book(edition: Edition) -> None:
    """To the right, where a line is not broken."""
    long = "Une édition de la rue des Tanneurs et de ses compagnons"
    edition.edit(edition.SETTINGS, "[[texts]]", f'statement = "{long}"\n\n[[texts]]')
    with pytest.raises(BookError, match="the words of the statement reach"):
        edition.build("pdf")


def test_the_front_is_a_picture_of_the_size_that_shops_ask_for(
    built_minimal: Built,
) -> None:
    plan = plan_front(press_of())
    assert plan.width / plan.height == pytest.approx(1600 / 2560, abs=0.0001)
    sheet = cover(built_minimal).read_bytes()
    picture = render_front(sheet)
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", picture[16:24]) == FRONT_PIXELS
    assert picture == render_front(sheet)
