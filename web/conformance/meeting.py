"""How the tester becomes a peer of the hub that is tested: it listens, proposes, waits, gets a token.

That proposal is all that it leaves there. Whoever runs that hub agrees, or has said that proposals
are accepted, and ends it again when they like.
"""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn

from auth import addresses, peer_clients
from federation.client import Fetched
from schema.limits import Limits
from web.conformance.identity import Identity
from web.conformance.musts import LOOKS_WITHIN_SECONDS
from web.conformance.probing import (
    KEYS,
    Answer,
    Failed,
    NotChecked,
    Probe,
    an_object,
    said,
)
from web.conformance.small_hub import Asked, SmallHub
from web.serving import configured, listening

SCOPE = " ".join(peer_clients.SCOPES)
ASKED_AGAIN_SECONDS = 15.0  # whoever has not agreed yet is not asked all the time


@dataclass
class Meeting:
    """`wait_seconds` is for somebody there to agree; `tell` says what they have to do; `agreed` is
    called once they have."""

    small: SmallHub
    wait_seconds: float
    tell: Callable[[str], None]
    agreed: Callable[[str], None]
    read_within_seconds: float = LOOKS_WITHIN_SECONDS
    is_begun: bool = False  # the hub was told of the tester, or knows it
    was_known: bool = False  # it gave us a token without being asked to agree
    answer: Fetched | None = None  # that gave us the token
    _trouble: str | None = None
    _tried: bool = False
    _token: str | None = field(default=None, repr=False)

    @property
    def identity(self) -> Identity:
        return self.small.identity

    async def begin(self, probe: Probe) -> None:
        """Before the first check, so that whoever runs the hub can agree meanwhile."""
        hub = await probe.hub()
        self.small.their_client_id = probe.url + addresses.CLIENT_METADATA
        self.small.their_keys = await probe.read(await probe.address("client_jwks_uri"), KEYS)
        if hub.get("hub") in self.identity.agreed:
            self.was_known = await self._asked(probe)
        if not self.was_known:
            body = json.dumps({"url": self.identity.url, "ofAnotherTime": True}).encode()
            await probe.posted(await probe.address("proposals_endpoint"), body)
        self.is_begun = True

    async def token(self, probe: Probe) -> str:
        """This tester's at that hub. Raises `NotChecked` where it has none."""
        self.require_begun()
        if not self._tried:
            self._tried = True
            await self._wait(probe)
        if self._token is None:
            if self.small.tokens_given:
                raise NotChecked("It gives the tester no token: see P-5.")
            raise NotChecked(
                f"Nobody there has agreed to work with the tester ({self._trouble}). Find "
                f"{self.identity.url} among its proposals, accept it, and run this again."
            )
        return self._token

    def require_begun(self) -> None:
        if not self.is_begun:
            raise NotChecked("The hub could not be told of the tester: see D-1, D-8 and P-1.")

    async def require_token(self, probe: Probe) -> None:
        """Raises `Failed` where the hub agreed, and gives none."""
        try:
            await self.token(probe)
        except NotChecked:
            if not self.small.tokens_given:
                raise
            raise Failed(
                f"it asked the tester for a token, and so agreed, and gives none: {self._trouble}",
                "Give a token to whom somebody of yours agreed to work with.",
            ) from None

    async def _wait(self, probe: Probe) -> None:
        """Until somebody there agreed: then that hub asks for a token here, or gives one."""
        if self._token is not None:
            return
        self.tell(
            f"Waiting up to {self.wait_seconds:.0f} seconds for somebody at {probe.authority} to "
            f"accept {self.identity.url} as a peer. With Convoke that is: ./convoke peer accept "
            f"{self.identity.authority}"
        )
        try:
            async with asyncio.timeout(self.wait_seconds):
                while not await self._asked_once_it_asked(probe):
                    continue
        except TimeoutError:
            self._trouble = self._trouble or "it has not asked for a token"

    async def _asked_once_it_asked(self, probe: Probe) -> bool:
        try:
            async with asyncio.timeout(ASKED_AGAIN_SECONDS), self.small.came:
                await self.small.came.wait_for(lambda: bool(self.small.tokens_given))
        except TimeoutError:
            pass  # perhaps it waits to be asked: it is
        if await self._asked(probe):
            return True
        if self.small.tokens_given:
            await probe.pause(ASKED_AGAIN_SECONDS)
        return False

    async def _asked(self, probe: Probe) -> bool:
        answer = await probe.token(await self.form(probe))
        token = an_object(answer).get("access_token")
        if answer.status == 200 and isinstance(token, str) and token:
            self.answer, self._token = answer, token
            self.agreed(str((await probe.hub()).get("hub")))
            return True
        self._trouble = f"{answer.status}, {said(answer.body)}"
        return False

    async def form(self, probe: Probe, proof: str | None = None, **fields: str) -> dict[str, str]:
        """A good request for a token, but for what is given."""
        usual = {"grant_type": "client_credentials", "scope": SCOPE}
        return self.identity.form(
            proof or self.identity.assertion(probe.url),
            await probe.address("graphql_endpoint"),
            **usual | fields,
        )

    async def graphql(
        self,
        probe: Probe,
        document: str,
        variables: Mapping[str, Any] | None = None,
        **headers: str,
    ) -> Answer:
        """Asked as a peer."""
        token = await self.token(probe)
        return await probe.graphql(document, variables, authorization=f"Bearer {token}", **headers)

    async def poke(self, probe: Probe, assertion: str) -> Fetched:
        address = (await probe.hub()).get("poke_endpoint")
        if address is None:
            raise NotChecked("The hub is not to be poked: poke_endpoint is null.")
        return await probe.posted(
            await probe.address("poke_endpoint"),
            b"",
            "application/octet-stream",
            "*/*",
            authorization=f"Bearer {assertion}",
        )

    # ── what the hub does of itself ──────────────────────────────────────────────────────────────

    async def unread_documents(self) -> set[str]:
        """Of the tester's, those that the hub has not read within a while."""
        every = set(self.small.documents)
        async with self.small.came:
            try:
                async with asyncio.timeout(self.read_within_seconds):
                    await self.small.came.wait_for(lambda: self.small.documents_read >= every)
            except TimeoutError:
                return every - self.small.documents_read
        return set()

    async def read_again(self, probe: Probe, is_enough: Callable[[Asked], bool]) -> Asked | None:
        """A page that it asked for after a poke; None where it has not within a while."""
        begun = len(self.small.pages)
        poked = await self.poke(probe, self.identity.assertion(probe.url))
        if poked.status != 202:
            raise NotChecked("The hub is not to be poked: see K-2.")

        def found() -> Asked | None:
            return next((page for page in self.small.pages[begun:] if is_enough(page)), None)

        async with self.small.came:
            try:
                async with asyncio.timeout(self.read_within_seconds):
                    await self.small.came.wait_for(lambda: found() is not None)
            except TimeoutError:
                return None
        return found()


@asynccontextmanager
async def answering(small: SmallHub, host: str, port: int) -> AsyncIterator[None]:
    """The tester listens there, for as long as it takes."""
    with listening(host, port) as sockets:
        server = _Listening(configured(small.app(), Limits()))
        running = asyncio.create_task(server.serve(sockets=sockets))
        try:
            await server.ready.wait()
            yield
        finally:
            server.should_exit = True
            await running


class _Listening(uvicorn.Server):
    """Ctrl-C is the command's, and ends all of it."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self.ready.set()
