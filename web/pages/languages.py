"""The languages that people choose from, by their own names, because who looks for one reads it."""

from collections.abc import Mapping
from functools import cache

from languages.names import own_name

# fmt: off
_OFFERED = (
    "am", "ar", "bn", "bs", "cs", "da", "de", "el", "en", "es", "fa", "fi", "fr", "he",
    "hi", "hr", "ht", "hu", "id", "it", "ja", "ko", "ku", "mi", "nl", "no", "pa", "pl",
    "ps", "pt", "ro", "ru", "so", "sq", "sr", "sv", "sw", "ta", "ti", "tl", "tr", "uk",
    "ur", "vi", "zh",
)
# fmt: on


@cache
def named() -> Mapping[str, str]:
    return {tag: own_name(tag) for tag in _OFFERED}
