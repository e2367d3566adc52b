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
from resolvers.reading.listing import Listing, Page, asked, parametrized_page
from schema import readings

Items = tuple[Any, ...]
Arguments = Callable[[VariableValues], dict[str, Any]]
ItemsOf = Callable[[VariableValues, Viewer], tuple[Items, tuple[int, str | None] | None]]
MOST_ORDERS = 16  # of one question: a filter has thousands of shapes, and a cursor may be of none


@dataclass(slots=True)
class Question:
    """One field's arguments. `parameters` and `page` stand for its values in the statement."""

    items_of: ItemsOf
    listing_of: Callable[[Items], Listing] | None = None
    prefix: str = ""
    parameters: Items = ()
    page: Page | None = None
    _orders: dict[Shape, Listing] = field(default_factory=dict)

    @classmethod
    def of_arguments(cls, arguments: Arguments, asking: readings.Asking) -> "Question":
        return cls(lambda variables, viewer: (asking.items(arguments(variables), viewer), None))

    @classmethod
    def of_nothing(cls, arguments: Arguments) -> "Question":
        """Arguments that must be good, and of which nothing is wanted."""

        def items_of(variables: VariableValues, viewer: Viewer) -> Any:
            arguments(variables)
            return (), None

        return cls(items_of)

    @classmethod
    def of_viewer(cls, say: Callable[[Viewer], Any]) -> "Question":
        return cls(lambda variables, viewer: ((say(viewer),), None))

    @classmethod
    def of_page(
        cls, arguments: Arguments, reading: readings.Page, listing_of: Callable[[Items], Listing]
    ) -> "Question":
        def items_of(variables: VariableValues, viewer: Viewer) -> Any:
            given = arguments(variables)
            place = reading.place(given)
            return reading.asking.items(given, viewer), place

        return cls(items_of, listing_of)

    def answered(self, variables: VariableValues, viewer: Viewer, values: Values) -> Shape:
        """The shape of what is asked; its values are added to `values`. Raises BadInput."""
        items, place = self.items_of(variables, viewer)
        shape, own = taken_apart(items, self.prefix)
        values.update(own)
        if place is None:
            return shape
        _, page_values = self._page(items, shape, place)
        values.update(page_values)
        return (shape, place[1] is None)

    def settle(self, variables: VariableValues, viewer: Viewer) -> None:
        """Make the parameters, for what is asked this time."""
        items, place = self.items_of(variables, viewer)
        self.parameters = parametrized(items, self.prefix)
        if place is not None:
            shape, _ = taken_apart(items, self.prefix)
            self.page, _ = self._page(items, shape, place)

    def _page(
        self, items: Items, shape: Shape, place: tuple[int, str | None]
    ) -> tuple[Page, Values]:
        first, after = place
        keys = None if after is None else self._listing(items, shape)
        return parametrized_page(keys, asked(keys, first, after), f"{self.prefix}page_")

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
