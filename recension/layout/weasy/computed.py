"""WeasyPrint's computed styles as setting asks for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from recension.layout.fonts import BOLD
from recension.layout.setting.lines import Font
from recension.layout.setting.styles import Columns
from recension.problems import BookError, Problem, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path
    from xml.etree.ElementTree import Element

    from recension.layout.setting.styles import Length
    from recension.layout.weasy.protocols import StyleFor


class ComputedStyles:
    """WeasyPrint's computed styles as setting asks for them."""

    def __init__(
        self, style_for: StyleFor, faces: Mapping[tuple[bool, bool], Path]
    ) -> None:
        """Ask *style_for* for styles; *faces* are the font files by (italic, bold)."""
        self._style_for = style_for
        self._faces = faces

    def display(self, element: Element) -> str:
        """Return `block`, `inline` or `none`."""
        return self._style_for(element)["display"][0]

    def font(self, element: Element) -> Font:
        """Return the font of the element's text."""
        style = self._style_for(element)
        italic = style["font_style"] != "normal"
        bold = style["font_weight"] >= BOLD
        path = self._faces.get((italic, bold))
        if path is None:
            raise _no_face(italic, bold)
        features = style["font_feature_settings"]
        chosen = {} if isinstance(features, str) else dict(features)
        if style["font_variant_caps"] == "small-caps":
            chosen["smcp"] = 1
        spacing = style["letter_spacing"]
        return Font(
            path=path,
            size=style["font_size"],
            features=tuple(sorted(chosen.items())),
            letter_spacing=0.0 if isinstance(spacing, str) else spacing,
        )

    def length(self, element: Element, name: Length) -> float:
        """Return a length of the element's style in px, 0 where it has none."""
        value = self._style_for(element)[name]
        return 0.0 if isinstance(value, str) else float(value.value)

    def line_height(self, element: Element) -> float:
        """Return the height of the element's lines in px."""
        style = self._style_for(element)
        height = style["line_height"]
        if height.unit == "px":
            return float(height.value)
        return float(height.value * style["font_size"])

    def justified(self, element: Element) -> bool:
        """Tell whether the element's text is justified."""
        return self._style_for(element)["text_align_all"] == "justify"

    def kept(self, element: Element) -> bool:
        """Tell whether the element must stand with what follows it."""
        return self._style_for(element)["break_after"] == "avoid"

    def columns(self, element: Element, measure: float) -> Columns | None:
        """Return the columns into which *measure* px are divided, None if not."""
        style = self._style_for(element)
        count, gap = style["column_count"], style["column_gap"]
        if isinstance(count, str):
            return None
        white = style["font_size"] if isinstance(gap, str) else float(gap.value)
        width = (measure - white * (count - 1)) / count
        return Columns(count, width, white)

    def strings(self, element: Element, copy: Element) -> Iterator[tuple[str, str]]:
        """Yield the named strings that *element* sets, with their text in its *copy*.

        What is made of more than words and attributes is left out.
        """
        named = self._style_for(element)["string_set"]
        for name, parts in () if isinstance(named, str) else named:
            texts = [
                _READERS[kind](copy, value) for kind, value in parts if kind in _READERS
            ]
            yield name, "".join(texts)

    def language(self, element: Element) -> str:
        """Return the language of the element's text."""
        return str(self._style_for(element)["lang"] or "en")


_READERS: Mapping[str, Callable[[Element, Any], str]] = {
    "string": lambda _, value: str(value),
    "attr()": lambda copy, value: copy.get(value[0], ""),
    "content()": lambda copy, _: "".join(copy.itertext()),
}
"""What reads a part of a named string (CSS Generated Content for Paged Media, 1.1)."""


def _no_face(italic: bool, bold: bool) -> BookError:  # noqa: FBT001 - a style
    kind = " and ".join(
        word for word, wanted in (("bold", bold), ("italic", italic)) if wanted
    )
    message = f"the edition's fonts have no {kind or 'upright'} one"
    hint = "put one beside the others: with any there, the builder's are not used"
    span = Span(path="templates/fonts")
    return BookError([Problem(code="Y-001", message=message, span=span, hint=hint)])
