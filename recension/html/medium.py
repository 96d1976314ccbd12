"""What differs between the printed book and the EPUB, said once."""

from __future__ import annotations

from dataclasses import dataclass

from recension.contract import call_id, note_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Medium:
    """A medium by the *name* of its folder of templates.

    *notes_at_calls*: a note stands in the tree behind its call, else in a list of its
    own; *has_bullets*: what stands before an item of a list is text; *has_dates*: dates
    are told to machines; *has_files*: each part is a file, and links lead to files.
    """

    name: str
    notes_at_calls: bool
    has_bullets: bool
    has_dates: bool
    has_files: bool

    @property
    def macros(self) -> str:
        """The template with a macro for each mark."""
        return f"{self.name}/marks.xhtml.jinja"

    def href(self, id_: str, part: str) -> str:
        """Return the link to *id_*, which stands in the *part* of that name."""
        return f"{part}.xhtml#{id_}" if self.has_files else f"#{id_}"

    def href_note(self, id_: str, part: str) -> str:
        """Return the link to a note: to itself, or to its call where it pops up."""
        return self.href((note_id if self.notes_at_calls else call_id)(id_), part)


PRINT = Medium(
    name="print",
    notes_at_calls=True,
    has_bullets=True,
    has_dates=False,
    has_files=False,
)
EPUB = Medium(
    name="epub",
    notes_at_calls=False,
    has_bullets=False,
    has_dates=True,
    has_files=True,
)
