"""Small worlds of organizations, alliances, groups and events in every state, put in at once.

They hold what the use cases would not make (an organization for its group, a host that was never
asked): the rules must agree about anything a row can say.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import SelectBase, literal, select, text, union_all

from domain.actors import NOBODY, Viewer
from domain.reach import Reach
from storage import reach, standings
from storage.engine import Reading, Writing
from storage.tables import alliances, events, groups, organizations
from storage.visibility import (
    Eyes,
    parameters,
    sees_alliance,
    sees_event,
    sees_group,
    sees_organization,
)

NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)
HUB = "hub"
PEERS = ("east", "west")  # hubs, too
KINDS = (
    ("organization", organizations, sees_organization),
    ("group", groups, sees_group),
    ("event", events, sees_event),
    ("alliance", alliances, sees_alliance),
)
Rows = dict[str, list[dict[str, Any]]]
Seen = list[tuple[str, bool, str]]  # kind, by link, id


@dataclass
class World:
    rows: Rows = field(default_factory=dict)

    def add(self, table: str, **values: Any) -> None:
        self.rows.setdefault(table, []).append(values)

    def organization(self, name: str, visibility: str, hub: str = HUB) -> None:
        about = {"slug": name, "name": name, "languages": [], "time_zone": "UTC", "hub_id": hub}
        self.add("organizations", **{**_published(name, visibility), **about}, is_verified=False)
        # Its own app, and that app's authorization.
        client = {"id": f"app-{name}", "organization_id": name, "scopes": [], "created_at": NOW}
        how = {"registered_by": "OPERATOR", "auth_method": "client_secret_basic"}
        self.add("clients", **client, **how, name=name, grant_types=[], redirect_uris=[])
        self.grant(name, None)

    def hub_of(self, organization: str) -> str:
        """Whose things are its, too: what it owns is of its hub."""
        rows = self.rows.get("organizations", [])
        return next((row["hub_id"] for row in rows if row["id"] == organization), HUB)

    def grant(self, organization: str, person: str | None) -> None:
        self.add(
            "grants",
            id=f"grant-{organization}-{person or ''}",
            client_id=f"app-{organization}",
            organization_id=organization,
            person_id=person,
            scopes=[],
            methods=[],
            created_at=NOW,
        )

    def person(self, name: str, works_for: str) -> None:
        self.add("persons", id=name, display_name=name, created_at=NOW)
        place = {"organization_id": works_for, "person_id": name}
        self.add("team_members", id=f"team-{name}", **place, role="VIEWER", since=NOW)
        self.grant(works_for, name)

    def alliance(self, name: str, convener: str, visibility: str, status: str) -> None:
        self.add(
            "alliances",
            **_published(name, visibility, self.hub_of(convener)),
            convener_id=convener,
            slug=name,
            name=name,
            purpose=name,
            kind="COALITION",
            status=status,
            join_policy="OPEN",
            decision_rule="CONVENER",
            default_event_visibility="PUBLIC",
            member_editing="NONE",
            attendee_sharing="NONE",
        )

    def member(self, alliance: str, organization: str, status: str) -> None:
        self.add(
            "alliance_members",
            id=f"{alliance}-{organization}-{status}",
            alliance_id=alliance,
            organization_id=organization,
            role="MEMBER",
            status=status,
            initiated_by="ALLIANCE",
            created_at=NOW,
        )

    def agreement(self, name: str, alliance: str, accepted_by: Iterable[str]) -> None:
        self.add(
            "agreements",
            id=name,
            alliance_id=alliance,
            title=name,
            body=name,
            translations={},
            version_number=1,
            active_from=NOW,
            required=True,
        )
        for organization in accepted_by:
            self.add(
                "agreement_acceptances",
                id=f"{name}-{organization}",
                agreement_id=name,
                organization_id=organization,
                version_number=1,
                accepted_at=NOW,
            )

    def proposal(self, name: str, alliance: str, by: str, ballots_of: Iterable[str] = ()) -> None:
        self.add(
            "proposals",
            id=name,
            alliance_id=alliance,
            organization_id=by,
            title=name,
            body=name,
            kind="OTHER",
            decision_rule="MAJORITY",
            status="OPEN",
            opens_at=NOW,
            closes_at=NOW + timedelta(days=7),
        )
        for organization in ballots_of:
            self.add(
                "ballots",
                id=f"{name}-{organization}",
                proposal_id=name,
                organization_id=organization,
                choice="AGREE",
                cast_at=NOW,
            )

    def group(self, name: str, owner: str, visibility: str, shared: Iterable[str]) -> None:
        self.add(
            "groups",
            **_published(name, visibility, self.hub_of(owner)),
            organization_id=owner,
            slug=name,
            name=name,
            kind="LOCAL",
            languages=[],
            join_policy="OPEN",
            links=[],
        )
        for alliance in shared:
            self.add("group_shares", group_id=name, alliance_id=alliance, shared_at=NOW)

    def group_member(self, group: str, person: str, status: str) -> None:
        place = {"group_id": group, "person_id": person}
        self.add("group_members", id=f"{group}-{person}", **place, role="MEMBER", status=status)

    def event(
        self,
        name: str,
        owner: str,
        visibility: str,
        publication_status: str = "PUBLISHED",
        group: str | None = None,
        shared: Iterable[str] = (),
        replaced_by: str | None = None,
    ) -> None:
        self.add(
            "events",
            **_published(name, visibility, self.hub_of(owner)),
            organization_id=owner,
            group_id=group,
            replaced_by_id=replaced_by,
            title=name,
            starts_at=NOW,
            time_zone="UTC",
            all_day=False,
            recurrence_dates=[],
            recurrence_exceptions=[],
            over_at=NOW,
            status="SCHEDULED",
            publication_status=publication_status,
            attendance_mode="IN_PERSON",
            accessibility_features=[],
            languages=[],
            join_mode="OPEN",
        )
        for alliance in shared:
            self.add("event_shares", event_id=name, alliance_id=alliance, shared_at=NOW)

    def date(self, event: str) -> None:
        self.add(
            "occurrences",
            id=f"date-of-{event}",
            event_id=event,
            recurrence_id=NOW,
            starts_at=NOW,
            status="SCHEDULED",
            overrides=[],
            accepted=0,
        )

    def host(self, event: str, organization: str, status: str) -> None:
        self.add(
            "event_hosts",
            id=f"{event}-{organization}-{status}",
            event_id=event,
            organization_id=organization,
            role="CO_HOST",
            status=status,
            initiated_by="OWNER",
            may_edit="NONE",
            attendee_sharing="NONE",
            created_at=NOW,
        )

    async def put_in(self, db: Writing) -> None:
        for hub in (HUB, *PEERS):
            await db.execute(_HUBS, {"hub": hub, "url": f"http://{hub}.test", "ours": hub == HUB})
        for peer in PEERS:
            await db.execute(_PEERINGS, {"hub": peer, "url": f"http://{peer}.test"})
            self._token_of(peer)
        for table in IN_ORDER:
            if table in self.rows:
                await db.execute(_INSERTS[table], {"rows": orjson.dumps(self.rows[table]).decode()})

    def _token_of(self, peer: str) -> None:
        """What a peer hub asks with."""
        how = {"registered_by": "PEER", "auth_method": "private_key_jwt", "name": peer}
        none: dict[str, Any] = {"scopes": [], "created_at": NOW}
        client = f"hub-{peer}"
        self.add("clients", id=client, **how, **none, grant_types=[], redirect_uris=[])
        self.add("grants", id=client, client_id=client, hub_id=peer, **none, methods=[])

    async def viewers(self, db: Reading) -> list[Viewer]:
        """Nobody, and the holder of each authorization as `storage.standings` sees them today."""
        found = [NOBODY]
        for grant in self.rows.get("grants", []):
            who: dict[str, Any] = {
                name: grant.get(name) for name in ("client_id", "organization_id", "person_id")
            }
            standing = await standings.of(db, grant_id=grant["id"], jti="", **who)
            assert standing is not None, grant
            found.append(
                Viewer(
                    **who,
                    role=standing.role,
                    alliance_ids=standing.alliance_ids,
                    group_ids=standing.group_ids,
                    hub_id=grant.get("hub_id"),
                    partner_ids=standing.partner_ids,
                )
            )
        return found

    async def things(self, db: Reading) -> Mapping[tuple[str, str], Reach]:
        """What policy is told of each thing."""
        read = {
            "organization": reach.organization,
            "group": reach.group,
            "event": reach.event,
            "alliance": reach.alliance,
        }
        found: dict[tuple[str, str], Reach] = {}
        for kind, table, _ in KINDS:
            for row in self.rows.get(table.name, []):
                facts = await read[kind](db, row["id"])
                assert facts is not None
                found[kind, row["id"]] = facts
        return found


async def selected(db: Reading, viewer: Viewer) -> Seen:
    """What the statements find for the viewer, of each kind, by link and in lists."""
    found = await db.execute(_statement(Eyes.of(viewer)), parameters(viewer))
    return sorted((row.kind, row.by_link, row.id) for row in found)


_STATEMENTS: dict[Eyes, Any] = {}


def _statement(eyes: Eyes) -> Any:
    if eyes not in _STATEMENTS:
        _STATEMENTS[eyes] = union_all(*_selects(eyes))
    return _STATEMENTS[eyes]


def _selects(eyes: Eyes) -> Sequence[SelectBase]:
    return [
        select(literal(kind).label("kind"), literal(by_link).label("by_link"), table.c.id).where(
            sees(eyes, table, by_link=by_link)
        )
        for kind, table, sees in KINDS
        for by_link in (True, False)
    ]


def _published(name: str, visibility: str, hub: str = HUB) -> dict[str, Any]:
    return {
        "id": name,
        "hub_id": hub,
        "visibility": visibility,
        "version": 1,
        "created_at": NOW,
        "updated_at": NOW,
        "translations": {},
        "search": "",
        "causes": [],
    }


IN_ORDER = (
    "organizations",
    "persons",
    "clients",
    "grants",
    "team_members",
    "alliances",
    "alliance_members",
    "agreements",
    "agreement_acceptances",
    "proposals",
    "ballots",
    "groups",
    "group_members",
    "group_shares",
    "events",
    "event_shares",
    "event_hosts",
    "occurrences",
)
_HUBS = text(
    "insert into hubs (id, authority, url, name, software, is_local, created_at)"
    " values (:hub, :hub || '.test', :url, :hub, 'convoke', :ours, now())"
)
_PEERINGS = text(
    "insert into peerings (hub_id, status, since, graphql_url, issuer, token_endpoint, client_id,"
    " poke_url, schema_version, most_a_page, jwks_uri, client_jwks_uri, thumbprints,"
    " client_thumbprints, looked_at)"
    " values (:hub, 'ACTIVE', now(), :url, :url, :url, :url, :url, '1', 100, :url, :url,"
    " '{}', '{}', now())"
)
_INSERTS = {
    table: text(
        f"insert into {table} select * from jsonb_populate_recordset(null::{table}, :rows)"  # noqa: S608
    )
    for table in IN_ORDER
}
