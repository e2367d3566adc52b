"""Days, times, numbers and lists as each language writes them."""

from datetime import datetime

import pytest

from languages import dates, speaking

AT = datetime(2027, 3, 6, 18, 5)  # noqa: DTZ001 - as clocks on a wall show it


@pytest.mark.parametrize(
    ("tag", "day", "month", "clock"),
    [
        ("en", "Saturday, 6 March 2027", "March 2027", "18:05"),
        ("es", "sábado, 6 de marzo de 2027", "marzo de 2027", "18:05"),
        ("fr", "samedi 6 mars 2027", "mars 2027", "18:05"),
        ("de", "Samstag, 6. März 2027", "März 2027", "18:05"),
        ("ar", "السبت، 6 مارس 2027", "مارس 2027", "6:05\u00a0م"),
    ],
)
def test_a_moment_is_written_as_its_readers_write_it(
    tag: str, day: str, month: str, clock: str
) -> None:
    with speaking(tag):
        assert dates.weekday_and_day(AT) == day
        assert dates.month(AT) == month
        assert dates.clock(AT) == clock


@pytest.mark.parametrize(
    ("tag", "listed", "number"),
    [
        ("en", "a, b and c", "1,234.5"),
        ("es", "a, b y c", "1.234,5"),
        ("fr", "a, b et c", "1\u202f234,5"),
        ("de", "a, b und c", "1.234,5"),
        ("ar", "a وb وc", "1,234.5"),
    ],
)
def test_lists_and_numbers_too(tag: str, listed: str, number: str) -> None:
    with speaking(tag):
        assert dates.listed(["a", "b", "c"]) == listed
        assert dates.number(1234.5) == number
