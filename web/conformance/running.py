"""One run: every MUST of the page in its order, each passed, failed, or not checked and why."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from domain.errors import Problem
from federation.addresses import FetchProblem, FetchReason
from web.conformance import (
    documents,
    elsewhere,
    endpoint,
    feed,
    mirror,
    pokes,
    proposals,
    reading,
    tokens,
)
from web.conformance.musts import MUSTS, Checked, Must
from web.conformance.probing import Check, Failed, NotChecked, Probe

ALL_SECONDS = 120.0  # for one check, with all its waiting but for somebody who agrees

CHECKS: Mapping[str, Check] = {
    **documents.CHECKS,
    **proposals.CHECKS,
    **tokens.CHECKS,
    **endpoint.CHECKS,
    **feed.CHECKS,
    **mirror.CHECKS,
    **reading.CHECKS,
    **pokes.CHECKS,
    **elsewhere.CHECKS,
}


class Verdict(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    NOT_CHECKED = "not checked"


@dataclass(frozen=True, slots=True)
class Finding:
    """`came` is what was met instead, or why it was not checked; `do` is the way out."""

    id: str
    must: str
    verdict: Verdict
    came: str = ""
    do: str = ""

    @property
    def shown(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if value}


async def run(
    probe: Probe,
    found: Callable[[Finding], None] | None = None,
    musts: Sequence[Must] = MUSTS,
) -> Sequence[Finding]:
    """`found` hears of each at once."""
    findings: list[Finding] = []
    if probe.meeting is not None:
        await _begin(probe)
    for must in musts:
        finding = await _looked_at(probe, must)
        findings.append(finding)
        if found is not None:
            found(finding)
    return findings


async def _begin(probe: Probe) -> None:
    """What is wrong with it is told by the checks that it is for."""
    try:
        await probe.as_peer.begin(probe)
    except (NotChecked, Failed, Problem):
        return


async def _looked_at(probe: Probe, must: Must) -> Finding:
    if isinstance(must.how, str):
        return Finding(must.id, must.says, Verdict.NOT_CHECKED, must.how)
    if must.how is Checked.AS_PEER and probe.meeting is None:
        return Finding(must.id, must.says, Verdict.NOT_CHECKED, "Only as a peer: --as-peer.")
    meeting = probe.meeting
    waits = 0.0 if meeting is None else meeting.wait_seconds
    try:
        async with asyncio.timeout(ALL_SECONDS + waits):
            await CHECKS[must.id](probe)
    except NotChecked as why:
        return Finding(must.id, must.says, Verdict.NOT_CHECKED, str(why))
    except Failed as failed:
        return Finding(must.id, must.says, Verdict.FAILED, failed.came, failed.do)
    except TimeoutError:
        came, do = "it took too long", "Answer or refuse within seconds, whatever is asked."
        return Finding(must.id, must.says, Verdict.FAILED, came, do)
    except FetchProblem as problem:
        return _not_answered(must, problem)
    return Finding(must.id, must.says, Verdict.PASSED)


def _not_answered(must: Must, problem: FetchProblem) -> Finding:
    if problem.reason is FetchReason.RATE_LIMITED and problem.retry_after_seconds is not None:
        why = f"The hub asks to come back in {problem.retry_after_seconds} seconds."
        return Finding(must.id, must.says, Verdict.NOT_CHECKED, why)
    do = "See that it runs, and answers plainly at the addresses that it says."
    return Finding(must.id, must.says, Verdict.FAILED, problem.message, do)
