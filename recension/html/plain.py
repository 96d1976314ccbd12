"""What templates are given: plain values, with which they can do nothing but read.

Jinja's sandbox refuses names that begin with an underscore, and lets a template call
any other method of what it is handed: the old ones of pydantic unpickle and read files,
a path deletes them. So nothing is handed over but strings, numbers, tuples and mappings
that cannot be changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from markupsafe import Markup

from recension.config import Table
from recension.model import TextPart

if TYPE_CHECKING:
    from collections.abc import Iterable

_SHOWN = ("settings", "title", "headings")
"""What templates see of a part of the book; its trees come to them as XHTML."""


def plain(  # noqa: PLR0911 - a kind of value, a case
    value: object,
) -> object:
    """Return *value* as templates get it.

    Records become mappings of their fields, a day one of its `year`, `month`, `day` and
    `iso`, a path the name of its file. Raises TypeError for what has no plain form.
    """
    match value:
        case None | bool() | int() | float() | Markup() | MappingProxyType():
            return value  # such a mapping has been made here
        case str():
            return str(value)
        case date():
            names = {name: getattr(value, name) for name in ("year", "month", "day")}
            return MappingProxyType(names | {"iso": value.isoformat()})
        case Path():
            return value.name
        case Mapping():
            return MappingProxyType({str(k): plain(v) for k, v in value.items()})
        case list() | tuple():
            return tuple(map(plain, value))
        case _:
            return MappingProxyType(
                {name: plain(getattr(value, name)) for name in _find_names(value)}
            )


def _find_names(record: object) -> Iterable[str]:
    """Return the names of what *record* holds; raise TypeError if it is none."""
    if isinstance(record, TextPart):
        return _SHOWN
    if isinstance(record, Table):
        model = type(record)
        constants = model.__class_vars__ - {"model_config"}
        return (*model.model_fields, *sorted(constants))
    if is_dataclass(record):
        return [field.name for field in fields(record)]
    reason = f"a template cannot be given a {type(record).__name__}"
    raise TypeError(reason)
