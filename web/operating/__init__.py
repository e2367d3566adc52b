"""What whoever runs a hub looks at: whether it is well, what it does, and how it ends."""
