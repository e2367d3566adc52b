"""The words of a text made ready to be found by: the twin of `convoke_words` (migration 0003).

PostgreSQL takes as long over them, one text at a time, as over everything else in keeping an event.
tests/storage/test_mirrors_words.py holds the two together.
"""

import re
from functools import cache
from itertools import groupby
from unicodedata import category, normalize

# Combining marks; Arabic vowel signs, superscript alef and the stretching tatweel.
_MARKS = re.compile("[\u0300-\u036f\u064b-\u065f\u0670\u0640]")
# The last one is what `lower` makes of a sigma at the end of a word.
_LETTERS = {
    **dict(zip("øłđðħıς", "olddhi\u03c3", strict=True)),
    "ß": "ss",
    "æ": "ae",
    "œ": "oe",
    "þ": "th",
}
_LETTER = re.compile(f"[{''.join(_LETTERS)}]")
_PLAIN = {each: chr(each).lower() if chr(each).isalnum() else " " for each in range(128)}
# To Unicode these symbols are letters (Other_Alphabetic), and are not taken apart into them.
_LETTERS_IN_BOXES = frozenset((*range(0x1F150, 0x1F16A), *range(0x1F170, 0x1F18A)))
# Beyond the second of these planes there are ideographs, tags and nobody's characters. `re` has a table
# for the first, and goes through every range of the second for each character.
_BASIC, _EMOJI_AND_OTHERS = range(0x10000), range(0x10000, 0x20000)
_OTHERS = re.compile("[\U00010000-\U0001ffff]")


def ready(text: str) -> str:
    """Small letters without accents; what is no letter and no number is a space."""
    if text.isascii():
        return text.translate(_PLAIN)
    plain = _MARKS.sub("", normalize("NFKD", text).lower())
    plain = _LETTER.sub(lambda found: _LETTERS[found[0]], plain)
    plain = _signs(_BASIC).sub(" ", normalize("NFC", plain))
    if _OTHERS.search(plain):
        plain = _signs(_EMOJI_AND_OTHERS).sub(" ", plain)
    return plain


@cache
def _signs(plane: range) -> re.Pattern[str]:
    """Punctuation, symbols and what steers a terminal: PostgreSQL's `[[:punct:][:cntrl:]]`."""
    ranges = [
        (numbers[0], numbers[-1])
        for is_sign, those in groupby(plane, _is_sign)
        if is_sign and (numbers := list(those))
    ]
    said = (f"{re.escape(chr(first))}-{re.escape(chr(last))}" for first, last in ranges)
    return re.compile(f"[{''.join(said)}]+")


def _is_sign(number: int) -> bool:
    kind = category(chr(number))
    return (kind[0] in "PS" and number not in _LETTERS_IN_BOXES) or kind == "Cc"
