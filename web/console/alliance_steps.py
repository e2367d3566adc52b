"""What may become of an organization's place in an alliance, as steps in the words of whoever looks:
the same mutation is another thing to either side."""

from collections.abc import Mapping
from typing import Any

from languages import N_
from web.console.steps import Step

_ERRORS = "userErrors { code field message }"
RESPOND = f"""
mutation RespondToMembership($membership: ID!, $accept: Boolean!, $reason: String) {{
  respondToAllianceMembership(membership: $membership, accept: $accept, reason: $reason) {{
    {_ERRORS}
  }}
}}
"""
LEAVE = f"""
mutation LeaveAlliance($membership: ID!, $reason: String) {{
  leaveAlliance(membership: $membership, reason: $reason) {{ {_ERRORS} }}
}}
"""
SUSPEND = f"""
mutation SuspendMember($membership: ID!, $reason: String!) {{
  suspendAllianceMember(membership: $membership, reason: $reason) {{ {_ERRORS} }}
}}
"""
REINSTATE = f"""
mutation ReinstateMember($membership: ID!) {{
  reinstateAllianceMember(membership: $membership) {{ {_ERRORS} }}
}}
"""
REMOVE = f"""
mutation RemoveMember($membership: ID!, $reason: String!) {{
  removeAllianceMember(membership: $membership, reason: $reason) {{ {_ERRORS} }}
}}
"""
_YES, _NO = (("accept", True),), (("accept", False),)
STEPS = {
    "accept": Step(
        document=RESPOND,
        title=N_("Accept the invitation?"),
        says=(
            N_("Your organization comes in. If the alliance has agreements that members must accept, you read and accept those next."),
            N_("What members share with one another is said on the page of the alliance."),
        ),
        button=N_("Accept the invitation"),
        done="accepted",
        given=_YES,
    ),
    "decline": Step(
        document=RESPOND,
        title=N_("Decline the invitation?"),
        says=(N_("The alliance is told. It may invite you again."),),
        button=N_("Decline the invitation"),
        done="declined",
        reason=False,
        given=_NO,
    ),
    "take-back-request": Step(
        document=RESPOND,
        title=N_("Take your request back?"),
        says=(N_("The alliance sees that you do not ask any more. You may ask again."),),
        button=N_("Take the request back"),
        done="taken-back",
        given=_NO,
    ),
    "take-back-invitation": Step(
        document=RESPOND,
        title=N_("Take the invitation back?"),
        says=(N_("The organization sees that it is not invited any more."),),
        button=N_("Take the invitation back"),
        done="taken-back",
        reason=False,
        given=_NO,
    ),
    "let-in": Step(
        document=RESPOND,
        title=N_("Let this organization in?"),
        says=(
            N_("It becomes a member. If there are agreements that members must accept, it accepts those first."),
        ),
        button=N_("Let it in"),
        done="let-in",
        given=_YES,
    ),
    "turn-down": Step(
        document=RESPOND,
        title=N_("Turn this request down?"),
        says=(N_("The organization is told. It may ask again."),),
        button=N_("Turn it down"),
        done="turned-down",
        reason=False,
        given=_NO,
    ),
    "leave": Step(
        document=LEAVE,
        title=N_("Leave this alliance?"),
        says=(
            N_("Your organization leaves at once, and needs nobody to agree."),
            N_("Events and groups that you shared with the alliance are seen through it no more. Events that others shared with it are seen by you no more, unless they are public."),
            N_("Events that you host together with members stay as they are: withdraw from those one by one under Co-hosting."),
            N_("To come back, you ask or are invited again."),
        ),
        button=N_("Leave the alliance"),
        done="left",
        reason=False,
        is_grave=True,
    ),
    "suspend": Step(
        document=SUSPEND,
        title=N_("Set this member aside?"),
        says=(
            N_("Until you take it back, nothing is shared with it, and nothing of its is shared with the others. It sees why."),
        ),
        button=N_("Set it aside"),
        done="suspended",
        reason=True,
        is_grave=True,
    ),
    "reinstate": Step(
        document=REINSTATE,
        title=N_("Take this member back?"),
        says=(N_("It shares with the others again, as before."),),
        button=N_("Take it back"),
        done="reinstated",
    ),
    "remove": Step(
        document=REMOVE,
        title=N_("Put this member out?"),
        says=(
            N_("It leaves at once, and sees why. What was shared is seen through the alliance no more, either way. To come back, it asks or is invited again."),
        ),
        button=N_("Put it out"),
        done="removed",
        reason=True,
        is_grave=True,
    ),
}  # fmt: skip
DONE = {
    "accepted": N_("You are in, or one step from it: see below."),
    "declined": N_("The invitation is declined."),
    "taken-back": N_("It is taken back."),
    "let-in": N_("The organization is let in."),
    "turned-down": N_("The request is turned down."),
    "left": N_("Your organization has left the alliance."),
    "suspended": N_("The member is set aside."),
    "reinstated": N_("The member is back."),
    "removed": N_("The member is put out."),
    "invited": N_("The invitation is sent. It is good for 30 days."),
    "asked": N_("Your organization asks to come in. You see the answer here."),
    "joined": N_("Your organization is in."),
    "made": N_("The alliance is made. Invite the first organizations."),
    "changed": N_("Your changes are saved."),
    "agreed": N_("Your organization has accepted the agreement."),
    "published": N_("The agreement is published. Members are asked to accept it."),
    "opened": N_("The question is put to the members."),
    "voted": N_("Your ballot is cast. You may change it while the question is open."),
    "withdrawn": N_("The question is taken back."),
}
_ALONE = {
    "leaveAlliance": "leave",
    "suspendAllianceMember": "suspend",
    "reinstateAllianceMember": "reinstate",
    "removeAllianceMember": "remove",
}
_ANSWERS = {  # by where it stands, and whether it is one's own
    ("INVITED", True): ("accept", "decline"),
    ("INVITED", False): ("take-back-invitation",),
    ("REQUESTED", True): ("take-back-request",),
    ("REQUESTED", False): ("let-in", "turn-down"),
}


def steps_of(membership: Mapping[str, Any], organization_id: str) -> list[str]:
    """The steps that whoever looks may take, of those that the contract names."""
    is_own = membership["organization"]["id"] == organization_id
    found: list[str] = []
    for action in membership["nextActions"]:
        if action == "respondToAllianceMembership":
            found += _ANSWERS.get((membership["status"], is_own), ())
        elif action in _ALONE:
            found.append(_ALONE[action])
    return found
