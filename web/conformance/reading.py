"""Whether a hub reads the tester's feed as docs/protocol.md has it. It is poked, and then looked at."""

from collections.abc import Mapping

from web.conformance.musts import LOOKS_WITHIN_SECONDS
from web.conformance.probing import Check, Failed, NotChecked, Probe
from web.conformance.small_hub import PAGE, Asked, cursor_of

PUBLIC = "public"
_NOT_READ = "The hub has not read the tester's feed: is its worker running? See K-5."


async def asks_with_its_token(probe: Probe) -> None:
    small = probe.as_peer.small
    try:
        pages = await _pages(probe)
    except NotChecked:
        if not small.asked_without:
            raise
        raise Failed(
            f"it asked {small.asked_without} times without a token that the tester gave",
            "Ask as the Bearer of the other hub's token; where it is refused, ask for another.",
        ) from None
    if not all(page.is_posted_json for page in pages):
        raise Failed("it did not post JSON", "Ask by POST, as application/json.")


async def asks_for_what_there_is(probe: Probe) -> None:
    for page in await _pages(probe):
        if type(page.first) is not int or not 0 <= page.first <= PAGE:
            raise Failed(
                f"first was {page.first!r}, where limits say page: {PAGE}",
                "Ask for no more than the other hub's page.",
            )


async def gives_cursors_back(probe: Probe) -> None:
    places = [page for page in await _pages(probe, at_least=2) if page.after is not None]
    if not places:
        raise NotChecked("The hub has not read a channel twice.")
    for page in places:
        if page.after != cursor_of(page.channel):
            raise Failed(
                f"in {page.channel[:60]!r} it gave back {str(page.after)[:60]!r}",
                "Keep a cursor as it came, and give it back in its own channel.",
            )


async def begins_again(probe: Probe) -> None:
    meeting = probe.as_peer
    await gives_cursors_back(probe)
    meeting.small.resync.add(PUBLIC)
    refused = await meeting.read_again(probe, lambda page: page.was_resync)
    if refused is None:
        meeting.small.resync.discard(PUBLIC)
        raise NotChecked("The hub did not come back to be told RESYNC.")
    behind = meeting.small.pages.index(refused) + 1
    again = await meeting.read_again(probe, lambda page: page.channel == PUBLIC)
    later = [page for page in meeting.small.pages[behind:] if page.channel == PUBLIC]
    if again is None and not later:
        raise Failed("it did not come back", "Begin again at once, without `after`.")
    if later[0].after is not None:
        raise Failed("it came back with the same place", "Begin again, without `after`.")


async def looks_when_poked(probe: Probe) -> None:
    meeting = probe.as_peer
    await meeting.token(probe)
    if await meeting.read_again(probe, lambda page: page.channel == PUBLIC) is None:
        raise Failed(
            f"it did not look within {LOOKS_WITHIN_SECONDS} seconds",
            "Read the peer's channels at once. (With Convoke, a worker does: ./convoke serve.)",
        )


CHECKS: Mapping[str, Check] = {
    "R-1": asks_with_its_token,
    "R-2": asks_for_what_there_is,
    "R-3": gives_cursors_back,
    "R-4": begins_again,
    "K-5": looks_when_poked,
}


async def _pages(probe: Probe, at_least: int = 1) -> list[Asked]:
    """What it asked for; of a hub that has not read yet, it is poked once for each."""
    meeting = probe.as_peer
    await meeting.token(probe)
    for _ in range(at_least):
        read = [page for page in meeting.small.pages if page.channel == PUBLIC]
        if len(read) >= at_least:
            break
        if await meeting.read_again(probe, lambda page: page.channel == PUBLIC) is None:
            raise NotChecked(_NOT_READ)
    return meeting.small.pages
