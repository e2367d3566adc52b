"""Who stands where: hosts, members, leads; and what of it is kept beside other rows."""

from collections import Counter
from dataclasses import replace

from domain.actors import Viewer
from tests.walks.actors import LEAD, stands_in
from tests.walks.laws_of_answers import coming
from tests.walks.picture import NEVER, Picture, Row, at, moment
from tests.walks.seeing import Facts, sees
from tests.walks.walk import Taken

SHAREABLE = ("ALLIANCE", "UNLISTED", "PUBLIC")  # from narrow to wide
UNDER_WAY = {"INVITED", "REQUESTED", "PENDING_AGREEMENT", "ACTIVE", "SUSPENDED"}
IN = {"ACTIVE", "SUSPENDED"}


def an_event_has_exactly_one_host(taken: Taken) -> None:
    hosts = Counter[str]()
    for place in taken.after.all("event_hosts", role="HOST", status="ACCEPTED"):
        hosts[place["event_id"]] += 1
        event = taken.after["events"][place["event_id"]]
        assert place["organization_id"] == event["organization_id"], (place, event)
    assert hosts == dict.fromkeys(taken.after["events"], 1)


def a_host_changes_only_by_a_handover(taken: Taken) -> None:
    """So does who convenes an alliance: offered by the one, and taken by the other."""
    for table, column in (("events", "organization_id"), ("alliances", "convener_id")):
        for change in taken.of(table):
            if change.before and change.before[column] != change.row[column]:
                passed = [
                    each.row
                    for each in taken.of("handovers")
                    if each.row["subject_id"] == change.key and each.row["status"] == "EFFECTIVE"
                ]
                sides = (change.before[column], change.row[column])
                assert [(each["giver_id"], each["taker_id"]) for each in passed] == [sides], change


def an_organization_is_in_an_alliance_once(taken: Taken) -> None:
    for table, parts in (
        ("alliance_members", ("alliance_id", "organization_id")),
        ("group_members", ("group_id", "person_id")),
    ):
        under_way = Counter(
            tuple(row[part] for part in parts)
            for row in taken.after[table].values()
            if row["status"] in UNDER_WAY
        )
        assert all(count == 1 for count in under_way.values()), under_way
    places = Counter(
        (row["event_id"], row["organization_id"])
        for row in taken.after["event_hosts"].values()
        if row["status"] in {"INVITED", "REQUESTED", "ACCEPTED"}
    )
    assert all(count == 1 for count in places.values()), places


def an_alliance_stands_as_its_members_do(taken: Taken) -> None:
    for alliance in taken.after["alliances"].values():
        members = taken.after.all("alliance_members", alliance_id=alliance["id"])
        under_way = [row for row in members if row["status"] in UNDER_WAY]
        active = [row for row in members if row["status"] == "ACTIVE"]
        if alliance["status"] == "DISSOLVED":
            assert not under_way, f"It is dissolved, and these are in it: {under_way}"
            continue
        if alliance["status"] == "FORMING":
            assert len(active) < 2, f"There are two, and it is still forming: {alliance}"
        convener = [row for row in under_way if row["role"] == "CONVENER"]
        there = [row for row in under_way if row["organization_id"] == alliance["convener_id"]]
        if any(row["status"] in IN for row in there):
            assert [row["id"] for row in convener] == [row["id"] for row in there], convener
        else:
            assert alliance["status"] == "DORMANT", f"Nobody convenes it: {alliance}"


def who_comes_in_has_agreed(taken: Taken) -> None:
    """To the newest version in force of every required agreement, or to a newer one."""
    for change in taken.of("alliance_members"):
        was = change.before["status"] if change.before else None
        if change.row["status"] != "ACTIVE" or was == "ACTIVE":
            continue
        mine = _accepted(taken.after, change.row["organization_id"])
        for title, number in _in_force(taken, change.row["alliance_id"]).items():
            highest = max(
                (n for t, n in mine if t == (change.row["alliance_id"], title)), default=0
            )
            assert highest >= number, f"{change} came in without having agreed to {title}"


def _accepted(picture: Picture, organization_id: str) -> list[tuple[tuple[str, str], int]]:
    return [
        (
            (agreement["alliance_id"], agreement["title"]),
            agreement["version_number"],
        )
        for row in picture.all("agreement_acceptances", organization_id=organization_id)
        for agreement in [picture["agreements"][row["agreement_id"]]]
    ]


def _in_force(taken: Taken, alliance_id: str) -> dict[str, int]:
    """Nobody accepts any more what a version was announced of that nobody has to."""
    asked: dict[str, int] = {}
    versions = taken.after.all("agreements", alliance_id=alliance_id)
    for row in sorted(versions, key=lambda each: int(each["version_number"])):
        if not row["required"]:
            asked.pop(row["title"], None)
        elif at(row["active_from"]) <= taken.now:
            asked[row["title"]] = row["version_number"]
    return asked


def agreements_are_accepted_in_person(taken: Taken) -> None:
    viewer = taken.move.actor.viewer
    for change in taken.of("agreement_acceptances"):
        assert change.before is None, f"An acceptance was changed: {change}"
        assert taken.move.mutation == "acceptAgreement", change
        who = (change.row["person_id"], change.row["organization_id"])
        assert who == (viewer.person_id, viewer.organization_id), change
        assert viewer.person_id is not None, change


def a_ballot_is_a_members_own(taken: Taken) -> None:
    for change in taken.of("ballots"):
        assert taken.move.mutation == "castBallot", change
        proposal = taken.before["proposals"][change.row["proposal_id"]]
        assert taken.move.actor.acts_for(change.row["organization_id"], LEAD), change
        (seat,) = [
            row
            for row in taken.before.all(
                "alliance_members",
                alliance_id=proposal["alliance_id"],
                organization_id=change.row["organization_id"],
            )
            if row["status"] in UNDER_WAY
        ]
        assert seat["status"] == "ACTIVE", f"It is no member: {seat}"
        assert seat["role"] != "OBSERVER", f"An observer voted: {seat}"
        assert proposal["subject_id"] != seat["id"], f"It voted on itself: {seat}"
        assert at(proposal["closes_at"]) > taken.now, f"It was over: {proposal}"


def a_lead_stays(taken: Taken) -> None:
    """Nobody is left behind without one, who had one."""
    for table, whole, lead in (
        ("group_members", "group_id", "ADMIN"),
        ("team_members", "organization_id", "OWNER"),
    ):
        for thing in {each.row[whole] for each in taken.of(table)}:
            before, after = (_in(each, table, whole, thing) for each in (taken.before, taken.after))
            had = any(row["role"] == lead for row in before)
            has = any(row["role"] == lead for row in after)
            assert has or not had or not after, f"Nobody leads {thing} any more: {after}"


def _in(picture: Picture, table: str, whole: str, thing: str) -> list[Row]:
    rows = picture.all(table, **{whole: thing})
    return [row for row in rows if row.get("status", "ACTIVE") == "ACTIVE"]


def what_is_shared_is_no_wider_than_its_alliance_allows(taken: Taken) -> None:
    """Where the event was shared, published or shown to others in this step."""
    for share in taken.after["event_shares"].values():
        event = taken.after["events"][share["event_id"]]
        before = taken.before["events"].get(event["id"])
        if before is None and taken.move.mutation == "updateEventFrom":
            # What goes on with a series is shared as the series is, which may be from a time when
            # its alliance allowed more.
            before = taken.before["events"][taken.move.flat["id"]]
        key = f"{before['id'] if before else event['id']} {share['alliance_id']}"
        is_new = key not in taken.before["event_shares"]
        if not is_new and before is not None and before["visibility"] == event["visibility"]:
            continue
        alliance = taken.after["alliances"][share["alliance_id"]]
        assert event["visibility"] in SHAREABLE, f"{event} is shared with {alliance}"
        if alliance["visibility"] in {"ALLIANCE", "PRIVATE"}:
            widths = [SHAREABLE.index(event["visibility"])]
            widths.append(SHAREABLE.index(alliance["default_event_visibility"]))
            assert widths[0] <= widths[1], f"{event} is wider than {alliance} allows"
        if is_new:
            assert _stands_in(taken.after, event["organization_id"], alliance["id"]), share


def _stands_in(picture: Picture, organization_id: str, alliance_id: str) -> bool:
    rows = picture.all("alliance_members", organization_id=organization_id, alliance_id=alliance_id)
    return any(row["status"] == "ACTIVE" for row in rows)


def whoever_was_not_let_in_goes_with_what_they_saw(taken: Taken) -> None:
    """Where the host narrows who sees its event, or itself: who only asked, or passes on what was
    public."""
    narrowing = {"updateEvent", "updateEventFrom", "unshareEvent", "updateOrganization"}
    if taken.move.mutation not in narrowing:
        return
    touched = {each.key for each in taken.of("events")}
    touched |= {each.row["event_id"] for each in taken.of("event_shares")}
    for place in taken.after["event_hosts"].values():
        asked = place["status"] == "REQUESTED"
        asked |= place["status"] == "ACCEPTED" and place["responded_at"] is None
        uninvited = asked and place["initiated_by"] == "PARTNER" and place["role"] != "HOST"
        if uninvited and place["event_id"] in touched:
            facts = Facts(taken.after)
            event = replace(facts.event(place["event_id"]), hosts={})
            who = place["organization_id"]
            seer = Viewer(who, alliance_ids=stands_in(taken.after, who))
            assert sees(seer, event), f"It is narrower now, and this one stays: {place}"


# ── kept beside other rows ───────────────────────────────────────────────────────────────────


def what_is_counted_is_what_there_is(taken: Taken) -> None:
    for date in taken.after["occurrences"].values():
        assert date["accepted"] == coming(taken.after, date["id"]), date
    members = Counter(row["group_id"] for row in taken.after.all("group_members", status="ACTIVE"))
    for group in taken.after["groups"].values():
        assert group["member_count"] == members[group["id"]], group


def what_is_kept_of_another_row_is_what_it_says(taken: Taken) -> None:
    after = taken.after
    for table in ("events", "groups"):
        for row in after[table].values():
            owner = after["organizations"][row["organization_id"]]
            assert row["owner_visibility"] == owner["visibility"], row
    for table in ("event_hosts", "event_shares"):
        for row in after[table].values():
            event = after["events"][row["event_id"]]
            kept = (row["starts_at"], row["over_at"], row["recurring"])
            assert kept == (event["starts_at"], event["over_at"], event["rrule"] is not None), row
            if table == "event_shares":
                assert row["organization_id"] == event["organization_id"], row


def dates_follow_one_another(taken: Taken) -> None:
    """`follows_at` is when the dates before are over."""
    for event in taken.after["events"].values():
        dates = taken.after.all("occurrences", event_id=event["id"])
        dates.sort(key=lambda row: (at(row["starts_at"]), row["id"]))
        over = NEVER
        for date in dates:
            follows = moment(date["follows_at"])
            if event["rrule"] is None:
                assert follows is None, date
                continue
            assert follows == over, (date, over)
            ends = at(date["ends_at"]) if date["ends_at"] else at(date["starts_at"])
            start = at(date["starts_at"])
            over = max(over, ends if ends > start else start.replace(microsecond=1))


LAWS = (
    an_event_has_exactly_one_host,
    a_host_changes_only_by_a_handover,
    an_organization_is_in_an_alliance_once,
    an_alliance_stands_as_its_members_do,
    who_comes_in_has_agreed,
    agreements_are_accepted_in_person,
    a_ballot_is_a_members_own,
    a_lead_stays,
    what_is_shared_is_no_wider_than_its_alliance_allows,
    whoever_was_not_let_in_goes_with_what_they_saw,
    what_is_counted_is_what_there_is,
    what_is_kept_of_another_row_is_what_it_says,
    dates_follow_one_another,
)
