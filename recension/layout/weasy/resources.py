"""What the operators of a page name, as plain data and back: objects of a PDF.

Such are states of transparency, forms, patterns, shadings and pictures. Dictionaries
are plain ones; what plain data have no type for is a list that begins with its kind.
A picture is nothing but a name where it is used, for it may be used in many places.
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
    encoded: dict[str, dict[str, Any]] = encode(resources)
    return {kind: encoded[kind] for kind in KINDS if encoded[kind]}


def rename(
    resources: dict[str, dict[str, Any]], operators: Sequence[Operator]
) -> tuple[dict[str, dict[str, Any]], list[Operator]]:
    """Return *resources* and *operators* with names that no other page has otherwise.

    They are digests of what is named.
    """
    names: dict[tuple[str, str], str] = {}
    renamed: dict[str, dict[str, Any]] = {}
    for kind in filter(resources.__contains__, KINDS):
        renamed[kind] = {}
        for name, value in resources[kind].items():
            content = _rename_inside(value, names)  # a digest is of what is named too
            if _COUNTED.fullmatch(name):
                names[kind, name] = f"{name[0]}{_digest(content)}"
            renamed[kind][names.get((kind, name), name)] = content
    return renamed, [_rename_operator(operator, names) for operator in operators]


def encode(value: Any) -> Any:
    """Return *value*, an object of a PDF or what one holds, as plain data."""
    return _encode(value, {})


def decode(value: Any, colours: object, forms: Mapping[str, Any] | None = None) -> Any:
    """Return the object of a PDF that *value* encodes.

    *colours* are the colour spaces of the file, *forms* are those that it may name.
    """
    match value:
        case bytes() if value == COLOURS:
            return colours
        case dict():
            known = value.get("XObject")
            forms = decode(known, colours) if known else forms
            return pydyf.Dictionary(
                (k, forms if known and k == "XObject" else decode(v, colours, forms))
                for k, v in value.items()
            )
        case [kind, *parts]:
            return _decode_kind(kind, parts, colours, forms or {})
    return value


def _decode_kind(
    kind: str, parts: list[Any], colours: object, forms: Mapping[str, Any]
) -> Any:
    if kind == _NAMED:
        return forms[parts[0]]
    if kind == _STRING:
        return pydyf.String(parts[0])
    if kind == _ARRAY:
        return pydyf.Array([decode(part, colours, forms) for part in parts[0]])
    operators, extra = (decode(part, colours) for part in parts)
    return pydyf.Stream(operators, extra)


def _encode(value: Any, forms: Mapping[int, str]) -> Any:
    """Encode *value*; of *forms*, by identity, the name is enough."""
    match value:
        case pydyf.Stream():
            name = forms.get(id(value))
            return [_NAMED, name] if name else _encode_stream(value)
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
        case pydyf.Object():  # the data of a picture
            return value.data
    return value


def _encode_stream(stream: pydyf.Stream) -> list[Any]:
    operators = [_encode(operator, {}) for operator in stream.stream]
    return [_STREAM, [_ARRAY, operators], _encode(stream.extra, {})]


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
