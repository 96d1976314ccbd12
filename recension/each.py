"""Apply work to many things: once to each, or only to what has changed since last time.

A stage that goes over many things is given one of these; which, is no matter of its.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping

Key = TypeVar("Key", bound="Hashable")
Result = TypeVar("Result")


class Each(Protocol):
    """Applies *work*, whose result depends on what it is given alone."""

    def __call__(
        self,
        work: Callable[..., Result],
        given: Mapping[Key, tuple[Any, ...]],
    ) -> dict[Key, Result]:
        """Return by its key what *work* makes of each thing that is *given*."""


def anew(
    work: Callable[..., Result], given: Mapping[Key, tuple[Any, ...]]
) -> dict[Key, Result]:
    """Do *work* on each thing that is *given*."""
    return {key: work(*thing) for key, thing in given.items()}


@dataclass(slots=True)
class Memory:
    """Does work again only on what is not as it was last time.

    Of what is the same the result is the same object, so that what depends on it is
    found to be the same at once. Results must not be changed by those who get them.
    """

    _last: dict[str, dict[Any, tuple[tuple[Any, ...], Any]]] = field(
        default_factory=dict
    )

    def again(
        self, work: Callable[..., Result], given: Mapping[Key, tuple[Any, ...]]
    ) -> dict[Key, Result]:
        """Do *work* on each thing that is *given* and has changed."""
        name = f"{work.__module__}.{work.__qualname__}"
        last = self._last.pop(name, {})
        now = {}
        for key, thing in given.items():
            known = last.get(key)
            is_known = known is not None and known[0] == thing
            now[key] = known if known and is_known else (thing, work(*thing))
        self._last[name] = now
        return {key: result for key, (_, result) in now.items()}
