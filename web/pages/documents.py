"""What each page asks, in one operation: the thing, and the dates to come of what it does.

The dates are asked of the root, by the thing's id: whoever may not see it finds none.
"""

_PLACE = "{ name streetAddress locality region postalCode country latitude longitude precision }"
_DATES = f"""
  occurrences(
    from: $from, to: $to, first: $first, filter: {{FILTER: [$id], includeCancelled: true}}
  ) {{
    nodes {{
      startsAt endsAt status title(language: $language) place {_PLACE}
      event {{ url timeZone allDay attendanceMode place {_PLACE} host {{ name url }} }}
    }}
    pageInfo {{ hasNextPage }}
  }}
"""
_GIVEN = "$id: ID!, $from: DateTime!, $to: DateTime!, $first: Int!, $language: Locale"
_WORDS = "name(language: $language) description(language: $language)"
_NAMED = "{ nodes { name(language: $language) url PURPOSE } pageInfo { hasNextPage } }"

ORGANIZATION = f"""
query OrganizationToShow({_GIVEN}) {{
  organization(id: $id) {{
    id url visibility {_WORDS} summary(language: $language) website
    causes languages place {_PLACE} isVerified
    groups(first: 50) {_NAMED.replace("PURPOSE", "purpose(language: $language)")}
    alliances(first: 50) {{ nodes {{ role alliance {{ name(language: $language) url }} }} }}
  }}
  {_DATES.replace("FILTER", "organizations")}
}}
"""
GROUP = f"""
query GroupToShow({_GIVEN}) {{
  group(id: $id) {{
    id url visibility {_WORDS} purpose(language: $language) kind causes languages place {_PLACE}
    joinPolicy links memberCount
    organization {{ name(language: $language) url }}
    parent {{ name(language: $language) url }}
    subgroups(first: 50) {_NAMED.replace("PURPOSE", "purpose(language: $language)")}
    sharedWith {{ name(language: $language) url }}
  }}
  {_DATES.replace("FILTER", "groups")}
}}
"""
ALLIANCE = f"""
query AllianceToShow({_GIVEN}) {{
  alliance(id: $id) {{
    id url visibility {_WORDS} purpose(language: $language) kind status causes joinPolicy
    convener {{ name(language: $language) url }}
    agreements {{ title(language: $language) body(language: $language) versionNumber }}
    members(first: 100) {{
      nodes {{ role organization {{ name(language: $language) url }} }} pageInfo {{ hasNextPage }}
    }}
    groups(first: 50) {_NAMED.replace("PURPOSE", "purpose(language: $language)")}
  }}
  {_DATES.replace("FILTER", "alliances")}
}}
"""
HOLDERS = (("organization", ORGANIZATION), ("group", GROUP), ("alliance", ALLIANCE))
