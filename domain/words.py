"""Sentences with values in them, whose English can be said again in another language.

A rule says why not in English (`domain/errors.py`). Where the sentence has values, it is made by `say`,
so that the pattern and its values stay at hand for whoever shows it to a person (`web/speaking.py`). A
sentence without any is its own pattern. Patterns are found by the catalogues of `languages/`, which is why
they are written out where they are raised.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Self


class Sentence(str):
    """A sentence in English, and what it was made of."""

    __slots__ = ("pattern", "values")

    pattern: str
    values: Mapping[str, object]

    def __new__(cls, pattern: str, values: Mapping[str, object]) -> Self:
        made = super().__new__(cls, pattern % values)
        made.pattern, made.values = pattern, MappingProxyType(dict(values))
        return made


class Count(int):
    """A number that can be large, and is written in groups: 1,000 in English."""

    def __str__(self) -> str:
        return f"{self:,}"


class Quoted(str):
    """Words of another hub or server, kept as they were written there."""

    __slots__ = ()


def say(pattern: str, /, **values: object) -> Sentence:
    """`say("At most %(most)s places.", most=50)`. A value that is a sentence of its own, or a part of
    one, is made by `say` too, and then it is said in the same language."""
    return Sentence(pattern, values)
