"""The use cases: one function for each thing somebody can do here.

GraphQL fields, the command line, imports and (later) pages and feeds all call these, so a rule
holds on every door. What changes things is in this folder; what reads is in `reading/`.
"""
