"""What stands where a list was refused: an empty page, so that the rest of an answer survives.

`schema.access` puts it there, and answers for every field of the page; the refusal itself is in
`errors`, by the field's path. See docs/decisions/0004-refused-lists.md.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class NoPlace:
    """The PageInfo of an empty page."""

    has_next_page: bool = False
    has_previous_page: bool = False
    start_cursor: None = None
    end_cursor: None = None


@dataclass(frozen=True, slots=True)
class Withheld:
    """A page of any connection, with nothing in it, and how much there is not told."""

    page_info: NoPlace = field(default_factory=NoPlace)


WITHHELD = Withheld()
