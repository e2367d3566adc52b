"""An import in its two halves: `planning` says what becomes of each entry, `applying` does it."""
