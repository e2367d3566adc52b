"""What the id of a client looks like, whoever chose it."""

import re

# A ':' would end the name in HTTP Basic (RFC 7617 s2).
CLIENT_ID = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
