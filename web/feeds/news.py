"""The events of a feed as Atom (RFC 4287), last changed first, in pages (RFC 5005 s3).

An entry's id is the event's address, which is the same on every hub and stays. Words of people are
text and never markup.
"""

import re
from datetime import timedelta
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

from languages import dates, ngettext
from languages import gettext as _
from web.feeds.events import local
from web.feeds.lists import Feed
from web.feeds.told import Row
from web.feeds.words import OF_STATUS, hosted_by, hosts, lines_of, meets_in_place, said_of

MEDIA = "application/atom+xml; charset=utf-8"
ATOM = "http://www.w3.org/2005/Atom"
# RFC 4287 s4.1.1 wants a time, also where nothing has happened yet.
NEVER = "1970-01-01T00:00:00Z"
# What XML 1.0 s2.2 has no place for.
_NO_CHARACTER = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

register_namespace("", ATOM)


def news_of(feed: Feed) -> bytes:
    root = _element(None, "feed")
    _element(root, "id", _without_place(feed.address))
    _element(root, "title", f"{feed.holder.name}: events", type="text")
    _element(root, "updated", feed.changed or NEVER)
    _element(root, "link", rel="self", type="application/atom+xml", href=feed.address)
    _element(root, "link", rel="alternate", type="text/html", href=feed.holder.url)
    if feed.further is not None:
        _element(root, "link", rel="next", type="application/atom+xml", href=feed.further)
    _element(root, "generator", "Convoke")
    _element(_element(root, "author"), "name", feed.holder.name)
    for event in feed.entries:
        _add_entry(root, event)
    body: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return body


def _add_entry(root: Element, event: Row) -> None:
    entry = _element(root, "entry")
    _element(entry, "id", event["url"])
    _element(entry, "title", _title(event), type="text")
    _element(entry, "updated", event["updatedAt"])
    _element(entry, "published", event["createdAt"])
    _element(entry, "link", rel="alternate", type="text/html", href=event["url"])
    for each in hosts(event):
        author = _element(entry, "author")
        _element(author, "name", each["organization"]["name"])
        _element(author, "uri", each["organization"]["url"])
    for cause in event["causes"]:
        _element(entry, "category", term=cause, label=cause.replace("-", " "))
    if event["summary"]:
        _element(entry, "summary", event["summary"], type="text")
    _element(entry, "content", _content(event), type="text")


def _title(event: Row) -> str:
    loud = OF_STATUS.get(event["status"])
    return f"{_(loud[0]).removesuffix('.')}: {event['title']}" if loud else event["title"]


def _content(event: Row) -> str:
    place = event["place"] if meets_in_place(event, event["status"]) else None
    where = ", ".join(lines_of(place)) if place else ""
    facts = [_when(event), where, event["onlineUrl"], hosted_by(event)]
    told = [
        said_of(event["status"]),
        event["cancellationReason"],
        "\n".join(each for each in facts if each),
    ]
    return "\n\n".join(part for part in (*told, event["description"]) if part)


def _when(event: Row) -> str:
    """Of a series its next date."""
    starts = local(event["nextAt"] or event["startsAt"], event["timeZone"])
    day = dates.weekday_and_day(starts)
    if event["recurrence"]:
        day = _("Next: %(day)s", day=day)
    if not event["allDay"]:
        at = _("%(day)s, %(time)s", day=day, time=dates.clock(starts))
        return f"{at} ({event['timeZone']})"
    first, last = (
        local(told, event["timeZone"]) if told else None
        for told in (event["startsAt"], event["endsAt"])
    )
    days = (last - timedelta(seconds=1) - first).days + 1 if first and last else 1
    return day if days == 1 else day + ngettext(", %(num)s day", ", %(num)s days", days)


def _without_place(address: str) -> str:
    """All pages of a feed are one (RFC 5005 s3 leaves it open; readers tell feeds apart by it)."""
    return re.sub(r"[?&]after=[^&]*$", "", address)


def _element(parent: Element | None, name: str, words: str | None = None, **given: str) -> Element:
    tag = f"{{{ATOM}}}{name}"
    attributes = {key: _text(value) for key, value in given.items()}
    made = Element(tag, attributes) if parent is None else SubElement(parent, tag, attributes)
    if words is not None:
        made.text = _text(words)
    return made


def _text(words: str) -> str:
    return _NO_CHARACTER.sub("", words)
