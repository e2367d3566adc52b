"""What must hold in the end, whatever happened: said of the databases of all hubs and of the ledger."""

from collections.abc import Iterator, Mapping
from typing import Any

from domain.channels import PUBLIC, channels_of
from tests.simulation.doings import SECRET, Doing, Ledger, Outcome
from tests.simulation.village import Village
from tests.walks.actors import stands_in
from tests.walks.picture import Picture, Row
from tests.walks.seeing import Facts

Pictures = Mapping[str, Picture]  # by authority
# What a mirror shows as its owner does.
SAME: Mapping[str, tuple[str, ...]] = {
    "organizations": ("name", "slug", "summary", "visibility", "version", "time_zone"),
    "groups": ("name", "slug", "purpose", "visibility", "version", "organization_id"),
    "alliances": ("name", "slug", "purpose", "status", "visibility", "version", "convener_id"),
    "events": (
        *("title", "summary", "status", "visibility", "version", "starts_at", "time_zone"),
        *("publication_status", "organization_id", "cancellation_reason", "replaced_by_id"),
    ),
}
PARTS = {"event_shares": "event_id", "occurrences": "event_id"}


def wrongs(pictures: Pictures, ledger: Ledger, village: Village) -> Iterator[str]:
    for reader in pictures:
        for owner in pictures:
            if owner != reader:
                yield from not_converged(pictures, owner, reader)
                yield from leaked(pictures, owner, reader)
        yield from beyond_peers(pictures, reader)
    for doing in ledger.doings:
        if doing.owner in pictures:
            yield from lost(pictures[doing.owner], doing)
    yield from lost_words(pictures, ledger)
    yield from waiting(pictures)
    yield from arrived(pictures, ledger, village)
    yield from twice(pictures, village)


# ── convergence ──────────────────────────────────────────────────────────────────────────────────


def not_converged(pictures: Pictures, owner: str, reader: str) -> Iterator[str]:
    """A hub holds of another's things what policy shows it, as they are, and no other."""
    home, away = pictures[owner], pictures[reader]
    shown = shown_to(home, reader)
    for table in SAME:
        held = {
            row["id"]: row for row in away[table].values() if of(row, owner) and not is_bare(row)
        }
        for identifier in sorted(shown[table] - held.keys()):
            yield f"{reader} does not hold {identifier} of {owner}"
        for identifier in sorted(held.keys() - shown[table]):
            yield f"{reader} holds {identifier} of {owner}, which is not shown to it"
        for identifier in sorted(held.keys() & shown[table]):
            there, here = home[table][identifier], held[identifier]
            for column in SAME[table]:
                if there[column] != here[column]:
                    yield (
                        f"{reader} has {here[column]!r} as {column} of {identifier}, "
                        f"and {owner} {there[column]!r}"
                    )
    for table, whole in PARTS.items():
        of_shown = {
            key
            for key, row in home[table].items()
            if row[whole] in shown["events"] and is_known(away, row)
        }
        held_parts = {
            key
            for key, row in away[table].items()
            if of({"id": row[whole]}, owner) and row[whole] in shown["events"]
        }
        if of_shown != held_parts:
            yield f"{reader} has other {table} of {owner}: {sorted(of_shown ^ held_parts)[:3]}"


def shown_to(home: Picture, reader: str) -> dict[str, set[str]]:
    """By table, what stands in a channel that the reader may read."""
    facts = Facts(home)
    abroad = {
        row["id"]: row["hub_id"]
        for row in home["organizations"].values()
        if not home["hubs"][row["hub_id"]]["is_local"]
    }
    theirs = [row for row in home["organizations"].values() if of(row, reader)]
    channels = {PUBLIC} | {row["id"] for row in home["hubs"].values() if row["authority"] == reader}
    for row in theirs:
        channels |= stands_in(home, row["id"])
    shown: dict[str, set[str]] = {table: set() for table in SAME}
    for table in SAME:
        for row in home[table].values():
            if home["hubs"][row["hub_id"]]["is_local"]:
                thing = facts.things[row["id"]]
                if channels_of(thing, abroad) & channels:
                    shown[table].add(row["id"])
    return shown


def is_known(away: Picture, row: Row) -> bool:
    """What it names is there: an alliance that the reader knows nothing of is not mirrored."""
    alliance = row.get("alliance_id")
    return alliance is None or alliance in away["alliances"]


def of(row: Mapping[str, Any], authority: str) -> bool:
    return str(row["id"]).partition("@")[2] == authority


def is_bare(row: Row) -> bool:
    """Only referred to: nothing of it is told."""
    return bool(row["version"] == 0 and row["synced_at"] is None)


# ── leaks ────────────────────────────────────────────────────────────────────────────────────────


def leaked(pictures: Pictures, owner: str, reader: str) -> Iterator[str]:
    for row in pictures[reader]["events"].values():
        if of(row, owner) and SECRET in row["title"]:
            yield f"{reader} holds a secret of {owner}: {row['title']}"


def beyond_peers(pictures: Pictures, hub: str) -> Iterator[str]:
    """What a hub does not own, it publishes to nobody."""
    for row in pictures[hub]["feed_entries"].values():
        if not of({"id": row["thing_id"]}, hub):
            yield f"{hub} passes on {row['thing_id']}"


# ── nothing lost, nothing twice ──────────────────────────────────────────────────────────────────


def lost(home: Picture, doing: Doing) -> Iterator[str]:
    if doing.kind == "create":
        made = home.all("events", summary=f"made {doing.number}")
        if len(made) > 1:
            yield f"It was made {len(made)} times: {doing}"
        if doing.outcome is Outcome.DONE and not made:
            yield f"It was answered, and is not there: {doing}"
        if doing.outcome is Outcome.REFUSED and made:
            yield f"It was refused, and is there: {doing}"
    elif doing.outcome is Outcome.REFUSED and doing.kind == "update" and doing.event is not None:
        row = home.find(doing.event)
        if row is not None and row["title"].endswith(f" {doing.number}"):
            yield f"It was refused, and is there: {doing}"
    elif doing.outcome is Outcome.DONE and doing.event is not None and doing.version is not None:
        row = home.find(doing.event)
        if row is None or row["version"] < doing.version:
            yield f"It was answered, and is not there: {doing}"


def lost_words(pictures: Pictures, ledger: Ledger) -> Iterator[str]:
    """Each version of an event is one change's; the last one that was answered says its title."""
    by_version: dict[tuple[str, int], Doing] = {}
    for doing in ledger.doings:
        if doing.kind != "update" or doing.outcome is not Outcome.DONE:
            continue
        assert doing.event is not None
        assert doing.version is not None
        if doing.since is not None and doing.version != doing.since + 1:
            yield f"What somebody else had changed since was written over: {doing}"
        other = by_version.setdefault((doing.event, doing.version), doing)
        if other is not doing:
            yield f"Both were answered as done, and one wrote over the other: {other}; {doing}"
        row = pictures[doing.owner].find(doing.event)
        is_last = row is not None and row["version"] == doing.version
        if row is not None and is_last and not row["title"].endswith(f" {doing.number}"):
            yield f"It is called {row['title']!r}, and not as was answered: {doing}"


def waiting(pictures: Pictures) -> Iterator[str]:
    """What somebody was told is on its way has arrived, once the way is free."""
    for authority, picture in pictures.items():
        for row in picture.all("deliveries", status="PENDING"):
            yield f"Something still waits at {authority} for {row['hub_id']}: {row['last_error']}"
        for row in picture.all("deliveries", status="FAILED"):
            why = row["last_error"] or ""
            if "does not answer" in why or "gave no token" in why:
                yield f"It was given up at {authority}, and its owner has never refused it: {why}"


def arrived(pictures: Pictures, ledger: Ledger, village: Village) -> Iterator[str]:
    """Whoever was told that they come does, unless they were told otherwise later."""
    home = pictures[village.fair.partition("@")[2]]
    for doing in ledger.doings:
        if doing.kind != "come" or doing.outcome is not Outcome.DONE:
            continue
        villager = village.of(doing.by)
        coming = home.all("rsvps", person_id=villager.person, event_id=village.fair)
        told = pictures[doing.by].all("deliveries", status="FAILED")
        if not coming and not told:
            yield f"It was answered, and is not there: {doing}"


def twice(pictures: Pictures, village: Village) -> Iterator[str]:
    home = pictures[village.fair.partition("@")[2]]
    for villager in village.villagers:
        coming = home.all("rsvps", person_id=villager.person, event_id=village.fair)
        if len(coming) > 1:
            yield f"{villager.authority} comes {len(coming)} times"
