"""Asking a hub whether it keeps to docs/protocol.md, from outside and as a peer."""
