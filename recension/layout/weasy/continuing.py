"""Pages laid out by themselves that go on where others end.

WeasyPrint lays out documents; to it the first page of one is a first page, and no head
is in force on it. Two of its functions are changed for that.
"""

from __future__ import annotations

import re
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from recension.layout.weasy.process import replaced

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import ModuleType

_BINDING = re.compile(
    r"@import|counters?\(\s*pages|target-|footnote|note\(|:nth|nth-|running\("
    r"|element\(|counter-(?:increment|reset|set)|-quote\b|quotes\s*:|position\s*:\s*fixed"
    r"|list-item|:only-|-of-type|:has\(",
    re.IGNORECASE,
)
"""What in a style makes a page depend on others, but for the named strings."""


def binds_pages(*styles: str) -> bool:
    """Tell whether pages depend on one another by what is in *styles*."""
    return any(_BINDING.search(style) for style in styles)


@contextmanager
def continued(
    weasy: ModuleType, before: int, strings: Mapping[str, str]
) -> Iterator[None]:
    """Let pages be laid out as those behind so many *before*.

    *strings* are the named strings in force there.
    """
    page_type: Any = weasy.layout.page.PageType
    lay_out: Any = weasy.document.layout_document

    def count_on(*given: Any) -> object:
        made = page_type(*given)
        return made._replace(index=made.index + before)

    def lay_out_after(html: object, root_box: object, context: Any) -> object:
        context.get_string_or_element_for = _carry(context, strings)
        return lay_out(html, root_box, context)

    with ExitStack() as stack:
        stack.enter_context(replaced(weasy.layout.page, "PageType", count_on))
        stack.enter_context(replaced(weasy.document, "layout_document", lay_out_after))
        yield


def _carry(context: Any, strings: Mapping[str, str]) -> object:
    """Return what finds a named string of *context*; those before it are *strings*."""
    find = context.get_string_or_element_for

    def find_or_carry(store: Any, page: object, name: str, keyword: str) -> object:
        found = find(store, page, name, keyword)
        is_set = keyword == "first-except" and context.current_page in store[name]
        if found or is_set or keyword == "all-once" or store is not context.string_set:
            return found
        return (strings[name],) if name in strings else found

    return find_or_carry
