"""Somebody else changed it first: both versions side by side, field by field, and the choice among
them: theirs, mine, or something of both."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup
from starlette.responses import Response

from web.console.event_history import changes_since
from web.console.event_values import Values, differing, marks_of, read_marks, written_marks
from web.console.event_words import OF_FIELD, in_words
from web.console.rooms import Console, Room
from web.forms import Form

MINE, THEIRS = "mine", "theirs"
_OWN = frozenset({"form_token", "once", "do", "clash", "version", "was", "began", "since"})


@dataclass(frozen=True, slots=True)
class Row:
    """A field that is not the same in both."""

    name: str
    words: str
    mine: Markup
    theirs: Markup
    changed_by_me: bool
    changed_by_them: bool

    @property
    def taken(self) -> str:
        """Chosen beforehand: what somebody changed goes before what was; and one's own before
        another's, where both did."""
        return THEIRS if self.changed_by_them and not self.changed_by_me else MINE

    @property
    def is_contested(self) -> bool:
        return self.changed_by_me and self.changed_by_them


def is_settling(form: Mapping[str, str]) -> bool:
    """The form is the one of a clash."""
    return "clash" in form


def settled(form: Form, mine: Values, theirs: Values) -> Values:
    """What was chosen, field by field."""
    if form.get("do") == MINE:
        return mine
    return {
        name: theirs[name] if form.get(f"take-{name}") == THEIRS else value
        for name, value in mine.items()
    }


async def shown(
    console: Console,
    room: Room,
    form: Form,
    mine: Values,
    now: Mapping[str, Any],
    theirs: Values,
    **about: Any,
) -> Response:
    """`now` is the event as it stands; `mine` is what was typed, and `theirs` what stands there of
    the same fields."""
    began = read_marks(form.get("began") or form.get("was", ""))
    since = form.get("since", "")
    return console.shown(
        room,
        "console_clash.html",
        409,
        page="events",
        rows=_rows(mine, theirs, began, now["timeZone"]),
        typed=[(name, value) for name in form for value in form.every(name) if _is_typed(name)],
        version=now["version"],
        was=written_marks(theirs),
        began=form.get("began") or form.get("was", ""),
        since=since,
        entries=await changes_since(room, now["id"], since),
        **about,
    )


def _is_typed(name: str) -> bool:
    return name not in _OWN and not name.startswith("take-")


def _rows(mine: Values, theirs: Values, began: Mapping[str, str], zone: str) -> Sequence[Row]:
    ours, others = differing(mine, began), differing(theirs, began)
    return [
        Row(
            name,
            OF_FIELD[name],
            in_words(name, value, zone),
            in_words(name, theirs[name], zone),
            name in ours,
            name in others,
        )
        for name, value in differing(mine, marks_of(theirs)).items()
    ]
