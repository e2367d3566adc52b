"""Drawing from Hypothesis in few words; the first of everything is the plainest."""

from collections.abc import Sequence
from functools import cache
from typing import TypeVar

from hypothesis import strategies as st
from hypothesis.internal.conjecture.providers import AVAILABLE_PROVIDERS, HypothesisProvider
from hypothesis.strategies import DrawFn, SearchStrategy

T = TypeVar("T")
EVEN = "even"


class EvenProvider(HypothesisProvider):
    """Draws whole numbers evenly, and each example anew.

    Hypothesis itself prefers small numbers, and makes five of six examples by copying a part of
    the one before over another: good for finding the edges of values, and useless for documents,
    of which two in three came out the same (101 different ones of 300). What fails is made small
    by Hypothesis as ever.
    """

    def draw_integer(
        self,
        min_value: int | None = None,
        max_value: int | None = None,
        *,
        weights: dict[int, float] | None = None,
        shrink_towards: int = 0,
    ) -> int:
        assert self._random is not None
        assert min_value is not None
        assert max_value is not None
        return self._random.randint(min_value, max_value)


AVAILABLE_PROVIDERS[EVEN] = EvenProvider


@cache
def _up_to(most: int) -> SearchStrategy[int]:
    return st.integers(0, most)


class Chance:
    """What one example is made of. A document shrinks as these shrink: towards the first."""

    def __init__(self, draw: DrawFn) -> None:
        self._draw = draw

    def below(self, count: int) -> int:
        return self._draw(_up_to(count - 1))

    def one_of(self, values: Sequence[T]) -> T:
        return values[self.below(len(values))] if len(values) > 1 else values[0]

    def happens(self, percent: int) -> bool:
        """It does not, in the plainest example."""
        return self.below(100) >= 100 - percent

    def some_of(self, values: Sequence[T], most: int) -> list[T]:
        return [self.one_of(values) for _ in range(self.below(most + 1))]
