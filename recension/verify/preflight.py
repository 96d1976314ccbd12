"""What a printer would send back: our own checks of the print PDF and of the cover.

Each check yields the page it found a fault on, from 1, or 0 for the file as a whole,
and what the fault is. They know PDF/X-4 (ISO 15930-7) and the settings `[print]`, and
nothing of how the files were made.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pikepdf

from recension.printers import MM
from recension.problems import Report, Span

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from recension.printers import Press

    Faults = Iterator[tuple[int, str]]

NEAR = 0.02
"""How far the side of a box may be from where it should be, in pt."""
ON_SCREEN = {"/DeviceRGB", "/CalRGB"}
FORBIDDEN = {
    "/AA": "actions",
    "/AcroForm": "a form",
    "/OpenAction": "an action",
    "/StructTreeRoot": "tags",
    "/Names": "names, which may hold scripts or files",
}
_RGB_COMPONENTS = 3
_CMYK_COMPONENTS = 4
_HINT = "mend the template or the style that it comes from"


def check_print(path: Path, press: Press, report: Report) -> None:
    """Check the printer's PDF at *path*; each fault is an error in *report*."""
    with pikepdf.open(io.BytesIO(path.read_bytes())) as pdf:
        _tell(path, report, check_pages(pdf, press), "mend `[print]`")
        _tell(path, report, check_boxes(pdf, press.trim, press.bleed), "mend `[print]`")
        _tell(path, report, check_standard(pdf), _HINT)
        _tell(path, report, check_fonts(pdf), _HINT)
        _tell(path, report, check_colours(pdf, black=True), _HINT)


def check_cover(
    path: Path, size: tuple[float, float], bleed: float, report: Report
) -> None:
    """Check the cover at *path*, *size* its trim from back to front, in mm."""
    with pikepdf.open(io.BytesIO(path.read_bytes())) as pdf:
        if len(pdf.pages) != 1:
            fault = (0, f"the cover has {len(pdf.pages)} pages and must have one")
            _tell(path, report, iter([fault]), _HINT)
        _tell(path, report, check_boxes(pdf, size, bleed), "mend `[print]`")
        _tell(path, report, check_standard(pdf), _HINT)
        _tell(path, report, check_fonts(pdf), _HINT)
        _tell(path, report, check_colours(pdf, black=False), _HINT)


def _tell(path: Path, report: Report, faults: Faults, hint: str) -> None:
    for page, fault in faults:
        place = f"page {page}: " if page else ""
        report.error("V-001", place + fault, Span(path=path.name), hint)


# --- pages and boxes ---------------------------------------------------------------


def check_pages(pdf: pikepdf.Pdf, press: Press) -> Faults:
    """Check the count of pages: whole signatures, and what the printer can bind."""
    pages = len(pdf.pages)
    if pages % press.signature:
        yield 0, f"{pages} pages do not make whole signatures of {press.signature}"
    if press.asks is None:
        return
    least, most = press.asks.pages or (pages, pages)
    if not least <= pages <= most:
        yield 0, f"`{press.printer}` binds {least} to {most} pages, not {pages}"
    gutter = press.asks.gutter(pages)
    if press.inner < gutter:
        asked = f"`{press.printer}` asks for {gutter:.1f} mm at the spine"
        yield 0, f"{asked} of {pages} pages, not {press.inner:g}"


def check_boxes(pdf: pikepdf.Pdf, trim: tuple[float, float], bleed: float) -> Faults:
    """Check that each page has the *trim* and the *bleed*, in mm, and no other box.

    MediaBox from 0 0, BleedBox within it, TrimBox within that (ISO 15930-7); a CropBox
    would hide the bleed from some readers, an ArtBox is not allowed beside a TrimBox.
    """
    for number, page in enumerate(pdf.pages, start=1):
        for box in ("/CropBox", "/ArtBox"):
            if box in page.obj:
                yield number, f"has a {box[1:]}"
        lacking = {"/MediaBox", "/BleedBox", "/TrimBox"} - set(page.obj.keys())
        if lacking:
            yield number, f"has no {min(lacking)[1:]}"
            continue
        yield from ((number, fault) for fault in _check_nesting(page, trim, bleed))


def _check_nesting(
    page: pikepdf.Page, trim: tuple[float, float], bleed: float
) -> Iterator[str]:
    media, bleeds, trims = (
        [float(side) for side in page.obj[name]]
        for name in ("/MediaBox", "/BleedBox", "/TrimBox")
    )
    if any(abs(side) > NEAR for side in media[:2]):
        yield f"its MediaBox starts at {media[0]:g} {media[1]:g}, not at 0 0"
    size = (trims[2] - trims[0], trims[3] - trims[1])
    if any(abs(a - b * MM) > NEAR for a, b in zip(size, trim, strict=True)):
        found = " × ".join(f"{side / MM:.2f}" for side in size)
        yield f"its trim is {found} mm, not {trim[0]:.2f} × {trim[1]:.2f}"
    inset = [trims[n] - bleeds[n] for n in (0, 1)]
    inset += [bleeds[n] - trims[n] for n in (2, 3)]
    if any(abs(side - bleed * MM) > NEAR for side in inset):
        yield f"its bleed is {min(inset) / MM:.2f} mm, not {bleed:.2f} on each side"
    within = [bleeds[n] - media[n] for n in (0, 1)]
    within += [media[n] - bleeds[n] for n in (2, 3)]
    if min(within) < -NEAR:
        yield "its bleed reaches out of its MediaBox"


# --- the standard ------------------------------------------------------------------


def check_standard(pdf: pikepdf.Pdf) -> Faults:
    """Check what makes a PDF/X-4 of *pdf*, but for colours, boxes and fonts."""
    if pdf.is_encrypted:
        yield 0, "the file is encrypted"
    if pdf.pdf_version != "1.6":
        yield 0, f"the file is PDF {pdf.pdf_version}, and PDF/X-4 is PDF 1.6"
    with pdf.open_metadata(set_pikepdf_as_editor=False) as meta:
        standard = meta.get("pdfxid:GTS_PDFXVersion", "")
        trapped = meta.get("pdf:Trapped", "")
    if standard != "PDF/X-4":
        yield 0, f"the metadata claim `{standard}`, not PDF/X-4"
    if str(pdf.docinfo.get("/Trapped", "")) not in ("/True", "/False"):
        yield 0, "whether the file is trapped is not told"
    elif str(pdf.docinfo.Trapped) != f"/{trapped}":
        yield 0, "document information and metadata differ about trapping"
    for key in FORBIDDEN.keys() & set(pdf.Root.keys()):
        yield 0, f"the file has {FORBIDDEN[key]}"
    yield from _check_intent(pdf)
    for number, page in enumerate(pdf.pages, start=1):
        if len(page.obj.get("/Annots", [])):
            yield number, f"has {len(page.obj.Annots)} annotations"
        if "/AA" in page.obj:
            yield number, "has actions"


def _check_intent(pdf: pikepdf.Pdf) -> Faults:
    intents = [
        intent
        for intent in pdf.Root.get("/OutputIntents", [])
        if intent.get("/S") == "/GTS_PDFX"
    ]
    if len(intents) != 1:
        yield 0, f"the file has {len(intents)} output intents for print, not one"
        return
    profile = intents[0].get("/DestOutputProfile")
    if profile is None:
        yield 0, "the output intent has no profile"
        return
    head = profile.read_bytes()[:20]
    # An output device, in CMYK (ICC.1, 7.2.5 and 7.2.6).
    if profile.get("/N") != _CMYK_COMPONENTS or head[12:] != b"prtrCMYK":
        yield 0, "the profile of the output intent is not that of a press"


def check_fonts(pdf: pikepdf.Pdf) -> Faults:
    """Check that every font is embedded."""
    for font in pdf.objects:
        if not isinstance(font, pikepdf.Dictionary) or font.get("/Type") != "/Font":
            continue
        for part in font.get("/DescendantFonts", [font]):
            found: Any = part.get("/FontDescriptor", {})
            files = {"/FontFile", "/FontFile2", "/FontFile3"}
            if part.get("/Subtype") != "/Type3" and not files & set(found.keys()):
                name = str(part.get("/BaseFont", "/a font"))[1:]
                yield 0, f"the font `{name}` is not embedded"


# --- colours -----------------------------------------------------------------------


def check_colours(pdf: pikepdf.Pdf, *, black: bool) -> Faults:
    """Check that *pdf* paints in ink: no colour of the screen; *black*: K alone.

    Streams of pages, forms and tiling patterns are read, with the colour spaces,
    pictures and shadings of their resources.
    """
    check = _Colours(black=black)
    for number, page in enumerate(pdf.pages, start=1):
        for fault in check.find(page, page.obj):
            yield number, fault


class _Colours:
    """Finds colours that must not be, in each stream once."""

    def __init__(self, *, black: bool) -> None:
        self._black = black
        self._seen: set[tuple[int, int]] = set()

    def find(self, stream: Any, holder: Any) -> Iterator[str]:
        """Yield the faults of *stream*, whose *holder* has its resources."""
        yield from dict.fromkeys(self._find_painted(stream))
        if _is_on_screen(holder.get("/Group", {}).get("/CS")):
            yield "blends in RGB"
        resources = holder.get("/Resources")
        if resources is None or self._is_seen(resources):
            return
        for name, space in resources.get("/ColorSpace", {}).items():
            if _is_on_screen(space):
                yield f"the colour space {name} is of the screen"
        for name, shading in resources.get("/Shading", {}).items():
            if _is_on_screen(shading.get("/ColorSpace")):
                yield f"the shading {name} is in RGB"
        for kind in ("/XObject", "/Pattern"):
            for name, held in resources.get(kind, {}).items():
                yield from self._find_held(name, held)

    def _find_held(self, name: str, held: Any) -> Iterator[str]:
        if held.is_indirect and self._is_seen(held):
            return
        if held.get("/Subtype") == "/Image":
            if _is_on_screen(held.get("/ColorSpace")):
                yield f"the picture {name} is in RGB"
        elif "/Shading" in held:
            if _is_on_screen(held.Shading.get("/ColorSpace")):
                yield f"the shading {name} is in RGB"
        else:
            yield from self.find(held, held)

    def _is_seen(self, held: Any) -> bool:
        seen = held.is_indirect and held.objgen in self._seen
        self._seen.add(held.objgen)
        return bool(seen)

    def _find_painted(self, stream: Any) -> Iterator[str]:
        in_cmyk = {"cs": False, "CS": False}
        wanted = "rg RG g G k K cs CS sc SC scn SCN BI"
        for found in pikepdf.parse_content_stream(stream, wanted):
            operator = str(found.operator)
            match operator:
                case "rg" | "RG":
                    yield "paints in RGB"
                case "cs" | "CS":
                    space = str(found.operands[0])
                    in_cmyk[operator] = space == "/DeviceCMYK"
                    if space in ON_SCREEN:
                        yield "paints in RGB"
                case "INLINE IMAGE":
                    yield "has a picture in its stream, whose colours are not known"
            colour = _inks(operator, found.operands, in_cmyk)
            if self._black and any(colour[:3]):
                yield "paints in other inks than black"


def _inks(operator: str, operands: Any, in_cmyk: dict[str, bool]) -> list[float]:
    """Return the four inks that *operator* sets, none if it sets no such colour."""
    space = "cs" if operator.islower() else "CS"
    special = operator.lower() in ("sc", "scn") and in_cmyk[space]
    if operator in ("k", "K") or special:
        return [float(part) for part in operands]
    return []


def _is_on_screen(space: Any) -> bool:
    """Tell whether *space* is of the screen, or built on one that is."""
    if space is None:
        return False
    if not isinstance(space, pikepdf.Array):
        return str(space) in ON_SCREEN
    kind = str(space[0])
    if kind == "/ICCBased":
        return bool(space[1].get("/N") == _RGB_COMPONENTS)
    if kind in ("/Indexed", "/Pattern"):
        return len(space) > 1 and _is_on_screen(space[1])
    if kind in ("/Separation", "/DeviceN"):
        return _is_on_screen(space[2])
    return kind in ON_SCREEN
