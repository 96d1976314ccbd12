"""Write a PDF, by Python alone: qpdf aborts where the disk is full, and knows no path
that is no text.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pikepdf

if TYPE_CHECKING:
    from pathlib import Path


def save(pdf: pikepdf.Pdf, target: Path, version: str = "") -> None:
    """Write *pdf* to *target*, as PDF *version* if one is named; raises OSError.

    The bytes depend on what is in it alone.
    """
    written = io.BytesIO()
    pdf.save(
        written,
        force_version=version,
        object_stream_mode=pikepdf.ObjectStreamMode.generate,
        deterministic_id=True,
    )
    target.write_bytes(written.getbuffer())
