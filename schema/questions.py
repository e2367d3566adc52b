"""What the fields of an operation ask for, taken apart once for each request.

The shapes of the answers decide which statement it is, one after another: what the second question
is may depend on what the first was answered (which type `node` gives). So the plans of an operation
are the leaves of a tree, whose branches are questions.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from graphql.execution.values import VariableValues

from domain.actors import Viewer
from resolvers.reading.given import Shape, Values, parametrized, taken_apart
from resolvers.reading.listing import MOST, Listing, Page, asked, page_values, parametrized_page
from schema import readings
from schema.arguments import FieldArguments

Items = tuple[Any, ...]
ItemsOf = Callable[[VariableValues, Viewer], tuple[Items, tuple[int, str | None] | None]]
MOST_ORDERS = 16  # of one question: a filter has thousands of shapes, and a cursor may be of none


@dataclass(slots=True)
class Question:
    """One field's arguments. `parameters` and `page` stand for its values in the statement.
    `is_fixed`: whoever asks, the document has the answer."""

    items_of: ItemsOf
    is_fixed: bool
    listing_of: Callable[[Items], Listing] | None = None
    prefix: str = ""
    parameters: Items = ()
    page: Page | None = None
    _orders: dict[Shape, Listing] = field(default_factory=dict)
    _answer: tuple[Shape, Values] | None = None  # of a fixed one

    @classmethod
    def of_arguments(cls, arguments: FieldArguments, asking: readings.Asking) -> "Question":
        def items_of(variables: VariableValues, viewer: Viewer) -> Any:
            return asking.items(arguments.read(variables), viewer), None

        return cls(items_of, _are_fixed(arguments, asking))

    @classmethod
    def of_nothing(cls, arguments: FieldArguments) -> "Question":
        """Arguments that must be good, and of which nothing is wanted."""

        def items_of(variables: VariableValues, viewer: Viewer) -> Any:
            arguments.read(variables)
            return (), None

        return cls(items_of, arguments.are_fixed)

    @classmethod
    def of_viewer(cls, say: Callable[[Viewer], Any]) -> "Question":
        return cls(lambda variables, viewer: ((say(viewer),), None), is_fixed=False)

    @classmethod
    def of_page(
        cls,
        arguments: FieldArguments,
        reading: readings.Page,
        listing_of: Callable[[Items], Listing],
    ) -> "Question":
        def items_of(variables: VariableValues, viewer: Viewer) -> Any:
            given = arguments.read(variables)
            place = reading.place(given)
            return reading.asking.items(given, viewer), place

        return cls(items_of, _are_fixed(arguments, reading.asking), listing_of)

    def answered(self, variables: VariableValues, viewer: Viewer, values: Values) -> Shape:
        """The shape of what is asked; its values are added to `values`. Raises BadInput."""
        shape, own = self._answer or self._answered(variables, viewer)
        values.update(own)
        return shape

    def _answered(self, variables: VariableValues, viewer: Viewer) -> tuple[Shape, Values]:
        items, place = self.items_of(variables, viewer)
        shape, values = taken_apart(items, self.prefix)
        if place is not None:
            values |= page_values(*self._page(items, shape, place), self._page_prefix)
            shape = (shape, place[1] is None, place[0] > MOST)
        if self.is_fixed:
            self._answer = shape, values
        return shape, values

    def settle(self, variables: VariableValues, viewer: Viewer) -> None:
        """Make the parameters, for what is asked this time."""
        items, place = self.items_of(variables, viewer)
        self.parameters = parametrized(items, self.prefix)
        if place is not None:
            shape, _ = taken_apart(items, self.prefix)
            self.page, _ = parametrized_page(*self._page(items, shape, place), self._page_prefix)

    @property
    def _page_prefix(self) -> str:
        return f"{self.prefix}page_"

    def _page(
        self, items: Items, shape: Shape, place: tuple[int, str | None]
    ) -> tuple[Listing | None, Page]:
        first, after = place
        keys = None if after is None else self._listing(items, shape)
        return keys, asked(keys, first, after)

    def _listing(self, items: Items, shape: Shape) -> Listing:
        """By whose order a cursor is read."""
        listing = self._orders.get(shape)
        if listing is None:
            if self.listing_of is None:
                raise TypeError("This is asked for no list.")
            if len(self._orders) >= MOST_ORDERS:
                self._orders.clear()
            listing = self._orders[shape] = self.listing_of(parametrized(items, self.prefix))
        return listing


def _are_fixed(arguments: FieldArguments, asking: readings.Asking) -> bool:
    return arguments.are_fixed and not asking.wants_viewer


@dataclass(slots=True)
class Questions:
    """The questions of a walk, in their order, with the shapes of their answers."""

    values: Values = field(default_factory=dict)
    asked: list[tuple[Question, Shape]] = field(default_factory=list)

    def ask(self, question: Question, variables: VariableValues, viewer: Viewer) -> Question:
        question.prefix = f"q{len(self.asked)}_"
        shape = question.answered(variables, viewer, self.values)
        question.settle(variables, viewer)
        self.asked.append((question, shape))
        return question
