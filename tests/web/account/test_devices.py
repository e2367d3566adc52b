"""A browser in words."""

import pytest

from web.account.devices import described

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        ("Mozilla/5.0 (Android 14; Mobile; rv:131.0) Gecko/131.0 Firefox/131.0", "Firefox on Android"),
        (f"Mozilla/5.0 (Linux; Android 14; Pixel 8) {WEBKIT} Chrome/129.0 Mobile Safari/537.36",
         "Chrome on Android"),
        (f"Mozilla/5.0 (Windows NT 10.0) {WEBKIT} Chrome/129.0 Safari/537.36 Edg/129.0",
         "Edge on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_6 like Mac OS X) Version/17.6 Safari/604.1",
         "Safari on iPhone"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_6 like Mac OS X) CriOS/129.0 Safari/604.1",
         "Chrome on iPhone"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 14_6) Version/17.6 Safari/605.1", "Safari on Mac"),
        (f"Mozilla/5.0 (X11; CrOS x86_64) {WEBKIT} Chrome/129.0 Safari/537.36", "Chrome on ChromeOS"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:131.0) Gecko/20100101 Firefox/131.0", "Firefox on Linux"),
        (f"Mozilla/5.0 (Linux; Android 13) {WEBKIT} SamsungBrowser/25.0 Chrome/121 Safari/537.36",
         "Samsung Internet on Android"),
        ("Windows something new", "A browser on Windows"),
        ("curl/8.5", "a browser that does not say which"),
        ("", "a browser that does not say which"),
        ("Your code is 1234, call us\r\nFrom: x", "a browser that does not say which"),
        ("x" * 100_000 + " Firefox/1 Linux", "a browser that does not say which"),
    ],
)  # fmt: skip
def test_the_words_are_ours_whatever_is_sent(user_agent: str, words: str) -> None:
    assert described(user_agent) == words
