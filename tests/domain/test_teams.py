"""Who may change an organization's team, and what strangers are written who are invited into it."""

import pytest

from domain import teams
from domain.actors import TeamRole
from domain.errors import Invalid, NotFound, Refused

OWNER, ADMIN, EDITOR = TeamRole.OWNER, TeamRole.ADMIN, TeamRole.EDITOR
BELOW = (EDITOR, TeamRole.EVENT_MANAGER, TeamRole.VIEWER)


def test_an_owner_makes_anybody_anything_and_an_admin_nobody_an_owner() -> None:
    for role in TeamRole:
        teams.require_giving(OWNER, role)
        if role is not OWNER:
            teams.require_giving(ADMIN, role)
    with pytest.raises(Refused, match="Only an owner makes"):
        teams.require_giving(ADMIN, OWNER)


@pytest.mark.parametrize("mine", BELOW)
@pytest.mark.parametrize("role", TeamRole)
def test_nobody_below_an_admin_gives_or_takes_away(mine: TeamRole, role: TeamRole) -> None:
    with pytest.raises(Refused, match="owners and admins"):
        teams.require_giving(mine, role)
    with pytest.raises(Refused, match="owners and admins"):
        teams.require_change(mine, role, is_oneself=False)
    teams.require_change(mine, mine, is_oneself=True)
    assert teams.may_give(mine) == ()


def test_an_admin_touches_no_owner() -> None:
    teams.require_change(ADMIN, ADMIN, is_oneself=False)
    with pytest.raises(Refused, match="Only an owner changes"):
        teams.require_change(ADMIN, OWNER, is_oneself=False)
    teams.require_change(OWNER, OWNER, is_oneself=False)


def test_who_is_not_in_the_team_knows_of_none() -> None:
    for ask in (teams.require_keeper, teams.require_member):
        with pytest.raises(NotFound):
            ask(None)
    with pytest.raises(NotFound):
        teams.require_change(None, EDITOR, is_oneself=False)


def test_an_organization_keeps_an_owner() -> None:
    for after in (None, ADMIN, TeamRole.VIEWER):
        with pytest.raises(Refused, match="at least one owner"):
            teams.require_another_owner(OWNER, after, 1)
        teams.require_another_owner(OWNER, after, 2)
        teams.require_another_owner(ADMIN, after, 1)
    teams.require_another_owner(OWNER, OWNER, 1)


def test_a_role_is_one_of_five() -> None:
    assert teams.role_named("EDITOR") is EDITOR
    with pytest.raises(Invalid, match="OWNER, ADMIN, EDITOR, EVENT_MANAGER, VIEWER"):
        teams.role_named("KING")
    assert teams.lower_than(OWNER) == (ADMIN, *BELOW)
    assert teams.lower_than(TeamRole.VIEWER) == ()
