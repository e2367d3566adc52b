"""An organization's team, for the people in it: who is there, inviting, changing roles, leaving.

Each change has a page of its own, to come back to from showing who one is once more. What somebody
sees who was invited is in `invitation.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import quote

from starlette.responses import Response
from starlette.routing import Route

from auth import team_invitations, teams
from auth.letters import Place
from auth.team_invitations import Invitation
from auth.team_words import MEANINGS
from auth.teams import Member, Team
from domain import teams as rules
from domain.actors import TeamRole
from domain.errors import Invalid, NotFound, Problem, Refused, Taken
from languages import gettext as _
from web.account import problems, words
from web.account.invitation import INVITATION
from web.account.visits import HOME, Account, Visit

TEAM = f"{HOME}/team/{{slug}}"
Named = TypeVar("Named", Member, Invitation)


def routes(account: Account) -> list[Route]:
    pages = _Pages(account)
    return [
        account.route(TEAM, pages.team),
        account.route(f"{TEAM}/invite", pages.invite, "GET", "POST"),
        account.route(f"{TEAM}/invitations/{{id}}", pages.invitation, "GET", "POST"),
        account.route(f"{TEAM}/members/{{id}}", pages.member, "GET", "POST"),
        account.route(f"{TEAM}/leave", pages.leave, "GET", "POST"),
    ]


def address_of(slug: str) -> str:
    return TEAM.format(slug=quote(slug, safe=""))


@dataclass(frozen=True, slots=True)
class _Pages:
    account: Account

    async def team(self, visit: Visit) -> Response:
        session = visit.require_session()
        team = await teams.of(visit.desk, session, _slug(visit))
        now, mine = visit.desk.clock.now(), rules.may_give(team.role)
        return self.account.shown(
            visit,
            "team.html",
            team=team,
            here=address_of(team.organization.slug),
            members=[_line(each, each.role in mine, session.person_id) for each in team.members],
            invitations=[
                {
                    "id": each.id,
                    "address": each.address,
                    "role": each.role,
                    "inviter": each.inviter,
                    "until": words.day(each.expires_at),
                    "is_over": each.expires_at <= now,
                    "may_change": each.role in mine,
                }
                for each in team.invitations
            ],
            may_invite=bool(mine),
            is_welcome=visit.request.query_params.get("welcome") == "yes",
        )

    async def invite(self, visit: Visit) -> Response:
        is_sent = visit.request.method == "POST"
        form = await self.account.form(visit) if is_sent else {}
        session = visit.require_fresh()
        problem: Problem | None = None
        if is_sent:
            try:
                role = rules.role_named(form.get("role", ""))
                await team_invitations.invite(
                    visit.desk, self._place(), session, _slug(visit), form.get("address", ""), role
                )
                return self._back(visit)
            except (Invalid, Taken, Refused) as refused:
                problem = refused
        team = await self._kept(visit)
        return self.account.shown(
            visit,
            "team_invite.html",
            problems.status_of(problem),
            team=team,
            here=address_of(team.organization.slug),
            roles=_choices(rules.may_give(team.role)),
            address=form.get("address", ""),
            chosen=form.get("role", ""),
            days=team_invitations.GOOD_FOR.days,
            problems=problems.by_field(problem),
        )

    async def invitation(self, visit: Visit) -> Response:
        form = await self.account.form(visit) if visit.request.method == "POST" else {}
        session = visit.require_fresh()
        slug, invitation_id = _slug(visit), visit.request.path_params["id"]
        match form.get("do"):
            case "again":
                await team_invitations.send_again(
                    visit.desk, self._place(), session, slug, invitation_id
                )
                return self._back(visit)
            case "withdraw":
                await team_invitations.withdraw(visit.desk, session, slug, invitation_id)
                return self._back(visit)
        team = await self._kept(visit)
        return self.account.shown(
            visit,
            "team_invitation.html",
            team=team,
            here=address_of(slug),
            invitation=_named(team.invitations, invitation_id),
            days=team_invitations.GOOD_FOR.days,
        )

    async def member(self, visit: Visit) -> Response:
        form = await self.account.form(visit) if visit.request.method == "POST" else {}
        session = visit.require_fresh()
        slug, member_id = _slug(visit), visit.request.path_params["id"]
        problem: Problem | None = None
        try:
            match form.get("do"):
                case "role":
                    role = rules.role_named(form.get("role", ""))
                    await teams.change_role(visit.desk, session, slug, member_id, role)
                    return self._back(visit)
                case "remove":
                    await teams.remove(visit.desk, session, slug, member_id)
                    return self._back(visit)
        except (Invalid, Refused) as refused:
            problem = refused
        team = await teams.of(visit.desk, session, slug)
        member = _named(team.members, member_id)
        is_oneself = member.person_id == session.person_id
        rules.require_change(team.role, member.role, is_oneself=is_oneself)
        lower = rules.lower_than(member.role) if is_oneself else ()
        roles = {member.role, *rules.may_give(team.role), *lower}
        return self.account.shown(
            visit,
            "team_member.html",
            problems.status_of(problem),
            team=team,
            here=address_of(slug),
            member=member,
            is_oneself=is_oneself,
            roles=_choices(tuple(role for role in TeamRole if role in roles)),
            problems=problems.by_field(problem),
        )

    async def leave(self, visit: Visit) -> Response:
        problem: Problem | None = None
        if visit.request.method == "POST":
            await self.account.form(visit)
            try:
                await teams.leave(visit.desk, visit.require_session(), _slug(visit))
                return self.account.sent_on(HOME)
            except Refused as refused:
                problem = refused
        team = await teams.of(visit.desk, visit.require_session(), _slug(visit))
        return self.account.shown(
            visit,
            "team_leave.html",
            problems.status_of(problem),
            team=team,
            here=address_of(team.organization.slug),
            problems=problems.by_field(problem),
        )

    async def _kept(self, visit: Visit) -> Team:
        """For the pages of those who keep the team."""
        team = await teams.of(visit.desk, visit.require_session(), _slug(visit))
        rules.require_keeper(team.role)
        return team

    def _place(self) -> Place:
        return Place(self.account.site, self.account.base_url + INVITATION)

    def _back(self, visit: Visit) -> Response:
        return self.account.sent_on(address_of(_slug(visit)))


def _slug(visit: Visit) -> str:
    slug: str = visit.request.path_params["slug"]
    return slug


def _line(member: Member, is_under_me: bool, person_id: str) -> dict[str, Any]:
    is_oneself = member.person_id == person_id
    return {
        "id": member.id,
        "name": member.name,
        "role": member.role,
        "since": words.day(member.since),
        "is_oneself": is_oneself,
        "may_change": is_under_me and not is_oneself,
        "may_step_down": is_oneself and bool(rules.lower_than(member.role)),
    }


def _choices(roles: tuple[TeamRole, ...]) -> list[tuple[TeamRole, str]]:
    return [(role, _(MEANINGS[role])) for role in roles]


def _named(those: Sequence[Named], given: str) -> Named:
    for each in those:
        if each.id == given:
            return each
    raise NotFound("It is not there any more: somebody else was faster.")
