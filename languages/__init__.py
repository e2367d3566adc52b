"""The languages that people are spoken to in: which one is spoken now, the catalogues of words, and dates,
numbers and names as a language writes them.

`choosing` picks a language, `speaking` holds it while somebody is answered, `catalogues` are read by
`reading`, `dates` and `names` say what no catalogue has. It knows nothing of Convoke: texts come from
whoever says them, marked with `_`, or with `N_` where they are kept in a constant and said later.
"""

from languages.choosing import OFFERED, SOURCE, from_header, offered
from languages.speaking import (
    N_,
    current,
    direction,
    gettext,
    ngettext,
    npgettext,
    pgettext,
    speaking,
)

__all__ = [
    "N_",
    "OFFERED",
    "SOURCE",
    "current",
    "direction",
    "from_header",
    "gettext",
    "ngettext",
    "npgettext",
    "offered",
    "pgettext",
    "speaking",
]
