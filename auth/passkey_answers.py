"""What a browser is asked for a passkey, and what it answers: written, parsed and verified.

WebAuthn Level 3 s7.1 and s7.2, by py_webauthn, and what that leaves to its caller. Which question
was asked, whose passkey it is and what comes of it is in `passkeys.py`.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

import webauthn
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from webauthn import helpers
from webauthn.helpers.cose import COSECRV, COSEAlgorithmIdentifier
from webauthn.helpers.decode_credential_public_key import DecodedEC2PublicKey, DecodedRSAPublicKey
from webauthn.helpers.decoded_public_key_to_cryptography import decoded_public_key_to_cryptography
from webauthn.helpers.options_to_json_dict import options_to_json_dict
from webauthn.helpers.structs import (
    AttestationFormat,
    AuthenticationCredential,
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialCreationOptions,
    PublicKeyCredentialDescriptor,
    PublicKeyCredentialRequestOptions,
    RegistrationCredential,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from domain.errors import Refused
from domain.words import say
from storage.passkeys import Passkey

MINUTES = 5
_ALGORITHMS = [
    COSEAlgorithmIdentifier.EDDSA,
    COSEAlgorithmIdentifier.ECDSA_SHA_256,
    COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256,
]
_RSA_BITS = range(2_048, 4_097)
_CREDENTIAL_ID_BYTES = range(16, 1_024)  # WebAuthn s4, "Credential ID"; s7.1 step 25
# We ask for none; of the rest a browser passes on only that of a key signed by itself (s5.4.7).
_ATTESTATIONS = {AttestationFormat.NONE, AttestationFormat.PACKED}
_UV = UserVerificationRequirement.REQUIRED


class WrongPasskey(Refused):
    """The same whatever is wrong with it, and where nobody has it."""

    def __init__(self) -> None:
        super().__init__(
            say(
                "This passkey was not taken. If the page was open for more than %(minutes)s "
                "minutes, try once more; otherwise, use another passkey or another way.",
                minutes=MINUTES,
            ),
            ("passkey",),
        )


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """This hub, as a passkey is bound to it: by its host, and used on no other origin."""

    id: str
    origin: str
    name: str

    @classmethod
    def of(cls, base_url: str, name: str) -> Self:
        parts = urlsplit(base_url)
        return cls(parts.hostname or "", f"{parts.scheme}://{parts.netloc}", name)


# ── what a browser is asked ──────────────────────────────────────────────────────────────────────


def to_create(
    party: RelyingParty,
    challenge: str,
    handle: bytes,
    named: tuple[str, str],
    own: Sequence[Passkey],
) -> str:
    """`named` is how the person is told from others in a list, and their name. In JSON."""
    return _written(
        webauthn.generate_registration_options(
            rp_id=party.id,
            rp_name=party.name,
            user_id=handle,
            user_name=named[0],
            user_display_name=named[1],
            challenge=challenge.encode(),
            timeout=MINUTES * 60_000,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED, user_verification=_UV
            ),
            exclude_credentials=_described(own),
            supported_pub_key_algs=_ALGORITHMS,
        )
    )


def to_get(party: RelyingParty, challenge: str, own: Sequence[Passkey]) -> str:
    """One of `own`; any that the device has for this hub where that is empty. In JSON."""
    return _written(
        webauthn.generate_authentication_options(
            rp_id=party.id,
            challenge=challenge.encode(),
            timeout=MINUTES * 60_000,
            allow_credentials=_described(own),
            user_verification=_UV,
        )
    )


def _described(own: Sequence[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(
            id=each.credential_id,
            transports=[AuthenticatorTransport(transport) for transport in each.transports],
        )
        for each in own
    ]


def _written(
    options: PublicKeyCredentialCreationOptions | PublicKeyCredentialRequestOptions,
) -> str:
    return json.dumps(options_to_json_dict(options))


# ── what it answers ──────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Shown:
    """What an authenticator counted, and whether the passkey outlives it."""

    sign_count: int
    is_backed_up: bool


@dataclass(frozen=True, slots=True)
class Assertion:
    """Somebody has a passkey, they say. `challenge` is the question that they answer."""

    credential: AuthenticationCredential
    challenge: str

    @classmethod
    def read(cls, text: str) -> Self:
        """Raises `WrongPasskey`."""
        with _refused():
            credential = helpers.parse_authentication_credential_json(text)
            return cls(credential, _challenge_in(credential.response.client_data_json))

    @property
    def credential_id(self) -> bytes:
        return self.credential.raw_id

    @property
    def handle(self) -> bytes | None:
        """Whose it is, as the authenticator has it."""
        return self.credential.response.user_handle

    def verified(self, party: RelyingParty, public_key: bytes) -> Shown:
        """Signed with that key, here, by whoever showed the authenticator that it is them. What it
        counted is for the caller to compare: the signature comes first. Raises `WrongPasskey`."""
        with _refused():
            found = webauthn.verify_authentication_response(
                credential=self.credential,
                expected_challenge=self.challenge.encode(),
                expected_rp_id=party.id,
                expected_origin=party.origin,
                credential_public_key=public_key,
                credential_current_sign_count=0,
                require_user_verification=True,
            )
        return Shown(found.new_sign_count, found.credential_backed_up)


@dataclass(frozen=True, slots=True)
class Made:
    """A passkey that was made just now."""

    credential_id: bytes
    public_key: bytes
    shown: Shown
    transports: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Creation:
    """Somebody made a passkey, they say. `challenge` is the question that they answer."""

    credential: RegistrationCredential
    challenge: str

    @classmethod
    def read(cls, text: str) -> Self:
        """Raises `WrongPasskey`."""
        with _refused():
            credential = helpers.parse_registration_credential_json(text)
            return cls(credential, _challenge_in(credential.response.client_data_json))

    def verified(self, party: RelyingParty) -> Made:
        """Made here, and by whoever showed the authenticator that it is them, with a key that can
        be used later. Raises `WrongPasskey`."""
        response = self.credential.response
        with _refused():
            form = helpers.parse_attestation_object(response.attestation_object).fmt
            if form not in _ATTESTATIONS:
                raise WrongPasskey
            found = webauthn.verify_registration_response(
                credential=self.credential,
                expected_challenge=self.challenge.encode(),
                expected_rp_id=party.id,
                expected_origin=party.origin,
                require_user_verification=True,
                supported_pub_key_algs=_ALGORITHMS,
            )
            _require_usable(found.credential_public_key)
        is_named_right = found.credential_id == self.credential.raw_id
        if not is_named_right or len(found.credential_id) not in _CREDENTIAL_ID_BYTES:
            raise WrongPasskey
        return Made(
            found.credential_id,
            found.credential_public_key,
            Shown(found.sign_count, found.credential_backed_up),
            tuple(dict.fromkeys(each.value for each in response.transports or ())),
        )


def _challenge_in(client_data: bytes) -> str:
    """Of a page of our own that no other site has in a frame: we are never framed (s13.4.9)."""
    said = helpers.parse_client_data_json(client_data)
    if said.cross_origin:
        raise WrongPasskey
    return said.challenge.decode("ascii")


def _require_usable(public_key: bytes) -> None:
    """Else it is found out only when somebody wants to sign in: py_webauthn looks at the name of
    the algorithm alone. ES256 is with P-256 (s5.8.5), and a key is not so long that it costs us."""
    decoded = helpers.decode_credential_public_key(public_key)
    key = decoded_public_key_to_cryptography(decoded)
    if isinstance(decoded, DecodedEC2PublicKey):
        fits = (decoded.alg, decoded.crv) == (_ALGORITHMS[1], COSECRV.P256)
    elif isinstance(decoded, DecodedRSAPublicKey):
        is_short = isinstance(key, RSAPublicKey) and key.key_size in _RSA_BITS
        fits = is_short and decoded.alg == _ALGORITHMS[2]
    else:
        fits = decoded.alg == _ALGORITHMS[0]
    if not fits:
        raise WrongPasskey


@contextmanager
def _refused() -> Iterator[None]:
    """What strangers send is read by libraries that raise whatever comes of it, from `KeyError` to
    `RecursionError`. Only their calls stand in here."""
    try:
        yield
    except Refused:
        raise
    except Exception as wrong:
        raise WrongPasskey from wrong
