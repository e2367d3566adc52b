"""What somebody may do next: a mutation with its arguments, made of what there is.

Each mutation has a maker (`tests/walks/steps_of_*.py`), which draws arguments that are good as far as
one can tell by looking, and somebody who may do it. Three times in ten something is then made wrong
(`spoiled`): somebody else does it, with another's id, or on an old version.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from domain.ids import ulid
from tests.walks.actors import SOMEBODY, STAFF, Actor, Roles, actors, reading_only
from tests.walks.dice import Dice
from tests.walks.picture import Picture, Row
from tests.walks.seeing import Facts, sees

Arguments = dict[str, Any]
STUBBORN = 20  # in a hundred try what cannot be done now


@dataclass(frozen=True)
class Move:
    """`mutation` is the contract's word, or one of `tests.walks.walk` for what is done elsewhere."""

    mutation: str
    actor: Actor
    arguments: Arguments

    def __str__(self) -> str:
        told = ", ".join(f"{name}: {value!r}" for name, value in self.arguments.items())
        return f"{self.actor}: {self.mutation}({told})"

    @property
    def flat(self) -> Arguments:
        """What is given, with what stands in `input`."""
        return {**self.arguments, **self.arguments.get("input", {})}


@dataclass
class Scene:
    """What a maker sees, and chance."""

    picture: Picture
    now: datetime
    dice: Dice
    known: Sequence[Actor]

    @classmethod
    def of(cls, picture: Picture, now: datetime, dice: Dice) -> "Scene":
        return cls(picture, now, dice, actors(picture))

    def rows(self, table: str, **of: Any) -> list[Row]:
        return self.picture.all(table, **of)

    def one(self, table: str, *wanted: Callable[[Row], bool], **of: Any) -> Row | None:
        """A row of those that hold these values and fit. Where none does, most often none; else
        the wishes are given up one after the other, the last one first."""
        found = self.rows(table, **of)
        for wish in wanted:
            fit = [row for row in found if wish(row)]
            if not fit and not self.dice.happens(STUBBORN):
                return None
            found = fit or found
        return self.dice.one_if_any(found)

    @cached_property
    def _facts(self) -> Facts:
        return Facts(self.picture)

    def seen_by(self, actor: Actor, rows: Sequence[Row]) -> list[Row]:
        """Those of these things that the actor may open, most often."""
        if self.dice.happens(STUBBORN):
            return list(rows)
        return [row for row in rows if sees(actor.viewer, self._facts.things[row["id"]])]

    def staff(self, organization_id: str | None, roles: Roles = STAFF) -> Actor:
        """Somebody who may act for it."""
        fit = [each for each in self.known if each.acts_for(organization_id, roles)]
        return self.dice.one_of(fit) if fit else self.anybody()

    def person_of(self, organization_id: str | None, roles: Roles) -> Actor:
        """The same, in person."""
        fit = [each for each in self._people() if each.acts_for(organization_id, roles)]
        return self.dice.one_of(fit) if fit else self.anybody()

    def as_person(self, person_id: str | None) -> Actor:
        fit = [each for each in self._people() if each.viewer.person_id == person_id]
        return self.dice.one_of(fit) if fit else self.anybody()

    def somebody(self) -> Actor:
        """Anybody in person."""
        return self.dice.one_of(self._people())

    def anybody(self) -> Actor:
        return self.dice.one_of(self.known)

    def _people(self) -> list[Actor]:
        return [each for each in self.known if each.viewer.person_id is not None]

    def soon(self, *, days: int = 20) -> datetime:
        """A full hour to come."""
        hour = self.now.replace(minute=0, second=0, microsecond=0)
        return hour + timedelta(hours=1 + self.dice.below(24 * days))

    def word(self, enum: Sequence[Any]) -> str:
        return str(self.dice.one_of([each.value for each in enum]))

    def sometimes(self, **given: Any) -> Arguments:
        """Each of these in one of three cases."""
        return {name: value for name, value in given.items() if self.dice.happens(33)}


Maker = Callable[[Scene], Move | None]
MAKERS: dict[str, Maker] = {}


def step(maker: Callable[[Scene], tuple[Actor, Arguments] | None]) -> Maker:
    """Makes moves of the mutation that the function is named after."""
    first, *rest = maker.__name__.split("_")
    name = first + "".join(word.title() for word in rest)

    def make(scene: Scene) -> Move | None:
        made = maker(scene)
        return None if made is None else Move(name, *made)

    MAKERS[name] = make
    return make


def spoiled(scene: Scene, move: Move) -> Move:
    """As a client would that is wrong, late, or up to no good."""
    dice = scene.dice
    match dice.below(6):
        case 0 | 1:
            return replace(move, actor=scene.anybody())
        case 2:
            return replace(move, actor=dice.one_of([SOMEBODY, reading_only(move.actor)]))
        case 3:
            return replace(move, arguments=_aged(move.arguments, dice))
    return replace(move, arguments=_mistaken(scene, move.arguments))


def _aged(arguments: Arguments, dice: Dice) -> Arguments:
    """On a version that was, or will be."""
    return {
        name: _aged(value, dice)
        if isinstance(value, dict)
        else value + dice.one_of([-1, 1, 7])
        if name == "version"
        else value
        for name, value in arguments.items()
    }


def _mistaken(scene: Scene, arguments: Arguments) -> Arguments:
    """One of the ids is another's: of the same kind, of another, or nobody's."""
    given = dict(arguments)
    inner = given["input"] = dict(given["input"]) if "input" in given else {}
    if not inner:
        del given["input"]
    places = [
        (where, name)
        for where in (given, inner)
        for name, value in where.items()
        if isinstance(value, str) and scene.picture.find(value) is not None
    ]
    place = scene.dice.one_if_any(places)
    if place is not None:
        where, name = place
        where[name] = _another(scene, where[name])
    return given


def _another(scene: Scene, identifier: str) -> str:
    dice = scene.dice
    match dice.below(4):
        case 0:
            return dice.one_of(sorted(scene.picture.by_id))
        case 1:
            kind, authority = identifier[:3], identifier.partition("@")[2]
            return f"{kind}_{ulid(scene.now, bytes(10))}@{authority}"
    table = scene.picture.table_of(identifier) or "events"
    return dice.one_of(sorted(str(row["id"]) for row in scene.rows(table)))
