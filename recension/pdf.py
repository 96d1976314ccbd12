"""Stage 9, pdf: pages to PDF files. Alone knows what makes a variant of PDF."""

from __future__ import annotations

import hashlib
import io
from itertools import groupby
from typing import TYPE_CHECKING

import pikepdf

if TYPE_CHECKING:
    from pathlib import Path

    from recension.config import EditionSettings
    from recension.model import LaidOutBook

PRODUCER = "Recension"


def write_reading(book: LaidOutBook, edition: EditionSettings, target: Path) -> None:
    """Write the reading PDF of *book* to *target*.

    Its bytes depend on the book alone: dates are the edition's, the identifier is a
    digest of its contents.
    """
    written: bytes = book.document.write_pdf(pdf_identifier=b"recension")
    with pikepdf.open(io.BytesIO(written)) as pdf:
        _set_labels(pdf, book.labels)
        _set_metadata(pdf, edition)
        pdf.Root.PageLayout = pikepdf.Name.TwoPageRight
        pdf.Root.ViewerPreferences = pikepdf.Dictionary(DisplayDocTitle=True)
        pdf.Root.Lang = pikepdf.String(edition.language)
        digest = hashlib.md5(written, usedforsecurity=False).digest()
        pdf.trailer.ID = pikepdf.Array([pikepdf.String(digest), pikepdf.String(digest)])
        pdf.save(
            target,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
            static_id=False,
            deterministic_id=True,
        )


def _set_labels(pdf: pikepdf.Pdf, labels: tuple[str, ...]) -> None:
    """Label the pages as printed: roman before arabic (ISO 32000-2, 12.4.2)."""
    ranges = pikepdf.Array()
    index = 0
    for arabic, run in groupby(labels, key=str.isdigit):
        style = pikepdf.Name.D if arabic else pikepdf.Name.r
        ranges.append(index)
        ranges.append(pikepdf.Dictionary(S=style))
        index += len(list(run))
    pdf.Root.PageLabels = pdf.make_indirect(pikepdf.Dictionary(Nums=ranges))


def _set_metadata(pdf: pikepdf.Pdf, edition: EditionSettings) -> None:
    stamp = f"{edition.date.isoformat()}T00:00:00Z"
    with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=True) as meta:
        meta["dc:title"] = edition.title
        meta["dc:creator"] = list(edition.editors)
        meta["dc:description"] = edition.description
        meta["dc:subject"] = list(edition.subjects)
        meta["dc:language"] = [edition.language]
        meta["dc:identifier"] = edition.identifier
        meta["dc:rights"] = edition.rights
        meta["xmp:CreateDate"] = stamp
        meta["xmp:ModifyDate"] = stamp
        meta["xmp:CreatorTool"] = PRODUCER
        meta["pdf:Producer"] = PRODUCER
