"""The printer's PDF, made from the reading PDF: PDF/X-4:2008 (ISO 15930-7), K only.

What a press cannot use is left out (links, tags, outline), every black becomes the one
of the black plate, and each page gets its bleed. The cover is finished by the same
means (`finish`).
"""

from __future__ import annotations

import hashlib
import io
import uuid
from typing import TYPE_CHECKING, Any

import pikepdf
from pikepdf import Array, ContentStreamInstruction, Dictionary, Name, Operator, String

from recension.pdf.saving import save
from recension.printers import MM

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from recension.config import EditionSettings
    from recension.printers import Press

VERSION = "1.6"
STANDARD = "PDF/X-4"
CONDITION = "FOGRA39"
"""The printing condition of the profile, by its name in the registry of the ICC."""
PRODUCER = "Recension"
PROFILE = "print/icc/FOGRA39L_coated.icc"
"""The ICC profile of the condition, in the folder of the templates."""

MARK_GAP, MARK_LENGTH, MARK_WIDTH = 1.0, 5.0, 0.09
"""From the bleed to a crop mark, its length and its width (0.25 pt), in mm."""

_IN_CATALOG = {"/Type", "/Pages", "/PageLabels"}
_IN_PAGE = {"/Type", "/Parent", "/Resources", "/Contents", "/MediaBox", "/Group"}
_REGISTRATION = "/Registration"
_XMP = {"pdfxid": "http://www.npes.org/pdfx/ns/id/"}
# What a colour of the screen weighs in grey: ITU-R BT.709, the luma of sRGB.
_LUMA = (0.2126, 0.7152, 0.0722)
_COLOURS = {"rg", "RG", "g", "G"}
_MARKS = {"BMC", "BDC", "EMC", "MP", "DP"}


def find_profile(folders: Sequence[Path]) -> bytes:
    """Return the ICC profile of the output intent from the first of *folders*."""
    found = next(path for folder in folders if (path := folder / PROFILE).is_file())
    return found.read_bytes()


def write_print(
    reading: Path, target: Path, edition: EditionSettings, press: Press, profile: bytes
) -> int:
    """Write the printer's PDF of the file *reading* to *target*; return its pages.

    *profile* is the ICC profile of the output intent. Pages are padded with blanks to
    whole signatures. The bytes depend on the arguments alone.
    """
    with pikepdf.open(io.BytesIO(reading.read_bytes())) as pdf:
        strip(pdf)
        use_black(pdf)
        for page in pdf.pages:
            _enlarge(pdf, page, press)
        _pad(pdf, press.signature)
        finish(pdf, edition, profile, target)
        return len(pdf.pages)


def strip(pdf: pikepdf.Pdf) -> None:
    """Leave nothing in *pdf* but its pages and what they paint.

    Annotations are not allowed within the bleed, nor actions anywhere (ISO 15930-7);
    tags, outline and names say nothing to a press.
    """
    for key in set(pdf.Root.keys()) - _IN_CATALOG:
        del pdf.Root[key]
    for key in set(pdf.trailer.keys()) & {"/Info", "/ID"}:
        del pdf.trailer[key]
    for page in pdf.pages:
        for key in set(page.obj.keys()) - _IN_PAGE:
            del page.obj[key]
    for stream in _painted(pdf):
        for key in set(stream.keys()) & {"/StructParent", "/StructParents", "/OPI"}:
            del stream[key]


def finish(
    pdf: pikepdf.Pdf, edition: EditionSettings, profile: bytes, target: Path
) -> None:
    """Mark *pdf* as PDF/X-4 and write it to *target* (ISO 15930-7)."""
    _set_intent(pdf, profile)
    _set_docinfo(pdf, edition)
    _set_metadata(pdf, edition)
    save(pdf, target, VERSION)


def set_boxes(page: pikepdf.Page, bleed: float, slug: float = 0.0) -> None:
    """Give *page* the boxes of a trim inside *bleed* inside *slug*, all in pt.

    Its MediaBox must start at 0 0 and be the whole sheet.
    """
    left, bottom, right, top = (float(side) for side in page.mediabox)
    whole = (left, bottom, right, top)
    page.obj.MediaBox = _box(whole, 0)
    page.obj.BleedBox = _box(whole, slug)
    page.obj.TrimBox = _box(whole, slug + bleed)


def _box(whole: tuple[float, float, float, float], inset: float) -> Array:
    left, bottom, right, top = whole
    sides = (left + inset, bottom + inset, right - inset, top - inset)
    return Array([round(side, 4) for side in sides])


# --- pages -------------------------------------------------------------------------


def _enlarge(pdf: pikepdf.Pdf, page: pikepdf.Page, press: Press) -> None:
    """Put the *page*, so far its trim alone, on a sheet with bleed and marks."""
    left, bottom, right, top = (float(side) for side in page.mediabox)
    bleed = press.bleed * MM
    slug = (MARK_GAP + MARK_LENGTH + 1) * MM if press.marks else 0.0
    around = bleed + slug
    width, height = right - left + 2 * around, top - bottom + 2 * around
    page.obj.MediaBox = Array([0, 0, round(width, 4), round(height, 4)])
    set_boxes(page, bleed, slug)
    moved = f"q 1 0 0 1 {around - left:.4f} {around - bottom:.4f} cm\n".encode()
    page.contents_add(moved, prepend=True)
    page.contents_add(b"\nQ\n" + (_draw_marks(pdf, page) if press.marks else b""))
    page.contents_coalesce()


def _draw_marks(pdf: pikepdf.Pdf, page: pikepdf.Page) -> bytes:
    """Return crop marks for *page*, outside its bleed, on every plate.

    Registration black is the colorant All of a Separation (ISO 32000-1, 8.6.6.4).
    """
    resources = page.obj.Resources
    if "/ColorSpace" not in resources:
        resources.ColorSpace = Dictionary()
    resources.ColorSpace[_REGISTRATION] = _registration(pdf)
    left, bottom, right, top = (float(side) for side in page.trimbox)
    bleed = left - float(page.bleedbox[0])
    near, far = bleed + MARK_GAP * MM, bleed + (MARK_GAP + MARK_LENGTH) * MM
    lines = []
    for x, away in ((left, -1), (right, 1)):
        for y, off in ((bottom, -1), (top, 1)):
            lines += [(x + away * near, y, x + away * far, y)]
            lines += [(x, y + off * near, x, y + off * far)]
    drawn = [f"{a:.4f} {b:.4f} m {c:.4f} {d:.4f} l S" for a, b, c, d in lines]
    pen = f"q {_REGISTRATION} CS 1 SCN {MARK_WIDTH * MM:.3f} w"
    return "\n".join([pen, *drawn, "Q\n"]).encode()


def _registration(pdf: pikepdf.Pdf) -> pikepdf.Object:
    tint = Dictionary(
        FunctionType=2, Domain=[0, 1], C0=[0, 0, 0, 0], C1=[1, 1, 1, 1], N=1
    )
    return pdf.make_indirect(Array([Name.Separation, Name.All, Name.DeviceCMYK, tint]))


def _pad(pdf: pikepdf.Pdf, signature: int) -> None:
    """Add blank pages at the end until *pdf* has whole signatures."""
    last = pdf.pages[-1].obj
    while len(pdf.pages) % signature:
        pdf.add_blank_page()
        page = pdf.pages[-1].obj
        page.Contents = pdf.make_stream(b"q Q\n")  # Ghostscript stumbles over nothing
        for box in ("/MediaBox", "/BleedBox", "/TrimBox"):
            page[box] = Array(list(last[box]))


# --- colours -----------------------------------------------------------------------


def use_black(pdf: pikepdf.Pdf) -> None:
    """Turn what *pdf* paints in grey or in colours of the screen into black ink.

    DeviceCMYK and not DeviceGray: `0 0 0 1 k` names the plate itself, where a RIP that
    takes grey for a colour may build it of four inks, and overprinting of black is
    defined for DeviceCMYK alone (ISO 32000-1, 8.6.7). Colours that are in CMYK stay.
    """
    for page in pdf.pages:
        page.obj.Contents = pdf.make_stream(_rewrite(page))
        _blend_in_ink(page.obj)
    for stream in _painted(pdf):
        _blend_in_ink(stream)
        if stream.get("/Subtype") == "/Image":
            _use_grey(stream)
        else:
            stream.write(_rewrite(stream))


def _blend_in_ink(holder: Any) -> None:
    """Let what is transparent on a page or form mix as ink, where it is a group."""
    if "/CS" in holder.get("/Group", {}):
        holder.Group.CS = Name.DeviceCMYK


def _painted(pdf: pikepdf.Pdf) -> Iterator[Any]:
    """Yield the forms, tiling patterns and pictures of *pdf*."""
    for found in pdf.objects:
        if isinstance(found, pikepdf.Stream) and (
            found.get("/Subtype") in ("/Form", "/Image")
            or found.get("/PatternType") == 1
        ):
            yield found


def _rewrite(stream: Any) -> bytes:
    kept: list[Any] = []
    opened: list[bool] = []
    for instruction in pikepdf.parse_content_stream(stream):
        operator = str(instruction.operator)
        if operator in _COLOURS:
            kept.append(_blacken(operator, instruction.operands))
        elif operator not in _MARKS:
            kept.append(instruction)
        elif operator == "EMC":
            kept += [instruction] if opened.pop() else []
        elif operator in ("BMC", "BDC"):
            span = _find_span(instruction.operands)
            opened.append(bool(span))
            kept += span
    written: bytes = pikepdf.unparse_content_stream(kept)
    return written


def _blacken(operator: str, operands: Any) -> ContentStreamInstruction:
    """Return what paints in black ink as *operator* does in grey or RGB."""
    levels = [float(level) for level in operands]
    if operator in ("rg", "RG"):
        levels = [sum(a * b for a, b in zip(_LUMA, levels, strict=True))]
    black = round(1 - levels[0], 4) or 0
    name = Operator("k" if operator.islower() else "K")
    return ContentStreamInstruction([0, 0, 0, black], name)


def _find_span(operands: Any) -> list[ContentStreamInstruction]:
    """Return what is left of a mark of tagged contents: the text that it stands for.

    A span with ActualText says how a broken word is read (ISO 32000-1, 14.9.4).
    """
    properties = operands[-1]
    told = properties.get("/ActualText") if isinstance(properties, Dictionary) else None
    if told is None:
        return []
    span = [Name.Span, Dictionary(ActualText=told)]
    return [ContentStreamInstruction(span, Operator("BDC"))]


def _use_grey(picture: Any) -> None:
    """Turn a picture in colours of the screen into one in grey."""
    if picture.get("/ImageMask") or picture.get("/ColorSpace") == "/DeviceGray":
        return
    image = pikepdf.PdfImage(picture)
    if image.mode == "CMYK":
        return
    grey = image.as_pil_image().convert("L")
    for key in set(picture.keys()) & {"/Decode", "/Alternates", "/Intent"}:
        del picture[key]
    picture.ColorSpace, picture.BitsPerComponent = Name.DeviceGray, 8
    picture.write(grey.tobytes())


# --- what the file says of itself --------------------------------------------------


def _set_intent(pdf: pikepdf.Pdf, profile: bytes) -> None:
    """Name the printing condition and bring its *profile* (ISO 15930-7)."""
    stream = pdf.make_stream(profile, N=4)
    intent = Dictionary(
        Type=Name.OutputIntent,
        S=Name.GTS_PDFX,
        OutputConditionIdentifier=String(CONDITION),
        OutputCondition=String("Offset on coated paper, ISO 12647-2:2004/Amd 1"),
        RegistryName=String("http://www.color.org"),
        Info=String("FOGRA39L Coated"),
        DestOutputProfile=stream,
    )
    pdf.Root.OutputIntents = Array([pdf.make_indirect(intent)])


def _set_docinfo(pdf: pikepdf.Pdf, edition: EditionSettings) -> None:
    """Tell title, dates and trapping, the same as in the metadata (ISO 15930-7)."""
    stamp = edition.date.strftime("D:%Y%m%d000000Z")
    pdf.docinfo["/Title"] = edition.title
    pdf.docinfo["/Author"] = ", ".join(edition.editors)
    pdf.docinfo["/Creator"] = PRODUCER
    pdf.docinfo["/Producer"] = PRODUCER
    pdf.docinfo["/CreationDate"] = stamp
    pdf.docinfo["/ModDate"] = stamp
    pdf.docinfo["/Trapped"] = Name("/False")


def _set_metadata(pdf: pikepdf.Pdf, edition: EditionSettings) -> None:
    """Tell the standard and what identifies the file, in XMP (ISO 15930-7)."""
    day = f"{edition.date.isoformat()}T00:00:00Z"
    for prefix, uri in _XMP.items():
        pikepdf.models.PdfMetadata.register_xml_namespace(uri, prefix)
    with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as meta:
        meta["dc:title"] = edition.title
        meta["dc:creator"] = [", ".join(edition.editors)]
        meta["dc:identifier"] = edition.identifier
        meta["xmp:CreateDate"] = day
        meta["xmp:ModifyDate"] = day
        meta["xmp:MetadataDate"] = day
        meta["xmp:CreatorTool"] = PRODUCER
        meta["xmpMM:DocumentID"] = uuid.uuid5(uuid.NAMESPACE_URL, _digest(pdf)).urn
        meta["xmpMM:VersionID"] = "1"
        meta["xmpMM:RenditionClass"] = "default"
        meta["pdf:Producer"] = PRODUCER
        meta["pdf:Trapped"] = "False"
        meta["pdfxid:GTS_PDFXVersion"] = STANDARD


def _digest(pdf: pikepdf.Pdf) -> str:
    """Return a digest of what stands on the pages of *pdf*."""
    digest = hashlib.sha256()
    for page in pdf.pages:
        digest.update(str(page.mediabox).encode())
        if "/Contents" in page.obj:
            digest.update(page.Contents.read_bytes())
    return digest.hexdigest()
