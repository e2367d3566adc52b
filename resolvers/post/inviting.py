"""Letters to those who can answer what an organization is asked: to host an event together, or to work
together in an alliance."""

from collections.abc import Collection

from domain import letter_texts, policy
from languages import N_, speaking
from languages import gettext as _
from resolvers.context import Context
from resolvers.post.guest_words import on_clocks
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
        readers = await invited.readers(db, awaited.asked, roles)
        hand = await pen(ctx, db, {each.address for each in readers})
        for reader in readers:
            if not hand.is_refused(reader.address, awaited.asker_id):
                with speaking(reader.language):
                    posted.append(hand.letter(reader.address, _content(ctx, awaited, kind)))
    await mail.post(db, ctx.names, posted, ctx.clock.now())
    return len(posted)


_ASKS = {
    ("events", True): (
        N_("Host together"),
        N_("%(asker)s invites your organization to host “%(title)s” too."),
    ),
    ("events", False): (
        N_("Host together"),
        N_("%(asker)s asks to host “%(title)s” together with you."),
    ),
    ("alliances", True): (
        N_("Invitation"),
        N_("%(asker)s invites your organization into “%(title)s”."),
    ),
    ("alliances", False): (N_("Asks to join"), N_("%(asker)s asks to join “%(title)s”.")),
}


def _content(ctx: Context, awaited: Awaited, kind: str) -> Content:
    subject, said = _ASKS[kind, awaited.is_invited]
    facts = []
    if awaited.starts_at is not None and awaited.time_zone is not None:
        at = on_clocks(awaited.starts_at, awaited.time_zone, all_day=False)
        facts.append(Fact(_("When"), f"{at} ({awaited.time_zone})"))
    if awaited.expires_at is not None:
        facts.append(Fact(_("Answer by"), on_clocks(awaited.expires_at, "UTC", all_day=True)))
    return Content(
        subject=letter_texts.subject(_(subject), awaited.title),
        says=[_(said, asker=awaited.asker, title=awaited.title)],
        organization_id=awaited.asker_id,
        organization=awaited.asker,
        because=_("You get this because you can answer this for your organization."),
        facts=facts,
        quoted=awaited.message,
        quoted_of=_("%(name)s writes:", name=awaited.asker),
        links=[Link(_("See what it is about, and answer it"), _page(ctx, awaited, kind))],
    )


def _page(ctx: Context, awaited: Awaited, kind: str) -> str:
    return f"{ctx.hub.url}/{kind}/{awaited.thing_id}"
