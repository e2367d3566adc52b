"""Whether a hub lets people of other hubs act as docs/protocol.md has it, as far as nothing changes."""

from collections.abc import Mapping

from auth.id_jag_consume import GRANT_TYPE
from domain.ids import Kind
from web.conformance.probing import Check, Failed, Probe, an_object, said

# Of a group that there is not: where a hub runs it all the same, nothing changes.
LEAVE = "mutation Leave($group: ID!) { leaveGroup(group: $group) { userErrors { code } } }"


async def vouches_for_no_stranger(probe: Probe) -> None:
    answer = await probe.token({"grant_type": GRANT_TYPE, "assertion": "nonsense"})
    if answer.status not in (400, 401) or an_object(answer).get("error") != "invalid_client":
        raise Failed(
            f"{answer.status}, {said(answer.body)}",
            "Have the hub show who it is first: 401 and invalid_client.",
        )


async def knows_the_people_it_was_told_of(probe: Probe) -> None:
    meeting = probe.as_peer
    await meeting.token(probe)
    endpoint = await probe.address("graphql_endpoint")
    vouched = meeting.identity.vouched(probe.url, endpoint)
    form = await meeting.form(
        probe, grant_type=GRANT_TYPE, assertion=vouched, scope="events:read"
    )  # fmt: skip
    answer = await probe.token(form)
    if answer.status != 400 or an_object(answer).get("error") != "invalid_grant":
        raise Failed(
            f"{answer.status}, {said(answer.body)}",
            "Refuse it with 400 and invalid_grant: it is for an organization that nobody told of.",
        )


async def changes_nothing_for_a_machine(probe: Probe) -> None:
    meeting = probe.as_peer
    group = meeting.identity.made_up(Kind.GROUP, probe.authority)
    answer = await meeting.graphql(probe, LEAVE, {"group": group})
    answer.require_code("INSUFFICIENT_SCOPE")


async def keeps_no_key_of_nobody(probe: Probe) -> None:
    group = f"grp_00000000000000000000000000@{probe.authority}"
    answer = await probe.graphql(LEAVE, {"group": group}, idempotency_key="of-the-tester")
    answer.require_code("UNAUTHENTICATED")


CHECKS: Mapping[str, Check] = {
    "W-1": vouches_for_no_stranger,
    "W-2": knows_the_people_it_was_told_of,
    "W-3": changes_nothing_for_a_machine,
    "W-4": keeps_no_key_of_nobody,
}
