"""Whether a hub takes proposals as docs/protocol.md has it, and agrees by giving tokens."""

import json
from collections.abc import Mapping

from federation.client import Fetched
from web.conformance.probing import Check, Failed, NotChecked, Object, Probe, an_object, said

# RFC 6761 s6.4: a name that nobody ever has, so that nothing comes of it.
NOBODY = "https://nobody.invalid"


async def answers(probe: Probe) -> None:
    found = await _proposed(probe, "nobody", {"url": NOBODY})
    if found.status != 202 or an_object(found) != {}:
        raise Failed(
            f"{found.status}, {said(found.body)}", "Answer 202 and {} to whoever proposes."
        )


async def answers_alike(probe: Probe) -> None:
    one = await _proposed(probe, "nobody", {"url": NOBODY})
    other = await _proposed(probe, "itself", {"url": probe.url})
    if (one.status, one.body) != (other.status, other.body):
        raise Failed(
            f"{one.status} for an address of nobody's, {other.status} for the hub's own",
            "Answer before anything is looked at, so that nobody learns what is where.",
        )


async def refuses_other_things(probe: Probe) -> None:
    for body in (b"{}", b"[]", b'{"url": 7}'):
        found = await probe.posted(await probe.address("proposals_endpoint"), body)
        if found.status != 400 or not isinstance(an_object(found).get("error"), str):
            raise Failed(
                f"{body.decode()}: {found.status}, {said(found.body)}",
                "Answer 400 and an object with `error`, and say there what to send.",
            )


async def looks_for_itself(probe: Probe) -> None:
    meeting = probe.as_peer
    meeting.require_begun()
    if meeting.was_known:
        raise NotChecked("It knew the tester from before. To check it, take another address.")
    missing = await meeting.unread_documents()
    if missing:
        raise Failed(
            f"it did not read {', '.join(sorted(missing))}",
            "Read all six documents at the address that was proposed.",
        )


async def agrees_by_a_token(probe: Probe) -> None:
    await probe.as_peer.require_token(probe)


async def reads_what_it_does_not_know(probe: Probe) -> None:
    """The tester's own documents have a member more than the page says."""
    await probe.as_peer.token(probe)


CHECKS: Mapping[str, Check] = {
    "P-1": answers,
    "P-2": answers_alike,
    "P-3": refuses_other_things,
    "P-4": looks_for_itself,
    "P-5": agrees_by_a_token,
    "V-2": reads_what_it_does_not_know,
}


async def _proposed(probe: Probe, called: str, body: Object) -> Fetched:
    """Each once: a hub counts proposals."""
    if called not in probe.kept:
        address = await probe.address("proposals_endpoint")
        probe.kept[called] = await probe.posted(address, json.dumps(body).encode())
    found: Fetched = probe.kept[called]
    return found
