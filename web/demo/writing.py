"""The city's pieces in the words of the use cases: what is handed to `resolvers` to be made."""

from collections.abc import Mapping

from domain.events import AttendanceMode, EventStatus
from domain.identifiers import Identifier
from domain.people import Contact
from resolvers.alliances import NewAlliance
from resolvers.events import NewEvent
from resolvers.groups import NewGroup
from resolvers.organizations import NewOrganization
from resolvers.people import NewPerson
from web.demo import city
from web.demo.pieces import Circle, Pact, Piece, Someone, Voice
from web.demo.schedule import Planned

SYSTEM = "demo"
_MANY = 3  # whoever writes in so many further languages has people who speak them


def organization(voice: Voice) -> NewOrganization:
    return NewOrganization(
        slug=voice.slug,
        name=voice.name,
        summary=voice.summary,
        description=voice.description,
        website=f"https://{voice.slug}.example",
        causes=voice.causes,
        languages=voice.languages,
        time_zone=city.TIME_ZONE,
        place=city.PLACES[voice.where],
        contact=_contact(voice, "hello"),
        visibility=voice.visibility,
        identifiers=(Identifier(SYSTEM, voice.slug),),
    )


def person(voice: Voice, someone: Someone) -> NewPerson:
    return NewPerson(
        display_name=someone.name,
        preferred_language=someone.language,
        contact=Contact(name=someone.name, email=email_of(voice, someone)),
    )


def email_of(voice: Voice, someone: Someone) -> str:
    return f"{someone.name.split()[0].casefold()}@{voice.slug}.example"


def alliance(pact: Pact, convener_id: str) -> NewAlliance:
    return NewAlliance(
        convener_id=convener_id,
        slug=pact.slug,
        name=pact.name,
        purpose=pact.purpose,
        description=pact.description,
        kind=pact.kind,
        join_policy=pact.joining,
        decision_rule=pact.deciding,
        sharing=pact.sharing,
        causes=pact.causes,
    )


def group(
    circle: Circle, voice: Voice, organization_id: str, parent_id: str | None, alliances: list[str]
) -> NewGroup:
    return NewGroup(
        organization_id=organization_id,
        parent_id=parent_id,
        slug=circle.slug,
        name=circle.name,
        purpose=circle.purpose,
        kind=circle.kind,
        causes=circle.causes or voice.causes[:1],
        languages=circle.languages or voice.languages[:1],
        place=city.PLACES[circle.where] if circle.where else None,
        join_policy=circle.joining,
        links=circle.links,
        visibility=circle.visibility,
        share_with=tuple(alliances),
    )


def event(
    planned: Planned, organization_id: str, group_id: str | None, alliances: Mapping[str, str]
) -> NewEvent:
    piece, voice = planned.piece, planned.voice
    online = piece.online
    if planned.status is EventStatus.MOVED_ONLINE:
        online = online or f"https://meet.{voice.slug}.example/instead"
    text = planned.said(piece.text)
    return NewEvent(
        organization_id=organization_id,
        group_id=group_id,
        title=planned.said(piece.title),
        summary=piece.summary or _first_sentence(text),
        description=text,
        translations={
            language: _translated(planned, title, words)
            for language, (title, words) in piece.other.items()
        },
        starts_at=planned.starts_at,
        ends_at=planned.ends_at,
        time_zone=planned.time_zone,
        all_day=bool(piece.whole_days),
        recurrence=planned.recurrence,
        status=planned.status,
        attendance_mode=_mode(planned.where, online),
        place=city.PLACES[planned.where] if planned.where else None,
        online_url=online,
        accessibility=piece.access,
        causes=piece.causes or voice.causes[:2],
        languages=_spoken(piece),
        is_free=piece.free,
        capacity=piece.capacity,
        join_mode=piece.joining,
        registration_url=piece.sign_up,
        contact=_contact(voice, "events"),
        visibility=piece.visibility,
        share_with=tuple(alliances[slug] for slug in piece.share if slug in alliances),
        publish=not piece.draft,
        identifiers=(Identifier(SYSTEM, planned.name),),
    )


def _translated(planned: Planned, title: str, words: str) -> dict[str, str]:
    text = planned.said(words)
    summary = _first_sentence(text)
    said = {"title": planned.said(title), "description": text}
    return said if summary is None else said | {"summary": summary}


def _first_sentence(text: str) -> str | None:
    """For lists; None where it is all there is."""
    first, more, _ = text.partition(". ")
    return f"{first}." if more else None


def _mode(where: str, online: str | None) -> AttendanceMode:
    if online is None:
        return AttendanceMode.IN_PERSON
    return AttendanceMode.HYBRID if where else AttendanceMode.ONLINE


def _spoken(piece: Piece) -> tuple[str, ...]:
    return (piece.language, *(piece.other if len(piece.other) >= _MANY else ()))


def _contact(voice: Voice, box: str) -> Contact:
    return Contact(
        name=voice.people[0].name,
        email=f"{box}@{voice.slug}.example",
        telephone=voice.telephone,
        url=f"https://{voice.slug}.example/{box}",
    )
