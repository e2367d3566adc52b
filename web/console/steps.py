"""A step on a page of its own: what it means is said first, then it takes one button.

For what cannot be undone, goes out to others, or wants a reason. Which steps are possible is the
contract's to say (`nextActions`); a page links only to those.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from languages import gettext as _
from web.console.outcomes import DONE, status_of
from web.console.rooms import Console, Room, by_field
from web.forms import Form


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """`reason` is asked for where it is not None, and needed where it is True. `done` is the word of
    the notice afterwards."""

    document: str
    title: str
    says: tuple[str, ...]
    button: str
    done: str
    reason: bool | None = None
    is_grave: bool = False
    given: tuple[tuple[str, Any], ...] = ()  # further variables of the document


async def taken(
    console: Console,
    room: Room,
    step: Step,
    *,
    page: str,
    about: str,
    back: str,
    then: str | None = None,
    variables: Mapping[str, Any],
) -> Response:
    """The page of the step; after it, `then` (or `back`) with a word of what was done."""
    form = await console.form(room) if room.is_sent else Form({})
    reason = form.get("reason", "").strip()
    done = None
    if room.is_sent:
        asked = {**variables, **dict(step.given)}
        if step.reason is not None:
            asked["reason"] = reason or (None if not step.reason else "")
        done = await room.talk.change(step.document, form, **asked)
        if not done.problems:
            to = then or back
            return console.sent_on(f"{to}{'&' if '?' in to else '?'}{DONE}={step.done}")
    names = dict.fromkeys(variables, "main")
    problems = by_field(done, names)
    return console.shown(
        room,
        "console_step.html",
        status_of(problems, done),
        page=page,
        step=step,
        title=_(step.title),
        says=[_(line) for line in step.says],
        about=about,
        here=room.visit.here,
        back=back,
        reason=reason,
        problems=problems,
    )
