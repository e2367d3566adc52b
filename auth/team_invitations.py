"""Coming into an organization's team: invited to an address, by a letter whose link works once.

- Whoever follows the link sees who invites them to what, and chooses. Looking uses nothing up.
- Whoever is signed in comes in with that account, whatever its addresses are. Whoever is not may
  sign in first, or open an account on the spot: they read the letter, so the address is theirs.
  Where the address opens an account already, it is never given to another: they sign in to it.
- An invitation is as good as its sender's word: where they could not send it today, it lets nobody in.

The team is held first and the invitation looked at after that: of twenty who accept at once, one does.
"""

from dataclasses import dataclass, replace
from datetime import timedelta

from auth import accounts, sessions, team_words, teams, throttle
from auth.desk import Desk, digest_of
from auth.letters import Place
from auth.sessions import Method, SignedIn
from auth.throttle import Limit
from domain import teams as rules
from domain.actors import OPERATOR, TeamRole
from domain.errors import InvalidTransition, NotFound, Taken
from domain.ids import Kind
from domain.words import say
from languages import speaking
from storage import mail
from storage import team_invitations as stored
from storage import teams as stored_teams
from storage.engine import Reading, Writing
from storage.mail import Letter
from storage.sessions import Session
from storage.team_invitations import Invitation as Invitation  # by this name for the pages
from storage.teams import Organization

GOOD_FOR = timedelta(days=14)
ACCEPTED, DECLINED, WITHDRAWN, EXPIRED = "ACCEPTED", "DECLINED", "WITHDRAWN", "EXPIRED"
_BY_PERSON = Limit("team invitations by person", burst=20, seconds=300)
_BY_ORGANIZATION = Limit("team invitations by organization", burst=50, seconds=300)
# Nobody is written to again and again, by one organization or by many.
_TO_ADDRESS = Limit("team invitations to an address", burst=5, seconds=3_600)
_ANSWERS = Limit("team invitations answered by client", burst=20, seconds=30)


class NoInvitation(NotFound):
    """It was answered or withdrawn, is too old, or never was: the same to whoever asks."""

    def __init__(self) -> None:
        super().__init__(
            say(
                "This invitation is not good any more: it was answered, withdrawn or sent "
                "anew, or it is older than %(days)s days. Ask whoever invited you for "
                "another.",
                days=GOOD_FOR.days,
            )
        )


class HasAccount(Taken):
    """The address opens an account: its owner signs in to it, and nobody else gets it."""

    def __init__(self) -> None:
        super().__init__(
            say(
                "The address that was invited opens an account already: sign in to it, "
                "and accept then."
            ),
            ("displayName",),
        )


@dataclass(frozen=True, slots=True)
class Opened:
    """What somebody with the link sees. `has_account` is whether its address opens one already,
    `is_member` whether they, signed in, are in the team."""

    invitation: Invitation
    has_account: bool
    is_member: bool


# ── by who keeps the team ────────────────────────────────────────────────────────────────────────


async def invite(
    desk: Desk, place: Place, session: Session, slug: str, typed: str, role: TeamRole
) -> Invitation:
    """By an owner or admin. Posts the letter."""
    address = accounts.address_of(typed)
    async with desk.database.reading(fresh=True) as db:
        organization, mine = await teams.place_of(db, slug, session)
        rules.require_giving(mine, role)
    await _throttle(desk, organization, address, session)
    async with desk.database.writing() as db:
        organization, mine = await teams.held(db, slug, session)
        rules.require_giving(mine, role)
        invitation, _ = await _invited(desk, db, place, organization, session, address, role)
    return invitation


async def invite_as_operator(
    desk: Desk, place: Place, organization: Organization, typed: str, role: TeamRole
) -> tuple[Invitation, str]:
    """By whoever runs the hub, at its command line: with the link, because mail may not work yet.
    One that waits for the same address is sent anew."""
    address = accounts.address_of(typed)
    async with desk.database.writing() as db:
        await stored_teams.hold(db, organization.id)
        before = await stored.to_address(db, organization.id, address)
        if before is not None:
            await stored.end(db, before.id, WITHDRAWN, desk.clock.now())
        return await _invited(desk, db, place, organization, None, address, role)


async def send_again(
    desk: Desk, place: Place, session: Session, slug: str, invitation_id: str
) -> None:
    """With a new link, good for as long as the first was; the one before opens nothing more."""
    async with desk.database.reading(fresh=True) as db:
        organization, mine = await teams.place_of(db, slug, session)
        waiting = await _kept(db, organization, mine, invitation_id)
    await _throttle(desk, organization, waiting.address, session)
    async with desk.database.writing() as db:
        organization, mine = await teams.held(db, slug, session)
        waiting = await _kept(db, organization, mine, invitation_id)
        now, secret = desk.clock.now(), desk.secret()
        renewed = replace(
            waiting,
            invited_by=session.person_id,
            inviter=session.person_name,
            expires_at=now + GOOD_FOR,
        )
        await stored.renew(db, renewed, digest_of(secret))
        await _post(desk, db, place, renewed, place.link(secret))
        await _note(desk, db, "organization.team_invitation_sent_again", renewed, session)


async def withdraw(desk: Desk, session: Session, slug: str, invitation_id: str) -> None:
    async with desk.database.writing() as db:
        organization, mine = await teams.held(db, slug, session)
        waiting = await _kept(db, organization, mine, invitation_id)
        await stored.end(db, waiting.id, WITHDRAWN, desk.clock.now())
        await _note(desk, db, "organization.team_invitation_withdrawn", waiting, session)


# ── by whoever has the letter ────────────────────────────────────────────────────────────────────


async def look(desk: Desk, secret: str, session: Session | None) -> Opened:
    """Uses nothing up. Raises `NoInvitation`."""
    async with desk.database.reading(fresh=True) as db:
        invitation = await _good(desk, db, secret)
        owner = await accounts.person_of_address(db, invitation.address)
        role = session and await stored_teams.role_of(
            db, invitation.organization_id, session.person_id
        )
    return Opened(invitation, owner is not None, role is not None)


async def accept(desk: Desk, secret: str, session: Session) -> Invitation:
    """With the account that is signed in."""
    await throttle.count(desk, _ANSWERS, desk.address)
    async with desk.database.writing() as db:
        invitation = await _held(desk, db, secret)
        await _join(desk, db, invitation, session.person_id)
    return invitation


async def accept_as_somebody_new(
    desk: Desk, secret: str, display_name: str, device: str
) -> tuple[Invitation, SignedIn]:
    """With an account made now, which the address opens from now on. Raises `HasAccount`."""
    await throttle.count(desk, _ANSWERS, desk.address)
    async with desk.database.writing() as db:
        invitation = await _held(desk, db, secret)
        if await accounts.person_of_address(db, invitation.address) is not None:
            raise HasAccount
        person = await accounts.new_person(desk, db, display_name)
        try:
            await accounts.confirm_address(desk, db, person.person_id, invitation.address)
        except Taken:
            raise HasAccount from None
        await _join(desk, db, invitation, person.person_id)
        signed_in = await sessions.begin(
            desk, db, person.person_id, person.name, [Method.LETTER], device
        )
    return invitation, signed_in


async def decline(desk: Desk, secret: str) -> Invitation:
    """By whoever has the letter: it takes no account."""
    await throttle.count(desk, _ANSWERS, desk.address)
    async with desk.database.writing() as db:
        invitation = await _held(desk, db, secret)
        await stored.end(db, invitation.id, DECLINED, desk.clock.now())
        await _note(desk, db, "organization.team_invitation_declined", invitation, None)
    return invitation


# ── beneath ──────────────────────────────────────────────────────────────────────────────────────


async def _invited(
    desk: Desk,
    db: Writing,
    place: Place,
    organization: Organization,
    session: Session | None,
    address: str,
    role: TeamRole,
) -> tuple[Invitation, str]:
    now, secret = desk.clock.now(), desk.secret()
    before = await stored.to_address(db, organization.id, address)
    if before is not None:
        if before.expires_at > now:
            raise Taken(
                "An invitation waits for this address already. Send that one again, or withdraw it "
                "first.",
                ("address",),
            )
        await stored.end(db, before.id, EXPIRED, now)
    invitation = Invitation(
        id=desk.named("inv"),
        organization_id=organization.id,
        slug=organization.slug,
        organization_name=organization.name,
        address=address,
        role=role,
        invited_by=session.person_id if session else None,
        inviter=session.person_name if session else None,
        created_at=now,
        expires_at=now + GOOD_FOR,
    )
    link = place.link(secret)
    await stored.add(db, invitation, digest_of(secret))
    await _post(desk, db, place, invitation, link)
    by = None if session else OPERATOR
    await _note(desk, db, "organization.team_invitation_sent", invitation, session, by)
    return invitation, link


async def _post(desk: Desk, db: Writing, place: Place, invitation: Invitation, link: str) -> None:
    reader = await accounts.person_of_address(db, invitation.address)
    with speaking(reader.language if reader else None):
        subject = team_words.subject(invitation.organization_name)
        text = team_words.invitation(
            place.site,
            invitation.organization_name,
            invitation.inviter,
            invitation.role,
            link,
            invitation.expires_at,
        )
    letter = Letter(invitation.address, subject, text)
    await mail.post(db, desk.names, [letter], desk.clock.now())


async def _kept(
    db: Reading, organization: Organization, mine: TeamRole, invitation_id: str
) -> Invitation:
    """One that waits, or waited too long, for who may give its role."""
    rules.require_keeper(mine)
    waiting = await stored.by_id(db, organization.id, invitation_id)
    if waiting is None:
        raise NotFound("This invitation was answered or withdrawn in the meantime.")
    rules.require_giving(mine, waiting.role)
    return waiting


async def _held(desk: Desk, db: Writing, secret: str) -> Invitation:
    """The invitation, which nobody else answers until this transaction ends."""
    seen = await stored.of_digest(db, digest_of(secret))
    if seen is None:
        raise NoInvitation
    await stored_teams.hold(db, seen.organization_id)
    return await _good(desk, db, secret)


async def _good(desk: Desk, db: Reading, secret: str) -> Invitation:
    invitation = await stored.of_digest(db, digest_of(secret))
    if invitation is None or invitation.expires_at <= desk.clock.now():
        raise NoInvitation
    if invitation.invited_by is not None:
        role = await stored_teams.role_of(db, invitation.organization_id, invitation.invited_by)
        if invitation.role not in rules.may_give(role):
            raise NoInvitation
    return invitation


async def _join(desk: Desk, db: Writing, invitation: Invitation, person_id: str) -> None:
    organization_id, now = invitation.organization_id, desk.clock.now()
    if await stored_teams.role_of(db, organization_id, person_id) is not None:
        raise InvalidTransition(
            "You are in this team already. An owner or admin can change your role; this invitation "
            "is still good for somebody else."
        )
    await stored.end(db, invitation.id, ACCEPTED, now, accepted_by=person_id)
    member_id = desk.names.new(Kind.TEAM_MEMBER)
    await stored_teams.give_role(db, member_id, organization_id, person_id, invitation.role, now)
    await desk.note(
        db,
        "organization.team_member_added",
        organization_id=organization_id,
        person_id=person_id,
        subject_id=member_id,
        part_of=organization_id,
        detail=f"{person_id}, {invitation.role}",
    )


async def _throttle(desk: Desk, organization: Organization, address: str, session: Session) -> None:
    await throttle.count(desk, _BY_PERSON, session.person_id)
    await throttle.count(desk, _BY_ORGANIZATION, organization.id)
    await throttle.count(desk, _TO_ADDRESS, address)


async def _note(
    desk: Desk,
    db: Writing,
    action: str,
    invitation: Invitation,
    session: Session | None,
    client_id: str | None = None,
) -> None:
    await desk.note(
        db,
        action,
        organization_id=invitation.organization_id,
        client_id=client_id,
        person_id=session.person_id if session else None,
        detail=str(invitation.role),
    )
