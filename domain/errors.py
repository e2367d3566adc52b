"""What can go wrong in a way a person can act on. Each has one code, used on every door.

Anything else that is raised is a bug, and is shown to nobody but the log.
"""

from typing import ClassVar


class Problem(Exception):  # noqa: N818 - a problem is told to the caller, an error to us
    """`message` names the way out, in English: a sentence as it stands in the catalogues, or one with
    values made by `domain.words.say`. `field` is the path of the input it is about."""

    code: ClassVar[str]

    def __init__(self, message: str, field: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class NotFound(Problem):
    """There is no such thing, or the viewer may not know that there is."""

    code = "NOT_FOUND"


class Refused(Problem):
    """The viewer may see it, and may not do this to it."""

    code = "FORBIDDEN"


class Invalid(Problem):
    """The change makes no sense for this thing."""

    code = "INVALID"


class InvalidTransition(Problem):
    """It is in a state in which this cannot be done to it."""

    code = "INVALID_TRANSITION"


class Taken(Problem):
    """Somebody else already has that name."""

    code = "TAKEN"


class Stale(Problem):
    """Somebody changed it since the viewer looked."""

    code = "STALE"


class KeyReused(Problem):
    """The key of a change was sent with another change before."""

    code = "IDEMPOTENCY_KEY_REUSED"


class AnswerLost(Problem):
    """The change of that key was made, and what was answered is not known any more."""

    code = "IDEMPOTENCY_ANSWER_LOST"


class Unauthenticated(Problem):
    """Nobody is asking, or the credentials are no good."""

    code = "UNAUTHENTICATED"


class BadInput(Problem):
    """An argument that cannot be read as what it should be: a cursor, an id, a position."""

    code = "BAD_USER_INPUT"


class Passing(Problem):
    """Nothing is wrong with what was asked, and nobody has refused it: it may be asked again as it is.

    No `userErrors` say so, because nobody can do anything about it: it is an error of the answer."""


class KeyInUse(Passing):
    """The change of that key is being made just now."""

    code = "IDEMPOTENCY_KEY_IN_USE"


class TooSlow(Passing):
    """It was stopped because it took longer than anything here may."""

    code = "TIMEOUT"


class Busy(Passing):
    """Everything that could do it is at work."""

    code = "OVERLOADED"


# As another hub says it.
PASSING = frozenset(each.code for each in (KeyInUse, TooSlow, Busy))
