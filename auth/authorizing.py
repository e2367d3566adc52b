"""The authorization endpoint: what an app asks of a person, and what the person decided.

RFC 6749 s4.1 with PKCE (RFC 7636) for every app, `iss` in every answer (RFC 9207), `resource`
(RFC 8707), and what OpenID Connect Core s3.1.2.1 adds. `web/account/consent.py` is its page; what
the app does with the code is in `code_grant.py`.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from auth import redirects, scopes, sessions, throttle
from auth.adapter import sayable
from auth.client_ids import CLIENT_ID
from auth.desk import Desk, digest_of
from auth.limits_of_tokens import AUTHORIZATIONS
from auth.service import TokenService
from domain.actors import TeamRole
from domain.apps import GrantType, RegisteredBy
from domain.errors import Invalid, Problem, Refused
from domain.words import say
from storage import authorizations, credentials
from storage.authorizations import Code
from storage.credentials import Client, Grant
from storage.engine import Writing
from storage.sessions import Session

AUTHORIZE = "/oauth/authorize"  # a page: `web/account/consent.py`
CODE_PREFIX = "cvk_code_"
CODE_LIVES = timedelta(seconds=60)
# However often it is used: then the person is asked again.
LONGEST = timedelta(days=180)
PROMPTS = ("none", "login", "consent", "select_account")

MOST_CHARACTERS = 1_000  # of state and nonce each
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")  # base64url of a SHA-256
_VISIBLE = re.compile(r"[\x20-\x7e]+")
_AGE = re.compile(r"\d{1,9}", re.ASCII)


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """What an app asks, once it is known that it may ask so."""

    client: Client
    redirect_uri: str
    scopes: tuple[str, ...]
    state: str | None
    nonce: str | None
    code_challenge: str
    prompt: frozenset[str]
    max_age: int | None
    login_hint: str | None

    @property
    def is_unverified(self) -> bool:
        """It registered itself: nobody this hub knows vouches for it."""
        return self.client.registered_by is RegisteredBy.ITSELF

    @property
    def redirect_host(self) -> str:
        """Where the browser will be sent, as a person is told."""
        return redirects.host_of(self.redirect_uri)


class AuthorizationRefused(Problem):
    """`redirect_to` tells the app. It is None where it is not known that the address is the
    app's: then the person is told, and sent nowhere (RFC 6749 s4.1.2.1)."""

    code: ClassVar[str] = "INVALID"

    def __init__(self, message: str, redirect_to: str | None = None) -> None:
        super().__init__(message)
        self.redirect_to = redirect_to


class NeedsFresh(Refused):
    """To allow that, the person shows once more who they are."""


@dataclass(frozen=True, slots=True)
class Place:
    """An organization that a person may speak for."""

    organization_id: str
    name: str
    role: TeamRole


async def read(
    tokens: TokenService, desk: Desk, parameters: Sequence[tuple[str, str]]
) -> AuthorizationRequest:
    """What is asked, or `AuthorizationRefused`. Raises `TooManyTries`."""
    if desk.address:
        await throttle.count(desk, AUTHORIZATIONS, desk.address)
    # RFC 6749 s3.1: without a value, as if it were not there.
    given = [(name, value) for name, value in parameters if value]
    client, redirect_uri = await _asking(desk, given)
    return _Reading(tokens, client, redirect_uri, given).request()


async def places_of(desk: Desk, person_id: str) -> list[Place]:
    """The organizations whose teams they are in, by name."""
    async with desk.database.reading(fresh=True) as db:
        teams = await authorizations.teams_of(db, person_id)
    return [Place(team.organization_id, team.name, TeamRole(team.role)) for team in teams]


async def remembered(desk: Desk, asked: AuthorizationRequest, session: Session) -> str | None:
    """The organization for which the person has let this app do all of that before; None where
    they are to be asked. An app that registered itself, or that any program of the device may
    pass for, is never remembered (RFC 8252 s8.6)."""
    if asked.is_unverified or redirects.is_of_this_device(asked.redirect_uri):
        return None
    if "consent" in asked.prompt or "select_account" in asked.prompt:
        return None
    since = desk.clock.now() - LONGEST
    async with desk.database.reading(fresh=True) as db:
        given = await authorizations.given_by(db, session.person_id, since, asked.client.id)
    fitting = (one.grant for one in given if set(asked.scopes) <= set(one.grant.scopes))
    return next((grant.organization_id for grant in fitting), None)


def is_due_again(desk: Desk, asked: AuthorizationRequest, session: Session) -> bool:
    """They have been signed in for longer than the app takes, or than what it asks for takes
    (OpenID Connect Core s3.1.2.1, max_age). `prompt=login` is the page's to see to."""
    passed = desk.clock.now() - session.authenticated_at
    if asked.max_age is not None and passed > timedelta(seconds=asked.max_age):
        return True
    return scopes.need_fresh(asked.scopes) and not sessions.is_fresh(desk, session)


async def allow(
    tokens: TokenService,
    desk: Desk,
    asked: AuthorizationRequest,
    session: Session,
    organization_id: str,
    ticked: Collection[str],
) -> str:
    """The address to send the browser to, with a code. `ticked` are the scopes that are given, of
    those that were asked for. Raises `NeedsFresh`, `Refused`, `Invalid`."""
    given = given_scopes(asked.scopes, ticked)
    code, now = desk.secret(CODE_PREFIX), desk.clock.now()
    async with desk.database.writing() as db:
        grant = await add_grant(desk, db, asked.client, session, organization_id, given)
        made = Code(
            grant_id=grant.id,
            client_id=asked.client.id,
            redirect_uri=asked.redirect_uri,
            code_challenge=asked.code_challenge,
            nonce=asked.nonce,
            created_at=now,
            expires_at=now + CODE_LIVES,
        )
        await authorizations.add_code(db, digest_of(code), made)
    return _answer(tokens, asked, [("code", code)])


def deny(tokens: TokenService, asked: AuthorizationRequest) -> str:
    """The address to send the browser to: the person said no."""
    return refuse_silently(tokens, asked, "access_denied", "The person did not allow it.")


def refuse_silently(
    tokens: TokenService, asked: AuthorizationRequest, error: str, description: str | None = None
) -> str:
    """The address to send the browser to, where nobody may be asked (prompt=none): login_required,
    consent_required, interaction_required (OpenID Connect Core s3.1.2.6)."""
    return _answer(tokens, asked, [("error", error), ("error_description", description)])


# ── consent, however it was asked for ────────────────────────────────────────────────────────────


def given_scopes(asked: Collection[str], ticked: Collection[str]) -> tuple[str, ...]:
    """Those of the asked ones that are ticked, with what cannot be unticked."""
    if not set(ticked) <= set(asked):
        raise Invalid("The app did not ask for all that is ticked. Go back to it, and begin anew.")
    given = scopes.in_order({*ticked, *(scopes.REQUIRED & set(asked))})
    if not set(given) - {"offline_access"}:
        raise Invalid("Tick at least one thing the app may do, or choose not to let it in.")
    return given


async def add_grant(
    desk: Desk,
    db: Writing,
    client: Client,
    session: Session,
    organization_id: str,
    given: tuple[str, ...],
) -> Grant:
    """The person's authorization of the app, in the transaction that makes use of it."""
    if scopes.need_fresh(given) and not sessions.is_fresh(desk, session):
        raise NeedsFresh("What the app would be allowed takes that you show once more who you are.")
    if not await authorizations.hold_client(db, client.id):
        raise Refused("This app was revoked: it gets no tokens any more.")
    if not await authorizations.hold_team(db, session.person_id, organization_id):
        raise Refused("You are not in the team of that organization.", ("organization",))
    grant = Grant(
        id=desk.named("grant"),
        client_id=client.id,
        organization_id=organization_id,
        person_id=session.person_id,
        scopes=given,
        created_at=desk.clock.now(),
        authenticated_at=session.authenticated_at,
        methods=session.methods,
    )
    await credentials.add_grant(db, grant)
    await desk.note(
        db,
        "consent.given",
        organization_id=organization_id,
        client_id=client.id,
        person_id=session.person_id,
        detail=" ".join(given),
    )
    return grant


# ── what is asked, read ──────────────────────────────────────────────────────────────────────────


async def _asking(desk: Desk, given: Sequence[tuple[str, str]]) -> tuple[Client, str]:
    """Who asks, and an address that is theirs. Until then nobody is sent anywhere."""
    client_id, redirect_uri = _once(given, "client_id"), _once(given, "redirect_uri")
    client = None
    if client_id is not None and CLIENT_ID.fullmatch(client_id):
        now = desk.clock.now()
        async with desk.database.reading(fresh=True) as db:
            known = await db.run_sync(lambda asked: credentials.known_client(asked, client_id, now))
        client = None if known is None else known.client
    if client is None:
        raise AuthorizationRefused(
            "This hub does not know the app that sent you here, or it was revoked."
        )
    if redirect_uri is None or not redirects.is_registered(redirect_uri, client.redirect_uris):
        raise AuthorizationRefused(
            "The app that sent you here wants you sent on to an address that is not registered "
            "for it (redirect_uri). You are not sent there, because it may be somebody else's."
        )
    return client, redirect_uri


def _once(given: Sequence[tuple[str, str]], name: str) -> str | None:
    values = [value for known, value in given if known == name]
    if len(values) > 1:
        raise AuthorizationRefused(
            say("The app that sent you here sent %(name)s more than once.", name=name)
        )
    return values[0] if values else None


@dataclass(frozen=True, slots=True)
class _Reading:
    """One request, of a known app to a known address: whatever is wrong with it, the app is told."""

    tokens: TokenService
    client: Client
    redirect_uri: str
    given: Sequence[tuple[str, str]]

    def request(self) -> AuthorizationRequest:
        self._require_no_repetition()
        if GrantType.AUTHORIZATION_CODE not in self.client.grant_types:
            raise self._refused("unauthorized_client", "This client is not registered for codes.")
        self._require_code()
        self._require_our_resource()
        return AuthorizationRequest(
            client=self.client,
            redirect_uri=self.redirect_uri,
            scopes=self._scopes(),
            state=self._text("state"),
            nonce=self._text("nonce"),
            code_challenge=self._challenge(),
            prompt=self._prompt(),
            max_age=self._max_age(),
            login_hint=self._login_hint(),
        )

    def _value(self, name: str) -> str | None:
        return next((value for known, value in self.given if known == name), None)

    def _refused(self, error: str, description: str) -> AuthorizationRefused:
        state = [value for known, value in self.given if known == "state"]
        answer = [
            ("error", error),
            ("error_description", description),
            ("state", state[0] if len(state) == 1 else None),
            ("iss", self.tokens.issuer.url),
        ]
        return AuthorizationRefused(description, redirects.with_answer(self.redirect_uri, answer))

    def _require_no_repetition(self) -> None:
        """RFC 6749 s3.1. `resource` may be repeated (RFC 8707 s2)."""
        names = [name for name, _ in self.given if name != "resource"]
        for name in names:
            if names.count(name) > 1:
                raise self._refused("invalid_request", f"Send {sayable(name)} once.")

    def _require_code(self) -> None:
        asked = self._value("response_type")
        if asked is None:
            raise self._refused("invalid_request", "Send response_type=code.")
        if asked != "code":
            raise self._refused("unsupported_response_type", "response_type must be code.")
        if self._value("response_mode") not in {None, "query"}:
            raise self._refused("invalid_request", "response_mode must be query, or left out.")
        # OpenID Connect Core s6, s7.2.1.
        for name in ("request", "request_uri", "registration"):
            if self._value(name) is not None:
                raise self._refused(f"{name}_not_supported", f"Leave {name} out.")

    def _require_our_resource(self) -> None:
        ours = self.tokens.issuer.resource
        if any(value != ours for name, value in self.given if name == "resource"):
            raise self._refused("invalid_target", f"resource must be {ours}, or left out.")

    def _scopes(self) -> tuple[str, ...]:
        asked = set((self._value("scope") or "").split())
        registered = set(self.client.scopes)
        unknown = scopes.unknown(asked)
        if unknown:
            raise self._refused("invalid_scope", f"There is no scope {sayable(' '.join(unknown))}.")
        if not asked:
            asked = registered & set(scopes.DEFAULT)
        never = scopes.beyond(asked, self.client.registered_by)
        beyond = sorted({*never, *(asked - registered)})
        if beyond:
            raise self._refused(
                "invalid_scope", f"This client may not ask for {sayable(' '.join(beyond))}."
            )
        if not asked - {"offline_access"}:
            raise self._refused("invalid_scope", "Name the scopes that are asked for.")
        return scopes.in_order(asked)

    def _text(self, name: str) -> str | None:
        value = self._value(name)
        if value is None:
            return None
        if len(value) > MOST_CHARACTERS or not _VISIBLE.fullmatch(value):
            raise self._refused(
                "invalid_request", f"{name} is at most {MOST_CHARACTERS} visible ASCII characters."
            )
        return value

    def _challenge(self) -> str:
        """RFC 7636 s4.3; a method left out would mean `plain`."""
        challenge = self._value("code_challenge")
        if challenge is None or self._value("code_challenge_method") != "S256":
            raise self._refused(
                "invalid_request", "Send code_challenge, and code_challenge_method=S256 (RFC 7636)."
            )
        if not _CHALLENGE.fullmatch(challenge):
            raise self._refused(
                "invalid_request", "code_challenge must be the base64url of a SHA-256."
            )
        return challenge

    def _prompt(self) -> frozenset[str]:
        asked = frozenset((self._value("prompt") or "").split())
        if not asked <= set(PROMPTS):
            raise self._refused("invalid_request", f"prompt is of {', '.join(PROMPTS)}.")
        if "none" in asked and len(asked) > 1:
            raise self._refused("invalid_request", "prompt=none stands alone.")
        return asked

    def _max_age(self) -> int | None:
        value = self._value("max_age")
        if value is not None and not _AGE.fullmatch(value):
            raise self._refused("invalid_request", "max_age is a number of seconds.")
        return None if value is None else int(value)

    def _login_hint(self) -> str | None:
        """A help to the person, and no more: what cannot be one is left out."""
        value = self._value("login_hint")
        return value if value and len(value) <= 320 and value.isprintable() else None


def _answer(
    tokens: TokenService, asked: AuthorizationRequest, answer: Sequence[tuple[str, str | None]]
) -> str:
    """RFC 9207 s2: with who answers, so that an app that asks at several is not mixed up."""
    every = [*answer, ("state", asked.state), ("iss", tokens.issuer.url)]
    return redirects.with_answer(asked.redirect_uri, every)
