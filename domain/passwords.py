"""Which passwords will do: long ones that nobody would try first. No rules of what must be in them.

NIST SP 800-63B s3.1.1.2 asks for a length and a list of what is expected, and against the rest.
"""

import unicodedata
from collections.abc import Iterable
from functools import cache

from domain.errors import Invalid
from domain.words import say

FEWEST = 12
MOST = 500
_FEWEST_OF_ITS_OWN = 8  # beside the name or the address of whoever has it
_SHORTEST_WORD = 4
_NUMBERS_OF_ITS_OWN = 16  # digits alone: fewer are a date or a telephone

# The commonest of twelve and more in lists that were stolen, and what people make of the shorter
# ones there to come to twelve. Letters and digits alone are compared, in lower case.
_WELL_KNOWN = """
password password1 password12 password123 password1234 password12345 passwordpassword p4ssw0rd
passw0rd iloveyou iloveyou1 iloveyou2 iloveyou123 iloveyousomuch ilovemyself qwerty qwertyuiop
qwerty123 qwerty12345 qwertyuiop123 qwertyuiopasdfghjkl asdfghjkl asdfghjkl123 zxcvbnm zxcvbnm123
1q2w3e4r 1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx 1qaz2wsx3edc 1qaz2wsx3edc4rfv q1w2e3r4t5y6 zaq12wsx
qazwsxedc qazwsxedcrfv abcd1234 abc123 abc123456789 a1b2c3d4 a1b2c3d4e5f6 aa123456 administrator
admin admin123 admin1234 welcome welcome1 welcome123 welcome1234 letmein letmein123 letmeinplease
changeme changeme123 changemenow secret supersecret topsecret trustno1 football football123
baseball baseball123 basketball liverpool manchesterunited barcelona realmadrid chelseafc sunshine
sunshine123 princess princess123 superman superman123 batman batman123 spiderman pokemon pokemon123
starwars starwars123 dragon dragon123 monkey monkey123 shadow shadow123 master master123 michael
jennifer christopher christina alexander alexandra elizabeth jesuschrist jesusislord jesuslovesme
blessed blessings godisgood godisgreat thankyoujesus hallelujah internet computer computer123
samsung samsung123 google google123 facebook facebook123 whatever whatever123 unknown default
temporary testtest testing testing123 test1234 correcthorsebatterystaple thisismypassword
mypassword mypassword123 nopassword newpassword letmeinnow opensesame spring summer autumn winter
january february march april may june july august september october november december monday
tuesday wednesday thursday friday saturday sunday charity nonprofit volunteer volunteers fundraiser
""".split()  # noqa: SIM905  # a list to read, not one line for each
_RUNS = (
    "0123456789" * 2,
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm",
    "azertyuiopqsdfghjklmwxcvbn",
)


def prepared(typed: str) -> str:
    """The same for every keyboard: RFC 8265 s4.2.2."""
    spaced = "".join(" " if unicodedata.category(each) == "Zs" else each for each in typed)
    return unicodedata.normalize("NFC", spaced)


def checked(typed: str, about: Iterable[str]) -> str:
    """The password as it is kept, or `Invalid` saying what would do. `about` are names and
    addresses that somebody who knows the person would try."""
    password = prepared(typed)
    if len(password) < FEWEST:
        raise Invalid(
            say(
                "A password has at least %(fewest)s characters. Four words that have nothing "
                "to do with one another make a good one.",
                fewest=FEWEST,
            ),
            ("password",),
        )
    if len(password) > MOST:
        raise Invalid(say("A password has at most %(most)s characters.", most=MOST), ("password",))
    plain = _plain(password)
    if _is_expected(plain) or _repeats(password):
        raise Invalid(
            "This password is among the first that somebody would try. Take other words.",
            ("password",),
        )
    own = sorted({word for text in about for word in _words(text)}, key=len, reverse=True)
    if len(_without(plain, own)) < min(_FEWEST_OF_ITS_OWN, len(plain)):
        raise Invalid(
            "This password is little more than your name or your address. Take other words.",
            ("password",),
        )
    return password


def _plain(text: str) -> str:
    return "".join(each for each in text.casefold() if each.isalnum())


def _words(text: str) -> list[str]:
    """The whole, and each part of it that is long enough to be one."""
    parts = "".join(each if each.isalnum() else " " for each in text.casefold()).split()
    return [word for word in (_plain(text), *parts) if len(word) >= _SHORTEST_WORD]


def _without(plain: str, words: list[str]) -> str:
    for word in words:
        plain = plain.replace(word, "")
    return plain


@cache
def _well_known() -> tuple[frozenset[str], frozenset[str]]:
    return frozenset(_WELL_KNOWN), frozenset(word.strip("0123456789") for word in _WELL_KNOWN)


def _is_expected(plain: str) -> bool:
    """One of the list, twice of the list, with a number or a year at either end, or a run of keys."""
    whole, stems = _well_known()
    stem = plain.strip("0123456789")
    halves = any(
        plain[:at] in whole and plain[at:] in whole for at in range(_SHORTEST_WORD, len(plain))
    )
    is_run = bool(plain) and any(plain in run or plain[::-1] in run for run in _RUNS)
    is_date_or_telephone = plain.isdecimal() and len(plain) < _NUMBERS_OF_ITS_OWN
    return plain in whole or stem in stems or halves or is_run or is_date_or_telephone


def _repeats(password: str) -> bool:
    """A short piece again and again."""
    most = FEWEST // 2
    return any(
        password == (password[:size] * len(password))[: len(password)]
        for size in range(1, most + 1)
    )
