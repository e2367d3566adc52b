"""What the id of a client looks like, whoever chose it."""

import re

# A ':' would end the name in HTTP Basic (RFC 7617 s2).
CLIENT_ID = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)

# A peer hub's is the address of its metadata document (draft-ietf-oauth-client-id-metadata-document
# s3). It is looked up among those that are registered, and never fetched because somebody names it.
_OF_A_HUB = re.compile(r"https?://[a-z0-9.\-\[\]:]{1,255}/\.well-known/convoke/client", re.ASCII)


def may_sign(client_id: str) -> bool:
    """Whether a client that shows who it is by a signature may be called so."""
    return bool(CLIENT_ID.fullmatch(client_id) or _OF_A_HUB.fullmatch(client_id))
