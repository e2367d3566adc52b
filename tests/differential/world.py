"""One world with something of everything that the contract can show, in every state it can have.

Organizations of two hubs, groups with parents, alliances with agreements; events are in
`world_of_events`. Two in a row differ in everything, so that no answer is right by accident.
"""

from dataclasses import dataclass, field
from typing import Any

from domain.actors import TeamRole
from domain.alliances import (
    AllianceKind,
    AllianceRole,
    AllianceStatus,
    DecisionRule,
    MembershipInitiator,
)
from domain.groups import GroupKind, GroupRole
from domain.hubs import LocalHub
from domain.ids import Kind
from domain.sharing import (
    AttendeeSharing,
    HostEditing,
    JoinPolicy,
    MembershipStatus,
    Visibility,
)
from tests.differential.rows import (
    CONTACTS,
    ELSEWHERE,
    HERE,
    NOW,
    ODD_WORDS,
    PLACES,
    Rows,
    contact,
)

Row = dict[str, Any]

CAUSES = ((), ("food-justice",), ("housing", "health"), ("food-justice", "climate", "health"))
LANGUAGES = (("en",), ("de", "en"), (), ("pt-BR", "pt"), ("ar",))
TAGS = ("en", "de", "pt", "pt-BR", "fr", "zh-Hant", "ar")
VISIBILITIES = (
    Visibility.PUBLIC,
    Visibility.UNLISTED,
    Visibility.PUBLIC,
    Visibility.ALLIANCE,
    Visibility.PUBLIC,
    Visibility.PRIVATE,
    Visibility.ORGANIZATION,
)
ORGANIZATIONS = (
    "River City Pantry",
    "Harbor Shelter",
    "Northside Library",
    "apple garden",
    "Äpfel für Alle",
    "Zebra clinic",
    "zebra clinic",
    "Food Bank",
    "Food Bank",
)


@dataclass
class World:
    """Its rows, and who in it may ask."""

    rows: Rows = field(default_factory=Rows)
    hubs: list[Row] = field(default_factory=list)
    organizations: list[Row] = field(default_factory=list)
    persons: list[Row] = field(default_factory=list)
    groups: list[Row] = field(default_factory=list)
    alliances: list[Row] = field(default_factory=list)
    events: list[Row] = field(default_factory=list)

    @property
    def local_hub(self) -> LocalHub:
        here = self.hubs[0]
        return LocalHub(here["id"], here["authority"], here["url"], here["name"])


def words_of(world: World, first: str, number: int, *rest: str) -> Row:
    """Names and descriptions in a language, odd ones among them, with translations of some."""
    turns = world.rows.turns
    languages = turns.of("languages", LANGUAGES)
    said: Row = {"language": languages[0] if languages else None, "languages": list(languages)}
    for part in rest:
        said[part] = turns.of(part, (None, f"The {part} of {number}: soup and bread", *ODD_WORDS))
    translated: dict[str, dict[str, str]] = {}
    for _ in range(turns.of("translations", (0, 2, 1, 4))):
        tag = turns.of("tags", TAGS)
        translated[tag] = {first: f"{tag} {first} {number} Brot"}
        if turns.of("translated", (True, False, True)):
            translated[tag] |= {
                part: f"{tag} {part}: " + turns.of("odd", ODD_WORDS) for part in rest
            }
    return {**said, "translations": translated, "causes": list(turns.of("causes", CAUSES))}


def add_hubs(world: World) -> None:
    for authority, name, software in (
        (HERE, "Hub of tests", "convoke/0.1.0"),
        (ELSEWHERE, 'The "other" hub', "convoke/0.2.0"),
    ):
        hub = world.rows.add(
            "hubs",
            id=world.rows.new_id(Kind.HUB, authority),
            authority=authority,
            url=f"https://{authority}",
            name=name,
            software=software,
            is_local=authority == HERE,
            created_at=NOW,
        )
        world.hubs.append(hub)


def add_organizations(world: World) -> None:
    turns = world.rows.turns
    for number, name in enumerate((*ORGANIZATIONS, *ORGANIZATIONS[:3])):
        hub = world.hubs[number >= len(ORGANIZATIONS)]
        logo = turns.of("logo", (None, f"https://example.org/{number}.png?a=1&b=%20"))
        row = world.rows.add(
            "organizations",
            **world.rows.publication(
                Kind.ORGANIZATION, hub, turns.of("organization", VISIBILITIES)
            ),
            **words_of(world, "name", number, "summary", "description"),
            **turns.of("place", PLACES),
            **contact(turns.of("contact", CONTACTS)),
            slug=f"organization-{number}",
            name=name,
            website=turns.of("website", (None, "https://pantry.example/a?b=c#d")),
            logo_url=logo,
            logo_alternative_text=logo and 'A bowl of "soup"',
            time_zone=turns.of("zone", ("America/Indiana/Indianapolis", "Asia/Kolkata", "UTC")),
            is_verified=number % 2 == 1,
        )
        world.organizations.append(row)
        add_identifiers(world, row, row)


def add_identifiers(world: World, owner: Row, thing: Row) -> None:
    for system in ("mobilize", "ical", "Übersee")[: world.rows.turns.of("identifiers", (0, 1, 3))]:
        for copy in range(2):
            world.rows.add(
                "identifiers",
                organization_id=owner["id"],
                system=system,
                value=f'{thing["id"][4:9]}-"{copy}"-{len(world.rows.of.get("identifiers", ()))}',
                subject_id=thing["id"],
            )


def add_people(world: World) -> None:
    turns = world.rows.turns
    for number in range(8):
        person = world.rows.add(
            "persons",
            id=world.rows.new_id(Kind.PERSON),
            display_name=("Anna", "Sam", 'Lee "Mo" Ng', "Zoë", "Öz", "anna", "Bo\tB", "Ümit 👋")[
                number
            ],
            preferred_language=turns.of("preferred", (None, "en", "pt-BR")),
            created_at=NOW,
            **contact(turns.of("contact of a person", CONTACTS)),
        )
        world.persons.append(person)
        for more in range(1 + number % 2):
            world.rows.add(
                "team_members",
                id=world.rows.new_id(Kind.TEAM_MEMBER),
                organization_id=world.organizations[(number + more * 2) % 6]["id"],
                person_id=person["id"],
                role=turns.of("team role", list(TeamRole)),
                since=turns.of("since", ("2025-06-01T00:00:00Z", "2026-06-01T10:20:30.4Z")),
            )


def add_groups(world: World) -> None:
    turns, statuses = world.rows.turns, list(MembershipStatus)
    for number in range(14):
        owner = world.organizations[(0, 1, 2, 0, 3, 9, 4, 5, 0, 1, 6, 7, 2, 10)[number]]
        hub = next(hub for hub in world.hubs if hub["id"] == owner["hub_id"])
        group = world.rows.add(
            "groups",
            **world.rows.publication(
                Kind.GROUP, hub, turns.of("group", (*VISIBILITIES[::2], *VISIBILITIES))
            ),
            **words_of(world, "name", number, "purpose", "description"),
            **turns.of("place", PLACES),
            organization_id=owner["id"],
            parent_id=world.groups[number // 3 * 2]["id"] if number % 3 else None,
            slug=f"group-{number}",
            name=("Cooks", "drivers", "Élan vital", "Cooks", "bakers %", "Night shift")[number % 6],
            kind=turns.of("kind of group", list(GroupKind)),
            join_policy=turns.of("join", list(JoinPolicy)),
            links=list(
                turns.of("links", ((), ("https://chat.example/x?y=1", "https://list.example")))
            ),
        )
        world.groups.append(group)
        add_identifiers(world, owner, group)
        for person in world.persons[number % 3 :: 2]:
            status = turns.of("group member", [*statuses, *[MembershipStatus.ACTIVE] * 9])
            world.rows.add(
                "group_members",
                id=world.rows.new_id(Kind.GROUP_MEMBERSHIP),
                group_id=group["id"],
                person_id=person["id"],
                role=turns.of("group role", list(GroupRole)),
                status=status,
                joined_at="2026-07-08T09:10:11.12Z" if status == "ACTIVE" else None,
                message=turns.of("message to the group", (None, *ODD_WORDS)),
                asked_at=turns.of("asked", ("2026-06-05T04:03:02.01Z", NOW)),
                ended_at=turns.of("ended in the group", (None, "2026-12-24T18:00:00Z")),
            )
        for alliance in world.alliances[number % 2 :: 2]:
            world.rows.add(
                "group_shares", group_id=group["id"], alliance_id=alliance["id"], shared_at=NOW
            )


def add_alliances(world: World) -> None:
    turns = world.rows.turns
    for number in range(8):
        convener = world.organizations[(0, 1, 9, 2, 3, 9, 5, 0)[number]]
        hub = next(hub for hub in world.hubs if hub["id"] == convener["hub_id"])
        statuses = (AllianceStatus.ACTIVE, *AllianceStatus)
        row = world.rows.add(
            "alliances",
            **world.rows.publication(Kind.ALLIANCE, hub, turns.of("alliance", VISIBILITIES)),
            **words_of(world, "name", number, "purpose", "description"),
            convener_id=convener["id"],
            slug=f"alliance-{number}",
            name=("City Table", "Harbor", "Ökobund", "city table")[number % 4],
            kind=turns.of("kind of alliance", list(AllianceKind)),
            status=turns.of("status of alliance", statuses),
            join_policy=turns.of("join", list(JoinPolicy)),
            decision_rule=turns.of("rule", list(DecisionRule)),
            default_event_visibility=turns.of("default", list(Visibility)),
            member_editing=turns.of("editing", list(HostEditing)),
            attendee_sharing=turns.of("sharing", list(AttendeeSharing)),
            review_at=turns.of("review", (None, "2027-12-31", "2028-02-29")),
        )
        row["purpose"] = row["purpose"] or "To eat together"
        world.alliances.append(row)
        add_identifiers(world, convener, row)
        add_alliance_members(world, row, number)
        add_agreements(world, row, number)


def add_alliance_members(world: World, alliance: Row, number: int) -> None:
    turns = world.rows.turns
    for at, organization in enumerate(world.organizations[:10]):
        status = turns.of("alliance member", (*[MembershipStatus.ACTIVE] * 7, *MembershipStatus))
        if at == number:
            continue  # somebody always stands outside
        is_over = status in {"LEFT", "REMOVED", "DECLINED", "CANCELED", "REJECTED", "EXPIRED"}
        world.rows.add(
            "alliance_members",
            id=world.rows.new_id(Kind.ALLIANCE_MEMBERSHIP),
            alliance_id=alliance["id"],
            organization_id=organization["id"],
            role=turns.of("alliance role", list(AllianceRole)),
            status=status,
            initiated_by=turns.of("initiator", list(MembershipInitiator)),
            message=turns.of("message", (None, *ODD_WORDS)),
            created_at=turns.of("member since", (NOW, "2026-05-05T05:05:05.055Z")),
            joined_at="2026-08-08T08:08:08Z" if status == "ACTIVE" else None,
            ended_at="2026-09-09T09:09:09.9Z" if is_over else None,
            end_reason=turns.of("reason", ("Moved away", None, "No \\ time")) if is_over else None,
            suspended_by=turns.of("aside", ("TIME", "ALLIANCE")) if status == "SUSPENDED" else None,
        )


def add_agreements(world: World, alliance: Row, number: int) -> None:
    turns = world.rows.turns
    for title, versions in (("Charter", 2), ("Code \\ of ethics", 1), ("Photos", 3))[: number % 4]:
        for version in range(1, versions + 1):
            agreement = world.rows.add(
                "agreements",
                id=world.rows.new_id(Kind.AGREEMENT),
                alliance_id=alliance["id"],
                title=title,
                body=turns.of("body", ODD_WORDS),
                language=turns.of("agreement in", ("en", None)),
                translations=turns.of(
                    "agreement", ({}, {"de": {"title": "Satzung"}, "pt-BR": {"body": "Corpo"}})
                ),
                version_number=version,
                active_from=turns.of("active", (NOW, "2026-02-03T04:05:06.7Z")),
                required=turns.of("required", (True, True, False)),
            )
            for at, organization in enumerate(world.organizations[: turns.of("many", (3, 7, 0))]):
                world.rows.add(
                    "agreement_acceptances",
                    id=world.rows.new_id(Kind.AGREEMENT_ACCEPTANCE),
                    agreement_id=agreement["id"],
                    organization_id=organization["id"],
                    person_id=world.persons[at]["id"] if at % 2 else None,
                    version_number=version,
                    accepted_at=NOW,
                )
