"""Saving what was changed in a form: only what is different, from the version that the form was made of;
and where somebody else was first, a clash."""

from collections.abc import Mapping
from typing import Any, Protocol

from starlette.responses import Response

from web.console import clash
from web.console.event_values import Values, differing, read_marks
from web.console.rooms import by_field
from web.console.talking import Done
from web.console.typed import Typed
from web.forms import Form

# The contract's names where the form has others, or one field for several.
NAMES = {
    "recurrence": "repeats",
    "recurrence-rrule": "repeats",
    "place": "place-name",
    "contact": "contact-name",
    "accessibility": "accessibility-status",
    "translations-title": "translations",
    "translations-language": "translations",
    "languages": "language",
    "alliances": "shareWith",
    "id": "main",
}


class Writing(Protocol):
    """Something that is there, being written: an event, or dates of one."""

    @property
    def theirs(self) -> Values:
        """As it stands, as far as whoever writes may change it."""
        ...

    def filled(self, values: Values) -> Mapping[str, str]:
        """The form with these values in it."""
        ...

    def read(self, typed: Typed) -> Values:
        """The form as it was sent."""
        ...

    async def send(self, form: Form, version: int, changes: Values) -> Done: ...

    async def shown(
        self, filled: Mapping[str, str], problems: Mapping[str, str], done: Done | None = None
    ) -> Response: ...

    async def clashing(self, form: Form, mine: Values, done: Done) -> Response | None:
        """Both versions; None where the other is not to be seen any more."""
        ...

    def saved(self, payload: Mapping[str, Any], said: str) -> Response: ...


async def save(writing: Writing, form: Form | None) -> Response:
    """The form, at first; what is wrong with it; both versions; or where the change is seen."""
    if form is None:
        return await writing.shown(writing.filled(writing.theirs), {})
    typed = Typed(form)
    mine = writing.read(typed)
    if typed.problems:
        return await writing.shown(form, typed.problems)
    if clash.is_settling(form):
        mine = clash.settled(form, mine, writing.theirs)
        if form.get("do") == "edit":
            return await writing.shown(writing.filled(mine), {})
    changes = differing(mine, read_marks(form.get("was", "")))
    if not changes:
        return writing.saved({}, "nothing")
    return await _sent(writing, form, mine, changes)


async def _sent(writing: Writing, form: Form, mine: Values, changes: Values) -> Response:
    done = await writing.send(form, version_in(form), changes)
    if not done.problems:
        return writing.saved(done.payload, "changed")
    both = await writing.clashing(form, mine, done) if done.is_stale else None
    if both is not None:
        return both
    filled = writing.filled(mine) if clash.is_settling(form) else form
    return await writing.shown(filled, by_field(done, NAMES), done)


def version_in(form: Form) -> int:
    """Of the event when the form was made."""
    text = form.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def began(filled: Mapping[str, str], event: Mapping[str, Any], marks: str) -> dict[str, str]:
    """How the thing stood when the form was made, for its hidden fields: as a form that came back
    says; else as it stands, of which `marks` are the marks."""
    if "version" in filled and not clash.is_settling(filled):
        return {name: filled.get(name, "") for name in ("version", "was", "since")}
    return {"version": str(event["version"]), "was": marks, "since": str(event["updatedAt"])}
