"""The table of scopes, and the manual that shows it."""

from pathlib import Path

from auth.scopes import (
    DEFAULT,
    FOR_MACHINES,
    FOR_PEERS_PEOPLE,
    FOR_PEERS_PEOPLE_UNASKED,
    SCOPES,
    Delegated,
    Machine,
    in_order,
    unknown,
)

MANUAL = Path(__file__).parents[2] / "docs" / "scopes.md"


def rows() -> list[str]:
    return [
        f"| `{scope.name}` | {scope.consent} | {scope.machine} | {scope.delegated} |"
        for scope in SCOPES.values()
    ]


def test_the_manual_shows_the_table_as_it_is() -> None:
    shown = [line for line in MANUAL.read_text().splitlines() if line.startswith("| `")]
    assert shown == rows()


def test_what_is_never_for_a_machine_is_not() -> None:
    never = {
        "alliances:agree",
        "alliances:write",
        "organization:admin",
        "attendance:read",
        "hubs:admin",
        "audit:read",
        "openid",
        "offline_access",
    }
    assert {name for name, scope in SCOPES.items() if scope.machine is Machine.NO} == never
    assert never.isdisjoint(FOR_MACHINES)
    assert SCOPES.keys() - never - set(FOR_MACHINES) == {"federation:sync"}


def test_the_default_only_reads() -> None:
    assert DEFAULT == ("organizations:read", "groups:read", "events:read", "alliances:read")
    assert set(DEFAULT) <= set(FOR_MACHINES)


def test_nobody_else_administers_an_organization() -> None:
    for name in ("organization:admin", "hubs:admin", "audit:read", "offline_access"):
        assert SCOPES[name].delegated is Delegated.NO


def test_what_binds_an_organization_a_person_asks_for_and_their_hub_vouches() -> None:
    for name in ("alliances:agree", "alliances:write"):
        assert SCOPES[name].machine is Machine.NO
        assert SCOPES[name].delegated is Delegated.BY_HOME


def test_editing_what_is_another_hubs_takes_an_agreement() -> None:
    beyond = set(FOR_PEERS_PEOPLE) - set(FOR_PEERS_PEOPLE_UNASKED)
    assert beyond == {
        "contacts:read",
        "attendance:read",
        "groups:write",
        "events:write",
        "events:publish",
    }


def test_scopes_are_put_in_one_order_each_once() -> None:
    assert in_order(["events:write", "events:read", "events:read"]) == (
        "events:read",
        "events:write",
    )
    assert unknown(["events:read", "b", "a", "b"]) == ["a", "b"]
