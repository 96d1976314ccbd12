"""Addresses of the web in a text, and where a line may end in one.

They are never divided with a hyphen, which would be taken for a part of them.
"""

from __future__ import annotations

import re

_ADDRESS = re.compile(
    r"(?:https?://|mailto:|doi:|www\.)[^\s\u00a0<>“”«»]*[^\s\u00a0<>“”«».,:;!?’)\]]"
)
_SIGNS = re.compile(r"(?<=//)|(?<=:)(?!/)|(?<=[^:/])(?=[/.,;~_?#%=&+@!*'-])|(?<=[=&])")


def find_addresses(text: str) -> list[tuple[int, int]]:
    """Return where each address begins and ends; marks behind it are not its own."""
    return [found.span() for found in _ADDRESS.finditer(text)]


def find_signs(text: str, start: int, end: int) -> list[int]:
    """Return the offsets at which the address from *start* to *end* is divided.

    After a colon and a double slash, before and after `=` and `&`, before any other
    sign (Chicago Manual of Style, 18th edition, 7.46).
    """
    return [found.start() for found in _SIGNS.finditer(text, start + 1, end)]
