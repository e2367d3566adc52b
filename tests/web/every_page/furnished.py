"""A hub on which there is one of everything that a page is about, so that every page can be looked at.

`furnish` gives the ids and secrets by the names that `addresses.py` calls them by.
"""

import re
from datetime import timedelta

from sqlalchemy import insert, select, update

from domain.actors import TeamRole
from domain.alliances import DecisionRule
from domain.events import JoinMode
from domain.recurrence import Recurrence
from domain.sharing import AttendeeSharing, HostEditing, JoinPolicy
from resolvers import (
    agreements,
    alliances,
    check_in,
    co_hosting,
    group_memberships,
    handovers,
    memberships,
    merging,
    organizations,
    proposals,
    rsvps,
)
from resolvers.agreements import NewAgreement
from resolvers.alliances import NewAlliance
from resolvers.co_hosting import Wish
from resolvers.operating import operator_for
from resolvers.proposals import NewProposal
from resolvers.rsvps import NewRsvp
from storage import tables as t
from storage.account_tables import passkeys, sign_in_addresses
from storage.engine import Database
from tests.auth.signing_in import mailbox
from tests.cast import MakeContext, publish, start_group
from tests.mailbox import Mailbox
from tests.outside import MONDAY
from tests.web.account.apps_of_people import asking, food_map
from tests.web.account.conftest import Counter
from tests.web.every_page.works_with import works_with

Ids = dict[str, str]
NAMES = ("Vera Okonkwo", "Özlem Ak", "Ana María de los Ángeles Fernández Restrepo", "علي", "Zoe")
IN_A_MONTH = MONDAY + timedelta(days=30)


async def furnish(counter: Counter, context: MakeContext, database: Database) -> Ids:
    made = Furnishing(counter, context, database)
    cast = counter.cast
    ids = {
        "pantry": cast.pantry,
        "alliance": cast.city_table,
        **await made.events(),
        **await made.at_the_door(),
        **await made.hosting(),
        **await made.alliances(),
        **await made.groups(),
        **await made.guests(),
    }
    ids |= await made.another_hub()
    return ids | await made.account(ids["member"])


class Furnishing:
    def __init__(self, counter: Counter, context: MakeContext, database: Database) -> None:
        self.counter, self.context, self.database = counter, context, database
        self.cast = counter.cast

    async def events(self) -> Ids:
        """A series that is hosted together, and others in each state that has a page of its own."""
        made, anna, cast = self.context, self.cast.anna, self.cast
        event = await publish(
            made,
            anna,
            title="Soup evening",
            summary="Soup, bread and company.",
            description="Everybody is welcome.\n\nhttps://soup.example",
            share_with=(cast.city_table,),
            capacity=40,
            causes=("food-justice", "housing"),
            languages=("en", "es"),
            recurrence=Recurrence("FREQ=WEEKLY;BYDAY=SA"),
            translations={"ar": {"title": "أمسية الحساء", "description": "الجميع مرحب بهم"}},
        )
        twice = await publish(made, anna, title="Street feast")
        await merging.merge(made(anna), twice, await publish(made, anna, title="Street party"))
        return {
            "event": event,
            "other": await publish(
                made, anna, title="Soup evening!", share_with=(cast.city_table,)
            ),
            "merged": twice,
            "draft": await publish(made, anna, title="A thought", publish=False),
            "past": await publish(
                made, anna, title="Tax help", starts_at=MONDAY - timedelta(days=2), ends_at=None
            ),
            "theirs": await publish(made, cast.lee, title="Reading hour"),
            "date": await self._date_of(event),
        }

    async def at_the_door(self) -> Ids:
        """In half an hour: some are expected, one is there, one asks to come."""
        made, anna = self.context, self.cast.anna
        starts = MONDAY + timedelta(minutes=30)
        soon = await publish(
            made,
            anna,
            title="Bread baking",
            starts_at=starts,
            ends_at=starts + timedelta(hours=3),
            join_mode=JoinMode.APPROVAL,
        )
        found = [
            await rsvps.answer(
                made(anna), NewRsvp(event_id=soon, guest_name=name, additional_guests=number % 3)
            )
            for number, name in enumerate(NAMES)
        ]
        assert found[0] is not None
        await check_in.check_in(made(anna), found[0], attended=True)
        await rsvps.answer(made(self.cast.lee), NewRsvp(event_id=soon))
        return {"soon": soon, "answer": found[0]}

    async def hosting(self) -> Ids:
        """The Shelter hosts with the Pantry, and is offered the lead; and asks the Pantry in turn."""
        made, cast = self.context, self.cast
        soup = await publish(made, cast.anna, title="Clothes swap", share_with=(cast.city_table,))
        wish = Wish(event_id=soup, organization_id=cast.shelter, may_edit=HostEditing.ALL)
        place = await co_hosting.ask(made(cast.anna), wish)
        await co_hosting.respond(made(cast.sam), place, True)
        async with self.database.writing() as db:
            learns = update(t.event_hosts).where(t.event_hosts.c.id == place)
            await db.execute(learns.values(attendee_sharing=AttendeeSharing.ALL_WITH_CONSENT))
        theirs = await publish(made, cast.sam, title="Warm night")
        wish = Wish(event_id=theirs, organization_id=cast.pantry, message="Shall we?")
        asked = await co_hosting.ask(made(cast.sam), wish)
        offer = await handovers.propose(made(cast.anna), soup, cast.shelter, "It is yours.")
        return {"shared": soup, "place": asked, "offer": offer, "shelter": cast.shelter}

    async def alliances(self) -> Ids:
        made, cast, anna = self.context, self.cast, self.cast.anna
        async with self.database.writing() as db:
            await db.execute(update(t.alliances).values(decision_rule=DecisionRule.CONSENT))
        question = NewProposal(
            alliance_id=cast.city_table,
            organization_id=cast.pantry,
            title="A summer market together",
            body="In June, on the square.\nEach of us brings a stall.",
            closes_at=MONDAY + timedelta(days=14),
        )
        charter = NewAgreement(
            alliance_id=cast.city_table,
            title="Charter",
            body="We are kind to one another.\n\nWhat we learn of people stays with us.",
            required=False,
        )
        others = NewAlliance(
            convener_id=cast.library,
            slug="open-shelves",
            name="Open Shelves",
            purpose="Books for all.",
            join_policy=JoinPolicy.OPEN,
        )
        await memberships.invite(made(anna), cast.city_table, cast.library, message="Come!")
        async with self.database.reading() as db:
            member = await db.scalar(
                select(t.alliance_members.c.id).where(
                    t.alliance_members.c.organization_id == cast.shelter
                )
            )
        assert member is not None
        return {
            "proposal": await proposals.open_proposal(made(anna), question),
            "agreement": await agreements.publish(made(anna), charter),
            "open": await alliances.create(made(operator_for(cast.library)), others),
            "member": member,
        }

    async def groups(self) -> Ids:
        group = await start_group(
            self.context,
            self.cast.anna,
            "west-side",
            purpose="Soup on Sundays",
            join_policy=JoinPolicy.BY_REQUEST,
        )
        await group_memberships.join(self.context(self.cast.lee), group, "I cook.")
        return {"group": group}

    async def guests(self) -> Ids:
        """Mei comes, and Bo has not followed the link yet; Lee has a letter that can be stopped."""
        made, cast = self.context, self.cast
        concert = await publish(
            made, cast.anna, title="Concert", starts_at=IN_A_MONTH, ends_at=None
        )
        told = {}
        for name in ("mei", "bo"):
            guest = NewRsvp(
                event_id=concert, guest_name=name.title(), guest_email=f"{name}@people.example"
            )
            await rsvps.answer(made(), guest)
            told[name] = await self._secret_in_letter(
                f"{name}@people.example", "/rsvp/confirm?token="
            )
        confirmed = await self.counter.browser.http.post(
            "/rsvp/confirm", data={"token": told["mei"]}
        )
        assert confirmed.status_code == 200, confirmed.text
        await rsvps.answer(made(cast.lee), NewRsvp(event_id=concert))
        await Mailbox(made, self.database, self.counter.desk.clock).turn()
        lee = "lee@northside-library.example"
        return {
            "stop": await self._secret_in_letter(lee, "/mail/stop?link="),
            "confirm": told["bo"],
            "cancel": await self._secret_in_letter("mei@people.example", "/rsvp/cancel?token="),
        }

    async def another_hub(self) -> Ids:
        """One that this hub works with."""
        return {"hub": await works_with(self.database, MONDAY)}

    async def account(self, member_of_table: str) -> Ids:
        """What Anna looks after: an app, a passkey, her team; and a letter to sign in."""
        anna, nobody, cast = self.counter.anna, self.counter.browser, self.cast
        team = self.context(operator_for(cast.pantry))
        await organizations.add_team_member(team, cast.pantry, cast.lee_id, TeamRole.EVENT_MANAGER)
        await self._reads_at("anna@home.example")
        register = "/account/apps/river-city-pantry/register/machine"
        await anna.open(register)
        await anna.send(anna.form(register), name="Website feed")
        await anna.open("/account/apps/river-city-pantry")
        app = next(link for link in anna.links if "/app/" in link).rpartition("/")[2]
        invite = "/account/team/river-city-pantry/invite"
        await anna.open(invite)
        await anna.send(anna.form(invite), address="mia@pantry.example", role="EDITOR")
        await anna.open("/account/team/river-city-pantry")
        invitation = next(link for link in anna.links if "/invitations/" in link)
        lee = next(link for link in anna.links if "/members/" in link)
        at = f"/console/river-city-pantry/alliances/{cast.city_table}/members/"
        await anna.open(f"{at}{member_of_table}")
        step = next(link for link in anna.links if link.startswith(f"{at}{member_of_table}/"))
        await nobody.open("/account/sign-in")
        await nobody.send(nobody.form("/account/sign-in/letter"), address="anna@pantry.example")
        return {
            "app": app,
            "authorize": asking(await food_map(self.counter.desk, cast)),
            "member_of_team": lee.rpartition("/")[2],
            "step": step.rpartition("/")[2],
            "passkey": await self._passkey(),
            "invitation": invitation.rpartition("/")[2],
            "invited": await self._secret_in_letter("mia@pantry.example", "letter="),
            "signing": await self._secret_in_letter("anna@pantry.example", "letter="),
        }

    async def _reads_at(self, address: str) -> None:
        """Anna, who has one more address to sign in by."""
        row = {"address": address, "person_id": self.cast.anna_id, "confirmed_at": MONDAY}
        async with self.database.writing() as db:
            await db.execute(insert(sign_in_addresses).values(**row))

    async def _passkey(self) -> str:
        made = {
            "credential_id": b"one of Anna's",
            "id": "psk_annas",
            "person_id": self.cast.anna_id,
            "name": "My laptop",
            "public_key": b"a key",
            "sign_count": 0,
            "is_backed_up": True,
            "created_at": MONDAY,
        }
        async with self.database.writing() as db:
            await db.execute(insert(passkeys).values(**made))
        return str(made["id"])

    # ── beneath ──────────────────────────────────────────────────────────────────────────────────

    async def _date_of(self, event_id: str) -> str:
        wanted = (
            select(t.occurrences.c.id)
            .where(t.occurrences.c.event_id == event_id)
            .order_by(t.occurrences.c.starts_at)
            .offset(1)
            .limit(1)
        )
        async with self.database.reading() as db:
            return str((await db.execute(wanted)).scalar_one())

    async def _secret_in_letter(self, address: str, before: str) -> str:
        letters = "\n".join(await mailbox(self.database, address))
        (secret,) = set(re.findall(re.escape(before) + r"([\w.~-]+)", letters))
        return str(secret)
