"""Who sees the parts of a thing: a host's place on an event, a membership, a team.

A part is seen by whoever sees the whole, and the organization it names: on its own, or as the one
that answers for the whole. That it answers for something else that the viewer sees is no reason to
tell what it does here. What is still being asked or answered is for those concerned alone.
"""

from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, and_, false, or_, select

from domain.events import EventHostStatus
from domain.sharing import MembershipStatus
from storage.tables import (
    agreements,
    alliance_members,
    alliances,
    events,
    group_members,
    groups,
    organizations,
    proposals,
    team_members,
)
from storage.visibility import (
    Eyes,
    decides,
    is_party,
    my_groups,
    own,
    own_person,
    sees_alliance,
    sees_event,
    sees_group,
    sees_on_its_own,
)
from storage.visibility_of_answers import met_in_an_answer
from storage.visibility_of_handovers import met_in_a_handover
from storage.words import exists_for_row, word


def sees_occurrence(eyes: Eyes, o: FromClause) -> ColumnElement[bool]:
    return _sees_event_of(eyes, o)


def sees_event_host(eyes: Eyes, h: FromClause) -> ColumnElement[bool]:
    return and_(shows_event_host(eyes, h), _sees_event_of(eyes, h))


def shows_event_host(eyes: Eyes, h: FromClause) -> ColumnElement[bool]:
    """Of an event that the viewer sees: organizations that accepted are named to all; who was asked
    is between the two."""
    settled: ColumnElement[bool] = h.c.status == word(EventHostStatus.ACCEPTED)
    if eyes.parties:
        event = events.alias()
        settled = or_(
            settled,
            is_party(eyes, h.c.organization_id),
            exists_for_row(
                select(event.c.id).where(
                    event.c.id == h.c.event_id, is_party(eyes, event.c.organization_id)
                )
            ),
        )
    event = events.alias()
    whole = select(event.c.id).where(event.c.id == h.c.event_id)
    return and_(
        settled,
        _may_be_named(eyes, h, whole, event.c.organization_id),
    )


def sees_alliance_membership(eyes: Eyes, m: FromClause) -> ColumnElement[bool]:
    return and_(shows_alliance_membership(eyes, m), _sees_alliance_of(eyes, m))


def shows_alliance_membership(eyes: Eyes, m: FromClause) -> ColumnElement[bool]:
    """Of an alliance that the viewer sees: active members are named to all, the rest to members
    and themselves."""
    settled: ColumnElement[bool] = m.c.status == word(MembershipStatus.ACTIVE)
    if eyes.parties:
        fellow = alliance_members.alias()
        settled = or_(
            settled,
            is_party(eyes, m.c.organization_id),
            exists_for_row(
                select(fellow.c.id).where(
                    fellow.c.alliance_id == m.c.alliance_id,
                    is_party(eyes, fellow.c.organization_id),
                    fellow.c.status == word(MembershipStatus.ACTIVE),
                )
            ),
        )
    alliance = alliances.alias()
    whole = select(alliance.c.id).where(alliance.c.id == m.c.alliance_id)
    return and_(
        settled,
        _may_be_named(eyes, m, whole, alliance.c.convener_id),
    )


def sees_agreement(eyes: Eyes, a: FromClause) -> ColumnElement[bool]:
    """The terms are read by whoever sees the alliance: one should know them before joining."""
    return _sees_alliance_of(eyes, a)


def sees_acceptance(eyes: Eyes, a: FromClause) -> ColumnElement[bool]:
    agreement, accepted, alliance = agreements.alias(), agreements.alias(), alliances.alias()
    whole = (
        select(alliance.c.id)
        .join(accepted, accepted.c.alliance_id == alliance.c.id)
        .where(accepted.c.id == a.c.agreement_id)
    )
    return and_(
        exists_for_row(
            select(agreement.c.id).where(
                agreement.c.id == a.c.agreement_id, _sees_alliance_of(eyes, agreement)
            )
        ),
        _may_be_named(eyes, a, whole, alliance.c.convener_id),
    )


def sees_proposal(eyes: Eyes, p: FromClause) -> ColumnElement[bool]:
    """What an alliance's members decide is for them: the twin of
    `policy_of_decisions.sees_decisions`."""
    if not eyes.organization:
        return false()
    part = alliance_members.alias()
    return exists_for_row(
        select(part.c.id).where(part.c.alliance_id == p.c.alliance_id, *decides(part))
    )


def sees_ballot(eyes: Eyes, b: FromClause) -> ColumnElement[bool]:
    proposal = proposals.alias()
    whole = select(proposal.c.id).where(
        proposal.c.id == b.c.proposal_id, sees_proposal(eyes, proposal)
    )
    return and_(exists_for_row(whole), shows_ballot(eyes, b))


def shows_ballot(eyes: Eyes, b: FromClause) -> ColumnElement[bool]:
    """Of a proposal that the viewer sees: how each organization voted that may be named."""
    proposal = proposals.alias()
    whole = select(proposal.c.id).where(proposal.c.id == b.c.proposal_id)
    return _may_be_named(eyes, b, whole, proposal.c.organization_id)


def sees_team_member(eyes: Eyes, m: FromClause) -> ColumnElement[bool]:
    """A team is known to itself."""
    return m.c.organization_id == own() if eyes.organization else false()


def sees_group_membership(eyes: Eyes, m: FromClause) -> ColumnElement[bool]:
    """Who is in a group is known to its members and to the organization it belongs to. One's own
    place that is asked for or has ended is seen while one sees the group."""
    ways: list[ColumnElement[bool]] = []
    if eyes.organization:
        group = groups.alias()
        ways.append(
            exists_for_row(
                select(group.c.id).where(
                    group.c.id == m.c.group_id, group.c.organization_id == own()
                )
            )
        )
    if eyes.person:
        place = groups.alias()
        ways += [
            m.c.group_id.in_(my_groups()),
            and_(
                m.c.person_id == own_person(),
                exists_for_row(
                    select(place.c.id).where(
                        place.c.id == m.c.group_id, sees_group(eyes, place, by_link=True)
                    )
                ),
            ),
        ]
    return or_(*ways) if ways else false()


def sees_person(eyes: Eyes, p: FromClause) -> ColumnElement[bool]:
    """People are reached through a team or a group that the viewer may know, as the other side of
    a handover, by an answer that the viewer sees, or as oneself."""
    ways: list[ColumnElement[bool]] = []
    if eyes.organization:
        colleague = team_members.alias()
        ways.append(
            exists_for_row(
                select(colleague.c.id).where(
                    colleague.c.person_id == p.c.id, colleague.c.organization_id == own()
                )
            )
        )
    if eyes.person:
        ways.append(p.c.id == own_person())
    if ways:
        membership = group_members.alias()
        ways.append(
            exists_for_row(
                select(membership.c.id).where(
                    membership.c.person_id == p.c.id, sees_group_membership(eyes, membership)
                )
            )
        )
        ways.append(met_in_a_handover(eyes, p))
        ways.append(met_in_an_answer(eyes, p))
    return or_(*ways) if ways else false()


def _sees_event_of(eyes: Eyes, row: FromClause) -> ColumnElement[bool]:
    event = events.alias()
    return exists_for_row(
        select(event.c.id).where(
            event.c.id == row.c.event_id, sees_event(eyes, event, by_link=True)
        )
    )


def _sees_alliance_of(eyes: Eyes, row: FromClause) -> ColumnElement[bool]:
    alliance = alliances.alias()
    return exists_for_row(
        select(alliance.c.id).where(
            alliance.c.id == row.c.alliance_id, sees_alliance(eyes, alliance, by_link=True)
        )
    )


def _may_be_named(
    eyes: Eyes, row: FromClause, whole: Select[Any], answers_for_it: ColumnElement[str]
) -> ColumnElement[bool]:
    """Of a part of the whole, which the viewer sees: of the organization that it names."""
    named = organizations.alias()
    ways = [sees_on_its_own(eyes, named, by_link=True)]
    if eyes.parties:
        this_one = whole.where(answers_for_it == named.c.id)
        ways.append(exists_for_row(this_one.correlate(row, named)))
    # One question for each row and not two: by their number PostgreSQL guesses how many rows remain.
    return exists_for_row(select(named.c.id).where(named.c.id == row.c.organization_id, or_(*ways)))
