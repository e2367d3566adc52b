"""What may become of a thing, as a table: in which state, who may do what, and what comes of it.

Each kind of thing that goes through states has one `Machine`, beside its words: code asks it what
may be done, the schema's `nextActions` says it, the docs draw it, and tests walk it. Nothing else
says from which state to which.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from domain.errors import InvalidTransition
from domain.words import say

State = TypeVar("State", bound=StrEnum)


class Party(StrEnum):
    """On which side of the thing somebody acts; who may act for that side is `domain.policy`'s."""

    ALLIANCE = "ALLIANCE"  # its convener or a steward
    MEMBERS = "MEMBERS"  # the members together, by the alliance's decision rule
    ORGANIZATION = "ORGANIZATION"  # whose membership, proposal or ballot it is
    HOST = "HOST"  # the organization that answers for the event
    PARTNER = "PARTNER"  # whose place on the event it is
    GROUP = "GROUP"  # its admins, or its organization's staff
    PERSON = "PERSON"  # whose membership or answer it is
    GIVER = "GIVER"  # who hands over
    TAKER = "TAKER"  # to whom it is handed over
    HUB = "HUB"  # this one, by whoever operates it
    PEER = "PEER"  # the other hub
    TIME = "TIME"  # nobody: a date has come


@dataclass(frozen=True, slots=True)
class Step(Generic[State]):
    """`start` is empty where the thing begins. With several states in `to`, what else is known of
    the thing decides. `mutation` is the contract's word for doing it; time has none."""

    action: str
    by: Party
    start: tuple[State, ...]
    to: tuple[State, ...]
    mutation: str | None = None
    needs_reason: bool = False


@dataclass(frozen=True, slots=True)
class Machine(Generic[State]):
    """`name` is what people call the thing; `states` its states, in the order they are told."""

    name: str
    states: type[State]
    steps: tuple[Step[State], ...]

    @property
    def final(self) -> frozenset[State]:
        """What is so stays so."""
        left = {state for step in self.steps for state in step.start}
        return frozenset(state for state in self.states if state not in left)

    def possible(self, state: State) -> Iterator[Step[State]]:
        return (step for step in self.steps if state in step.start)

    def next_actions(self, state: State, parties: Collection[Party]) -> tuple[str, ...]:
        """The mutations that these may do next, each once."""
        found = (step.mutation for step in self.possible(state) if step.by in parties)
        return tuple(dict.fromkeys(name for name in found if name))

    def require(
        self, state: State, action: str, parties: Collection[Party], field: tuple[str, ...]
    ) -> Step[State]:
        """The step that one of these takes by that action; InvalidTransition where there is none."""
        for step in self.possible(state):
            if step.action == action and step.by in parties:
                return step
        raise InvalidTransition(
            say(
                "%(thing)s is %(state)s: %(action)s is not possible. %(way_out)s",
                thing=self.name,
                state=state.value,
                action=action,
                way_out=self._way_out(state, parties),
            ),
            field,
        )

    def _way_out(self, state: State, parties: Collection[Party]) -> str:
        if state in self.final:
            return say("Nothing follows; begin anew.")
        mutations = self.next_actions(state, parties)
        if mutations:
            return say("You may: %(mutations)s.", mutations=", ".join(mutations))
        others = sorted({step.by.value for step in self.possible(state)})
        return say("It is the turn of: %(others)s.", others=", ".join(others))
