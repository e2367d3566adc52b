"""Every step there is: the modules that make them, and by mutation what they make."""

from tests.walks import (
    steps_of_alliances,
    steps_of_answers,
    steps_of_events,
    steps_of_handovers,
    steps_of_organizations,
)
from tests.walks.moves import MAKERS as MAKERS

MODULES = (
    steps_of_organizations,
    steps_of_events,
    steps_of_answers,
    steps_of_alliances,
    steps_of_handovers,
)
