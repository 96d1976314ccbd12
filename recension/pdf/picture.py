"""Draw a page of a PDF as a picture: the same page, the same bytes.

Alone knows pypdfium2.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING
from zlib import Z_DEFAULT_STRATEGY

import pypdfium2
from PIL import Image
from PIL.PngImagePlugin import PngInfo

if TYPE_CHECKING:
    from collections.abc import Callable

_POINTS = 72
"""How many pt an inch has."""


def draw_page(sheet: bytes, dots: int) -> bytes:
    """Return the first page of the PDF *sheet* as a PNG, *dots* to the inch."""
    return draw_picture(
        sheet, lambda size: (_scale(size[0], dots), _scale(size[1], dots))
    )


def _scale(length: float, dots: int) -> int:
    return round(length * dots / _POINTS)


def draw_picture(
    sheet: bytes, measure: Callable[[tuple[float, float]], tuple[int, int]]
) -> bytes:
    """Return the first page of the PDF *sheet* as a PNG.

    *measure* gives its width and height in pixels, for those in pt.
    """
    pdf = pypdfium2.PdfDocument(sheet)
    try:
        page = pdf[0]
        width, height = measure(page.get_size())
        bitmap = pypdfium2.PdfBitmap.new_native(
            width, height, pypdfium2.raw.FPDFBitmap_BGR, rev_byteorder=True
        )
        bitmap.fill_rect((255, 255, 255, 255), 0, 0, width, height)
        pypdfium2.raw.FPDF_RenderPageBitmap(
            bitmap,
            page,
            0,
            0,
            width,
            height,
            0,
            pypdfium2.raw.FPDF_REVERSE_BYTE_ORDER,
        )
        pixels, stride = bytes(bitmap.buffer), bitmap.stride
    finally:
        pdf.close()
    picture = Image.frombuffer("RGB", (width, height), pixels, "raw", "RGB", stride, 1)
    chunks = PngInfo()
    chunks.add(b"sRGB", b"\0")  # a rendering intent, no dates or names
    written = io.BytesIO()
    # smallest for flat colours, of what Pillow can do
    picture.save(
        written,
        "PNG",
        pnginfo=chunks,
        compress_level=9,
        compress_type=Z_DEFAULT_STRATEGY,
    )
    return written.getvalue()
