"""Subscriptions: what `schema.subscriptions` tells, over WebSockets and as event streams.

`following.py` tells one subscription's answers, whichever way they leave; `conversation.py` speaks
graphql-transport-ws over `socket_protocol.py`, and `event_stream.py` is graphql-sse.
"""
