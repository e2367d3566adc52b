"""What programs take from a hub's public side: events as iCalendar, Atom, CSV and JSON-LD.

`asking` runs our own documents as nobody, `events` has the one for an event, `lists` those for the
events of a feed.
"""
