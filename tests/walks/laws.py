"""Every law, and looking whether a step has kept them all."""

from collections.abc import Callable

from tests.walks import (
    laws_of_answers,
    laws_of_belonging,
    laws_of_states,
    laws_of_the_record,
)
from tests.walks.actors import actors
from tests.walks.laws_of_seeing import what_is_seen_is_what_policy_allows
from tests.walks.walk import Taken, Walk

LAWS: tuple[Callable[[Taken], None], ...] = (
    *laws_of_the_record.LAWS,
    *laws_of_states.LAWS,
    *laws_of_answers.LAWS,
    *laws_of_belonging.LAWS,
)
LOOKED_AT_EVERY = 4  # steps, by one of those there are, each in turn


class BrokenError(AssertionError):
    """A law is, and by which step."""

    def __init__(self, law: str, why: object, taken: Taken) -> None:
        super().__init__(f"{law}: {why}\n{taken}")
        self.law = law


async def kept(walk: Walk, taken: Taken, *, every: int = LOOKED_AT_EVERY) -> None:
    for law in LAWS:
        try:
            law(taken)
        except AssertionError as broken:
            raise BrokenError(law.__name__, broken, taken) from broken
    if walk.steps % every == 0:
        everybody = actors(taken.after)
        looking = everybody[walk.steps // every * 7 % len(everybody)]
        try:
            await what_is_seen_is_what_policy_allows(walk, looking)
        except AssertionError as broken:
            name = what_is_seen_is_what_policy_allows.__name__
            raise BrokenError(name, broken, taken) from broken
