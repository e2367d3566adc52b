"""What the rooms of events ask the contract, and the changes they send it."""

from web.feeds.events import PLACE

# What a form shows of an event, and what a change is compared with.
FIELDS = f"""
  id version updatedAt title summary description
  translations {{ language title summary description }}
  startsAt endsAt timeZone allDay recurrence {{ rrule dates exceptions }}
  attendanceMode place {PLACE} onlineUrl
  accessibility {{ status notes features }}
  causes languages isFree capacity joinMode registrationUrl
  contact {{ name email telephone url }}
  visibility status
"""
# A hub of an earlier version may answer a change: nothing newer is asked beside it.
CHANGED = f"event {{ {FIELDS} }} userErrors {{ code field message }}"
DONE = "event { id } userErrors { code field message }"

TO_WRITE = f"""
query EventToWrite($id: ID!) {{
  event(id: $id) {{
    {FIELDS}
    publicationStatus viewerMayChange nextActions
    host {{ id name }} group {{ id name }} sharedWith {{ id name }}
  }}
}}
"""
ORGANIZATION = """
query WhereEventsAreWritten($organization: ID!) {
  organization(id: $organization) {
    id name timeZone languages nextActions
    place { locality region country }
    groups(first: 50) { nodes { id name } }
    alliances(first: 50) { nodes { status alliance { id name status } } }
  }
}
"""
CREATE = (
    f"mutation CreateEvent($input: CreateEventInput!) {{ createEvent(input: $input) {{ {DONE} }} }}"
)
UPDATE = f"mutation UpdateEvent($input: UpdateEventInput!) {{ updateEvent(input: $input) {{ {CHANGED} }} }}"
UPDATE_FROM = f"""
mutation UpdateEventFrom($occurrence: ID!, $input: UpdateEventInput!) {{
  updateEventFrom(occurrence: $occurrence, input: $input) {{ {CHANGED} }}
}}
"""
OF_DATE = f"id recurrenceId startsAt endsAt status title description place {PLACE}"
UPDATE_DATE = f"""
mutation UpdateDate($input: UpdateOccurrenceInput!) {{
  updateOccurrence(input: $input) {{
    occurrence {{ {OF_DATE} event {{ {FIELDS} }} }}
    userErrors {{ code field message }}
  }}
}}
"""
DATE = f"""
query DateToWrite($date: ID!) {{
  node(id: $date) {{
    ... on Occurrence {{
      {OF_DATE}
      attendance {{ accepted tentative waitlisted attended }}
      event {{ {FIELDS} publicationStatus viewerMayChange nextActions host {{ id name }} }}
    }}
  }}
}}
"""
LISTED = """
query EventsOfStaff(
  $organization: ID!, $filter: EventFilter!, $order: EventOrder!, $now: DateTime!,
  $horizon: DateTime!, $after: String
) {
  organization(id: $organization) {
    nextActions
    events(filter: $filter, orderBy: $order, first: 25, after: $after) {
      nodes {
        id title startsAt endsAt timeZone allDay status publicationStatus attendanceMode
        recurrence { rrule } place { name locality } host { id name }
        occurrences(from: $now, to: $horizon, first: 1) { nodes { startsAt endsAt status } }
        attendance { accepted }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
}
"""
ROOM = f"""
query EventRoom($id: ID!, $now: DateTime!, $horizon: DateTime!) {{
  event(id: $id) {{
    {FIELDS}
    url publicationStatus cancellationReason viewerMayChange nextActions remainingCapacity
    origin {{ name isLocal }} replacedBy {{ id title }} follows {{ id title }}
    host {{ id name url }} group {{ name }}
    sharedWith {{ id name url }}
    report {{ text attended publishedAt }}
    attendance {{ accepted tentative waitlisted attended }}
    hosts(first: 50) {{
      nodes {{ id role status nextActions organization {{ id name url }} }}
    }}
    occurrences(from: $now, to: $horizon, first: 5) {{
      nodes {{
        id recurrenceId startsAt endsAt status title place {PLACE}
        attendance {{ accepted tentative waitlisted attended }}
      }}
      pageInfo {{ hasNextPage }}
    }}
  }}
}}
"""
EVERY_DATE = f"""
query DatesOfEvent($id: ID!, $from: DateTime!, $to: DateTime!, $after: String) {{
  event(id: $id) {{
    id title status timeZone allDay attendanceMode startsAt place {PLACE} viewerMayChange
    occurrences(from: $from, to: $to, first: 50, after: $after) {{
      nodes {{
        id recurrenceId startsAt endsAt status title place {PLACE}
        attendance {{ accepted tentative waitlisted attended }}
      }}
      pageInfo {{ hasNextPage endCursor }}
    }}
  }}
}}
"""
STEP = """
query EventBeforeStep($id: ID!, $organization: ID!, $now: DateTime!, $horizon: DateTime!) {
  event(id: $id) {
    id version title startsAt endsAt timeZone allDay status publicationStatus visibility nextActions
    recurrence { rrule }
    host { id name }
    attendance { accepted tentative waitlisted attended }
    report { text attended publishedAt }
    sharedWith { id name }
    hosts(first: 50) { nodes { role status organization { id name } } }
    occurrences(from: $now, to: $horizon, first: 30) {
      nodes { startsAt status attendance { accepted tentative waitlisted } }
      pageInfo { hasNextPage }
    }
  }
  organization(id: $organization) {
    alliances(first: 50) {
      nodes {
        status
        alliance {
          id name status
          sharing { defaultEventVisibility memberEditing attendeeSharing }
        }
      }
    }
  }
}
"""
PUBLISH = f"""
mutation PublishEvent($event: ID!, $version: Int!) {{
  publishEvent(event: $event, version: $version) {{ {DONE} }}
}}
"""
CANCEL = f"""
mutation CancelEvent($event: ID!, $version: Int!, $reason: String) {{
  cancelEvent(event: $event, version: $version, reason: $reason) {{ {DONE} }}
}}
"""
SHARE = f"""
mutation ShareEvent($event: ID!, $alliances: [ID!]!) {{
  shareEvent(event: $event, alliances: $alliances) {{ {DONE} }}
}}
"""
UNSHARE = f"""
mutation UnshareEvent($event: ID!, $alliances: [ID!]!) {{
  unshareEvent(event: $event, alliances: $alliances) {{ {DONE} }}
}}
"""
REPORT = f"""
mutation ReportEvent($event: ID!, $text: String!, $attended: Int) {{
  reportEvent(event: $event, text: $text, attended: $attended) {{ {DONE} }}
}}
"""
