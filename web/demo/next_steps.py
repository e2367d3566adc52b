"""What to try next, printed when the demo answers: an address, and a curl for each kind of user.

A line may be longer than the terminal (a token is), but none is broken by us: what is shown can be
copied and pasted as it stands.
"""

import json
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from auth.tokens import LIVES_SECONDS, Mint
from schema.documents import digest_of
from web.account.outbox import OUTBOX
from web.account.visits import SIGN_IN
from web.console.rooms import address_of
from web.demo import city, gatherings
from web.demo.around import WINTER
from web.demo.clients import App
from web.demo.known import Known
from web.demo.moments import last_month
from web.demo.schedule import Planned
from web.demo.voices import VOICES
from web.demo.writing import email_of

ASKING, MAKING, TOGETHER = "lantern-house", "second-helping", "open-door-welcome"
ALLIANCE = "common-table"
SHELL_TOKEN = "$TOKEN"  # noqa: S105 -- what the shell calls it
READING = ("organizations:read", "events:read", "alliances:read")
WRITING = (*READING, "events:write", "events:publish")

NEXT_OF_ALLIES = """query($alliances: [ID!], $from: DateTime!, $to: DateTime!) {
  occurrences(from: $from, to: $to, filter: {alliances: $alliances}, first: 5) {
    nodes { startsAt event { title visibility host { name } place { name } } }
  }
}"""
MAKE_ONE = """mutation($input: CreateEventInput!) {
  createEvent(input: $input) {
    event { id title startsAt sharedWith { name } hosts { nodes { organization { name } } } }
    userErrors { code field message }
  }
}"""
NEAR_ME = """query($near: NearInput!, $from: DateTime!, $to: DateTime!) {
  occurrences(from: $from, to: $to, filter: {near: $near}, first: 5) {
    totalCount
    nodes { startsAt event { title(language: "es") host { name } place { name locality } } }
  }
}"""
WAITING = """query {
  viewer {
    organization {
      alliances(first: 10) { nodes {
        status alliance { name proposals(statuses: [OPEN], first: 5) { nodes { title nextActions } } }
        missingAgreements { title } nextActions
      } }
      groups(first: 10) { nodes { name requests(first: 5) { nodes { message nextActions } } } }
    }
    handovers(first: 5) { nodes { message nextActions } }
  }
}"""
THREE_EVENTS = """query($shared: ID!, $full: ID!, $twice: ID!) {
  shared: event(id: $shared) {
    title hosts(first: 5) { nodes { organization { name } status mayEdit nextActions } }
  }
  full: event(id: $full) { title capacity remainingCapacity attendance { accepted waitlisted } }
  twice: possibleDuplicates(event: $twice, first: 3) { score reasons event { title } }
}"""
IMPACT = """query($alliance: ID!, $from: Date!, $to: Date!) {
  viewer { organization { impact(from: $from, to: $to) { ...figures } } }
  alliance(id: $alliance) { impact(from: $from, to: $to) { ...figures } }
}
fragment figures on Impact {
  eventsHeld coHostedEvents peopleConnected newConnections crossOrganizationConnections
  firstTimers returnRate turnout coverage
}"""
THREE_HUBS = """query($alliance: ID!) {
  events(filter: {alliances: [$alliance]}, first: 5) {
    nodes { title startsAt host { name } origin { name url } }
    sources { hub { name } status asOf }
  }
}"""
# Trusted: kept by the hub, and asked for by its digest.
DIRECTORY = """query Directory {
  organizations(first: 100) {
    nodes { name causes place { locality } }
  }
}"""


@dataclass(frozen=True, slots=True)
class NextSteps:
    """Everything that is said, so that only the tokens are made at the last moment."""

    url: str
    data: Path
    known: Known
    apps: list[App]
    wanted: list[Planned]
    mint: Mint
    now: datetime
    around: Sequence[tuple[str, str]] = ()  # addresses and names of the other hubs
    bold: bool = False

    def text(self) -> str:
        asking, making = self.app(ASKING), self.app(MAKING)
        return "\n".join(
            [
                self.strong("Port Merrow is up.") + " " + self.counted(),
                "",
                f"  Explorer   {self.url}/graphql",
                f"  Schema     {self.url}/schema.graphql",
                f"  Sign in    {self.url}{SIGN_IN}, as in 8",
                f"  Letters    {self.url}{OUTBOX}, where those of the demo end up",
                *self.hubs(),
                f"  Data       {self.data}",
                "             demo.json in it has each organization's app and secret.",
                "",
                *self.alone(asking, making),
                *self.together(),
                *self.people(),
                *self.three_hubs(),
                self.strong(f"Tokens live {LIVES_SECONDS // 60} minutes.")
                + " For fresh ones, of 1 and of 2 (5 gets its own):",
                "",
                self.fresh(asking),
                "",
                self.fresh(making, WRITING),
                "",
                "Ctrl-C stops them; ./convoke demo starts it again with the same data.",
            ]
        )

    def alone(self, asking: App, making: App) -> list[str]:
        """What one app asks and does by itself."""
        week = {"from": _instant(self.now), "to": _instant(self.now + timedelta(days=7))}
        table = self.known.alliances[ALLIANCE]
        tomorrow = self.tomorrow()
        party = {
            "organization": making.organization_id,
            "title": "Soup for everybody",
            "startsAt": tomorrow.isoformat(),
            "endsAt": (tomorrow + timedelta(hours=2)).isoformat(),
            "timeZone": city.TIME_ZONE,
            "visibility": "ALLIANCE",
            "shareWith": [table],
        }
        near = {"latitude": city.CENTRE[0], "longitude": city.CENTRE[1], "radiusKm": 3}
        return [
            self.strong("1. A partner's developer: what do our allies have on this week?"),
            "   The shelter's app asks for the events of The Common Table.",
            "",
            self.curl(NEXT_OF_ALLIES, {"alliances": [table], **week}, self.token(asking, READING)),
            "",
            self.strong("2. Coalition staff: make an event, shared with the alliance."),
            "   The food bank's app makes it; only members of the alliance see it.",
            "",
            self.curl(MAKE_ONE, {"input": party}, self.token(making, WRITING)),
            "",
            self.strong("3. An app's author: what is on near here? Nobody signs in."),
            "   In Spanish where somebody translated it.",
            "",
            self.curl(NEAR_ME, {"near": near, **week}),
            "",
            self.strong("4. A site's author: a list that any cache may keep, by a document's id."),
            "   The hub keeps the document (./convoke documents list). Note the ETag.",
            "",
            f"curl -iG {self.url}/graphql \\\n  -d documentId={digest_of(DIRECTORY)}",
            "",
        ]

    def together(self) -> list[str]:
        """What one organization does with others, asked by its app."""
        first, last = last_month(self.now)
        impact = {"alliance": self.known.alliances[ALLIANCE], "from": f"{first}", "to": f"{last}"}
        return [
            self.strong("5. Working together: what waits for Open Door?"),
            "   Invitations, votes, agreements, requests, handovers. Its app's token first:",
            "",
            f"TOKEN=$({self.fresh(self.app(TOGETHER))})",
            "",
            self.curl(WAITING, {}, SHELL_TOKEN),
            "",
            *self.three_events(),
            self.strong(f"7. What came of {first:%B}: people who met, not clicks."),
            "   Of Open Door's own events exactly; of those of The Common Table in fives.",
            "",
            self.curl(IMPACT, impact, SHELL_TOKEN),
            "",
        ]

    def people(self) -> list[str]:
        """Signing in, and letting an app in."""
        voice = next(each for each in VOICES if each.slug == TOGETHER)
        owner = voice.people[0]
        return [
            self.strong(f"8. People sign in: be {owner.name}, who owns Open Door."),
            "   The letter, with its link and its code, comes to the demo's outbox.",
            "",
            f"  Sign in as {email_of(voice, owner)}",
            f"          at {self.url}{SIGN_IN}",
            f"  Read it at {self.url}{OUTBOX}",
            "",
            "   Then keep the events: with co-hosts, at the door, on a phone.",
            "",
            f"  The console {self.url}{address_of(voice.slug)}",
            f"  What all see {self.url}/",
            "",
            "   Then let this command in, in their name: it prints an address and a code.",
            "",
            f"./convoke token --url {self.url}",
            "",
        ]

    def hubs(self) -> list[str]:
        """Where the others are."""
        told = [f"{url}/graphql, {name}" for url, name in self.around]
        return [
            f"  {head:10} {line}"
            for head, line in zip(("Beside it", *[""] * len(told)), told, strict=False)
        ]

    def three_hubs(self) -> list[str]:
        """One list of what is on three servers."""
        winter = {"alliance": self.known.alliances[WINTER]}
        return [
            self.strong("9. Three hubs, one list: who is open on which evening?"),
            "   `origin` says whose an event is, `sources` how fresh what is known of it.",
            "   Ask the same of the other hubs: each answers for all three.",
            "",
            self.curl(THREE_HUBS, winter),
            "",
            "   An event changed from another hub, and a hub that stops and comes back, are",
            "   shown at the first start. Ctrl-C, and ./convoke demo --tour shows them again.",
            "",
        ]

    def three_events(self) -> list[str]:
        """Nothing where one of them could not be made of what people left of the city."""
        wanted = {"shared": gatherings.SHARED, "full": gatherings.FULL, "twice": gatherings.TWICE}
        ids = {name: of.id_in(self.known, self.now) for name, of in wanted.items()}
        if not all(ids.values()):
            return []
        return [
            self.strong("6. An event of two hosts and a third that was asked; one that is full,"),
            "   with people in line; and one that two organizations both entered.",
            "",
            self.curl(THREE_EVENTS, ids, SHELL_TOKEN),
            "",
        ]

    def app(self, slug: str) -> App:
        return next(app for app in self.apps if app.slug == slug)

    def tomorrow(self) -> datetime:
        """At six, on the clocks of the city."""
        zone = ZoneInfo(city.TIME_ZONE)
        day = self.now.astimezone(zone).date() + timedelta(days=1)
        return datetime.combine(day, time(18), zone)

    def counted(self) -> str:
        return (
            f"{len(self.apps)} organizations, {len(self.known.alliances)} alliances, "
            f"{len(self.known.groups)} groups, {len(self.wanted) + len(gatherings.GATHERINGS)} events."
        )

    def curl(
        self,
        query: str,
        variables: dict[str, Any],
        token: str | None = None,
    ) -> str:
        lines = [f"curl {self.url}/graphql", "-H 'Content-Type: application/json'"]
        if token is not None:
            quote = '"' if token == SHELL_TOKEN else "'"  # where the shell is to look what it is
            lines.append(f"-H {quote}Authorization: Bearer {token}{quote}")
        # A newline within the quotes, between the two members, is as good to JSON as a space.
        words = json.dumps(" ".join(query.split()))
        values = json.dumps(variables, ensure_ascii=False)
        body = (
            f'{{"query": {words},\n  "variables": {values}}}'
            if variables
            else f'{{"query": {words}}}'
        )
        lines.append(f"-d {shlex.quote(body)}")
        return " \\\n  ".join(lines)

    def token(self, app: App, scopes: tuple[str, ...]) -> str:
        return self.mint.token(
            client_id=app.client_id,
            organization_id=app.organization_id,
            grant_id=app.known.grant_id or "",  # an app that acts for itself has one
            scopes=set(scopes) & set(app.known.client.scopes),
        )

    def fresh(self, app: App, scopes: tuple[str, ...] = ()) -> str:
        lines = [
            f"./convoke token --url {self.url}",
            f"--client-id {app.client_id}",
            f"--client-secret {app.secret}",
            *(f"--scope {scope}" for scope in scopes),
        ]
        return " \\\n  ".join(lines)

    def strong(self, words: str) -> str:
        return f"\033[1m{words}\033[0m" if self.bold else words


def _instant(at: datetime) -> str:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")
