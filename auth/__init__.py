"""Who is asking: credentials to a `Viewer`. What they may then do is said in `domain.policy`."""
