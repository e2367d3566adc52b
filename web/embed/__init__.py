"""Dates of an organization, a group, an alliance or the hub on other sites: a page for a frame, and data
for the element `convoke-events` (`web/static/convoke-events.js`).

Both show what the public pages show, of the same documents. `showing` asks for it, `telling` writes the
data, `routes` has the addresses, `snippets` what somebody puts into a page of theirs. A frame is shown
on the sites that were allowed; the data is public, and any page may read it.
"""
