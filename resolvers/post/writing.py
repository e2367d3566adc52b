"""Letters out of what there is to say: plain text, and the same in HTML, by one template each.

Words of others come in as they are; here they lose what is no word (`domain.letter_texts`), and what
HTML would take for more than words.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from domain import letter_texts, mail_wishes
from domain.hubs import LocalHub
from domain.mail_wishes import Stop
from languages import SOURCE, current, direction
from languages.templates import install
from resolvers.context import Context
from storage import mail_wishes as stored
from storage.engine import Writing
from storage.mail import Letter

STOP = "/mail/stop"


@dataclass(frozen=True, slots=True)
class Fact:
    name: str
    value: str
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    name: str
    before: str
    now: str


@dataclass(frozen=True, slots=True)
class Link:
    words: str
    url: str


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    rows: Sequence[str]
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a letter says, in the language that is spoken. It is about `organization`; `because` is a
    sentence that says why it comes."""

    subject: str
    says: Sequence[str]
    organization_id: str
    organization: str
    because: str
    facts: Sequence[Fact] = ()
    changes: Sequence[Change] = ()
    quoted: str | None = None
    quoted_of: str = ""
    sections: Sequence[Section] = ()
    links: Sequence[Link] = ()
    calendar: str | None = None


@dataclass(frozen=True, slots=True)
class Pen:
    """What letters are written with in one transaction: the hub's key, and who wants none."""

    hub: LocalHub
    key: bytes
    refused: Collection[Stop]

    def is_refused(self, address: str, organization_id: str) -> bool:
        return self._stop(address, organization_id) in self.refused

    def letter(self, address: str, content: Content) -> Letter:
        stop = self._stop(address, content.organization_id)
        stop_url = f"{self.hub.url}{STOP}?link={mail_wishes.signed(self.key, stop)}"
        if current() != SOURCE:
            stop_url += f"&lang={current()}"
        text, html = written(content, self.hub, stop_url)
        return Letter(
            address,
            letter_texts.line(content.subject),
            text,
            html=html,
            calendar=content.calendar,
            stop_url=stop_url,
        )

    def _stop(self, address: str, organization_id: str) -> Stop:
        return Stop(mail_wishes.reader_of(self.key, address), organization_id)


async def pen(ctx: Context, db: Writing, addresses: Collection[str]) -> Pen:
    key = await stored.key(db)
    if key is None and not addresses:
        return Pen(ctx.hub, b"", ())  # that writes nothing
    if key is None:
        key = await stored.key_or_new(db, ctx.names.secret().encode()[: mail_wishes.KEY_BYTES])
    readers = {mail_wishes.reader_of(key, each) for each in addresses}
    return Pen(ctx.hub, key, await stored.refused(db, readers))


def written(content: Content, hub: LocalHub, stop_url: str | None) -> tuple[str, str]:
    given = {
        "content": content,
        "hub": hub,
        "stop_url": stop_url,
        "language": current(),
        "direction": direction(),
    }
    text, html = (
        _templates().get_template(name).render(given).strip() + "\n"
        for name in ("letter.txt", "letter.html")
    )
    return text, html


@cache
def _templates() -> Environment:
    made = Environment(
        extensions=["jinja2.ext.i18n"],
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.policies["ext.i18n.trimmed"] = True
    install(made)
    made.filters |= {"line": letter_texts.line, "page": letter_texts.page}
    return made
