"""`nextActions` of a thing, from the table of its states (`domain.transitions`)."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Text, case, func, literal_column, null, or_
from sqlalchemy.dialects.postgresql import array

from domain.transitions import Machine, Party, State
from storage.words import word


def next_actions(
    machine: Machine[State],
    status: ColumnElement[str],
    parties: Mapping[Party, ColumnElement[bool]],
) -> ColumnElement[Any]:
    """The mutations that the viewer may do next, as an array of texts. `parties`: on which sides
    the viewer is, as conditions on the row."""
    nothing = literal_column("'{}'::text[]", ARRAY(Text))
    of_state = {
        state.value: _of_state(machine, state, parties)
        for state in machine.states
        if machine.next_actions(state, parties)
    }
    return case(*((status == word(state), told) for state, told in of_state.items()), else_=nothing)


def _of_state(
    machine: Machine[State], state: State, parties: Mapping[Party, ColumnElement[bool]]
) -> ColumnElement[Any]:
    told: list[ColumnElement[Any]] = []
    for mutation in machine.next_actions(state, parties):
        sides = [side for side in parties if mutation in machine.next_actions(state, (side,))]
        may = or_(*(parties[side] for side in sides))
        told.append(case((may, word(mutation)), else_=null()))
    return func.array_remove(array[Any](told, type_=Text), null(), type_=ARRAY(Text))
