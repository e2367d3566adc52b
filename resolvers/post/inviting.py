"""Letters to those who can answer what an organization is asked: to host an event together, or to work
together in an alliance."""

from collections.abc import Collection

from domain import letter_texts, letters, policy
from resolvers.context import Context
from resolvers.post.writing import Content, Fact, Link, pen
from storage import invited, mail
from storage.engine import Writing
from storage.invited import Awaited


async def write(
    ctx: Context, db: Writing, place_ids: Collection[str], membership_ids: Collection[str]
) -> int:
    """Of what still awaits an answer. How many letters there were."""
    asked = [
        *((each, policy.EVENT_STAFF, "events") for each in await invited.to_events(db, place_ids)),
        *(
            (each, policy.LEADS, "alliances")
            for each in await invited.to_alliances(db, membership_ids)
        ),
    ]
    posted = []
    for awaited, roles, kind in asked:
        readers = await invited.addresses(db, awaited.asked, roles)
        hand = await pen(ctx, db, readers)
        content = _content(ctx, awaited, kind)
        posted += [
            hand.letter(reader, content)
            for reader in readers
            if not hand.is_refused(reader, awaited.asker_id)
        ]
    await mail.post(db, ctx.names, posted, ctx.clock.now())
    return len(posted)


_ASKS = {
    ("events", True): ("Host together", "{asker} invites your organization to host “{title}” too"),
    ("events", False): ("Host together", "{asker} asks to host “{title}” together with you"),
    ("alliances", True): ("Invitation", "{asker} invites your organization into “{title}”"),
    ("alliances", False): ("Asks to join", "{asker} asks to join “{title}”"),
}


def _content(ctx: Context, awaited: Awaited, kind: str) -> Content:
    subject, said = _ASKS[kind, awaited.is_invited]
    facts = []
    if awaited.starts_at is not None and awaited.time_zone is not None:
        at = letters.on_clocks(awaited.starts_at, awaited.time_zone, all_day=False)
        facts.append(Fact("When", f"{at} ({awaited.time_zone})"))
    if awaited.expires_at is not None:
        facts.append(Fact("Answer by", letters.on_clocks(awaited.expires_at, "UTC", all_day=True)))
    return Content(
        subject=letter_texts.subject(subject, awaited.title),
        says=[f"{said.format(asker=awaited.asker, title=awaited.title)}."],
        organization_id=awaited.asker_id,
        organization=awaited.asker,
        because="you can answer this for your organization",
        facts=facts,
        quoted=awaited.message,
        quoted_of=f"{awaited.asker} writes",
        links=[Link("See what it is about, and answer it", _page(ctx, awaited, kind))],
    )


def _page(ctx: Context, awaited: Awaited, kind: str) -> str:
    return f"{ctx.hub.url}/{kind}/{awaited.thing_id}"
