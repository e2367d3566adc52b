"""What a mirror asks a peer for: everything that a list or a page of the thing shows, and no more.

Nothing personal is asked for: no contacts, no answers, no names of people. Fields that several
types have under one name with different types bear a name of their own here (GraphQL s5.3.2).
"""

# What the connections of one thing may hold: beyond that it is refused as a whole, for a roster of
# which a part is missing would be another roster.
MOST_DATES = 1_000
MOST_PARTS = 1_000

# The peer's feed may hold things of kinds that this hub does not know: those come without a name.
CHANGES = """
query Mirror($channel: ID, $after: String, $first: Int!) {
  changes(channel: $channel, after: $after, first: $first) {
    edges {
      cursor
      node {
        __typename
        ... on Removed { id reason }
        ... on Upserted {
          entity {
            __typename
            id visibility version createdAt updatedAt
            identifiers { system value }
            ... on Organization {
              slug name summary description website
              logo { ...Picture }
              causes languages timeZone isVerified
              place { ...Where }
            }
            ... on Group {
              organization { ...Named }
              parent { id }
              slug name purpose description
              groupKind: kind
              causes languages joinPolicy links memberCount
              place { ...Where }
              sharedWith { id }
            }
            ... on Alliance {
              slug name description
              aim: purpose
              allianceKind: kind
              allianceStatus: status
              convener { ...Named }
              joinPolicy decisionRule causes reviewAt
              sharing { defaultEventVisibility memberEditing attendeeSharing }
              members(statuses: null, first: 1000) {
                pageInfo { hasNextPage }
                nodes {
                  id role status initiatedBy message joinedAt endedAt endReason
                  organization { ...Named }
                }
              }
              agreements {
                id title body versionNumber activeFrom required
                acceptances(first: 1000) {
                  pageInfo { hasNextPage }
                  nodes { id versionNumber acceptedAt organization { ...Named } }
                }
              }
            }
            ... on Event {
              title summary description
              translations { language title summary description }
              eventStatus: status
              cancellationReason publicationStatus
              startsAt endsAt timeZone allDay
              recurrence { rrule dates exceptions }
              attendanceMode onlineUrl
              place { ...Where }
              accessibility { status notes features }
              image { ...Picture }
              causes languages isFree capacity joinMode registrationUrl
              host { ...Named }
              group { id organization { ...Named } }
              sharedWith { id }
              replacedBy { id }
              follows { id }
              report { text attended publishedAt }
              hosts(first: 1000) {
                pageInfo { hasNextPage }
                nodes {
                  id role status mayEdit attendeeSharing message
                  respondedAt expiresAt endedAt endReason
                  organization { ...Named }
                }
              }
              occurrences(from: "1900-01-01T00:00:00Z", to: "2400-01-01T00:00:00Z", first: 1000) {
                pageInfo { hasNextPage }
                nodes {
                  id recurrenceId startsAt endsAt status title description
                  place { ...Where }
                  attendance { accepted }
                }
              }
            }
          }
        }
      }
    }
    pageInfo { hasNextPage endCursor }
  }
}
fragment Named on Organization { id name visibility languages }
fragment Picture on Image { url alternativeText }
fragment Where on Place {
  name streetAddress locality region postalCode country latitude longitude precision
}
""".strip()
