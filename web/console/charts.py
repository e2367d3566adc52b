"""Plain charts, drawn here as SVG: bars of whole numbers, with the same numbers in a table beside."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDE, HIGH = 640, 160
_GAP = 0.25  # of a bar's room
_ABOVE = 18  # for the number over the bar
_BELOW = 20  # for what is under it


@dataclass(frozen=True, slots=True)
class Bar:
    x: float
    y: float
    width: float
    height: float
    middle: float
    label: str
    value: int


@dataclass(frozen=True, slots=True)
class Chart:
    bars: tuple[Bar, ...]
    wide: int = WIDE
    high: int = HIGH
    ground: int = HIGH - _BELOW


def bars(values: Sequence[tuple[str, int]]) -> Chart:
    """Each with what stands under it. The longest fills the height."""
    most = max((value for _, value in values), default=0) or 1
    room = WIDE / max(len(values), 1)
    ground = HIGH - _BELOW
    drawn = []
    for number, (label, value) in enumerate(values):
        height = round((ground - _ABOVE) * value / most, 1)
        x = round(number * room + room * _GAP / 2, 1)
        width = round(room * (1 - _GAP), 1)
        middle = round(x + width / 2, 1)
        drawn.append(Bar(x, round(ground - height, 1), width, height, middle, label, value))
    return Chart(tuple(drawn))
