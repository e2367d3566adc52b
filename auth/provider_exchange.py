"""The way to a provider and back: OpenID Connect Core 1.0 s3.1, with S256 (RFC 7636) and RFC 9207.

Nothing of it is in the database but the digest of `state`: what proves that it is the same browser
(`nonce`, the proof key) is derived from that browser's own secret.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NoReturn
from urllib.parse import quote_plus, urlencode

from auth import provider_tokens
from auth.provider_directory import Directory
from auth.provider_metadata import BASIC, NONE, Metadata
from auth.provider_outgoing import ProviderProblem, asked, plain, posted
from auth.provider_tokens import Claims, Expected, called
from domain.words import Quoted, say

_ANSWER, _USERINFO = say("The provider's answer"), say("What the provider says of you")
_MOST_BYTES = 100_000
_MOST_CODE = 4_000
_OURS = ("state", "code", "iss", "error", "error_description", "error_uri")


@dataclass(frozen=True, slots=True)
class Question:
    """What goes out with one person, once. `browser` is what its cookie holds."""

    client_id: str
    redirect_uri: str
    browser: str
    state: str
    again: bool = False

    @property
    def nonce(self) -> str:
        return self._derived("nonce")

    @property
    def verifier(self) -> str:
        """RFC 7636 s4.1: 43 characters that nobody but this browser can bring about."""
        return self._derived("code_verifier")

    def address(self, metadata: Metadata) -> str:
        """Where the person is sent."""
        challenge = hashlib.sha256(self.verifier.encode()).digest()
        fields = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "scope": metadata.scope,
            "state": self.state,
            "nonce": self.nonce,
            "code_challenge": _base64(challenge),
            "code_challenge_method": "S256",
        }
        if self.again:
            fields |= {"prompt": "login", "max_age": "0"}
        separator = "&" if "?" in metadata.authorization_endpoint else "?"
        return metadata.authorization_endpoint + separator + urlencode(fields)

    def _derived(self, use: str) -> str:
        return _base64(
            hmac.digest(self.browser.encode(), f"{use}\0{self.state}".encode(), "sha256")
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """What the browser brought back, each parameter once."""

    state: str
    code: str
    issuer: str | None
    error: str
    description: str

    @classmethod
    def read(cls, fields: Sequence[tuple[str, str]]) -> "Answer":
        """Raises `ProviderProblem` where something stands twice (RFC 6749 s3.1)."""
        given = [(name, value) for name, value in fields if name in _OURS]
        once = dict(given)
        if len(once) != len(given) or any(len(value) > _MOST_CODE for value in once.values()):
            raise ProviderProblem(say("The provider's answer came twice, or is too long."))
        return cls(
            state=once.get("state", ""),
            code=once.get("code", ""),
            issuer=once.get("iss"),
            error=once.get("error", ""),
            description=once.get("error_description", ""),
        )

    def require_code(self, metadata: Metadata) -> str:
        """RFC 9207 s2.4 comes first: an error of somebody else is no error of theirs."""
        if self.issuer is None and metadata.names_itself:
            raise ProviderProblem(say("The provider's answer does not say whose it is (iss)."))
        if self.issuer is not None and self.issuer != metadata.issuer:
            raise ProviderProblem(say("The provider's answer is somebody else's (iss)."))
        if self.error:
            _refuse_as_told(self.error, self.description)
        if not self.code:
            raise ProviderProblem(say("The provider's answer brings no code."))
        return self.code


async def exchanged(
    directory: Directory,
    metadata: Metadata,
    question: Question,
    code: str,
    secret: str | None,
    begun_at: datetime,
    now: datetime,
) -> Claims:
    """Who it was, for the code. Raises `ProviderProblem`."""
    fields = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": question.redirect_uri,
        "code_verifier": question.verifier,
    }
    method, headers = metadata.auth_method(secret is not None), {}
    if method == BASIC:
        # RFC 6749 s2.3.1: both are form-encoded before they are put together.
        pair = f"{quote_plus(question.client_id)}:{quote_plus(secret or '')}".encode()
        headers["authorization"] = f"Basic {base64.b64encode(pair).decode()}"
    else:
        fields["client_id"] = question.client_id
        if method != NONE:
            fields["client_secret"] = secret or ""
    status, said = await posted(
        directory.outgoing,
        metadata.token_endpoint,
        urlencode(fields).encode(),
        _MOST_BYTES,
        what=_ANSWER,
        headers=headers,
    )
    if status != 200:
        _refuse_as_told(said.get("error"), said.get("error_description"))
    access_token, kind = said.get("access_token"), said.get("token_type")
    if not isinstance(kind, str) or kind.lower() != "bearer":
        raise ProviderProblem(say("The provider's answer is no bearer token."))
    if not isinstance(access_token, str) or not access_token.isascii():
        raise ProviderProblem(say("The provider's answer is no bearer token."))
    token = provider_tokens.opened(said.get("id_token"))
    signing = await directory.key(metadata, token)
    expected = Expected(
        issuer=metadata.issuer,
        client_id=question.client_id,
        nonce=question.nonce,
        begun_at=begun_at,
        now=now,
        again=question.again,
    )
    claims = provider_tokens.believed(token, signing, expected, access_token)
    if claims.called or metadata.userinfo_endpoint is None:
        return claims
    return await _named(directory, metadata.userinfo_endpoint, claims, access_token)


async def _named(directory: Directory, url: str, claims: Claims, access_token: str) -> Claims:
    """With what they are called there, where the ID token does not say it (Core s5.3)."""
    if not access_token.isprintable():
        raise ProviderProblem(say("The provider's answer is no bearer token."))
    said = await asked(
        directory.outgoing,
        url,
        _MOST_BYTES,
        what=_USERINFO,
        headers={"authorization": f"Bearer {access_token}"},
    )
    if said.get("sub") != claims.subject:  # Core s5.3.2: it may be of another person
        raise ProviderProblem(say("What the provider says of you is of somebody else (sub)."))
    return Claims(claims.subject, called(said), claims.authenticated_at)


def _refuse_as_told(error: object, description: object) -> NoReturn:
    words: Mapping[str, str] = {
        "access_denied": say("You, or the provider, said no"),
        "login_required": say("The provider wants you to sign in there first"),
        "temporarily_unavailable": say("The provider has no time just now"),
    }
    name = plain(error, 60) or "an error"
    told = words.get(name, say("The provider refused (%(error)s)", error=name))
    said = plain(description)
    if said:
        raise ProviderProblem(
            say(
                "%(told)s, and says: %(words)s. Nothing was changed. Try again, or sign in another way.",
                told=told,
                words=Quoted(said),
            )
        )
    raise ProviderProblem(
        say("%(told)s. Nothing was changed. Try again, or sign in another way.", told=told)
    )


def _base64(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
