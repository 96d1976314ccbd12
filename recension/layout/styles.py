"""WeasyPrint's computed styles as the typesetter asks for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from recension.layout.fonts import BOLD
from recension.layout.lines import Face
from recension.layout.paragraphs import Columns
from recension.problems import BookError, Problem, Span

if TYPE_CHECKING:
    from pathlib import Path
    from xml.etree.ElementTree import Element


class ComputedStyles:
    """WeasyPrint's computed styles as the typesetter asks for them."""

    def __init__(self, style_for: Any, faces: dict[tuple[bool, bool], Path]) -> None:
        """Ask *style_for* for styles; *faces* are the font files by (italic, bold)."""
        self._style_for = style_for
        self._faces = faces

    def display(self, element: Element) -> str:
        """Return `block`, `inline` or `none`."""
        shown: str = self._style_for(element)["display"][0]
        return shown

    def face(self, element: Element) -> Face:
        """Return the font of the element's text."""
        style = self._style_for(element)
        italic = style["font_style"] != "normal"
        bold = style["font_weight"] >= BOLD
        path = self._faces.get((italic, bold))
        if path is None:
            raise _no_face(italic, bold)
        features = style["font_feature_settings"]
        chosen = {} if features == "normal" else dict(features)
        if style["font_variant_caps"] == "small-caps":
            chosen["smcp"] = 1
        spacing = style["letter_spacing"]
        return Face(
            path=path,
            size=style["font_size"],
            features=tuple(sorted(chosen.items())),
            letter_spacing=0.0 if spacing == "normal" else spacing,
        )

    def length(self, element: Element, name: str) -> float:
        """Return a length of the element's style in px, 0 where it has none."""
        value = self._style_for(element)[name]
        return float(value.value) if hasattr(value, "value") else 0.0

    def line_height(self, element: Element) -> float:
        """Return the height of the element's lines in px."""
        style = self._style_for(element)
        height = style["line_height"]
        if height.unit == "px":
            return float(height.value)
        return float(height.value * style["font_size"])

    def justified(self, element: Element) -> bool:
        """Tell whether the element's text is justified."""
        return bool(self._style_for(element)["text_align_all"] == "justify")

    def kept(self, element: Element) -> bool:
        """Tell whether the element must stand with what follows it."""
        return bool(self._style_for(element)["break_after"] == "avoid")

    def columns(self, element: Element, measure: float) -> Columns | None:
        """Return the columns into which *measure* px are divided, None if not."""
        style = self._style_for(element)
        count, gap = style["column_count"], style["column_gap"]
        if count == "auto":
            return None
        white = float(gap.value) if hasattr(gap, "value") else style["font_size"]
        width = (measure - white * (count - 1)) / count
        return Columns(count, width, white)

    def language(self, element: Element) -> str:
        """Return the language of the element's text."""
        return str(self._style_for(element)["lang"] or "en")


def _no_face(italic: bool, bold: bool) -> BookError:  # noqa: FBT001 - a style
    kind = " and ".join(
        word for word, wanted in (("bold", bold), ("italic", italic)) if wanted
    )
    message = f"the edition's fonts have no {kind or 'upright'} one"
    hint = "put one beside the others: with any there, the builder's are not used"
    span = Span(path="templates/fonts")
    return BookError([Problem(code="Y-001", message=message, span=span, hint=hint)])
