"""What stands where a list was refused: an empty page, so that the rest of an answer survives.

The refusal itself is in `errors`, by the field's path. See docs/decisions/0004-refused-lists.md.
"""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class NoPlace:
    """The PageInfo of an empty page."""

    has_next_page: bool = False
    has_previous_page: bool = False
    start_cursor: None = None
    end_cursor: None = None


@dataclass(frozen=True, slots=True)
class Withheld:
    """Reads as a page of any connection: nothing in it, and how much there is not told."""

    rows: tuple[Any, ...] = ()
    edges: tuple[Any, ...] = ()
    nodes: tuple[Any, ...] = ()
    sources: tuple[Any, ...] = ()
    has_next_page: bool = False
    has_previous_page: bool = False
    page_info: NoPlace = field(default_factory=NoPlace)

    async def count(self) -> None:
        """Not told."""


WITHHELD = Withheld()
