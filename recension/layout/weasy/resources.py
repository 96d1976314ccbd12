"""What the operators of a page name, as plain data and back: objects of a PDF.

Such are states of transparency, forms, patterns, shadings and pictures. Dictionaries
are plain ones; what plain data have no type for is a list that begins with its kind.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any

import pydyf

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from recension.layout.weasy.protocols import Operator

KINDS = ("XObject", "Pattern", "Shading", "ExtGState")
"""The kinds of resources, those first that others name."""
COLOURS = b"/Colours"
"""Stands where a resource refers to the colour spaces of the file."""
_ARRAY, _STRING, _STREAM, _NAMED = "array", "string", "stream", "named"
_COUNTED = re.compile(r"[xps]\d+")
"""A name that WeasyPrint has counted: it is the first of its page."""
_NAMES = re.compile(rb"/(\S+) (Do|gs|scn|SCN|sh)")
_KIND_OF = {b"Do": "XObject", b"gs": "ExtGState", b"sh": "Shading"}


def encode_resources(
    resources: Mapping[str, Mapping[str, Any]],
) -> dict[str, dict[str, Any]]:
    """Return *resources*, by kind and name, as plain data."""
    forms = {id(form): name for name, form in resources["XObject"].items()}
    return {
        kind: {
            name: _encode(value, {} if kind == "XObject" else forms)
            for name, value in resources[kind].items()
        }
        for kind in KINDS
        if resources[kind]
    }


def rename(
    resources: dict[str, dict[str, Any]], operators: Sequence[Operator]
) -> tuple[dict[str, dict[str, Any]], list[Operator]]:
    """Return *resources* and *operators* with names that no other page has otherwise.

    They are digests of what is named.
    """
    names = {
        (kind, name): f"{name[0]}{_digest(value)}"
        for kind, named in resources.items()
        for name, value in named.items()
        if _COUNTED.fullmatch(name)
    }
    if not names:
        return resources, list(operators)
    renamed = {
        kind: {
            names.get((kind, name), name): _rename_inside(value, names)
            for name, value in named.items()
        }
        for kind, named in resources.items()
    }
    return renamed, [_rename_operator(operator, names) for operator in operators]


def decode(value: Any, resources: Mapping[str, Any]) -> Any:
    """Return the object of a PDF that *value* encodes, to be named in *resources*."""
    match value:
        case bytes() if value == COLOURS:
            return resources["ColorSpace"]
        case dict():
            return pydyf.Dictionary({k: decode(v, resources) for k, v in value.items()})
        case [kind, *parts]:
            return _decode_kind(kind, parts, resources)
    return value


def _decode_kind(kind: str, parts: list[Any], resources: Mapping[str, Any]) -> Any:
    if kind == _NAMED:
        return resources["XObject"][parts[0]]
    if kind == _STRING:
        return pydyf.String(parts[0])
    if kind == _ARRAY:
        return pydyf.Array([decode(part, resources) for part in parts[0]])
    operators, extra = (decode(part, resources) for part in parts)
    return pydyf.Stream(operators, extra)


def _encode(value: Any, forms: Mapping[int, str]) -> Any:
    """Encode *value*; of *forms*, by identity, the name is enough."""
    match value:
        case pydyf.Stream() if id(value) in forms:
            return [_NAMED, forms[id(value)]]
        case pydyf.Stream():
            operators = [_encode(operator, {}) for operator in value.stream]
            return [_STREAM, [_ARRAY, operators], _encode(value.extra, {})]
        case pydyf.String():
            return [_STRING, value.string]
        case dict():
            if forms_within := value.get("XObject"):
                forms = {id(form): name for name, form in forms_within.items()}
            return {
                name: _encode(kept, {} if name == "XObject" else forms)
                for name, kept in value.items()
            }
        case list() | tuple():
            return [_ARRAY, [_encode(kept, forms) for kept in value]]
    return value


def _digest(value: Any) -> str:
    return hashlib.sha256(repr(value).encode()).hexdigest()[:16]


def _rename_inside(value: Any, names: Mapping[tuple[str, str], str]) -> Any:
    """Return *value* with new names of the forms that it names."""
    match value:
        case dict():
            return {k: _rename_inside(kept, names) for k, kept in value.items()}
        case [kind, name] if kind == _NAMED:
            return [kind, names.get(("XObject", name), name)]
    return value


def _rename_operator(
    operator: Operator, names: Mapping[tuple[str, str], str]
) -> Operator:
    if isinstance(operator, bytes) and (found := _NAMES.fullmatch(operator)):
        name, does = found[1].decode("ascii"), found[2]
        kind = _KIND_OF.get(does, "Pattern")
        return b"/%b %b" % (names.get((kind, name), name).encode("ascii"), does)
    return operator
