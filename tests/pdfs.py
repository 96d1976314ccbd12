"""PDFs as a printer gets them, made without a layout; and such made faulty."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pikepdf
from conftest import MINIMAL
from pikepdf import Array, Dictionary, Name

from recension.config import TEMPLATES, PrintSettings, read_settings
from recension.pdf.press import find_profile, write_print
from recension.problems import Report
from recension.verify.preflight import check_print

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from recension.printers import Press

MM = 72 / 25.4
SETTINGS = read_settings((MINIMAL / "book/edition.toml").read_text("utf-8"), Report())
PROFILE = find_profile([TEMPLATES])


def press_of(**settings: Any) -> Press:
    """Return how the minimal edition is printed, with other *settings*."""
    return PrintSettings(**SETTINGS.print.model_dump() | settings).press


def draw(operators: bytes, pages: int = 1, **objects: Any) -> pikepdf.Pdf:
    """Return a PDF whose pages, of the minimal edition's trim, *operators* paint."""
    pdf, trim = pikepdf.new(), press_of().trim
    for _ in range(pages):
        pdf.add_blank_page(page_size=(trim[0] * MM, trim[1] * MM))
        pdf.pages[-1].obj.Resources = Dictionary(**objects)
        pdf.pages[-1].Contents = pdf.make_stream(operators)
    return pdf


def make_print(folder: Path, **settings: Any) -> Path:
    """Write the printer's PDF of four pages with a word in a font that is embedded."""
    pdf = draw(b"0 g BT /F 9 Tf (mot) Tj ET", 4)
    descriptor = Dictionary(Type=Name.FontDescriptor, FontFile2=pdf.make_stream(b""))
    font = pdf.make_indirect(
        Dictionary(
            Type=Name.Font,
            Subtype=Name.TrueType,
            BaseFont=Name("/AAAAAA+Roman"),
            FontDescriptor=pdf.make_indirect(descriptor),
        )
    )
    for page in pdf.pages:
        page.obj.Resources.Font = Dictionary(F=font)
    pdf.save(folder / "reading.pdf")
    target = folder / "print.pdf"
    press = press_of(**settings)
    write_print(folder / "reading.pdf", target, SETTINGS.edition, press, PROFILE)
    return target


def faults(path: Path, press: Press) -> list[str]:
    """Return what is wrong with the printer's PDF at *path*."""
    report = Report()
    check_print(path, press, report)
    return [problem.message for problem in report.sorted]


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


def break_file(
    path: Path, change: Callable[[pikepdf.Pdf], Any], folder: Path, **options: Any
) -> Path:
    broken = folder / "broken.pdf"
    with pikepdf.open(path) as pdf:
        change(pdf)
        pdf.save(broken, **options)
    return broken
