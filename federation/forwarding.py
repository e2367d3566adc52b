"""Changes to things of other hubs, sent to their owners for the person who asks.

One request under a delegated token (`federation/delegation.py`), with a key of its own: the owner
does it once, however often it is sent (`web/once.py` over there). What the owner says is handed back
as it came (`schema/elsewhere.py` reads it). Of an owner that does not answer it is said so within
seconds, and it is not asked by everybody while it is away; a few changes wait for it
(`federation/delivering.py`).
"""

import asyncio
from base64 import urlsafe_b64encode
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import astuple, dataclass
from hashlib import sha256
from typing import Any

import orjson

from domain.actors import Viewer
from domain.errors import (
    PASSING,
    Busy,
    NotFound,
    Problem,
    Refused,
    Unauthenticated,
)
from domain.ids import Kind
from domain.outside import Chance
from domain.peering import PeeringStatus
from domain.words import Quoted, say
from federation.addresses import FetchProblem, FetchReason
from federation.answers_elsewhere import heard
from federation.client import Fetched, OutgoingClient
from federation.delegation import Delegation
from federation.hub_tokens import sayable
from federation.joining import Joining
from resolvers.audit import note
from resolvers.context import Context
from resolvers.elsewhere import Errand, Kept, PeerAnswer, PeerUnreachable, Question, Said
from storage import deliveries, mirrors, peers
from storage.deliveries import Delivery
from storage.peers import Peer

SECONDS = 4.0  # for all of it, within the five of an operation
MOST_BYTES = 1_048_576
MOST_AT_ONCE = 8  # waiting for one hub, in one process: the others' things go on meanwhile
AWAY_SECONDS = 5.0  # not asked again, after it did not answer
_MEDIA = "application/graphql-response+json"
_TYPES = frozenset({_MEDIA, "application/json"})

# What a person is not kept waiting for: it is told to the owner as soon as that answers.
MAY_WAIT = frozenset({"rsvp", "cancelRsvp", "checkIn"})


@dataclass(frozen=True, slots=True)
class Sending:
    """One change, in a document of its own, and the name that it is answered under; any, where it
    is empty."""

    document: str
    variables: Mapping[str, Any]
    scopes: frozenset[str]
    key: str


class OutcomeUnknown(PeerUnreachable):
    """It was sent, and nothing came back."""


class Forwarding:
    """One process's. It is the `resolvers.elsewhere.Elsewhere` of every operation."""

    def __init__(
        self,
        delegation: Delegation,
        outgoing: Callable[[], OutgoingClient],
        chance: Chance,
    ) -> None:
        self._delegation = delegation
        self._outgoing = outgoing
        self._chance = chance
        self._asking: defaultdict[str, int] = defaultdict(int)
        self._away_until: dict[str, float] = {}

    async def ask(self, ctx: Context, errand: Errand) -> Said | Kept:
        """What the owner says, with a note of it here; or that it is told later. Raises `Problem`."""
        if ctx.viewer.is_nobody:
            raise Unauthenticated(
                say(
                    "It belongs to %(hub)s: sign in here, or do it there.",
                    hub=_authority(errand.thing_id),
                )
            )
        peer = await self._owner(ctx, errand)
        await self._delegation.require(ctx.viewer, errand.scopes)
        if errand.change in MAY_WAIT:
            return await self._asked_or_kept(ctx, peer, errand)
        key = _key_of(ctx, errand) or _by_chance(self._chance)
        joining = await Joining.begun(ctx, errand)
        try:
            said = await self._asked(ctx, peer, errand, key)
        except OutcomeUnknown:
            raise
        except Problem:
            await joining.taken_back(ctx)
            raise
        if is_done(said):
            await self._note(ctx, peer, errand, joining)
        else:
            await joining.taken_back(ctx)
        return said

    async def look(self, ctx: Context, authority: str, question: Question) -> Any:
        async with ctx.database.reading() as db:
            peer = await peers.by_authority(db, authority)
        if peer is None or not peer.is_active:
            return None
        if self._away_until.get(peer.hub_id, 0.0) > asyncio.get_running_loop().time():
            raise _silent(peer)
        sending = Sending(question.document, question.variables, question.scopes, "")
        try:
            async with asyncio.timeout(question.within_seconds):
                token = await self._delegation.token(ctx.viewer, peer, sending.scopes)
                answer = await self._answered(ctx.viewer, peer, sending, None, token)
                return _read(peer, sending, answer).value
        except (TimeoutError, FetchProblem, OutcomeUnknown):
            raise _silent(peer) from None

    async def send(self, viewer: Viewer, peer: Peer, sending: Sending, key: str) -> Said:
        """Once, for that person. Raises `PeerUnreachable`, `PeerRefused`, `PeerAnswer`, and `Refused`
        where this hub itself does not let them. Waits for the network."""
        was_sent = False
        try:
            async with asyncio.timeout(SECONDS):
                token = await self._delegation.token(viewer, peer, sending.scopes)
                was_sent = True
                answer = await self._answered(viewer, peer, sending, key, token)
                return _read(peer, sending, answer)
        except (TimeoutError, FetchProblem) as silence:
            if not was_sent or _came_back(silence):
                raise _not_asked(peer) from None
            raise _unknown(peer) from None

    # ── what may wait ────────────────────────────────────────────────────────────────────────────

    async def _asked_or_kept(self, ctx: Context, peer: Peer, errand: Errand) -> Said | Kept:
        """In its order: behind what waits for that hub already."""
        key = _key_of(ctx, errand) or ctx.names.new(Kind.RSVP)
        async with ctx.database.reading(fresh=True) as db:
            is_behind = await deliveries.is_one_waiting(db, peer.hub_id)
        if is_behind:
            return await self._kept(ctx, peer, errand, key)
        try:
            said = await self._asked(ctx, peer, errand, key)
        except PeerUnreachable:
            return await self._kept(ctx, peer, errand, key)
        if is_done(said):
            await self._note(ctx, peer, errand, said=said)
        return said

    async def _kept(self, ctx: Context, peer: Peer, errand: Errand, key: str) -> Kept:
        """In the one transaction that lets the person be told so."""
        viewer, now = ctx.viewer, ctx.clock.now()
        subject_id = ctx.names.new(Kind.RSVP) if errand.change == "rsvp" else errand.thing_id
        waiting = Delivery(
            id=key,
            hub_id=peer.hub_id,
            organization_id=viewer.organization_id or "",
            person_id=viewer.person_id or "",
            client_id=viewer.client_id,
            request_id=ctx.request_id,
            scopes=tuple(sorted(errand.scopes)),
            document=errand.document,
            variables=errand.variables,
            subject_id=subject_id,
        )
        async with ctx.writing() as db:
            await deliveries.add(db, waiting, now, now)
            await note(ctx, db, "elsewhere.kept", errand.thing_id, [errand.change])
        return Kept(
            subject_id,
            f"{peer.name} does not answer at present. This is kept, and told as soon as it does.",
        )

    async def _note(
        self,
        ctx: Context,
        peer: Peer,
        errand: Errand,
        joining: Joining | None = None,
        said: Said | None = None,
    ) -> None:
        """What was done there, by whom here; and what is published there has moved."""
        async with ctx.writing() as db:
            if joining is not None:
                await joining.ended(ctx, db)
            if said is not None:
                await heard(ctx, db, peer, ctx.viewer, said.value)
            await note(ctx, db, "elsewhere.changed", errand.thing_id, [errand.change])
            await mirrors.hasten(db, peer.hub_id)

    # ── who owns it, and whether they are asked ──────────────────────────────────────────────────

    async def _owner(self, ctx: Context, errand: Errand) -> Peer:
        authority = _authority(errand.thing_id)
        async with ctx.database.reading() as db:
            peer = await peers.by_authority(db, authority)
        if peer is None or peer.status in {PeeringStatus.PROPOSED, PeeringStatus.ENDED}:
            raise NotFound("There is no such thing, or it is not shared with you.")
        if not peer.is_active:
            raise Refused(
                say(
                    "This hub does not work with %(peer)s at present. Nothing was done.",
                    peer=peer.name,
                )
            )
        return peer

    async def _asked(self, ctx: Context, peer: Peer, errand: Errand, key: str) -> Said:
        """Within bounds: a hub that is away or slow costs those who ask others nothing."""
        if self._away_until.get(peer.hub_id, 0.0) > asyncio.get_running_loop().time():
            raise _not_asked(peer)
        if self._asking[peer.hub_id] >= MOST_AT_ONCE:
            raise PeerUnreachable(
                say(
                    "%(peer)s is slow to answer. Nothing was done: try again in a moment.",
                    peer=peer.name,
                )
            )
        await ctx.close()  # nothing of the database is held while others are waited for
        sending = Sending(errand.document, errand.variables, errand.scopes, errand.key)
        self._asking[peer.hub_id] += 1
        try:
            return await self.send(ctx.viewer, peer, sending, key)
        except PeerUnreachable:
            self._away_until[peer.hub_id] = asyncio.get_running_loop().time() + AWAY_SECONDS
            raise
        finally:
            self._asking[peer.hub_id] -= 1

    async def _answered(
        self, viewer: Viewer, peer: Peer, sending: Sending, key: str | None, token: str
    ) -> Fetched:
        answer = await self._posted(peer, sending, key, token)
        if answer.status != 401:
            return answer
        self._delegation.forget(peer)  # it was revoked there
        token = await self._delegation.token(viewer, peer, sending.scopes)
        return await self._posted(peer, sending, key, token)

    async def _posted(self, peer: Peer, sending: Sending, key: str | None, token: str) -> Fetched:
        return await self._outgoing().post(
            peer.graphql_url,
            body=orjson.dumps({"query": sending.document, "variables": dict(sending.variables)}),
            content_type="application/json",
            accept=f"{_MEDIA}, application/json",
            max_bytes=MOST_BYTES,
            media_types=_TYPES,
            headers={
                "authorization": f"Bearer {token}",
                **({"idempotency-key": key} if key is not None else {}),
            },
        )


def is_done(said: Said) -> bool:
    """The owner says that it did it."""
    return isinstance(said.value, dict) and not _refusals(said.value)


def why_not(said: Said) -> str:
    """In its own words."""
    for error in (*_told_under(said), *said.errors):
        message = _part(error, "message")
        if isinstance(message, str):
            return sayable(message)
    return "its owner did not do it, and does not say why"


def _told_under(said: Said) -> list[object]:
    """The refusals in the answer itself."""
    value = said.value if isinstance(said.value, dict) else {}
    return [each for listed in value.values() if isinstance(listed, list) for each in listed]


def _part(of: object, name: str) -> object:
    return of.get(name) if isinstance(of, dict) else None


def _refusals(value: Mapping[str, Any]) -> bool:
    """What it says under any name: of what a change hands out, `userErrors` alone are a list. A client
    that does not ask for them hears of none, and then what there is of the outcome says whether it was
    done. Beside an empty list nothing else does: whom somebody wrote down is not always shown to them."""
    lists = [each for each in value.values() if isinstance(each, list)]
    if lists:
        return any(lists)
    others = [each for name, each in value.items() if not isinstance(each, list | str)]
    return bool(others) and all(each is None for each in others)


def _authority(identifier: str) -> str:
    return identifier.partition("@")[2]


def _not_asked(peer: Peer) -> PeerUnreachable:
    return PeerUnreachable(
        say(
            "%(peer)s does not answer at present. Nothing was done: try again later.",
            peer=peer.name,
        )
    )


def _silent(peer: Peer) -> PeerUnreachable:
    return PeerUnreachable(
        say("%(peer)s does not answer at present: what only it knows is not shown.", peer=peer.name)
    )


def _unknown(peer: Peer) -> OutcomeUnknown:
    return OutcomeUnknown(
        say(
            "%(peer)s does not answer. It is not known whether it was done: look, or send it "
            "again with the same Idempotency-Key.",
            peer=peer.name,
        )
    )


def _came_back(silence: Exception) -> bool:
    """It said that it did not do it: 429, or 503 with Retry-After."""
    return isinstance(silence, FetchProblem) and silence.reason is FetchReason.RATE_LIMITED


def _key_of(ctx: Context, errand: Errand) -> str | None:
    """Of the client's own key, so that what it sends again is the same to the owner."""
    if ctx.once is None:
        return None
    parts = (*astuple(ctx.once.name), errand.key)
    return sha256(b"\0".join(sha256(part.encode()).digest() for part in parts)).hexdigest()


def _by_chance(chance: Chance) -> str:
    return urlsafe_b64encode(chance.token_bytes(24)).decode()


def _read(peer: Peer, sending: Sending, answer: Fetched) -> Said:
    try:
        body: Any = orjson.loads(answer.body)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise _unknown(peer) if answer.status >= 500 else _garbled(peer, answer)
    errors = [each for each in body.get("errors") or () if isinstance(each, dict)]
    data = body.get("data")
    has_answer = isinstance(data, dict) and any(each is not None for each in data.values())
    if not has_answer and any(_code(each) in PASSING for each in errors) and answer.status < 500:
        raise _unknown(peer)  # done perhaps, and could not be read; asked again, it says so
    if isinstance(data, dict) and len(data) == 1 and sending.key in {*data, ""}:
        return Said(next(iter(data.values())), errors)
    code = _code(errors[0]) if errors else None
    if answer.status >= 500:
        raise _not_asked(peer) if code == Busy.code else _unknown(peer)
    if not errors:
        raise _garbled(peer, answer)
    raise PeerAnswer(
        say("%(peer)s did not do it: %(why)s", peer=peer.name, why=_words(errors[0])), code
    )


def _garbled(peer: Peer, answer: Fetched) -> Problem:
    return PeerAnswer(
        say(
            "%(peer)s answered %(status)s, and not what was asked.",
            peer=peer.name,
            status=answer.status,
        )
    )


def _code(error: Mapping[str, Any]) -> str | None:
    extensions = error.get("extensions")
    code = extensions.get("code") if isinstance(extensions, Mapping) else None
    return code if isinstance(code, str) else None


def _words(error: Mapping[str, Any]) -> str:
    message = error.get("message")
    return Quoted(sayable(message)) if isinstance(message, str) else say("it does not say why.")
