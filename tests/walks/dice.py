"""What is left to chance in a walk, in few words. Everything shrinks towards the first."""

from collections.abc import Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """Drawn by Hypothesis, or from a seed: a walk does not know."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def below(self, count: int) -> int:
        return self._random.randrange(count)

    def one_of(self, values: Sequence[T]) -> T:
        return values[self.below(len(values))] if len(values) > 1 else values[0]

    def one_if_any(self, values: Sequence[T]) -> T | None:
        return self.one_of(values) if values else None

    def happens(self, percent: int) -> bool:
        """It does not, in the plainest walk."""
        return self.below(100) >= 100 - percent

    def some_of(self, values: Sequence[T], most: int = 2) -> list[T]:
        several = [self.one_of(values) for _ in range(self.below(most + 1))] if values else []
        return list(dict.fromkeys(several))
