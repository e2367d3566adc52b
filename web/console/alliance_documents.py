"""What the rooms of alliances ask the contract."""

from typing import Final

_ERRORS: Final = "userErrors { code field message }"
_MEMBERSHIP: Final = """
fragment membership on AllianceMembership {
  id role status message endReason joinedAt nextActions initiatedBy
  organization { id name url }
  missingAgreements { id title activeFrom }
}
"""
MINE: Final = (
    """
query AlliancesOfOrganization($organization: ID!, $after: String) {
  organization(id: $organization) {
    nextActions
    alliances(first: 50, after: $after) {
      nodes { ...membership alliance { id name purpose status } }
      pageInfo { hasNextPage endCursor }
    }
  }
}
"""
    + _MEMBERSHIP
)
FOUND: Final = """
query AlliancesToJoin($search: String, $after: String) {
  alliances(filter: {search: $search}, first: 20, after: $after) {
    nodes { id name purpose kind joinPolicy nextActions convener { name } }
    pageInfo { hasNextPage endCursor }
  }
}
"""
ROOM: Final = """
query AllianceRoom($id: ID!, $after: String) {
  alliance(id: $id) {
    id name purpose description url kind status joinPolicy decisionRule reviewAt nextActions
    convener { id name }
    sharing { defaultEventVisibility memberEditing attendeeSharing }
    agreements { id title versionNumber activeFrom required }
    open: proposals(statuses: [OPEN], first: 20) {
      nodes { id title kind closesAt nextActions viewerBallot { choice } }
    }
    closed: proposals(statuses: [PASSED, REJECTED, WITHDRAWN], first: 5) {
      nodes { id title kind status decidedAt }
    }
    waiting: members(statuses: [INVITED, REQUESTED, PENDING_AGREEMENT], first: 100) {
      nodes { ...member }
    }
    members(statuses: [ACTIVE, SUSPENDED], first: 50, after: $after) {
      totalCount nodes { ...member } pageInfo { hasNextPage endCursor }
    }
  }
}
fragment member on AllianceMembership { id role status organization { id name } }
"""
OWN_PLACES: Final = """
query OwnPlaces($organization: ID!, $after: String) {
  organization(id: $organization) {
    alliances(first: 100, after: $after) {
      nodes { id alliance { id } } pageInfo { hasNextPage endCursor }
    }
  }
}
"""

ONE_MEMBERSHIP: Final = (
    """
query OneMembership($id: ID!) {
  node(id: $id) { ...membership ... on AllianceMembership { alliance { id name } } }
}
"""
    + _MEMBERSHIP
)
BRIEFLY: Final = """
query AllianceBriefly($id: ID!) {
  alliance(id: $id) {
    id version name purpose description kind joinPolicy decisionRule visibility reviewAt causes
    nextActions url sharing { defaultEventVisibility memberEditing attendeeSharing }
    agreements { id title versionNumber }
  }
}
"""
TO_INVITE: Final = """
query OrganizationsToInvite($search: String!, $id: ID!) {
  organizations(filter: {search: $search}, first: 20) {
    nodes { id name summary place { locality } origin { name isLocal } }
    pageInfo { hasNextPage }
  }
  alliance(id: $id) {
    members(statuses: [INVITED, REQUESTED, PENDING_AGREEMENT, ACTIVE, SUSPENDED], first: 100) {
      nodes { organization { id } }
    }
  }
}
"""
ORGANIZATION: Final = "query Named($id: ID!) { organization(id: $id) { id name } }"
INVITE: Final = f"""
mutation InviteToAlliance(
  $alliance: ID!, $organization: ID!, $role: AllianceRole!, $message: String
) {{
  inviteToAlliance(
    alliance: $alliance, organization: $organization, role: $role, message: $message
  ) {{ {_ERRORS} }}
}}
"""
ASK: Final = f"""
mutation AskToJoin($alliance: ID!, $organization: ID!, $message: String) {{
  requestToJoinAlliance(alliance: $alliance, organization: $organization, message: $message) {{
    membership {{ status }} {_ERRORS}
  }}
}}
"""
CREATE: Final = f"""
mutation CreateAlliance($input: CreateAllianceInput!) {{
  createAlliance(input: $input) {{ alliance {{ id }} {_ERRORS} }}
}}
"""
UPDATE: Final = f"""
mutation UpdateAlliance($input: UpdateAllianceInput!) {{
  updateAlliance(input: $input) {{ alliance {{ id version }} {_ERRORS} }}
}}
"""
AGREEMENT: Final = """
query OneAgreement($id: ID!, $alliance: ID!, $after: String) {
  node(id: $id) {
    ... on Agreement {
      id title body versionNumber activeFrom required
      acceptances(first: 100, after: $after) {
        totalCount nodes { acceptedAt organization { id name } }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
  alliance(id: $alliance) { id name agreements { id } }
}
"""
ACCEPT: Final = f"""
mutation AcceptAgreement($agreement: ID!, $organization: ID!) {{
  acceptAgreement(agreement: $agreement, organization: $organization) {{ {_ERRORS} }}
}}
"""
PUBLISH: Final = f"""
mutation PublishAgreement($input: PublishAgreementInput!) {{
  publishAgreement(input: $input) {{ agreement {{ id }} {_ERRORS} }}
}}
"""
PROPOSAL: Final = """
query OneProposal($id: ID!) {
  node(id: $id) {
    ... on Proposal {
      id title body kind status decisionRule opensAt closesAt decidedAt failure nextActions
      alliance { id name } proposedBy { id name } viewerBallot { choice reason }
      subject { ... on AllianceMembership { organization { name } } }
      ballots(first: 100) { nodes { choice reason castAt organization { name } } }
    }
  }
}
"""
OPEN: Final = f"""
mutation OpenProposal($input: OpenProposalInput!) {{
  openProposal(input: $input) {{ proposal {{ id }} {_ERRORS} }}
}}
"""
VOTE: Final = f"""
mutation CastBallot($proposal: ID!, $organization: ID!, $choice: BallotChoice!, $reason: String) {{
  castBallot(
    proposal: $proposal, organization: $organization, choice: $choice, reason: $reason
  ) {{ {_ERRORS} }}
}}
"""
WITHDRAW: Final = f"""
mutation WithdrawProposal($proposal: ID!) {{
  withdrawProposal(proposal: $proposal) {{ {_ERRORS} }}
}}
"""
