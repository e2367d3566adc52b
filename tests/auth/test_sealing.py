"""The hub's secret: given, or made once and kept for its owner alone."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from auth.sealing import FILE, Sealer, SecretProblem, given_secret, kept_secret
from tests.outside import SeededChance


def test_a_secret_is_made_once_and_kept_for_its_owner_alone(tmp_path: Path) -> None:
    made = kept_secret(tmp_path, SeededChance())
    again = kept_secret(tmp_path, SeededChance("another process"))
    file = tmp_path / FILE
    assert made.made_now == file
    assert again.made_now is None
    assert made.value == again.value == file.read_bytes().strip()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert os.listdir(tmp_path) == [FILE]


def test_processes_that_start_together_keep_one_secret(tmp_path: Path) -> None:
    """They draw different chance; whoever is second takes what is there."""
    with ThreadPoolExecutor(8) as starts:
        made = list(
            starts.map(lambda n: kept_secret(tmp_path, SeededChance(str(n))).value, range(8))
        )
    assert set(made) == {(tmp_path / FILE).read_bytes().strip()}


def test_a_damaged_file_is_told_and_not_replaced(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"short\n")
    with pytest.raises(SecretProblem, match=FILE):
        kept_secret(tmp_path, SeededChance())
    assert (tmp_path / FILE).read_bytes() == b"short\n"


def test_a_short_secret_is_refused_by_the_name_of_its_setting() -> None:
    with pytest.raises(SecretProblem, match="CONVOKE_SECRET_KEY"):
        given_secret("a" * 31)
    assert given_secret("a" * 32).made_now is None


def test_what_is_sealed_opens_again_under_its_name_and_is_never_the_same_twice() -> None:
    sealer = Sealer(given_secret("b" * 32), SeededChance())
    first, second = sealer.seal("key 1", b"private"), sealer.seal("key 1", b"private")
    assert first != second
    assert sealer.open("key 1", first) == sealer.open("key 1", second) == b"private"
    for sealed, name in [(first, "key 2"), (first[:-1] + bytes([first[-1] ^ 1]), "key 1")]:
        with pytest.raises(SecretProblem):
            sealer.open(name, sealed)
