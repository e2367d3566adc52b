"""A JWT that somebody sends, taken apart strictly: of one meaning, whoever reads it. Whether it is
true is not asked here.

`refuse` says why in the words of who asked for it, and raises.
"""

import base64
import binascii
import json
import re
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from auth import app_keys
from auth.adapter import sayable

LEEWAY_SECONDS = 30  # how far ahead of ours the clock of who signs may be
LONGEST_SECONDS = 300  # from its iat to its exp

_MOST_CHARACTERS = 8_000
_JTI = re.compile(r"[\x21-\x7e]{1,256}")
# Nothing else may stand in the header: `jwk`, `jku`, `x5u` and `x5c` bring a key along, `crit` and
# `b64` change what is signed.
_HEADER = {"alg", "typ", "kid"}

Claims = Mapping[str, Any]
Refuse = Callable[[str], NoReturn]


def taken_apart(token: str, refuse: Refuse) -> tuple[dict[str, Any], dict[str, Any]]:
    """Its header and its claims."""
    parts = token.split(".")
    if len(token) > _MOST_CHARACTERS or len(parts) != 3 or not token.isascii():
        refuse("it is no signed JWT")
    return _object(parts[0], refuse), _object(parts[1], refuse)


def algorithm(header: Claims, refuse: Refuse) -> str:
    beyond = sorted(header.keys() - _HEADER)
    if beyond:
        refuse(f"its header may hold alg, typ and kid, and no {sayable(beyond[0])}")
    named: Any = header.get("alg")
    if named not in app_keys.ALGORITHMS:
        refuse(f"its alg is one of {', '.join(app_keys.ALGORITHMS)}")
    return str(named)


def jti(claims: Claims, refuse: Refuse) -> str:
    value = claims.get("jti")
    if not isinstance(value, str) or not _JTI.fullmatch(value):
        refuse("its jti is a name of 1 to 256 letters, digits and signs")
    return value


def moment(claims: Claims, name: str, refuse: Refuse) -> float:
    """RFC 7519 s2: seconds, perhaps with a fraction. True is an int too, and 1e400 is infinite."""
    value: Any = claims.get(name)
    if type(value) not in (int, float) or not 0 < value < 1e11:
        refuse(f"its {name} is a time in seconds")
    return float(value)


def _object(part: str, refuse: Refuse) -> dict[str, Any]:
    try:
        read: object = json.loads(
            base64.b64decode(part + "=" * (-len(part) % 4), b"-_", validate=True),
            object_pairs_hook=_each_once,
        )
    except (binascii.Error, ValueError, RecursionError):
        refuse("it is no signed JWT")
    if not isinstance(read, dict):
        refuse("it is no signed JWT")
    return read


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """RFC 7519 s4: of two claims of one name, two readers may each believe another."""
    read = dict(pairs)
    if len(read) < len(pairs):
        raise ValueError("a name stands twice")
    return read
