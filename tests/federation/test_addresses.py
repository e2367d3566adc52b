"""Which addresses may be connected to, whatever form they are written in."""

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.addresses import (
    FetchProblem,
    FetchReason,
    check_addresses,
    is_public,
    names_loopback,
)

PUBLIC = ["1.1.1.1", "8.8.8.8", "93.184.216.34", "2606:4700:4700::1111", "2a00:1450:4001::200e"]
NOT_PUBLIC = [
    *("0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.100.100.200", "127.0.0.1"),  # noqa: S104
    *("127.255.255.254", "168.63.129.16", "169.254.169.254", "172.16.0.1", "172.31.255.255"),
    *("192.0.0.1", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.51.100.1"),
    *("203.0.113.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255"),
    *("::", "::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "64:ff9b::7f00:1"),
    *("64:ff9b:1::1", "100::1", "2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:db8::1"),
    *("2001:20::1", "2002:7f00:1::1", "3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254"),
    *("fe80::1", "fe80::1%eth0", "2606:4700:4700::1111%eth0", "fec0::1", "ff02::1"),
    *("", "localhost", "example.org", "127.1", "0x7f000001", "2130706433", "8.8.8.8 "),
]


@pytest.mark.parametrize("address", PUBLIC)
def test_addresses_of_the_public_internet_may_be_connected_to(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_no_other_address_may(address: str) -> None:
    assert not is_public(address)


@given(
    st.integers(0, 2**32 - 1).map(IPv4Address)
    | st.integers(0, 2**128 - 1).map(IPv6Address)
    | st.integers(0x2000 << 112, (0x2010 << 112) - 1).map(IPv6Address)
)
def test_nothing_python_thinks_is_not_global_is_public(
    address: IPv4Address | IPv6Address,
) -> None:
    if is_public(str(address)):
        assert ip_address(str(address)).is_global
        assert not address.is_multicast


@pytest.mark.parametrize("bad", ["10.0.0.1", "::1", "::ffff:8.8.8.8"])
def test_one_bad_address_among_good_ones_is_enough(bad: str) -> None:
    for addresses in ([*PUBLIC, bad], [bad, *PUBLIC], [bad]):
        with pytest.raises(FetchProblem) as refusal:
            check_addresses("calendar.example", addresses, allow_loopback=False)
        assert refusal.value.reason is FetchReason.SSRF_BLOCKED
        assert bad not in refusal.value.message
    check_addresses("calendar.example", PUBLIC, allow_loopback=False)


def test_a_name_without_addresses_is_not_asked() -> None:
    with pytest.raises(FetchProblem):
        check_addresses("calendar.example", [], allow_loopback=True)


def test_loopback_is_for_development_and_then_only_loopback() -> None:
    for allow in (False, True):
        with pytest.raises(FetchProblem):
            check_addresses("localhost", ["127.0.0.1", "8.8.8.8"], allow_loopback=allow)
        with pytest.raises(FetchProblem):
            check_addresses("localhost", ["8.8.8.8"], allow_loopback=allow)
    with pytest.raises(FetchProblem):
        check_addresses("localhost", ["127.0.0.1"], allow_loopback=False)
    check_addresses("localhost", ["127.0.0.1", "::1"], allow_loopback=True)


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        *(("localhost", True), ("LOCALHOST.", True), ("hub.localhost", True), ("127.0.0.1", True)),
        *(
            ("::1", True),
            ("localhost.example", False),
            ("notlocalhost", False),
            ("10.0.0.1", False),
        ),
    ],
)
def test_names_of_this_machine_are_known(host: str, loopback: bool) -> None:
    assert names_loopback(host) is loopback
