"""The letters that a demo's hub has written, to read instead of a mailbox: a demo sends no mail.

There is no such page on any other hub (`Settings.outbox_page`): a letter lets whoever has it in.
"""

import re

from markupsafe import Markup, escape
from starlette.responses import Response
from starlette.routing import Route

from storage import mail
from web.account import words
from web.account.visits import Account, Visit

OUTBOX = "/demo/outbox"
MOST = 50
_LINK = re.compile(r"https?://[^\s<>\"]+")


def routes(account: Account) -> list[Route]:
    async def outbox(visit: Visit) -> Response:
        async with visit.desk.database.reading(fresh=True) as db:
            found = await mail.newest(db, MOST)
        now = visit.desk.clock.now()
        letters = [
            {
                "to": each.to,
                "subject": each.subject,
                "text": linked(each.text),
                "calendar": _method(each.calendar),
                "written": words.ago(each.created_at, now),
            }
            for each in found
        ]
        return account.shown(visit, "outbox.html", letters=letters, most=MOST)

    return [account.route(OUTBOX, outbox)]


def _method(calendar: str | None) -> str | None:
    """What the calendar beside it asks of the reader's own (RFC 5546 s1.4)."""
    found = re.search(r"^METHOD:(\w+)", calendar or "", re.MULTILINE)
    return found[1] if found else None


def linked(text: str) -> Markup:
    """With its addresses to click, and everything else as it is."""
    said, at = Markup(), 0
    for found in _LINK.finditer(text):
        said += escape(text[at : found.start()])
        said += Markup('<a href="{0}">{0}</a>').format(found[0])
        at = found.end()
    return said + escape(text[at:])
