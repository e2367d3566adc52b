"""Whether a hub can be mirrored: by the document that mirrors send, read as strictly as mirrors read,
and by waiting for what is new."""

import asyncio
from collections.abc import Mapping

from federation.addresses import FetchProblem, FetchReason
from federation.mirroring.document import CHANGES
from federation.mirroring.reading import AskedInVain, BadPage, read_page
from storage.mirrors_told import ToldPage
from web.conformance.feed import asked, read
from web.conformance.probing import Answer, Check, Failed, NotChecked, Probe

MOST_PAGES = 4
CHANGES_A_PAGE = 250
WAIT_SECONDS = 2
LATE_SECONDS = 5.0  # beyond what was asked for
_TOO_MUCH = {"TOO_LARGE", "COST_LIMIT", "TIMEOUT"}


async def is_believed(probe: Probe) -> None:
    after: str | None = None
    for _ in range(MOST_PAGES):
        page = await _page(probe, after)
        if page.refusals:
            refusal = page.refusals[0]
            raise Failed(
                f"{refusal.thing_id}: {refusal.reason}, and {len(page.refusals) - 1} more",
                "Tell each thing whole, within the bounds of the page, and nobody else's.",
            )
        if page.is_all:
            return
        after = page.cursor


async def waits(probe: Probe) -> None:
    """Of a hub at work, something may be new each time."""
    for _ in range(3):
        end = read(await asked(probe, first=0)).end
        while True:
            page = read(await asked(probe, end, first=250))
            end = page.end
            if not page.has_more:
                break
        took, answer = await _waited(probe, end)
        if took > WAIT_SECONDS + LATE_SECONDS:
            raise Failed(
                f"wait={WAIT_SECONDS} was answered after {took:.1f} seconds",
                "Answer when the time is over, with an empty page.",
            )
        if took >= WAIT_SECONDS - 0.3:
            return
        if not read(answer).records:
            raise Failed(
                f"wait={WAIT_SECONDS} was answered after {took:.1f} seconds, with nothing new",
                "Keep the request until something is new or the time is over (RFC 7240 s4.3).",
            )
    raise NotChecked("Something was new each time.")


CHECKS: Mapping[str, Check] = {"F-17": is_believed, "F-18": waits}


async def _page(probe: Probe, after: str | None) -> ToldPage:
    """As many changes as fit into an answer."""
    first = CHANGES_A_PAGE
    while True:
        variables = {"channel": None, "after": after, "first": first}
        try:
            answer = await probe.as_peer.graphql(probe, CHANGES, variables)
            return read_page(answer.fetched.body, probe.authority, after, first)
        except BadPage as bad:
            raise Failed(str(bad), "A page says one thing, and all of it.") from None
        except FetchProblem as problem:
            if problem.reason is not FetchReason.TOO_LARGE:
                raise
            why = problem.message
        except AskedInVain as refused:
            if refused.code not in _TOO_MUCH:
                raise Failed(str(refused), "Answer the mirror document to a peer.") from None
            why = str(refused)
        if first == 1:
            raise Failed(f"a single change: {why}", "Answer one change at least.")
        first = max(1, first // 4)


async def _waited(probe: Probe, end: str) -> tuple[float, Answer]:
    """How long it took, and what was answered."""
    loop = asyncio.get_running_loop()
    meeting = probe.as_peer
    variables = {"channel": None, "after": end, "first": 25}
    begun = loop.time()
    answer = await meeting.graphql(probe, CHANGES, variables, prefer=f"wait={WAIT_SECONDS}")
    return loop.time() - begun, answer
