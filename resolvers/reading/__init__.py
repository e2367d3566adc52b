"""How things are found: each function gives the `Select` whose rows a field shows.

`sources` says what rows of each type are and who sees them; `listing` how a list is ordered and
cut into pages. The schema's fields name these functions; `schema.loading` runs them.
"""
