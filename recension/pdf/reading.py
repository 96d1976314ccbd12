"""The accessible reading PDF: tagged, PDF/UA-1 and PDF/A-2a."""

from __future__ import annotations

import hashlib
import io
from itertools import groupby
from typing import TYPE_CHECKING

import pikepdf

from recension.pdf.press import PRODUCER
from recension.pdf.saving import save

if TYPE_CHECKING:
    from pathlib import Path

    from recension.config import EditionSettings

CLAIMS = {"pdfuaid:part": "1", "pdfaid:part": "2", "pdfaid:conformance": "A"}
"""The standards that the reading PDF meets: PDF/UA-1 and PDF/A-2a."""

_PROFILE = "sRGB2014"
"""The name of the colour profile, the International Color Consortium's."""

_RDF_END = b"</rdf:RDF>"
_PDFUA_SCHEMA = b"""\
<rdf:Description rdf:about=""
 xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"
 xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA identification</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>the part of ISO 14289</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description>
"""
"""What PDF/A does not know the metadata must define (ISO 19005-2, 6.6.2.3)."""


def write_reading(
    written: bytes,
    folios: tuple[str, ...],
    edition: EditionSettings,
    profile: bytes,
    target: Path,
) -> None:
    """Finish *written*, the tagged pages, as PDF/UA-1 and PDF/A-2a in *target*.

    *folios* are those of the pages, *profile* is the ICC profile that says what black
    is. The bytes depend on the book alone: dates are the edition's, the identifier is a
    digest of its contents.
    """
    with pikepdf.open(io.BytesIO(written)) as pdf:
        _set_labels(pdf, folios)
        _set_metadata(pdf, edition)
        pdf.Root.PageLayout = pikepdf.Name.TwoPageRight
        pdf.Root.ViewerPreferences = pikepdf.Dictionary(DisplayDocTitle=True)
        pdf.Root.Lang = pikepdf.String(edition.language)
        _set_intent(pdf, profile)
        digest = hashlib.md5(written, usedforsecurity=False).digest()
        pdf.trailer.ID = pikepdf.Array([pikepdf.String(digest), pikepdf.String(digest)])
        save(pdf, target)


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


def _set_intent(pdf: pikepdf.Pdf, profile: bytes) -> None:
    """Say what black is: PDF/A wants a profile for grey (ISO 19005-2, 6.2.4.3)."""
    intent = pikepdf.Dictionary(
        Type=pikepdf.Name.OutputIntent,
        S=pikepdf.Name.GTS_PDFA1,
        OutputConditionIdentifier=pikepdf.String(_PROFILE),
        Info=pikepdf.String(_PROFILE),
        DestOutputProfile=pdf.make_stream(profile, N=3),
    )
    pdf.Root.OutputIntents = pikepdf.Array([intent])


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
        for name, value in CLAIMS.items():
            meta[name] = value
    packet = pdf.Root.Metadata.read_bytes()
    pdf.Root.Metadata.write(packet.replace(_RDF_END, _PDFUA_SCHEMA + _RDF_END))
