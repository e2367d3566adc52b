"""What somebody here wants done to a thing of another hub: said here, done by `federation.forwarding`.

A thing belongs to the hub that its id names, and is changed there and nowhere else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from domain.errors import AnswerLost, Problem

if TYPE_CHECKING:
    from resolvers.context import Context


# The name under which the owner is asked how the answer stands that somebody gave or took back.
ANSWER = "convokeAnswer"


class PeerUnreachable(Problem):
    """Another hub does not answer."""

    code: ClassVar[str] = "PEER_UNREACHABLE"


class PeerAnswer(Problem):
    """Another hub answered with something else than it was asked for. `code_there` is its own word."""

    code: ClassVar[str] = "PEER_REFUSED"

    def __init__(self, message: str, code_there: str | None = None) -> None:
        super().__init__(message)
        self.code_there = code_there

    @property
    def is_done(self) -> bool:
        """It did it before, under this key, and does not know any more what it answered."""
        return self.code_there == AnswerLost.code


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """One change, as it is asked of the owner: `document` has no other, under the name `key`.

    `arguments` are what the change is given, by the names of the contract."""

    change: str
    thing_id: str
    key: str
    document: str
    variables: Mapping[str, Any]
    arguments: Mapping[str, Any]
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Said:
    """By the owner: what stands under the key, and its errors, as they came."""

    value: Any
    errors: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Kept:
    """The owner does not answer, and is told as soon as it does. `subject_id` is what it is about:
    a thing of the owner's, or by a name of ours what has none there yet."""

    subject_id: str
    said: str


@dataclass(frozen=True, slots=True)
class Question:
    """What only the owner of things knows: a query with one field at its root."""

    document: str
    variables: Mapping[str, Any]
    scopes: frozenset[str]
    within_seconds: float


class Elsewhere(Protocol):
    async def ask(self, ctx: "Context", errand: Errand) -> Said | Kept:
        """What the owner says. Raises `Problem` where it was not asked, or did not answer. Waits for
        the network: nothing of the context's may be open."""
        ...

    async def look(self, ctx: "Context", authority: str, question: Question) -> Any:
        """What that hub tells the viewer; None where it is no peer. Raises `Problem` where it is not
        asked or does not answer. Waits for the network too."""
        ...
