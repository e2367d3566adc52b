"""The header Idempotency-Key: a change that is sent again is answered again, and not made again.

draft-ietf-httpapi-idempotency-key-header-07. What is kept, and when, is `resolvers/once.py`.
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from hashlib import sha256

import orjson
from graphql import OperationType

from domain.errors import Problem, Unauthenticated
from resolvers.context import Context
from resolvers.once import Once, in_use, name_of
from schema.codes import Code, refusal
from schema.documents import Asked, Prepared, Refused
from schema.replying import Answer
from web.body import Headers

HEADER = b"idempotency-key"
LONGEST_KEY = 255
_KEY = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]{1,255}")
# How long a second request waits for the first, by the looks that it takes.
_PAUSES = (0.0, 0.05, 0.1, 0.2, 0.4, 0.8)
_PASSING = (Code.OVERLOADED.value.encode(), Code.TIMEOUT.value.encode())
_GRACE = timedelta(seconds=10)  # beyond an operation's own deadline, until it counts as lost

log = logging.getLogger("convoke.web")


def key_of(headers: Headers, prepared: Prepared) -> str | None:
    """The key of a change; a query needs none. The draft has it in quotes (a structured field's
    string); many clients send it without."""
    given = headers.get(HEADER)
    if given is None or prepared.operation.operation is not OperationType.MUTATION:
        return None
    text = given.decode("latin-1").strip()
    if len(text) >= 2 and text[0] == text[-1] == '"':
        text = text[1:-1]
    if _KEY.fullmatch(text) is None:
        raise Refused(
            refusal(
                Code.BAD_REQUEST,
                f"Idempotency-Key: send one, of 1 to {LONGEST_KEY} visible ASCII characters "
                "without quotes and backslashes; a UUID will do.",
            )
        )
    return text


def digest_of(prepared: Prepared, asked: Asked) -> bytes:
    """What makes two requests the same: the document, which of its operations, the variables. A
    document may be named by its digest the second time."""
    source = prepared.kept.source if prepared.kept is not None else asked.source
    variables = orjson.dumps(dict(prepared.variables), option=orjson.OPT_SORT_KEYS)
    parts = (source.encode(), (prepared.name or "").encode(), variables)
    return sha256(b"\0".join(sha256(part).digest() for part in parts)).digest()


async def answered_once(
    context: Context, once: Once, run: Callable[[], Awaitable[Answer]]
) -> Answer:
    """The answer of `run`, or the one that was given before under that key. Raises KeyReused,
    KeyInUse where the first is still at work, AnswerLost.

    Where somebody else was first and was refused, so that nothing was done, this one is run."""
    for pause in _PAUSES:
        await asyncio.sleep(pause)
        done = await once.earlier(context.database, context.clock.now())
        if done is None:
            once.begin()
            answer = await _tried(context, once, run)
            if not once.is_anothers:
                return answer
        elif done.answer is not None:
            return Answer(done.answer)
    raise in_use()


async def once_of(context: Context, key: str, request_digest: bytes, run_seconds: float) -> Once:
    """Raises Unauthenticated where nobody asks: nobody's keys would be everybody's."""
    await context.confirm()
    if context.viewer.is_nobody:
        raise Unauthenticated(
            "An Idempotency-Key needs an access token beside it. Send one, or leave the key out."
        )
    within = timedelta(seconds=run_seconds) + _GRACE
    return Once(name_of(context.viewer, key), request_digest, within)


async def _tried(context: Context, once: Once, run: Callable[[], Awaitable[Answer]]) -> Answer:
    """What `run` answers. It counts only where nobody else was first."""
    context.once = once
    context.withheld.clear()
    try:
        answer = await run()
    except BaseException:  # stopped at its deadline, as a rule
        await _keep(context, once, None)
        raise
    finally:
        context.once = None
    await _keep(context, once, answer)
    return answer


def _is_whole(answer: Answer) -> bool:
    """Not where what was done could just then not be read (`domain.errors.Passing`): to say so again and
    again would tell whoever asks that it may not have been done."""
    if not any(code in answer.body for code in _PASSING):
        return True
    errors = orjson.loads(answer.body).get("errors", ())
    codes = [each.get("extensions", {}).get("code", "") for each in errors]
    return not any(code.encode() in _PASSING for code in codes)


async def _keep(context: Context, once: Once, answer: Answer | None) -> None:
    """Whoever asks again hears the answer, or at once that there is none any more. The change is
    made: that this could not be written is no reason to tell its client otherwise."""
    if not once.is_written:
        return  # nothing was changed, and there is no key
    body = answer.body if answer is not None and _is_whole(answer) else None
    try:
        await once.keep(context.database, body, context.clock.now())
    except Problem as problem:
        log.warning("An answer under an Idempotency-Key was not kept: %s", problem.message)
