"""Sites are named exactly, as browsers compare them."""

import pytest

from domain import embedding
from domain.errors import Invalid


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("https://www.pantry.example", "https://www.pantry.example"),
        ("https://Pantry.Example/", "https://pantry.example"),
        ("https://pantry.example:443", "https://pantry.example"),
        ("https://pantry.example:8443/", "https://pantry.example:8443"),
        ("https://xn--bcher-kva.example", "https://xn--bcher-kva.example"),
    ],
)
def test_a_site_is_kept_as_a_browser_writes_it(written: str, kept: str) -> None:
    assert embedding.sites([f" {written} "]) == (kept,)


@pytest.mark.parametrize(
    "written",
    [
        "pantry.example",
        "http://pantry.example",
        "https://*.pantry.example",
        "*",
        "https://pantry.example/events",
        "https://pantry.example?x",
        "https://pantry.example#x",
        "https://anna@pantry.example",
        "https://pantry.example; script-src *",
        "https://pantry.example https://evil.example",
        "https://pantry.example,evil.example",
        "https://pantry.example\n",
        "https://pantry.example\u2028",
        "https://pantry",
        "https://localhost",
        "http://localhost:8000",
        "https://192.0.2.1",
        "https://[2001:db8::1]",
        "https://pantry.example:0",
        "https://pantry.example:65536",
        "https://pantry.example:",
        "https://pantry.example.",
        "https://pantry..example",
        "https://-pantry.example",
        "https://bücher.example",
        "https://\u017fite.example",
        "https://pantry.exampl\u0661",
        "https://pantry.example:\u0661",
        f"https://{'a' * 64}.example",
        f"https://{'a.' * 127}example",
        "'self'",
        "javascript:alert(1)",
        "",
    ],
)
def test_what_is_no_site_is_refused_by_name(written: str) -> None:
    with pytest.raises(Invalid) as refused:
        embedding.site(written)
    assert refused.value.field == ("sites",)
    assert ascii(written[:100]) in refused.value.message


def test_each_is_there_once_and_they_are_few() -> None:
    many = [f"https://site{number}.example" for number in range(embedding.MOST)]
    assert set(embedding.sites([*many, many[0], "", "  "])) == set(many)
    with pytest.raises(Invalid, match="at most 20; these are 21"):
        embedding.sites([*many, "https://another.example"])


def test_this_machine_is_a_site_for_whoever_develops() -> None:
    here = ("http://127.0.0.1:8000", "http://localhost:8000")
    assert embedding.sites(here, allow_loopback=True) == here
    with pytest.raises(Invalid):
        embedding.sites(["http://localhost.evil.example:8000"], allow_loopback=True)
