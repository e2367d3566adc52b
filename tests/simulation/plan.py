"""How a schedule is played: how many hubs, how much is done, how bad the weather is."""

from dataclasses import dataclass
from random import Random

from tests.simulation.network import Weather

SIZES = (3,) * 17 + (4, 5, 6)
# Two clocks may be 30 seconds apart (docs/protocol.md); those of whom are further have to set them.
CLOCKS_WRONG_BY = 14.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What a seed stands for. Each draws a mixture of its own: an even one hides what only happens
    when one thing goes wrong often."""

    hubs: int
    doings: int  # of each villager
    weather: Weather
    crash_at_question: float
    cut_at_question: float
    partitions: float
    crashes: float
    restores: bool
    clocks: tuple[float, ...]
    pokes: float = 0.5  # of its chances that one has
    cut_at_commit: float = 0.0  # besides
    apart: float = 0.0  # seconds in which nobody reaches a hub that was restored, at the most

    @classmethod
    def of(cls, seed: int) -> "Plan":
        random = Random(seed)  # noqa: S311 - taken again

        def at_times(most: float, often: float = 0.6) -> float:
            return random.random() * most if random.random() < often else 0.0

        return cls(
            hubs=random.choice(SIZES),
            doings=random.randrange(3, 8),
            weather=Weather(
                lost=at_times(0.3),
                answer_lost=at_times(0.3),
                doubled=at_times(0.3),
                delay=random.choice((0.02, 0.5, 3.0)),
            ),
            crash_at_question=at_times(0.002),
            cut_at_question=at_times(0.004),
            partitions=at_times(0.5),
            crashes=at_times(0.15),
            restores=random.random() < 0.2,
            clocks=tuple(random.uniform(-CLOCKS_WRONG_BY, CLOCKS_WRONG_BY) for _ in range(6)),
        )
