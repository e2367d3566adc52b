"""graphql-transport-ws: one WebSocket, on which a client follows several things.

Whatever goes wrong is told with one of the protocol's close codes (`messages.py`), so that a client
knows whether to come again. Frames, their sizes and how many there may be are seen to below this,
in `socket_protocol.py`.
"""

import asyncio
from contextlib import aclosing

from graphql import OperationType
from starlette.types import Receive, Scope, Send

from domain.errors import Problem, Unauthenticated
from schema.codes import Code, refusal
from schema.documents import Prepared, Refused
from schema.telling import log_bug, told
from web.body import asked_of
from web.subscriptions import messages
from web.subscriptions.following import Following, Who, address_of
from web.subscriptions.messages import Close
from web.subscriptions.places import Full, Places
from web.turns import Overloaded

LOOK_SECONDS = 1.0  # at the clock


class Gone(Exception):  # noqa: N818 - nobody is left to be told of it
    """The client is not there any more."""


class Conversations:
    """An ASGI application, for WebSockets alone."""

    def __init__(self, following: Following, places: Places) -> None:
        self.following = following
        self.places = places

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()  # websocket.connect, and nothing else can come first
        is_ours = messages.PROTOCOL in scope["subprotocols"]
        accepted = messages.PROTOCOL if is_ours else None
        await send({"type": "websocket.accept", "subprotocol": accepted})
        conversation = Conversation(self.following, scope, receive, send)
        try:
            if not is_ours:
                raise Close(
                    messages.NO_SUCH_PROTOCOL, f"Ask for the subprotocol {messages.PROTOCOL}."
                )
            with self.places.one():
                await conversation.held()
        except Full:
            await conversation.close(Close(messages.TRY_AGAIN_LATER, "This hub is busy."))
        except Close as end:
            await conversation.close(end)


class Conversation:
    """From the first message to the last."""

    def __init__(self, following: Following, scope: Scope, receive: Receive, send: Send) -> None:
        self.following = following
        self.limits = following.limits
        self.scope = scope
        self.receive = receive
        self._send = send
        self._sending = asyncio.Lock()  # so that of all answers, one waits for a slow client
        self._who: Who | None = None  # once connection_init was good
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._ending: set[asyncio.Task[None]] = set()
        self._over: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def held(self) -> None:
        """Until the client leaves, or `Close`. All that it began is over by then."""
        parts = [asyncio.create_task(self._listen()), asyncio.create_task(self._watch())]
        try:
            await asyncio.wait([*parts, self._over], return_when=asyncio.FIRST_COMPLETED)
        finally:
            running = [*parts, *self._tasks.values(), *self._ending]
            for each in running:
                each.cancel()
            ended = await asyncio.gather(*running, return_exceptions=True)
            self._over.cancel()
        if not self._over.cancelled():
            self._over.result()
        for how in ended:
            if isinstance(how, Exception) and not isinstance(how, Gone):
                raise how if isinstance(how, Close) else self._bug(how)

    async def close(self, end: Close) -> None:
        try:
            await self._send({"type": "websocket.close", "code": end.code, "reason": end.reason})
        except OSError:
            return  # it was quicker

    async def _tell(self, text: str) -> None:
        async with self._sending:
            try:
                await self._send({"type": "websocket.send", "text": text})
            except OSError:  # as ASGI has it of a client that is gone
                raise Gone from None

    # ── the client speaks ────────────────────────────────────────────────────────────────────────

    async def _listen(self) -> None:
        while True:
            event = await self.receive()
            if event["type"] == "websocket.disconnect":
                return
            match messages.read(event.get("text")):
                case messages.Init(payload):
                    await self._begin(messages.token_of(payload))
                case messages.Ping():
                    await self._tell(messages.PONG)
                case messages.Subscribe() as wish:
                    await self._subscribe(wish)
                case messages.Complete(identifier):
                    self._stop(identifier)
                case messages.Pong():
                    pass  # a sign of life, which nobody asked for

    async def _begin(self, token: str | None) -> None:
        if self._who is not None:
            raise Close(messages.TOO_MANY_INITS, "connection_init was sent before.")
        headers = [value for name, value in self.scope["headers"] if name == b"authorization"]
        if token is not None:
            headers.append(token.encode("ascii"))
        if len(set(headers)) > 1:
            raise Close(messages.UNAUTHORIZED, "Two tokens: send one, in connection_init.")
        shown = {b"authorization": headers[0]} if headers else {}
        who = Who.of(self.scope, address_of(self.scope), shown)
        try:
            await self.following.confirmed(who)
        except Unauthenticated as problem:
            raise Close(messages.UNAUTHORIZED, problem.message) from None
        except (Problem, Overloaded, TimeoutError):
            raise Close(messages.TRY_AGAIN_LATER, "This hub is busy.") from None
        self._who = who
        await self._tell(messages.ACKNOWLEDGED)

    async def _subscribe(self, wish: messages.Subscribe) -> None:
        who = self._who
        if who is None:
            raise Close(messages.UNAUTHORIZED, "Send connection_init first.")
        if wish.id in self._tasks:
            raise Close(messages.ID_IN_USE, f"Subscriber for {wish.id} already exists")
        most = self.limits.subscriptions
        if len(self._tasks) + len(self._ending) >= most:
            many = refusal(
                Code.SUBSCRIPTION_LIMIT,
                f"At most {most} subscriptions at a time. Complete one, or open another WebSocket.",
                limit=most,
            )
            errors = told([many], self.limits, who.request_id)
            await self._tell(messages.error_of(wish.id, errors))
            return
        self._tasks[wish.id] = asyncio.create_task(self._follow(wish, who))

    def _stop(self, identifier: str) -> None:
        """The id may be used again at once, for another subscription."""
        task = self._tasks.pop(identifier, None)
        if task is not None:
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)
            task.cancel()

    # ── a subscription ───────────────────────────────────────────────────────────────────────────

    async def _follow(self, wish: messages.Subscribe, who: Who) -> None:
        try:
            last = await self._followed(wish, who)
            if self._tasks.get(wish.id) is asyncio.current_task():
                del self._tasks[wish.id]  # free again before the client hears of the end
            await self._tell(last)
        except Gone:
            return
        except Close as end:
            if not self._over.done():
                self._over.set_exception(end)

    async def _followed(self, wish: messages.Subscribe, who: Who) -> str:
        """Tells every answer, and gives the last message."""
        try:
            prepared = await self.following.prepared(asked_of(wish.payload, self.limits), who)
            async with aclosing(self.following.told(_followable(prepared), who)) as answers:
                async for body in answers:
                    await self._tell(messages.next_of(wish.id, body))
        except (Close, Gone):
            raise
        except Unauthenticated:
            raise _expired() from None
        except Exception as trouble:
            return messages.error_of(wish.id, self.following.errors_of(trouble, who))
        return messages.complete_of(wish.id)

    # ── time ─────────────────────────────────────────────────────────────────────────────────────

    async def _watch(self) -> None:
        """Raises `Close` when time is over: for connection_init, of the token, of it all."""
        loop = asyncio.get_running_loop()
        until = loop.time() + self.limits.stream_seconds
        await asyncio.sleep(min(self.limits.socket_init_seconds, self.limits.stream_seconds))
        if self._who is None:
            raise Close(messages.INIT_TIMEOUT, "Connection initialisation timeout")
        while (left := until - loop.time()) > 0:
            if self.following.has_expired(self._who):
                raise _expired()
            await asyncio.sleep(min(left, LOOK_SECONDS))
        raise Close(messages.GOING_AWAY, "That was long: connect again.")

    def _bug(self, bug: Exception) -> Close:
        log_bug(bug, self.scope["state"]["request_id"])
        return Close(1011, "A fault of this hub, now in its log.")


def _followable(prepared: object) -> Prepared:
    if isinstance(prepared, Prepared):
        operation = prepared.operation.operation
        if operation is OperationType.SUBSCRIPTION:
            return prepared
    raise Refused(
        refusal(
            Code.BAD_REQUEST,
            "A WebSocket is for subscriptions. Queries and changes are sent by POST.",
        )
    )


def _expired() -> Close:
    return Close(messages.EXPIRED, "The token counts no longer: connect again with another one.")
