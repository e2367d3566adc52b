"""Who may change an organization's team: who invites, gives which role, removes and leaves.

An organization always has an owner. Nobody gives more than they have, or takes from somebody above
them. `storage.teams` holds the team while it is decided, so that two who leave at once do not leave
it with nobody.
"""

from collections.abc import Mapping

from domain.actors import TeamRole
from domain.errors import Invalid, NotFound, Refused
from domain.words import say

OWNER, ADMIN = TeamRole.OWNER, TeamRole.ADMIN
# Which roles each may give, change and take away.
RULES: Mapping[TeamRole, tuple[TeamRole, ...]] = {
    OWNER: tuple(TeamRole),
    ADMIN: tuple(role for role in TeamRole if role is not OWNER),
}
NO_TEAM = say("There is no such organization, or you are not in its team.")


def role_named(given: str, field: tuple[str, ...] = ("role",)) -> TeamRole:
    try:
        return TeamRole(given)
    except ValueError:
        raise Invalid(
            say("A role is one of: %(roles)s.", roles=", ".join(TeamRole)), field
        ) from None


def may_give(role: TeamRole | None) -> tuple[TeamRole, ...]:
    """The roles that somebody of this role gives and takes away: none below an admin."""
    return () if role is None else RULES.get(role, ())


def require_member(role: TeamRole | None) -> TeamRole:
    if role is None:
        raise NotFound(NO_TEAM)
    return role


def require_keeper(role: TeamRole | None) -> TeamRole:
    """To look at invitations, or change anything of others."""
    role = require_member(role)
    if not may_give(role):
        raise Refused("Only owners and admins of the organization change its team.")
    return role


def require_giving(role: TeamRole | None, given: TeamRole) -> None:
    """To invite somebody as this, or make them this."""
    if given not in may_give(require_keeper(role)):
        raise Refused("Only an owner makes somebody an owner.", ("role",))


def require_change(role: TeamRole | None, theirs: TeamRole, *, is_oneself: bool) -> None:
    """To change or end the place of somebody who has the role `theirs`. One's own may be left, or
    lowered, by anybody."""
    if is_oneself:
        require_member(role)
    elif theirs not in may_give(require_keeper(role)):
        raise Refused("Only an owner changes or removes an owner.", ("member",))


def lower_than(role: TeamRole) -> tuple[TeamRole, ...]:
    """What somebody of this role may make themselves."""
    everything = tuple(TeamRole)
    return everything[everything.index(role) + 1 :]


def require_another_owner(theirs: TeamRole, after: TeamRole | None, owners: int) -> None:
    """`after` is None for whoever goes; `owners` how many there are before."""
    if theirs is OWNER and after is not OWNER and owners < 2:
        raise Refused(
            "An organization has at least one owner, and this is the last. Make somebody else an "
            "owner first, or hand the organization over.",
            ("member",),
        )
