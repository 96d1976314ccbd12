"""What a style sheet of an EPUB keeps from being seen, by the rules of the cascade.

Only the ways of CSS to hide words are looked for: nothing displayed, invisible or
transparent, of no size, moved off the page, clipped away. A sheet for print alone
does not count.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import cssselect2
import tinycss2
import tinycss2.color5

from recension.verify.units import FAINTEST

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from lxml import etree

_PX = {"px": 1.0, "pt": 4 / 3, "em": 16.0, "rem": 16.0, "%": 0.16, "mm": 3.8, "": 1.0,
       "cm": 38.0, "in": 96.0, "ex": 8.0, "ch": 8.0, "vw": 6.0, "vh": 8.0}  # fmt: skip
"""A unit in CSS px, about: that of text of 16 px on a page of 600 by 800."""
_SMALLEST = 2.5
"""The size of text in px below which nobody reads it."""
_FAR = -400.0
"""How far in px words are off the page."""
_SQUEEZED = re.compile(r"scale[xy3d]*\(\s*0*\.?0*\s*[,)]|translate\S*\(-\d{3,}")
_NUMBER = re.compile(r"(-?[\d.]+)([a-z%]*)")


def _measure(value: str) -> float | None:
    """Return a length in px, or None if *value* is none."""
    found = _NUMBER.fullmatch(value)
    factor = _PX.get(found[2]) if found else None
    return float(found[1]) * factor if found and factor is not None else None


def _is_far(value: str) -> bool:
    length = _measure(value)
    return length is not None and length < _FAR


def _is_small(value: str) -> bool:
    length = _measure(value)
    return length is not None and length < _SMALLEST


def _is_faint(value: str) -> bool:
    found = _NUMBER.fullmatch(value)
    share = float(found[1]) / (100 if found[2] else 1) if found else 1.0
    return share < FAINTEST


def _is_clear(value: str) -> bool:
    colour = tinycss2.color5.parse_color(value)
    return colour not in (None, "currentcolor") and colour.alpha < FAINTEST


def _is_squeezed(value: str) -> bool:
    return _SQUEEZED.search(value) is not None


_HIDING: Mapping[str, Callable[[str], bool]] = {
    "display": lambda value: value == "none",
    "visibility": lambda value: value in ("hidden", "collapse"),
    "opacity": _is_faint,
    "color": _is_clear,
    "font-size": _is_small,
    "clip": lambda value: value != "auto",
    "clip-path": lambda value: value != "none",
    "transform": _is_squeezed,
    **dict.fromkeys(("left", "right", "top", "bottom", "text-indent"), _is_far),
    **dict.fromkeys(("margin-left", "margin-top"), _is_far),
    **dict.fromkeys(("height", "max-height"), lambda value: _measure(value) == 0),
}  # fmt: skip
"""The properties that hide words, and which of their values do."""


class _Setting(NamedTuple):
    """A declaration: its value, and how it ranks in the cascade."""

    rank: tuple[bool, tuple[int, int, int], int]
    value: str


@dataclass(frozen=True, slots=True)
class _HidingRule:
    """A selector with the declarations that bear on being seen."""

    selector: Any
    settings: tuple[tuple[str, str, bool], ...]


class Unseen:
    """Tells of the elements of pages whether *styles* hide them."""

    def __init__(self, styles: Iterable[str]) -> None:
        """Read *styles*, in the order of the page."""
        rules = [rule for style in styles for rule in _read_rules(style)]
        hiding = {
            name
            for rule in rules
            for name, value, _ in rule.settings
            if _HIDING[name](value)
        }
        self.matcher = cssselect2.Matcher()
        for order, rule in enumerate(rules):
            kept = [one for one in rule.settings if one[0] in hiding]
            if kept and not rule.selector.pseudo_element:
                self.matcher.add_selector(rule.selector, (order, kept))
        self.empty = not hiding

    def find(self, root: etree._Element) -> set[etree._Element]:
        """Return the elements below *root* that hide what they hold."""
        inline = root.xpath("//*[@style or @hidden]")
        if self.empty and not inline:
            return set()
        wrapper = cssselect2.ElementWrapper.from_html_root(root)
        return {
            one.etree_element
            for one in wrapper.iter_subtree()
            if isinstance(one.etree_element.tag, str) and self._hides(one)
        }

    def _hides(self, element: Any) -> bool:
        own = element.etree_element
        settings: dict[str, _Setting] = {}
        for specificity, _, _, (order, told) in self.matcher.match(element):
            _settle(settings, told, specificity, order)
        _settle(settings, list(_read_settings(own.get("style", ""))), (1000, 0, 0), 0)
        if "hidden" in own.attrib and "display" not in settings:
            return True
        return any(_HIDING[name](one.value) for name, one in settings.items())


def _settle(
    settings: dict[str, _Setting],
    told: Iterable[tuple[str, str, bool]],
    specificity: tuple[int, int, int],
    order: int,
) -> None:
    for name, value, important in told:
        setting = _Setting((important, specificity, order), value)
        if name not in settings or settings[name].rank <= setting.rank:
            settings[name] = setting


def _read_rules(style: str) -> Iterator[_HidingRule]:
    """Yield the rules of *style*, those of its media too, but for print."""
    rules = tinycss2.parse_stylesheet(style, skip_comments=True, skip_whitespace=True)
    for rule in rules:
        yield from _read_rule(rule)


def _read_rule(rule: Any) -> Iterator[_HidingRule]:
    if rule.type == "at-rule" and rule.content is not None:
        media = tinycss2.serialize(rule.prelude).strip()
        if rule.lower_at_keyword in ("media", "supports") and media != "print":
            yield from _read_rules(tinycss2.serialize(rule.content))
    elif rule.type == "qualified-rule":
        settings = tuple(_read_settings(rule.content))
        if not settings:
            return
        try:
            for selector in cssselect2.compile_selector_list(rule.prelude):
                yield _HidingRule(selector, settings)
        except cssselect2.SelectorError:
            return  # the page shows no rule that is not understood


def _read_settings(content: Any) -> Iterator[tuple[str, str, bool]]:
    """Yield the declarations of *content* that bear on being seen."""
    for one in tinycss2.parse_blocks_contents(content, skip_comments=True):
        if one.type == "declaration" and one.lower_name in _HIDING:
            value = tinycss2.serialize(one.value).strip().lower()
            yield one.lower_name, value, one.important
