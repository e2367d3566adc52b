"""What each page asks, in one operation: the thing, and the dates of what it does.

The dates are asked of the root, by the thing's id: whoever may not see it finds none.
"""

from web.pages.views import View

_PLACE = "{ name streetAddress locality region postalCode country latitude longitude precision }"
_PAGE = "pageInfo { hasNextPage endCursor }"
_WINDOW = "$from: DateTime!, $to: DateTime!, $first: Int!, $after: String, $language: Locale"


# What a list tells of each of some thirty dates; a week or a month, which has a hundred; and a map.
_LISTED = f"""
      startsAt endsAt status title(language: $language) place {_PLACE}
      event {{
        url timeZone allDay attendanceMode place {_PLACE} host {{ name url }}
        hosts(roles: [CO_HOST], first: 3) {{ nodes {{ organization {{ name }} }} }}
      }}
"""
_BRIEF = """
      startsAt endsAt status title(language: $language)
      event { url timeZone allDay attendanceMode host { name url } }
"""
_PLACED = f"""
      startsAt endsAt status title(language: $language) place {_PLACE}
      event {{ url timeZone allDay attendanceMode place {_PLACE} host {{ name url }} }}
"""
_OF_VIEW = {View.LIST: _LISTED, View.WEEK: _BRIEF, View.MONTH: _BRIEF, View.MAP: _PLACED}


def _dates(narrowed: str, view: View = View.LIST) -> str:
    return _narrowed_by(f"{{{narrowed}includeCancelled: true}}", view)


def _narrowed_by(filter_: str, view: View) -> str:
    return f"""
  occurrences(from: $from, to: $to, first: $first, after: $after, filter: {filter_}) {{
    nodes {{ {_OF_VIEW[view]} }}
    {_PAGE}
  }}
"""


_WORDS = "name(language: $language) description(language: $language)"
_NAMED = "{ nodes { name(language: $language) url PURPOSE } pageInfo { hasNextPage } }"
_PURPOSED = _NAMED.replace("PURPOSE", "purpose(language: $language)")

_ORGANIZATION = f"""
query OrganizationToShow($id: ID!, {_WINDOW}) {{
  organization(id: $id) {{
    id url visibility {_WORDS} summary(language: $language) website
    causes languages place {_PLACE} isVerified
    groups(first: 50) {_PURPOSED}
    alliances(first: 50) {{ nodes {{ role alliance {{ name(language: $language) url }} }} }}
  }}
  DATES
}}
"""
_GROUP = f"""
query GroupToShow($id: ID!, {_WINDOW}) {{
  group(id: $id) {{
    id url visibility {_WORDS} purpose(language: $language) kind causes languages place {_PLACE}
    joinPolicy links memberCount
    organization {{ name(language: $language) url }}
    parent {{ name(language: $language) url }}
    subgroups(first: 50) {_PURPOSED}
    sharedWith {{ name(language: $language) url }}
  }}
  DATES
}}
"""
_ALLIANCE = f"""
query AllianceToShow($id: ID!, {_WINDOW}) {{
  alliance(id: $id) {{
    id url visibility {_WORDS} purpose(language: $language) kind status causes joinPolicy
    decisionRule sharing {{ defaultEventVisibility memberEditing attendeeSharing }} reviewAt
    convener {{ name(language: $language) url }}
    agreements {{ title(language: $language) body(language: $language) versionNumber required }}
    members(first: 100) {{
      nodes {{ role organization {{ name(language: $language) url }} }} pageInfo {{ hasNextPage }}
    }}
    groups(first: 50) {_PURPOSED}
  }}
  DATES
}}
"""
_HOLDERS = {"organization": _ORGANIZATION, "group": _GROUP, "alliance": _ALLIANCE}
HOLDERS = {
    name: {view: text.replace("DATES", _dates(f"{name}s: [$id], ", view)) for view in View}
    for name, text in _HOLDERS.items()
}

# What another site shows of it, narrowed as its author wished; and the organization whose it is.
_SHOWN = "id url visibility name(language: $language)"
_EMBEDDED = {
    "organization": f"organization(id: $id) {{ {_SHOWN} }}",
    "group": f"group(id: $id) {{ {_SHOWN} organization {{ id }} }}",
    "alliance": f"alliance(id: $id) {{ {_SHOWN} convener {{ id }} }}",
}
EMBEDS = {
    name: {
        view: f"""
query {name.title()}ToEmbed($id: ID!, {_WINDOW}, $filter: EventFilter!) {{
  {thing}
  {_narrowed_by("$filter", view)}
}}
"""
        for view in View
    }
    for name, thing in _EMBEDDED.items()
}
EMBEDDED_EVENTS = {
    view: f"""
query EventsToEmbed({_WINDOW}, $filter: EventFilter!) {{
  {_narrowed_by("$filter", view)}
}}
"""
    for view in View
}

EVENTS = {
    view: f"""
query EventsToShow({_WINDOW}, $near: NearInput, $causes: [String!]) {{
  {_dates("near: $near, causes: $causes, ", view)}
}}
"""
    for view in View
}
HOME = f"""
query HomeToShow({_WINDOW}) {{
  {_dates("")}
  organizations(first: 12) {{
    nodes {{ name(language: $language) url summary(language: $language) place {{ locality }} }}
    pageInfo {{ hasNextPage }} totalCount
  }}
  alliances(first: 6) {{
    nodes {{ name(language: $language) url purpose(language: $language) }}
    pageInfo {{ hasNextPage }} totalCount
  }}
}}
"""
ORGANIZATIONS = f"""
query OrganizationsToShow($first: Int!, $after: String, $language: Locale) {{
  organizations(first: $first, after: $after) {{
    nodes {{
      name(language: $language) url summary(language: $language) causes place {{ locality }}
      origin {{ name isLocal }}
    }}
    {_PAGE} totalCount
  }}
}}
"""
ALLIANCES = f"""
query AlliancesToShow($first: Int!, $after: String, $language: Locale) {{
  alliances(first: $first, after: $after) {{
    nodes {{
      name(language: $language) url purpose(language: $language) causes kind
      convener {{ name(language: $language) url }} origin {{ name isLocal }}
    }}
    {_PAGE} totalCount
  }}
}}
"""
SEARCH = f"""
query SearchToShow($text: String!, {_WINDOW}) {{
  search(text: $text, first: $first, after: $after) {{
    nodes {{
      __typename
      ... on Organization {{ name(language: $language) url summary(language: $language) }}
      ... on Group {{
        name(language: $language) url groupPurpose: purpose(language: $language)
        organization {{ name(language: $language) }}
      }}
      ... on Alliance {{ name(language: $language) url purpose(language: $language) }}
      ... on Event {{
        title(language: $language) url summary(language: $language) startsAt endsAt timeZone allDay
        status attendanceMode place {_PLACE} host {{ name url }}
        coming: occurrences(from: $from, to: $to, first: 1) {{
          nodes {{ startsAt endsAt status title(language: $language) place {_PLACE} }}
        }}
      }}
    }}
    {_PAGE}
  }}
}}
"""
