"""Every MUST of docs/protocol.md, in the order of the page: its id, its words, and how it is checked.

The tables of the page are made of these, and `./convoke conformance` prints them. What cannot be
checked from outside says why.
"""

from dataclasses import dataclass
from enum import Enum

from domain.peering import MOST_A_PAGE

MOST_DOCUMENT_BYTES = 65_536
LONGEST_TOKEN_SECONDS = 300
LARGEST_BODY = 1_048_576
LOOKS_WITHIN_SECONDS = 10


class Checked(Enum):
    ALWAYS = "always"
    AS_PEER = "as a peer"


@dataclass(frozen=True, slots=True)
class Must:
    """`how` is a sentence where it cannot be checked from outside: why not."""

    id: str
    says: str
    how: Checked | str = Checked.ALWAYS


_PEER = Checked.AS_PEER
_KEEPS = "What a reader keeps of our feed is not told to us."
_TRUSTED = "The tester has no organization that the hub knows, so that every assertion of its own is refused."
_CHANGES = "The tester changes nothing."

PARTS = {
    "D": "Documents and keys",
    "P": "Proposing and agreeing",
    "T": "The machine's token",
    "E": "The endpoint",
    "F": "The feed",
    "R": "Reading a feed",
    "K": "Pokes",
    "W": "Changes at another hub",
    "V": "Versions",
}

MUSTS = (
    Must(
        "D-1",
        "Each document MUST be answered to a GET with 200, as `application/json` (keys also as "
        "`application/jwk-set+json`), not compressed, without a redirect, in at most "
        f"{MOST_DOCUMENT_BYTES:,} bytes.",
    ),
    Must("D-2", "Each document MUST be one JSON object in UTF-8, in which no name stands twice."),
    Must("D-3", "`hub` MUST be the id of a hub that ends with the authority of `url`."),
    Must("D-4", "`url` and `issuer` MUST be the hub's origin, letter by letter."),
    Must("D-5", "`name` MUST be a text of 1 to 200 characters that can be shown."),
    Must("D-6", "`software` MUST be a name, and perhaps a slash and a version."),
    Must("D-7", "`schema_version` MUST be numbers with dots between, of which the first is 1."),
    Must(
        "D-8",
        "`graphql_endpoint`, `token_endpoint`, `jwks_uri`, `client_jwks_uri`, "
        "`proposals_endpoint`, and `poke_endpoint` where it is not null, MUST be plain addresses "
        "under `url`.",
    ),
    Must("D-9", "`client_metadata_url` MUST be `url` and `/.well-known/convoke/client`."),
    Must("D-10", "`limits` MUST have page, poll_seconds and retention_days, within their bounds."),
    Must(
        "D-11",
        "The server's metadata MUST say the same `issuer`, `token_endpoint` and `jwks_uri`, and have "
        "`client_credentials` and `private_key_jwt`.",
    ),
    Must(
        "D-12",
        "The resource's metadata MUST say `resource` as `graphql_endpoint`, and in "
        "`authorization_servers` the issuer alone.",
    ),
    Must(
        "D-13",
        "The client's document MUST say its own address as `client_id`, `jwks_uri` as "
        "`client_jwks_uri`, `private_key_jwt`, and `client_credentials` among its grants.",
    ),
    Must("D-14", "The client's document MUST NOT hold `client_secret` or `jwks`."),
    Must(
        "D-15",
        "Each of the two sets MUST hold 1 to 20 public keys for signatures, each of several with a "
        "`kid` of its own, and no private key.",
    ),
    Must("D-16", "No key MUST be in both sets."),
    Must(
        "D-17",
        "A reader MUST refuse documents that differ from this page anywhere, and keep nothing of them.",
        "The tester would have to propose itself with documents that lie.",
    ),
    Must(
        "D-18",
        "A set of keys MUST have a key in common with the set before; a reader MUST believe no key of "
        "a set that has none, until somebody confirms it.",
        "Keys turn in weeks.",
    ),
    Must(
        "D-19",
        "Where another hub id, issuer or client id stands at the address, a reader MUST suspend the "
        "peering.",
        "The tester stays who it is.",
    ),
    Must("P-1", "A proposal MUST be answered with 202 and `{}`."),
    Must("P-2", "It MUST be answered alike, whatever is at the address that it names."),
    Must("P-3", "What is no JSON object with `url` MUST be answered with 400 and an `error`."),
    Must(
        "P-4",
        "Who gets a proposal MUST read the documents at that address, and believe nothing else of it.",
        _PEER,
    ),
    Must(
        "P-5",
        "A hub MUST give a token to a hub with which somebody of its own agreed to work, and so tell "
        "it that they did.",
        _PEER,
    ),
    Must(
        "P-6",
        "A hub MUST ask another for a token only where somebody of its own agreed to work with it.",
        "Who agreed there is not to be seen from outside.",
    ),
    Must(
        "P-7",
        "A hub that ended a peering MUST NOT begin it again because of a proposal.",
        "The tester would have to be ended there first.",
    ),
    Must(
        "P-8",
        "From the moment a peering is not active, its tokens and those of its people MUST be refused.",
        "Only the hub's own people suspend or end it.",
    ),
    Must(
        "P-9",
        "Who is asked too often MUST answer 429 with Retry-After.",
        "It takes a storm of requests, which the tester spares the hub.",
    ),
    Must(
        "T-1",
        "The answer MUST be that of RFC 6749 s5.1: a Bearer token, its life in whole seconds, at most "
        f"{LONGEST_TOKEN_SECONDS}, not to be cached.",
        _PEER,
    ),
    Must("T-2", "The answer MUST NOT hold a refresh token.", _PEER),
    Must("T-3", "Who is not known MUST be answered 401 and `invalid_client`."),
    Must("T-4", "An assertion whose `aud` is not the issuer alone MUST be refused.", _PEER),
    Must("T-5", "An assertion that has expired MUST be refused.", _PEER),
    Must("T-6", "An assertion good for more than 300 seconds MUST be refused.", _PEER),
    Must("T-7", "An assertion whose `jti` was used before MUST be refused.", _PEER),
    Must("T-8", "An assertion whose `iss` is not its `sub` MUST be refused.", _PEER),
    Must("T-9", "An assertion signed by another key than those registered MUST be refused.", _PEER),
    Must(
        "T-10",
        "An assertion whose header has more than `alg`, `typ` and `kid` MUST be refused.",
        _PEER,
    ),
    Must(
        "T-11",
        "A scope beyond the five of a hub MUST be answered `invalid_scope`, and nothing given.",
        _PEER,
    ),
    Must(
        "T-12",
        "A `resource` other than the endpoint MUST be answered `invalid_target`.",
        _PEER,
    ),
    Must(
        "T-13",
        "What a hub asks with MUST be such an assertion: signed by a key at its `client_jwks_uri`, for "
        "the other's issuer alone, good for at most 300 seconds, each `jti` once.",
        _PEER,
    ),
    Must(
        "E-1",
        "A query that is posted as `application/json` MUST be answered as "
        "`application/graphql-response+json` or `application/json`, whichever is accepted.",
    ),
    Must("E-2", "A body of another media type MUST be answered 415."),
    Must("E-3", "A body that is no JSON object MUST be answered 400; a list of requests is none."),
    Must("E-4", f"A body of more than {LARGEST_BODY:,} bytes MUST be answered 413."),
    Must("E-5", "Each error MUST have a `message`, and a code in `extensions`."),
    Must(
        "E-6",
        "A token that is no good MUST be answered 401 with a `Bearer` challenge, and never as if there "
        "were none.",
    ),
    Must("E-7", "A token of another issuer MUST be refused, as one that is no good.", _PEER),
    Must(
        "E-8",
        "A document that does not fit the contract MUST be refused with `GRAPHQL_VALIDATION_FAILED`.",
    ),
    Must("F-1", "`changes` MUST be refused to whoever shows no token: `UNAUTHENTICATED`."),
    Must("F-2", "A peer MUST be told the channel `public`, also where it names none.", _PEER),
    Must("F-3", "A page MUST have an `endCursor`, also where it is empty.", _PEER),
    Must("F-4", "A page MUST hold at most `first` changes.", _PEER),
    Must(
        "F-5",
        f"`first` MUST be refused with `BAD_USER_INPUT` where it is more than the page of `limits`, "
        f"which is at most {MOST_A_PAGE:,}, or less than 0.",
        _PEER,
    ),
    Must("F-6", "No thing MUST stand on a page twice.", _PEER),
    Must(
        "F-7",
        "The same place asked for twice MUST tell the same, but for what moved meanwhile.",
        _PEER,
    ),
    Must(
        "F-8",
        "An edge's `cursor` MUST be a place as `endCursor` is: behind it come the others.",
        _PEER,
    ),
    Must(
        "F-9",
        "Behind the last change MUST be an empty page, without more, as proof of being up.",
        _PEER,
    ),
    Must("F-10", "What is no cursor MUST be refused with `BAD_USER_INPUT`.", _PEER),
    Must(
        "F-11",
        "A channel that is not for the reader MUST be refused with `CHANNEL_CLOSED`, just as one that "
        "does not exist.",
        _PEER,
    ),
    Must("F-12", "Each id MUST end with the hub's own authority.", _PEER),
    Must("F-13", "In `public`, each thing MUST be of `PUBLIC` visibility.", _PEER),
    Must("F-14", "Each `version` MUST be a whole number from 1 to 2^40 - 1.", _PEER),
    Must("F-15", "A peer MUST be told in its own channel, named by its hub id.", _PEER),
    Must("F-16", "A cursor of another channel MUST be refused with `BAD_USER_INPUT`.", _PEER),
    Must(
        "F-17",
        "The mirror document MUST be answered in pages within 8 MiB, each record of which a strict "
        "reader believes.",
        _PEER,
    ),
    Must(
        "F-18",
        "`Prefer: wait=N` MUST keep a peer's request for N seconds, at most 25, where there is nothing "
        "new; and it MUST be answered then.",
        _PEER,
    ),
    Must(
        "F-19",
        "No change that was kept MUST be skipped, also where two are kept at once.",
        "It takes writers on the hub at the same time.",
    ),
    Must(
        "F-20",
        "What leaves a channel MUST be told as `Removed` to whoever may have been told of it there.",
        _CHANGES,
    ),
    Must(
        "F-21",
        "A cursor of before a restore, or of more than retention_days ago, MUST be answered `RESYNC`.",
        "It takes a restore, or months.",
    ),
    Must(
        "F-22",
        "With `first: 0` a page MUST be empty, and its `hasNextPage` say whether anything stands behind "
        "the place; the glance document MUST be answered for ten channels.",
        _PEER,
    ),
    Must(
        "R-1",
        "A reader MUST ask by POST, as JSON, with the token that it was given.",
        _PEER,
    ),
    Must("R-2", "A reader MUST ask for no more than the page of `limits`.", _PEER),
    Must(
        "R-3",
        "A reader MUST give back a cursor as it was, with the channel that it came from.",
        _PEER,
    ),
    Must("R-4", "At `RESYNC` a reader MUST begin again without `after`.", _PEER),
    Must(
        "R-5",
        "A record that cannot be believed MUST be left out, and the others of its page count.",
        _KEEPS,
    ),
    Must(
        "R-6",
        "A page that contradicts itself MUST count for nothing, and the reader's place stay.",
        _KEEPS,
    ),
    Must("R-7", "A record MUST NOT replace one of a higher `version`, but after `RESYNC`.", _KEEPS),
    Must(
        "R-8",
        "At `CHANNEL_CLOSED` a reader MUST let go of what it holds by that channel alone.",
        _KEEPS,
    ),
    Must(
        "R-9",
        "After `RESYNC` a reader MUST let go of what it did not meet again.",
        _KEEPS,
    ),
    Must("R-10", "A reader MUST NOT pass on what another hub owns, in any channel.", _KEEPS),
    Must("K-1", "A poke without a good assertion MUST be answered 401."),
    Must("K-2", "A peer's poke MUST be answered 202.", _PEER),
    Must("K-3", "A poke whose assertion was used before MUST be answered 401.", _PEER),
    Must("K-4", "A poke whose assertion is for another hub MUST be answered 401.", _PEER),
    Must(
        "K-5",
        f"Who is poked MUST look within {LOOKS_WITHIN_SECONDS} seconds.",
        _PEER,
    ),
    Must(
        "W-1",
        "Who asks for a person's token without showing which hub they are MUST be answered 401 and "
        "`invalid_client`.",
    ),
    Must(
        "W-2",
        "An assertion for a person or organization that is not of the hub that signs, or not known, "
        "MUST be answered `invalid_grant`.",
        _PEER,
    ),
    Must(
        "W-3",
        "A hub's own token MUST change nothing: `INSUFFICIENT_SCOPE`.",
        _PEER,
    ),
    Must(
        "W-4",
        "An `Idempotency-Key` without a token MUST be answered `UNAUTHENTICATED`.",
    ),
    Must(
        "W-5",
        "Each claim of the assertion MUST be checked as the table above says, and the token be good "
        "for no more than was vouched for and asked.",
        _TRUSTED,
    ),
    Must("W-6", "An assertion for a person MUST be good for one use.", _TRUSTED),
    Must(
        "W-7",
        "A change under a key that was used MUST be answered as it was answered before, and not made "
        "again; for another request the key MUST be refused with `IDEMPOTENCY_KEY_REUSED`.",
        _CHANGES,
    ),
    Must(
        "W-8", "A change whose `version` is not the thing's own MUST be answered `STALE`.", _CHANGES
    ),
    Must(
        "W-9",
        "A hub MUST keep trying what it told its person is on its way, as tabled, and in order.",
        "It takes people at the hub, and days.",
    ),
    Must("V-1", "Members of a request that a hub does not know MUST be passed over."),
    Must("V-2", "Members of a document that a reader does not know MUST be passed over.", _PEER),
)
BY_ID = {must.id: must for must in MUSTS}


def of_part(letter: str) -> tuple[Must, ...]:
    return tuple(must for must in MUSTS if must.id.startswith(f"{letter}-"))
