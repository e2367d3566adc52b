"""What a page says after a form: the notice where it was done, the status where it was not."""

from collections.abc import Mapping

from languages import gettext as _
from web.console.rooms import Room
from web.console.talking import Done

DONE = "done"  # the word of the address that says what was done


def notice_of(room: Room, words: Mapping[str, str]) -> str | None:
    """What the address says was done, of the words that the page knows."""
    said = words.get(room.said.get(DONE, ""))
    return _(said) if said else None


def status_of(problems: Mapping[str, str], done: Done | None = None) -> int:
    """RFC 9110 s15.5.10 and s15.5.21."""
    if done is not None and done.is_stale:
        return 409
    return 422 if problems else 200
