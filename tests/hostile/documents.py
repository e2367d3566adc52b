"""Hostile documents: what is asked too deep, too often, too long, or makes no sense."""

from tests.hostile.sending import Case, asked

DAG = "{ ...f0 } " + " ".join(
    f"fragment f{n} on Query {{ ...f{n + 1} ...f{n + 1} }}" for n in range(30)
)
BOMB = "{ hub { ...a ...a ...a } } " + " ".join(
    f"fragment {a} on Hub {{ name ...{b} ...{b} ...{b} ...{b} }}"
    for a, b in zip("abcdefghijk", "bcdefghijkl", strict=True)
)
EVENTS = "events(first: 100) { nodes { "
LONG_NAME = "a" * 10_000


def nested(levels: int) -> str:
    return (
        "{ events { nodes "
        + "{ host { events { nodes " * levels
        + "{ id }"
        + " } } }" * levels
        + " } }"
    )


def conflicting(count: int) -> str:
    """Fields that must all be compared with one another."""
    return (
        "{ "
        + " ".join(f"...f{n}" for n in range(count))
        + " } "
        + " ".join(
            f"fragment f{n} on Query {{ events {{ nodes {{ id title }} }} }}" for n in range(count)
        )
    )


PARSE = [
    Case("parse", name, asked(query), [400], code)
    for name, query, code in (
        ("nothing", "", "GRAPHQL_PARSE_FAILED"),
        ("an open brace", "{", "GRAPHQL_PARSE_FAILED"),
        ("5,000 open braces", "{" * 5_000, "GRAPHQL_PARSE_FAILED"),
        ("3,000 nested fields", "{a" * 3_000 + "}" * 3_000, "GRAPHQL_PARSE_FAILED"),
        ("5,000 nested lists", "{a(b:" + "[" * 5_000, "GRAPHQL_PARSE_FAILED"),
        ("2,000 nested objects", "{a(b:" + "{c:" * 2_000, "GRAPHQL_PARSE_FAILED"),
        ("500 lists in a type", "query($a:" + "[" * 500 + "Int" + "]" * 500 + "){a}", None),
        ("100,000 characters", "{ hub { name } } #" + "x" * 100_000, "SOURCE_LIMIT"),
        ("500 comments", "#x\n" * 500 + "{ hub { name } }", "GRAPHQL_PARSE_FAILED"),
        ("4,000 tokens", "{ " + "a " * 4_000 + "}", "GRAPHQL_PARSE_FAILED"),
        ("an endless string", '{ event(id: "' + "x" * 10_000, "GRAPHQL_PARSE_FAILED"),
        ("an endless block string", '{ event(id: """' + "\n " * 5_000, "GRAPHQL_PARSE_FAILED"),
        ("a number of 15,000 digits", "{ events(first: " + "9" * 15_000 + ") { totalCount } }", None),
        ("a float of 15,000 digits", "{ events(first: 1e" + "9" * 15_000 + ") { totalCount } }", None),
        ("a control character", "{ hub \x00 { name } }", "GRAPHQL_PARSE_FAILED"),
        ("a surrogate escape", '{ event(id: "\\uD800") { id } }', "GRAPHQL_PARSE_FAILED"),
        ("a code point that is none", '{ event(id: "\\u{110000}") { id } }', "GRAPHQL_PARSE_FAILED"),
        ("7,000 dots", "{ " + "..." * 2_300 + " }", "GRAPHQL_PARSE_FAILED"),
        ("type definitions", "type Query { a: Int } { hub { name } }", "GRAPHQL_VALIDATION_FAILED"),
        ("an extension of Query", "extend type Query { a: Int }", "GRAPHQL_VALIDATION_FAILED"),
        ("no operation", "fragment f on Query { hub { name } }", None),
    )
]  # fmt: skip

GUARD = [
    Case("guard", name, asked(query), [400], code)
    for name, query, code in (
        ("a DAG of 2^30 spreads", DAG, None),
        ("a fragment bomb", BOMB, None),
        ("a fragment in itself", "{ ...f } fragment f on Query { ...f }", None),
        (
            "fragments in a ring",
            "{ ...a } fragment a on Query { ...b } fragment b on Query { ...c } "
            "fragment c on Query { ...a }",
            "GRAPHQL_VALIDATION_FAILED",
        ),
        (
            "a ring that nobody spreads",
            "{ hub { name } } fragment a on Hub { ...b } fragment b on Hub { ...a }",
            "GRAPHQL_VALIDATION_FAILED",
        ),
        ("300 fragments", "{ ...f0 }" + "".join(f"fragment f{n} on Query{{hub{{id}}}}" for n in range(90)), None),
        ("200 aliases", "{ " + " ".join(f"a{n}: __typename" for n in range(200)) + " }", "ALIAS_LIMIT"),
        ("300 root fields of one name", "{ " + "hub { name } " * 190 + "}", None),
        ("400 times the same key", "{ hub { " + "name " * 380 + "} }", "REPEATED_FIELD_LIMIT"),
        ("500 selections", "{ hub { ...on Hub { " + "... { id } " * 290 + "} } }", None),
        ("40 levels", nested(13), "DEPTH_LIMIT"),
        ("60 inline fragments deep", "{ " + "... { " * 60 + "__typename" + " }" * 60 + " }", "DEPTH_LIMIT"),
        ("150 directives", "{ hub { name " + "@skip(if: false) " * 150 + "} }", "DIRECTIVE_LIMIT"),
        ("300 unknown directives", "{ hub { name " + "@a" * 300 + "} }", "DIRECTIVE_LIMIT"),
        ("100 arguments", "{ events(" + " ".join(f"a{n}: 1" for n in range(100)) + ") { totalCount } }", "ARGUMENT_LIMIT"),
        ("100 equal arguments", "{ events(" + "first: 1 " * 100 + ") { totalCount } }", "ARGUMENT_LIMIT"),
        ("100 variables", "query(" + " ".join(f"$a{n}: Int" for n in range(100)) + ") { hub { name } }", "VARIABLE_LIMIT"),
        ("60 operations", " ".join(f"query q{n} {{ hub {{ name }} }}" for n in range(60)), "OPERATION_LIMIT"),
        ("a field of 10,000 letters", "{ " + LONG_NAME + " }", "NAME_LIMIT"),
        ("an alias of 10,000 letters", "{ " + LONG_NAME + ": __typename }", "NAME_LIMIT"),
        ("an argument of 10,000 letters", "{ hub(" + LONG_NAME + ": 1) { name } }", "NAME_LIMIT"),
        ("a variable of 10,000 letters", f"query(${LONG_NAME}: Int) {{ hub {{ name }} }}", "NAME_LIMIT"),
        ("a directive of 10,000 letters", "{ hub { name @" + LONG_NAME + " } }", "NAME_LIMIT"),
        ("50 lists in a literal", "{ nodes(ids: " + "[" * 50 + "1" + "]" * 50 + ") { id } }", "BAD_USER_INPUT"),
        ("500 ids in a literal", "{ nodes(ids: [" + '"x" ' * 500 + "]) { id } }", "BAD_USER_INPUT"),
        ("101 ids", "{ nodes(ids: [" + '"x" ' * 101 + "]) { id } }", "BAD_USER_INPUT"),
        ("100 pages of 100", "{ organizations(first: 100) { nodes { events(first: 100) { nodes { id } } } } }", "COST_LIMIT"),
        ("a million million values", "{ organizations(first: 100) { nodes { events(first: 100) { nodes { occurrences(first: 100) { nodes { event { hosts(first: 100) { nodes { role } } } } } } } } } }", None),
        ("first: -1", "{ events(first: -1) { totalCount } }", "BAD_USER_INPUT"),
        ("first: 101", "{ events(first: 101) { totalCount } }", "BAD_USER_INPUT"),
        ("first: 2^31", "{ events(first: 2147483648) { totalCount } }", None),
        ("first: 2^63", "{ events(first: 9223372036854775808) { totalCount } }", None),
        ("first: a string", '{ events(first: "100") { totalCount } }', None),
        ("first: a list", "{ events(first: [1, 2]) { totalCount } }", None),
        ("__schema asked for more", "{ __schema { types { fields { type { fields { type { name } } } } } } }", "INTROSPECTION_LIMIT"),
        ("__schema beside another", "{ hub { name } __schema { types { name } } }", "INTROSPECTION_LIMIT"),
        ("__type ten levels down", "{ __type(name: \"Query\") { " + "fields { type { " * 5 + "name" + " } }" * 5 + " } }", None),
    )
]  # fmt: skip

VALIDATE = [
    Case("validate", name, asked(query), [400], code)
    for name, query, code in (
        (
            "380 unknown fields",
            "{ " + " ".join(f"x{n}" for n in range(19)) + " hub { " + " ".join(f"y{n}" for n in range(360)) + " } }",
            "GRAPHQL_VALIDATION_FAILED",
        ),
        ("300 unused fragments' fields", "{ hub { name } } " + " ".join(f"fragment f{n} on Event {{ nope }}" for n in range(40)), "GRAPHQL_VALIDATION_FAILED"),
        ("unknown variables", "{ event(id: $a) { id } }", "GRAPHQL_VALIDATION_FAILED"),
        ("contradicting aliases", "{ hub { a: name a: url } }", "GRAPHQL_VALIDATION_FAILED"),
        ("a spread on another type", "{ hub { ... on Event { id } } }", "GRAPHQL_VALIDATION_FAILED"),
        ("an enum of 10,000 letters", "{ events(orderBy: " + LONG_NAME + ") { totalCount } }", "GRAPHQL_VALIDATION_FAILED"),
        ("a leaf with a selection", "{ hub { name { a } } }", "GRAPHQL_VALIDATION_FAILED"),
        ("an object without one", "{ hub }", "GRAPHQL_VALIDATION_FAILED"),
        ("near without its halves", "{ events(filter: {near: {}}) { totalCount } }", "GRAPHQL_VALIDATION_FAILED"),
        ("a subscription", "subscription { events { totalCount } }", None),
        (
            "300 fields of an input",
            "{ events(filter: {" + " ".join(f"a{n}: 1" for n in range(300)) + "}) { totalCount } }",
            "GRAPHQL_VALIDATION_FAILED",
        ),
        (
            "300 times the same field of an input",
            "{ events(filter: {" + 'search: "a" ' * 280 + "}) { totalCount } }",
            "GRAPHQL_VALIDATION_FAILED",
        ),
        ("100 inputs in one another", "{ events(filter: " + "{near: " * 20 + "1" + "}" * 20 + ") { totalCount } }", "GRAPHQL_VALIDATION_FAILED"),
    )
]  # fmt: skip

VALIDATE += [
    # Valid, and all of it must be looked at: nothing in it contradicts itself.
    Case("validate", "fields that must be compared", asked(conflicting(4)), [200]),
]
DOCUMENTS = [*PARSE, *GUARD, *VALIDATE]
