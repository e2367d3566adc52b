"""Whether a hub is poked as docs/protocol.md has it: by its peers alone, once for each assertion."""

from collections.abc import Mapping

from federation.client import Fetched
from web.conformance.probing import Check, Failed, NotChecked, Probe, said


async def hears_no_stranger(probe: Probe) -> None:
    if (await probe.hub()).get("poke_endpoint") is None:
        raise NotChecked("The hub is not to be poked: poke_endpoint is null.")
    address = await probe.address("poke_endpoint")
    for headers in ({}, {"authorization": "Bearer nonsense"}):
        _require(
            await probe.posted(address, b"", "application/octet-stream", "*/*", **headers), 401
        )


async def hears_its_peer(probe: Probe) -> None:
    meeting = probe.as_peer
    await meeting.token(probe)
    _require(await meeting.poke(probe, meeting.identity.assertion(probe.url)), 202)


async def hears_each_assertion_once(probe: Probe) -> None:
    meeting = probe.as_peer
    await meeting.token(probe)
    assertion = meeting.identity.assertion(probe.url)
    await meeting.poke(probe, assertion)
    _require(await meeting.poke(probe, assertion), 401)


async def hears_what_is_meant_for_it(probe: Probe) -> None:
    meeting = probe.as_peer
    await meeting.token(probe)
    _require(await meeting.poke(probe, meeting.identity.assertion("https://nobody.invalid")), 401)


CHECKS: Mapping[str, Check] = {
    "K-1": hears_no_stranger,
    "K-2": hears_its_peer,
    "K-3": hears_each_assertion_once,
    "K-4": hears_what_is_meant_for_it,
}


def _require(answer: Fetched, status: int) -> None:
    if answer.status != status:
        raise Failed(
            f"{answer.status}, {said(answer.body)}",
            f"Answer {status}: a poke is believed of a peer that shows who it is, each time anew.",
        )
